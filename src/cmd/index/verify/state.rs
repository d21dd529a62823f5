//! Where verifiers remember what they saw: a file per log, which never goes back.

use std::path::{Path, PathBuf};

use super::Verify;
use crate::config;
use crate::error::{Error, Result};
use crate::index::trust::Trust;
use crate::index::verify::{Head, Seen, file_name};
use crate::io::fs;

/// A head is smaller.
const MAX_HEAD: u64 = 16 << 20;

pub struct State {
    /// None where nothing is to be remembered.
    heads: Option<PathBuf>,
}

/// What was remembered of a log.
pub struct Before {
    pub head: Head,
    pub trust: Trust,
    pub seen: Seen,
}

impl State {
    pub fn of(args: &Verify) -> Result<State> {
        let heads = args.state.as_ref().map(PathBuf::from).or_else(default_folder);
        if heads.is_none() && !args.no_save_head {
            return Err(Error::usage(
                "there is no place to remember what was seen: neither XDG_STATE_HOME nor HOME is set",
            )
            .hint("give --state DIR, or --no-save-head"));
        }
        Ok(State { heads })
    }

    /// Where proofs of forks go if nobody says.
    pub fn forks(&self) -> Option<PathBuf> {
        self.heads.as_ref().map(|heads| heads.join("forks"))
    }

    pub fn load(&self, origin: &str) -> Result<Option<Before>> {
        let Some(path) = self.path(origin) else { return Ok(None) };
        let name = path.to_string_lossy();
        let Some(bytes) = fs::read_if_there(&name, MAX_HEAD)? else { return Ok(None) };
        let parsed = Head::parse(&bytes).and_then(|(head, trust, seen)| match head.origin == origin {
            true => Ok(Before { head, trust, seen }),
            false => Err(crate::index::Wrong::new(crate::index::Code::WrongOrigin, "is the head of another log")),
        });
        parsed.map(Some).map_err(|wrong| {
            wrong.error(&fs::record_name(&name)).hint(
                "restore it from a copy; only if it is lost for good remove it, and know that a log that was set back cannot be told then",
            )
        })
    }

    /// Remembers a head unless another verification was faster; whether it did.
    pub fn save(&self, head: &Head, before: Option<&Before>) -> Result<bool> {
        let Some(path) = self.path(&head.origin) else { return Ok(false) };
        let folder = path.parent().unwrap_or(Path::new("."));
        if !fs::is_dir(folder) {
            if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
                fs::create_dir_all(above)?;
            }
            fs::create_private_dir(folder)?;
        }
        let _lock = fs::lock(&path.with_extension("lock"))?;
        let there = self.load(&head.origin)?.map(|there| there.head);
        if there.as_ref() != before.map(|before| &before.head) {
            return Ok(false);
        }
        fs::write_private(&path, &head.to_bytes()?).map(|()| true)
    }

    fn path(&self, origin: &str) -> Option<PathBuf> {
        self.heads.as_ref().map(|heads| heads.join(file_name(origin)))
    }
}

fn default_folder() -> Option<PathBuf> {
    let home = || config::variable("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let base = config::variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
    base.map(|base| base.join("govctl/heads"))
}
