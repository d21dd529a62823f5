//! What a re-run gives, held against what the evidence holds.

use serde_json::{Map, Value};

use super::verdict;
use crate::record::diff::{Diff, Proof, UnauthorizedWrite, Verify};
use crate::record::{Finding, Record, encode};

/// Where a finding points to: a recording may lie elsewhere or be compressed when it is read again.
const PLACE: [&str; 3] = ["file", "line", "column"];

/// Both records in words, the held one first, where they differ; None stands for a record that is not there.
pub fn differing(held: Option<&[u8]>, again: Option<&[u8]>) -> Option<(String, String)> {
    if held == again {
        return None;
    }
    let [held, again] = [held, again].map(|line| line.map(object));
    let (Some(held), Some(again)) = (&held, &again) else {
        let words = |o: &Option<Map<String, Value>>| o.as_ref().map_or("no record".to_owned(), name);
        return Some((words(&held), words(&again)));
    };
    if name(held) != name(again) {
        return Some((name(held), name(again)));
    }
    let field = first_difference(held, again, &PLACE)?;
    let words = |o: &Map<String, Value>| format!("{}: {}", name(o), field_text(o, &field));
    Some((words(held), words(again)))
}

/// The check `rerun` of proof.json: the first field in which the run, made again, would have another value.
pub fn restated(stated: &Proof, again: &Proof) -> Verify {
    let [held, found] = [stated, again].map(|proof| {
        let mut bytes = Vec::new();
        // A proof that was read can be written.
        let _ = encode(proof, &mut bytes);
        object(&bytes)
    });
    let (expected, actual) = match first_difference(&held, &found, &[]) {
        None => ("as the sources give it".to_owned(), "as the sources give it".to_owned()),
        Some(field) => (field_text(&held, &field), field_text(&found, &field)),
    };
    verdict("rerun", "proof.json", expected, actual)
}

/// A line that is no object has no name and no fields.
fn object(line: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(line).unwrap_or_default()
}

/// What a reader finds the record by: its id and its key.
fn name(record: &Map<String, Value>) -> String {
    let text = |field: &str| match record.get(field) {
        Some(Value::String(text)) => text.as_str(),
        _ => "-",
    };
    let key = || format!("{}/{} {}", text("tenant"), text("id"), text("kind"));
    match text("schema") {
        Diff::TYPE => {
            let rev = record.get("rev").unwrap_or(&Value::Null);
            format!("diff_id {} rev {rev} ({}, {} {})", text("diff_id"), key(), text("reason"), text("state"))
        }
        UnauthorizedWrite::TYPE => format!("write_id {} ({})", text("write_id"), key()),
        Finding::TYPE => {
            let [code, subject, kind, side] = ["code", "subject", "kind", "side"].map(text);
            format!("finding {code} of {subject} (kind {kind}, side {side})")
        }
        "-" => "a line that is no record".to_owned(),
        other => format!("a record of type {other}"),
    }
}

/// The first field, with a dot before the name inside it, whose values differ.
fn first_difference(a: &Map<String, Value>, b: &Map<String, Value>, but: &[&str]) -> Option<String> {
    let names = a.keys().chain(b.keys().filter(|k| !a.contains_key(*k)));
    let field = names.filter(|k| !but.contains(&k.as_str())).find(|k| a.get(*k) != b.get(*k))?;
    let inner = match (a.get(field), b.get(field)) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => first_difference(a, b, &[]),
        _ => None,
    };
    Some(inner.map_or(field.clone(), |inner| format!("{field}.{inner}")))
}

/// `counts.diff 18`; a long value is cut.
fn field_text(record: &Map<String, Value>, field: &str) -> String {
    const LONGEST: usize = 200;
    let pointer = format!("/{}", field.replace('.', "/"));
    let whole = Value::Object(record.clone());
    let Some(value) = whole.pointer(&pointer) else { return format!("no {field}") };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{field} {}...", &text[..cut]),
        None => format!("{field} {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = r#"{"schema":"govctl.diff/1","tenant":"acme","id":"7","kind":"audit","reason":"missing","diff_id":"0a","rev":0,"state":"open","delay_ms":null}"#;

    fn words(held: Option<&str>, again: Option<&str>) -> Option<(String, String)> {
        differing(held.map(str::as_bytes), again.map(str::as_bytes))
    }

    #[test]
    fn a_record_is_named_by_id_and_key() {
        let name = "diff_id 0a rev 0 (acme/7 audit, missing open)";
        assert_eq!(words(Some(DIFF), Some(DIFF)), None);
        assert_eq!(words(None, None), None);
        assert_eq!(words(Some(DIFF), None), Some((name.into(), "no record".into())));
        assert_eq!(words(None, Some(DIFF)), Some(("no record".into(), name.into())));
        let other = DIFF.replace("0a", "0b");
        assert_eq!(words(Some(&other), Some(DIFF)), Some((name.replace("0a", "0b"), name.into())));
        let later = DIFF.replace("null", "5");
        let told = |value: &str| format!("{name}: delay_ms {value}");
        assert_eq!(words(Some(DIFF), Some(&later)), Some((told("null"), told("5"))));
        let without = DIFF.replace(",\"delay_ms\":null", "");
        assert_eq!(words(Some(&without), Some(DIFF)), Some((format!("{name}: no delay_ms"), told("null"))));
        let broken = words(Some("{"), Some(DIFF)).unwrap();
        assert_eq!(broken.0, "a line that is no record");
    }

    #[test]
    fn where_a_recording_lies_is_no_difference() {
        let finding = |place: &str, count: u64| {
            format!(
                r#"{{"schema":"govctl.finding/1","source":"diff","code":"unreadable","severity":"error","subject":"s","message":"m"{place},"count":{count},"fingerprint":"f"}}"#
            )
        };
        let there = finding(r#","file":"us.ndjson","line":7"#, 1);
        assert_eq!(words(Some(&there), Some(&finding(r#","file":"a.zst","line":9"#, 1))), None);
        assert_eq!(words(Some(&there), Some(&finding("", 1))), None);
        let (held, again) = words(Some(&there), Some(&finding("", 2))).unwrap();
        assert!(held.ends_with(": count 1") && again.ends_with(": count 2"), "{held} {again}");
    }

    #[test]
    fn the_differing_field_of_a_proof_is_named() {
        let [a, b] = ["1", "2"].map(|n| object(format!(r#"{{"a":1,"counts":{{"ok":1,"diff":{n}}}}}"#).as_bytes()));
        assert_eq!(first_difference(&a, &b, &[]).unwrap(), "counts.diff");
        assert_eq!((field_text(&a, "counts.diff"), field_text(&b, "no")), ("counts.diff 1".into(), "no no".into()));
        let long = object(format!(r#"{{"a":"{}"}}"#, "é".repeat(300)).as_bytes());
        assert_eq!(field_text(&long, "a").chars().count(), 2 + 200 + 3);
    }
}
