//! What a request may do: the table of deny codes, once more and without Rego.

pub mod oracle;
