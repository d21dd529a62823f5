//! Digest records whose fields contradict each other: somebody altered what the root does not cover, and it is found out.

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::{Output, Sandbox};

/// Row 1: US changes another column and does not send `big` again, EU changes it otherwise. Row 2 is gone on both sides.
fn digested() -> Sandbox {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL.replace("v: text", "v: text, big: { type: text, toast: true }"));
    let big = |line: String, text: &str| line.replace("\"v\":", &format!("\"big\":\"{text}\",\"v\":"));
    let sent = |topic: &str| big(event(topic, 0, 0, 1, "a"), "long");
    let us = [sent("US.t"), big(event("US.t", 1, 1_000, 1, "b"), "__debezium_unavailable_value"), gone("US.t")];
    let eu = [sent("EU.t"), big(event("EU.t", 1, 1_000, 1, "c"), "long"), gone("EU.t")];
    for (side, lines) in [("lhs", us), ("rhs", eu)] {
        s.write(side, lines.map(|l| l + "\n").concat());
        let args = ["diff", "digest", "--side", side, "--types", "t.yaml", side, "--no-run-records"];
        s.write(&format!("{side}.d"), s.govctl(args).exits(0).stdout);
    }
    s
}

fn gone(topic: &str) -> String {
    let mut line: Value = serde_json::from_str(&event(topic, 2, 2_000, 2, "z")).unwrap();
    line["value"]["op"] = "d".into();
    line["value"]["before"] = line["value"]["after"].take();
    line.to_string()
}

fn compare(s: &Sandbox) -> Output {
    s.govctl(["diff", "run", "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"]).run()
}

#[test]
fn fields_of_a_digest_record_must_agree() {
    let s = digested();
    assert_eq!(compare(&s).code, Some(1));
    let honest: Vec<Value> = s.read("lhs.d").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let other: Vec<Value> = s.read("rhs.d").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((&honest[1]["sha256"], &honest[1]["toast"]["big"]), (&json!(""), &json!("inherit")));
    assert_eq!(honest[2]["op"], "d");
    let root = "is not the digest of `base_sha256` and `toast`";
    for (line, field, value, says) in [
        // The verdict would be made of `base_sha256`, the root of `leaf_sha256`.
        (1, "base_sha256", &other[1]["base_sha256"], root),
        (0, "base_sha256", &other[1]["base_sha256"], root),
        (0, "toast", &json!({"big": null}), root),
        (0, "toast", &json!({"big": "inherit"}), root),
        (0, "toast", &json!({}), "`toast` does not name the toast columns of table `t`"),
        (0, "base_sha256", &Value::Null, "`base_sha256` is missing"),
        (1, "sha256", &honest[0]["sha256"], "`sha256` and `leaf_sha256` exclude each other"),
        (1, "leaf_sha256", &Value::Null, "`sha256` is no SHA-256"),
        (2, "sha256", &honest[0]["sha256"], "a digest of a row where there is no row"),
        (0, "id", &json!("2"), "`tenant` and `id` are not those of `key`"),
        (2, "tenant", &json!("bolt"), "`tenant` and `id` are not those of `key`"),
        (0, "key", &Value::Null, "`key` is missing"),
        (0, "row_key", &honest[0]["key"], "`row_key` in a record that could be read"),
    ] {
        let mut altered = honest.clone();
        altered[line][field] = value.clone();
        s.write("lhs.d", altered.iter().map(|l| format!("{l}\n")).collect::<String>());
        let output = compare(&s);
        assert_eq!(output.code, Some(3), "{field}: {}", output.stderr);
        let place = format!("lhs.d:{}: ", line + 1);
        assert!(output.stderr.contains(&place) && output.stderr.contains(says), "{says}\n{}", output.stderr);
        assert_eq!(diffs(&output.records()), Vec::<Value>::new(), "{field}");
    }
}
