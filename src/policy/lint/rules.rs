//! Rules that contradict each other by their kind.

use std::collections::BTreeMap;

use super::Policy;
use crate::policy::ast::{Expr, Rule, RuleHead, head_ref};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::rule_name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Complete,
    Object,
    Set,
    Function(usize),
}

impl Kind {
    pub fn of(rule: &Rule) -> Option<Kind> {
        match rule {
            Rule::Spec { head: RuleHead::Set { .. }, .. } => Some(Kind::Set),
            Rule::Spec { head: RuleHead::Func { args, .. }, .. } => Some(Kind::Function(args.len())),
            Rule::Spec { head, .. } => match head_ref(head).as_ref() {
                Expr::RefBrack { .. } | Expr::RefDot { .. } => Some(Kind::Object),
                _ => Some(Kind::Complete),
            },
            Rule::Default { args, .. } if args.is_empty() => Some(Kind::Complete),
            Rule::Default { args, .. } => Some(Kind::Function(args.len())),
        }
    }

    fn words(self) -> String {
        match self {
            Kind::Complete => "a single value".to_owned(),
            Kind::Object => "an object".to_owned(),
            Kind::Set => "a set".to_owned(),
            Kind::Function(n) => format!("a function of {}", crate::text::counted(n as u64, "argument")),
        }
    }
}

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut kinds: BTreeMap<(Vec<String>, String), (Kind, bool)> = BTreeMap::new();
    for placed in policy.rules() {
        let (Some(name), Some(kind)) = (rule_name(placed.rule), Kind::of(placed.rule)) else { continue };
        let default = matches!(placed.rule, Rule::Default { .. });
        let parsed = placed.scoped.parsed;
        let fault = |message: String| parsed.fault(Code::DuplicateRule, placed.rule.span(), message).about(&name);
        let key = (placed.scoped.names.package().to_vec(), name.clone());
        match kinds.get_mut(&key) {
            None => drop(kinds.insert(key, (kind, default))),
            Some((first, _)) if *first != kind => {
                faults.push(fault(format!("`{name}` is {} here and {} before", kind.words(), first.words())));
            }
            Some((_, had_default)) if default && *had_default => {
                faults.push(fault(format!("`{name}` has two default values")));
            }
            Some((_, had_default)) => *had_default |= default,
        }
    }
    faults
}
