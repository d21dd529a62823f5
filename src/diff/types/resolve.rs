//! Decides for one event shape how each of its columns is treated.

use std::collections::BTreeMap;

use super::{Column, Logical, Table, Wire};
use crate::diff::canon::Conv;

/// What happens to a column of an event.
#[derive(Debug, Clone)]
pub enum Treatment {
    Compare {
        conv: Conv,
        toast: bool,
    },
    /// Listed under `ignore`.
    Ignore,
    /// Lossy on one side, so not compared on either.
    Lossy {
        /// What is lost, where it is this side.
        why: Option<&'static str>,
        /// How the value is read nevertheless: one that its type does not have is no row of the table.
        conv: Conv,
    },
    /// Neither declared nor typed by a schema block.
    Undeclared,
}

/// A schema block that contradicts types.yaml: both facts named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction(pub String);

/// `schema`: the columns of the inline schema block, if there is one. `infer`: untyped columns by JSON value.
pub fn treatment(
    table: &Table,
    side: usize,
    name: &str,
    schema: Option<&BTreeMap<String, Column>>,
    infer: bool,
) -> Result<Treatment, Contradiction> {
    if table.ignore.contains_key(name) {
        return Ok(Treatment::Ignore);
    }
    let declared = table.columns.get(name);
    let physical = schema.and_then(|s| s.get(name));
    let column = match (declared, physical) {
        (Some(declared), Some(physical)) => merge(name, declared, physical, side)?,
        (Some(declared), None) => declared.clone(),
        (None, Some(physical)) => physical.clone(),
        (None, None) if infer => return Ok(Treatment::Compare { conv: Conv::Value, toast: false }),
        (None, None) => return Ok(Treatment::Undeclared),
    };
    Ok(match column.lossy() {
        Some(_) => Treatment::Lossy { why: column.lossy_on(side), conv: Conv::of(&column, side) },
        None => Treatment::Compare { conv: Conv::of(&column, side), toast: column.toast },
    })
}

/// Physical facts come from the schema block, policy from types.yaml.
fn merge(name: &str, declared: &Column, physical: &Column, side: usize) -> Result<Column, Contradiction> {
    if !compatible(&declared.logical, &physical.logical) {
        return Err(Contradiction(format!(
            "column `{name}` is {} in types.yaml and {} in the schema block",
            declared.logical.name(),
            physical.logical.name()
        )));
    }
    if declared.wires[side].lossy().is_some() && physical.logical == Logical::Text {
        let wire = declared.wires[side].wire.map_or("", Wire::name);
        return Err(Contradiction(format!(
            "column `{name}` has `wire: {wire}` in types.yaml, a number, and is text in the schema block"
        )));
    }
    let mut column = declared.clone();
    let mut fact = physical.wires[side].clone();
    // Encodings of bytes and the plain texts of decimals are set in the converter, which the schema does not show.
    fact.wire = fact.wire.or(declared.wires[side].wire);
    fact.scale = fact.scale.or(declared.wires[side].scale);
    column.wires[side] = fact;
    Ok(column)
}

/// Types that a schema block shows as something more general are no contradiction: a text may hold anything, and
/// connector modes send decimals, times and intervals as strings or numbers.
fn compatible(declared: &Logical, physical: &Logical) -> bool {
    match (declared, physical) {
        (Logical::Array(_), Logical::Array(_)) => true,
        (a, b) if a == b => true,
        (Logical::Decimal, Logical::Text | Logical::Float64 | Logical::Int) => true,
        (Logical::Json | Logical::Uuid, Logical::Text) => true,
        (
            Logical::Timestamptz | Logical::Timestamp | Logical::Date | Logical::Time | Logical::Interval,
            Logical::Text,
        ) => true,
        (Logical::Bytes, Logical::Text) => true,
        (Logical::Float32 | Logical::Float64, Logical::Float32 | Logical::Float64) => true,
        _ => false,
    }
}
