//! Patterns, which give names to the parts of a value: the left of `:=`, what `some .. in` matches, and arguments. Objects in them
//! match only objects of exactly their keys in OPA, and any with these keys here; a reference in one is not loaded by OPA.

use super::{Placed, Policy};
use crate::policy::ast::{self, AssignOp, Expr, Literal, LiteralStmt, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let mut patterns = Patterns::default();
    if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } | Rule::Default { args, .. } = placed.rule {
        patterns.strict.extend(args.iter().map(AsRef::as_ref));
    }
    ast::visit_rule(placed.rule, &mut patterns);
    let of = |expr: &Expr, message: &str, hint: &str| {
        placed.scoped.parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint)
    };
    let objects = patterns.all().filter_map(object).map(|object| {
        let hint = "name the value, and take its members one by one: `x := value`, `y := x.key`";
        of(object, "an object in a pattern matches other objects in OPA", hint)
    });
    let references = patterns.strict.iter().filter_map(|pattern| reference(pattern)).map(|reference| {
        let hint = "bind a name, and compare it: `x == ...`";
        of(reference, "a reference stands in a pattern, which OPA does not load", hint)
    });
    let empty = patterns.strict.iter().filter_map(|pattern| empty(pattern)).map(|array| {
        let hint = "bind a name, and compare it: `x == []`";
        of(array, "an empty array in a pattern, which an empty object matches here and not in OPA", hint)
    });
    objects.chain(references).chain(empty).collect()
}

#[derive(Default)]
struct Patterns<'m> {
    /// Where only names, literals and arrays of them may stand.
    strict: Vec<&'m Expr>,
    loose: Vec<&'m Expr>,
}

impl<'m> Patterns<'m> {
    fn all(&self) -> impl Iterator<Item = &'m Expr> {
        self.strict.iter().chain(&self.loose).copied()
    }
}

impl<'m> Visit<'m> for Patterns<'m> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        if let Literal::SomeIn { key, value, .. } = &statement.literal {
            self.loose.extend(key.iter().chain([value]).map(AsRef::as_ref));
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        match expr {
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => self.strict.push(lhs),
            // Either side may bind the names of the other.
            Expr::AssignExpr { lhs, rhs, .. } => {
                self.loose
                    .extend([lhs, rhs].map(AsRef::as_ref).into_iter().filter(|side| !ast::bound(side).is_empty()));
            }
            _ => {}
        }
        true
    }
}

fn object(pattern: &Expr) -> Option<&Expr> {
    match pattern {
        Expr::Object { .. } => Some(pattern),
        Expr::Array { items, .. } => items.iter().find_map(|item| object(item)),
        _ => None,
    }
}

fn empty(pattern: &Expr) -> Option<&Expr> {
    match pattern {
        Expr::Array { items, .. } if items.is_empty() => Some(pattern),
        Expr::Array { items, .. } => items.iter().find_map(|item| empty(item)),
        _ => None,
    }
}

fn reference(pattern: &Expr) -> Option<&Expr> {
    match pattern {
        Expr::RefDot { .. } | Expr::RefBrack { .. } => Some(pattern),
        _ => ast::parts(pattern).into_iter().find_map(reference),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    #[test]
    fn patterns_of_objects_and_references_are_refused() {
        for (rules, place) in [
            ("a if {\n\t{\"b\": x} := input.y\n\tx == 1\n}", "5:2 {\"b\": x}"),
            ("a if {\n\t{\"b\": x} = input.y\n\tx == 1\n}", "5:2 {\"b\": x}"),
            ("a if {\n\tinput.y = [{\"b\": x}]\n\tx == 1\n}", "5:13 {\"b\": x}"),
            ("f([]) if input.x\na if f(input.y)", "4:3 []"),
            ("f(x, [y, []]) if x == y\na if f(1, input.y)", "4:10 []"),
            ("a if {\n\tsome {\"b\": x} in input.y\n\tx == 1\n}", "5:7 {\"b\": x}"),
            ("f({\"b\": x}) if x == 1", "4:3 {\"b\": x}"),
            ("f(input.x) if input.y", "4:3 input.x"),
            ("a if {\n\t[input.x, y] := input.z\n\ty == 1\n}", "5:3 input.x"),
        ] {
            assert!(with(rules).contains(&format!("engine_unsafe {place}")), "{rules}: {:?}", with(rules));
        }
        assert_eq!(with("a if {\n\t[x, _] := input.y\n\tx == 1\n}"), NOTHING);
        assert_eq!(with("a if input.y == {\"b\": 1}\n\nc if input.y = {\"b\": 1}"), NOTHING);
    }
}
