//! Rules of test files that have a part in the policy: OPA loads all files of a folder, so a test file that adds to a rule of
//! the policy changes decisions that nobody here looks at.

use std::collections::BTreeSet;

use super::Policy;
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::rule_name;

pub fn check(policy: &Policy) -> Vec<Fault> {
    let name = |placed: &super::Placed| (placed.scoped.names.package().to_vec(), rule_name(placed.rule));
    let deciding: BTreeSet<_> = policy.deciding().map(|placed| name(&placed)).collect();
    let tests = policy.rules().filter(|placed| placed.scoped.parsed.file.is_test());
    let adding = tests.filter(|placed| deciding.contains(&name(placed)));
    let fault = |placed: super::Placed| {
        let rule = rule_name(placed.rule).unwrap_or_default();
        let message = format!("`{rule}` is a rule of the policy, and a test file adds to it");
        let fault = placed.scoped.parsed.fault(Code::TestExtendsPolicy, placed.rule.span(), message);
        fault
            .about(rule)
            .hint("OPA loads test files beside the policy: give the rule another name or the file another package")
    };
    adding.map(fault).collect()
}
