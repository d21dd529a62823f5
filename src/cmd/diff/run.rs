//! `govctl diff run`: compare two recordings, or two digest streams.

use clap::{Args, ValueHint};

use super::accepted::Accepted;
use super::audit::Audit;
use super::folder::{COMMAND, DIFFS};
use super::how::{AtEnd, How};
use super::input::{self, Feed};
use super::options::{Loaded, Rows};
use super::proof;
use super::reading::Limits;
use crate::cmd::letters::{DEAD_LETTERS, LettersTo};
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session, duration};
use crate::diff::types::Replication;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::diff::{FailOn, ProofSettings, Side, StateMode};

/// Compare the rows of two regions over their change events
///
/// Reads recordings of Debezium change events of both sides, brings every row to a canonical text by the types in
/// types.yaml, and reports the keys on which the sides do not agree: why, since when, and which columns.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson",
    "govctl diff run --types types.yaml --exceptions exceptions.yaml --lhs us.ndjson --rhs eu.ndjson.zst --evidence out",
]))]
pub struct Run {
    /// Recordings of the first side (US); `-` is standard input
    #[arg(long, num_args = 1.., value_name = "SRC", required_unless_present = "digests", value_hint = ValueHint::FilePath)]
    lhs: Vec<String>,
    /// Recordings of the second side (EU)
    #[arg(long, num_args = 1.., value_name = "SRC", required_unless_present = "digests", value_hint = ValueHint::FilePath)]
    rhs: Vec<String>,
    /// Digest streams of both sides in place of recordings, each a file of its own
    #[arg(long, num_args = 1.., value_name = "SRC", conflicts_with_all = ["lhs", "rhs"], value_hint = ValueHint::FilePath)]
    digests: Vec<String>,
    #[command(flatten)]
    rows: Rows,
    /// How long a side may lag behind a version of the other before a diff opens
    #[arg(long, default_value = "45s", value_parser = duration, allow_hyphen_values = true, value_name = "TIME")]
    grace: i64,
    /// Slower convergence is reported as late; at most --grace
    #[arg(long, value_parser = duration, allow_hyphen_values = true, value_name = "TIME")]
    late_after: Option<i64>,
    /// Convergence slower than this is a repair
    #[arg(long, default_value = "15m", value_parser = duration, allow_hyphen_values = true, value_name = "TIME")]
    late_max: i64,
    /// Safety margin taken off every watermark
    #[arg(long, default_value = "2s", value_parser = duration, allow_hyphen_values = true, value_name = "TIME")]
    disorder: i64,
    /// What the end of the input means
    #[arg(long, value_enum, default_value = "final", value_name = "MODE")]
    at_end: AtEnd,
    /// Which keys are kept in memory
    #[arg(long, value_enum, default_value = "full", value_name = "MODE")]
    state: StateMode,
    /// Memory for the state of keys; over it the run ends with 4. Default: 512, of which --state window uses up to 16
    /// to recognise repeats of settled rows
    #[arg(long, value_name = "MB")]
    max_state_mb: Option<u64>,
    /// Where unreadable records go, as NDJSON; the evidence keeps them too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    dead_letter: Option<String>,
    /// Stop reading beyond this many unreadable records
    #[arg(long, default_value_t = 1000, value_name = "N")]
    max_poison: u64,
    /// Judge tables of which an unreadable event could belong to any key
    #[arg(long)]
    allow_poison: bool,
    /// What cannot be told does not count for --fail-on: inconclusive keys, tenants without a home
    #[arg(long)]
    allow_inconclusive: bool,
    /// Accept a run in which no row is compared
    #[arg(long)]
    allow_empty: bool,
    /// Accepted differences; they do not count for --fail-on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    exceptions: Option<String>,
    /// The previous proof.json, where it is not in the evidence folder
    #[arg(long, value_name = "FILE", requires = "evidence", value_hint = ValueHint::FilePath)]
    prev: Option<String>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value = "diff", value_name = "WHAT")]
    fail_on: FailOn,
    /// Compress standard output
    #[arg(long, value_enum, default_value = "none", value_name = "METHOD")]
    compress: Compress,
}

pub fn run(ctx: &Ctx, args: &Run) -> Result<Exit> {
    one_stdin(&args.lhs.iter().chain(&args.rhs).chain(&args.digests).collect::<Vec<_>>())?;
    let work = Work::new(ctx, args)?;
    let inputs = input::named(&work.feeds);
    Session::run(ctx, COMMAND, DIFFS, inputs, args.compress, |session| work.run(session))
}

/// What one run works with, read and checked before any output.
struct Work<'a> {
    ctx: &'a Ctx,
    args: &'a Run,
    how: How,
    loaded: Loaded,
    exceptions: Option<Accepted>,
    /// The proof.json of `--prev`.
    prev: Option<Vec<u8>>,
    feeds: Vec<Feed>,
}

impl Run {
    /// What the flags ask for; files and lists that were given are added when they are read.
    fn how(&self) -> Result<How> {
        let late_after_ms = self.late_after.unwrap_or(self.grace.min(45_000));
        if late_after_ms > self.grace {
            return Err(
                Error::usage("--late-after is longer than --grace").hint("what is slower than --grace opens a diff")
            );
        }
        Ok(How {
            digests: !self.digests.is_empty(),
            grace_ms: self.grace,
            at_end: self.at_end,
            settings: ProofSettings {
                late_after_ms,
                late_max_ms: self.late_max,
                disorder_ms: self.disorder,
                state: self.state,
                max_state_mb: self.max_state_mb.unwrap_or(512),
                max_settled_mb: self.max_state_mb.unwrap_or(16),
                second_pass: false,
                allow_poison: self.allow_poison,
                allow_inconclusive: self.allow_inconclusive,
                allow_empty: self.allow_empty,
                fail_on: self.fail_on,
                tenants_sha256: None,
                exceptions_sha256: None,
            },
        })
    }

    fn feeds(&self, ctx: &Ctx, loaded: &Loaded) -> Result<Vec<Feed>> {
        if !self.digests.is_empty() {
            let (again, keep_lines) = (self.digests_again(), self.keep_lines(ctx));
            let open = |arg: &String| input::digests(arg, &loaded.types, &loaded.hasher, &again, keep_lines);
            let feeds: Vec<Feed> = self.digests.iter().map(open).collect::<Result<_>>()?;
            input::check_sides(&feeds, &ctx.interrupt)?;
            return Ok(feeds);
        }
        let sources: [(Side, &[String]); 2] = [(Side::Lhs, &self.lhs), (Side::Rhs, &self.rhs)];
        self.rows.open(loaded, &sources, |setup| {
            (setup.for_proof, setup.keep_lines) = (ctx.evidence.is_some(), self.keep_lines(ctx));
        })
    }

    fn keep_lines(&self, ctx: &Ctx) -> bool {
        self.dead_letter.is_some() || ctx.evidence.is_some()
    }

    /// What to type next where digests were made under another profile.
    fn digests_again(&self) -> String {
        let key = self.rows.hmac_key.as_ref().map(|path| format!(" --hmac-key {path}")).unwrap_or_default();
        match &self.rows.types {
            None => format!(
                "they were made with a types.yaml, or with --hmac-key: give the same ones, as in\n\
                 govctl diff run --types types.yaml{key} --digests {}",
                self.digests.join(" ")
            ),
            Some(types) => format!(
                "give the types.yaml (and --hmac-key) that they were made with, or make them again in each region:\n\
                 govctl diff digest --side lhs --types {types}{key} SRC > lhs.digests\n\
                 govctl diff digest --side rhs --types {types}{key} SRC > rhs.digests"
            ),
        }
    }

    /// A check that was asked for and cannot be made is no pass.
    fn check_homes(&self, loaded: &Loaded) -> Result<()> {
        if self.fail_on != FailOn::Unauthorized {
            return Ok(());
        }
        if self.digests.is_empty() && loaded.homes.is_none() {
            return Err(Error::usage(
                "--fail-on unauthorized needs --tenants, which says where each tenant is at home",
            )
            .hint("give --tenants tenants.yaml, or another --fail-on"));
        }
        if !loaded.types.tables.iter().any(|t| t.replication == Replication::Native) {
            return Err(Error::usage(
                "--fail-on unauthorized needs a table with `replication: native`: no other events show who wrote a row",
            )
            .hint(
                "declare `replication: native` for PostgreSQL logical replication; with --tenants and --fail-on diff \
                 the suspected writes to other tables count",
            ));
        }
        Ok(())
    }
}

fn check_window(state: StateMode, loaded: &Loaded) -> Result<()> {
    let window = state == StateMode::Window;
    let mutable = loaded.types.tables.iter().find(|t| !t.append_only);
    match mutable {
        Some(table) if window => {
            Err(Error::usage(format!("--state window needs append-only tables; `{}` is none", table.kind))
                .hint("declare `append_only: true` if its rows are never updated or deleted, or use --state full"))
        }
        None if window && loaded.types.tables.is_empty() => {
            Err(Error::usage("--state window needs a types.yaml that declares the tables append-only"))
        }
        _ => Ok(()),
    }
}

impl<'a> Work<'a> {
    fn new(ctx: &'a Ctx, args: &'a Run) -> Result<Self> {
        let mut how = args.how()?;
        let loaded = args.rows.load()?;
        check_window(args.state, &loaded)?;
        args.check_homes(&loaded)?;
        loaded.warn(&ctx.ui);
        let exceptions = args.exceptions.as_deref().map(Accepted::load).transpose()?;
        let prev = args.prev.as_deref().map(fs::read_small).transpose()?;
        let feeds = args.feeds(ctx, &loaded)?;
        how.settings.second_pass = args.digests.is_empty() && feeds.iter().all(|f| f.regular);
        how.settings.tenants_sha256 = loaded.tenants_sha256.clone();
        how.settings.exceptions_sha256 = exceptions.as_ref().map(|e| e.sha256.clone());
        Ok(Work { ctx, args, how, loaded, exceptions, prev, feeds })
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Outcome> {
        let Work { ctx, args, how, loaded, feeds, .. } = self;
        session.begin()?;
        feeds.iter().for_each(|feed| session.recording(feed.side.as_str(), &feed.name));
        let audit = Audit {
            ctx,
            rows: &args.rows,
            loaded,
            feeds,
            how,
            exceptions: self.exceptions.as_ref(),
            limits: Limits {
                disorder_ms: args.disorder,
                max_poison: args.max_poison,
                letters: LettersTo {
                    file: args.dead_letter.clone(),
                    evidence: session.evidence.as_mut().map(|dir| dir.reserve(DEAD_LETTERS)),
                },
            },
            roots: ctx.evidence.is_some(),
            now_ms: ctx.clock.now_ms(),
        };
        let heard = audit.read(session, |_, _| {})?;
        let found = audit.finish(heard, session)?;
        session.input_cut = found.facts.cut() > 0;
        if session.evidence.is_some() {
            proof::write(session, how, loaded, &found, self.prev.as_deref())?;
        }
        session.scope = found.facts.scope();
        let summary = found.facts.summary(&found.join);
        let outcome = Outcome { exit: found.exit(how), counts: found.counts, summary };
        // The process ends: millions of keys need not be freed one by one.
        std::mem::forget(found.join);
        Ok(outcome)
    }
}
