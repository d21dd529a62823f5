//! The public export index: pure logic, bytes in, bytes out.

pub mod catalog;
pub mod chain;
pub mod code;
pub mod digest;
pub mod leaf;
pub mod ledger;
pub mod row;
pub mod secrets;
pub mod site;
pub mod statement;

pub use code::{Code, Wrong};
