use super::*;
use crate::diff::event::Part;
use crate::diff::hash::hex;
use crate::diff::types::parse;

const US: &str = include_str!("../../../fixtures/diff/captures/audit.US.audit_events.mirror.ndjson");
const EU: &str = include_str!("../../../fixtures/diff/captures/audit.EU.audit_events.mirror.ndjson");
const TYPES: &str = include_str!("../../../fixtures/diff/captures/types.yaml");

fn setup(side: Side) -> Arc<Setup> {
    Arc::new(Setup {
        side,
        types: parse(TYPES, "types.yaml").unwrap(),
        hasher: Hasher::Plain,
        homes: None,
        table: None,
        for_proof: true,
        keep_origin: true,
        keep_lines: false,
        wanted: None,
    })
}

/// Digest, base and canonical text of the last row event of a key.
fn row(side: Side, text: &str, key: &str) -> (String, String, String) {
    let mut decoder = Decoder::new(setup(side), Framing::Capture, 0).unwrap();
    let mut batch = Batch::default();
    let mut found = None;
    for (i, line) in text.lines().enumerate() {
        decoder.line(line.as_bytes(), i as u64 + 1, 0, false, &mut batch).unwrap();
        let event = batch.events.last().unwrap();
        let full = event.extra.as_ref().is_none_or(|e| !e.parts.contains(&Part::Inherit));
        if event.class == Class::Row && full && batch.key(event) == key.as_bytes() {
            let base = event.extra.as_ref().and_then(|e| e.base).unwrap();
            let text = String::from_utf8(decoder.row_text().to_vec()).unwrap();
            found = Some((hex(&event.digest), hex(&base), text));
        }
    }
    assert!(batch.poison.is_empty(), "{:?}", batch.poison);
    found.unwrap()
}

#[test]
fn the_test_vector_of_the_profile_on_both_sides() {
    let text = r#"{"action":"key.rotate","actor":"svc-7@acme.example","amount":0.0001,"corr":"ba2dde83-458b-fed0-a712-755f6cace4d5","day":"2026-11-01","details":{"a":[1,2.5,null],"b":1,"ip":"10.0.0.7","note":"plain"},"id":10000,"ip":"10.1.25.0/24","local_at":"2026-11-01T00:00:00.772000","occurred_at":"2026-11-01T00:00:00.772000Z","ok":true,"qty":1,"raw":{"a":"x","k":1,"z":[1,2]},"resource":"arn:x:acme:177","risk":0.5,"score":3.141592653589793,"sig":"f189591c12fe8eac","tags":["a","b c","x"],"tenant":"acme","tod":"00:00:00.772000"}"#;
    for (side, lines) in [(Side::Lhs, US), (Side::Rhs, EU)] {
        let (row, base, got) = row(side, lines, r#""acme",10000"#);
        assert_eq!(got, text);
        assert_eq!(base, "6dec04aeb63ea8b30b05f496eb0939c2be2009d524a924c2f676a3b25d6ced5e");
        assert_eq!(row, "37fb09d3854972674efc378d15bf9129ab9d37f6aca32375995478b4c5f1d328");
    }
}

#[test]
fn the_toast_vector() {
    for (side, lines) in [(Side::Lhs, US), (Side::Rhs, EU)] {
        let (row, _, _) = row(side, lines, r#""acme",10340"#);
        if side == Side::Rhs {
            assert_eq!(row, "d6564245c0797cb0671ecd1a83d0bca08107136b9a7b6bbb12c71adcddf1ad14");
        }
    }
}
