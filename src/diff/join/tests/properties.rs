//! Random histories of a few keys: the verdicts against a slow model, and what must not change them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::harness::*;
use super::histories::*;
use crate::record::diff::{ClosedBy, Diff, Reason, Side, State};

/// Episodes by id: revs from 0 without a gap, open and closed in turn.
fn check_episodes(diffs: &[Diff]) -> BTreeMap<&str, State> {
    let mut last: BTreeMap<&str, (u32, State)> = BTreeMap::new();
    let mut written: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for d in diffs {
        match last.get(d.diff_id.as_str()) {
            None => assert_eq!(d.rev, 0, "{d:?}"),
            Some((rev, _)) => assert_eq!(d.rev, rev + 1, "{d:?}"),
        }
        assert_eq!(d.reason == Reason::Late, d.closed_by == Some(ClosedBy::Arrival), "{d:?}");
        assert_eq!(d.state == State::Closed, d.closed_by.is_some() && d.delay_ms.is_some(), "{d:?}");
        assert_eq!(d.state == State::Closed, d.lhs_sha256 == d.rhs_sha256, "{d:?}");
        if d.state == State::Open {
            let now = ms(&d.ts);
            let before = written.insert((&d.id, &d.diff_id), now);
            let close = before.is_some_and(|b| now - b < GRACE);
            let end = diffs.iter().all(|later| ms(&later.ts) <= now);
            assert!(!close || end, "two revs within grace: {d:?}");
        } else {
            written.remove(&(d.id.as_str(), d.diff_id.as_str()));
        }
        last.insert(&d.diff_id, (d.rev, d.state));
    }
    last.into_iter().map(|(id, (_, state))| (id, state)).collect()
}

/// What must not depend on which side is called lhs.
fn mirrored(diffs: &[Diff], swap: bool) -> Vec<String> {
    let mut lines: Vec<String> = diffs
        .iter()
        .map(|d| {
            let side = d.side.map(|s| if (s == Side::Lhs) == swap { "rhs" } else { "lhs" });
            let (a, b) = (&d.lhs_sha256, &d.rhs_sha256);
            let (a, b) = if swap { (b, a) } else { (a, b) };
            let text = format!("{} {} {:?} {:?} {:?} {side:?} {a} {b}", d.id, d.ts, d.state, d.reason, d.detail);
            format!("{text} {} {:?} {:?} {}", d.rev, d.delay_ms, d.closed_by, d.opened_ts)
        })
        .collect();
    lines.sort();
    lines
}

fn swapped(script: &Script) -> Script {
    let mut s = script.clone();
    s.sides.swap(0, 1);
    for side in [L, R] {
        s.sides[side].iter_mut().for_each(|r| r.topic = TOPICS[side]);
    }
    s
}

/// Everything that leaves but for positions, which repeats and partitions shift.
fn essence(ran: &Ran) -> Vec<Diff> {
    let bare = |d: &Diff| Diff { lhs_at: None, rhs_at: None, read_to: Vec::new(), ..d.clone() };
    ran.diffs.iter().map(bare).collect()
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_last_verdict_is_the_comparison_of_the_last_states(changes in history()) {
        let script = script(&changes, true, false);
        let ran = Setup::default().run(&script);
        let finals = finals(&script);
        let equal = finals.values().filter(|[a, b]| a == b).count() as u64;
        let missing = finals.values().filter(|[a, b]| a != b && (a.is_none() || b.is_none())).count() as u64;
        let mismatch = finals.len() as u64 - equal - missing;
        let c = ran.counts;
        prop_assert_eq!((c.ok, c.missing, c.mismatch), (equal, missing, mismatch), "{:?}", ran.lines());
        prop_assert_eq!((c.pending, c.inconclusive, c.unauthorized), (0, 0, 0));
        let open = check_episodes(&ran.diffs).into_values().filter(|s| *s == State::Open).count() as u64;
        prop_assert_eq!(open, missing + mismatch);
        let closed = |of: fn(&Diff) -> bool| ran.diffs.iter().filter(|d| of(d)).count() as u64;
        prop_assert_eq!((c.late, c.repaired), (closed(Diff::is_late), closed(Diff::is_repaired)));
        for d in &ran.diffs {
            prop_assert_eq!(d.tenant.as_str(), "acme");
        }
    }

    #[test]
    fn equality_at_the_end_closes_everything(changes in history()) {
        let ran = Setup::default().run(&script(&changes, true, true));
        let states = check_episodes(&ran.diffs);
        prop_assert!(states.values().all(|s| *s == State::Closed), "{:?}", ran.lines());
        prop_assert_eq!((ran.counts.ok, ran.counts.missing + ran.counts.mismatch), (3, 0));
    }

    #[test]
    fn batches_and_the_order_of_sources_change_nothing(
        changes in history(),
        batches in prop::collection::vec(1..9usize, 1..7),
        disorder in prop_oneof![Just(0i64), Just(2_000), Just(1), Just(2_001), Just(60_001)],
    ) {
        let mut files = script(&changes, true, false).files_by_partition();
        // A dump of several partitions, one after the other: much of it is out of order.
        for side in [Side::Lhs, Side::Rhs] {
            let mut recs: Vec<Rec> = Vec::new();
            files.iter().filter(|f| f.side == side).for_each(|f| recs.extend(f.recs.iter().cloned()));
            files.retain(|f| f.side != side);
            files.push(Source { side, recs });
        }
        let one = Setup { batches: vec![1000], ..Setup::default() }.with(|s| s.disorder_ms = disorder);
        let many = Setup { batches, ..one.clone() };
        let whole = one.run_files(&files);
        prop_assert_eq!(&many.run_files(&files).diffs, &whole.diffs);
        files.reverse();
        let back = many.run_files(&files);
        prop_assert_eq!(&back.diffs, &whole.diffs);
        prop_assert_eq!((back.counts, back.disordered), (whole.counts, whole.disordered));
    }

    #[test]
    fn the_order_of_application_does_not_depend_on_batches(
        times in prop::collection::vec((0..2usize, 0..3u32, 0..12i64), 1..40),
        batches in prop::collection::vec(1..5usize, 1..5),
        disorder in 0..6i64,
    ) {
        let mut s = Script::default();
        for (side, number, ms) in times {
            s.push(side, ms, TOPICS[side], "").number = number;
        }
        s.sides.iter_mut().for_each(|recs| number(recs));
        let files: Vec<Source> =
            [L, R].iter().map(|s2| Source { side: SIDES[*s2], recs: s.sides[*s2].clone() }).collect();
        let one = Setup { batches: vec![1000], ..Setup::default() }.with(|s| s.disorder_ms = disorder);
        let many = Setup { batches, ..one.clone() };
        let (a, b) = (one.run_files(&files), many.run_files(&files));
        prop_assert!(a.applied.is_sorted_by_key(|a| a.3));
        prop_assert_eq!(a.applied, b.applied);
    }

    #[test]
    fn partitions_in_files_of_their_own_change_nothing(changes in history(), batch in 1..9usize) {
        let script = script(&changes, true, false);
        let setup = Setup { batches: vec![batch, 3], ..Setup::default() };
        let one = setup.run_files(&script.files());
        let mut files = script.files_by_partition();
        let many = setup.run_files(&files);
        prop_assert_eq!(&many.diffs, &one.diffs);
        files.reverse();
        prop_assert_eq!(&setup.run_files(&files).diffs, &one.diffs);
    }

    #[test]
    fn repeats_only_count_as_duplicates(changes in history()) {
        let plain = Setup::default().run(&script(&changes, false, false));
        let again = Setup::default().run(&script(&changes, true, false));
        prop_assert_eq!(essence(&again), essence(&plain));
        let (mut a, b) = (again.counts, plain.counts);
        prop_assert_eq!((b.duplicates, b.stale), (0, 0));
        // A repeat older than the history cannot be told from a stale event; both are skipped.
        let repeats = changes.iter().filter(|c| c.again.is_some()).map(|c| 1 + u64::from(c.lag.is_some())).sum::<u64>();
        prop_assert_eq!(a.duplicates + a.stale, repeats);
        (a.duplicates, a.stale) = (0, 0);
        prop_assert_eq!(a, b);
    }

    #[test]
    fn other_partitions_change_no_diff(changes in history(), numbers in prop::collection::vec(0..5u32, 3)) {
        let script = script(&changes, true, false);
        let mut moved = script.clone();
        for rec in moved.sides.iter_mut().flatten().filter(|r| !r.key.is_empty()) {
            let key: usize = rec.key.rsplit(',').next().unwrap().parse().unwrap();
            rec.number = numbers[key];
        }
        let (a, b) = (Setup::default().run(&script), Setup::default().run(&moved));
        prop_assert_eq!(essence(&a), essence(&b));
        prop_assert_eq!(a.counts, b.counts);
    }

    #[test]
    fn a_side_against_itself_is_empty(changes in history()) {
        let mut s = script(&changes, true, false);
        s.sides[R] = s.sides[L].clone();
        s.sides[R].iter_mut().for_each(|r| r.topic = TOPICS[R]);
        let ran = Setup::default().run(&s);
        prop_assert_eq!(ran.lines(), vec![""; 0]);
        prop_assert_eq!((ran.counts.missing, ran.counts.mismatch, ran.counts.late), (0, 0, 0));
    }

    #[test]
    fn swapping_the_sides_swaps_the_result(changes in history()) {
        let s = script(&changes, true, false);
        let (a, b) = (Setup::default().run(&s), Setup::default().run(&swapped(&s)));
        prop_assert_eq!(mirrored(&a.diffs, false), mirrored(&b.diffs, true));
        prop_assert_eq!(a.counts, b.counts);
    }

    #[test]
    fn a_copy_within_grace_never_opens(mut changes in history()) {
        for c in &mut changes {
            // One side writes, the other follows in order.
            (c.side, c.lag) = (0, Some(c.lag.unwrap_or(0) % (GRACE / 2)));
        }
        let mut now = 0;
        let mut last = 0;
        for c in &mut changes {
            now += c.wait;
            last = last.max(now + c.lag.unwrap_or(0));
            c.lag = Some(last - now);
        }
        let ran = Setup::default().run(&script(&changes, true, false));
        prop_assert_eq!(ran.lines(), vec![""; 0]);
    }
}
