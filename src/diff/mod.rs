//! The diff audit: pure logic, no I/O.

pub mod arrived;
pub mod canon;
pub mod code;
pub mod decode;
pub mod event;
pub mod exceptions;
pub mod explain;
pub mod frame;
pub mod hash;
pub mod home;
pub mod join;
pub mod keys;
pub mod lag;
pub mod ledger;
pub mod merge;
pub mod names;
pub mod notes;
pub mod pages;
pub mod plan;
pub mod report;
pub mod shape;
pub mod types;
pub mod verify;
pub mod wire;
