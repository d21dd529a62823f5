//! Comprehensions begin with their loop. Where a condition stands before it and fails, OPA and the interpreter give an empty
//! collection, and the virtual machine leaves the body around it; without a loop it may not end.

use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, LiteralStmt, Query, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::Root;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let mut found = Comprehensions::default();
    ast::visit_rule(placed.rule, &mut found);
    let without = found.0.into_iter().filter(|(_, query)| !begins_with_loop(placed, query));
    let fault = |(span, _): (&ast::Span, _)| {
        let message = "a comprehension does not begin with its loop";
        let hint = "write the loop first, `[x | some x in xs; ...]`, and conditions without one in the body around it";
        let subject = crate::text::without_middle(span.text(), 60);
        placed.scoped.parsed.fault(Code::EngineUnsafe, span, message).about(subject).hint(hint)
    };
    without.map(fault).collect()
}

#[derive(Default)]
struct Comprehensions<'m>(Vec<(&'m ast::Span, &'m Query)>);

impl<'m> Visit<'m> for Comprehensions<'m> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        // Those of objects are refused as such.
        if let Expr::ArrayCompr { span, query, .. } | Expr::SetCompr { span, query, .. } = expr {
            self.0.push((span, query));
        }
        true
    }
}

/// `some x in xs`, or a reference with a key that takes every value.
fn begins_with_loop(placed: &Placed, query: &Query) -> bool {
    let declares = |statement: &&LiteralStmt| matches!(statement.literal, Literal::SomeVars { .. });
    let Some(first) = query.stmts.iter().find(|statement| !declares(statement)) else { return false };
    match &first.literal {
        Literal::SomeIn { .. } => true,
        Literal::Expr { expr, .. } => {
            let mut keys = Keys { placed, found: false };
            ast::visit_expr(expr, &mut keys);
            keys.found
        }
        Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => false,
    }
}

struct Keys<'a, 'p> {
    placed: &'a Placed<'p>,
    found: bool,
}

impl<'m> Visit<'m> for Keys<'_, '_> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::RefBrack { index, .. } = expr {
            let locals = &self.placed.locals;
            let key = self.placed.scoped.names.path(locals, index);
            self.found |= matches!(&key.root, Root::Local(name) if key.steps.is_empty() && locals.iterates(name));
        }
        // The loops of a comprehension inside of this one are its own.
        !matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. })
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
        for rules in [
            "a if count([x | some x in input.y; x > 1]) == 1",
            "a if count({x | some i; x := input.y[i]; x > 1}) == 1",
            "a if count({x | x := input.y[_]; x > 1}) == 1",
            "a if count({i | input.y[i] == 1}) == 1",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
