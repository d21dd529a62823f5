//! Runs that looked at nothing, or not at everything: no pass, and the reason is said.

use serde_json::{Value, json};

use crate::audit::{proof as proof_of, *};
use crate::common::Sandbox;
use crate::run_unfit::{TYPES, compare, envelope, record, row};

fn finding<'r>(records: &'r [Value], code: &str) -> &'r Value {
    let mut all = records.iter().filter(|r| r["code"] == code);
    let only = all.next().unwrap_or_else(|| panic!("no {code} in {records:?}"));
    assert_eq!(all.next(), None, "one {code}");
    only
}

fn has(value: &Value, text: &str) {
    assert!(value.as_str().unwrap().contains(text), "`{text}` is not in {value}");
}

fn both(n: u64) -> [String; 2] {
    ["US", "EU"].map(|region| (0..n).map(|i| row(region, i, "x")).collect())
}

#[test]
fn a_run_that_compared_no_row_proves_nothing() {
    let s = Sandbox::new();
    let [us, eu] = both(3);
    // Both topics are misspelt.
    s.write("t.yaml", TYPES.replace("US.t", "US.tt").replace("EU.t", "EU.tt"));
    for more in [&[][..], &["--fail-on", "never"]] {
        let records = compare(&s, &us, &eu, more).exits(3).records();
        assert_eq!((counts(&records)["ok"], counts(&records)["control"]), (0, 6));
        let nothing = finding(&records, "nothing_compared");
        assert_eq!((&nothing["severity"], &nothing["side"]), (&"error".into(), &Value::Null));
        let table = finding(&records, "no_events");
        assert_eq!(
            (&table["kind"], &table["severity"], &table["side"]),
            (&"a".into(), &"warning".into(), &Value::Null)
        );
        has(&table["message"], "no events on either side (topics `US.tt` and `EU.tt`)");
        has(&table["hint"], "lhs holds `US.t`");
    }
    // The sides are swapped.
    s.write("t.yaml", TYPES);
    let records = compare(&s, &eu, &us, &[]).exits(3).records();
    has(&finding(&records, "nothing_compared")["hint"], "lhs holds `EU.t`, a topic of rhs: are the two sides swapped?");
    // The recordings are empty, which may be accepted.
    compare(&s, "", "", &[]).exits(3);
    let quiet = compare(&s, "", "", &["--allow-empty"]).exits(0).records();
    assert_eq!(findings(&quiet), ["no_events - a"]);
    // The sample takes no key: 1 of 2^60 buckets.
    let sample = format!("{}    risk: low\n    sample: {{ of: 1152921504606846976, take: [1] }}\n", TYPES);
    s.write("t.yaml", sample);
    let records = compare(&s, &us, &eu, &[]).exits(3).records();
    assert_eq!(counts(&records)["sampled_out"], 6);
    has(&finding(&records, "nothing_compared")["message"], "`sample` left out 6");
}

#[test]
fn a_side_without_events_is_named() {
    let s = Sandbox::new();
    let [us, _] = both(3);
    let records = compare(&s, &us, "", &[]).exits(1).records();
    assert_eq!(counts(&records)["missing"], 3);
    let table = finding(&records, "no_events");
    assert_eq!(table["side"], "rhs");
    has(&table["message"], "has events on lhs, but none on rhs (topic `EU.t`)");
    assert!(!findings(&records).iter().any(|f| f.starts_with("nothing_compared")));
}

fn digest(s: &Sandbox, side: &str, file: &str, more: &[&str]) -> crate::common::Call {
    s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", file].iter().chain(more))
}

#[test]
fn a_digest_without_a_row_is_no_success() {
    let s = Sandbox::new();
    let [us, eu] = both(2);
    compare(&s, &us, &eu, &[]).exits(0);
    let records = digest(&s, "lhs", "eu.ndjson", &[]).exits(3).records();
    let nothing = finding(&records, "nothing_compared");
    assert_eq!(nothing["side"], "lhs");
    has(&nothing["hint"], "lhs holds `EU.t`, a topic of rhs");
    digest(&s, "lhs", "eu.ndjson", &["--allow-empty"]).exits(0);
}

/// `w` is in no row at all, `x` in none of EU.
#[test]
fn a_column_that_no_row_holds_is_named() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES.replace("v: text", "v: text, w: text, x: text"));
    let side = |region: &str, after: &Value| record(region, 1, &json!({"tenant": "acme", "id": 1}), &envelope(after));
    let us = side("US", &json!({"tenant": "acme", "id": 1, "v": "x", "x": null}));
    let eu = side("EU", &json!({"tenant": "acme", "id": 1, "v": "x"}));
    let records = compare(&s, us, eu, &["--evidence", "out"]).exits(1).records();
    assert_eq!(findings(&records), ["column_absent rhs x", "column_unknown - w"]);
    assert_eq!(proof_of(&s, "out")["columns_not_compared"], json!(["a.w", "a.x"]));
    // Digests say the same.
    for (side, file) in [("lhs", "us.ndjson"), ("rhs", "eu.ndjson")] {
        s.write(side, digest(&s, side, file, &[]).exits(0).stdout);
    }
    let more = ["--evidence", "digested"];
    let digested = s.govctl(["diff", "run", "--types", "t.yaml", "--digests", "lhs", "rhs"].iter().chain(&more));
    let digested = digested.exits(1).records();
    assert_eq!(findings(&digested), findings(&records));
    assert_eq!(proof_of(&s, "digested")["columns_not_compared"], json!(["a.w", "a.x"]));
}
