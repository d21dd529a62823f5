//! How fast a million buckets are scored: `cargo test --profile quick --lib a_million_buckets -- --ignored --nocapture`
//! under a profiler or `time`.

use super::*;

#[test]
#[ignore = "for measuring: it asserts nothing about time"]
fn a_million_buckets() {
    let method = method(&SEASONAL, Kind::Count, 60);
    let mut dice = Dice::new(41);
    let values: Vec<f64> = (0..10_007).map(|_| dice.count(40.0)).collect();
    let mut scorer = Scorer::new(&method);
    let scored = (0..1_000_000_i32).filter(|hour| {
        let slot = Slot { day: hour / 24, minute: (hour % 24 * 60) as u16 };
        scorer.push(slot, Seen::Value(values[*hour as usize % values.len()])).verdict.is_some()
    });
    assert_eq!(scored.count(), 1_000_000 - 21);
}
