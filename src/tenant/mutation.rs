//! Mutants of a policy over the domain of its proof: each must be told from it by an input or by damaged data. One that is
//! not shows code that says nothing.

mod by_tests;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value as Json;

use super::decide::engine_value;
use super::domain::{Digits, Domain, Extent};
use super::faults::{Reach, Stage};
use super::field::{Field, Sort};
use super::further::Further;
use super::oracle::Oracle;
use super::parallel::in_parallel;
use super::uses::Uses;
use super::word::{UNDECIDED, word};
use crate::policy::mutate::{Mutation, mutations};
use crate::policy::{Evaluator, Fault, Limits, Policy, Sources, check, parse_all};
use crate::record::finding::fingerprint;
use crate::record::tenant::{Mutant, Status};
use crate::tenants::data::Data;

pub use by_tests::by_tests;

/// All changes of a policy, with those that could be loaded.
pub struct Mutated {
    pub mutations: Vec<Mutation>,
    /// By mutation; None where it breaks a rule for policies.
    viable: Vec<Option<Viable>>,
}

struct Viable {
    sources: Sources,
    uses: Uses,
}

/// What tells a mutant from its policy.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    Point(Json),
    /// An input that is allowed over damaged data alone.
    Fault(Json),
    /// Nothing.
    Nothing,
    /// Nothing that was tried; the policy or the mutant uses its input in a form that no finite domain covers.
    Unknown,
}

impl Mutated {
    /// Changes and checks on so many threads. `further`: the fields beside the seven.
    pub fn new(sources: &Sources, further: &Further, jobs: usize) -> Result<Mutated, Vec<Fault>> {
        let sources = sources.without_tests();
        let mutations = mutations(&sources, &[&paths(|field| field.sort() == Sort::Id), &paths(is_name)])?;
        let viable = in_parallel(
            jobs,
            mutations.len(),
            || Ok(()),
            |(), at| {
                let sources = mutations[at].of(&sources);
                let viable = check(&sources, true).is_empty();
                let uses = || parse_all(&sources).ok().map(|parsed| Uses::of(&parsed, further));
                Ok(viable.then(uses).flatten().map(|uses| Viable { sources, uses }))
            },
        );
        let viable = viable.map_err(|text| vec![Fault::of_nothing(crate::policy::code::Code::EngineCrash, &text)])?;
        Ok(Mutated { mutations, viable })
    }

    /// The policy with the change; None where it could not be loaded.
    pub fn sources(&self, at: usize) -> Option<&Sources> {
        self.viable[at].as_ref().map(|viable| &viable.sources)
    }

    pub fn record(&self, at: usize, status: Status, killed_by: Option<&str>, witness: Option<Json>) -> Mutant {
        let of = &self.mutations[at];
        let place = format!("{}:{}", of.line, of.column);
        Mutant {
            mutant_id: fingerprint(&[&of.file, &place, of.operator.as_str(), &of.before, &of.after]),
            file: of.shown.clone(),
            line: of.line,
            column: of.column,
            operator: of.operator.as_str().to_owned(),
            before: of.before.clone(),
            after: of.after.clone(),
            status,
            killed_by: killed_by.map(str::to_owned),
            witness,
        }
    }
}

fn is_name(field: Field) -> bool {
    matches!(field.sort(), Sort::Region | Sort::Kind | Sort::Label)
}

fn paths(of: fn(Field) -> bool) -> Vec<String> {
    Field::ALL.into_iter().filter(|field| of(*field)).map(Field::path).collect()
}

/// A policy and what its mutants are held against.
pub struct Court<'a> {
    sources: &'a Sources,
    uses: &'a Uses,
    data: &'a Data,
    oracle: &'a Oracle,
    mutated: &'a Mutated,
    /// Two tenants, over which most mutants are told: points next to an allow first, then all that are well-formed.
    few: Points,
    domain: Domain,
    /// Every point of the domain with one malformed field at most, once a mutant asks.
    all: OnceLock<Result<Points, String>>,
}

/// Points of a domain, with the policy's own decisions.
struct Points {
    domain: Domain,
    digits: Vec<[u16; 8]>,
    words: Vec<u64>,
}

impl<'a> Court<'a> {
    /// `uses` is of the policy, `ids` are the tenants that stand for all.
    pub fn new(
        (sources, uses): (&'a Sources, &'a Uses),
        (data, oracle): (&'a Data, &'a Oracle),
        mutated: &'a Mutated,
        ids: &BTreeSet<&str>,
    ) -> Result<Court<'a>, String> {
        // One domain for all: it holds every value that any of them can tell apart.
        let all: Vec<&Uses> = mutated.viable.iter().flatten().map(|viable| &viable.uses).chain([uses]).collect();
        let of = |ids: &BTreeSet<&str>| Domain::new(&all, &[data], ids).with(Extent::Twos);
        let few = of(&ids.iter().take(2).copied().collect());
        let near = Stage { sources, data, oracle, domain: &few, reach: Reach::ALL }.near();
        let digits = near.into_iter().chain((0..few.well_formed()).map(|point| few.digits(point)));
        let few = Points::decide(sources, data, &uses.codes, &few, digits)?;
        let domain = of(ids);
        Ok(Court { sources, uses, data, oracle, mutated, few, domain, all: OnceLock::new() })
    }

    /// What tells this mutant from the policy. `faults`: damaged data may tell too.
    pub fn told(&self, at: usize, faults: bool) -> Result<Told, String> {
        let Some(Viable { sources, uses }) = &self.mutated.viable[at] else { return Ok(Told::Unknown) };
        let mut mutant = machine(sources, self.data)?;
        if let Some(input) = self.few.differs(&mut mutant, &self.uses.codes) {
            return Ok(Told::Point(input));
        }
        let damaged = |domain: &Domain| -> Result<Option<Json>, String> {
            let stage = Stage { sources, data: self.data, oracle: self.oracle, domain, reach: Reach::of(uses) };
            let widened = if faults { stage.first()? } else { None };
            Ok(widened.map(|widened| domain.document(&widened.digits)))
        };
        if let Some(input) = damaged(&self.few.domain)? {
            return Ok(Told::Fault(input));
        }
        let all = self.all.get_or_init(|| {
            let digits = (0..self.domain.with_one_malformed()).map(|point| self.domain.digits(point));
            Points::decide(self.sources, self.data, &self.uses.codes, &self.domain, digits)
        });
        if let Some(input) = all.as_ref().map_err(Clone::clone)?.differs(&mut mutant, &self.uses.codes) {
            return Ok(Told::Point(input));
        }
        Ok(match damaged(&self.domain)? {
            Some(input) => Told::Fault(input),
            None if uses.unsound.is_empty() && self.uses.unsound.is_empty() => Told::Nothing,
            None => Told::Unknown,
        })
    }
}

impl Points {
    fn decide(
        sources: &Sources,
        data: &Data,
        codes: &[String],
        domain: &Domain,
        digits: impl Iterator<Item = Digits>,
    ) -> Result<Points, String> {
        let (mut machine, domain) = (machine(sources, data)?, domain.apart());
        // A field has far fewer values than this.
        let digits: Vec<[u16; 8]> = digits.map(|digits| digits.map(|digit| digit as u16)).collect();
        let words = digits.iter().map(|digits| decide(&mut machine, &domain, digits, codes)).collect();
        Ok(Points { domain, digits, words })
    }

    /// The first input that another policy decides otherwise.
    fn differs(&self, machine: &mut Evaluator, codes: &[String]) -> Option<Json> {
        let domain = self.domain.apart();
        let mut points = self.digits.iter().zip(&self.words);
        let (digits, _) = points.find(|(digits, word)| decide(machine, &domain, digits, codes) != **word)?;
        Some(domain.document(&digits.map(usize::from)))
    }
}

/// A fleet in which everything that a policy can ask of a tenant matters: regions in regions, classes above each other,
/// labels that few hold. What is redundant in a policy must be so over more than the two tenants that somebody has.
const FLEET: &[u8] = include_bytes!("mutation/fleet.json");

/// Every mutant over points and faults, of a fixed fleet first and then of the data: on so many threads. `ids` are the
/// tenants that stand for all.
pub fn over_the_domain(
    policy: (&Sources, &Uses),
    (data, oracle): (&Data, &Oracle),
    ids: &BTreeSet<&str>,
    jobs: usize,
) -> Result<Vec<Mutant>, String> {
    let mutated = Mutated::new(policy.0, &policy.1.further, jobs).map_err(|faults| faults[0].message.clone())?;
    let fleet = Fleet::new()?;
    judge(&[fleet.court(policy, &mutated)?, Court::new(policy, (data, oracle), &mutated, ids)?], &mutated, jobs)
}

fn judge(courts: &[Court], mutated: &Mutated, jobs: usize) -> Result<Vec<Mutant>, String> {
    in_parallel(
        jobs,
        mutated.mutations.len(),
        || Ok(()),
        |(), at| {
            if mutated.viable[at].is_none() {
                return Ok(mutated.record(at, Status::Stillborn, None, None));
            }
            let mut told = Told::Nothing;
            for court in courts {
                told = court.told(at, true)?;
                if !matches!(told, Told::Nothing | Told::Unknown) {
                    break;
                }
            }
            Ok(match told {
                Told::Point(input) => mutated.record(at, Status::Killed, Some("point"), Some(input)),
                Told::Fault(input) => mutated.record(at, Status::Killed, Some("fault"), Some(input)),
                Told::Nothing => mutated.record(at, Status::Equivalent, None, None),
                Told::Unknown => mutated.record(at, Status::Survived, None, None),
            })
        },
    )
}

/// The fixed fleet, ready to be asked.
pub struct Fleet {
    data: Data,
    oracle: Oracle,
}

impl Fleet {
    pub fn new() -> Result<Fleet, String> {
        let (data, oracle) = (Data::read(FLEET), Oracle::new(FLEET));
        Ok(Fleet { data: data.map_err(|e| e.message)?, oracle: oracle.map_err(|e| e.message)? })
    }

    pub fn court<'a>(&'a self, policy: (&'a Sources, &'a Uses), mutated: &'a Mutated) -> Result<Court<'a>, String> {
        let ids = self.data.tenants.keys().map(String::as_str).collect();
        Court::new(policy, (&self.data, &self.oracle), mutated, &ids)
    }
}

fn machine(sources: &Sources, data: &Data) -> Result<Evaluator, String> {
    let policy = Policy::compile(sources).map_err(|fault| fault.message)?;
    policy.evaluator(&engine_value(data), Limits::default())
}

/// Two errors are one answer.
fn decide(machine: &mut Evaluator, domain: &Domain, digits: &[u16; 8], codes: &[String]) -> u64 {
    machine.evaluate(domain.input(&digits.map(usize::from))).map_or(UNDECIDED, |value| word(&value, codes))
}

#[cfg(test)]
mod tests;
