//! Schema blocks of events, and rows that must bring one because neither types.yaml nor `--infer` says their types.

use std::collections::{BTreeMap, BTreeSet};

use super::value::operation;
use super::{Decoder, Refused, Step, Stop};
use crate::diff::code::Code;
use crate::diff::types::{Column, Logical, Table};
use crate::record::diff::Op;

/// Logical types that schema blocks gave to columns which types.yaml does not declare, by `kind.column`.
pub type ColumnTypes = BTreeMap<String, BTreeSet<String>>;

/// What the schema blocks of one source said.
#[derive(Default)]
pub struct Blocks {
    /// Tables of which a row came with its block.
    typed: BTreeSet<u16>,
    /// Tables of which a row had a column to compare besides its key.
    pub(super) compared: BTreeSet<u16>,
    /// Topic of the row that brought none and made the decoder stop.
    untyped: Option<String>,
    columns: ColumnTypes,
}

impl Blocks {
    /// Keeps what a block says of the columns that types.yaml leaves to it.
    pub(super) fn note_types(&mut self, table: &Table, facts: &BTreeMap<String, Column>) {
        for (name, column) in facts {
            if !table.columns.contains_key(name) && !table.ignore.contains_key(name) {
                let types = self.columns.entry(format!("{}.{name}", table.kind)).or_default();
                types.insert(words(&column.logical));
            }
        }
    }
}

impl Decoder {
    /// The topic whose rows bring no types, where the decoder stopped for that.
    pub fn untyped(&self) -> Option<&str> {
        self.blocks.untyped.as_deref()
    }

    /// What the blocks said, once at the end.
    pub fn take_column_types(&mut self) -> ColumnTypes {
        std::mem::take(&mut self.blocks.columns)
    }

    /// A table none of whose rows has a block cannot be read at all; later a row without one is damaged. In neither
    /// case are its types taken from other rows, since the table may have been altered between them.
    pub(super) fn check_block(&mut self, table: u16, there: bool) -> Step<()> {
        if !self.setup.types.needs_blocks() {
            return Ok(());
        }
        let Table { kind, topics, .. } = &self.tables[table as usize];
        if there {
            if self.blocks.typed.insert(table) {
                let text =
                    || format!("no types.yaml: the column types of `{kind}` are those of the events' schema blocks");
                self.notes.add(Code::SchemaBlocks, kind, kind, None, text);
            }
            return Ok(());
        }
        if self.blocks.typed.contains(&table) {
            return Err(Stop::poison("the record has no schema block, and no types.yaml says its column types"));
        }
        let topic = topics[self.side].clone();
        self.blocks.untyped = Some(topic.clone());
        Err(Stop::Refused(Refused {
            message: format!("no column types: the rows of `{topic}` carry no schema blocks"),
            hint: Some(
                "write a types.yaml, of which `govctl diff digest --suggest-types` makes a first version, or compare \
                 by JSON value with --infer"
                    .into(),
            ),
        }))
    }

    /// Without types.yaml the event key says which columns are the key, so a row without one belongs nowhere.
    pub(super) fn refuse_row_without_key(&mut self, topic: &str, value: Option<&[u8]>) -> Step<()> {
        let Some(b) = value else { return Ok(()) };
        let mut spans = std::mem::take(&mut self.spans);
        let op = match self.shapes.find(b, &mut spans) {
            Ok((_, shape)) => operation(b, &spans, &shape.fields, shape.form),
            Err(fault) => Err(fault.into()),
        };
        self.spans = spans;
        match op? {
            Op::Truncate | Op::Unreadable => Ok(()),
            _ => Err(Stop::Refused(Refused {
                message: format!(
                    "the rows of `{topic}` have no event key, and no types.yaml says which columns are the key"
                ),
                hint: Some("write a types.yaml: `govctl diff digest --suggest-types` makes a first version".into()),
            })),
        }
    }
}

fn words(logical: &Logical) -> String {
    match logical {
        Logical::Array(element) => format!("array of {}", words(&element.logical)),
        other => other.name().to_owned(),
    }
}
