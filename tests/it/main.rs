//! The one integration test binary.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests may fail loudly and use the file system"
)]

mod diffs;
mod report;
mod triage;

#[test]
fn version() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_govctl")).arg("--version").output().unwrap();
    assert_eq!(out.status.code(), Some(0));
}
