//! The forms in which a policy may use a field: in a type predicate, compared with what is of its sort, as a key of the
//! node of its sort, or alone as a condition.

use std::collections::BTreeSet;

use super::shape::{Node, Scope, Shape};
use super::{Constant, Uses, reason};
use crate::policy::ast::{self, ArithOp, AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead, Span};
use crate::policy::lint::Placed;
use crate::policy::paths::{Root, Step, bodies, each_reference, is_reference};
use crate::policy::scopes::Scopes;
use crate::tenant::field::{Field, Sort};
use crate::tenant::further::Further;

pub fn rule(placed: &Placed, further: &Further, uses: &mut Uses) {
    let scope = Scope { names: &placed.scoped.names, locals: &placed.locals, further };
    let mut reader = Reader { placed, scope, uses, judged: BTreeSet::new() };
    reader.one_thing_each();
    match placed.rule {
        Rule::Default { value, .. } => reader.value(value),
        Rule::Spec { head, bodies: own, .. } => {
            reader.head(ast::head_ref(head));
            match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    assign.iter().for_each(|assign| reader.value(&assign.value));
                }
                RuleHead::Set { key, .. } => key.iter().for_each(|key| reader.value(key)),
            }
            own.iter().filter_map(|body| body.assign.as_ref()).for_each(|assign| reader.value(&assign.value));
        }
    }
    for body in bodies(placed.rule) {
        reader.body(body);
    }
    reader.keys();
    reader.rest();
}

struct Reader<'a, 'p> {
    placed: &'a Placed<'p>,
    scope: Scope<'a, 'p>,
    uses: &'a mut Uses,
    /// Where the references stand, from and to, that some form has judged, allowed or refused. What is left over is refused.
    judged: BTreeSet<(u32, u32)>,
}

impl<'p> Reader<'_, 'p> {
    fn unsound(&mut self, span: &Span, message: impl Into<String>) {
        self.uses.unsound.push(reason(self.placed, span, message));
    }

    fn judged(&mut self, expr: &Expr) {
        self.judged.insert((expr.span().start, expr.span().end));
    }

    /// What a name stands for is looked up for the whole rule, so it must be one thing in all of it.
    fn one_thing_each(&mut self) {
        let (names, locals) = (self.scope.names, self.scope.locals);
        let is_local = |name: &str| !names.is_rule(name) && !names.is_import(name) || locals.is_local(name);
        let scopes = Scopes::of(self.placed.rule);
        for name in scopes.confused(is_local) {
            let message = format!("`{name}` is the name of more than one thing in this rule");
            let span = scopes.declared.iter().rfind(|declared| declared.name == name).map(|declared| declared.span);
            self.unsound(span.unwrap_or(self.placed.rule.span()), message);
        }
    }

    /// A field that stands where none of the forms looked has a part in something that no form knows.
    fn rest(&mut self) {
        let mut left = Vec::new();
        each_reference(self.placed.rule, self.scope.names, self.scope.locals, |expr, _| {
            if !self.judged.contains(&(expr.span().start, expr.span().end)) {
                left.extend(self.scope.shape(expr).ok().map(|shape| (expr, shape)));
            }
        });
        for (expr, shape) in left {
            match (self.path(&shape), shape) {
                (Some(path), _) => {
                    self.unsound(expr.span(), format!("`{path}` is used in a way that cannot be judged"))
                }
                (None, Shape::Data(Node::Tenants)) => self.all_tenants(expr, "is used"),
                _ => {}
            }
        }
    }

    /// Every reference must at least be known, wherever it stands; and no field may be the key of a value that is no data.
    fn keys(&mut self) {
        let (mut unknown, mut owner, mut known) = (Vec::new(), false, Vec::new());
        each_reference(self.placed.rule, self.scope.names, self.scope.locals, |expr, path| {
            let shapes = path.steps.iter().filter_map(Step::dynamic).filter_map(|key| self.scope.shape(key).ok());
            let fields: Vec<Shape> = shapes.filter(|shape| self.path(shape).is_some()).collect();
            owner |= fields.iter().any(|shape| matches!(shape, Shape::Field(Field::Owner)));
            match (&path.root, self.scope.shape(expr)) {
                // Its keys are of the sorts of its nodes.
                (Root::Data, Ok(_)) => known.extend(path.steps.iter().filter_map(Step::dynamic)),
                (Root::Input | Root::Data | Root::Rule(_), Err(message)) => {
                    unknown.push((expr.span().clone(), message));
                }
                (Root::Local(_) | Root::Value, _) => unknown.extend(fields.iter().filter_map(|shape| {
                    let message = format!("`{}` is the key of a value that is no data", self.path(shape)?);
                    Some((expr.span().clone(), message))
                })),
                _ => {}
            }
        });
        self.uses.owner_is_key |= owner;
        known.into_iter().for_each(|key| self.judged(key));
        // The names of functions are references that are no values.
        for (span, message) in unknown {
            self.unsound(&span, message);
        }
    }

    /// A key in the head of a rule is a part of what the rule is.
    fn head(&mut self, expr: &'p Expr) {
        match expr {
            Expr::RefBrack { refr, index, .. } => {
                self.opaque(index, "is a key of the value of a rule");
                self.head(refr);
            }
            Expr::RefDot { refr, .. } => self.head(refr),
            _ => {}
        }
    }

    fn body(&mut self, body: &'p Query) {
        body.stmts.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'p LiteralStmt) {
        if let Some(with) = statement.with_mods.first() {
            self.unsound(&with.span, "`with` replaces what is judged");
        }
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                self.opaque(collection, "is looped over");
                key.iter().for_each(|key| self.opaque(key, "is matched in a loop"));
                self.opaque(value, "is matched in a loop");
            }
            Literal::Every { domain, query, .. } => {
                self.opaque(domain, "is looped over");
                self.body(query);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.condition(expr),
        }
    }

    fn condition(&mut self, expr: &'p Expr) {
        match expr {
            Expr::Call { fcn, params, .. } => match (self.scope.predicate(fcn), params.as_slice()) {
                (Some(predicate), [param]) => self.typed(param, predicate),
                _ => self.opaque(expr, "is part of a calculation"),
            },
            Expr::BoolExpr { op: BoolOp::Eq | BoolOp::Ne, lhs, rhs, .. }
            | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => self.equal(expr, lhs, rhs),
            Expr::BoolExpr { lhs, rhs, .. } => self.ordered(expr, lhs, rhs),
            Expr::Membership { key, value, collection, .. } => {
                key.iter().for_each(|key| self.opaque(key, "is looked for among places"));
                self.member(expr, value, collection);
            }
            // A name for a reference is judged where it is used.
            Expr::AssignExpr { lhs, rhs, .. } => match (ast::variable(lhs), is_reference(rhs)) {
                (Some(name), true) if self.placed.locals.stands_for(name).is_some() => {
                    [lhs, rhs].into_iter().for_each(|side| self.judged(side));
                }
                _ => self.opaque(rhs, "gets a name that has other values too"),
            },
            // Everything but false is a condition that holds.
            _ if is_reference(expr) || ast::parts(expr).is_empty() => self.typed(expr, "truth"),
            _ => self.opaque(expr, "is part of a calculation"),
        }
    }

    /// The predicate of a well-formed value tells two cases apart, of which the domain always holds values.
    fn typed(&mut self, expr: &'p Expr, predicate: &str) {
        if !is_reference(expr) {
            return self.opaque(expr, "is part of a calculation");
        }
        self.judged(expr);
        let field = match self.scope.shape(expr) {
            Ok(Shape::Field(field)) => field,
            Ok(Shape::Further(place)) => {
                self.uses.told[place].typed = true;
                return;
            }
            _ => return,
        };
        let own = match field.sort() {
            Sort::Authenticated => ["is_boolean", "truth"],
            Sort::Classification => ["is_string", "is_number"],
            Sort::Id | Sort::Region | Sort::Kind | Sort::Label => ["is_string", "is_string"],
        };
        if !own.contains(&predicate) {
            self.uses.typed.insert(field);
        }
    }

    /// No field may have a part in this but as a key.
    fn opaque(&mut self, expr: &'p Expr, what: &str) {
        if is_reference(expr) {
            self.judged(expr);
            match self.scope.shape(expr) {
                Ok(Shape::Data(Node::Tenants)) => self.all_tenants(expr, what),
                Ok(shape) => {
                    if let Some(path) = self.path(&shape) {
                        self.unsound(expr.span(), format!("`{path}` {what}"));
                    }
                }
                Err(_) => {}
            }
            return;
        }
        match expr {
            Expr::Call { fcn, params, .. } => {
                let what = format!("is passed to `{}`", fcn.span().text());
                params.iter().for_each(|param| self.opaque(param, &what));
            }
            _ => ast::parts(expr).into_iter().for_each(|part| self.opaque(part, what)),
        }
        if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = expr {
            self.body(query);
        }
    }

    /// What depends on all tenants can change for one when another is added, changed or damaged.
    fn all_tenants(&mut self, expr: &'p Expr, what: &str) {
        let all = reason(self.placed, expr.span(), format!("all tenants together: it {what}"));
        self.uses.asymmetric.push(all);
    }

    /// The value of a rule: built of literals and other rules.
    fn value(&mut self, expr: &'p Expr) {
        if is_reference(expr) {
            self.judged(expr);
            if let Ok(Shape::Field(_) | Shape::Further(_) | Shape::Data(_)) = self.scope.shape(expr) {
                self.unsound(expr.span(), "a rule has a part of the input or the data as its value");
            }
            return;
        }
        match expr {
            Expr::Object { .. } | Expr::Array { .. } | Expr::Set { .. } => {
                ast::parts(expr).into_iter().for_each(|part| self.value(part));
            }
            _ => self.opaque(expr, "is part of the value of a rule"),
        }
    }

    fn pair(&mut self, lhs: &'p Expr, rhs: &'p Expr) -> Option<(Shape<'p>, Shape<'p>)> {
        for side in [lhs, rhs] {
            match is_reference(side) {
                true => self.judged(side),
                false if ast::parts(side).is_empty() => {}
                false => self.opaque(side, "is part of a calculation"),
            }
            if let Ok(Shape::Data(Node::Tenants)) = self.scope.shape(side) {
                self.all_tenants(side, "is compared");
            }
        }
        // What cannot be judged is told by `keys`.
        Some((self.scope.shape(lhs).ok()?, self.scope.shape(rhs).ok()?))
    }

    fn equal(&mut self, expr: &'p Expr, lhs: &'p Expr, rhs: &'p Expr) {
        match self.pair(lhs, rhs) {
            Some((Shape::Field(a), Shape::Field(b))) if a == b || (a.sort(), b.sort()) == (Sort::Id, Sort::Id) => {}
            Some((Shape::Further(a), Shape::Further(b))) if a == b => {}
            Some(
                (shape @ (Shape::Field(_) | Shape::Further(_)), Shape::Literal(literal))
                | (Shape::Literal(literal), shape @ (Shape::Field(_) | Shape::Further(_))),
            ) => self.literal(expr, shape, literal),
            Some((Shape::Field(field), Shape::Data(node)) | (Shape::Data(node), Shape::Field(field)))
                if matches!((field.sort(), node), (Sort::Region, Node::Home) | (Sort::Classification, Node::Rank)) => {}
            other => self.no_field(expr, other),
        }
    }

    fn ordered(&mut self, expr: &'p Expr, lhs: &'p Expr, rhs: &'p Expr) {
        match self.pair(lhs, rhs) {
            Some(
                (Shape::Field(Field::Classification), Shape::Data(Node::Rank))
                | (Shape::Data(Node::Rank), Shape::Field(Field::Classification)),
            ) => self.uses.ordered = true,
            Some(
                (shape @ Shape::Field(Field::Classification), Shape::Literal(literal @ Expr::Number { .. }))
                | (Shape::Literal(literal @ Expr::Number { .. }), shape @ Shape::Field(Field::Classification)),
            ) => {
                self.uses.ordered = true;
                self.literal(expr, shape, literal);
            }
            other => {
                let numbers = matches!(other, Some((Shape::Data(Node::Rank), _) | (_, Shape::Data(Node::Rank))));
                if !numbers && !is_numeric(lhs) && !is_numeric(rhs) {
                    self.unsound(expr.span(), "values are put in order that may be no numbers");
                }
                self.no_field(expr, other);
            }
        }
    }

    fn member(&mut self, expr: &'p Expr, value: &'p Expr, collection: &'p Expr) {
        if let Expr::Array { items, .. } | Expr::Set { items, .. } = collection
            && let Ok(shape @ (Shape::Field(_) | Shape::Further(_))) = self.scope.shape(value)
        {
            self.judged(value);
            return items.iter().for_each(|item| self.literal(expr, shape, item));
        }
        match self.pair(value, collection) {
            Some((Shape::Field(field), Shape::Data(node)))
                if matches!(
                    (field.sort(), node),
                    (Sort::Label, Node::Labels)
                        | (Sort::Region, Node::Within)
                        | (Sort::Classification, Node::Classifications)
                ) => {}
            other => self.no_field(expr, other),
        }
    }

    /// Between data, literals, rules and local names everything may be compared.
    fn no_field(&mut self, expr: &'p Expr, shapes: Option<(Shape, Shape)>) {
        let path = shapes.and_then(|(a, b)| self.path(&a).or_else(|| self.path(&b)));
        if let Some(path) = path {
            self.unsound(expr.span(), format!("`{path}` is compared with something of another sort"));
        }
    }

    /// As a policy writes it, where it is a field of the input.
    fn path(&self, shape: &Shape) -> Option<String> {
        match shape {
            Shape::Field(field) => Some(field.path()),
            Shape::Further(place) => Some(self.uses.further.path(*place)),
            _ => None,
        }
    }

    /// A field that is compared with a literal.
    fn literal(&mut self, expr: &'p Expr, shape: Shape, literal: &'p Expr) {
        let Some(path) = self.path(&shape) else { return };
        let constant = match literal {
            Expr::Null { .. } => Constant::Null,
            Expr::Bool { value, .. } => Constant::Bool(*value == true.into()),
            Expr::Number { span, .. } if !is_modest(span.text()) => {
                let what = "is compared with a number of more than 9 digits before or 6 behind the point";
                return self.unsound(expr.span(), format!("`{path}` {what}"));
            }
            Expr::Number { span, .. } => Constant::Number(span.text().to_owned()),
            _ => match ast::text(literal) {
                Some(text) => Constant::Text(text.to_owned()),
                None => return self.unsound(expr.span(), format!("`{path}` is compared with a calculation")),
            },
        };
        match shape {
            Shape::Further(place) => {
                self.uses.told[place].literals.insert(constant);
            }
            Shape::Field(field) => {
                if field.sort() == Sort::Id {
                    let message = format!("`{path}` is compared with one tenant's id");
                    self.uses.asymmetric.push(reason(self.placed, expr.span(), message));
                }
                self.uses.literals.entry(field.sort()).or_default().insert(constant);
            }
            _ => {}
        }
    }
}

/// Between two such numbers lies another that every reader of JSON holds exactly apart from both: engines that read numbers
/// as f64 and those that keep all digits see the same.
fn is_modest(text: &str) -> bool {
    let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let digits = |part: &str, most: usize| part.len() <= most && part.chars().all(|c| c.is_ascii_digit());
    digits(whole, 9) && digits(fraction, 6)
}

/// Whether it is a number wherever it has a value.
fn is_numeric(expr: &Expr) -> bool {
    match expr {
        // Sets are taken from each other with `-` too.
        Expr::ArithExpr { op: ArithOp::Sub, lhs, rhs, .. } => is_numeric(lhs) && is_numeric(rhs),
        Expr::Number { .. } | Expr::ArithExpr { .. } => true,
        Expr::Call { fcn, .. } => matches!(ast::variable(fcn), Some("count" | "sum" | "product" | "abs" | "round")),
        _ => false,
    }
}
