//! Rules that need themselves, or others in a very long chain. OPA refuses the first; the interpreter and the virtual machine
//! overflow their stack at both.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Placed, Policy};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Path, Root, each_reference, rule_name};

/// Package and name.
type Rule = (Vec<String>, String);
type Needs = BTreeMap<Rule, BTreeSet<Rule>>;

/// Rules may need each other in a chain so long.
const DEEPEST: usize = 128;

pub fn check(policy: &Policy) -> Vec<Fault> {
    let needs = needs(policy);
    match depths(&needs) {
        Some(depths) => too_deep(policy, &depths).into_iter().collect(),
        None => cycles(policy, &needs),
    }
}

/// How many rules the longest chain from each rule has, itself included. None where there is a cycle.
fn depths(needs: &Needs) -> Option<BTreeMap<&Rule, usize>> {
    let mut needed_by: BTreeMap<&Rule, Vec<&Rule>> = BTreeMap::new();
    for (rule, needed) in needs {
        needed.iter().for_each(|other| needed_by.entry(other).or_default().push(rule));
    }
    // What stands for no rule has no depth of its own.
    let open = |needed: &BTreeSet<Rule>| needed.iter().filter(|other| needs.contains_key(other)).count();
    let mut left: BTreeMap<&Rule, usize> = needs.iter().map(|(rule, needed)| (rule, open(needed))).collect();
    let mut depths: BTreeMap<&Rule, usize> = BTreeMap::new();
    let mut ready: Vec<&Rule> = left.iter().filter(|(_, n)| **n == 0).map(|(rule, _)| *rule).collect();
    while let Some(rule) = ready.pop() {
        let below = needs[rule].iter().filter_map(|other| depths.get(other)).max();
        depths.insert(rule, 1 + below.copied().unwrap_or(0));
        for other in needed_by.get(rule).into_iter().flatten() {
            let left = left.entry(other).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.push(other);
            }
        }
    }
    (depths.len() == needs.len()).then_some(depths)
}

/// The first rule whose chain is too long and is needed by none whose chain is.
fn too_deep(policy: &Policy, depths: &BTreeMap<&Rule, usize>) -> Option<Fault> {
    let deepest = depths.values().max().filter(|depth| **depth > DEEPEST)?;
    let placed =
        policy.rules().find(|placed| identity(placed).is_some_and(|rule| depths.get(&rule) == Some(deepest)))?;
    let message = format!("rules need each other {deepest} deep from here on: at most {DEEPEST}");
    let fault = placed.scoped.parsed.fault(Code::RegoLimit, placed.rule.span(), message);
    Some(fault.about(rule_name(placed.rule).unwrap_or_default()))
}

fn cycles(policy: &Policy, needs: &Needs) -> Vec<Fault> {
    let mut told = BTreeSet::new();
    let mut faults = Vec::new();
    for placed in policy.rules() {
        let Some(rule) = identity(&placed) else { continue };
        // A cycle is told once, at the first of its rules.
        if told.contains(&rule) {
            continue;
        }
        if let Some(cycle) = cycle(needs, &rule) {
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
