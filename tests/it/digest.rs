//! `diff digest --suggest-types`: what it finds out, what it leaves to a person, and that its file works.

use govctl::diff::types::{Logical, Wire, parse};
use serde_json::Value;

use crate::audit::*;
use crate::common::{Output, Sandbox};

fn suggest(s: &Sandbox, lhs: &str, rhs: &str) -> Output {
    s.govctl(["diff", "digest", "--suggest-types", "--lhs", lhs, "--rhs", rhs]).exits(0)
}

#[test]
fn on_the_captures_one_scale_is_left_to_a_person_and_the_rest_is_right() {
    let s = Sandbox::new();
    let proposal = suggest(&s, &fixture(US), &fixture(EU)).text().to_owned();
    s.write("types.yaml", &proposal);
    let line = 1 + proposal.lines().position(|l| !l.starts_with('#') && l.contains("scale: ?")).unwrap();
    assert_eq!(proposal.matches("scale: ?").count(), 2, "one in the column, one in the heading's explanation");
    assert!(proposal.contains("\n# 1 scale left open as `scale: ?`: "), "{proposal}");
    let refused = run(&s, "types.yaml", US, EU, &[]).exits(2);
    refused.says(&[&format!("types.yaml:{line}:"), "the scale is not decided", "4 for numeric(18,4)"]);
    // numeric(18,4), says the fixture's README.
    s.write("types.yaml", proposal.replace("scale: ? }", "scale: 4 }"));
    let found = open(&run(&s, "types.yaml", US, EU, &[]).exits(1).records());
    let planted: Vec<Value> = serde_json::from_str(&text("planted.json")).unwrap();
    let wanted = |p: &&Value| ["missing_in_eu", "missing_in_us", "mismatch"].contains(&p["kind"].as_str().unwrap());
    let mut expected: Vec<_> =
        planted.iter().filter(wanted).map(|p| (p["id"].to_string(), p["cols"].clone())).collect();
    let mut got: Vec<_> = found.values().map(|d| (d["id"].as_str().unwrap().to_owned(), d["cols"].clone())).collect();
    expected.sort_by_key(|e| e.0.clone());
    got.sort_by_key(|e| e.0.clone());
    assert_eq!(got, expected);
}

#[test]
fn the_guesses_are_those_of_the_fixtures_own_types_yaml() {
    let s = Sandbox::new();
    let proposal = suggest(&s, &fixture(US), &fixture(EU)).text().replace("scale: ? }", "scale: 4 }");
    let got = parse(&proposal, "got").unwrap();
    let right = parse(&text("types.yaml"), "right").unwrap();
    for side in [govctl::record::diff::Side::Lhs, govctl::record::diff::Side::Rhs] {
        let (a, b) = (got.side(side), right.side(side));
        assert_eq!((&a.region, &a.connector, a.heartbeat_ms), (&b.region, &b.connector, b.heartbeat_ms));
    }
    let (got, right) = (&got.tables[0], &right.tables[0]);
    assert_eq!((&got.topics, &got.key), (&right.topics, &right.key));
    assert!(got.ignore.keys().eq(right.ignore.keys()));
    assert!(got.columns.keys().eq(right.columns.keys()));
    for (name, column) in &right.columns {
        let guess = &got.columns[name];
        assert_eq!(guess.toast, column.toast, "{name}");
        // JSON does not tell float4 from float8, and both sides print the same digits.
        let logical = if name == "risk" { &Logical::Float64 } else { &column.logical };
        assert_eq!(&guess.logical, logical, "{name}");
        for (side, wire) in column.wires.iter().enumerate().filter(|(_, wire)| wire.wire.is_some()) {
            assert_eq!(&guess.wires[side], wire, "{name}");
        }
    }
    assert_eq!(got.columns["local_at"].wires[0].wire, Some(Wire::EpochMs));
}

#[test]
fn schema_blocks_give_facts_and_the_file_is_valid_at_once() {
    let s = Sandbox::new();
    let us = "variants/schemas_true.ndjson";
    s.write("eu.ndjson", text(us).replace("audit.US", "audit.EU"));
    let proposal = suggest(&s, &fixture(us), "eu.ndjson").text().to_owned();
    let columns = proposal.split_once("    columns:\n").unwrap().1;
    assert!(!columns.contains("guessed"), "{columns}");
    assert!(columns.contains("amount: { type: decimal, wire: base64, scale: 4 }\n"), "{columns}");
    s.write("types.yaml", &proposal);
    run(&s, "types.yaml", us, "eu.ndjson", &[]).exits(0).records();
}

#[test]
fn every_guess_says_why_and_the_order_is_stable() {
    let s = Sandbox::new();
    let first = suggest(&s, &fixture(US), &fixture(EU)).text().to_owned();
    assert_eq!(suggest(&s, &fixture(US), &fixture(EU)).text(), first);
    let columns = first.split_once("    columns:\n").unwrap().1;
    for line in columns.lines().filter(|l| !l.ends_with(':')) {
        assert!(line.contains("  # guessed: "), "{line}");
    }
    assert!(first.contains("      region_loaded_at: \"only in EU: say why\"  # guessed: "), "{first}");
}

#[test]
fn bare_values_need_a_table_and_get_a_guessed_key() {
    let s = Sandbox::new();
    let bare: String =
        text(US).lines().map(|l| format!("{}\n", key_and_value(l).1)).filter(|l| l.contains("\"op\"")).collect();
    s.write("us.bare", &bare);
    let args = ["diff", "digest", "--suggest-types", "--lhs", "us.bare"];
    s.govctl(args).exits(3).says(&["us.bare", "which table", "--table KIND"]);
    let proposal = s.govctl(args.iter().chain(&["--table", "audit"])).exits(0);
    let proposal = proposal.text();
    for line in [
        "  - kind: audit\n",
        "    lhs: audit.US.public.audit_events\n",
        "    key: { tenant: tenant, id: [id] }  # guessed: ",
    ] {
        assert!(proposal.contains(line), "{line} is not in\n{proposal}");
    }
    // Of the side without a recording it knows nothing: here it is the EU.
    let eu = |line: &str| {
        if line.trim_start().starts_with("rhs:") { line.replace("audit.US", "audit.EU") } else { line.to_owned() }
    };
    // Base64 that may be a decimal is not taken for bytes: two scales would compare equal.
    let amount = proposal.lines().find(|line| line.contains("amount:")).unwrap();
    assert!(amount.contains("scale: ?") && amount.contains("; bytes if it is no decimal"), "{amount}");
    let decided = proposal.replace("scale: ?", "scale: 4");
    s.write("types.yaml", decided.lines().map(|line| eu(line) + "\n").collect::<String>());
    // Another database has log positions of its own.
    s.write("eu.bare", bare.replace("audit.US", "audit.EU").replace("\"lsn\":", "\"lsn\":9"));
    run(&s, "types.yaml", "us.bare", "eu.bare", &[]).exits(0);
}

#[test]
fn odd_names_survive_the_yaml() {
    let s = Sandbox::new();
    let names = [
        "yes",
        "1st",
        "a b",
        "c: d",
        "e#f",
        "ü",
        "\"q\"",
        "null",
        "- x",
        "tab\there",
        "new\nline",
        "'",
        "@",
        "{",
        "0x1F",
        "1e3",
    ];
    let mut row: serde_json::Map<String, Value> = names.iter().map(|n| ((*n).to_owned(), Value::from("v v"))).collect();
    row.insert("id".into(), 1.into());
    let event = serde_json::json!({"topic": "p.q.t", "partition": 0, "offset": 0, "timestamp": 1, "key": {"id": 1},
        "value": {"before": null, "after": row, "source": {"name": "p", "table": "on"}, "op": "c", "ts_ms": 1}});
    s.write("a.ndjson", format!("{event}\n"));
    let proposal = suggest(&s, "a.ndjson", "a.ndjson").text().to_owned();
    let types = parse(&proposal, "t").unwrap_or_else(|e| panic!("{e}\n{proposal}"));
    let mut expected: Vec<&str> = names.into_iter().chain(["id"]).collect();
    expected.sort_unstable();
    assert_eq!(types.tables[0].columns.keys().collect::<Vec<_>>(), expected);
    assert_eq!(types.tables[0].kind, "on");
}

#[test]
fn unreadable_lines_are_named_and_the_rest_is_used() {
    let s = Sandbox::new();
    let mut lines: Vec<String> = text(US).lines().map(str::to_owned).collect();
    lines[6].truncate(100);
    s.write("us.ndjson", lines.join("\n"));
    let output = s.govctl(["diff", "digest", "--suggest-types", "--lhs", "us.ndjson", "--rhs", &fixture(EU)]).exits(3);
    assert!(output.stderr.contains("us.ndjson:7: "), "{}", output.stderr);
    assert!(output.text().contains("valid_for: { type: interval"));
    s.write("none.ndjson", "");
    let args = ["diff", "digest", "--suggest-types", "--lhs", "none.ndjson", "--rhs", "none.ndjson"];
    s.govctl(args).exits(3).says(&["no change events of a table"]);
}

/// What `run` refuses is not proposed to it.
#[test]
fn events_of_another_connector_are_refused_as_run_refuses_them() {
    let s = Sandbox::with_captures();
    let mysql = |text: &str| text.replace("\"connector\":\"postgresql\"", "\"connector\":\"mysql\"");
    s.write("my.ndjson", mysql(&text(US)));
    let message = "my.ndjson:1: the events of `audit.US.audit_events.mirror` are those of Debezium's connector for mysql; \
                   only PostgreSQL's are read";
    let suggest = |lhs| s.govctl(["diff", "digest", "--suggest-types", "--lhs", lhs, "--rhs", &fixture(EU)]);
    suggest("my.ndjson").exits(2).says(&[message, "out of the recording"]);
    run(&s, "types.yaml", "my.ndjson", EU, &[]).exits(2).says(&[message]);
    // Behind rows of PostgreSQL such a record is a damaged one.
    let one = text(US).lines().next().map(mysql).unwrap();
    s.write("us.ndjson", text(US) + &one + "\n");
    let output = suggest("us.ndjson").exits(3);
    let says = "us.ndjson:328: `mysql` is not Debezium's connector for PostgreSQL";
    assert!(output.stderr.contains(says) && output.text().contains("tables:"), "{}", output.stderr);
}
