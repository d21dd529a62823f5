//! One entry on the page. The same template makes the rows of the file and, in the browser, those that its script
//! fetches, so that the two cannot drift apart. In it `{name}` is a value, and a line that begins with `?name` is one
//! element that is there where the value is.

use crate::record::index::{Kind, Row};
use crate::record::xml;
use crate::text::{visible, without_middle};

const TEMPLATE: &str = include_str!("entry.html");
/// Values of honest rows are shorter; others must not blow up the page.
const LONGEST: usize = 120;
/// A digest where there is no room for it.
const SHORT: usize = 17;

/// Appends the table body of one entry.
pub fn entry(out: &mut String, row: &Row) {
    for line in TEMPLATE.lines() {
        match conditional(line) {
            Some((name, _)) if value(row, name).is_none() => continue,
            Some((_, element)) => fill(out, element, row),
            None => fill(out, line, row),
        }
        out.push('\n');
    }
}

/// The template for the script: what is conditional says so in an attribute.
pub fn template(out: &mut String) {
    for line in TEMPLATE.lines() {
        match conditional(line).and_then(|(name, element)| Some((name, element, element.find([' ', '>'])?))) {
            Some((name, element, at)) => {
                let (tag, rest) = element.split_at(at);
                out.extend([tag, " data-if=\"", name, "\"", rest]);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
}

fn conditional(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('?')?.split_once(' ')
}

fn fill(out: &mut String, text: &str, row: &Row) {
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
        out.push_str(&xml(&value(row, name).unwrap_or_default()));
        rest = behind;
    }
    out.push_str(rest);
}

/// A value of the template; the script has the same function.
fn value(row: &Row, name: &str) -> Option<String> {
    let there = |there: bool| there.then(String::new);
    let (day, time) = row.ts.split_once('T').unwrap_or((&row.ts, ""));
    let text: &str = match name {
        "leaf_index" => return Some(row.leaf_index.to_string()),
        "region_seq" => return Some(row.region_seq.to_string()),
        "withdrawn_by" => return row.withdrawn_by.map(|leaf| leaf.to_string()),
        "rekor_log_index" => return row.rekor_log_index.map(|index| index.to_string()),
        "short" => return Some(short(&row.manifest_sha256)),
        "no_manifest" => return there(row.manifest.is_none()),
        "no_bundle" => return there(row.bundle.is_none()),
        "withheld" => return there(row.manifest.is_none() && row.kind == Kind::Export),
        "export" => return there(row.kind == Kind::Export),
        "withdrawal" => return there(row.kind == Kind::Withdrawal),
        "key_change" => return there(row.kind == Kind::KeyChange),
        "state" if row.withdrawn_by.is_some() => "withdrawn",
        "state" => "",
        "subject" if row.kind == Kind::KeyChange => "new key",
        "subject" => "manifest",
        "ts" => &row.ts,
        "day" => day,
        "time" => time.strip_suffix('Z').unwrap_or(time),
        "region" => &row.region,
        "manifest_sha256" => &row.manifest_sha256,
        "statement_sha256" => &row.statement_sha256,
        "leaf_hash" => &row.leaf_hash,
        "key_id" => &row.key_id,
        "manifest" => row.manifest.as_deref()?,
        "bundle" => row.bundle.as_deref()?,
        "manifest_key_id" => row.manifest_key_id.as_deref()?,
        "prev_manifest_sha256" => row.prev_manifest_sha256.as_deref()?,
        "rekor_uuid" => row.rekor_uuid.as_deref()?,
        "rekor_log" => row.rekor_log.as_deref()?,
        "tsa_time" => row.tsa_time.as_deref()?,
        _ => return None,
    };
    Some(clipped(text))
}

/// A foreign text on one line and of bounded length.
pub fn clipped(text: &str) -> String {
    without_middle(&visible(&text.replace(['\t', '\r', '\n'], " ")), LONGEST)
}

/// A digest where there is no room for all of it.
pub fn short(digest: &str) -> String {
    without_middle(&clipped(digest), SHORT)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::row;
    use super::*;

    const SCRIPT: &str = include_str!("index.js");

    /// All names of the template.
    fn names() -> Vec<&'static str> {
        let values = TEMPLATE.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0);
        values.chain(TEMPLATE.lines().filter_map(|line| Some(conditional(line)?.0))).collect()
    }

    #[test]
    fn both_sides_know_every_name_of_the_template() {
        let full = Row {
            rekor_uuid: Some("8".repeat(64)),
            prev_manifest_sha256: Some("5".repeat(64)),
            manifest_key_id: Some("9".repeat(64)),
            rekor_log: Some("https://rekor.example".to_owned()),
            rekor_log_index: Some(1),
            tsa_time: Some("2026-01-01T00:00:04Z".to_owned()),
            withdrawn_by: Some(2),
            ..row(0)
        };
        let bare = Row { manifest: None, bundle: None, ..row(0) };
        let others = [Kind::Withdrawal, Kind::KeyChange].map(|kind| Row { kind, ..row(0) });
        let rows = [&full, &bare, &others[0], &others[1]];
        assert!(names().len() > 40);
        for name in names() {
            assert!(rows.iter().any(|row| value(row, name).is_some()), "{name}");
            assert!(SCRIPT.contains(&format!("case '{name}':")), "the script does not know {name}");
        }
    }

    #[test]
    fn a_conditional_line_is_one_element() {
        for (_, element) in TEMPLATE.lines().filter_map(conditional) {
            let tag = &element[1..element.find([' ', '>']).unwrap()];
            assert!(element.starts_with('<') && element.ends_with(&format!("</{tag}>")), "{element}");
        }
        let mut text = String::new();
        template(&mut text);
        assert!(text.contains("<a data-if=\"bundle\" href=\"entry/{leaf_index}/bundle.sigstore.json\">bundle</a>\n"));
        assert!(text.contains("<p data-if=\"no_bundle\">") && !text.contains("\n?"));
    }
}
