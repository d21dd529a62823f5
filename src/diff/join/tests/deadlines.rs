//! When a diff opens, what it is called, how it is revised and what closes it.

use super::harness::*;

fn lines(script: &Script) -> Vec<String> {
    Setup::default().run(script).lines()
}

/// Updated every second for 10 minutes, with a copy that follows `lag` behind.
fn hot(lag: i64) -> Script {
    let mut s = Script::default();
    for n in 0..600 {
        s.row(L, n * 1000, 1, n as u64);
        s.row(R, n * 1000 + lag, 1, n as u64);
    }
    s
}

#[test]
fn a_hot_key_whose_copy_follows_never_opens() {
    for lag in [0, 1, 1_000, 1_500, 20_000, 44_000, 45_000] {
        let ran = Setup::default().run(&hot(lag));
        assert_eq!(ran.lines(), [""; 0], "lag {lag}");
        assert_eq!((ran.counts.ok, ran.counts.late, ran.counts.opened), (1, 0, 0));
    }
}

#[test]
fn the_deadline_belongs_to_the_grace_period() {
    let mut s = Script::default();
    s.row(L, 0, 1, 5);
    s.row(R, GRACE, 1, 5);
    s.tick(100_000);
    assert_eq!(lines(&s), [""; 0]);
    let mut s = Script::default();
    s.row(L, 0, 1, 5);
    s.row(R, GRACE + 1, 1, 5);
    s.tick(100_000);
    assert_eq!(
        lines(&s),
        ["1.0 open missing/never_seen rhs 45000", "1.1 closed late/never_seen rhs 45001 arrival 45001"]
    );
}

#[test]
fn slower_than_late_after_gives_one_closed_record() {
    let setup = Setup::default().with(|s| s.late_after_ms = 10_000);
    let mut s = Script::default();
    s.row(L, 0, 1, 5);
    s.row(R, 10_000, 1, 5);
    s.row(L, 100_000, 1, 6);
    s.row(R, 110_001, 1, 6);
    s.tick(300_000);
    let ran = setup.run(&s);
    assert_eq!(ran.lines(), ["1.0 closed late/stale rhs 110001 arrival 10001"]);
    assert_eq!((ran.counts.late, ran.counts.opened, ran.counts.ok), (1, 0, 1));
}

#[test]
fn what_closes_a_diff() {
    let case = |side: usize, at: i64, value: u64| {
        let mut s = Script::default();
        s.both(0, 1, 1);
        s.row(L, 10_000, 1, 2);
        s.row(side, at, 1, value);
        s.tick(2_000_000);
        lines(&s)
    };
    let opened = "1.0 open mismatch/stale rhs 55000";
    let late = case(R, 910_000, 2);
    assert_eq!(late, [opened, "1.1 closed late/stale rhs 910000 arrival 900000"]);
    let repair = case(R, 910_001, 2);
    assert_eq!(repair, [opened, "1.1 closed mismatch/stale rhs 910001 repair 900001"]);
    let reversal = case(L, 60_000, 1);
    assert_eq!(reversal, [opened, "1.1 closed mismatch/stale rhs 60000 reversal 50000"]);
}

#[test]
fn the_four_details() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    s.both(0, 2, 1);
    s.delete(R, 1_000, 2);
    s.both(0, 3, 1);
    s.row(R, 1_000, 3, 2);
    s.both(0, 4, 1);
    s.row(L, 1_000, 4, 2);
    s.row(R, 2_000, 4, 3);
    s.tick(100_000);
    let mut got = lines(&s);
    got.sort();
    assert_eq!(
        got,
        [
            "1.0 open missing/never_seen rhs 45000",
            "2.0 open missing/deleted rhs 46000",
            "3.0 open mismatch/stale lhs 46000",
            "4.0 open mismatch/divergent - 47000",
        ]
    );
}

#[test]
fn later_unmatched_events_do_not_move_the_deadline() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 1_000, 1, 2);
    s.row(R, 2_000, 1, 3);
    for n in 0..60 {
        s.row(L, 3_000 + n * 1000, 1, 100 + n as u64);
    }
    s.tick(200_000);
    assert_eq!(lines(&s)[0], "1.0 open mismatch/divergent - 47000");
}

#[test]
fn revisions_come_at_most_once_per_grace() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 1_000, 1, 2);
    for n in 0..100 {
        s.row(L, 60_000 + n * 1000, 1, 10 + n as u64);
    }
    s.tick(400_000);
    assert_eq!(
        lines(&s),
        [
            "1.0 open mismatch/stale rhs 46000",
            "1.1 open mismatch/stale rhs 91000",
            "1.2 open mismatch/divergent - 136000",
            "1.3 open mismatch/divergent - 181000",
        ]
    );
}

#[test]
fn a_revision_that_waits_is_written_at_the_end() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 1_000, 1, 2);
    s.row(L, 60_000, 1, 3);
    s.tick(62_000);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["1.0 open mismatch/stale rhs 46000", "1.1 open mismatch/stale rhs 62000"]);
    assert!(ran.diffs[1].lhs_sha256.starts_with("0000000000000004"));
}

#[test]
fn a_change_that_is_taken_back_within_grace_is_no_revision() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 1_000, 1, 2);
    s.row(L, 50_000, 1, 3);
    s.row(L, 60_000, 1, 2);
    s.tick(400_000);
    assert_eq!(lines(&s), ["1.0 open mismatch/stale rhs 46000"]);
}

#[test]
fn a_difference_that_comes_back_keeps_its_id() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 1_000, 1, 2);
    s.row(L, 60_000, 1, 1);
    s.row(L, 100_000, 1, 2);
    s.tick(400_000);
    let ran = Setup::default().run(&s);
    assert_eq!(
        ran.lines(),
        [
            "1.0 open mismatch/stale rhs 46000",
            "1.1 closed mismatch/stale rhs 60000 reversal 59000",
            "1.2 open mismatch/stale rhs 145000",
        ]
    );
    assert!(ran.diffs.iter().all(|d| d.diff_id == ran.diffs[0].diff_id));
}

/// A closing record repeats what the episode was, whatever the lagging side showed in between.
#[test]
fn the_closing_record_repeats_the_detail() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    s.row(R, 50_000, 1, 9);
    s.row(R, 51_000, 1, 1);
    s.tick(200_000);
    assert_eq!(
        lines(&s),
        ["1.0 open missing/never_seen rhs 45000", "1.1 closed late/never_seen rhs 51000 arrival 51000"]
    );
}

#[test]
fn aba_coalescing_and_a_reinsert_are_nothing() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    for n in 0..50 {
        s.row(L, 10_000 + n * 2_000, 1, 1 + (n as u64) % 2);
    }
    s.row(R, 20_000, 1, 2);
    s.row(R, 100_000, 1, 1);
    s.row(R, 120_000, 1, 2);
    s.both(0, 2, 1);
    for side in [L, R] {
        let lag = side as i64 * 30_000;
        s.delete(side, 10_000 + lag, 2);
        s.row(side, 11_000 + lag, 2, 1);
    }
    s.tick(400_000);
    assert_eq!(lines(&s), [""; 0]);
}
