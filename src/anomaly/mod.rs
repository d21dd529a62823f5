//! Adaptive thresholds per tenant: pure logic, without files and clocks.

pub mod buckets;
pub mod calendar;
pub mod code;
pub mod explain;
pub mod intake;
pub mod machine;
pub mod method;
pub mod rules;
pub mod score;
pub mod sorted;
pub mod times;
pub mod watch;

#[cfg(test)]
mod dice;
