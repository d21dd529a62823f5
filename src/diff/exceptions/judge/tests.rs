use super::super::Pin;
use super::*;
use crate::record::diff::{Detail, Reason};

const T0: i64 = 1_795_000_000_000;
const DAY: i64 = 86_400_000;

fn diff(id: &str, rev: u32, state: State) -> Diff {
    Diff {
        tenant: "cora".into(),
        id: id.into(),
        kind: "audit".into(),
        lhs_sha256: "aa".into(),
        rhs_sha256: "bb".into(),
        reason: Reason::Mismatch,
        ts: rfc3339_ms(T0 + i64::from(rev) * 60_000),
        diff_id: format!("id-{id}"),
        rev,
        state,
        detail: Detail::Divergent,
        side: None,
        region: None,
        cols: None,
        opened_ts: rfc3339_ms(T0),
        delay_ms: None,
        closed_by: None,
        lhs_at: None,
        rhs_at: None,
        read_to: vec![],
        triage: None,
        exception_id: None,
        owner: None,
        ticket: None,
        expires: None,
    }
}

fn entry(id: &str) -> Entry {
    Entry {
        id: id.into(),
        tenant: "cora".into(),
        kind: "audit".into(),
        pattern: "1".into(),
        reason: None,
        cols: None,
        pin: None,
        max_matches: None,
        owner: format!("owner of {id}"),
        ticket: Some("T-1".into()),
        justification: "because of reasons".into(),
        created_ms: T0,
        expires_ms: T0 + DAY,
        line: 4,
        column: 5,
    }
}

fn pinned(id: &str, lhs: &str) -> Entry {
    Entry { pin: Some(Pin { lhs: lhs.into(), rhs: "bb".into() }), ..entry(id) }
}

fn globbed(id: &str, pattern: &str, max: u64) -> Entry {
    Entry { pattern: pattern.into(), max_matches: Some(max), ..entry(id) }
}

fn list(entries: Vec<Entry>) -> Exceptions {
    Exceptions { file: "ex.yaml".into(), max_ttl_ms: 30 * DAY, entries }
}

/// Triage and exception of the only diff, with the findings' codes and subjects.
fn verdict(entries: Vec<Entry>, mut d: Diff, now: i64) -> (Triage, Option<String>, Vec<String>) {
    let findings = list(entries).judge(std::slice::from_mut(&mut d), now);
    let codes = findings.iter().map(|f| format!("{} {}", f.code, f.subject)).collect();
    (d.triage.unwrap(), d.exception_id, codes)
}

fn winner(entries: Vec<Entry>) -> String {
    let (triage, id, _) = verdict(entries, diff("1", 0, State::Open), T0 + 1);
    assert_eq!(triage, Triage::Excepted);
    id.unwrap()
}

#[test]
fn precedence_pair_by_pair() {
    // The names sort the wrong way round, so that only the rule under test can decide.
    assert_eq!(winner(vec![entry("a"), pinned("z", "aa")]), "z");
    assert_eq!(winner(vec![globbed("a", "*", 9), pinned("z", "aa")]), "z");
    assert_eq!(winner(vec![globbed("a", "*", 9), entry("z")]), "z");
    // A pinned pattern is pinned first of all.
    let pinned_glob = Entry { max_matches: Some(1), pattern: "*".into(), ..pinned("z", "aa") };
    assert_eq!(winner(vec![entry("a"), pinned_glob]), "z");
    // More precise wins over earlier expiry.
    let early_glob = Entry { expires_ms: T0 + 10, ..globbed("a", "*", 9) };
    assert_eq!(winner(vec![early_glob, entry("z")]), "z");
    // Among equals the earliest expiry, then the id.
    assert_eq!(winner(vec![entry("a"), Entry { expires_ms: T0 + 100, ..entry("z") }]), "z");
    assert_eq!(winner(vec![entry("b"), entry("a")]), "a");
    assert_eq!(winner(vec![globbed("b", "*", 9), globbed("a", "1*", 9)]), "a");
}

#[test]
fn at_the_instant_of_expiry_it_is_a_finding_again() {
    let at = |now| verdict(vec![entry("e")], diff("1", 0, State::Open), now);
    assert_eq!(at(T0 + DAY - 1), (Triage::Excepted, Some("e".into()), vec![]));
    let gone = (Triage::Expired, Some("e".into()), vec!["exception_expired e".into()]);
    assert_eq!(at(T0 + DAY), gone);
    assert_eq!(at(T0 + DAY + 1), gone);
}

#[test]
fn it_holds_from_its_creation_on() {
    let at = |now| verdict(vec![entry("e")], diff("1", 0, State::Open), now).0;
    assert_eq!(at(T0 - 1), Triage::New);
    assert_eq!(at(T0), Triage::Excepted);
}

#[test]
fn another_entry_steps_in_for_an_expired_one() {
    let old = Entry { expires_ms: T0 + 1, ..pinned("old", "aa") };
    let got = verdict(vec![old, globbed("g", "*", 5)], diff("1", 0, State::Open), T0 + 1);
    assert_eq!(got, (Triage::Excepted, Some("g".into()), vec!["exception_expired old".into()]));
}

#[test]
fn a_pin_is_void_when_either_digest_changes() {
    let good = diff("1", 0, State::Open);
    for (lhs, rhs) in [("a0", "bb"), ("aa", "b0"), ("", "bb")] {
        let changed = Diff { lhs_sha256: lhs.into(), rhs_sha256: rhs.into(), ..good.clone() };
        let got = verdict(vec![pinned("p", "aa")], changed, T0 + 1);
        assert_eq!(got, (Triage::Void, Some("p".into()), vec!["exception_void p".into()]), "{lhs} {rhs}");
    }
    assert_eq!(verdict(vec![pinned("p", "aa")], good, T0 + 1).0, Triage::Excepted);
}

#[test]
fn a_pattern_that_matches_too_much_excuses_nothing() {
    let mut diffs: Vec<Diff> = ["10", "11", "12"].map(|id| diff(id, 0, State::Open)).to_vec();
    // Repeats of one diff_id count once.
    diffs.push(Diff { rev: 1, ..diff("12", 0, State::Open) });
    assert!(list(vec![globbed("g", "1*", 3)]).judge(&mut diffs, T0 + 1).is_empty());
    assert!(diffs.iter().all(|d| d.triage == Some(Triage::Excepted)));
    let findings = list(vec![globbed("g", "1*", 2)]).judge(&mut diffs, T0 + 1);
    assert!(diffs.iter().all(|d| d.triage == Some(Triage::Void)), "the first diffs too");
    assert_eq!((findings[0].code.as_str(), findings[0].count), ("exception_void", Some(3)));
    assert_eq!(findings[0].ids.as_deref().unwrap(), ["cora/10", "cora/11", "cora/12"]);
    assert_eq!((findings[0].file.as_deref(), findings[0].line), (Some("ex.yaml"), Some(4)));
}

#[test]
fn closed_diffs_do_not_use_up_a_pattern() {
    let mut diffs = vec![diff("10", 0, State::Open), diff("11", 0, State::Open), diff("11", 1, State::Closed)];
    assert!(list(vec![globbed("g", "1*", 1)]).judge(&mut diffs, T0 + 1).is_empty());
    assert_eq!(diffs[0].triage, Some(Triage::Excepted));
    assert_eq!(diffs[2].triage, Some(Triage::Closed));
    assert_eq!((&diffs[2].exception_id, &diffs[2].owner), (&None, &None));
}

#[test]
fn selectors_must_all_fit() {
    let base = diff("1", 0, State::Open);
    let new = |e: Entry, d: &Diff| verdict(vec![e], d.clone(), T0 + 1);
    assert_eq!(new(Entry { tenant: "acme".into(), ..entry("e") }, &base).0, Triage::New);
    assert_eq!(new(Entry { kind: "order".into(), ..entry("e") }, &base).0, Triage::New);
    assert_eq!(new(Entry { pattern: "2".into(), ..entry("e") }, &base).0, Triage::New);
    assert_eq!(new(Entry { reason: Some(Reason::Missing), ..entry("e") }, &base).0, Triage::New);
    let tags = Entry { cols: Some(vec!["tags".into()]), ..entry("e") };
    // Unknown columns are no subset, and no reason to call the entry unused. A missing row has none.
    assert_eq!(new(tags.clone(), &base), (Triage::New, None, vec!["exception_unjudged e".into()]));
    let missing = Diff { reason: Reason::Missing, ..base.clone() };
    assert_eq!(new(tags.clone(), &missing), (Triage::New, None, vec!["exception_unused e".into()]));
    let with = |cols: &[&str]| Diff { cols: Some(cols.iter().map(|c| (*c).into()).collect()), ..base.clone() };
    assert_eq!(new(tags.clone(), &with(&["tags"])).0, Triage::Excepted);
    assert_eq!(new(tags, &with(&["tags", "amount"])).0, Triage::New);
    // An exact entry takes `*` in an id for what it is.
    assert_eq!(new(Entry { pattern: "*".into(), ..entry("e") }, &base).0, Triage::New);
}

#[test]
fn the_latest_record_of_a_diff_decides() {
    let run = |diffs: &[Diff]| {
        let list = list(vec![pinned("p", "aa")]);
        let mut judge = Judge::new(&list, T0 + 1);
        diffs.iter().for_each(|d| judge.see(d));
        judge.finish()
    };
    let first = diff("1", 0, State::Open);
    let changed = Diff { lhs_sha256: "cc".into(), ..diff("1", 1, State::Open) };
    let closed = diff("1", 2, State::Closed);
    assert_eq!(run(std::slice::from_ref(&first)).1, Tally { open: 1, excepted: 1, ..Tally::default() });
    assert_eq!(run(&[changed.clone(), first.clone()]).1, Tally { open: 1, void: 1, ..Tally::default() });
    let (findings, tally) = run(&[first.clone(), closed, changed]);
    assert_eq!(tally, Tally::default());
    assert_eq!(findings[0].code, "exception_unused");
    // Where rev restarted, the later time counts.
    let again = Diff { ts: rfc3339_ms(T0 + DAY), ..first };
    assert_eq!(run(&[diff("1", 2, State::Closed), again]).1.open, 1);
}

#[test]
fn verdicts_of_an_earlier_triage_are_replaced() {
    let stale = Diff {
        triage: Some(Triage::Excepted),
        exception_id: Some("old".into()),
        owner: Some("x".into()),
        expires: Some("never".into()),
        ..diff("1", 0, State::Open)
    };
    let mut diffs = [stale];
    list(vec![]).judge(&mut diffs, T0);
    assert_eq!(diffs[0], Diff { triage: Some(Triage::New), ..diff("1", 0, State::Open) });
    list(vec![entry("e")]).judge(&mut diffs, T0);
    assert_eq!(diffs[0].owner.as_deref(), Some("owner of e"));
    assert_eq!(diffs[0].ticket.as_deref(), Some("T-1"));
    assert_eq!(diffs[0].expires, Some(rfc3339_ms(T0 + DAY)));
}
