//! A policy on trial in a child process: generated inputs on both engines, which must decide alike. What hangs or dies
//! there would do so in the verb too.

use serde::{Deserialize, Serialize};

use super::policy::Source;
use super::worker::{self, Job, Limits};
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::policy::code::Code;
use crate::policy::{Fault, Sources, check};
use crate::tenant::agree;
use crate::tenants::data::Data;

/// Checks and, where nothing is wrong, evaluates.
#[derive(Serialize, Deserialize)]
pub struct Trial {
    pub sources: Sources,
    pub data: Data,
}

impl Job for Trial {
    const NAME: &'static str = "trial";
    type Event = ();
    type Done = Vec<Fault>;

    fn policy(&self) -> &Sources {
        &self.sources
    }

    fn run(self, _tell: &mut dyn FnMut(())) -> Vec<Fault> {
        let faults = check(&self.sources, true);
        if !faults.is_empty() {
            return faults;
        }
        agree::check(&self.sources.without_tests(), &self.data).err().unwrap_or_default()
    }
}

/// For a verb that is about to rely on the policy.
pub fn stand(ctx: &Ctx, limits: &Limits, source: &Source) -> Result<()> {
    let trial = Trial { sources: source.sources.clone(), data: source.data.clone() };
    let faults = worker::run(ctx, limits, trial, |()| Ok(()))?.unwrap_or_else(|fault| vec![fault]);
    match faults.iter().find(|fault| fault.code == Code::EngineDisagreement) {
        Some(fault) => Err(Error::bug(format!("the engines disagree: {}", fault.message))
            .hint("no decision of this policy can be relied on; report the policy and the input")),
        None => super::policy::refuse(ctx, faults),
    }
}
