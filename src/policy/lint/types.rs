//! Values of a type that an operator or a builtin never takes: OPA does not load them, the engine here evaluates them to
//! nothing. Only types that can be read off the text are judged: literals, comprehensions, and what builtins give.

use super::kinds::Kinds;
use super::{Policy, signatures};
use crate::policy::ast::{self, ArithOp, AssignOp, BoolOp, Expr, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::constant;

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for placed in policy.rules() {
        // A rule or an argument may have the name of a builtin.
        let own = |name: &str| placed.scoped.names.is_rule(name) || placed.locals.is_local(name);
        let mut judge = Judge { own: &own, found: Vec::new() };
        ast::visit_rule(placed.rule, &mut judge);
        for (expr, message) in judge.found {
            faults.push(placed.scoped.parsed.fault_about(Code::TypeMismatch, expr.span(), message));
        }
    }
    faults
}

struct Judge<'o, 'm> {
    own: &'o dyn Fn(&str) -> bool,
    found: Vec<(&'m Expr, String)>,
}

impl<'m> Visit<'m> for Judge<'_, 'm> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        let message = match expr {
            Expr::Call { fcn, params, .. } => self.signature(fcn).and_then(|(name, takes, _)| {
                let (n, (param, takes)) =
                    (1..).zip(params.iter().zip(takes)).find(|(_, (p, t))| !self.of(p).meets(*t))?;
                let given = self.of(param).words();
                Some(format!("argument {n} of `{name}` is {given}, {} was expected", takes.words()))
            }),
            Expr::ArithExpr { op, lhs, rhs, .. } => {
                let sets = if *op == ArithOp::Sub { Kinds::SET } else { Kinds::default() };
                self.operand([lhs, rhs], Kinds::NUMBER | sets)
            }
            Expr::BinExpr { lhs, rhs, .. } => self.operand([lhs, rhs], Kinds::SET),
            Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                let (left, right) = (self.of(lhs), self.of(rhs));
                (!left.meets(right)).then(|| format!("{} never equals {}", left.words(), right.words()))
            }
            _ => None,
        };
        self.found.extend(message.map(|message| (expr, message)));
        true
    }
}

impl Judge<'_, '_> {
    fn operand(&self, operands: [&Expr; 2], takes: Kinds) -> Option<String> {
        let wrong = operands.into_iter().map(|operand| self.of(operand)).find(|given| !given.meets(takes))?;
        Some(format!("an operand is {}, {} was expected", wrong.words(), takes.words()))
    }

    fn signature(&self, fcn: &Expr) -> Option<(String, Vec<Kinds>, Kinds)> {
        let path = constant(fcn)?;
        if (self.own)(path.first()?) {
            return None;
        }
        let name = path.join(".");
        let (takes, gives) = signatures::of(&name)?;
        Some((name, takes, gives))
    }

    /// The kinds that can be read off an expression itself.
    fn of(&self, expr: &Expr) -> Kinds {
        match expr {
            Expr::Null { .. } => Kinds::NULL,
            Expr::Bool { .. } | Expr::BoolExpr { .. } | Expr::Membership { .. } => Kinds::BOOLEAN,
            Expr::Number { .. } => Kinds::NUMBER,
            Expr::String { .. } | Expr::RawString { .. } => Kinds::TEXT,
            Expr::Array { .. } | Expr::ArrayCompr { .. } => Kinds::ARRAY,
            Expr::Set { .. } | Expr::SetCompr { .. } | Expr::BinExpr { .. } => Kinds::SET,
            Expr::Object { .. } | Expr::ObjectCompr { .. } => Kinds::OBJECT,
            Expr::ArithExpr { op: ArithOp::Sub, .. } => Kinds::NUMBER | Kinds::SET,
            Expr::ArithExpr { .. } | Expr::UnaryExpr { .. } => Kinds::NUMBER,
            Expr::Call { fcn, .. } => self.signature(fcn).map_or(Kinds::ANY, |(_, _, gives)| gives),
            _ => Kinds::ANY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// Each of these is a type error of `opa check` of OPA 1.22, and those with nothing are taken.
    #[test]
    fn types_that_can_be_read_off_the_text_fit() {
        for rules in [
            "a if count(5) == 1",
            "a if count(null) == 1",
            "a := 1 + \"a\"",
            "a := 1 - true",
            "a := {1} | [2]",
            "a if 1 == \"a\"",
            "a if 1 = \"a\"",
            "a if [1] == \"a\"",
            "a if count([1]) == \"a\"",
            "a if contains(1, \"a\")",
            "a if startswith(input.x, 1)",
            "a if startswith(count([1]), \"a\")",
            "a := concat(\",\", 5)",
            "a := sum(\"a\")",
            "a := sprintf(\"x\", 1)",
            "a := object.get(1, \"a\", 2)",
            "a := array.concat({1}, [2])",
            "a := substring(\"a\", \"b\", 1)",
            "a if strings.any_prefix_match(1, \"a\")",
        ] {
            let found = with(rules);
            assert!(found.len() == 1 && found[0].starts_with("type_mismatch 4:"), "{rules}: {found:?}");
        }
        assert_eq!(with("a if count(5) == 1"), ["type_mismatch 4:6 count(5)"]);
        for rules in [
            "a if 1 != \"a\"",
            "a if 1 < \"a\"",
            "a if count(\"abc\") == 3",
            "a if is_number(\"a\")",
            "a := {1} - {2}",
            "a if max([1, 2]) == \"a\"",
            "count_of(x) := count(x)\na if count_of([1]) == 1",
            "a if input.x == 1",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
