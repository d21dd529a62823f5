//! The loop that all diff verbs share: sources to events in order, with poison, dead letters and signals.

use std::collections::BTreeMap;
use std::io::Write;

use super::input::{End, Feed, Message};
use crate::cmd::Ctx;
use crate::diff::code::Code;
use crate::diff::decode::Tally;
use crate::diff::event::{Class, Event, Poison};
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Lane, Merge, Next};
use crate::diff::notes::Notes;
use crate::diff::types::{Table, index};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::diff::Side;
use crate::ui::Progress;

/// Unreadable records are shown one by one on standard error up to this number.
const SHOWN: u64 = 10;

/// What takes the events.
pub trait Consumer {
    fn lane(&mut self, lane: &Lane) -> Result<()>;
    /// A table met by `--infer`; returns its index.
    fn table(&mut self, table: &Table) -> usize;
    fn event(&mut self, lane: usize, event: &Event, key: &str, table: usize, time: i64) -> Result<()>;
    fn poison_without_position(&mut self) -> Result<()>;
    fn side_ended(&mut self, side: Side, newest_ms: Option<i64>);
    /// Something may be written now.
    fn idle(&mut self) -> Result<()>;
}

/// What was read.
#[derive(Default)]
pub struct Read {
    pub ends: Vec<End>,
    /// Unreadable records of each side.
    pub poison: [u64; 2],
    pub notes: [Notes; 2],
    /// Largest log time of each side.
    pub newest: [Option<i64>; 2],
    /// An error after which what came before still counts.
    pub errors: Vec<Error>,
}

impl Read {
    pub fn tally(&self, feeds: &[Feed], side: Side) -> Tally {
        let mut sum = Tally::default();
        for (feed, end) in feeds.iter().zip(&self.ends) {
            if feed.side == side {
                let t = end.tally;
                sum.rows += t.rows;
                sum.tombstones += t.tombstones;
                sum.control += t.control;
                sum.poison += t.poison;
                sum.sampled_out += t.sampled_out;
                sum.origin_unknown += t.origin_unknown;
            }
        }
        sum
    }
}

pub struct Limits {
    pub disorder_ms: i64,
    pub max_poison: u64,
    pub dead_letter: Option<String>,
}

pub struct Reader<'a> {
    ctx: &'a Ctx,
    feeds: &'a [Feed],
    merge: Merge,
    pub ledger: Ledger,
    max_poison: u64,
    dead: Option<(String, std::io::BufWriter<std::fs::File>)>,
    /// Per source: index of its tables among the consumer's.
    tables: Vec<Vec<usize>>,
    /// Topics of the tables that `--infer` met, by side and kind.
    inferred: BTreeMap<(Side, String), String>,
    read: Read,
    progress: Progress,
    bytes: Vec<u64>,
}

impl<'a> Reader<'a> {
    pub fn new(
        ctx: &'a Ctx,
        feeds: &'a [Feed],
        limits: &Limits,
        tables: usize,
        ledger: Ledger,
        total: Option<u64>,
    ) -> Result<Self> {
        let sides: Vec<Side> = feeds.iter().map(|f| f.side).collect();
        let dead = match &limits.dead_letter {
            Some(path) => Some((path.clone(), std::io::BufWriter::new(fs::create_file(std::path::Path::new(path))?))),
            None => None,
        };
        Ok(Reader {
            ctx,
            feeds,
            merge: Merge::new(&sides, limits.disorder_ms),
            ledger,
            max_poison: limits.max_poison,
            dead,
            tables: vec![(0..tables).collect(); feeds.len()],
            inferred: BTreeMap::new(),
            read: Read { ends: feeds.iter().map(|_| End::default()).collect(), ..Read::default() },
            progress: ctx.ui.progress(total),
            bytes: vec![0; feeds.len()],
        })
    }

    /// Reads everything; the ledger and what was read are left in the reader.
    pub fn run(mut self, to: &mut impl Consumer) -> Result<(Read, Ledger)> {
        loop {
            match self.merge.advance() {
                Next::Done => break,
                Next::Need(source) => {
                    self.ctx.interrupt.check()?;
                    let message = self.feeds[source].next(&self.ctx.interrupt)?;
                    self.message(source, message, to)?;
                    to.idle()?;
                }
                Next::Apply { lane, time, at } => {
                    let (event, batch) = self.merge.event(at);
                    if let Err(backwards) = self.ledger.observe(&self.merge.lanes[lane], event) {
                        let side = index(self.merge.lanes[lane].side);
                        let cause = format!(
                            "offset goes back: {} after offset {} was read; sort the recording by partition and offset",
                            backwards.at,
                            backwards.next - 1
                        );
                        self.read.poison[side] += 1;
                        self.read.notes[side].add(Code::Unreadable, "", &cause, None, || cause.clone());
                    } else {
                        let source = self.merge.lanes[lane].source;
                        let key =
                            std::str::from_utf8(batch.key(event)).map_err(|_| Error::bug("a key is not UTF-8"))?;
                        let table = self.tables[source].get(event.table as usize).copied().unwrap_or(0);
                        to.event(lane, event, key, table, time)?;
                    }
                    let source = self.merge.lanes[lane].source;
                    if let Some(batch) = self.merge.applied(at) {
                        self.feeds[source].give_back(batch);
                    }
                }
            }
        }
        if let Some((path, file)) = &mut self.dead {
            file.flush().map_err(|e| Error::io(path, "write", &e))?;
        }
        for (i, side) in [Side::Lhs, Side::Rhs].into_iter().enumerate() {
            let disordered = self.merge.disordered(side);
            if disordered > 0 {
                let text = format!("{disordered} events came below the watermark and were applied at it");
                self.read.notes[i].add(Code::Disordered, "", side.as_str(), None, || text);
                self.read.notes[i].set_count(Code::Disordered, "", side.as_str(), disordered);
            }
            self.read.newest[i] = self.merge.newest(side);
        }
        Ok((self.read, self.ledger))
    }

    fn message(&mut self, source: usize, message: Message, to: &mut impl Consumer) -> Result<()> {
        match message {
            Message::Batch(batch) => {
                for table in &batch.tables {
                    self.distinct(source, table)?;
                    let at = to.table(table);
                    self.tables[source].push(at);
                }
                for poison in &batch.poison {
                    self.poison(source, poison)?;
                }
                if batch.events.iter().any(|e| e.class == Class::Poison && e.partition == u32::MAX) {
                    to.poison_without_position()?;
                }
                self.bytes[source] = batch.bytes;
                self.progress.set(self.bytes.iter().sum());
                let known = self.merge.lanes.len();
                self.merge.push(source, batch);
                for lane in &self.merge.lanes[known..] {
                    to.lane(lane)?;
                }
            }
            Message::End(mut end) => {
                self.merge.end(source);
                let side = self.feeds[source].side;
                // A digest stream knows of later records than it holds.
                if let Some(ms) = end.decode.as_ref().and_then(|d| d.log_ts_ms) {
                    self.merge.reached(source, ms);
                }
                let notes = std::mem::take(&mut end.notes);
                self.read.notes[index(side)].merge(notes);
                if let Some(error) = end.error.take() {
                    if error.kind != crate::error::Kind::Input {
                        return Err(error);
                    }
                    self.ctx.ui.error(&error);
                    self.read.errors.push(error);
                }
                self.read.ends[source] = *end;
                self.read.ends[source].side = Some(side);
                let over = |(feed, end): (&Feed, &End)| feed.side != side || end.side.is_some();
                if self.feeds.iter().zip(&self.read.ends).all(over) {
                    to.side_ended(side, self.merge.newest(side));
                }
            }
        }
        Ok(())
    }

    /// A kind that `--infer` takes from a topic's last segment must mean one topic on each side.
    fn distinct(&mut self, source: usize, table: &Table) -> Result<()> {
        let side = self.feeds[source].side;
        let topic = &table.topics[index(side)];
        let known = self.inferred.entry((side, table.kind.clone())).or_insert_with(|| topic.clone());
        if known == topic {
            return Ok(());
        }
        let message = format!("--infer: `{known}` and `{topic}` are both called `{}`", table.kind);
        let hint = "name them apart in a types.yaml, or compare the topics one by one";
        Err(Error::usage(message).at_file(&self.feeds[source].name).hint(hint))
    }

    fn poison(&mut self, source: usize, poison: &Poison) -> Result<()> {
        let feed = &self.feeds[source];
        let side = index(feed.side);
        let name = fs::record_name(&feed.name);
        self.read.poison[side] += 1;
        let total: u64 = self.read.poison.iter().sum();
        if total <= SHOWN {
            self.ctx.ui.warn(&Error::input(poison.cause.clone()).at(&feed.name, poison.line, None));
        } else if total == SHOWN + 1 {
            self.ctx.ui.warn(&Error::input("more unreadable records follow; the summary counts them"));
        }
        // One finding per cause, whatever the byte position.
        let subject = poison.cause.split(" (byte ").next().unwrap_or_default().to_owned();
        self.read.notes[side].add(Code::Unreadable, "", &subject, None, || poison.cause.clone());
        self.read.notes[side].place(Code::Unreadable, "", &subject, &name, poison.line);
        if let Some((path, file)) = &mut self.dead {
            let text = match std::str::from_utf8(&poison.bytes) {
                Ok(text) => {
                    serde_json::json!({"file": name, "line": poison.line, "cause": poison.cause, "record": text})
                }
                Err(_) => {
                    let base64 = data_encoding::BASE64.encode(&poison.bytes);
                    serde_json::json!({"file": name, "line": poison.line, "cause": poison.cause, "record_base64": base64})
                }
            };
            writeln!(file, "{text}").map_err(|e| Error::io(path, "write", &e))?;
        }
        if total > self.max_poison {
            return Err(Error::input(format!("more than {} unreadable records", self.max_poison))
                .at(&feed.name, poison.line, None)
                .hint("is this the right file, --framing and types.yaml? --max-poison raises the limit"));
        }
        Ok(())
    }
}
