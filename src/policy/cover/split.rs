//! A private copy of a file in which each unit of coverage has a line of its own, for an engine that counts lines.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::policy::ast::{self, Expr, Literal, LiteralStmt, Query, Rule, RuleAssign, RuleBody, RuleHead, Span, Visit};
use crate::policy::parse::{Parsed, extent, place};
use crate::policy::paths::{Locals, constant};
use crate::policy::suite::variables;

/// Where a unit stands in the file that people wrote: its first and last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub first: u64,
    pub last: u64,
}

pub struct Copy {
    pub text: String,
    pub units: Vec<Unit>,
    /// Of each line of the copy the unit on it, by its place in `units`.
    pub owners: Vec<Option<usize>>,
}

/// The complete rules that have a default beside other definitions, by package and name, with a number for each.
pub type Defaults = BTreeMap<(Vec<String>, Vec<String>), usize>;

/// The defaults of a policy that may be told apart from its rules: those that no test file adds to.
pub fn defaults(files: &[Parsed]) -> Defaults {
    let rules = |tests: bool| {
        let of = files.iter().filter(move |parsed| parsed.file.is_test() == tests);
        of.flat_map(|parsed| parsed.module.policy.iter().map(move |rule| (parsed.package(), rule.as_ref())))
    };
    let defined = |tests: bool, package: &[String], name: &[String]| {
        rules(tests).any(|(p, rule)| p == package && complete(rule).as_deref() == Some(name))
    };
    let mut all = Defaults::new();
    for (package, rule) in rules(false) {
        let Rule::Default { refr, args, .. } = rule else { continue };
        let Some(name) = constant(refr).filter(|_| args.is_empty()) else { continue };
        if defined(false, &package, &name) && !defined(true, &package, &name) {
            let number = all.len();
            all.insert((package, name), number);
        }
    }
    all
}

/// The name of a rule with one value.
fn complete(rule: &Rule) -> Option<Vec<String>> {
    match rule {
        Rule::Spec { head: RuleHead::Compr { refr, .. }, .. } => constant(refr),
        _ => None,
    }
}

/// `number` is another for each file.
pub fn split(parsed: &Parsed, number: usize, defaults: &Defaults) -> Copy {
    let mut splitter =
        Splitter { parsed, number, defaults, units: Vec::new(), edits: Vec::new(), functions: Vec::new() };
    parsed.module.policy.iter().for_each(|rule| splitter.rule_of(rule));
    splitter.finish()
}

/// What is done at a place of the text. Of those at one place the order of the variants is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    /// The end of what `Wrap` began.
    Unwrap,
    End,
    /// The text up to here gives way to another.
    Replace(usize, String),
    /// A unit that the file does not write out.
    Whole(usize, &'static str),
    /// From here on lines belong to a unit, or to none of their own.
    Begin(Option<usize>),
    Wrap,
}

struct Splitter<'a, 'p> {
    parsed: &'a Parsed<'p>,
    number: usize,
    defaults: &'a Defaults,
    units: Vec<Unit>,
    edits: Vec<(usize, Edit)>,
    /// Rules at the end of the copy, each with its unit.
    functions: Vec<(String, String, usize)>,
}

impl Splitter<'_, '_> {
    fn unit(&mut self, range: &Range<usize>) -> usize {
        let line = |at: usize| place(&self.parsed.file.text, at).0;
        self.units.push(Unit { first: line(range.start), last: line(range.end) });
        self.units.len() - 1
    }

    fn edit(&mut self, at: usize, edit: Edit) {
        self.edits.push((at, edit));
    }

    fn own_lines(&mut self, range: &Range<usize>, unit: Option<usize>) {
        self.edit(range.start, Edit::Begin(unit));
        self.edit(range.end, Edit::End);
    }

    fn extent(&self, span: &Span) -> Range<usize> {
        extent(&self.parsed.file.text, span)
    }

    /// What stands behind a sign; a value's own span is not always whole.
    fn behind(&self, sign: &str, range: Range<usize>) -> Range<usize> {
        let text = self.parsed.file.text.get(range.clone()).unwrap_or_default();
        range.start + text.find(sign).map_or(0, |at| at + sign.len())..range.end
    }

    fn rule_of(&mut self, rule: &Rule) {
        match rule {
            Rule::Default { span, refr, .. } => self.default_of(span, refr),
            Rule::Spec { span, head, bodies } => {
                self.head(span, head);
                let locals = Locals::of_rule(rule);
                for body in bodies {
                    if body.is_else {
                        self.otherwise(body, &locals);
                    }
                    self.gaps(&body.query);
                    ast::visit_query(&body.query, self);
                }
            }
        }
    }

    /// The engine evaluates a default whether it is needed or not. In the copy it is a rule that needs the others to fail.
    fn default_of(&mut self, span: &Span, refr: &Expr) {
        let whole = self.extent(span);
        let unit = self.unit(&whole);
        let value = self.behind("=", refr.span().end as usize..whole.end);
        self.own_lines(&value, Some(unit));
        let Some(number) = self.number_of(refr) else { return };
        let name = refr.span().text();
        let rules = format!("{name} := govctl_own_{number}\n{name} :=");
        self.edit(whole.start, Edit::Replace(value.start, rules));
        let condition =
            format!(" if not govctl_has_{number}\ngovctl_has_{number} if govctl_own_{number} == govctl_own_{number}\n");
        self.edit(whole.end, Edit::Replace(whole.end, condition));
    }

    fn number_of(&self, refr: &Expr) -> Option<usize> {
        self.defaults.get(&(self.parsed.package(), constant(refr)?)).copied()
    }

    /// A head is covered when its value is: only a rule that succeeds evaluates it.
    fn head(&mut self, rule: &Span, head: &RuleHead) {
        let (span, refr, assign) = match head {
            RuleHead::Compr { span, refr, assign } | RuleHead::Func { span, refr, assign, .. } => {
                (span, refr, assign.as_ref())
            }
            RuleHead::Set { span, refr, .. } => (span, refr, None),
        };
        let whole = rule.start as usize..self.extent(span).end;
        let unit = self.unit(&whole);
        let (value, range) = match head {
            RuleHead::Set { key, .. } => (key.as_ref(), self.behind("contains", refr.span().end as usize..whole.end)),
            _ => (assign.map(|assign| &assign.value), self.assigned(assign, whole.end)),
        };
        if let Some(number) = self.number_of(refr).filter(|_| matches!(head, RuleHead::Compr { .. })) {
            let own = format!("govctl_own_{number}");
            self.edit(refr.span().start as usize, Edit::Replace(refr.span().end as usize, own));
        }
        match value {
            Some(value) => {
                self.own_lines(&range, Some(unit));
                self.seen(value);
                ast::visit_expr(value, self);
            }
            None => self.edit(whole.end, Edit::Whole(unit, " :=")),
        }
    }

    /// The value behind the sign, or the place for one.
    fn assigned(&self, assign: Option<&RuleAssign>, none: usize) -> Range<usize> {
        assign.map_or(none..none, |assign| self.behind("=", self.extent(&assign.span)))
    }

    /// The report of the engine leaves the values of `else` out: in the copy a function gives them.
    fn otherwise(&mut self, body: &RuleBody, locals: &Locals) {
        let start = body.span.start as usize;
        let assign = body.assign.as_ref();
        let range = self.assigned(assign, start + "else".len());
        let unit = self.unit(&(start..range.end));
        let names = assign.map(|assign| variables(&assign.value)).unwrap_or_default();
        let names: Vec<&str> = names.into_iter().filter(|name| locals.is_local(name)).collect();
        let arguments = if names.is_empty() { "_".to_owned() } else { names.join(", ") };
        let function = format!("govctl_else_{}_{unit}", self.number);
        let call = format!(" {function}({})", if names.is_empty() { "true" } else { arguments.as_str() });
        let call = if assign.is_some() { call } else { format!(" :={call}") };
        let text = match self.parsed.file.text.get(range.clone()) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => "true".to_owned(),
        };
        self.edit(range.start, Edit::Replace(range.end, call));
        self.functions.push((format!("{function}({arguments}) :="), text, unit));
    }

    /// What separates statements gives way to the line breaks around each.
    fn gaps(&mut self, query: &Query) {
        for pair in query.stmts.windows(2) {
            let [before, after] = pair else { continue };
            let (from, to) = (self.extent(&before.span).end, self.extent(&after.span).start);
            self.edit(from, Edit::Replace(to, String::new()));
        }
    }

    /// The report leaves out comprehensions that stand alone: they become arguments of a call.
    fn seen(&mut self, expr: &Expr) {
        if matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }) {
            self.edit(expr.span().start as usize, Edit::Wrap);
            self.edit(expr.span().end as usize, Edit::Unwrap);
        }
    }

    fn finish(mut self) -> Copy {
        // A stable sort: at one place `Edit` itself says what comes first.
        self.edits.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let text = &self.parsed.file.text;
        let mut writer = Writer { text: String::new(), owners: Vec::new(), stack: Vec::new() };
        let mut at = 0;
        for (place, edit) in self.edits {
            writer.write(text.get(at..place).unwrap_or_default());
            at = at.max(place);
            match edit {
                Edit::Begin(unit) => writer.begin(unit),
                Edit::End => writer.end(),
                Edit::Replace(to, other) => {
                    writer.write(&other);
                    at = at.max(to);
                }
                Edit::Whole(unit, before) => {
                    writer.write(before);
                    writer.begin(Some(unit));
                    writer.write("true");
                    writer.end();
                }
                Edit::Wrap => writer.write("object.get({\"v\": "),
                Edit::Unwrap => writer.write("}, \"v\", null)"),
            }
        }
        writer.write(text.get(at..).unwrap_or_default());
        for (head, value, unit) in &self.functions {
            writer.write(&format!("\n{head}"));
            writer.begin(Some(*unit));
            writer.write(value);
            writer.end();
        }
        writer.write("\n");
        Copy { text: writer.text, units: self.units, owners: writer.owners }
    }
}

impl<'m> Visit<'m> for Splitter<'_, '_> {
    fn statement(&mut self, statement: &'m LiteralStmt) -> bool {
        let range = self.extent(&statement.span);
        let unit = match &statement.literal {
            // It only declares names: there is nothing to evaluate.
            Literal::SomeVars { .. } => None,
            _ => Some(self.unit(&range)),
        };
        self.own_lines(&range, unit);
        match &statement.literal {
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.seen(expr),
            Literal::Every { domain, query, .. } => {
                self.seen(domain);
                self.gaps(query);
            }
            Literal::SomeVars { .. } | Literal::SomeIn { .. } => {}
        }
        true
    }

    fn expr(&mut self, expr: &'m Expr) -> bool {
        if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = expr {
            self.gaps(query);
        }
        true
    }
}

/// Writes the copy and notes whose each line is.
struct Writer {
    text: String,
    owners: Vec<Option<usize>>,
    stack: Vec<Option<usize>>,
}

impl Writer {
    fn write(&mut self, text: &str) {
        let owner = self.stack.last().copied().flatten();
        self.owners.extend(std::iter::repeat_n(owner, text.matches('\n').count()));
        self.text.push_str(text);
    }

    fn begin(&mut self, unit: Option<usize>) {
        self.write("\n");
        self.stack.push(unit);
    }

    fn end(&mut self) {
        self.write("\n");
        self.stack.pop();
    }
}
