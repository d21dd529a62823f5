//! Wire structs of the diff audit.

mod proof;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::clock::duration_text;

use super::finding::{Finding, Severity, fingerprint};
use super::{Record, schema_of};

pub use proof::{
    Between, BetweenClass, Decode, Digest, FailOn, Lags, PartitionProof, Progress, Proof, ProofSettings, StateMode,
};

pub(super) fn schemas() -> Vec<(String, Schema)> {
    vec![
        schema_of::<Diff>(),
        schema_of::<UnauthorizedWrite>(),
        schema_of::<Digest>(),
        schema_of::<Progress>(),
        schema_of::<Decode>(),
        schema_of::<Proof>(),
        schema_of::<Report>(),
        schema_of::<Explain>(),
        schema_of::<Verify>(),
    ]
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }
        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words!(/// US is `lhs`, EU is `rhs` in the usual set-up.
    Side { Lhs = "lhs", Rhs = "rhs" });
impl Side {
    /// In the order of the records.
    pub const BOTH: [Side; 2] = [Side::Lhs, Side::Rhs];
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

words!(/// Why two sides differ. `late` only on a closing record.
    Reason { Missing = "missing", Mismatch = "mismatch", Late = "late" });
words!(State { Open = "open", Closed = "closed" });
words!(Detail { NeverSeen = "never_seen", Deleted = "deleted", Stale = "stale", Divergent = "divergent" });
words!(/// What closed a diff.
    ClosedBy { Arrival = "arrival", Repair = "repair", Reversal = "reversal", Inconclusive = "inconclusive" });
words!(Triage { New = "new", Excepted = "excepted", Expired = "expired", Void = "void", Closed = "closed" });
words!(Confidence { Proven = "proven", Suspected = "suspected" });
words!(/// create, update, delete, snapshot read, truncate; `x` is an event that could not be read.
    Op { Create = "c", Update = "u", Delete = "d", Read = "r", Truncate = "t", Unreadable = "x" });

/// A divergence between the two sides, opened, revised or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    pub tenant: String,
    /// The other key columns: one as its plain text, several as a canonical JSON array.
    pub id: String,
    /// The table's kind in types.yaml.
    pub kind: String,
    /// Row digest, lower-case hex; empty where that side has no row.
    pub lhs_sha256: String,
    pub rhs_sha256: String,
    pub reason: Reason,
    /// Log time of the verdict, RFC 3339 UTC with milliseconds.
    pub ts: String,
    /// Identity of the divergence episode: 32 hex digits.
    pub diff_id: String,
    /// 0 first, +1 per change.
    pub rev: u32,
    pub state: State,
    pub detail: Detail,
    /// The side that lacks the row or lags; null where neither can be blamed.
    pub side: Option<Side>,
    pub region: Option<String>,
    /// Differing columns where both sources could be read again, else null.
    pub cols: Option<Vec<String>>,
    pub opened_ts: String,
    /// Log time of the deciding event minus the time at which the sides stopped matching.
    pub delay_ms: Option<i64>,
    pub closed_by: Option<ClosedBy>,
    /// `topic/partition/offset` of the event that set that side's state.
    pub lhs_at: Option<String>,
    pub rhs_at: Option<String>,
    /// `topic/partition/next_offset` per partition of the lagging side, or `["eof"]`: evidence for absence.
    pub read_to: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<Triage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl Diff {
    /// Closed because the lagging side caught up in time.
    pub fn is_late(&self) -> bool {
        self.state == State::Closed && self.reason == Reason::Late
    }

    /// Closed in any other way than by an arrival, with both sides in agreement.
    pub fn is_repaired(&self) -> bool {
        matches!(self.closed_by, Some(ClosedBy::Repair | ClosedBy::Reversal))
    }
}

impl Record for Diff {
    const TYPE: &'static str = "govctl.diff/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let mut cells = vec![
            ("TENANT", self.tenant.clone()),
            ("ID", self.id.clone()),
            ("KIND", self.kind.clone()),
            ("STATE", self.state.as_str().to_owned()),
            ("REASON", self.reason.as_str().to_owned()),
            ("DETAIL", self.detail.as_str().to_owned()),
            ("SIDE", self.region.clone().or(self.side.map(|s| s.as_str().to_owned())).unwrap_or("-".into())),
            ("COLUMNS", self.cols.as_ref().map_or("-".into(), |c| c.join(","))),
            ("SINCE", self.opened_ts.clone()),
            ("DELAY", self.delay_ms.map_or("-".into(), |d| format!("{:.1} s", d as f64 / 1000.0))),
        ];
        if let Some(triage) = self.triage {
            cells.push(("TRIAGE", triage.as_str().to_owned()));
            cells.push(("EXCEPTION", self.exception_id.clone().unwrap_or("-".into())));
            cells.push(("OWNER", self.owner.clone().unwrap_or("-".into())));
            cells.push(("TICKET", self.ticket.clone().unwrap_or("-".into())));
            cells.push(("EXPIRES", self.expires.clone().unwrap_or("-".into())));
        }
        Some(cells)
    }

    fn supersedes(&self) -> Option<&str> {
        (self.rev > 0).then_some(self.diff_id.as_str())
    }

    fn finding(&self) -> Option<Finding> {
        if self.state == State::Closed {
            return None;
        }
        let (code, severity) = match (self.reason, self.triage) {
            (_, Some(Triage::Excepted)) => ("diff_excepted", Severity::Note),
            (Reason::Missing, _) => ("diff_missing", Severity::Error),
            (_, _) => ("diff_mismatch", Severity::Error),
        };
        let key = format!("{}/{}", self.tenant, self.id);
        let message = match (&self.cols, self.reason) {
            (Some(cols), Reason::Mismatch) => {
                format!("{key} ({}) differs in {}: {}", self.kind, cols.join(", "), self.detail.as_str())
            }
            (None, Reason::Mismatch) => format!("{key} ({}) differs: {}", self.kind, self.detail.as_str()),
            _ => format!(
                "{key} ({}) is missing on {}: {}",
                self.kind,
                self.region.as_deref().unwrap_or("one side"),
                self.detail.as_str()
            ),
        };
        // Where the row is that the other side lacks.
        let there = self.lhs_at.as_ref().filter(|_| self.side == Some(Side::Rhs));
        let there = there.or(self.rhs_at.as_ref().filter(|_| self.side == Some(Side::Lhs)));
        let message = match there.filter(|_| self.reason == Reason::Missing) {
            Some(at) => format!("{message}; the other side has it at {at}"),
            None => message,
        };
        let mut finding = Finding::new("diff", code, severity, &key, message);
        finding.fingerprint = self.diff_id.clone();
        finding.kind = Some(self.kind.clone());
        finding.side = self.side.map(|s| s.as_str().to_owned());
        finding.ts = Some(self.ts.clone());
        Some(finding)
    }
}

/// A write outside the tenant's home region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnauthorizedWrite {
    /// Hash of job, side and position: 32 hex digits.
    pub write_id: String,
    pub tenant: String,
    pub id: String,
    pub kind: String,
    pub op: Op,
    /// Where it was written.
    pub region: String,
    pub home_region: String,
    /// Replication origin of the event, null for a local write.
    pub origin: Option<String>,
    /// `proven` by the replication origin, `suspected` from a row that home never had.
    pub confidence: Confidence,
    /// `topic/partition/offset`.
    pub at: String,
    pub source_ts_us: Option<i64>,
    /// Log time, RFC 3339.
    pub ts: String,
}

impl Record for UnauthorizedWrite {
    const TYPE: &'static str = "govctl.diff.unauthorized_write/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("UNAUTHORIZED WRITE", format!("{}/{}", self.tenant, self.id)),
            ("KIND", self.kind.clone()),
            ("OP", self.op.as_str().to_owned()),
            ("WRITTEN IN", self.region.clone()),
            ("HOME", self.home_region.clone()),
            ("ORIGIN", self.origin.clone().unwrap_or("local".into())),
            ("CONFIDENCE", self.confidence.as_str().to_owned()),
            ("AT", self.at.clone()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        let key = format!("{}/{}", self.tenant, self.id);
        let message = format!(
            "{key} ({}) of home region {} was written in {} ({})",
            self.kind,
            self.home_region,
            self.region,
            self.confidence.as_str()
        );
        let mut finding = Finding::new("diff", "unauthorized_write", Severity::Error, &key, message);
        finding.fingerprint = self.write_id.clone();
        finding.kind = Some(self.kind.clone());
        finding.ts = Some(self.ts.clone());
        Some(finding)
    }
}

/// One line of the daily report. Times in milliseconds; null where nothing was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// UTC day, YYYY-MM-DD.
    pub day: String,
    /// `*` in the total.
    pub tenant: String,
    pub kind: String,
    pub opened: u64,
    pub closed: u64,
    /// Open at the end of the day.
    pub open: u64,
    pub missing: u64,
    pub mismatch: u64,
    pub late: u64,
    pub capture_loss: Option<u64>,
    pub inconclusive: Option<u64>,
    /// Keys whose grace period still ran at the end of the recordings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<u64>,
    /// Null where writes outside the home region were not looked for, as far as is known.
    pub unauthorized: Option<u64>,
    pub excepted: u64,
    pub exceptions_active: Option<u64>,
    pub exceptions_expired: Option<u64>,
    pub exceptions_unused: Option<u64>,
    pub mttr_mean_ms: Option<i64>,
    pub mttr_p50_ms: Option<i64>,
    pub mttr_p95_ms: Option<i64>,
    pub exception_mttr_mean_ms: Option<i64>,
    pub exception_mttr_p50_ms: Option<i64>,
    pub exception_mttr_p95_ms: Option<i64>,
    pub late_mean_ms: Option<i64>,
    pub excepted_time_ms: Option<i64>,
    pub oldest_open_ms: Option<i64>,
    pub replication_lag_p50_ms: Option<i64>,
    pub replication_lag_p95_ms: Option<i64>,
    pub replication_lag_p99_ms: Option<i64>,
    pub audit_lag_p50_ms: Option<i64>,
    pub audit_lag_p95_ms: Option<i64>,
    pub audit_lag_p99_ms: Option<i64>,
    pub detection_delay_p50_ms: Option<i64>,
    pub detection_delay_p95_ms: Option<i64>,
    pub detection_delay_p99_ms: Option<i64>,
    /// p95 of audit lag and of detection delay within 60 s; null where no proof was given.
    pub slo_ok: Option<bool>,
    pub stalled_ms: Option<i64>,
    /// Share of the keys compared, 1 without sampling.
    pub sampled_share: Option<f64>,
    /// Exact 95 % interval for the table's rate of differing keys.
    pub rate_low: Option<f64>,
    pub rate_high: Option<f64>,
    pub poison: Option<u64>,
    pub proofs: Option<u64>,
    pub chain_ok: Option<bool>,
}

impl Record for Report {
    const TYPE: &'static str = "govctl.diff.report/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let counts = [
            ("OPENED", self.opened),
            ("CLOSED", self.closed),
            ("OPEN", self.open),
            ("EXCEPTED", self.excepted),
            ("MISSING", self.missing),
            ("MISMATCH", self.mismatch),
            ("LATE", self.late),
        ];
        let mut cells = vec![("DAY", self.day.clone()), ("TENANT", self.tenant.clone()), ("KIND", self.kind.clone())];
        cells.extend(counts.map(|(name, n)| (name, n.to_string())));
        cells.push(("UNAUTH", self.unauthorized.map_or("not checked".to_owned(), |n| n.to_string())));
        let exceptions = [self.exceptions_active, self.exceptions_expired, self.exceptions_unused];
        let exceptions = exceptions.map(|n| n.map_or("-".to_owned(), |n| n.to_string())).join("/");
        cells.push(("EXCEPTIONS act/exp/unused", exceptions));
        cells.push(("MTTR mean/p50/p95", durations([self.mttr_mean_ms, self.mttr_p50_ms, self.mttr_p95_ms])));
        let excepted = [self.exception_mttr_mean_ms, self.exception_mttr_p50_ms, self.exception_mttr_p95_ms];
        cells.push(("EXCEPTION MTTR", durations(excepted)));
        cells.push(("EXCEPTED TIME", durations([self.excepted_time_ms])));
        cells.push(("LATE MEAN", durations([self.late_mean_ms])));
        cells.push(("OLDEST OPEN", durations([self.oldest_open_ms])));
        cells.push(("SAMPLED", self.sampled_share.map_or("-".to_owned(), |s| s.to_string())));
        Some(cells)
    }
}

impl Report {
    /// Figures of the total that only proofs can tell, for people: name and text.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let lag = |p: [Option<i64>; 3]| durations(p);
        let count = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
        let yes = |b: Option<bool>, yes: &str, no: &str| match b {
            None => "-".to_owned(),
            Some(true) => yes.to_owned(),
            Some(false) => no.to_owned(),
        };
        let replication = [self.replication_lag_p50_ms, self.replication_lag_p95_ms, self.replication_lag_p99_ms];
        let audit = [self.audit_lag_p50_ms, self.audit_lag_p95_ms, self.audit_lag_p99_ms];
        let detection = [self.detection_delay_p50_ms, self.detection_delay_p95_ms, self.detection_delay_p99_ms];
        let rate = match (self.rate_low, self.rate_high) {
            (Some(low), Some(high)) => format!("{:.4} % to {:.4} %", low * 100.0, high * 100.0),
            _ => "-".to_owned(),
        };
        vec![
            ("replication lag p50/p95/p99", lag(replication)),
            ("audit lag p50/p95/p99", lag(audit)),
            ("detection delay p50/p95/p99", lag(detection)),
            ("objective (p95 within 60 s)", yes(self.slo_ok, "met", "MISSED")),
            ("capture loss", count(self.capture_loss)),
            ("inconclusive", count(self.inconclusive)),
            ("pending", count(self.pending)),
            ("poison", count(self.poison)),
            ("stalled", durations([self.stalled_ms])),
            ("rate of differing keys (95 % interval)", rate),
            ("proofs", count(self.proofs)),
            ("chain of proofs", yes(self.chain_ok, "unbroken", "BROKEN")),
        ]
    }
}

fn durations<const N: usize>(values: [Option<i64>; N]) -> String {
    if values.iter().all(Option::is_none) {
        return "-".to_owned();
    }
    values.map(|v| v.map_or("-".to_owned(), duration_text)).join(" / ")
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainColumn {
    pub name: String,
    /// Logical type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Null when only one side was given.
    pub equal: Option<bool>,
    /// Digest of the column's canonical text; null where it is SQL null or the row is absent.
    pub lhs_sha256: Option<String>,
    pub rhs_sha256: Option<String>,
    /// In words: why the two differ.
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lhs_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhs_text: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainEvent {
    pub side: Side,
    pub at: String,
    pub op: Op,
    pub version: Option<u64>,
    pub log_ts_ms: i64,
    pub sha256: String,
}

/// Everything known about one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explain {
    pub tenant: String,
    pub id: String,
    pub kind: String,
    pub cols: Vec<ExplainColumn>,
    pub history: Vec<ExplainEvent>,
}

impl Record for Explain {
    const TYPE: &'static str = "govctl.diff.explain/1";
}

/// One check of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verify {
    pub check: String,
    /// Null: the check could not be made and does not count as passed.
    pub ok: Option<bool>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub subject: String,
}

impl Record for Verify {
    const TYPE: &'static str = "govctl.diff.verify/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let word = match self.ok {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "not checked",
        };
        Some(vec![
            ("CHECK", self.check.clone()),
            ("RESULT", word.to_owned()),
            ("SUBJECT", self.subject.clone()),
            ("EXPECTED", self.expected.clone().unwrap_or("-".into())),
            ("ACTUAL", self.actual.clone().unwrap_or("-".into())),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        if self.ok != Some(false) {
            return None;
        }
        let message = format!(
            "{} of {} failed: expected {}, found {}",
            self.check,
            self.subject,
            self.expected.as_deref().unwrap_or("-"),
            self.actual.as_deref().unwrap_or("-")
        );
        let mut finding = Finding::new("diff", "verify_failed", Severity::Error, &self.subject, message);
        finding.fingerprint = fingerprint(&["diff", "verify_failed", &self.check, &self.subject]);
        Some(finding)
    }
}
