//! `govctl diff run`: compare two recordings, or two digest streams.

use clap::{Args, ValueEnum, ValueHint};

use super::columns::SecondPass;
use super::input::{self, Feed};
use super::options::{Loaded, Rows, one_stdin};
use super::proof::{self, Facts, How};
use super::reading::{Consumer, Limits, Reader};
use crate::cmd::{Ctx, Outcome, Session, duration};
use crate::diff::event::Event;
use crate::diff::join::{Halt, Join, Output, Settings};
use crate::diff::ledger::Ledger;
use crate::diff::merge::Lane;
use crate::diff::types::Table;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::Severity;
use crate::record::diff::Side;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AtEnd {
    /// The end of the input is the end of the log: a verdict on every key
    Final,
    /// Keys inside the grace period are counted as pending
    Hold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StateMode {
    /// Every key is kept
    Full,
    /// Only unresolved keys are kept; for append-only tables
    Window,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FailOn {
    /// An open diff, an unauthorised write, an error finding or an inconclusive key
    Diff,
    /// Also a late arrival
    Late,
    /// An unauthorised write only
    Unauthorized,
    Never,
}

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
    /// Digest streams of both sides in place of recordings
    #[arg(long, num_args = 1.., value_name = "SRC", conflicts_with_all = ["lhs", "rhs"], value_hint = ValueHint::FilePath)]
    digests: Vec<String>,
    #[command(flatten)]
    rows: Rows,
    /// How long a side may lag behind a version of the other before a diff opens
    #[arg(long, default_value = "45s", value_parser = duration, value_name = "TIME")]
    grace: i64,
    /// Slower convergence is reported as late; at most --grace
    #[arg(long, value_parser = duration, value_name = "TIME")]
    late_after: Option<i64>,
    /// Convergence slower than this is a repair
    #[arg(long, default_value = "15m", value_parser = duration, value_name = "TIME")]
    late_max: i64,
    /// Safety margin taken off every watermark
    #[arg(long, default_value = "2s", value_parser = duration, value_name = "TIME")]
    disorder: i64,
    /// What the end of the input means
    #[arg(long, value_enum, default_value = "final", value_name = "MODE")]
    at_end: AtEnd,
    /// Which keys are kept in memory
    #[arg(long, value_enum, default_value = "full", value_name = "MODE")]
    state: StateMode,
    /// Memory for the state of keys; over it the run ends with 4
    #[arg(long, default_value_t = 512, value_name = "MB")]
    max_state_mb: usize,
    /// Where unreadable records go, as NDJSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    dead_letter: Option<String>,
    /// Stop reading beyond this many unreadable records
    #[arg(long, default_value_t = 1000, value_name = "N")]
    max_poison: u64,
    /// Judge tables of which an unreadable event could belong to any key
    #[arg(long)]
    allow_poison: bool,
    /// Inconclusive keys do not count for --fail-on
    #[arg(long)]
    allow_inconclusive: bool,
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
    Session::run(ctx, "diff run", "diffs.ndjson", inputs, args.compress, |session| work.run(session))
}

/// What one run works with, read and checked before any output.
struct Work<'a> {
    ctx: &'a Ctx,
    args: &'a Run,
    settings: Settings,
    loaded: Loaded,
    exceptions: Option<proof::Accepted>,
    /// The proof.json of `--prev`.
    prev: Option<Vec<u8>>,
    feeds: Vec<Feed>,
}

impl Run {
    fn settings(&self) -> Result<Settings> {
        let late_after_ms = self.late_after.unwrap_or(self.grace.min(45_000));
        if late_after_ms > self.grace {
            return Err(
                Error::usage("--late-after is longer than --grace").hint("what is slower than --grace opens a diff")
            );
        }
        Ok(Settings {
            grace_ms: self.grace,
            late_after_ms,
            late_max_ms: self.late_max,
            disorder_ms: self.disorder,
            at_end_final: self.at_end == AtEnd::Final,
            window: self.state == StateMode::Window,
            max_state_bytes: self.max_state_mb << 20,
            allow_poison: self.allow_poison,
            second_pass: false,
        })
    }

    fn feeds(&self, ctx: &Ctx, loaded: &Loaded) -> Result<Vec<Feed>> {
        if !self.digests.is_empty() {
            let open =
                |arg: &String| input::digests(arg, &loaded.types, loaded.hasher.key_id(), self.dead_letter.is_some());
            let feeds: Vec<Feed> = self.digests.iter().map(open).collect::<Result<_>>()?;
            for side in Side::BOTH {
                if !feeds.iter().any(|f| f.side == side) {
                    return Err(Error::usage(format!("--digests holds no stream of side {}", side.as_str())));
                }
            }
            return Ok(feeds);
        }
        let sources: [(Side, &[String]); 2] = [(Side::Lhs, &self.lhs), (Side::Rhs, &self.rhs)];
        self.rows.open(loaded, &sources, |setup| {
            (setup.for_proof, setup.keep_lines) = (ctx.evidence.is_some(), self.dead_letter.is_some());
        })
    }

    fn how(&self) -> How {
        let at_end = if self.at_end == AtEnd::Final { "final" } else { "hold" };
        How { digests: !self.digests.is_empty(), grace_ms: self.grace, at_end }
    }
}

fn check_window(settings: &Settings, loaded: &Loaded) -> Result<()> {
    let mutable = loaded.types.tables.iter().find(|t| !t.append_only);
    match mutable {
        Some(table) if settings.window => {
            Err(Error::usage(format!("--state window needs append-only tables; `{}` is none", table.kind))
                .hint("declare `append_only: true` if its rows are never updated or deleted, or use --state full"))
        }
        None if settings.window && loaded.types.tables.is_empty() => {
            Err(Error::usage("--state window needs a types.yaml that declares the tables append-only"))
        }
        _ => Ok(()),
    }
}

impl<'a> Work<'a> {
    fn new(ctx: &'a Ctx, args: &'a Run) -> Result<Self> {
        let mut settings = args.settings()?;
        let loaded = args.rows.load()?;
        check_window(&settings, &loaded)?;
        let exceptions = args.exceptions.as_deref().map(|path| proof::exceptions(path, None)).transpose()?;
        let prev = args.prev.as_deref().map(fs::read_small).transpose()?;
        let feeds = args.feeds(ctx, &loaded)?;
        settings.second_pass = args.digests.is_empty() && feeds.iter().all(|f| f.regular);
        Ok(Work { ctx, args, settings, loaded, exceptions, prev, feeds })
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Outcome> {
        let Work { ctx, args, settings, loaded, feeds, .. } = self;
        let mut audit = Audit {
            join: Join::new(loaded.types.clone(), settings.clone(), loaded.hasher.clone(), loaded.homes.clone()),
            session,
            // With a second pass, or exceptions that look at all diffs, verdicts wait for the end.
            hold: settings.second_pass || self.exceptions.is_some(),
            held: Vec::new(),
        };
        let limits =
            Limits { disorder_ms: args.disorder, max_poison: args.max_poison, dead_letter: args.dead_letter.clone() };
        let ledger = Ledger::new(ctx.evidence.is_some() && args.digests.is_empty());
        let reader = Reader::new(ctx, feeds, &limits, loaded.types.tables.len(), ledger)?;
        let (read, ledger) = reader.run(&mut audit)?;
        audit.join.finish(read.newest);
        let facts = Facts::new(&args.how(), loaded, feeds, read, ledger)?;
        self.finish(audit, facts)
    }

    /// Second pass, exceptions, findings, proof, exit code.
    fn finish(&self, mut audit: Audit<'_, '_>, mut facts: Facts) -> Result<Outcome> {
        facts.check_columns()?;
        let mut outputs = audit.rest();
        if self.settings.second_pass {
            outputs = SecondPass::new(&self.feeds, &self.args.rows, &self.loaded).run(outputs, &mut audit.join)?;
        }
        let (outputs, about_exceptions, excepted) = match &self.exceptions {
            Some(accepted) => accepted.judge(outputs, self.ctx.clock.now_ms()),
            None => (outputs, Vec::new(), 0),
        };
        facts.excepted = excepted;
        for output in outputs {
            write(audit.session, output)?;
        }
        let mut findings = facts.findings(&audit.join);
        findings.extend(about_exceptions);
        for finding in &findings {
            audit.session.write(finding)?;
        }
        let errors = findings.iter().filter(|f| f.severity == Severity::Error).count() as u64;
        let Audit { join, session, .. } = audit;
        let counts = facts.counts(&join);
        if session.evidence.is_some() {
            let how = self.args.how();
            proof::write(session, &how, &self.loaded, &join, &facts, counts.clone(), self.prev.as_deref())?;
        }
        let summary = facts.summary(&join, excepted);
        Ok(Outcome { exit: exit(self.args, &join, &facts, errors), counts, summary })
    }
}

/// Takes events into the join, and verdicts out of it as early as they may leave.
struct Audit<'s, 'c> {
    join: Join,
    session: &'s mut Session<'c>,
    hold: bool,
    held: Vec<Output>,
}

impl Audit<'_, '_> {
    fn rest(&mut self) -> Vec<Output> {
        let mut all = std::mem::take(&mut self.held);
        all.extend(self.join.take());
        all
    }
}

impl Consumer for Audit<'_, '_> {
    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.join.add_lane(lane.clone()).map_err(halted)
    }

    fn table(&mut self, table: &Table) -> usize {
        self.join.add_table(table.clone())
    }

    fn event(&mut self, lane: usize, event: &Event, key: &str, table: usize, time: i64) -> Result<()> {
        self.join.apply(lane, event, key, table, time).map_err(halted)
    }

    fn foresee(&self, key: &str, table: usize) {
        self.join.foresee(key, table);
    }

    fn poison_without_position(&mut self) -> Result<()> {
        self.join.poison_without_position();
        Ok(())
    }

    fn side_ended(&mut self, side: Side, newest_ms: Option<i64>) {
        self.join.side_ended(side, newest_ms);
    }

    fn idle(&mut self) -> Result<()> {
        if !self.join.has_output() {
            return Ok(());
        }
        let outputs = self.join.take();
        if self.hold {
            self.held.extend(outputs);
            return Ok(());
        }
        for output in outputs {
            write(self.session, output)?;
        }
        self.session.flush()
    }
}

fn write(session: &mut Session<'_>, output: Output) -> Result<()> {
    match output {
        Output::Diff(verdict) => session.write(&verdict.diff),
        Output::Unauthorized(write) => session.write(write.as_ref()),
    }
}

fn halted(halt: Halt) -> Error {
    match halt {
        Halt::StateFull { keys, bytes } => {
            Error::environment(format!("the state of {keys} keys needs more than {} MB", bytes >> 20))
                .hint("raise --max-state-mb, use --state window for append-only tables, or compare tables one by one")
        }
        Halt::TooManyPartitions => {
            Error::environment("more than 65,534 partitions in one run").hint("compare tables one by one")
        }
    }
}

fn exit(args: &Run, join: &Join, facts: &Facts, error_findings: u64) -> Exit {
    let c = &join.counts;
    let open = (c.missing + c.mismatch).saturating_sub(facts.excepted);
    let inconclusive = c.inconclusive > 0 && !args.allow_inconclusive;
    let diff = open > 0 || c.unauthorized > 0 || error_findings > 0 || inconclusive;
    let found = match args.fail_on {
        FailOn::Never => false,
        FailOn::Unauthorized => c.unauthorized > 0,
        FailOn::Diff => diff,
        FailOn::Late => diff || c.late > 0,
    };
    let mut exit = Exit::found(found);
    if join.is_stalled() {
        exit = exit.and(Exit::Environment);
    }
    if facts.poisoned() || facts.input_failed() {
        exit = exit.and(Exit::Input);
    }
    exit
}
