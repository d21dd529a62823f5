//! The files of a run: proof, outputs, manifest, and the proofs beside it.

use std::path::{Path, PathBuf};

use super::in_folder;
use crate::cmd::diff::folder::{DIFFS, PROOF, is_finished, is_run};
use crate::cmd::letters::DEAD_LETTERS;
use crate::diff::verify::{Errors, Link, Recounted, not_made, verdict};
use crate::error::{Error, Kind, Result};
use crate::evidence::{MANIFEST, Manifest, chain_file, parse_manifest};
use crate::io::fs;
use crate::io::records::{Next, RecordReader};
use crate::io::source::Source;
use crate::record::diff::{Diff, Proof, UnauthorizedWrite, Verify as Verified};
use crate::record::{Finding, Record};
use crate::text::sha256_hex;

pub const DIFFS_NAMES: [&str; 3] = [DIFFS, "diffs.ndjson.zst", "diffs.ndjson.gz"];
pub const LINK: &str = "a symbolic link";
const KNOWN: &[&str] = &["govctl.diff", "govctl.diff.unauthorized_write", "govctl.finding"];

/// A proof and what lies beside it.
pub struct RunFiles {
    pub proof_path: String,
    /// The path as records may show it.
    pub shown: String,
    /// The exact bytes of proof.json; None where a run left none.
    pub proof: Option<Vec<u8>>,
    /// A newer run of the folder, which did not come to its end.
    pub newer: Option<String>,
    pub folder: PathBuf,
    /// A run directory was named, or a folder of them, and not a proof on its own.
    pub is_run: bool,
}

/// What the outputs show.
pub struct Outputs {
    pub checks: Vec<Verified>,
    /// Error findings, where they could be counted.
    pub errors: Option<Errors>,
}

impl RunFiles {
    pub fn find(target: &str) -> Result<RunFiles> {
        let (path, newer) = locate(target)?;
        let proof_path = path.to_string_lossy().into_owned();
        let there = fs::exists(&path);
        let read = || fs::read_small(&proof_path).map_err(|e| e.of_kind(Kind::Input));
        let proof = there.then(read).transpose()?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let is_run = fs::is_dir(Path::new(target));
        Ok(RunFiles { is_run, shown: fs::record_name(&proof_path), proof_path, proof, newer, folder })
    }

    pub fn sha256(&self) -> Option<String> {
        self.proof.as_deref().map(sha256_hex)
    }

    pub fn has(&self, name: &str) -> bool {
        fs::exists(&self.folder.join(name))
    }

    /// A link could lead to what another process changes, or to a file that the evidence does not hold.
    pub fn is_link(&self, name: &str) -> bool {
        fs::is_symlink(&self.folder.join(name))
    }

    /// The folder of all runs; None where a proof lies on its own.
    pub fn root(&self) -> Option<PathBuf> {
        self.has(MANIFEST).then(|| self.folder.join(".."))
    }

    /// The sources of the run in their order, where its manifest can be read.
    pub fn sources(&self) -> Result<Option<Vec<String>>> {
        if !self.has(MANIFEST) {
            return Ok(None);
        }
        let manifest = parse_manifest(&fs::read_small(&in_folder(&self.folder, MANIFEST))?, MANIFEST);
        // Besides its sources a run names the partitions in them.
        let names =
            |m: Manifest| m.predicate.inputs.into_iter().filter(|i| i.topic.is_none()).map(|i| i.name).collect();
        Ok(manifest.ok().map(names))
    }

    /// The records of the run, if they are there.
    pub fn records(&self) -> Result<Option<RecordReader>> {
        self.diffs().map(|path| RecordReader::open(&path, KNOWN, true)).transpose()
    }

    /// The run's own types.yaml, if it is still the one of the run.
    pub fn types_of(&self, proof: &Proof) -> Result<Option<String>> {
        let path = in_folder(&self.folder, "types.yaml");
        if !self.has("types.yaml") || self.is_link("types.yaml") {
            return Ok(None);
        }
        let same = Some(sha256_hex(&fs::read_small(&path)?)) == proof.types_sha256;
        Ok(same.then_some(path))
    }

    /// diffs.ndjson, compressed or not.
    pub fn diffs(&self) -> Option<String> {
        let found = DIFFS_NAMES.iter().find(|n| self.has(n) || self.is_link(n))?;
        (!self.is_link(found)).then(|| in_folder(&self.folder, found))
    }

    /// The checks `output_sha256` and `counts`.
    pub fn output(&self, proof: &Proof) -> Result<Outputs> {
        let Some(path) = self.diffs() else {
            let link = DIFFS_NAMES.iter().any(|n| self.is_link(n));
            let why = if link { LINK.to_owned() } else { format!("no {DIFFS} beside the proof") };
            let sha256 = match link {
                true => verdict("output_sha256", DIFFS, proof.sha256.as_str(), why.as_str()),
                false => not_made("output_sha256", DIFFS, Some(proof.sha256.clone()), &why),
            };
            return Ok(Outputs { checks: vec![sha256, not_made("counts", DIFFS, None, &why)], errors: None });
        };
        let sha256 = verdict("output_sha256", DIFFS, proof.sha256.as_str(), digest_of(&path)?);
        let (counts, errors) = match recount(&path) {
            Ok(counted) => (counted.check(&proof.counts, DIFFS), Some(counted.errors)),
            Err(e) if e.kind == Kind::Input => (verdict("counts", DIFFS, "readable records", e.to_string()), None),
            Err(e) => return Err(e),
        };
        Ok(Outputs { checks: vec![sha256, counts], errors })
    }

    /// The check `counts` of the dead letters: one line for each record that was unreadable here. Of digest streams
    /// also records count that were unreadable where the digests were made.
    pub fn dead_letters(&self, proof: &Proof) -> Result<Option<Verified>> {
        let stated = proof.counts.get("poison").copied().unwrap_or(0);
        let words = |n: u64| format!("poison {n}");
        if self.has(DEAD_LETTERS) && !self.is_link(DEAD_LETTERS) {
            let lines = fs::count_lines(&self.folder.join(DEAD_LETTERS))?;
            let lines = if proof.mode == "digests" { lines.max(stated) } else { lines };
            return Ok(Some(verdict("counts", DEAD_LETTERS, words(stated), words(lines))));
        }
        let gone = || not_made("counts", DEAD_LETTERS, Some(words(stated)), "no dead letters beside the proof");
        Ok((stated > 0 && proof.mode != "digests").then(gone))
    }

    /// The proofs of its region beside this one, this one left out. None where no folder of proofs is known.
    pub fn others(&self, chain: Option<&str>) -> Result<Option<Vec<Link>>> {
        let root = match chain {
            Some(dir) if !fs::is_dir(Path::new(dir)) => {
                return Err(Error::usage("is no folder; --chain names a folder of run directories").at_file(dir));
            }
            Some(dir) => PathBuf::from(dir),
            // A proof on its own says nothing about the folders around it.
            None => match self.root() {
                Some(root) => root,
                None => return Ok(None),
            },
        };
        let (own, region) = (self.sha256(), chain_of(&self.folder));
        let of_region = |folder: &Path| match (&region, chain_of(folder)) {
            (Some(own), Some(other)) => *own == other,
            _ => true,
        };
        let mut links = Vec::new();
        for folder in std::iter::once(root.clone()).chain(fs::list_dir(&root)?).filter(|folder| of_region(folder)) {
            let link = read_link(&folder)?;
            links.extend(link.filter(|l| Some(&l.sha256) != own.as_ref()));
        }
        Ok(Some(links))
    }
}

/// The proof.json that was meant: itself, that of a run directory, or of the newest run in an evidence folder that came
/// to its end, and then a newer run that did not. A run that has a manifest may have no proof, or have lost it.
fn locate(target: &str) -> Result<(PathBuf, Option<String>)> {
    let path = PathBuf::from(target);
    if !fs::exists(&path) {
        return Err(Error::usage("no such file or folder").at_file(target));
    }
    if !fs::is_dir(&path) {
        return Ok((path, None));
    }
    let has = |folder: &Path, name: &str| fs::exists(&folder.join(name));
    let none = || {
        Error::input(format!("has no {PROOF}"))
            .at_file(target)
            .hint("name a run directory that `govctl diff run --evidence` wrote")
    };
    if is_run(&path) {
        let known = has(&path, PROOF) || has(&path, MANIFEST);
        return if known { Ok((path.join(PROOF), None)) } else { Err(none()) };
    }
    let hidden = |f: &Path| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
    // Folders are sorted, and a UUIDv7 sorts by time.
    let runs: Vec<PathBuf> = fs::list_dir(&path)?.into_iter().filter(|f| !hidden(f) && has(f, MANIFEST)).collect();
    let whole = runs.iter().rposition(|f| is_finished(f) && !interrupted(f));
    let broken = runs.iter().rposition(|f| interrupted(f));
    let newer = broken.filter(|b| whole.is_some_and(|w| *b > w)).map(|b| runs[b].to_string_lossy().into_owned());
    let chosen = whole.or(broken).or(runs.len().checked_sub(1)).ok_or_else(none)?;
    Ok((runs[chosen].join(PROOF), newer))
}

/// The manifest says that the run did not come to its end.
pub fn interrupted(folder: &Path) -> bool {
    let path = in_folder(folder, MANIFEST);
    fs::read_small(&path).and_then(|bytes| parse_manifest(&bytes, &path)).is_ok_and(|m| !m.predicate.complete)
}

/// The chain that a run is in; None where its manifest does not tell.
fn chain_of(folder: &Path) -> Option<String> {
    let path = in_folder(folder, MANIFEST);
    let manifest = fs::exists(Path::new(&path)).then(|| fs::read_small(&path).ok()).flatten()?;
    let stated = parse_manifest(&manifest, &path).ok()?.predicate;
    Some(chain_file(stated.region().as_ref()))
}

/// SHA-256 of the uncompressed bytes; in words where they cannot be had.
pub fn digest_of(path: &str) -> Result<String> {
    match Source::open(path).and_then(Source::sha256) {
        Err(e) if e.kind == Kind::Input => Ok(e.message),
        other => other,
    }
}

fn recount(path: &str) -> Result<Recounted> {
    let mut reader = RecordReader::open(path, KNOWN, false)?;
    let mut counted = Recounted::default();
    loop {
        match reader.next_item()? {
            Next::End => return Ok(counted),
            Next::Bad(e) => return Err(e),
            Next::Item(item) if item.schema == Diff::TYPE => counted.diff(item.parse(DIFFS)?),
            Next::Item(item) if item.schema == Finding::TYPE => counted.finding(&item.parse(DIFFS)?),
            Next::Item(item) => {
                item.parse::<UnauthorizedWrite>(DIFFS)?;
                counted.unauthorized();
            }
        }
    }
}

/// The proof of a folder, unless it has none or its run was interrupted.
fn read_link(folder: &Path) -> Result<Option<Link>> {
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if name.starts_with('.') || !fs::exists(&folder.join(PROOF)) {
        return Ok(None);
    }
    if interrupted(folder) {
        return Ok(None);
    }
    let bytes = fs::read_small(&in_folder(folder, PROOF))?;
    // What is no proof has no place in the chain, and its digest is that of none.
    let Ok(proof) = serde_json::from_slice::<Proof>(&bytes) else { return Ok(None) };
    Ok(Some(Link { sha256: sha256_hex(&bytes), folder: name, proof }))
}
