//! Lines of one source to events. Stateless but for caches, so it can run in the region where the rows are.

mod blocks;
mod cells;
mod fit;
mod home;
mod poison;
mod stop;
mod tombstone;
mod value;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use self::blocks::ColumnTypes;
use super::code::Code;
use super::event::{Batch, Class, Event, KEPT_BYTES, Partition, Poison, canonical_key, flag};
use super::explain::Wanted;
use super::frame::{Frame, Framing};
use super::hash::Hasher;
use super::home::Homes;
use super::keys::{BadKey, KeyReader};
use super::names::unescaped;
use super::notes::Notes;
use super::plan::{Plan, RowWriter};
use super::shape::Shapes;
use super::types::{Column, KeySpec, Table, Tenant, Types, index};
use crate::json::scan::{self, Span};
use crate::record::diff::Side;
use stop::{At, Step, Stop};
pub use stop::{Refused, foreign};

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
    /// Dead letters may ask for records that could be decoded.
    pub keep_lines: bool,
    /// `explain`: the key whose rows are kept column by column.
    pub wanted: Option<Arc<Wanted>>,
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

impl Tally {
    /// Counts a record once, by its class.
    pub fn count(&mut self, event: &Event) {
        let counter = match event.class {
            Class::Row | Class::Delete => &mut self.rows,
            Class::Tombstone => &mut self.tombstones,
            Class::Control if event.has(flag::TRUNCATE) => &mut self.rows,
            Class::Control => &mut self.control,
            Class::Poison => &mut self.poison,
            Class::SampledOut => &mut self.sampled_out,
        };
        *counter += 1;
    }
}

pub struct Decoder {
    setup: Arc<Setup>,
    side: usize,
    framing: Framing,
    /// Tables of types.yaml, or those met without one.
    tables: Vec<Table>,
    keys: Vec<KeyReader>,
    table_of_topic: HashMap<Vec<u8>, Topic>,
    partitions: HashMap<Partition, u32>,
    last_partition: (Vec<u8>, u32, u32),
    value_table: Option<u16>,
    value_partition: u32,
    value_offset: u64,
    shapes: Shapes,
    plans: Vec<((u32, u16, u32), Plan)>,
    schemas: Vec<(Vec<u8>, BTreeMap<String, Column>)>,
    blocks: blocks::Blocks,
    spans: Vec<Span>,
    rows: RowWriter,
    frame: Frame,
    deletes: tombstone::Deletes,
    held: ColumnsHeld,
    /// Body of the key that a row names against its event key; empty where none does.
    row_key: Vec<u8>,
    pub notes: Notes,
    pub tally: Tally,
}

/// Declared columns that rows held, by kind; no entry for a table without rows.
pub type ColumnsHeld = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Table(u16),
    Heartbeat,
    Control,
    /// Control that nobody asked for.
    Unmapped,
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
            shapes: Shapes::of(&setup.types.side(setup.side).connector),
            plans: Vec::new(),
            schemas: Vec::new(),
            blocks: blocks::Blocks::default(),
            spans: Vec::new(),
            rows,
            frame: Frame::default(),
            deletes: tombstone::Deletes::default(),
            held: ColumnsHeld::new(),
            row_key: Vec::new(),
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

    /// Once at the end.
    pub fn take_columns_held(&mut self) -> ColumnsHeld {
        std::mem::take(&mut self.held)
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
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let position = self.value_offset;
        self.value_offset += 1;
        let mut event = Event::blank(u32::MAX, 0, 0);
        let read = if too_long {
            Err(Stop::poison("line longer than --max-line"))
        } else {
            scan::check_line(line).map_err(Stop::in_line).and_then(|()| match self.framing {
                Framing::Value => self.value_line(line, position, &mut event, batch),
                framing => self.framed_line(line, framing, &mut event, batch),
            })
        };
        match read {
            Ok(()) => {}
            Err(Stop::Refused(refused)) => return Err(refused),
            Err(Stop::Poison { cause, at }) => {
                let cause = stop::in_words(cause, at);
                batch.poison.push(Poison { line: number, cause, bytes: line[..line.len().min(KEPT_BYTES)].to_vec() });
                // Where position and key can still be read, only that key suffers.
                event = match self.framing {
                    Framing::Value => self.poisoned_value(line, position, too_long, batch),
                    framing => self.poisoned_frame(line, framing, too_long, batch),
                };
                self.doubt_row_key(&mut event);
            }
        }
        if event.class == Class::Poison {
            self.deletes.pass_unreadable(event.partition);
        }
        event.byte = byte;
        self.keep_wanted(line, &mut event, batch);
        self.tally.count(&event);
        batch.events.push(event);
        Ok(())
    }

    fn value_line(&mut self, line: &[u8], position: u64, event: &mut Event, batch: &mut Batch) -> Step<()> {
        let table = self.value_table.unwrap_or(0);
        let partition = self.own_partition(table, batch);
        *event = Event::blank(partition, position, 0);
        event.table = table;
        let behind_delete = self.deletes.pass(partition);
        let b = trim(line);
        if b == b"null" {
            event.flags |= flag::NO_LOG_TIME;
            return self.tombstone(None, behind_delete, event, batch);
        }
        let before = line.len() - line.trim_ascii_start().len();
        let place = |at| match at {
            At::Line(at) | At::Key(at) | At::Value(at) => before + at,
        };
        self.value(b, None, event, batch).map_err(|stop| stop.placed(place))
    }

    fn own_partition(&mut self, table: u16, batch: &mut Batch) -> u32 {
        if self.last_partition.2 == u32::MAX {
            let topic = self.tables[table as usize].topics[self.side].clone();
            let index = self.intern(topic.as_bytes(), self.value_partition, batch);
            self.last_partition.2 = index;
        }
        self.last_partition.2
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

    fn framed_line(&mut self, line: &[u8], framing: Framing, event: &mut Event, batch: &mut Batch) -> Step<()> {
        let mut frame = std::mem::take(&mut self.frame);
        let read = frame.read(line, framing).map_err(Stop::in_line);
        let place = |at| match at {
            At::Line(at) => at,
            At::Key(at) => frame.key_place(line, at),
            At::Value(at) => frame.value_place(line, at),
        };
        let done = read.and_then(|()| self.framed(line, &frame, event, batch)).map_err(|stop| stop.placed(place));
        self.frame = frame;
        done
    }

    fn framed(&mut self, line: &[u8], frame: &Frame, event: &mut Event, batch: &mut Batch) -> Step<()> {
        let topic = self.topic(frame, line, batch)?;
        let partition = self.intern(&frame.topic, frame.partition, batch);
        let table = if let Topic::Table(t) = topic { t } else { 0 };
        *event = Event::blank(partition, frame.offset, frame.timestamp.unwrap_or(0));
        event.table = table;
        let behind_delete = self.deletes.pass(partition);
        if frame.timestamp.is_none() {
            event.flags |= flag::NO_LOG_TIME;
        }
        match topic {
            Topic::Heartbeat => event.flags |= flag::ALIVE | flag::NO_TABLE,
            Topic::Control | Topic::Unmapped => event.flags |= flag::NO_TABLE,
            Topic::Table(_) => match frame.value(line) {
                Some(value) => self.value(value, frame.key(line), event, batch)?,
                None => self.tombstone(frame.key(line), behind_delete, event, batch)?,
            },
        }
        Ok(())
    }

    fn topic(&mut self, frame: &Frame, line: &[u8], batch: &mut Batch) -> Step<Topic> {
        match self.table_of_topic.get(&frame.topic) {
            Some(Topic::Unmapped) => {
                self.unmapped(&String::from_utf8_lossy(&frame.topic));
                return Ok(Topic::Control);
            }
            Some(topic) => return Ok(*topic),
            None => {}
        }
        let name = String::from_utf8_lossy(&frame.topic).into_owned();
        let connector = &self.setup.types.side(self.setup.side).connector;
        let last = name.rsplit('.').next().unwrap_or_default();
        let topic = if let Some(prefix) = name.strip_prefix("__debezium-heartbeat.") {
            if connector.is_empty() || prefix == connector { Topic::Heartbeat } else { Topic::Control }
        } else if last == "transaction" || last == "message" || last.contains("signal") {
            Topic::Control
        } else if self.setup.types.from_events {
            // The first record of a topic tells its key.
            let Some(key) = frame.key(line) else {
                self.refuse_row_without_key(&name, frame.value(line))?;
                return Ok(Topic::Control);
            };
            let table = Table::met(&name, inferred_key(key)?);
            batch.tables.push(table.clone());
            return Ok(Topic::Table(self.add_table(table)));
        } else {
            self.table_of_topic.insert(frame.topic.clone(), Topic::Unmapped);
            self.unmapped(&name);
            return Ok(Topic::Control);
        };
        self.table_of_topic.insert(frame.topic.clone(), topic);
        Ok(topic)
    }

    fn unmapped(&mut self, topic: &str) {
        let text = || "topic is not in types.yaml; counted as control".into();
        self.notes.add(Code::UnmappedTopic, "", topic, None, text);
    }

    fn digest_of_key(&self, event: &mut Event, batch: &Batch) {
        if self.setup.for_proof {
            let key = canonical_key(&self.tables[event.table as usize].kind, batch.key(event));
            event.digest = Hasher::Plain.digest(&key);
        }
    }

    fn event_key(&mut self, key: &[u8], event: &mut Event, batch: &mut Batch) -> Step<()> {
        self.read_key(event, |reader, canon, out| reader.from_event_key(key, canon, out), At::Key, batch)
    }

    /// Appends the key's body to the batch. `within`: what it is read from.
    fn read_key(
        &mut self,
        event: &mut Event,
        read: impl FnOnce(&KeyReader, &mut super::canon::Canon, &mut Vec<u8>) -> Result<(), BadKey>,
        within: fn(usize) -> At,
        batch: &mut Batch,
    ) -> Step<()> {
        let start = batch.keys.len();
        let read = read(&self.keys[event.table as usize], &mut self.rows.canon, &mut batch.keys);
        self.keep_key(read, start, event, within, batch)
    }

    /// What was read behind `start` of the batch's keys is the event's key, if it could be read.
    fn keep_key(
        &self,
        read: Result<(), BadKey>,
        start: usize,
        event: &mut Event,
        within: fn(usize) -> At,
        batch: &mut Batch,
    ) -> Step<()> {
        let bad = match read {
            Ok(()) => {
                event.key = (start as u32, batch.keys.len() as u32);
                return Ok(());
            }
            Err(bad) => bad,
        };
        batch.keys.truncate(start);
        Err(match bad {
            BadKey::Unreadable { cause, at } => Stop::Poison { cause, at: at.map(within) },
            BadKey::Wider(columns) => wider_key(&self.tables[event.table as usize], &columns),
        })
    }
}

/// The events tell rows apart that the declared key does not.
fn wider_key(table: &Table, columns: &[String]) -> Stop {
    let quoted: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "table `{}`: the event key also has the columns {}, which the key in types.yaml lacks: several rows would be \
         taken for one",
        table.kind,
        quoted.join(", ")
    );
    let id: Vec<&str> = table.key.id.iter().chain(columns).map(String::as_str).collect();
    Stop::refused(message, format!("declare all of them: `id: [{}]`", id.join(", ")))
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

fn value_table(setup: &Setup, tables: &[Table]) -> Result<u16, Refused> {
    let named = setup.table.as_ref().map(|kind| tables.iter().position(|t| t.kind == *kind));
    match (named, tables.len()) {
        (Some(Some(i)), _) => Ok(i as u16),
        (Some(None), _) => Err(Refused {
            message: format!("--table `{}` is no kind of types.yaml", setup.table.as_deref().unwrap_or_default()),
            hint: Some(format!("kinds: {}", tables.iter().map(|t| t.kind.as_str()).collect::<Vec<_>>().join(", "))),
        }),
        (None, 1) => Ok(0),
        (None, _) => Err(Refused {
            message: "bare values do not say which table they belong to".into(),
            hint: Some(
                "give --table KIND with a types.yaml, or record with `kcat -J`, which keeps topic and key; a file whose \
                 records have topic, partition and offset is read with --framing capture or kcat"
                    .into(),
            ),
        }),
    }
}

/// The columns of a Debezium key: `tenant` is the tenant, the others the id.
fn inferred_key(key: &[u8]) -> Step<KeySpec> {
    let object = super::keys::key_object(key).map_err(|bad| Stop::poison(bad.to_string()))?;
    let mut names = Vec::new();
    scan::members(key, object, |name, _| {
        names.push(String::from_utf8_lossy(&unescaped(key, name)?).into_owned());
        Ok(())
    })
    .map_err(|f| Stop::Poison { cause: f.what.to_owned(), at: Some(At::Key(f.at)) })?;
    let tenant = match names.iter().position(|n| n == "tenant") {
        Some(i) if names.len() > 1 => Tenant::Column(names.remove(i)),
        _ => Tenant::Const("-".into()),
    };
    Ok(KeySpec { tenant, id: names })
}

fn trim(b: &[u8]) -> &[u8] {
    b.trim_ascii()
}

impl Span {
    /// A string's text without its quotes, anything else as it is.
    pub fn inner_or_raw<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        if self.kind.is_string() { self.inner(line) } else { self.raw(line) }
    }
}

#[cfg(test)]
mod tests;
