//! The daily report: records and proofs of many runs as counts, times to repair and lags.

mod charts;
mod day;
mod history;
mod html;
mod proofs;
mod stats;
mod svg;

use crate::clock::{duration_text, rfc3339_ms};
use crate::error::Result;
use crate::record::diff::{Diff, Proof, Report, Triage, UnauthorizedWrite};
use crate::record::{Finding, Record, Severity};

use super::exceptions::Exceptions;
use charts::Charts;
use day::OpenDiff;
use history::{DAY_MS, History};

pub use html::html;

/// The specification's objective for the p95 of audit lag and detection delay.
pub const OBJECTIVE_MS: i64 = 60_000;

/// One complete run with its proof.
pub struct RunData {
    pub proof: Proof,
    /// Of the exact bytes of proof.json.
    pub proof_sha256: String,
    /// Its files are those that manifest and proof name.
    pub intact: bool,
    pub diffs: Vec<Diff>,
    pub writes: Vec<UnauthorizedWrite>,
}

/// Everything that a report is made from.
#[derive(Default)]
pub struct Data {
    pub runs: Vec<RunData>,
    /// Of a stream without proofs.
    pub diffs: Vec<Diff>,
    pub writes: Vec<UnauthorizedWrite>,
}

/// Times of a record are texts; the report counts with them, so they are checked while its place is known.
pub fn check_diff(diff: &Diff) -> Result<()> {
    history::time(&diff.ts, "ts").and(history::time(&diff.opened_ts, "opened_ts")).map(|_| ())
}

pub fn check_write(write: &UnauthorizedWrite) -> Result<()> {
    history::time(&write.ts, "ts").map(|_| ())
}

/// The report of one or several days.
pub struct Summary {
    /// The logical now.
    pub now_ms: i64,
    /// By day, tenant and kind; each day ends with its total.
    pub lines: Vec<Report>,
    /// What makes the exit code 1, in words.
    pub problems: Vec<String>,
    /// Diffs that are open at the end of the last day, oldest first.
    open: Vec<OpenDiff>,
    /// Unauthorised writes of the days, by time.
    writes: Vec<UnauthorizedWrite>,
    charts: Charts,
}

/// Aggregates. `days` are first instants of UTC days, in order; without any, every day in the data is reported.
pub fn summarize(data: &Data, list: Option<&Exceptions>, days: &[i64], now_ms: i64) -> Result<Summary> {
    let history = History::new(data)?;
    let mut days: Vec<i64> = if days.is_empty() { history.days().into_iter().collect() } else { days.to_vec() };
    if days.is_empty() {
        days.push(yesterday(now_ms));
    }
    let mut parts: Vec<day::Day> = days.iter().map(|d| day::day(data, &history, list, *d, now_ms)).collect();
    let lines: Vec<Report> = parts.iter_mut().flat_map(|p| std::mem::take(&mut p.lines)).collect();
    let charts = Charts::new(data, &history, list, &days, &parts);
    let mut writes: Vec<&(i64, UnauthorizedWrite)> =
        history.writes.iter().filter(|w| days.contains(&history::day_of(w.0))).collect();
    writes.sort_by_key(|w| w.0);
    let writes = writes.into_iter().map(|w| w.1.clone()).collect();
    let open = parts.pop().map(|p| p.open).unwrap_or_default();
    let problems = problems(&lines, &open);
    Ok(Summary { now_ms, lines, problems, open, writes, charts })
}

/// First instant of the UTC day before.
pub fn yesterday(now_ms: i64) -> i64 {
    history::day_of(now_ms) - DAY_MS
}

impl Summary {
    /// The total of each day.
    pub fn totals(&self) -> impl Iterator<Item = &Report> {
        self.lines.iter().filter(|l| l.tenant == "*" && l.kind == "*")
    }

    /// What the days leave to be looked at, as findings: what is open, who wrote where, what missed its objective.
    pub fn findings(&self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.open.iter().filter_map(|o| o.diff.finding()).collect();
        all.extend(self.writes.iter().filter_map(|w| w.finding()));
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
                all.push(of_day("chain_broken", format!("{}: the chain of proofs is broken", total.day)));
            }
        }
        all
    }
}

fn problems(lines: &[Report], open: &[OpenDiff]) -> Vec<String> {
    let totals = || lines.iter().filter(|l| l.tenant == "*" && l.kind == "*");
    let mut problems = Vec::new();
    let unexcused = open.iter().filter(|o| o.diff.triage != Some(Triage::Excepted)).count();
    if unexcused > 0 {
        problems.push(format!("{unexcused} open {} without an exception", plural(unexcused as u64, "difference")));
    }
    let writes: u64 = totals().map(|t| t.unauthorized).sum();
    if writes > 0 {
        problems.push(format!("{writes} unauthorised {}", plural(writes, "write")));
    }
    for total in totals().filter(|t| t.slo_ok == Some(false)) {
        problems.push(format!("p95 above 60 s on {}", total.day));
    }
    if totals().any(|t| t.chain_ok == Some(false)) {
        problems.push("the chain of proofs is broken".to_owned());
    }
    problems
}

fn plural(n: u64, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
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
