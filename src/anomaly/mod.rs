//! Adaptive thresholds per tenant: pure logic, without files and clocks.

pub mod buckets;
pub mod calendar;
pub mod code;
pub mod intake;
pub mod method;
pub mod rules;
pub mod times;
