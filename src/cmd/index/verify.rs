//! `govctl index verify`: whether a site is what its log says, and the log what it was.

mod local;
mod pin;
mod state;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use data_encoding::BASE64;

use self::pin::{Pin, pin};
use self::state::State;
use crate::clock::rfc3339_ms;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::index::site;
use crate::index::verify::{self as domain, Ask, Entries, Head, Notes, Verified};
use crate::io::fs;
use crate::io::sink::Compress;
use crate::io::site::Site;
use crate::record::evidence::Status;
use crate::record::index::{Check, Fork, Outcome as Judged, Question, Verdict};
use crate::record::run::{Input, counts};
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The tree alone, its history and its witnesses
    None,
    /// Those that were not verified before
    New,
    /// All of them
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// An older view of the log, too
    Stale,
    /// Only what is wrong or contradicts itself
    Invalid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Required {
    #[value(name = "append_only")]
    AppendOnly,
    Witness,
    Manifest,
    Freshness,
}

/// Verify a published index: its checkpoint, every hash, signature and chain, and that it only grew
///
/// Nothing of the site is believed, and no network is used. Whom to trust is said by --trust, or was pinned by an earlier run.
/// The largest tree that was seen is remembered, so that the next run can tell a log that was set back or forked. Exits 1 if
/// the site is invalid, forked or stale; 3 if it cannot be told.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl index verify --site public/export-index --trust trust --state state",
    "govctl index verify --site public/export-index --trust trust --state state --entries all --all-checks",
]))]
pub struct Verify {
    /// The site, a folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    site: String,
    /// The trust directory, from elsewhere than the site; it stays pinned
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    trust: Option<String>,
    /// Trust on first use: pin the site's own copy where none was pinned before
    #[arg(long, conflicts_with = "trust")]
    tofu: bool,
    /// Where to remember what was seen; default: $XDG_STATE_HOME/govctl/heads, or ~/.local/state/govctl/heads
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    state: Option<String>,
    /// Compare with what was seen before, and remember nothing
    #[arg(long)]
    no_save_head: bool,
    /// Which entries are verified one by one
    #[arg(long, value_enum, default_value = "new", value_name = "WHICH")]
    entries: Which,
    /// What has to be established for the site to be valid; `manifest` looks at all entries
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',')]
    require: Vec<Required>,
    /// Print each check of each entry and file, those that passed too
    #[arg(long)]
    all_checks: bool,
    /// Run directories that must be in the index as they are
    #[arg(long, value_name = "DIR", num_args = 1.., value_hint = ValueHint::DirPath)]
    local: Vec<String>,
    /// Where the proof of a fork is written; default: `forks` in the folder of --state
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    fork_dir: Option<String>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value = "stale", value_name = "WHAT")]
    fail_on: FailOn,
    /// How old the newest time may be that witnesses vouch for
    #[arg(long, value_name = "DURATION", value_parser = crate::cmd::duration)]
    max_age: Option<i64>,
    /// How far the clocks of witnesses may be ahead
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = crate::cmd::duration)]
    clock_skew: i64,
}

pub fn run(ctx: &Ctx, args: &Verify) -> Result<Exit> {
    if !fs::is_dir(std::path::Path::new(&args.site)) {
        return Err(Error::usage("no such folder").at_file(&args.site));
    }
    if !args.local.is_empty() && args.entries == Which::None {
        return Err(Error::usage("--local needs the entries").hint("leave out --entries none"));
    }
    let site = Site::new(&args.site, site::PRIVATE);
    let state = State::of(args)?;
    let pin = pin(args, &site, &state)?;
    let runs = local::find(&args.local)?;
    let inputs = vec![Input::named(fs::record_name(&args.site))];
    Session::run(ctx, "index verify", "verify.ndjson", inputs, Compress::None, |session| {
        session.begin()?;
        let (verified, mut verdict, remembered) = {
            let mut tell = |check: Check| session.write(&check);
            let mut notes = Notes::new(args.all_checks, &mut tell);
            let verified = domain::verify(&|path| read(ctx, &site, path), &ask(ctx, args, &pin), &mut notes)?;
            local::check(&runs, &verified, &mut notes)?;
            notes.finish()?;
            let remembered = remember(args, &state, &pin, &verified, &notes);
            let verdict = verdict(args, &pin, &verified, &notes);
            (verified, verdict, remembered)
        };
        let kept = fork_file(args, &state, &verified);
        verdict.fork_file = kept.as_ref().ok().cloned().flatten();
        if let Some(signed) = &verified.signed {
            let input = Input::of_bytes(site::CHECKPOINT, signed.note.to_text().as_bytes());
            session.inputs = vec![Input { name: session.inputs[0].name.clone(), ..input }];
        }
        session.write(&verdict)?;
        // The verdict comes first: a disk that is full must not hide a fork.
        remembered.and(kept)?;
        Ok(outcome(args, &verdict, &pin))
    })
}

fn read(ctx: &Ctx, site: &Site, path: &str) -> Result<Option<Vec<u8>>> {
    ctx.interrupt.check()?;
    site.read(path, site::limit(path))
}

fn ask<'a>(ctx: &Ctx, args: &Verify, pin: &'a Pin) -> Ask<'a> {
    let entries = match args.entries {
        _ if args.require.contains(&Required::Manifest) => Entries::All,
        Which::None => Entries::None,
        Which::New => Entries::New,
        Which::All => Entries::All,
    };
    Ask {
        trust: &pin.trust,
        seen: pin.before.as_ref().map(|before| &before.seen),
        entries,
        now_ms: ctx.clock.now_ms(),
        max_age_ms: args.max_age,
        clock_skew_ms: args.clock_skew,
        threads: crate::cmd::threads(None),
    }
}

fn required(args: &Verify) -> Vec<Question> {
    let question = |required: &Required| match required {
        Required::AppendOnly => Question::AppendOnly,
        Required::Witness => Question::Witness,
        Required::Manifest => Question::Manifest,
        Required::Freshness => Question::Freshness,
    };
    args.require.iter().map(question).collect()
}

/// A head counts once the log signed it, it follows from the one before, and the witnesses agree; whatever entries say.
fn remember(args: &Verify, state: &State, pin: &Pin, verified: &Verified, notes: &Notes) -> Result<()> {
    let Some(signed) = verified.signed.as_ref().filter(|_| !args.no_save_head) else { return Ok(()) };
    let follows = match notes.status(Question::AppendOnly) {
        Some(Status::Pass) => true,
        Some(Status::NotEstablished) => pin.before.is_none(),
        _ => false,
    };
    let witnessed = matches!(notes.status(Question::Witness), Some(Status::Pass | Status::NotEstablished));
    if !follows || !witnessed {
        return Ok(());
    }
    let before = pin.before.as_ref();
    let trust = (pin.how, pin.trust.digest, pin.files.as_slice());
    let head = Head::new(before.map(|before| &before.head), signed, trust, verified.verified_to)?;
    if before.is_some_and(|before| before.head == head) {
        return Ok(());
    }
    state.save(&head, before).map(drop)
}

fn verdict(args: &Verify, pin: &Pin, verified: &Verified, notes: &Notes) -> Verdict {
    let checkpoint = verified.signed.as_ref().map(|signed| &signed.checkpoint);
    let time = |seconds: Option<u64>| {
        seconds.and_then(|s| i64::try_from(s).ok()?.checked_mul(1000)).map(|ms| rfc3339_ms(ms).replace(".000Z", "Z"))
    };
    Verdict {
        outcome: notes.outcome(&required(args)),
        origin: checkpoint.map(|checkpoint| checkpoint.origin.clone()),
        size: checkpoint.map(|checkpoint| checkpoint.size),
        root: checkpoint.map(|checkpoint| BASE64.encode(&checkpoint.root)),
        head_size_before: pin.before.as_ref().map(|before| before.seen.head.checkpoint.size),
        trust: pin.how,
        append_only: notes.status(Question::AppendOnly),
        quorum: verified.quorum,
        proven_after: None,
        proven_before: time(verified.proven_before),
        newest_proven: time(verified.newest_proven),
        n_entries: verified.n_entries,
        n_signatures: verified.n_signatures,
        n_failed: notes.failed(),
        fork_file: None,
    }
}

/// Both checkpoints with the proof that they contradict each other, for anybody to check.
fn fork_file(args: &Verify, state: &State, verified: &Verified) -> Result<Option<String>> {
    let Some(fork) = &verified.fork else { return Ok(None) };
    let Some(folder) = args.fork_dir.as_ref().map(PathBuf::from).or_else(|| state.forks()) else { return Ok(None) };
    let (old, new) = (&fork.old.checkpoint, &fork.new.checkpoint);
    let record = Fork {
        origin: old.origin.clone(),
        old_size: old.size,
        new_size: new.size,
        prefix_root: BASE64.encode(&fork.prefix_root),
        consistency: fork.consistency.iter().map(|hash| BASE64.encode(hash)).collect(),
        old_checkpoint: fork.old.note.to_text(),
        new_checkpoint: fork.new.note.to_text(),
    };
    let mut line = Vec::new();
    crate::record::encode(&record, &mut line).map_err(|e| Error::bug(e.to_string()))?;
    let id = crate::text::sha256_hex(&line);
    let path = folder.join(format!("fork-{}-{}-{}.ndjson", old.size, new.size, &id[..16]));
    fs::create_dir_all(&folder)?;
    fs::write_atomic(&path, &line)?;
    Ok(Some(fs::record_name(&path.to_string_lossy())))
}

fn outcome(args: &Verify, verdict: &Verdict, pin: &Pin) -> Outcome {
    let exit = match verdict.outcome {
        Judged::Valid => Exit::Clean,
        Judged::Stale => Exit::found(args.fail_on == FailOn::Stale),
        Judged::Unverifiable => Exit::Input,
        Judged::Invalid | Judged::Fork => Exit::Found,
    };
    let mut summary = match (&verdict.origin, verdict.size) {
        (Some(origin), Some(1)) => format!("{}: {origin} has 1 entry", verdict.outcome.as_str()),
        (Some(origin), Some(size)) => format!("{}: {origin} has {size} entries", verdict.outcome.as_str()),
        _ => format!("{}: no checkpoint could be verified", verdict.outcome.as_str()),
    };
    summary.push_str(&format!(
        "; {} verified, {} failed",
        counted(verdict.n_signatures, "signature"),
        counted(verdict.n_failed, "check")
    ));
    if pin.before.as_ref().is_some_and(|before| before.seen.trust_sha256 != pin.trust.digest) {
        summary.push_str("; the trust directory has changed, so nothing that was verified before counted");
    }
    if let Some(file) = &verdict.fork_file {
        summary.push_str(&format!("; the proof of the fork is in {file}"));
    }
    let counts = counts([
        ("size", verdict.size.unwrap_or_default()),
        ("entries", verdict.n_entries),
        ("signatures", verdict.n_signatures),
        ("failed", verdict.n_failed),
    ]);
    Outcome { exit, counts, summary }
}
