//! Which of the given manifests may be published. One that may not does not stop the others.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Publish;
use crate::cmd::index::own::Own;
use crate::cmd::key;
use crate::error::{Error, Result};
use crate::evidence::code::Code as Flaw;
use crate::evidence::verify::find;
use crate::evidence::{MANIFEST, Manifest, Region, SIGNATURE, parse_manifest};
use crate::index::digest::Digest;
use crate::index::refusal::Code;
use crate::index::secrets;
use crate::io::fs;
use crate::key::p256::Public;
use crate::record::index::Refused;
use crate::record::run::Input;
use crate::sigstore::message::MessageSignature;

/// A manifest that is larger is not read.
const MAX_MANIFEST: u64 = 1 << 20;

/// A manifest that goes into the log.
pub struct Admitted {
    pub path: String,
    pub sha256: Digest,
    /// Its bytes and those of its signature.
    pub bytes: Vec<u8>,
    pub signature: Option<Vec<u8>>,
    pub region: String,
    pub key_id: Option<Digest>,
}

#[derive(Default)]
pub struct Admission {
    /// Every manifest that was read, for the evidence of the run.
    pub inputs: Vec<Input>,
    pub admitted: Vec<Admitted>,
    /// Leaves of what is in the log already.
    pub known: Vec<(String, u64)>,
    pub refused: Vec<Refused>,
    /// Of an evidence folder: runs of other regions, runs that did not come to their end, runs of this noun.
    pub skipped: u64,
    /// A manifest could not be read.
    pub unreadable: bool,
}

/// Why a manifest is refused.
struct No {
    code: &'static str,
    message: String,
    unreadable: bool,
}

fn no(code: &'static str, message: impl Into<String>) -> No {
    No { code, message: message.into(), unreadable: false }
}

/// Who may sign, by region; the empty name stands for all.
pub struct Producers(Vec<(String, Public)>);

impl Producers {
    pub fn read(given: &[String]) -> Result<Producers> {
        let read = |text: &String| {
            let named = text.split_once('=').filter(|(region, _)| Region::parse(region).is_ok());
            let (region, path) = named.unwrap_or(("", text));
            key::public(path).map(|key| (region.to_owned(), key))
        };
        given.iter().map(read).collect::<Result<_>>().map(Producers)
    }

    /// The key that signed the manifest, if it may sign for the region.
    fn judge(&self, region: &str, bytes: &[u8], signature: Option<&[u8]>) -> std::result::Result<Option<Digest>, No> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let Some(signature) = signature else {
            return Err(no(
                Flaw::ManifestUnsigned.as_str(),
                format!("has no {SIGNATURE} beside it, and --producer-key asks for one"),
            ));
        };
        let signed = MessageSignature::parse(signature)
            .map_err(|e| no(Flaw::ManifestSignatureInvalid.as_str(), format!("{SIGNATURE} {e}")))?;
        let holds = |key: &Public| key.verifies_der(bytes, &signed.signature);
        let Some((_, key)) = self.0.iter().find(|(_, key)| holds(key)) else {
            return Err(no(
                Flaw::ManifestSignatureInvalid.as_str(),
                "its signature was made with none of the producers' keys over these bytes",
            ));
        };
        let id = key.id();
        let may = self.0.iter().any(|(of, key)| key.id() == id && (of.is_empty() || of == region));
        if !may {
            return Err(no(
                Code::ForeignRegion.as_str(),
                format!("was signed with a key that may not sign for {region}"),
            ));
        }
        Ok(Some(Digest(id)))
    }
}

/// A manifest as it was named.
struct Candidate {
    shown: String,
    path: PathBuf,
    /// It was found in an evidence folder, whose other runs are left out and not refused.
    found: bool,
}

pub fn admit(args: &Publish, region: Option<&Region>, own: &Own) -> Result<Admission> {
    let producers = Producers::read(&args.producer_key)?;
    let mut admission = Admission::default();
    let mut runs: HashMap<String, Digest> = HashMap::new();
    let mut seen = BTreeSet::new();
    for candidate in candidates(&args.paths)? {
        let bytes = match read(&candidate.path) {
            Ok(bytes) => bytes,
            Err(e) => {
                admission.refuse(
                    &candidate.shown,
                    None,
                    No { code: Flaw::ManifestUnreadable.as_str(), message: e.message, unreadable: true },
                );
                continue;
            }
        };
        let sha256 = Digest(Sha256::digest(&bytes).into());
        admission.inputs.push(Input::of_bytes(candidate.shown.clone(), &bytes));
        if let Some(leaf) = own.catalog.published(sha256) {
            admission.known.push((candidate.shown, leaf));
            continue;
        }
        if !seen.insert(sha256) {
            continue;
        }
        let judged = judge(&candidate, bytes, sha256, region, &producers, &mut runs);
        match judged {
            Ok(Some(admitted)) => admission.take(args, own, admitted),
            Ok(None) => admission.skipped += 1,
            Err(why) => admission.refuse(&candidate.shown, Some(sha256), why),
        }
    }
    Ok(admission)
}

impl Admission {
    fn refuse(&mut self, path: &str, sha256: Option<Digest>, why: No) {
        self.unreadable |= why.unreadable;
        self.refused.push(Refused {
            path: path.to_owned(),
            manifest_sha256: sha256.map(|sha256| sha256.to_string()),
            code: why.code.to_owned(),
            message: why.message,
        });
    }

    /// A region that the trust directory does not declare is a typing error, and so is one without a chain unless it is new.
    fn take(&mut self, args: &Publish, own: &Own, admitted: Admitted) {
        let region = &admitted.region;
        let declared = own.trust.regions.contains(region);
        let begun = own.catalog.chains.head(region).is_some();
        if !declared {
            let message = format!("{region} is none of the regions of this index: {}", own.trust.regions.join(", "));
            self.refuse(&admitted.path, Some(admitted.sha256), no(Code::RegionUndeclared.as_str(), message));
        } else if !begun && !args.new_region {
            let message = format!("{region} has no entry yet; --new-region begins its chain");
            self.refuse(&admitted.path, Some(admitted.sha256), no(Code::RegionNew.as_str(), message));
        } else {
            self.admitted.push(admitted);
        }
    }
}

fn judge(
    candidate: &Candidate,
    bytes: Vec<u8>,
    sha256: Digest,
    region: Option<&Region>,
    producers: &Producers,
    runs: &mut HashMap<String, Digest>,
) -> std::result::Result<Option<Admitted>, No> {
    let unreadable = |message: String| No { code: Flaw::ManifestUnreadable.as_str(), message, unreadable: true };
    let manifest = parse_manifest(&bytes, &candidate.shown).map_err(|e| unreadable(e.to_string()))?;
    let first = match of_region(&manifest, region) {
        Err(why) if why.code == Code::RegionDiffers.as_str() && candidate.found => return Ok(None),
        first => first?,
    };
    let noun = manifest.predicate.command.split(' ').next().unwrap_or_default();
    if !manifest.predicate.complete || matches!(noun, "index" | "evidence") {
        let why = match manifest.predicate.complete {
            false => no(Flaw::RunIncomplete.as_str(), "is of a run that did not come to its end"),
            true => {
                no(Code::NotAnExport.as_str(), format!("is of `{}`, which exports nothing", manifest.predicate.command))
            }
        };
        return if candidate.found { Ok(None) } else { Err(why) };
    }
    let signature = signature(&candidate.path).map_err(|e| unreadable(e.message))?;
    let key_id = producers.judge(&first, &bytes, signature.as_deref())?;
    let document = serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))?;
    if let Some((what, place)) = secrets::find(&document) {
        let message = format!("holds what looks like {what} at {place}, and publication cannot be undone");
        return Err(no(Code::SecretFound.as_str(), message));
    }
    if runs.insert(manifest.predicate.run_id.clone(), sha256).is_some_and(|other| other != sha256) {
        return Err(no(
            Code::RunIdReused.as_str(),
            format!("another manifest has the run_id {}", manifest.predicate.run_id),
        ));
    }
    Ok(Some(Admitted { path: candidate.shown.clone(), sha256, bytes, signature, region: first, key_id }))
}

/// The region's first segment, which has the chain.
fn of_region(manifest: &Manifest, asked: Option<&Region>) -> std::result::Result<String, No> {
    match (manifest.predicate.region(), asked) {
        (Some(own), Some(asked)) if own.first() != asked.first() => {
            Err(no(Code::RegionDiffers.as_str(), format!("is of region {own}, not of {asked}")))
        }
        (Some(own), _) => Ok(own.first().to_owned()),
        (None, Some(asked)) => Ok(asked.first().to_owned()),
        (None, None) => Err(no(Code::RegionMissing.as_str(), "names no region; give --region")),
    }
}

fn candidates(paths: &[String]) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    for given in lines(paths)? {
        let path = Path::new(&given);
        if path.is_file() || !fs::is_dir(path) {
            all.push(Candidate { shown: fs::record_name(&given), path: path.to_owned(), found: false });
            continue;
        }
        let is_run = fs::exists(&path.join(MANIFEST));
        let found = find(std::slice::from_ref(&given))?;
        let mut runs: Vec<Candidate> = found
            .runs
            .into_iter()
            .map(|run| Candidate { shown: run.shown, path: run.folder.join(MANIFEST), found: !is_run })
            .collect();
        runs.sort_by_cached_key(|candidate| started(&candidate.path));
        all.extend(runs);
    }
    Ok(all)
}

/// By when a run began and its id; what cannot be read comes first and is refused later.
fn started(path: &Path) -> (String, String) {
    let manifest = read(path).ok().and_then(|bytes| parse_manifest(&bytes, "").ok());
    manifest.map(|m| (m.predicate.started, m.predicate.run_id)).unwrap_or_default()
}

/// `-` is one path per line of standard input.
fn lines(paths: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for path in paths {
        if path == "-" {
            let text = fs::read_small_text("-")?;
            all.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let name = path.to_string_lossy();
    let too_large = || Error::input(format!("larger than {MAX_MANIFEST} bytes, which no manifest is"));
    fs::read_at_most(&name, MAX_MANIFEST)?.ok_or_else(too_large)
}

fn signature(manifest: &Path) -> Result<Option<Vec<u8>>> {
    fs::read_if_there(&manifest.with_file_name(SIGNATURE).to_string_lossy(), MAX_MANIFEST)
}
