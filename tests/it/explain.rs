//! `govctl diff explain` on the captures: what it says of each planted difference, and that it keeps values to itself.

use serde_json::Value;

use crate::common::{Call, Output, Sandbox};

const SOURCES: [&str; 6] = ["--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"];

fn explain(sandbox: &Sandbox, more: &[&str]) -> Call {
    sandbox.govctl(["diff", "explain"].iter().chain(&SOURCES).chain(more))
}

fn record(output: &Output) -> Value {
    let records = output.of_type("govctl.diff.explain/1");
    assert_eq!(records.len(), 1);
    records[0].clone()
}

/// The columns that are not equal, with the reason.
fn differing(record: &Value) -> Vec<(String, String)> {
    let text = |c: &Value, name: &str| c[name].as_str().unwrap_or_default().to_owned();
    let cols = record["cols"].as_array().unwrap().iter();
    cols.filter(|c| c["equal"] != true).map(|c| (text(c, "name"), text(c, "why"))).collect()
}

#[test]
fn each_planted_difference_has_its_reason() {
    let sandbox = Sandbox::with_captures();
    for (key, column, why) in [
        ("eiger/10204", "action", "other value; rhs shows an earlier value of the other side"),
        ("dune/10323", "resource", "NFC against NFD: NFC on lhs, NFD on rhs"),
        ("cora/10322", "tags", "array order: the same elements (`as_set: true` compares them as a set)"),
        ("eiger/10324", "resource", "null against value: null on lhs"),
        ("bolt/10351", "local_at", "precision: differs only below ms"),
        ("acme/10350", "qty", "lossy capture: NaN or Infinity became null on lhs"),
        ("acme/10345", "payload", "other value; lhs shows an earlier value of the other side"),
        ("bolt/10321", "details", "json member $.a[1] differs"),
        ("acme/10320", "actor", "other value"),
    ] {
        let record = record(&explain(&sandbox, &["--key", key]).exits(1));
        assert_eq!(differing(&record), [(column.to_owned(), why.to_owned())], "{key}");
    }
}

#[test]
fn every_key_has_the_verdict_of_a_run() {
    let sandbox = Sandbox::with_captures();
    let run = sandbox.govctl(["diff", "run"].iter().chain(&SOURCES)).exits(1);
    let all = run.of_type("govctl.diff/1");
    let closed = |id: &Value| all.iter().any(|r| r["state"] == "closed" && r["diff_id"] == *id);
    let open = |r: &&Value| r["reason"] == "mismatch" && !closed(&r["diff_id"]);
    let mismatches: Vec<&Value> = all.iter().filter(open).collect();
    assert_eq!(mismatches.len(), 9);
    for diff in mismatches {
        let key = format!("{}/{}", diff["tenant"].as_str().unwrap(), diff["id"].as_str().unwrap());
        let record = record(&explain(&sandbox, &["--key", &key, "--kind", "audit"]).exits(1));
        let names: Vec<String> = differing(&record).into_iter().map(|(name, _)| name).collect();
        assert_eq!(Value::from(names), diff["cols"], "{key}");
        let last = |side: &str| {
            let mut history = record["history"].as_array().unwrap().iter();
            history.rfind(|e| e["side"] == side).unwrap()["at"].clone()
        };
        assert_eq!((last("lhs"), last("rhs")), (diff["lhs_at"].clone(), diff["rhs_at"].clone()), "{key}");
    }
    for equal in ["acme/10205", "bolt/10206", "cora/10207"] {
        assert_eq!(differing(&record(&explain(&sandbox, &["--key", equal]).exits(0))), []);
    }
    let missing = record(&explain(&sandbox, &["--key", "cora/10007"]).exits(1));
    let columns = differing(&missing);
    assert_eq!(columns.len(), 21);
    assert!(columns.iter().all(|(_, why)| why == "row missing on rhs"));
}

#[test]
fn two_regions_can_compare_without_values() {
    let sandbox = Sandbox::with_captures();
    let one = |side: &str, file: &str, more: &[&str]| {
        let args = ["diff", "explain", "--types", "types.yaml", "--key", "eiger/10204", side, file];
        record(&sandbox.govctl(args.iter().chain(more)).exits(0))
    };
    let digests = |record: &Value, name: &str| -> Vec<(Value, Value)> {
        let cols = record["cols"].as_array().unwrap().iter();
        cols.map(|c| (c["name"].clone(), c[name].clone())).filter(|(_, sha)| !sha.is_null()).collect()
    };
    let (us, eu) = (one("--lhs", "us.ndjson", &[]), one("--rhs", "eu.ndjson", &[]));
    let (us, eu) = (digests(&us, "lhs_sha256"), digests(&eu, "rhs_sha256"));
    let apart: Vec<&Value> = us.iter().zip(&eu).filter(|(a, b)| a != b).map(|(a, _)| &a.0).collect();
    assert_eq!((us.len(), apart), (20, vec![&Value::from("action")]));
    assert!(digests(&one("--lhs", "us.ndjson", &[]), "rhs_sha256").is_empty());
    sandbox.govctl(["util", "keygen", "--kind", "hmac", "--out", "k"]).exits(0);
    let keyed = digests(&one("--lhs", "us.ndjson", &["--hmac-key", "k"]), "lhs_sha256");
    assert!(keyed.iter().zip(&us).all(|(a, b)| a.0 == b.0 && a.1 != b.1), "a key changes every digest");
}

#[test]
fn values_are_printed_only_on_request() {
    let sandbox = Sandbox::with_captures();
    let plain = explain(&sandbox, &["--key", "eiger/10204"]).exits(1);
    for value in ["lost.update", "svc-8@eiger.example", "_text"] {
        assert!(!plain.text().contains(value), "{value} in {}", plain.text());
    }
    let human = explain(&sandbox, &["--key", "eiger/10204", "--format", "human"]).exits(1);
    assert!(!human.text().contains("lost.update"));
    for fact in ["differs in action; 3 events", "COLUMN", "WHY", "earlier value", "VERSION", "mirror/2/72"] {
        assert!(human.text().contains(fact), "{fact} is not in {}", human.text());
    }
    let record = record(&explain(&sandbox, &["--key", "eiger/10204", "--values"]).exits(1));
    assert_eq!(record["cols"][0]["lhs_text"], "\"lost.update\"");
    let human = explain(&sandbox, &["--key", "eiger/10204", "--values", "--format", "human"]).exits(1);
    assert!(human.text().contains("\"lost.update\""));
}

#[test]
fn a_diff_names_its_key() {
    let sandbox = Sandbox::with_captures();
    let run = sandbox.govctl(["diff", "run"].iter().chain(&SOURCES)).exits(1);
    sandbox.write("diffs.ndjson", &run.stdout);
    let diffs = run.of_type("govctl.diff/1");
    let diff = diffs.iter().find(|d| d["id"] == "10323").unwrap();
    let id = diff["diff_id"].as_str().unwrap();
    let found = record(&explain(&sandbox, &["--diff-id", id, "--diffs", "diffs.ndjson"]).exits(1));
    assert_eq!((found["tenant"].as_str(), found["id"].as_str()), (Some("dune"), Some("10323")));
    let unknown = explain(&sandbox, &["--diff-id", "00", "--diffs", "diffs.ndjson"]).exits(2);
    unknown.says(&["no diff `00`", "diffs.ndjson"]);
    // A cut stream is used and said to be cut.
    let cut = run.text().rsplit_once("{\"schema\":\"govctl.run/1\"").unwrap().0.to_owned();
    sandbox.write("cut.ndjson", cut);
    let output = explain(&sandbox, &["--diff-id", id, "--diffs", "cut.ndjson"]).exits(3);
    assert_eq!(record(&output)["id"], "10323");
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let sandbox = Sandbox::with_captures();
    explain(&sandbox, &["--key", "acme/1"]).exits(2).says(&["no event of the key acme/1", "hint"]);
    explain(&sandbox, &["--key", "acme"]).exits(2).says(&["--key", "TENANT/ID"]);
    explain(&sandbox, &["--key", "acme/10204", "--kind", "audits"]).exits(2).says(&["did you mean `audit`"]);
    explain(&sandbox, &["--diff-id", "1"]).exits(2).says(&["--diffs"]);
    explain(&sandbox, &[]).exits(2).says(&["--key"]);
    // With unreadable records the key may be among them.
    let us = sandbox.read("us.ndjson") + "{\"topic\":\n";
    sandbox.write("us.ndjson", us);
    let output = explain(&sandbox, &["--key", "acme/1"]).exits(3);
    assert!(output.stderr.contains("not everything could be read"), "{}", output.stderr);
    explain(&sandbox, &["--key", "acme/10205"]).exits(3);
}

#[test]
fn keys_as_arrays_compressed_sources_and_standard_input() {
    let sandbox = Sandbox::with_captures();
    let eu = std::fs::read(sandbox.path("eu.ndjson")).unwrap();
    sandbox.write("eu.zst", zstd::encode_all(eu.as_slice(), 3).unwrap());
    let us = std::fs::read(sandbox.path("us.ndjson")).unwrap();
    let expected = record(&explain(&sandbox, &["--key", "eiger/10204"]).exits(1));
    for key in ["[\"eiger\",10204]", "[\"audit\", \"eiger\", 10204]"] {
        let args = ["diff", "explain", "--types", "types.yaml", "--lhs", "-", "--rhs", "eu.zst", "--key", key];
        assert_eq!(record(&sandbox.govctl(args).stdin(us.clone()).exits(1)), expected);
    }
}
