//! The writing rules of a policy: what OPA would refuse although regorus takes it, what the engines answer differently, and
//! what would make a decision depend on more than its input and data.

mod answers;
mod braces;
mod builtins;
mod comprehensions;
mod declared;
mod engines;
mod extends;
mod guards;
mod kinds;
mod loads;
mod loops;
mod metadata;
mod names;
mod negation;
mod otherwise;
mod patterns;
mod recursion;
mod regexes;
mod rules;
mod sets;
mod several;
mod signatures;
#[cfg(test)]
mod tests;
mod types;
mod undefined;

use super::ast::{Module, Rule};
use super::fault::Fault;
use super::parse::Parsed;
use super::paths::{Locals, Names};

/// Everything that is wrong with the files, by place. Test files may negate, iterate and replace as they like.
pub fn lint(files: &[Parsed]) -> Vec<Fault> {
    let policy = Policy::new(files);
    let inferred = kinds::Inferred::of(&policy);
    let mut faults = Vec::new();
    faults.extend(rules::check(&policy));
    faults.extend(braces::check(&policy));
    faults.extend(builtins::check(&policy));
    faults.extend(comprehensions::check(&policy));
    faults.extend(names::check(&policy));
    faults.extend(negation::check(&policy));
    faults.extend(otherwise::check(&policy));
    faults.extend(patterns::check(&policy));
    faults.extend(engines::check(&policy));
    faults.extend(loads::check(&policy));
    faults.extend(guards::check(&policy));
    faults.extend(recursion::check(&policy));
    faults.extend(several::check(&policy));
    faults.extend(sets::check(&policy, &inferred));
    faults.extend(extends::check(&policy));
    faults.extend(declared::check(&policy));
    faults.extend(types::check(&policy));
    faults.extend(metadata::check(&policy));
    faults.extend(answers::check(&policy, &inferred));
    faults.extend(undefined::check(&policy));
    faults.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    faults.dedup();
    faults
}

/// The files with the meaning of their names.
pub struct Policy<'p> {
    pub files: Vec<Scoped<'p>>,
}

pub struct Scoped<'p> {
    pub parsed: &'p Parsed<'p>,
    pub names: Names,
}

/// A rule where it stands.
pub struct Placed<'p> {
    pub scoped: &'p Scoped<'p>,
    pub rule: &'p Rule,
    pub locals: Locals<'p>,
}

impl<'p> Policy<'p> {
    pub fn new(files: &'p [Parsed<'p>]) -> Self {
        let modules = || files.iter().map(|parsed| &parsed.module);
        let scoped = |parsed: &'p Parsed<'p>| Scoped { names: Names::new(&parsed.module, modules()), parsed };
        Policy { files: files.iter().map(scoped).collect() }
    }

    pub fn rules(&self) -> impl Iterator<Item = Placed<'_>> {
        self.files.iter().flat_map(|scoped| {
            let rules = scoped.module().policy.iter().map(|rule| rule.as_ref());
            rules.map(move |rule| Placed { scoped, rule, locals: Locals::of_rule(rule) })
        })
    }

    /// The rules of the files that decide.
    pub fn deciding(&self) -> impl Iterator<Item = Placed<'_>> {
        self.rules().filter(|placed| !placed.scoped.parsed.file.is_test())
    }
}

impl Scoped<'_> {
    pub fn module(&self) -> &Module {
        &self.parsed.module
    }
}
