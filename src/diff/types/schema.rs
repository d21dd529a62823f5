//! Connect schema blocks (`schemas.enable=true`): physical facts about columns.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Column, Logical, Physical, Wire};

/// A field of a Connect schema.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    fields: Vec<Field>,
    #[serde(default)]
    items: Option<Box<Field>>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// The columns that a value's schema block describes: those of `after`, or of the flattened row.
pub fn columns(schema: &[u8]) -> Result<BTreeMap<String, Column>, String> {
    let root: Field = serde_json::from_slice(schema).map_err(|e| format!("the schema block cannot be read: {e}"))?;
    let row = root.fields.iter().find(|f| f.field.as_deref() == Some("after") && !f.fields.is_empty()).unwrap_or(&root);
    let mut columns = BTreeMap::new();
    for field in &row.fields {
        if let (Some(name), Some(column)) = (&field.field, column(field)) {
            columns.insert(name.clone(), column);
        }
    }
    Ok(columns)
}

/// None: a type that the profile does not know; the column is then not compared unless types.yaml declares it.
fn column(field: &Field) -> Option<Column> {
    let (logical, wire) = match field.name.as_deref() {
        Some(name) => named(name)?,
        None => match field.type_name.as_str() {
            "int8" | "int16" | "int32" | "int64" => (Logical::Int, Some(Wire::Number)),
            "float32" | "float" => (Logical::Float32, None),
            "float64" | "double" => (Logical::Float64, None),
            "boolean" => (Logical::Bool, None),
            "string" => (Logical::Text, None),
            "bytes" => (Logical::Bytes, None),
            "array" => (Logical::Array(Box::new(column(field.items.as_deref()?)?)), None),
            _ => return None,
        },
    };
    let mut column = Column::plain(logical);
    let scale = match field.name.as_deref() {
        Some("org.apache.kafka.connect.data.Decimal") => Some(field.parameters.get("scale")?.parse().ok()?),
        _ => None,
    };
    column.wires = [Physical { wire, scale }, Physical { wire, scale }];
    Some(column)
}

/// Semantic types of Debezium and Connect (Debezium documentation, "Data type mappings" of the PostgreSQL connector).
fn named(name: &str) -> Option<(Logical, Option<Wire>)> {
    Some(match name {
        "org.apache.kafka.connect.data.Decimal" => (Logical::Decimal, Some(Wire::Base64)),
        "io.debezium.data.VariableScaleDecimal" => (Logical::Decimal, Some(Wire::Struct)),
        "io.debezium.data.Json" => (Logical::Json, None),
        "io.debezium.data.Uuid" => (Logical::Uuid, None),
        "io.debezium.data.Xml" | "io.debezium.data.Enum" | "io.debezium.data.Ltree" => (Logical::Text, None),
        "io.debezium.time.ZonedTimestamp" => (Logical::Timestamptz, Some(Wire::Iso)),
        "io.debezium.time.Timestamp" => (Logical::Timestamp, Some(Wire::EpochMs)),
        "io.debezium.time.MicroTimestamp" => (Logical::Timestamp, Some(Wire::EpochUs)),
        "io.debezium.time.NanoTimestamp" => (Logical::Timestamp, Some(Wire::EpochNs)),
        "io.debezium.time.IsoTimestamp" => (Logical::Timestamp, Some(Wire::Iso)),
        "org.apache.kafka.connect.data.Timestamp" => (Logical::Timestamp, Some(Wire::ConnectMs)),
        "io.debezium.time.Date" | "org.apache.kafka.connect.data.Date" => (Logical::Date, Some(Wire::Days)),
        "io.debezium.time.IsoDate" => (Logical::Date, Some(Wire::Iso)),
        "io.debezium.time.Time" => (Logical::Time, Some(Wire::EpochMs)),
        "io.debezium.time.MicroTime" => (Logical::Time, Some(Wire::EpochUs)),
        "io.debezium.time.NanoTime" => (Logical::Time, Some(Wire::EpochNs)),
        "org.apache.kafka.connect.data.Time" => (Logical::Time, Some(Wire::ConnectMs)),
        "io.debezium.time.ZonedTime" | "io.debezium.time.IsoTime" => (Logical::Time, Some(Wire::Iso)),
        "io.debezium.time.MicroDuration" => (Logical::Interval, Some(Wire::MicroDuration)),
        "io.debezium.time.Interval" => (Logical::Interval, Some(Wire::Iso)),
        _ => return None,
    })
}
