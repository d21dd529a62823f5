//! The syntax tree of regorus, which its crate calls unstable: the version is pinned, and this is the one place that names it.

pub use regorus::unstable::{
    ArithOp, AssignOp, BinOp, BoolOp, Expr, ExprRef, Import, Literal, LiteralStmt, Module, Parser, Query, Ref, Rule,
    RuleAssign, RuleBody, RuleHead, Source, Span, WithModifier,
};

/// What visits a tree.
pub trait Visit<'m> {
    /// A rule, before its parts.
    fn rule(&mut self, _rule: &'m Rule) {}
    /// A statement of a body, before its parts. False leaves its parts out.
    fn statement(&mut self, _statement: &'m LiteralStmt) -> bool {
        true
    }
    /// An expression, before its parts. False leaves its parts out.
    fn expr(&mut self, _expr: &'m Expr) -> bool {
        true
    }
}

pub fn visit_rule<'m>(rule: &'m Rule, visit: &mut impl Visit<'m>) {
    visit.rule(rule);
    match rule {
        Rule::Spec { head, bodies, .. } => {
            visit_head(head, visit);
            for body in bodies {
                if let Some(assign) = &body.assign {
                    visit_expr(&assign.value, visit);
                }
                visit_query(&body.query, visit);
            }
        }
        Rule::Default { value, .. } => visit_expr(value, visit),
    }
}

/// The parts of a head that are values: arguments, keys and what is assigned. Its name is none.
fn visit_head<'m>(head: &'m RuleHead, visit: &mut impl Visit<'m>) {
    head_keys(head_ref(head)).into_iter().for_each(|key| visit_expr(key, visit));
    let assign = match head {
        RuleHead::Compr { assign, .. } => assign,
        RuleHead::Set { key, .. } => {
            key.iter().for_each(|key| visit_expr(key, visit));
            return;
        }
        RuleHead::Func { args, assign, .. } => {
            args.iter().for_each(|arg| visit_expr(arg, visit));
            assign
        }
    };
    if let Some(assign) = assign {
        visit_expr(&assign.value, visit);
    }
}

pub fn visit_query<'m>(query: &'m Query, visit: &mut impl Visit<'m>) {
    for statement in &query.stmts {
        visit_statement(statement, visit);
    }
}

pub fn visit_statement<'m>(statement: &'m LiteralStmt, visit: &mut impl Visit<'m>) {
    if !visit.statement(statement) {
        return;
    }
    match &statement.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            key.iter().for_each(|key| visit_expr(key, visit));
            visit_expr(value, visit);
            visit_expr(collection, visit);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => visit_expr(expr, visit),
        Literal::Every { domain, query, .. } => {
            visit_expr(domain, visit);
            visit_query(query, visit);
        }
    }
    for with in &statement.with_mods {
        visit_expr(&with.refr, visit);
        visit_expr(&with.r#as, visit);
    }
}

pub fn visit_expr<'m>(expr: &'m Expr, visit: &mut impl Visit<'m>) {
    if !visit.expr(expr) {
        return;
    }
    parts(expr).into_iter().for_each(|part| visit_expr(part, visit));
    if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = expr {
        visit_query(query, visit);
    }
}

/// The expressions that an expression consists of, without the bodies of comprehensions.
pub fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => Vec::new(),
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().map(AsRef::as_ref).collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, key, value)| [key.as_ref(), value]).collect(),
        Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => vec![term],
        Expr::ObjectCompr { key, value, .. } => vec![key, value],
        Expr::Call { fcn, params, .. } => std::iter::once(fcn).chain(params).map(AsRef::as_ref).collect(),
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership { key, value, collection, .. } => {
            key.iter().chain([value, collection]).map(AsRef::as_ref).collect()
        }
    }
}

/// Whether it is a value that stands there, a collection with its members included.
pub fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Null { .. } | Expr::Bool { .. } | Expr::Number { .. } => true,
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => parts(expr).into_iter().all(is_literal),
        // OPA's name of the empty set.
        Expr::Call { fcn, params, .. } => params.is_empty() && variable(fcn) == Some("set"),
        _ => text(expr).is_some(),
    }
}

/// The text of a string literal.
pub fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::String { value, .. } | Expr::RawString { value, .. } => value.as_string().ok().map(AsRef::as_ref),
        _ => None,
    }
}

/// The name of a variable.
pub fn variable(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Var { value, .. } => value.as_string().ok().map(AsRef::as_ref),
        _ => None,
    }
}

/// The variables that a pattern binds: a name, or those in arrays and in the values of objects, however deep.
pub fn bound(pattern: &Expr) -> Vec<&Expr> {
    match pattern {
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().flat_map(|item| bound(item)).collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, _, value)| bound(value)).collect(),
        _ => variable(pattern).map(|_| pattern).into_iter().collect(),
    }
}

/// What stands in the brackets of a head, such as `x` and `y` of `a[x][y]`.
pub fn head_keys(refr: &Expr) -> Vec<&Expr> {
    match refr {
        Expr::RefBrack { refr, index, .. } => head_keys(refr).into_iter().chain([index.as_ref()]).collect(),
        Expr::RefDot { refr, .. } => head_keys(refr),
        _ => Vec::new(),
    }
}

/// The reference that names a rule.
pub fn head_ref(head: &RuleHead) -> &ExprRef {
    match head {
        RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. } => refr,
    }
}
