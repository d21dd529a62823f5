//! Values of a type that an operator or a builtin never takes: OPA does not load them, the engine here evaluates them to
//! nothing. Only types that can be read off the text are judged: literals, comprehensions, and what builtins give.

use super::Policy;
use crate::policy::ast::{self, ArithOp, AssignOp, BoolOp, Expr, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::constant;

/// What each builtin takes and gives: `z` null, `b` boolean, `n` number, `t` text, `a` array, `s` set, `o` object, `*` any.
/// From the declarations of OPA (`opa capabilities --current`).
const SIGNATURES: &[(&str, &str)] = &[
    ("abs", "n:n"),
    ("array.concat", "a,a:a"),
    ("array.reverse", "a:a"),
    ("array.slice", "a,n,n:a"),
    ("bits.and", "n,n:n"),
    ("bits.lsh", "n,n:n"),
    ("bits.negate", "n:n"),
    ("bits.or", "n,n:n"),
    ("bits.rsh", "n,n:n"),
    ("bits.xor", "n,n:n"),
    ("ceil", "n:n"),
    ("concat", "t,as:t"),
    ("contains", "t,t:b"),
    ("count", "asot:n"),
    ("endswith", "t,t:b"),
    ("floor", "n:n"),
    ("format_int", "n,n:t"),
    ("indexof", "t,t:n"),
    ("indexof_n", "t,t:a"),
    ("intersection", "s:s"),
    ("is_array", "*:b"),
    ("is_boolean", "*:b"),
    ("is_null", "*:b"),
    ("is_number", "*:b"),
    ("is_object", "*:b"),
    ("is_set", "*:b"),
    ("is_string", "*:b"),
    ("json.is_valid", "t:b"),
    ("json.unmarshal", "t:*"),
    ("max", "as:*"),
    ("min", "as:*"),
    ("numbers.range", "n,n:a"),
    ("numbers.range_step", "n,n,n:a"),
    ("object.filter", "o,aso:o"),
    ("object.get", "o,*,*:*"),
    ("object.keys", "o:s"),
    ("object.remove", "o,aso:o"),
    ("object.union", "o,o:o"),
    ("product", "as:n"),
    ("regex.find_n", "t,t,n:a"),
    ("regex.is_valid", "t:b"),
    ("regex.match", "t,t:b"),
    ("regex.replace", "t,t,t:t"),
    ("regex.split", "t,t:a"),
    ("replace", "t,t,t:t"),
    ("round", "n:n"),
    ("sort", "as:a"),
    ("split", "t,t:a"),
    ("sprintf", "t,a:t"),
    ("startswith", "t,t:b"),
    ("strings.any_prefix_match", "ast,ast:b"),
    ("strings.any_suffix_match", "ast,ast:b"),
    ("strings.count", "t,t:n"),
    ("strings.replace_n", "o,t:t"),
    ("strings.reverse", "t:t"),
    ("substring", "t,n,n:t"),
    ("sum", "as:n"),
    ("trim", "t,t:t"),
    ("trim_left", "t,t:t"),
    ("trim_prefix", "t,t:t"),
    ("trim_right", "t,t:t"),
    ("trim_space", "t:t"),
    ("trim_suffix", "t,t:t"),
    ("type_name", "*:t"),
    ("union", "s:s"),
    ("units.parse", "t:n"),
    ("units.parse_bytes", "t:n"),
];

const WORDS: [(char, &str); 7] = [
    ('z', "null"),
    ('b', "a boolean"),
    ('n', "a number"),
    ('t', "a text"),
    ('a', "an array"),
    ('s', "a set"),
    ('o', "an object"),
];

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for placed in policy.rules() {
        // A rule or an argument may have the name of a builtin.
        let own = |name: &str| placed.scoped.names.is_rule(name) || placed.locals.is_local(name);
        let mut judge = Judge { own: &own, found: Vec::new() };
        ast::visit_rule(placed.rule, &mut judge);
        for (expr, message) in judge.found {
            let fault = placed.scoped.parsed.fault(Code::TypeMismatch, expr.span(), message);
            faults.push(fault.about(crate::text::without_middle(expr.span().text(), 60)));
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
                    (1..).zip(params.iter().zip(takes.split(','))).find(|(_, (p, t))| !self.fits(p, t))?;
                let given = words(self.of(param)?);
                Some(format!("argument {n} of `{name}` is {given}, {} was expected", words(takes)))
            }),
            Expr::ArithExpr { op, lhs, rhs, .. } => {
                let takes = if *op == ArithOp::Sub { "ns" } else { "n" };
                self.operand([lhs, rhs], takes)
            }
            Expr::BinExpr { lhs, rhs, .. } => self.operand([lhs, rhs], "s"),
            Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                let types = self.of(lhs).zip(self.of(rhs)).filter(|(a, b)| !meet(a, b));
                types.map(|(a, b)| format!("{} never equals {}", words(a), words(b)))
            }
            _ => None,
        };
        self.found.extend(message.map(|message| (expr, message)));
        true
    }
}

impl Judge<'_, '_> {
    fn operand(&self, operands: [&Expr; 2], takes: &str) -> Option<String> {
        let wrong = operands.into_iter().find(|operand| !self.fits(operand, takes))?;
        Some(format!("an operand is {}, {} was expected", words(self.of(wrong)?), words(takes)))
    }

    fn fits(&self, expr: &Expr, takes: &str) -> bool {
        self.of(expr).is_none_or(|given| meet(given, takes))
    }

    fn signature(&self, fcn: &Expr) -> Option<(&'static str, &'static str, &'static str)> {
        let path = constant(fcn)?;
        if (self.own)(path.first()?) {
            return None;
        }
        let name = path.join(".");
        let (name, signature) = SIGNATURES.iter().find(|(known, _)| *known == name)?;
        let (takes, gives) = signature.split_once(':')?;
        Some((name, takes, gives))
    }

    /// The types that an expression can have, where they are known.
    fn of(&self, expr: &Expr) -> Option<&'static str> {
        Some(match expr {
            Expr::Null { .. } => "z",
            Expr::Bool { .. } | Expr::BoolExpr { .. } | Expr::Membership { .. } => "b",
            Expr::Number { .. } => "n",
            Expr::String { .. } | Expr::RawString { .. } => "t",
            Expr::Array { .. } | Expr::ArrayCompr { .. } => "a",
            Expr::Set { .. } | Expr::SetCompr { .. } | Expr::BinExpr { .. } => "s",
            Expr::Object { .. } | Expr::ObjectCompr { .. } => "o",
            Expr::ArithExpr { op: ArithOp::Sub, .. } => "ns",
            Expr::ArithExpr { .. } | Expr::UnaryExpr { .. } => "n",
            Expr::Call { fcn, .. } => self.signature(fcn).map(|(_, _, gives)| gives)?,
            _ => return None,
        })
        .filter(|types| *types != "*")
    }
}

fn meet(a: &str, b: &str) -> bool {
    a == "*" || b == "*" || a.chars().any(|c| b.contains(c))
}

fn words(types: &str) -> String {
    let named: Vec<&str> = WORDS.iter().filter(|(c, _)| types.contains(*c)).map(|(_, word)| *word).collect();
    named.join(" or ")
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
