//! How a policy uses its input and data. The product of finitely many values proves something only if the policy cannot
//! tell apart more values than it holds: every use of a field must be one of a list of forms, and everything else is
//! refused by its place. Each form that is not on the list was shown to hide a leak from every point.

mod conditions;
mod guard;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Fault;
use crate::policy::ast::{Expr, Rule, RuleHead, Span};
use crate::policy::lint::{Placed, Policy};
use crate::policy::parse::Parsed;
use crate::policy::paths::rule_name;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Severity};
use crate::tenant::field::{Field, Sort};
use crate::tenant::further::Further;

pub use guard::Guards;

/// A literal that a field is compared with; numbers by their text in JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constant {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
}

/// A place that forbids a conclusion, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    pub file: String,
    pub line: u64,
    pub column: u64,
    /// The text of the place.
    pub subject: String,
    pub message: String,
}

impl Reason {
    /// Of the whole.
    pub fn of_nothing(message: &str) -> Reason {
        Reason { file: String::new(), line: 0, column: 0, subject: String::new(), message: message.to_owned() }
    }

    pub fn finding(&self, code: &str, severity: Severity) -> Finding {
        let subject = if self.subject.is_empty() { "policy" } else { &self.subject };
        let mut finding = Finding::new("tenant", code, severity, subject, self.message.clone());
        finding.fingerprint = fingerprint(&["tenant", code, &self.file, subject, &self.message]);
        finding.file = (!self.file.is_empty()).then(|| self.file.clone());
        finding.line = (self.line > 0).then_some(self.line);
        finding.column = (self.line > 0).then_some(self.column);
        finding
    }
}

/// What a policy does with a field beside the seven.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub literals: BTreeSet<Constant>,
    /// Its type is told too.
    pub typed: bool,
}

/// What the deciding files of a policy do with their input.
#[derive(Debug, Default)]
pub struct Uses {
    /// They join the dimensions of their sort.
    pub literals: BTreeMap<Sort, BTreeSet<Constant>>,
    /// The classification is compared with `<` or its kin: between two neighbouring numbers lies another case.
    pub ordered: bool,
    /// Fields whose type is told by more than the predicate of a well-formed value: each type of JSON is another case.
    pub typed: BTreeSet<Field>,
    /// The fields beside the seven that were declared, and by their places what is done with each.
    pub further: Further,
    pub told: Vec<Told>,
    /// Uses that are not on the list: nothing can be proved.
    pub unsound: Vec<Reason>,
    /// Uses that tell tenants apart by more than their data: no tenant can stand for another.
    pub asymmetric: Vec<Reason>,
    /// The string literals of the heads of `deny`, in the order of the files.
    pub codes: Vec<String>,
    /// Heads of `deny` whose code is no literal.
    pub uncoded: Vec<Reason>,
    /// resource.tenant is a key into the data: then what it says is more than whether it is tenant.id.
    pub owner_is_key: bool,
    /// What the tree shows without a domain.
    pub guards: Guards,
}

impl Uses {
    /// A field beside the seven may be used where it was declared.
    pub fn of(files: &[Parsed], further: &Further) -> Uses {
        let policy = Policy::new(files);
        let mut uses = Uses {
            guards: Guards::of(&policy),
            further: further.clone(),
            told: vec![Told::default(); further.len()],
            ..Uses::default()
        };
        for placed in policy.deciding() {
            conditions::rule(&placed, further, &mut uses);
            uses.code(&placed);
        }
        for reasons in [&mut uses.unsound, &mut uses.asymmetric, &mut uses.uncoded] {
            reasons.sort();
            reasons.dedup();
        }
        uses
    }

    /// The texts that fields beside the seven are compared with, or were declared with.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let named = self.told.iter().flat_map(|told| &told.literals).filter_map(|constant| match constant {
            Constant::Text(text) => Some(text.clone()),
            _ => None,
        });
        let declared = self.further.fields().flat_map(|(_, values)| values).filter_map(|value| value.as_str());
        named.chain(declared.map(str::to_owned))
    }

    fn code(&mut self, placed: &Placed) {
        if rule_name(placed.rule).as_deref() != Some("deny") {
            return;
        }
        let Rule::Spec { head, .. } = placed.rule else { return };
        match code_of(head) {
            Some(code) if self.codes.contains(&code) => {}
            Some(code) => self.codes.push(code),
            None => self.uncoded.push(reason(placed, placed.rule.span(), "the head's code is no text literal")),
        }
    }
}

fn code_of(head: &RuleHead) -> Option<String> {
    let RuleHead::Set { key: Some(key), .. } = head else { return None };
    let Expr::Object { fields, .. } = key.as_ref() else { return None };
    match fields.as_slice() {
        [(_, name, value)] if crate::policy::ast::text(name) == Some("code") => {
            crate::policy::ast::text(value).map(str::to_owned)
        }
        _ => None,
    }
}

fn reason(placed: &Placed, span: &Span, message: impl Into<String>) -> Reason {
    // The place as faults tell it: in characters, by the file's name for people.
    let fault: Fault = placed.scoped.parsed.fault(crate::policy::code::Code::EngineUnsafe, span, message);
    let subject = crate::text::without_middle(span.text(), 60);
    Reason { file: fault.file, line: fault.line, column: fault.column, subject, message: fault.message }
}

#[cfg(test)]
mod tests;
