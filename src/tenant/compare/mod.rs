//! Which access a change of policy or data adds, takes away or denies with other codes, over the complete domain of both
//! sides.

pub mod accept;
pub mod code;
mod fleet;
mod groups;
mod near;
mod parts;
mod plan;
mod sweep;

use serde::{Deserialize, Serialize};

use crate::policy::{Sources, check};
use crate::record::tenant::{Access, Mode};
use crate::tenant::code::Code;
use crate::tenant::further::Further;
use crate::tenant::prove::Failed;
use crate::tenant::uses::Reason;
use crate::tenants::data::Data;
use parts::Parts;
use plan::Plan;
use sweep::Sweep;

/// A policy with its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Side {
    pub sources: Sources,
    pub data: Data,
}

/// Everything that the answer depends on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub base: Side,
    pub head: Side,
    /// Fields of the input beside the seven.
    pub further: Further,
    /// None: `full` up to 100,000 points and where tenants cannot stand for each other, else `classes`.
    pub mode: Option<Mode>,
    pub max_points: u64,
    pub jobs: usize,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// By change, tenant, owner and cause.
    pub access: Vec<Access>,
    pub mode: Mode,
    /// How many inputs both sides decided.
    pub points: u64,
    /// Why nothing was compared; then nothing is known about the change.
    pub reasons: Vec<String>,
    /// The places that are the reasons, where there are any.
    pub findings: Vec<(Code, Reason)>,
}

/// `tell` hears how many points of how many are done.
pub fn compare(question: &Question, tell: &mut dyn FnMut(u64, u64)) -> Result<Answer, Failed> {
    for side in [&question.base, &question.head] {
        let faults = check(&side.sources, true);
        if !faults.is_empty() {
            return Err(Failed::Policy(faults));
        }
    }
    let parts = Parts::of(&question.base, &question.head);
    if parts.is_empty() {
        // The same policy over the same data decides the same, whatever can be said about the policy.
        let mode = question.mode.unwrap_or(Mode::Full);
        return Ok(Answer { access: vec![], mode, points: 0, reasons: vec![], findings: vec![] });
    }
    let plan = Plan::new(question, &parts)?;
    let (mut access, mut points) = (Vec::new(), 0);
    if plan.reasons.is_empty() {
        let sweep = Sweep { question, plan: &plan, parts: &parts };
        access = sweep.run(tell).map_err(Failed::Engine)?.access(&plan);
        points = plan.looked.len();
    }
    Ok(Answer { access, mode: plan.mode, points, reasons: plan.reasons, findings: plan.findings })
}
