//! Names that are taken: those of builtins, and those of the compiled data.

use regorus::unstable::BUILTINS;

use super::{Policy, Scoped};
use crate::policy::DATA;
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{constant, rule_name};

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults: Vec<Fault> =
        policy.files.iter().flat_map(|scoped| package(scoped).into_iter().chain(imports(scoped))).collect();
    for placed in policy.rules() {
        let Some(name) = rule_name(placed.rule).filter(|name| is_builtin(name)) else { continue };
        let message = format!("`{name}` is the name of a builtin: a reader, and a tool, would take the rule for it");
        let fault = placed.scoped.parsed.fault(Code::NameTaken, placed.rule.span(), message);
        faults.push(fault.about(name).hint("give the rule another name"));
    }
    faults
}

/// What is in such a package would lie among the data.
fn package(scoped: &Scoped) -> Option<Fault> {
    let root = scoped.names.package().first().filter(|root| DATA.contains(&root.as_str()))?;
    let message =
        format!("package `{root}` would put its rules among the compiled data, where no list of tenants has them");
    let fault = scoped.parsed.fault(Code::NameTaken, &scoped.module().package.span, message);
    Some(fault.about(root.clone()).hint("give the package another name"))
}

fn imports(scoped: &Scoped) -> Vec<Fault> {
    let taken = |import: &crate::policy::ast::Import| {
        let last = || constant(&import.refr).and_then(|path| path.last().cloned());
        let name = import.r#as.as_ref().map(|span| span.text().to_owned()).or_else(last);
        let name = name.filter(|name| is_builtin(name))?;
        let message = format!("the import is called `{name}`, which is the name of a builtin");
        let fault = scoped.parsed.fault(Code::NameTaken, &import.span, message);
        Some(fault.about(name).hint("import it under another name: `import ... as other`"))
    };
    scoped.module().imports.iter().filter_map(taken).collect()
}

fn is_builtin(name: &str) -> bool {
    name == "print" || BUILTINS.contains_key(name)
}
