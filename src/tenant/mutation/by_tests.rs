//! Mutants held against the tests of a policy: what no test notices is a missing test, or code that says nothing.

use super::{Fleet, Mutated, Told};
use crate::policy::suite::Suite;
use crate::policy::{Fault, Sources, parse_all};
use crate::record::tenant::{Mutant, Outcome, Status};
use crate::tenant::further::Further;
use crate::tenant::parallel::in_parallel;
use crate::tenant::uses::Uses;

/// Every mutant, on so many threads. All tests must pass before.
pub fn by_tests(sources: &Sources, jobs: usize) -> Result<Vec<Mutant>, String> {
    let text = |faults: Vec<Fault>| faults.first().map_or_else(String::new, |fault| fault.message.clone());
    let further = Further::default();
    let (mutated, deciding) = (Mutated::new(sources, &further, jobs).map_err(text)?, sources.without_tests());
    let uses = Uses::of(&parse_all(&deciding).map_err(text)?, &further);
    let (fleet, suite) = (Fleet::new()?, Suite::find(sources).map_err(text)?);
    let court = fleet.court((&deciding, &uses), &mutated)?;
    in_parallel(
        jobs,
        mutated.mutations.len(),
        || Ok(()),
        |(), at| {
            if mutated.sources(at).is_none() {
                return Ok(mutated.record(at, Status::Stillborn, None, None));
            }
            if let Some(test) = killer(&suite, &mutated.mutations[at].of(sources)) {
                return Ok(mutated.record(at, Status::Killed, Some(&test), None));
            }
            Ok(match court.told(at, true)? {
                Told::Point(input) => mutated.record(at, Status::Survived, None, Some(input)),
                Told::Fault(input) => mutated.record(at, Status::Survived, None, Some(input)),
                Told::Nothing => mutated.record(at, Status::Equivalent, None, None),
                Told::Unknown => mutated.record(at, Status::Survived, None, None),
            })
        },
    )
}

/// The first test that the change makes fail.
fn killer(suite: &Suite, sources: &Sources) -> Option<String> {
    let mut machine = match suite.machine(sources) {
        Ok(machine) => machine,
        // With the change the tests cannot even be loaded.
        Err(fault) => return Some(fault.message),
    };
    let passes = |outcome: Outcome| matches!(outcome, Outcome::Pass | Outcome::Skipped);
    suite.tests.iter().flat_map(|found| machine.run(found)).find(|test| !passes(test.outcome)).map(|t| t.full_name())
}
