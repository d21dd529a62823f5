//! `not` before anything but a rule without arguments.

use super::rules::Kind;
use super::{Placed, Policy};
use crate::policy::ast::{self, Literal, LiteralStmt, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{Path, Root, Step, rule_name};

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for placed in policy.deciding() {
        let mut negations = Negations(Vec::new());
        ast::visit_rule(placed.rule, &mut negations);
        for statement in negations.0 {
            let Literal::NotExpr { expr, .. } = &statement.literal else { continue };
            let path = placed.scoped.names.path(&placed.locals, expr);
            let (text, kind) = (expr.span().text(), kind_of(policy, &placed, &path));
            let (message, hint) = match kind {
                Some(Kind::Complete) => continue,
                Some(Kind::Set | Kind::Object) => (
                    format!("`{text}` is a set or an object, which is never false: `not` before it never holds"),
                    format!("compare its size: `count({text}) == 0`"),
                ),
                _ => (
                    "`not` stands before something else than a rule without arguments".to_owned(),
                    "write the condition as a rule of its own and negate that rule".to_owned(),
                ),
            };
            let fault = placed.scoped.parsed.fault(Code::NegatedReference, &statement.span, message);
            faults.push(fault.about(format!("not {}", crate::text::without_middle(text, 60))).hint(hint));
        }
    }
    faults
}

struct Negations<'m>(Vec<&'m LiteralStmt>);

impl<'m> Visit<'m> for Negations<'m> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        if matches!(statement.literal, Literal::NotExpr { .. }) {
            self.0.push(statement);
        }
        true
    }
}

/// The kind of the rule that the path is, where it is one and nothing of it is picked out.
fn kind_of(policy: &Policy, placed: &Placed, path: &Path) -> Option<Kind> {
    let (package, name) = match (&path.root, path.steps.as_slice()) {
        (Root::Rule(name), []) => (placed.scoped.names.package().to_vec(), name.clone()),
        (Root::Data, [package @ .., Step::Key(name)]) => {
            let package: Option<Vec<String>> = package.iter().map(|s| s.key().map(str::to_owned)).collect();
            (package?, name.clone())
        }
        _ => return None,
    };
    let of = |other: &Placed| other.scoped.names.package() == package && rule_name(other.rule).as_ref() == Some(&name);
    policy.rules().find(of).and_then(|other| Kind::of(other.rule))
}
