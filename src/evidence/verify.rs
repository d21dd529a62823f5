//! Whether evidence is what its producer made: signature over the exact bytes first, then the manifest, each file that
//! it lists, what it does not list, and the chain. What cannot be read is an answer too, so that one run never hides another.

mod chain;
mod files;
mod find;
mod signature;

use std::path::{Path, PathBuf};

use super::chain::MAX_MANIFEST;
use super::code::Code;
use super::{MANIFEST, Manifest, parse_manifest};
use crate::error::Error;
use crate::io::fs::{self, Node};
use crate::key::p256::Public;
use crate::record::evidence::{Check, Outcome, Question, Status, Verdict};
use crate::text::sha256_hex;

pub use chain::Chains;
pub use find::{Found, find};

/// Whom the evidence must come from.
pub struct Trust {
    /// Public keys of producers. Which of them signed a run is for the signature to show.
    pub keys: Vec<Public>,
    pub allow_unsigned: bool,
    /// Files whose absence fails nothing.
    pub may_be_withheld: &'static [&'static str],
}

/// A run directory to be verified.
#[derive(Debug, Clone)]
pub struct Run {
    /// As records may show it.
    pub shown: String,
    pub folder: PathBuf,
    /// A link among the runs of an evidence folder.
    pub is_link: bool,
}

pub struct Verified {
    pub checks: Vec<Check>,
    pub verdict: Verdict,
}

/// What was found out about one run so far.
struct Inspection<'a> {
    run: &'a Run,
    trust: &'a Trust,
    checks: Vec<Check>,
    manifest: Option<Manifest>,
    manifest_sha256: Option<String>,
    key_id: Option<String>,
}

pub fn verify(run: &Run, trust: &Trust, chains: &mut Chains) -> Verified {
    let mut inspection =
        Inspection { run, trust, checks: Vec::new(), manifest: None, manifest_sha256: None, key_id: None };
    inspection.all(chains);
    inspection.verified()
}

/// A file that is to be read and nothing else, or why it is none.
fn regular(path: &Path) -> Result<(), (Code, String)> {
    match fs::node(path) {
        Ok(Some(Node::File)) => Ok(()),
        Ok(Some(Node::Link)) => Err((Code::EvidenceLink, "a symbolic link, which is not followed".to_owned())),
        Ok(Some(Node::Folder)) => Err((Code::SpecialFile, "a folder".to_owned())),
        Ok(Some(Node::Special)) => Err((Code::SpecialFile, "a pipe, socket or device".to_owned())),
        Ok(None) => Err((Code::SubjectMissing, "no such file".to_owned())),
        Err(e) => Err(unreadable(&e)),
    }
}

fn unreadable(e: &Error) -> (Code, String) {
    (Code::EvidenceUnreadable, e.message.clone())
}

impl Inspection<'_> {
    fn all(&mut self, chains: &mut Chains) {
        let bytes = match self.read_manifest() {
            Ok(bytes) => bytes,
            Err((status, code, why)) => {
                let file = if self.run.is_link { "" } else { MANIFEST };
                return self.refuse(Question::Manifest, status, code, file, why);
            }
        };
        self.manifest_sha256 = Some(sha256_hex(&bytes));
        // What somebody else may have written is not even parsed.
        if self.signature(&bytes) == Status::Fail {
            return;
        }
        let manifest = match parse_manifest(&bytes, MANIFEST) {
            Ok(manifest) => manifest,
            Err(e) => {
                return self.refuse(
                    Question::Manifest,
                    Status::Unverifiable,
                    Code::ManifestUnreadable,
                    MANIFEST,
                    e.message,
                );
            }
        };
        self.pass(Question::Manifest, Some(MANIFEST));
        self.complete(&manifest);
        self.subjects(&manifest);
        self.unlisted(&manifest);
        let chain = chains.check(&self.run.folder, &manifest, self.manifest_sha256.as_deref().unwrap_or_default());
        match chain.refused {
            None => self.pass(Question::Chain, Some(&chain.file)),
            Some((status, code, why)) => self.refuse(Question::Chain, status, code, &chain.file, why),
        }
        self.manifest = Some(manifest);
    }

    /// The exact bytes of the manifest, or why there are none.
    fn read_manifest(&self) -> Result<Vec<u8>, (Status, Code, String)> {
        if self.run.is_link {
            let why = "a symbolic link among the runs, which is not followed".to_owned();
            return Err((Status::Fail, Code::EvidenceLink, why));
        }
        let unverifiable = |code, why: String| (Status::Unverifiable, code, why);
        let path = self.run.folder.join(MANIFEST);
        regular(&path).map_err(|(code, why)| match code {
            Code::SubjectMissing => {
                unverifiable(Code::ManifestMissing, "without a manifest there is no evidence".into())
            }
            Code::EvidenceUnreadable => unverifiable(code, why),
            _ => (Status::Fail, code, why),
        })?;
        match fs::read_file(&path, MAX_MANIFEST) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => {
                let why = "larger than 16 MiB, which no manifest is".to_owned();
                Err(unverifiable(Code::ManifestUnreadable, why))
            }
            Err(e) => Err(unverifiable(Code::EvidenceUnreadable, e.message)),
        }
    }

    fn complete(&mut self, manifest: &Manifest) {
        match manifest.predicate.complete {
            true => self.pass(Question::Complete, None),
            false => {
                let why = "the run did not come to its end, or its input was cut".to_owned();
                self.refuse(Question::Complete, Status::Unverifiable, Code::RunIncomplete, "", why);
            }
        }
    }

    fn check(&self, check: Question, status: Status, file: Option<&str>) -> Check {
        Check {
            run_id: None,
            check,
            status,
            code: None,
            file: file.filter(|file| !file.is_empty()).map(str::to_owned),
            expected_sha256: None,
            actual_sha256: None,
            path: self.run.shown.clone(),
            detail: None,
        }
    }

    fn pass(&mut self, question: Question, file: Option<&str>) {
        let check = self.check(question, Status::Pass, file);
        self.checks.push(check);
    }

    fn refuse(&mut self, question: Question, status: Status, code: Code, file: &str, why: String) {
        let check = self.check(question, status, Some(file));
        self.checks.push(Check { code: Some(code.as_str().to_owned()), detail: Some(why), ..check });
    }

    fn verified(self) -> Verified {
        let stated = self.manifest.map(|m| m.predicate);
        let run_id = stated.as_ref().map(|p| p.run_id.clone());
        let checks: Vec<Check> =
            self.checks.into_iter().map(|check| Check { run_id: run_id.clone(), ..check }).collect();
        let of = |status: Status| checks.iter().filter(|check| check.status == status).count() as u64;
        let outcome = match (of(Status::Fail), of(Status::Unverifiable)) {
            (0, 0) => Outcome::Valid,
            (0, _) => Outcome::Unverifiable,
            _ => Outcome::Invalid,
        };
        let verdict = Verdict {
            run_id,
            outcome,
            n_checked: checks.len() as u64,
            n_failed: of(Status::Fail),
            path: self.run.shown.clone(),
            region: stated.as_ref().and_then(|p| p.region.clone().flatten()),
            tenant: stated.as_ref().and_then(|p| p.tenant.clone().flatten()),
            key_id: self.key_id,
            manifest_sha256: self.manifest_sha256,
            command: stated.as_ref().map(|p| p.command.clone()),
            started: stated.as_ref().map(|p| p.started.clone()),
            complete: stated.as_ref().map(|p| p.complete),
        };
        Verified { checks, verdict }
    }
}
