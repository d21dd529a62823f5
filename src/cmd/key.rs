//! Keys as they are given: a file, or `env:NAME`. Never as a value, which others on the machine would see.

use crate::config;
use crate::error::{Error, Result};
use crate::io::fs;

const VARIABLE: &str = "env:";

/// The text of a key.
pub fn read(given: &str) -> Result<String> {
    match given.strip_prefix(VARIABLE) {
        None => fs::read_small_text(given),
        Some(name) => config::variable(name)
            .ok_or_else(|| Error::usage(format!("the environment has no variable `{name}` with a text"))),
    }
}
