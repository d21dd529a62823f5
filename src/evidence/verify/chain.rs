//! The check `chain`: the newest manifest of the region leads to this run, and the one before it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::regular;
use crate::evidence::chain::{Chain, Link, chain_file, links, parse_chain};
use crate::evidence::code::Code;
use crate::evidence::{MANIFEST, Manifest};
use crate::io::fs;
use crate::record::evidence::Status;

/// A chain file is smaller.
const MAX_CHAIN: u64 = 1 << 20;

/// The evidence folders that were looked at, each once.
#[derive(Default)]
pub struct Chains(BTreeMap<PathBuf, Root>);

struct Root {
    links: Result<Vec<Link>, Refused>,
    chains: BTreeMap<String, Walked>,
}

type Refused = (Status, Code, String);

/// One chain, followed from its newest manifest.
struct Walked {
    /// Manifests of the region that are there, by digest.
    there: BTreeSet<String>,
    /// What the chain leads to.
    reached: BTreeSet<String>,
    /// The chain leads to the first manifest of all.
    to_the_first: bool,
    /// Why it cannot be followed.
    broken: Option<Refused>,
}

pub struct Checked {
    /// The chain file, as seen from the evidence folder.
    pub file: String,
    pub refused: Option<Refused>,
}

impl Chains {
    pub fn check(&mut self, folder: &Path, manifest: &Manifest, own: &str) -> Checked {
        let file = chain_file(manifest.predicate.region().as_ref());
        let root = folder.parent().unwrap_or(folder);
        let known = self.0.entry(root.to_owned()).or_insert_with(|| Root {
            links: links(root).map_err(|e| (Status::Unverifiable, Code::EvidenceUnreadable, e.to_string())),
            chains: BTreeMap::new(),
        });
        let links = match &known.links {
            Ok(links) => links,
            Err(refused) => return Checked { file, refused: Some(refused.clone()) },
        };
        let walked = known.chains.entry(file.clone()).or_insert_with(|| walk(root, &file, links));
        let refused = walked.refused(own, manifest.predicate.prev_manifest_sha256.as_deref());
        Checked { file, refused }
    }
}

fn walk(root: &Path, file: &str, links: &[Link]) -> Walked {
    let links: BTreeMap<&str, &Link> =
        links.iter().filter(|l| l.chain.as_deref() == Some(file)).map(|l| (l.sha256.as_str(), l)).collect();
    let there = links.keys().map(|sha256| (*sha256).to_owned()).collect();
    let mut walked = Walked { there, reached: BTreeSet::new(), to_the_first: false, broken: None };
    let head = match head(&root.join(file), file) {
        Ok(head) => head,
        Err(refused) => return Walked { broken: Some(refused), ..walked },
    };
    if let Some(why) = contradiction(root, &head, &links) {
        return Walked { broken: Some((Status::Fail, Code::ChainAltered, why)), ..walked };
    }
    let mut at = links.get(head.sha256.as_str());
    while let Some(link) = at.filter(|link| !walked.reached.contains(&link.sha256)) {
        walked.reached.insert(link.sha256.clone());
        walked.to_the_first = link.prev.is_none();
        at = link.prev.as_deref().and_then(|prev| links.get(prev));
    }
    walked
}

fn head(path: &Path, file: &str) -> Result<Chain, Refused> {
    let altered = |why: String| (Status::Fail, Code::ChainAltered, why);
    regular(path).map_err(|(code, why)| match code {
        Code::SubjectMissing => (Status::NotEstablished, Code::ChainAbsent, "no chain file above the run".to_owned()),
        Code::EvidenceUnreadable => (Status::Unverifiable, code, why),
        _ => (Status::Fail, code, why),
    })?;
    match fs::read_file(path, MAX_CHAIN) {
        Ok(Some(bytes)) => parse_chain(&bytes, file).map_err(|e| altered(e.message)),
        Ok(None) => Err(altered("larger than 1 MiB, which no chain file is".to_owned())),
        Err(e) => Err((Status::Unverifiable, Code::EvidenceUnreadable, e.message)),
    }
}

/// The newest manifest may be gone, but it may not be there with other bytes.
fn contradiction(root: &Path, head: &Chain, links: &BTreeMap<&str, &Link>) -> Option<String> {
    match links.get(head.sha256.as_str()) {
        Some(link) if link.prev != head.prev => Some("names another manifest before the newest".to_owned()),
        Some(_) => None,
        None => {
            let plain = Path::new(&head.run_id).file_name().is_some_and(|name| name == head.run_id.as_str());
            let there = plain && fs::exists(&root.join(&head.run_id).join(MANIFEST));
            there.then(|| format!("names another manifest of run {}", head.run_id))
        }
    }
}

impl Walked {
    fn refused(&self, own: &str, prev: Option<&str>) -> Option<Refused> {
        if self.broken.is_some() {
            return self.broken.clone();
        }
        let gap = |why: &str| Some((Status::NotEstablished, Code::ChainGap, why.to_owned()));
        match prev {
            _ if !self.reached.contains(own) && self.to_the_first => {
                let why = "the chain leads from the newest manifest to the first, and not over this run".to_owned();
                Some((Status::Fail, Code::NotInChain, why))
            }
            _ if !self.reached.contains(own) => gap("the chain breaks off before this run: a later one is not there"),
            Some(prev) if !self.there.contains(prev) => gap("the run before this one is not there"),
            _ => None,
        }
    }
}
