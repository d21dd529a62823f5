//! Everything about one key: what each side shows, column by column, and why the two differ. Follows the rules by
//! which `join` decides which event counts, without its memory limits.

mod key;
mod why;

use std::collections::BTreeMap;

use super::event::{Cell, Class, ColumnCell, Event};
use super::hash::{Hasher, Sha, hex};
use crate::record::diff::{ExplainColumn, Side};

pub use key::Wanted;
pub use why::{Shown, why};

/// What one side shows for the key.
#[derive(Debug, Default)]
pub struct State {
    present: bool,
    cells: BTreeMap<String, ColumnCell>,
    /// Values that the columns had before.
    past: BTreeMap<String, Vec<Cell>>,
    version: Option<u64>,
    source_us: Option<i64>,
    value: Option<Sha>,
    /// Versions and values that the side had.
    known: Vec<(u64, Option<Sha>)>,
    /// Where and why its newest event could not be read: what the row is now cannot be told.
    unreadable: Option<String>,
}

impl State {
    /// Applies a row or a delete. `toast`: columns whose placeholder stands for the value before.
    pub fn apply(&mut self, event: &Event, toast: &[&str]) {
        if !self.is_news(event) {
            return;
        }
        self.unreadable = None;
        let row = event.class == Class::Row;
        let mut cells = BTreeMap::new();
        for column in event.extra.iter().flat_map(|e| &e.cells).filter(|_| row) {
            let mut column = column.clone();
            if column.cell == Cell::Placeholder && self.present && toast.contains(&column.name.as_str()) {
                column.cell = self.cells.get(&column.name).map_or(Cell::Null, |before| before.cell.clone());
            }
            cells.insert(column.name.clone(), column);
        }
        for (name, column) in std::mem::replace(&mut self.cells, cells) {
            self.past.entry(name).or_default().push(column.cell);
        }
        self.present = row;
        self.value = row.then_some(event.digest);
        self.version = event.version.or(self.version);
        self.source_us = event.source_us.or(self.source_us);
        self.known.extend(event.version.map(|version| (version, self.value)));
    }

    /// An event of the key could not be read.
    pub fn unreadable(&mut self, place_and_cause: String) {
        self.unreadable = Some(place_and_cause);
    }

    pub fn is_unreadable(&self) -> bool {
        self.unreadable.is_some()
    }

    /// Rows with a lower log position are gone.
    pub fn truncate(&mut self, event: &Event) {
        let older = match (event.version, self.version) {
            (Some(at), Some(row)) => row < at,
            _ => true,
        };
        if self.present && older {
            (self.present, self.value) = (false, None);
            self.cells.clear();
            self.version = event.version.or(self.version);
        }
    }

    /// False for replays and stale events.
    fn is_news(&self, event: &Event) -> bool {
        let (Some(version), Some(current)) = (event.version, self.version) else { return true };
        let value = (event.class == Class::Row).then_some(event.digest);
        if version > current || (version == current && value != self.value) {
            return true;
        }
        let replay = version == current || self.known.contains(&(version, value));
        let newer = match (event.source_us, self.source_us) {
            (Some(us), Some(before)) => us.div_euclid(1000) > before.div_euclid(1000),
            (us, _) => us.is_some(),
        };
        !replay && newer
    }

    /// The column had this value before, and has another now.
    fn had(&self, name: &str, cell: Option<&Cell>) -> bool {
        let past = self.past.get(name);
        cell.is_some_and(|cell| past.is_some_and(|p| p.contains(cell)))
    }

    fn shown(&self, name: &str) -> Shown<'_> {
        if let Some(cause) = &self.unreadable {
            return Shown::Unreadable(cause);
        }
        match self.cells.get(name).map(|c| &c.cell) {
            _ if !self.present => Shown::NoRow,
            None => Shown::NotSent,
            Some(Cell::Null) => Shown::Null,
            Some(Cell::Placeholder) => Shown::Placeholder,
            Some(Cell::Text(text)) => Shown::Text(text),
        }
    }
}

/// The columns of both sides by name; None for a side that was not given.
pub fn columns(sides: [Option<&State>; 2], toast: &[&str], hasher: &Hasher, values: bool) -> Vec<ExplainColumn> {
    let mut types: BTreeMap<&str, &'static str> = BTreeMap::new();
    for column in sides.iter().flatten().flat_map(|s| s.cells.values()) {
        types.entry(&column.name).or_insert(column.type_name);
    }
    let column = |(name, type_name): (&str, &'static str)| {
        let shown = sides.map(|side| side.map(|s| s.shown(name)));
        let (equal, why) = match &shown {
            [Some(lhs), Some(rhs)] => why(type_name, lhs, rhs, toast.contains(&name)),
            _ => (None, None),
        };
        let why = match (equal, stale(sides, name)) {
            (Some(false), Some(side)) => why.map(|w| format!("{w}; {side} shows an earlier value of the other side")),
            _ => why,
        };
        let text = |i: usize| match &shown[i] {
            Some(Shown::Text(text)) => Some(*text),
            _ => None,
        };
        let sha = |i: usize| text(i).map(|t| hex(&hasher.digest(t)));
        let value = |i: usize| text(i).filter(|_| values).map(|t| String::from_utf8_lossy(t).into_owned());
        ExplainColumn {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            equal,
            lhs_sha256: sha(0),
            rhs_sha256: sha(1),
            why,
            lhs_text: value(0),
            rhs_text: value(1),
        }
    };
    types.into_iter().map(column).collect()
}

/// The side that shows what the other one had before.
fn stale(sides: [Option<&State>; 2], column: &str) -> Option<&'static str> {
    let [Some(lhs), Some(rhs)] = sides else { return None };
    let current = |s: &State| s.cells.get(column).map(|c| c.cell.clone());
    match (rhs.had(column, current(lhs).as_ref()), lhs.had(column, current(rhs).as_ref())) {
        (true, false) => Some(name(0)),
        (false, true) => Some(name(1)),
        _ => None,
    }
}

/// The two sides are known to agree; None with one side.
pub fn equal(sides: [Option<&State>; 2], columns: &[ExplainColumn]) -> Option<bool> {
    let [Some(lhs), Some(rhs)] = sides else { return None };
    let readable = !lhs.is_unreadable() && !rhs.is_unreadable();
    Some(readable && lhs.present == rhs.present && columns.iter().all(|c| c.equal == Some(true)))
}

/// `lhs`, `rhs`.
fn name(i: usize) -> &'static str {
    [Side::Lhs, Side::Rhs][i].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::event::Extra;

    fn event(version: u64, us: i64, value: u8, cell: Option<Cell>) -> Event {
        let mut event = Event::blank(0, version, 0);
        (event.version, event.source_us) = (Some(version), Some(us));
        event.class = Class::Delete;
        if let Some(cell) = cell {
            event.class = Class::Row;
            event.digest = [value; 32];
            let cells = vec![ColumnCell { name: "c".into(), type_name: "text", cell }];
            event.extra = Some(Box::new(Extra { cells, ..Extra::default() }));
        }
        event
    }

    fn text(text: &str) -> Option<Cell> {
        Some(Cell::Text(text.as_bytes().to_vec()))
    }

    #[test]
    fn replays_and_stale_events_change_nothing() {
        let mut state = State::default();
        state.apply(&event(10, 1_000_000, 1, text("\"a\"")), &[]);
        state.apply(&event(20, 2_000_000, 2, text("\"b\"")), &[]);
        state.apply(&event(10, 1_000_000, 1, text("\"a\"")), &[]);
        state.apply(&event(15, 1_500_000, 3, text("\"c\"")), &[]);
        assert_eq!(state.shown("c"), Shown::Text(b"\"b\""));
        // A restored backup: a lower position with a newer commit time.
        state.apply(&event(12, 3_000_000, 4, text("\"d\"")), &[]);
        assert_eq!(state.shown("c"), Shown::Text(b"\"d\""));
    }

    #[test]
    fn a_placeholder_inherits_only_from_the_row_before() {
        let mut state = State::default();
        state.apply(&event(1, 1, 1, text("\"a\"")), &["c"]);
        state.apply(&event(2, 2, 2, Some(Cell::Placeholder)), &["c"]);
        assert_eq!(state.shown("c"), Shown::Text(b"\"a\""));
        state.apply(&event(3, 3, 2, Some(Cell::Placeholder)), &[]);
        assert_eq!(state.shown("c"), Shown::Placeholder, "not a toast column");
        state.apply(&event(4, 4, 0, None), &["c"]);
        assert_eq!(state.shown("c"), Shown::NoRow);
        state.apply(&event(5, 5, 2, Some(Cell::Placeholder)), &["c"]);
        assert_eq!(state.shown("c"), Shown::Placeholder, "the row before was deleted");
    }

    #[test]
    fn a_stale_side_is_named() {
        let (mut lhs, mut rhs) = (State::default(), State::default());
        lhs.apply(&event(1, 1, 1, text("\"a\"")), &[]);
        rhs.apply(&event(1, 1, 1, text("\"a\"")), &[]);
        lhs.apply(&event(2, 2, 2, text("\"b\"")), &[]);
        let of = |sides| columns(sides, &[], &Hasher::Plain, false)[0].why.clone().unwrap();
        assert_eq!(of([Some(&lhs), Some(&rhs)]), "other value; rhs shows an earlier value of the other side");
        assert_eq!(of([Some(&rhs), Some(&lhs)]), "other value; lhs shows an earlier value of the other side");
    }

    #[test]
    fn a_truncate_spares_newer_rows() {
        let mut state = State::default();
        state.apply(&event(10, 1, 1, text("1")), &[]);
        state.truncate(&event(5, 1, 0, None));
        assert!(state.present);
        state.truncate(&event(11, 1, 0, None));
        assert!(!state.present);
    }

    #[test]
    fn an_unreadable_event_is_no_missing_row() {
        let (mut lhs, mut rhs) = (State::default(), State::default());
        lhs.apply(&event(1, 1, 1, text("true")), &[]);
        rhs.unreadable("eu.nd:1: column `c`: no boolean".into());
        let sides = [Some(&lhs), Some(&rhs)];
        let column = &columns(sides, &[], &Hasher::Plain, false)[0];
        let expected = "unreadable on rhs: eu.nd:1: column `c`: no boolean";
        assert_eq!((column.equal, column.why.as_deref()), (None, Some(expected)));
        assert_eq!(equal(sides, std::slice::from_ref(column)), Some(false), "cannot tell is no agreement");
        // Both sides: there is no column to compare, and they are not equal for that.
        assert_eq!(equal([Some(&rhs), Some(&rhs)], &[]), Some(false));
        // The next readable event decides.
        rhs.apply(&event(2, 2, 1, text("true")), &[]);
        let columns = columns([Some(&lhs), Some(&rhs)], &[], &Hasher::Plain, false);
        assert_eq!(equal([Some(&lhs), Some(&rhs)], &columns), Some(true));
    }

    #[test]
    fn one_side_has_digests_and_no_verdict() {
        let mut state = State::default();
        state.apply(&event(1, 1, 1, text("\"a\"")), &[]);
        let columns = columns([Some(&state), None], &[], &Hasher::Plain, false);
        assert_eq!((columns[0].equal, columns[0].rhs_sha256.as_deref()), (None, None));
        assert_eq!(columns[0].lhs_sha256.as_deref().unwrap(), hex(&Hasher::Plain.digest(b"\"a\"")));
        assert_eq!(equal([Some(&state), None], &columns), None);
    }
}
