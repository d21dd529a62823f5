//! An event key that is not that of its row: two rows would be taken for one, and what differs in the other be hidden.

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::{Call, Sandbox};

/// Row 1 differs. The row with id 2 comes under the event key of row 1, on both sides and later.
fn write(s: &Sandbox, edit: impl Fn(String) -> String) {
    for (side, topic, v) in [("us", "US.t", "a"), ("eu", "EU.t", "DIFF")] {
        let second: Value = serde_json::from_str(&event(topic, 1, 1_000, 2, "a")).unwrap();
        let mut second = second;
        second["key"]["id"] = 1.into();
        s.write(side, edit(format!("{}\n{second}\n", event(topic, 0, 0, 1, v))));
    }
}

#[test]
fn a_row_under_the_key_of_another_is_unreadable() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    s.write("const.yaml", SMALL.replace("{ tenant: tenant, id: [id] }", "{ tenant: { const: x }, id: [id, tenant] }"));
    let cause = "the event key is not that of the row";
    let flat = |text: String| {
        let row = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line["value"] = line["value"]["after"].take();
            format!("{line}\n")
        };
        text.lines().map(row).collect::<String>()
    };
    for types in ["t.yaml", "const.yaml"] {
        for (framing, edit) in
            [("capture", &(|t| t) as &dyn Fn(String) -> String), ("kcat", &|t| kcat(&t)), ("flat", &flat)]
        {
            write(&s, edit);
            let output = run(&s, types, "us", "eu", &[]).exits(3);
            let (us, eu) = (format!("us:2: {cause}"), format!("eu:2: {cause}"));
            assert!(output.stderr.contains(&us) && output.stderr.contains(&eu), "{framing}: {}", output.stderr);
            let c = counts(&output.records());
            assert_eq!((c["ok"], c["inconclusive"], c["poison"]), (0, 1, 2), "{types} {framing}");
        }
    }
    // The same without a types.yaml, where a key is compared as it is spelled.
    let field = |name: &str, of: &str| serde_json::json!({"field": name, "type": of});
    let row = [field("tenant", "string"), field("id", "int64"), field("v", "string")];
    let schema = serde_json::json!({"type": "struct", "fields": [{"field": "after", "type": "struct", "fields": row}]});
    let block = |text: String| {
        let wrap = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line["value"] = serde_json::json!({"schema": schema, "payload": line["value"].take()});
            format!("{line}\n")
        };
        text.lines().map(wrap).collect::<String>()
    };
    write(&s, block);
    let output = s.govctl(["diff", "run", "--lhs", "us", "--rhs", "eu"]).exits(3);
    assert!(output.stderr.contains(&format!("eu:2: {cause}")), "{}", output.stderr);
    let digest = s.govctl(["diff", "digest", "--side", "lhs", "--types", "t.yaml", "us"]).exits(3);
    assert!(digest.stderr.contains("us:2: the event key is not that of the row"), "{}", digest.stderr);
}

/// What names no key in its row, and what spells it in another way, is no contradiction.
#[test]
fn keys_that_say_the_same() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL.replace("id: int", "id: decimal"));
    for (side, topic) in [("us", "US.t"), ("eu", "EU.t")] {
        let line = |n, id: &str| event(topic, n, 0, 77, "a").replacen("\"id\":77", &format!("\"id\":{id}"), 1);
        let without = event(topic, 2, 0, 5, "a").replace("\"after\":{\"id\":5,", "\"after\":{");
        assert!(!without.contains("\"after\":{\"id\""));
        s.write(side, [line(0, "77.0"), line(1, "\"7.7e1\""), without].map(|l| l + "\n").concat());
    }
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(0).records();
    assert_eq!((counts(&records)["ok"], counts(&records)["poison"]), (2, 0));
}

/// A second record at an offset: digests tell of it once and with its place, as the recordings do.
#[test]
fn digests_tell_of_a_repeated_offset_once() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let repeated = [event("US.t", 0, 0, 1, "a"), event("US.t", 0, 0, 1, "b")];
    s.write("us", repeated.map(|l| l + "\n").concat());
    s.write("eu", event("EU.t", 0, 0, 1, "a") + "\n");
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(3).records();
    let unreadable =
        |records: &[Value]| -> Vec<Value> { records.iter().filter(|r| r["code"] == "unreadable").cloned().collect() };
    let found = unreadable(&records);
    assert_eq!((found.len(), &found[0]["file"], &found[0]["line"]), (1, &json!("us"), &json!(2)));
    for (side, file) in [("lhs", "us"), ("rhs", "eu")] {
        s.write(&format!("{file}.digests"), digest_of(&s, side, file));
    }
    let digests = over_digests(&s).exits(3).records();
    assert_eq!((unreadable(&digests), counts(&digests)), (found, counts(&records)));
}

fn digest_of(s: &Sandbox, side: &str, file: &str) -> Vec<u8> {
    s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", file]).run().stdout
}

fn over_digests(s: &Sandbox) -> Call {
    s.govctl(["diff", "run", "--now", NOW, "--types", "t.yaml", "--digests", "us.digests", "eu.digests"])
}
