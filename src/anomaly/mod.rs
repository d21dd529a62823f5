//! Adaptive thresholds per tenant: pure logic, without files and clocks.

pub mod backtest;
pub mod baselines;
pub mod bootstrap;
pub mod buckets;
pub mod calendar;
pub mod code;
pub mod explain;
pub mod generate;
pub mod history;
pub mod inject;
pub mod intake;
pub mod judge;
pub mod machine;
pub mod method;
pub mod random;
pub mod report;
pub mod rules;
pub mod score;
pub mod sorted;
pub mod times;
pub mod tune;
pub mod watch;

#[cfg(test)]
mod dice;
