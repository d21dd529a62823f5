//! Values that are not of the type which types.yaml gives their column: they would be compared by less than they hold.

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::{Output, Sandbox};
use crate::run_unfit::{TYPES, compare, envelope, record};

/// acme/1 with `v` and an equal column beside it, the sides differing in `v`.
fn differing(s: &Sandbox, column: &str, us: &Value, eu: &Value) -> Output {
    s.write("t.yaml", TYPES.replace("v: text", &format!("w: text, v: {column}")));
    let key = json!({"tenant": "acme", "id": 1});
    let side = |region: &str, v: &Value| {
        record(region, 1, &key, &envelope(&json!({"tenant": "acme", "id": 1, "w": "x", "v": v})))
    };
    compare(s, side("US", us), side("EU", eu), &[]).run()
}

/// The second value is one that the column's type would take for the first.
#[test]
fn values_of_another_type_are_unreadable() {
    let uuid = "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b";
    for (column, us, eu, cause) in [
        ("float64", json!("12345678901234567.01"), json!("12345678901234567.02"), "a float is a number"),
        ("float32", json!("1.50"), json!("1.50000001"), "a float is a number"),
        ("uuid", json!("Admin"), json!("admin"), "a UUID is 32 hex digits"),
        ("uuid", json!(uuid.replace('-', "") + "----"), json!(uuid), "a UUID is 32 hex digits"),
        ("{ type: decimal, wire: double }", json!("1.50"), json!("9.99"), "the wire in types.yaml is a number"),
        ("{ type: timestamptz, wire: connect_ms }", json!("2026-11-01T00:00:00Z"), json!(1), "the wire in types.yaml"),
        ("{ type: interval, wire: micro_duration }", json!("P1D"), json!("P2D"), "the wire in types.yaml is a number"),
        // The side that loses nothing is read by its own wire.
        (
            "{ type: interval, lhs: { wire: iso }, rhs: { wire: micro_duration } }",
            json!("tomorrow"),
            json!(86_400_000_000u64),
            "column `v`",
        ),
    ] {
        let s = Sandbox::new();
        let output = differing(&s, column, &us, &eu);
        assert_eq!(output.code, Some(3), "{column}: {}", output.stderr);
        assert!(output.stderr.contains(cause), "{column}: {}", output.stderr);
        assert_eq!(counts(&output.records())["inconclusive"], 1, "{column}");
    }
}

#[test]
fn values_that_the_type_takes_for_equal_still_agree() {
    let uuid = "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b";
    for (column, us, eu) in [
        ("float64", json!(1.5), json!(1.50)),
        ("float64", json!("NaN"), json!("nan")),
        ("uuid", json!(uuid), json!(uuid.to_uppercase())),
        ("{ type: decimal, wire: double }", json!(1.5), json!("NaN")),
    ] {
        let s = Sandbox::new();
        assert_eq!(differing(&s, column, &us, &eu).code, Some(0), "{column}");
    }
}

/// A lossy wire is a number; the schema block says that the column is a text.
#[test]
fn a_lossy_wire_that_the_schema_block_denies_is_refused() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES.replace("v: text", "w: text, v: { type: decimal, wire: double }"));
    let field = |name: &str, kind: &str| json!({"field": name, "type": kind, "optional": true});
    let after = json!({"field": "after", "type": "struct", "optional": true,
        "fields": [field("tenant", "string"), field("id", "int64"), field("w", "string"), field("v", "string")]});
    let side = |region: &str, v: &str| {
        let payload = envelope(&json!({"tenant": "acme", "id": 1, "w": "x", "v": v}));
        let value = json!({"schema": {"type": "struct", "fields": [after]}, "payload": payload});
        record(region, 1, &json!({"tenant": "acme", "id": 1}), &value)
    };
    let output = compare(&s, side("US", "1.50"), side("EU", "9.99"), &[]).exits(2);
    let message = "column `v` has `wire: double` in types.yaml, a number, and is text in the schema block";
    assert!(output.stderr.contains(message), "{}", output.stderr);
}
