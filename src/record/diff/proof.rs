//! What lets two regions and a stranger check a comparison: digests, how far a side was read, and the proof.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Op, Side};
use crate::record::Record;
use crate::record::run::Counts;

/// One change event as digests: no payload leaves its region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub kind: String,
    /// Canonical key, `["audit","acme",10000]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Of an unreadable record: the canonical key of its row, where that is not the event key. Both are in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_key: Option<String>,
    pub side: Side,
    pub op: Op,
    /// Row digest; empty when deleted, unreadable, or while a placeholder is open.
    pub sha256: String,
    /// Digest of the row without its toast columns, in tables that have such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_sha256: Option<String>,
    /// Digest of the row with decimal NaN and Infinity taken as null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_sha256: Option<String>,
    /// Per toast column: hex of its part, null, or "inherit" for a placeholder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toast: Option<BTreeMap<String, Option<String>>>,
    /// Fingerprint of the compared columns present in the event: 8 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cols_fp: Option<String>,
    /// Fingerprint of profile, table entry and key id: 8 hex digits.
    pub profile_fp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    pub topic: String,
    pub partition: u32,
    pub offset: u64,
    pub log_ts_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ts_us: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_lsn: Option<u64>,
    pub unauthorized: bool,
    /// The key is not in the table's sample; the record is here only because of the write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sampled_out: bool,
    /// Home region of the tenant, where `--tenants` knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_region: Option<String>,
    /// Digest of a row with an open placeholder, as it stands in the proof's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf_sha256: Option<String>,
    /// Records of the partition between the digest before this one and this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Between>,
}

/// Records that have no digest of their own and are leaves of the proof all the same: with them a reader can compute the
/// partition's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Between {
    pub class: BetweenClass,
    /// Offset of the first.
    pub offset: u64,
    /// How many records with offsets that follow each other.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub n: u64,
    /// Of a tombstone: SHA-256 of the canonical key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BetweenClass {
    Tombstone,
    Control,
    SampledOut,
}

fn one() -> u64 {
    1
}

fn is_one(n: &u64) -> bool {
    *n == 1
}

impl Record for Digest {
    const TYPE: &'static str = "govctl.diff.digest/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("SIDE", self.side.as_str().to_owned()),
            ("TENANT", self.tenant.clone().unwrap_or_default()),
            ("ID", self.id.clone().unwrap_or_default()),
            ("KIND", self.kind.clone()),
            ("OP", self.op.as_str().to_owned()),
            ("AT", format!("{}/{}/{}", self.topic, self.partition, self.offset)),
            ("SHA256", self.sha256.clone()),
        ])
    }
}

/// How far one source partition has been read, and the Merkle root over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    pub side: Side,
    pub topic: String,
    pub partition: u32,
    /// Next offset.
    pub read_to: u64,
    /// Largest log time read.
    pub log_ts_ms: i64,
    /// The connector's last sign of life.
    pub alive_ts_ms: i64,
    /// Log time of the start of the proof window; 0 where it is not known yet.
    pub window: i64,
    /// First offset of the window.
    pub from: u64,
    /// Records of the window.
    pub records: u64,
    /// Merkle leaves (pages of 256 offsets).
    pub leaves: u64,
    /// RFC 6962 root over the pages, hex; empty for a topic without leaves.
    pub root: String,
    /// Nothing more of this partition belongs to the window.
    pub sealed: bool,
    /// Records sent so far to each output partition.
    pub emitted: Vec<u64>,
    /// Records of the partition after its last digest so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Between>,
}

impl Record for Progress {
    const TYPE: &'static str = "govctl.diff.progress/1";
}

/// Closes one side's digest stream: what was counted and what was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decode {
    pub side: Side,
    /// The job of the types.yaml that the digests were made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    pub counts: Counts,
    /// `kind.column`.
    pub columns_not_compared: Vec<String>,
    /// The rows were compared by inferred types.
    pub inferred: bool,
    /// There was no types.yaml: the column types are those of the events' schema blocks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub schema_blocks: bool,
    /// The recordings held bare values: topics and partitions are not those of a log.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
    /// Types that schema blocks gave to columns which types.yaml does not declare, by `kind.column`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub column_types: BTreeMap<String, BTreeSet<String>>,
    /// Declared columns that the rows held, by kind; no entry for a table without rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns_held: BTreeMap<String, BTreeSet<String>>,
    /// Unauthorised writes were looked for.
    pub home_checked: bool,
    /// Largest log time read.
    pub log_ts_ms: Option<i64>,
    /// Where a recording was cut (`cut` in the counts): log time up to which nothing is missing; null if none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_ts_ms: Option<i64>,
}

impl Record for Decode {
    const TYPE: &'static str = "govctl.diff.decode/1";
}

/// Range of one source partition and the Merkle root over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartitionProof {
    pub side: Side,
    pub topic: String,
    pub partition: u32,
    pub from: u64,
    /// Next offset after the last one of the window.
    pub to: u64,
    /// End of the partition when the run stopped reading.
    pub end: u64,
    pub records: u64,
    pub leaves: u64,
    pub root: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lags {
    /// Sparse log-bucket histogram: `[bucket, count]`, bucket i holds 1.02^i <= ms < 1.02^(i+1).
    pub replication: Vec<[i64; 2]>,
    pub audit: Vec<[i64; 2]>,
    pub detection: Vec<[i64; 2]>,
}

/// Which keys are kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum StateMode {
    /// Every key is kept
    Full,
    /// Only unresolved keys are kept; for append-only tables
    Window,
}

/// What makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum FailOn {
    /// An open diff, an unauthorised write, an error finding or an inconclusive key
    Diff,
    /// Also a late arrival, a repair or a reversal
    Late,
    /// An unauthorised write, or one of a tenant whose home is not known (--allow-inconclusive lifts that)
    Unauthorized,
    Never,
}

/// What a re-run must be told besides the sources, the types, `grace_ms` and `at_end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofSettings {
    pub late_after_ms: i64,
    pub late_max_ms: i64,
    pub disorder_ms: i64,
    pub state: StateMode,
    pub max_state_mb: u64,
    /// Of this, what recognises repeats of settled rows in state `window`.
    pub max_settled_mb: u64,
    /// The sources were files that a second pass read again for the columns that differ.
    pub second_pass: bool,
    pub allow_poison: bool,
    pub allow_inconclusive: bool,
    /// A run in which no row was compared is no failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_empty: bool,
    pub fail_on: FailOn,
    pub tenants_sha256: Option<String>,
    pub exceptions_sha256: Option<String>,
}

/// The proof of one run: counts, ranges and roots that a stranger can recompute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    pub run_id: String,
    pub started: String,
    pub ended: String,
    pub counts: Counts,
    /// Of diffs.ndjson.
    pub sha256: String,
    /// Of the previous proof.json of the same job.
    pub prev_sha256: Option<String>,
    pub job: String,
    pub mode: String,
    pub profile: String,
    pub types_sha256: Option<String>,
    pub tool_sha256: String,
    pub hmac_key_id: Option<String>,
    pub grace_ms: i64,
    pub at_end: String,
    /// The other settings of the run. The check `fields` wants them; only the oldest proofs have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<ProofSettings>,
    pub inferred: bool,
    /// There was no types.yaml: the column types are those of the events' schema blocks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub schema_blocks: bool,
    /// Unauthorised writes were looked for (`--tenants` was given).
    pub home_checked: bool,
    pub columns_not_compared: Vec<String>,
    /// Log time of the oldest and of the newest record of the tables that was read, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_to: Option<String>,
    pub root: String,
    pub partitions: Vec<PartitionProof>,
    /// Offsets of the digest topic that were processed.
    pub digest_ranges: Vec<String>,
    pub lags: Lags,
    pub stalled_ms: BTreeMap<String, i64>,
    /// Tables that were sampled: kind, share of the keys kept.
    pub sampled: BTreeMap<String, String>,
}

impl Record for Proof {
    const TYPE: &'static str = "govctl.diff.proof/1";
}
