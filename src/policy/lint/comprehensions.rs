//! Comprehensions begin with their loop. Where a condition stands before it and fails, OPA and the interpreter give an empty
//! collection, and the virtual machine leaves the body around it; without a loop it may not end.

use super::loops::walks;
use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, Query, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let mut found = Comprehensions::default();
    ast::visit_rule(placed.rule, &mut found);
    let without = found.0.into_iter().filter(|(whole, query)| !begins_with_loop(placed, whole, query));
    let fault = |(whole, _): (&Expr, &Query)| {
        let message = "a comprehension does not begin with its loop";
        let hint = "write the loop first, `[x | some x in xs; ...]`, and conditions without one in the body around it";
        placed.scoped.parsed.fault_about(Code::EngineUnsafe, whole.span(), message).hint(hint)
    };
    without.map(fault).collect()
}

#[derive(Default)]
struct Comprehensions<'m>(Vec<(&'m Expr, &'m Query)>);

impl<'m> Visit<'m> for Comprehensions<'m> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        // Those of objects are refused as such.
        if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } = expr {
            self.0.push((expr, query));
        }
        true
    }
}

/// `some x in xs`, or a reference with a key that takes every value.
fn begins_with_loop(placed: &Placed, whole: &Expr, query: &Query) -> bool {
    let mut declared = Vec::new();
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => declared.extend(vars.iter().map(|name| name.text())),
            Literal::SomeIn { .. } => return true,
            Literal::Expr { expr, .. } => {
                return walks(placed, expr).iter().any(|walk| is_own(placed, whole, &declared, walk.key));
            }
            Literal::NotExpr { .. } | Literal::Every { .. } => return false,
        }
    }
    false
}

/// Whether a key takes every value here. One that has a value around the comprehension asks for that, as a condition.
fn is_own(placed: &Placed, whole: &Expr, declared: &[&str], name: &str) -> bool {
    let stands_inside_only = || {
        let (mut all, mut inside) = (Uses { name, count: 0 }, Uses { name, count: 0 });
        ast::visit_rule(placed.rule, &mut all);
        ast::visit_expr(whole, &mut inside);
        all.count == inside.count
    };
    name == "_" || declared.contains(&name) || stands_inside_only()
}

/// How often a name stands somewhere.
struct Uses<'n> {
    name: &'n str,
    count: usize,
}

impl<'m> Visit<'m> for Uses<'_> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.count += usize::from(ast::variable(expr) == Some(self.name));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// In OPA 1.22.2 the first is true where `input.x` is not "a"; the virtual machine leaves the rule there.
    #[test]
    fn a_comprehension_begins_with_its_loop() {
        let at = |place: &str| vec![format!("engine_unsafe {place}")];
        let inner = "a if {\n\tsome y in [1]\n\ty == 1\n\tcount([1 | input.x != \"a\"]) == 0\n}";
        assert_eq!(with(inner), at("7:8 [1 | input.x != \"a\"]"));
        assert_eq!(
            with("a if count({x | input.y; some x in input.z}) == 1"),
            at("4:12 {x | input.y; some x in input.z}")
        );
        assert_eq!(with("a if count({x | x := input.y}) == 1"), at("4:12 {x | x := input.y}"));
        assert_eq!(with("a if count({1 | every x in input.y { x == 1 }}) == 1").len(), 1);
        // A key that has its value already is no loop.
        let bound = "a if {\n\t[7, 8][j] == 7\n\tcount([j | [7, 8][j] == 8]) == 0\n}";
        assert_eq!(with(bound), at("6:8 [j | [7, 8][j] == 8]"));
        for rules in [
            "a if {\n\t[7, 8][j] == 7\n\tcount([k | some j; k := input.y[j]; k > 1]) == 0\n}",
            "a if count([x | some x in input.y; x > 1]) == 1",
            "a if count({x | some i; x := input.y[i]; x > 1}) == 1",
            "a if count({x | x := input.y[_]; x > 1}) == 1",
            "a if count({i | input.y[i] == 1}) == 1",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
