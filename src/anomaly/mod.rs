//! Adaptive thresholds per tenant: pure logic, without files and clocks.

pub mod explain;
pub mod machine;
pub mod method;
pub mod score;
pub mod sorted;

#[cfg(test)]
mod dice;
