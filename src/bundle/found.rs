//! One reason why a bundle is not used, with the file inside it.

use super::code::Code;
use crate::error::Error;
use crate::record::Finding;
use crate::record::finding::fingerprint;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub code: Code,
    /// The file inside the bundle; empty where it is the bundle itself.
    pub entry: String,
    pub message: String,
    pub hint: Option<String>,
}

impl Found {
    pub fn new(code: Code, entry: &str, message: impl Into<String>) -> Self {
        Found { code, entry: entry.to_owned(), message: message.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As a record; `file` is the bundle's name there.
    pub fn finding(&self, file: &str) -> Finding {
        let (code, subject) = (self.code.as_str(), if self.entry.is_empty() { file } else { &self.entry });
        let mut finding = Finding::new("tenant", code, self.code.severity(), subject, self.message.clone());
        finding.fingerprint = fingerprint(&["tenant", code, file, &self.entry]);
        finding.file = Some(file.to_owned());
        finding.hint = self.hint.clone();
        finding
    }

    /// As an error of a verb that needs the bundle.
    pub fn error(&self, file: &str) -> Error {
        let message =
            if self.entry.is_empty() { self.message.clone() } else { format!("{}: {}", self.entry, self.message) };
        let error = Error::input(message).at_file(file);
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}
