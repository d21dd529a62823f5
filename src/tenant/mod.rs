//! What a request may do: the table of deny codes, once more and without Rego.

pub mod code;
pub mod compare;
pub mod domain;
pub mod field;
pub mod oracle;
pub mod prove;
pub mod uses;
