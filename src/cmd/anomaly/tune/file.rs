//! The parameter file of a run of `tune`: what it held, what it is to hold.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::setup::Setup;
use super::PARAMS;
use crate::anomaly::code::Code;
use crate::anomaly::rules::{Params, params};
use crate::cmd::{Ctx, Session};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;
use crate::text::sha256_hex;

/// No parameter file is larger.
const LARGEST: u64 = 1 << 30;

pub struct File {
    pub path: String,
    /// Something else was written than what was there.
    changed: bool,
    /// What was there; None where nothing was.
    before: Option<Vec<u8>>,
    /// The parameters in use.
    old: BTreeMap<String, Params>,
    /// Lines to come, by rule.
    lines: BTreeMap<String, String>,
    /// Some rule was written or kept: else the file is left alone.
    wanted: bool,
}

impl File {
    /// With `given`, the parameters of the set-up are in use; else those of the file itself, where it is there.
    pub fn load(ctx: &Ctx, path: &str, given: bool, setup: &Setup, inputs: &mut Vec<Input>) -> Result<File> {
        // What is written through, such as a device, holds nothing.
        let before = if fs::may_wait(path) { None } else { fs::read_if_there(path, LARGEST)? };
        let own = match &before {
            Some(bytes) => {
                inputs.push(Input::of_bytes(fs::record_name(path), bytes));
                read(ctx, path, bytes, setup)?
            }
            None => BTreeMap::new(),
        };
        let named = |params: &Params| (params.rule.clone(), params.clone());
        let old = if given { setup.params().into_iter().flatten().map(named).collect() } else { own.clone() };
        // A rule that is refused goes on with what the file has for it, else with what is in use.
        let lines = old.values().chain(own.values()).map(|params| (params.rule.clone(), params.line.clone())).collect();
        Ok(File { path: path.to_owned(), changed: false, before, old, lines, wanted: false })
    }

    pub fn old(&self, rule: &str) -> Option<&Params> {
        self.old.get(rule)
    }

    pub fn put(&mut self, rule: &str, line: String) {
        self.lines.insert(rule.to_owned(), line);
        self.wanted = true;
    }

    /// The line in use stays, or comes from another file.
    pub fn keep(&mut self, rule: &str) {
        if let Some(old) = self.old.get(rule) {
            self.put(rule, old.line.clone());
        }
    }

    /// Of the line that is in force for the rule.
    pub fn sha256(&self, rule: &str) -> Option<String> {
        self.lines.get(rule).map(|line| sha256_hex(line.as_bytes()))
    }

    /// For the summary.
    pub fn became(&self) -> &'static str {
        match (self.changed, &self.before) {
            (true, _) => "was written",
            (false, Some(_)) => "is as it was",
            (false, None) => "was not made",
        }
    }

    /// Replaces the file where it is to change; the evidence gets what it holds now.
    pub fn save(&mut self, session: &mut Session) -> Result<()> {
        if !self.wanted {
            return Ok(());
        }
        let bytes = self.lines.values().map(String::as_str).collect::<String>().into_bytes();
        if self.before.as_ref() != Some(&bytes) {
            session.flush()?;
            fs::write_output(Path::new(&self.path), &bytes)?;
            self.changed = true;
        }
        session.evidence.as_mut().map_or(Ok(()), |dir| dir.add_file(PARAMS, &bytes))
    }
}

/// Parameters that do not fit the rules any more are what `tune` is run for: they are not in use. Anything else is no
/// parameter file, and is not written over.
fn read(ctx: &Ctx, path: &str, bytes: &[u8], setup: &Setup) -> Result<BTreeMap<String, Params>> {
    let text = fs::utf8(bytes.to_vec(), path).map_err(|e| foreign(e, path))?;
    let (own, found) = params::sift(&text, &setup.rules.rules);
    for found in &found {
        if found.code != Code::StaleParams {
            return Err(foreign(found.error(path), path));
        }
        let mut stale = found.error(path);
        stale.hint = None;
        ctx.ui.warn(&Error { message: format!("{}; they count as none", stale.message), ..stale });
    }
    Ok(own)
}

fn foreign(e: Error, path: &str) -> Error {
    let place = e.place.clone();
    let error = Error::usage(format!("--out would be written over what is no parameter file: {}", e.message));
    Error { place, ..error }.hint(format!("remove {path}, or name another file"))
}
