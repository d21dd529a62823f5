//! The folder of a run: its manifest, each of its files, and the chain of manifests.

use std::path::Path;

use super::files::{DIFFS_NAMES, LINK, RunFiles, digest_of};
use super::in_folder;
use crate::cmd::diff::folder::{DIFFS, PROOF};
use crate::cmd::diff::how::{How, Trouble};
use crate::cmd::letters::DEAD_LETTERS;
use crate::diff::verify::{Errors, not_made, verdict};
use crate::error::Result;
use crate::evidence::{Link, MANIFEST, Manifest, SIGNATURE, Subject, chain_file, links, parse_chain, parse_manifest};
use crate::exit::Exit;
use crate::io::fs;
use crate::record::diff::{Proof, Verify as Verified};
use crate::text::sha256_hex;

const COMPLETE: &str = "a complete run";
const WHOLE: &str = "a complete run, as the proof states it";

/// What else is known of the run.
#[derive(Default)]
pub struct Known<'a> {
    pub proof: Option<&'a Proof>,
    /// Error findings among its records.
    pub errors: Option<Errors>,
    /// The exit code of the run made again.
    pub outcome: Option<Exit>,
}

/// The check `manifest`: what the manifest says of the run, each of its files, and files that it does not list.
pub fn check(files: &RunFiles, known: &Known) -> Result<Vec<Verified>> {
    if files.is_link(MANIFEST) {
        return Ok(vec![verdict("manifest", MANIFEST, "a file", LINK)]);
    }
    if !files.has(MANIFEST) && files.is_run {
        return Ok(vec![verdict("manifest", MANIFEST, "a run manifest", "no such file")]);
    }
    if !files.has(MANIFEST) {
        return Ok(vec![not_made("manifest", MANIFEST, None, "no manifest.json beside the proof")]);
    }
    let bytes = fs::read_small(&in_folder(&files.folder, MANIFEST))?;
    let manifest = match parse_manifest(&bytes, MANIFEST) {
        Ok(manifest) => manifest,
        Err(e) => return Ok(vec![verdict("manifest", MANIFEST, "a run manifest", e.message)]),
    };
    let mut all = vec![statement(&manifest, &bytes, known.proof)?];
    if manifest.predicate.complete {
        all.extend(known.proof.map(|proof| outcome(manifest.predicate.outcome, proof, known)));
    }
    if files.proof.is_some() && !manifest.lists(PROOF) {
        all.push(verdict("manifest", PROOF, "listed", "not listed"));
    }
    for Subject { name, digest } in &manifest.subject {
        let stated = digest.sha256.as_str();
        all.push(match name == DEAD_LETTERS && !files.has(name) && !files.is_link(name) {
            // No verdict stands on them, and they hold rows that may have to stay where they are.
            true => not_made("manifest", name, Some(stated.to_owned()), "taken out of the folder"),
            false => verdict("manifest", name, stated, digest_of_subject(files, name)?),
        });
    }
    all.extend(unlisted(files, &manifest)?);
    Ok(all)
}

/// The manifest is about this proof's run, which was complete, and is spelled as govctl spells it.
fn statement(manifest: &Manifest, bytes: &[u8], proof: Option<&Proof>) -> Result<Verified> {
    let p = &manifest.predicate;
    let whole = if proof.is_some() { WHOLE } else { COMPLETE };
    if !p.complete {
        return Ok(not_made("manifest", MANIFEST, Some(whole.into()), "the run was interrupted"));
    }
    let states = |proof: &Proof| {
        (&p.run_id, &p.started, &p.sha256, &p.counts) == (&proof.run_id, &proof.started, &proof.sha256, &proof.counts)
    };
    let wrong = match proof {
        _ if manifest.to_bytes()? != bytes => "the bytes are not those that govctl writes",
        Some(proof) if !states(proof) => "run_id, started, sha256 or counts are not those of the proof",
        _ => whole,
    };
    Ok(verdict("manifest", MANIFEST, whole, wrong))
}

/// The exit code follows from the counts and findings, but for a side that was stalled and a source that was cut.
fn outcome(stated: u8, proof: &Proof, known: &Known) -> Verified {
    let code = |exit: Exit| exit.code().to_string();
    let stated = stated.to_string();
    if let Some(again) = known.outcome {
        return verdict("manifest", "outcome", stated, code(again));
    }
    let (Some(how), Some(errors)) = (How::of(proof), known.errors) else {
        return not_made("manifest", "outcome", Some(stated), "neither records nor sources tell it");
    };
    let after = |stalled, input_failed| {
        let met = Trouble { stalled, input_failed, no_row: errors.no_row };
        code(how.exit(&proof.counts, errors.count, met))
    };
    let counted = after(false, false);
    if stated != counted && [after(true, false), after(false, true)].contains(&stated) {
        let why = format!("{counted} by the counts; only a re-run tells whether a side was stalled or a source cut");
        return not_made("manifest", "outcome", Some(stated), &why);
    }
    verdict("manifest", "outcome", stated, counted)
}

fn digest_of_subject(files: &RunFiles, name: &str) -> Result<String> {
    let plain = Path::new(name).file_name().is_some_and(|n| n == name);
    if !plain {
        return Ok("no name of a file in the run's folder".to_owned());
    }
    let names: &[&str] = if name == DIFFS { &DIFFS_NAMES } else { &[name] };
    if names.iter().any(|n| files.is_link(n)) {
        return Ok(LINK.to_owned());
    }
    match name {
        DIFFS => files.diffs().map_or(Ok("no such file".to_owned()), |path| digest_of(&path)),
        _ if files.has(name) => fs::sha256_file(&files.folder.join(name)),
        _ => Ok("no such file".to_owned()),
    }
}

/// What lies in the folder and was not written by the run. A compressed diffs.ndjson stands for the plain one.
fn unlisted(files: &RunFiles, manifest: &Manifest) -> Result<Vec<Verified>> {
    let diffs = DIFFS_NAMES.iter().find(|n| files.has(n));
    let mut all = Vec::new();
    for path in fs::list_dir(&files.folder)? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let listed = |n: &str| manifest.lists(n);
        let is_diffs = diffs.is_some_and(|d| *d == name) && listed(DIFFS);
        if ![MANIFEST, SIGNATURE, PROOF].contains(&name.as_str()) && !listed(&name) && !is_diffs {
            all.push(verdict("manifest", &name, "listed", "not listed"));
        }
    }
    Ok(all)
}

/// The check `chain` of chains/_.json, or the file of the run's region: it names the newest manifest, from which the chain
/// leads to that of this run. None for a proof on its own.
pub fn chain_check(files: &RunFiles) -> Result<Option<Verified>> {
    let Some(root) = files.root() else { return Ok(None) };
    let bytes = fs::read_small(&in_folder(&files.folder, MANIFEST))?;
    let region = parse_manifest(&bytes, MANIFEST).ok().and_then(|m| m.predicate.region());
    let (own, file) = (sha256_hex(&bytes), chain_file(region.as_ref()));
    let file = file.as_str();
    let mut links = links(&root)?;
    links.retain(|link| link.chain.as_deref().is_none_or(|own| own == file));
    let path = root.join(file);
    if fs::is_symlink(&path) {
        return Ok(Some(verdict("chain", file, "a file", LINK)));
    }
    if !fs::exists(&path) {
        // A run directory may have been copied away from its evidence folder.
        return Ok(Some(match links.len() > 1 || fs::exists(&root.join(".lock")) {
            true => verdict("chain", file, "the newest manifest of the folder", "no such file"),
            false => not_made("chain", file, None, "the run lies in no evidence folder"),
        }));
    }
    let bytes = fs::read_small(&path.to_string_lossy())?;
    Ok(Some(match parse_chain(&bytes, file) {
        Err(e) => verdict("chain", file, "the newest manifest of the folder", e.message),
        Ok(head) => {
            let text = |sha256: &str, prev: Option<&str>| format!("{sha256} after {}", prev.unwrap_or("none"));
            let stated = text(&head.sha256, head.prev.as_deref());
            match links.iter().find(|l| l.folder == head.run_id) {
                None => verdict("chain", file, format!("run {}", head.run_id), "no such run in the folder"),
                Some(l) if text(&l.sha256, l.prev.as_deref()) != stated => {
                    verdict("chain", file, stated, text(&l.sha256, l.prev.as_deref()))
                }
                Some(newest) => leads(&links, newest, &own, file),
            }
        }
    }))
}

/// Follows the chain back to this run, and from there to the first.
fn leads(links: &[Link], newest: &Link, own: &str, file: &str) -> Verified {
    let (mut at, mut reached) = (newest, false);
    loop {
        reached |= at.sha256 == own;
        let Some(prev) = at.prev.as_ref() else {
            return verdict("chain", file, own, if reached { own } else { at.sha256.as_str() });
        };
        match links.iter().find(|l| l.sha256 == *prev) {
            Some(link) => at = link,
            // Old runs may be removed, and a run that was made again takes the place of an interrupted one.
            None => {
                let why = format!("the chain breaks off at manifest {prev}, which is not in the folder");
                return not_made("chain", file, Some(own.to_owned()), &why);
            }
        }
    }
}

/// The check `signature`, which is not made here: it takes the key of who made the run.
pub fn signature(files: &RunFiles) -> Verified {
    let why = match (files.has(MANIFEST), files.has(SIGNATURE)) {
        (true, true) => "signed; `govctl evidence verify --producer-key` checks by whom",
        (true, false) => "unsigned: who can write the folder can write other evidence that agrees with itself",
        (false, _) => "no manifest.json",
    };
    not_made("signature", MANIFEST, None, why)
}
