//! Whether a site is what its log says, and the log what it was: checkpoint, tree, history, witnesses, entries, views. Every
//! file is read through one closure, so that the site may be a folder or lie elsewhere.

mod entries;
mod files;
mod folder;
mod found;
mod head;
mod history;
mod notes;
mod tree;
mod views;

use crate::clock::rfc3339_ms;
use crate::error::Error;

use crate::record::evidence::Status;
use crate::record::index::{Question, Quorum};

use super::catalog::Catalog;
use super::checkpoint::Signed;
use super::policy::Cosigned;
use super::trust::Trust;
use super::{Code, site};

pub use files::{Files, Read};
pub use found::{Found, Stop, answer};
pub use head::{Head, Seen, file_name};
pub use history::Fork;
pub use notes::Notes;

/// Of a check that may end early, or of all of them.
type Result<T, E = Error> = std::result::Result<T, E>;

/// Which entries are verified one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entries {
    None,
    /// Those that were not verified before, under the same trust.
    New,
    All,
}

/// What is asked.
pub struct Ask<'a> {
    pub trust: &'a Trust,
    /// What was seen of the log before.
    pub seen: Option<&'a Seen>,
    pub entries: Entries,
    pub now_ms: i64,
    pub max_age_ms: Option<i64>,
    pub clock_skew_ms: i64,
    pub threads: usize,
}

/// What was found besides the answers in the notes.
#[derive(Default)]
pub struct Verified {
    /// The signed checkpoint.
    pub signed: Option<Signed>,
    pub fork: Option<Fork>,
    pub quorum: Option<Quorum>,
    /// Seconds since 1970.
    pub proven_before: Option<u64>,
    pub newest_proven: Option<u64>,
    /// What the entries add up to, where all of them were read.
    pub catalog: Option<Catalog>,
    pub n_entries: u64,
    pub n_signatures: u64,
    /// Up to where entries are verified now, with what was verified before.
    pub verified_to: u64,
}

pub fn verify(read: &Read, ask: &Ask, notes: &mut Notes) -> Result<Verified> {
    let files = Files(read);
    let mut verified = Verified::default();
    let signed = match answer(checkpoint(files, ask.trust))? {
        Ok(signed) => signed,
        Err(found) => {
            notes.site(Question::CheckpointSignature, Err(found));
            return Ok(verified);
        }
    };
    notes.site(Question::CheckpointSignature, Ok(String::new()));
    tree::check(files, &signed.checkpoint, ask.threads, notes)?;
    let history = history::check(files, ask.seen, &signed)?;
    notes.site(Question::AppendOnly, history.answer);
    verified.fork = history.fork;
    witness(ask, &signed, &mut verified, notes);
    let from = verified_before(ask, notes);
    verified.verified_to = from.min(signed.checkpoint.size);
    if ask.entries != Entries::None {
        entries_and_views(files, ask, &signed, from, &mut verified, notes)?;
    }
    freshness(ask, &verified, notes);
    verified.signed = Some(signed);
    Ok(verified)
}

fn checkpoint(files: Files, trust: &Trust) -> Result<Signed, Stop> {
    let missing = || Found::unverifiable(Code::CheckpointMissing, "there is no checkpoint");
    let bytes = files.get(site::CHECKPOINT, Code::BadNote)?.ok_or_else(missing)?;
    let signed = Signed::parse(&bytes)?;
    signed.verify(&trust.policy.logs().iter().map(|log| &log.key).collect::<Vec<_>>())?;
    Ok(signed)
}

/// What was verified before counts while the same keys are trusted and the log is shown to be the one that it was.
fn verified_before(ask: &Ask, notes: &Notes) -> u64 {
    let proven = matches!(notes.status(Question::AppendOnly), Some(Status::Pass | Status::NotEstablished));
    let same = |seen: &&Seen| proven && seen.trust_sha256 == ask.trust.digest;
    ask.seen.filter(same).map_or(0, |seen| seen.verified_to)
}

fn witness(ask: &Ask, signed: &Signed, verified: &mut Verified, notes: &mut Notes) {
    let policy = &ask.trust.policy;
    let answer = match policy.cosigned(signed) {
        Err(wrong) => Err(Found::from(wrong)),
        Ok(cosigned) => {
            verified.proven_before = policy.earliest(&cosigned);
            verified.newest_proven = policy.latest(&cosigned);
            quorum(ask, &cosigned, verified)
        }
    };
    notes.site(Question::Witness, answer);
}

fn quorum(ask: &Ask, cosigned: &Cosigned, verified: &mut Verified) -> Result<String, Found> {
    let policy = &ask.trust.policy;
    if policy.quorum().is_none() {
        verified.quorum = Some(Quorum::None);
        return Err(Found::open(Code::NoWitness, "the policy asks for no witness"));
    }
    if !policy.is_met(cosigned) {
        verified.quorum = Some(Quorum::Unmet);
        return Err(Found::fail(Code::QuorumUnmet, policy.unmet(cosigned)));
    }
    verified.quorum = Some(Quorum::Met);
    Ok(format!("cosigned by {} of {}", cosigned.count(), policy.witnesses().len()))
}

fn entries_and_views(
    files: Files,
    ask: &Ask,
    signed: &Signed,
    from: u64,
    verified: &mut Verified,
    notes: &mut Notes,
) -> Result<()> {
    let checkpoint = &signed.checkpoint;
    let walked = entries::check(files, checkpoint, ask, from, notes)?;
    verified.n_entries = notes.checked(Question::Statement);
    verified.n_signatures = walked.signatures;
    verified.verified_to = notes.holds_to(checkpoint.size);
    match walked.stopped {
        Some(found) => notes.site(Question::View, Err(found)),
        None => {
            views::check(files, checkpoint, &walked.catalog, ask.threads, notes)?;
            verified.catalog = Some(walked.catalog);
        }
    }
    Ok(())
}

fn freshness(ask: &Ask, verified: &Verified, notes: &mut Notes) {
    let none = |why: &str| Err(Found::open(Code::NoTime, why));
    let newest = verified.newest_proven.and_then(|s| i64::try_from(s).ok()).map(|s| s.saturating_mul(1000));
    let answer = match newest {
        None => none("no quorum of witnesses says when the checkpoint was seen"),
        Some(newest) if newest > ask.now_ms.saturating_add(ask.clock_skew_ms) => {
            none(&format!("the witnesses say {}, which is in the future here", rfc3339_ms(newest)))
        }
        Some(newest) if ask.max_age_ms.is_some_and(|age| ask.now_ms.saturating_sub(newest) > age) => {
            Err(Found::open(Code::TooOld, format!("seen last by the witnesses at {}", rfc3339_ms(newest))))
        }
        Some(newest) => Ok(format!("seen last by the witnesses at {}", rfc3339_ms(newest))),
    };
    notes.site(Question::Freshness, answer);
}
