//! The loop that all diff verbs share: sources to events in order, with poison, dead letters and signals.

mod faults;

use std::collections::{BTreeMap, BTreeSet};

use super::input::{End, Feed, Message};
use crate::cmd::Ctx;
use crate::cmd::letters::{Letters, LettersTo};
use crate::diff::code::Code;
use crate::diff::decode::{ColumnTypes, ColumnsHeld, Tally};
use crate::diff::event::{Batch, Class, Poison};
use crate::diff::ledger::{Backwards, Ledger};
use crate::diff::merge::{Apply, At, Lane, Merge, Next, Turn};
use crate::diff::notes::Notes;
use crate::diff::types::{Table, index};
use crate::error::{Error, Kind, Result};
use crate::io::fs;
use crate::record::diff::Side;
use crate::text::counted;
use crate::ui::Progress;

/// Events whose keys are looked up together, so that the waits for memory overlap.
const GROUP: usize = 128;

/// What takes the events.
pub trait Consumer {
    /// What is found out about an event before its turn.
    type Foreseen;

    fn lane(&mut self, lane: &Lane) -> Result<()>;
    /// A table met without a types.yaml; returns its index.
    fn table(&mut self, table: &Table) -> usize;
    /// These events come soon, before any other.
    fn foresee(&self, turns: &[Turn<'_>]) -> Vec<Self::Foreseen>;
    fn event(&mut self, turn: Turn<'_>, foreseen: Self::Foreseen) -> Result<()>;
    fn poison_without_position(&mut self) -> Result<()> {
        Ok(())
    }
    /// Why the event at this place, which comes later, cannot be read.
    fn cause(&mut self, _lane: usize, _offset: u64, _cause: &Error) {}
    fn side_ended(&mut self, _side: Side, _newest_ms: Option<i64>) {}
    /// A source of the side was cut; up to `reached_ms` nothing is missing from it.
    fn side_cut(&mut self, _side: Side, _reached_ms: Option<i64>) {}
    /// Something may be written now.
    fn idle(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What was read.
#[derive(Default)]
pub struct Read {
    pub ends: Vec<End>,
    /// Unreadable records of each side.
    pub poison: [u64; 2],
    pub notes: [Notes; 2],
    /// Records that were decoded but lie behind an offset read before: they count as unreadable.
    misplaced: [Tally; 2],
    /// Records of each side that were read once more, from another source or the same.
    pub duplicates: [u64; 2],
    /// Sources of each side that could not be read to their end, and the log time up to which all of them were read.
    pub cut: [u64; 2],
    pub cut_ms: [Option<i64>; 2],
    /// Topics of which each side has events, whether or not they could be read.
    pub topics: [BTreeSet<String>; 2],
    /// Largest log time of each side.
    pub newest: [Option<i64>; 2],
    /// An error after which what came before still counts.
    pub errors: Vec<Error>,
}

impl Read {
    /// Types that the schema blocks of a side gave to its columns.
    pub fn column_types(&self, side: Side) -> ColumnTypes {
        let mut all = ColumnTypes::new();
        for end in self.ends.iter().filter(|end| end.side == Some(side)) {
            for (column, types) in &end.column_types {
                all.entry(column.clone()).or_default().extend(types.iter().cloned());
            }
        }
        all
    }

    /// Declared columns that the rows of a side held.
    pub fn columns_held(&self, side: Side) -> ColumnsHeld {
        let mut all = ColumnsHeld::new();
        for end in self.ends.iter().filter(|end| end.side == Some(side)) {
            for (kind, columns) in &end.columns_held {
                all.entry(kind.clone()).or_default().extend(columns.iter().cloned());
            }
        }
        all
    }

    /// What a side's records were, each counted once.
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
        let misplaced = &self.misplaced[index(side)];
        for (of, less) in [
            (&mut sum.rows, misplaced.rows),
            (&mut sum.tombstones, misplaced.tombstones),
            (&mut sum.control, misplaced.control),
            (&mut sum.sampled_out, misplaced.sampled_out),
        ] {
            *of -= less.min(*of);
            sum.poison += less;
        }
        // What no decoder saw, as a digest stream's unreadable lines, is counted here alone.
        sum.poison = sum.poison.max(self.poison[index(side)]);
        sum
    }
}

pub struct Limits {
    pub disorder_ms: i64,
    pub max_poison: u64,
    pub letters: LettersTo,
}

pub struct Reader<'a> {
    ctx: &'a Ctx,
    feeds: &'a [Feed],
    merge: Merge,
    pub ledger: Ledger,
    max_poison: u64,
    letters: Letters,
    /// Per source: index of its tables among the consumer's.
    tables: Vec<Vec<usize>>,
    /// Topics of the tables met without a types.yaml, by side and kind.
    met: BTreeMap<(Side, String), String>,
    read: Read,
    progress: Progress,
    bytes: Vec<u64>,
}

fn turn_of<'m>(merge: &'m Merge, tables: &[Vec<usize>], apply: &Apply) -> Turn<'m> {
    let (event, batch) = merge.event(apply.at);
    let table = tables[apply.at.source].get(event.table as usize).copied().unwrap_or(0);
    Turn { lane: apply.lane, event, key: batch.key_text(event), table, time: apply.time }
}

impl<'a> Reader<'a> {
    pub fn new(ctx: &'a Ctx, feeds: &'a [Feed], limits: &Limits, tables: usize, ledger: Ledger) -> Result<Self> {
        // Of a compressed file the length of its text is not known.
        let total = feeds.iter().map(|f| if f.compressed { None } else { fs::size(&f.name) }).sum();
        let sides: Vec<Side> = feeds.iter().map(|f| f.side).collect();
        Ok(Reader {
            ctx,
            feeds,
            merge: Merge::new(&sides, limits.disorder_ms),
            ledger,
            max_poison: limits.max_poison,
            letters: Letters::open(&limits.letters)?,
            tables: vec![(0..tables).collect(); feeds.len()],
            met: BTreeMap::new(),
            read: Read { ends: feeds.iter().map(|_| End::default()).collect(), ..Read::default() },
            progress: ctx.ui.progress(total),
            bytes: vec![0; feeds.len()],
        })
    }

    pub fn run(mut self, to: &mut impl Consumer) -> Result<(Read, Ledger)> {
        self.read(to)?;
        Ok(self.done())
    }

    /// Reads everything; after an error [`Reader::done`] gives what came before.
    pub fn read(&mut self, to: &mut impl Consumer) -> Result<()> {
        let read = self.events(to);
        // Also of a run that was interrupted the evidence holds all letters. Of two errors the first is the cause.
        let written = self.letters.flush();
        read.and(written)
    }

    fn events(&mut self, to: &mut impl Consumer) -> Result<()> {
        let mut group = Vec::with_capacity(GROUP);
        loop {
            let next = self.merge.advance();
            if let Next::Apply(apply) = next {
                group.push(apply);
                if group.len() < GROUP {
                    continue;
                }
            }
            self.apply_group(&mut group, to)?;
            match next {
                Next::Done => return Ok(()),
                Next::Need(source) => {
                    self.ctx.interrupt.check()?;
                    let message = self.feeds[source].next(&self.ctx.interrupt)?;
                    self.message(source, message, to)?;
                    to.idle()?;
                }
                Next::Apply(_) => {}
            }
        }
    }

    pub fn done(mut self) -> (Read, Ledger) {
        for (i, side) in Side::BOTH.into_iter().enumerate() {
            let disordered = self.merge.disordered(side);
            if disordered > 0 {
                let events = counted(disordered, "event");
                let text = format!("{events} below the watermark, applied at it");
                self.read.notes[i].add(Code::Disordered, "", side.as_str(), None, || text);
                self.read.notes[i].set_count(Code::Disordered, "", side.as_str(), disordered);
            }
            for (topic, gaps) in self.ledger.gaps(side) {
                faults::note_gaps(&mut self.read.notes[i], topic, &gaps);
            }
            self.read.newest[i] = self.merge.newest(side);
        }
        (self.read, self.ledger)
    }

    fn apply_group<C: Consumer>(&mut self, group: &mut Vec<Apply>, to: &mut C) -> Result<()> {
        let turns: Vec<Turn<'_>> = group.iter().map(|apply| turn_of(&self.merge, &self.tables, apply)).collect();
        let foreseen = to.foresee(&turns);
        for (apply, foreseen) in group.drain(..).zip(foreseen) {
            self.apply(&apply, to, foreseen)?;
            if let Some(batch) = self.merge.applied(apply.at) {
                self.feeds[apply.at.source].give_back(batch);
            }
        }
        Ok(())
    }

    fn apply<C: Consumer>(&mut self, apply: &Apply, to: &mut C, foreseen: C::Foreseen) -> Result<()> {
        let Apply { lane, at: At { source, .. }, .. } = *apply;
        let turn = turn_of(&self.merge, &self.tables, apply);
        let event = turn.event;
        let Err(backwards) = self.ledger.observe(lane, event) else {
            return to.event(turn, foreseen);
        };
        if backwards == Backwards::Replay {
            self.read.duplicates[index(self.feeds[source].side)] += 1;
            return Ok(());
        }
        // Why it cannot be read was said where it was decoded, of a digest record in the findings of its stream.
        if event.class == Class::Poison {
            return to.event(turn, foreseen);
        }
        // Whether it is a replay or news cannot be told, so its key stays undecided until its next event.
        let line = self.kept_line(apply.at)?;
        let mut event = event.clone();
        self.read.misplaced[index(self.feeds[source].side)].count(&event);
        event.class = Class::Poison;
        let at = (source, lane);
        let cause = self.misplaced(at, &event, &backwards, line.as_ref().map(|(number, _)| *number));
        to.cause(lane, event.offset, &cause);
        to.event(Turn { event: &event, ..turn }, foreseen)?;
        self.refuse(source, cause, line)
    }

    fn message(&mut self, source: usize, message: Message, to: &mut impl Consumer) -> Result<()> {
        match message {
            Message::Batch(mut batch, tally) => {
                // What is known of a source that is not read to its end. Unreadable records are counted one by one.
                self.read.ends[source].tally = Tally { poison: 0, ..tally };
                batch.seal().map_err(|_| Error::bug("a key is not UTF-8"))?;
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
                let causes = self.causes(source, &batch);
                let known = self.merge.lanes.len();
                self.merge.push(source, batch);
                for lane in &self.merge.lanes[known..] {
                    self.ledger.add_lane(lane);
                    self.read.topics[index(lane.side)].insert(lane.topic.to_string());
                    to.lane(lane)?;
                }
                let own: Vec<usize> =
                    (0..self.merge.lanes.len()).filter(|i| self.merge.lanes[*i].source == source).collect();
                for (partition, offset, cause) in &causes {
                    if let Some(lane) = own.get(*partition as usize) {
                        to.cause(*lane, *offset, cause);
                    }
                }
            }
            Message::End(end) => self.ended(source, *end, to)?,
        }
        Ok(())
    }

    fn ended(&mut self, source: usize, mut end: End, to: &mut impl Consumer) -> Result<()> {
        let side = self.feeds[source].side;
        self.merge.end(source);
        // A digest stream knows of later records than it holds.
        if let Some(ms) = end.decode.as_ref().and_then(|d| d.log_ts_ms) {
            self.merge.reached(source, ms);
        }
        // Of some topics it holds no record, since nothing in them concerned a row.
        self.read.topics[index(side)].extend(end.sealed.iter().map(|p| p.topic.clone()));
        let notes = std::mem::take(&mut end.notes);
        self.read.notes[index(side)].merge(notes);
        end.gaps.iter().for_each(|gap| self.gap(side, gap));
        match end.error.take() {
            Some(error) if error.kind != Kind::Input => return Err(error),
            Some(error) => self.cut(source, error, to),
            None => {}
        }
        self.read.ends[source] = end;
        self.read.ends[source].side = Some(side);
        let over = |(feed, end): (&Feed, &End)| feed.side != side || end.side.is_some();
        if self.feeds.iter().zip(&self.read.ends).all(over) {
            to.side_ended(side, self.merge.newest(side));
        }
        Ok(())
    }

    /// Partition, offset and cause of the unreadable events of a batch: their causes stand in the same order.
    fn causes(&self, source: usize, batch: &Batch) -> Vec<(u32, u64, Error)> {
        let events = batch.events.iter().filter(|e| e.class == Class::Poison);
        let cause = |p: &Poison| Error::input(p.cause.clone()).at(&self.feeds[source].name, p.line, None);
        events.zip(&batch.poison).map(|(e, p)| (e.partition, e.offset, cause(p))).collect()
    }

    /// A kind that is taken from a topic's last segment must mean one topic on each side.
    fn distinct(&mut self, source: usize, table: &Table) -> Result<()> {
        let side = self.feeds[source].side;
        let topic = &table.topics[index(side)];
        let known = self.met.entry((side, table.kind.clone())).or_insert_with(|| topic.clone());
        if known == topic {
            return Ok(());
        }
        let message = format!("without a types.yaml `{known}` and `{topic}` are both called `{}`", table.kind);
        let hint = "name them apart in a types.yaml, or compare the topics one by one";
        Err(Error::usage(message).at_file(&self.feeds[source].name).hint(hint))
    }
}
