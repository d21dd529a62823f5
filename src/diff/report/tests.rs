use std::collections::BTreeMap;

use super::days::time;
use super::*;
use crate::diff::code::Code;
use crate::record::diff::{ClosedBy, Confidence, Detail, Lags, Op, PartitionProof, Reason, Side, State};

pub(super) const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

pub(super) fn ms(text: &str) -> i64 {
    time(text, "test").unwrap()
}

/// `23T01:00` of November 2026.
pub(super) fn at(text: &str) -> String {
    format!("2026-11-{text}:00.000Z")
}

pub(super) fn open(id: &str, opened: &str) -> Diff {
    Diff {
        tenant: "cora".into(),
        id: id.into(),
        kind: "audit".into(),
        lhs_sha256: "aa".into(),
        rhs_sha256: String::new(),
        reason: Reason::Missing,
        ts: at(opened),
        diff_id: format!("id-{id}"),
        rev: 0,
        state: State::Open,
        detail: Detail::NeverSeen,
        side: None,
        region: None,
        cols: None,
        opened_ts: at(opened),
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

fn closed(diff: &Diff, ts: &str, by: ClosedBy) -> Diff {
    let reason = if by == ClosedBy::Arrival { Reason::Late } else { diff.reason };
    Diff { ts: at(ts), rev: diff.rev + 1, state: State::Closed, closed_by: Some(by), reason, ..diff.clone() }
}

pub(super) fn write(id: &str, ts: &str) -> UnauthorizedWrite {
    UnauthorizedWrite {
        write_id: id.into(),
        tenant: "cora".into(),
        id: "1".into(),
        kind: "audit".into(),
        op: Op::Update,
        region: "EU".into(),
        home_region: "US".into(),
        origin: None,
        confidence: Confidence::Proven,
        at: "t/0/1".into(),
        source_ts_us: None,
        ts: at(ts),
    }
}

pub(super) fn run(id: &str, mode: &str, ended: &str, prev: Option<&str>, diffs: Vec<Diff>) -> RunData {
    let proof = Proof {
        run_id: id.into(),
        started: at(ended),
        ended: at(ended),
        counts: BTreeMap::from([("ok".into(), 90), ("diff".into(), 10), ("poison".into(), 2)]),
        sha256: String::new(),
        prev_sha256: prev.map(|p| format!("sha-{p}")),
        job: "job".into(),
        mode: mode.into(),
        profile: "govctl-canon/1".into(),
        types_sha256: None,
        tool_sha256: String::new(),
        hmac_key_id: None,
        grace_ms: 45_000,
        at_end: "final".into(),
        settings: None,
        inferred: false,
        schema_blocks: false,
        window_from: None,
        window_to: None,
        home_checked: true,
        columns_not_compared: vec![],
        root: String::new(),
        partitions: vec![],
        digest_ranges: vec![],
        lags: Lags::default(),
        stalled_ms: BTreeMap::from([("lhs".into(), 5), ("rhs".into(), 7)]),
        sampled: BTreeMap::new(),
    };
    let (writes, findings) = (vec![], vec![]);
    let diffs_file = format!("{id}/diffs.ndjson");
    let (proof_sha256, recordings) = (format!("sha-{id}"), vec![]);
    RunData {
        proof,
        diffs_file,
        proof_sha256,
        intact: true,
        diffs,
        writes,
        findings,
        outcome: 0,
        recordings,
        region: None,
    }
}

pub(super) fn wanted(days: &[i64], now_ms: i64) -> Wanted {
    Wanted { days: days.to_vec(), now_ms, allow_inconclusive: false }
}

pub(super) fn of_stream(diffs: Vec<Diff>) -> Data {
    Data { diffs, ..Data::default() }
}

pub(super) fn total(data: &Data, day: &str) -> Report {
    let day = ms(&format!("2026-11-{day}T00:00:00Z"));
    summarize(data, None, &wanted(&[day], day + 2 * DAY)).unwrap().totals().next().unwrap().clone()
}

/// Eight rows around 23 November; the figures below were worked out on paper.
fn history() -> Vec<Diff> {
    let (a, b, g) = (open("a", "23T01:00"), open("b", "22T23:00"), open("g", "23T23:00"));
    let c = Diff { triage: Some(Triage::Excepted), exception_id: Some("EX".into()), ..open("c", "23T03:00") };
    let d = Diff { reason: Reason::Mismatch, detail: Detail::Stale, ..open("d", "23T04:00") };
    let late = Diff { rev: 0, delay_ms: Some(50_000), ..closed(&open("e", "23T05:00"), "23T05:00", ClosedBy::Arrival) };
    let h = open("h", "23T06:00");
    vec![
        closed(&a, "23T02:00", ClosedBy::Repair),
        closed(&b, "23T01:00", ClosedBy::Repair),
        closed(&c, "23T03:10", ClosedBy::Repair),
        Diff { delay_ms: Some(125_000), ..closed(&d, "23T04:02", ClosedBy::Arrival) },
        late,
        open("f", "21T12:00"),
        closed(&g, "24T00:30", ClosedBy::Repair),
        closed(&h, "23T06:30", ClosedBy::Reversal),
        a,
        b,
        c,
        d,
        g,
        h,
    ]
}

#[test]
fn the_day_of_a_hand_made_history() {
    let t = total(&of_stream(history()), "23");
    assert_eq!((t.opened, t.missing, t.mismatch), (5, 4, 1), "a c d g h");
    assert_eq!((t.closed, t.late), (5, 2), "a b c d h; late: d e");
    assert_eq!(t.open, 2, "f, and g until the next day");
    // Repairs took 60, 120 and 10 minutes; a reversal is none, nor is a late arrival.
    assert_eq!(t.mttr_mean_ms, Some(3_800_000));
    assert_eq!((t.mttr_p50_ms, t.mttr_p95_ms), (Some(60 * MINUTE), Some(120 * MINUTE)));
    assert_eq!((t.exception_mttr_mean_ms, t.excepted_time_ms), (Some(10 * MINUTE), Some(10 * MINUTE)));
    assert_eq!(t.late_mean_ms, Some(87_500));
    assert_eq!(t.oldest_open_ms, Some(60 * 60 * MINUTE), "f: two days and a half");
    assert_eq!((t.slo_ok, t.proofs, t.chain_ok, t.poison, t.exceptions_active), (None, None, None, None, None));
}

#[test]
fn records_may_come_twice_and_in_any_order() {
    let mut twice = history();
    twice.extend(history());
    twice.reverse();
    assert_eq!(total(&of_stream(twice), "23"), total(&of_stream(history()), "23"));
}

#[test]
fn every_day_in_a_stream_is_reported_and_the_day_after_sees_the_rest() {
    let summary = summarize(&of_stream(history()), None, &wanted(&[], ms("2026-11-25T08:00:00Z"))).unwrap();
    let days: Vec<(&str, u64, u64, u64)> =
        summary.totals().map(|t| (t.day.as_str(), t.opened, t.closed, t.open)).collect();
    let expected = [("2026-11-21", 1, 0, 1), ("2026-11-22", 1, 0, 2), ("2026-11-23", 5, 5, 2), ("2026-11-24", 0, 1, 1)];
    assert_eq!(days, expected);
    assert_eq!(summary.problems, ["1 open difference without an exception"]);
}

#[test]
fn a_day_that_is_not_over_is_judged_at_now() {
    let day = ms("2026-11-23T00:00:00Z");
    let summary = summarize(&of_stream(vec![open("a", "23T01:00")]), None, &wanted(&[day], day + 90 * MINUTE)).unwrap();
    assert_eq!(summary.totals().next().unwrap().oldest_open_ms, Some(30 * MINUTE));
}

#[test]
fn a_difference_that_comes_back_is_a_new_episode() {
    let first = open("a", "23T01:00");
    let end = closed(&first, "23T02:00", ClosedBy::Repair);
    let again = Diff { rev: 2, ..open("a", "23T05:00") };
    let t = total(&of_stream(vec![first.clone(), end, again.clone()]), "23");
    assert_eq!((t.opened, t.closed, t.open, t.mttr_mean_ms), (2, 1, 1, Some(60 * MINUTE)));
    // Without the closing record the first one is not open any more either.
    assert_eq!(total(&of_stream(vec![first, again]), "23").open, 1);
}

#[test]
fn lines_by_tenant_and_kind_add_up_to_the_total() {
    let other = Diff { tenant: "acme".into(), kind: "orders".into(), ..open("z", "23T07:00") };
    let mut data = of_stream(vec![other, open("a", "23T01:00"), open("b", "23T01:00")]);
    data.writes = vec![write("w1", "23T09:00"), write("w1", "23T09:00"), write("w2", "24T09:00")];
    let day = ms("2026-11-23T00:00:00Z");
    let summary = summarize(&data, None, &wanted(&[day], day + DAY)).unwrap();
    let got: Vec<(&str, &str, u64, Option<u64>)> =
        summary.lines.iter().map(|l| (l.tenant.as_str(), l.kind.as_str(), l.open, l.unauthorized)).collect();
    assert_eq!(got, [("acme", "orders", 1, Some(0)), ("cora", "audit", 2, Some(1)), ("*", "*", 3, Some(1))]);
    assert_eq!(summary.problems, ["3 open differences without an exception", "1 unauthorised write"]);
}

#[test]
fn absence_from_the_next_batch_run_closes() {
    let (a, b) = (open("a", "23T01:00"), open("b", "23T01:00"));
    let first = || run("1", "batch", "23T02:00", None, vec![a.clone(), b.clone()]);
    let both = |mode: &str| Data {
        runs: vec![run("2", mode, "23T05:00", Some("1"), vec![b.clone()]), RunData { ..first() }],
        ..Data::default()
    };
    let t = total(&both("batch"), "23");
    assert_eq!((t.open, t.closed, t.mttr_mean_ms), (1, 1, Some(4 * 60 * MINUTE)));
    // A run over a part of the log says nothing about rows that it did not see.
    assert_eq!(total(&both("stream"), "23").open, 2);
    let mut other = both("batch");
    other.runs[0].proof.job = "another".into();
    assert_eq!(total(&other, "23").open, 2);
}

/// Row a was open, and the next batch run has no record of it.
#[test]
fn absence_closes_nothing_that_the_next_batch_run_left_undecided() {
    let after = |change: &dyn Fn(&mut RunData), last: Option<RunData>| {
        let mut second = run("2", "batch", "23T05:00", Some("1"), vec![]);
        change(&mut second);
        let runs = [run("1", "batch", "23T02:00", None, vec![open("a", "23T01:00")]), second];
        total(&Data { runs: runs.into_iter().chain(last).collect(), ..Data::default() }, "23")
    };
    let counts = |name: &'static str, n: u64| move |run: &mut RunData| _ = run.proof.counts.insert(name.into(), n);
    let named = |ids: &[&str], count: u64| {
        let mut finding = Finding::new("diff", Code::ToastUnresolved.as_str(), Severity::Warning, "audit", "said so");
        finding.kind = Some("audit".into());
        finding.ids = Some(ids.iter().map(|id| (*id).to_owned()).collect());
        finding.count = Some(count);
        move |run: &mut RunData| {
            counts("inconclusive", count)(run);
            run.findings.push(finding.clone());
        }
    };
    let is_open = |t: Report| (t.open, t.closed) == (1, 0);
    assert!(is_open(after(&counts("pending", 1), None)));
    assert!(is_open(after(&counts("inconclusive", 1), None)), "it may be this key");
    assert!(is_open(after(&named(&["cora/a"], 1), None)));
    assert!(is_open(after(&named(&["cora/b"], 11), None)), "not all are named");
    assert!(is_open(after(&|run| run.outcome = 3, None)), "not everything was read");
    assert!(!is_open(after(&named(&["cora/b"], 1), None)), "all are named, and it is none of them");
    // The run after that decides.
    let t = after(&counts("pending", 1), Some(run("3", "batch", "23T06:00", Some("2"), vec![])));
    assert_eq!((t.open, t.closed, t.mttr_mean_ms), (0, 1, Some(5 * 60 * MINUTE)));
}

fn with_exceptions(text: &str) -> Report {
    let list = Exceptions::parse(text, "ex.yaml", None).unwrap();
    let day = ms("2026-11-23T00:00:00Z");
    let diffs = vec![open("1", "23T06:00"), open("2", "23T12:00"), open("3", "20T00:00")];
    let repaired = closed(&diffs[2], "23T06:00", ClosedBy::Repair);
    let data = of_stream([diffs, vec![repaired]].concat());
    summarize(&data, Some(&list), &wanted(&[day], day + 2 * DAY)).unwrap().totals().next().unwrap().clone()
}

fn entry(id: &str, select: &str, created: &str, ttl: &str) -> String {
    format!(
        "  - id: {id}\n    match: {{ tenant: cora, kind: audit, id: {select} }}\n    owner: o\n    justification: known and harmless\n    created: {created}\n    ttl: {ttl}\n"
    )
}

#[test]
fn exceptions_are_judged_at_the_end_of_the_day() {
    let list = [
        "version: 1\nexceptions:\n".to_owned(),
        entry("ends-next-day", "1", "2026-11-23T00:00:00Z", "25h"),
        entry("ends-at-midnight", "2", "2026-11-22T00:00:00Z", "2d"),
        entry("of-a-repaired-one", "3", "2026-11-20T12:00:00Z", "30d"),
    ];
    let t = with_exceptions(&list.concat());
    assert_eq!((t.open, t.excepted), (2, 1));
    assert_eq!((t.exceptions_active, t.exceptions_expired, t.exceptions_unused), (Some(2), Some(1), Some(1)));
    // Row 3 was open for 78 hours, 66 of them under its exception.
    assert_eq!(t.exception_mttr_mean_ms, Some(78 * 60 * MINUTE));
    // 18 hours of row 1, 12 of row 2, 66 of row 3.
    assert_eq!(t.excepted_time_ms, Some((18 + 12 + 66) * 60 * MINUTE));
}

#[test]
fn proofs_give_lags_counts_and_the_objective() {
    let mut slow = run("1", "stream", "23T02:00", None, vec![]);
    // Bucket 497 holds 1.02^497 = 18.8 s, bucket 556 holds 60.5 s.
    slow.proof.lags.detection = vec![[497, 95], [556, 5]];
    let mut data = Data { runs: vec![slow], ..Data::default() };
    let t = total(&data, "23");
    assert_eq!((t.slo_ok, t.proofs, t.chain_ok), (Some(true), Some(1), Some(true)));
    assert_eq!((t.poison, t.stalled_ms, t.sampled_share), (Some(2), Some(12), Some(1.0)));
    // The textbook interval for 10 of 100.
    assert!((t.rate_low.unwrap() - 0.0490).abs() < 1e-4 && (t.rate_high.unwrap() - 0.1762).abs() < 1e-4);
    data.runs[0].proof.lags.detection = vec![[497, 94], [556, 6]];
    let t = total(&data, "23");
    assert_eq!(t.slo_ok, Some(false));
    assert!((t.detection_delay_p95_ms.unwrap() - 61_000).abs() < 700, "{t:?}");
    // Batch runs have no part in the objective.
    data.runs[0].proof.mode = "batch".into();
    assert_eq!(total(&data, "23").slo_ok, None);
    assert_eq!(total(&data, "22").proofs, Some(0));
}

#[test]
fn a_chain_may_not_have_gaps_or_forks() {
    let chain = |links: &[(&str, Option<&str>)]| {
        let runs: Vec<RunData> = links.iter().map(|(id, prev)| run(id, "stream", "23T02:00", *prev, vec![])).collect();
        proofs::breaks(&Data { runs, ..Data::default() }, DAY).is_empty()
    };
    assert!(chain(&[("1", None), ("3", Some("2")), ("2", Some("1"))]));
    assert!(chain(&[("2", Some("1")), ("3", Some("2"))]), "the oldest may refer to one that was not given");
    assert!(chain(&[("1", None), ("1", None)]), "a copy of a run is the same run");
    assert!(!chain(&[("1", None), ("3", Some("2"))]), "a gap");
    assert!(!chain(&[("1", None), ("2", Some("1")), ("3", Some("1"))]), "a fork");
    assert!(!chain(&[("1", None), ("2", None)]), "two beginnings");
    let mut altered = vec![run("1", "stream", "23T02:00", None, vec![])];
    altered[0].intact = false;
    let altered = Data { runs: altered, ..Data::default() };
    assert_eq!(proofs::breaks(&altered, DAY), ["files of run 1 are not as written"]);
}

/// Old runs may be taken away, but not from the day that is reported.
#[test]
fn a_chain_reaches_back_to_the_day_before() {
    let begins_at = |id: &str| FolderChain { broken: None, begins_at: Some(id.into()) };
    let runs = vec![run("1", "file", "22T10:00", Some("0"), vec![]), run("2", "file", "23T10:00", Some("1"), vec![])];
    let mut data = Data { runs, chains: vec![begins_at("1")], ..Data::default() };
    assert_eq!(total(&data, "23").chain_ok, Some(true));
    assert_eq!(total(&data, "22").chain_ok, Some(false));
    data.chains = vec![begins_at("2")];
    let day = ms("2026-11-23T00:00:00Z");
    let summary = summarize(&data, None, &wanted(&[day], day + DAY)).unwrap();
    let why = "the run before 2 is not there and may be of this day";
    assert_eq!(summary.problems, [format!("the chain of proofs is broken: {why}")]);
}

/// The same records were read again: with other types, or when more was known.
#[test]
fn the_last_word_of_a_job_is_what_is_open() {
    let read = |id: &str, ended: &str, (from, to): (&str, &str), diffs| {
        let mut run = run(id, "file", ended, None, diffs);
        (run.proof.window_from, run.proof.window_to) = (Some(at(from)), Some(at(to)));
        run.proof.prev_sha256 = (id > "1").then(|| format!("sha-{}", id.parse::<u32>().unwrap() - 1));
        let part = |side| PartitionProof {
            side,
            topic: "t".into(),
            partition: 0,
            from: 0,
            to: 10,
            end: 10,
            records: 10,
            leaves: 1,
            root: String::new(),
        };
        run.proof.partitions = vec![part(Side::Lhs)];
        run
    };
    let again = |id: &str| Diff { diff_id: format!("other-{id}"), ..open(id, "23T01:00") };
    let first = || read("1", "23T02:00", ("23T00:00", "23T01:30"), vec![open("a", "23T01:00"), open("b", "23T01:00")]);
    let figures = |second: RunData, day: &str| {
        let t = total(&Data { runs: vec![first(), second], ..Data::default() }, day);
        (t.opened, t.open, t.closed)
    };
    let same = ("23T00:00", "23T01:30");
    assert_eq!(figures(read("2", "23T03:00", same, vec![again("a")]), "23"), (1, 1, 0));
    // Files of bare values: the same offsets, and another hour.
    let other = ("23T01:30", "23T02:30");
    assert_eq!(figures(read("2", "23T03:00", other, vec![again("a")]), "23"), (3, 3, 0));
    // A longer recording of the next day: the day before stays as it was, and what is not said again is not open.
    let longer = || read("2", "24T03:00", ("23T00:00", "24T02:00"), vec![again("a")]);
    assert_eq!((figures(longer(), "23"), figures(longer(), "24")), ((3, 3, 0), (0, 1, 0)));
    let mut undecided = longer();
    undecided.proof.counts.insert("inconclusive".into(), 1);
    assert_eq!(figures(undecided, "24"), (0, 2, 0), "row b may be the one that it could not decide");
    // A run that judged less strictly, or read other records at the same offsets, takes nothing back.
    assert_eq!(figures(read("2", "23T03:00", same, vec![]), "23"), (0, 0, 0));
    let weaker: [fn(&mut Proof); 6] = [
        |p| p.columns_not_compared.push("audit.name".into()),
        |p| p.sampled = BTreeMap::from([("audit".into(), "1/16".into())]),
        |p| p.grace_ms += 1,
        |p| p.at_end = "hold".into(),
        |p| p.home_checked = false,
        |p| p.partitions[0].root = "other".into(),
    ];
    for weaken in weaker {
        let mut second = read("2", "23T03:00", same, vec![]);
        weaken(&mut second.proof);
        assert_eq!(figures(second, "23"), (2, 2, 0));
    }
}

#[test]
fn sampled_tables_show_their_share() {
    let mut sampled = run("1", "stream", "23T02:00", None, vec![open("a", "23T01:00")]);
    sampled.proof.sampled.insert("audit".into(), "1/16".into());
    let mut data = Data { runs: vec![sampled], ..Data::default() };
    assert_eq!(total(&data, "23").sampled_share, Some(0.0625));
    // Tables with different shares have none in common.
    data.runs[0].diffs.push(Diff { kind: "orders".into(), ..open("b", "23T01:00") });
    assert_eq!(total(&data, "23").sampled_share, None);
}

#[test]
fn the_page_escapes_everything_and_loads_nothing() {
    let hostile = "<script>alert(1)</script>\"'&\u{202e}";
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}";
    let evil = |id: &str| Diff {
        tenant: hostile.into(),
        id: hostile.into(),
        kind: hostile.into(),
        cols: Some(vec![hostile.into()]),
        region: Some(hostile.into()),
        owner: Some(hostile.into()),
        ..open(id, "23T01:00")
    };
    let mut data = of_stream(vec![evil("a")]);
    data.writes = vec![UnauthorizedWrite { tenant: hostile.into(), at: hostile.into(), ..write("w", "23T09:00") }];
    let yaml = |text: &str| serde_json::to_string(text).unwrap();
    let list = format!(
        "version: 1\nexceptions:\n  - id: {0}\n    match: {{ tenant: {0}, kind: {0}, id: {0} }}\n    owner: {0}\n    ticket: {0}\n    justification: {0}\n    created: 2026-11-23T00:00:00Z\n    ttl: 1d\n",
        yaml(hostile)
    );
    let list = Exceptions::parse(&list, hostile, None).unwrap();
    let summary =
        summarize(&data, Some(&list), &wanted(&[ms("2026-11-23T00:00:00Z")], ms("2026-11-24T08:00:00Z"))).unwrap();
    let page = html(&summary);
    assert!(page.matches(escaped).count() > 10, "{page}");
    for foreign in ["<script", "http://", "https://", " src=", "url(", "@import", "\u{202e}"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    // The others are empty.
    assert_eq!(page.matches("<p class=\"nothing\">nothing to show</p>").count(), 2);
    for chart in ["reasons", "ages", "exceptions"] {
        assert!(page.contains(&format!("<title id=\"{chart}-t\">")), "{chart}");
        assert!(page.contains(&format!("<desc id=\"{chart}-d\">")), "{chart}");
    }
    assert_eq!(page.matches("<details>").count(), 5);
    assert!(page.contains("prefers-color-scheme:dark"));
    assert_eq!(page, html(&summary), "deterministic");
}

#[test]
fn long_lists_are_cut_with_a_remark() {
    let many: Vec<Diff> = (0..201).map(|i| open(&format!("row-{i:03}"), "23T01:00")).collect();
    let summary =
        summarize(&of_stream(many), None, &wanted(&[ms("2026-11-23T00:00:00Z")], ms("2026-11-24T08:00:00Z"))).unwrap();
    let page = html(&summary);
    assert!(page.contains("row-199") && !page.contains("row-200"));
    assert!(page.contains("The first 200 of 201 are shown"));
}

/// A quiet run just after midnight read what was written the day before.
#[test]
fn a_run_belongs_to_the_day_of_the_newest_record_that_it_read() {
    let mut quiet = run("r1", "file", "24T00:05", None, vec![]);
    let proofs = |run: &RunData, day: &str| total(&Data { runs: vec![run.clone()], ..Data::default() }, day).proofs;
    assert_eq!((proofs(&quiet, "23"), proofs(&quiet, "24")), (Some(0), Some(1)));
    quiet.proof.window_from = Some("2026-11-22T23:00:00.000Z".into());
    quiet.proof.window_to = Some("2026-11-23T23:59:59.999Z".into());
    assert_eq!((proofs(&quiet, "22"), proofs(&quiet, "23"), proofs(&quiet, "24")), (Some(0), Some(1), Some(0)));
}

#[test]
fn a_missed_objective_is_a_finding_of_its_day() {
    let mut slow = run("r1", "stream", "23T10:00", None, vec![]);
    // Bucket 560 holds 1.02^560 = 65.5 s.
    slow.proof.lags.detection = vec![[560, 10]];
    let day = ms("2026-11-23T00:00:00Z");
    let summary =
        summarize(&Data { runs: vec![slow], ..Data::default() }, None, &wanted(&[day], day + 2 * DAY)).unwrap();
    let found: Vec<_> = summary.findings().into_iter().map(|f| (f.code, f.subject)).collect();
    assert_eq!(found, [("objective_missed".to_owned(), "2026-11-23".to_owned())]);
}
