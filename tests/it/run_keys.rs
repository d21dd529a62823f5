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
            assert_eq!((c["ok"], c["inconclusive"], c["poison"]), (0, 2, 2), "{types} {framing}");
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
        let without = event(topic, 2, 0, 5, "a").replace("\"acme\",\"id\":5,", "\"acme\",");
        assert!(without.contains("\"after\":{\"tenant\":\"acme\",\"v\""));
        s.write(side, [line(0, "77.0"), line(1, "\"7.7e1\""), without].map(|l| l + "\n").concat());
    }
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(0).records();
    assert_eq!((counts(&records)["ok"], counts(&records)["poison"]), (2, 0));
}

/// Rows 1 and 2 on both sides, then a delete of row 1 whose value was put through `edit` on the EU side.
fn with_delete(s: &Sandbox, edit: impl Fn(&mut Value)) {
    for (side, topic) in [("us", "US.t"), ("eu", "EU.t")] {
        let mut delete: Value = serde_json::from_str(&event(topic, 2, 2_000, 1, "a")).unwrap();
        let row = delete["value"]["after"].take();
        delete["value"]["op"] = "d".into();
        delete["value"]["before"] = row;
        if side == "eu" {
            edit(&mut delete["value"]);
        }
        s.write(side, format!("{}\n{}\n{delete}\n", event(topic, 0, 0, 1, "a"), event(topic, 1, 1_000, 2, "a")));
    }
}

/// A delete of another row than its event key names, in an envelope and flattened, leaves both undecided.
#[test]
fn a_delete_of_another_row_is_unreadable() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let flat = |id: Value| {
        move |value: &mut Value| {
            *value = json!({"tenant": "acme", "id": id, "v": null, "__op": "d", "__deleted": "true"})
        }
    };
    let envelope = |id: Value| move |value: &mut Value| value["before"]["id"] = id.clone();
    let edits: [&dyn Fn(&mut Value); 2] = [&envelope(2.into()), &flat(2.into())];
    for edit in edits {
        with_delete(&s, edit);
        let output = run(&s, "t.yaml", "us", "eu", &[]).exits(3);
        assert!(output.stderr.contains("eu:3: the event key is not that of the row"), "{}", output.stderr);
        let c = counts(&output.records());
        assert_eq!((c["ok"], c["inconclusive"], c["missing"], c["poison"]), (0, 2, 0, 1));
    }
    // The tombstone behind it has the same event key, and settles nothing.
    with_delete(&s, edits[0]);
    let eu = s.read("eu");
    let mut tombstone: Value = serde_json::from_str(eu.lines().last().unwrap()).unwrap();
    (tombstone["offset"], tombstone["value"]) = (3.into(), Value::Null);
    s.write("eu", format!("{eu}{tombstone}\n"));
    let c = counts(&run(&s, "t.yaml", "us", "eu", &[]).exits(3).records());
    assert_eq!((c["ok"], c["inconclusive"], c["tombstones"], c["poison"]), (0, 2, 1, 1));
    // What a delete does not say contradicts nothing.
    let nothing = |value: &mut Value| value["before"] = Value::Null;
    let lacking = |value: &mut Value| drop(value["before"].as_object_mut().unwrap().remove("tenant"));
    let edits: [&dyn Fn(&mut Value); 5] =
        [&nothing, &lacking, &envelope(Value::Null), &flat(Value::Null), &envelope("1".into())];
    for edit in edits {
        with_delete(&s, edit);
        let c = counts(&run(&s, "t.yaml", "us", "eu", &[]).exits(0).records());
        assert_eq!((c["ok"], c["poison"]), (2, 0));
    }
}

/// No row has a null key, so the event is damaged. Which row it was is not known from it.
#[test]
fn a_null_key_column_is_unreadable() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    s.write("us", event("US.t", 0, 0, 1, "a") + "\n");
    s.write(
        "eu",
        event("EU.t", 0, 0, 1, "a").replace("\"after\":{\"tenant\":\"acme\"", "\"after\":{\"tenant\":null") + "\n",
    );
    let c = counts(&run(&s, "t.yaml", "us", "eu", &[]).exits(3).records());
    assert_eq!((c["ok"], c["inconclusive"], c["poison"]), (0, 1, 1));
}

/// The EU holds row 1 under the event key of row 2. Neither is called missing or equal, in digests either; the next event
/// of row 2 decides it.
#[test]
fn both_keys_of_a_contradiction_are_undecided() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    s.write("us", format!("{}\n{}\n", event("US.t", 0, 0, 1, "a"), event("US.t", 1, 1_000, 2, "a")));
    let mut wrong: Value = serde_json::from_str(&event("EU.t", 0, 0, 1, "a")).unwrap();
    wrong["key"]["id"] = 2.into();
    for (later, ok, inconclusive) in [(String::new(), 0, 2), (event("EU.t", 1, 1_000, 2, "a") + "\n", 1, 1)] {
        s.write("eu", format!("{wrong}\n{later}"));
        let records = run(&s, "t.yaml", "us", "eu", &[]).exits(3).records();
        let c = counts(&records);
        assert_eq!((c["ok"], c["inconclusive"], c["missing"], c["poison"]), (ok, inconclusive, 0, 1));
        for (side, file) in [("lhs", "us"), ("rhs", "eu")] {
            s.write(&format!("{file}.digests"), digest_of(&s, side, file));
        }
        let args =
            ["diff", "explain", "--types", "t.yaml", "--lhs", "us", "--rhs", "eu", "--key", "acme/1", "--values"];
        let explained = s.govctl(args).exits(3);
        assert!(explained.text().contains("unreadable on rhs: eu:1: the event key"), "{}", explained.text());
        let digests = over_digests(&s).exits(3).records();
        assert_eq!(counts(&digests), c);
        assert_eq!(findings(&digests), findings(&records));
    }
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

/// A record that cannot be read and that stands at the offset of another one is one unreadable record, of three.
#[test]
fn an_unreadable_record_that_goes_back_counts_once() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let broken = event("US.t", 0, 0, 1, "a").replace("\"after\"", "\"aftr\"");
    s.write("us", format!("{}\n{broken}\n", event("US.t", 0, 0, 1, "a")));
    s.write("eu", event("EU.t", 0, 0, 1, "a") + "\n");
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(3).records();
    let c = counts(&records);
    assert_eq!((c["read"], c["poison"], c["inconclusive"]), (3, 1, 1));
    for (side, file) in [("lhs", "us"), ("rhs", "eu")] {
        s.write(&format!("{file}.digests"), digest_of(&s, side, file));
    }
    let digests = over_digests(&s).exits(3).records();
    assert_eq!((counts(&digests), findings(&digests)), (c, findings(&records)));
}

fn digest_of(s: &Sandbox, side: &str, file: &str) -> Vec<u8> {
    s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", file]).run().stdout
}

fn over_digests(s: &Sandbox) -> Call {
    s.govctl(["diff", "run", "--now", NOW, "--types", "t.yaml", "--digests", "us.digests", "eu.digests"])
}
