//! A new index: its keys, its trust directory, and the checkpoint of an empty log.

use std::path::Path;

use clap::{Args, ValueHint};

use super::Publish;
use crate::cmd::index::keys::Keys;
use crate::cmd::{Ctx, key};
use crate::error::{Error, Result};
use crate::index::Origin;
use crate::index::checkpoint::Checkpoint;
use crate::index::digest::Digest;
use crate::index::ledger::Ledger;
use crate::index::site;
use crate::index::trust::{self, Founding};
use crate::io::fs;
use crate::io::site::Site;
use crate::merkle::proof::empty_root;

const ENTRY: &str = "entry.pem";
const LOG: &str = "log.pem";

#[derive(Debug, Args)]
pub struct Init {
    /// Begin a new index: keys, trust directory, and the signed checkpoint of an empty log
    #[arg(long, requires = "origin")]
    pub init: bool,
    /// Name of the log for ever, such as exports.acme.example: a host name without port and path
    #[arg(long, value_name = "NAME", requires = "init")]
    pub origin: Option<String>,
    /// Make the keys, entry.pem and log.pem, in this folder
    #[arg(long, value_name = "DIR", requires = "init", value_hint = ValueHint::DirPath)]
    pub keys: Option<String>,
    /// The regions that the index may have, such as EU,US
    #[arg(long, value_name = "NAMES", requires = "init", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Where verifiers find what to pin; the site gets a copy
    #[arg(long, value_name = "DIR", default_value = "trust", value_hint = ValueHint::DirPath)]
    pub trust: String,
}

/// What was begun.
pub struct Begun {
    pub origin: Origin,
    pub keys: Keys,
    pub ledger: String,
    pub trust_sha256: Digest,
}

pub fn run(ctx: &Ctx, args: &Publish, site: &Site) -> Result<Begun> {
    let init = &args.init;
    let name = init.origin.as_deref().unwrap_or_default();
    let origin = Origin::new(name).map_err(|wrong| Error::usage(format!("--origin: {wrong}")))?;
    trust::regions_text(&init.regions).map_err(|wrong| Error::usage(format!("--regions: {wrong}")))?;
    if init.regions.is_empty() {
        return Err(Error::usage("--regions: an index needs one").hint("such as --regions EU,US"));
    }
    check_places(site, Path::new(&init.trust))?;
    let keys = keys(args)?;
    let ledger = super::place_of_ledger(args, Some(&log_path(args)))?;
    let since = super::whole_seconds(ctx.clock.now_ms());
    let entry = Ledger::new(origin.as_str(), 0, Digest(empty_root()), None, &since);
    check_ledger(&ledger, &entry)?;
    let files = trust::found(&Founding {
        origin: &origin,
        log: &keys.log.public(),
        entry: keys.entry.public(),
        regions: &init.regions,
        since: &since,
    })?;
    site.prepare()?;
    files.iter().try_for_each(|(name, bytes)| site.write(&format!("{}/{name}", site::TRUST), bytes))?;
    site.write(site::NO_JEKYLL, b"")?;
    site.sync()?;
    // What is to be pinned comes before the log is there: without it nobody could tell this log from another one.
    fs::create_dir_all(Path::new(&init.trust))?;
    files.iter().try_for_each(|(name, bytes)| fs::write_atomic(&Path::new(&init.trust).join(name), bytes))?;
    fs::write_atomic(Path::new(&ledger), &entry.to_bytes()?)?;
    let signed = Checkpoint::new(origin.as_str(), 0, empty_root()).sign(&[&keys.log])?;
    site.write(site::PENDING, signed.note.to_text().as_bytes())?;
    site.sync()?;
    site.put_in_place(site::PENDING, site::CHECKPOINT)?;
    Ok(Begun { origin, keys, ledger, trust_sha256: trust::digest(&files) })
}

/// Nothing is begun over what is there.
fn check_places(site: &Site, trust: &Path) -> Result<()> {
    for (path, what) in [(site.path(site::CHECKPOINT), "an index"), (trust.join(trust::POLICY), "a trust directory")] {
        if fs::exists(&path) {
            let error = Error::usage(format!("{what} is here already; a new one is never begun over it"));
            return Err(error.at_file(&path.to_string_lossy()).hint("leave --init out, or name another folder"));
        }
    }
    Ok(())
}

/// A key that has signed a log cannot begin another one. That of an attempt that did not come to its end can.
fn check_ledger(path: &str, new: &Ledger) -> Result<()> {
    let Some(bytes) = fs::read_if_there(path, 1 << 20)? else { return Ok(()) };
    let there = Ledger::parse(&bytes).map_err(|wrong| wrong.error(path))?;
    if (&there.origin, there.size) == (&new.origin, 0) {
        return Ok(());
    }
    Err(Error::usage(format!("the log key has signed {} entries of `{}`", there.size, there.origin))
        .at_file(path)
        .hint("make a new key for a new log"))
}

fn log_path(args: &Publish) -> String {
    match (&args.log_key, &args.init.keys) {
        (Some(given), _) => given.clone(),
        (None, Some(folder)) => Path::new(folder).join(LOG).to_string_lossy().into_owned(),
        (None, None) => LOG.to_owned(),
    }
}

/// The keys that were given, or new ones.
fn keys(args: &Publish) -> Result<Keys> {
    let Some(folder) = &args.init.keys else { return Keys::read(args.entry_key.as_deref(), args.log_key.as_deref()) };
    if args.entry_key.is_some() || args.log_key.is_some() {
        return Err(
            Error::usage("--keys makes the keys, --entry-key and --log-key name them").hint("give one or the other")
        );
    }
    let folder = Path::new(folder);
    let paths = [folder.join(ENTRY), folder.join(LOG)];
    // Before one is made, so that none is left without the other.
    if let Some(there) = paths.iter().find(|path| fs::exists(path)) {
        let error = Error::usage("exists already; a key is never overwritten").at_file(&there.to_string_lossy());
        return Err(error.hint("name another folder, or give the keys with --entry-key and --log-key"));
    }
    let (entry, entry_pem) = key::make_p256()?;
    let (log, log_pem) = key::make_ed25519()?;
    let [entry_path, log_path] = paths;
    fs::create_private_dir(folder)?;
    fs::create_secret(&entry_path, entry_pem.as_bytes())?;
    fs::create_secret(&log_path, log_pem.as_bytes())?;
    Ok(Keys { entry, log })
}
