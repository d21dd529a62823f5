//! One comparison, from its sources to its records: what `run` writes and `verify` makes again.

use super::accepted::Accepted;
use super::columns::SecondPass;
use super::facts::Facts;
use super::how::{How, Trouble};
use super::input::Feed;
use super::options::{Loaded, Rows};
use super::reading::{Consumer, Limits, Reader};
use crate::cmd::{Ctx, Session};
use crate::diff::event::Event;
use crate::diff::join::{Foreseen, Halt, Join, Output};
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Lane, Turn};
use crate::diff::types::Table;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::record::diff::{FailOn, Side};
use crate::record::run::Counts;
use crate::record::{Record, Severity};
use crate::text::counted;

/// Where the records of an audit go.
pub trait Records {
    fn write<R: Record>(&mut self, record: &R) -> Result<()>;

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// What was counted of an audit that fails, and its closing line.
    fn failed(&mut self, _counts: Counts, _said: String) {}
}

impl Records for Session<'_> {
    fn write<R: Record>(&mut self, record: &R) -> Result<()> {
        Session::write(self, record)
    }

    fn flush(&mut self) -> Result<()> {
        Session::flush(self)
    }

    fn failed(&mut self, counts: Counts, said: String) {
        (self.counts, self.said) = (counts, said);
    }
}

/// What an audit works with, read and checked before any output.
pub struct Audit<'a> {
    pub ctx: &'a Ctx,
    pub rows: &'a Rows,
    pub loaded: &'a Loaded,
    pub feeds: &'a [Feed],
    pub how: &'a How,
    pub exceptions: Option<&'a Accepted>,
    pub limits: Limits,
    /// Whether the roots of a proof are wanted.
    pub roots: bool,
    /// The instant at which exceptions are judged.
    pub now_ms: i64,
}

/// An audit whose sources are read, and whose last records are not yet written.
pub struct Heard {
    join: Join,
    held: Vec<Output>,
    pub facts: Facts,
    /// What stopped the reading. What was found until then stands; of what would have come nothing is said.
    stopped: Option<Error>,
}

/// What an audit adds up to.
pub struct Found {
    pub join: Join,
    pub facts: Facts,
    pub counts: Counts,
    errors: u64,
}

impl Found {
    pub fn exit(&self, how: &How) -> Exit {
        let (stalled, input_failed) = (self.join.is_stalled(), self.facts.input_failed());
        let met = Trouble { stalled, input_failed, no_row: !self.join.compared_rows() };
        how.exit(&self.counts, self.errors, met)
    }
}

impl Audit<'_> {
    /// Reads the sources. `watch` sees every event with a place in a partition.
    pub fn read(&self, to: &mut impl Records, watch: impl FnMut(&Lane, &Event)) -> Result<Heard> {
        let settings = self.how.join();
        let loaded = self.loaded;
        // Verdicts wait for the end with a second pass, with exceptions that look at all diffs, and with digests, of
        // which only the end tells whether all arrived.
        let hold = settings.second_pass || self.exceptions.is_some() || self.how.digests;
        let join = Join::new(loaded.types.clone(), settings, loaded.hasher.clone(), loaded.homes.clone());
        let mut ear = Ear { join, to, watch, hold, held: Vec::new() };
        let ledger = Ledger::new(self.roots);
        let mut reader = Reader::new(self.ctx, self.feeds, &self.limits, loaded.types.tables.len(), ledger)?;
        let stopped = reader.read(&mut ear).err();
        let (read, ledger) = reader.done();
        let Ear { mut join, mut held, .. } = ear;
        match stopped {
            Some(e) if !matches!(e.kind, Kind::Input | Kind::Environment) => return Err(e),
            Some(_) => {}
            None => {
                for gap in read.ends.iter().flat_map(|end| &end.gaps) {
                    join.withdraw(gap.kind.as_deref(), &mut held);
                }
                join.finish(read.newest);
            }
        }
        let facts = Facts::new(self.how, loaded, self.feeds, read, ledger);
        Ok(Heard { join, held, facts, stopped })
    }

    /// Second pass, exceptions, findings.
    pub fn finish(&self, heard: Heard, to: &mut impl Records) -> Result<Found> {
        let Heard { mut join, held: mut outputs, mut facts, stopped } = heard;
        facts.check_columns()?;
        if self.how.settings.fail_on == FailOn::Unauthorized {
            facts.check_homes()?;
        }
        outputs.extend(join.take());
        if self.how.settings.second_pass {
            outputs = SecondPass::new(self.feeds, self.rows, self.loaded).run(outputs, &mut join)?;
        }
        let (outputs, about_exceptions, excepted) = match self.exceptions {
            Some(accepted) => accepted.judge(outputs, self.now_ms),
            None => (outputs, Vec::new(), 0),
        };
        facts.excepted = excepted;
        for output in outputs {
            write(to, output)?;
        }
        let counts = facts.counts(&join);
        let nothing = stopped.is_none() && self.how.proves_nothing(&counts, !join.compared_rows());
        if stopped.is_some() {
            facts.forget_coverage();
        }
        let mut findings = facts.findings(&join, self.how.settings.allow_inconclusive, nothing);
        findings.extend(about_exceptions);
        for finding in &findings {
            to.write(finding)?;
        }
        if let Some(error) = stopped {
            to.failed(facts.records(), facts.stopped());
            return Err(error);
        }
        let errors = findings.iter().filter(|f| f.severity == Severity::Error).count() as u64;
        Ok(Found { join, facts, counts, errors })
    }
}

/// Takes events into the join, and verdicts out of it as early as they may leave.
struct Ear<'r, R, W> {
    join: Join,
    to: &'r mut R,
    watch: W,
    hold: bool,
    held: Vec<Output>,
}

impl<R: Records, W: FnMut(&Lane, &Event)> Consumer for Ear<'_, R, W> {
    type Foreseen = Foreseen;

    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.join.add_lane(lane.clone()).map_err(halted)
    }

    fn table(&mut self, table: &Table) -> usize {
        self.join.add_table(table.clone())
    }

    fn foresee(&self, turns: &[Turn<'_>]) -> Vec<Foreseen> {
        self.join.foresee(turns)
    }

    fn event(&mut self, turn: Turn<'_>, foreseen: Foreseen) -> Result<()> {
        (self.watch)(&self.join.lanes[turn.lane], turn.event);
        self.join.apply(turn, foreseen).map_err(halted)
    }

    fn poison_without_position(&mut self) -> Result<()> {
        self.join.poison_without_position();
        Ok(())
    }

    fn side_ended(&mut self, side: Side, newest_ms: Option<i64>) {
        self.join.side_ended(side, newest_ms);
    }

    fn side_cut(&mut self, side: Side, reached_ms: Option<i64>) {
        self.join.side_cut(side, reached_ms);
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
            write(self.to, output)?;
        }
        self.to.flush()
    }
}

fn write(to: &mut impl Records, output: Output) -> Result<()> {
    match output {
        Output::Diff(verdict) => to.write(&verdict.diff),
        Output::Unauthorized(write) => to.write(write.as_ref()),
    }
}

fn halted(halt: Halt) -> Error {
    match halt {
        Halt::StateFull { keys, bytes } => Error::environment(format!(
            "the state of {} needs more than {} MB",
            counted(keys as u64, "key"),
            bytes >> 20
        ))
        .hint("raise --max-state-mb, use --state window for append-only tables, or compare tables one by one"),
        Halt::TooManyPartitions => {
            Error::environment("more than 65,534 partitions in one run").hint("compare tables one by one")
        }
    }
}
