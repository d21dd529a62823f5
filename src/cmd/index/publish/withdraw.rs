//! An export that the publisher takes back: its digests stay in the log, and everybody sees that it does not stand behind it.

use clap::{Args, ValueEnum};

use crate::cmd::index::own::Own;
use crate::error::{Error, Result};
use crate::index::digest::Digest;
use crate::index::statement::{self, Withdraws};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Reason {
    Error,
    Superseded,
    LegalErasure,
    Other,
}

#[derive(Debug, Args)]
pub struct Withdraw {
    /// Take back the export of this manifest: an entry says so, and the first one stays
    #[arg(long, value_name = "SHA256", requires = "reason", conflicts_with = "init")]
    withdraw: Option<String>,
    /// Why it is taken back
    #[arg(long, value_enum, value_name = "REASON", requires = "withdraw")]
    reason: Option<Reason>,
}

/// What an entry says of an earlier one.
pub struct Withdrawal {
    pub manifest: Digest,
    pub region: String,
    pub withdraws: Withdraws,
}

impl Withdraw {
    /// None where nothing is taken back, or was taken back before.
    pub fn of(&self, own: &Own) -> Result<Option<Withdrawal>> {
        let (Some(text), Some(reason)) = (&self.withdraw, self.reason) else { return Ok(None) };
        let wrong = |what: &str| Error::usage(format!("--withdraw: {text} {what}"));
        let manifest = Digest::parse(text)
            .ok_or_else(|| wrong("is no SHA-256").hint("64 digits in lower case, as `sha256sum manifest.json` says"))?;
        let leaf = own
            .catalog
            .published(manifest)
            .ok_or_else(|| wrong("is not in the log").hint("give the digest of a manifest that was published"))?;
        if own.catalog.withdrawn_by(leaf).is_some() {
            return Ok(None);
        }
        let reason = match reason {
            Reason::Error => statement::Reason::Error,
            Reason::Superseded => statement::Reason::Superseded,
            Reason::LegalErasure => statement::Reason::LegalErasure,
            Reason::Other => statement::Reason::Other,
        };
        let region = own.statement(leaf)?.entry.region;
        Ok(Some(Withdrawal { manifest, region, withdraws: Withdraws { leaf_index: leaf, reason } }))
    }
}
