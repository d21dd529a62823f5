//! One column: its logical type, its wires, its policy.

use serde_saphyr::Spanned;

use super::raw::{AnyColumn, RawColumn, RawPhysical};
use crate::diff::canon::time::Precision;
use crate::diff::types::{Column, Logical, Physical, Wire};
use crate::error::{Result, did_you_mean};
use crate::yaml;

pub fn column(name: &str, raw: &Spanned<AnyColumn>, file: &str) -> Result<Column> {
    let place = raw.referenced;
    build_column(&raw.value.0).map_err(|wrong| {
        let error = yaml::at(place, file, format!("column `{name}`: {}", wrong.message));
        match wrong.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

/// A message that does not know its place yet.
struct Wrong {
    message: String,
    hint: Option<String>,
}

fn wrong<T>(message: impl Into<String>) -> std::result::Result<T, Wrong> {
    Err(Wrong { message: message.into(), hint: None })
}

fn build_column(raw: &RawColumn) -> std::result::Result<Column, Wrong> {
    let logical = logical(raw)?;
    let common = RawPhysical { wire: raw.wire.clone(), scale: raw.scale };
    let side = |own: &Option<RawPhysical>| physical(&common, own.as_ref(), &logical);
    let wires = [side(&raw.lhs)?, side(&raw.rhs)?];
    let timed = matches!(logical, Logical::Timestamptz | Logical::Timestamp | Logical::Time);
    let precision = match raw.precision.as_deref() {
        None => None,
        Some(_) if !timed => return wrong("`precision` is for timestamps and times"),
        Some("s") => Some(Precision::S),
        Some("ms") => Some(Precision::Ms),
        Some("us") => Some(Precision::Us),
        Some(other) => return wrong(format!("precision `{other}` is none of s, ms, us")),
    };
    if raw.as_set && !matches!(logical, Logical::Array(_)) {
        return wrong("`as_set` is for arrays");
    }
    if (raw.nfc || raw.text_json) && logical != Logical::Text {
        return wrong("`nfc` and `text_json` are for text");
    }
    Ok(Column {
        logical,
        wires,
        toast: raw.toast,
        precision,
        nfc: raw.nfc,
        as_set: raw.as_set,
        text_json: raw.text_json,
    })
}

fn logical(raw: &RawColumn) -> std::result::Result<Logical, Wrong> {
    if raw.of.is_some() && raw.type_name != "array" {
        return wrong("`of` is for arrays");
    }
    Ok(match raw.type_name.as_str() {
        "int" => Logical::Int,
        "decimal" => Logical::Decimal,
        "float64" => Logical::Float64,
        "float32" => Logical::Float32,
        "bool" => Logical::Bool,
        "text" => Logical::Text,
        "json" => Logical::Json,
        "timestamptz" => Logical::Timestamptz,
        "timestamp" => Logical::Timestamp,
        "date" => Logical::Date,
        "time" => Logical::Time,
        "interval" => Logical::Interval,
        "bytes" => Logical::Bytes,
        "uuid" => Logical::Uuid,
        "array" => match &raw.of {
            Some(element) => {
                let element = build_column(&element.0)?;
                if element.toast {
                    return wrong("an array's element cannot be toast; mark the array");
                }
                Logical::Array(Box::new(element))
            }
            None => return wrong("an array needs `of`, the type of its elements"),
        },
        other => {
            let hint = did_you_mean(other, Logical::NAMES).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.unwrap_or_else(|| format!("known types: {}", Logical::NAMES.join(", ")));
            return Err(Wrong { message: format!("unknown type `{other}`"), hint: Some(hint) });
        }
    })
}

fn physical(
    common: &RawPhysical,
    own: Option<&RawPhysical>,
    logical: &Logical,
) -> std::result::Result<Physical, Wrong> {
    let wire_name = own.and_then(|o| o.wire.as_ref()).or(common.wire.as_ref());
    let scale = own.and_then(|o| o.scale).or(common.scale);
    let allowed = Wire::of(logical);
    let wire = match wire_name {
        None => None,
        Some(name) => match Wire::from_name(name).filter(|w| allowed.contains(w)) {
            Some(wire) => Some(wire),
            None => {
                let names: Vec<&str> = allowed.iter().map(|w| w.name()).collect();
                let choice = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(Wrong {
                    message: format!("wire `{name}` does not fit {}", logical.name()),
                    hint: Some(format!("wires of {}: {choice}", logical.name())),
                });
            }
        },
    };
    if scale.is_some() && *logical != Logical::Decimal {
        return wrong("`scale` is for decimals");
    }
    if wire == Some(Wire::Base64) && *logical == Logical::Decimal && scale.is_none() {
        return Err(Wrong {
            message: "wire base64 needs `scale`: without it \"AQ==\" is 1 or 0.0001".into(),
            hint: Some("write the scale of the database column: 4 for numeric(18,4)".into()),
        });
    }
    if scale.is_some_and(|s| !(-1000..=16_383).contains(&s)) {
        return wrong("PostgreSQL's scale is between -1000 and 16383");
    }
    Ok(Physical { wire, scale })
}
