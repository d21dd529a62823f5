//! The tests of a policy: which there are, and what became of them.

mod find;
mod run;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use find::variables;
pub use find::{Found, Kind};
pub use run::Machine;

use super::fault::Fault;
use super::source::{File, Sources};
use super::{cover, parse_all};
use crate::record::tenant::{Coverage, Test};

/// Which tests are meant, by a regular expression over names such as `data.switchboard_test.test_allowed` and, of a case of
/// a table, `data.switchboard_test.test_allowed/another label`.
#[derive(Debug, Clone)]
pub struct Pattern(regex::Regex);

impl std::str::FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        regex::Regex::new(text).map(Pattern).map_err(|e| e.to_string())
    }
}

impl Pattern {
    /// A case is meant by its own name or by that of its table.
    fn means(&self, test: &Test) -> bool {
        let table = Test { case: None, ..test.clone() };
        self.0.is_match(&test.full_name()) || self.0.is_match(&table.full_name())
    }
}

/// All tests of the files.
pub struct Suite {
    pub tests: Vec<Found>,
    /// By the name of a file: the rules that name the cases of its tables.
    added: BTreeMap<String, String>,
}

impl Suite {
    /// By file, in the order of their places.
    pub fn find(sources: &Sources) -> Result<Suite, Vec<Fault>> {
        let mut suite = Suite { tests: Vec::new(), added: BTreeMap::new() };
        let mut tables = 0;
        for parsed in &parse_all(sources)? {
            let (found, added) = find::find(parsed, &mut tables);
            suite.tests.extend(found);
            suite.added.insert(parsed.file.name.clone(), added);
        }
        find::refuse_twice(&mut suite.tests);
        Ok(suite)
    }

    /// What runs them, over these files: those that the suite was found in, or such with other policies.
    pub fn machine(&self, sources: &Sources) -> Result<Machine, Fault> {
        Machine::new(&Sources::new(self.with_names(sources.files().to_vec())), self.runs())
    }

    /// The same, which also notes what of the files is evaluated.
    pub(super) fn measuring(&self, files: Vec<File>) -> Result<Machine, String> {
        Machine::measuring(&self.with_names(files), self.runs())
    }

    /// A rule to compile for: any that runs.
    fn runs(&self) -> Option<&Found> {
        self.tests.iter().find(|found| matches!(found.kind, Kind::Plain | Kind::Table(_)))
    }

    fn with_names(&self, mut files: Vec<File>) -> Vec<File> {
        for file in &mut files {
            file.text.extend(self.added.get(&file.name).map(String::as_str));
        }
        files
    }
}

/// What is told while tests run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Told {
    /// The name of the rule, its file and line: what runs if nothing more is told.
    Begun(String, String, u64),
    Ended(Vec<Test>),
}

/// Why there is no answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Failed {
    Policy(Vec<Fault>),
    /// A bug here: measuring the coverage changed an outcome, or was not possible.
    Measure(String),
}

/// Runs the tests that are meant, tells each, and measures what of the policy they ran through.
pub fn test(sources: &Sources, meant: Option<&Pattern>, tell: &mut dyn FnMut(Told)) -> Result<Vec<Coverage>, Failed> {
    let faults = super::check(sources, true);
    if !faults.is_empty() {
        return Err(Failed::Policy(faults));
    }
    let mut suite = Suite::find(sources).map_err(Failed::Policy)?;
    let mut machine = suite.machine(sources).map_err(|fault| Failed::Policy(vec![fault]))?;
    let (mut ran, mut all) = (Vec::new(), Vec::new());
    for found in std::mem::take(&mut suite.tests) {
        let name = format!("data.{}.{}", found.package.join("."), found.name);
        // Only a table that is not meant by its name may have cases that are.
        if meant.is_some_and(|meant| !matches!(found.kind, Kind::Table(_)) && !meant.0.is_match(&name)) {
            continue;
        }
        tell(Told::Begun(name, found.file.clone(), found.line));
        let mut tests = machine.run(&found);
        let outcomes = tests.iter().map(|test| test.outcome).collect::<Vec<_>>();
        tests.retain(|test| meant.is_none_or(|meant| meant.means(test)));
        if !tests.is_empty() {
            all.extend(outcomes);
            ran.push(found);
        }
        tell(Told::Ended(tests));
    }
    suite.tests = ran;
    cover::measure(sources, &suite, &all).map_err(Failed::Measure)
}
