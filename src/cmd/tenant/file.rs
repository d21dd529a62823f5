//! The tenants.yaml that a verb works with.

use std::path::Path;

use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::Finding;
use crate::record::finding::fingerprint;
use crate::record::run::Input;
use crate::tenants::code::Code;
use crate::tenants::compile::Difference;
use crate::tenants::{self, Tenants};
use crate::ui::Ui;

pub const DEFAULT: &str = "config/tenants.yaml";

/// The file that was named, or the default one, which then has to be there.
pub fn named(given: Option<&str>) -> Result<&str> {
    match given {
        Some(path) => Ok(path),
        None if fs::exists(Path::new(DEFAULT)) => Ok(DEFAULT),
        None => Err(Error::usage("there is no such file, and no other one was named")
            .at_file(DEFAULT)
            .hint("name the file, or change into the folder that holds config/")),
    }
}

/// For a verb that needs a valid file: everything that is wrong with it is shown, and the last error is the result.
pub fn load(ui: &Ui, path: &str) -> Result<(Tenants, Input)> {
    let text = fs::read_small_text(path)?;
    Ok((parse(ui, path, &text)?, input(path, text.as_bytes())))
}

/// The same of a text that was read elsewhere.
pub fn parse(ui: &Ui, path: &str, text: &str) -> Result<Tenants> {
    let checked = tenants::read(text, None);
    checked.warnings().for_each(|found| ui.warn(&found.error(path)));
    let mut errors: Vec<Error> = checked.errors().map(|found| found.error(path)).collect();
    let last = errors.pop();
    errors.iter().for_each(|error| ui.error(error));
    match (checked.tenants, last) {
        (Some(tenants), None) => Ok(tenants),
        (_, Some(last)) => Err(last),
        (None, None) => Err(Error::bug("an invalid list of tenants without an error").at_file(path)),
    }
}

/// A file's entry in the inputs of the run.
pub fn input(path: &str, bytes: &[u8]) -> Input {
    Input::of_bytes(fs::record_name(path), bytes)
}

/// Compiled data that was committed, `committed`, is not what the list at `path` compiles to.
pub fn differs(difference: &Difference, committed: &str, path: &str) -> Finding {
    let (code, file) = (Code::DataDiffers, fs::record_name(committed));
    let subject = if difference.pointer.is_empty() { &file } else { &difference.pointer };
    let mut finding = Finding::new("tenant", code.as_str(), code.severity(), subject, difference.message.clone());
    finding.fingerprint = fingerprint(&["tenant", code.as_str(), &file, &difference.pointer]);
    finding.hint = Some(format!("compile it again: govctl tenant compile {path} -o {committed}"));
    finding.file = Some(file);
    finding
}
