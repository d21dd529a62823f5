//! Which tests there are. A rule `test_...` of any package is one; of a table the cases are named by what its body begins with.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::ast::{self, AssignOp, Expr, Literal, LiteralStmt, Rule, RuleBody, RuleHead};
use crate::policy::parse::{Parsed, extent, place};
use crate::policy::paths::{Locals, constant, rule_name};

/// One rule that is a test or a table of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub package: Vec<String>,
    pub name: String,
    /// The file's name for people.
    pub file: String,
    pub line: u64,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// The name of the rule, added to the package, that lists the names of the cases.
    Table(String),
    /// Not to be run yet.
    Todo,
    /// A failure of it might not show; why.
    Unclear(&'static str),
}

const ARGUMENTS: &str = "a test takes no arguments: give the helper a name without `test_`";
const NO_NAMES: &str = "the names of its cases cannot be told, so a case that fails would be missing and not seen: begin the body with `some name, case in cases`";
const KEYED: &str =
    "a key that is no variable is part of its name, by which it cannot be asked for: call it `test_x_y`";
const TWICE: &str = "is defined more than once, so that a definition that holds would hide one that does not: give each a name of its own";

/// The tests of a file in their order, and the rules that name the cases of its tables. `tables` counts those of all files.
pub fn find(parsed: &Parsed, tables: &mut usize) -> (Vec<Found>, String) {
    let (mut all, mut added) = (Vec::new(), String::new());
    for rule in &parsed.module.policy {
        let Some(name) = rule_name(rule) else { continue };
        let todo = name.starts_with("todo_test_");
        if !todo && !name.starts_with("test_") {
            continue;
        }
        let kind = match kind(parsed, rule) {
            _ if todo => Kind::Todo,
            Ok(None) => Kind::Plain,
            Ok(Some(names)) => {
                *tables += 1;
                added.push_str(&format!("\ngovctl_cases_{tables} := {names}\n"));
                Kind::Table(format!("govctl_cases_{tables}"))
            }
            Err(why) => Kind::Unclear(why),
        };
        let (line, _) = place(&parsed.file.text, rule.span().start as usize);
        all.push(Found { package: parsed.package(), name, file: parsed.file.shown.clone(), line, kind });
    }
    (all, added)
}

/// Rules of one name are evaluated as one, so none of them can be told apart.
pub fn refuse_twice(all: &mut [Found]) {
    let mut seen: BTreeMap<(Vec<String>, String), usize> = BTreeMap::new();
    let id = |found: &Found| (found.package.clone(), found.name.clone());
    all.iter().for_each(|found| *seen.entry(id(found)).or_default() += 1);
    for found in all.iter_mut().filter(|found| found.kind != Kind::Todo) {
        if seen.get(&id(found)).is_some_and(|n| *n > 1) {
            found.kind = Kind::Unclear(TWICE);
        }
    }
}

/// Of a table the expression that lists the names of its cases.
fn kind(parsed: &Parsed, rule: &Rule) -> Result<Option<String>, &'static str> {
    let Rule::Spec { head, bodies, .. } = rule else { return Ok(None) };
    let refr = match head {
        RuleHead::Func { .. } => return Err(ARGUMENTS),
        RuleHead::Set { .. } => return Ok(None),
        RuleHead::Compr { refr, .. } => refr.as_ref(),
    };
    match constant(refr) {
        Some(name) if name.len() == 1 => return Ok(None),
        Some(_) => return Err(KEYED),
        None => {}
    }
    let [RuleBody { query, .. }] = bodies.as_slice() else { return Err(NO_NAMES) };
    let (keys, locals) = (keys(refr), Locals::of_rule(rule));
    let mut unbound: BTreeSet<&str> = keys.iter().flat_map(|key| variables(key)).collect();
    unbound.retain(|name| locals.is_local(name));
    if unbound.is_empty() {
        return Err(NO_NAMES);
    }
    let text = |span: &ast::Span| parsed.file.text.get(extent(&parsed.file.text, span)).ok_or(NO_NAMES);
    let mut leading = Vec::new();
    for statement in &query.stmts {
        if unbound.is_empty() {
            break;
        }
        for name in binds(statement).ok_or(NO_NAMES)? {
            unbound.remove(name);
        }
        leading.push(text(&statement.span)?);
    }
    if !unbound.is_empty() {
        return Err(NO_NAMES);
    }
    let keys: Vec<&str> = keys.iter().map(|key| text(key.span())).collect::<Result<_, _>>()?;
    // A list and no set: of two cases with one name, one would hide the other.
    Ok(Some(format!("[[{}] |\n{}\n]", keys.join(", "), leading.join("\n"))))
}

/// The keys behind a rule's name.
fn keys(refr: &Expr) -> Vec<&Expr> {
    match refr {
        Expr::RefBrack { refr, index, .. } => {
            let mut all = keys(refr);
            all.push(index);
            all
        }
        Expr::RefDot { refr, .. } => keys(refr),
        _ => Vec::new(),
    }
}

/// The names that a statement gives a value, where it is one that only does that.
fn binds(statement: &LiteralStmt) -> Option<BTreeSet<&str>> {
    match &statement.literal {
        Literal::SomeVars { .. } => Some(BTreeSet::new()),
        Literal::SomeIn { key, value, .. } => Some(key.iter().chain([value]).flat_map(|e| variables(e)).collect()),
        Literal::Expr { expr, .. } => match expr.as_ref() {
            Expr::AssignExpr { op: AssignOp::ColEq, .. } => Some(variables(expr)),
            _ => None,
        },
        Literal::NotExpr { .. } | Literal::Every { .. } => None,
    }
}

pub(crate) fn variables(expr: &Expr) -> BTreeSet<&str> {
    struct Names<'m>(BTreeSet<&'m str>);
    impl<'m> ast::Visit<'m> for Names<'m> {
        fn expr(&mut self, expr: &'m Expr) -> bool {
            self.0.extend(ast::variable(expr));
            true
        }
    }
    let mut names = Names(BTreeSet::new());
    ast::visit_expr(expr, &mut names);
    names.0
}
