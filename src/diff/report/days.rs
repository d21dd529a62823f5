//! UTC days, in milliseconds.

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
