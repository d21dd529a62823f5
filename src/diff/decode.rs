//! Lines of one source to events. Stateless but for caches, so it can run in the region where the rows are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::code::Code;
use super::event::{Batch, Class, Event, Part, Partition, Poison, canonical_key, flag};
use super::frame::{Frame, Framing};
use super::hash::{Hasher, Sha};
use super::home::{Homes, is_home};
use super::json::scan::{self, Kind, Span};
use super::keys::KeyReader;
use super::notes::Notes;
use super::plan::{Cell, Plan, Row, RowWriter};
use super::shape::{Fields, Form, Shapes};
use super::types::{Column, KeySpec, Replication, Table, Tenant, Types, index, schema};
use crate::record::diff::{Op, Side};

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
        self.tally.count(&event);
        batch.events.push(event);
        Ok(())
    }

    fn value_line(&mut self, line: &[u8], position: u64, batch: &mut Batch) -> Step<Event> {
        let table = self.value_table.unwrap_or(0);
        let partition = self.own_partition(table, batch);
        let mut event = Event::blank(partition, position, 0);
        event.table = table;
        let b = trim(line);
        if b == b"null" {
            event.class = Class::Tombstone;
            return Ok(event);
        }
        self.value(b, None, &mut event, batch)?;
        Ok(event)
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

    fn framed_line(&mut self, line: &[u8], framing: Framing, batch: &mut Batch) -> Step<Event> {
        let mut frame = std::mem::take(&mut self.frame);
        let read = frame.read(line, framing).map_err(Stop::from);
        let event = read.and_then(|()| self.framed(line, &frame, batch));
        self.frame = frame;
        event
    }

    fn framed(&mut self, line: &[u8], frame: &Frame, batch: &mut Batch) -> Step<Event> {
        let topic = self.topic(frame, line, batch)?;
        let partition = self.intern(&frame.topic, frame.partition, batch);
        let table = if let Topic::Table(t) = topic { t } else { 0 };
        let mut event = Event::blank(partition, frame.offset, frame.timestamp.unwrap_or(0));
        event.table = table;
        if frame.timestamp.is_none() {
            event.flags |= flag::NO_LOG_TIME;
        }
        match topic {
            Topic::Heartbeat => event.flags |= flag::ALIVE | flag::NO_TABLE,
            Topic::Control => event.flags |= flag::NO_TABLE,
            Topic::Table(_) => match frame.value(line) {
                Some(value) => self.value(value, frame.key(line), &mut event, batch)?,
                None => self.tombstone(frame.key(line), &mut event, batch)?,
            },
        }
        Ok(event)
    }

    fn topic(&mut self, frame: &Frame, line: &[u8], batch: &mut Batch) -> Step<Topic> {
        if let Some(topic) = self.table_of_topic.get(&frame.topic) {
            return Ok(*topic);
        }
        let name = String::from_utf8_lossy(&frame.topic).into_owned();
        let connector = &self.setup.types.side(self.setup.side).connector;
        let last = name.rsplit('.').next().unwrap_or_default();
        let topic = if let Some(prefix) = name.strip_prefix("__debezium-heartbeat.") {
            if connector.is_empty() || prefix == connector { Topic::Heartbeat } else { Topic::Control }
        } else if last == "transaction" || last == "message" || last.contains("signal") {
            Topic::Control
        } else if self.setup.types.infer && !self.setup.types.has_tables() {
            // The first record of a topic tells its key.
            let Some(key) = frame.key(line) else { return Ok(Topic::Control) };
            let table = Table::inferred(&name, inferred_key(key)?);
            batch.tables.push(table.clone());
            return Ok(Topic::Table(self.add_table(table)));
        } else {
            self.notes
                .add(Code::UnmappedTopic, "", &name, None, || "topic is not in types.yaml; counted as control".into());
            Topic::Control
        };
        self.table_of_topic.insert(frame.topic.clone(), topic);
        Ok(topic)
    }

    /// A record without a value: the no-op after a delete, or a delete of its own.
    fn tombstone(&mut self, key: Option<&[u8]>, event: &mut Event, batch: &mut Batch) -> Step<()> {
        event.class = Class::Tombstone;
        let Some(key) = key else { return Ok(()) };
        self.read_key(event, |reader, canon, out| reader.from_event_key(key, canon, out), batch)?;
        let body = batch.key(event);
        event.op = Op::Delete;
        if self.deleted.remove(&event.partition).is_none_or(|before| before != body) {
            event.class = Class::Delete;
        }
        self.digest_of_key(event, batch);
        Ok(())
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

    /// Version, commit time and log time.
    fn times(&mut self, b: &[u8], spans: &[Span], fields: &Fields, event: &mut Event) -> Step<()> {
        let integer = |step: Option<usize>| -> Step<Option<i64>> {
            let Some(span) = step.map(|s| spans[s]).filter(|s| s.kind != Kind::Null) else { return Ok(None) };
            let text = if span.kind.is_string() { span.inner(b) } else { span.raw(b) };
            super::canon::integer(text)
                .map(Some)
                .map_err(|cause| Stop::Poison { cause: format!("source block: {cause}") })
        };
        let source_ms = integer(fields.source_ts_ms)?;
        event.source_us = match integer(fields.source_ts_us)? {
            Some(us) => Some(us),
            None => source_ms.and_then(|ms| ms.checked_mul(1000)),
        };
        event.version = match integer(fields.lsn)? {
            Some(lsn) => u64::try_from(lsn).ok(),
            None => fields.sequence.and_then(|step| sequence(b, spans[step])),
        };
        if self.framing == Framing::Value {
            match integer(fields.ts_ms)?.or(source_ms).or(event.source_us.map(|us| us / 1000)) {
                Some(ms) => event.log_ms = ms,
                None => event.flags |= flag::NO_LOG_TIME,
            }
        }
        if event.has(flag::NO_LOG_TIME) {
            let kind = &self.tables[event.table as usize].kind;
            self.notes.add(Code::NoLogTime, kind, kind, None, || {
                "events carry no time; only final states are compared".into()
            });
        }
        Ok(())
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

    /// Home region, origin and sampling.
    fn finish(&mut self, event: &mut Event, b: &[u8], spans: &[Span], fields: &Fields, batch: &mut Batch) -> Step<()> {
        let table = &self.tables[event.table as usize];
        let origin = fields.origin.map(|s| spans[s]).filter(|s| s.kind.is_string());
        if origin.is_some() {
            event.flags |= flag::REPLICATED;
        }
        if self.setup.keep_origin && origin.is_some() {
            let extra = event.extra.get_or_insert_default();
            extra.origin = origin.map(|s| String::from_utf8_lossy(s.inner(b)).into_owned());
            let lsn =
                fields.origin_lsn.map(|s| spans[s].raw(b)).and_then(|raw| std::str::from_utf8(raw).ok()?.parse().ok());
            extra.origin_lsn = lsn;
        }
        if table.replication == Replication::Native && self.setup.homes.is_some() {
            let origin = origin.map(|s| String::from_utf8_lossy(s.inner(b)).into_owned());
            self.check_home(event, origin, batch);
        }
        let table = &self.tables[event.table as usize];
        if let Some(sample) = &table.sample {
            let digest = Hasher::Plain.digest(&canonical_key(&table.kind, batch.key(event)));
            let bucket = u64::from_be_bytes([
                digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
            ]) % sample.of;
            if !sample.take.contains(&bucket) {
                event.class = Class::SampledOut;
                event.digest = [0; 32];
            }
        }
        Ok(())
    }

    /// An event outside the tenant's home region with a local or unlisted origin was written there.
    fn check_home(&mut self, event: &mut Event, origin: Option<String>, batch: &Batch) {
        let Some(homes) = &self.setup.homes else { return };
        let table = &self.tables[event.table as usize];
        let region = &self.setup.types.side(self.setup.side).region;
        let (tenant, id) = super::event::tenant_and_id(batch.key(event));
        let key = format!("{tenant}/{id}");
        let Some(home) = homes.of(&tenant) else {
            self.tally.origin_unknown += 1;
            let text = || format!("tenant `{tenant}` is not in tenants.yaml");
            self.notes.add(Code::OriginUnknown, &table.kind, &tenant, Some(&key), text);
            return;
        };
        if is_home(region, home) {
            return;
        }
        if event.op == Op::Read {
            self.tally.origin_unknown += 1;
            return;
        }
        let listed = table.origins.get(region);
        let authorized = match (&origin, listed) {
            (None, _) => false,
            (Some(o), Some(list)) if !list.is_empty() => list.contains(o),
            (Some(o), _) => {
                let text = || format!("origin `{o}` was accepted, since types.yaml lists none for {region}");
                self.notes.add(Code::OriginUnlisted, &table.kind, o, Some(&key), text);
                true
            }
        };
        if !authorized {
            event.flags |= flag::UNAUTHORIZED;
            let extra = event.extra.get_or_insert_default();
            extra.home_region = Some(home.to_owned());
            extra.origin = origin;
        }
    }

    /// The event of a line that cannot be used, with as much of its position and key as can be read.
    fn poisoned_frame(&mut self, line: &[u8], framing: Framing, too_long: bool, batch: &mut Batch) -> Event {
        let mut frame = std::mem::take(&mut self.frame);
        let mut event = Event::blank(u32::MAX, 0, 0);
        event.flags |= flag::NO_TABLE;
        if !too_long && scan::check_line(line).is_ok() && frame.read(line, framing).is_ok() {
            let topic = self.table_of_topic.get(&frame.topic).copied();
            event.partition = self.intern(&frame.topic, frame.partition, batch);
            event.offset = frame.offset;
            event.log_ms = frame.timestamp.unwrap_or(0);
            if let Some(Topic::Table(table)) = topic {
                event.flags &= !flag::NO_TABLE;
                event.table = table;
                if let Some(key) = frame.key(line) {
                    // Without a readable key the whole table is in doubt, which the join sees from the empty key.
                    let _ =
                        self.read_key(&mut event, |reader, canon, out| reader.from_event_key(key, canon, out), batch);
                }
            }
        } else if let [only] = self.tables.as_slice() {
            // Which table it belonged to cannot be read; with one table it was that one.
            let _ = only;
            event.flags &= !flag::NO_TABLE;
        }
        self.frame = frame;
        event.class = Class::Poison;
        event.op = Op::Unreadable;
        event
    }

    fn poisoned_value(&mut self, line: &[u8], position: u64, too_long: bool, batch: &mut Batch) -> Event {
        let table = self.value_table.unwrap_or(0);
        let partition = self.own_partition(table, batch);
        let mut event = Event::blank(partition, position, i64::MIN);
        event.table = table;
        if !too_long && scan::check_line(line).is_ok() {
            let mut spans = std::mem::take(&mut self.spans);
            if let Ok((id, shape)) = self.shapes.find(line, &mut spans) {
                let fields = shape.fields.clone();
                if self.times(line, &spans, &fields, &mut event).is_err() {
                    event.log_ms = i64::MIN;
                }
                if self.plan(id, table, 0).is_ok()
                    && let Some(plan) = self.plans.get(&(id, table, 0))
                {
                    let start = batch.keys.len();
                    let columns = |name: &str| plan.column(name).map(|(step, conv)| (spans[step], conv));
                    match self.keys[table as usize].from_row(line, columns, &mut self.rows.canon, &mut batch.keys) {
                        Ok(()) => event.key = (start as u32, batch.keys.len() as u32),
                        Err(_) => batch.keys.truncate(start),
                    }
                }
            }
            self.spans = spans;
        }
        event.class = Class::Poison;
        event.op = Op::Unreadable;
        event
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
                "give --table KIND with a types.yaml, or record with `kcat -J`, which keeps topic and key".into(),
            ),
        }),
    }
}

/// The columns of a Debezium key: `tenant` is the tenant, the others the id.
fn inferred_key(key: &[u8]) -> Step<KeySpec> {
    let object = super::keys::key_object(key).map_err(|cause| Stop::Poison { cause })?;
    let mut names = Vec::new();
    scan::members(key, object, |name, _| {
        names.push(String::from_utf8_lossy(name.inner(key)).into_owned());
        Ok(())
    })?;
    let tenant = match names.iter().position(|n| n == "tenant") {
        Some(i) if names.len() > 1 => Tenant::Column(names.remove(i)),
        _ => Tenant::Const("-".into()),
    };
    Ok(KeySpec { tenant, id: names })
}

/// The operation. `Op::Unreadable` stands for a message, which concerns no row.
fn operation(b: &[u8], spans: &[Span], fields: &Fields, form: Form) -> Step<Op> {
    let deleted = fields.deleted.map(|s| spans[s]).is_some_and(|s| s.inner_or_raw(b) == b"true");
    if deleted {
        return Ok(Op::Delete);
    }
    let Some(span) = fields.op.map(|s| spans[s]) else {
        return match form {
            Form::Flat => Ok(Op::Read),
            Form::Envelope => Err(Stop::Poison { cause: "`op` is missing".into() }),
        };
    };
    match span.inner_or_raw(b) {
        b"c" => Ok(Op::Create),
        b"u" => Ok(Op::Update),
        b"d" => Ok(Op::Delete),
        b"r" => Ok(Op::Read),
        b"t" => Ok(Op::Truncate),
        b"m" => Ok(Op::Unreadable),
        other => Err(Stop::Poison { cause: format!("unknown op `{}`", String::from_utf8_lossy(other)) }),
    }
}

/// Incremental snapshots have no lsn; the second element of `sequence` is the position (`["1","2"]` or `[null,"2"]`).
fn sequence(b: &[u8], span: Span) -> Option<u64> {
    let mut text = Vec::new();
    if !span.kind.is_string() {
        return None;
    }
    super::json::text::decode(span.inner(b), super::json::text::Lone::Refuse, &mut text).ok()?;
    let parts: Vec<Option<String>> = serde_json::from_slice(&text).ok()?;
    parts.get(1)?.as_ref()?.parse().ok()
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
mod tests {
    use super::*;
    use crate::diff::hash::hex;
    use crate::diff::types::parse;

    const US: &str = include_str!("../../fixtures/diff/captures/audit.US.audit_events.mirror.ndjson");
    const EU: &str = include_str!("../../fixtures/diff/captures/audit.EU.audit_events.mirror.ndjson");
    const TYPES: &str = include_str!("../../fixtures/diff/captures/types.yaml");

    fn setup(side: Side) -> Arc<Setup> {
        Arc::new(Setup {
            side,
            types: parse(TYPES, "types.yaml").unwrap(),
            hasher: Hasher::Plain,
            homes: None,
            table: None,
            for_proof: true,
            keep_origin: true,
        })
    }

    /// Digest, base and canonical text of the last row event of a key.
    fn row(side: Side, text: &str, key: &str) -> (String, String, String) {
        let mut decoder = Decoder::new(setup(side), Framing::Capture, 0).unwrap();
        let mut batch = Batch::default();
        let mut found = None;
        for (i, line) in text.lines().enumerate() {
            decoder.line(line.as_bytes(), i as u64 + 1, 0, false, &mut batch).unwrap();
            let event = batch.events.last().unwrap();
            let full = event.extra.as_ref().is_none_or(|e| !e.parts.contains(&Part::Inherit));
            if event.class == Class::Row && full && batch.key(event) == key.as_bytes() {
                let base = event.extra.as_ref().and_then(|e| e.base).unwrap();
                let text = String::from_utf8(decoder.row_text().to_vec()).unwrap();
                found = Some((hex(&event.digest), hex(&base), text));
            }
        }
        assert!(batch.poison.is_empty(), "{:?}", batch.poison);
        found.unwrap()
    }

    #[test]
    fn the_test_vector_of_the_profile_on_both_sides() {
        let text = r#"{"action":"key.rotate","actor":"svc-7@acme.example","amount":0.0001,"corr":"ba2dde83-458b-fed0-a712-755f6cace4d5","day":"2026-11-01","details":{"a":[1,2.5,null],"b":1,"ip":"10.0.0.7","note":"plain"},"id":10000,"ip":"10.1.25.0/24","local_at":"2026-11-01T00:00:00.772000","occurred_at":"2026-11-01T00:00:00.772000Z","ok":true,"qty":1,"raw":{"a":"x","k":1,"z":[1,2]},"resource":"arn:x:acme:177","risk":0.5,"score":3.141592653589793,"sig":"f189591c12fe8eac","tags":["a","b c","x"],"tenant":"acme","tod":"00:00:00.772000"}"#;
        for (side, lines) in [(Side::Lhs, US), (Side::Rhs, EU)] {
            let (row, base, got) = row(side, lines, r#""acme",10000"#);
            assert_eq!(got, text);
            assert_eq!(base, "6dec04aeb63ea8b30b05f496eb0939c2be2009d524a924c2f676a3b25d6ced5e");
            assert_eq!(row, "37fb09d3854972674efc378d15bf9129ab9d37f6aca32375995478b4c5f1d328");
        }
    }

    #[test]
    fn the_toast_vector() {
        for (side, lines) in [(Side::Lhs, US), (Side::Rhs, EU)] {
            let (row, _, _) = row(side, lines, r#""acme",10340"#);
            if side == Side::Rhs {
                assert_eq!(row, "d6564245c0797cb0671ecd1a83d0bca08107136b9a7b6bbb12c71adcddf1ad14");
            }
        }
    }
}
