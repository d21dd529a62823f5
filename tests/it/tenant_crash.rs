//! Requests that end the process which evaluates them, through the real binary: each costs itself, and nothing else.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{Output, Sandbox, root};

/// With the tenants of policies/data, and the shipped policy with more rules.
fn sandbox(more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let data = "policies/data/tenants.json";
    sandbox.write(data, std::fs::read(root().join(data)).unwrap());
    let policy = std::fs::read_to_string(root().join("policies/switchboard/switchboard.rego")).unwrap();
    sandbox.write("policies/switchboard/switchboard.rego", format!("{policy}\n{more}\n"));
    sandbox
}

/// A list as long as the request says.
fn hungry() -> Sandbox {
    sandbox(
        "rx if count(numbers.range(1, input.resource.n)) == 3\n\ndeny contains {\"code\": \"X\"} if {\n\trx\n\tfalse\n}",
    )
}

/// Requests that are allowed; those at these places ask for a list that no memory holds.
fn requests(count: usize, bad: &[usize]) -> String {
    let one = |at: usize| {
        let mut request = json!({"request_id": format!("r{at}"), "subject": {"authenticated": true}, "tenant": {"id": "acme"},
            "resource": {"tenant": "acme", "kind": "audit", "classification": "confidential", "label": "pii"}, "context": {"region": "EU"}});
        if bad.contains(&at) {
            request["resource"]["n"] = json!(1_000_000_000_000_u64);
        }
        format!("{request}\n")
    };
    (0..count).map(one).collect()
}

const DECIDE: [&str; 6] = ["tenant", "decide", "--data", "policies/data/tenants.json", "--memory", "512MiB"];

fn decide(sandbox: &Sandbox, more: &[&str], requests: String, code: i32) -> Output {
    sandbox.govctl(DECIDE.iter().chain(more)).stdin(requests).exits(code)
}

/// The ids of the requests that were denied, each with why nothing was decided about it.
fn denied(output: &Output) -> Vec<(String, String)> {
    let decisions = output.of_type("govctl.tenant.decision/1").into_iter().filter(|d| d["allow"] == false);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    decisions
        .map(|d| {
            assert_eq!((&d["deny"], &d["error"]["code"]), (&json!([{"code": "EVAL_ERROR"}]), &json!("EVAL_ERROR")));
            (text(&d["request_id"]), text(&d["error"]["message"]))
        })
        .collect()
}

#[test]
fn a_request_that_needs_all_memory_is_denied_and_the_others_are_decided() {
    let sandbox = hungry();
    let requests = requests(1100, &[0, 3, 700]);
    let output =
        decide(&sandbox, &["--evidence", "out", "--jobs", "1", "--now", "2026-01-01T00:00:00Z"], requests.clone(), 1);
    let why = "the evaluation needed more than 512 MiB of memory";
    assert_eq!(denied(&output), ["r0", "r3", "r700"].map(|id| (id.to_owned(), why.to_owned())));
    assert_eq!(output.of_type("govctl.tenant.decision/1").len(), 1100);
    let run = std::path::PathBuf::from(crate::audit::evidence(&sandbox, "out"));
    let manifest: Value = serde_json::from_slice(&std::fs::read(run.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["predicate"]["complete"], &manifest["predicate"]["outcome"]), (&json!(true), &json!(1)));
    // One after the other or beside each other: the same bytes.
    let alone = |jobs: &str| decide(&sandbox, &["--no-run-records", "--jobs", jobs], requests.clone(), 1).stdout;
    assert!(alone("1") == alone("3"));
}

/// Longer chains are refused. A twentieth of the usual stack is as little as a debug build needs for itself.
#[test]
fn the_longest_chain_of_rules_fits_into_a_small_stack() {
    let chain: String = (0..120).map(|n| format!("r{n} if r{}\n\n", n + 1)).collect();
    let last = "r120 if input.resource.n > 0\n\ndeny contains {\"code\": \"X\"} if {\n\tinput.resource.n > 1\n\tr0\n\tfalse\n}";
    let sandbox = sandbox(&format!("{chain}{last}"));
    sandbox.write("requests", requests(3, &[1]));
    let output = sandbox.bash(&format!("ulimit -Ss 400; govctl {} --in requests", DECIDE.join(" "))).exits(0);
    assert_eq!(output.of_type("govctl.tenant.decision/1").len(), 3);
    assert_eq!(denied(&output), []);
}

#[test]
fn too_many_in_a_row_end_the_run_and_what_was_decided_stays() {
    let sandbox = hungry();
    let bad: Vec<usize> = (5..40).collect();
    for jobs in ["1", "3"] {
        let output = decide(&sandbox, &["--jobs", jobs, "--fail-on", "never"], requests(50, &bad), 3);
        assert!(output.stderr.contains("-:21: engine_crash: 16 requests in a row"), "{}", output.stderr);
        assert_eq!(output.of_type("govctl.tenant.decision/1").len(), 21);
        let counts = &output.of_type("govctl.run/1")[1]["counts"];
        assert_eq!((&counts["allowed"], &counts["failed"]), (&json!(5), &json!(16)));
    }
    // One that is decided between them begins the count anew.
    let bad: Vec<usize> = (0..31).filter(|at| *at != 15).collect();
    assert_eq!(denied(&decide(&sandbox, &[], requests(32, &bad), 1)).len(), 30);
}

#[test]
fn a_child_ends_with_its_parent() {
    let sandbox = hungry();
    let mut call = sandbox.govctl(DECIDE.iter().chain(&["--jobs", "1"]));
    let mut parent = call.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = parent.stdin.take().unwrap();
    stdin.write_all(requests(1, &[]).as_bytes()).unwrap();
    stdin.flush().unwrap();
    // The decision is there, so the child is.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(parent.stdout.take().unwrap()));
    assert!(lines.by_ref().map(Result::unwrap).any(|line| line.contains("decision_id")));
    let children = || {
        let pids = sandbox.bash(&format!("pgrep -P {} || true", parent.id())).exits(0);
        pids.text().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let child = children();
    assert_eq!(child.len(), 1);
    parent.kill().unwrap();
    parent.wait().unwrap();
    // Where nobody takes its status, it stays a zombie.
    let gone = format!("sleep 1; [ ! -e /proc/{0} ] || grep -q '^State:.Z' /proc/{0}/status", child[0]);
    sandbox.bash(&gone).exits(0);
}

#[test]
fn limits_that_cannot_hold_are_refused_and_a_fault_names_the_policy_once() {
    let sandbox = hungry();
    decide(&sandbox, &["--timeout", "0s"], String::new(), 2);
    let policy = sandbox.read("policies/switchboard/switchboard.rego");
    let endless = "allow if {\n\tcount(numbers.range(1, 1000000000000)) == 3\n}";
    sandbox.write("policies/switchboard/switchboard.rego", format!("{policy}\n{endless}\n"));
    let output = decide(&sandbox, &[], requests(1, &[]), 2);
    let said = "error: policies/switchboard/switchboard.rego: needed more than 512 MiB of memory\n";
    assert!(output.stderr.starts_with(said), "{}", output.stderr);
}
