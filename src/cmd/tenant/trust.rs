//! Whom a bundle must come from: the flags of every verb that reads one.

use clap::{Args, ValueHint};

use super::file;
use crate::bundle::{self, Opened, Trust, archive};
use crate::cmd::key;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;
use crate::ui::Ui;

#[derive(Debug, Clone, Args)]
pub struct TrustFlags {
    /// The public key, PEM, that the bundle must be signed with; or env:NAME
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    verification_key: Option<String>,
    /// Name of the key; default: the one that the bundle says
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,
    /// The scope that the bundle must be signed for; default: none
    #[arg(long, value_name = "SCOPE", default_value = "", hide_default_value = true)]
    scope: String,
    /// Refuse bundles with a lower serial, and those without one
    #[arg(long, value_name = "N")]
    min_serial: Option<u64>,
}

impl TrustFlags {
    pub fn load(&self) -> Result<Trust> {
        let Some(given) = &self.verification_key else {
            return Err(Error::usage("a bundle is not used without the key of who signed it")
                .hint("give --verification-key with the public key; a key that comes with the bundle proves nothing"));
        };
        if self.key_id.as_deref() == Some("") {
            return Err(Error::usage("--key-id: an empty name names no key"));
        }
        let key = key::public(given)?;
        Ok(Trust { key, key_id: self.key_id.clone(), scope: self.scope.clone(), min_serial: self.min_serial })
    }

    /// The flags say something about a bundle only: without one they would be silently of no effect.
    pub fn refuse_without_bundle(&self) -> Result<()> {
        let given = self.verification_key.is_some() || self.key_id.is_some() || !self.scope.is_empty();
        if given || self.min_serial.is_some() {
            return Err(Error::usage("--verification-key, --key-id, --scope and --min-serial are about a bundle")
                .hint("name it with --bundle, or leave them out"));
        }
        Ok(())
    }

    /// For a verb that needs an authentic bundle: everything that is wrong is shown, and the last error is the result.
    pub fn open(&self, ui: &Ui, path: &str) -> Result<(Opened, Input)> {
        let read = read(path)?;
        // No key makes a bundle of what is none.
        read.as_ref().map_or(Ok(()), |bytes| archive::is_gzip(bytes)).map_err(|found| found.error(path))?;
        let trust = self.load()?;
        let (opened, input) = match read {
            Some(bytes) => (bundle::open(&bytes, &trust), file::input(path, &bytes)),
            None => (Err(vec![archive::too_large()]), Input::named(fs::record_name(path))),
        };
        let mut found = match opened {
            Ok(opened) => return Ok((opened, input)),
            Err(found) => found,
        };
        let last = found.pop();
        found.iter().for_each(|found| ui.error(&found.error(path)));
        Err(last.map_or_else(|| Error::bug("a bundle was refused without a reason"), |found| found.error(path)))
    }
}

/// The bytes of a bundle, None where they are too many.
pub fn read(path: &str) -> Result<Option<Vec<u8>>> {
    fs::read_at_most(path, archive::MAX_BYTES as u64)
}
