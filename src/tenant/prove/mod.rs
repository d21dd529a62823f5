//! `tenant prove`: isolation over the complete finite domain, not a sample of it.

mod certificate;
mod counterexample;
mod outcome;
mod pairs;
mod sweep;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::domain::{Digits, Domain, Extent, FURTHER};
use super::faults::{self, Reach};
use super::further::Further;
use super::mutation;
use super::oracle::Oracle;
use super::uses::{Reason, Uses};
use super::word::MOST_CODES;
use crate::policy::{Fault, Sources, parse_all};
use crate::record::tenant::{Counterexample, Isolation, Mode, Mutant, Proof};
use crate::tenants::data::{Data, Rules};
use outcome::{Found, Outcome};
use sweep::Sweep;

pub use certificate::{Certificate, differences};

/// Up to this many points every tenant stands for itself.
const AUTO: u64 = 2_000_000;

/// Everything that a proof depends on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub sources: Sources,
    pub data: Data,
    /// Fields of the input beside the seven.
    pub further: Further,
    /// None: `full` up to 2,000,000 points where tenants can stand for each other, else `classes`.
    pub mode: Option<Mode>,
    /// None: all of the product up to `max_points`, else what is left of it where the policy is guarded.
    pub malformed: Option<Extent>,
    pub max_points: u64,
    pub jobs: usize,
    /// This is the policy that govctl ships: all of its codes must be those of the oracle.
    pub shipped: bool,
    /// Damage the data too.
    pub faults: bool,
    /// Change the policy too.
    pub mutation: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub findings: Vec<(Code, Reason)>,
    pub counterexamples: Vec<Counterexample>,
    pub isolation: Vec<Isolation>,
    pub mutants: Vec<Mutant>,
    pub proof: Proof,
    pub certificate: Certificate,
    /// Nothing at all was evaluated.
    pub unevaluated: bool,
}

/// The two ways to end without an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Failed {
    /// The policy cannot be loaded.
    Policy(Vec<Fault>),
    /// The engines of govctl disagree, or data has no engine: no decision can be relied on.
    Engine(String),
}

/// What was looked at, and why it may prove nothing.
struct Plan {
    uses: Uses,
    domain: Domain,
    /// Holds the tenants whose data are damaged.
    damageable: Domain,
    mode: Mode,
    /// Every tenant to the one that stands for it.
    stands_for: BTreeMap<String, String>,
    findings: Vec<(Code, Reason)>,
    reasons: Vec<String>,
}

pub fn prove(question: &Question, tell: &mut dyn FnMut(u64, u64)) -> Result<Answer, Failed> {
    let faults = crate::policy::check(&question.sources, true);
    if !faults.is_empty() {
        return Err(Failed::Policy(faults));
    }
    let parsed = parse_all(&question.sources).map_err(Failed::Policy)?;
    let plan = Plan::new(question, Uses::of(&parsed, &question.further));
    let json = question.data.encode().map_err(|e| Failed::Engine(e.to_string()))?;
    let oracle = Oracle::new(&json).map_err(|e| Failed::Engine(e.to_string()))?;
    let found = match plan.reasons.is_empty() {
        true => Some(evaluate(question, &plan, &oracle, tell).map_err(Failed::Engine)?),
        false => None,
    };
    let outcome = Outcome { question, plan: &plan, oracle: &oracle, json: &json, found };
    let judged = outcome.judge();
    // What is already refuted has no redundant parts to speak of.
    let mutants = match question.mutation && outcome.found.is_some() && judged.0.is_empty() {
        true => Some(mutate(question, &plan, &oracle).map_err(Failed::Engine)?),
        false => None,
    };
    Ok(outcome.answer(judged, mutants))
}

fn evaluate(
    question: &Question,
    plan: &Plan,
    oracle: &Oracle,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Found, String> {
    let sweep = Sweep {
        sources: &question.sources,
        data: &question.data,
        oracle,
        domain: &plan.domain,
        codes: &plan.uses.codes,
        jobs: question.jobs,
        shipped: question.shipped,
    };
    let swept = sweep.run(&intended(&plan.domain, oracle), tell)?;
    // Where something else is asked for too, it must be there: with it somebody is allowed something.
    let witness = swept.tally.tenants.iter().find_map(|tenant| tenant.witness);
    let combination = witness.map_or(0, |point| plan.domain.digits(point)[FURTHER]);
    let pairs = (plan.mode == Mode::Classes).then(|| pairs::pairs(question, &plan.domain, combination)).transpose()?;
    let stage = faults::Stage {
        sources: &question.sources,
        data: &question.data,
        oracle,
        domain: &plan.damageable,
        reach: Reach::of(&plan.uses),
    };
    let damaged = question.faults.then(|| stage.run(question.jobs)).transpose()?;
    Ok(Found { swept, pairs, damaged })
}

fn mutate(question: &Question, plan: &Plan, oracle: &Oracle) -> Result<Vec<Mutant>, String> {
    let ids = plan.stands_for.values().map(String::as_str).collect();
    let policy = (&question.sources, &plan.uses);
    mutation::over_the_domain(policy, (&question.data, oracle), &ids, question.jobs)
}

/// The points that may be allowed.
fn intended(domain: &Domain, oracle: &Oracle) -> Vec<Digits> {
    let good = domain.with(Extent::Twos);
    let points = (0..good.well_formed()).map(|point| good.digits(point));
    points.filter(|digits| oracle.decide(&domain.request(digits)).is_empty()).collect()
}

impl Plan {
    fn new(question: &Question, uses: Uses) -> Plan {
        let data = &question.data;
        let everyone: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
        let of = |ids: &BTreeSet<&str>| Domain::new(&[&uses], &[data], ids);
        let full = of(&everyone);
        let symmetric = uses.asymmetric.is_empty();
        let mode = question.mode.unwrap_or(match full.points() > AUTO && symmetric {
            true => Mode::Classes,
            false => Mode::Full,
        });
        let classes = Classes::of(data);
        let (domain, stands_for) = match mode {
            Mode::Full => (full, everyone.iter().map(|id| ((*id).to_owned(), (*id).to_owned())).collect()),
            Mode::Classes => (of(&classes.representatives), classes.stands_for),
        };
        let damageable = match (mode, uses.owner_is_key) {
            (Mode::Full, _) => of(&everyone),
            (Mode::Classes, true) => of(&classes.representatives),
            (Mode::Classes, false) => of(&classes.firsts),
        };
        let too_large = domain.points() > question.max_points && uses.guards.well_formed;
        let domain = match question.malformed.unwrap_or(if too_large { Extent::Twos } else { Extent::Complete }) {
            Extent::Complete => domain,
            Extent::Twos => domain.with(Extent::Twos),
        };
        let mut plan = Plan { uses, domain, damageable, mode, stands_for, findings: Vec::new(), reasons: Vec::new() };
        plan.judge(question, mode == Mode::Classes && !symmetric);
        plan
    }

    /// Why nothing can be concluded, before anything is evaluated.
    fn judge(&mut self, question: &Question, asymmetric: bool) {
        let mut because = |code: Code, reasons: &[Reason], what: &str| {
            if !reasons.is_empty() {
                self.reasons.push(what.to_owned());
                self.findings.extend(reasons.iter().map(|reason| (code, reason.clone())));
            }
        };
        because(
            Code::DomainUnsound,
            &self.uses.unsound,
            "the policy uses its input in a form that no finite domain covers",
        );
        because(Code::CodesUnknown, &self.uses.uncoded, "the policy has deny codes that are no literals");
        if asymmetric {
            let what =
                "the policy tells tenants apart by more than their data, so none can stand for another: --mode full";
            because(Code::SymmetryUnsound, &self.uses.asymmetric, what);
        }
        if self.uses.codes.len() > MOST_CODES {
            self.reasons.push(format!("the policy has more than {MOST_CODES} deny codes"));
        }
        if self.domain.extent() == Extent::Twos && !self.uses.guards.well_formed {
            let what = "malformed inputs cannot be left out: no rule that types every field guards allow and MALFORMED";
            self.reasons.push(what.to_owned());
        }
        if let Some(what) = self.domain.too_many_combinations() {
            self.reasons.push(what);
        }
        let points = self.domain.points();
        if points > question.max_points {
            let more = if self.mode == Mode::Full { ", or --mode classes" } else { "" };
            self.reasons.push(format!("the domain has {points} points: --max-points{more}"));
        }
        let can = |rules: &Rules| !rules.labels.is_empty() && !rules.data_classes.is_empty();
        if !question.data.tenants.values().any(can) {
            self.reasons.push("no tenant has labels and classes: nothing could be allowed".to_owned());
            self.findings.push((Code::VacuousDomain, Reason::of_nothing("no tenant has labels and classes")));
        }
    }
}

/// Tenants of equal data.
struct Classes<'a> {
    /// One of each.
    firsts: BTreeSet<&'a str>,
    /// Two of each, or one where it has no more.
    representatives: BTreeSet<&'a str>,
    stands_for: BTreeMap<String, String>,
}

impl Classes<'_> {
    fn of(data: &Data) -> Classes<'_> {
        let mut members: BTreeMap<&Rules, Vec<&str>> = BTreeMap::new();
        for (id, rules) in &data.tenants {
            members.entry(rules).or_default().push(id);
        }
        let some = |n: usize| members.values().flat_map(|ids| ids.iter().take(n).copied()).collect();
        // The second stands for itself, all others behind it for what the first is.
        let stands_for = |ids: &Vec<&str>| -> Vec<(String, String)> {
            let first = |n: usize| ids[usize::from(n == 1)].to_owned();
            ids.iter().enumerate().map(|(n, id)| ((*id).to_owned(), first(n))).collect()
        };
        let stands_for = members.values().flat_map(stands_for).collect();
        Classes { firsts: some(1), representatives: some(2), stands_for }
    }
}
