//! How well detectors tell labelled windows from the rest: power, false positives and what is made of both (section 3.6
//! of the contract). Pure arithmetic over arrays; scores come from elsewhere.
//!
//! Scores are signed: the size is the score, the sign its direction (negative: the value is low). NaN is no score, which
//! counts as 0, so that a detector that says nothing loses power. A detector is judged by one threshold over all series
//! of a set: scores of a series with a threshold of its own are scaled by their caller.

pub mod curve;
pub mod evaluate;
pub mod labels;
pub mod misses;
pub mod notified;
pub mod ranked;
pub mod reduction;
pub mod results;
pub mod scored;
pub mod track;
pub mod verdict;

#[cfg(test)]
mod testing;

/// Up to here a score is none: what a detector gives for a value that is not unusual at all.
pub const NO_SCORE: f64 = 0.001;

/// The score without its direction.
pub fn size(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score.abs() }
}

/// How many of `n` windows are `power` of them: rounded up, but not by the last digits of a float.
pub fn needed(power: f64, n: usize) -> usize {
    (power * n as f64 - 1e-9).ceil().max(0.0) as usize
}
