use crate::diff::code::Code;
use crate::diff::report::tests::{DAY, at, ms, of_stream, run, total, wanted, write};
use crate::diff::report::{Data, RunData, Summary, Verdict, Wanted, html, summarize};
use crate::record::diff::{PartitionProof, Side};
use crate::record::{Finding, Severity};

fn on(data: &Data, day: &str) -> Summary {
    let day = ms(&format!("2026-11-{day}T00:00:00Z"));
    summarize(data, None, &wanted(&[day], day + 2 * DAY)).unwrap()
}

fn of_runs(runs: Vec<RunData>) -> Data {
    Data { runs, ..Data::default() }
}

/// A run of 90 equal keys that read these offsets of one partition.
fn clean(id: &str, ended: &str, from: u64, to: u64) -> RunData {
    let mut run = run(id, "file", ended, None, vec![]);
    run.proof.counts.insert("diff".into(), 0);
    run.proof.counts.insert("poison".into(), 0);
    (run.proof.window_from, run.proof.window_to) = (Some(at("01T00:00")), Some(at(ended)));
    run.proof.partitions = vec![PartitionProof {
        side: Side::Lhs,
        topic: "t".into(),
        partition: 0,
        from,
        to,
        end: to,
        records: to - from,
        leaves: 1,
        root: String::new(),
    }];
    run
}

fn found(code: Code, severity: Severity) -> Finding {
    let mut finding = Finding::new("diff", code.as_str(), severity, "audit", "said so");
    finding.ts = Some(at("23T10:00"));
    finding
}

fn of_findings(findings: Vec<Finding>) -> Summary {
    let data = Data { findings, ..of_stream(vec![]) };
    summarize(&data, None, &wanted(&[], ms("2026-11-25T08:00:00Z"))).unwrap()
}

#[test]
fn pending_keys_pass_and_are_said() {
    let mut run = clean("1", "23T10:00", 0, 100);
    run.proof.counts.insert("pending".into(), 2);
    let data = of_runs(vec![run]);
    let summary = on(&data, "23");
    assert_eq!((summary.verdict(), total(&data, "23").pending), (Verdict::Agree, Some(2)));
    let page = html(&summary);
    assert!(page.contains("<h2>In agreement as far as decided</h2>"), "{page}");
    assert!(page.contains("is recorded. Not decided: 2 pending keys.</p>"), "{page}");
    // A later run over the same offsets decided them.
    let mut later = clean("2", "23T11:00", 0, 120);
    later.proof.prev_sha256 = Some("sha-1".into());
    let runs = data.runs.into_iter().chain([later]).collect();
    assert!(html(&on(&of_runs(runs), "23")).contains("<h2>In agreement</h2>"));
}

#[test]
fn inconclusive_keys_are_no_agreement() {
    let mut open = clean("1", "23T10:00", 0, 100);
    assert_eq!(on(&of_runs(vec![clean("1", "23T10:00", 0, 100)]), "23").verdict(), Verdict::Agree);
    open.proof.counts.insert("inconclusive".into(), 1);
    let data = of_runs(vec![open]);
    let summary = on(&data, "23");
    assert_eq!((summary.verdict(), summary.problems.len()), (Verdict::CannotTell, 0));
    assert_eq!(summary.doubts(), ["1 key of `job` is inconclusive"]);
    let page = html(&summary);
    assert!(page.contains("class=\"verdict open\"") && page.contains("<h2>Cannot tell</h2>"), "{page}");
    assert!(page.contains("cannot be told: 1 key of <code>job</code> is inconclusive."), "{page}");
    assert!(!page.contains("In agreement") && !page.contains("Nothing found"));
    let day = ms("2026-11-23T00:00:00Z");
    let allowed = Wanted { allow_inconclusive: true, ..wanted(&[day], day + 2 * DAY) };
    assert_eq!(summarize(&data, None, &allowed).unwrap().verdict(), Verdict::Agree);
}

#[test]
fn the_finding_of_the_run_says_why_and_whether_it_counts() {
    let mut open = clean("1", "23T10:00", 0, 100);
    open.proof.counts.insert("inconclusive".into(), 2);
    let toast = found(Code::ToastUnresolved, Severity::Warning);
    let inconclusive = super::inconclusive(2, "job", std::slice::from_ref(&toast), true);
    open.findings = vec![toast, inconclusive];
    let mut data = of_runs(vec![open]);
    assert_eq!(on(&data, "23").doubts(), ["2 keys of `job` are inconclusive: toast_unresolved"]);
    // The run was told to let them pass.
    data.runs[0].findings[1].severity = Severity::Note;
    assert_eq!(on(&data, "23").verdict(), Verdict::Agree);
}

#[test]
fn error_findings_of_a_stream_are_no_agreement() {
    let verdict = |code, severity| of_findings(vec![found(code, severity)]).verdict();
    assert_eq!(verdict(Code::Truncate, Severity::Error), Verdict::NeedsAttention);
    assert_eq!(verdict(Code::AppendOnlyViolation, Severity::Error), Verdict::NeedsAttention);
    assert_eq!(verdict(Code::SchemaFingerprint, Severity::Error), Verdict::CannotTell);
    assert_eq!(verdict(Code::DigestGap, Severity::Error), Verdict::CannotTell);
    assert_eq!(verdict(Code::Inconclusive, Severity::Error), Verdict::CannotTell);
    assert_eq!(verdict(Code::Inconclusive, Severity::Note), Verdict::Agree);
    assert_eq!(verdict(Code::LossyColumn, Severity::Warning), Verdict::Agree);
    let both = of_findings(vec![found(Code::DigestGap, Severity::Error), found(Code::Truncate, Severity::Error)]);
    assert_eq!(both.verdict(), Verdict::NeedsAttention);
    assert_eq!((both.problems.len(), both.doubts().len()), (1, 1), "both are told");
    // A stream of findings alone is of their day.
    assert_eq!(both.totals().map(|t| t.day.as_str()).collect::<Vec<_>>(), ["2026-11-23"]);
    assert!(html(&both).contains("<td class=\"s\">truncate</td>"), "the page lists the findings");
    // A finding of another day is not of this one.
    let other = Data { findings: vec![found(Code::Truncate, Severity::Error)], ..of_stream(vec![]) };
    assert_eq!(on(&other, "22").verdict(), Verdict::Agree);
}

#[test]
fn a_day_without_a_run_is_no_agreement() {
    let mut other = clean("2", "24T10:00", 0, 100);
    other.proof.job = "orders".into();
    let data = of_runs(vec![clean("1", "23T10:00", 0, 100), other]);
    assert_eq!(on(&data, "23").doubts(), [] as [&str; 0], "`orders` had not begun");
    assert_eq!(on(&data, "24").doubts(), ["no run of `job` is of 2026-11-24"]);
    assert_eq!(on(&data, "25").doubts().len(), 2);
    let before = on(&data, "22");
    assert_eq!((before.verdict(), before.doubts().len()), (Verdict::CannotTell, 1));
    let codes: Vec<String> = on(&data, "25").findings().into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["no_run", "no_run"], "CI renderings say it too");
}

#[test]
fn a_run_that_could_not_conclude_is_no_agreement() {
    for (outcome, verdict) in
        [(0, Verdict::Agree), (1, Verdict::Agree), (3, Verdict::CannotTell), (4, Verdict::CannotTell)]
    {
        let mut run = clean("1", "23T10:00", 0, 100);
        run.outcome = outcome;
        assert_eq!(on(&of_runs(vec![run]), "23").verdict(), verdict, "{outcome}");
    }
}

/// What the proofs of the day add up to: inconclusive keys, and the interval of the rate of 10 differing keys in 100.
fn sums(runs: Vec<RunData>) -> (u64, u64, f64) {
    let t = total(&of_runs(runs), "23");
    (t.inconclusive.unwrap(), t.proofs.unwrap(), (t.rate_high.unwrap() - t.rate_low.unwrap()) * 1000.0)
}

#[test]
fn keys_audited_many_times_a_day_count_once() {
    let audit = |id: &str, hour: &str, from: u64, to: u64| {
        let mut run = clean(id, hour, from, to);
        run.proof.counts.extend([("diff".to_owned(), 10), ("inconclusive".to_owned(), 1)]);
        run
    };
    let once = sums(vec![audit("1", "23T01:00", 0, 100)]);
    // The textbook interval of 10 in 100 is 4.90 % to 17.62 %.
    assert!(once.0 == 1 && (once.2 - 127.2).abs() < 0.1, "{once:?}");
    let thrice = vec![audit("1", "23T01:00", 0, 100), audit("2", "23T02:00", 0, 100), audit("3", "23T03:00", 0, 100)];
    assert_eq!(sums(thrice), (1, 3, once.2), "three proofs, one count");
    // A recording that grows: what the newer run read holds what the older one read.
    assert_eq!(sums(vec![audit("1", "23T01:00", 0, 50), audit("2", "23T02:00", 0, 100)]), (1, 2, once.2));
    // A part of it looked at again takes nothing away.
    let mut part = audit("2", "23T02:00", 0, 50);
    part.proof.window_to = Some(at("23T00:30"));
    assert_eq!(sums(vec![audit("1", "23T01:00", 0, 100), part]), (1, 2, once.2));
    // The same offsets of another hour: files of bare values.
    let mut next = audit("2", "23T02:00", 0, 100);
    next.proof.window_from = Some(at("23T01:00"));
    assert_eq!(sums(vec![audit("1", "23T01:00", 0, 100), next]).0, 2);
    // Hour by hour, or another job: other keys.
    let hours = sums(vec![audit("1", "23T01:00", 0, 50), audit("2", "23T02:00", 50, 100)]);
    assert!(hours.0 == 2 && hours.2 < once.2, "{hours:?}");
    let mut other = audit("2", "23T02:00", 0, 100);
    other.proof.job = "orders".into();
    assert_eq!(sums(vec![audit("1", "23T01:00", 0, 100), other]).0, 2);
    // The newest of equal runs counts.
    let mut settled = audit("2", "23T02:00", 0, 100);
    settled.proof.counts.insert("inconclusive".into(), 0);
    assert_eq!(sums(vec![settled, audit("1", "23T01:00", 0, 100)]).0, 0);
}

#[test]
fn a_write_of_another_day_does_not_show_that_a_day_was_checked() {
    let mut unchecked = run("1", "file", "23T02:00", None, vec![]);
    unchecked.proof.home_checked = false;
    let mut checked = run("2", "file", "24T02:00", Some("1"), vec![]);
    checked.writes = vec![write("w", "24T01:00")];
    let data = Data { runs: vec![unchecked, checked], ..Data::default() };
    assert_eq!((total(&data, "23").unauthorized, total(&data, "24").unauthorized), (None, Some(1)));
}
