//! The second pass over regular files: which columns of a mismatch differ.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::input::Feed;
use super::options::{Loaded, Rows};
use crate::diff::decode::Decoder;
use crate::diff::event::Cell;
use crate::diff::join::{Join, Output, Place, Verdict};
use crate::error::{Error, Result};
use crate::io::source::{Reopened, Source};
use crate::record::diff::{Reason, State};

pub struct SecondPass<'a> {
    feeds: &'a [Feed],
    rows: &'a Rows,
    loaded: &'a Loaded,
}

type Cells = Vec<(String, Cell)>;

impl<'a> SecondPass<'a> {
    pub fn new(feeds: &'a [Feed], rows: &'a Rows, loaded: &'a Loaded) -> Self {
        SecondPass { feeds, rows, loaded }
    }

    /// Fills `cols`. Mismatches of rows whose common columns agree were none, and are taken back.
    pub fn run(&self, outputs: Vec<Output>, join: &mut Join) -> Result<Vec<Output>> {
        let mut wanted: BTreeMap<(usize, u64), ()> = BTreeMap::new();
        for verdict in outputs.iter().filter_map(judged) {
            for place in verdict.places.iter().flatten() {
                wanted.insert((join.lanes[place.lane].source, place.byte), ());
            }
        }
        let mut cells: HashMap<(usize, u64), Cells> = HashMap::new();
        for (source, feed) in self.feeds.iter().enumerate() {
            let bytes: Vec<u64> = wanted.range((source, 0)..(source + 1, 0)).map(|((_, byte), ())| *byte).collect();
            self.read(source, feed, &bytes, join, &mut cells)?;
        }
        let mut taken_back = HashSet::new();
        let mut kept = Vec::with_capacity(outputs.len());
        for mut output in outputs {
            if let Output::Diff(verdict) = &mut output
                && judged_verdict(verdict)
            {
                let at = |place: &Option<Place>| place.and_then(|p| cells.get(&(join.lanes[p.lane].source, p.byte)));
                if let (Some(lhs), Some(rhs)) = (at(&verdict.places[0]), at(&verdict.places[1])) {
                    let cols = differing(lhs, rhs, verdict);
                    if verdict.columns_differ && cols.is_empty() {
                        taken_back.insert(verdict.diff.diff_id.clone());
                    }
                    verdict.diff.cols = Some(cols);
                }
            }
            kept.push(output);
        }
        self.take_back(&taken_back, kept, join)
    }

    fn take_back(&self, ids: &HashSet<String>, outputs: Vec<Output>, join: &mut Join) -> Result<Vec<Output>> {
        if ids.is_empty() {
            return Ok(outputs);
        }
        let (gone, kept): (Vec<_>, Vec<_>) =
            outputs.into_iter().partition(|o| matches!(o, Output::Diff(v) if ids.contains(&v.diff.diff_id)));
        let mut said: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
        for output in &gone {
            if let Output::Diff(verdict) = output {
                said.entry(&verdict.diff.diff_id).or_default().push(verdict);
            }
        }
        said.values().for_each(|verdicts| join.retract(verdicts));
        Ok(kept)
    }

    fn read(
        &self,
        source: usize,
        feed: &Feed,
        bytes: &[u64],
        join: &Join,
        cells: &mut HashMap<(usize, u64), Cells>,
    ) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut types = join.types().clone();
        for table in &mut types.tables {
            // An inferred table has the topic of the side that showed it first.
            if self.loaded.types.tables.is_empty() {
                let lane = join.lanes.iter().find(|l| l.source == source && l.topic.ends_with(&table.kind));
                if let Some(lane) = lane {
                    table.topics = [lane.topic.to_string(), lane.topic.to_string()];
                }
            }
        }
        let mut setup = self.rows.setup(self.loaded, feed.side);
        (setup.types, setup.homes) = (types, None);
        let mut decoder =
            Decoder::new(setup.into(), feed.framing, 0).map_err(|r| super::input::refused(&r).at_file(&feed.name))?;
        let mut take = |byte: u64, line: &[u8]| -> Result<()> {
            let row = decoder.cells(line).map_err(|cause| {
                Error::input(format!("changed while it was read: {cause} (byte {byte})")).at_file(&feed.name)
            })?;
            cells.insert((source, byte), row);
            Ok(())
        };
        if !feed.compressed {
            let mut file = Reopened::open(&feed.name)?;
            for byte in bytes {
                take(*byte, &file.line_at(*byte, self.rows.max_line)?)?;
            }
            return Ok(());
        }
        let mut lines = Source::open(&feed.name)?.lines(self.rows.max_line);
        let mut next = bytes.iter().copied().peekable();
        // Not beyond the last row that is wanted: what follows it may be damaged.
        while let Some(byte) = next.peek().copied() {
            let Some(line) = lines.next_line()? else { break };
            if line.offset == byte {
                take(byte, line.bytes)?;
                next.next();
            }
        }
        Ok(())
    }
}

fn judged(output: &Output) -> Option<&Verdict> {
    match output {
        Output::Diff(verdict) if judged_verdict(verdict) => Some(verdict),
        _ => None,
    }
}

fn judged_verdict(verdict: &Verdict) -> bool {
    verdict.diff.state == State::Open && verdict.diff.reason == Reason::Mismatch
}

/// Names of the columns that both rows have and that differ. Toast columns may be inherited, so their parts tell.
fn differing(lhs: &Cells, rhs: &Cells, verdict: &Verdict) -> Vec<String> {
    let rhs: HashMap<&str, &Cell> = rhs.iter().map(|(name, cell)| (name.as_str(), cell)).collect();
    let mut cols: Vec<String> = verdict.toast.clone();
    for (name, cell) in lhs {
        let Some(other) = rhs.get(name.as_str()) else { continue };
        let placeholder = *cell == Cell::Placeholder || **other == Cell::Placeholder;
        if !placeholder && cell != *other && !cols.contains(name) {
            cols.push(name.clone());
        }
    }
    cols.sort();
    cols
}
