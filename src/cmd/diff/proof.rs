//! proof.json: what was compared, what was found, and the roots that a stranger can recompute.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::audit::Found;
use super::folder::PROOF;
use super::how::How;
use super::options::Loaded;
use crate::clock::rfc3339_ms;
use crate::cmd::Session;
use crate::diff::hash::hex;
use crate::diff::ledger::root_of;
use crate::diff::types::{PROFILE, Table};
use crate::error::{Error, Result};
use crate::evidence::links;
use crate::io::fs;
use crate::record::diff::{Lags, PartitionProof, Proof, Side};
use crate::record::encode;
use crate::record::run::Input;
use crate::text::sha256_hex;

/// What a proof says of its run that the run's records do not show.
pub struct Identity {
    pub run_id: String,
    pub started: String,
    pub ended: String,
    /// Of diffs.ndjson.
    pub sha256: String,
    pub prev_sha256: Option<String>,
    pub tool_sha256: String,
}

impl Identity {
    /// That of an earlier run.
    pub fn of(proof: &Proof) -> Identity {
        Identity {
            run_id: proof.run_id.clone(),
            started: proof.started.clone(),
            ended: proof.ended.clone(),
            sha256: proof.sha256.clone(),
            prev_sha256: proof.prev_sha256.clone(),
            tool_sha256: proof.tool_sha256.clone(),
        }
    }
}

/// SHA-256 of the running executable.
pub fn tool_sha256() -> Result<String> {
    let mut tool = Sha256::new();
    fs::own_executable(|bytes| tool.update(bytes))?;
    Ok(hex(&tool.finalize()))
}

/// The proof of what was found.
pub fn state(of: Identity, how: &How, loaded: &Loaded, found: &Found) -> Result<Proof> {
    let Found { join, facts, counts, .. } = found;
    let partitions = facts.ledger.partitions();
    let window = facts.ledger.window_ms();
    let Some(root) = root_of(&partitions) else { return Err(Error::bug("a root is no digest")) };
    let stalled = Side::BOTH.map(|side| (side.as_str().to_owned(), join.stalled_ms(side)));
    let share = |t: &Table| t.sample.as_ref().map(|s| (t.kind.clone(), format!("{}/{}", s.take.len(), s.of)));
    Ok(Proof {
        run_id: of.run_id,
        started: of.started,
        ended: of.ended,
        counts: counts.clone(),
        sha256: of.sha256,
        prev_sha256: of.prev_sha256,
        job: loaded.types.job.clone(),
        mode: if how.digests { "digests" } else { "file" }.into(),
        profile: PROFILE.into(),
        types_sha256: loaded.types_sha256.clone(),
        tool_sha256: of.tool_sha256,
        hmac_key_id: loaded.hasher.key_id().map(str::to_owned),
        grace_ms: how.grace_ms,
        at_end: how.at_end.as_str().into(),
        settings: Some(how.settings.clone()),
        inferred: facts.inferred,
        schema_blocks: facts.schema_blocks,
        home_checked: facts.home_checked,
        columns_not_compared: facts.not_compared.clone(),
        window_from: window.map(|(from, _)| rfc3339_ms(from)),
        window_to: window.map(|(_, to)| rfc3339_ms(to)),
        root: hex(&root),
        partitions,
        digest_ranges: Vec::new(),
        lags: Lags { replication: join.replication.to_sparse(), audit: Vec::new(), detection: Vec::new() },
        stalled_ms: stalled.into_iter().collect(),
        sampled: loaded.types.tables.iter().filter_map(share).collect(),
    })
}

/// Adds proof.json and types.yaml to the evidence, and completes the inputs with the ranges read.
pub fn write(session: &mut Session<'_>, how: &How, loaded: &Loaded, found: &Found, prev: Option<&[u8]>) -> Result<()> {
    let identity = Identity {
        run_id: session.run_id.clone(),
        started: session.started.clone(),
        ended: session.ended(),
        sha256: session.data_sha256(),
        prev_sha256: prev.map(sha256_hex),
        tool_sha256: tool_sha256()?,
    };
    let mut proof = state(identity, how, loaded, found)?;
    session.inputs = found.facts.inputs.clone();
    session.inputs.extend(proof.partitions.iter().map(range));
    if let Some(dir) = &mut session.evidence {
        if let Some(text) = &loaded.types_text {
            dir.add_file("types.yaml", text.as_bytes())?;
        }
        dir.add_last(PROOF, move |root, before| {
            if proof.prev_sha256.is_none() {
                proof.prev_sha256 = previous_proof(root, before, &proof.job, &proof.run_id)?;
            }
            let mut bytes = Vec::new();
            encode(&proof, &mut bytes).map_err(|e| Error::bug(format!("cannot encode the proof: {e}")))?;
            Ok(bytes)
        });
    }
    Ok(())
}

/// A partition's range as an input of the manifest.
fn range(p: &PartitionProof) -> Input {
    Input {
        topic: Some(p.topic.clone()),
        partition: Some(p.partition),
        from: Some(p.from),
        until: Some(p.to),
        lines: Some(p.records),
        ..Input::named(format!("{}:{}/{}", p.side.as_str(), p.topic, p.partition))
    }
}

/// SHA-256 of the proof.json of the run of the job that was put in place last, by the chain of manifests: runs that
/// go on at the same time may end in another order than they began. A complete run that is made again keeps the
/// one before it.
fn previous_proof(root: &Path, before: Option<&str>, job: &str, own: &str) -> Result<Option<String>> {
    let links = links(root)?;
    let made_before = links.iter().find(|l| l.folder == own && l.complete);
    let mut at = match made_before {
        Some(link) => link.prev.as_deref(),
        None => before,
    };
    while let Some(link) = links.iter().find(|l| at == Some(l.sha256.as_str())) {
        if link.complete && link.folder != own {
            let proof = proof_of(&root.join(&link.folder), job)?;
            if proof.is_some() {
                return Ok(proof);
            }
        }
        at = link.prev.as_deref();
    }
    Ok(None)
}

/// SHA-256 of the proof.json in a folder, where there is one and it is of this job.
fn proof_of(folder: &Path, job: &str) -> Result<Option<String>> {
    #[derive(serde::Deserialize)]
    struct Head {
        job: String,
    }
    let path = folder.join(PROOF);
    if !fs::exists(&path) {
        return Ok(None);
    }
    let bytes = fs::read_small(&path.to_string_lossy())?;
    let of_job = serde_json::from_slice::<Head>(&bytes).is_ok_and(|head| head.job == job);
    Ok(of_job.then(|| sha256_hex(&bytes)))
}
