//! The brace behind `if`, which OPA and the parser here take for different things. `if { x | ...` begins a set comprehension in
//! OPA, which is always true, and a body with a union here; `if {x, y}` is no body in OPA, and a set here, which is always true.

use super::{Placed, Policy};
use crate::policy::ast::{BinOp, Expr, Literal, Query, Rule};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::parse::extent;

/// In tests too: one that is always true shows nothing.
pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.rules().flat_map(|placed| faults(&placed)).collect()
}

fn faults(placed: &Placed) -> Vec<Fault> {
    let Rule::Spec { bodies, .. } = placed.rule else { return Vec::new() };
    let first = |query| first(query).and_then(|expr| judge(placed, expr, query));
    bodies.iter().filter_map(|body| first(&body.query)).collect()
}

fn first(query: &Query) -> Option<&Expr> {
    match &query.stmts.first()?.literal {
        Literal::Expr { expr, .. } => Some(expr),
        _ => None,
    }
}

fn judge(placed: &Placed, expr: &Expr, query: &Query) -> Option<Fault> {
    let (message, hint) = match expr {
        Expr::Set { .. } if query.stmts.len() == 1 && !is_in_braces(placed, expr) => (
            "a set stands where a body was meant, and a set is always true",
            "put each condition on a line of its own, or `;` between them",
        ),
        _ if begins_with_union(expr) => (
            "a body that begins with `x | ...` is a set comprehension to OPA, which is always true",
            "give the union a name first: `both := x | y`",
        ),
        _ => return None,
    };
    Some(placed.scoped.parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint))
}

/// Whether the braces of a set are not those of the body.
fn is_in_braces(placed: &Placed, set: &Expr) -> bool {
    let text = &placed.scoped.parsed.file.text;
    let before = text.get(..extent(text, set.span()).start).unwrap_or_default();
    before.trim_end().ends_with('{')
}

/// Whether the first term that stands there is followed by `|`.
fn begins_with_union(expr: &Expr) -> bool {
    match expr {
        Expr::BinExpr { op, lhs, .. } => begins_with_union(lhs) || (*op == BinOp::Union && is_term(lhs)),
        Expr::BoolExpr { lhs, .. } | Expr::ArithExpr { lhs, .. } | Expr::AssignExpr { lhs, .. } => {
            begins_with_union(lhs)
        }
        Expr::Membership { key, value, .. } => begins_with_union(key.as_deref().unwrap_or(value)),
        _ => false,
    }
}

fn is_term(expr: &Expr) -> bool {
    !matches!(
        expr,
        Expr::BinExpr { .. }
            | Expr::BoolExpr { .. }
            | Expr::ArithExpr { .. }
            | Expr::AssignExpr { .. }
            | Expr::Membership { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, found_in, with};

    /// Each of these is `true` in OPA 1.22.2, whatever follows.
    #[test]
    fn a_body_that_is_a_comprehension_to_opa_is_refused() {
        for first in
            ["s | t == t", "count(s) | t == t", "[s] | t == t", "s[1] | t == t", "{1} | t == t", "\"s\" | t == t"]
        {
            let rules = format!("s := {{1}}\nt := {{2}}\na if {{\n\t{first}\n\tinput.x\n}}");
            let found = with(&rules);
            assert!(found[0].starts_with("engine_unsafe 7:"), "{first}: {found:?}");
        }
        for first in ["s & t | t == t", "s == t | t", "u := s | t\n\tu == t", "input.x\n\ts | t == t"] {
            let rules = format!("s := {{1}}\nt := {{2}}\na if {{\n\t{first}\n\tinput.x\n}}");
            assert_eq!(with(&rules), NOTHING, "{first}");
        }
    }

    /// OPA 1.22.2 loads none of them: `unexpected , token`.
    #[test]
    fn a_set_in_place_of_a_body_is_refused() {
        for set in ["{1 == 1, 1 == 2}", "{ input.x, input.y == 1 }", "{false,}"] {
            let found = with(&format!("a if {set}"));
            assert!(found.len() == 1 && found[0].starts_with("engine_unsafe 4:6 {"), "{set}: {found:?}");
            let test = format!("package a_test\nimport rego.v1\ntest_a if {set}\n");
            assert_eq!(found_in(&[("a_test.rego", &test)], false).len(), 1, "{set}");
        }
        for body in ["{input.x}", "{ input.x; input.y }", "{\n\t{1, 2}\n}", "{ {1, 2} == input.x }"] {
            assert_eq!(with(&format!("a if {body}")), NOTHING, "{body}");
        }
    }
}
