use super::*;
use crate::policy::{File, Sources};

fn policy(text: &str) -> Policy {
    let file = File { name: "p.rego".into(), shown: "p.rego".into(), text: text.into() };
    Policy::compile(&Sources::new(vec![file])).unwrap()
}

/// What both engines say, which must be one.
fn both(text: &str, data: &str, input: &str) -> Result<Decision, Undecided> {
    let (policy, data) = (policy(text), Value::from_json_str(data).unwrap());
    let input = Value::from_json_str(input).unwrap();
    let fast = policy.evaluator(&data, Limits::default()).unwrap().decide(input.clone());
    let slow = policy.interpreter(&data, Limits::default()).unwrap().decide(input);
    assert_eq!(fast, slow);
    fast
}

fn decided(allow: bool, deny: &[&str]) -> Result<Decision, Undecided> {
    Ok(Decision { allow, deny: deny.iter().map(|code| (*code).into()).collect() })
}

const POLICY: &str = r#"package switchboard
default allow := false
allow if ok
ok if data.known[input.id]
deny contains {"code": "UNKNOWN"} if not ok
deny contains {"code": "EMPTY"} if input.id == ""
decision := {"allow": allow, "deny": deny}
"#;

#[test]
fn a_decision_is_allow_and_sorted_codes() {
    assert_eq!(both(POLICY, r#"{"known":{"a":true}}"#, r#"{"id":"a"}"#), decided(true, &[]));
    assert_eq!(both(POLICY, r#"{"known":{"a":true}}"#, r#"{"id":""}"#), decided(false, &["EMPTY", "UNKNOWN"]));
    assert_eq!(both(POLICY, "{}", "{}"), decided(false, &["UNKNOWN"]));
}

#[test]
fn what_is_no_decision_is_told() {
    let with = |rules: &str| both(&format!("package switchboard\n{rules}"), "{}", "{}").unwrap_err().to_string();
    let said = |text: &str| format!("the result is no decision: {text}");
    assert_eq!(with("decision := 1 if input.x"), said("`decision` is undefined or no object"));
    assert_eq!(with(r#"decision := {"allow": true}"#), said("it lacks `deny`"));
    assert_eq!(with(r#"decision := {"allow": 1, "deny": set()}"#), said("`allow` is neither true nor false"));
    assert_eq!(with(r#"decision := {"allow": true, "deny": []}"#), said("`deny` is no set"));
    let member = said("a member of `deny` is no object with a text `code` alone");
    assert_eq!(with(r#"decision := {"allow": true, "deny": {"A"}}"#), member);
    assert_eq!(with(r#"decision := {"allow": true, "deny": {{"code": 1}}}"#), member);
    assert_eq!(with(r#"decision := {"allow": true, "deny": {{"code": "A", "x": 1}}}"#), member);
    let more = said("it has members beside `allow` and `deny`");
    assert_eq!(with(r#"decision := {"allow": true, "deny": set(), "x": 1}"#), more);
}

#[test]
fn an_evaluation_that_takes_too_long_decides_nothing() {
    let text = "package switchboard\nn := count([1 | some i in numbers.range(1, 2000); some j in numbers.range(1, 2000); i < j])\n\
                decision := {\"allow\": n > 0, \"deny\": set()}";
    let mut vm = policy(text).evaluator(&Value::new_object(), Limits { instructions: 10_000, time: None }).unwrap();
    let said = vm.decide(Value::new_object()).unwrap_err().to_string();
    assert!(said.contains("exceeded maximum instruction limit of 10000"), "{said}");
}

#[test]
fn data_may_not_hide_a_rule() {
    let data = Value::from_json_str(r#"{"switchboard":{"allow":true}}"#).unwrap();
    assert!(policy(POLICY).evaluator(&data, Limits::default()).is_err());
}
