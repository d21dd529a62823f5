//! What a request may do: the table of deny codes, once more and without Rego.

pub mod compare;
pub mod domain;
pub mod field;
pub mod oracle;
pub mod uses;
