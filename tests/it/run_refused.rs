//! Wrong configuration and wrong kinds of input: refused with place and hint, before any output.

use crate::audit::*;
use crate::common::Sandbox;

fn types_with(from: &str, to: &str) -> String {
    let types = text("types.yaml");
    assert!(types.contains(from), "{from}");
    types.replacen(from, to, 1)
}

#[test]
fn wrong_types_are_named_with_line_and_column() {
    let s = Sandbox::new();
    for (from, to, texts) in [
        ("risk: high", "rsk: high", vec!["types.yaml:11:5: unknown field `rsk`", "did you mean `risk`?"]),
        (
            "wire: base64, scale: 4",
            "wire: base64",
            vec!["types.yaml:15:17: ", "column `amount`", "needs `scale`", "numeric(18,4)"],
        ),
        ("scale: 4", "scale: ?", vec!["types.yaml:15:", "the scale is not decided"]),
        ("actor: text", "actor: txt", vec!["types.yaml:13:", "unknown type `txt`", "did you mean `text`?"]),
        ("actor: text", "actor: text, actor: text", vec!["types.yaml:13:", "`actor` is there twice"]),
        ("wire: epoch_ms", "wire: epoch", vec!["types.yaml:16:", "wire `epoch` does not fit timestamp", "epoch_us"]),
        ("version: 1", "version: 2", vec!["types.yaml:1:", "version 2 is unknown"]),
        ("\"set by the EU loader, exists in EU only\"", "\"\"", vec!["types.yaml:18:", "needs a reason"]),
        ("heartbeat: 30s", "heartbeat: 30x", vec!["types.yaml:3:"]),
        ("tables:", "tables: [", vec!["types.yaml:"]),
    ] {
        s.write("types.yaml", types_with(from, to));
        run(&s, "types.yaml", US, EU, &[]).exits(2).says(&texts);
    }
    run(&s, "types.yaml", US, EU, &["--types", "absent.yaml"]).exits(2);
}

/// Values under which rows would be equal, or keys undecided, whatever they hold.
#[test]
fn types_that_compare_nothing_are_refused() {
    let s = Sandbox::new();
    for (from, to, texts) in [
        (
            "tables:",
            "placeholder: \"\"\ntables:",
            vec!["types.yaml:5:14: the placeholder is empty", "__debezium_unavailable_value"],
        ),
        ("tables:", "placeholder: \" \t\"\ntables:", vec!["types.yaml:5:14: the placeholder is empty"]),
        ("id: [id]", "id: []", vec!["types.yaml:9:", "at least one id column"]),
        ("id: [id]", "id: [id, id]", vec!["types.yaml:9:", "`id` is in the key twice"]),
        ("id: [id]", "id: [id, tenant]", vec!["types.yaml:9:", "`tenant` is in the key twice"]),
        ("id: [id]", "id: [\"\"]", vec!["types.yaml:9:", "a column of the key has no name"]),
        ("tenant: tenant,", "tenant: \"\",", vec!["types.yaml:9:", "the tenant has no name"]),
        ("tenant: tenant,", "tenant: { const: \" \" },", vec!["types.yaml:9:", "the tenant has no name"]),
        (
            "{ region_loaded_at:",
            "{ id: \"x\", region_loaded_at:",
            vec!["types.yaml:9:", "column `id` of the key is ignored"],
        ),
        ("risk: high", "risk: low\n    sample: { of: 0, take: [0] }", vec!["types.yaml:12:", "`of` is at least 1"]),
        ("risk: high", "risk: low\n    sample: { of: 16, take: [] }", vec!["types.yaml:12:", "`take` not empty"]),
        ("risk: high", "risk: low\n    sample: { of: 16, take: [16] }", vec!["types.yaml:12:", "16 is not below"]),
        (
            "set by the EU loader, exists in EU only",
            "todo",
            vec!["types.yaml:18:", "ignoring `region_loaded_at` needs a reason, and `todo` is none", "say why"],
        ),
        ("kind: audit", "kind: \" \"", vec!["types.yaml:6:", "the table has no name"]),
        ("lhs: audit.US.audit_events.mirror", "lhs: \"\"", vec!["types.yaml:7:", "the topic has no name"]),
        ("region: US", "region: \" \"", vec!["types.yaml:3:", "the region has no name"]),
        ("region: US", "region: EU", vec!["types.yaml:4:16: both sides are in the region `EU`"]),
        ("id: int,", "id: float64,", vec!["types.yaml:13:", "key column `id` cannot be float64"]),
        ("tenant: text,", "tenant: json,", vec!["types.yaml:13:", "key column `tenant` cannot be json"]),
        ("risk: high", "origins: { EU: [pg_1] }", vec!["types.yaml:11:", "`replication: native`"]),
        (
            "replication: opaque",
            "replication: native\n    origins: { UE: [pg_1] }",
            vec!["types.yaml:11:", "`UE` is the region of neither side", "US, EU"],
        ),
    ] {
        s.write("types.yaml", types_with(from, to));
        run(&s, "types.yaml", US, EU, &[]).exits(2).says(&texts);
    }
}

/// Every column that the events hold is ignored or unknown: 302 rows would be equal.
#[test]
fn a_table_whose_columns_are_all_left_out_is_refused() {
    let s = Sandbox::new();
    let head = text("types.yaml").split("    columns:").next().unwrap().to_owned();
    let mut names: Vec<String> = Vec::new();
    for file in [US, EU] {
        for line in text(file).lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            names.extend(record["value"]["after"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }
    names.sort();
    names.dedup();
    names.retain(|name| name != "id" && name != "tenant");
    assert_eq!(names.len(), 21, "those of types.yaml without the key");
    let ignored: String = names.iter().map(|name| format!("{name}: because, ")).collect();
    for rest in [String::new(), format!("    ignore: {{ {ignored} }}\n")] {
        s.write("types.yaml", format!("{head}{rest}"));
        let output = run(&s, "types.yaml", US, EU, &[]).exits(2);
        output.says(&["no column of table `audit` besides its key would be compared", "--suggest-types"]);
        run(&s, "types.yaml", US, EU, &["--state", "full", "--at-end", "hold"]).exits(2);
    }
}

/// A table that is nothing but its key is compared by which keys there are.
#[test]
fn a_table_of_keys_alone_is_compared() {
    let s = Sandbox::new();
    let head = text("types.yaml").split("    columns:").next().unwrap().to_owned();
    s.write("types.yaml", head);
    let keys_only = |name: &str| -> String {
        let text = text(name);
        let lines = text.lines().map(|line| {
            let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(row) = record.pointer_mut("/value/after").and_then(|row| row.as_object_mut()) {
                row.retain(|name, _| name == "id" || name == "tenant");
            }
            format!("{record}\n")
        });
        lines.collect()
    };
    s.write("us.ndjson", keys_only(US));
    s.write("eu.ndjson", keys_only(EU));
    let records = run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &[]).exits(1).records();
    // planted.json: 5 are missing in EU and 4 in US.
    assert_eq!((counts(&records)["missing"], counts(&records)["mismatch"]), (9, 0));
}

#[test]
fn without_types_the_error_ends_with_the_two_commands() {
    let s = Sandbox::new();
    s.write("us.ndjson", text(US));
    s.write("eu.ndjson", text(EU));
    let output = s.govctl(["diff", "run", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"]).exits(2);
    let last: Vec<&str> = output.stderr.trim_end().lines().rev().take(2).map(str::trim).collect();
    assert_eq!(last[1], "govctl diff digest --suggest-types --lhs us.ndjson --rhs eu.ndjson > types.yaml");
    assert_eq!(last[0], "govctl diff run --infer --lhs us.ndjson --rhs eu.ndjson");
    assert!(output.stdout.is_empty());
    s.bash(last[1]).exits(0);
    // Decimals in base64 cannot be compared by value, and --infer says so.
    s.bash(last[0]).exits(2).says(&["amount", "base64"]);
}

#[test]
fn an_integer_time_without_a_wire_poisons_and_names_the_key_that_is_missing() {
    let s = Sandbox::new();
    s.write("types.yaml", types_with("lhs: { wire: epoch_us }, rhs: { wire: iso }", "rhs: { wire: iso }"));
    let output = run(&s, "types.yaml", US, EU, &[]).exits(3);
    assert!(output.stderr.contains("column `tod`") && output.stderr.contains("wire"), "{}", output.stderr);
}

#[test]
fn unknown_topics_and_undeclared_columns_are_one_finding_each() {
    let s = Sandbox::new();
    s.write("types.yaml", types_with("ok: bool, ", ""));
    let line = text(US).lines().next().unwrap().replace("audit.US.audit_events.mirror", "audit.US.public.other");
    s.write("us.ndjson", format!("{line}\n{line}\n{}", text(US)));
    let records = run(&s, "types.yaml", "us.ndjson", EU, &["--evidence", "out"]).exits(1).records();
    let found = findings(&records);
    for expected in ["schema_column lhs ok", "schema_column rhs ok", "unmapped_topic lhs audit.US.public.other"] {
        assert_eq!(found.iter().filter(|f| *f == expected).count(), 1, "{expected}: {found:?}");
    }
    let unmapped = records.iter().find(|r| r["code"] == "unmapped_topic").unwrap();
    assert_eq!(unmapped["count"], 2);
    assert_eq!((open(&records).len(), counts(&records)["control"]), (18, 8 + 2));
    let not_compared = proof(&s, "out")["columns_not_compared"].clone();
    assert_eq!(not_compared, serde_json::json!(["audit.ok", "audit.region_loaded_at", "audit.valid_for"]));
}

#[test]
fn registry_framing_is_refused_with_a_hint() {
    let s = Sandbox::new();
    s.write("binary", b"\0\0\0\0\x07\x02abc\n");
    run(&s, "types.yaml", "binary", EU, &[]).exits(2).says(&["binary", "schema registry", "JsonConverter"]);
    // Inside kcat's JSON strings the byte is an escape.
    let mut lines: Vec<String> = kcat(&text(US)).lines().map(str::to_owned).collect();
    lines[3] = lines[3].replacen("\"payload\":\"{", "\"payload\":\"\\u0000{", 1);
    s.write("us.kcat", lines.join("\n"));
    let output = run(&s, "types.yaml", "us.kcat", EU, &[]).exits(2);
    assert!(output.stderr.contains("us.kcat:4: ") && output.stderr.contains("JsonConverter"), "{}", output.stderr);
}

#[test]
fn what_is_no_utf_8_is_called_what_it_is() {
    let s = Sandbox::new();
    let utf_16 = |of: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        let text = text(US);
        mark.encode_utf16().chain(text.encode_utf16()).flat_map(of).collect()
    };
    for (bytes, says, hint) in [
        (utf_16(u16::to_le_bytes, "\u{feff}"), "is UTF-16 text", "iconv -f UTF-16"),
        (utf_16(u16::to_be_bytes, "\u{feff}"), "is UTF-16 text", "iconv -f UTF-16"),
        (utf_16(u16::to_le_bytes, ""), "is UTF-16 text", "iconv -f UTF-16"),
        (utf_16(u16::to_be_bytes, ""), "is UTF-16 text", "iconv -f UTF-16"),
        (gzip(&gzip(text(US).as_bytes())), "is compressed twice", "gzip -dc"),
    ] {
        s.write("us", bytes);
        run(&s, "types.yaml", "us", EU, &[]).exits(2).says(&[&format!("us: {says}"), hint]);
    }
}

#[test]
fn a_schema_block_that_contradicts_types_is_refused_with_both_facts() {
    let s = Sandbox::new();
    let types = text("variants/types.yaml").replacen("details: json", "details: int", 1);
    s.write("types.yaml", types);
    let name = "variants/schemas_true.ndjson";
    s.write("eu.ndjson", text(name));
    run(&s, "types.yaml", name, "eu.ndjson", &[]).exits(2).says(&[
        "details",
        "int in types.yaml",
        "json in the schema block",
    ]);
}

#[test]
fn a_stream_of_records_is_no_recording() {
    let s = Sandbox::new();
    s.write("diffs.ndjson", captures(&s, &[]).exits(1).stdout);
    run(&s, "types.yaml", "diffs.ndjson", EU, &[]).exits(2).says(&[
        "diffs.ndjson",
        "stream of govctl records",
        "--digests",
    ]);
}

#[test]
fn over_the_memory_cap_the_run_ends_with_4() {
    let s = Sandbox::new();
    s.write("us.ndjson", multiplied(60));
    let output = run(&s, "types.yaml", "us.ndjson", EU, &["--max-state-mb", "1"]).exits(4);
    assert!(output.stderr.contains("--max-state-mb"), "{}", output.stderr);
}

#[test]
fn digests_of_other_types_are_not_comparable() {
    let s = Sandbox::new();
    s.write("types.yaml", types_with("ok: bool, ", ""));
    for (side, types, name) in [("lhs", fixture("types.yaml"), US), ("rhs", "types.yaml".into(), EU)] {
        let args = ["diff", "digest", "--side", side, "--types", &types, &fixture(name)];
        s.write(side, s.govctl(args).exits(0).stdout);
    }
    let args = ["diff", "run", "--types", "types.yaml", "--digests", "lhs", "rhs"];
    let output = s.govctl(args).exits(2);
    assert!(output.stderr.contains("profile_fp") && output.stderr.contains("lhs:"), "{}", output.stderr);
}
