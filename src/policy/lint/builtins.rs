//! Which functions are called, and with how many arguments.

use std::collections::BTreeMap;

use regorus::unstable::BUILTINS;

use super::rules::Kind;
use super::{Placed, Policy};
use crate::error::did_you_mean;
use crate::policy::ast::{self, Expr, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Root, constant, rule_name};

/// What a decision may not depend on; a name with a final dot stands for all that begin so.
const FORBIDDEN: &[&str] = &["http.send", "time.", "rand.", "uuid.", "opa.runtime", "net.lookup_ip_addr"];

/// Where OPA keeps builtins, for those that the engine lacks.
const FAMILIES: &[&str] = &[
    "base64.",
    "base64url.",
    "bits.",
    "crypto.",
    "glob.",
    "graph.",
    "graphql.",
    "hex.",
    "io.jwt.",
    "json.",
    "net.",
    "numbers.",
    "object.",
    "opa.",
    "providers.",
    "regex.",
    "rego.",
    "semver.",
    "strings.",
    "units.",
    "urlquery.",
    "yaml.",
    "array.",
    "internal.",
    "walk",
];

pub fn check(policy: &Policy) -> Vec<Fault> {
    let functions = functions(policy);
    let mut faults = Vec::new();
    for placed in policy.rules() {
        let mut calls = Calls(Vec::new());
        ast::visit_rule(placed.rule, &mut calls);
        for (callee, given) in calls.0 {
            if let Some((code, message, hint)) = judge(&placed, &functions, callee, given) {
                let name = callee.span().text();
                faults.push(placed.scoped.parsed.fault(code, callee.span(), message).about(name).hint(hint));
            }
        }
    }
    faults
}

struct Calls<'m>(Vec<(&'m Expr, usize)>);

impl<'m> Visit<'m> for Calls<'m> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::Call { fcn, params, .. } = expr {
            self.0.push((fcn, params.len()));
        }
        true
    }
}

type Functions = BTreeMap<Vec<String>, usize>;

/// The functions of all packages by their whole path, with the number of their arguments.
fn functions(policy: &Policy) -> Functions {
    let named = |placed: Placed| match Kind::of(placed.rule) {
        Some(Kind::Function(arity)) => {
            let mut path = placed.scoped.names.package().to_vec();
            path.push(rule_name(placed.rule)?);
            Some((path, arity))
        }
        _ => None,
    };
    policy.rules().filter_map(named).collect()
}

fn judge(placed: &Placed, functions: &Functions, callee: &Expr, given: usize) -> Option<(Code, String, String)> {
    let name = constant(callee)?.join(".");
    let path = placed.scoped.names.path(&placed.locals, callee);
    let own = match &path.root {
        Root::Rule(rule) if path.steps.is_empty() => {
            Some([placed.scoped.names.package(), std::slice::from_ref(rule)].concat())
        }
        Root::Data => Some(path.keys().into_iter().map(str::to_owned).collect()),
        _ => None,
    };
    if let Some(own) = own {
        return match functions.get(&own) {
            Some(arity) if *arity == given => None,
            Some(arity) => Some(arity_wrong(&name, *arity, given)),
            None => Some(unknown(&name)),
        };
    }
    if is_forbidden(&name) {
        let message = format!("`{name}` makes a decision depend on more than its input and data");
        return Some((Code::ForbiddenBuiltin, message, "pass what is needed in the input".to_owned()));
    }
    if name == "print" {
        let lacks = (Code::UnsupportedRego, "`print` belongs into tests".to_owned(), "remove it".to_owned());
        return (!placed.scoped.parsed.file.is_test()).then_some(lacks);
    }
    match BUILTINS.get(name.as_str()) {
        Some((_, arity)) if usize::from(*arity) == given => None,
        Some((_, arity)) => Some(arity_wrong(&name, usize::from(*arity), given)),
        None if FAMILIES.iter().any(|family| name.starts_with(family)) => {
            let message = format!("the engine of govctl has no builtin `{name}`");
            Some((Code::UnsupportedRego, message, "docs/tenant.md lists the builtins that can be used".to_owned()))
        }
        None => Some(unknown(&name)),
    }
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.iter().any(|f| name == *f || (f.ends_with('.') && name.starts_with(f)))
}

fn unknown(name: &str) -> (Code, String, String) {
    let mut known: Vec<&str> = BUILTINS.keys().copied().collect();
    known.sort_unstable();
    let hint = match did_you_mean(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "define it, or import the package that does".to_owned(),
    };
    (Code::UnknownFunction, format!("there is no function `{name}`"), hint)
}

fn arity_wrong(name: &str, takes: usize, given: usize) -> (Code, String, String) {
    let message = format!("`{name}` takes {} and was given {given}", crate::text::counted(takes as u64, "argument"));
    (Code::WrongArity, message, "a result is assigned: `x := f(y)`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_what_can_be_used() {
        let usable = |name: &&&str| {
            !is_forbidden(name)
                && !super::super::answers::is_unsafe(name)
                && !name.starts_with("__")
                && **name != "print"
        };
        let mut names: Vec<String> = BUILTINS.keys().filter(usable).map(|name| format!("`{name}`")).collect();
        names.sort_unstable();
        let list = format!("Builtins that can be used: {}.", names.join(", "));
        let page = include_str!("../../../docs/tenant.md").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(&list), "docs/tenant.md lacks: {list}");
    }
}
