//! Why a file of the log is not accepted.

use std::fmt;

use super::code::Code;
use crate::error::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub code: Code,
    pub message: String,
    /// Of the file, from 1 on, where it has lines.
    pub line: Option<u64>,
}

impl Wrong {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Wrong { code, message: message.into(), line: None }
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Wrong::new(Code::Malformed, message)
    }

    pub(super) fn bad_note(message: impl Into<String>) -> Self {
        Wrong::new(Code::BadNote, message)
    }

    pub fn line(self, line: u64) -> Self {
        Wrong { line: Some(line), ..self }
    }

    /// The same mistake in a part of a file that begins after some lines.
    pub(super) fn after(self, lines: u64) -> Self {
        Wrong { line: self.line.map(|line| line + lines), ..self }
    }

    /// As an error of a verb that needs the file.
    pub fn error(&self, file: &str) -> Error {
        let error = Error::input(self.message.clone());
        match self.line {
            Some(line) => error.at(file, line, None),
            None => error.at_file(file),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Wrong {}
