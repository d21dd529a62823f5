//! How a run is asked to compare: by its flags, or by the proof of a run that is made again.

use clap::ValueEnum;

use crate::diff::join::Settings;
use crate::exit::Exit;
use crate::record::diff::{FailOn, Proof, ProofSettings, StateMode};
use crate::record::run::Counts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AtEnd {
    /// The end of the input is the end of the log: a verdict on every key
    Final,
    /// Keys inside the grace period are counted as pending
    Hold,
}

impl AtEnd {
    pub fn as_str(self) -> &'static str {
        match self {
            AtEnd::Final => "final",
            AtEnd::Hold => "hold",
        }
    }
}

/// Everything that decides about the records of a run, but for its sources, types, keys and lists.
#[derive(Debug, Clone)]
pub struct How {
    /// Digest streams were read in place of recordings.
    pub digests: bool,
    pub grace_ms: i64,
    pub at_end: AtEnd,
    pub settings: ProofSettings,
}

/// What a run met that no count shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// A side gave no sign of life at the end.
    pub stalled: bool,
    /// A source could not be read to its end.
    pub input_failed: bool,
    /// No verdict is one on a row.
    pub no_row: bool,
}

impl How {
    /// As the run of a proof was asked; None where the proof does not tell.
    pub fn of(proof: &Proof) -> Option<How> {
        Some(How {
            digests: proof.mode == "digests",
            grace_ms: proof.grace_ms,
            at_end: AtEnd::from_str(&proof.at_end, false).ok()?,
            settings: proof.settings.clone()?,
        })
    }

    pub fn join(&self) -> Settings {
        let s = &self.settings;
        let bytes = |mb: u64| usize::try_from(mb.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
        Settings {
            grace_ms: self.grace_ms,
            late_after_ms: s.late_after_ms,
            late_max_ms: s.late_max_ms,
            disorder_ms: s.disorder_ms,
            at_end_final: self.at_end == AtEnd::Final,
            window: s.state == StateMode::Window,
            max_state_bytes: bytes(s.max_state_mb),
            max_settled_bytes: bytes(s.max_settled_mb),
            allow_poison: s.allow_poison,
            second_pass: s.second_pass,
        }
    }

    /// There is no verdict on any key, or all of them are on deletes, and that was not accepted.
    pub fn proves_nothing(&self, counts: &Counts, no_row: bool) -> bool {
        let keys = ["ok", "diff", "inconclusive"].iter().filter_map(|name| counts.get(*name)).sum::<u64>();
        (no_row || keys == 0) && !self.settings.allow_empty
    }

    /// The exit code that follows from the counts, the number of error findings, and what was met.
    pub fn exit(&self, counts: &Counts, error_findings: u64, met: Trouble) -> Exit {
        let n = |name: &str| counts.get(name).copied().unwrap_or(0);
        let open = (n("missing") + n("mismatch")).saturating_sub(n("excepted"));
        let inconclusive = n("inconclusive") > 0 && !self.settings.allow_inconclusive;
        // Of a tenant that tenants.yaml does not know nobody can say whether a write was authorised.
        let homeless = n("home_unknown") > 0 && !self.settings.allow_inconclusive;
        let diff = open > 0 || n("unauthorized") > 0 || error_findings > 0 || inconclusive;
        let found = match self.settings.fail_on {
            FailOn::Never => false,
            FailOn::Unauthorized => n("unauthorized") > 0 || homeless,
            FailOn::Diff => diff,
            FailOn::Late => diff || n("late") + n("repaired") > 0,
        };
        let mut exit = Exit::found(found);
        if met.stalled {
            exit = exit.and(Exit::Environment);
        }
        if n("poison") > 0 || met.input_failed || self.proves_nothing(counts, met.no_row) {
            exit = exit.and(Exit::Input);
        }
        exit
    }
}
