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

#[test]
fn memory_does_not_grow_with_the_keys_that_agree() {
    let peak = |keys: usize| window().run(&inserts(&vec![Some(1_000); keys], 1_000)).peak_bytes;
    let (few, many) = (peak(2_000), peak(20_000));
    assert!(many <= few + (1 << 16), "{few} then {many}");
    assert!(full().run(&inserts(&vec![Some(1_000); 20_000], 1_000)).peak_bytes > 2 * many);
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
