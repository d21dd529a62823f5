//! The exception list of a run, and what it makes of the run's diffs.

use super::stream;
use crate::diff::exceptions::{Exceptions, Judge};
use crate::diff::join::Output;
use crate::error::Result;
use crate::record::Finding;

/// The exception list of a run.
pub struct Accepted {
    list: Exceptions,
    pub sha256: String,
}

impl Accepted {
    pub fn load(path: &str) -> Result<Accepted> {
        let (list, input) = stream::load_exceptions(path, None)?;
        Ok(Accepted { list, sha256: input.sha256.unwrap_or_default() })
    }

    /// Marks the diffs; returns them, findings about the list, and how many open ones are excused.
    pub fn judge(&self, mut outputs: Vec<Output>, now_ms: i64) -> (Vec<Output>, Vec<Finding>, u64) {
        let mut judge = Judge::new(&self.list, now_ms);
        for output in &outputs {
            if let Output::Diff(verdict) = output {
                judge.see(&verdict.diff);
            }
        }
        for output in &mut outputs {
            if let Output::Diff(verdict) = output {
                judge.decide(&mut verdict.diff);
            }
        }
        let (findings, tally) = judge.finish();
        (outputs, findings, tally.excepted)
    }
}
