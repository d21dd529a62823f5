//! A change event's value: operation, times, and the canonical row.

use super::{At, Decoder, Step, Stop, fit, registry};
use crate::diff::canon;
use crate::diff::code::Code;
use crate::diff::event::{Batch, Class, Event, flag};
use crate::diff::frame::{Framing, is_time};
use crate::diff::keys::KeySpans;
use crate::diff::notes::Notes;
use crate::diff::plan::{Plan, Row};
use crate::diff::shape::{Fields, Form, Slot};
use crate::diff::types::schema;
use crate::json::scan::{Kind, Span};
use crate::json::text::{Lone, decode};
use crate::record::diff::Op;

impl Decoder {
    /// A change event's value. `key`: the event key, where the framing has one.
    pub(super) fn value(&mut self, b: &[u8], key: Option<&[u8]>, event: &mut Event, batch: &mut Batch) -> Step<()> {
        if b.first() == Some(&0) {
            return Err(Stop::Refused(registry()));
        }
        let mut spans = std::mem::take(&mut self.spans);
        let done = self.value_spans(b, key, event, batch, &mut spans);
        self.spans = spans;
        done
    }

    pub(super) fn value_spans(
        &mut self,
        b: &[u8],
        key: Option<&[u8]>,
        event: &mut Event,
        batch: &mut Batch,
        spans: &mut Vec<Span>,
    ) -> Step<()> {
        let (shape_id, shape) = self.shapes.find(b, spans)?;
        if let Some(foreign) = &shape.foreign {
            let foreign = foreign.clone();
            return Err(self.foreign(event.table, &foreign));
        }
        let (form, fields) = (shape.form, shape.fields);
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
        if let Some(span) = fields.after.span(spans) {
            check_no_row(span, form, event.op)?;
        }
        event.class = if event.op == Op::Delete { Class::Delete } else { Class::Row };
        if let Some(key) = key {
            self.event_key(key, event, batch)?;
        } else if event.op == Op::Delete && form == Form::Envelope {
            let before = fields.before.span(spans);
            self.read_key(event, |reader, canon, out| reader.from_before(b, before, canon, out), At::Value, batch)?;
        }
        if event.op == Op::Delete && form == Form::Envelope {
            // Also where the delete contradicts itself the tombstone behind it says no more than its event key.
            self.deletes.add(event.partition, batch.key(event));
            if key.is_some() {
                self.check_before(b, fields.before.span(spans), event, batch)?;
            }
            self.digest_of_key(event, batch);
            return self.finish(event, b, spans, &fields, batch);
        }
        let schema_id = self.schema(b, fields.schema.span(spans))?;
        self.check_block(event.table, schema_id > 0)?;
        let at = self.plan(shape_id, event.table, schema_id)?;
        if event.op == Op::Delete {
            self.key_of_row(at, b, spans, event, batch)?;
            self.deletes.add(event.partition, batch.key(event));
            if key.is_some() {
                self.check_key(at, b, spans, event, batch)?;
            }
            self.digest_of_key(event, batch);
        } else {
            self.row(at, b, spans, event, batch)?;
        }
        self.finish(event, b, spans, &fields, batch)
    }

    /// The digest of the row, and its key where the event key did not give it.
    fn row(&mut self, at: usize, b: &[u8], spans: &[Span], event: &mut Event, batch: &mut Batch) -> Step<()> {
        let plan = &self.plans[at].1;
        if plan.unfit.is_some() {
            return Err(self.unfit(event.table, at));
        }
        event.cols_fp = plan.cols_fp;
        let row = self.rows.write(plan, b, spans, &self.setup.hasher).map_err(|bad| Stop::Poison {
            cause: format!("column `{}`: {}", bad.column, bad.cause),
            at: Some(At::Value(bad.at)),
        })?;
        note_columns(&mut self.notes, plan, &self.tables[event.table as usize].kind);
        store(row, event);
        if event.has_key() {
            return self.check_key(at, b, spans, event, batch);
        }
        if let Some(texts) = self.rows.key() {
            let start = batch.keys.len();
            self.keys[event.table as usize].from_texts(texts, &mut batch.keys);
            event.key = (start as u32, batch.keys.len() as u32);
        }
        self.key_of_row(at, b, spans, event, batch)
    }

    /// The event key names the row, so a row with another one would be taken for that row.
    fn check_key(&mut self, plan: usize, b: &[u8], spans: &[Span], event: &Event, batch: &Batch) -> Step<()> {
        let (plan, reader) = (&self.plans[plan].1, &self.keys[event.table as usize]);
        let alike = event.class == Class::Row && plan.key_reads_alike;
        if alike && self.rows.key().is_some_and(|texts| reader.is(texts, batch.key(event))) {
            return Ok(());
        }
        let found = reader.spans(|name| plan.column(name).map(|(step, _)| spans[step]));
        self.check_columns(b, found, event, batch)
    }

    /// The same for a delete, whose row is `before`, if anything.
    fn check_before(&mut self, b: &[u8], before: Option<Span>, event: &mut Event, batch: &mut Batch) -> Step<()> {
        let Some(before) = before.filter(|o| o.kind == Kind::Object) else { return Ok(()) };
        match self.keys[event.table as usize].find(b, before) {
            Ok((found, _)) => self.check_columns(b, found, event, batch),
            Err(bad) => self.keep_key(Err(bad), batch.keys.len(), event, At::Value, batch),
        }
    }

    /// What is not there or was not sent contradicts nothing. No row has a null key, but a delete may leave its columns out.
    fn check_columns(&mut self, b: &[u8], mut found: KeySpans, event: &Event, batch: &Batch) -> Step<()> {
        found.iter_mut().for_each(|span| *span = span.filter(|s| !self.rows.is_placeholder(b, *s)));
        let (reader, nulls) = (&self.keys[event.table as usize], event.class == Class::Row);
        match reader.other_than(batch.key(event), b, &found, nulls, &mut self.rows.canon) {
            None => Ok(()),
            Some(own) => {
                self.row_key = own;
                Err(Stop::poison("the event key is not that of the row"))
            }
        }
    }

    /// The key from the row's columns, where the event key did not give it.
    fn key_of_row(&mut self, plan: usize, b: &[u8], spans: &[Span], event: &mut Event, batch: &mut Batch) -> Step<()> {
        if event.has_key() {
            return Ok(());
        }
        // The reader borrows the plan, so it is not read_key that calls it.
        let (start, plan) = (batch.keys.len(), &self.plans[plan].1);
        let columns = |name: &str| plan.column(name).map(|(step, conv)| (spans[step], conv));
        let read = self.keys[event.table as usize].from_row(b, columns, &mut self.rows.canon, &mut batch.keys);
        self.keep_key(read, start, event, At::Value, batch)
    }

    /// Version, commit time and log time.
    pub(super) fn times(&mut self, b: &[u8], spans: &[Span], fields: &Fields, event: &mut Event) -> Step<()> {
        let integer = |slot: Slot| -> Step<Option<i64>> {
            let Some(span) = slot.span(spans).filter(|s| s.kind != Kind::Null) else { return Ok(None) };
            let text = if span.kind.is_string() { span.inner(b) } else { span.raw(b) };
            canon::integer(text).map(Some).map_err(|cause| Stop::Poison {
                cause: format!("source block: {cause}"),
                at: Some(At::Value(span.start as usize)),
            })
        };
        let source_ms = integer(fields.source_ts_ms)?;
        event.source_us = match integer(fields.source_ts_us)? {
            Some(us) => Some(us),
            None => source_ms.map(|ms| ms.saturating_mul(1000)),
        };
        if event.source_us.is_some_and(|us| !is_time(us / 1000)) {
            return Err(Stop::poison("source block: the commit time is out of range"));
        }
        event.version = match integer(fields.lsn)? {
            Some(lsn) => u64::try_from(lsn).ok(),
            None => fields.sequence.span(spans).and_then(|span| sequence(b, span)),
        };
        if self.framing == Framing::Value {
            match integer(fields.ts_ms)?.or(source_ms).or(event.source_us.map(|us| us / 1000)) {
                Some(ms) if is_time(ms) => event.log_ms = ms,
                Some(_) => return Err(Stop::poison("the time of the event is out of range")),
                None => event.flags |= flag::NO_LOG_TIME,
            }
        }
        Ok(())
    }

    /// Index of the schema block, 0 without one.
    pub(super) fn schema(&mut self, b: &[u8], span: Option<Span>) -> Step<u32> {
        let Some(span) = span.filter(|s| s.kind == Kind::Object) else { return Ok(0) };
        let raw = span.raw(b);
        if let Some(i) = self.schemas.iter().position(|(bytes, _)| bytes == raw) {
            return Ok(i as u32 + 1);
        }
        let columns = schema::columns(raw).map_err(Stop::poison)?;
        self.schemas.push((raw.to_vec(), columns));
        Ok(self.schemas.len() as u32)
    }

    /// Index of the plan for a shape of a table under a schema block.
    pub(super) fn plan(&mut self, shape: u32, table: u16, schema: u32) -> Step<usize> {
        let key = (shape, table, schema);
        if let Some(i) = self.plans.iter().position(|(k, _)| *k == key) {
            return Ok(i);
        }
        // Shapes are forgotten when many appear; their plans go with them.
        if self.plans.len() > 256 {
            self.plans.clear();
        }
        let Some(seen) = self.shapes.get(shape) else { return Err(Stop::poison("unknown shape")) };
        let facts = schema.checked_sub(1).map(|i| &self.schemas[i as usize].1);
        let table = &self.tables[table as usize];
        if let Some(facts) = facts {
            self.blocks.note_types(table, facts);
        }
        let infer = self.setup.types.infer;
        let mut plan = Plan::new(table, self.side, &seen.columns, facts, infer).map_err(|contradiction| {
            let message = format!("table `{}`: {}", table.kind, contradiction.0);
            Stop::refused(message, "correct types.yaml; the schema block is what the connector says")
        })?;
        plan.unfit = fit::unfit(table, seen, &plan);
        plan.key_reads_alike = self.keys[key.1 as usize].reads_like(|name| plan.column(name).map(|(_, conv)| conv));
        if plan.unfit.is_none() {
            self.blocks.compared.insert(key.1);
            self.hold(key.1, shape);
        }
        self.plans.push((key, plan));
        Ok(self.plans.len() - 1)
    }
}

/// `after` is null in a delete, and anything but an object is no row.
fn check_no_row(span: Span, form: Form, op: Op) -> Step<()> {
    let name = if form == Form::Envelope { "after" } else { "payload" };
    let cause = match (span.kind, op) {
        (Kind::Null, Op::Delete) => return Ok(()),
        (Kind::Null, _) => format!("`{name}` is null in an event that is no delete"),
        (kind, _) => format!("`{name}` is {}, an object or null was expected", kind.name()),
    };
    Err(Stop::Poison { cause, at: Some(At::Value(span.start as usize)) })
}

/// The operation. `Op::Unreadable` stands for a message, which concerns no row.
pub(super) fn operation(b: &[u8], spans: &[Span], fields: &Fields, form: Form) -> Step<Op> {
    let deleted = fields.deleted.span(spans).is_some_and(|s| s.inner_or_raw(b) == b"true");
    if deleted {
        return Ok(Op::Delete);
    }
    let Some(span) = fields.op.span(spans) else {
        return match form {
            Form::Flat => Ok(Op::Read),
            Form::Envelope => Err(Stop::poison("`op` is missing")),
        };
    };
    match span.inner_or_raw(b) {
        b"c" => Ok(Op::Create),
        b"u" => Ok(Op::Update),
        b"d" => Ok(Op::Delete),
        b"r" => Ok(Op::Read),
        b"t" => Ok(Op::Truncate),
        b"m" => Ok(Op::Unreadable),
        other => Err(Stop::Poison {
            cause: format!("unknown op `{}`", String::from_utf8_lossy(other)),
            at: Some(At::Value(span.start as usize)),
        }),
    }
}

/// Incremental snapshots have no lsn; the second element of `sequence` is the position (`["1","2"]` or `[null,"2"]`).
fn sequence(b: &[u8], span: Span) -> Option<u64> {
    let mut text = Vec::new();
    if !span.kind.is_string() {
        return None;
    }
    decode(span.inner(b), Lone::Refuse, &mut text).ok()?;
    let parts: Vec<Option<String>> = serde_json::from_slice(&text).ok()?;
    parts.get(1)?.as_ref()?.parse().ok()
}

fn store(row: Row, event: &mut Event) {
    event.digest = row.digest;
    if row.unresolved {
        event.flags |= flag::UNRESOLVED;
    }
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
