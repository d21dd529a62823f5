//! The kinds of values that an expression can have, as they flow through the names of a policy. Each is one that OPA could
//! give it, and perhaps more: a name has all kinds that it gets anywhere in its rule.

use std::collections::BTreeMap;
use std::ops::{BitAnd, BitOr, BitOrAssign};

use super::rules::Kind;
use super::{Placed, Policy, signatures};
use crate::policy::ast::{self, ArithOp, AssignOp, Expr, Literal, LiteralStmt, Rule, RuleHead, Visit};
use crate::policy::paths::{Path, Root, Step, constant, is_reference, rule_name};

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    pub const NULL: Kinds = Kinds(1);
    pub const BOOLEAN: Kinds = Kinds(2);
    pub const NUMBER: Kinds = Kinds(4);
    pub const TEXT: Kinds = Kinds(8);
    pub const ARRAY: Kinds = Kinds(16);
    pub const OBJECT: Kinds = Kinds(32);
    pub const SET: Kinds = Kinds(64);
    /// A collection in which a set stands, however deep.
    pub const HOLDS_SET: Kinds = Kinds(128);
    const COLLECTION: Kinds = Kinds(16 | 32 | 64);
    /// What the input and the data consist of.
    pub const JSON: Kinds = Kinds(63);
    pub const ANY: Kinds = Kinds(255);

    const WORDS: [(Kinds, &'static str); 7] = [
        (Kinds::NULL, "null"),
        (Kinds::BOOLEAN, "a boolean"),
        (Kinds::NUMBER, "a number"),
        (Kinds::TEXT, "a text"),
        (Kinds::ARRAY, "an array"),
        (Kinds::SET, "a set"),
        (Kinds::OBJECT, "an object"),
    ];

    pub fn meets(self, other: Kinds) -> bool {
        self & other != Kinds::default()
    }

    /// Whether a set is or stands in some of these values.
    pub fn has_sets(self) -> bool {
        self.meets(Kinds::SET | Kinds::HOLDS_SET)
    }

    /// The collection of these members.
    fn collected(self, whole: Kinds) -> Kinds {
        if self.has_sets() { whole | Kinds::HOLDS_SET } else { whole }
    }

    /// What stands in these collections.
    fn member(self) -> Kinds {
        if self.meets(Kinds::HOLDS_SET) { Kinds::ANY } else { Kinds::JSON }
    }

    pub fn words(self) -> String {
        let named: Vec<&str> = Self::WORDS.iter().filter(|(k, _)| self.meets(*k)).map(|(_, word)| *word).collect();
        named.join(" or ")
    }
}

impl BitOr for Kinds {
    type Output = Kinds;
    fn bitor(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}

impl BitAnd for Kinds {
    type Output = Kinds;
    fn bitand(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }
}

impl BitOrAssign for Kinds {
    fn bitor_assign(&mut self, other: Kinds) {
        self.0 |= other.0;
    }
}

/// What is known of the names of a policy: the values of its rules, by package and name, and of the local names of each rule.
#[derive(Debug)]
pub struct Inferred {
    rules: BTreeMap<Vec<String>, Kinds>,
    /// By the place of the rule among those that decide.
    locals: BTreeMap<(usize, String), Kinds>,
}

impl Inferred {
    /// Values flow until nothing new comes of it: no name has more than the eight kinds.
    pub fn of(policy: &Policy) -> Self {
        let rules: Vec<Placed> = policy.deciding().collect();
        let named = |placed: &Placed| rule_name(placed.rule).map(|name| whole(placed, &name));
        let mut functions = BTreeMap::<_, Vec<_>>::new();
        for (at, placed) in rules.iter().enumerate() {
            if let (Rule::Spec { head: RuleHead::Func { args, .. }, .. }, Some(name)) = (placed.rule, named(placed)) {
                functions.entry(name).or_default().push((at, args.as_slice()));
            }
        }
        let nothing = rules.iter().filter_map(named).map(|name| (name, Kinds::default()));
        let mut known = Inferred { rules: nothing.collect(), locals: BTreeMap::new() };
        let mut grew = true;
        while grew {
            grew = false;
            for (at, placed) in rules.iter().enumerate() {
                let within = known.within(placed, at);
                let mut flow = Flow { within, functions: &functions, rules: Vec::new(), locals: Vec::new() };
                flow.value(placed.rule);
                ast::visit_rule(placed.rule, &mut flow);
                let Flow { rules: values, locals, .. } = flow;
                values.into_iter().for_each(|(name, kinds)| grew |= grow(known.rules.entry(name).or_default(), kinds));
                locals.into_iter().for_each(|(name, kinds)| grew |= grow(known.locals.entry(name).or_default(), kinds));
            }
        }
        known
    }

    /// What is known in the rule that stands at this place among those that decide.
    pub fn within<'a>(&'a self, placed: &'a Placed<'a>, at: usize) -> Within<'a> {
        Within { known: self, placed, at }
    }
}

fn grow(known: &mut Kinds, more: Kinds) -> bool {
    let before = *known;
    *known |= more;
    *known != before
}

/// The kinds of the expressions of one rule.
pub struct Within<'a> {
    known: &'a Inferred,
    placed: &'a Placed<'a>,
    at: usize,
}

impl Within<'_> {
    pub fn of(&self, expr: &Expr) -> Kinds {
        let all = |parts: &[ast::ExprRef]| parts.iter().map(|part| self.of(part)).fold(Kinds::default(), Kinds::bitor);
        match expr {
            Expr::Null { .. } => Kinds::NULL,
            Expr::Bool { .. } | Expr::BoolExpr { .. } | Expr::Membership { .. } | Expr::AssignExpr { .. } => {
                Kinds::BOOLEAN
            }
            Expr::Number { .. } | Expr::UnaryExpr { .. } => Kinds::NUMBER,
            Expr::String { .. } | Expr::RawString { .. } => Kinds::TEXT,
            Expr::Array { items, .. } => all(items).collected(Kinds::ARRAY),
            Expr::Set { items, .. } => all(items).collected(Kinds::SET),
            Expr::Object { fields, .. } => {
                let members = fields.iter().map(|(_, key, value)| self.of(key) | self.of(value));
                members.fold(Kinds::default(), Kinds::bitor).collected(Kinds::OBJECT)
            }
            Expr::ArrayCompr { term, .. } => self.of(term).collected(Kinds::ARRAY),
            Expr::SetCompr { term, .. } => self.of(term).collected(Kinds::SET),
            Expr::ObjectCompr { key, value, .. } => (self.of(key) | self.of(value)).collected(Kinds::OBJECT),
            Expr::BinExpr { lhs, rhs, .. } => Kinds::SET | ((self.of(lhs) | self.of(rhs)) & Kinds::HOLDS_SET),
            Expr::ArithExpr { op: ArithOp::Sub, lhs, rhs, .. } => {
                let (left, right) = (self.of(lhs), self.of(rhs));
                (left & right & (Kinds::NUMBER | Kinds::SET)) | (left & Kinds::HOLDS_SET)
            }
            Expr::ArithExpr { .. } => Kinds::NUMBER,
            Expr::Call { fcn, params, .. } => self.call(fcn, params),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expr),
        }
    }

    fn call(&self, callee: &Expr, params: &[ast::ExprRef]) -> Kinds {
        let path = self.placed.scoped.names.path(&self.placed.locals, callee);
        if matches!(path.root, Root::Rule(_) | Root::Data) {
            return self.path(&path);
        }
        let name = constant(callee).unwrap_or_default().join(".");
        let given = || params.iter().map(|param| self.of(param)).fold(Kinds::default(), Kinds::bitor);
        match name.as_str() {
            "set" => Kinds::SET,
            // The sets that they are given are joined, and those in them were refused where they were put there.
            "union" | "intersection" => Kinds::SET,
            "object.get" => given().member() | params.get(2).map_or(Kinds::ANY, |default| self.of(default)),
            _ => match signatures::of(&name).map(|(_, gives)| gives) {
                Some(Kinds::ANY) | None => given().member(),
                Some(gives) if gives.meets(Kinds::COLLECTION) => gives | (given() & Kinds::HOLDS_SET),
                Some(gives) => gives,
            },
        }
    }

    fn reference(&self, expr: &Expr) -> Kinds {
        match expr {
            // What a literal or a call gives, with brackets behind it.
            Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } if !is_reference(refr) => self.of(refr).member(),
            _ => self.path(&self.placed.scoped.names.path(&self.placed.locals, expr)),
        }
    }

    fn path(&self, path: &Path) -> Kinds {
        let below = |kinds: Kinds, steps: &[Step]| if steps.is_empty() { kinds } else { kinds.member() };
        match &path.root {
            Root::Input => Kinds::JSON,
            Root::Local(name) => {
                let local = self.known.locals.get(&(self.at, name.clone()));
                below(local.copied().unwrap_or_default(), &path.steps)
            }
            Root::Rule(name) => {
                let value = self.known.rules.get(&whole(self.placed, name));
                below(value.copied().unwrap_or_default(), &path.steps)
            }
            Root::Data => self.data(&path.keys(), &path.steps),
            Root::Value => Kinds::ANY,
        }
    }

    /// What lies in the data, or is the value of a rule of another package.
    fn data(&self, keys: &[&str], steps: &[Step]) -> Kinds {
        let named = |rule: &[String], n: usize| rule.iter().zip(keys).take(n).filter(|(a, b)| a == b).count() == n;
        for (rule, value) in &self.known.rules {
            if keys.len() >= rule.len() && named(rule, rule.len()) {
                return if steps.len() == rule.len() { *value } else { value.member() };
            }
            // A package as a whole has all of its rules.
            if keys.len() < rule.len() && named(rule, keys.len()) {
                return Kinds::ANY;
            }
        }
        Kinds::JSON
    }
}

fn whole(placed: &Placed, name: &str) -> Vec<String> {
    placed.scoped.names.package().iter().cloned().chain([name.to_owned()]).collect()
}

/// What one rule gives to names, its own and those of the functions that it calls.
struct Flow<'a, 'p> {
    within: Within<'a>,
    functions: &'a BTreeMap<Vec<String>, Vec<(usize, &'p [ast::ExprRef])>>,
    rules: Vec<(Vec<String>, Kinds)>,
    locals: Vec<((usize, String), Kinds)>,
}

impl Flow<'_, '_> {
    fn value(&mut self, rule: &Rule) {
        let Some(name) = rule_name(rule) else { return };
        let of = |value: &Option<ast::RuleAssign>| {
            value.as_ref().map_or(Kinds::BOOLEAN, |assign| self.within.of(&assign.value))
        };
        let value = match rule {
            Rule::Default { value, .. } => self.within.of(value),
            Rule::Spec { head: RuleHead::Set { key, .. }, .. } => {
                key.iter().map(|key| self.within.of(key)).fold(Kinds::default(), Kinds::bitor).collected(Kinds::SET)
            }
            Rule::Spec { head: RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. }, bodies, .. } => {
                let own = of(assign);
                let value = bodies.iter().filter(|body| body.is_else).fold(own, |all, body| all | of(&body.assign));
                if Kind::of(rule) == Some(Kind::Object) { value.collected(Kinds::OBJECT) } else { value }
            }
        };
        self.rules.push((whole(self.within.placed, &name), value));
    }

    fn bind(&mut self, at: usize, pattern: &Expr, kinds: Kinds) {
        let own = ast::variable(pattern);
        for name in ast::bound(pattern).into_iter().filter_map(ast::variable) {
            let kinds = if own.is_some() { kinds } else { kinds.member() };
            self.locals.push(((at, name.to_owned()), kinds));
        }
    }
}

impl<'m> Visit<'m> for Flow<'_, '_> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        let at = self.within.at;
        match &statement.literal {
            Literal::SomeIn { key, value, collection, .. } => {
                let member = self.within.of(collection).member();
                key.iter().chain([value]).for_each(|name| self.bind(at, name, member));
            }
            Literal::Every { key, value, domain, .. } => {
                let member = self.within.of(domain).member();
                let names = key.iter().chain([value]).map(|span| span.text().to_owned());
                self.locals.extend(names.map(|name| ((at, name), member)));
            }
            Literal::SomeVars { .. } | Literal::Expr { .. } | Literal::NotExpr { .. } => {}
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        let at = self.within.at;
        match expr {
            Expr::AssignExpr { op, lhs, rhs, .. } => {
                self.bind(at, lhs, self.within.of(rhs));
                if *op == AssignOp::Eq {
                    self.bind(at, rhs, self.within.of(lhs));
                }
            }
            // A name that takes every key; of a set that is every member.
            Expr::RefBrack { refr, index, .. } => self.bind(at, index, self.within.of(refr).member()),
            Expr::Call { fcn, params, .. } => {
                let placed = self.within.placed;
                let called = match placed.scoped.names.path(&placed.locals, fcn) {
                    Path { root: Root::Rule(name), .. } => whole(placed, &name),
                    Path { root: Root::Data, steps } => steps.iter().filter_map(Step::key).map(str::to_owned).collect(),
                    _ => return true,
                };
                for (at, arguments) in self.functions.get(&called).into_iter().flatten() {
                    arguments.iter().zip(params).for_each(|(name, given)| self.bind(*at, name, self.within.of(given)));
                }
            }
            _ => {}
        }
        true
    }
}
