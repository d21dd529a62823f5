//! One input that shows what is wrong, for people and as a case for the policy's tests.

use serde_json::Value as Json;

use super::Question;
use crate::policy::{Limits, Policy, Value};
use crate::record::tenant::decision::Answer;
use crate::record::tenant::{Counterexample, Damage};
use crate::tenant::decide::engine_value;
use crate::tenant::faults::Fault;
use crate::tenant::oracle::{Oracle, Request};
use crate::tenant::word::{answer, word};

/// What is shown of an input.
pub struct Shown<'a> {
    pub invariant: &'a str,
    pub meaning: &'a str,
    pub document: Json,
    /// Fields away from the nearest input that may be allowed.
    pub distance: usize,
    pub fault: Option<&'a Fault>,
}

impl Shown<'_> {
    pub fn counterexample(self, question: &Question, codes: &[String], oracle: &Oracle) -> Counterexample {
        let known = |object: &str, member: &str| {
            let id = self.document[object][member].as_str().map(str::to_owned);
            id.filter(|id| question.data.tenants.contains_key(id))
        };
        let data = self.fault.map_or_else(|| engine_value(&question.data), |f| f.damage(&engine_value(&question.data)));
        Counterexample {
            invariant: self.invariant.to_owned(),
            meaning: self.meaning.to_owned(),
            tenant: known("tenant", "id"),
            resource_tenant: known("resource", "tenant"),
            decision: decide(question, codes, &data, &self.document),
            distance: Some(self.distance as u64),
            fault: self.fault.map(|fault| Damage { pointer: fault.pointer(), value: fault.instead.clone() }),
            rego_test: Some(self.rego_test(&data, oracle)),
            input: Some(self.document),
        }
    }

    /// A case for the policy's `_test.rego`, over the data that the policy reads. It fails until the policy is mended.
    fn rego_test(&self, data: &Value, oracle: &Oracle) -> String {
        let denies = oracle.decide(&Request::from_json(&self.document));
        let expectation = match self.invariant {
            "I6" => "count(data.switchboard.deny) == 0".to_owned(),
            "I7" => "data.switchboard.decision == {\"allow\": false, \"deny\": {{\"code\": \"MALFORMED\"}}}".to_owned(),
            "I10" => "is_boolean(data.switchboard.decision.allow)".to_owned(),
            "oracle" => {
                let codes: Vec<String> = denies.iter().map(|d| format!("{{\"code\": \"{}\"}}", d.as_str())).collect();
                let set = if codes.is_empty() { "set()".to_owned() } else { format!("{{{}}}", codes.join(", ")) };
                format!("data.switchboard.decision == {{\"allow\": {}, \"deny\": {set}}}", denies.is_empty())
            }
            _ if denies.is_empty() => "data.switchboard.allow".to_owned(),
            _ => "not data.switchboard.allow".to_owned(),
        };
        let (name, input) = (self.invariant.to_lowercase(), &self.document);
        let mut case = format!("test_{name} if {{\n\t{expectation} with input as {input}\n");
        for root in ["tenants", "classifications", "regions"] {
            // A root that is deleted is an empty one for a test, which has no other way to be without it.
            let node = data.as_object().ok().and_then(|data| data.get(&Value::from(root)));
            let node = node.and_then(|node| serde_json::to_string(node).ok()).unwrap_or_else(|| "{}".to_owned());
            case.push_str(&format!("\t\twith data.{root} as {node}\n"));
        }
        case + "}\n"
    }
}

/// An invariant that no single input breaks.
pub fn whole(invariant: &str, meaning: String, tenant: Option<String>) -> Counterexample {
    Counterexample {
        invariant: invariant.to_owned(),
        meaning,
        tenant,
        resource_tenant: None,
        input: None,
        decision: None,
        distance: None,
        fault: None,
        rego_test: None,
    }
}

fn decide(question: &Question, codes: &[String], data: &Value, document: &Json) -> Option<Answer> {
    let policy = Policy::compile(&question.sources).ok()?;
    let value = policy.evaluator(data, Limits::default()).ok()?.evaluate(Value::from(document.clone())).ok()?;
    answer(word(&value, codes), codes)
}
