//! Whom a verification trusts: a directory that is given, what was trusted before, or for once the site itself.

use super::Verify;
use super::state::{Before, State};
use crate::cmd::index::trust;
use crate::error::{Error, Kind, Result};
use crate::index::checkpoint::Signed;
use crate::index::site;
use crate::index::trust::{File, Trust};
use crate::io::site::Site;
use crate::record::index::Pinned;

pub struct Pin {
    pub trust: Trust,
    pub files: Vec<File>,
    pub how: Pinned,
    pub before: Option<Before>,
}

pub fn pin(args: &Verify, site: &Site, state: &State) -> Result<Pin> {
    if let Some(folder) = &args.trust {
        let at = Site::new(folder, site::PRIVATE);
        let files = trust::files(&at, "").map_err(|e| e.of_kind(Kind::Usage))?;
        let trust = trust::read(&at, "", &files).map_err(|e| e.of_kind(Kind::Usage))?;
        let before = state.load(origin(&trust).unwrap_or_default())?;
        return Ok(Pin { trust, files, how: Pinned::Pinned, before });
    }
    // What was trusted first stays: the site's copy may have been changed since.
    if let Some(before) = claimed(site)?.map(|origin| state.load(&origin)).transpose()?.flatten() {
        let (trust, files, how) = (before.trust.clone(), before.head.files(), before.head.trust);
        return Ok(Pin { trust, files, how, before: Some(before) });
    }
    if !args.tofu {
        return Err(Error::usage("nothing says which log this must be").at_file(&args.site).hint(
            "give --trust DIR, which you did not get from the site; or --tofu to believe the site's own copy this once",
        ));
    }
    let files = trust::files(site, site::TRUST)?;
    let trust = trust::read(site, site::TRUST, &files)?;
    Ok(Pin { before: state.load(origin(&trust).unwrap_or_default())?, trust, files, how: Pinned::Tofu })
}

/// The log of a trust directory. After a rotation it has more keys, of one name.
pub fn origin(trust: &Trust) -> Option<&str> {
    trust.policy.logs().first().map(|log| log.key.name())
}

/// Of which log the site says that it is; nothing is believed of it but what was trusted before under this name.
fn claimed(site: &Site) -> Result<Option<String>> {
    let bytes = match site.read(site::CHECKPOINT, site::limit(site::CHECKPOINT)) {
        Err(e) if e.kind == Kind::Input => None,
        other => other?,
    };
    Ok(bytes.and_then(|bytes| Signed::parse(&bytes).ok()).map(|signed| signed.checkpoint.origin))
}
