//! Reads types.yaml. Every mistake is named with line and column.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_saphyr::Spanned;

use super::*;
use crate::clock::parse_duration_ms;
use crate::diff::yaml;
use crate::error::{Error, Result, did_you_mean};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTypes {
    version: Spanned<u64>,
    job: Spanned<String>,
    lhs: RawSide,
    rhs: RawSide,
    tables: Spanned<Vec<Spanned<RawTable>>>,
    #[serde(default)]
    placeholder: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSide {
    region: Spanned<String>,
    connector: String,
    #[serde(default)]
    heartbeat: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    kind: Spanned<String>,
    lhs: Spanned<String>,
    rhs: Spanned<String>,
    key: RawKey,
    #[serde(default)]
    replication: Option<Spanned<String>>,
    #[serde(default)]
    origins: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    risk: Option<Spanned<String>>,
    #[serde(default)]
    sample: Option<Spanned<RawSample>>,
    #[serde(default)]
    schedule: Option<Spanned<String>>,
    #[serde(default)]
    append_only: bool,
    #[serde(default)]
    columns: BTreeMap<String, Spanned<AnyColumn>>,
    #[serde(default)]
    ignore: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKey {
    tenant: Spanned<RawTenant>,
    id: Spanned<Vec<String>>,
}

enum RawTenant {
    Column(String),
    Const(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSample {
    of: u64,
    take: Vec<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    of: Option<Box<AnyColumn>>,
    #[serde(default)]
    wire: Option<String>,
    #[serde(default)]
    scale: Option<i64>,
    #[serde(default)]
    lhs: Option<RawPhysical>,
    #[serde(default)]
    rhs: Option<RawPhysical>,
    #[serde(default)]
    toast: bool,
    #[serde(default)]
    precision: Option<String>,
    #[serde(default)]
    nfc: bool,
    #[serde(default)]
    as_set: bool,
    #[serde(default)]
    text_json: bool,
}

#[derive(Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPhysical {
    #[serde(default)]
    wire: Option<String>,
    #[serde(default)]
    scale: Option<i64>,
}

/// Values with a short form (a text) and a long one (a mapping): `int` stands for `{ type: int }`.
mod short {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Const {
        #[serde(rename = "const")]
        pub value: String,
    }

    pub struct Either<T>(pub std::marker::PhantomData<T>);

    pub trait FromShort: Sized {
        type Long: for<'de> Deserialize<'de>;
        const EXPECTING: &'static str;
        fn from_short(text: &str) -> Self;
        fn from_long(long: Self::Long) -> Self;
    }

    impl<'de, T: FromShort> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::EXPECTING)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<T, E> {
            Ok(T::from_short(text))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<T, A::Error> {
            T::Long::deserialize(MapAccessDeserializer::new(map)).map(T::from_long)
        }
    }
}

impl short::FromShort for RawTenant {
    type Long = short::Const;
    const EXPECTING: &'static str = "a column's name or { const: TENANT }";

    fn from_short(text: &str) -> Self {
        RawTenant::Column(text.to_owned())
    }

    fn from_long(long: short::Const) -> Self {
        RawTenant::Const(long.value)
    }
}

impl<'de> Deserialize<'de> for RawTenant {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(short::Either(std::marker::PhantomData))
    }
}

/// A column as `text` or as a mapping.
struct AnyColumn(RawColumn);

impl short::FromShort for AnyColumn {
    type Long = RawColumn;
    const EXPECTING: &'static str = "a type's name or a mapping with `type`";

    fn from_short(text: &str) -> Self {
        AnyColumn(RawColumn { type_name: text.to_owned(), ..RawColumn::default() })
    }

    fn from_long(long: RawColumn) -> Self {
        AnyColumn(long)
    }
}

impl<'de> Deserialize<'de> for AnyColumn {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(short::Either(std::marker::PhantomData))
    }
}

/// Parses and validates; `file` names it in errors.
pub fn parse(text: &str, file: &str) -> Result<Types> {
    undecided(text, file)?;
    let raw: RawTypes = yaml::read(text, file)?;
    if raw.version.value != 1 {
        return Err(yaml::at(raw.version.referenced, file, format!("version {} is unknown", raw.version.value))
            .hint("write `version: 1`"));
    }
    let job = &raw.job.value;
    let named =
        !job.is_empty() && job.len() <= 100 && job.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !named {
        return Err(yaml::at(
            raw.job.referenced,
            file,
            "a job's name has 1 to 100 of the characters A-Z a-z 0-9 . _ -",
        ));
    }
    let mut types = Types {
        job: job.clone(),
        sides: [side(&raw.lhs, file)?, side(&raw.rhs, file)?],
        tables: Vec::new(),
        placeholder: raw.placeholder.unwrap_or_else(|| PLACEHOLDER.to_owned()),
        infer: false,
    };
    if raw.tables.value.is_empty() {
        return Err(yaml::at(raw.tables.referenced, file, "no tables: nothing would be compared"));
    }
    for raw_table in &raw.tables.value {
        let table = table(&raw_table.value, file)?;
        if let Some(same) =
            types.tables.iter().find(|t| t.kind == table.kind || t.topics.iter().any(|a| table.topics.contains(a)))
        {
            return Err(yaml::at(
                raw_table.value.kind.referenced,
                file,
                format!("kind or topic is used by table `{}` already", same.kind),
            ));
        }
        types.tables.push(table);
    }
    Ok(types)
}

/// `scale: ?` is what `--suggest-types` writes where only a person can know.
fn undecided(text: &str, file: &str) -> Result<()> {
    for (i, line) in text.lines().enumerate() {
        let code = line.split(" #").next().unwrap_or_default();
        if let Some(at) = code.find("scale: ?").filter(|_| !code.trim_start().starts_with('#')) {
            return Err(Error::usage("the scale is not decided")
                .at(file, i as u64 + 1, Some(at as u64 + 1))
                .hint("write the scale of the database column: 4 for numeric(18,4)"));
        }
    }
    Ok(())
}

fn side(raw: &RawSide, file: &str) -> Result<SideSpec> {
    let heartbeat_ms = match &raw.heartbeat {
        None => 10_000,
        Some(text) => match parse_duration_ms(&text.value) {
            Ok(ms) if ms > 0 => ms,
            Ok(_) => return Err(yaml::at(text.referenced, file, "a heartbeat is longer than 0")),
            Err(e) => return Err(yaml::at(text.referenced, file, e)),
        },
    };
    if raw.region.value.is_empty() {
        return Err(yaml::at(raw.region.referenced, file, "the region has no name"));
    }
    Ok(SideSpec { region: raw.region.value.clone(), connector: raw.connector.clone(), heartbeat_ms })
}

/// One of a few words, or a positioned error with the choices.
fn word<T: Copy>(raw: Option<&Spanned<String>>, default: T, known: &[(&str, T)], file: &str) -> Result<T> {
    let Some(raw) = raw else { return Ok(default) };
    known.iter().find(|(name, _)| *name == raw.value).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        yaml::at(raw.referenced, file, format!("`{}` is none of {}", raw.value, names.join(", ")))
    })
}

fn table(raw: &RawTable, file: &str) -> Result<Table> {
    let key = KeySpec {
        tenant: match &raw.key.tenant.value {
            RawTenant::Column(name) => Tenant::Column(name.clone()),
            RawTenant::Const(value) => Tenant::Const(value.clone()),
        },
        id: raw.key.id.value.clone(),
    };
    if key.id.is_empty() {
        return Err(yaml::at(raw.key.id.referenced, file, "the key needs at least one id column"));
    }
    let mut columns = BTreeMap::new();
    for (name, column_raw) in &raw.columns {
        columns.insert(name.clone(), column(name, column_raw, file)?);
        if raw.ignore.contains_key(name) {
            return Err(yaml::at(column_raw.referenced, file, format!("column `{name}` is both compared and ignored")));
        }
    }
    for (name, reason) in &raw.ignore {
        if reason.value.trim().is_empty() {
            return Err(yaml::at(reason.referenced, file, format!("ignoring `{name}` needs a reason")));
        }
    }
    let in_key: Vec<&str> = key.columns().collect();
    if let Some(bad) = columns.iter().find(|(n, c)| in_key.contains(&n.as_str()) && (c.toast || c.lossy().is_some())) {
        return Err(yaml::at(
            raw.columns[bad.0].referenced,
            file,
            format!("key column `{}` cannot be toast or lossy", bad.0),
        ));
    }
    let compared = columns.iter().any(|(n, c)| !in_key.contains(&n.as_str()) && c.lossy().is_none());
    if !raw.columns.is_empty() && !compared {
        return Err(yaml::at(
            raw.kind.referenced,
            file,
            format!("table `{}` compares no column besides its key", raw.kind.value),
        ));
    }
    let high = word(raw.risk.as_ref(), true, &[("high", true), ("low", false)], file)?;
    let table = Table {
        kind: raw.kind.value.clone(),
        topics: [raw.lhs.value.clone(), raw.rhs.value.clone()],
        key,
        replication: word(
            raw.replication.as_ref(),
            Replication::Opaque,
            &[("opaque", Replication::Opaque), ("native", Replication::Native)],
            file,
        )?,
        origins: raw.origins.clone(),
        sample: raw.sample.as_ref().map(|s| sample(s, high, file)).transpose()?,
        schedule: word(
            raw.schedule.as_ref(),
            Schedule::Stream,
            &[("stream", Schedule::Stream), ("batch", Schedule::Batch)],
            file,
        )?,
        append_only: raw.append_only,
        columns,
        ignore: raw.ignore.iter().map(|(n, r)| (n.clone(), r.value.clone())).collect(),
    };
    Ok(table)
}

fn sample(raw: &Spanned<RawSample>, high: bool, file: &str) -> Result<Sample> {
    let (of, take) = (raw.value.of, &raw.value.take);
    let wrong = if high {
        Some("only a table of `risk: low` may be sampled".to_owned())
    } else if of == 0 || take.is_empty() {
        Some("`of` is at least 1 and `take` not empty".to_owned())
    } else {
        take.iter().find(|t| **t >= of).map(|t| format!("{t} is not below `of: {of}`"))
    };
    match wrong {
        Some(message) => Err(yaml::at(raw.referenced, file, message)),
        None => Ok(Sample { of, take: take.clone() }),
    }
}

fn column(name: &str, raw: &Spanned<AnyColumn>, file: &str) -> Result<Column> {
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

#[cfg(test)]
mod tests;
