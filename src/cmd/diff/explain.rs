//! `govctl diff explain`: one key, column by column, with its history on both sides.

mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::{Args, ValueHint};

use self::text::{summary, tables};
use super::input::{self, Feed};
use super::options::{Loaded, Rows};
use super::reading::{Consumer, Limits, Read, Reader};
use super::stream;
use crate::cmd::letters::LettersTo;
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session};
use crate::diff::event::{Class, Event, Part, flag};
use crate::diff::explain::{State, Wanted, columns, equal};
use crate::diff::hash::hex;
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Lane, Turn};
use crate::diff::types::{Table, index};
use crate::error::{Error, Result, did_you_mean};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::RecordReader;
use crate::io::sink::Compress;
use crate::record::diff::{Diff, Explain as Explained, ExplainEvent, Side};
use crate::record::run::{Counts, Input};
use crate::ui::Format;

/// Events that come this much too late are still put into their order.
const DISORDER_MS: i64 = 2_000;
const MAX_POISON: u64 = 1_000;

/// Explain one key: which columns differ, why, and what happened to it on each side
///
/// Prints digests of the columns, no values, so that two regions can compare what they have: with one side given
/// only its digests are printed. Exits 1 where the sides differ or where that cannot be known, 2 for a key that
/// no event has.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff explain --types types.yaml --lhs us.ndjson --rhs eu.ndjson --key eiger/10204",
    "govctl diff explain --types types.yaml --lhs us.ndjson --key '[\"dune\",10323]' --kind audit --values",
]))]
pub struct Explain {
    /// Recordings of the first side (US); `-` is standard input
    #[arg(long, num_args = 1.., value_name = "SRC", required_unless_present = "rhs", value_hint = ValueHint::FilePath)]
    lhs: Vec<String>,
    /// Recordings of the second side (EU)
    #[arg(long, num_args = 1.., value_name = "SRC", value_hint = ValueHint::FilePath)]
    rhs: Vec<String>,
    /// The key as TENANT/ID, cut at the first `/`, or as a JSON array of tenant and id columns
    #[arg(long, value_name = "KEY", required_unless_present = "diff_id")]
    key: Option<String>,
    /// The key's table; needed only where several tables have the key
    #[arg(long, value_name = "KIND", conflicts_with = "diff_id")]
    kind: Option<String>,
    /// The key of this diff
    #[arg(long, value_name = "ID", requires = "diffs", conflicts_with = "key")]
    diff_id: Option<String>,
    /// The stream of diffs that --diff-id is looked up in
    #[arg(long, value_name = "FILE", requires = "diff_id", value_hint = ValueHint::FilePath)]
    diffs: Option<String>,
    /// Also print the values, in their canonical spelling
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    rows: Rows,
}

pub fn run(ctx: &Ctx, args: &Explain) -> Result<Exit> {
    ctx.needs_no_findings("`diff explain`")?;
    one_stdin(&args.lhs.iter().chain(&args.rhs).chain(&args.diffs).collect::<Vec<_>>())?;
    let mut loaded = args.rows.load()?;
    // A key is explained whether or not it is in the sample.
    loaded.types.tables.iter_mut().for_each(|t| t.sample = None);
    let (wanted, looked_up) = args.wanted(ctx, &loaded)?;
    let wanted = Arc::new(wanted);
    let feeds = args.rows.open(&loaded, &[(Side::Lhs, &args.lhs), (Side::Rhs, &args.rhs)], |setup| {
        (setup.homes, setup.wanted) = (None, Some(wanted.clone()));
    })?;
    let mut inputs = input::named(&feeds);
    inputs.extend(args.diffs.as_deref().map(|name| Input::named(fs::record_name(name))));
    Session::run(ctx, "diff explain", "explain.ndjson", inputs, Compress::None, |session| {
        let limits = Limits { disorder_ms: DISORDER_MS, max_poison: MAX_POISON, letters: LettersTo::default() };
        let reader = Reader::new(ctx, &feeds, &limits, loaded.types.tables.len(), Ledger::new(false))?;
        let mut watch = Watch::new(wanted, loaded.types.tables.clone());
        let (read, _) = reader.run(&mut watch)?;
        watch.write(session, args, &loaded, &feeds, &read, looked_up)
    })
}

impl Explain {
    fn wanted(&self, ctx: &Ctx, loaded: &Loaded) -> Result<(Wanted, Exit)> {
        if let (Some(id), Some(diffs)) = (&self.diff_id, &self.diffs) {
            return look_up(ctx, id, diffs);
        }
        if let Some(kind) = &self.kind {
            check_kind(kind, loaded)?;
        }
        let key = self.key.as_deref().unwrap_or_default();
        let wanted = Wanted::parse(key, self.kind.as_deref())
            .map_err(|e| Error::usage(format!("--key: {e}")).hint("write it like acme/10204 or '[\"acme\",10204]'"))?;
        Ok((wanted, Exit::Clean))
    }

    fn gave(&self, side: Side) -> bool {
        match side {
            Side::Lhs => !self.lhs.is_empty(),
            Side::Rhs => !self.rhs.is_empty(),
        }
    }
}

fn check_kind(kind: &str, loaded: &Loaded) -> Result<()> {
    let kinds: Vec<&str> = loaded.types.tables.iter().map(|t| t.kind.as_str()).collect();
    if kinds.is_empty() || kinds.contains(&kind) {
        return Ok(());
    }
    let hint = match did_you_mean(kind, kinds.iter().copied()) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("kinds: {}", kinds.join(", ")),
    };
    Err(Error::usage(format!("--kind: `{kind}` is no kind of types.yaml")).hint(hint))
}

/// The key of a diff in a stream.
fn look_up(ctx: &Ctx, id: &str, file: &str) -> Result<(Wanted, Exit)> {
    let mut reader = RecordReader::open(file, &["govctl.diff"], false)?;
    let name = reader.name.clone();
    let mut found: Option<Diff> = None;
    let ended = stream::read_all(&ctx.ui, &mut reader, |item| {
        let diff: Diff = item.parse(&name)?;
        if diff.diff_id == id {
            found = Some(diff);
        }
        Ok(())
    })?;
    match found {
        // A stream that ended with a verdict of its own is no failure here, but a cut one is.
        Some(diff) => Ok((Wanted::of(&diff.tenant, &diff.id, Some(&diff.kind)), ended.exit)),
        None => Err(Error::usage(format!("--diff-id: no diff `{id}` in the stream"))
            .at_file(&name)
            .hint("give the whole diff_id, or --key TENANT/ID")),
    }
}

/// Collects what concerns the wanted key.
struct Watch {
    wanted: Arc<Wanted>,
    tables: Vec<Table>,
    lanes: Vec<Lane>,
    states: [State; 2],
    /// The key and its table, once seen.
    key: Option<(usize, String)>,
    kinds: BTreeSet<String>,
    history: Vec<ExplainEvent>,
    /// Why events that could not be read were not, by lane and offset.
    causes: BTreeMap<(usize, u64), String>,
    /// Truncates by table, which concern the key only if it is of that table.
    truncates: BTreeMap<usize, Vec<usize>>,
}

impl Consumer for Watch {
    type Foreseen = ();

    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.lanes.push(lane.clone());
        Ok(())
    }

    fn table(&mut self, table: &Table) -> usize {
        if let Some(i) = self.tables.iter().position(|t| t.kind == table.kind) {
            return i;
        }
        self.tables.push(table.clone());
        self.tables.len() - 1
    }

    fn foresee(&self, turns: &[Turn<'_>]) -> Vec<()> {
        vec![(); turns.len()]
    }

    fn event(&mut self, turn: Turn<'_>, (): ()) -> Result<()> {
        let Turn { lane, event, key, table, .. } = turn;
        if event.has(flag::TRUNCATE) {
            let side = index(self.lanes[lane].side);
            // Before the key's first event there is no row to remove.
            if self.key.as_ref().is_none_or(|(t, _)| *t == table) {
                self.states[side].truncate(event);
            }
            self.truncates.entry(table).or_default().push(self.history.len());
            self.record(lane, event, String::new());
            return Ok(());
        }
        let concerned = event.has_key() && matches!(event.class, Class::Row | Class::Delete | Class::Poison);
        let Some(kind) = self.tables.get(table).filter(|_| concerned).map(|t| t.kind.clone()) else { return Ok(()) };
        let row_key = event.extra.as_ref().and_then(|e| e.row_key.as_deref());
        let wanted = |key: &&str| self.wanted.is(&kind, key.as_bytes());
        let Some(key) = [Some(key), row_key].into_iter().flatten().find(wanted) else { return Ok(()) };
        self.key.get_or_insert_with(|| (table, key.to_owned()));
        self.kinds.insert(kind);
        let open = event.has(flag::UNRESOLVED)
            || event.extra.as_ref().is_some_and(|e| e.parts.contains(&Part::Inherit))
            || event.class != Class::Row;
        self.record(lane, event, if open { String::new() } else { hex(&event.digest) });
        let side = index(self.lanes[lane].side);
        if event.class == Class::Poison {
            let cause = self.causes.get(&(lane, event.offset)).cloned();
            self.states[side].unreadable(cause.unwrap_or_else(|| "its cause is on standard error".to_owned()));
        } else {
            let toast = self.tables[table].toast_columns();
            self.states[side].apply(event, &toast);
        }
        Ok(())
    }

    fn cause(&mut self, lane: usize, offset: u64, cause: &Error) {
        let l = &self.lanes[lane];
        self.causes.insert((lane, offset), format!("{cause} ({}/{}/{offset})", l.topic, l.number));
    }
}

impl Watch {
    fn new(wanted: Arc<Wanted>, tables: Vec<Table>) -> Self {
        Watch {
            wanted,
            tables,
            lanes: Vec::new(),
            states: Default::default(),
            key: None,
            kinds: BTreeSet::new(),
            history: Vec::new(),
            causes: BTreeMap::new(),
            truncates: BTreeMap::new(),
        }
    }

    fn record(&mut self, lane: usize, event: &Event, sha256: String) {
        let l = &self.lanes[lane];
        self.history.push(ExplainEvent {
            side: l.side,
            at: format!("{}/{}/{}", l.topic, l.number, event.offset),
            op: event.op,
            version: event.version,
            log_ts_ms: event.log_ms,
            sha256,
        });
    }

    fn write(
        mut self,
        session: &mut Session<'_>,
        args: &Explain,
        loaded: &Loaded,
        feeds: &[Feed],
        read: &Read,
        looked_up: Exit,
    ) -> Result<Outcome> {
        let poison: u64 = Side::BOTH.iter().map(|side| read.tally(feeds, *side).poison).sum();
        let unreadable = poison > 0 || !read.errors.is_empty();
        let Some((table, body)) = self.key.take() else { return Err(self.unknown(unreadable)) };
        if self.kinds.len() > 1 {
            let kinds: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
            return Err(Error::usage(format!("{} is a key of several tables", self.wanted.shown))
                .hint(format!("add --kind: {}", kinds.join(", "))));
        }
        let history = self.history_of(table);
        let table = &self.tables[table];
        let sides = Side::BOTH.map(|side| args.gave(side).then_some(&self.states[index(side)]));
        let cols = columns(sides, &table.toast_columns(), &loaded.hasher, args.values);
        let (tenant, id) = crate::diff::event::tenant_and_id(body.as_bytes());
        let verdict = equal(sides, &cols);
        let record = Explained { tenant, id, kind: table.kind.clone(), cols, history };
        session.write(&record)?;
        let summary = summary(&record, verdict);
        session.human(&format!("{summary}\n\n{}", tables(&record, args.values, session.ctx.ui.width).trim_end()))?;
        let input = if unreadable { Exit::Input } else { Exit::Clean };
        let differing = record.cols.iter().filter(|c| c.equal == Some(false)).count() as u64;
        Ok(Outcome {
            exit: Exit::found(verdict == Some(false)).and(input).and(looked_up),
            counts: Counts::from([
                ("columns".into(), record.cols.len() as u64),
                ("differing".into(), differing),
                ("events".into(), record.history.len() as u64),
                ("poison".into(), poison),
            ]),
            // People read it above the tables.
            summary: if session.ctx.ui.format == Format::Human { String::new() } else { summary },
        })
    }

    /// Truncates of other tables are no part of the key's history.
    fn history_of(&mut self, table: usize) -> Vec<ExplainEvent> {
        let foreign: BTreeSet<usize> =
            self.truncates.iter().filter(|(t, _)| **t != table).flat_map(|(_, at)| at.iter().copied()).collect();
        let all = std::mem::take(&mut self.history);
        all.into_iter().enumerate().filter(|(i, _)| !foreign.contains(i)).map(|(_, event)| event).collect()
    }

    fn unknown(&self, unreadable: bool) -> Error {
        let message = format!("no event of the key {}", self.wanted.shown);
        if unreadable {
            return Error::input(format!("{message}, but not everything could be read"));
        }
        Error::usage(message).hint(
            "a key is TENANT/ID as `tenant` and `id` of a diff show it; a tenant with `/` needs '[\"tenant\",id]'",
        )
    }
}
