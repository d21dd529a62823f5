//! The diff audit: pure logic, no I/O.

pub mod code;
pub mod exceptions;
pub mod lag;
pub mod report;
pub mod yaml;
