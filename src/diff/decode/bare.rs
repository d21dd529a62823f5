//! Bare values: every source is a partition of its table, and the line number is the offset.

use super::{Decoder, Refused, Setup, Step, trim};
use crate::diff::event::{Batch, Class, Event};
use crate::diff::types::Table;

impl Decoder {
    pub(super) fn value_line(&mut self, line: &[u8], position: u64, batch: &mut Batch) -> Step<Event> {
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

    pub(super) fn own_partition(&mut self, table: u16, batch: &mut Batch) -> u32 {
        if self.last_partition.2 == u32::MAX {
            let topic = self.tables[table as usize].topics[self.side].clone();
            let index = self.intern(topic.as_bytes(), self.value_partition, batch);
            self.last_partition.2 = index;
        }
        self.last_partition.2
    }
}

pub(super) fn value_table(setup: &Setup, tables: &[Table]) -> Result<u16, Refused> {
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
