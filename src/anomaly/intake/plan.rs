//! What all rules read of a record: their fields in one tree, so that a line is walked once.

use std::collections::BTreeMap;

use super::csv::Record;
use super::key::{self, SEPARATOR};
use super::{Cell, CellKind, Event, Fault};
use crate::anomaly::code::Code;
use crate::anomaly::method::{Kind, LARGEST};
use crate::anomaly::rules::{Input, Rule, Wanted};
use crate::anomaly::times::{self, Time};
use crate::json::text::{Lone, decode};

/// Names of the data for names of the rules: `ts=TimeStamp`. `label` has no name of its own in a rule.
pub type Columns = BTreeMap<String, String>;

/// Index of the field that tells the frame of a run from an event.
const SCHEMA: usize = 0;

#[derive(Debug)]
pub struct Plan {
    names: Vec<String>,
    nodes: Vec<Node>,
    rules: Vec<Reads>,
    tenant: Option<usize>,
}

/// A step of the dotted paths.
#[derive(Debug, Default)]
struct Node {
    children: Vec<(String, usize)>,
    field: Option<usize>,
}

/// What one rule reads, as indexes of fields.
#[derive(Debug)]
struct Reads {
    rule: String,
    filters: Vec<(usize, Vec<Wanted>)>,
    group: Vec<usize>,
    ts: usize,
    value: Option<usize>,
    id: Option<usize>,
    label: Option<usize>,
    kind: Kind,
    input: Input,
}

/// Which fields a rule cannot do without.
pub struct Needs {
    pub filters: Vec<usize>,
    pub others: Vec<usize>,
    /// It counts records, whatever they hold.
    pub counts: bool,
}

/// Buffers that are reused from record to record.
#[derive(Default)]
pub struct Space {
    key: String,
    id: String,
    text: Vec<u8>,
}

impl Plan {
    pub fn new(rules: &[Rule], columns: &Columns) -> Plan {
        let mut plan = Plan { names: Vec::new(), nodes: vec![Node::default()], rules: Vec::new(), tenant: None };
        plan.field("schema");
        let column = |name: &str| columns.get(name).map_or_else(|| name.to_owned(), String::clone);
        // The roles keep their names whatever a rule calls them.
        let role = |role: &str, name: &str| columns.get(role).map_or_else(|| column(name), String::clone);
        for rule in rules {
            let data = &rule.data;
            let filters = data.filters.iter().map(|f| (plan.field(&column(&f.field)), f.values.clone())).collect();
            let group: Vec<usize> = data.group_by.iter().map(|field| plan.field(&column(field))).collect();
            if data.group_by.first().is_some_and(|field| field == "tenant") {
                plan.tenant = group.first().copied();
            }
            let reads = Reads {
                rule: rule.id.clone(),
                filters,
                group,
                ts: plan.field(&role("ts", &data.ts)),
                value: data.value.as_ref().map(|value| plan.field(&role("value", value))),
                id: data.dedupe_by.as_ref().map(|id| plan.field(&column(id))),
                label: columns.get("label").map(|label| plan.field(label)),
                kind: rule.kind,
                input: data.input,
            };
            plan.rules.push(reads);
        }
        plan
    }

    /// The index of a field, which is new or known.
    fn field(&mut self, name: &str) -> usize {
        if let Some(known) = self.names.iter().position(|n| n == name) {
            return known;
        }
        let mut node = 0;
        for part in name.split('.') {
            node = match self.child(node, part.as_bytes()) {
                Some(child) => child,
                None => {
                    let child = self.nodes.len();
                    self.nodes.push(Node::default());
                    self.nodes[node].children.push((part.to_owned(), child));
                    child
                }
            };
        }
        let field = self.names.len();
        self.names.push(name.to_owned());
        self.nodes[node].field = Some(field);
        field
    }

    pub fn fields(&self) -> usize {
        self.names.len()
    }

    /// Of a rule, by its place in the list.
    pub fn id(&self, rule: usize) -> &str {
        &self.rules[rule].rule
    }

    pub fn name(&self, field: usize) -> &str {
        &self.names[field]
    }

    /// The fields that a column of this name fills.
    pub fn fields_named(&self, name: &str) -> Vec<usize> {
        self.names.iter().position(|n| n == name).into_iter().collect()
    }

    pub fn is_tenant(&self, field: usize) -> bool {
        self.tenant == Some(field)
    }

    pub fn needs(&self) -> impl Iterator<Item = Needs> {
        self.rules.iter().map(|reads| Needs {
            filters: reads.filters.iter().map(|(field, _)| *field).collect(),
            others: [reads.ts].into_iter().chain(reads.value).chain(reads.group.clone()).chain(reads.id).collect(),
            counts: reads.input == Input::Events && reads.value.is_none(),
        })
    }

    /// The node behind a member of this name, where some rule reads something there.
    #[inline]
    pub fn child(&self, node: usize, name: &[u8]) -> Option<usize> {
        let children = &self.nodes[node].children;
        children.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, child)| *child)
    }

    /// The field of a node, and whether others lie below it.
    pub fn node(&self, node: usize) -> (Option<usize>, bool) {
        (self.nodes[node].field, !self.nodes[node].children.is_empty())
    }

    /// Records that frame a run are never events.
    pub fn is_frame(&self, line: &[u8], cells: &[Cell]) -> bool {
        cells[SCHEMA].kind == CellKind::Plain && cells[SCHEMA].bytes(line).starts_with(b"govctl.run/")
    }

    /// What each rule reads of a record. `csv` where it is one of CSV.
    pub fn events(
        &self,
        bytes: &[u8],
        cells: &[Cell],
        tenant: Option<&str>,
        csv: Option<&Record>,
        space: &mut Space,
        each: &mut impl FnMut(Result<Event<'_>, Fault>),
    ) {
        let spans = csv.is_none_or(Record::is_line);
        let mut last: Option<Fault> = None;
        for (rule, reads) in self.rules.iter().enumerate() {
            if csv.is_some_and(|record| !record.active[rule]) {
                continue;
            }
            let mut row = Row { plan: self, bytes, cells, spans, text: &mut space.text };
            if !reads.filters.iter().all(|(field, values)| row.is_one_of(*field, values)) {
                continue;
            }
            match row.event(reads, tenant, &mut space.key, &mut space.id) {
                Ok((time, value, label)) => {
                    let id = reads.id.map(|_| space.id.as_str());
                    each(Ok(Event { rule, key: &space.key, time, value, id, label }));
                }
                // What two rules say in the same words is said once.
                Err(fault) if last.as_ref().is_some_and(|l| (l.code, &l.message) == (fault.code, &fault.message)) => {}
                Err(fault) => {
                    last = Some(fault.clone());
                    each(Err(Fault { rule: Some(rule), ..fault }));
                }
            }
        }
    }
}

/// One record.
struct Row<'a> {
    plan: &'a Plan,
    bytes: &'a [u8],
    cells: &'a [Cell],
    /// Whether a cell's start is its column.
    spans: bool,
    text: &'a mut Vec<u8>,
}

impl Row<'_> {
    fn event(
        &mut self,
        reads: &Reads,
        tenant: Option<&str>,
        key: &mut String,
        id: &mut String,
    ) -> Result<(Time, Option<f64>, Option<bool>), Fault> {
        key.clear();
        for (i, field) in reads.group.iter().enumerate() {
            if i > 0 {
                key.push(SEPARATOR);
            }
            let from = key.len();
            match tenant.filter(|_| self.plan.is_tenant(*field) && self.cells[*field].kind == CellKind::Absent) {
                Some(tenant) => key.push_str(tenant),
                None => self.name(*field, key)?,
            }
            if let Some(what) = key::fault(&key[from..]) {
                return Err(self.fault(*field, Code::BadKey, what));
            }
        }
        let (time, value) = (self.time(reads.ts)?, self.value(reads)?);
        if let Some(field) = reads.id {
            id.clear();
            self.name(field, id)?;
        }
        Ok((time, value, reads.label.map_or(Ok(None), |field| self.label(field))?))
    }

    fn fault(&self, field: usize, code: Code, what: &str) -> Fault {
        let cell = self.cells[field];
        let there = cell.kind != CellKind::Absent && self.spans;
        let column = there.then_some(u64::from(cell.start) + 1);
        Fault { column, ..Fault::new(code, format!("`{}` {what}", self.plan.name(field))) }
    }

    /// The text of a string; of other scalars what is written.
    fn spelled(&mut self, field: usize) -> Option<&[u8]> {
        let cell = self.cells[field];
        match cell.kind {
            CellKind::Absent | CellKind::Null | CellKind::Nested => None,
            CellKind::Escaped => {
                self.text.clear();
                decode(cell.bytes(self.bytes), Lone::Refuse, self.text).ok()?;
                Some(self.text)
            }
            _ => Some(cell.bytes(self.bytes)),
        }
    }

    fn is_one_of(&mut self, field: usize, values: &[Wanted]) -> bool {
        let kind = self.cells[field].kind;
        let Some(spelled) = self.spelled(field) else { return false };
        let number = |text: &[u8]| match kind {
            CellKind::Number | CellKind::Field => finite(text),
            _ => None,
        };
        values.iter().any(|wanted| {
            wanted.text.as_bytes() == spelled || (wanted.number.is_some() && wanted.number == number(spelled))
        })
    }

    /// Appends a part of a key.
    fn name(&mut self, field: usize, out: &mut String) -> Result<(), Fault> {
        let (code, what) = match self.cells[field].kind {
            CellKind::Absent => (Code::MissingField, "is missing"),
            CellKind::Null => (Code::MissingField, "is null"),
            _ => (Code::BadKey, "is no text"),
        };
        match self.spelled(field).and_then(|text| std::str::from_utf8(text).ok()) {
            Some(text) => out.push_str(text),
            None => return Err(self.fault(field, code, what)),
        }
        Ok(())
    }

    fn time(&mut self, field: usize) -> Result<Time, Fault> {
        let kind = self.cells[field].kind;
        let time = match self.spelled(field) {
            None if kind == CellKind::Absent => Err("is missing, the time of a record"),
            None => Err("is no time"),
            Some(text) if kind == CellKind::Number => times::epoch(text),
            Some(_) if kind == CellKind::Bool => Err("is no time"),
            Some(text) => times::parse(text.trim_ascii()),
        };
        time.map_err(|what| self.fault(field, Code::BadLine, what))
    }

    fn value(&mut self, reads: &Reads) -> Result<Option<f64>, Fault> {
        let Some(field) = reads.value else { return Ok(Some(1.0)) };
        let cell = self.cells[field];
        let text = match cell.kind {
            CellKind::Number | CellKind::Field => cell.bytes(self.bytes).trim_ascii(),
            CellKind::Null => b"",
            CellKind::Absent => return Err(self.fault(field, Code::BadLine, "is missing, the value of a record")),
            _ => return Err(self.fault(field, Code::BadLine, "is no number")),
        };
        if text.is_empty() && reads.input == Input::Points {
            return Ok(None);
        }
        match finite(text) {
            None => Err(self.fault(field, Code::BadLine, "is no finite number")),
            Some(value) if value < 0.0 && reads.kind == Kind::Count => {
                Err(self.fault(field, Code::BadLine, "is negative, and counts begin at 0"))
            }
            Some(value) if value.abs() > LARGEST => Err(self.fault(field, Code::BadLine, "lies beyond 1e150")),
            value => Ok(value),
        }
    }

    fn label(&mut self, field: usize) -> Result<Option<bool>, Fault> {
        match self.spelled(field).map(<[u8]>::trim_ascii) {
            None | Some(b"") => Ok(None),
            Some(b"0" | b"0.0" | b"false") => Ok(Some(false)),
            Some(b"1" | b"1.0" | b"true") => Ok(Some(true)),
            Some(_) => Err(self.fault(field, Code::BadLine, "is no label: 0 or 1 is expected")),
        }
    }
}

/// A decimal number, with 0 for -0; neither `nan` nor `inf` is one.
fn finite(text: &[u8]) -> Option<f64> {
    if !text.is_empty() && text.len() <= 15 && text.iter().all(u8::is_ascii_digit) {
        return Some(text.iter().fold(0u64, |n, c| n * 10 + u64::from(c - b'0')) as f64);
    }
    if !text.iter().all(|c| c.is_ascii_digit() || matches!(c, b'+' | b'-' | b'.' | b'e' | b'E')) {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    value.is_finite().then_some(value + 0.0)
}
