//! Sets inside of collections. OPA orders objects before sets and the engines here sets before objects, which shows where they
//! stand in one collection that is sorted or walked, and where they are compared by their order.

use super::kinds::{Inferred, Within};
use super::{Placed, Policy};
use crate::policy::ast::{self, BoolOp, Expr, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::constant;

pub fn check(policy: &Policy, inferred: &Inferred) -> Vec<Fault> {
    let placed = policy.deciding().enumerate();
    placed.flat_map(|(at, placed)| faults(&placed, &inferred.within(&placed, at))).collect()
}

fn faults(placed: &Placed, within: &Within) -> Vec<Fault> {
    let mut sets = Sets { within, exempt: values(placed.rule), found: Vec::new() };
    if let Rule::Spec { head: RuleHead::Set { key: Some(key), .. }, .. } = placed.rule {
        sets.member(key);
    }
    ast::visit_rule(placed.rule, &mut sets);
    let fault = |(expr, message): (&Expr, &str)| {
        let hint = "OPA orders objects and sets in another way: put arrays into collections, `[x | some x in xs]`, and compare sets with `==` or `&`";
        placed.scoped.parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint)
    };
    sets.found.into_iter().map(fault).collect()
}

/// The values that a rule gives: an object of sets, such as a decision, is in no collection there.
fn values(rule: &Rule) -> Vec<&Expr> {
    match rule {
        Rule::Default { value, .. } => vec![value],
        Rule::Spec { head, bodies, .. } => {
            let own = match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign.as_ref(),
                RuleHead::Set { .. } => None,
            };
            own.into_iter()
                .chain(bodies.iter().filter_map(|body| body.assign.as_ref()))
                .map(|a| a.value.as_ref())
                .collect()
        }
    }
}

struct Sets<'a, 'm> {
    within: &'a Within<'a>,
    /// Literals whose members may be sets.
    exempt: Vec<&'m Expr>,
    found: Vec<(&'m Expr, &'static str)>,
}

impl<'m> Sets<'_, 'm> {
    fn member(&mut self, expr: &'m Expr) {
        if self.within.of(expr).has_sets() {
            self.found.push((expr, "a set stands inside of a collection"));
        }
    }

    fn is_exempt(&self, expr: &Expr) -> bool {
        self.exempt.iter().any(|exempt| std::ptr::eq(*exempt, expr))
    }
}

impl<'m> Visit<'m> for Sets<'_, 'm> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        match expr {
            Expr::Array { .. } | Expr::ArrayCompr { .. } | Expr::SetCompr { .. } => {
                ast::parts(expr).into_iter().for_each(|part| self.member(part));
            }
            Expr::Set { .. } | Expr::Object { .. } if !self.is_exempt(expr) => {
                ast::parts(expr).into_iter().for_each(|part| self.member(part));
            }
            Expr::Object { fields, .. } => fields.iter().for_each(|(_, key, _)| self.member(key)),
            Expr::Call { fcn, params, .. } => {
                let joins = constant(fcn).is_some_and(|name| name == ["union"] || name == ["intersection"]);
                self.exempt.extend(
                    params.iter().map(AsRef::as_ref).filter(|param| joins && matches!(param, Expr::Set { .. })),
                );
            }
            Expr::BoolExpr { op: BoolOp::Lt | BoolOp::Le | BoolOp::Gt | BoolOp::Ge, lhs, rhs, .. }
                if (self.within.of(lhs) | self.within.of(rhs)).has_sets() =>
            {
                self.found.push((expr, "a set is compared by its order"));
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, found_in, with};

    /// `max([{"k": 1}, {1}]) == {1}`, and the others like it, are true in OPA 1.22.2 and false in the engines here.
    #[test]
    fn a_set_in_a_collection_is_refused_however_it_comes_there() {
        for (rules, place) in [
            ("a if max([{\"k\": 1}, {1}]) == {1}", "4:21 {1}"),
            ("a if max([[], {}, set()]) == set()", "4:19 set()]"),
            ("a if { some x in {{\"k\": 1}, {1}}; x == {1} }", "4:29 {1}"),
            ("s contains {\"k\": 1}\ns contains {1}\na if min(s) == {1}", "5:12 {1}"),
            ("s contains 1\na := max([s, {\"k\": 1}])", "5:11 s"),
            ("s := {1} | {2}\nt := s\na := {\"k\": 1, \"l\": [t]}", "6:21 t"),
            ("f(x) := [x, {}]\na if max(f({1})) == {1}", "4:10 x"),
            ("f(x, y) := z if { z := x; y }\na := [f({1}, 2)]", "5:7 f({1}, 2)"),
            ("a := sort({x | some y in input.y; x := object.keys(y)})", "4:12 x"),
            ("a := 1 if input.x else := [set()]", "4:28 set()]"),
            ("a := [decision]", "4:7 decision"),
            ("a := [decision.deny]", "4:7 decision.deny"),
            ("a := [x | x := data.switchboard[_]]", "4:7 x"),
            ("a if { every x in decision { [x] == [1] } }", "4:31 x"),
            ("a if { x = {1, 2} - {1}; [x] == input.y }", "4:27 x"),
            ("a := union({{1}, [{2}]})", "4:19 {2}"),
        ] {
            let found = with(rules);
            assert!(found.contains(&format!("engine_unsafe {place}")), "{rules}: {found:?}");
        }
        let other = ("q.rego", "package other\nimport rego.v1\na := [data.switchboard.s]\n");
        let policy = "package switchboard\nimport rego.v1\ndecision := {\"allow\": false, \"deny\": s}\ns contains 1\n";
        assert_eq!(found_in(&[("p.rego", policy), other], false), ["engine_unsafe 3:7 data.switchboard.s"]);
    }

    #[test]
    fn sets_are_not_compared_by_their_order() {
        assert_eq!(with("a if input.o <= {1, 2}"), ["engine_unsafe 4:6 input.o <= {1, 2}"]);
        assert_eq!(with("s contains 1\na if s < input.o"), ["engine_unsafe 5:6 s < input.o"]);
        assert_eq!(with("a if decision > input.o"), ["engine_unsafe 4:6 decision > input.o"]);
        for rules in [
            "s contains x if some x in input.x\na if { count(s & {1}) > 0; s == {1}; s[1]; 1 in s }",
            "s contains x if some x in input.x\na := max(s)\nb := sort(s)\nc := [x | some x in s]",
            "s contains 1\na := union({s, {2}}) | intersection({s, {3}})",
            "s contains 1\na if { every x in s { x == 1 } }\nb := {x | some x in s; x > 1}",
            "f(x) if count(x) == 1\na if f({1})\nb if f([1])",
            "a if input.x < [1]\nb if max([[1], {}]) == {}",
            "a := {\"allow\": true, \"deny\": {1}}\nb if count(a.deny) == 1",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
