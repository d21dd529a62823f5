//! Proposes a types.yaml from recordings: facts from schema blocks, guesses from how the values look.

mod emit;
mod guess;
mod observe;
mod pair;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::schema;
use super::{Column, PLACEHOLDER};
use crate::diff::decode::{Refused, foreign};
use crate::diff::frame::{Frame, Framing};
use crate::diff::keys::key_object;
use crate::diff::shape::{Foreign, Form, Shapes, Slot, describe};
use crate::json::scan::{self, Kind, Span};
use guess::Sighting;

/// What the recordings of both sides show.
#[derive(Default)]
pub struct Collector {
    sides: [SideFacts; 2],
    /// `--table`: the kind of the one table of bare values.
    table: Option<String>,
    frame: Frame,
    shapes: Shapes,
    spans: Vec<Span>,
    schema: (Vec<u8>, BTreeMap<String, Column>),
}

#[derive(Default)]
struct SideFacts {
    /// A recording of this side was given.
    recorded: bool,
    records: u64,
    topics: BTreeMap<String, TopicFacts>,
    /// Connector to the times of its heartbeats.
    heartbeats: BTreeMap<String, Vec<i64>>,
}

#[derive(Default)]
struct TopicFacts {
    /// Columns of the event key in their order.
    key: Option<Vec<String>>,
    /// In the order in which they were met.
    columns: Vec<(String, Sighting)>,
    index: HashMap<String, usize>,
    /// Connector and table by the source block.
    connector: Option<String>,
    table: Option<String>,
    schema_name: Option<String>,
    origins: BTreeSet<String>,
}

impl TopicFacts {
    fn column(&mut self, name: &str) -> &mut Sighting {
        let at = match self.index.get(name) {
            Some(at) => *at,
            None => {
                self.columns.push((name.to_owned(), Sighting::default()));
                self.index.insert(name.to_owned(), self.columns.len() - 1);
                self.columns.len() - 1
            }
        };
        &mut self.columns[at].1
    }

    fn sighting(&self, name: &str) -> Option<&Sighting> {
        self.index.get(name).map(|at| &self.columns[*at].1)
    }
}

/// The topic of bare values, which have none.
const BARE: &str = "";

/// Why a line is not used.
pub enum Unused {
    Unreadable(String),
    /// Nothing can be proposed for its table.
    Refused(Refused),
}

impl From<String> for Unused {
    fn from(cause: String) -> Self {
        Unused::Unreadable(cause)
    }
}

impl Collector {
    pub fn new(table: Option<String>) -> Self {
        Collector { table, ..Collector::default() }
    }

    /// A recording of this side (0 lhs, 1 rhs) follows.
    pub fn recorded(&mut self, side: usize) {
        self.sides[side].recorded = true;
    }

    pub fn line(&mut self, side: usize, framing: Framing, line: &[u8]) -> Result<(), Unused> {
        if line.is_empty() {
            return Ok(());
        }
        self.sides[side].records += 1;
        scan::check_line(line).map_err(describe)?;
        if framing == Framing::Value {
            return self.value(side, BARE, line.trim_ascii());
        }
        let mut frame = std::mem::take(&mut self.frame);
        let read = frame.read(line, framing).map_err(|fault| describe(fault).into());
        let done = read.and_then(|()| self.framed(side, &frame, line));
        self.frame = frame;
        done
    }

    fn framed(&mut self, side: usize, frame: &Frame, line: &[u8]) -> Result<(), Unused> {
        let topic = String::from_utf8_lossy(&frame.topic).into_owned();
        let last = topic.rsplit('.').next().unwrap_or_default();
        if let Some(connector) = topic.strip_prefix("__debezium-heartbeat.") {
            let times = self.sides[side].heartbeats.entry(connector.to_owned()).or_default();
            times.extend(frame.timestamp);
            return Ok(());
        }
        if last == "transaction" || last == "message" || last.contains("signal") {
            return Ok(());
        }
        let facts = self.sides[side].topics.entry(topic.clone()).or_default();
        if let (None, Some(key)) = (&facts.key, frame.key(line)) {
            facts.key = Some(key_columns(key)?);
        }
        match frame.value(line) {
            Some(value) => self.value(side, &topic, value),
            None => Ok(()),
        }
    }

    fn value(&mut self, side: usize, topic: &str, b: &[u8]) -> Result<(), Unused> {
        if b == b"null" {
            return Ok(());
        }
        let (form, fields, columns) = {
            let (_, shape) = self.shapes.find(b, &mut self.spans).map_err(describe)?;
            if let Some(Foreign::Connector(connector)) = &shape.foreign {
                let after_rows = self.sides[side].topics.get(topic).is_some_and(|facts| !facts.columns.is_empty());
                let shown = if topic == BARE { self.table.as_deref().unwrap_or_default() } else { topic };
                return Err(Unused::Refused(foreign(shown, connector, after_rows)?));
            }
            (shape.form, shape.fields, shape.columns.clone())
        };
        let spans = &self.spans;
        let text = |slot: Slot| slot.span(spans).map(|s| s.inner_or_raw(b));
        // A flattened delete repeats what `before` holds, which may be invented.
        let gone = text(fields.deleted) == Some(b"true") || text(fields.op) == Some(b"d");
        if form == Form::Envelope && matches!(text(fields.op), Some(b"t" | b"m")) {
            return Ok(());
        }
        let facts = self.sides[side].topics.entry(topic.to_owned()).or_default();
        if facts.connector.is_none() {
            source(b, facts);
        }
        if let Some(origin) = fields.origin.span(spans).filter(|s| s.kind.is_string()) {
            facts.origins.insert(String::from_utf8_lossy(origin.inner(b)).into_owned());
        }
        if let Some(span) = fields.schema.span(spans).filter(|s| s.kind == Kind::Object) {
            let raw = span.raw(b);
            if self.schema.0 != raw {
                self.schema = (raw.to_vec(), schema::columns(raw)?);
            }
        }
        for (step, name) in columns {
            let sighting = facts.column(&name);
            if fields.schema.index().is_some() && sighting.fact.is_none() {
                sighting.fact = self.schema.1.get(&name).cloned();
            }
            if !gone {
                sighting.seen.add(b, spans[step], PLACEHOLDER.as_bytes());
            }
        }
        Ok(())
    }

    /// The types.yaml, or why there is none.
    pub fn document(&self) -> Result<String, String> {
        let plan = pair::pair(self)?;
        Ok(emit::document(self, &plan))
    }
}

/// Names in an event key, in their order.
fn key_columns(key: &[u8]) -> Result<Vec<String>, String> {
    let object = key_object(key).map_err(|bad| bad.to_string())?;
    let mut names = Vec::new();
    scan::members(key, object, |name, _| {
        names.push(String::from_utf8_lossy(name.inner(key)).into_owned());
        Ok(())
    })
    .map_err(describe)?;
    Ok(names)
}

/// Connector, schema and table of a change event's source block.
fn source(b: &[u8], facts: &mut TopicFacts) {
    let member = |object: Span, wanted: &str| {
        let mut found = None;
        // The value was walked before.
        let _ = scan::members(b, object, |name, value| {
            if name.inner(b) == wanted.as_bytes() {
                found = Some(value);
            }
            Ok(())
        });
        found
    };
    let Ok(root) = scan::document(b) else { return };
    if root.kind != Kind::Object {
        return;
    }
    let row = member(root, "payload").filter(|p| p.kind == Kind::Object).unwrap_or(root);
    let Some(source) = member(row, "source").filter(|s| s.kind == Kind::Object) else { return };
    let text = |name| {
        member(source, name)
            .filter(|s| s.kind.is_string())
            .map(|s| String::from_utf8_lossy(s.inner(b)).into_owned())
            .filter(|text| !text.is_empty())
    };
    facts.connector = text("name");
    facts.table = text("table");
    facts.schema_name = text("schema");
}
