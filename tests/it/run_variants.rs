//! `diff run` and `diff digest` on the other ways in which the same rows can be recorded.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::audit::*;
use crate::common::Sandbox;

/// `(key, op, digest)` of every row in a variant.
fn digests(s: &Sandbox, types: &str, side: &str, name: &str) -> Vec<(String, String, String)> {
    let args = ["diff", "digest", "--side", side, "--types", &fixture(types), &fixture(name)];
    let records = s.govctl(args).exits(0).records();
    let text = |r: &Value, name: &str| r[name].as_str().unwrap_or_default().to_owned();
    let rows = records.iter().filter(|r| r["schema"] == "govctl.diff.digest/1" && r["op"] != "d");
    let mut all: Vec<_> = rows.map(|r| (key(r), text(r, "op"), text(r, "sha256"))).collect();
    all.sort();
    all
}

#[test]
fn lossless_variants_have_equal_digests() {
    let s = Sandbox::new();
    let of = |types, name| digests(&s, types, "rhs", name);
    let expected = of("variants/types.yaml", "variants/schemas_true.ndjson");
    assert_eq!(expected.len(), 4, "{expected:?}");
    assert!(expected.iter().all(|(_, _, sha256)| sha256.len() == 64));
    assert_eq!(of("variants/types.yaml", "variants/flattened.ndjson"), expected);
    assert_eq!(of("variants/types.numeric.yaml", "variants/numeric_base64.ndjson"), expected);
}

#[test]
fn a_lossy_variant_takes_columns_out_on_both_sides_and_says_so() {
    let s = Sandbox::new();
    let lhs = "variants/schemas_true.ndjson";
    let rhs = "variants/double_connect.ndjson";
    let records = run(&s, "variants/types.connect.yaml", lhs, rhs, &["--evidence", "out"]).exits(0).records();
    assert!(open(&records).is_empty());
    assert_eq!(counts(&records)["poison"], 0);
    let lossy: Vec<_> = findings(&records).into_iter().filter(|f| f.starts_with("lossy_column rhs")).collect();
    assert_eq!(
        lossy,
        ["lossy_column rhs amount", "lossy_column rhs dur", "lossy_column rhs local_at", "lossy_column rhs qty"]
    );
    let not_compared = &proof(&s, "out")["columns_not_compared"];
    assert_eq!(*not_compared, serde_json::json!(["audit.amount", "audit.dur", "audit.local_at", "audit.qty"]));
}

#[test]
fn transactions_messages_signals_snapshots_and_truncate_are_read() {
    let s = Sandbox::new();
    let name = "variants/txn_trunc_msg.ndjson";
    s.write("eu.ndjson", text(name));
    let records = run(&s, "variants/types.yaml", name, "eu.ndjson", &[]).exits(1).records();
    let c = counts(&records);
    assert_eq!((c["poison"], c["diff"], c["read"]), (0, 0, 2 * 37));
    let truncated: Vec<_> = findings(&records).into_iter().filter(|f| f.starts_with("truncate")).collect();
    assert_eq!(truncated, ["truncate lhs audit", "truncate rhs audit"]);
    let rows = text(name)
        .lines()
        .filter(|l| {
            let event: Value = serde_json::from_str(l).unwrap();
            event["topic"] == "audit.US.public.audit_events"
                && event["value"]["op"].is_string()
                && event["value"]["op"] != "m"
        })
        .count() as u64;
    assert_eq!(c["read"] - c["control"] - c["tombstones"], 2 * rows);
}

#[test]
fn writes_outside_the_home_region_are_proven_by_their_origin() {
    let s = Sandbox::new();
    let tenants = fixture("variants/tenants.yaml");
    let more = ["--tenants", tenants.as_str()];
    let call = run(&s, "variants/types.origin.yaml", "variants/origin_us.ndjson", "variants/origin_eu.ndjson", &more);
    let records = call.exits(1).records();
    let writes: BTreeSet<(String, String, String)> = records
        .iter()
        .filter(|r| r["schema"] == "govctl.diff.unauthorized_write/1")
        .map(|r| (key(r), r["op"].as_str().unwrap().to_owned(), r["confidence"].as_str().unwrap().to_owned()))
        .collect();
    let write = |key: &str, op: &str| (key.to_owned(), op.to_owned(), "proven".to_owned());
    assert_eq!(writes, BTreeSet::from([write("acme/100", "c"), write("acme/8", "u")]));
    let c = counts(&records);
    assert_eq!((c["unauthorized"], c["origin_unknown"], c["diff"]), (2, 5, 2));
    assert_eq!(open(&records).into_keys().collect::<Vec<_>>(), ["acme/100", "acme/8"]);
}

#[test]
fn only_unauthorised_writes_can_be_made_to_fail_a_run() {
    let s = Sandbox::new();
    let (us, eu, types) = ("variants/origin_us.ndjson", "variants/origin_eu.ndjson", "variants/types.origin.yaml");
    let tenants = fixture("variants/tenants.yaml");
    run(&s, types, us, eu, &["--fail-on", "unauthorized", "--tenants", &tenants]).exits(1);
    run(&s, types, us, eu, &["--fail-on", "never", "--tenants", &tenants]).exits(0);
    // A check that cannot be made is no pass.
    let ask = ["--fail-on", "unauthorized"];
    run(&s, types, us, eu, &ask).exits(2).says(&["--fail-on unauthorized needs --tenants", "tenants.yaml"]);
    s.write("opaque.yaml", text(types).replace("native", "opaque").replace("    origins: { EU: [pg_16435] }\n", ""));
    let opaque = run(&s, "opaque.yaml", us, eu, &[ask[0], ask[1], "--tenants", &tenants]).exits(2);
    opaque.says(&["needs a table with `replication: native`", "suspected"]);
    // Digests that were made without tenants hold no answer.
    let types = fixture(types);
    for (side, name) in [("lhs", us), ("rhs", eu)] {
        let digests = s.govctl(["diff", "digest", "--side", side, "--types", &types, &fixture(name)]).exits(0);
        s.write(side, digests.stdout);
    }
    let digested = s.govctl(["diff", "run", "--types", &types, "--digests", "lhs", "rhs"].iter().chain(&ask)).exits(2);
    assert!(digested.stderr.contains("make the digests with --tenants"), "{}", digested.stderr);
}

/// beta is in no file: whether its write in EU was allowed cannot be told.
#[test]
fn a_tenant_without_a_home_does_not_pass_as_authorised() {
    let s = Sandbox::new();
    let (us, eu, types) = ("variants/origin_us.ndjson", "variants/origin_eu.ndjson", "variants/types.origin.yaml");
    s.write("tenants.yaml", "version: 1\ntenants:\n  - { id: other, region: US }\n");
    let ask = ["--fail-on", "unauthorized", "--tenants", "tenants.yaml"];
    let records = run(&s, types, us, eu, &ask).exits(1).records();
    assert_eq!(counts(&records)["unauthorized"], 0);
    assert!(findings(&records).iter().any(|f| f == "origin_unknown rhs acme"), "{:?}", findings(&records));
    run(&s, types, us, eu, &[&ask[..], &["--allow-inconclusive"]].concat()).exits(0);
    // What the file leaves open is said.
    s.write("tenants.yaml", "tenants:\n  - { id: acme, region: USA }\n");
    let output = run(&s, types, us, eu, &ask).exits(1);
    for text in ["`version` is missing", "tenants.yaml:2:25: `USA` is the region of neither side", "US, EU"] {
        assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
    }
}

/// Without origins a row that home never had is suspected.
#[test]
fn opaque_replication_gives_suspected_writes() {
    let s = Sandbox::new();
    s.write("tenants.yaml", TENANTS);
    let suspects = |records: &[Value]| -> BTreeSet<String> {
        let all = records.iter().filter(|r| r["schema"] == "govctl.diff.unauthorized_write/1");
        all.inspect(|r| assert_eq!(r["confidence"], "suspected")).map(key).collect()
    };
    let set = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<BTreeSet<_>>();
    let records = captures(&s, &["--tenants", "tenants.yaml"]).exits(1).records();
    // eiger/10209 exists in EU only too, but US had it and deleted it.
    assert_eq!(suspects(&records), set(&["acme/19001", "acme/10310", "bolt/10311"]));
    assert_eq!(counts(&records)["unauthorized"], 3);
    s.write("cora.yaml", TENANTS.replace("cora, region: US", "cora, region: EU/de"));
    let records = captures(&s, &["--tenants", "cora.yaml"]).exits(1).records();
    let more = set(&["acme/19001", "acme/10310", "bolt/10311", "cora/10007", "cora/10302"]);
    assert_eq!(suspects(&records), more);
}

/// The window is that of the tables' records, not of heartbeats, whatever their order in the file.
#[test]
fn the_proof_names_the_log_time_that_was_read() {
    let s = Sandbox::new();
    captures(&s, &["--evidence", "out"]).exits(1);
    let mut times: Vec<i64> = Vec::new();
    for name in [US, EU] {
        let records = text(name).lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).collect::<Vec<_>>();
        let of_table = records.iter().filter(|r| r["topic"].as_str().unwrap().ends_with(".audit_events.mirror"));
        times.extend(of_table.map(|r| r["timestamp"].as_i64().unwrap()));
    }
    let ms = |field: &str| {
        let text = proof(&s, "out")[field].as_str().unwrap().to_owned();
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    };
    assert_eq!(times.len(), 649 - 8);
    assert_eq!(Some(&ms("window_from")), times.iter().min());
    assert_eq!(Some(&ms("window_to")), times.iter().max());
}

#[test]
fn framing_and_compression_change_nothing() {
    let s = Sandbox::new();
    let expected = data(&captures(&s, &["--evidence", "plain"]).exits(1).records());
    let root = proof(&s, "plain")["root"].clone();
    let (us, eu) = (text(US), text(EU));
    s.write("us.ndjson.gz", gzip(us.as_bytes()));
    s.write("eu.ndjson.zst", zstd::encode_all(eu.as_bytes(), 3).unwrap());
    s.write("us.kcat", kcat(&us));
    s.write("eu.kcat", kcat(&eu));
    s.write("eu.crlf", eu.replace('\n', "\r\n"));
    for (lhs, rhs) in [("us.ndjson.gz", "eu.ndjson.zst"), ("us.kcat", "eu.kcat"), (US, "eu.kcat"), (US, "eu.crlf")] {
        let _ = std::fs::remove_dir_all(s.path("out"));
        let got = data(&run(&s, "types.yaml", lhs, rhs, &["--evidence", "out"]).exits(1).records());
        assert_eq!(got, expected, "{lhs} {rhs}");
        assert_eq!(proof(&s, "out")["root"], root, "{lhs} {rhs}");
    }
}

#[test]
fn several_files_of_a_side_are_one_log() {
    let s = Sandbox::new();
    let expected = data(&captures(&s, &[]).exits(1).records());
    // One file per partition, as kcat -p would record them.
    let us = text(US);
    let part = |p: u64| {
        let of = |l: &&str| serde_json::from_str::<Value>(l).unwrap()["partition"] == p;
        us.lines().filter(of).map(|l| format!("{l}\n")).collect::<String>()
    };
    for p in [0, 1, 2] {
        s.write(&format!("us.{p}"), part(p));
    }
    let args = ["--lhs", "us.0", "us.1", "us.2", "--rhs", &fixture(EU), "--types", &fixture("types.yaml")];
    let got = s.govctl(["diff", "run", "--now", NOW].iter().chain(&args)).exits(1).records();
    assert_eq!(open(&got).keys().collect::<Vec<_>>(), open(&expected).keys().collect::<Vec<_>>());
}

#[test]
fn a_rerun_repeats_every_byte() {
    let runs: Vec<_> = [Sandbox::new(), Sandbox::new()]
        .iter()
        .map(|s| {
            let stdout = captures(s, &["--evidence", "out"]).exits(1).stdout;
            (stdout, evidence_files(s, "out"))
        })
        .collect();
    assert_eq!(runs[0], runs[1]);
    let names: Vec<_> = runs[0].1.keys().map(String::as_str).collect();
    assert_eq!(names, ["diffs.ndjson", "manifest.json", "proof.json", "types.yaml"]);
}

#[test]
fn digests_of_two_regions_give_the_fused_run_but_for_columns() {
    let s = Sandbox::new();
    s.write("tenants.yaml", TENANTS);
    let more = ["--tenants", "tenants.yaml"];
    let fused = captures(&s, &["--tenants", "tenants.yaml", "--evidence", "fused"]).exits(1).records();
    for (side, name) in [("lhs", US), ("rhs", EU)] {
        let types = fixture("types.yaml");
        let args = ["diff", "digest", "--side", side, "--types", &types, &fixture(name)];
        let output = s.govctl(args.iter().chain(&more)).exits(0);
        output.records();
        s.write(side, &output.stdout);
    }
    let types = fixture("types.yaml");
    let args = ["diff", "run", "--now", NOW, "--types", &types, "--digests", "lhs", "rhs", "--evidence", "apart"];
    let apart = s.govctl(args.iter().chain(&more)).exits(1).records();
    let blind = |records: &[Value]| {
        let hide = |mut r: Value| {
            if r["schema"] == "govctl.diff/1" {
                r["cols"] = Value::Null;
            }
            r
        };
        data(records).into_iter().map(hide).collect::<Vec<_>>()
    };
    assert_eq!(blind(&apart), blind(&fused));
    assert_eq!(counts(&apart), counts(&fused));
    let (apart, fused) = (proof(&s, "apart"), proof(&s, "fused"));
    for field in ["root", "window_from", "window_to"] {
        assert_eq!(apart[field], fused[field], "{field}");
    }
    assert!(fused["window_to"].is_string());
    // No payload crosses the border: no text value of a row is in the digests.
    let sent = s.read("lhs") + &s.read("rhs");
    for payload in ["arn:x:", "svc-", "@acme.example", "key.rotate", "10.1."] {
        assert!(!sent.contains(payload), "{payload}");
    }
}
