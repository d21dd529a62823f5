//! JSON as spans over the bytes of a line: nothing is built, everything is checked.

pub mod scan;
pub mod search;
pub mod text;
pub mod walk;

pub use scan::{Kind, Span};
