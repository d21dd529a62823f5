//! What the real OPA decides with the shipped policy, recorded and live, and what the oracle says of the same requests.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::Command;

use govctl::policy::{self, Limits, Policy};
use govctl::tenant::oracle::{Deny, Oracle, Request};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::common::{Sandbox, root};
use crate::tenant_policy::{Recorded, sources};

const QUERY: &str = "[d | some r in input; d := data.switchboard.decision with input as r]";

/// The data that requests were decided with: its name in the recording and its file.
const DATA: [(&str, &str); 2] = [("example", "policies/data/tenants.json"), ("four", "fixtures/tenant/four.json")];

#[derive(Deserialize)]
struct Line {
    data: String,
    /// As it was written: the spelling of numbers is part of the question.
    input: Box<RawValue>,
    decision: Recorded,
}

/// fixtures/tenant/opa/decisions.ndjson.gz, by data.
fn recorded() -> BTreeMap<String, Vec<Line>> {
    let packed = std::fs::read(root().join("fixtures/tenant/opa/decisions.ndjson.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line).unwrap();
        lines.entry(line.data.clone()).or_default().push(line);
    }
    lines
}

fn data(name: &str) -> Vec<u8> {
    let (_, path) = DATA.into_iter().find(|(known, _)| *known == name).unwrap();
    std::fs::read(root().join(path)).unwrap()
}

#[test]
fn the_oracle_decides_as_opa_did() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (name, lines) in recorded() {
        let oracle = Oracle::new(&data(&name)).unwrap();
        for Line { input, decision, .. } in lines {
            let request: Value = serde_json::from_str(input.get()).unwrap();
            let denies = oracle.decide(&Request::from_json(&request));
            let mut codes: Vec<&str> = denies.iter().map(Deny::as_str).collect();
            codes.sort_unstable();
            assert_eq!((denies.is_empty(), codes), (decision.allow, decision.codes()), "{name} {input}");
            *seen.entry(decision.codes().join("+")).or_default() += 1;
        }
    }
    // The recording asks enough: allowed requests, and every code alone.
    assert!(seen.values().sum::<usize>() >= 3000 && seen[""] >= 400, "{seen:?}");
    for code in Deny::ALL {
        assert!(seen[code.as_str()] >= 50, "{} {seen:?}", code.as_str());
    }
    assert!(seen.len() >= 30, "{seen:?}");
}

#[test]
fn both_engines_decide_as_opa_did() {
    let policy = Policy::compile(&sources("policies/switchboard/switchboard.rego")).unwrap();
    for (name, lines) in recorded() {
        let data = policy::Value::from_json_str(&String::from_utf8(data(&name)).unwrap()).unwrap();
        let mut fast = policy.evaluator(&data, Limits::default()).unwrap();
        let mut slow = policy.interpreter(&data, Limits::default()).unwrap();
        for Line { input, decision, .. } in lines {
            let request = policy::Value::from_json_str(input.get()).unwrap();
            assert_eq!(Recorded::from(fast.decide(request.clone()).unwrap()), decision, "{name} {input}");
            assert_eq!(Recorded::from(slow.decide(request).unwrap()), decision, "{name} {input}");
        }
    }
}

#[test]
fn the_committed_data_are_what_the_example_compiles_to() {
    for (yaml, json) in [
        ("config/tenants.yaml", "policies/data/tenants.json"),
        ("fixtures/tenant/four.yaml", "fixtures/tenant/four.json"),
    ] {
        let (yaml, json) = (root().join(yaml), root().join(json));
        let check = ["--check".as_ref(), json.as_os_str()];
        let sandbox = Sandbox::new();
        sandbox.govctl(["tenant".as_ref(), "compile".as_ref(), yaml.as_os_str(), check[0], check[1]]).exits(0);
        let validate = sandbox.govctl(["tenant".as_ref(), "validate".as_ref(), yaml.as_os_str()]).exits(0);
        assert_eq!(validate.of_type("govctl.finding/1").len(), 0, "no warning either");
    }
}

/// The OPA of the extra tier: `scripts/services opa` prints what to set.
fn opa() -> Command {
    Command::new(std::env::var_os("GOVCTL_OPA").expect("GOVCTL_OPA names an opa 1.22.2: scripts/services opa"))
}

#[test]
#[ignore = "needs OPA: scripts/services opa"]
fn opa_decides_as_it_did() {
    for (name, lines) in recorded() {
        let sandbox = Sandbox::new();
        let inputs: Vec<&str> = lines.iter().map(|line| line.input.get()).collect();
        sandbox.write("requests.json", format!("[{}]", inputs.join(",")));
        sandbox.write("data.json", data(&name));
        let output = opa()
            .args(["eval", "--format", "raw", "-d"])
            .arg(root().join("policies/switchboard/switchboard.rego"))
            .args(["-d", "data.json", "-i", "requests.json", QUERY])
            .current_dir(sandbox.path(""))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let decisions: Vec<Recorded> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(decisions.len(), lines.len());
        for (decision, line) in decisions.iter().zip(&lines) {
            assert_eq!(decision, &line.decision, "{name} {}", line.input);
        }
    }
}

#[test]
#[ignore = "needs OPA: scripts/services opa"]
fn the_shipped_tests_pass_in_opa() {
    let output = opa()
        .args(["test", "policies/switchboard", "policies/data", "--fail-on-empty", "--coverage", "--threshold", "100"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
