//! A line of requests → a line with its decision. Pure: the same line at the same place gives the same bytes.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::explain::explain;
use super::reads::Reads;
use super::request::{Node, Request, Unreadable, read};
use crate::policy::{Decision, Evaluator, Limits, Policy, Sources, Value};
use crate::tenants::data::Data;

/// govctl's own code, where the policy decided nothing.
pub const EVAL_ERROR: &str = "EVAL_ERROR";
/// Answers that are remembered, and the longest input that is.
const REMEMBERED: usize = 1 << 15;
const LONGEST_KEY: usize = 1 << 10;
/// Of the first inputs so many must come again, or none is remembered any more.
const ON_TRIAL: usize = 1 << 12;
const REPEATED: usize = ON_TRIAL / 8;

type Map<K, V> = HashMap<K, V, FixedState>;

/// All that a decision depends on besides its request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    pub sources: Sources,
    pub data: Data,
    pub reads: Reads,
    /// Of policy and data.
    pub revision: String,
    /// RFC 3339; stands in decisions on requests without a time of their own.
    pub now: Option<String>,
    /// Say of each deny why.
    pub explain: bool,
}

/// An order with what follows from it once.
#[derive(Debug)]
pub struct Plan {
    order: Order,
    /// The ids of all tenants.
    ids: HashSet<String, FixedState>,
    /// The bytes between the erased fields and the time.
    tail: Vec<u8>,
}

impl Plan {
    pub fn new(order: Order) -> Self {
        let mut tail = b",\"bundles\":{\"switchboard\":{\"revision\":".to_vec();
        json(&mut tail, &order.revision);
        tail.extend_from_slice(b"}},\"labels\":{\"app\":\"govctl\",\"version\":");
        json(&mut tail, env!("CARGO_PKG_VERSION"));
        tail.push(b'}');
        let ids = order.data.tenants.keys().cloned().collect();
        Plan { order, ids, tail }
    }

    /// A machine that shares nothing with another: they would wait for each other at every count of references.
    fn machine(&self) -> Result<Evaluator, String> {
        let policy = Policy::compile(&self.order.sources).map_err(|fault| fault.message)?;
        policy.evaluator(&engine_value(&self.order.data), Limits::default())
    }
}

/// Compiled data as the engines take it.
pub fn engine_value(data: &Data) -> Value {
    // By way of the text: a tree of values in between would cost more.
    let value = serde_json::to_string(data).ok().and_then(|json| Value::from_json_str(&json).ok());
    value.unwrap_or(Value::Undefined)
}

/// What was decided about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    Denied,
    /// Denied, since the policy decided nothing.
    Failed,
}

/// The answer to one input, with its bytes in a decision.
#[derive(Debug)]
struct Answer {
    verdict: Verdict,
    codes: Vec<Arc<str>>,
    /// `"allow":..,"deny":[..]`
    bytes: Vec<u8>,
    /// Why the policy decided nothing.
    error: Option<String>,
}

/// Evaluation is pure, so the answer to an input holds for the same input again.
#[derive(Default)]
struct Memo {
    known: Map<Box<[u8]>, Arc<Answer>>,
    /// Inputs that came again since it was empty.
    repeated: usize,
    /// Requests hardly repeat: to remember them costs more than it saves.
    off: bool,
}

impl Memo {
    fn get(&mut self, input: &[u8]) -> Option<Arc<Answer>> {
        let known = if self.off { None } else { self.known.get(input).cloned() };
        self.repeated += usize::from(known.is_some());
        known
    }

    fn add(&mut self, input: &[u8], answer: &Arc<Answer>) {
        if self.off || input.len() > LONGEST_KEY {
            return;
        }
        if self.known.len() == ON_TRIAL && self.repeated < REPEATED {
            *self = Memo { off: true, ..Memo::default() };
            return;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
            self.repeated = 0;
        }
        self.known.insert(input.into(), answer.clone());
    }
}

/// One thread's part.
pub struct Decider {
    plan: Arc<Plan>,
    evaluator: Evaluator,
    memo: Memo,
    /// The bytes of the input of the line at hand.
    input: Vec<u8>,
}

impl Decider {
    pub fn new(plan: Arc<Plan>) -> Result<Decider, String> {
        let evaluator = plan.machine()?;
        Ok(Decider { plan, evaluator, memo: Memo::default(), input: Vec::new() })
    }

    /// Appends the decision on a line, with its newline. `index` counts the lines of the run from 0.
    pub fn line(&mut self, index: u64, line: &[u8], out: &mut Vec<u8>) -> Result<Verdict, Unreadable> {
        let plan = self.plan.clone();
        let request = read(line, &plan.order.reads)?;
        self.input.clear();
        json(&mut self.input, &request.input);
        let answer = self.answer(&request.input);
        plan.write(out, &plan.id(index, line), &request, &self.input, &answer);
        Ok(answer.verdict)
    }

    fn answer(&mut self, input: &Node<'_>) -> Arc<Answer> {
        if let Some(known) = self.memo.get(&self.input) {
            return known;
        }
        let value = input.value();
        let evaluator = &mut self.evaluator;
        let decided = match catch_unwind(AssertUnwindSafe(|| evaluator.decide(value))) {
            Ok(Ok(decision)) => Ok(decision),
            Ok(Err(undecided)) => Err(undecided.to_string()),
            Err(_) => {
                // What a panic leaves of a machine is not used again.
                if let Ok(fresh) = self.plan.machine() {
                    self.evaluator = fresh;
                }
                Err("the evaluation failed: the engine panicked".to_owned())
            }
        };
        let answer = Arc::new(Answer::new(decided));
        if answer.error.is_none() {
            self.memo.add(&self.input, &answer);
        }
        answer
    }
}

impl Answer {
    fn new(decided: Result<Decision, String>) -> Answer {
        let (allow, codes, error) = match decided {
            Ok(Decision { allow, deny }) => (allow, deny, None),
            Err(error) => (false, vec![Arc::from(EVAL_ERROR)], Some(error)),
        };
        let mut bytes = format!("\"allow\":{allow},\"deny\":[").into_bytes();
        for (i, code) in codes.iter().enumerate() {
            bytes.extend_from_slice(if i == 0 { b"{\"code\":" } else { b",{\"code\":" });
            json(&mut bytes, code.as_ref());
            bytes.push(b'}');
        }
        bytes.push(b']');
        let verdict = match (allow, &error) {
            (_, Some(_)) => Verdict::Failed,
            (true, None) => Verdict::Allowed,
            (false, None) => Verdict::Denied,
        };
        Answer { verdict, codes, bytes, error }
    }
}

impl Plan {
    /// Appends the denial of a line that nothing was decided about, with its newline. `why` says what became of its evaluation.
    pub fn undecided(&self, index: u64, line: &[u8], why: String, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let request = read(line, &self.order.reads)?;
        let mut input = Vec::new();
        json(&mut input, &request.input);
        self.write(out, &self.id(index, line), &request, &input, &Answer::new(Err(why)));
        Ok(())
    }

    /// The first 16 bytes of a digest over the revision, the place of the request and its bytes, as hex.
    fn id(&self, index: u64, line: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update((self.order.revision.len() as u64).to_le_bytes());
        hash.update(&self.order.revision);
        hash.update(index.to_le_bytes());
        hash.update((line.len() as u64).to_le_bytes());
        hash.update(line);
        let mut hex = [0; 32];
        data_encoding::HEXLOWER.encode_mut(&hash.finalize()[..16], &mut hex);
        hex
    }

    /// The record `govctl.tenant.decision/1`, put together by hand: it is written for every request.
    fn write(&self, out: &mut Vec<u8>, id: &[u8], request: &Request<'_>, input: &[u8], answer: &Answer) {
        out.extend_from_slice(b"{\"schema\":\"govctl.tenant.decision/1\",\"decision_id\":\"");
        out.extend_from_slice(id);
        out.push(b'"');
        member(out, "request_id", request.request_id.as_ref());
        out.extend_from_slice(b",\"tenant\":");
        json(out, &request.tenant.as_deref().filter(|id| self.ids.contains(*id)));
        out.push(b',');
        out.extend_from_slice(&answer.bytes);
        out.extend_from_slice(b",\"path\":\"switchboard/decision\",\"input\":");
        out.extend_from_slice(input);
        out.extend_from_slice(b",\"result\":{");
        out.extend_from_slice(&answer.bytes);
        out.push(b'}');
        member(out, "erased", Some(&request.erased).filter(|erased| !erased.is_empty()));
        out.extend_from_slice(&self.tail);
        member(out, "timestamp", request.ts.as_deref().or(self.order.now.as_deref()));
        if let Some(message) = &answer.error {
            out.extend_from_slice(b",\"error\":{\"code\":\"EVAL_ERROR\",\"message\":");
            json(out, message);
            out.push(b'}');
        }
        let reasons = self.order.explain.then(|| explain(&self.order.data, &request.input, &answer.codes));
        member(out, "explain", reasons.filter(|reasons| !reasons.is_empty()));
        out.extend_from_slice(b"}\n");
    }
}

fn member(out: &mut Vec<u8>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        json(out, &value);
    }
}

/// Texts, numbers, lists and objects with text keys: nothing that JSON cannot say.
fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests;
