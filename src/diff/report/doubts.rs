//! What the findings of the days say, and what leaves it open whether the copies agree: a day without a run, a run
//! that could not conclude, undecided keys. An open question is never a pass.

use std::collections::{BTreeMap, BTreeSet};

use super::days::{DAY_MS, day_of, instant, time};
use super::{Data, RunData, Unread, proofs};
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Severity};
use crate::text::counted;

/// Error findings that are facts and need attention. After all others it is not known whether the copies agree.
const FACTS: [Code; 2] = [Code::Truncate, Code::AppendOnlyViolation];

/// Findings that say why keys are inconclusive.
const CAUSES: [Code; 6] = [
    Code::CaptureLoss,
    Code::DigestGap,
    Code::HistoryOverflow,
    Code::SchemaFingerprint,
    Code::ToastUnresolved,
    Code::Unreadable,
];

pub struct Doubts {
    /// All findings of the days, the errors first.
    pub findings: Vec<Finding>,
    /// Why it cannot be told whether the copies agree.
    pub open: Vec<Finding>,
    /// Error findings that are facts, such as a truncate.
    pub errors: Vec<Finding>,
}

impl Doubts {
    pub fn new(data: &Data, days: &[i64], allow_inconclusive: bool) -> Doubts {
        let mut open: Vec<Finding> = data.unread.iter().map(unread).collect();
        let mut findings = Vec::new();
        data.findings.iter().filter(|f| is_of(f, days)).for_each(|f| add(&mut findings, f.clone()));
        for day in days {
            open.extend(gaps(&data.runs, *day));
            let mut keys: BTreeMap<&str, u64> = BTreeMap::new();
            for run in proofs::counted_of_day(&data.runs, *day) {
                open.extend(unfinished(run));
                run.findings.iter().filter(|f| !is_inconclusive(f)).for_each(|f| add(&mut findings, f.clone()));
                *keys.entry(&run.proof.job).or_default() += undecided(run);
            }
            for (job, keys) in keys.into_iter().filter(|(_, keys)| *keys > 0) {
                let finding = inconclusive(keys, job, &findings, true);
                add(&mut findings, finding);
            }
        }
        findings.sort_by_key(|f| f.severity);
        let allowed = |f: &&Finding| !(allow_inconclusive && is_inconclusive(f));
        let errors = findings.iter().filter(|f| f.severity == Severity::Error).filter(allowed).cloned();
        let (errors, unknown): (Vec<Finding>, Vec<Finding>) =
            errors.partition(|f| FACTS.iter().any(|code| code.as_str() == f.code));
        open.extend(unknown);
        Doubts { findings, open, errors }
    }
}

/// A finding without a time is of every day.
fn is_of(finding: &Finding, days: &[i64]) -> bool {
    day_of_finding(finding).is_none_or(|day| days.contains(&day))
}

pub fn day_of_finding(finding: &Finding) -> Option<i64> {
    finding.ts.as_deref().and_then(|ts| time(ts, "ts").ok()).map(day_of)
}

/// The jobs that ran before the end of the day, but not for that day.
fn gaps(runs: &[RunData], day_ms: i64) -> Vec<Finding> {
    let day = &rfc3339_ms(day_ms)[..10];
    let gap = |job: &str, message: String| {
        let mut finding = Finding::new("diff", "no_run", Severity::Error, job, message);
        finding.fingerprint = fingerprint(&["diff", "no_run", job, day]);
        finding
    };
    let jobs = |from: i64| -> BTreeSet<&str> {
        let within = |r: &&RunData| instant(r).is_some_and(|t| (from..day_ms + DAY_MS).contains(&t));
        runs.iter().filter(within).map(|r| r.proof.job.as_str()).collect()
    };
    let (known, present) = (jobs(i64::MIN), jobs(day_ms));
    if known.is_empty() && !runs.is_empty() {
        return vec![gap(day, format!("no run is of {day} or of a day before it"))];
    }
    known.difference(&present).map(|job| gap(job, format!("no run of `{job}` is of {day}"))).collect()
}

/// A stream or a run that is not whole, or not what it should be.
fn unread(of: &Unread) -> Finding {
    let message = format!("{}: {}", of.name, of.why);
    Finding::new("diff", "run_unfinished", Severity::Error, &of.name, message)
}

/// A run that ended with more than findings.
fn unfinished(run: &RunData) -> Option<Finding> {
    let message = match run.outcome {
        0 | 1 => return None,
        3 => "could not read all of its input".to_owned(),
        4 => "could not conclude: a side was stalled, or the environment failed".to_owned(),
        code => format!("ended with exit code {code}"),
    };
    let id = &run.proof.run_id;
    Some(Finding::new("diff", "run_unfinished", Severity::Error, id, format!("the run {id} {message}")))
}

/// The undecided keys of a run, unless it was told to let them pass.
fn undecided(run: &RunData) -> u64 {
    let passed = run.findings.iter().any(|f| is_inconclusive(f) && f.severity == Severity::Note);
    run.proof.counts.get("inconclusive").copied().filter(|_| !passed).unwrap_or(0)
}

fn is_inconclusive(finding: &Finding) -> bool {
    finding.code == Code::Inconclusive.as_str()
}

/// Runs repeat what they find.
fn add(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.iter().any(|f| f.fingerprint == finding.fingerprint) {
        findings.push(finding);
    }
}

/// The finding about keys of which it cannot be told whether the sides agree. `others` are those of the same run.
pub fn inconclusive(keys: u64, job: &str, others: &[Finding], counts: bool) -> Finding {
    let severity = if counts { Code::Inconclusive.severity() } else { Severity::Note };
    let verb = if keys == 1 { "is" } else { "are" };
    let why: BTreeSet<&str> =
        CAUSES.iter().map(|c| c.as_str()).filter(|c| others.iter().any(|f| f.code == *c)).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", Vec::from_iter(why).join(", ")) };
    let message = format!("{} of `{job}` {verb} inconclusive{why}", counted(keys, "key"));
    let mut finding = Finding::new("diff", Code::Inconclusive.as_str(), severity, job, message);
    finding.count = Some(keys);
    finding.hint = Some(Code::Inconclusive.doc().advice.to_owned());
    finding
}

#[cfg(test)]
mod tests;
