//! Both sides at every point that is looked at, and base with each part of the change where they differ.

use super::groups::{Groups, change};
use super::near::Near;
use super::parts::{Part, Parts};
use super::plan::{Plan, Points};
use super::{Question, Side};
use crate::policy::{Evaluator, Interpreter, Limits, Policy, Value};
use crate::record::tenant::Cause;
use crate::tenant::decide::engine_value;
use crate::tenant::domain::Domain;
use crate::tenant::oracle::Deny;
use crate::tenant::parallel::{in_order, in_parallel};
use crate::tenant::second::looks_at;
use crate::tenant::word::{UNDECIDED, word};

/// Points that a thread takes at once.
const CHUNK: u64 = 8192;

pub struct Sweep<'a> {
    pub question: &'a Question,
    pub plan: &'a Plan<'a>,
    pub parts: &'a Parts,
}

/// What was seen at some points, by their numbers in the complete domain.
#[derive(Default)]
struct Seen {
    differ: Vec<u64>,
    /// By base.
    allowed: Vec<u64>,
}

impl Sweep<'_> {
    /// An error is a disagreement of the engines, or data that a policy cannot be loaded with.
    pub fn run(&self, tell: &mut dyn FnMut(u64, u64)) -> Result<Groups, String> {
        let mut seen = self.look(&self.plan.looked, tell)?;
        if seen.differ.is_empty() {
            return Ok(Groups::default());
        }
        seen.allowed.extend(self.look(&self.plan.beside(), &mut |_, _| ())?.allowed);
        let allowed = seen.allowed.iter().map(|key| self.plan.domain.digits(*key));
        let near = Near::new(self.plan.sizes(), allowed);
        self.explain(&seen.differ, &near)
    }

    fn look(&self, points: &Points, tell: &mut dyn FnMut(u64, u64)) -> Result<Seen, String> {
        let (all, mut seen) = (points.len(), Seen::default());
        let until = |chunk: u64| ((chunk + 1) * CHUNK).min(all);
        let chunk = |own: &mut Own, chunk: u64| {
            self.chunk(points, chunk * CHUNK..until(chunk), own).map(|seen| (until(chunk), seen))
        };
        let take = |(until, of_chunk): (u64, Seen)| {
            seen.differ.extend(of_chunk.differ);
            seen.allowed.extend(of_chunk.allowed);
            tell(until, all);
        };
        in_order(self.question.jobs, all.div_ceil(CHUNK), || Own::new(self), chunk, take)?;
        Ok(seen)
    }

    fn chunk(&self, points: &Points, numbers: std::ops::Range<u64>, own: &mut Own) -> Result<Seen, String> {
        let mut seen = Seen::default();
        let tenants = self.question.base.data.tenants.len().max(self.question.head.data.tenants.len());
        let malformed = self.plan.codes.iter().position(|code| code == Deny::Malformed.as_str()).map(|at| 2_u64 << at);
        for number in numbers {
            let digits = points.digits(number);
            let input = own.domain.input(&digits);
            let [base, head] = [&mut own.base, &mut own.head].map(|machine| machine.word(&input, &self.plan.codes));
            let differs = change(base, head).is_some();
            let allows = |word: u64| word != UNDECIDED && word & 1 == 1;
            let is_malformed = |word: u64| malformed.is_some_and(|bit| word & (bit | 1) == bit);
            let well_formed = !(is_malformed(base) && is_malformed(head));
            if looks_at(number, allows(base) != allows(head), well_formed, tenants) {
                for (machine, word) in [(&mut own.base, base), (&mut own.head, head)] {
                    machine.confirm(&input, word, &self.plan.codes)?;
                }
            }
            if differs {
                seen.differ.push(self.plan.key(&digits));
            }
            if allows(base) {
                seen.allowed.push(self.plan.key(&digits));
            }
        }
        Ok(seen)
    }

    /// Why each of the points is decided otherwise.
    fn explain(&self, differ: &[u64], near: &Near) -> Result<Groups, String> {
        let chunks: Vec<&[u64]> = differ.chunks(CHUNK as usize).collect();
        let parts = in_parallel(
            self.question.jobs,
            chunks.len(),
            || with_parts(self),
            |(own, alone), chunk| {
                let mut groups = Groups::default();
                for key in chunks[chunk] {
                    let digits = self.plan.domain.digits(*key);
                    let input = own.domain.input(&digits);
                    let words = [&mut own.base, &mut own.head].map(|machine| machine.word(&input, &self.plan.codes));
                    let gives = |(cause, machine): &mut (Cause, Machine)| {
                        (machine.word(&input, &self.plan.codes) == words[1]).then_some(*cause)
                    };
                    let cause =
                        self.parts.only().or_else(|| alone.iter_mut().find_map(gives)).unwrap_or(Cause::Combined);
                    groups.add(self.plan, near, *key, words, cause);
                }
                Ok(groups)
            },
        )?;
        Ok(parts.into_iter().fold(Groups::default(), Groups::with))
    }
}

/// What a thread shares with no other: threads that share values wait for each other at every count of references.
struct Own {
    domain: Domain,
    base: Machine,
    head: Machine,
}

impl Own {
    fn new(sweep: &Sweep) -> Result<Own, String> {
        Ok(Own {
            domain: sweep.plan.domain.apart(),
            base: Machine::new(&sweep.question.base)?,
            head: Machine::new(&sweep.question.head)?,
        })
    }
}

/// The same, with base under each part of the change.
fn with_parts(sweep: &Sweep) -> Result<(Own, Vec<(Cause, Machine)>), String> {
    let machine = |part: &Part| Ok((part.cause, Machine::new(&part.side)?));
    Ok((Own::new(sweep)?, sweep.parts.iter().map(machine).collect::<Result<_, String>>()?))
}

struct Machine {
    fast: Evaluator,
    slow: Interpreter,
}

impl Machine {
    fn new(side: &Side) -> Result<Machine, String> {
        let policy = Policy::compile(&side.sources).map_err(|fault| fault.message)?;
        let data = engine_value(&side.data);
        Ok(Machine {
            fast: policy.evaluator(&data, Limits::default())?,
            slow: policy.interpreter(&data, Limits::default())?,
        })
    }

    fn word(&mut self, input: &Value, codes: &[String]) -> u64 {
        self.fast.evaluate(input.clone()).map_or(UNDECIDED, |value| word(&value, codes))
    }

    /// The other engine decides the same.
    fn confirm(&mut self, input: &Value, decided: u64, codes: &[String]) -> Result<(), String> {
        match self.slow.evaluate(input.clone()).map_or(UNDECIDED, |value| word(&value, codes)) == decided {
            true => Ok(()),
            false => Err(format!("the engines disagree on the input {input}")),
        }
    }
}
