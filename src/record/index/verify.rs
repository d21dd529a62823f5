//! Records of `govctl index verify`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Quorum;
use crate::record::evidence::Status;
use crate::record::{Finding, Record, Severity};

/// What is asked of a site, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// A signed note of the pinned log.
    CheckpointSignature,
    /// Entries lead to the hashes in the tiles, and those to the root.
    Tree,
    /// The log only grew since it was seen here last.
    AppendOnly,
    /// Enough witnesses have cosigned.
    Witness,
    /// The statement is the one in the log, signed with the key that is valid there.
    EntrySignature,
    /// The statement is well formed and stands in its place.
    Statement,
    /// Each region's chain has no gap, and entries say the truth about the chains of others.
    RegionChain,
    /// All regions together are the whole log.
    RegionTotal,
    /// The manifest is there with the bytes that were published.
    Manifest,
    /// The files of an entry are what the log says.
    Bundle,
    /// Pages, lookups and index.json are what the log says.
    View,
    /// The newest time that others vouch for.
    Freshness,
    /// A run directory that was published: its files, its manifest, its entry.
    Local,
}

impl Question {
    pub const ALL: [Question; 13] = [
        Question::CheckpointSignature,
        Question::Tree,
        Question::AppendOnly,
        Question::Witness,
        Question::EntrySignature,
        Question::Statement,
        Question::RegionChain,
        Question::RegionTotal,
        Question::Manifest,
        Question::Bundle,
        Question::View,
        Question::Freshness,
        Question::Local,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Question::CheckpointSignature => "checkpoint_signature",
            Question::Tree => "tree",
            Question::AppendOnly => "append_only",
            Question::Witness => "witness",
            Question::EntrySignature => "entry_signature",
            Question::Statement => "statement",
            Question::RegionChain => "region_chain",
            Question::RegionTotal => "region_total",
            Question::Manifest => "manifest",
            Question::Bundle => "bundle",
            Question::View => "view",
            Question::Freshness => "freshness",
            Question::Local => "local",
        }
    }
}

/// `govctl.index.check/1`: one check of the whole site, of an entry, a file or a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// `site`, `leaf:41`, `run:<run_id>`, or a path in the site.
    pub subject: String,
    pub check: Question,
    pub status: Status,
    /// Why it did not pass; `govctl util explain CODE` says more.
    pub code: Option<String>,
    pub detail: Option<String>,
    /// The first entry that did not pass.
    pub leaf_index: Option<u64>,
    pub n_checked: u64,
    pub n_failed: u64,
}

impl Record for Check {
    const TYPE: &'static str = "govctl.index.check/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("STATUS", self.status.shown().to_owned()),
            ("SUBJECT", self.subject.clone()),
            ("CHECK", self.check.as_str().to_owned()),
            ("CODE", self.code.clone().unwrap_or_default()),
            ("CHECKED", self.n_checked.to_string()),
            ("FAILED", self.n_failed.to_string()),
            ("WHY", self.detail.clone().unwrap_or_default()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        let code = self.code.as_deref()?;
        let severity = match self.status {
            Status::Pass => return None,
            Status::Fail | Status::Unverifiable => Severity::Error,
            Status::NotEstablished => Severity::Note,
        };
        Some(Finding::new("index", code, severity, &self.subject, self.detail.as_deref().unwrap_or(code)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Valid,
    /// An older view of the log, or one that nobody vouched for in time.
    Stale,
    /// Nothing failed, but something that has to be known could not be told.
    Unverifiable,
    /// A check failed.
    Invalid,
    /// The log has signed two trees that contradict each other.
    Fork,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Valid => "valid",
            Outcome::Stale => "stale",
            Outcome::Unverifiable => "unverifiable",
            Outcome::Invalid => "invalid",
            Outcome::Fork => "fork",
        }
    }
}

/// Where the trust directory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pinned {
    /// It was given.
    Pinned,
    /// The site's own copy, believed when it was first seen.
    Tofu,
}

/// `govctl.index.verdict/1`: what the site is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    pub outcome: Outcome,
    /// Null where no checkpoint could be verified, as size and root.
    pub origin: Option<String>,
    pub size: Option<u64>,
    /// Base64, as in the checkpoint.
    pub root: Option<String>,
    /// Entries of the log when it was seen last.
    pub head_size_before: Option<u64>,
    pub trust: Pinned,
    /// Null where it was not looked at.
    pub append_only: Option<Status>,
    pub quorum: Option<Quorum>,
    /// RFC 3339: between these the checkpoint was made. Null where nobody vouches for a time.
    pub proven_after: Option<String>,
    pub proven_before: Option<String>,
    /// The latest time at which a quorum saw nothing larger.
    pub newest_proven: Option<String>,
    /// Entries whose statements were read.
    pub n_entries: u64,
    /// Signatures over statements that were verified in this run.
    pub n_signatures: u64,
    /// Checks that failed, each entry and file for itself.
    pub n_failed: u64,
    /// Holds the proof of a fork.
    pub fork_file: Option<String>,
}

impl Record for Verdict {
    const TYPE: &'static str = "govctl.index.verdict/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("OUTCOME", self.outcome.as_str().to_owned()),
            ("ORIGIN", self.origin.clone().unwrap_or_default()),
            ("SIZE", self.size.map(|size| size.to_string()).unwrap_or_default()),
            ("BEFORE", self.head_size_before.map(|size| size.to_string()).unwrap_or_default()),
            ("ENTRIES", self.n_entries.to_string()),
            ("SIGNATURES", self.n_signatures.to_string()),
            ("FAILED", self.n_failed.to_string()),
        ])
    }
}

/// `govctl.index.fork/1`: two checkpoints of one log that contradict each other. The tree of the larger one begins with
/// `prefix_root` at the size of the smaller one, as the proof shows, and the smaller one says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fork {
    pub origin: String,
    pub old_size: u64,
    pub new_size: u64,
    /// Base64.
    pub prefix_root: String,
    /// The consistency proof of RFC 6962 from `prefix_root` to the root of the larger one, base64; empty for equal sizes.
    pub consistency: Vec<String>,
    /// Both signed notes, byte for byte.
    pub old_checkpoint: String,
    pub new_checkpoint: String,
}

impl Record for Fork {
    const TYPE: &'static str = "govctl.index.fork/1";
}
