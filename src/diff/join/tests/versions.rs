//! Versions, replays, an overflowing history, truncation.

use super::harness::*;
use crate::diff::code::Code;

#[test]
fn a_lower_version_is_a_replay_a_restore_or_stale() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.both(10_000, 1, 2);
    let old = s.sides[R][0].event.clone();
    // The same event again, then an older value that was never sent, neither with a newer commit time.
    s.push(R, 20_000, TOPICS[R], &body(1)).event = crate::diff::event::Event { log_ms: BASE + 20_000, ..old.clone() };
    let stale = s.row(R, 21_000, 1, 7);
    (stale.event.version, stale.event.source_us) = (Some(5), old.source_us);
    s.tick(100_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.duplicates, ran.counts.stale), (vec![], 1, 1));
    // A lower version with a newer commit time: the side was restored.
    s.row(R, 30_000, 1, 3).event.version = Some(5);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["1.0 open mismatch/stale lhs 75000"]);
    assert_eq!((ran.count(R, Code::VersionRegress), ran.counts.stale), (1, 1));
}

#[test]
fn of_one_version_the_higher_offset_holds() {
    let mut s = Script::default();
    s.row(L, 0, 1, 2);
    s.row(R, 0, 1, 1).event.version = Some(50);
    s.row(R, 1_000, 1, 2).event.version = Some(50);
    s.tick(100_000);
    assert_eq!(Setup::default().run(&s).lines(), [""; 0]);
}

#[test]
fn an_unversioned_event_is_always_news() {
    let mut s = Script::default();
    s.row(L, 0, 1, 2);
    s.row(R, 0, 1, 1);
    let rec = s.row(R, 1_000, 1, 2);
    (rec.event.version, rec.event.source_us) = (None, None);
    s.tick(100_000);
    assert_eq!(Setup::default().run(&s).lines(), [""; 0]);
}

/// 100 changes in 20 s: more than the history holds.
fn burst(s: &mut Script, side: usize, from: i64) {
    (0..100).for_each(|n| _ = s.row(side, from + n as i64 * 200, 1, 100 + n));
}

#[test]
fn an_overflowed_history_keeps_the_deadline_of_a_side_that_stands_still() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    burst(&mut s, L, 10_000);
    s.tick(200_000);
    // The other side left its match at 10 s.
    assert_eq!(Setup::default().run(&s).lines(), ["1.0 open mismatch/divergent - 55000"]);
}

#[test]
fn an_overflowed_history_is_undecided_until_the_key_calms_down() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    burst(&mut s, L, 10_000);
    // The copy follows 30 s later: its first values are no longer in the history.
    burst(&mut s, R, 40_000);
    s.tick(300_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.ok), (vec![], 1));
    assert!(ran.count(R, Code::HistoryOverflow) + ran.count(L, Code::HistoryOverflow) > 0);
    // It stops at a value that only the lost part of the history holds.
    let mut s = Script::default();
    s.both(0, 1, 1);
    burst(&mut s, L, 10_000);
    s.row(R, 40_000, 1, 105);
    s.tick(300_000);
    let ran = Setup::default().run(&s);
    let opened: Vec<i64> = ran.diffs.iter().map(|d| ms(&d.ts)).collect();
    assert_eq!((ran.counts.mismatch, ran.counts.inconclusive), (1, 0));
    assert!(opened.len() == 1 && (85_000..=130_000).contains(&opened[0]), "{opened:?}");
}

#[test]
fn truncation_takes_lower_versions_only() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.both(0, 2, 1);
    s.both(0, 3, 1);
    // Versions count 10, 20, 30; the third row is not below the truncation, though it is read before it.
    s.truncate(R, 5_000, 30);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    let mut lines = ran.lines();
    lines.sort();
    assert_eq!(lines, ["1.0 open missing/deleted rhs 50000", "2.0 open missing/deleted rhs 50000"]);
    assert_eq!((ran.count(R, Code::Truncate), ran.counts.ok), (1, 1));
    // Truncated on both sides in time, and filled again: nothing.
    s.truncate(L, 30_000, 25);
    s.row(R, 35_000, 1, 4);
    s.row(L, 40_000, 1, 4);
    assert_eq!(Setup::default().run(&s).lines(), [""; 0]);
}

#[test]
fn a_truncation_without_a_version_takes_all() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.truncate(L, 5_000, 0);
    s.sides[L].last_mut().expect("it").event.version = None;
    s.row(L, 6_000, 2, 1);
    s.row(R, 6_000, 2, 1);
    s.tick(200_000);
    assert_eq!(Setup::default().run(&s).lines(), ["1.0 open missing/deleted lhs 50000"]);
}

#[test]
fn an_append_only_table_says_when_it_is_not() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.delete(L, 1_000, 1);
    s.delete(R, 1_000, 1);
    s.truncate(L, 5_000, 1);
    s.sides[L][0].event.op = crate::record::diff::Op::Create;
    let ran = Setup::default().table("    append_only: true\n").run(&s);
    assert_eq!([L, R].map(|side| ran.count(side, Code::AppendOnlyViolation)), [2, 2]);
}
