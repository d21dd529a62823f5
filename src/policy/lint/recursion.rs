//! Rules that need themselves. OPA refuses them; the interpreter and the virtual machine overflow their stack.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Placed, Policy};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Path, Root, each_reference, rule_name};

/// Package and name.
type Rule = (Vec<String>, String);
type Needs = BTreeMap<Rule, BTreeSet<Rule>>;

pub fn check(policy: &Policy) -> Vec<Fault> {
    let needs = needs(policy);
    let mut told = BTreeSet::new();
    let mut faults = Vec::new();
    for placed in policy.rules() {
        let Some(rule) = identity(&placed) else { continue };
        // A cycle is told once, at the first of its rules.
        if told.contains(&rule) {
            continue;
        }
        if let Some(cycle) = cycle(&needs, &rule) {
            let shown: Vec<String> = cycle.iter().map(|(_, name)| format!("`{name}`")).collect();
            let message = format!("the rule needs itself: {}", shown.join(" needs "));
            let fault = placed.scoped.parsed.fault(Code::Recursion, placed.rule.span(), message);
            faults.push(fault.about(rule.1.clone()));
            told.extend(cycle);
        }
    }
    faults
}

fn identity(placed: &Placed) -> Option<Rule> {
    Some((placed.scoped.names.package().to_vec(), rule_name(placed.rule)?))
}

fn needs(policy: &Policy) -> Needs {
    let all: BTreeSet<Rule> = policy.rules().filter_map(|placed| identity(&placed)).collect();
    let mut needs = Needs::new();
    for placed in policy.rules() {
        let Some(rule) = identity(&placed) else { continue };
        let of = needs.entry(rule.clone()).or_default();
        each_reference(placed.rule, &placed.scoped.names, &placed.locals, |_, path| match &path.root {
            Root::Rule(name) => drop(of.insert((rule.0.clone(), name.clone()))),
            Root::Data => of.extend(all.iter().filter(|other| may_be(other, path)).cloned()),
            _ => {}
        });
    }
    needs
}

/// Whether a path into data may lead to a rule or through it: a key that is not known leads everywhere.
fn may_be((package, name): &Rule, path: &Path) -> bool {
    let whole = package.iter().chain([name]);
    whole.zip(path.keys()).all(|(part, key)| part == key)
}

/// The shortest way from a rule back to it, both ends included.
fn cycle(needs: &Needs, start: &Rule) -> Option<Vec<Rule>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for needed in way.last().and_then(|last| needs.get(last)).into_iter().flatten() {
            let longer = || way.iter().copied().chain([needed]);
            if needed == start {
                return Some(longer().cloned().collect());
            }
            if seen.insert(needed) {
                ways.push_back(longer().collect());
            }
        }
    }
    None
}
