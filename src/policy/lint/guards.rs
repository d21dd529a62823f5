//! Keys into data that come from the input: `data.x[1]` finds the key "1" in OPA and not in the virtual machine, so such a
//! key must be known to be a text where it is used.

use std::collections::BTreeSet;

use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, Query, Rule};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Path, Root, Step, bodies, each_reference, each_reference_in, rule_name, within};

/// How far required rules are followed; recursion is a fault of its own.
const DEPTH: usize = 16;

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for placed in policy.deciding() {
        let mut known = all_bodies(policy, &placed, DEPTH);
        known.extend(where_used(policy, &placed, DEPTH));
        each_reference(placed.rule, &placed.scoped.names, &placed.locals, |expr, path| {
            if let Some(key) = unguarded(&placed, expr, path, &known) {
                let text = crate::text::without_middle(key.span().text(), 60);
                let message = format!("the key `{text}` into data is not known to be a text");
                faults.push(
                    placed
                        .scoped
                        .parsed
                        .fault(Code::EngineUnsafe, expr.span(), message)
                        .about(expr.span().text())
                        .hint(format!("add `is_string({text})` to the body, or require a rule that says so")),
                );
            }
        });
    }
    faults
}

fn unguarded<'m>(placed: &Placed<'m>, expr: &Expr, path: &Path<'m>, known: &BTreeSet<String>) -> Option<&'m Expr> {
    if path.root != Root::Data {
        return None;
    }
    path.steps.iter().find_map(|step| {
        let Step::Dynamic(key) = step else { return None };
        // What a local name stands for is told where the name gets its value.
        if !within(key, expr) {
            return None;
        }
        // Literals that are no text are the matter of `engines`.
        if matches!(key, Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. }) {
            return None;
        }
        let of_key = placed.scoped.names.path(&placed.locals, key);
        let loops =
            matches!(&of_key.root, Root::Local(name) if of_key.steps.is_empty() && placed.locals.iterates(name));
        let guarded = of_key.known().is_some_and(|text| known.contains(&text));
        (!loops && !guarded).then_some(*key)
    })
}

/// The paths that are texts wherever another rule asks for this one: then it does not matter what it says elsewhere.
fn where_used(policy: &Policy, used: &Placed, depth: usize) -> BTreeSet<String> {
    let (Some(depth), Some(name)) = (depth.checked_sub(1), rule_name(used.rule)) else { return BTreeSet::new() };
    let package = used.scoped.names.package();
    let mut common: Option<BTreeSet<String>> = None;
    for user in policy.deciding().filter(|p| rule_name(p.rule).as_ref() != Some(&name)) {
        let names = &user.scoped.names;
        let asks = |path: &Path| match &path.root {
            Root::Rule(other) => *other == name && names.package() == package,
            Root::Data => package.iter().chain([&name]).zip(path.keys()).all(|(part, key)| part == key),
            _ => false,
        };
        let mut everywhere = 0;
        each_reference(user.rule, names, &user.locals, |_, path| everywhere += usize::from(asks(path)));
        let mut in_bodies = 0;
        let mut needed: Vec<BTreeSet<String>> = Vec::new();
        for body in bodies(user.rule) {
            let before = in_bodies;
            each_reference_in(body, names, &user.locals, |_, path| in_bodies += usize::from(asks(path)));
            if in_bodies > before {
                needed.push(of_body(policy, &user, body, depth));
            }
        }
        // What a head asks for is asked whichever body holds.
        if everywhere > in_bodies {
            needed.push(all_bodies(policy, &user, depth));
        }
        if !needed.is_empty() {
            let of_user = where_used(policy, &user, depth);
            needed.iter_mut().for_each(|known| known.extend(of_user.iter().cloned()));
        }
        for known in needed {
            common = Some(match common {
                Some(before) => before.intersection(&known).cloned().collect(),
                None => known,
            });
        }
    }
    common.unwrap_or_default()
}

/// The paths that are texts wherever the rule holds: those that each of its bodies requires.
fn all_bodies(policy: &Policy, placed: &Placed, depth: usize) -> BTreeSet<String> {
    let required = bodies(placed.rule).map(|body| of_body(policy, placed, body, depth));
    required.reduce(|a, b| a.intersection(&b).cloned().collect()).unwrap_or_default()
}

fn of_body(policy: &Policy, placed: &Placed, body: &Query, depth: usize) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for statement in &body.stmts {
        let Literal::Expr { expr, .. } = &statement.literal else { continue };
        if let Expr::Call { fcn, params, .. } = expr.as_ref()
            && ast::variable(fcn) == Some("is_string")
        {
            let of = params.first().map(|param| placed.scoped.names.path(&placed.locals, param));
            known.extend(of.and_then(|path| path.known()));
        }
        let path = placed.scoped.names.path(&placed.locals, expr);
        if let (Root::Rule(name), true) = (&path.root, path.steps.is_empty()) {
            known.extend(of_rule(policy, placed, name, depth));
        }
    }
    known
}

/// What a rule of the same package requires in all of its definitions; nothing where it may hold by default.
fn of_rule(policy: &Policy, from: &Placed, name: &str, depth: usize) -> BTreeSet<String> {
    let Some(depth) = depth.checked_sub(1) else { return BTreeSet::new() };
    let package = from.scoped.names.package();
    let mut common: Option<BTreeSet<String>> = None;
    let same = |p: &Placed| p.scoped.names.package() == package && rule_name(p.rule).as_deref() == Some(name);
    for placed in policy.deciding().filter(same) {
        let known = match placed.rule {
            Rule::Default { value, .. } if matches!(value.as_ref(), Expr::Bool { value, .. } if *value == false.into()) =>
            {
                continue;
            }
            Rule::Default { .. } => BTreeSet::new(),
            Rule::Spec { .. } => all_bodies(policy, &placed, depth),
        };
        common = Some(match common {
            Some(before) => before.intersection(&known).cloned().collect(),
            None => known,
        });
    }
    common.unwrap_or_default()
}
