//! `diff run` on the recorded captures: exactly what was planted, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::audit::*;
use crate::common::Sandbox;

fn planted() -> Vec<Value> {
    serde_json::from_str(&text("planted.json")).unwrap()
}

/// Planted entries whose kind is one of these, by tenant/id.
fn planted_as(kinds: &[&str]) -> BTreeMap<String, Value> {
    let wanted = |p: &Value| kinds.contains(&p["kind"].as_str().unwrap());
    let key = |p: &Value| format!("{}/{}", p["tenant"].as_str().unwrap(), p["id"]);
    planted().into_iter().filter(wanted).map(|p| (key(&p), p)).collect()
}

#[test]
fn exactly_the_planted_differences_are_found() {
    let s = Sandbox::new();
    let records = captures(&s, &[]).exits(1).records();
    let found = open(&records);
    let planted = planted_as(&["missing_in_eu", "missing_in_us", "mismatch"]);
    assert_eq!(found.keys().collect::<Vec<_>>(), planted.keys().collect::<Vec<_>>());
    assert_eq!(found.len(), 18);
    for (key, planted) in &planted {
        let diff = &found[key];
        let reason = match planted["kind"].as_str().unwrap() {
            "missing_in_eu" => ("missing", Value::from("rhs"), Value::from("EU")),
            "missing_in_us" => ("missing", Value::from("lhs"), Value::from("US")),
            _ => ("mismatch", diff["side"].clone(), diff["region"].clone()),
        };
        assert_eq!(
            (diff["reason"].as_str().unwrap(), &diff["side"], &diff["region"]),
            (reason.0, &reason.1, &reason.2)
        );
        assert_eq!(diff["cols"], planted["cols"], "{key}");
        assert_eq!(diff["kind"], "audit");
    }
}

#[test]
fn the_details_blame_the_right_side() {
    let s = Sandbox::new();
    let found = open(&captures(&s, &["--no-run-records"]).exits(1).records());
    let of = |detail: &str| -> BTreeSet<(String, Option<String>)> {
        let all = found.iter().filter(|(_, d)| d["detail"] == detail);
        all.map(|(key, d)| (key.clone(), d["side"].as_str().map(str::to_owned))).collect()
    };
    let pair = |key: &str, side: &str| (key.to_owned(), Some(side.to_owned()));
    // planted.json says in words: "deleted in EU only", "US delete not applied in EU".
    assert_eq!(of("deleted"), BTreeSet::from([pair("acme/10210", "rhs"), pair("eiger/10209", "lhs")]));
    // "EU stays at the older version"; in US the last full payload is the older one that EU had too.
    assert_eq!(of("stale"), BTreeSet::from([pair("eiger/10204", "rhs"), pair("acme/10345", "lhs")]));
    assert_eq!(of("never_seen").len(), 7);
    assert_eq!(of("divergent").len(), 7);
    assert!(of("divergent").iter().all(|(_, side)| side.is_none()), "neither can be blamed");
    for diff in found.values() {
        assert_eq!((diff["lhs_sha256"] == "", diff["lhs_at"].is_null()), {
            let lacks = diff["reason"] == "missing" && diff["side"] == "lhs";
            (lacks, lacks && diff["detail"] == "never_seen")
        });
        assert!(!diff["read_to"].as_array().unwrap().is_empty(), "no verdict without evidence");
    }
}

#[test]
fn late_rows_capture_loss_and_counts() {
    let s = Sandbox::new();
    let records = captures(&s, &[]).exits(1).records();
    let late: BTreeMap<String, Value> =
        diffs(&records).into_iter().filter(|d| d["reason"] == "late").map(|d| (key(&d), d)).collect();
    assert_eq!(late.keys().collect::<Vec<_>>(), planted_as(&["late_in_eu"]).keys().collect::<Vec<_>>());
    let mut delays: Vec<u64> = late.values().map(|d| d["delay_ms"].as_u64().unwrap()).collect();
    delays.sort_unstable();
    assert_eq!(delays, [76_030, 76_382, 76_383]);
    for diff in late.values() {
        assert_eq!(
            (&diff["state"], &diff["closed_by"], &diff["side"]),
            (&"closed".into(), &"arrival".into(), &"rhs".into())
        );
        assert_eq!(diff["lhs_sha256"], diff["rhs_sha256"], "it closed because the sides agree");
    }
    assert_eq!(
        findings(&records),
        ["capture_loss lhs audit", "inconclusive - audit-events", "lossy_column lhs valid_for"]
    );
    let loss = records.iter().find(|r| r["code"] == "capture_loss").unwrap();
    assert_eq!(loss["ids"], serde_json::json!(["acme/10350"]));
    let counts = counts(&records);
    for (name, n) in [
        ("ok", 283),
        ("diff", 18),
        ("missing", 9),
        ("mismatch", 9),
        ("late", 3),
        ("capture_loss", 1),
        ("inconclusive", 1),
        ("pending", 0),
        ("unauthorized", 0),
        ("poison", 0),
        ("duplicates", 0),
        ("tombstones", 10),
        ("control", 8),
        ("read", 327 + 322),
    ] {
        assert_eq!(counts[name], n, "{name}");
    }
    // ok, diff, inconclusive and pending are all keys.
    assert_eq!(counts["ok"] + counts["diff"] + counts["inconclusive"] + counts["pending"], 302);
}

#[test]
fn records_leave_in_the_order_of_time_and_id() {
    let s = Sandbox::new();
    let all = diffs(&captures(&s, &[]).exits(1).records());
    let order: Vec<_> = all.iter().map(|d| (d["ts"].to_string(), d["diff_id"].to_string())).collect();
    assert!(order.is_sorted());
    assert_eq!(all.len(), 18 + 2 * 3, "an episode that closed has two records");
}

#[test]
fn a_policy_forgives_unicode_and_precision_and_nothing_else() {
    let s = Sandbox::new();
    let types = text("types.yaml")
        .replace("resource: text", "resource: { type: text, nfc: true }")
        .replace("local_at: { type: timestamp,", "local_at: { type: timestamp, precision: ms,");
    s.write("lenient.yaml", types);
    let found = open(&run(&s, "lenient.yaml", US, EU, &[]).exits(1).records());
    let forgiven: Vec<_> = planted().iter().filter(|p| !p["policy"].is_null()).map(|p| p["id"].to_string()).collect();
    assert_eq!(forgiven, ["10323", "10351"]);
    assert_eq!(found.len(), 16);
    assert!(!found.contains_key("dune/10323") && !found.contains_key("bolt/10351"));
}

/// Why the canonical profile exists: a fact about the fixture, computed without it.
#[test]
fn a_naive_hash_of_the_row_would_flag_299_of_302_keys() {
    let states = [US, EU].map(|name| {
        let mut rows: BTreeMap<(String, u64), Option<Vec<u8>>> = BTreeMap::new();
        for line in text(name).lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            if event["value"]["op"].is_null() {
                continue;
            }
            let key = (event["key"]["tenant"].as_str().unwrap().to_owned(), event["key"]["id"].as_u64().unwrap());
            let (_, value) = key_and_value(line);
            let raw: BTreeMap<String, &serde_json::value::RawValue> = serde_json::from_str(value).unwrap();
            let after = raw["after"].get();
            rows.insert(key, (after != "null").then(|| Sha256::digest(after).to_vec()));
        }
        rows
    });
    let keys: BTreeSet<_> = states[0].keys().chain(states[1].keys()).collect();
    let state = |side: usize, key| states[side].get(key).cloned().flatten();
    assert_eq!(keys.len(), 302);
    assert_eq!(keys.iter().filter(|k| state(0, *k) != state(1, *k)).count(), 299);
}

/// Swaps the words lhs and rhs.
pub fn swapped(types: &str) -> String {
    types.replace("lhs:", "@:").replace("rhs:", "lhs:").replace("@:", "rhs:")
}

#[test]
fn swapping_the_sides_swaps_the_result() {
    let s = Sandbox::new();
    let straight = diffs(&captures(&s, &[]).exits(1).records());
    s.write("swapped.yaml", swapped(&text("types.yaml")));
    let swapped = diffs(&run(&s, "swapped.yaml", EU, US, &[]).exits(1).records());
    let essence = |d: &Value, flip: bool| {
        let side = |name: &str| {
            match (name, flip) {
                ("lhs", true) => "rhs",
                ("rhs", true) => "lhs",
                (other, _) => other,
            }
            .to_owned()
        };
        let (l, r) = if flip { ("rhs", "lhs") } else { ("lhs", "rhs") };
        let mut fields: Vec<String> = [
            "tenant",
            "id",
            "reason",
            "detail",
            "state",
            "rev",
            "region",
            "cols",
            "ts",
            "delay_ms",
            "closed_by",
            "read_to",
        ]
        .iter()
        .map(|f| d[*f].to_string())
        .collect();
        fields.push(d["side"].as_str().map(side).unwrap_or_default());
        fields.extend([l, r].map(|s| format!("{} {}", d[format!("{s}_sha256")], d[format!("{s}_at")])));
        fields
    };
    let sorted = |all: &[Value], flip| {
        let mut all: Vec<_> = all.iter().map(|d| essence(d, flip)).collect();
        all.sort();
        all
    };
    assert_eq!(sorted(&straight, false), sorted(&swapped, true));
}

#[test]
fn a_side_against_itself_is_empty() {
    let s = Sandbox::new();
    let us = text("types.yaml")
        .replace("scale: 4 }, rhs: { wire: string }", "scale: 4 }, rhs: { wire: base64, scale: 4 }")
        .replace("{ wire: struct }, rhs: { wire: string }", "{ wire: struct }, rhs: { wire: struct }")
        .replace("{ wire: epoch_ms }, rhs: { wire: iso }", "{ wire: epoch_ms }, rhs: { wire: epoch_ms }")
        .replace("{ wire: epoch_us }, rhs: { wire: iso }", "{ wire: epoch_us }, rhs: { wire: epoch_us }")
        .replace(
            "{ wire: micro_duration }, rhs: { wire: iso }",
            "{ wire: micro_duration }, rhs: { wire: micro_duration }",
        );
    s.write("us.yaml", &us);
    // As a copy without any difference would be: one and the same recording proves nothing.
    s.write("eu.ndjson", text(US).replace("audit.US", "audit.EU"));
    let records = run(&s, "us.yaml", US, "eu.ndjson", &[]).exits(0).records();
    assert_eq!(diffs(&records), Vec::<Value>::new());
    let counts = counts(&records);
    // 302 keys less those that only EU has: 19001, 10310 and 10311.
    assert_eq!((counts["ok"], counts["diff"], counts["inconclusive"]), (299, 0, 0));
}
