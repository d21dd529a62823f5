//! The one integration test binary.

mod diffs;
mod report;
mod triage;

#[test]
fn version() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_govctl")).arg("--version").output().unwrap();
    assert_eq!(out.status.code(), Some(0));
}
