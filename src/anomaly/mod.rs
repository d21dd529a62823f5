//! Adaptive thresholds per tenant: pure logic, without files and clocks.

pub mod baselines;
pub mod bootstrap;
pub mod generate;
pub mod judge;
pub mod method;
pub mod random;
pub mod tune;
