//! One mistake in tenants.yaml or routes.yaml, with its place.

use super::code::Code;
use crate::error::Error;
use crate::record::Finding;
use crate::record::finding::fingerprint;
use crate::yaml::{Fault, Kind, Location};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub code: Code,
    pub line: u64,
    pub column: u64,
    /// The tenant, region, class or prefix; empty where it is the file.
    pub subject: String,
    /// Where in the subject, such as `data_classes.audit`, and which value: they tell findings apart over runs.
    pub field: String,
    pub message: String,
    pub hint: Option<String>,
}

impl Found {
    pub fn new(
        code: Code,
        place: Location,
        subject: &str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
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

    /// A mistake of structure at a place that is known better than the file alone.
    pub fn of(fault: Fault, subject: &str, field: &str) -> Self {
        Found { subject: subject.to_owned(), field: field.to_owned(), ..fault.into() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As a record; `file` is its name there.
    pub fn finding(&self, file: &str) -> Finding {
        let (code, subject) = (self.code.as_str(), if self.subject.is_empty() { file } else { &self.subject });
        let mut finding = Finding::new("tenant", code, self.code.severity(), subject, self.message.clone());
        finding.fingerprint = fingerprint(&["tenant", code, file, subject, &self.field]);
        finding.file = Some(file.to_owned());
        finding.line = (self.line > 0).then_some(self.line);
        finding.column = (self.line > 0).then_some(self.column);
        finding.hint = self.hint.clone();
        finding
    }

    /// As an error of a verb that needs the file.
    pub fn error(&self, file: &str) -> Error {
        let message = if self.subject.is_empty() { self.message.clone() } else { self.finding(file).text() };
        let error = Error::usage(message);
        let error = match self.line {
            0 => error.at_file(file),
            line => error.at(file, line, Some(self.column)),
        };
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}

impl From<Fault> for Found {
    fn from(fault: Fault) -> Found {
        let code = match fault.kind {
            Kind::Syntax => Code::YamlSyntax,
            Kind::Feature => Code::YamlFeature,
            Kind::Ambiguous => Code::AmbiguousScalar,
            Kind::DuplicateKey => Code::DuplicateKey,
            Kind::UnknownKey => Code::UnknownKey,
            Kind::MissingKey | Kind::Empty => Code::MissingKey,
            Kind::WrongType => Code::WrongType,
            Kind::Limit => Code::OverLimit,
        };
        let (field, empty) = (fault.message.clone(), fault.kind == Kind::Empty);
        let schema = || "`govctl tenant schema` says what belongs in it".to_owned();
        let hint = fault.hint.or_else(|| empty.then(schema));
        Found { hint, ..Found::new(code, fault.place, "", field, fault.message) }
    }
}
