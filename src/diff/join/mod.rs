//! Convergence of the two sides, key by key: state-based, no event is paired with another (docs/diff.md, "Verdicts").

mod apply;
mod clock;
mod finish;
mod history;
mod index;
mod store;
#[cfg(test)]
mod tests;
mod timers;
mod verdict;
mod window;

use super::hash::Hasher;
use super::home::Homes;
use super::lag::Histogram;
use super::merge::{Lane, Turn};
use super::notes::Notes;
use super::types::{Types, index};
use crate::record::diff::{Diff, Side, UnauthorizedWrite};
use clock::Clock;
pub use store::Foreseen;
use store::Store;
use timers::Timers;
use window::Window;

/// What `run` is told.
#[derive(Debug, Clone)]
pub struct Settings {
    pub grace_ms: i64,
    pub late_after_ms: i64,
    pub late_max_ms: i64,
    pub disorder_ms: i64,
    /// End of input is the end of the log; else keys inside grace are pending.
    pub at_end_final: bool,
    /// Keep only unresolved keys.
    pub window: bool,
    pub max_state_bytes: usize,
    /// In window mode: of these, what is remembered of settled keys.
    pub max_settled_bytes: usize,
    pub allow_poison: bool,
    /// Both sources can be read again: columns and differing column sets are looked at in a second pass.
    pub second_pass: bool,
}

/// Whether the verdicts of a table are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Withheld {
    No,
    /// Not unless `--allow-poison` is given: an event could not be read.
    Poisoned,
    /// Not at all: events never arrived.
    Gap,
}

/// Where a side's row can be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub lane: usize,
    pub offset: u64,
    pub byte: u64,
}

/// A verdict on its way out.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub diff: Diff,
    pub ts_ms: i64,
    pub opened_ms: i64,
    pub table: usize,
    pub key: String,
    /// lhs, rhs: where the two rows lie; None where there is no row.
    pub places: [Option<Place>; 2],
    /// Toast columns that differ, by their parts.
    pub toast: Vec<String>,
    /// The events hold different sets of columns: only the common ones can be compared.
    pub columns_differ: bool,
}

#[derive(Debug)]
pub enum Output {
    Diff(Box<Verdict>),
    Unauthorized(Box<UnauthorizedWrite>),
}

/// Keys and events as the proof counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub ok: u64,
    pub missing: u64,
    pub mismatch: u64,
    pub late: u64,
    /// Episodes that a repair or a reversal closed.
    pub repaired: u64,
    pub capture_loss: u64,
    pub inconclusive: u64,
    pub pending: u64,
    pub unauthorized: u64,
    pub duplicates: u64,
    pub duplicates_unproven: u64,
    pub stale: u64,
    pub opened: u64,
}

/// Stops the run.
#[derive(Debug)]
pub enum Halt {
    /// Over `--max-state-mb`.
    StateFull {
        keys: usize,
        bytes: usize,
    },
    TooManyPartitions,
}

pub struct Join {
    types: Types,
    settings: Settings,
    hasher: Hasher,
    homes: Option<Homes>,
    store: Store,
    window: Window,
    clocks: [Clock; 2],
    /// When which key is to be judged.
    timers: Timers,
    /// Log time that all sides were read to.
    now_ms: i64,
    pub lanes: Vec<Lane>,
    /// Next offset after the newest row event or heartbeat applied, per lane.
    read_to: Vec<u64>,
    /// Sets of compared columns, by index.
    column_sets: Vec<u32>,
    /// Tables of which an event was lost that could be of any key.
    withheld: Vec<Withheld>,
    step: Vec<Output>,
    step_ms: i64,
    out: Vec<Output>,
    pub notes: [Notes; 2],
    pub counts: Counts,
    pub replication: Histogram,
    /// Log time up to which a side's recording reaches, once it has ended.
    ended: [Option<i64>; 2],
    /// Log time up to which a side's recordings prove something: what lies behind is not known.
    proved: [i64; 2],
    stalled: bool,
    /// A key agrees that had a row on a side at some time.
    rows_agree: bool,
    ticks: u32,
}

impl Counts {
    /// A closing record that does not leave after all.
    fn take_back(&mut self, diff: &Diff) {
        self.late -= u64::from(diff.is_late());
        self.repaired -= u64::from(diff.is_repaired());
    }
}

impl Join {
    pub fn new(types: Types, settings: Settings, hasher: Hasher, homes: Option<Homes>) -> Self {
        let clock = |side| Clock::new(types.side(side).heartbeat_ms, settings.disorder_ms);
        Join {
            clocks: [clock(Side::Lhs), clock(Side::Rhs)],
            window: Window::new(settings.late_max_ms),
            withheld: vec![Withheld::No; types.tables.len()],
            types,
            settings,
            hasher,
            homes,
            store: Store::default(),
            timers: Timers::new(),
            now_ms: i64::MIN,
            lanes: Vec::new(),
            read_to: Vec::new(),
            column_sets: Vec::new(),
            step: Vec::new(),
            step_ms: i64::MIN,
            out: Vec::new(),
            notes: Default::default(),
            counts: Counts::default(),
            replication: Histogram::default(),
            ended: [None; 2],
            proved: [i64::MAX; 2],
            stalled: false,
            rows_agree: false,
            ticks: 0,
        }
    }

    /// Tables that `--infer` met; types.yaml's are known already.
    pub fn add_table(&mut self, table: super::types::Table) -> usize {
        if let Some(i) = self.types.tables.iter().position(|t| t.kind == table.kind) {
            return i;
        }
        self.types.tables.push(table);
        self.withheld.push(Withheld::No);
        self.types.tables.len() - 1
    }

    /// These events come soon: what [`Join::apply`] wants to know of each.
    pub fn foresee(&self, turns: &[Turn<'_>]) -> Vec<Foreseen> {
        self.store.foresee(turns.iter().map(|turn| (turn.table as u16, turn.key)))
    }

    pub fn types(&self) -> &Types {
        &self.types
    }

    /// Verdicts in their order; call it between events.
    pub fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.out)
    }

    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// Log time that a side spent stalled or catching up.
    pub fn stalled_ms(&self, side: Side) -> i64 {
        self.clocks[index(side)].paused_ms()
    }

    /// A side is stalled now, so nothing may be concluded.
    pub fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// A row was compared with a row, or with its absence; that a key is gone on both sides is no such comparison.
    pub fn compared_rows(&self) -> bool {
        let Counts { missing, mismatch, inconclusive, .. } = self.counts;
        self.rows_agree || missing + mismatch + inconclusive > 0
    }

    /// A key on which the sides agree.
    fn agree(&mut self, i: u32) {
        self.counts.ok += 1;
        self.rows_agree |= self.store.get(i).sides.iter().any(|side| side.has(store::bit::HAD_ROW));
    }

    /// Records of one log time leave in the order of diff_id.
    fn emit(&mut self, ts_ms: i64, output: Output) {
        if ts_ms != self.step_ms {
            self.end_step();
            self.step_ms = ts_ms;
        }
        self.step.push(output);
    }

    fn end_step(&mut self) {
        self.step.sort_by(|a, b| name(a).cmp(&name(b)));
        self.out.append(&mut self.step);
    }
}

fn name(output: &Output) -> (&str, u32) {
    match output {
        Output::Diff(v) => (&v.diff.diff_id, v.diff.rev),
        Output::Unauthorized(w) => (&w.write_id, 0),
    }
}

pub(crate) fn side_of(i: usize) -> Side {
    if i == 0 { Side::Lhs } else { Side::Rhs }
}
