//! The fields that some rule reads of a line of NDJSON, as spans of its bytes.

use super::{Cell, CellKind, Fault, Plan};
use crate::anomaly::code::Code;
use crate::json::scan::{self, Kind, Scan, Span, check_line, fault, skip_space};
use crate::json::text::{Lone, decode};
use crate::json::walk::object;

/// Fills a cell per field of the plan.
pub fn cells(plan: &Plan, line: &[u8], cells: &mut [Cell]) -> Result<(), Fault> {
    document(plan, line, cells).map_err(|f| Fault {
        column: Some(f.at as u64 + 1),
        ..Fault::new(Code::BadLine, format!("no usable JSON: {}", f.what))
    })
}

fn document(plan: &Plan, line: &[u8], cells: &mut [Cell]) -> Scan<()> {
    if u32::try_from(line.len()).is_err() {
        return fault(0, "the line is longer than 4 GiB");
    }
    check_line(line)?;
    let start = skip_space(line, 0);
    if line.get(start) != Some(&b'{') {
        return fault(start, "an object was expected");
    }
    let end = skip_space(line, walk(plan, 0, line, start, cells)?);
    if end < line.len() { fault(end, "text after the object") } else { Ok(()) }
}

/// Reads the object at `i` as the node of the plan.
fn walk(plan: &Plan, node: usize, line: &[u8], i: usize, cells: &mut [Cell]) -> Scan<usize> {
    object(line, i, |name, at| {
        let child = match name.kind {
            Kind::Plain => plan.child(node, name.inner(line)),
            _ => {
                let mut text = Vec::new();
                decode(name.inner(line), Lone::Keep, &mut text)?;
                plan.child(node, &text)
            }
        };
        let Some(child) = child else { return scan::value(line, at).map(|v| v.end as usize) };
        let (field, deeper) = plan.node(child);
        let value = match line.get(at) {
            Some(b'{') if deeper => {
                let end = walk(plan, child, line, at, cells)?;
                Span { start: at as u32, end: end as u32, kind: Kind::Object }
            }
            _ => scan::value(line, at)?,
        };
        if let Some(field) = field {
            if cells[field] != Cell::ABSENT {
                return fault(name.start as usize, "a field that is read stands twice");
            }
            cells[field] = cell(value);
        }
        Ok(value.end as usize)
    })
}

fn cell(value: Span) -> Cell {
    let kind = match value.kind {
        Kind::Plain | Kind::Escaped => {
            let kind = if value.kind == Kind::Plain { CellKind::Plain } else { CellKind::Escaped };
            return Cell { kind, start: value.start + 1, end: value.end - 1 };
        }
        Kind::Number => CellKind::Number,
        Kind::True | Kind::False => CellKind::Bool,
        Kind::Null => CellKind::Null,
        Kind::Object | Kind::Array => CellKind::Nested,
    };
    Cell { kind, start: value.start, end: value.end }
}
