//! One thing that is wrong with a policy, with its place.

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::source::File;
use crate::error::Error;
use crate::record::Finding;
use crate::record::finding::fingerprint;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub code: Code,
    /// The file's name for people.
    pub file: String,
    /// From 1; 0 where it is the whole file.
    pub line: u64,
    pub column: u64,
    /// The rule, builtin or reference that is concerned; empty where it is the file.
    pub subject: String,
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    pub fn new(code: Code, file: &File, line: u64, column: u64, message: impl Into<String>) -> Self {
        Fault {
            code,
            file: file.shown.clone(),
            line,
            column,
            subject: String::new(),
            message: message.into(),
            hint: None,
        }
    }

    /// Of a policy without any file.
    pub fn of_nothing(code: Code, message: &str) -> Self {
        let file = File { name: String::new(), shown: "-".to_owned(), text: String::new() };
        Self::new(code, &file, 0, 0, message)
    }

    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As a record of the noun that loaded the policy.
    pub fn finding(&self, source: &str) -> Finding {
        let subject = if self.subject.is_empty() { &self.file } else { &self.subject };
        let mut finding = Finding::new(source, self.code.as_str(), self.code.severity(), subject, self.message.clone());
        finding.fingerprint = fingerprint(&[source, self.code.as_str(), &self.file, subject, &self.message]);
        finding.file = Some(self.file.clone());
        finding.line = (self.line > 0).then_some(self.line);
        finding.column = (self.line > 0).then_some(self.column);
        finding.hint = self.hint.clone();
        finding
    }

    /// As an error of a verb that needs the policy.
    pub fn error(&self) -> Error {
        // The place names the file already.
        let text = if self.subject.is_empty() { self.message.clone() } else { self.finding("").text() };
        let error = Error::usage(text);
        let error = match self.line {
            0 => error.at_file(&self.file),
            line => error.at(&self.file, line, Some(self.column)),
        };
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}
