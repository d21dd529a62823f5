//! Builtins and literals to which OPA and the engines here give different answers: folding of letters, numbers read from
//! texts and written as such, patterns that Go and Rust understand differently, and numbers that a double does not hold.

use super::kinds::{Inferred, Kinds, Within};
use super::{Placed, Policy, regexes};
use crate::policy::ast::{self, ArithOp, Expr, Rule, RuleHead, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::number;
use crate::policy::paths::{Root, constant, rule_name};

/// With the reason and what to write in their place.
const UNSAFE: &[(&str, &str, &str)] = &[
    ("lower", "folds some letters in another way than OPA", "compare texts as they are, or list the spellings"),
    ("upper", "folds some letters in another way than OPA", "compare texts as they are, or list the spellings"),
    ("to_number", "reads other texts as numbers than OPA", "compare the texts, or pass a number in the input"),
    ("json.marshal", "writes numbers in another way than OPA", "compare the values themselves"),
    ("strings.count", "counts parts that overlap, which OPA does not", "compare the text with `contains`"),
    ("strings.replace_n", "replaces what it has put in, which OPA does not", "compare the spellings that are meant"),
    ("regex.split", "splits around empty matches, which OPA does not", "match the whole text"),
    ("regex.is_valid", "knows other patterns than OPA", "write the pattern as a text"),
    ("json.unmarshal", "rounds numbers that OPA does not", "pass the value itself in the input"),
    ("json.filter", "keeps other members than OPA", "name the members: `{\"a\": x.a}`"),
    ("json.remove", "removes other members than OPA", "name the members that stay: `{\"a\": x.a}`"),
    ("json.is_valid", "calls other texts JSON than OPA", "pass the value itself in the input"),
    ("object.filter", "keeps other keys than OPA", "name the members: `{\"a\": x.a}`"),
    ("object.subset", "answers for other collections than OPA", "compare the members that are meant"),
    ("numbers.range_step", "takes steps that OPA does not", "use `numbers.range`"),
    ("regex.template_match", "takes other templates than OPA", "use `regex.match` with the whole pattern"),
    ("units.parse", "reads other texts as numbers than OPA", "pass a number in the input"),
    ("units.parse_bytes", "reads other texts as numbers than OPA", "pass a number in the input"),
    ("ceil", "answers differently between -1 and 0", "compare the number itself"),
    ("floor", "answers differently between -1 and 0", "compare the number itself"),
    ("format_int", "answers differently between -1 and 0", "use `sprintf(\"%d\", [x])` for counts"),
    ("json.marshal_with_options", "writes numbers in another way than OPA", "compare the values themselves"),
];

pub fn check(policy: &Policy, inferred: &Inferred) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, placed) in policy.deciding().enumerate() {
        let within = inferred.within(&placed, at);
        let mut seen = Seen(Vec::new());
        ast::visit_rule(placed.rule, &mut seen);
        for expr in seen.0 {
            let parsed = placed.scoped.parsed;
            if let Some((message, hint)) = judge(policy, &placed, &within, expr) {
                faults.push(parsed.fault_about(Code::EngineUnsafe, expr.span(), message).hint(hint));
            }
        }
    }
    faults
}

#[cfg(test)]
pub fn is_unsafe(name: &str) -> bool {
    UNSAFE.iter().any(|(known, ..)| *known == name)
}

struct Seen<'m>(Vec<&'m Expr>);

impl<'m> Visit<'m> for Seen<'m> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if matches!(expr, Expr::Call { .. } | Expr::Number { .. } | Expr::ArithExpr { .. } | Expr::UnaryExpr { .. }) {
            self.0.push(expr);
        }
        true
    }
}

fn judge(policy: &Policy, placed: &Placed, within: &Within, expr: &Expr) -> Option<(String, &'static str)> {
    if let Expr::Number { span, .. } = expr {
        let text = span.text();
        // Whole numbers are exact, however long they are.
        let rounded = text.contains(['.', 'e', 'E']) && text.parse().is_ok_and(|double| !number::is_held(text, double));
        let message = || format!("{text} has more digits than a double holds, and OPA keeps them all");
        return rounded.then(|| (message(), "write at most 15 digits"));
    }
    match expr {
        Expr::ArithExpr { op, lhs, rhs, .. } => {
            return reckoned(op, [lhs, rhs]).or_else(|| operands(within, op, [lhs, rhs]));
        }
        Expr::UnaryExpr { expr, .. } => return operands(within, &ArithOp::Mul, [expr, expr]),
        _ => {}
    }
    let Expr::Call { fcn, params, .. } = expr else { return None };
    let path = constant(fcn)?;
    // No local name is a function, and no rule has the name of a builtin.
    if matches!(path.as_slice(), [name] if placed.scoped.names.is_rule(name)) {
        return None;
    }
    let name = path.join(".");
    if let Some((_, why, hint)) = UNSAFE.iter().find(|(known, ..)| *known == name) {
        return Some((format!("`{name}` {why}"), hint));
    }
    if let Some(refused) = argument(&name, params) {
        return Some(refused);
    }
    if !name.starts_with("regex.") {
        return None;
    }
    let at = usize::from(name == "regex.replace");
    match literal(policy, placed, params.get(at)?) {
        None => Some((
            format!("the pattern of `{name}` is not known before it is evaluated"),
            "write the pattern as a text, or as a rule whose value is one",
        )),
        Some(pattern) => regexes::differs(pattern)
            .map(|(part, hint)| (format!("`{part}` in a pattern means another thing to OPA"), hint)),
    }
}

/// OPA reckons with decimals of any length, and a double holds neither tenths nor units beyond 2^53.
fn reckoned(op: &ArithOp, of: [&Expr; 2]) -> Option<(String, &'static str)> {
    let inexact = |expr: &Expr| match expr {
        Expr::Number { span, .. } => !span.text().parse::<i64>().is_ok_and(|whole| whole.unsigned_abs() < 1 << 53),
        _ => false,
    };
    let divides = matches!(op, ArithOp::Div | ArithOp::Mod);
    (divides || of.into_iter().any(inexact)).then(|| {
        (
            "OPA reckons with decimals, and with doubles is not the same".to_owned(),
            "compare whole numbers, such as counts",
        )
    })
}

/// Of what is no number the interpreter makes an error, and the virtual machine ends what stands around; to OPA there is no value.
fn operands(within: &Within, op: &ArithOp, of: [&Expr; 2]) -> Option<(String, &'static str)> {
    let all = |kind: Kinds| of.into_iter().all(|operand| within.of(operand) == kind);
    // A literal that is neither number nor set is another lint's matter.
    let mistyped = |operand: &Expr| ast::is_literal(operand) && !within.of(operand).meets(Kinds::NUMBER | Kinds::SET);
    let known = all(Kinds::NUMBER) || (*op == ArithOp::Sub && all(Kinds::SET)) || of.into_iter().any(mistyped);
    (!known).then(|| {
        let hint = "reckon with literals, with what `count` and the like give, and with names of such; compare other values as they are";
        ("an operand may be no number, which the engines take in different ways".to_owned(), hint)
    })
}

/// A text that stands there, or in the one rule that is named.
fn literal<'p>(policy: &'p Policy, placed: &Placed<'p>, expr: &'p Expr) -> Option<&'p str> {
    if let Some(text) = ast::text(expr) {
        return Some(text);
    }
    let path = placed.scoped.names.path(&placed.locals, expr);
    let Root::Rule(name) = path.root else { return None };
    let same = |file: &&super::Scoped| file.names.package() == placed.scoped.names.package();
    let rules = policy.files.iter().filter(same).flat_map(|file| &file.module().policy);
    let mut named = rules.filter(|rule| rule_name(rule).as_deref() == Some(&name));
    match (named.next()?.as_ref(), named.next()) {
        (Rule::Spec { head: RuleHead::Compr { assign: Some(assign), .. }, bodies, .. }, None) => {
            ast::text(&assign.value).filter(|_| bodies.iter().all(|body| !body.is_else))
        }
        _ => None,
    }
}

/// What an argument has to be so that both answer the same.
fn argument(name: &str, params: &[ast::ExprRef]) -> Option<(String, &'static str)> {
    let text = |at: usize| params.get(at).and_then(|param| ast::text(param));
    match name {
        "count" if text(0).is_some_and(|text| text.chars().any(|c| c > '\u{ffff}')) => Some((
            "`count` of characters beyond the BMP is another number to OPA".to_owned(),
            "write the number itself",
        )),
        "indexof" | "indexof_n" | "replace" if text(1).is_none_or(str::is_empty) => Some((
            format!("what `{name}` looks for may be empty, which OPA takes in another way"),
            "write it as a text of at least one character",
        )),
        "regex.replace" if text(2).is_none_or(|with| with.contains('$')) => Some((
            format!("`{name}` puts in what may hold a `$`, which OPA takes in another way"),
            "write what is put in as a text without `$`",
        )),
        "sprintf" => formatted(text(0), params.get(1).map(AsRef::as_ref)).map(|what| {
            (format!("`sprintf` {what}"), "use %s and %v for texts, %d for whole numbers, one value for each")
        }),
        _ => None,
    }
}

/// Why the two may write different texts. Of what is no literal only `count` is known to be a whole number; other values
/// are taken for texts.
fn formatted(format: Option<&str>, values: Option<&Expr>) -> Option<&'static str> {
    let Some(format) = format else { return Some("has a format that is not known before it is evaluated") };
    let mut verbs = Vec::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '%' { rest.next() } else { None }) {
            ('%', Some('%')) => {}
            ('%', Some(verb @ ('s' | 'v' | 'd'))) => verbs.push(verb),
            ('%', _) => return Some("has a format that OPA fills in another way"),
            _ => {}
        }
    }
    let items = match values {
        Some(Expr::Array { items, .. }) => items,
        // Another lint's matter.
        Some(literal) if ast::is_literal(literal) => return None,
        _ => return Some("has values that are not known one by one"),
    };
    if items.len() != verbs.len() {
        return Some("has more or fewer values than its format");
    }
    let fits = |(verb, value): (char, &Expr)| match (verb, value) {
        ('d' | 'v', Expr::Number { span, .. }) => {
            let digits = span.text();
            digits.len() <= 15 && digits.bytes().all(|c| c.is_ascii_digit())
        }
        ('d', Expr::Call { fcn, .. }) => ast::variable(fcn) == Some("count"),
        ('d', _) | ('s', Expr::Number { .. }) => false,
        (_, value) => ast::text(value).is_some() || !ast::is_literal(value),
    };
    let all = verbs.into_iter().zip(items).all(|(verb, value)| fits((verb, value)));
    (!all).then_some("writes a value that OPA writes in another way")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    #[test]
    fn builtins_that_answer_differently_are_refused() {
        for call in [
            "strings.count(input.x, \"a\")",
            "lower(input.x)",
            "upper(input.x)",
            "to_number(input.x)",
            "json.marshal(input.x)",
        ] {
            assert_eq!(with(&format!("a if {call} == input.y")), [format!("engine_unsafe 4:6 {call}")]);
        }
        assert_eq!(with("lower(x) := x\na if lower(input.x) == 1"), ["name_taken 4:1 lower"], "a rule of that name");
    }

    /// OPA compares with all digits: `2.0000000000000000001 == 2` is false there.
    #[test]
    fn numbers_that_a_double_does_not_hold_are_refused() {
        assert_eq!(with("a if input.x < 2.0000000000000000001"), ["engine_unsafe 4:16 2.0000000000000000001"]);
        assert_eq!(with("a if input.x < 2.5\nb if input.x == 1e3\nc if input.x == 9007199254740993"), NOTHING);
    }

    /// `0.1 + 0.2 == 0.3` and `9007199254740992 + 1 == 9007199254740993` are true in OPA.
    #[test]
    fn what_is_reckoned_is_whole_and_small() {
        let n = "count(input.x)";
        for sum in [
            format!("0.1 + {n}"),
            format!("{n} * 1e3"),
            format!("{n} / 2"),
            format!("{n} % 2"),
            format!("{n} - 9007199254740992"),
        ] {
            assert_eq!(with(&format!("a if {sum} == 3")), [format!("engine_unsafe 4:6 {sum}")]);
        }
        assert_eq!(with("a if count(input.x) + 1 == 3\nb if count(input.x) - 9007199254740991 < 0"), NOTHING);
        assert_eq!(with("a if count(\"\u{1f600}\") == 1"), ["engine_unsafe 4:6 count(\"\u{1f600}\")"]);
        assert_eq!(with("a if count(\"\u{df}\") == 1"), NOTHING);
    }

    /// OPA 1.22.2 makes `{0, 1}` of the first; both engines here end the rule around it.
    #[test]
    fn what_is_reckoned_with_is_a_number() {
        for sum in ["v - input.xs[0]", "input.x + 1", "v * 2", "v - {1}", "1 - {1}", "input.x - v"] {
            let found = with(&format!("a if {{ c := {{({sum}) | some v in [1, 2, \"a\"]}}; c != 5 }}"));
            assert!(found.len() == 1 && found[0].starts_with("engine_unsafe 4:"), "{sum}: {found:?}");
        }
        assert_eq!(with("f(v) := v - 1\na if f(input.x) == 1\nb if f(2) == 1"), ["engine_unsafe 4:9 v - 1"]);
        assert_eq!(with("n := 3 if input.x else := \"a\"\na if n + 1 == 4"), ["engine_unsafe 5:6 n + 1"]);
        for rules in [
            "n := 3\na if { m := n + count(input.x); m - 1 == 4 }",
            "f(v) := v - 1\na if f(count(input.x)) == 1",
            "s contains x if some x in input.x\na if count(s - {1}) == 0",
            "a if { s := {1, 2}; t := {x | some x in input.x}; s - t == {1} }",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }

    #[test]
    fn patterns_mean_the_same_to_both() {
        assert_eq!(with("a if regex.match(`^\\d+$`, input.x)"), ["engine_unsafe 4:6 regex.match(`^\\d+$`, input.x)"]);
        assert_eq!(with("a if regex.match(input.p, input.x)"), ["engine_unsafe 4:6 regex.match(input.p, input.x)"]);
        assert_eq!(with("p := `^[0-9]+$`\na if regex.match(p, input.x)"), NOTHING);
        assert_eq!(with("p := `\\w`\na if regex.match(p, input.x)").len(), 1);
        assert_eq!(with("a := regex.replace(input.x, `\\s`, \"\")").len(), 1);
    }

    #[test]
    fn texts_that_are_filled_in_are_the_same_for_both() {
        let sprintf = |call: &str| with(&format!("a := {call}")).len();
        for call in [
            "sprintf(\"%v\", [1e21])",
            "sprintf(\"%s\", [1])",
            "sprintf(\"%d\", [1.0])",
            "sprintf(\"%d\", [\"x\"])",
            "sprintf(\"%x\", [255])",
            "sprintf(\"%q\", [\"x\"])",
            "sprintf(\"%5d\", [1])",
            "sprintf(\"%v\", [])",
            "sprintf(\"a\", [1])",
            "sprintf(\"%\", [])",
            "sprintf(input.f, [1])",
            "sprintf(\"%v\", input.values)",
            "indexof(input.x, \"\")",
            "replace(input.x, input.y, \"\")",
            "regex.replace(input.x, `a(b)`, \"$1c\")",
        ] {
            assert_eq!(sprintf(call), 1, "{call}");
        }
        assert_ne!(sprintf("sprintf(\"%v\", [set()])"), 0);
        for call in [
            "sprintf(\"100 %% of %s, %v and %d\", [input.x, \"y\", count(input.z)])",
            "sprintf(\"%d\", [12])",
            "indexof(input.x, \"-\")",
            "replace(input.x, \"-\", input.y)",
            "regex.replace(input.x, `a`, \"b\")",
        ] {
            assert_eq!(sprintf(call), 0, "{call}");
        }
    }
}
