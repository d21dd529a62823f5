//! Records without a value: the no-op behind a delete, or a delete of their own.

use std::collections::HashMap;

use super::{Decoder, Step, Stop};
use crate::diff::event::{Batch, Class, Event};
use crate::record::diff::Op;

/// Deletes whose tombstones may follow, by partition.
#[derive(Default)]
pub struct Deletes {
    /// Body of the key.
    keys: HashMap<u32, Vec<u8>>,
    /// Partitions of which the record read last is the delete.
    last: Vec<u32>,
}

impl Deletes {
    pub fn add(&mut self, partition: u32, key: &[u8]) {
        self.keys.insert(partition, key.to_vec());
        self.last.push(partition);
    }

    /// Another record of the partition follows: whether it is directly behind the delete.
    pub fn pass(&mut self, partition: u32) -> bool {
        let at = self.last.iter().position(|p| *p == partition);
        at.map(|at| self.last.swap_remove(at)).is_some()
    }

    /// Where not even the partition could be read (`u32::MAX`), the record may be of any.
    pub fn pass_unreadable(&mut self, partition: u32) {
        self.last.retain(|p| *p != partition && partition != u32::MAX);
    }
}

impl Decoder {
    /// `behind_delete`: it is directly behind one. Without a key only such a record is known to be its tombstone; another
    /// one may be any row's delete.
    pub(super) fn tombstone(
        &mut self,
        key: Option<&[u8]>,
        behind_delete: bool,
        event: &mut Event,
        batch: &mut Batch,
    ) -> Step<()> {
        event.class = Class::Tombstone;
        let Some(key) = key else {
            if !behind_delete {
                return Err(Stop::poison("a record with neither key nor value, which is not directly behind a delete"));
            }
            self.deletes.keys.remove(&event.partition);
            return Ok(());
        };
        self.event_key(key, event, batch)?;
        let body = batch.key(event);
        event.op = Op::Delete;
        if self.deletes.keys.remove(&event.partition).is_none_or(|before| before != body) {
            event.class = Class::Delete;
        }
        self.digest_of_key(event, batch);
        Ok(())
    }
}
