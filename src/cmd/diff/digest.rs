//! `govctl diff digest`: one region's change events as digests, so that no payload leaves the region.

use std::collections::BTreeMap;

use clap::{Args, ValueHint};

use super::coverage::Coverage;
use super::facts::not_compared;
use super::input::{self, End, Feed};
use super::options::{Loaded, Rows};
use super::reading::{Consumer, Limits, Read, Reader};
use super::suggest;
use crate::cmd::letters::{DEAD_LETTERS, LettersTo};
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session, duration};
use crate::diff::event::{Event, flag};
use crate::diff::frame::Framing;
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Lane, Turn};
use crate::diff::types::{Table, index};
use crate::diff::wire;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::diff::{Between, Decode, Progress, Side};
use crate::record::run::{self, Counts};
use crate::text::counted;

/// A progress record per partition after this many events.
const PROGRESS_EVERY: u64 = 100_000;
/// Runs of records without a digest that wait for the next digest of their partition.
const BETWEEN: usize = 64;

/// Turn one region's change events into digests
///
/// The digests of two regions can be compared with `govctl diff run --digests` without payload leaving either.
/// With --suggest-types a types.yaml for both sides is written instead.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff digest --suggest-types --lhs us.ndjson --rhs eu.ndjson",
    "govctl diff digest --side rhs --types types.yaml eu.ndjson --compress zstd",
]))]
pub struct Digest {
    /// Which side the recordings are
    #[arg(long, value_enum, required_unless_present = "suggest_types", value_name = "SIDE")]
    side: Option<SideFlag>,
    /// Recordings; `-` is standard input
    #[arg(value_name = "SRC", required_unless_present = "suggest_types", value_hint = ValueHint::FilePath)]
    sources: Vec<String>,
    /// Write a types.yaml for both sides
    #[arg(long, conflicts_with_all = ["side", "types", "infer"], requires = "lhs")]
    suggest_types: bool,
    /// Recordings of the first side, for --suggest-types
    #[arg(long, num_args = 1.., value_name = "SRC", requires = "suggest_types", value_hint = ValueHint::FilePath)]
    lhs: Vec<String>,
    /// Recordings of the second side, for --suggest-types
    #[arg(long, num_args = 1.., value_name = "SRC", requires = "suggest_types", value_hint = ValueHint::FilePath)]
    rhs: Vec<String>,
    #[command(flatten)]
    rows: Rows,
    /// Safety margin taken off every watermark
    #[arg(long, default_value = "2s", value_parser = duration, allow_hyphen_values = true, value_name = "TIME")]
    disorder: i64,
    /// Where unreadable records go, as NDJSON; the evidence keeps them too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    dead_letter: Option<String>,
    /// Stop reading beyond this many unreadable records
    #[arg(long, default_value_t = 1000, value_name = "N")]
    max_poison: u64,
    /// Accept recordings in which no row is found
    #[arg(long)]
    allow_empty: bool,
    /// Compress standard output
    #[arg(long, value_enum, default_value = "none", value_name = "METHOD")]
    compress: Compress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SideFlag {
    Lhs,
    Rhs,
}

pub fn run(ctx: &Ctx, args: &Digest) -> Result<Exit> {
    if args.suggest_types {
        return suggest::run(ctx, &args.lhs, &args.rhs, &args.rows);
    }
    let side = match args.side {
        Some(SideFlag::Rhs) => Side::Rhs,
        _ => Side::Lhs,
    };
    one_stdin(&args.sources.iter().collect::<Vec<_>>())?;
    if args.rows.types.is_none() && args.rows.infer {
        return Err(Error::usage("digests need a types.yaml: both regions must read their rows in the same way")
            .hint("make one with `govctl diff digest --suggest-types --lhs SRC --rhs SRC > types.yaml`"));
    }
    let loaded = args.rows.load()?;
    loaded.warn(&ctx.ui);
    let feeds = args.rows.open(&loaded, &[(side, &args.sources)], |setup| {
        (setup.for_proof, setup.keep_origin) = (true, true);
        setup.keep_lines = args.dead_letter.is_some() || ctx.evidence.is_some();
    })?;
    Session::run(ctx, "diff digest", "digests.ndjson", input::named(&feeds), args.compress, |session| {
        session.begin()?;
        let evidence = session.evidence.as_mut().map(|dir| dir.reserve(DEAD_LETTERS));
        let mut writer = Writer::new(session, &loaded, side);
        let letters = LettersTo { file: args.dead_letter.clone(), evidence };
        let limits = Limits { disorder_ms: args.disorder, max_poison: args.max_poison, letters };
        let mut reader = Reader::new(ctx, &feeds, &limits, loaded.types.tables.len(), Ledger::new(true))?;
        let stopped = reader.read(&mut writer).err();
        let (read, ledger) = reader.done();
        if let Some(error) = stopped {
            writer.session.counts = writer.counts(&feeds, &read);
            let t = read.tally(&feeds, side);
            let records = counted(t.rows + t.tombstones + t.control + t.poison + t.sampled_out, "record");
            writer.session.said = format!("stopped after {records}, {} of them unreadable", t.poison);
            return Err(error);
        }
        writer.finish(&feeds, &loaded, &read, &ledger, args.allow_empty)
    })
}

struct Writer<'s, 'c> {
    session: &'s mut Session<'c>,
    side: Side,
    hmac_key_id: Option<String>,
    /// With the fingerprint of their digests.
    tables: Vec<(Table, u32)>,
    lanes: Vec<Lane>,
    alive_ms: i64,
    emitted: u64,
    /// Next offset and largest log time per lane, for progress on the way.
    reached: BTreeMap<usize, (u64, i64)>,
    /// Per topic and partition: records without a digest that the next record of the partition brings.
    between: BTreeMap<(String, u32), Vec<Between>>,
}

impl<'s, 'c> Writer<'s, 'c> {
    fn new(session: &'s mut Session<'c>, loaded: &Loaded, side: Side) -> Self {
        let mut writer = Writer {
            session,
            side,
            hmac_key_id: loaded.hasher.key_id().map(str::to_owned),
            tables: Vec::new(),
            lanes: Vec::new(),
            alive_ms: 0,
            emitted: 0,
            reached: BTreeMap::new(),
            between: BTreeMap::new(),
        };
        for table in &loaded.types.tables {
            writer.table(table);
        }
        writer
    }

    fn progress(&mut self, lane: usize) -> Progress {
        let (read_to, log_ts_ms) = self.reached.get(&lane).copied().unwrap_or_default();
        let l = &self.lanes[lane];
        let between = self.between.remove(&(l.topic.to_string(), l.number)).unwrap_or_default();
        Progress {
            side: self.side,
            topic: l.topic.to_string(),
            partition: l.number,
            read_to,
            log_ts_ms,
            alive_ts_ms: self.alive_ms,
            window: 0,
            from: 0,
            records: 0,
            leaves: 0,
            root: String::new(),
            sealed: false,
            emitted: vec![self.emitted],
            between,
        }
    }

    /// How far each partition was read, with its root.
    fn partitions(&mut self, ledger: &Ledger) -> Result<()> {
        let side = self.side;
        for p in ledger.partitions() {
            let (window, log_ts_ms) = ledger.log_ms(side, &p.topic, p.partition).unwrap_or_default();
            let between = self.between.remove(&(p.topic.clone(), p.partition)).unwrap_or_default();
            self.session.write(&Progress {
                side,
                topic: p.topic,
                partition: p.partition,
                read_to: p.to,
                log_ts_ms,
                alive_ts_ms: self.alive_ms.max(log_ts_ms),
                window,
                from: p.from,
                records: p.records,
                leaves: p.leaves,
                root: p.root,
                sealed: true,
                emitted: vec![self.emitted],
                between,
            })?;
        }
        Ok(())
    }

    fn counts(&self, feeds: &[Feed], read: &Read) -> Counts {
        let (tally, side) = (read.tally(feeds, self.side), index(self.side));
        run::counts([
            ("rows", tally.rows),
            ("tombstones", tally.tombstones),
            ("control", tally.control),
            ("poison", tally.poison),
            ("sampled_out", tally.sampled_out),
            ("origin_unknown", tally.origin_unknown),
            ("duplicates", read.duplicates[side]),
            ("cut", read.cut[side]),
            ("emitted", self.emitted),
        ])
    }

    fn finish(
        mut self,
        feeds: &[Feed],
        loaded: &Loaded,
        read: &Read,
        ledger: &Ledger,
        allow_empty: bool,
    ) -> Result<Outcome> {
        let side = self.side;
        self.partitions(ledger)?;
        let tally = read.tally(feeds, side);
        let sides = [side];
        let coverage = Coverage::new(&loaded.types, &sides, read);
        let nothing = tally.rows == 0 && !allow_empty;
        let mut findings = read.notes[index(side)].findings(Some(side));
        findings.extend(nothing.then(|| coverage.nothing(tally.sampled_out)));
        findings.extend(coverage.findings());
        for finding in &findings {
            self.session.write(finding)?;
        }
        let mut columns_not_compared = not_compared(&loaded.types, read);
        columns_not_compared.extend(coverage.columns_absent());
        columns_not_compared.sort();
        let counts = self.counts(feeds, read);
        self.session.write(&Decode {
            side,
            job: Some(loaded.types.job.clone()),
            counts: counts.clone(),
            columns_not_compared,
            inferred: loaded.types.infer,
            schema_blocks: loaded.types.needs_blocks(),
            bare: feeds.iter().all(|feed| feed.framing == Framing::Value),
            column_types: read.column_types(side),
            columns_held: read.columns_held(side),
            home_checked: loaded.homes.is_some(),
            log_ts_ms: read.newest[index(side)],
            cut_ts_ms: read.cut_ms[index(side)],
        })?;
        self.session.input_cut = read.cut[index(side)] > 0;
        let failed = tally.poison > 0 || !read.errors.is_empty() || nothing;
        let exit = if failed { Exit::Input } else { Exit::Clean };
        let lines: u64 = read.ends.iter().map(|e: &End| e.lines).sum();
        let summary =
            format!("{} of {}; {} unreadable", counted(self.emitted, "digest"), counted(lines, "record"), tally.poison);
        Ok(Outcome { exit, counts, summary })
    }
}

impl Writer<'_, '_> {
    /// A record without a digest waits for the next one of its partition, or for company.
    fn leave_out(&mut self, event: &Event, lane: usize, place: (String, u32)) -> Result<()> {
        let between = self.between.entry(place).or_default();
        wire::leave_out(event, between);
        if between.len() < BETWEEN {
            return Ok(());
        }
        let progress = self.progress(lane);
        self.session.write(&progress)
    }
}

impl Consumer for Writer<'_, '_> {
    type Foreseen = ();

    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.lanes.push(lane.clone());
        Ok(())
    }

    fn table(&mut self, table: &Table) -> usize {
        if let Some(known) = self.tables.iter().position(|(t, _)| t.kind == table.kind) {
            return known;
        }
        self.tables.push((table.clone(), table.profile_fp(self.hmac_key_id.as_deref())));
        self.tables.len() - 1
    }

    fn foresee(&self, turns: &[Turn<'_>]) -> Vec<()> {
        vec![(); turns.len()]
    }

    fn event(&mut self, turn: Turn<'_>, (): ()) -> Result<()> {
        let Turn { lane, event, key, table, time } = turn;
        self.reached.insert(lane, (event.offset + 1, time));
        if event.has(flag::ALIVE) {
            self.alive_ms = time;
            let progress = self.progress(lane);
            return self.session.write(&progress);
        }
        let Some((table, profile_fp)) = self.tables.get(table) else { return Ok(()) };
        let l = &self.lanes[lane];
        let record = wire::to_record(event, key.as_bytes(), self.side, &l.topic, l.number, table, *profile_fp);
        let place = (l.topic.to_string(), l.number);
        let Some(mut record) = record else {
            return if event.has(flag::NO_TABLE) { Ok(()) } else { self.leave_out(event, lane, place) };
        };
        record.between = self.between.remove(&place).unwrap_or_default();
        // The time at which it takes effect, so that a later run sees the same order.
        record.log_ts_ms = time;
        self.emitted += 1;
        self.session.write(&record)?;
        if self.emitted.is_multiple_of(PROGRESS_EVERY) {
            for lane in self.reached.keys().copied().collect::<Vec<_>>() {
                let progress = self.progress(lane);
                if !progress.topic.starts_with("__debezium-heartbeat.") {
                    self.session.write(&progress)?;
                }
            }
        }
        Ok(())
    }

    /// Nothing is known about the record but that it was there; the reader must withhold its verdicts.
    fn poison_without_position(&mut self) -> Result<()> {
        self.emitted += 1;
        self.session.write(&wire::unknown(self.side))
    }
}
