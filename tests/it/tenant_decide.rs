//! `govctl tenant decide` through the real binary.

use std::io::Read;

use serde_json::{Value, json};

use crate::common::{Output, Sandbox, root};
use crate::tenant_policy::Recorded;

/// With the shipped policy and the tenants of policies/data.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for path in ["policies/switchboard/switchboard.rego", "config/tenants.yaml", "policies/data/tenants.json"] {
        sandbox.write(path, std::fs::read(root().join(path)).unwrap());
    }
    sandbox
}

fn request(id: &str) -> Value {
    json!({"schema": "govctl.tenant.request/1", "request_id": id, "subject": {"authenticated": true}, "tenant": {"id": "acme"},
        "resource": {"tenant": "acme", "kind": "audit", "classification": "confidential", "label": "pii"}, "context": {"region": "EU"}})
}

fn lines(output: &Output) -> Vec<Value> {
    let all = output.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|record| record["schema"] != "govctl.run/1").collect()
}

/// What OPA answered to every point that it was asked, among them all of the table of codes.
#[test]
fn decisions_are_those_that_opa_recorded() {
    let sandbox = sandbox();
    let mut text = String::new();
    let file = std::fs::File::open(root().join("fixtures/tenant/opa/decisions.ndjson.gz")).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let (mut requests, mut expected) = (String::new(), Vec::new());
    for line in text.lines() {
        let point: Value = serde_json::from_str(line).unwrap();
        // A document that is no object is no line of requests.
        if point["data"] == "example" && point["input"].is_object() {
            requests.push_str(&format!("{}\n", point["input"]));
            expected.push(serde_json::from_value::<Recorded>(point["decision"].clone()).unwrap());
        }
    }
    assert!(expected.len() > 100, "{}", expected.len());
    let decide = |jobs: &str| {
        let args = ["tenant", "decide", "--data", "policies/data/tenants.json", "--no-run-records", "--jobs", jobs];
        sandbox.govctl(args).stdin(requests.clone()).exits(1)
    };
    let output = decide("1");
    let decided: Vec<Recorded> =
        lines(&output).into_iter().map(|record| serde_json::from_value(record["result"].clone()).unwrap()).collect();
    assert_eq!(decided, expected);
    assert_eq!(decide("3").stdout, output.stdout);
}

#[test]
fn exit_codes_and_the_closing_line() {
    let sandbox = sandbox();
    let good = request("r1").to_string();
    let decide = |input: &str, more: &[&str], code: i32| {
        let args = ["tenant", "decide", "--format", "human"].iter().chain(more);
        let output = sandbox.govctl(args).stdin(input).exits(code);
        output.text().lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(decide(&good, &[], 0), "1 request: 1 allowed, 0 denied");
    assert_eq!(decide("{}", &[], 1), "1 request: 0 allowed, 1 denied");
    assert_eq!(decide("{}", &["--fail-on", "never"], 0), "1 request: 0 allowed, 1 denied");
    let bad = format!("{{}}\n\n[]\n{good}\n{{\"a\":1,\"a\":1}}\n");
    assert_eq!(decide(&bad, &["--fail-on", "never"], 3), "2 requests: 1 allowed, 1 denied; 2 lines could not be read");
    decide("", &[], 3);
    decide(&good, &["--policy", "nowhere"], 2);
    decide(&good, &["--log-field", "subject"], 2);
    decide(&good, &["--format", "sarif"], 2);
    assert_eq!(decide(&good, &["--policy", "embedded"], 0), "1 request: 1 allowed, 0 denied");
}

#[test]
fn bad_lines_are_named_kept_and_passed_over() {
    let sandbox = sandbox();
    let lines = [b"{}\n".as_slice(), b"\n{\"a\":\"\xff\"}\n", b"{\"a\":1e400}\n", b"{} ", b"\n"].concat();
    let decide = ["tenant", "decide", "--dead-letter", "dead.ndjson", "--evidence", "out"];
    let output = sandbox.govctl(decide).stdin(lines).exits(3);
    assert!(output.stderr.contains("-:3:7: the line is not UTF-8"), "{}", output.stderr);
    assert!(output.stderr.contains("-:4:"), "{}", output.stderr);
    let dead = sandbox.read("dead.ndjson");
    let run = std::path::PathBuf::from(crate::audit::evidence(&sandbox, "out"));
    assert_eq!(std::fs::read_to_string(run.join("dead_letters.ndjson")).unwrap(), dead);
    let dead: Vec<Value> = dead.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(dead.len(), 2);
    assert_eq!((&dead[0]["line"], &dead[0]["record_base64"]), (&json!(3), &json!("eyJhIjoi/yJ9")));
    assert_eq!(
        dead[1],
        json!({"file": "-", "line": 4, "cause": "the line is no JSON: number out of range", "record": "{\"a\":1e400}"})
    );
}

/// A stream of runs is read as its producer meant it, and a cut one is no pass.
#[test]
fn run_records_are_swallowed_and_a_cut_stream_is_seen() {
    let sandbox = sandbox();
    let start = json!({"schema": "govctl.run/1", "event": "start", "run_id": "u1", "command": "x", "version": "0", "started": "2026-01-01T00:00:00Z", "inputs": []});
    let cut = format!("{start}\n{}\n", request("r1"));
    let output = sandbox.govctl(["tenant", "decide"]).stdin(cut).exits(3);
    assert!(output.stderr.contains("its producer was cut off"), "{}", output.stderr);
    let first: Value = serde_json::from_str(output.text().lines().next().unwrap()).unwrap();
    assert_eq!(first["inputs"].as_array().unwrap().last().unwrap()["run_id"], "u1");
    assert_eq!(lines(&output).len(), 1);
    // The place of a request in the run does not count what is no request.
    let bare = sandbox.govctl(["tenant", "decide"]).stdin(request("r1").to_string()).exits(0);
    assert_eq!(lines(&bare)[0]["decision_id"], lines(&output)[0]["decision_id"]);
}

#[test]
fn nothing_is_logged_that_nobody_reads_or_asked_for() {
    let sandbox = sandbox();
    let mut asked = request("r1");
    asked["subject"]["mail"] = "eva@example.com".into();
    asked["session"] = json!({"ip": "192.0.2.1"});
    asked["ts"] = "2026-02-03T04:05:06Z".into();
    let decide = |more: &[&str]| {
        let args = ["tenant", "decide", "--now", "2026-01-01T00:00:00Z"].iter().chain(more);
        lines(&sandbox.govctl(args).stdin(asked.to_string()).exits(0)).remove(0)
    };
    let record = decide(&[]);
    assert_eq!(record["erased"], json!(["/subject/mail", "/session"]));
    assert_eq!((&record["timestamp"], &record["tenant"]), (&json!("2026-02-03T04:05:06Z"), &json!("acme")));
    assert!(!record.to_string().contains("example.com") && !record.to_string().contains("192.0.2.1"));
    let record = decide(&["--log-field", "/session/ip"]);
    assert_eq!(
        (&record["erased"], &record["input"]["session"]),
        (&json!(["/subject/mail"]), &json!({"ip": "192.0.2.1"}))
    );
    asked["ts"].take();
    asked["ts"] = Value::Null;
    sandbox.govctl(["tenant", "decide"]).stdin(asked.to_string()).exits(3);
}

/// A policy that names its own field and code is decided by its own rules.
#[test]
fn another_policy_decides_by_its_own_fields() {
    let sandbox = sandbox();
    let policy = "package switchboard\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.x == 1\n\ndeny contains {\"code\": \"NOT_ONE\"} if not allow\n\ndecision := {\"allow\": allow, \"deny\": deny}\n";
    sandbox.write("own/p.rego", policy);
    let args = ["tenant", "decide", "--policy", "own", "--explain", "--no-run-records"];
    let output = sandbox.govctl(args).stdin("{\"x\":1,\"y\":2}\n{\"x\":\"1\"}\n").exits(1);
    let decided = lines(&output);
    assert_eq!(
        (&decided[0]["allow"], &decided[0]["input"], &decided[0]["erased"]),
        (&json!(true), &json!({"x": 1}), &json!(["/y"]))
    );
    assert_eq!(decided[1]["deny"], json!([{"code": "NOT_ONE"}]));
    assert_eq!(
        decided[1]["explain"][0]["message"],
        "a code of the policy's own; the table of codes does not say what it stands for"
    );
    assert_eq!(decided[1]["tenant"], Value::Null);
}

/// OPA 1.x keeps every digit and denies all of these with CLASSIFICATION.
#[test]
fn numbers_are_not_rounded_into_an_allow() {
    let sandbox = sandbox();
    let of = |number: &str| request("r").to_string().replace("\"confidential\"", number);
    for number in ["1.9999999999999999999", "2.0000000000000000001", "1e-400", "-1e-400"] {
        let output = sandbox.govctl(["tenant", "decide", "--dead-letter", "dead.ndjson"]).stdin(of(number)).exits(3);
        assert_eq!(lines(&output).len(), 0, "{number}");
        assert!(sandbox.read("dead.ndjson").contains(number));
    }
    for number in ["2", "2.0", "2e0", "0.2e1", "1", "-0.0"] {
        sandbox.govctl(["tenant", "decide"]).stdin(of(number)).exits(0);
    }
    sandbox.govctl(["tenant", "decide"]).stdin(of("0.5")).exits(1);
}

/// Readers pass over types that they do not know, but a stream of nothing else decides nothing.
#[test]
fn records_of_other_types_are_passed_over() {
    let sandbox = sandbox();
    let (good, other) = (request("r1").to_string(), "{\"schema\":\"govctl.finding/1\",\"code\":\"x\"}");
    let decide = |input: &str, more: &[&str], code: i32| {
        let args = ["tenant", "decide", "--format", "human"].iter().chain(more);
        sandbox.govctl(args).stdin(input).exits(code).text().lines().last().unwrap_or_default().to_owned()
    };
    let both = format!("{other}\n{good}\n");
    assert_eq!(decide(&both, &[], 0), "1 request: 1 allowed, 0 denied; 1 record of other types passed over");
    assert_eq!(decide(&both, &["--strict"], 3), "1 request: 1 allowed, 0 denied; 1 line could not be read");
    decide(other, &[], 3);
    for schema in ["govctl.tenant.request/2", "acme.request/1"] {
        let line = good.replace("govctl.tenant.request/1", schema);
        assert_eq!(decide(&line, &[], 3), "0 requests: 0 allowed, 0 denied; 1 line could not be read", "{schema}");
    }
}

/// The manifest says which requests were decided, to the byte.
#[test]
fn the_evidence_binds_the_requests() {
    let sandbox = sandbox();
    let text = format!("{}\n\n[]\n", request("r1"));
    let sha256 = govctl::text::sha256_hex(text.as_bytes());
    sandbox.write("requests.ndjson", &text);
    sandbox.govctl(["tenant", "decide", "--in", "requests.ndjson", "--evidence", "file"]).exits(3);
    sandbox.govctl(["tenant", "decide", "--evidence", "pipe"]).stdin(text.clone()).exits(3);
    for (folder, name) in [("file", "requests.ndjson"), ("pipe", "-")] {
        let runs: Vec<_> =
            std::fs::read_dir(sandbox.path(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        let run = runs.iter().find(|path| path.join("manifest.json").exists()).unwrap();
        let manifest: Value = serde_json::from_slice(&std::fs::read(run.join("manifest.json")).unwrap()).unwrap();
        let inputs = manifest["predicate"]["inputs"].as_array().unwrap();
        let of_requests = inputs.iter().find(|input| input["name"] == name).unwrap();
        let expected = json!({"name": name, "sha256": sha256, "bytes": text.len(), "lines": 3});
        assert_eq!(of_requests, &expected);
    }
}

#[test]
fn reasons_tell_capitals_and_foreign_letters_apart() {
    let sandbox = sandbox();
    let explained = |change: &dyn Fn(&mut Value)| {
        let mut request = request("r");
        change(&mut request);
        let output = sandbox.govctl(["tenant", "decide", "--explain"]).stdin(request.to_string()).exits(1);
        let reasons = lines(&output)[0]["explain"].clone();
        reasons
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(explained(&|r| r["context"]["region"] = "eu".into()).contains("`eu` is not declared (did you mean `EU`?)"));
    assert!(explained(&|r| r["resource"]["label"] = "PII".into()).contains("label `PII` (did you mean `pii`?)"));
    assert!(explained(&|r| r["tenant"]["id"] = "ACME".into()).contains("no tenant `ACME` (did you mean `acme`?)"));
    let cyrillic = explained(&|r| r["tenant"]["id"] = "\u{430}cme".into());
    assert!(cyrillic.contains("no tenant `\u{430}cme` (`\\u{430}cme`) (did you mean `acme`?)"), "{cyrillic}");
}

#[test]
fn limits_and_their_faults_are_named() {
    let sandbox = sandbox();
    let zero = sandbox.govctl(["tenant", "decide", "--timeout", "0s"]).stdin("{}").exits(2);
    zero.says(&["leaves no time"]);
    let hot = "package switchboard\nimport rego.v1\ndecision := {\"allow\": count(numbers.range(1, 90000000)) < 0, \"deny\": set()}\n";
    sandbox.write("hot/p.rego", hot);
    let died = sandbox.govctl(["tenant", "decide", "--policy", "hot", "--memory", "512MiB"]).stdin("{}").exits(2);
    died.says(&["error: hot/p.rego: "]);
    assert!(!died.stderr.contains("hot/p.rego: hot/p.rego") && !died.stderr.contains("-: -"), "{}", died.stderr);
    // A NUL byte is no UTF-16: what it is stands in its line.
    sandbox.govctl(["tenant", "decide"]).stdin("\0{}\n").exits(3).says(&["-:1:1: the line is no JSON"]);
}
