//! The file of `--domain`: input fields beside the seven.

use clap::{Args, ValueHint};

use super::file;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;
use crate::tenant::further::Further;

#[derive(Debug, Args)]
pub struct DomainArgs {
    /// Fields of the input beside the seven that the policy reads, JSON: pointer to values, e.g. {"/context/purpose": ["support"]}
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub domain: Option<String>,
}

impl DomainArgs {
    /// None are further where no file was named; the file is one more input.
    pub fn load(&self, inputs: &mut Vec<Input>) -> Result<Further> {
        let Some(path) = &self.domain else { return Ok(Further::default()) };
        let text = fs::read_small_text(path)?;
        let further = serde_json::from_str(&text).map_err(|e| {
            Error::usage(without_place(&e.to_string()))
                .at(path, e.line() as u64, Some(e.column() as u64))
                .hint("an object of JSON pointers with the values to look at: {\"/context/purpose\": [\"support\", \"billing\"]}")
        })?;
        inputs.push(file::input(path, text.as_bytes()));
        Ok(further)
    }
}

/// The place is told in front of the message.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}
