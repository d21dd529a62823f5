//! The diff audit: pure logic, no I/O.

pub mod code;
pub mod lag;
