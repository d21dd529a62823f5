//! An independent reader of govctl streams. It knows the committed schemas and the rules of docs/records.md, and
//! refuses what a lenient reader would let pass: fields that no schema names, odd spacing, cut streams, wrong digests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::files;

static VALIDATORS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let load = |path: &std::path::PathBuf| {
        let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        close(&mut schema);
        if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
            definitions.values_mut().for_each(close);
        }
        let validator = jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (schema["title"].as_str().unwrap().to_owned(), validator)
    };
    files("docs/schemas", "json").iter().map(load).collect()
});

/// Makes an object's schema refuse what it does not name, in its alternatives too.
fn close(schema: &mut Value) {
    let names_fields =
        schema.get("properties").is_some() || schema.get("oneOf").is_some_and(|o| o[0]["properties"].is_object());
    if names_fields && schema.get("additionalProperties").is_none() {
        schema["unevaluatedProperties"] = false.into();
    }
}

/// One line without its newline.
pub fn line(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8: {e}"))?;
    let value: Value = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}: {text}"))?;
    let written = value.to_string();
    if written != text {
        return Err(format!("white space, a repeated key or an odd spelling: {text}"));
    }
    let object = value.as_object().ok_or_else(|| format!("not an object: {text}"))?;
    let record_type = match object.iter().next() {
        Some((key, Value::String(record_type))) if key == "schema" => record_type,
        _ => return Err(format!("the first key is not `schema`: {text}")),
    };
    let validator = VALIDATORS.get(record_type).ok_or_else(|| format!("no schema for `{record_type}`: {text}"))?;
    validator.validate(&value).map_err(|e| format!("{record_type}: {e} at `{}`: {text}", e.instance_path()))?;
    Ok(value)
}

/// A whole stream: run records at both ends or none, and the digest of the data lines.
pub fn stream(bytes: &[u8]) -> Result<Vec<Value>, String> {
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        return Err("the last line has no newline".into());
    }
    let mut records = Vec::new();
    let mut data = Sha256::new();
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        let record = line(&raw[..raw.len() - 1])?;
        if record["schema"] != "govctl.run/1" {
            data.update(raw);
        }
        records.push(record);
    }
    let is = |r: &Value, event: &str| r["schema"] == "govctl.run/1" && r["event"] == event;
    let runs = records.iter().filter(|r| r["schema"] == "govctl.run/1").count();
    if runs == 0 {
        return Ok(records);
    }
    let (first, last) = (&records[0], &records[records.len() - 1]);
    if runs != 2 || !is(first, "start") || !is(last, "end") || first["run_id"] != last["run_id"] {
        return Err("the run records do not enclose the stream".into());
    }
    let digest = data_encoding::HEXLOWER.encode(&data.finalize());
    if last["sha256"] != digest.as_str() {
        return Err(format!("the end record states {}, the data lines have {digest}", last["sha256"]));
    }
    Ok(records)
}

const FINDING: &str = r#"{"schema":"govctl.finding/1","source":"diff","code":"x","severity":"error","subject":"s","message":"m","fingerprint":"00"}"#;
const START: &str = r#"{"schema":"govctl.run/1","event":"start","run_id":"r","command":"diff run","version":"0","started":"t","inputs":[{"name":"us.ndjson"}]}"#;

#[test]
fn the_reader_accepts_what_the_schemas_name() {
    for good in [FINDING, START] {
        line(good.as_bytes()).unwrap();
    }
}

#[test]
fn the_reader_refuses_everything_else() {
    let extra = FINDING.replace("\"source\"", "\"x\":1,\"source\"");
    let nested = START.replace("\"us.ndjson\"", "\"us.ndjson\",\"path\":\"/home\"");
    let of_end = START.replace("\"inputs\"", "\"outcome\":0,\"inputs\"");
    let missing = FINDING.replace("\"subject\":\"s\",", "");
    let word = FINDING.replace("\"error\"", "\"fatal\"");
    let spaced = FINDING.replace("\":\"x\"", "\": \"x\"");
    let repeated = FINDING.replace("\"source\":\"diff\"", "\"source\":\"a\",\"source\":\"diff\"");
    let unknown = FINDING.replace("govctl.finding/1", "govctl.finding/2");
    let later = r#"{"source":"diff","schema":"govctl.finding/1"}"#.to_owned();
    for bad in [extra, nested, of_end, missing, word, spaced, repeated, unknown, later] {
        assert!(line(bad.as_bytes()).is_err(), "accepted: {bad}");
    }
}

#[test]
fn the_reader_refuses_streams_that_are_cut_or_changed() {
    let sha = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text));
    let end = |sha256: &str| {
        format!(
            r#"{{"schema":"govctl.run/1","event":"end","run_id":"r","ended":"t","outcome":1,"counts":{{"a":1}},"sha256":"{sha256}"}}"#
        ) + "\n"
    };
    let data = format!("{FINDING}\n");
    let whole = format!("{START}\n{data}{}", end(&sha(&data)));
    assert_eq!(stream(whole.as_bytes()).unwrap().len(), 3);
    assert_eq!(stream(data.as_bytes()).unwrap().len(), 1, "a bare stream");
    let changed = whole.replace("\"m\"", "\"n\"");
    let cut = format!("{START}\n{data}");
    let torn = &whole[..whole.len() - 1];
    for bad in [changed.as_str(), &cut, torn] {
        assert!(stream(bad.as_bytes()).is_err(), "accepted: {bad}");
    }
}
