//! `tenant prove`: isolation over the complete finite domain, not a sample of it.

mod certificate;
mod outcome;
mod sweep;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::domain::Domain;
use super::oracle::Oracle;
use super::uses::{Reason, Uses};
use crate::policy::{Fault, Sources, parse_all};
use crate::record::tenant::{Counterexample, Isolation, Proof};
use crate::tenants::data::{Data, Rules};
use sweep::{Sweep, Swept};

pub use certificate::{Certificate, differences};

/// Up to this many points every tenant stands for itself.
const AUTO: u64 = 2_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// `full` up to 2,000,000 points, else `classes`.
    Auto,
    /// Every tenant stands for itself.
    Full,
    /// Two tenants stand for all of equal region, labels and classes.
    Classes,
}

/// Everything that a proof depends on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub sources: Sources,
    pub data: Data,
    pub mode: Mode,
    pub max_points: u64,
    pub jobs: usize,
    /// This is the policy that govctl ships: all of its codes must be those of the oracle.
    pub shipped: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub findings: Vec<(Code, Reason)>,
    pub counterexamples: Vec<Counterexample>,
    pub isolation: Vec<Isolation>,
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
    let plan = Plan::new(question, Uses::of(&parsed));
    let json = question.data.encode().map_err(|e| Failed::Engine(e.to_string()))?;
    let oracle = Oracle::new(&json).map_err(|e| Failed::Engine(e.to_string()))?;
    let swept = match plan.reasons.is_empty() {
        true => Some(sweep(question, &plan, &oracle, tell)?),
        false => None,
    };
    Ok(outcome::Outcome { question, plan: &plan, oracle: &oracle, json: &json, swept }.answer())
}

fn sweep(question: &Question, plan: &Plan, oracle: &Oracle, tell: &mut dyn FnMut(u64, u64)) -> Result<Swept, Failed> {
    let sweep = Sweep {
        sources: &question.sources,
        data: &question.data,
        oracle,
        domain: &plan.domain,
        codes: &plan.uses.codes,
        jobs: question.jobs,
        shipped: question.shipped,
    };
    sweep.run(&intended(&plan.domain, oracle), tell).map_err(Failed::Engine)
}

/// The points that may be allowed.
fn intended(domain: &Domain, oracle: &Oracle) -> Vec<[usize; 7]> {
    let points = (0..domain.points()).map(|point| domain.digits(point));
    points.filter(|digits| oracle.decide(&domain.request(digits)).is_empty()).collect()
}

impl Plan {
    fn new(question: &Question, uses: Uses) -> Plan {
        let data = &question.data;
        let everyone: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
        let full = Domain::new(&[&uses], &[data], &everyone);
        let symmetric = uses.asymmetric.is_empty();
        let reduced = match question.mode {
            Mode::Full => false,
            Mode::Classes => true,
            Mode::Auto => full.points() > AUTO && symmetric,
        };
        let (stands_for, representatives) = classes(data);
        let domain = if reduced { Domain::new(&[&uses], &[data], &representatives) } else { full };
        let stands_for = match reduced {
            true => stands_for,
            false => everyone.iter().map(|id| ((*id).to_owned(), (*id).to_owned())).collect(),
        };
        let mode = if reduced { Mode::Classes } else { Mode::Full };
        let mut plan = Plan { uses, domain, mode, stands_for, findings: Vec::new(), reasons: Vec::new() };
        plan.judge(question, reduced && !symmetric);
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
        if self.uses.codes.len() > 62 {
            self.reasons.push("the policy has more than 62 deny codes".to_owned());
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

/// Who stands for whom: two tenants of each class of equal data, or one where it has no more.
fn classes(data: &Data) -> (BTreeMap<String, String>, BTreeSet<&str>) {
    let mut members: BTreeMap<&Rules, Vec<&str>> = BTreeMap::new();
    for (id, rules) in &data.tenants {
        members.entry(rules).or_default().push(id);
    }
    let representatives: BTreeSet<&str> = members.values().flat_map(|ids| ids.iter().take(2).copied()).collect();
    // The second stands for itself, all others behind it for what the first is.
    let stands_for = members
        .values()
        .flat_map(|ids| ids.iter().enumerate().map(|(n, id)| ((*id).to_owned(), ids[usize::from(n == 1)].to_owned())));
    (stands_for.collect(), representatives)
}
