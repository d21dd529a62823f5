//! The files of a run: proof, outputs, manifest, and the proofs beside it.

use std::path::{Path, PathBuf};

use super::{in_folder, unsigned};
use crate::cmd::diff::folder::{DIFFS, PROOF, is_finished, is_run};
use crate::diff::verify::{Link, Recounted, not_made, verdict};
use crate::error::{Error, Kind, Result};
use crate::evidence::{MANIFEST, Manifest, parse_manifest, sha256_hex};
use crate::io::fs;
use crate::io::records::{Next, RecordReader};
use crate::io::source::Source;
use crate::record::Record;
use crate::record::diff::{Diff, Proof, UnauthorizedWrite, Verify as Verified};

const KNOWN: &[&str] = &["govctl.diff", "govctl.diff.unauthorized_write"];

/// A proof and what lies beside it.
pub struct RunFiles {
    pub proof_path: String,
    /// The path as records may show it.
    pub shown: String,
    /// The exact bytes of proof.json.
    pub bytes: Vec<u8>,
    folder: PathBuf,
}

impl RunFiles {
    pub fn find(target: &str) -> Result<RunFiles> {
        let path = locate(target)?;
        let proof_path = path.to_string_lossy().into_owned();
        let bytes = fs::read_small(&proof_path).map_err(|e| Error { kind: Kind::Input, ..e })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        };
        Ok(RunFiles { shown: fs::record_name(&proof_path), proof_path, bytes, folder })
    }

    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }

    fn has(&self, name: &str) -> bool {
        fs::exists(&self.folder.join(name))
    }

    /// The run's own types.yaml, if it is still the one of the run.
    pub fn types_of(&self, proof: &Proof) -> Result<Option<String>> {
        let path = in_folder(&self.folder, "types.yaml");
        if !self.has("types.yaml") {
            return Ok(None);
        }
        let same = Some(sha256_hex(&fs::read_small(&path)?)) == proof.types_sha256;
        Ok(same.then_some(path))
    }

    /// diffs.ndjson, compressed or not.
    fn diffs(&self) -> Option<String> {
        let names = [DIFFS.to_owned(), format!("{DIFFS}.zst"), format!("{DIFFS}.gz")];
        names.iter().find(|n| self.has(n)).map(|n| in_folder(&self.folder, n))
    }

    /// The checks `output_sha256` and `counts`.
    pub fn output(&self, proof: &Proof) -> Result<Vec<Verified>> {
        let Some(path) = self.diffs() else {
            let why = format!("no {DIFFS} beside the proof");
            let sha256 = not_made("output_sha256", DIFFS, Some(proof.sha256.clone()), &why);
            return Ok(vec![sha256, not_made("counts", DIFFS, None, &why)]);
        };
        let sha256 = verdict("output_sha256", DIFFS, proof.sha256.as_str(), digest_of(&path)?);
        let counts = match recount(&path) {
            Ok(counted) => counted.check(&proof.counts, DIFFS),
            Err(e) if e.kind == Kind::Input => verdict("counts", DIFFS, "readable records", e.to_string()),
            Err(e) => return Err(e),
        };
        Ok(vec![sha256, counts])
    }

    /// The proofs beside this one, this one left out. None where no folder of proofs is known.
    pub fn others(&self, chain: Option<&str>) -> Result<Option<Vec<Link>>> {
        let root = match chain {
            Some(dir) if !fs::is_dir(Path::new(dir)) => {
                return Err(Error::usage("is no folder; --chain names a folder of run directories").at_file(dir));
            }
            Some(dir) => PathBuf::from(dir),
            // A proof on its own says nothing about the folders around it.
            None if self.has(MANIFEST) => self.folder.join(".."),
            None => return Ok(None),
        };
        let own = self.sha256();
        let mut links = Vec::new();
        for folder in std::iter::once(root.clone()).chain(fs::list_dir(&root)?) {
            let link = read_link(&folder)?;
            links.extend(link.filter(|l| l.sha256 != own));
        }
        Ok(Some(links))
    }

    /// The check `manifest`: what the manifest says of the run, and each of its files.
    pub fn manifest(&self, proof: Option<&Proof>) -> Result<Vec<Verified>> {
        if !self.has(MANIFEST) {
            return Ok(vec![not_made("manifest", MANIFEST, None, "no manifest.json beside the proof")]);
        }
        let path = in_folder(&self.folder, MANIFEST);
        let bytes = fs::read_small(&path)?;
        let manifest = match parse_manifest(&bytes, MANIFEST) {
            Ok(manifest) => manifest,
            Err(e) => return Ok(vec![verdict("manifest", MANIFEST, "a run manifest", e.message)]),
        };
        let mut all = vec![statement(&manifest, &bytes, proof)?];
        if !manifest.subject.iter().any(|s| s.name == PROOF) {
            all.push(verdict("manifest", PROOF, "listed", "not listed"));
        }
        for subject in &manifest.subject {
            let actual = self.digest_of_subject(&subject.name)?;
            all.push(verdict("manifest", &subject.name, subject.digest.sha256.as_str(), actual));
        }
        Ok(all)
    }

    fn digest_of_subject(&self, name: &str) -> Result<String> {
        let plain = Path::new(name).file_name().is_some_and(|n| n == name);
        if !plain {
            return Ok("no name of a file in the run's folder".to_owned());
        }
        match name {
            PROOF => Ok(self.sha256()),
            DIFFS => self.diffs().map_or(Ok("no such file".to_owned()), |path| digest_of(&path)),
            _ if self.has(name) => fs::sha256_file(&self.folder.join(name)),
            _ => Ok("no such file".to_owned()),
        }
    }

    /// The check `signature`.
    pub fn signature(&self) -> Verified {
        unsigned(self.has(MANIFEST))
    }
}

/// The proof.json that was meant: itself, that of a run directory, or the newest in an evidence folder.
fn locate(target: &str) -> Result<PathBuf> {
    let path = PathBuf::from(target);
    if !fs::exists(&path) {
        return Err(Error::usage("no such file or folder").at_file(target));
    }
    if !fs::is_dir(&path) {
        return Ok(path);
    }
    let own = path.join(PROOF);
    let is_run = is_run(&path);
    if is_run && fs::exists(&own) {
        return Ok(own);
    }
    let runs = if is_run { Vec::new() } else { fs::list_dir(&path)? };
    // Folders are sorted, and a UUIDv7 sorts by time.
    runs.into_iter().rfind(|folder| is_finished(folder)).map(|f| f.join(PROOF)).ok_or_else(|| {
        Error::input(format!("has no {PROOF}"))
            .at_file(target)
            .hint("name a run directory that `govctl diff run --evidence` wrote")
    })
}

/// SHA-256 of the uncompressed bytes; in words where they cannot be had.
fn digest_of(path: &str) -> Result<String> {
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
            Next::Item(item) => {
                item.parse::<UnauthorizedWrite>(DIFFS)?;
                counted.unauthorized();
            }
        }
    }
}

/// The manifest is about this proof's run, which was complete, and is spelled as govctl spells it.
fn statement(manifest: &Manifest, bytes: &[u8], proof: Option<&Proof>) -> Result<Verified> {
    let p = &manifest.predicate;
    let wrong = if !p.complete {
        Some("the run was interrupted")
    } else if manifest.to_bytes()? != bytes {
        Some("the bytes are not those that govctl writes")
    } else if let Some(proof) = proof {
        let same = (&p.run_id, &p.started, &p.sha256, &p.counts)
            == (&proof.run_id, &proof.started, &proof.sha256, &proof.counts);
        (!same).then_some("run_id, started, sha256 or counts are not those of the proof")
    } else {
        None
    };
    Ok(verdict(
        "manifest",
        MANIFEST,
        "a complete run, as the proof states it",
        wrong.unwrap_or("a complete run, as the proof states it"),
    ))
}

/// The proof of a folder, unless it has none or its run was interrupted.
fn read_link(folder: &Path) -> Result<Option<Link>> {
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if name.starts_with('.') || !fs::exists(&folder.join(PROOF)) {
        return Ok(None);
    }
    if fs::exists(&folder.join(MANIFEST)) {
        let path = in_folder(folder, MANIFEST);
        let manifest = parse_manifest(&fs::read_small(&path)?, &path);
        if manifest.is_ok_and(|m| !m.predicate.complete) {
            return Ok(None);
        }
    }
    let bytes = fs::read_small(&in_folder(folder, PROOF))?;
    // What is no proof has no place in the chain, and its digest is that of none.
    let Ok(proof) = serde_json::from_slice::<Proof>(&bytes) else { return Ok(None) };
    Ok(Some(Link { sha256: sha256_hex(&bytes), folder: name, proof }))
}
