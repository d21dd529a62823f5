//! `govctl index publish`: manifests become entries of the log.

mod admit;
mod init;
mod stage;
mod views;
mod withdraw;

use clap::{Args, ValueEnum, ValueHint};

use super::keys::Keys;
use super::own::Own;
use crate::clock::{self, rfc3339_ms};
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::index::ledger::Ledger;
use crate::index::site;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::io::site::Site;
use crate::record::index::{Head, Quorum};
use crate::record::run::counts;
use crate::text::counted;

/// Whether the site serves the manifests or their digests alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Manifests {
    /// Anybody can read them
    Public,
    /// Only their digests are published
    Withheld,
}

/// Publish manifests in a log that nobody can rewrite unseen
///
/// SRC is a run directory, a manifest, or an evidence folder (its complete runs by start and run_id); `-` reads one path per
/// line. A manifest that is in the log already changes nothing. Without SRC the pages of the site are made again where they
/// are not those of the log, and a publication that was interrupted comes to its end.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl index publish --init --origin exports.acme.example --regions EU,US --keys keys --dest public/export-index",
    "govctl index publish evidence --region EU --new-region --dest public/export-index --entry-key keys/entry.pem --log-key keys/log.pem",
]))]
pub struct Publish {
    /// Run directories, manifests or evidence folders
    #[arg(value_name = "SRC", value_hint = ValueHint::AnyPath)]
    paths: Vec<String>,
    /// The site, a folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dest: String,
    /// Signs entries: a private P-256 key in PEM; or env:NAME
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    entry_key: Option<String>,
    /// Signs checkpoints: a private Ed25519 key in PEM; or env:NAME
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    log_key: Option<String>,
    #[command(flatten)]
    init: init::Init,
    /// The region is new: without this a typing error would begin a chain
    #[arg(long, conflicts_with = "init")]
    new_region: bool,
    /// Who may sign the manifests of a region, or of all; a public P-256 key. Unsigned manifests are refused then
    #[arg(long, value_name = "[REGION=]PEM")]
    producer_key: Vec<String>,
    /// How far the log key has signed; default: beside --log-key, with `.ledger` behind its name
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ledger: Option<String>,
    /// Whether the manifests themselves are published
    #[arg(long, value_enum, default_value = "public", value_name = "WHAT")]
    manifests: Manifests,
    #[command(flatten)]
    withdraw: withdraw::Withdraw,
    /// Say what would be published, and change nothing
    #[arg(long, conflicts_with = "init")]
    dry_run: bool,
    /// How long to wait for another publisher
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = crate::cmd::duration)]
    lock_timeout: i64,
    /// How far the clock may lie behind the last entry
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = crate::cmd::duration)]
    clock_skew: i64,
}

pub fn run(ctx: &Ctx, args: &Publish) -> Result<Exit> {
    ctx.needs_no_findings("index publish")?;
    let site = Site::new(&args.dest, site::PRIVATE);
    let given =
        if args.init.init { None } else { Some(Keys::read(args.entry_key.as_deref(), args.log_key.as_deref())?) };
    Session::run(ctx, "index publish", "index.ndjson", Vec::new(), Compress::None, |session| {
        let _lock = lock(ctx, args, &site)?;
        let (keys, ledger, begun) = match given {
            Some(keys) => (keys, place_of_ledger(args, args.log_key.as_deref())?, None),
            None => {
                let begun = init::run(ctx, args, &site)?;
                (begun.keys, begun.ledger, Some((begun.origin, begun.trust_sha256)))
            }
        };
        publish(session, args, &site, &keys, &ledger).map(|outcome| match begun {
            None => outcome,
            Some((origin, sha256)) => Outcome {
                summary: format!(
                    "{origin} begins; pin {}, whose digest is {sha256}: sha256sum * | sha256sum",
                    args.init.trust
                ),
                ..outcome
            },
        })
    })
}

/// One publisher at a time.
fn lock(ctx: &Ctx, args: &Publish, site: &Site) -> Result<std::fs::File> {
    if !args.init.init && !site.has(site::CHECKPOINT) {
        let error = Error::usage("is no index: it has no checkpoint").at_file(&args.dest);
        return Err(error.hint("begin one with --init"));
    }
    fs::create_dir_all(&site.path(site::PRIVATE))?;
    let deadline = clock::deadline(args.lock_timeout);
    let path = site.path(site::LOCK);
    let lock = fs::lock_patiently(&path, || {
        ctx.interrupt.check()?;
        if deadline.passed() {
            let holder = site.read(site::HOLDER, 64).ok().flatten().unwrap_or_default();
            let holder = String::from_utf8_lossy(&holder).trim().to_owned();
            let message = format!("another publisher holds the index: process {holder}");
            return Err(Error::environment(message)
                .at_file(&args.dest)
                .hint("try again, or wait longer: --lock-timeout"));
        }
        Ok(())
    })?;
    fs::write_atomic(&site.path(site::HOLDER), format!("{}\n", std::process::id()).as_bytes())?;
    Ok(lock)
}

/// Beside the log key, unless it has another place.
fn place_of_ledger(args: &Publish, log_key: Option<&str>) -> Result<String> {
    match (&args.ledger, log_key) {
        (Some(path), _) => Ok(path.clone()),
        (None, Some(path)) if !path.starts_with("env:") => Ok(format!("{path}.ledger")),
        _ => Err(Error::usage("a log key from the environment has no place for its ledger")
            .hint("give --ledger FILE, on storage that outlives this machine and that no other publisher uses")),
    }
}

fn whole_seconds(ms: i64) -> String {
    let text = rfc3339_ms(ms.div_euclid(1000) * 1000);
    text.replace(".000Z", "Z")
}

fn publish(session: &mut Session, args: &Publish, site: &Site, keys: &Keys, ledger_path: &str) -> Result<Outcome> {
    let ctx = session.ctx;
    if !args.dry_run {
        site.prepare()?;
    }
    let (mut own, ahead) = Own::open(site, keys, ledger_path, !args.dry_run)?;
    own.check_entry_key(keys)?;
    let admission = admit::admit(args, ctx.seal.region.as_ref(), &own)?;
    session.inputs.clone_from(&admission.inputs);
    session.begin()?;
    let withdrawal = args.withdraw.of(&own)?;
    let ts = match &ahead {
        Some(ledger) => ledger.now.clone(),
        // Without a new entry no time is claimed.
        None if admission.admitted.is_empty() && withdrawal.is_none() => String::new(),
        None => timestamp(ctx, args, own.catalog.chains.ts())?,
    };
    let first = own.size;
    let public = args.manifests == Manifests::Public;
    let said = stage::said(&own, &admission.admitted, withdrawal, &ts, public);
    let made = stage::make(&mut own, keys, said)?;
    let published = made.len() as u64;
    if args.dry_run {
        return dry_run(session, &own, &admission, &made);
    }
    if !made.is_empty() {
        stage::write(&mut own, &made, &admission.admitted, public)?;
    }
    if let Some(ledger) = ahead.filter(|ledger| (ledger.size, ledger.root.0) != (own.tail.size(), own.tail.root())) {
        return Err(ahead_of(&ledger, &own).at_file(ledger_path));
    }
    if !made.is_empty() {
        own.commit(keys, ledger_path, &ts)?;
    }
    let shown = views::write(&own, &keys.log.public(), first, &admission.known)?;
    admission.refused.iter().try_for_each(|refused| session.write(refused))?;
    shown.entries(&admission.known, first).iter().try_for_each(|entry| session.write(entry))?;
    let head = head(&own, published, &admission, shown.index_sha256);
    session.write(&head)?;
    Ok(outcome(&head, &admission))
}

/// What would be published, without a head: nothing was signed.
fn dry_run(session: &mut Session, own: &Own, admission: &admit::Admission, made: &[stage::Made]) -> Result<Outcome> {
    admission.refused.iter().try_for_each(|refused| session.write(refused))?;
    views::would_be(made)?.iter().try_for_each(|entry| session.write(entry))?;
    let head = head(own, made.len() as u64, admission, String::new());
    let outcome = outcome(&head, admission);
    Ok(Outcome { summary: format!("dry run, nothing was written: {}", outcome.summary), ..outcome })
}

fn head(own: &Own, published: u64, admission: &admit::Admission, index_sha256: String) -> Head {
    Head {
        origin: own.origin.to_string(),
        size: own.size,
        root: data_encoding::BASE64.encode(&own.tail.root()),
        n_published: published,
        n_unchanged: admission.known.len() as u64,
        n_refused: admission.refused.len() as u64,
        n_pending: 0,
        quorum: Quorum::None,
        cosigners: Vec::new(),
        index_sha256,
    }
}

/// The time that the entries claim: the logical now, and never one before that of the last entry.
fn timestamp(ctx: &Ctx, args: &Publish, last: &str) -> Result<String> {
    let now = ctx.clock.now_ms();
    if now > clock::system_ms().saturating_add(args.clock_skew) {
        return Err(Error::usage(format!("--now: {} has not come yet", whole_seconds(now)))
            .hint("entries claim no time in the future; later ones could not be published before it"));
    }
    let latest = if last.is_empty() { now } else { clock::parse_rfc3339_ms(last, "the last entry")? };
    if now.saturating_add(args.clock_skew) < latest {
        return Err(Error::usage(format!("now is {}, before the last entry of {last}", whole_seconds(now)))
            .hint("set the clock, or give --now; entries never go back in time"));
    }
    Ok(whole_seconds(now.max(latest)))
}

fn ahead_of(ledger: &Ledger, own: &Own) -> Error {
    let message = format!(
        "the log key has signed, or was about to sign, {} entries; the site with these manifests has {}",
        ledger.size,
        own.tail.size()
    );
    Error::input(message).hint(format!(
        "give the manifests of that publication, at {}: only the same tree is signed; nothing was signed now",
        ledger.now
    ))
}

fn outcome(head: &Head, admission: &admit::Admission) -> Outcome {
    let counts = counts([
        ("published", head.n_published),
        ("unchanged", head.n_unchanged),
        ("refused", head.n_refused),
        ("skipped", admission.skipped),
        ("size", head.size),
    ]);
    let exit = match (admission.unreadable, head.n_refused) {
        (true, _) => Exit::Input,
        (false, n) => Exit::found(n > 0),
    };
    let mut summary =
        format!("{} published, {} unchanged, {} refused", head.n_published, head.n_unchanged, head.n_refused);
    if admission.skipped > 0 {
        summary.push_str(&format!(", {} left out", counted(admission.skipped, "run")));
    }
    summary.push_str(&format!("; the log of {} has size {}", head.origin, head.size));
    Outcome { exit, counts, summary }
}
