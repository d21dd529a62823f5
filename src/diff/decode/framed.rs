//! Lines that say their topic: which table they belong to, and records without a value.

use super::{Decoder, Step, Stop, Topic};
use crate::diff::code::Code;
use crate::diff::event::{Batch, Class, Event, flag};
use crate::diff::frame::{Frame, Framing};
use crate::diff::json::scan;
use crate::diff::keys::key_object;
use crate::diff::types::{KeySpec, Table, Tenant};
use crate::record::diff::Op;

impl Decoder {
    pub(super) fn framed_line(&mut self, line: &[u8], framing: Framing, batch: &mut Batch) -> Step<Event> {
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
}

/// The columns of a Debezium key: `tenant` is the tenant, the others the id.
fn inferred_key(key: &[u8]) -> Step<KeySpec> {
    let object = key_object(key).map_err(|cause| Stop::Poison { cause })?;
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
