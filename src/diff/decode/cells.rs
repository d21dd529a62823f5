//! Rows column by column: for `explain`, and for the columns of a mismatch.

use super::stop::in_words;
use super::{Decoder, Stop, Topic, trim};
use crate::diff::event::{Batch, Cell, Class, ColumnCell, Event};
use crate::diff::frame::Framing;
use crate::diff::shape::describe;

impl Decoder {
    /// The cells of the row in a line that was read before.
    pub fn cells(&mut self, line: &[u8]) -> Result<Vec<(String, Cell)>, String> {
        Ok(self.typed_cells(line)?.into_iter().map(|c| (c.name, c.cell)).collect())
    }

    /// Gives the event its columns where its key is the wanted one.
    pub(super) fn keep_wanted(&mut self, line: &[u8], event: &mut Event, batch: &Batch) {
        let Some(wanted) = &self.setup.wanted else { return };
        let row = event.class == Class::Row && event.has_key();
        if !row || !wanted.is(&self.tables[event.table as usize].kind, batch.key(event)) {
            return;
        }
        // The line was read a moment ago, so it can be read again.
        if let Ok(cells) = self.typed_cells(line) {
            event.extra.get_or_insert_default().cells = cells;
        }
    }

    fn typed_cells(&mut self, line: &[u8]) -> Result<Vec<ColumnCell>, String> {
        let mut frame = std::mem::take(&mut self.frame);
        let cells = match self.framing {
            Framing::Value => self.row_cells(trim(line), self.value_table.unwrap_or(0)),
            framing => frame.read(line, framing).map_err(describe).and_then(|()| {
                match (self.table_of_topic.get(&frame.topic).copied(), frame.value(line)) {
                    (Some(Topic::Table(table)), Some(value)) => self.row_cells(value, table),
                    _ => Err("not a row of a table".into()),
                }
            }),
        };
        self.frame = frame;
        cells
    }

    fn row_cells(&mut self, b: &[u8], table: u16) -> Result<Vec<ColumnCell>, String> {
        let cause = |stop: Stop| match stop {
            Stop::Poison { cause, at } => in_words(cause, at),
            Stop::Refused(refused) => refused.message,
        };
        let mut spans = Vec::new();
        let (shape, fields) = {
            let (id, shape) = self.shapes.find(b, &mut spans).map_err(describe)?;
            (id, shape.fields)
        };
        let schema = self.schema(b, fields.schema.span(&spans)).map_err(cause)?;
        let at = self.plan(shape, table, schema).map_err(cause)?;
        let plan = &self.plans[at].1;
        let facts = schema.checked_sub(1).map(|i| &self.schemas[i as usize].1);
        let declared = &self.tables[table as usize].columns;
        let mut cells = Vec::new();
        for (name, step, conv) in plan.columns() {
            let cell = self.rows.cell(conv, b, spans[step]).map_err(|cause| format!("column `{name}`: {cause}"))?;
            let column = declared.get(name).or_else(|| facts.and_then(|f| f.get(name)));
            let type_name = column.map_or("untyped", |c| c.logical.name());
            cells.push(ColumnCell { name: name.to_owned(), type_name, cell });
        }
        Ok(cells)
    }
}
