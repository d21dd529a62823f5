//! UTC days, in milliseconds.

use super::RunData;
use crate::clock::parse_rfc3339_ms;
use crate::error::{Error, Result};

pub const DAY_MS: i64 = 86_400_000;

/// First instant of the UTC day.
pub fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS) * DAY_MS
}

/// The time in a record's field.
pub fn time(text: &str, field: &str) -> Result<i64> {
    parse_rfc3339_ms(text, field).map_err(|e| Error::input(e.message))
}

/// The instant that decides to which day and hour a run belongs: the newest record that it read, in log time. Proofs
/// without a window tell it by the records that the run wrote, else by its end.
pub fn instant(run: &RunData) -> Option<i64> {
    if let Some(to) = &run.proof.window_to {
        return time(to, "window_to").ok();
    }
    let records = run.diffs.iter().map(|d| &d.ts).chain(run.writes.iter().map(|w| &w.ts));
    records.filter_map(|ts| time(ts, "ts").ok()).max().or_else(|| time(&run.proof.ended, "ended").ok())
}
