//! Where the local names of a rule are declared, and where they are used. Each body is a scope of its own: that of the rule, of an
//! `else`, of `every`, of a comprehension. Readers that take a name for one thing everywhere in a rule ask here whether it is.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{self, AssignOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};

/// A place where a name is declared.
#[derive(Debug, Clone)]
pub struct Declared<'m> {
    pub name: String,
    pub span: &'m Span,
    scope: usize,
}

#[derive(Debug, Default)]
pub struct Scopes<'m> {
    pub declared: Vec<Declared<'m>>,
    /// The scopes in which each variable stands.
    seen: BTreeMap<String, BTreeSet<usize>>,
    /// By scope: the one around it.
    around: Vec<Option<usize>>,
}

impl<'m> Scopes<'m> {
    pub fn of(rule: &'m Rule) -> Scopes<'m> {
        let mut scopes = Scopes::default();
        let root = scopes.begin(None);
        match rule {
            Rule::Default { args, value, .. } => {
                args.iter().for_each(|arg| scopes.pattern(arg, root));
                scopes.expr(value, root);
            }
            Rule::Spec { head, bodies, .. } => {
                if let RuleHead::Func { args, .. } = head {
                    args.iter().for_each(|arg| scopes.pattern(arg, root));
                }
                let mut first = None;
                for body in bodies {
                    let scope = scopes.begin(Some(root));
                    first = first.or(Some(scope));
                    body.assign.iter().for_each(|assign| scopes.expr(&assign.value, scope));
                    scopes.query(&body.query, scope);
                }
                // The head has the names of its own body; an `else` has its value.
                scopes.head(head, first.unwrap_or(root));
            }
        }
        scopes
    }

    /// Names that are declared twice, or that stand where their declaration does not reach. `is_local`: of names that nothing
    /// declares, whether they are variables.
    pub fn confused(&self, is_local: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let names = self.seen.keys().map(String::as_str).chain(self.declared.iter().map(|d| d.name.as_str()));
        names.filter(|name| !matches!(*name, "input" | "data" | "_") && !self.is_one(name, &is_local)).collect()
    }

    fn is_one(&self, name: &str, is_local: impl Fn(&str) -> bool) -> bool {
        let declared: BTreeSet<usize> = self.declared.iter().filter(|d| d.name == name).map(|d| d.scope).collect();
        let Some(seen) = self.seen.get(name) else { return declared.len() < 2 };
        let reaches = |from: usize| seen.iter().all(|scope| self.lies_in(*scope, from));
        match declared.len() {
            0 => !is_local(name) || seen.iter().any(|scope| reaches(*scope)),
            1 => declared.into_iter().all(reaches),
            _ => false,
        }
    }

    fn lies_in(&self, scope: usize, outer: usize) -> bool {
        scope == outer || self.around[scope].is_some_and(|around| self.lies_in(around, outer))
    }

    fn begin(&mut self, around: Option<usize>) -> usize {
        self.around.push(around);
        self.around.len() - 1
    }

    fn head(&mut self, head: &'m RuleHead, scope: usize) {
        ast::head_keys(ast::head_ref(head)).into_iter().for_each(|key| self.expr(key, scope));
        match head {
            RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                assign.iter().for_each(|assign| self.expr(&assign.value, scope));
            }
            RuleHead::Set { key, .. } => key.iter().for_each(|key| self.expr(key, scope)),
        }
    }

    fn query(&mut self, query: &'m Query, scope: usize) {
        query.stmts.iter().for_each(|statement| self.statement(statement, scope));
    }

    fn statement(&mut self, statement: &'m LiteralStmt, scope: usize) {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => vars.iter().for_each(|var| self.declare(var, scope)),
            Literal::SomeIn { key, value, collection, .. } => {
                key.iter().for_each(|key| self.pattern(key, scope));
                self.pattern(value, scope);
                self.expr(collection, scope);
            }
            Literal::Every { key, value, domain, query, .. } => {
                self.expr(domain, scope);
                let inner = self.begin(Some(scope));
                key.iter().chain([value]).for_each(|span| self.declare(span, inner));
                self.query(query, inner);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expr(expr, scope),
        }
        for with in &statement.with_mods {
            self.expr(&with.refr, scope);
            self.expr(&with.r#as, scope);
        }
    }

    fn pattern(&mut self, pattern: &'m Expr, scope: usize) {
        ast::bound(pattern).into_iter().for_each(|variable| self.declare(variable.span(), scope));
        self.expr(pattern, scope);
    }

    fn declare(&mut self, span: &'m Span, scope: usize) {
        self.declared.push(Declared { name: span.text().to_owned(), span, scope });
    }

    fn expr(&mut self, expr: &'m Expr, scope: usize) {
        if let Some(name) = ast::variable(expr) {
            self.seen.entry(name.to_owned()).or_default().insert(scope);
            return;
        }
        let scope = match expr {
            Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. } => self.begin(Some(scope)),
            _ => scope,
        };
        match expr {
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } => {
                self.pattern(lhs, scope);
                self.expr(rhs, scope);
            }
            // The name of a function is no variable.
            Expr::Call { params, .. } => params.iter().for_each(|param| self.expr(param, scope)),
            _ => ast::parts(expr).into_iter().for_each(|part| self.expr(part, scope)),
        }
        if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = expr {
            self.query(query, scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{File, Sources, parse_all};

    fn confused(rule: &str) -> Vec<String> {
        let text = format!("package switchboard\n\nimport rego.v1\n\n{rule}\n");
        let file = File { name: "p.rego".into(), shown: "p.rego".into(), text };
        let sources = Sources::new(vec![file]);
        let parsed = parse_all(&sources).unwrap();
        let scopes = Scopes::of(&parsed[0].module.policy[0]);
        scopes.confused(|name| name != "magic").into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn names_of_one_thing() {
        for rule in [
            "a if { x := 1; x == 1 }",
            "a if { x := 1; count({1 | x == 1}) == 1 }",
            "f(x) := y if { y := x + 1 }",
            "a contains k if { some k, v in {1: 2}; v == 2 }",
            "a if { some x in [1]; every y in [2] { y > x } }",
            "a if count([y | some y in [1]]) == 1",
            "a if { data.t[k].x == 1; k == 2 }",
            "a if { magic == 1; count({1 | magic == 2}) == 1 }",
        ] {
            assert_eq!(confused(rule), [""; 0], "{rule}");
        }
    }

    #[test]
    fn names_of_more_than_one_thing() {
        for rule in [
            "a if { some x; s[x]; count({1 | x := 2; x == 2}) == 1 }",
            "a if { x == 1; count({1 | x := 2; x == 2}) == 1 }",
            "a if { count({1 | some x in [2]}) == 1; x == 1 }",
            "a if { count([x | some x in [1]]) == count([x | some x in [2]]) }",
            "a if { every x in [1] { x == 1 }; x == 1 }",
            "a := x if { x := 1 } else := x if { x := 2 }",
            "f(x) if count({1 | x := 2; x == 2}) == 1",
            "a if { count({1 | x = 2}) == 1; count({1 | x = 3}) == 1 }",
        ] {
            assert_eq!(confused(rule), ["x"], "{rule}");
        }
    }
}
