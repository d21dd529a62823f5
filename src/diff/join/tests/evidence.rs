//! Absence is declared only when it is proved: watermarks, stalls, backlogs, ends of recordings.

use super::harness::*;
use crate::diff::code::Code;

const OUTAGE: (i64, i64) = (100_000, 700_000);

/// Both sides beat; the right one is down for 10 minutes and then sends its backlog at 700 s. Key 1 changes every
/// `period`, keys from 1000 on come once; key 7 never reaches the right side.
fn outage(period: usize) -> Script {
    let mut s = Script::default();
    s.beats(L, 0, 1_000_000);
    s.beats(R, 0, OUTAGE.0);
    s.beats(R, OUTAGE.1 + 20_000, 1_000_000);
    let mut last = 0;
    let mut copy = |s: &mut Script, at: i64, key: u64, value: u64| {
        s.row(L, at, key, value);
        let down = (OUTAGE.0..OUTAGE.1).contains(&(at + 500));
        last = (last + 15).max(if down { OUTAGE.1 } else { at + 500 });
        s.row(R, last, key, value).event.source_us = Some((BASE + at) * 1000);
    };
    for at in (0..900_000).step_by(1000) {
        if at % period == 0 {
            copy(&mut s, at as i64, 1, at as u64);
        }
        if at % 7_000 == 0 {
            copy(&mut s, at as i64 + 300, 1_000 + at as u64, 1);
        }
    }
    s.row(L, 300_000, 7, 1);
    s
}

#[test]
fn an_outage_and_its_backlog_give_one_stall_and_only_real_differences() {
    for period in [1_000, 10_000, 30_000, 60_000, 600_000] {
        let ran = Setup::default().run(&outage(period));
        assert_eq!(ran.lines(), ["7.0 open missing/never_seen rhs 345000"], "period {period}");
        assert_eq!((ran.count(R, Code::SideStalled), ran.count(R, Code::SideResumed)), (1, 1));
        assert_eq!((ran.count(L, Code::SideStalled), ran.counts.late), (0, 0));
        assert!(ran.stalled_ms[R] >= 600_000 && ran.stalled_ms[L] == 0, "{:?}", ran.stalled_ms);
    }
}

#[test]
fn while_a_side_is_stalled_nothing_is_concluded() {
    let mut s = Script::default();
    s.beats(L, 0, 300_000);
    s.beats(R, 0, 50_000);
    s.row(L, 60_000, 1, 1);
    s.row(L, 1_000, 2, 1);
    s.row(L, 295_000, 3, 1);
    let held = Setup::default().with(|s| s.at_end_final = false).run(&s);
    assert_eq!(held.lines(), ["2.0 open missing/never_seen rhs 46000"]);
    assert!(held.is_stalled);
    assert_eq!((held.counts.pending, held.counts.missing, held.counts.inconclusive), (2, 1, 0));
    // The end of the file ends the stall where it is the end of the log.
    let ended = Setup::default().run(&s);
    assert_eq!((ended.counts.missing, ended.is_stalled), (3, false));
    assert_eq!(ended.diffs.iter().find(|d| d.id == "1").map(|d| d.read_to.clone()), Some(vec!["eof".to_owned()]));
}

#[test]
fn a_quiet_side_that_beats_still_gets_verdicts() {
    let mut s = Script::default();
    s.beats(L, 0, 300_000);
    s.beats(R, 0, 300_000);
    s.row(R, 500, 9, 1);
    s.row(L, 500, 9, 1);
    s.row(L, 60_000, 1, 1);
    let ran = Setup::default().with(|s| s.at_end_final = false).run(&s);
    assert_eq!(ran.lines(), ["1.0 open missing/never_seen rhs 105000"]);
    assert_eq!(ran.count(R, Code::SideStalled), 0);
    assert_eq!(ran.diffs[0].read_to, ["eu.audit/0/1"]);
}

#[test]
fn a_quiet_side_without_beats_stays_pending() {
    let mut s = Script::default();
    s.both(0, 9, 1);
    s.row(L, 60_000, 1, 1);
    s.row(L, 600_000, 9, 1);
    let ran = Setup::default().with(|s| s.at_end_final = false).run(&s);
    assert_eq!((ran.lines(), ran.counts.pending, ran.counts.missing), (vec![], 1, 0));
}

#[test]
fn a_late_heartbeat_is_a_stall_that_two_quiet_ones_end() {
    let mut s = Script::default();
    s.beats(L, 0, 300_000);
    s.beats(R, 0, 50_000);
    s.beats(R, 85_000, 300_000);
    s.row(L, 60_000, 1, 1);
    s.row(R, 90_000, 1, 1).event.source_us = Some((BASE + 60_000) * 1000);
    s.row(L, 61_000, 2, 1);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["2.0 open missing/never_seen rhs 106000"]);
    assert_eq!((ran.count(R, Code::SideStalled), ran.count(R, Code::SideResumed)), (1, 1));
    // Stalled from the last sign of life until the second quiet heartbeat after the row.
    assert_eq!(ran.stalled_ms, [0, 105_000 - 50_000]);
}

#[test]
fn hold_leaves_keys_inside_grace_pending() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    s.row(L, 60_000, 2, 1);
    s.both(0, 3, 1);
    s.tick(100_000);
    let hold = Setup::default().with(|s| s.at_end_final = false).run(&s);
    assert_eq!(hold.lines(), ["1.0 open missing/never_seen rhs 45000"]);
    assert_eq!((hold.counts.pending, hold.counts.missing, hold.counts.ok), (1, 1, 1));
    let end = Setup::default().run(&s);
    assert_eq!(end.lines()[1], "2.0 open missing/never_seen rhs 100000");
    assert_eq!((end.counts.pending, end.counts.missing, end.counts.ok), (0, 2, 1));
    assert_eq!(end.diffs[1].read_to, ["eof"]);
}

/// The safety margin comes off the end too: 98 s is proved, not more.
#[test]
fn hold_proves_up_to_the_watermark_and_no_further() {
    for (at, opened) in [(52_999, 1), (53_000, 1), (53_001, 0)] {
        let mut s = Script::default();
        s.row(L, at, 1, 1);
        s.tick(100_000);
        let ran = Setup::default().with(|s| s.at_end_final = false).run(&s);
        assert_eq!((ran.counts.opened, ran.counts.pending), (opened, 1 - opened), "set at {at}");
    }
}

#[test]
fn one_recording_that_ends_early_is_said_once() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(R, 10_000, 8, 1);
    s.row(L, 10_000, 8, 1);
    s.row(L, 30_000, 2, 1);
    s.row(L, 400_000, 1, 1);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.count(R, Code::SideEndsEarly) + ran.count(L, Code::SideEndsEarly), 1);
    assert_eq!(ran.lines(), ["2.0 open missing/never_seen rhs 75000"]);
    assert_eq!(ran.diffs[0].read_to, ["eof"]);
    let hold = Setup::default().with(|s| s.at_end_final = false).run(&s);
    assert_eq!((hold.lines(), hold.counts.pending), (vec![], 1));
}

/// Every record of the lagging side that lies before `read_to` was seen, and what lies behind came after the deadline.
#[test]
fn missing_is_never_said_without_evidence() {
    let mut s = Script::default();
    for n in 0..200u64 {
        s.row(L, n as i64 * 997, n, 1);
        if n % 3 != 0 {
            s.row(R, n as i64 * 997 + 400 * (n as i64 % 80), n, 1).number = (n % 3) as u32;
        }
    }
    s.tick(300_000);
    let files = s.files();
    let ran = Setup::default().run_files(&files);
    assert_eq!(ran.counts.missing, 67);
    for d in ran.diffs.iter().filter(|d| d.state == crate::record::diff::State::Open) {
        for position in &d.read_to {
            let mut parts = position.rsplitn(3, '/');
            let (offset, number) = (parts.next().unwrap(), parts.next().unwrap());
            let (offset, number): (u64, u32) = (offset.parse().unwrap(), number.parse().unwrap());
            let next = files[R].recs.iter().find(|r| r.number == number && r.event.offset >= offset);
            assert!(next.is_none_or(|r| r.event.log_ms - BASE > ms(&d.ts)), "{position} at {}", d.ts);
        }
        assert!(d.read_to.len() >= 2, "{:?}", d.read_to);
    }
}

/// Where no row of the table came from the lagging side, its heartbeats show how far it was read.
#[test]
fn a_side_without_rows_of_the_table_is_proved_by_its_other_partitions() {
    let mut s = Script::default();
    s.row(L, 5_000, 1, 1);
    s.beats(R, 0, 100_000);
    s.push(L, 100_000, TOPICS[L], "");
    let ran = Setup::default().run(&s);
    // Beats at 0, 10, 20, 30, 40 and 50 s: the last is within the deadline of 50 s.
    assert_eq!(ran.lines(), ["1.0 open missing/never_seen rhs 50000"]);
    assert_eq!(ran.diffs[0].read_to, ["__debezium-heartbeat.eu/0/6"]);
}

#[test]
fn ties_go_by_side_topic_partition_and_offset() {
    let mut s = Script::default();
    for side in [R, L] {
        s.row(side, 0, 1, 1).number = 2;
        s.row(side, 0, 2, 1).number = 1;
        s.row(side, 0, 3, 1).number = 1;
        s.beat(side, 0);
        s.sides[side].last_mut().expect("it").number = 7;
    }
    let order: Vec<_> = Setup::default().run(&s).applied.iter().map(|a| (a.0, a.1, a.2)).collect();
    let of = |side| [(side, 7, 0), (side, 1, 0), (side, 1, 1), (side, 2, 0)];
    assert_eq!(order, [of(L), of(R)].concat());
}
