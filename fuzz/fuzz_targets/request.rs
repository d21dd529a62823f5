//! Arbitrary bytes as a line of requests. What is decided is a JSON object, is decided as the table of codes says, and
//! shows only what stands in the line.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use govctl::policy::{File, Sources};
use govctl::record::tenant::Decision;
use govctl::tenant::decide::{Decider, Order, Plan, Verdict};
use govctl::tenant::oracle::{Oracle, Request};
use govctl::tenant::reads::Reads;
use govctl::tenants::data::Data;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const DATA: &[u8] = include_bytes!("../../fixtures/tenant/four.json");
const POLICY: &str = include_str!("../../policies/switchboard/switchboard.rego");

struct Subject {
    decider: Decider,
    oracle: Oracle,
}

thread_local! {
    static SUBJECT: RefCell<Subject> = RefCell::new(subject());
}

fn subject() -> Subject {
    let file = File { name: "p.rego".into(), shown: "p.rego".into(), text: POLICY.into() };
    let sources = Sources::new(vec![file]);
    let reads = Reads::of(&sources).expect("the shipped policy is sound");
    let data = Data::read(DATA).expect("the fixture is valid");
    let order = Order { sources, data, reads, revision: "sha256:ab".into(), now: None, explain: true };
    let decider = Decider::new(Arc::new(Plan::new(order))).expect("the shipped policy compiles");
    Subject { decider, oracle: Oracle::new(DATA).expect("the fixture is valid") }
}

/// Every value of `part` stands in `whole`.
fn lies_in(part: &Value, whole: Option<&Value>) -> bool {
    match (part, whole) {
        (Value::Object(part), Some(Value::Object(whole))) => {
            part.iter().all(|(key, value)| lies_in(value, whole.get(key)))
        }
        (part, whole) => Some(part) == whole,
    }
}

fuzz_target!(|line: &[u8]| {
    SUBJECT.with_borrow_mut(|Subject { decider, oracle }| {
        let mut out = Vec::new();
        let verdict = match decider.line(0, line, &mut out) {
            Ok(verdict) => verdict,
            Err(why) => {
                assert!(out.is_empty() && why.column.is_none_or(|column| column <= line.len() as u64 + 1));
                return;
            }
        };
        let request: Value = serde_json::from_slice(line).expect("what is decided is JSON");
        assert!(request.is_object());
        let decision: Decision = serde_json::from_slice(&out).expect("a decision is its record");
        assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1);
        let input = &decision.input;
        assert!(lies_in(input, Some(&request)), "{input}");
        for pointer in &decision.erased {
            assert!(request.pointer(pointer).is_some(), "{pointer}");
            assert!(input.pointer(pointer).is_none(), "{pointer}");
        }
        // A slow machine may run into the limit of time; nothing else ends an evaluation of this policy.
        if verdict == Verdict::Failed {
            let error = decision.error.expect("says why");
            assert!(error.message.contains("time"), "{}", error.message);
            return;
        }
        let denies = oracle.decide(&Request::from_json(&request));
        let mut expected: Vec<&str> = denies.iter().map(|code| code.as_str()).collect();
        expected.sort_unstable();
        let codes: Vec<&str> = decision.deny.iter().map(|deny| deny.code.as_str()).collect();
        assert_eq!((decision.allow, codes), (denies.is_empty(), expected));
    });
});
