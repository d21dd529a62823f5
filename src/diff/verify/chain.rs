//! Do the proofs of a job follow each other?

use super::{name, not_made, verdict};
use crate::record::diff::{Proof, Verify};

/// A proof beside the one that is verified.
pub struct Link {
    /// SHA-256 of its exact bytes.
    pub sha256: String,
    /// The run's folder.
    pub folder: String,
    pub proof: Proof,
}

/// The check `chain`. `others`: the other proofs of the chain's folder; None where no folder is known.
pub fn chain(proof: &Proof, others: Option<&[Link]>) -> Verify {
    let Some(others) = others else {
        return not_made("chain", "proof.json", proof.prev_sha256.clone(), "no folder of proofs; give --chain DIR");
    };
    let same_job = || others.iter().filter(|l| l.proof.job == proof.job);
    let Some(prev) = &proof.prev_sha256 else {
        let first = "the first proof of its job";
        let other = same_job().find(|l| l.proof.prev_sha256.is_none());
        let actual = other.map_or(first.to_owned(), |l| format!("{} has no predecessor either", l.folder));
        return verdict("chain", "proof.json", first, actual);
    };
    let Some(link) = others.iter().find(|l| l.sha256 == *prev) else {
        return verdict("chain", "proof.json", prev.as_str(), "no proof with this SHA-256");
    };
    if link.proof.job != proof.job {
        return verdict("chain", &link.folder, format!("job {}", proof.job), format!("job {}", link.proof.job));
    }
    match same_job().find(|l| l.proof.prev_sha256.as_ref() == Some(prev)) {
        Some(twin) => verdict("chain", &link.folder, "one successor", format!("{} follows it too", twin.folder)),
        None => verdict("chain", &link.folder, prev.as_str(), link.sha256.as_str()),
    }
}

/// The check `continuity`, per partition. A stream's window begins where the one before it ended; a recording may be
/// read again from its start, but nothing may lie between the two ranges.
pub fn continuity(proof: &Proof, others: Option<&[Link]>) -> Vec<Verify> {
    let previous = proof.prev_sha256.as_ref().and_then(|prev| others?.iter().find(|l| l.sha256 == *prev));
    let Some(previous) = previous else {
        return vec![not_made("continuity", "proof.json", None, "no proof before this one")];
    };
    let files = [proof, &previous.proof].iter().all(|p| matches!(p.mode.as_str(), "file" | "digests"));
    let mut all = Vec::new();
    let mut firsts: Vec<&crate::record::diff::PartitionProof> = Vec::new();
    for p in &proof.partitions {
        match firsts.iter_mut().find(|q| name(q) == name(p)) {
            Some(first) if p.from < first.from => *first = p,
            Some(_) => {}
            None => firsts.push(p),
        }
    }
    for p in firsts {
        let before = previous.proof.partitions.iter().filter(|q| name(q) == name(p)).map(|q| q.to).max();
        all.push(match before {
            None => not_made("continuity", &name(p), None, "the proof before this one did not read this partition"),
            Some(to) if files && p.from <= to => verdict("continuity", &name(p), "no gap", "no gap"),
            Some(to) => verdict("continuity", &name(p), format!("from {to}"), format!("from {}", p.from)),
        });
    }
    all
}
