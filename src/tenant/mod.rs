//! What a request may do: decisions of a policy, and the table of deny codes once more and without Rego.

pub mod agree;
pub mod code;
pub mod compare;
pub mod decide;
pub mod domain;
pub mod explain;
pub mod faults;
pub mod field;
pub mod further;
pub mod mutation;
pub mod oracle;
mod parallel;
pub mod prove;
pub mod reads;
pub mod request;
mod second;
pub mod uses;
mod word;
