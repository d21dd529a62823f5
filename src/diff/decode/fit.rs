//! Whether the rows of a shape can be compared at all. Decided once per shape and table.

use super::stop::foreign;
use super::{Decoder, Stop};
use crate::diff::frame::Framing;
use crate::diff::plan::{Plan, Unfit};
use crate::diff::shape::{Foreign, Form, Shape};
use crate::diff::types::{Table, other};

/// What a whole envelope has; `before` may be left out.
const ENVELOPE: [&str; 4] = ["before", "after", "op", "source"];
/// Of a value that is no row of its table, this many names are shown.
const SHOWN: usize = 5;

/// Why rows of this shape cannot be compared, if so.
pub(super) fn unfit(table: &Table, shape: &Shape, plan: &Plan) -> Option<Unfit> {
    let in_key = |name: &str| table.key.columns().any(|key| key == name);
    if let Some(cause) = broken_envelope(shape, in_key) {
        return Some(Unfit::Damaged(cause));
    }
    if plan.columns().any(|(name, ..)| !in_key(name)) {
        return None;
    }
    let declared = table.columns.keys().any(|name| !in_key(name));
    let others = shape.columns.iter().any(|(_, name)| !in_key(name));
    match (declared, others) {
        // A table that is nothing but its key is compared by which keys there are.
        (false, false) if !shape.columns.is_empty() => None,
        (false, true) => {
            Some(Unfit::Undeclared(format!("no column of table `{}` besides its key would be compared", table.kind)))
        }
        _ => {
            let names = if shape.form == Form::Envelope { columns(shape) } else { shape.members.clone() };
            Some(Unfit::Damaged(format!("the row holds no compared column of table `{}`{}", table.kind, list(&names))))
        }
    }
}

/// A flattened row has its key among its columns; a value with names of an envelope and without the key is no row.
fn broken_envelope(shape: &Shape, in_key: impl Fn(&str) -> bool) -> Option<String> {
    let has = |name: &str| shape.members.iter().any(|m| m == name);
    match shape.form {
        Form::Envelope => (!has("after")).then(|| "`after` is missing".to_owned()),
        Form::Flat => {
            let parts = ENVELOPE.iter().filter(|part| has(part)).count();
            if parts < 2 || shape.members.iter().any(|m| in_key(m)) {
                return None;
            }
            let lacks: Vec<&str> = ["op", "source"].into_iter().filter(|part| !has(part)).collect();
            Some(match lacks.as_slice() {
                [] => "not a whole envelope: `source` is no object".to_owned(),
                [one] => format!("not a whole envelope: `{one}` is missing"),
                _ => "not a whole envelope: `op` and `source` are missing".to_owned(),
            })
        }
    }
}

fn columns(shape: &Shape) -> Vec<String> {
    shape.columns.iter().map(|(_, name)| name.clone()).collect()
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!(", only {}{more}", shown.join(", "))
}

impl Decoder {
    /// Notes which declared columns the rows of a shape hold.
    pub(super) fn hold(&mut self, table: u16, shape: u32) {
        let (table, Some(shape)) = (&self.tables[table as usize], self.shapes.get(shape)) else { return };
        if !table.columns.is_empty() {
            let names = shape.columns.iter().map(|(_, name)| name);
            let held = self.held.entry(table.kind.clone()).or_default();
            held.extend(names.filter(|name| table.columns.contains_key(*name)).cloned());
        }
    }

    /// Events of another connector than the side's say nothing about its copy. Behind rows that were right such a record is
    /// damaged.
    pub(super) fn foreign(&self, table: u16, found: &Foreign) -> Stop {
        let (types, side) = (&self.setup.types, self.setup.side);
        let topic = &self.tables[table as usize].topics[self.side];
        let after_rows = self.blocks.compared.contains(&table);
        let name = match found {
            Foreign::Connector(kind) => {
                return match foreign(topic, kind, after_rows) {
                    Ok(refused) => Stop::Refused(refused),
                    Err(cause) => Stop::poison(cause),
                };
            }
            Foreign::Name(name) => name,
        };
        let declared = &types.side(side).connector;
        if after_rows {
            return Stop::poison(format!("the event is of connector `{name}`, not of `{declared}`"));
        }
        let hint = match types.side(other(side)).connector == *name {
            true => format!("{side} was probably given the recording of {}", other(side)),
            false => format!("give the recording of `{declared}`, or correct `connector` (its `topic.prefix`)"),
        };
        Stop::refused(
            format!("the events of `{topic}` are those of connector `{name}`; types.yaml says `{declared}` for {side}"),
            hint,
        )
    }

    /// Where no row of the table could be compared yet and types.yaml declares nothing, a person must settle it; else
    /// this row is damaged.
    pub(super) fn unfit(&self, table: u16, plan: usize) -> Stop {
        match &self.plans[plan].1.unfit {
            Some(Unfit::Undeclared(cause)) if !self.blocks.compared.contains(&table) => {
                let hint =
                    "declare its columns in types.yaml: `govctl diff digest --suggest-types` makes a first version";
                Stop::refused(cause.clone(), hint)
            }
            Some(Unfit::Damaged(cause)) if self.framing == Framing::Value => {
                Stop::poison(format!("{cause} (the file was read as framing value)"))
            }
            Some(Unfit::Undeclared(cause) | Unfit::Damaged(cause)) => Stop::poison(cause.clone()),
            None => Stop::poison("the row cannot be compared"),
        }
    }
}
