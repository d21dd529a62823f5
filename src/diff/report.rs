//! The daily report: records and proofs of many runs as counts, times to repair and lags.

mod again;
mod charts;
mod day;
mod days;
mod doubts;
mod history;
mod html;
mod proofs;
mod svg;

use std::collections::BTreeSet;

use crate::clock::{duration_text, rfc3339_ms};
use crate::error::Result;
use crate::record::diff::{Diff, Proof, Report, Triage, UnauthorizedWrite};
use crate::record::run::Scope;
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

use super::exceptions::Exceptions;
use charts::Charts;
use day::OpenDiff;
use days::DAY_MS;
use doubts::Doubts;
use history::History;

pub use doubts::inconclusive;
pub use html::html;

/// The specification's objective for the p95 of audit lag and detection delay.
pub const OBJECTIVE_MS: i64 = 60_000;

/// One complete run with its proof.
#[derive(Clone)]
pub struct RunData {
    pub proof: Proof,
    /// Its stream of diffs.
    pub diffs_file: String,
    /// Of the exact bytes of proof.json.
    pub proof_sha256: String,
    /// Its files are those that manifest and proof name.
    pub intact: bool,
    pub diffs: Vec<Diff>,
    pub writes: Vec<UnauthorizedWrite>,
    pub findings: Vec<Finding>,
    /// Its exit code.
    pub outcome: u8,
    /// What it read.
    pub recordings: Vec<String>,
    /// Where it was made, without its parts: proofs follow one another within a region.
    pub region: Option<String>,
}

/// A stream or a run of which nothing can be concluded.
pub struct Unread {
    pub name: String,
    pub why: String,
}

/// The chain of manifests of an evidence folder.
pub struct FolderChain {
    /// Where it breaks.
    pub broken: Option<String>,
    /// The oldest run in it, where the manifest before that is not there: old runs may have been taken away.
    pub begins_at: Option<String>,
}

/// Everything that a report is made from.
#[derive(Default)]
pub struct Data {
    pub runs: Vec<RunData>,
    pub chains: Vec<FolderChain>,
    pub unread: Vec<Unread>,
    /// The name of a stream, and the runs that wrote it.
    pub stream: Option<(String, Vec<String>)>,
    /// What the end records of a stream say of it.
    pub scope: Scope,
    /// Of a stream without proofs.
    pub diffs: Vec<Diff>,
    pub writes: Vec<UnauthorizedWrite>,
    pub findings: Vec<Finding>,
}

/// How a report is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// First instants of UTC days, in order; without any, every day in the data is reported.
    pub days: Vec<i64>,
    /// The logical now.
    pub now_ms: i64,
    /// Undecided keys are stated, and do not keep the report from passing.
    pub allow_inconclusive: bool,
}

/// What the page says in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Agree,
    /// Nothing speaks against it, but not everything is known.
    CannotTell,
    NeedsAttention,
}

/// Times of a record are texts; the report counts with them, so they are checked while its place is known.
pub fn check_diff(diff: &Diff) -> Result<()> {
    days::time(&diff.ts, "ts").and(days::time(&diff.opened_ts, "opened_ts")).map(|_| ())
}

pub fn check_write(write: &UnauthorizedWrite) -> Result<()> {
    days::time(&write.ts, "ts").map(|_| ())
}

/// The report of one or several days.
pub struct Summary {
    /// The logical now.
    pub now_ms: i64,
    /// By day, tenant and kind; each day ends with its total.
    pub lines: Vec<Report>,
    /// What makes the exit code 1, in words.
    pub problems: Vec<String>,
    doubts: Doubts,
    /// Diffs that are open at the end of the last day, oldest first.
    open: Vec<OpenDiff>,
    /// Unauthorised writes of the days, by time.
    writes: Vec<UnauthorizedWrite>,
    charts: Charts,
    /// Why the chain of proofs is broken, in words.
    chain_breaks: Vec<String>,
    /// What the page is made from, as rows of a table.
    evidence: Vec<[String; 5]>,
    /// `kind.column` of what the runs of the days did not compare.
    not_compared: BTreeSet<String>,
}

/// Aggregates.
pub fn summarize(data: &Data, list: Option<&Exceptions>, wanted: &Wanted) -> Result<Summary> {
    let history = History::new(data)?;
    let now_ms = wanted.now_ms;
    let mut days = wanted.days.clone();
    if days.is_empty() {
        let of_findings = data.findings.iter().filter_map(doubts::day_of_finding);
        days.extend(history.days().into_iter().chain(of_findings).collect::<BTreeSet<i64>>());
    }
    if days.is_empty() {
        // Nothing was found; the stream may say until when was looked. Without times no day is made up.
        let window_to = data.scope.window_to.as_deref();
        days.extend(window_to.map(|to| days::time(to, "window_to")).transpose()?.map(days::day_of));
    }
    let mut parts: Vec<day::Day> = days.iter().map(|d| day::day(data, &history, list, *d, now_ms)).collect();
    let lines: Vec<Report> = parts.iter_mut().flat_map(|p| std::mem::take(&mut p.lines)).collect();
    let charts = Charts::new(data, &history, list, &days, &parts);
    let mut writes: Vec<&(i64, UnauthorizedWrite)> =
        history.writes.iter().filter(|w| days.contains(&days::day_of(w.0))).collect();
    writes.sort_by_key(|w| w.0);
    let writes = writes.into_iter().map(|w| w.1.clone()).collect();
    let open = parts.pop().map(|p| p.open).unwrap_or_default();
    let doubts = Doubts::new(data, &days, wanted.allow_inconclusive);
    let chain_breaks: Vec<String> = days.last().map(|day| proofs::breaks(data, *day)).unwrap_or_default();
    let mut problems = problems(&lines, &open, &chain_breaks);
    problems.extend(doubts.errors.iter().map(in_words));
    let not_compared = proofs::not_compared(data, &days);
    let evidence = proofs::evidence(data, &days);
    Ok(Summary { now_ms, lines, problems, doubts, open, writes, charts, chain_breaks, evidence, not_compared })
}

/// First instant of the UTC day before.
pub fn yesterday(now_ms: i64) -> i64 {
    days::day_of(now_ms) - DAY_MS
}

impl Summary {
    /// The total of each day.
    pub fn totals(&self) -> impl Iterator<Item = &Report> {
        self.lines.iter().filter(|l| l.tenant == "*" && l.kind == "*")
    }

    /// Keys of the days without a verdict, in words. Pending ones are no failure, and inconclusive ones may be allowed.
    pub fn undecided(&self) -> Vec<String> {
        let sum = |of: fn(&Report) -> Option<u64>| self.totals().filter_map(of).sum::<u64>();
        let counts = [(sum(|t| t.pending), "pending key"), (sum(|t| t.inconclusive), "inconclusive key")];
        counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(n, what)).collect()
    }

    /// Why it cannot be told whether the copies agree, in words. They make the exit code 1 too.
    pub fn doubts(&self) -> Vec<String> {
        self.doubts.open.iter().map(in_words).collect()
    }

    pub fn verdict(&self) -> Verdict {
        match (self.problems.as_slice(), self.doubts.open.as_slice()) {
            ([], []) => Verdict::Agree,
            ([], _) => Verdict::CannotTell,
            _ => Verdict::NeedsAttention,
        }
    }

    /// What the days leave to be looked at, as findings: what is open, who wrote where, what missed its objective.
    pub fn findings(&self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.open.iter().filter_map(|o| o.diff.finding()).collect();
        all.extend(self.writes.iter().filter_map(|w| w.finding()));
        all.extend(self.doubts.open.iter().chain(&self.doubts.errors).cloned());
        for total in self.totals() {
            let of_day = |code: &str, message: String| Finding::new("diff", code, Severity::Error, &total.day, message);
            if total.slo_ok == Some(false) {
                let p95 = [total.audit_lag_p95_ms, total.detection_delay_p95_ms];
                let [audit, detection] = p95.map(|ms| ms.map_or("unknown".to_owned(), duration_text));
                let message =
                    format!("{}: p95 of audit lag {audit}, of detection delay {detection}; at most 60 s", total.day);
                all.push(of_day("objective_missed", message));
            }
            if total.chain_ok == Some(false) {
                let why = self.chain_breaks.join("; ");
                all.push(of_day("chain_broken", format!("{}: the chain of proofs is broken: {why}", total.day)));
            }
        }
        all
    }
}

fn problems(lines: &[Report], open: &[OpenDiff], chain_breaks: &[String]) -> Vec<String> {
    let totals = || lines.iter().filter(|l| l.tenant == "*" && l.kind == "*");
    let mut problems = Vec::new();
    let unexcused = open.iter().filter(|o| o.diff.triage != Some(Triage::Excepted)).count();
    if unexcused > 0 {
        problems.push(format!("{} without an exception", counted(unexcused as u64, "open difference")));
    }
    let writes: u64 = totals().filter_map(|t| t.unauthorized).sum();
    if writes > 0 {
        problems.push(counted(writes, "unauthorised write"));
    }
    for total in totals().filter(|t| t.slo_ok == Some(false)) {
        problems.push(format!("p95 above 60 s on {}", total.day));
    }
    if totals().any(|t| t.chain_ok == Some(false)) {
        problems.push(format!("the chain of proofs is broken: {}", chain_breaks.join("; ")));
    }
    problems
}

/// A finding as a part of a sentence.
fn in_words(finding: &Finding) -> String {
    finding.text()
}

/// `2026-11-23 10:00` for pages.
fn minute(ms: i64) -> String {
    let text = rfc3339_ms(ms);
    match text.get(..16) {
        Some(t) => t.replace('T', " "),
        None => text,
    }
}

#[cfg(test)]
mod tests;
