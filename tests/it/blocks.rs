//! Recordings whose events carry schema blocks need no types.yaml; nothing is guessed where a block is missing.

use serde_json::{Value, json};

use crate::audit::{proof as proof_of, *};
use crate::common::{Call, Output, Sandbox};

const BLOCKS: &str = "variants/schemas_true.ndjson";

/// The recording with schema blocks, of one region, as values to be changed.
fn recording(region: &str) -> Vec<Value> {
    let text = text(BLOCKS).replace("audit.US", &format!("audit.{region}"));
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|r| format!("{r}\n")).collect()
}

/// Takes the schema blocks off a record.
fn bare(record: &Value) -> Value {
    let mut record = record.clone();
    for part in ["key", "value"] {
        record[part] = record[part]["payload"].take();
    }
    record
}

/// A sandbox with us.ndjson and eu.ndjson, after `change` did something to the EU.
fn prepared(change: impl Fn(&mut [Value])) -> Sandbox {
    let s = Sandbox::new();
    s.write("us.ndjson", lines(&recording("US")));
    let mut eu = recording("EU");
    change(&mut eu);
    s.write("eu.ndjson", lines(&eu));
    s
}

fn between(s: &Sandbox, lhs: &str, rhs: &str, more: &[&str]) -> Call {
    s.govctl(["diff", "run", "--now", NOW, "--lhs", lhs, "--rhs", rhs].iter().chain(more))
}

fn fused(s: &Sandbox) -> Call {
    between(s, "us.ndjson", "eu.ndjson", &[])
}

fn stderr_has(output: &Output, texts: &[&str]) {
    for text in texts {
        assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
    }
}

/// The last row event of a key.
fn row_of(records: &mut [Value], id: u64) -> &mut Value {
    let found = records.iter_mut().rfind(|r| r["value"]["payload"]["after"]["id"] == id);
    &mut found.unwrap()["value"]["payload"]["after"]
}

/// acme/1 keeps its value in another spelling, which only the type json makes equal; acme/2 gets another amount.
fn planted(eu: &mut [Value]) {
    let same = row_of(eu, 1);
    assert_eq!(same["details"], r#"{"a": 2, "b": 1}"#);
    same["details"] = r#"{"b":1.0,"a":2}"#.into();
    let other = row_of(eu, 2);
    assert_eq!(other["amount"], "nA==");
    other["amount"] = "AQ==".into();
}

fn is_the_planted_difference(records: &[Value], cols: &Value) {
    let found = open(records);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["acme/2"]);
    assert_eq!((&found["acme/2"]["reason"], &found["acme/2"]["cols"]), (&"mismatch".into(), cols));
    let c = counts(records);
    // acme/3 was deleted on both sides.
    assert_eq!((c["ok"], c["diff"], c["inconclusive"], c["read"]), (2, 1, 0, 12));
}

#[test]
fn blocks_on_both_sides_are_the_types_and_the_evidence_says_so() {
    let s = prepared(planted);
    let records = between(&s, "us.ndjson", "eu.ndjson", &["--evidence", "out"]).exits(1).records();
    is_the_planted_difference(&records, &json!(["amount"]));
    let found = findings(&records);
    for side in ["lhs", "rhs"] {
        assert!(found.contains(&format!("schema_blocks {side} audit_events")), "{found:?}");
    }
    let proof = proof_of(&s, "out");
    assert_eq!((&proof["schema_blocks"], &proof["inferred"]), (&true.into(), &false.into()));
    assert_eq!(proof["types_sha256"], Value::Null);
    let dir = evidence(&s, "out");
    let verify = ["diff", "verify", &dir, "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "--require", "partition_root"];
    s.govctl(verify).exits(0);
    // With a types.yaml nothing of this is said.
    let types = text("variants/types.yaml").replace("rhs: audit.US", "rhs: audit.EU");
    s.write("types.yaml", types.replace("EU, connector: audit.US", "EU, connector: audit.EU"));
    let typed = run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &["--evidence", "typed"]).exits(1).records();
    assert!(!findings(&typed).iter().any(|f| f.starts_with("schema_blocks")));
    assert_eq!(proof_of(&s, "typed").get("schema_blocks"), None);
}

#[test]
fn pipes_and_compressed_files_are_no_exception() {
    let s = prepared(planted);
    let plain = fused(&s).exits(1).records();
    let (us, eu) = (s.read("us.ndjson"), s.read("eu.ndjson"));
    s.write("us.gz", gzip(us.as_bytes()));
    s.write("eu.zst", zstd::encode_all(eu.as_bytes(), 3).unwrap());
    s.write("us.kcat", kcat(&us));
    for (lhs, rhs) in [("us.gz", "eu.zst"), ("us.kcat", "eu.ndjson")] {
        assert_eq!(data(&between(&s, lhs, rhs, &[]).exits(1).records()), data(&plain), "{lhs} {rhs}");
    }
    // Heartbeats before the first row are read through, and not lost.
    let heartbeat = |offset: u64| {
        json!({"topic": "__debezium-heartbeat.audit.US", "partition": 0, "offset": offset,
            "timestamp": 1_795_465_082_000u64, "key": {}, "value": {"ts_ms": 1_795_465_082_000u64}, "headers": []})
    };
    let many: Vec<Value> = (0..700).map(heartbeat).collect();
    let piped = between(&s, "-", "eu.ndjson", &[]).stdin(lines(&many) + &us).exits(1).records();
    assert_eq!(open(&piped).keys().collect::<Vec<_>>(), ["acme/2"]);
    assert_eq!((counts(&piped)["control"], counts(&piped)["read"]), (700, 712));
    assert_eq!(open(&piped)["acme/2"]["cols"], Value::Null);
}

#[test]
fn one_sided_blocks_are_refused_with_the_side_that_lacks_them() {
    let s = prepared(|eu| eu.iter_mut().for_each(|r| *r = bare(r)));
    let ways = ["--suggest-types --lhs us.ndjson --rhs eu.ndjson", "--infer --lhs us.ndjson --rhs eu.ndjson"];
    let output = fused(&s).exits(2);
    output.says(&["eu.ndjson:1: ", "us.ndjson (lhs) carries schema blocks, but eu.ndjson (rhs) does not"]);
    output.says(&ways);
    output.says(&["`audit.EU.public.audit_events`"]);
    between(&s, "eu.ndjson", "us.ndjson", &[])
        .exits(2)
        .says(&["us.ndjson (rhs) carries schema blocks, but eu.ndjson (lhs) does not"]);
    between(&s, "us.ndjson", "-", &[]).stdin(s.read("eu.ndjson")).exits(2).says(&["-:1: ", "but - (rhs) does not"]);
    s.write("eu.gz", gzip(s.read("eu.ndjson").as_bytes()));
    between(&s, "us.ndjson", "eu.gz", &[]).exits(2).says(&["eu.gz:1: ", "but eu.gz (rhs) does not"]);
    // Recordings without any row have no blocks either, and equal nothing to nothing.
    s.write("none", "");
    between(&s, "none", "/dev/null", &[]).exits(2).says(&["carry no schema blocks"]);
    // A side without rows lacks them, which is a finding.
    assert_eq!(counts(&between(&s, "us.ndjson", "none", &[]).exits(1).records())["missing"], 2);
}

#[test]
fn a_topic_without_blocks_is_named() {
    let s = prepared(|_| {});
    let mut us = recording("US");
    let mut other = bare(&us[0]);
    other["topic"] = "audit.US.public.notes".into();
    us.insert(3, other);
    s.write("us.ndjson", lines(&us));
    fused(&s).exits(2).says(&[
        "us.ndjson:4: ",
        "`audit.US.public.notes`",
        "no schema blocks",
        "--suggest-types",
        "--infer",
    ]);
}

#[test]
fn a_later_row_without_its_block_is_unreadable() {
    let s = prepared(planted);
    let mut us = recording("US");
    // The event of acme/2, with another value: without its block that value has no type.
    row_of(&mut us, 2)["amount"] = "AQ==".into();
    us[1] = bare(&us[1]);
    s.write("us.ndjson", lines(&us));
    for way in ["file", "pipe"] {
        let call = match way {
            "file" => between(&s, "us.ndjson", "eu.ndjson", &["--dead-letter", "dead"]),
            _ => between(&s, "-", "eu.ndjson", &["--dead-letter", "dead"]).stdin(s.read("us.ndjson")),
        };
        let output = call.exits(3);
        stderr_has(&output, &[":2: the record has no schema block"]);
        let c = counts(&output.records());
        assert_eq!((c["poison"], c["inconclusive"], c["ok"], c["diff"]), (1, 1, 2, 0), "{way}");
        let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
        assert_eq!(dead["line"], 2);
    }
}

#[test]
fn a_column_that_has_two_types_is_refused() {
    // decimal.handling.mode=precise on one side and string on the other.
    let as_text = |eu: &mut [Value]| {
        for record in eu.iter_mut().filter(|r| r["value"].is_object()) {
            let text = record["value"]["schema"].to_string();
            let field: Value = record["value"]["schema"]["fields"][1]["fields"][2].clone();
            assert_eq!(field["field"], "amount");
            let changed = text.replace(&field.to_string(), r#"{"type":"string","optional":true,"field":"amount"}"#);
            record["value"]["schema"] = serde_json::from_str(&changed).unwrap();
        }
    };
    let s = prepared(as_text);
    let says = ["`audit_events.amount` is decimal in the schema blocks of lhs and text in those of rhs"];
    fused(&s).exits(2).says(&says);
    for (side, name) in [("lhs", "us"), ("rhs", "eu")] {
        let output = s.govctl(["diff", "digest", "--side", side, &format!("{name}.ndjson")]).exits(0);
        s.write(&format!("{name}.digests"), &output.stdout);
    }
    let output = s.govctl(["diff", "run", "--digests", "us.digests", "eu.digests"]).exits(2);
    stderr_has(&output, &says);
}

#[test]
fn digests_by_blocks_give_the_fused_run() {
    let s = prepared(planted);
    let fused = between(&s, "us.ndjson", "eu.ndjson", &["--evidence", "fused"]).exits(1).records();
    for (side, name) in [("lhs", "us"), ("rhs", "eu")] {
        let call = s.govctl(["diff", "digest", "--side", side, "-"]).stdin(s.read(&format!("{name}.ndjson")));
        let output = call.exits(0);
        let decode = output.of_type("govctl.diff.decode/1").remove(0);
        assert_eq!(decode["schema_blocks"], true);
        assert_eq!(decode["column_types"]["audit_events.tags"], json!(["array of text"]));
        s.write(&format!("{name}.digests"), &output.stdout);
    }
    let digests = ["us.digests", "eu.digests"];
    let args = ["diff", "run", "--now", NOW, "--evidence", "apart", "--digests"];
    let apart = s.govctl(args.iter().chain(&digests)).exits(1).records();
    is_the_planted_difference(&apart, &Value::Null);
    assert_eq!(counts(&apart), counts(&fused));
    let (apart, fused) = (proof_of(&s, "apart"), proof_of(&s, "fused"));
    for field in ["root", "schema_blocks", "inferred", "columns_not_compared"] {
        assert_eq!(apart[field], fused[field], "{field}");
    }
    // Digests made by a types.yaml, or under a key, are not comparable with these.
    let types = fixture("variants/types.yaml");
    let typed = s.govctl(["diff", "digest", "--side", "lhs", "--types", &types, &fixture(BLOCKS)]).exits(0);
    s.write("typed.digests", &typed.stdout);
    s.govctl(["util", "keygen", "--kind", "hmac", "--out", "key"]).exits(0);
    let keyed = s.govctl(["diff", "digest", "--side", "lhs", "--hmac-key", "key", "us.ndjson"]).exits(0);
    s.write("keyed.digests", &keyed.stdout);
    for lhs in ["typed.digests", "keyed.digests"] {
        let output = s.govctl(["diff", "run", "--digests", lhs, "eu.digests"]).exits(2);
        stderr_has(&output, &[&format!("{lhs}:"), "profile_fp"]);
    }
}

#[test]
fn digests_of_recordings_without_blocks_are_refused() {
    let s = Sandbox::new();
    s.write("us.ndjson", text(US));
    let args = ["diff", "digest", "--side", "lhs", "us.ndjson"];
    let output = s.govctl(args).exits(2);
    output.says(&["carry no schema blocks", "--suggest-types"]);
    assert!(!output.stderr.contains("--infer"), "{}", output.stderr);
    s.govctl(args.iter().chain(&["--infer"])).exits(2).says(&["digests need a types.yaml"]);
}

#[test]
fn rows_without_an_event_key_are_refused() {
    let keyless = |eu: &mut [Value]| eu.iter_mut().for_each(|r| r["key"] = Value::Null);
    let s = prepared(keyless);
    fused(&s).exits(2).says(&["eu.ndjson:1: ", "`audit.EU.public.audit_events`", "have no event key"]);
    between(&s, "us.ndjson", "eu.ndjson", &["--infer"]).exits(2).says(&["eu.ndjson:1: ", "have no event key"]);
}

#[test]
fn columns_that_no_block_types_do_not_make_rows_equal() {
    // A table of nothing but a point: Debezium sends it as a struct, which the profile does not know.
    let schema = json!({"type": "struct", "fields": [
        {"type": "int64", "field": "id"},
        {"type": "struct", "name": "io.debezium.data.geometry.Point", "field": "at",
            "fields": [{"type": "double", "field": "x"}, {"type": "double", "field": "y"}]}]});
    let event = |region: &str, x: f64| {
        let row = json!({"id": 1, "at": {"x": x, "y": 0.5}});
        let value = json!({"schema": schema, "payload": row});
        let key = json!({"id": 1});
        json!({"topic": format!("{region}.t"), "partition": 0, "offset": 0, "timestamp": 1, "key": key, "value": value})
    };
    let s = Sandbox::new();
    s.write("us.ndjson", lines(&[event("us", 1.0)]));
    s.write("eu.ndjson", lines(&[event("eu", 2.0)]));
    fused(&s).exits(2).says(&["us.ndjson:1: ", "no column of table `t` besides its key would be compared"]);
}
