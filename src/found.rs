//! One mistake in a file that people write, with its place: what a noun's checks find, before it is a record or an error.

use crate::error::Error;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Severity};
use crate::yaml::Location;

/// The finding codes of a noun.
pub trait Coded: Copy {
    /// The noun, as findings name it.
    const SOURCE: &'static str;

    fn text(self) -> &'static str;
    fn severity(self) -> Severity;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<C> {
    pub code: C,
    /// 0 where no place is known.
    pub line: u64,
    pub column: u64,
    /// What it is about, such as a tenant or a rule; empty where it is the file.
    pub subject: String,
    /// Where in the subject, such as `data_classes.audit`, and which value: they tell findings apart over runs.
    pub field: String,
    pub message: String,
    pub hint: Option<String>,
}

impl<C: Coded> Found<C> {
    pub fn new(
        code: C,
        place: Location,
        subject: &str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Found<C> {
        Found {
            code,
            line: place.line(),
            column: place.column(),
            subject: subject.to_owned(),
            field: field.into(),
            message: message.into(),
            hint: None,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Found<C> {
        self.hint = Some(hint.into());
        self
    }

    fn column(&self) -> Option<u64> {
        (self.line > 0 && self.column > 0).then_some(self.column)
    }

    /// As a record; `file` is its name there.
    pub fn finding(&self, file: &str) -> Finding {
        let (code, subject) = (self.code.text(), if self.subject.is_empty() { file } else { &self.subject });
        let mut finding = Finding::new(C::SOURCE, code, self.code.severity(), subject, self.message.clone());
        finding.fingerprint = fingerprint(&[C::SOURCE, code, file, subject, &self.field]);
        finding.file = Some(file.to_owned());
        finding.line = (self.line > 0).then_some(self.line);
        finding.column = self.column();
        finding.hint = self.hint.clone();
        finding
    }

    /// As an error of a verb that needs the file.
    pub fn error(&self, file: &str) -> Error {
        let message = if self.subject.is_empty() { self.message.clone() } else { self.finding(file).text() };
        let error = match self.line {
            0 => Error::usage(message).at_file(file),
            line => Error::usage(message).at(file, line, self.column()),
        };
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}
