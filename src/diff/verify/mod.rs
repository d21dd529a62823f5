//! The checks of a proof that need nothing but its bytes, and those that compare it with what was read again.

mod again;
mod chain;
mod fields;
mod sources;

use std::collections::BTreeMap;

use super::code::Code;
use super::hash::hex;
use super::ledger::root_of;
use crate::record::diff::{Diff, PartitionProof, Proof, Reason, State, Triage, Verify};
use crate::record::run::Counts;
use crate::record::{Finding, Severity};

pub use again::{differing, restated};
pub use chain::{Link, chain, continuity};
pub use fields::{Parsed, parse};
pub use sources::{Recount, Tallies};

/// A verdict of one check.
pub fn verdict(check: &str, subject: &str, expected: impl Into<String>, actual: impl Into<String>) -> Verify {
    let (expected, actual) = (expected.into(), actual.into());
    Verify {
        check: check.to_owned(),
        ok: Some(expected == actual),
        expected: Some(expected),
        actual: Some(actual),
        subject: subject.to_owned(),
    }
}

/// A check that could not be made, and why.
pub fn not_made(check: &str, subject: &str, expected: Option<String>, why: &str) -> Verify {
    Verify { check: check.to_owned(), ok: None, expected, actual: Some(why.to_owned()), subject: subject.to_owned() }
}

/// A partition as subjects name it.
pub fn name(p: &PartitionProof) -> String {
    format!("{}:{}/{}", p.side.as_str(), p.topic, p.partition)
}

/// Recounts what the records of a run say.
#[derive(Default)]
pub struct Recounted {
    latest: BTreeMap<String, Diff>,
    late: u64,
    repaired: u64,
    unauthorized: u64,
    pub errors: Errors,
}

/// The findings of a run that are errors.
#[derive(Debug, Clone, Copy, Default)]
pub struct Errors {
    pub count: u64,
    /// One of them says that no row was compared.
    pub no_row: bool,
}

impl Recounted {
    pub fn diff(&mut self, diff: Diff) {
        self.late += u64::from(diff.is_late());
        self.repaired += u64::from(diff.is_repaired());
        // In window mode the revisions of a forgotten id begin again, so time comes first.
        let newer = |before: &Diff| (&before.ts, before.rev) <= (&diff.ts, diff.rev);
        if self.latest.get(&diff.diff_id).is_none_or(newer) {
            self.latest.insert(diff.diff_id.clone(), diff);
        }
    }

    pub fn unauthorized(&mut self) {
        self.unauthorized += 1;
    }

    pub fn finding(&mut self, finding: &Finding) {
        self.errors.count += u64::from(finding.severity == Severity::Error);
        self.errors.no_row |= finding.code == Code::NothingCompared.as_str();
    }

    fn counts(&self) -> [(&'static str, u64); 7] {
        let open =
            |of: fn(&Diff) -> bool| self.latest.values().filter(|d| d.state == State::Open && of(d)).count() as u64;
        [
            ("diff", open(|_| true)),
            ("missing", open(|d| d.reason == Reason::Missing)),
            ("mismatch", open(|d| d.reason == Reason::Mismatch)),
            ("late", self.late),
            ("repaired", self.repaired),
            ("unauthorized", self.unauthorized),
            ("excepted", open(|d| d.triage == Some(Triage::Excepted))),
        ]
    }

    /// The check `counts` against what the proof states.
    pub fn check(&self, stated: &Counts, subject: &str) -> Verify {
        let actual = self.counts();
        let stated = actual.map(|(name, _)| (name, stated.get(name).copied()));
        verdict("counts", subject, in_words(&stated), in_words(&actual.map(|(name, n)| (name, Some(n)))))
    }
}

/// `diff 18, missing 9`.
fn in_words(counts: &[(&str, Option<u64>)]) -> String {
    let one = |(name, n): &(&str, Option<u64>)| match n {
        Some(n) => format!("{name} {n}"),
        None => format!("{name} not stated"),
    };
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The check `root`.
pub fn root(proof: &Proof) -> Verify {
    let actual = root_of(&proof.partitions).map_or("a partition's root is no SHA-256".to_owned(), |r| hex(&r));
    verdict("root", "proof.json", proof.root.as_str(), actual)
}

/// The check `tiling`: the ranges of each partition follow each other without gap and overlap.
pub fn tiling(proof: &Proof) -> Verify {
    let actual = untiled(proof).unwrap_or_else(|| "no gap, no overlap".to_owned());
    verdict("tiling", "proof.json", "no gap, no overlap", actual)
}

fn untiled(proof: &Proof) -> Option<String> {
    let mut ranges: BTreeMap<String, Vec<&PartitionProof>> = BTreeMap::new();
    for p in &proof.partitions {
        let span = p.to.saturating_sub(p.from);
        let pages = if p.records == 0 { 0 } else { p.to.saturating_sub(1) / 256 - p.from / 256 + 1 };
        if p.from > p.to || p.to > p.end {
            return Some(format!("{}: from {} to {} of {}", name(p), p.from, p.to, p.end));
        }
        if p.records > span || p.leaves > pages || (p.leaves == 0) != (p.records == 0) {
            return Some(format!("{}: {} records in {span} offsets, {} leaves", name(p), p.records, p.leaves));
        }
        ranges.entry(name(p)).or_default().push(p);
    }
    for (name, mut parts) in ranges {
        parts.sort_by_key(|p| (p.from, p.to));
        for pair in parts.windows(2) {
            let what = match pair[0].to.cmp(&pair[1].from) {
                std::cmp::Ordering::Less => "gap",
                std::cmp::Ordering::Equal => continue,
                std::cmp::Ordering::Greater => "overlap",
            };
            return Some(format!("{name}: {what} between {} and {}", pair[0].to, pair[1].from));
        }
    }
    let mut digests = proof.digest_ranges.clone();
    digests.sort();
    digests.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| format!("digest range {} twice", pair[0]))
}

#[cfg(test)]
mod tests;
