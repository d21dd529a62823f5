//! Single values that come from a loop. OPA makes an error of two that differ; the engines here may take the first.

use std::collections::BTreeSet;

use super::loops::walks;
use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let Rule::Spec { head: RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. }, bodies, .. } = placed.rule
    else {
        return Vec::new();
    };
    let fault = |value: &Expr| {
        let message = "a single value comes from a loop, which may give several";
        let hint = "make it a set, `name contains x if ...`, or look the value up by its key";
        placed.scoped.parsed.fault_about(Code::EngineUnsafe, value.span(), message).hint(hint)
    };
    let values = bodies.iter().filter_map(|body| {
        let own = assign.as_ref().filter(|_| !body.is_else);
        let value = body.assign.as_ref().or(own)?.value.as_ref();
        Walked::of(placed, &body.query).gives(value).then_some(value)
    });
    values.map(fault).collect()
}

/// The names of a body that have another value each time it loops.
struct Walked<'a, 'p> {
    placed: &'a Placed<'p>,
    names: BTreeSet<&'a str>,
}

impl<'a, 'p> Walked<'a, 'p> {
    fn of(placed: &'a Placed<'p>, query: &'a Query) -> Self {
        let mut walked = Walked { placed, names: BTreeSet::new() };
        let mut before = usize::MAX;
        // A name may stand before what it is made of.
        while before != walked.names.len() {
            before = walked.names.len();
            query.stmts.iter().for_each(|statement| walked.statement(statement));
        }
        walked
    }

    fn statement(&mut self, statement: &'a LiteralStmt) {
        match &statement.literal {
            Literal::SomeIn { key, value, .. } => {
                let patterns = key.iter().chain([value]);
                self.names.extend(patterns.flat_map(|pattern| ast::bound(pattern)).filter_map(ast::variable));
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr { lhs, rhs, .. } = expr.as_ref() {
                    for (to, from) in [(lhs, rhs), (rhs, lhs)] {
                        let given = self.gives(from);
                        self.names.extend(ast::bound(to).into_iter().filter_map(ast::variable).filter(|_| given));
                    }
                }
                self.names.extend(walks(self.placed, expr).iter().map(|walk| walk.key));
            }
            Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => {}
        }
    }

    /// Whether an expression may have several values while the body loops.
    fn gives(&self, expr: &'a Expr) -> bool {
        let mut names = Names { names: &self.names, given: false };
        ast::visit_expr(expr, &mut names);
        names.given || !walks(self.placed, expr).is_empty()
    }
}

/// Whether one of the names stands in an expression.
struct Names<'w, 'a> {
    names: &'w BTreeSet<&'a str>,
    given: bool,
}

impl<'m> Visit<'m> for Names<'_, '_> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.given |= ast::variable(expr).is_some_and(|name| self.names.contains(name));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// OPA 1.22.2 ends each of these with `eval_conflict_error` where the loop gives two values.
    #[test]
    fn a_single_value_comes_from_no_loop() {
        for (rule, place) in [
            ("a := x if { some x in input.y; x }", "4:6 x"),
            ("a := [x] if { some x in input.y; x > 1 }", "4:6 [x]"),
            ("a := y if { some x in input.y; y := x.k; y > 1 }", "4:6 y"),
            ("a := x if { x := input.y[_]; x > 1 }", "4:6 x"),
            ("a := i if { input.y[i] == 1 }", "4:6 i"),
            ("a := x if { some i; x := input.y[i]; x > 1 }", "4:6 x"),
            ("a := input.y[_] if input.z", "4:6 input.y[_]"),
            ("a := ys if { some x in input.y; ys := [y | some y in x.l; y > 1] }", "4:6 ys"),
            ("f(x) := y if { some y in input.y; y.k == x }", "4:9 y"),
        ] {
            assert_eq!(with(rule), [format!("engine_unsafe {place}")], "{rule}");
        }
        for rule in [
            "a if { some x in input.y; x > 1 }",
            "a := 1 if { some x in input.y; x > 1 }",
            "f(x) := x if { some y in input.y; y == x }",
            "f(x) := y if { y := x.k; y > 1 }",
            "a := xs if { xs := {x | some x in input.y; x > 1}; count(xs) > 1 }",
            "a := data.tenants[t].region if { t := input.tenant.id; is_string(t) }",
            "a contains x if some x in input.y",
        ] {
            assert_eq!(with(rule), NOTHING, "{rule}");
        }
    }
}
