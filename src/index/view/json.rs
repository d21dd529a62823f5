//! index.json and the pages of rows: JSON that people can read and diff, one entry per line.

use std::fmt::Write;

use data_encoding::BASE64;
use serde::Deserialize;

use super::super::Wrong;
use super::super::log;
use super::super::statement::Head;
use super::row::{check, check_order};
use super::sorted::Sorted;
use super::{MAX_BYTES, NEWEST, PAGE, Site, malformed};
use crate::record::index::Row;

const VERSION: u64 = 1;

/// What index.json says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub site: Site,
    /// The newest, ascending.
    pub rows: Vec<Row>,
}

/// index.json. Of the rows, ascending up to the last entry, it takes the newest 2,000; more may be given.
pub fn index(site: &Site, rows: &[Row]) -> Result<String, Wrong> {
    let rows = newest(site, rows, NEWEST)?;
    let mut out = String::new();
    entries(&mut out, rows)?;
    let (origin, size, root) = (quoted(&site.origin)?, site.size, BASE64.encode(&site.root));
    let _ = write!(out, ",\"origin\":{origin},\"size\":{size},\"root\":\"{root}\",\"regions\":{{");
    for (i, (name, Head { n, statement_sha256 })) in site.regions.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let name = quoted(name)?;
        let _ = write!(out, "{comma}\n{name}:{{\"n\":{n},\"statement_sha256\":\"{statement_sha256}\"}}");
    }
    let end = if site.regions.is_empty() { "" } else { "\n" };
    let _ = writeln!(out, "{end}}},\"page_size\":{PAGE},\"n_pages\":{}}}", log::pages(size));
    Ok(out)
}

/// A page; of its 256 rows the last page has as many as there are. A full page says nothing of the log's size, so that
/// it never changes for an entry behind it.
pub fn page(number: u64, rows: &[Row]) -> Result<String, Wrong> {
    check_page(number, rows)?;
    let mut out = String::new();
    entries(&mut out, rows)?;
    let _ = writeln!(out, ",\"page\":{number}}}");
    Ok(out)
}

/// The last `n` of the rows, which must lead up to the last entry.
pub(super) fn newest<'a>(site: &Site, rows: &'a [Row], n: u64) -> Result<&'a [Row], Wrong> {
    let n = n.min(site.size);
    let from = usize::try_from(n).ok().and_then(|n| rows.len().checked_sub(n));
    let Some(rows) = from.and_then(|from| rows.get(from..)) else {
        return Err(malformed(format!("{} entries where the newest {n} are due", rows.len())));
    };
    check_order(rows, site.size - n)?;
    Ok(rows)
}

/// The members that every file of rows begins with.
fn entries(out: &mut String, rows: &[Row]) -> Result<(), Wrong> {
    let _ = write!(out, "{{\"version\":{VERSION},\"entries\":[");
    for (i, row) in rows.iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&serde_json::to_string(row).map_err(|e| malformed(e.to_string()))?);
    }
    out.push_str(if rows.is_empty() { "]" } else { "\n]" });
    Ok(())
}

fn quoted(text: &str) -> Result<String, Wrong> {
    serde_json::to_string(text).map_err(|e| malformed(e.to_string()))
}

fn check_page(number: u64, rows: &[Row]) -> Result<(), Wrong> {
    let first = number.checked_mul(PAGE).ok_or_else(|| malformed(format!("there is no page {number}")))?;
    if rows.is_empty() || rows.len() as u64 > PAGE {
        return Err(malformed(format!("page {number} has {} entries, not 1 to {PAGE}", rows.len())));
    }
    check_order(rows, first)
}

/// As index.json is written; members that are not known are not looked at.
#[derive(Deserialize)]
struct IndexWire {
    version: u64,
    entries: Vec<Row>,
    origin: String,
    size: u64,
    root: String,
    regions: Sorted<String, Head>,
    page_size: u64,
    n_pages: u64,
}

#[derive(Deserialize)]
struct PageWire {
    version: u64,
    entries: Vec<Row>,
    page: u64,
}

/// Reads index.json and refuses one that contradicts itself.
pub fn read_index(bytes: &[u8]) -> Result<Index, Wrong> {
    let wire: IndexWire = parse(bytes)?;
    check_version(wire.version)?;
    let root = BASE64.decode(wire.root.as_bytes()).ok().and_then(|root| root.try_into().ok());
    let root = root.ok_or_else(|| malformed("`root` is no SHA-256 in base64"))?;
    let site = Site { origin: wire.origin, size: wire.size, root, regions: wire.regions.0 };
    if wire.entries.len() as u64 > NEWEST {
        return Err(malformed(format!("{} entries where {NEWEST} are allowed", wire.entries.len())));
    }
    newest(&site, &wire.entries, NEWEST)?;
    if (wire.page_size, wire.n_pages) != (PAGE, log::pages(site.size)) {
        return Err(malformed(format!("{} entries are not on {} pages", site.size, wire.n_pages)));
    }
    let total: u128 = site.regions.values().map(|head| u128::from(head.n)).sum();
    if total != u128::from(site.size) {
        return Err(malformed(format!("the regions have {total} entries together, the log {}", site.size)));
    }
    if let Some(row) = wire.entries.iter().find(|row| !site.regions.contains_key(&row.region)) {
        return Err(malformed(format!("entry {}: its region is not among the regions", row.leaf_index)));
    }
    wire.entries.iter().try_for_each(check)?;
    Ok(Index { site, rows: wire.entries })
}

/// Reads a page: the rows from leaf 256 × `number` on.
pub fn read_page(number: u64, bytes: &[u8]) -> Result<Vec<Row>, Wrong> {
    let wire: PageWire = parse(bytes)?;
    check_version(wire.version)?;
    if wire.page != number {
        return Err(malformed(format!("is page {}, not {number}", wire.page)));
    }
    check_page(number, &wire.entries)?;
    wire.entries.iter().try_for_each(check)?;
    Ok(wire.entries)
}

/// One JSON document of bounded length.
pub(super) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Wrong> {
    if bytes.len() > MAX_BYTES {
        return Err(malformed(format!("{} bytes where {MAX_BYTES} are allowed", bytes.len())));
    }
    serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string()))
}

pub(super) fn check_version(version: u64) -> Result<(), Wrong> {
    match version {
        VERSION => Ok(()),
        other => Err(malformed(format!("is of version {other}; {VERSION} is read here"))),
    }
}

#[cfg(test)]
mod tests;
