//! What the proofs of the runs say: lags, counts, and whether they form one chain.

use std::collections::{BTreeMap, BTreeSet};

use super::again::{covers, replaces};
use super::days::{day_of, instant, time};
use super::{Data, OBJECTIVE_MS, RunData};
use crate::diff::lag::Histogram;
use crate::record::diff::Report;
use crate::stats;

/// The runs of a day whose keys count, newest first. The same recordings may be audited many times: of two runs of a
/// job of which one read all offsets that the other read, the one that replaces the other counts, or the stricter one.
pub fn counted_of_day(runs: &[RunData], day_ms: i64) -> Vec<&RunData> {
    let mut of_day: Vec<&RunData> = runs.iter().filter(|r| instant(r).map(day_of) == Some(day_ms)).collect();
    of_day.sort_by(|a, b| (&b.proof.ended, &b.proof.run_id).cmp(&(&a.proof.ended, &a.proof.run_id)));
    let mut counted: Vec<&RunData> = Vec::new();
    for run in of_day {
        if !counted.iter().any(|newer| replaces(newer, run)) {
            counted.retain(|newer| !covers(&run.proof, &newer.proof));
            counted.push(run);
        }
    }
    counted
}

/// Why the chain of proofs is broken on a day, in words. It is whole where the proofs of each job in a region follow each other
/// without a gap or a fork, every file is as it was written, and no manifest of an evidence folder is missing. Runs of
/// days before may have been taken away.
pub fn breaks(data: &Data, day_ms: i64) -> Vec<String> {
    let mut jobs: BTreeMap<(&str, Option<&str>), Vec<&RunData>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for run in data.runs.iter().filter(|r| seen.insert(r.proof_sha256.as_str())) {
        jobs.entry((&run.proof.job, run.region.as_deref())).or_default().push(run);
    }
    let altered = data.runs.iter().filter(|r| !r.intact);
    let mut all: Vec<String> = altered.map(|r| format!("files of run {} are not as written", r.proof.run_id)).collect();
    let apart = jobs.iter().filter(|(_, runs)| !is_chain(runs));
    all.extend(apart.map(|((job, _), _)| format!("the proofs of `{job}` do not follow one another")));
    all.extend(data.chains.iter().filter_map(|c| c.broken.clone()));
    let before = |id: &str| {
        let run = data.runs.iter().find(|r| r.proof.run_id == id);
        run.and_then(instant).is_some_and(|ms| day_of(ms) < day_ms)
    };
    let begins = data.chains.iter().filter_map(|c| c.begins_at.as_deref()).filter(|id| !before(id));
    all.extend(begins.map(|id| format!("the run before {id} is not there and may be of this day")));
    all
}

/// `kind.column` of what the runs of these days did not compare.
pub fn not_compared(data: &Data, days: &[i64]) -> BTreeSet<String> {
    let runs = days.iter().flat_map(|day| counted_of_day(&data.runs, *day));
    runs.flat_map(|r| r.proof.columns_not_compared.iter().cloned()).collect()
}

/// Job, run, what was read, root, and digest of proof.json: what ties a page to its evidence. The newest come first.
pub fn evidence(data: &Data, days: &[i64]) -> Vec<[String; 5]> {
    let of_days = |r: &&RunData| instant(r).is_some_and(|ms| days.contains(&day_of(ms)));
    let mut runs: Vec<&RunData> = data.runs.iter().filter(of_days).collect();
    runs.sort_by(|a, b| (&b.proof.ended, &b.proof.run_id).cmp(&(&a.proof.ended, &a.proof.run_id)));
    let row = |r: &RunData| {
        let p = &r.proof;
        [&p.job, &p.run_id, &r.recordings.join(", "), &p.root, &r.proof_sha256].map(String::clone)
    };
    let of_stream = data.stream.iter().flat_map(|(name, runs)| {
        let ids = if runs.is_empty() { vec!["not known".to_owned()] } else { runs.clone() };
        let none = "—".to_owned();
        ids.into_iter().map(move |id| [none.clone(), id, name.clone(), none.clone(), none.clone()])
    });
    runs.into_iter().map(row).chain(of_stream).collect()
}

/// Whether writes outside the home region were looked for on a day. A write of that day in a stream says so by itself.
pub fn home_checked(data: &Data, day_ms: i64) -> bool {
    let runs = counted_of_day(&data.runs, day_ms);
    let found = data.writes.iter().any(|w| time(&w.ts, "ts").is_ok_and(|ms| day_of(ms) == day_ms));
    let stream = data.scope.home_checked == Some(true);
    found || (stream || !runs.is_empty()) && runs.iter().all(|r| r.proof.home_checked)
}

fn is_chain(runs: &[&RunData]) -> bool {
    let there: BTreeSet<&str> = runs.iter().map(|r| r.proof_sha256.as_str()).collect();
    let mut followed = BTreeSet::new();
    let mut heads = 0;
    for run in runs {
        match run.proof.prev_sha256.as_deref() {
            Some(prev) if there.contains(prev) => {
                if !followed.insert(prev) {
                    return false;
                }
            }
            _ => heads += 1,
        }
    }
    heads == 1
}

/// Fills the fields of the total that only proofs can tell.
pub fn fill(report: &mut Report, data: &Data, day_ms: i64, kinds: &BTreeSet<&str>) {
    let runs = &data.runs;
    report.proofs = Some(runs.iter().filter(|r| instant(r).map(day_of) == Some(day_ms)).count() as u64);
    let of_day = counted_of_day(runs, day_ms);
    report.chain_ok = Some(breaks(data, day_ms).is_empty());
    if of_day.is_empty() {
        return;
    }
    let sum = |name: &str| Some(of_day.iter().map(|r| r.proof.counts.get(name).copied().unwrap_or(0)).sum::<u64>());
    report.capture_loss = sum("capture_loss");
    report.inconclusive = sum("inconclusive");
    report.pending = sum("pending");
    report.poison = sum("poison");
    report.stalled_ms = Some(of_day.iter().flat_map(|r| r.proof.stalled_ms.values()).sum());
    let (ok, diff) = (sum("ok").unwrap_or(0), sum("diff").unwrap_or(0));
    if let Some((low, high)) = stats::clopper_pearson(diff, ok + diff) {
        (report.rate_low, report.rate_high) = (Some(low), Some(high));
    }
    report.sampled_share = common_share(&of_day, kinds);
    Lags::of(&of_day).fill(report);
}

/// The share where all tables have the same one; None where they differ.
fn common_share(runs: &[&RunData], kinds: &BTreeSet<&str>) -> Option<f64> {
    let sampled: BTreeSet<&str> = runs.iter().flat_map(|r| r.proof.sampled.keys().map(String::as_str)).collect();
    let mut shares = kinds.union(&sampled).map(|kind| share_of(runs, kind));
    let Some(first) = shares.next() else { return Some(1.0) };
    shares.all(|s| s == first).then_some(first).flatten()
}

/// The share of one kind's keys, 1 without sampling; the newest proof that names the kind counts.
pub fn share_of(runs: &[&RunData], kind: &str) -> Option<f64> {
    let newest = runs.iter().filter(|r| r.proof.sampled.contains_key(kind)).max_by_key(|r| &r.proof.ended);
    match newest.and_then(|r| r.proof.sampled.get(kind)) {
        Some(text) => parse_share(text),
        None => Some(1.0),
    }
}

/// `1/16` or `0.0625`.
fn parse_share(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((taken, of)) => Some(taken.trim().parse::<f64>().ok()? / of.trim().parse::<f64>().ok()?),
        None => text.parse().ok(),
    }
    .filter(|share| share.is_finite())
}

/// The merged lags of some runs. Batch runs have no part in the streaming objective.
#[derive(Default)]
pub struct Lags {
    pub replication: Histogram,
    pub audit: Histogram,
    pub detection: Histogram,
}

impl Lags {
    pub fn of(runs: &[&RunData]) -> Self {
        let mut lags = Lags::default();
        for run in runs.iter().filter(|r| r.proof.mode != "batch") {
            lags.replication.merge_sparse(&run.proof.lags.replication);
            lags.audit.merge_sparse(&run.proof.lags.audit);
            lags.detection.merge_sparse(&run.proof.lags.detection);
        }
        lags
    }

    fn fill(&self, report: &mut Report) {
        let p = |h: &Histogram| [50, 95, 99].map(|percent| h.percentile(percent));
        let [replication, audit, detection] = [p(&self.replication), p(&self.audit), p(&self.detection)];
        report.replication_lag_p50_ms = replication[0];
        report.replication_lag_p95_ms = replication[1];
        report.replication_lag_p99_ms = replication[2];
        report.audit_lag_p50_ms = audit[0];
        report.audit_lag_p95_ms = audit[1];
        report.audit_lag_p99_ms = audit[2];
        report.detection_delay_p50_ms = detection[0];
        report.detection_delay_p95_ms = detection[1];
        report.detection_delay_p99_ms = detection[2];
        let objective = [audit[1], detection[1]];
        if objective.iter().any(Option::is_some) {
            report.slo_ok = Some(objective.iter().flatten().all(|p95| *p95 <= OBJECTIVE_MS));
        }
    }
}
