//! Lines of one source to events. Stateless but for caches, so it can run in the region where the rows are.

mod bare;
mod framed;
mod origin;
mod poisoned;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::code::Code;
use super::event::{Batch, Class, Event, Part, Partition, Poison, canonical_key, flag};
use super::frame::{Frame, Framing};
use super::hash::{Hasher, Sha};
use super::home::Homes;
use super::json::scan::{self, Kind, Span};
use super::keys::KeyReader;
use super::notes::Notes;
use super::plan::{Cell, Plan, Row, RowWriter};
use super::shape::{Form, Shapes};
use super::types::{Column, Table, Types, index, schema};
use crate::record::diff::{Op, Side};
use bare::value_table;
use source::operation;

/// What all sources of a side share.
pub struct Setup {
    pub side: Side,
    pub types: Types,
    pub hasher: Hasher,
    pub homes: Option<Homes>,
    /// `--table`: the table of value framing.
    pub table: Option<String>,
    /// Fill what only digests and proofs need: key digests of deletes, origins.
    pub for_proof: bool,
    pub keep_origin: bool,
}

impl Setup {
    pub fn clone_with(&self, types: Types) -> Setup {
        Setup {
            side: self.side,
            types,
            hasher: self.hasher.clone(),
            homes: self.homes.clone(),
            table: self.table.clone(),
            for_proof: self.for_proof,
            keep_origin: self.keep_origin,
        }
    }
}

/// Stops the run: the input contradicts the configuration.
#[derive(Debug)]
pub struct Refused {
    pub message: String,
    pub hint: Option<String>,
}

/// Counted where the records are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    pub tombstones: u64,
    pub control: u64,
    pub poison: u64,
    pub sampled_out: u64,
    pub origin_unknown: u64,
}

pub struct Decoder {
    setup: Arc<Setup>,
    side: usize,
    framing: Framing,
    /// Tables of types.yaml, then those that `--infer` met.
    tables: Vec<Table>,
    keys: Vec<KeyReader>,
    table_of_topic: HashMap<Vec<u8>, Topic>,
    partitions: HashMap<Partition, u32>,
    last_partition: (Vec<u8>, u32, u32),
    value_table: Option<u16>,
    value_partition: u32,
    value_offset: u64,
    shapes: Shapes,
    plans: HashMap<(u32, u16, u32), Plan>,
    schemas: Vec<(Vec<u8>, BTreeMap<String, Column>)>,
    spans: Vec<Span>,
    rows: RowWriter,
    frame: Frame,
    /// Key body of a delete whose tombstone may follow, per partition.
    deleted: HashMap<u32, Vec<u8>>,
    pub notes: Notes,
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Table(u16),
    Heartbeat,
    Control,
}

/// Why a record cannot be used.
enum Stop {
    Poison { cause: String },
    Refused(Refused),
}

type Step<T> = Result<T, Stop>;

impl From<scan::Fault> for Stop {
    fn from(f: scan::Fault) -> Self {
        Stop::Poison { cause: super::shape::describe(f) }
    }
}

impl Decoder {
    /// `value_partition`: in value framing each source of a side is a partition of its own.
    pub fn new(setup: Arc<Setup>, framing: Framing, value_partition: u32) -> Result<Self, Refused> {
        let tables = setup.types.tables.clone();
        let side = index(setup.side);
        let value_table = match framing {
            Framing::Value => Some(value_table(&setup, &tables)?),
            _ => None,
        };
        let rows = RowWriter::new(&setup.types.placeholder);
        let mut decoder = Decoder {
            side,
            framing,
            keys: Vec::new(),
            tables: Vec::new(),
            table_of_topic: HashMap::new(),
            partitions: HashMap::new(),
            last_partition: (Vec::new(), 0, u32::MAX),
            value_table,
            value_partition,
            value_offset: 0,
            shapes: Shapes::default(),
            plans: HashMap::new(),
            schemas: Vec::new(),
            spans: Vec::new(),
            rows,
            frame: Frame::default(),
            deleted: HashMap::new(),
            notes: Notes::default(),
            tally: Tally::default(),
            setup,
        };
        for table in tables {
            decoder.add_table(table);
        }
        Ok(decoder)
    }

    fn add_table(&mut self, table: Table) -> u16 {
        let at = self.tables.len() as u16;
        self.table_of_topic.insert(table.topics[self.side].clone().into_bytes(), Topic::Table(at));
        self.keys.push(KeyReader::new(&table, self.side));
        self.tables.push(table);
        at
    }

    /// JSON kinds of the untyped columns, once at the end.
    pub fn take_kinds(&mut self) -> super::plan::Kinds {
        std::mem::take(&mut self.rows.kinds)
    }

    /// The cells of the row in a line that was read before: what `explain` and the columns of a mismatch are made of.
    pub fn cells(&mut self, line: &[u8]) -> Result<Vec<(String, Cell)>, String> {
        let mut frame = std::mem::take(&mut self.frame);
        let cells = match self.framing {
            Framing::Value => self.row_cells(trim(line), self.value_table.unwrap_or(0)),
            framing => frame.read(line, framing).map_err(super::shape::describe).and_then(|()| {
                match (self.table_of_topic.get(&frame.topic).copied(), frame.value(line)) {
                    (Some(Topic::Table(table)), Some(value)) => self.row_cells(value, table),
                    _ => Err("not a row of a table".into()),
                }
            }),
        };
        self.frame = frame;
        cells
    }

    fn row_cells(&mut self, b: &[u8], table: u16) -> Result<Vec<(String, Cell)>, String> {
        let cause = |stop: Stop| match stop {
            Stop::Poison { cause } => cause,
            Stop::Refused(refused) => refused.message,
        };
        let mut spans = Vec::new();
        let (shape, fields) = {
            let (id, shape) = self.shapes.find(b, &mut spans).map_err(super::shape::describe)?;
            (id, shape.fields.clone())
        };
        let schema = self.schema(b, fields.schema.map(|step| spans[step])).map_err(cause)?;
        self.plan(shape, table, schema).map_err(cause)?;
        let Some(plan) = self.plans.get(&(shape, table, schema)) else { return Err("no plan for this shape".into()) };
        let mut cells = Vec::new();
        for (name, step, conv) in plan.columns() {
            let cell = self.rows.cell(conv, b, spans[step]).map_err(|cause| format!("column `{name}`: {cause}"))?;
            cells.push((name.to_owned(), cell));
        }
        Ok(cells)
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The canonical text of the row read last.
    pub fn row_text(&self) -> &[u8] {
        self.rows.text()
    }

    /// Reads one line into the batch. `number` is 1-based, `byte` the line's offset in its source.
    pub fn line(
        &mut self,
        line: &[u8],
        number: u64,
        byte: u64,
        too_long: bool,
        batch: &mut Batch,
    ) -> Result<(), Refused> {
        if line.is_empty() {
            return Ok(());
        }
        let position = self.value_offset;
        self.value_offset += 1;
        let event = if too_long {
            Err(Stop::Poison { cause: "line longer than --max-line".into() })
        } else {
            scan::check_line(line).map_err(Stop::from).and_then(|()| match self.framing {
                Framing::Value => self.value_line(line, position, batch),
                framing => self.framed_line(line, framing, batch),
            })
        };
        let mut event = match event {
            Ok(event) => event,
            Err(Stop::Refused(refused)) => return Err(refused),
            Err(Stop::Poison { cause }) => {
                batch.poison.push(Poison { line: number, cause, bytes: line[..line.len().min(4096)].to_vec() });
                // Where position and key can still be read, only that key suffers.
                match self.framing {
                    Framing::Value => self.poisoned_value(line, position, too_long, batch),
                    framing => self.poisoned_frame(line, framing, too_long, batch),
                }
            }
        };
        event.byte = byte;
        self.count(&event);
        batch.events.push(event);
        Ok(())
    }

    fn count(&mut self, event: &Event) {
        let counter = match event.class {
            Class::Row | Class::Delete => &mut self.tally.rows,
            Class::Tombstone => &mut self.tally.tombstones,
            Class::Control if event.has(flag::TRUNCATE) => &mut self.tally.rows,
            Class::Control => &mut self.tally.control,
            Class::Poison => &mut self.tally.poison,
            Class::SampledOut => &mut self.tally.sampled_out,
        };
        *counter += 1;
    }

    fn intern(&mut self, topic: &[u8], number: u32, batch: &mut Batch) -> u32 {
        if self.last_partition.2 != u32::MAX && self.last_partition.1 == number && self.last_partition.0 == topic {
            return self.last_partition.2;
        }
        let partition = Partition { topic: String::from_utf8_lossy(topic).into_owned(), number };
        let next = self.partitions.len() as u32;
        let index = *self.partitions.entry(partition.clone()).or_insert_with(|| {
            batch.partitions.push(partition);
            next
        });
        self.last_partition = (topic.to_vec(), number, index);
        index
    }

    fn digest_of_key(&self, event: &mut Event, batch: &Batch) {
        if self.setup.for_proof {
            let key = canonical_key(&self.tables[event.table as usize].kind, batch.key(event));
            event.digest = Hasher::Plain.digest(&key);
        }
    }

    /// Appends the key's body to the batch.
    fn read_key(
        &mut self,
        event: &mut Event,
        read: impl FnOnce(&KeyReader, &mut super::canon::Canon, &mut Vec<u8>) -> Result<(), String>,
        batch: &mut Batch,
    ) -> Step<()> {
        let start = batch.keys.len();
        match read(&self.keys[event.table as usize], &mut self.rows.canon, &mut batch.keys) {
            Ok(()) => {
                event.key = (start as u32, batch.keys.len() as u32);
                Ok(())
            }
            Err(cause) => {
                batch.keys.truncate(start);
                Err(Stop::Poison { cause })
            }
        }
    }

    /// A change event's value. `key`: the event key, where the framing has one.
    fn value(&mut self, b: &[u8], key: Option<&[u8]>, event: &mut Event, batch: &mut Batch) -> Step<()> {
        if b.first() == Some(&0) {
            return Err(Stop::Refused(registry()));
        }
        let mut spans = std::mem::take(&mut self.spans);
        let done = self.value_spans(b, key, event, batch, &mut spans);
        self.spans = spans;
        done
    }

    fn value_spans(
        &mut self,
        b: &[u8],
        key: Option<&[u8]>,
        event: &mut Event,
        batch: &mut Batch,
        spans: &mut Vec<Span>,
    ) -> Step<()> {
        let (shape_id, shape) = self.shapes.find(b, spans)?;
        let (form, fields) = (shape.form, shape.fields.clone());
        event.op = operation(b, spans, &fields, form)?;
        self.times(b, spans, &fields, event)?;
        match event.op {
            Op::Truncate => {
                event.flags |= flag::TRUNCATE;
                return Ok(());
            }
            // A logical decoding message.
            Op::Unreadable => return Ok(()),
            _ => {}
        }
        event.class = if event.op == Op::Delete { Class::Delete } else { Class::Row };
        if let Some(key) = key {
            self.read_key(event, |reader, canon, out| reader.from_event_key(key, canon, out), batch)?;
        } else if event.op == Op::Delete && form == Form::Envelope {
            let before = fields.before.map(|step| spans[step]);
            self.read_key(event, |reader, canon, out| reader.from_object(b, before, canon, out), batch)?;
        }
        if event.op == Op::Delete && event.has_key() {
            self.deleted.insert(event.partition, batch.key(event).to_vec());
        }
        if event.op == Op::Delete && form == Form::Envelope {
            self.digest_of_key(event, batch);
            return self.finish(event, b, spans, &fields, batch);
        }
        let schema_id = self.schema(b, fields.schema.map(|step| spans[step]))?;
        self.plan(shape_id, event.table, schema_id)?;
        let Some(plan) = self.plans.get(&(shape_id, event.table, schema_id)) else {
            return Err(Stop::Poison { cause: "no plan for this shape".into() });
        };
        if !event.has_key() {
            let start = batch.keys.len();
            let columns = |name: &str| plan.column(name).map(|(step, conv)| (spans[step], conv));
            if let Err(cause) =
                self.keys[event.table as usize].from_row(b, columns, &mut self.rows.canon, &mut batch.keys)
            {
                batch.keys.truncate(start);
                return Err(Stop::Poison { cause });
            }
            event.key = (start as u32, batch.keys.len() as u32);
        }
        if event.op == Op::Delete {
            self.digest_of_key(event, batch);
            return self.finish(event, b, spans, &fields, batch);
        }
        if fields.after.is_some_and(|step| spans[step].kind == Kind::Null) {
            return Err(Stop::Poison { cause: "`after` is null in an event that is no delete".into() });
        }
        event.cols_fp = plan.cols_fp;
        let row = self
            .rows
            .write(plan, b, spans, &self.setup.hasher)
            .map_err(|bad| Stop::Poison { cause: format!("column `{}`: {}", bad.column, bad.cause) })?;
        note_columns(&mut self.notes, plan, &self.tables[event.table as usize].kind);
        store(row, event);
        self.finish(event, b, spans, &fields, batch)
    }

    /// Index of the schema block, 0 without one.
    fn schema(&mut self, b: &[u8], span: Option<Span>) -> Step<u32> {
        let Some(span) = span.filter(|s| s.kind == Kind::Object) else { return Ok(0) };
        let raw = span.raw(b);
        if let Some(i) = self.schemas.iter().position(|(bytes, _)| bytes == raw) {
            return Ok(i as u32 + 1);
        }
        let columns = schema::columns(raw).map_err(|cause| Stop::Poison { cause })?;
        self.schemas.push((raw.to_vec(), columns));
        Ok(self.schemas.len() as u32)
    }

    fn plan(&mut self, shape: u32, table: u16, schema: u32) -> Step<()> {
        let key = (shape, table, schema);
        if self.plans.contains_key(&key) {
            return Ok(());
        }
        // Shapes are forgotten when many appear; their plans go with them.
        if self.plans.len() > 256 {
            self.plans.clear();
        }
        let Some(columns) = self.shapes.columns(shape) else {
            return Err(Stop::Poison { cause: "unknown shape".into() });
        };
        let facts = schema.checked_sub(1).map(|i| &self.schemas[i as usize].1);
        let table = &self.tables[table as usize];
        let plan = Plan::new(table, self.side, columns, facts, self.setup.types.infer).map_err(|contradiction| {
            Stop::Refused(Refused {
                message: format!("table `{}`: {}", table.kind, contradiction.0),
                hint: Some("correct types.yaml; the schema block is what the connector says".into()),
            })
        })?;
        self.plans.insert(key, plan);
        Ok(())
    }
}

fn registry() -> Refused {
    Refused {
        message: "the value is in a schema registry's binary format".into(),
        hint: Some(
            "only JSON is read: set value.converter and key.converter to org.apache.kafka.connect.json.JsonConverter"
                .into(),
        ),
    }
}

fn store(row: Row, event: &mut Event) {
    event.digest = row.digest;
    if row.unresolved {
        event.flags |= flag::UNRESOLVED;
    }
    let inherits = row.parts.contains(&Part::Inherit);
    debug_assert_eq!(inherits, row.open);
    if row.base.is_some() || row.alt.is_some() {
        let extra = event.extra.get_or_insert_default();
        extra.base = row.base;
        extra.parts = row.parts;
        extra.alt = row.alt;
    }
}

fn note_columns(notes: &mut Notes, plan: &Plan, kind: &str) {
    for name in &plan.undeclared {
        notes.add(Code::SchemaColumn, kind, name, None, || {
            format!("column `{name}` is not declared; it was not compared")
        });
    }
    for (name, why) in &plan.lossy {
        notes.add(Code::LossyColumn, kind, name, None, || {
            format!("column `{name}` was not compared on either side: this one sends {why}")
        });
    }
}

fn trim(b: &[u8]) -> &[u8] {
    b.trim_ascii()
}

/// The zero digest of what has no row.
pub const NOTHING: Sha = [0; 32];

impl Span {
    /// A string's text without its quotes, anything else as it is.
    pub fn inner_or_raw<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        if self.kind.is_string() { self.inner(line) } else { self.raw(line) }
    }
}

#[cfg(test)]
mod tests;
