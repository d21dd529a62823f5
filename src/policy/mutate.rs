//! Mutation: small changes of a policy that its tests, or the points of a proof, should notice.

use super::ast::{self, BoolOp, Expr, Literal, LiteralStmt, Rule, Span, Visit};
use super::fault::Fault;
use super::lint::{Placed, Policy};
use super::parse::{extent, place};
use super::parse_all;
use super::source::Sources;

/// What is done to one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    DropExpression,
    DropRule,
    AddNot,
    RemoveNot,
    FlipComparison,
    ShiftNumber,
    FlipBoolean,
    SwapReference,
    InToEqual,
    SwapPredicate,
    FlipDefault,
}

impl Operator {
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::DropExpression => "drop_expression",
            Operator::DropRule => "drop_rule",
            Operator::AddNot => "add_not",
            Operator::RemoveNot => "remove_not",
            Operator::FlipComparison => "flip_comparison",
            Operator::ShiftNumber => "shift_number",
            Operator::FlipBoolean => "flip_boolean",
            Operator::SwapReference => "swap_reference",
            Operator::InToEqual => "in_to_equal",
            Operator::SwapPredicate => "swap_predicate",
            Operator::FlipDefault => "flip_default",
        }
    }
}

/// One change: the bytes of a file and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// The file's name in a bundle, and for people.
    pub file: String,
    pub shown: String,
    pub line: u64,
    pub column: u64,
    pub operator: Operator,
    pub before: String,
    pub after: String,
    start: usize,
}

impl Mutation {
    /// The policy with this change.
    pub fn of(&self, sources: &Sources) -> Sources {
        let mut files = sources.files().to_vec();
        for file in files.iter_mut().filter(|file| file.name == self.file) {
            file.text.replace_range(self.start..self.start + self.before.len(), &self.after);
        }
        Sources::new(files)
    }
}

/// All changes of the files that decide, in the order of their places. Members of a group of `alike` are references to the
/// input that can take each other's place, such as `input.tenant.id`.
pub fn mutations(sources: &Sources, alike: &[&[String]]) -> Result<Vec<Mutation>, Vec<Fault>> {
    let parsed = parse_all(sources)?;
    let policy = Policy::new(&parsed);
    let mut all = Vec::new();
    for placed in policy.deciding() {
        let mut mutator = Mutator { placed: &placed, alike, all: Vec::new() };
        mutator.whole();
        ast::visit_rule(placed.rule, &mut mutator);
        all.append(&mut mutator.all);
    }
    all.sort_by(|a, b| (&a.file, a.start).cmp(&(&b.file, b.start)));
    Ok(all)
}

struct Mutator<'a, 'p> {
    placed: &'a Placed<'p>,
    alike: &'a [&'a [String]],
    all: Vec<Mutation>,
}

impl Mutator<'_, '_> {
    fn put(&mut self, operator: Operator, span: &Span, after: impl Into<String>) {
        let whole = extent(&self.placed.scoped.parsed.file.text, span);
        self.replace(operator, whole.start, whole.end, after.into());
    }

    fn text(&self, expr: &Expr) -> String {
        let text = &self.placed.scoped.parsed.file.text;
        text.get(extent(text, expr.span())).unwrap_or_default().to_owned()
    }

    fn replace(&mut self, operator: Operator, start: usize, end: usize, after: String) {
        let file = self.placed.scoped.parsed.file;
        let Some(before) = file.text.get(start..end) else { return };
        let (line, column) = place(&file.text, start);
        let (before, shown) = (before.to_owned(), file.shown.clone());
        self.all.push(Mutation { file: file.name.clone(), shown, line, column, operator, before, after, start });
    }

    /// What is done to the rule as a whole.
    fn whole(&mut self) {
        self.put(Operator::DropRule, self.placed.rule.span(), "");
        if let Rule::Default { value, .. } = self.placed.rule
            && let Expr::Bool { span, value, .. } = value.as_ref()
        {
            self.put(Operator::FlipDefault, span, if *value == true.into() { "false" } else { "true" });
        }
    }

    /// The sign between two sides becomes another.
    fn comparison(&mut self, op: &BoolOp, lhs: &Expr, rhs: &Expr) {
        let (sign, others): (&str, &[&str]) = match op {
            BoolOp::Eq => ("==", &["!="]),
            BoolOp::Ne => ("!=", &["=="]),
            BoolOp::Lt => ("<", &["<=", ">="]),
            BoolOp::Le => ("<=", &["<", ">"]),
            BoolOp::Gt => (">", &[">=", "<="]),
            BoolOp::Ge => (">=", &[">", "<"]),
        };
        let (from, to) = (lhs.span().end as usize, rhs.span().start as usize);
        let between = self.placed.scoped.parsed.file.text.get(from..to).unwrap_or_default();
        let Some(at) = between.find(sign) else { return };
        for other in others {
            self.replace(Operator::FlipComparison, from + at, from + at + sign.len(), (*other).to_owned());
        }
    }

    fn number(&mut self, span: &Span) {
        let Ok(value) = span.text().parse::<f64>() else { return };
        for shifted in [value + 1.0, value - 1.0] {
            self.put(Operator::ShiftNumber, span, shifted.to_string());
        }
    }

    /// A reference to the input gives way to each other of its group.
    fn reference(&mut self, expr: &Expr) -> bool {
        let Some(path) = self.placed.scoped.names.path(&self.placed.locals, expr).known() else { return false };
        let Some(group) = self.alike.iter().find(|group| group.contains(&path)) else { return false };
        for other in group.iter().filter(|other| **other != path) {
            self.put(Operator::SwapReference, expr.span(), other.clone());
        }
        true
    }
}

impl<'m> Visit<'m> for Mutator<'_, '_> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        match &statement.literal {
            Literal::Expr { expr, .. } => {
                self.put(Operator::DropExpression, &statement.span, "true");
                // Before anything but a rule's name the rules for policies forbid it.
                if ast::variable(expr).is_some() {
                    self.put(Operator::AddNot, expr.span(), format!("not {}", self.text(expr)));
                }
            }
            Literal::NotExpr { expr, .. } => {
                self.put(Operator::DropExpression, &statement.span, "true");
                self.put(Operator::RemoveNot, &statement.span, self.text(expr));
            }
            Literal::Every { .. } => self.put(Operator::DropExpression, &statement.span, "true"),
            // Without the names that they declare the others would mean nothing.
            Literal::SomeVars { .. } | Literal::SomeIn { .. } => {}
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        match expr {
            Expr::BoolExpr { op, lhs, rhs, .. } => self.comparison(op, lhs, rhs),
            Expr::Number { span, .. } => self.number(span),
            Expr::Bool { span, value, .. } if !matches!(self.placed.rule, Rule::Default { .. }) => {
                self.put(Operator::FlipBoolean, span, if *value == true.into() { "false" } else { "true" });
            }
            Expr::Membership { key: None, value, collection, span, .. } => {
                let equal = format!("{} == {}", self.text(value), self.text(collection));
                self.put(Operator::InToEqual, span, equal);
            }
            Expr::Call { fcn, .. } => {
                if let Some(other) = ast::variable(fcn).and_then(other_predicate) {
                    self.put(Operator::SwapPredicate, fcn.span(), other);
                }
            }
            Expr::RefDot { .. } | Expr::RefBrack { .. } => return !self.reference(expr),
            _ => {}
        }
        true
    }
}

fn other_predicate(name: &str) -> Option<&'static str> {
    Some(match name {
        "is_string" => "is_number",
        "is_number" | "is_boolean" | "is_null" => "is_string",
        "is_object" => "is_array",
        "is_array" | "is_set" => "is_object",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
