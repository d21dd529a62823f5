//! Names that OPA does not load: variables that are declared and not used, or used before, what is called `input` or `data`,
//! and packages that stand where a rule of another package does.

use super::{Placed, Policy};
use crate::policy::ast::{self, AssignOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span, Visit};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::policy::paths::{bodies, rule_name};

const RESERVED: [&str; 2] = ["input", "data"];

pub fn check(policy: &Policy) -> Vec<Fault> {
    let mut faults = packages(policy);
    for placed in policy.rules() {
        let parsed = placed.scoped.parsed;
        for span in unused(placed.rule) {
            let name = span.text();
            let fault = parsed.fault(Code::UnusedVariable, span, format!("`{name}` is declared and not used"));
            faults.push(fault.about(name).hint("remove it; in `every` a value that is not needed is called `_`"));
        }
        for span in late(placed.rule) {
            let name = span.text();
            let message = format!("`{name}` is declared here, and has been used before in the same body");
            let fault = parsed.fault(Code::RegoSyntax, span, message);
            faults.push(fault.about(name).hint("give one of the two another name"));
        }
        for span in reserved(&placed) {
            let name = span.text();
            let message = format!("`{name}` is the name of a document and cannot be given to anything else");
            let hint = "use another name: which document is meant here could not be told";
            faults.push(parsed.fault(Code::ReservedName, span, message).about(name).hint(hint));
        }
    }
    faults
}

/// `package a.b` beside a rule `b` of package `a`.
fn packages(policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    for scoped in &policy.files {
        let package = scoped.names.package();
        let above = policy.rules().find(|placed| {
            let of_rule = placed.scoped.names.package();
            let below = package.strip_prefix(of_rule).and_then(<[String]>::first);
            below.is_some_and(|part| rule_name(placed.rule).as_ref() == Some(part))
        });
        if let Some(rule) = above {
            let (name, shown) = (rule_name(rule.rule).unwrap_or_default(), package.join("."));
            let message =
                format!("package `{shown}` stands where `{}` has the rule `{name}`", rule.scoped.parsed.file.shown);
            let fault = scoped.parsed.fault(Code::DuplicateRule, scoped.module().package.refr.span(), message);
            faults.push(fault.about(shown).hint("rename the package or the rule"));
        }
    }
    faults
}

/// The names that `some .. in` declares where a statement before it has them, and the second of two equal ones of `every`.
/// Of `:=` and `some x` the engine's own parser says it.
fn late(rule: &Rule) -> Vec<&Span> {
    let mut found = Vec::new();
    for query in queries(rule) {
        for (at, statement) in query.stmts.iter().enumerate() {
            match &statement.literal {
                Literal::SomeIn { key, value, .. } => {
                    let bound =
                        key.iter().chain([value]).flat_map(|pattern| ast::bound(pattern)).map(|name| name.span());
                    found.extend(bound.filter(|span| used_in(&query.stmts[..at], span.text())));
                }
                Literal::Every { key: Some(key), value, .. } if key.text() == value.text() && key.text() != "_" => {
                    found.push(value);
                }
                _ => {}
            }
        }
    }
    found
}

/// The names that `some` and `every` declare and their bodies do not use.
fn unused(rule: &Rule) -> Vec<&Span> {
    let mut found = Vec::new();
    for query in queries(rule) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => {
                    found.extend(vars.iter().filter(|var| var.text() == "_" || !uses(query, var.text())))
                }
                Literal::Every { key, value, query, .. } => {
                    let named = key.iter().chain([value]).filter(|span| span.text() != "_");
                    found.extend(named.filter(|span| !uses(query, span.text())));
                }
                _ => {}
            }
        }
    }
    found
}

/// All bodies of a rule, those of comprehensions and `every` too.
fn queries(rule: &Rule) -> Vec<&Query> {
    let mut all = Queries(bodies(rule).collect());
    ast::visit_rule(rule, &mut all);
    all.0
}

struct Queries<'m>(Vec<&'m Query>);

impl<'m> Visit<'m> for Queries<'m> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        if let Literal::Every { query, .. } = &statement.literal {
            self.0.push(query);
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.0.extend(own_query(expr));
        true
    }
}

fn own_query(expr: &Expr) -> Option<&Query> {
    match expr {
        Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } => Some(query),
        _ => None,
    }
}

/// Whether a body uses the name that it declares. A body in it that declares it again has another variable of that name.
fn uses(query: &Query, name: &str) -> bool {
    used_in(&query.stmts, name)
}

fn used_in(statements: &[LiteralStmt], name: &str) -> bool {
    let mut uses = Uses { name, found: false };
    statements.iter().for_each(|statement| ast::visit_statement(statement, &mut uses));
    uses.found
}

struct Uses<'n> {
    name: &'n str,
    found: bool,
}

impl Uses<'_> {
    fn declared_in(&self, query: &Query) -> bool {
        let named = |pattern: &Expr| ast::bound(pattern).into_iter().any(|name| ast::variable(name) == Some(self.name));
        query.stmts.iter().any(|statement| match &statement.literal {
            Literal::SomeVars { vars, .. } => vars.iter().any(|var| var.text() == self.name),
            Literal::SomeIn { key, value, .. } => key.iter().chain([value]).any(|pattern| named(pattern)),
            Literal::Expr { expr, .. } => match expr.as_ref() {
                Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => named(lhs),
                _ => false,
            },
            _ => false,
        })
    }
}

impl<'m> Visit<'m> for Uses<'_> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        let Literal::Every { key, value, domain, query, .. } = &statement.literal else { return true };
        let again = key.iter().chain([value]).any(|span| span.text() == self.name) || self.declared_in(query);
        if again {
            ast::visit_expr(domain, self);
        }
        !again
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        self.found |= ast::variable(expr) == Some(self.name);
        own_query(expr).is_none_or(|query| !self.declared_in(query))
    }
}

/// Where a rule calls itself, an argument or a local value `input` or `data`.
fn reserved<'p>(placed: &Placed<'p>) -> Vec<&'p Span> {
    let mut given = Given(Vec::new());
    match placed.rule {
        Rule::Spec { head, .. } => {
            given.name(root(ast::head_ref(head)));
            if let RuleHead::Func { args, .. } = head {
                args.iter().for_each(|arg| given.pattern(arg));
            }
        }
        Rule::Default { refr, args, .. } => {
            given.name(root(refr));
            args.iter().for_each(|arg| given.pattern(arg));
        }
    }
    ast::visit_rule(placed.rule, &mut given);
    given.0
}

/// What a reference begins with.
fn root(refr: &Expr) -> &Expr {
    match refr {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => root(refr),
        other => other,
    }
}

struct Given<'m>(Vec<&'m Span>);

impl<'m> Given<'m> {
    fn name(&mut self, expr: &'m Expr) {
        self.0.extend(ast::variable(expr).filter(|name| RESERVED.contains(name)).map(|_| expr.span()));
    }

    /// Every variable of what takes a value apart.
    fn pattern(&mut self, expr: &'m Expr) {
        match expr {
            Expr::Array { .. } | Expr::Object { .. } => {
                ast::parts(expr).into_iter().for_each(|part| self.pattern(part))
            }
            _ => self.name(expr),
        }
    }
}

impl<'m> Visit<'m> for Given<'m> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        let reserved = |span: &&Span| RESERVED.contains(&span.text());
        match &statement.literal {
            Literal::SomeVars { vars, .. } => self.0.extend(vars.iter().filter(reserved)),
            Literal::SomeIn { key, value, .. } => key.iter().chain([value]).for_each(|expr| self.pattern(expr)),
            Literal::Every { key, value, .. } => self.0.extend(key.iter().chain([value]).filter(reserved)),
            _ => {}
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = expr {
            self.pattern(lhs);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, found_in, with};

    /// Each of these is refused by `opa check` of OPA 1.22, and those with nothing are taken.
    #[test]
    fn declared_variables_are_used() {
        let unused = |place: &str| vec![format!("unused_variable {place}")];
        assert_eq!(with("a if { some x; input.y }"), unused("4:13 x"));
        assert_eq!(with("a if { some x, y; input.y[x] }"), unused("4:16 y"));
        assert_eq!(with("a if { every k, v in input.y { v } }"), unused("4:14 k"));
        assert_eq!(with("a if { every v in input.y { input.x } }"), unused("4:14 v"));
        assert_eq!(with("a if { some x; input.y[x]; count([1 | some x; input.z[_]]) > 0 }"), unused("4:44 x"));
        assert_eq!(with("a if { some _; input.y[_] }"), unused("4:13 _"));
        for used in [
            "a if { some x; input.y[x] }",
            "a if { some x in input.y }",
            "a if { some x; count([1 | input.y[x]]) > 0 }",
            "a if { every _ in input.y { input.x } }",
            "f(x) if input.y",
        ] {
            assert_eq!(with(used), NOTHING, "{used}");
        }
    }

    /// `opa check` of OPA 1.22 says `var x referenced above`, and of `every` `var x declared above`.
    #[test]
    fn variables_are_declared_before_they_are_used() {
        let late = |place: &str| vec![format!("rego_syntax {place}")];
        assert_eq!(with("a if { x == 1; some x in [1] }"), late("4:21 x"));
        assert_eq!(with("a if { x = 1; some [x, y] in input.z; y }"), late("4:21 x"));
        assert_eq!(with("a if { every x, x in [0] { x == 0 } }"), late("4:17 x"));
        assert_eq!(with("a if { y := {x | some x in [1]}; some x in y; x == 1 }"), NOTHING);
        assert_eq!(with("a if { y := {x | x := input.z[_]; x > 1}; some x in y; x == 1 }"), NOTHING);
        assert_eq!(with("a if { some x in [1]; x == 1 }\na if { x = 1; x == input.y }"), NOTHING);
    }

    #[test]
    fn documents_keep_their_names() {
        for (rules, place) in [
            ("g(input) if input == 1", "4:3 input"),
            ("g(data) if data == 1", "4:3 data"),
            ("g([input]) if input.x", "4:4 input"),
            ("a if { some input in [1]; input == 1 }", "4:13 input"),
        ] {
            assert!(with(rules).contains(&format!("reserved_name {place}")), "{rules}: {:?}", with(rules));
        }
        // The parser knows these.
        for rules in ["input := 1", "data contains 1", "a if { input := 1; input == 1 }"] {
            assert!(!with(rules).is_empty(), "{rules}");
        }
        assert_eq!(with("a if { input = 1 }\ng(inputs) if inputs == data.x"), NOTHING);
    }

    #[test]
    fn a_package_stands_beside_no_rule_of_its_name() {
        let policy = "package switchboard\ndefault allow := false\ndecision := {\"allow\": allow, \"deny\": set()}\n";
        let of =
            |package: &str| found_in(&[("p.rego", policy), ("q.rego", &format!("package {package}\nb := 1\n"))], true);
        assert_eq!(of("switchboard.allow"), ["duplicate_rule 1:9 switchboard.allow"]);
        assert_eq!(of("switchboard.allow.deep"), ["duplicate_rule 1:9 switchboard.allow.deep"]);
        assert_eq!(of("switchboard.allowed"), NOTHING);
        assert_eq!(of("other.allow"), NOTHING);
    }
}
