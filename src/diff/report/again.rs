//! Recordings that were audited more than once: whose word counts.

use std::collections::{BTreeSet, HashMap};

use super::RunData;
use super::days::{day_of, instant};
use crate::diff::code::Code;
use crate::record::diff::{Diff, PartitionProof, Proof, State};

type Key<'a> = (&'a str, &'a str, &'a str);

fn key(d: &Diff) -> Key<'_> {
    (&d.tenant, &d.kind, &d.id)
}

fn place(p: &PartitionProof) -> (&str, &str, u32) {
    (p.side.as_str(), &p.topic, p.partition)
}

/// Whether one run of a job read every record that another one read: the same offsets, and the same span of log time,
/// since files of bare values all begin at offset 0. Without times only the same rows tell that.
pub fn covers(run: &Proof, other: &Proof) -> bool {
    let window = |p: &Proof| p.window_from.clone().zip(p.window_to.clone());
    let same_span = match (window(run), window(other)) {
        (Some(a), Some(b)) => Some(a.0 <= b.0 && a.1 >= b.1),
        (None, None) => None,
        _ => Some(false),
    };
    let within = |b: &PartitionProof| {
        let same = |a: &PartitionProof| (a.from, a.to, &a.root) == (b.from, b.to, &b.root);
        let offsets = |a: &PartitionProof| a.from <= b.from && a.to >= b.to;
        run.partitions
            .iter()
            .any(|a| place(a) == place(b) && same_span.map_or_else(|| same(a), |same| same && offsets(a)))
    };
    run.job == other.job && !other.partitions.is_empty() && other.partitions.iter().all(within)
}

/// Whether a later run of the job read all that another one read and judged it at least as strictly, so that its word
/// is the one that counts.
pub fn replaces(later: &RunData, other: &RunData) -> bool {
    is_later(later, other) && covers(&later.proof, &other.proof) && as_strict(&later.proof, &other.proof)
}

fn is_later(a: &RunData, b: &RunData) -> bool {
    let order = |r: &RunData| (r.proof.ended.clone(), r.proof.run_id.clone());
    order(a) > order(b)
}

/// A weaker check does not overwrite a stronger one: it compared every column and key that the other one compared, waited
/// no longer, left no more undecided, and read the same records where it read the same offsets.
fn as_strict(run: &Proof, other: &Proof) -> bool {
    let columns = run.columns_not_compared.iter().all(|column| other.columns_not_compared.contains(column));
    let keys = run.sampled.is_empty() || run.sampled == other.sampled;
    let time = run.grace_ms <= other.grace_ms && (run.at_end == "final" || run.at_end == other.at_end);
    let homes = run.home_checked || !other.home_checked;
    let poison = |p: &Proof| p.settings.as_ref().is_some_and(|s| s.allow_poison);
    columns && keys && time && homes && poison(run) <= poison(other) && !contradicts(run, other)
}

/// Digests by the same types differ only where the records did.
fn contradicts(run: &Proof, other: &Proof) -> bool {
    let by = |p: &Proof| (p.types_sha256.clone(), p.hmac_key_id.clone(), p.profile.clone(), p.inferred);
    let same_range = |a: &PartitionProof, b: &PartitionProof| place(a) == place(b) && (a.from, a.to) == (b.from, b.to);
    let differs = |a: &PartitionProof| other.partitions.iter().any(|b| same_range(a, b) && a.root != b.root);
    by(run) == by(other) && run.partitions.iter().any(differs)
}

/// What the runs say of keys, each key once a day: what a run says is replaced by a later one of that day, and what it
/// says of a key by a later one that read the same records with other types, if that one speaks of the key too.
pub fn last_words(runs: &[RunData]) -> impl Iterator<Item = &Diff> {
    runs.iter().flat_map(move |run| {
        let same_day = |r: &RunData| instant(r).map(day_of) == instant(run).map(day_of);
        let later: Vec<&RunData> = runs.iter().filter(|r| same_day(r) && is_later(r, run)).collect();
        let replaced = later.iter().any(|r| replaces(r, run));
        let said = said_otherwise(run, later.into_iter());
        run.diffs.iter().filter(move |d| !replaced && !said.contains(&key(d)))
    })
}

/// Keys of which later runs over the same records speak under another diff_id, since they used other types.
fn said_otherwise<'a>(run: &RunData, later: impl Iterator<Item = &'a RunData>) -> BTreeSet<Key<'a>> {
    let own: BTreeSet<&str> = run.diffs.iter().map(|d| d.diff_id.as_str()).collect();
    let over_the_same = later.filter(|r| covers(&r.proof, &run.proof));
    over_the_same.flat_map(|r| &r.diffs).filter(|d| !own.contains(d.diff_id.as_str())).map(key).collect()
}

/// Differences that a run left open and of which later runs tell that they are open no more, or open under another id:
/// with other types, or where the grace period had not run out. They are no repairs.
pub fn unsaid(runs: &[RunData]) -> HashMap<&str, i64> {
    let mut all = HashMap::new();
    for run in runs {
        let mut later: Vec<&RunData> =
            runs.iter().filter(|r| is_later(r, run) && covers(&r.proof, &run.proof)).collect();
        later.sort_by_key(|r| &r.proof.ended);
        let after = |r: &&RunData| r.proof.ended > run.proof.ended;
        let said: BTreeSet<&str> =
            runs.iter().filter(after).flat_map(|r| &r.diffs).map(|d| d.diff_id.as_str()).collect();
        let open = latest(run).into_values().filter(|d| d.state == State::Open && !said.contains(d.diff_id.as_str()));
        for diff in open {
            let settled = |next: &&&RunData| {
                let closed = replaces(next, run) && !may_be_open(diff, undecided(next).as_ref());
                closed || said_otherwise(run, std::iter::once(**next)).contains(&key(diff))
            };
            let at = later.iter().find(settled).and_then(|next| instant(next));
            all.extend(at.map(|at| (diff.diff_id.as_str(), at)));
        }
    }
    all
}

/// The key is one of those that a run left undecided, or the run does not name them all.
pub fn may_be_open(d: &Diff, undecided: Option<&BTreeSet<(String, String)>>) -> bool {
    undecided.is_none_or(|keys| keys.contains(&(d.kind.clone(), format!("{}/{}", d.tenant, d.id))))
}

/// Findings that name the keys for which they are made, up to a number.
const NAMING: [Code; 5] =
    [Code::CaptureLoss, Code::HistoryOverflow, Code::SchemaFingerprint, Code::SideEndsEarly, Code::ToastUnresolved];

/// Kind and `tenant/id` of the keys that a run left undecided; None where its records do not name them all.
pub fn undecided(run: &RunData) -> Option<BTreeSet<(String, String)>> {
    let count = |name: &str| run.proof.counts.get(name).copied().unwrap_or_default();
    let mut keys = BTreeSet::new();
    for finding in run.findings.iter().filter(|f| NAMING.iter().any(|code| code.as_str() == f.code)) {
        let (Some(kind), Some(ids)) = (&finding.kind, &finding.ids) else { continue };
        if finding.count != Some(ids.len() as u64) {
            return None;
        }
        keys.extend(ids.iter().map(|id| (kind.clone(), id.clone())));
    }
    // What could not be read is not named.
    let all = run.outcome < 3 && count("pending") == 0 && count("inconclusive") == keys.len() as u64;
    all.then_some(keys)
}

pub fn latest(run: &RunData) -> HashMap<&str, &Diff> {
    let mut latest: HashMap<&str, &Diff> = HashMap::new();
    for diff in &run.diffs {
        let newer = latest.get(diff.diff_id.as_str()).is_none_or(|d| (&d.ts, d.rev) <= (&diff.ts, diff.rev));
        if newer {
            latest.insert(&diff.diff_id, diff);
        }
    }
    latest
}
