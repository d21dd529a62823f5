//! Lines that cannot be used: as much of their position and key as can still be read.

use super::{Decoder, Topic};
use crate::diff::event::{Batch, Class, Event, flag};
use crate::diff::frame::Framing;
use crate::json::scan;
use crate::record::diff::Op;

impl Decoder {
    /// The event of a line that cannot be used, with as much of its position and key as can be read.
    pub(super) fn poisoned_frame(&mut self, line: &[u8], framing: Framing, too_long: bool, batch: &mut Batch) -> Event {
        let mut frame = std::mem::take(&mut self.frame);
        let mut event = Event::blank(u32::MAX, 0, 0);
        event.flags |= flag::NO_TABLE;
        if !too_long && scan::check_line(line).is_ok() && frame.read(line, framing).is_ok() {
            let topic = self.table_of_topic.get(&frame.topic).copied();
            event.partition = self.intern(&frame.topic, frame.partition, batch);
            event.offset = frame.offset;
            event.log_ms = frame.timestamp.unwrap_or(0);
            if frame.timestamp.is_none() {
                event.flags |= flag::NO_LOG_TIME;
            }
            if let Some(Topic::Table(table)) = topic {
                event.flags &= !flag::NO_TABLE;
                event.table = table;
                if let Some(key) = frame.key(line) {
                    // Without a readable key the whole table is in doubt, which the join sees from the empty key.
                    let _ = self.event_key(key, &mut event, batch);
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

    /// Of which of its two keys the row is cannot be told.
    pub(super) fn doubt_row_key(&mut self, event: &mut Event) {
        let key = std::mem::take(&mut self.row_key);
        if !key.is_empty() {
            event.extra.get_or_insert_default().row_key = Some(String::from_utf8_lossy(&key).into_owned());
        }
    }

    pub(super) fn poisoned_value(&mut self, line: &[u8], position: u64, too_long: bool, batch: &mut Batch) -> Event {
        let table = self.value_table.unwrap_or(0);
        let partition = self.own_partition(table, batch);
        let mut event = Event::blank(partition, position, i64::MIN);
        event.table = table;
        if !too_long && scan::check_line(line).is_ok() {
            let mut spans = std::mem::take(&mut self.spans);
            if let Ok((id, shape)) = self.shapes.find(line, &mut spans) {
                let fields = shape.fields;
                if self.times(line, &spans, &fields, &mut event).is_err() {
                    event.log_ms = i64::MIN;
                }
                if let Ok(at) = self.plan(id, table, 0) {
                    let plan = &self.plans[at].1;
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
        if event.log_ms == i64::MIN {
            event.flags |= flag::NO_LOG_TIME;
        }
        event.class = Class::Poison;
        event.op = Op::Unreadable;
        event
    }
}
