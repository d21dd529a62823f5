//! One mistake in adaptive.yaml or in a parameter file, with its place.

use crate::anomaly::code::Code;
use crate::error::Error;
use crate::record::Finding;
use crate::record::finding::fingerprint;
use crate::yaml::{Fault, Kind, Location};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub code: Code,
    /// 0 where no place is known.
    pub line: u64,
    pub column: u64,
    /// The id of the rule; empty where it is the file.
    pub subject: String,
    /// The field: it tells findings apart over runs.
    pub field: String,
    pub message: String,
    pub hint: Option<String>,
}

impl Found {
    pub fn new(code: Code, place: Location, subject: &str, field: &str, message: impl Into<String>) -> Found {
        Found {
            code,
            line: place.line(),
            column: place.column(),
            subject: subject.to_owned(),
            field: field.to_owned(),
            message: message.into(),
            hint: None,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Found {
        self.hint = Some(hint.into());
        self
    }

    /// As a record; `file` is its name there.
    pub fn finding(&self, file: &str) -> Finding {
        let (code, subject) = (self.code.as_str(), if self.subject.is_empty() { file } else { &self.subject });
        let mut finding = Finding::new("anomaly", code, self.code.severity(), subject, self.message.clone());
        finding.fingerprint = fingerprint(&["anomaly", code, file, subject, &self.field]);
        finding.file = Some(file.to_owned());
        finding.line = (self.line > 0).then_some(self.line);
        finding.column = (self.line > 0 && self.column > 0).then_some(self.column);
        finding.hint = self.hint.clone();
        finding
    }

    /// As an error of a verb that needs the file.
    pub fn error(&self, file: &str) -> Error {
        let message = if self.subject.is_empty() { self.message.clone() } else { self.finding(file).text() };
        let error = match self.line {
            0 => Error::usage(message).at_file(file),
            line => Error::usage(message).at(file, line, (self.column > 0).then_some(self.column)),
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
            Kind::Syntax | Kind::Feature | Kind::DuplicateKey | Kind::Limit => Code::RulesSyntax,
            Kind::Ambiguous => Code::RulesAmbiguous,
            Kind::UnknownKey => Code::UnknownField,
            Kind::Empty | Kind::MissingKey => Code::FieldMissing,
            Kind::WrongType => Code::FieldType,
        };
        let field = fault.message.clone();
        Found { hint: fault.hint, ..Found::new(code, fault.place, "", &field, fault.message) }
    }
}
