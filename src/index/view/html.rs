//! The page for people. It stands without its script, which filters the entries and fetches older ones from its own site.

mod entry;
mod sections;

use super::super::Wrong;
use super::json::newest;
use super::{SHOWN, Site};
use crate::page::{self, Head, Mark, Own, Tile};
use crate::record::index::Row;
use entry::clipped;

const OWN: Own = Own { style: include_str!("html/index.css"), script: include_str!("html/index.js") };

/// index.html. Of the rows, ascending up to the last entry, it shows the newest 200; more may be given. The same
/// version of govctl gives the same bytes for the same rows.
pub fn html(site: &Site, rows: &[Row]) -> Result<String, Wrong> {
    let rows = newest(site, rows, SHOWN)?;
    let mut out = page::open_scripted(
        &Head { title: "Export index", eyebrow: "govctl index", period: &clipped(&site.origin), note: "" },
        &OWN,
    );
    page::verdict(
        &mut out,
        Mark::Open,
        "A page cannot verify itself",
        "Whoever serves it could make it say anything. What counts is the log beside it: take a copy of this site and run \
         `govctl index verify --site . --trust trust`, with a trust folder that you did not get from here.",
    );
    tiles(&mut out, site, rows);
    out.push_str(sections::JUMP);
    sections::entries(&mut out, site, rows);
    out.push_str("<div class=\"cards\">\n");
    sections::checkpoint(&mut out, site);
    sections::regions(&mut out, site);
    out.push_str(sections::MEANING);
    out.push_str(sections::FILES);
    out.push_str("</div>\n<p id=\"spoken\" class=\"hide\" role=\"status\"></p>\n");
    let version = env!("CARGO_PKG_VERSION");
    page::close_scripted(
        &mut out,
        &format!("Made by govctl {version} from the log. It loads nothing from elsewhere."),
        &OWN,
    );
    Ok(out)
}

/// Which version of govctl says that it made a page: another one makes other bytes of the same rows.
pub fn made_by(html: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(html).ok()?;
    let head = text.split_once("</head>").map(|(head, _)| head)?;
    let (_, version) = head.split_once("<meta name=\"generator\" content=\"govctl ")?;
    version.split_once('"').map(|(version, _)| version)
}

fn tiles(out: &mut String, site: &Site, rows: &[Row]) {
    let tile = |name: &str, value: String, note: String| Tile { name: name.to_owned(), value, note, bad: false };
    let regions = sections::named(site).count() as u64;
    let (day, time) = rows.last().map_or(("none", ""), |row| row.ts.split_once('T').unwrap_or((&row.ts, "")));
    let claimed = match time.strip_suffix('Z') {
        Some(time) => format!("{time} UTC, says the publisher"),
        None => time.to_owned(),
    };
    let (here, chains) = match rows.len() {
        0 => (String::new(), ""),
        n => (format!("the newest {n} on this page"), "each a chain without gaps"),
    };
    page::tiles(
        out,
        &[
            tile("Entries in the log", grouped(site.size), here),
            tile("Regions", grouped(regions), chains.to_owned()),
            tile("Newest entry", clipped(day), clipped(&claimed)),
        ],
    );
}

/// `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
