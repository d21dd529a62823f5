//! Events as digest records and back: what `digest` writes and `run --digests` reads.

mod agree;

use std::collections::BTreeMap;

use super::event::{Class, Event, Extra, Part, canonical_key, flag, tenant_and_id};
use super::hash::{Hasher, Sha, from_hex, hex};
use super::types::Table;
use crate::record::diff::{Between, BetweenClass, Digest, Op, Progress, Side};

/// One run of records without a digest; a stream that claims more is damaged. The writer stops a run before that.
pub const MOST_BETWEEN: u64 = 1 << 20;

/// The record of an event, None for what is only counted.
pub fn to_record(
    event: &Event,
    key: &[u8],
    side: Side,
    topic: &str,
    partition: u32,
    table: &Table,
    profile_fp: u32,
) -> Option<Digest> {
    if !event.is_told() || event.has(flag::ALIVE) {
        return None;
    }
    let poison = event.class == Class::Poison;
    let (tenant, id) = tenant_and_id(key);
    let extra = event.extra.as_deref();
    let row = event.class == Class::Row;
    let open = event.has(flag::UNRESOLVED) || extra.is_some_and(|e| e.parts.contains(&Part::Inherit));
    let names = table.toast_columns();
    let toast = extra.filter(|e| row && e.base.is_some()).map(|e| {
        names.iter().zip(&e.parts).map(|(name, part)| ((*name).to_owned(), part_text(part))).collect::<BTreeMap<_, _>>()
    });
    Some(Digest {
        tenant: event.has_key().then_some(tenant),
        id: event.has_key().then_some(id),
        kind: table.kind.clone(),
        key: event.has_key().then(|| key_text(table, key)),
        row_key: extra.and_then(|e| e.row_key.as_ref()).map(|body| key_text(table, body.as_bytes())),
        side,
        op: if poison { Op::Unreadable } else { event.op },
        sha256: if row && !open { hex(&event.digest) } else { String::new() },
        base_sha256: extra.filter(|_| row).and_then(|e| e.base).map(|b| hex(&b)),
        alt_sha256: extra.filter(|_| row).and_then(|e| e.alt).map(|b| hex(&b)),
        toast,
        cols_fp: row.then(|| format!("{:08x}", event.cols_fp)),
        profile_fp: format!("{profile_fp:08x}"),
        version: event.version,
        topic: topic.to_owned(),
        partition,
        offset: event.offset,
        log_ts_ms: event.log_ms,
        source_ts_us: event.source_us,
        origin: extra.and_then(|e| e.origin.clone()),
        origin_lsn: extra.and_then(|e| e.origin_lsn),
        unauthorized: event.has(flag::UNAUTHORIZED),
        sampled_out: event.class == Class::SampledOut,
        home_region: extra.and_then(|e| e.home_region.clone()),
        leaf_sha256: (row && open).then(|| hex(&event.digest)),
        between: Vec::new(),
    })
}

fn key_text(table: &Table, body: &[u8]) -> String {
    String::from_utf8_lossy(&canonical_key(&table.kind, body)).into_owned()
}

/// Adds an event without a digest of its own to those that the next record of its partition brings.
pub fn leave_out(event: &Event, between: &mut Vec<Between>) {
    let class = match event.class {
        Class::Tombstone => BetweenClass::Tombstone,
        Class::SampledOut => BetweenClass::SampledOut,
        _ => BetweenClass::Control,
    };
    let sha256 = (class == BetweenClass::Tombstone).then(|| hex(&event.digest));
    if sha256.is_none()
        && let Some(last) = between.last_mut()
        && last.class == class
        && last.offset + last.n == event.offset
        && last.n < MOST_BETWEEN
    {
        last.n += 1;
        return;
    }
    between.push(Between { class, offset: event.offset, n: 1, sha256 });
}

/// The events that `leave_out` took, for their leaves only. `place`: partition and log time of the record that brings them,
/// which is not their own.
pub fn left_out(between: &[Between], place: (u32, i64), mut each: impl FnMut(Event)) -> Result<(), String> {
    for run in between {
        let class = match run.class {
            BetweenClass::Tombstone => Class::Tombstone,
            BetweenClass::Control => Class::Control,
            BetweenClass::SampledOut => Class::SampledOut,
        };
        let digest = run.sha256.as_deref().map(|text| sha(text, "between.sha256")).transpose()?.unwrap_or_default();
        let end = run.offset.checked_add(run.n).filter(|_| run.n <= MOST_BETWEEN).ok_or("`between.n` is too large")?;
        for offset in run.offset..end {
            each(Event { class, digest, flags: flag::NO_LOG_TIME, ..Event::blank(place.0, offset, place.1) });
        }
    }
    Ok(())
}

fn part_text(part: &Part) -> Option<String> {
    match part {
        Part::Null => None,
        Part::Known(sha) => Some(hex(sha)),
        Part::Inherit => Some("inherit".into()),
    }
}

/// The event of a record whose fields agree; its key's body goes to `keys`. An error names the field.
pub fn from_record(record: &Digest, table: &Table, hasher: &Hasher, keys: &mut Vec<u8>) -> Result<Event, String> {
    let class = match record.op {
        Op::Unreadable => Class::Poison,
        Op::Truncate => Class::Control,
        _ if record.sampled_out => Class::SampledOut,
        Op::Delete => Class::Delete,
        _ => Class::Row,
    };
    let key = key_of(record, table, keys)?;
    agree::check_key(record, class, &keys[key.0 as usize..])?;
    let extra = extra_of(record, table)?;
    // A row without a digest waits for a part that it inherits, or is not known at all.
    let open = class == Class::Row && record.sha256.is_empty();
    let unresolved = open && !extra.parts.contains(&Part::Inherit);
    let digest = match (class, &record.key) {
        (Class::Row, _) => agree::row_digest(record, &extra, table, hasher)?,
        (Class::Delete, Some(key)) => Hasher::Plain.digest(key.as_bytes()),
        _ => Sha::default(),
    };
    if class != Class::Row {
        agree::check_no_row(record)?;
    }
    let flags = [
        (record.unauthorized, flag::UNAUTHORIZED),
        (record.op == Op::Truncate, flag::TRUNCATE),
        (record.origin.is_some(), flag::REPLICATED),
        (unresolved, flag::UNRESOLVED),
    ];
    let cols_fp = match &record.cols_fp {
        Some(text) => u32::from_str_radix(text, 16).map_err(|_| "`cols_fp` is no fingerprint".to_owned())?,
        None => 0,
    };
    let plain = extra == Extra { parts: extra.parts.clone(), ..Extra::default() };
    Ok(Event {
        class,
        op: record.op,
        flags: flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum(),
        table: 0,
        partition: 0,
        offset: record.offset,
        log_ms: record.log_ts_ms,
        source_us: record.source_ts_us,
        version: record.version,
        key,
        digest,
        cols_fp,
        byte: 0,
        extra: (!plain).then(|| Box::new(extra)),
    })
}

/// Where the key's body lies in `keys`.
fn key_of(record: &Digest, table: &Table, keys: &mut Vec<u8>) -> Result<(u32, u32), String> {
    let start = keys.len() as u32;
    if let Some(key) = &record.key {
        keys.extend_from_slice(body_of(key, "key", table)?.as_bytes());
    }
    Ok((start, keys.len() as u32))
}

fn body_of<'k>(key: &'k str, name: &str, table: &Table) -> Result<&'k str, String> {
    let prefix = key_text(table, b"");
    let body = key.strip_prefix(&prefix[..prefix.len() - 1]).and_then(|b| b.strip_suffix(']'));
    body.ok_or_else(|| format!("`{name}` is no key of table `{}`", table.kind))
}

fn extra_of(record: &Digest, table: &Table) -> Result<Extra, String> {
    let mut parts = Vec::new();
    for name in table.toast_columns() {
        match record.toast.as_ref().and_then(|t| t.get(name)) {
            None | Some(None) => parts.push(Part::Null),
            Some(Some(word)) if word == "inherit" => parts.push(Part::Inherit),
            Some(Some(hex)) => parts.push(Part::Known(sha(hex, "toast")?)),
        }
    }
    Ok(Extra {
        base: optional(&record.base_sha256, "base_sha256")?,
        parts,
        alt: optional(&record.alt_sha256, "alt_sha256")?,
        origin: record.origin.clone(),
        origin_lsn: record.origin_lsn,
        home_region: record.home_region.clone(),
        row_key: record.row_key.as_deref().map(|key| body_of(key, "row_key", table).map(str::to_owned)).transpose()?,
        cells: Vec::new(),
    })
}

fn optional(text: &Option<String>, name: &str) -> Result<Option<Sha>, String> {
    text.as_deref().map(|t| sha(t, name)).transpose()
}

fn sha(text: &str, name: &str) -> Result<Sha, String> {
    from_hex(text).ok_or_else(|| format!("`{name}` is no SHA-256"))
}

/// The sign of life that a heartbeat's progress record stands for.
pub fn heartbeat(progress: &Progress) -> Option<Event> {
    if !progress.topic.starts_with("__debezium-heartbeat.") {
        return None;
    }
    let mut event = Event::blank(0, progress.read_to.saturating_sub(1), progress.alive_ts_ms);
    event.flags = flag::ALIVE | flag::NO_TABLE;
    Some(event)
}

/// A record of which neither key nor position could be read.
pub fn unknown(side: Side) -> Digest {
    Digest {
        tenant: None,
        id: None,
        kind: String::new(),
        key: None,
        row_key: None,
        side,
        op: Op::Unreadable,
        sha256: String::new(),
        base_sha256: None,
        alt_sha256: None,
        toast: None,
        cols_fp: None,
        profile_fp: String::new(),
        version: None,
        topic: String::new(),
        partition: 0,
        offset: 0,
        log_ts_ms: 0,
        source_ts_us: None,
        origin: None,
        origin_lsn: None,
        unauthorized: false,
        sampled_out: false,
        home_region: None,
        leaf_sha256: None,
        between: Vec::new(),
    }
}
