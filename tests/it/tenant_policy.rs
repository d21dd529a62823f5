//! The shipped policy and the policies of fixtures/tenant in govctl's engines, at the level of the library.

use govctl::policy::{Decision, Fault, File, Limits, Policy, Sources, Value, check};
use serde::Deserialize;

use crate::common::{files, root};

/// What OPA answered.
#[derive(Deserialize, PartialEq, Eq, Debug, Clone)]
pub struct Recorded {
    pub allow: bool,
    pub deny: Vec<Code>,
}

#[derive(Deserialize, PartialEq, Eq, Debug, Clone)]
pub struct Code {
    pub code: String,
}

impl Recorded {
    /// As texts, sorted as OPA sorts sets.
    pub fn codes(&self) -> Vec<&str> {
        self.deny.iter().map(|d| d.code.as_str()).collect()
    }
}

impl From<Decision> for Recorded {
    fn from(decided: Decision) -> Self {
        let deny = decided.deny.iter().map(|code| Code { code: code.to_string() }).collect();
        Recorded { allow: decided.allow, deny }
    }
}

pub fn sources(path: &str) -> Sources {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    Sources::new(vec![File { name: path.into(), shown: path.into(), text }])
}

pub fn faults(path: &str, whole: bool) -> Vec<Fault> {
    check(&sources(path), whole)
}

/// Both engines of govctl, which must agree.
pub fn decide(path: &str, data: &str, input: &str) -> Recorded {
    let policy = Policy::compile(&sources(path)).unwrap_or_else(|e| panic!("{path}: {e:?}"));
    let (data, input) = (Value::from_json_str(data).unwrap(), Value::from_json_str(input).unwrap());
    let fast = policy.evaluator(&data, Limits::default()).unwrap().decide(input.clone());
    let slow = policy.interpreter(&data, Limits::default()).unwrap().decide(input);
    assert_eq!(fast, slow, "{path}");
    fast.unwrap().into()
}

#[test]
fn nothing_is_wrong_with_the_shipped_policy() {
    let read = |path: &str| File {
        name: path.into(),
        shown: path.into(),
        text: std::fs::read_to_string(root().join(path)).unwrap(),
    };
    let both = ["policies/switchboard/switchboard.rego", "policies/switchboard/switchboard_test.rego"];
    assert_eq!(check(&Sources::new(both.map(read).to_vec()), true), []);
}

#[derive(Deserialize)]
struct Leak {
    policy: String,
    input: serde_json::Value,
    decision: Recorded,
}

/// A planted hole passes every check of form, or it would prove nothing about `prove`; both engines decide as OPA did.
#[test]
fn planted_policies_decide_as_opa_did() {
    let data = std::fs::read_to_string(root().join("policies/data/tenants.json")).unwrap();
    for (folder, count) in [("leaks", 9), ("planted", 13)] {
        let path = root().join(format!("fixtures/tenant/{folder}/{folder}.ndjson"));
        let recorded = std::fs::read_to_string(path).unwrap();
        assert_eq!(recorded.lines().count(), count);
        assert_eq!(files(&format!("fixtures/tenant/{folder}"), "rego").len(), count);
        for line in recorded.lines() {
            let leak: Leak = serde_json::from_str(line).unwrap();
            let path = format!("fixtures/tenant/{folder}/{}.rego", leak.policy);
            assert_eq!(faults(&path, true), [], "{path}");
            assert_eq!(decide(&path, &data, &leak.input.to_string()), leak.decision, "{path}");
        }
    }
}

/// The first line of each says which finding refuses it; what only hangs or dies is the matter of the child process.
#[test]
fn hostile_policies_are_refused_by_name() {
    let mut refused = 0;
    for path in files("fixtures/tenant/hostile", "rego") {
        let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let expected = text.lines().next().unwrap().strip_prefix("# expect: ").unwrap();
        // What hangs or dies does so here: `tenant validate` has a process for it.
        if expected == "engine_crash" {
            continue;
        }
        let found: Vec<&str> = faults(&path, true).iter().map(|fault| fault.code.as_str()).collect();
        assert!(found.contains(&expected), "{path}: {expected} {found:?}");
        refused += 1;
    }
    assert_eq!(refused, 36);
}

#[test]
fn what_is_too_wide_or_too_large_is_not_parsed() {
    let of = |text: String| {
        let file = File { name: "p.rego".into(), shown: "p.rego".into(), text };
        check(&Sources::new(vec![file]), false).iter().map(|f| f.code.as_str()).collect::<Vec<_>>()
    };
    let rule = "decision := {\"allow\": false, \"deny\": set()}";
    let wide = |columns: usize| format!("package switchboard\n#{}\n{rule}\n", "x".repeat(columns - 1));
    assert_eq!(of(wide(1025)), ["rego_limit"]);
    assert_eq!(of(wide(1024)), [""; 0]);
    assert_eq!(of(format!("package switchboard\n{}", "# 0123456789\n".repeat(81_000))), ["rego_limit"]);
}
