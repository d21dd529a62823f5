//! The public export index: pure logic, bytes in, bytes out.

pub mod chain;
pub mod code;
pub mod digest;
pub mod leaf;
pub mod statement;
pub mod view;

pub use code::{Code, Wrong};
