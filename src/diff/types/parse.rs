//! Reads types.yaml. Every mistake is named with line and column.

mod column;
mod raw;

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use self::column::column;
use self::raw::{RawSample, RawSide, RawTable, RawTenant, RawTypes};
use super::{Column, KeySpec, Logical, PLACEHOLDER, Replication, Sample, Schedule, SideSpec, Table, Tenant, Types};
use crate::clock::parse_duration_ms;
use crate::error::{Error, Result};
use crate::yaml;

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
        placeholder: raw.placeholder.as_ref().map_or(Ok(PLACEHOLDER), |text| placeholder(text, file))?.to_owned(),
        infer: false,
        from_events: false,
    };
    if raw.lhs.region.value == raw.rhs.region.value {
        let message = format!("both sides are in the region `{}`", raw.rhs.region.value);
        return Err(yaml::at(raw.rhs.region.referenced, file, message)
            .hint("name the regions apart, as verdicts and the check of home regions do"));
    }
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
        origins(&raw_table.value, &types.sides, file)?;
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
    Ok(SideSpec { region: named(&raw.region, "the region", file)?, connector: raw.connector.clone(), heartbeat_ms })
}

/// What is named must have a name, for nothing in the input is called nothing.
fn named(raw: &Spanned<String>, what: &str, file: &str) -> Result<String> {
    match raw.value.trim() {
        "" => Err(yaml::at(raw.referenced, file, format!("{what} has no name"))),
        _ => Ok(raw.value.clone()),
    }
}

/// Every value that is equal to the placeholder counts as not sent, so it must be one that no row holds.
fn placeholder<'a>(raw: &'a Spanned<String>, file: &str) -> Result<&'a str> {
    match raw.value.trim() {
        "" => Err(yaml::at(raw.referenced, file, "the placeholder is empty: every empty text would count as not sent")
            .hint(format!("write the connector's unavailable.value.placeholder, or leave it out for `{PLACEHOLDER}`"))),
        _ => Ok(&raw.value),
    }
}

/// A list of origins that is never looked at would let any writer pass.
fn origins(raw: &RawTable, sides: &[SideSpec; 2], file: &str) -> Result<()> {
    let native = raw.replication.as_ref().is_some_and(|r| r.value == "native");
    for (region, list) in &raw.origins {
        if !native {
            return Err(yaml::at(list.referenced, file, "`origins` are looked at with `replication: native` only")
                .hint("add `replication: native`, or remove `origins`"));
        }
        if !sides.iter().any(|s| s.region == *region) {
            let [lhs, rhs] = sides.each_ref().map(|s| s.region.as_str());
            return Err(yaml::at(list.referenced, file, format!("`{region}` is the region of neither side"))
                .hint(format!("regions: {lhs}, {rhs}")));
        }
    }
    Ok(())
}

/// The columns of the key: each has a name, occurs once, and is not ignored.
fn key(raw: &RawTable, file: &str) -> Result<KeySpec> {
    let (tenant, id) = (&raw.key.tenant, &raw.key.id);
    let key = KeySpec {
        tenant: match &tenant.value {
            RawTenant::Column(name) => Tenant::Column(name.clone()),
            RawTenant::Const(value) => Tenant::Const(value.clone()),
        },
        id: id.value.clone(),
    };
    let (RawTenant::Column(text) | RawTenant::Const(text)) = &tenant.value;
    if text.trim().is_empty() {
        return Err(yaml::at(tenant.referenced, file, "the tenant has no name")
            .hint("write the tenant's column, or { const: NAME } for a table without one"));
    }
    if key.id.is_empty() {
        return Err(yaml::at(id.referenced, file, "the key needs at least one id column"));
    }
    let mut seen = Vec::new();
    for name in key.columns() {
        let wrong = if name.trim().is_empty() {
            "a column of the key has no name".to_owned()
        } else if seen.contains(&name) {
            format!("column `{name}` is in the key twice")
        } else if raw.ignore.contains_key(name) {
            format!("column `{name}` of the key is ignored")
        } else {
            seen.push(name);
            continue;
        };
        return Err(yaml::at(id.referenced, file, wrong));
    }
    Ok(key)
}

/// One of a few words, or a positioned error with the choices.
fn word<T: Copy>(raw: Option<&Spanned<String>>, default: T, known: &[(&str, T)], file: &str) -> Result<T> {
    let Some(raw) = raw else { return Ok(default) };
    known.iter().find(|(name, _)| *name == raw.value).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        yaml::at(raw.referenced, file, format!("`{}` is none of {}", raw.value, names.join(", ")))
    })
}

/// The declared columns, of which at least one must tell rows of one key apart.
fn columns(raw: &RawTable, key: &KeySpec, file: &str) -> Result<BTreeMap<String, Column>> {
    let mut columns = BTreeMap::new();
    for (name, column_raw) in &raw.columns {
        columns.insert(name.clone(), column(name, column_raw, file)?);
        if raw.ignore.contains_key(name) {
            return Err(yaml::at(column_raw.referenced, file, format!("column `{name}` is both compared and ignored")));
        }
    }
    for (name, reason) in &raw.ignore {
        if yaml::is_placeholder(&reason.value) {
            let message = match reason.value.trim() {
                "" => format!("ignoring `{name}` needs a reason"),
                given => format!("ignoring `{name}` needs a reason, and `{given}` is none"),
            };
            return Err(yaml::at(reason.referenced, file, message).hint("say why the column need not be compared"));
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
    let exact = |c: &Column| !matches!(c.logical, Logical::Float64 | Logical::Float32 | Logical::Json);
    if let Some((name, c)) = columns.iter().find(|(n, c)| in_key.contains(&n.as_str()) && !exact(c)) {
        let message = format!("key column `{name}` cannot be {}", c.logical.name());
        return Err(yaml::at(raw.columns[name].referenced, file, message).hint(
            "a key column is compared as a key, which needs one spelling: int, decimal, text, uuid, a date or time",
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
    Ok(columns)
}

fn table(raw: &RawTable, file: &str) -> Result<Table> {
    let key = key(raw, file)?;
    let columns = columns(raw, &key, file)?;
    let high = word(raw.risk.as_ref(), true, &[("high", true), ("low", false)], file)?;
    let table = Table {
        kind: named(&raw.kind, "the table", file)?,
        topics: [named(&raw.lhs, "the topic", file)?, named(&raw.rhs, "the topic", file)?],
        key,
        replication: word(
            raw.replication.as_ref(),
            Replication::Opaque,
            &[("opaque", Replication::Opaque), ("native", Replication::Native)],
            file,
        )?,
        origins: raw.origins.iter().map(|(region, list)| (region.clone(), list.value.clone())).collect(),
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
        from_events: false,
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

#[cfg(test)]
mod tests;
