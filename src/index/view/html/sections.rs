//! The parts of the page.

use std::fmt::Write;

use data_encoding::BASE64;

use super::super::super::statement::{Head, LOG};
use super::super::Site;
use super::entry::{clipped, entry, short, template};
use super::grouped;
use crate::record::index::Row;
use crate::record::xml;

/// What is proven, and what nobody can prove.
pub const MEANING: &str = include_str!("meaning.html");
/// Where programs find what the page shows.
pub const FILES: &str = include_str!("files.html");

/// What lies behind a long table.
pub const JUMP: &str = "<nav class=\"jump\" aria-label=\"On this page\"><a href=\"#list\">Entries</a>\
    <a href=\"#checkpoint\">Checkpoint and regions</a><a href=\"#meaning\">What a check proves, and what none does</a>\
    <a href=\"#programs\">For programs</a></nav>\n";

/// All regions but the log's own chain.
pub fn named(site: &Site) -> impl Iterator<Item = (&String, &Head)> {
    site.regions.iter().filter(|(name, _)| *name != LOG)
}

/// Filters and the table; newest first.
pub fn entries(out: &mut String, site: &Site, rows: &[Row]) {
    out.push_str("<section class=\"list\" aria-labelledby=\"list\">\n<h2 id=\"list\">Entries</h2>\n");
    if rows.is_empty() {
        out.push_str(
            "<p class=\"empty\">Nothing has been published yet. The log is open: its signed checkpoint says that it has no \
             entries.</p>\n</section>\n",
        );
        return;
    }
    filters(out, site);
    let (shown, size) = (grouped(rows.len() as u64), grouped(site.size));
    let said = match (site.size, rows.len() as u64 == site.size) {
        (1, _) => "All 1 entry shown.".to_owned(),
        (_, true) => format!("All {size} entries shown."),
        (_, false) => format!("The newest {shown} of {size} entries shown."),
    };
    let _ = write!(
        out,
        "<div class=\"told\"><p id=\"count\" role=\"status\">{said}</p><button type=\"button\" id=\"older\" hidden></button></div>\n\
         <noscript><p class=\"told\">Filters and older entries need JavaScript; all files can be read without it.</p></noscript>\n\
         <div class=\"scroll\"><table id=\"entries\" data-size=\"{}\"><caption>Entries, newest first</caption>\
         <thead><tr><th scope=\"col\">Entry</th><th scope=\"col\">Published <span>(UTC)</span></th>\
         <th scope=\"col\">Region</th><th scope=\"col\">Manifest SHA-256</th></tr></thead>\n",
        site.size
    );
    for row in rows.iter().rev() {
        entry(out, row);
    }
    out.push_str("</table></div>\n<template id=\"entry\">\n");
    template(out);
    out.push_str("</template>\n</section>\n");
}

fn filters(out: &mut String, site: &Site) {
    out.push_str(
        "<form id=\"filters\" autocomplete=\"off\" aria-label=\"Filter the entries\">\n\
         <label>Region<select name=\"region\"><option value=\"\">all</option>",
    );
    for name in site.regions.keys() {
        let name = xml(&clipped(name));
        let _ = write!(out, "<option value=\"{name}\">{name}</option>");
    }
    out.push_str(
        "</select></label>\n<label>From<input type=\"date\" name=\"from\"></label>\n\
         <label>To<input type=\"date\" name=\"to\"></label>\n\
         <label class=\"span\">Manifest SHA-256<input name=\"digest\" spellcheck=\"false\" autocapitalize=\"off\" \
         placeholder=\"its first digits, or all 64\" aria-describedby=\"count\"></label>\n\
         <label>Entry<input type=\"number\" name=\"leaf\" min=\"0\" step=\"1\"></label>\n\
         <button type=\"reset\">Clear</button>\n</form>\n",
    );
}

pub fn checkpoint(out: &mut String, site: &Site) {
    let _ = writeln!(
        out,
        "<section class=\"card\"><h2 id=\"checkpoint\">Checkpoint</h2>\n<p>What the publisher signed about the whole log, in <a href=\"checkpoint\">checkpoint</a>. \
         Keep it: a later one must agree with it.</p>\n<dl>\n<div><dt>Origin</dt><dd><code>{}</code></dd></div>\n\
         <div><dt>Size</dt><dd>{}</dd></div>\n\
         <div><dt>Root</dt><dd><code>{}</code><button type=\"button\" class=\"copy\">Copy</button></dd></div>\n</dl></section>",
        xml(&clipped(&site.origin)),
        site.size,
        BASE64.encode(&site.root)
    );
}

pub fn regions(out: &mut String, site: &Site) {
    out.push_str("<section class=\"card\"><h2 id=\"regions\">Regions</h2>\n");
    if site.regions.is_empty() {
        out.push_str("<p>None has an entry yet.</p></section>\n");
        return;
    }
    out.push_str(
        "<div class=\"tall\" tabindex=\"0\" role=\"region\" aria-labelledby=\"regions\"><table><caption>Regions and how many entries each has</caption>\
         <thead><tr><th scope=\"col\">Region</th><th scope=\"col\" class=\"n\">Entries</th><th scope=\"col\">Last statement</th></tr></thead><tbody>\n",
    );
    for (name, Head { n, statement_sha256 }) in &site.regions {
        let note = if name == LOG { " <span class=\"soft\">changes of keys</span>" } else { "" };
        let digest = statement_sha256.to_string();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}{note}</th><td class=\"n\">{}</td><td><code title=\"{digest}\">{}</code></td></tr>",
            xml(&clipped(name)),
            grouped(*n),
            short(&digest)
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}
