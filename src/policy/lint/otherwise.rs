//! Bodies before an `else`. Where one has no value, or a loop that finds nothing, OPA goes on to the next; the engines here, or
//! one of them, end there.

use super::loops::walks;
use super::undefined::uses;
use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Literal, Query, Rule, RuleBody, RuleHead};
use crate::policy::code::Code;
use crate::policy::fault::Fault;

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.deciding().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let Rule::Spec { head, bodies, .. } = placed.rule else { return Vec::new() };
    let before_else = bodies.windows(2).filter(|pair| pair[1].is_else).map(|pair| &pair[0]);
    before_else.flat_map(|body| judge(placed, head, body)).collect()
}

fn judge(placed: &Placed, head: &RuleHead, body: &RuleBody) -> Vec<Fault> {
    let fault = |span: &ast::Span, message: &str, hint: &str| {
        placed.scoped.parsed.fault_about(Code::EngineUnsafe, span, message).hint(hint)
    };
    let (own, arguments) = match head {
        RuleHead::Compr { assign, .. } => (assign.as_ref(), &[][..]),
        RuleHead::Func { assign, args, .. } => (assign.as_ref(), args.as_slice()),
        RuleHead::Set { .. } => (None, &[][..]),
    };
    let value = if body.is_else { body.assign.as_ref() } else { own };
    let given: Vec<&str> = arguments.iter().flat_map(|arg| ast::bound(arg)).filter_map(ast::variable).collect();
    let mut faults = Vec::new();
    if let Some(value) = value.map(|assign| assign.value.as_ref()).filter(|value| !is_there(value, &body.query, &given))
    {
        let message = "a value that may not be there stands before an `else`, to which OPA then goes on";
        let hint = "give the value a name in the body, and look at it there: `x := input.y; is_string(x)`";
        faults.push(fault(value.span(), message, hint));
    }
    if let Some(span) = looped(placed, &body.query) {
        let message = "a loop stands in a body before an `else`, to which OPA goes on where it finds nothing";
        faults.push(fault(span, message, "give the loop a rule of its own, and ask for that"));
    }
    faults
}

/// Whether a body that holds has this value: a literal, an argument, a name at which the body looks, or a collection of such.
fn is_there(value: &Expr, body: &Query, given: &[&str]) -> bool {
    match (value, ast::variable(value)) {
        (_, Some(name)) => given.contains(&name) || uses(body, name) > 1,
        (Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. }, _) => {
            ast::parts(value).into_iter().all(|part| is_there(part, body, given))
        }
        _ => ast::is_literal(value),
    }
}

/// Where a body loops, but for the bodies inside of it.
fn looped<'m>(placed: &Placed, body: &'m Query) -> Option<&'m ast::Span> {
    body.stmts.iter().find_map(|statement| match &statement.literal {
        Literal::SomeIn { .. } => Some(&statement.span),
        Literal::Expr { expr, .. } => walks(placed, expr).first().map(|walk| walk.whole.span()),
        Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// In OPA 1.22.2 each of these is 2 where `input.x` is missing or `input.y` holds nothing above 5.
    #[test]
    fn what_stands_before_an_else_is_there() {
        for (rule, place) in [
            ("a := input.x if input.z else := 2", "4:6 input.x"),
            ("a := [input.x] if input.z else := 2", "4:6 [input.x]"),
            ("a := input.x == 1 if input.z else := 2", "4:6 input.x == 1"),
            ("a := x if { x := input.x } else := 2", "4:6 x"),
            ("a := 1 if input.z else := input.x if input.w else := 2", "4:27 input.x"),
            ("a := 1 if { some y in input.y; y > 5 } else := 2", "4:13 some y in input.y"),
            ("a := 1 if { input.y[_] > 5 } else := 2", "4:13 input.y[_]"),
            ("a := 1 if { some i; input.y[i] > 5 } else := 2", "4:21 input.y[i]"),
        ] {
            assert!(with(rule).contains(&format!("engine_unsafe {place}")), "{rule}: {:?}", with(rule));
        }
        assert_eq!(with("f(x) := y if { x == 1; y := input.x } else := 2").len(), 1);
        for rule in [
            "a := 1 if input.x else := input.y",
            "a := x if { x := input.x; x > 1 } else := 2",
            "a := 1 if { every y in input.y { y > 5 } } else := 2",
            "a := 1 if { count([y | some y in input.y; y > 5]) > 0 } else := 2",
            "a := 1 if input.x in input.y else := 2",
            "f(x) := x if x > 1 else := 2",
            "f(x) := {\"n\": x, \"m\": [1]} if x > 1 else := 2",
        ] {
            assert_eq!(with(rule), NOTHING, "{rule}");
        }
    }
}
