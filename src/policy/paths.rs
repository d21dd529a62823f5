//! What a reference means: imports, local names and brackets are resolved, so that `subject.id`, `input["subject"].id` and
//! `input.subject.id` are one path.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{self, AssignOp, Expr, Literal, Module, Query, Rule, RuleHead};

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    Input,
    Data,
    /// A rule of the module's own package, by its first name.
    Rule(String),
    /// A local name that stands for no path: an argument, a loop variable, the value of a call.
    Local(String),
    /// A value that is no name: a literal, a call, a comprehension.
    Value,
}

#[derive(Debug, Clone)]
pub enum Step<'m> {
    Key(String),
    /// A key that is not known before evaluation, or is no text.
    Dynamic(&'m Expr),
}

impl<'m> Step<'m> {
    pub fn key(&self) -> Option<&str> {
        match self {
            Step::Key(key) => Some(key),
            Step::Dynamic(_) => None,
        }
    }

    pub fn dynamic(&self) -> Option<&'m Expr> {
        match self {
            Step::Key(_) => None,
            Step::Dynamic(key) => Some(key),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Path<'m> {
    pub root: Root,
    pub steps: Vec<Step<'m>>,
}

impl Path<'_> {
    /// The path as text where all of its keys are known, such as `input.tenant.id`. A key that is no name stands in brackets: no
    /// two paths are one text.
    pub fn known(&self) -> Option<String> {
        let root = match &self.root {
            Root::Input => "input",
            Root::Data => "data",
            Root::Rule(name) | Root::Local(name) => name,
            Root::Value => return None,
        };
        let mut text = root.to_owned();
        for step in &self.steps {
            match step.key()? {
                key if is_name(key) => text.extend([".", key]),
                key => text.push_str(&format!("[{key:?}]")),
            }
        }
        Some(text)
    }

    /// The known keys at the beginning.
    pub fn keys(&self) -> Vec<&str> {
        self.steps.iter().map_while(Step::key).collect()
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The names of a module: its imports and the rules of its package.
#[derive(Debug, Default)]
pub struct Names {
    imports: BTreeMap<String, (Root, Vec<String>)>,
    rules: BTreeSet<String>,
    package: Vec<String>,
}

impl Names {
    /// `modules` are all modules of the package.
    pub fn new<'m>(module: &Module, modules: impl Iterator<Item = &'m Module>) -> Self {
        let package = constant(&module.package.refr).unwrap_or_default();
        let mut names = Names { package, ..Names::default() };
        for import in &module.imports {
            let Some(mut path) = constant(&import.refr) else { continue };
            let last = path.last().cloned().unwrap_or_default();
            let root = match path.remove(0).as_str() {
                "input" => Root::Input,
                "data" => Root::Data,
                _ => continue,
            };
            let name = import.r#as.as_ref().map_or(last, |span| span.text().to_owned());
            names.imports.insert(name, (root, path));
        }
        for module in modules.filter(|m| constant(&m.package.refr).as_deref() == Some(&names.package)) {
            names.rules.extend(module.policy.iter().filter_map(|rule| rule_name(rule)));
        }
        names
    }

    pub fn package(&self) -> &[String] {
        &self.package
    }

    pub fn is_rule(&self, name: &str) -> bool {
        self.rules.contains(name)
    }

    pub fn is_import(&self, name: &str) -> bool {
        self.imports.contains_key(name)
    }

    /// The path that an expression stands for. Whatever is no reference is `Root::Value` without steps.
    pub fn path<'m>(&self, locals: &Locals<'m>, expr: &'m Expr) -> Path<'m> {
        let path = match expr {
            Expr::RefDot { refr, field, .. } => {
                let mut path = self.path(locals, refr);
                let key = field.1.as_string().map(|s| s.to_string()).unwrap_or_else(|_| field.0.text().to_owned());
                path.steps.push(Step::Key(key));
                path
            }
            Expr::RefBrack { refr, index, .. } => {
                let mut path = self.path(locals, refr);
                path.steps.push(match ast::text(index) {
                    Some(key) => Step::Key(key.to_owned()),
                    None => Step::Dynamic(index),
                });
                path
            }
            _ => match ast::variable(expr) {
                Some(name) => self.variable(locals, name),
                None => Path { root: Root::Value, steps: Vec::new() },
            },
        };
        self.own_package(path)
    }

    fn variable<'m>(&self, locals: &Locals<'m>, name: &str) -> Path<'m> {
        let of = |root: Root| Path { root, steps: Vec::new() };
        match locals.names.get(name) {
            Some(Some(alias)) => return self.path(&locals.before(name), alias),
            Some(None) => return of(Root::Local(name.to_owned())),
            None => {}
        }
        if let Some((root, keys)) = self.imports.get(name) {
            let steps = keys.iter().cloned().map(Step::Key).collect();
            return Path { root: root.clone(), steps };
        }
        match name {
            "input" => of(Root::Input),
            "data" => of(Root::Data),
            _ if self.is_rule(name) => of(Root::Rule(name.to_owned())),
            _ => of(Root::Local(name.to_owned())),
        }
    }

    /// `data.switchboard.allow` in package switchboard is the rule `allow`.
    fn own_package<'m>(&self, path: Path<'m>) -> Path<'m> {
        let n = self.package.len();
        let own = path.root == Root::Data
            && path.steps.len() > n
            && path.steps[..n].iter().zip(&self.package).all(|(step, name)| step.key() == Some(name));
        match path.steps.get(n).and_then(Step::key) {
            Some(name) if own && self.is_rule(name) => {
                Path { root: Root::Rule(name.to_owned()), steps: path.steps[n + 1..].to_vec() }
            }
            _ => path,
        }
    }
}

/// The local names of a rule, with the reference that each stands for where it is one.
#[derive(Debug, Default, Clone)]
pub struct Locals<'m> {
    names: BTreeMap<String, Option<&'m Expr>>,
    /// Names that get a value of their own: by assignment, `some .. in`, or as an argument.
    valued: BTreeSet<String>,
}

impl<'m> Locals<'m> {
    /// All names that a rule binds anywhere in it. A name with two bindings stands for nothing that is known.
    pub fn of_rule(rule: &'m Rule) -> Self {
        let mut found = Locals::default();
        if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } | Rule::Default { args, .. } = rule {
            args.iter().for_each(|arg| found.unknown(arg));
        }
        struct Bindings<'a, 'm>(&'a mut Locals<'m>);
        impl<'m> ast::Visit<'m> for Bindings<'_, 'm> {
            fn statement(&mut self, statement: &'m ast::LiteralStmt) -> bool {
                match &statement.literal {
                    Literal::SomeVars { vars, .. } => {
                        vars.iter().for_each(|v| self.0.declare(v.text()));
                    }
                    Literal::SomeIn { key, value, .. } => {
                        key.iter().chain([value]).for_each(|e| self.0.unknown(e));
                    }
                    Literal::Every { key, value, .. } => {
                        key.iter().chain([value]).for_each(|span| self.0.bind(span.text(), None));
                    }
                    Literal::Expr { .. } | Literal::NotExpr { .. } => {}
                }
                true
            }

            fn expr(&mut self, expr: &'m Expr) -> bool {
                if let Expr::AssignExpr { op, lhs, rhs, .. } = expr {
                    self.0.assign(op, lhs, rhs);
                }
                true
            }
        }
        ast::visit_rule(rule, &mut Bindings(&mut found));
        found
    }

    pub fn is_local(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The reference that a name stands for everywhere in the rule.
    pub fn stands_for(&self, name: &str) -> Option<&'m Expr> {
        self.names.get(name).copied().flatten()
    }

    /// A name that takes its values from the keys of what it is a key of.
    pub fn iterates(&self, name: &str) -> bool {
        !self.valued.contains(name)
    }

    fn assign(&mut self, op: &AssignOp, lhs: &'m Expr, rhs: &'m Expr) {
        if *op == AssignOp::Eq {
            self.valued.extend([lhs, rhs].into_iter().filter_map(ast::variable).map(str::to_owned));
        }
        match ast::variable(lhs) {
            Some(name) if *op == AssignOp::ColEq => self.bind(name, is_reference(rhs).then_some(rhs)),
            // `x = y` binds x only where something else declares it; what it stands for is then not followed.
            Some(name) if self.is_local(name) => self.bind(name, None),
            _ if *op == AssignOp::ColEq => self.unknown(lhs),
            _ => {}
        }
    }

    fn declare(&mut self, name: &str) {
        if matches!(name, "input" | "data") {
            return;
        }
        self.names.entry(name.to_owned()).or_insert(None);
    }

    fn bind(&mut self, name: &str, alias: Option<&'m Expr>) {
        // They are what they are everywhere; that they are bound is another lint's matter.
        if matches!(name, "input" | "data") {
            return;
        }
        let twice = self.valued.contains(name);
        self.valued.insert(name.to_owned());
        self.names.insert(name.to_owned(), if twice { None } else { alias });
    }

    /// Every variable of a pattern. What a reference begins with is used there, and not bound.
    fn unknown(&mut self, pattern: &'m Expr) {
        ast::bound(pattern).into_iter().filter_map(ast::variable).for_each(|name| self.bind(name, None));
    }

    /// Without a name, whose own value may not refer to itself.
    fn before(&self, name: &str) -> Locals<'m> {
        let mut names = self.names.clone();
        names.remove(name);
        Locals { names, valued: self.valued.clone() }
    }
}

/// A name, or what lies below one.
pub fn is_reference(expr: &Expr) -> bool {
    match expr {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => is_reference(refr),
        _ => ast::variable(expr).is_some(),
    }
}

/// The parts of a reference without variables, root included.
pub fn constant(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::RefDot { refr, field, .. } => {
            let mut parts = constant(refr)?;
            parts.push(field.0.text().to_owned());
            Some(parts)
        }
        Expr::RefBrack { refr, index, .. } => {
            let mut parts = constant(refr)?;
            parts.push(ast::text(index)?.to_owned());
            Some(parts)
        }
        _ => ast::variable(expr).map(|name| vec![name.to_owned()]),
    }
}

/// Whether a part stands in the text of an expression, and not in what one of its local names stands for.
pub fn within(part: &Expr, expr: &Expr) -> bool {
    expr.span().start <= part.span().start && part.span().end <= expr.span().end
}

/// The first name of a rule's head: `allow` of `allow if`, `deny` of `deny contains x`, `f` of `f(x)`.
pub fn rule_name(rule: &Rule) -> Option<String> {
    let refr = match rule {
        Rule::Spec { head, .. } => ast::head_ref(head),
        Rule::Default { refr, .. } => refr,
    };
    first_name(refr).map(str::to_owned)
}

fn first_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => first_name(refr),
        _ => ast::variable(expr),
    }
}

/// The bodies of a rule, each of which is enough to make it true.
pub fn bodies(rule: &Rule) -> impl Iterator<Item = &Query> {
    let bodies = match rule {
        Rule::Spec { bodies, .. } => bodies.as_slice(),
        Rule::Default { .. } => &[],
    };
    bodies.iter().map(|body| body.query.as_ref())
}

/// Every reference in a rule as a whole, with its path; those in the keys of other references come after them.
pub fn each_reference<'m>(rule: &'m Rule, names: &Names, locals: &Locals<'m>, see: impl FnMut(&'m Expr, &Path<'m>)) {
    ast::visit_rule(rule, &mut References { names, locals, see });
}

/// The same in one body.
pub fn each_reference_in<'m>(
    body: &'m Query,
    names: &Names,
    locals: &Locals<'m>,
    see: impl FnMut(&'m Expr, &Path<'m>),
) {
    ast::visit_query(body, &mut References { names, locals, see });
}

struct References<'a, 'm, F> {
    names: &'a Names,
    locals: &'a Locals<'m>,
    see: F,
}

impl<'m, F: FnMut(&'m Expr, &Path<'m>)> ast::Visit<'m> for References<'_, 'm, F> {
    fn expr(&mut self, expr: &'m Expr) -> bool {
        if !matches!(expr, Expr::RefDot { .. } | Expr::RefBrack { .. }) && ast::variable(expr).is_none() {
            return true;
        }
        (self.see)(expr, &self.names.path(self.locals, expr));
        inside(expr).into_iter().for_each(|key| ast::visit_expr(key, self));
        false
    }
}

/// The keys of a reference that are expressions, and what it begins with where that is no name.
fn inside(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::RefDot { refr, .. } => inside(refr),
        Expr::RefBrack { refr, index, .. } => {
            let mut keys = inside(refr);
            keys.extend(ast::text(index).is_none().then_some(index.as_ref()));
            keys
        }
        _ if ast::variable(expr).is_some() => Vec::new(),
        _ => vec![expr],
    }
}
