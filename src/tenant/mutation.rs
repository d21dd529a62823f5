//! Mutants of a policy over the domain of its proof: each must be told from it by an input or by damaged data. One that is
//! not shows code that says nothing.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value as Json;

use super::decide::engine_value;
use super::domain::{Domain, Extent};
use super::faults::{Reach, Stage};
use super::field::{Field, Sort};
use super::oracle::Oracle;
use super::parallel::in_parallel;
use super::uses::Uses;
use crate::policy::mutate::{Mutation, mutations};
use crate::policy::{Evaluator, Fault, Limits, Policy, Sources, Undecided, Value, check, parse_all};
use crate::record::finding::fingerprint;
use crate::record::tenant::{Mutant, Status};
use crate::tenants::data::Data;

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
    /// Nothing that was tried; the mutant uses its input in a form that no finite domain covers.
    Unknown,
}

impl Mutated {
    /// Changes and checks on so many threads.
    pub fn new(sources: &Sources, jobs: usize) -> Result<Mutated, Vec<Fault>> {
        let sources = sources.without_tests();
        let mutations = mutations(&sources, &[&paths(|field| field.sort() == Sort::Id), &paths(is_name)])?;
        let viable = in_parallel(
            jobs,
            mutations.len(),
            || Ok(()),
            |(), at| {
                let sources = mutations[at].of(&sources);
                let viable = check(&sources, true).is_empty();
                let uses = || parse_all(&sources).ok().map(|parsed| Uses::of(&parsed));
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

/// A policy and the points at which its mutants are held against it.
pub struct Court<'a> {
    sources: &'a Sources,
    data: &'a Data,
    oracle: &'a Oracle,
    mutated: &'a Mutated,
    domain: Domain,
    /// The points next to an allow, where most mutants are told.
    near: Vec<[usize; 7]>,
    decided: Vec<Decided>,
    /// Of all points, once a mutant asks.
    all: OnceLock<Result<Vec<Decided>, String>>,
}

type Decided = Result<crate::policy::Decision, ()>;

impl<'a> Court<'a> {
    /// `uses` is of the policy, `ids` are the tenants that stand for all.
    pub fn new(
        (sources, uses): (&'a Sources, &Uses),
        (data, oracle): (&'a Data, &'a Oracle),
        mutated: &'a Mutated,
        ids: &BTreeSet<&str>,
    ) -> Result<Court<'a>, String> {
        // One domain for all: it holds every value that any of them can tell apart.
        let all: Vec<&Uses> = mutated.viable.iter().flatten().map(|viable| &viable.uses).chain([uses]).collect();
        let domain = Domain::new(&all, &[data], ids).with(Extent::Twos);
        let near = Stage { sources, data, oracle, domain: &domain, reach: Reach::ALL }.near();
        let mut machine = machine(sources, &engine_value(data))?;
        let decided = near.iter().map(|digits| decide(&mut machine, domain.input(digits))).collect();
        Ok(Court { sources, data, oracle, mutated, domain, near, decided, all: OnceLock::new() })
    }

    /// What tells this mutant from the policy. `faults`: damaged data may tell too.
    pub fn told(&self, at: usize, faults: bool) -> Result<Told, String> {
        let Some(Viable { sources, uses }) = &self.mutated.viable[at] else { return Ok(Told::Unknown) };
        let domain = self.domain.apart();
        let mut mutant = machine(sources, &engine_value(self.data))?;
        let mut differs =
            |digits: &[usize; 7], decided: &Decided| decide(&mut mutant, domain.input(digits)) != *decided;
        let near = self.near.iter().zip(&self.decided).find(|(digits, decided)| differs(digits, decided));
        if let Some((digits, _)) = near {
            return Ok(Told::Point(domain.document(digits)));
        }
        if faults {
            let reach = Reach::of(uses);
            let stage = Stage { sources, data: self.data, oracle: self.oracle, domain: &self.domain, reach };
            if let Some(widened) = stage.first()? {
                return Ok(Told::Fault(domain.document(&widened.digits)));
            }
        }
        let all = self.all.get_or_init(|| self.all()).as_ref().map_err(Clone::clone)?;
        let point = (0..domain.points()).zip(all).find(|(point, decided)| differs(&domain.digits(*point), decided));
        Ok(match point {
            Some((point, _)) => Told::Point(domain.document(&domain.digits(point))),
            None if uses.unsound.is_empty() => Told::Nothing,
            None => Told::Unknown,
        })
    }

    fn all(&self) -> Result<Vec<Decided>, String> {
        let (domain, mut machine) = (self.domain.apart(), machine(self.sources, &engine_value(self.data))?);
        Ok((0..domain.points()).map(|point| decide(&mut machine, domain.input(&domain.digits(point)))).collect())
    }
}

/// Every mutant over points and faults, on so many threads.
pub fn over_the_domain(court: &Court, jobs: usize, faults: bool) -> Result<Vec<Mutant>, String> {
    let mutated = court.mutated;
    in_parallel(
        jobs,
        mutated.mutations.len(),
        || Ok(()),
        |(), at| {
            if mutated.viable[at].is_none() {
                return Ok(mutated.record(at, Status::Stillborn, None, None));
            }
            Ok(match court.told(at, faults)? {
                Told::Point(input) => mutated.record(at, Status::Killed, Some("point"), Some(input)),
                Told::Fault(input) => mutated.record(at, Status::Killed, Some("fault"), Some(input)),
                Told::Nothing => mutated.record(at, Status::Equivalent, None, None),
                Told::Unknown => mutated.record(at, Status::Survived, None, None),
            })
        },
    )
}

fn machine(sources: &Sources, data: &Value) -> Result<Evaluator, String> {
    Policy::compile(sources).map_err(|fault| fault.message)?.evaluator(data, Limits::default())
}

/// Two errors are one answer.
fn decide(machine: &mut Evaluator, input: Value) -> Decided {
    machine.decide(input).map_err(|_: Undecided| ())
}
