//! Names that are taken: those of builtins, and those of the compiled data.

use regorus::unstable::BUILTINS;

use super::{Placed, Policy, Scoped};
use crate::policy::DATA;
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{constant, rule_name};
use crate::policy::scopes::{Declared, Scopes};

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults: Vec<Fault> =
        policy.files.iter().flat_map(|scoped| package(scoped).into_iter().chain(imports(scoped))).collect();
    faults.extend(policy.deciding().flat_map(|placed| hidden(&placed)));
    for placed in policy.rules() {
        let Some(name) = rule_name(placed.rule).filter(|name| is_builtin(name)) else { continue };
        let message = format!("`{name}` is the name of a builtin: a reader, and a tool, would take the rule for it");
        let fault = placed.scoped.parsed.fault(Code::NameTaken, placed.rule.span(), message);
        faults.push(fault.about(name).hint("give the rule another name"));
    }
    faults
}

/// What is in such a package would lie among the data, or rule OPA itself: who may ask it, and what it logs.
fn package(scoped: &Scoped) -> Option<Fault> {
    let root = scoped.names.package().first()?;
    let message = match root.as_str() {
        "system" => "package `system` rules OPA itself, not what it is asked".to_owned(),
        data if DATA.contains(&data) => {
            format!("package `{root}` would put its rules among the compiled data, where no list of tenants has them")
        }
        _ => return None,
    };
    let fault = scoped.parsed.fault(Code::NameTaken, &scoped.module().package.span, message);
    Some(fault.about(root.clone()).hint("give the package another name"))
}

fn imports(scoped: &Scoped) -> Vec<Fault> {
    let taken = |import: &crate::policy::ast::Import| {
        let path = constant(&import.refr)?;
        // `import rego.v1` and its like import no name; `import input` is what it is without.
        if !matches!(path[0].as_str(), "input" | "data") || (path.len() == 1 && import.r#as.is_none()) {
            return None;
        }
        let last = || path.last().cloned();
        let name = import.r#as.as_ref().map(|span| span.text().to_owned()).or_else(last)?;
        let of = match name.as_str() {
            "input" | "data" => "a document",
            name if is_builtin(name) => "a builtin",
            name if scoped.names.is_rule(name) => "a rule of this package",
            _ => return None,
        };
        let message = format!("the import is called `{name}`, which is the name of {of}");
        let fault = scoped.parsed.fault(Code::NameTaken, &import.span, message);
        Some(fault.about(name).hint("import it under another name: `import ... as other`"))
    };
    scoped.module().imports.iter().filter_map(taken).collect()
}

/// A local name that is that of a rule or an import: which of them is meant depends on where it stands.
fn hidden(placed: &Placed) -> Vec<Fault> {
    let names = &placed.scoped.names;
    let hides = |declared: &Declared| {
        let of = match declared.name.as_str() {
            name if names.is_import(name) => "an import",
            name if names.is_rule(name) => "a rule of this package",
            _ => return None,
        };
        let message = format!("the local name `{}` hides {of}", declared.name);
        let fault = placed.scoped.parsed.fault(Code::NameTaken, declared.span, message);
        Some(fault.about(declared.name.clone()).hint("give the local name another spelling"))
    };
    Scopes::of(placed.rule).declared.iter().filter_map(hides).collect()
}

fn is_builtin(name: &str) -> bool {
    name == "print" || BUILTINS.contains_key(name)
}
