//! What `explain` found, for people.

use crate::clock::rfc3339_ms;
use crate::io::render;
use crate::record::diff::Explain as Explained;
use crate::text::counted;

/// The closing line.
pub fn summary(record: &Explained, verdict: Option<bool>) -> String {
    let key = format!("{}/{} ({})", record.tenant, record.id, record.kind);
    let differing: Vec<&str> = record.cols.iter().filter(|c| c.equal == Some(false)).map(|c| c.name.as_str()).collect();
    let open = record.cols.iter().filter(|c| c.equal.is_none()).count() as u64;
    let events = counted(record.history.len() as u64, "event");
    let why = |beginning: &str| record.cols.iter().filter_map(|c| c.why.as_deref()).find(|w| w.starts_with(beginning));
    match verdict {
        None => format!("{key}: digests of {} of one side; {events}", counted(record.cols.len() as u64, "column")),
        Some(true) => format!("{key}: equal on both sides; {events}"),
        Some(false) if record.cols.is_empty() => {
            format!("{key}: cannot be compared, unreadable on both sides; {events}")
        }
        Some(false) => match (why("unreadable"), why("row missing")) {
            (Some(why), _) => format!("{key}: cannot be compared, {why}; {events}"),
            (None, Some(_)) => format!("{key}: on one side only; {events}"),
            _ if differing.is_empty() => format!("{key}: {} cannot be compared; {events}", counted(open, "column")),
            _ => format!("{key}: differs in {}; {events}", differing.join(", ")),
        },
    }
}

/// Columns and history as tables for people. Digests are cut to their beginning.
pub fn tables(record: &Explained, values: bool, width: Option<usize>) -> String {
    let short = |sha: &Option<String>| sha.as_deref().map_or("-".to_owned(), |s| s[..s.len().min(12)].to_owned());
    let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    let mut table = render::Table::new(width);
    for c in &record.cols {
        let equal = match c.equal {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "-",
        };
        let (lhs, rhs) = match values {
            true => (text(&c.lhs_text), text(&c.rhs_text)),
            false => (short(&c.lhs_sha256), short(&c.rhs_sha256)),
        };
        table.push(
            "columns",
            vec![
                ("COLUMN", c.name.clone()),
                ("TYPE", c.type_name.clone()),
                ("EQUAL", equal.to_owned()),
                ("WHY", c.why.clone().unwrap_or_default()),
                ("LHS", lhs),
                ("RHS", rhs),
            ],
        );
    }
    let mut out = table.take();
    out.push('\n');
    for e in &record.history {
        table.push(
            "history",
            vec![
                ("TIME", rfc3339_ms(e.log_ts_ms)),
                ("SIDE", e.side.as_str().to_owned()),
                ("OP", e.op.as_str().to_owned()),
                ("VERSION", e.version.map_or("-".to_owned(), |v| v.to_string())),
                ("ROW", short(&Some(e.sha256.clone()).filter(|s| !s.is_empty()))),
                ("AT", e.at.clone()),
            ],
        );
    }
    out + &table.take()
}
