//! Records that are not what they are taken for: values that are no rows, keys that are too wide. None counts as equal.

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::{Output, Sandbox};

pub const TYPES: &str = "version: 1
job: j
lhs: { region: US, connector: US }
rhs: { region: EU, connector: EU }
tables:
  - kind: a
    lhs: US.t
    rhs: EU.t
    key: { tenant: tenant, id: [id] }
    columns: { tenant: text, id: int, v: text }
";

/// A capture line of `REGION.t`, offset and second being `n`.
pub fn record(region: &str, n: u64, key: &Value, value: &Value) -> String {
    let record = json!({"topic": format!("{region}.t"), "partition": 0, "offset": n,
        "timestamp": 1_795_464_000_000 + 1000 * n, "key": key, "value": value, "headers": []});
    format!("{record}\n")
}

pub fn envelope(after: &Value) -> Value {
    json!({"before": null, "after": after, "op": "c", "ts_ms": 1_795_464_000_000u64,
        "source": {"connector": "postgresql", "ts_ms": 1_795_464_000_000u64, "lsn": 1000}})
}

/// A whole record of acme/`n`.
pub fn row(region: &str, n: u64, v: &str) -> String {
    let key = json!({"tenant": "acme", "id": n});
    record(region, n, &key, &envelope(&json!({"tenant": "acme", "id": n, "v": v})))
}

pub fn compare(s: &Sandbox, us: impl AsRef<[u8]>, eu: impl AsRef<[u8]>, more: &[&str]) -> crate::common::Call {
    s.write("us.ndjson", us);
    s.write("eu.ndjson", eu);
    if !s.path("t.yaml").exists() {
        s.write("t.yaml", TYPES);
    }
    run(s, "t.yaml", "us.ndjson", "eu.ndjson", more)
}

/// acme/1 is whole and equal, acme/2 has this value on both sides: it is undecided, and the cause is said.
fn undecided(value: &Value, cause: &str) {
    let s = Sandbox::new();
    let key = json!({"tenant": "acme", "id": 2});
    let side = |region: &str| row(region, 1, "x") + &record(region, 2, &key, value);
    let output = compare(&s, side("US"), side("EU"), &[]).exits(3);
    for text in ["us.ndjson:2: ", "eu.ndjson:2: ", cause] {
        assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
    }
    let c = counts(&output.records());
    assert_eq!((c["ok"], c["inconclusive"], c["poison"], c["diff"]), (1, 1, 2, 0), "{value}");
}

fn without(name: &str) -> Value {
    let mut value = envelope(&json!({"tenant": "acme", "id": 2, "v": "x"}));
    value.as_object_mut().unwrap().remove(name).unwrap();
    value
}

#[test]
fn an_envelope_that_is_not_whole_is_unreadable() {
    undecided(&without("op"), "not a whole envelope: `op` is missing");
    undecided(&without("source"), "not a whole envelope: `source` is missing");
    undecided(&without("after"), "`after` is missing");
    let mut no_object = without("source");
    no_object["source"] = "x".into();
    undecided(&no_object, "not a whole envelope: `source` is no object");
    // MongoDB's `after` is a text.
    undecided(
        &envelope(&r#"{"tenant":"acme","id":2,"v":"x"}"#.into()),
        "`after` is a string, an object or null was expected",
    );
    undecided(&envelope(&Value::Null), "`after` is null in an event that is no delete");
    let mut delete = envelope(&"x".into());
    delete["op"] = "d".into();
    undecided(&delete, "`after` is a string");
}

#[test]
fn a_row_without_a_compared_column_is_unreadable() {
    let none = "the row holds no compared column of table `a`";
    let whole = envelope(&json!({"tenant": "acme", "id": 2, "v": "x"}));
    undecided(&json!({}), none);
    undecided(&envelope(&json!({})), none);
    undecided(&envelope(&json!({"tenant": "acme", "id": 2})), "no compared column of table `a`, only `tenant`, `id`");
    undecided(&json!({"tenant": "acme", "id": 2, "__op": "c"}), none);
    undecided(&json!({"payload": whole}), "no compared column of table `a`, only `payload`");
    undecided(&json!({"data": whole}), "only `data`");
    undecided(&json!({"Op": "c", "After": whole["after"]}), "only `Op`, `After`");
}

/// A flattened row may have columns that are called like parts of an envelope: it has its key among them.
#[test]
fn columns_may_be_called_like_parts_of_an_envelope() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES.replace("v: text", "v: text, op: text, before: json, after: json"));
    let side = |region: &str| {
        let flat = json!({"tenant": "acme", "id": 1, "v": "x", "op": "u", "before": null, "after": "{\"a\":1}"});
        record(region, 1, &json!({"tenant": "acme", "id": 1}), &flat)
    };
    let c = counts(&compare(&s, side("US"), side("EU"), &[]).exits(0).records());
    assert_eq!((c["ok"], c["poison"]), (1, 0));
}

#[test]
fn events_of_other_connectors_are_refused() {
    let s = Sandbox::new();
    let mysql = |region: &str, n: u64| row(region, n, "x").replace("postgresql", "mysql");
    let output = compare(&s, mysql("US", 1), mysql("EU", 1), &[]).exits(2);
    output.says(&["us.ndjson:1: the events of `US.t` are those of Debezium's connector for mysql"]);
    let flat = json!({"tenant": "acme", "id": 1, "v": "x", "__source_connector": "mongodb"});
    let flat = |region: &str| record(region, 1, &json!({"tenant": "acme", "id": 1}), &flat);
    compare(&s, flat("US"), flat("EU"), &[]).exits(2).says(&["connector for mongodb"]);
    // Behind rows of PostgreSQL it is one damaged record.
    let output = compare(&s, row("US", 1, "x") + &mysql("US", 2), row("EU", 1, "x"), &[]).exits(3);
    assert!(output.stderr.contains("us.ndjson:2: `mysql` is not Debezium's connector"), "{}", output.stderr);
}

/// Both topics are called alike, so that nothing but `source.name` tells the recordings apart.
#[test]
fn the_recording_of_another_connector_is_refused() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES.replace("US.t", "t").replace("EU.t", "t"));
    let of = |name: &str, n: u64| {
        let row = row("", n, "x").replace("\".t\"", "\"t\"");
        // The log positions of two databases have nothing to do with each other.
        let row = if name == "\"EU\"" { row.replace("\"lsn\":1000", "\"lsn\":7000") } else { row };
        row.replace("\"source\":{", &format!("\"source\":{{\"name\":{name},"))
    };
    let (us, eu) = (of("\"US\"", 1) + &of("\"US\"", 2), of("\"EU\"", 1) + &of("\"EU\"", 2));
    assert_eq!(counts(&compare(&s, &us, &eu, &[]).exits(0).records())["ok"], 2);
    let refused = compare(&s, &us, &us, &[]).exits(2);
    refused.says(&["eu.ndjson:1: the events of `t` are those of connector `US`; types.yaml says `EU` for rhs"]);
    refused.says(&["rhs was probably given the recording of lhs"]);
    compare(&s, &eu, &us, &[]).exits(2).says(&["lhs was probably given the recording of rhs"]);
    compare(&s, of("\"AP\"", 1), &eu, &[]).exits(2).says(&["connector `AP`", "give the recording of `US`"]);
    s.govctl(["diff", "digest", "--side", "rhs", "--types", "t.yaml", "us.ndjson"]).exits(2).says(&["connector `AP`"]);
    let flat = json!({"tenant": "acme", "id": 1, "v": "x", "__source_name": "US"});
    let flat = record("", 1, &json!({"tenant": "acme", "id": 1}), &flat).replace("\".t\"", "\"t\"");
    let c = counts(&compare(&s, &flat, &eu, &[]).exits(1).records());
    assert_eq!((c["ok"], c["missing"]), (1, 1));
    compare(&s, &us, &flat, &[]).exits(2).says(&["eu.ndjson:1: ", "connector `US`"]);
    // A name may be escaped, or not sent at all.
    compare(&s, of("\"\\u0055S\"", 1) + &of("null", 2), &eu, &[]).exits(0);
    // Behind rows of the right connector it is one damaged record, whose key is undecided.
    let output = compare(&s, of("\"US\"", 1) + &of("\"EU\"", 2), &eu, &[]).exits(3);
    assert!(output.stderr.contains("us.ndjson:2: the event is of connector `EU`, not of `US`"), "{}", output.stderr);
    let c = counts(&output.records());
    assert_eq!((c["ok"], c["inconclusive"], c["poison"]), (1, 1, 1));
}

/// Two rows per tenant and id, told apart by the day: as one key their last states alone would be compared.
#[test]
fn an_event_key_that_is_wider_than_the_declared_one_is_refused() {
    let s = Sandbox::new();
    let side = |region: &str, first: &str| {
        let at = |n: u64, day: &str, v: &str| {
            let key = json!({"tenant": "acme", "id": 1, "day": day});
            record(region, n, &key, &envelope(&json!({"tenant": "acme", "id": 1, "day": day, "v": v})))
        };
        at(1, "d0", first) + &at(2, "d1", "same")
    };
    let wide = TYPES.replace("v: text", "v: text, day: text");
    s.write("t.yaml", &wide);
    let output = compare(&s, side("US", "one"), side("EU", "other"), &[]).exits(2);
    output.says(&["us.ndjson:1: table `a`", "`day`", "id: [id, day]"]);
    // As the hint says, the difference is found.
    s.write("t.yaml", wide.replace("id: [id]", "id: [id, day]"));
    let records = compare(&s, side("US", "one"), side("EU", "other"), &[]).exits(1).records();
    assert_eq!(open(&records).into_keys().collect::<Vec<_>>(), ["acme/[1,\"d0\"]"]);
    // An escape in a name hides nothing.
    let escaped = row("US", 1, "x").replacen("\"id\"", "\"\\u0069d\"", 1);
    assert!(escaped.contains("\"key\":{\"tenant\":\"acme\",\"\\u0069d\":1}"), "{escaped}");
    s.write("t.yaml", TYPES);
    assert_eq!(counts(&compare(&s, escaped, row("EU", 1, "x"), &[]).exits(0).records())["ok"], 1);
}

fn bad_value(output: &Output, text: &str) {
    assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
}

#[test]
fn an_int_is_a_whole_number() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES.replace("v: text", "v: int"));
    let number = |region: &str, n: u64, v: &str| row(region, n, "@").replace("\"@\"", v);
    let all = |region: &str, last: &str| {
        number(region, 1, "1.0") + &number(region, 2, "15e49") + &number(region, 3, "\"-7\"") + &number(region, 4, last)
    };
    let c = counts(&compare(&s, all("US", "12"), all("EU", "12"), &[]).exits(0).records());
    assert_eq!(c["ok"], 4);
    for fraction in ["1.5", "1e-50", "\"NaN\""] {
        let output = compare(&s, all("US", fraction), all("EU", fraction), &[]).exits(3);
        bad_value(&output, "us.ndjson:4: column `v`: an int is a whole number");
        let c = counts(&output.records());
        assert_eq!((c["ok"], c["inconclusive"]), (3, 1), "{fraction}");
    }
}
