//! Builtins and literals to which OPA and the engines here give different answers: folding of letters, numbers read from
//! texts and written as such, patterns that Go and Rust understand differently, and numbers that a double does not hold.

use super::{Placed, Policy};
use crate::policy::ast::{self, Expr, Rule, RuleHead, Visit};
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
    ("json.marshal_with_options", "writes numbers in another way than OPA", "compare the values themselves"),
];

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for placed in policy.deciding() {
        let mut seen = Seen(Vec::new());
        ast::visit_rule(placed.rule, &mut seen);
        for expr in seen.0 {
            let parsed = placed.scoped.parsed;
            if let Some((message, hint)) = judge(policy, &placed, expr) {
                let subject = crate::text::without_middle(expr.span().text(), 60);
                faults.push(parsed.fault(Code::EngineUnsafe, expr.span(), message).about(subject).hint(hint));
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
        if matches!(expr, Expr::Call { .. } | Expr::Number { .. }) {
            self.0.push(expr);
        }
        true
    }
}

fn judge(policy: &Policy, placed: &Placed, expr: &Expr) -> Option<(String, &'static str)> {
    if let Expr::Number { span, .. } = expr {
        let text = span.text();
        // Whole numbers are exact, however long they are.
        let rounded = text.contains(['.', 'e', 'E']) && text.parse().is_ok_and(|double| !number::is_held(text, double));
        let message = || format!("{text} has more digits than a double holds, and OPA keeps them all");
        return rounded.then(|| (message(), "write at most 15 digits"));
    }
    let Expr::Call { fcn, params, .. } = expr else { return None };
    let path = constant(fcn)?;
    if placed.scoped.names.is_rule(path.first()?) || placed.locals.is_local(path.first()?) {
        return None;
    }
    let name = path.join(".");
    if let Some((_, why, hint)) = UNSAFE.iter().find(|(known, ..)| *known == name) {
        return Some((format!("`{name}` {why}"), hint));
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
        Some(pattern) => {
            differs(pattern).map(|(part, hint)| (format!("`{part}` in a pattern means another thing to OPA"), hint))
        }
    }
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

/// The first part of a pattern that Go, in which OPA is written, takes in another way than the engine here or not at all.
fn differs(pattern: &str) -> Option<(String, &'static str)> {
    const CLASSES: &str = "`[0-9]` for \\d, `[0-9A-Za-z_]` for \\w, `[\\t\\n\\f\\r ]` for \\s";
    const PLAIN: &str = "use literal characters, classes in brackets, groups and repetitions";
    let mut in_class = false;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let begins = |with: &str| rest.starts_with(with);
        match c {
            '\\' => {
                let escaped = rest[1..].chars().next()?;
                length += escaped.len_utf8();
                if "dDwWsSbB".contains(escaped) {
                    return Some((rest[..length].to_owned(), CLASSES));
                }
                if escaped.is_alphanumeric() && !"tnrfvaAz".contains(escaped)
                    || !escaped.is_ascii()
                    || "<>".contains(escaped)
                {
                    return Some((rest[..length].to_owned(), PLAIN));
                }
            }
            '[' if in_class && !begins("[:") => return Some(("[".to_owned(), "write `\\[` in a class")),
            '[' if in_class => length = rest.find(":]").map_or(length, |at| at + 2),
            '[' => {
                in_class = true;
                // A bracket that closes at once is a member.
                length += rest[1..].len() - rest[1..].trim_start_matches('^').trim_start_matches(']').len();
            }
            ']' => in_class = false,
            '&' | '-' | '~' if in_class && rest[1..].starts_with(c) => {
                return Some((rest[..2].to_owned(), "write each character of a class once"));
            }
            '(' if !in_class && begins("(?") => {
                let known = ["(?:", "(?i)", "(?P<"].iter().find(|known| begins(known));
                match known {
                    Some(known) => length = known.len(),
                    None => return Some(("(?".to_owned(), PLAIN)),
                }
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};
    use super::differs;

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

    #[test]
    fn patterns_mean_the_same_to_both() {
        assert_eq!(with("a if regex.match(`^\\d+$`, input.x)"), ["engine_unsafe 4:6 regex.match(`^\\d+$`, input.x)"]);
        assert_eq!(with("a if regex.match(input.p, input.x)"), ["engine_unsafe 4:6 regex.match(input.p, input.x)"]);
        assert_eq!(with("p := `^[0-9]+$`\na if regex.match(p, input.x)"), NOTHING);
        assert_eq!(with("p := `\\w`\na if regex.match(p, input.x)").len(), 1);
        assert_eq!(with("a := regex.replace(input.x, `\\s`, \"\")").len(), 1);
        for pattern in
            [r"\w", r"a\B", r"[\d]", r"\pL", r"\u0041", "[a&&b]", "[a--b]", "[a[b]]", "(?x)a", "(?u:a)", r"\<a"]
        {
            assert!(differs(pattern).is_some(), "{pattern}");
        }
        for pattern in
            [r"^[0-9A-Za-z_]+\.(?:com|org)$", r"\[\]\\", "[]a]", "[^]a]", "[[:alpha:]]", "(?i)a{1,3}", r"[a\-z-]", "é+"]
        {
            assert!(differs(pattern).is_none(), "{pattern}");
        }
    }
}
