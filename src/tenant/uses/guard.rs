//! What the syntax tree alone shows: that whatever is allowed went through a rule of a known form. It holds for every
//! input there is, and not only for those of a domain.

use std::collections::{BTreeMap, BTreeSet};

use super::code_of;
use super::shape::{Scope, Shape};
use crate::policy::PACKAGE;
use crate::policy::ast::{self, AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleHead};
use crate::policy::lint::{Placed, Policy};
use crate::policy::paths::{Root, rule_name};
use crate::tenant::field::{Field, Sort};
use crate::tenant::further::Further;

/// What holds of every allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guards {
    /// Each field is there and of its type; and a request of which that is not so has the code MALFORMED.
    pub well_formed: bool,
    /// And such a request has no code but MALFORMED: what it is decided depends on nothing else.
    pub malformed_alone: bool,
    /// tenant.id is resource.tenant.
    pub same_tenant: bool,
}

impl Guards {
    pub fn of(policy: &Policy) -> Guards {
        let tree = Tree::new(policy);
        if !tree.decides_by_allow() {
            return Guards::default();
        }
        let named = |is: &dyn Fn(&str) -> bool| tree.rules.keys().filter(|name| is(name)).cloned().collect::<Vec<_>>();
        let typed = named(&|name| tree.types_all(name));
        let same = named(&|name| tree.holds_ids_equal(name));
        let guards: Vec<&String> =
            typed.iter().filter(|guard| tree.requires("allow", guard, 0) && tree.denies_without(guard)).collect();
        Guards {
            well_formed: !guards.is_empty(),
            malformed_alone: guards.iter().any(|guard| tree.denies_else_with(guard)),
            same_tenant: same.iter().any(|guard| tree.requires("allow", guard, 0)),
        }
    }
}

/// The rules of the package that decides, by name.
struct Tree<'p> {
    rules: BTreeMap<String, Vec<Placed<'p>>>,
}

/// Rules that call rules deeper than this are not followed.
const DEEP: usize = 16;

impl<'p> Tree<'p> {
    fn new(policy: &'p Policy<'p>) -> Self {
        let mut rules: BTreeMap<String, Vec<Placed>> = BTreeMap::new();
        for placed in policy.deciding().filter(|placed| placed.scoped.names.package() == [PACKAGE]) {
            rules.entry(rule_name(placed.rule).unwrap_or_default()).or_default().push(placed);
        }
        Tree { rules }
    }

    fn of(&self, name: &str) -> &[Placed<'p>] {
        self.rules.get(name).map_or(&[], Vec::as_slice)
    }

    /// `decision` says what `allow` is, which is false unless one of its bodies holds, and what is in `deny`.
    fn decides_by_allow(&self) -> bool {
        let is_false = |value: &Expr| matches!(value, Expr::Bool { value, .. } if *value == false.into());
        let mut falls_back = self.of("allow").iter().filter_map(|placed| match placed.rule {
            Rule::Default { value, .. } => Some(is_false(value)),
            Rule::Spec { .. } => None,
        });
        let [decision] = self.of("decision") else { return false };
        let Rule::Spec { head: RuleHead::Compr { assign: Some(assign), .. }, .. } = decision.rule else { return false };
        let Expr::Object { fields, .. } = assign.value.as_ref() else { return false };
        let says = |member: &str| {
            let mut values = fields.iter().filter(|(_, key, _)| ast::text(key) == Some(member));
            let first = values.next().and_then(|(_, _, value)| self.named_in(decision, value));
            first.as_deref() == Some(member) && values.next().is_none()
        };
        falls_back.next() == Some(true) && falls_back.next().is_none() && says("allow") && says("deny")
    }

    /// The rule that an expression names.
    fn named_in(&self, placed: &Placed<'p>, expr: &Expr) -> Option<String> {
        let path = placed.scoped.names.path(&placed.locals, expr);
        match path.root {
            Root::Rule(name) if path.steps.is_empty() => Some(name),
            _ => None,
        }
    }

    /// The bodies of a rule that is true where one of them holds, and nothing otherwise. None where it is no such rule.
    fn bodies(&self, name: &str) -> Option<Vec<(&Placed<'p>, &'p Query)>> {
        let mut all = Vec::new();
        for placed in self.of(name) {
            let Rule::Spec { head, bodies, .. } = placed.rule else { continue };
            let RuleHead::Compr { refr, assign, .. } = head else { return None };
            let holds = |value: &Expr| matches!(value, Expr::Bool { value, .. } if *value == true.into());
            let [body] = bodies.as_slice() else { return None };
            let true_alone = assign.as_ref().or(body.assign.as_ref()).is_none_or(|assign| holds(&assign.value));
            if ast::variable(refr).is_none() || !true_alone || body.is_else {
                return None;
            }
            all.push((placed, body.query.as_ref()));
        }
        (!all.is_empty()).then_some(all)
    }

    /// The bodies of a rule that has no default and so holds only where one of them does.
    fn only_bodies(&self, name: &str) -> Option<Vec<(&Placed<'p>, &'p Query)>> {
        let defaults = self.of(name).iter().any(|placed| matches!(placed.rule, Rule::Default { .. }));
        self.bodies(name).filter(|_| !defaults)
    }

    /// Whenever the rule holds, so does the guard.
    fn requires(&self, name: &str, guard: &str, depth: usize) -> bool {
        self.bodies(name).is_some_and(|bodies| {
            bodies
                .into_iter()
                .all(|(placed, body)| body.stmts.iter().any(|statement| self.asks(placed, statement, guard, depth)))
        })
    }

    /// Whenever the statement holds, so does the guard.
    fn asks(&self, placed: &Placed<'p>, statement: &LiteralStmt, guard: &str, depth: usize) -> bool {
        let by = |other: &str| {
            other == guard
                || (depth < DEEP && self.only_bodies(other).is_some() && self.requires(other, guard, depth + 1))
        };
        plain(statement).and_then(|expr| self.named_in(placed, expr)).is_some_and(|other| by(&other))
    }

    /// The rule holds exactly where each field is of its type.
    fn types_all(&self, name: &str) -> bool {
        let Some([(placed, body)]) = self.only_bodies(name).and_then(|bodies| <[_; 1]>::try_from(bodies).ok()) else {
            return false;
        };
        let fields: Option<BTreeSet<Field>> =
            body.stmts.iter().map(|statement| self.types_one(placed, statement)).collect();
        fields.is_some_and(|fields| fields.len() == Field::ALL.len())
    }

    /// The field of which a statement asks the type. A class is a text or a number, which takes a rule of two bodies.
    fn types_one(&self, placed: &Placed<'p>, statement: &'p LiteralStmt) -> Option<Field> {
        if let Some((field, predicate)) = type_asked(placed, statement) {
            let own = if field.sort() == Sort::Authenticated { "is_boolean" } else { "is_string" };
            return (field.sort() != Sort::Classification && predicate == own).then_some(field);
        }
        let bodies = self.only_bodies(&self.named_in(placed, plain(statement)?)?)?;
        let asked: Option<BTreeSet<(Field, &str)>> = bodies
            .into_iter()
            .map(|(placed, body)| match body.stmts.as_slice() {
                [statement] => type_asked(placed, statement),
                _ => None,
            })
            .collect();
        let class = Field::Classification;
        (asked? == BTreeSet::from([(class, "is_string"), (class, "is_number")])).then_some(class)
    }

    fn holds_ids_equal(&self, name: &str) -> bool {
        let Some([(placed, body)]) = self.only_bodies(name).and_then(|bodies| <[_; 1]>::try_from(bodies).ok()) else {
            return false;
        };
        let [statement] = body.stmts.as_slice() else { return false };
        let (lhs, rhs) = match plain(statement) {
            Some(
                Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. },
            ) => (lhs, rhs),
            _ => return false,
        };
        let fields = BTreeSet::from([lhs, rhs].map(|side| field_of(placed, side)));
        fields == BTreeSet::from([Some(Field::Tenant), Some(Field::Owner)])
    }

    /// A request for which the guard does not hold has the code MALFORMED, whatever else there is to it.
    fn denies_without(&self, guard: &str) -> bool {
        self.of("deny").iter().any(|placed| {
            let Rule::Spec { head, bodies, .. } = placed.rule else { return false };
            let [body] = bodies.as_slice() else { return false };
            let [statement] = body.query.stmts.as_slice() else { return false };
            let negated = match &statement.literal {
                Literal::NotExpr { expr, .. } if statement.with_mods.is_empty() => self.named_in(placed, expr),
                _ => None,
            };
            code_of(head).as_deref() == Some("MALFORMED") && negated.as_deref() == Some(guard)
        })
    }

    /// Every other code needs the guard.
    fn denies_else_with(&self, guard: &str) -> bool {
        self.of("deny").iter().all(|placed| {
            let Rule::Spec { head, bodies, .. } = placed.rule else { return false };
            let asks = |query: &Query| query.stmts.iter().any(|statement| self.asks(placed, statement, guard, 0));
            code_of(head).as_deref() == Some("MALFORMED")
                || (!bodies.is_empty() && bodies.iter().all(|body| !body.is_else && asks(&body.query)))
        })
    }
}

/// What a statement holds to be true, where that is one expression.
fn plain(statement: &LiteralStmt) -> Option<&Expr> {
    match &statement.literal {
        Literal::Expr { expr, .. } if statement.with_mods.is_empty() => Some(expr),
        _ => None,
    }
}

/// Only the seven fields matter here.
fn scope<'a, 'p>(placed: &'a Placed<'p>) -> Scope<'a, 'p> {
    Scope { names: &placed.scoped.names, locals: &placed.locals, further: Further::none() }
}

fn field_of<'p>(placed: &Placed<'p>, expr: &'p Expr) -> Option<Field> {
    match scope(placed).shape(expr) {
        Ok(Shape::Field(field)) => Some(field),
        _ => None,
    }
}

fn type_asked<'p>(placed: &Placed<'p>, statement: &'p LiteralStmt) -> Option<(Field, &'p str)> {
    let Some(Expr::Call { fcn, params, .. }) = plain(statement) else { return None };
    let [param] = params.as_slice() else { return None };
    Some((field_of(placed, param)?, scope(placed).predicate(fcn)?))
}
