//! Window mode: only unresolved keys are kept.

use proptest::prelude::*;

use super::harness::*;
use crate::record::diff::Op;

fn window() -> Setup {
    Setup::default().table("    append_only: true\n").with(|s| s.window = true)
}

fn full() -> Setup {
    Setup::default().table("    append_only: true\n")
}

/// Rows that are inserted once; the copy comes `lag` later or never.
fn inserts(lags: &[Option<i64>], step: i64) -> Script {
    let mut times: Vec<(i64, usize, u64)> = Vec::new();
    for (n, lag) in lags.iter().enumerate() {
        let at = n as i64 * step;
        times.push((at, L, n as u64));
        times.extend(lag.map(|lag| (at + lag, R, n as u64)));
    }
    times.sort();
    let mut s = Script::default();
    for (at, side, key) in times {
        s.row(side, at, key, key).event.op = Op::Create;
    }
    s.tick(lags.len() as i64 * step + 200_000);
    s
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdicts_are_those_of_full_state(
        lags in prop::collection::vec(prop_oneof![9 => (0..120_000i64).prop_map(Some), 1 => Just(None)], 1..60),
        step in 1..5_000i64,
    ) {
        let s = inserts(&lags, step);
        let (a, b) = (full().run(&s), window().run(&s));
        prop_assert_eq!(&a.diffs, &b.diffs);
        prop_assert_eq!(a.counts, b.counts);
    }

    #[test]
    fn repeats_of_what_agreed_are_never_diffs(
        lags in prop::collection::vec((0..40_000i64).prop_map(Some), 1..60),
        again in prop::collection::vec((0..60usize, 100_000..3_000_000i64, 0..2usize), 1..20),
    ) {
        let mut s = inserts(&lags, 1_000);
        let mut repeats = 0;
        for (n, later, side) in again {
            let key = body((n % lags.len()) as u64);
            let mut copy = s.sides[side].iter().find(|r| r.key == key).expect("inserted").clone();
            copy.event.log_ms = BASE + 200_000 + later;
            s.sides[side].push(copy);
            repeats += 1;
        }
        let ran = window().run(&s);
        prop_assert_eq!(ran.lines(), vec![""; 0]);
        prop_assert_eq!((ran.counts.duplicates_unproven, ran.counts.ok), (repeats, lags.len() as u64));
    }
}

/// Neither with the keys that agree nor beyond what may be remembered of them, however fast they come.
#[test]
fn memory_does_not_grow_with_the_keys_that_agree() {
    let peak = |setup: Setup, keys: usize, step| setup.run(&inserts(&vec![Some(1_000); keys], step)).peak_bytes;
    let (few, many) = (peak(window(), 2_000, 1_000), peak(window(), 20_000, 1_000));
    assert!(many <= few + (1 << 16), "{few} then {many}");
    assert!(peak(full(), 20_000, 1_000) > 2 * many);
    // All of them are younger than late-max: only the cap bounds what is remembered, but for what comes between two
    // measurements of 4,096 events.
    let capped = |keys| peak(window().with(|s| s.max_settled_bytes = 1 << 18), keys, 1);
    let (few, many) = (capped(20_000), capped(80_000));
    assert!(many <= few + (1 << 16), "{few} then {many}");
    assert!(peak(window(), 80_000, 1) > many + (1 << 20));
}

/// What settled rows cost: 32 bytes and a number of 4 in a table that is at least 7/16 full, with a byte for each.
#[test]
fn a_settled_row_costs_less_than_48_bytes() {
    let peak = |keys| window().run(&inserts(&vec![Some(1_000); keys], 1)).peak_bytes;
    let (few, many) = (peak(20_000), peak(80_000));
    assert!(many - few < 48 * 60_000, "{few} then {many}");
}

/// `full` keeps every key, with its digest, positions, times and versions: at most 200 bytes.
#[test]
fn full_state_is_at_most_200_bytes_a_key() {
    // Just behind the doubling of the table of keys, where each key pays most for it.
    let keys = (1 << 16) * 7 / 8 + 4_096;
    let ran = full().run(&inserts(&vec![Some(1_000); keys], 1));
    assert_eq!(ran.counts.ok, keys as u64);
    assert!(ran.peak_bytes <= 200 * keys, "{}", ran.peak_bytes / keys);
}

/// Rows that change have a history, which counts for the cap as well.
#[test]
fn histories_are_counted() {
    let changed = |times: u64| {
        let mut s = Script::default();
        for n in 0..100 {
            (0..times).for_each(|value| s.both(1_000 * value as i64, n, value));
        }
        Setup::default().run(&s).peak_bytes
    };
    // 20 values of 24 bytes on each side.
    assert!(changed(21) >= changed(1) + 100 * 2 * 20 * 24);
}

#[test]
fn a_forgotten_key_starts_at_rev_0_again() {
    let mut s = inserts(&[Some(100_000)], 1_000);
    s.row(L, 120_000, 0, 5);
    s.tick(400_000);
    let ran = window().run(&s);
    assert_eq!(ran.diffs.iter().map(|d| d.rev).collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!((ran.counts.ok, ran.counts.missing), (0, 1));
}

/// A key that was forgotten for its age is known by the height of its versions.
#[test]
fn a_repeat_older_than_late_max_is_no_diff() {
    let mut s = inserts(&vec![Some(1_000); 2_000], 1_000);
    let mut again = s.sides[L][3].clone();
    again.event.log_ms = BASE + 1_999_500;
    s.sides[L].push(again);
    let ran = window().run(&s);
    assert_eq!((ran.lines(), ran.counts.duplicates_unproven, ran.counts.ok), (vec![], 1, 2_000));
}

/// Keys that settle one after the other until the first are forgotten, and then a row that only one side has.
fn after_forgetting(change: impl FnOnce(&mut Script)) -> Ran {
    let mut s = inserts(&vec![Some(1_000); 2_000], 1_000);
    let row = s.row(L, 1_999_500, 5_000, 1);
    row.event.op = Op::Create;
    row.event.version = Some(15);
    change(&mut s);
    s.tick(2_400_000);
    window().run(&s)
}

/// A transaction that was open for long, or a restored database: a low log position alone makes no replay.
#[test]
fn a_new_row_below_the_horizon_is_judged() {
    let missing = ["5000.0 open missing/never_seen rhs 2044500"];
    assert_eq!(after_forgetting(|_| ()).lines(), missing);
    let untimed = |s: &mut Script| s.sides[L].last_mut().expect("the row").event.source_us = None;
    assert_eq!(after_forgetting(untimed).lines(), missing);
    // Committed before what was forgotten, too: it cannot be told from a repeat.
    let old = |s: &mut Script| s.sides[L].last_mut().expect("the row").event.source_us = Some((BASE + 1_500) * 1000);
    let ran = after_forgetting(old);
    assert_eq!((ran.lines(), ran.counts.duplicates_unproven, ran.counts.missing), (vec![], 1, 0));
}

/// The last key of those forgotten lies at the horizon, not below it.
#[test]
fn every_forgotten_key_is_known_as_a_repeat() {
    let mut s = inserts(&vec![Some(1_000); 2_000], 1_000);
    for n in 0..2_000 {
        let mut again = s.sides[L][n].clone();
        again.event.log_ms = BASE + 2_100_000;
        s.sides[L].push(again);
    }
    let ran = window().run(&s);
    assert_eq!((ran.lines(), ran.counts.duplicates_unproven, ran.counts.ok), (vec![], 2_000, 2_000));
}
