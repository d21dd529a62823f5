//! Values that may not be there. In OPA a body ends where one is assigned; the virtual machine goes on, unless something
//! looks at the value, and an array comprehension keeps a place for it.

use super::{Placed, Policy};
use crate::policy::ast::{self, AssignOp, Expr, Literal, LiteralStmt, Query, Rule, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::bodies;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let parsed = placed.scoped.parsed;
    let mut faults = Vec::new();
    let unused = |lhs: &Expr| {
        let name = lhs.span().text();
        let message =
            format!("`{name}` gets a value at which no condition looks, so it is not seen when there is none");
        let hint = format!("use `{name}` in the body, or leave the assignment out");
        parsed.fault(Code::EngineUnsafe, lhs.span(), message).about(name).hint(hint)
    };
    let in_head = |name: &str| uses_in_head(placed.rule, name);
    for body in bodies(placed.rule) {
        faults.extend(unlooked(body).filter(|lhs| !ast::variable(lhs).is_some_and(in_head)).map(unused));
    }
    let mut inner = Inner::default();
    ast::visit_rule(placed.rule, &mut inner);
    for (body, given) in inner.queries {
        faults.extend(unlooked(body).filter(|lhs| given.is_none() || ast::variable(lhs) != given).map(unused));
    }
    for term in inner.terms {
        let message = "an array comprehension of values that may not be there";
        let hint = "write a set `{value | ...}`, or give the value a name that the body uses";
        faults.push(parsed.fault_about(Code::EngineUnsafe, term.span(), message).hint(hint));
    }
    faults
}

/// The names that a body assigns and does not use.
fn unlooked(query: &Query) -> impl Iterator<Item = &Expr> {
    let assigned = query.stmts.iter().filter_map(|statement| match &statement.literal {
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => Some(lhs.as_ref()),
            _ => None,
        },
        _ => None,
    });
    // The assignment itself is one use; `_` has no other.
    assigned.filter(|lhs| ast::variable(lhs).is_some_and(|name| name == "_" || uses(query, name) < 2))
}

#[derive(Default)]
struct Counted<'n> {
    name: &'n str,
    count: usize,
    head_only: bool,
}

impl<'m> Visit<'m> for Counted<'_> {
    fn statement(&mut self, _: &'m LiteralStmt) -> bool {
        !self.head_only
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.count += usize::from(ast::variable(expr) == Some(self.name));
        true
    }
}

/// How often a name stands in a body, its binding included.
pub(super) fn uses(query: &Query, name: &str) -> usize {
    let mut counted = Counted { name, ..Counted::default() };
    ast::visit_query(query, &mut counted);
    counted.count
}

/// A head without its value gives nothing, in every engine.
fn uses_in_head(rule: &Rule, name: &str) -> bool {
    let mut counted = Counted { name, head_only: true, ..Counted::default() };
    ast::visit_rule(rule, &mut counted);
    counted.count > 0
}

/// The bodies inside of bodies, and the values of array comprehensions that may not be there.
#[derive(Default)]
struct Inner<'m> {
    /// With the name of the value of a set: a set takes no value that is not there.
    queries: Vec<(&'m Query, Option<&'m str>)>,
    terms: Vec<&'m Expr>,
}

impl<'m> Visit<'m> for Inner<'m> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        if let Literal::Every { query, .. } = &statement.literal {
            self.queries.push((query, None));
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        match expr {
            Expr::ArrayCompr { query, term, .. } => {
                self.queries.push((query, None));
                let there = ast::variable(term)
                    .is_some_and(|name| !["input", "data"].contains(&name) && uses(query, name) > 0)
                    || ast::text(term).is_some()
                    || matches!(term.as_ref(), Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. });
                self.terms.extend((!there).then_some(term.as_ref()));
            }
            Expr::SetCompr { query, term, .. } => self.queries.push((query, ast::variable(term))),
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// In each of these the virtual machine holds what OPA and the interpreter do not.
    #[test]
    fn a_value_that_is_not_there_is_looked_at() {
        let at = |place: &str| vec![format!("engine_unsafe {place}")];
        assert_eq!(with("a if { x := input.x; input.y }"), at("4:8 x"));
        assert_eq!(with("a if { _ := input.x; input.y }"), at("4:8 _"));
        assert_eq!(with("a if { every v in input.y { x := v } }"), at("4:29 x"));
        assert_eq!(with("a if { count([x | some i; x := input.y[i]]) == 1 }"), at("4:27 x"));
        assert_eq!(with("a if { count([x.n | some x in input.y]) == 1 }"), at("4:15 x.n"));
        for rules in [
            "a if { x := input.x; x == 1 }",
            "deny contains {\"code\": x} if { x := input.x }",
            "f(x) := y if { y := x.z }",
            "a if { count([x | some x in input.y]) == 1 }",
            "a if { count([x | some i; x := input.y[i]; x > 1]) == 1 }",
            "a if { count({x.n | some x in input.y}) == 1 }",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
