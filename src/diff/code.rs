//! The finding codes of the diff audit: one documented enum. `govctl util explain` and docs/diff.md show its table.

use crate::record::{Doc, Severity};

crate::record::codes! {
    SchemaFingerprint "schema_fingerprint" Error
        "The two events of a row hold different sets of compared columns, so unequal digests prove nothing; the row is inconclusive."
        "Bring both tables to the same columns, or list the column under `ignore` with a reason. With two regular files the common columns are compared.";
    AppendOnlyViolation "append_only_violation" Error
        "A table declared `append_only: true` was updated, deleted from or truncated."
        "Find the writer (see the position); if the table is not append-only, remove the declaration and use --state full.";
    Truncate "truncate" Error
        "A table was truncated on one side: all its rows there are gone."
        "Check that the other side was truncated too; otherwise its rows appear as missing after the grace period.";
    DigestGap "digest_gap" Error
        "A digest that a source says it sent did not arrive; verdicts that lack evidence are withheld and the run exits 3."
        "Fetch or produce the digest stream again.";
    InputCut "input_cut" Error
        "A source could not be read to its end. What lies behind the cut is not known: no verdict is made that needs it, and the run exits 3."
        "Fetch or record the source again, and run again.";
    SideStalled "side_stalled" Warning
        "One side gave no sign of life for more than three heartbeats. No verdict is made that needs it, until it has caught up or the recordings end: with `--at-end final` the end of the recordings is the end of the log, and what the side did not bring counts as missing."
        "Check the connector. A recording that goes on behind its end is read with `--at-end hold`: its keys stay undecided, and the run exits 4 if the side is still stalled at the end. A quiet table needs heartbeats (`heartbeat.interval.ms`) to be told from a stalled side.";
    SideResumed "side_resumed" Warning
        "A stalled side has caught up; verdicts that waited for it were made."
        "Nothing to do; the time is in the proof as stalled_ms.";
    SideEndsEarly "side_ends_early" Warning
        "The recording of one side ends before that of the other: with `--at-end final` by more than the grace period, and rows of the later one may be called missing only for that; with `--at-end hold` before the deadline of the rows named, which stay undecided."
        "Record both sides over the same time. With --at-end hold nothing is concluded from what a recording does not reach.";
    Disordered "disordered" Warning
        "Events came later in the input than the safety margin allows and were applied at the watermark: the final states are compared all the same, but which rows were late and when differences opened is not to be trusted."
        "Give each partition as a file of its own, sort the dump by time, or raise --disorder.";
    OffsetGap "offset_gap" Warning
        "Between the records of a partition are offsets without a record. Compaction and transactions leave such gaps in a log; where there are none, lines of the recording were lost, and what they held may be called missing or stale."
        "If the topic is neither compacted nor written in transactions, record it again. A gap at either end does not show, also not where one side begins at a later offset than the other: compare `from` and `to` of the partitions in the proof with the broker's offsets.";
    NoLogTime "no_log_time" Warning
        "Events carry no time, so only final states are compared; lateness and deadlines mean nothing."
        "Record with `kcat -J` or the capture framing, or keep ts_ms in the value.";
    SchemaColumn "schema_column" Warning
        "A column is not declared in types.yaml and has no inline schema; it was not compared."
        "Declare it under `columns` or, with a reason, under `ignore`; `govctl diff digest --suggest-types` shows a proposal.";
    SchemaBlocks "schema_blocks" Note
        "There is no types.yaml; the column types of this table were taken from the schema blocks of its events."
        "Nothing, if that is meant. A types.yaml also fixes keys, policy and regions: `govctl diff digest --suggest-types` makes a first version.";
    LossyColumn "lossy_column" Warning
        "A connector setting loses part of this column's value, so it was taken out of the comparison on both sides."
        "Change the connector: decimal.handling.mode=string or precise, time.precision.mode=adaptive or isostring, interval.handling.mode=string.";
    CaptureLoss "capture_loss" Warning
        "The rows agree but for a decimal NaN or Infinity that one connector turned into null; the pair is inconclusive."
        "Set decimal.handling.mode=string on the side that shows null.";
    ToastUnresolved "toast_unresolved" Warning
        "A row holds the placeholder for a large value that was not sent and no earlier value is known."
        "Mark the column `toast: true`; start from a snapshot, or use REPLICA IDENTITY FULL or the reselect-columns processor.";
    VersionRegress "version_regress" Warning
        "A row went back to a lower log position with a newer commit time: a restored backup or a failover."
        "Confirm that the database was restored or failed over at that time.";
    UnmappedTopic "unmapped_topic" Warning
        "The input holds a topic that no table of types.yaml names; it was counted as control."
        "Add the table to types.yaml, or leave its topic out of the input.";
    HistoryOverflow "history_overflow" Warning
        "A row changed more than 64 times within the grace period; without a match it is inconclusive until it calms down."
        "Nothing, unless the row stays inconclusive; then lower --grace.";
    OriginUnlisted "origin_unlisted" Warning
        "Rows with a replication origin were accepted although types.yaml lists no origins for that region."
        "List the subscription's origin (pg_NNNNN) under `origins`, so that others count as unauthorised.";
    OriginUnknown "origin_unknown" Warning
        "It cannot be told whether a row's region is its home: the tenant is not in tenants.yaml."
        "Add the tenant to tenants.yaml.";
    Unreadable "unreadable" Error
        "A record could not be read: its key is inconclusive (both keys where the row is not that of the event key), or its whole table where the key could not be read either, and the run exits 3."
        "Look at the position; correct the producer or types.yaml. --dead-letter FILE keeps such records.";
    Inconclusive "inconclusive" Error
        "Keys about which it cannot be told whether the sides agree; other findings of the run say why. With --allow-inconclusive it is a note."
        "Look at the other findings of the run. `govctl diff explain --key TENANT/ID` shows one key.";
    NothingCompared "nothing_compared" Error
        "No row of any table was compared (of `digest`: turned into a digest), so the run proves nothing and exits 3. That a key is deleted on both sides and was a row on neither compares no row."
        "Check the topics in types.yaml, the sides, and that the recordings are not empty. Where quiet hours are normal, --allow-empty accepts it.";
    SameRecording "same_recording" Error
        "Partitions of the two sides are one recording: topic, offsets, times and rows are the same; of bare values, offsets, times, log positions and rows. A copy always agrees with itself, so nothing is known about the two regions."
        "Give each side the recording of its own region: a copied, renamed or compressed file was probably given twice. Where bare values carry neither time nor log position, give the table another topic on each side.";
    NoEvents "no_events" Warning
        "A table of types.yaml has no event on one side, or on either."
        "Check the table's topic in types.yaml and that the recording holds it; a table that is quiet for the whole recording is no mistake.";
    ColumnUnknown "column_unknown" Error
        "A declared column is in no row of either side, so nothing was compared under its name."
        "Correct its name in types.yaml, or remove it there.";
    ColumnAbsent "column_absent" Warning
        "A declared column is in no row of one side, so nothing was compared under its name."
        "If that side lost it, bring both tables to the same columns; else correct its name in types.yaml.";
    ExceptionUnused "exception_unused" Warning
        "An exception matched no difference."
        "Remove it if the difference is repaired.";
    ExceptionUnjudged "exception_unjudged" Warning
        "An exception with `cols` could not be judged: which columns differ is known only where both sources are regular files."
        "Compare the recordings as regular files, or leave out `cols` and pin the `digests`.";
    ExceptionExpired "exception_expired" Warning
        "An exception has expired; what it excused counts again."
        "Repair the difference, or renew the exception with a new justification.";
    ExceptionVoid "exception_void" Warning
        "An exception is void: its pinned digests no longer match the data, or it matched more rows than max_matches allows."
        "Look at the rows again and write a new exception if it is still right.";
}

/// Every code with its meaning, by code: the table behind docs/finding-codes.md, `util explain` and the rules of SARIF.
pub fn table() -> Vec<Doc> {
    let mut docs: Vec<Doc> = Code::ALL.iter().map(|c| c.doc()).chain(RENDERED.iter().copied()).collect();
    docs.sort_by_key(|d| d.code);
    docs
}

/// The codes under which SARIF, JUnit and GitHub renderings show records that are no findings by themselves.
pub const RENDERED: &[Doc] = &[
    Doc {
        code: "diff_missing",
        severity: Severity::Error,
        meaning: "A row is on one side and not on the other, and the other side was read far enough to know.",
        advice: "`govctl diff explain --key TENANT/ID` shows the row's history on both sides; repair it, or write an exception.",
    },
    Doc {
        code: "diff_mismatch",
        severity: Severity::Error,
        meaning: "A row is on both sides with different values.",
        advice: "`govctl diff explain --key TENANT/ID` shows which columns differ and why; repair it, or write an exception.",
    },
    Doc {
        code: "diff_excepted",
        severity: Severity::Note,
        meaning: "A difference that a valid exception excuses until it expires.",
        advice: "Nothing until the exception expires; its owner is in the record.",
    },
    Doc {
        code: "unauthorized_write",
        severity: Severity::Error,
        meaning: "A tenant's row was written outside the tenant's home region.",
        advice: "Find the writer by the position; a legitimate one goes into `origins` of types.yaml. It cannot be excepted.",
    },
    Doc {
        code: "objective_missed",
        severity: Severity::Error,
        meaning: "On that day the p95 of audit lag or of detection delay was above 60 s.",
        advice: "Look at the lag charts of `govctl diff report --html`; a slow connector or too long a grace period is the usual cause.",
    },
    Doc {
        code: "no_run",
        severity: Severity::Error,
        meaning: "No run is of the reported day, so nothing is known about it.",
        advice: "Look why the job did not run, and audit the recordings of that day; or, where a job is no more, name the run directories of the others.",
    },
    Doc {
        code: "run_unfinished",
        severity: Severity::Error,
        meaning: "A stream or a run is not whole, or ended with 3 or more: it could not read everything or could not conclude.",
        advice: "`govctl util explain` says what its exit code means; run it again when the cause is gone.",
    },
    Doc {
        code: "chain_broken",
        severity: Severity::Error,
        meaning: "The proofs of a job or the manifests of a folder do not follow one another: one is missing, altered, or two follow the same one.",
        advice: "`govctl diff verify RUN_DIR --chain DIR` names the proof; restore it from a copy.",
    },
    Doc {
        code: "verify_failed",
        severity: Severity::Error,
        meaning: "A check of a proof or run directory found other bytes, counts or roots than the proof states.",
        advice: "Do not rely on this evidence; compare it with the copy of whoever holds another one.",
    },
];
