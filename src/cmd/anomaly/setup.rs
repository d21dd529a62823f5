//! adaptive.yaml and the parameter file of a verb.

use std::collections::BTreeMap;

use clap::{Args, ValueHint};

use crate::anomaly::rules::{self, Params, Rules};
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;

#[derive(Debug, Args)]
pub struct SetupArgs {
    /// Which series are watched and how: adaptive.yaml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    rules: String,
    /// Parameters that `anomaly tune` found for these rules
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    params: Option<String>,
}

impl SetupArgs {
    pub fn has_params(&self) -> bool {
        self.params.is_some()
    }
}

/// Rules without errors, and what was tuned of them.
pub struct Setup {
    pub rules: Rules,
    params: BTreeMap<String, Params>,
    pub inputs: Vec<Input>,
}

impl SetupArgs {
    /// Everything that is wrong is shown; the last error is the result.
    pub fn load(&self, ctx: &Ctx) -> Result<Setup> {
        let text = fs::read_small_text(&self.rules)?;
        let inputs = vec![Input::of_bytes(fs::record_name(&self.rules), text.as_bytes())];
        let checked = rules::read(&text);
        checked.warnings().for_each(|found| ctx.ui.warn(&found.error(&self.rules)));
        let errors: Vec<Error> = checked.errors().map(|found| found.error(&self.rules)).collect();
        let Some(rules) = checked.rules.filter(|_| errors.is_empty()) else {
            return Err(refused(ctx, errors, "invalid rules without an error"));
        };
        let mut setup = Setup { rules, params: BTreeMap::new(), inputs };
        if let Some(path) = &self.params {
            setup.params = setup.read_params(ctx, path)?;
        }
        Ok(setup)
    }
}

impl Setup {
    /// Parameters for these rules, by rule.
    pub fn read_params(&mut self, ctx: &Ctx, path: &str) -> Result<BTreeMap<String, Params>> {
        let text = fs::read_small_text(path)?;
        self.inputs.push(Input::of_bytes(fs::record_name(path), text.as_bytes()));
        rules::params::read(&text, &self.rules.rules).map_err(|found| {
            refused(ctx, found.iter().map(|found| found.error(path)).collect(), "invalid parameters without an error")
        })
    }

    /// By rule.
    pub fn params(&self) -> Vec<Option<&Params>> {
        self.rules.rules.iter().map(|rule| self.params.get(&rule.id)).collect()
    }
}

/// Shows all but the last, which is returned.
fn refused(ctx: &Ctx, mut errors: Vec<Error>, bug: &str) -> Error {
    let last = errors.pop();
    errors.iter().for_each(|error| ctx.ui.error(error));
    last.unwrap_or_else(|| Error::bug(bug))
}
