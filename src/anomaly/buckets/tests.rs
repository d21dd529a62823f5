use proptest::prelude::*;

use super::*;
use crate::anomaly::rules;
use crate::anomaly::times::{self, Time};

const H: i64 = 3_600_000;
const D: i64 = DAY_MS;

fn rules_of(text: &str) -> Vec<Rule> {
    let checked = rules::read(text);
    checked.rules.unwrap_or_else(|| panic!("{:#?}", checked.found)).rules
}

fn one(fields: &str) -> Vec<Rule> {
    rules_of(&format!("rules: [{{id: r, tz: UTC, {fields}}}]"))
}

/// Rule, key, time, value and id.
type Row = (usize, &'static str, i64, Option<f64>, Option<&'static str>);

fn event(key: &'static str, time: i64, value: f64) -> Row {
    (0, key, time, Some(value), None)
}

fn spelled(out: Out) -> String {
    match out {
        Out::Retired { rule, series } => format!("{rule}#{series} retired"),
        Out::TooFine { key, spacing_ms, .. } => format!("{key} too fine {}m", spacing_ms / 60_000),
        Out::Closed(c) => {
            let value = c.value.map_or("-".to_owned(), |v| format!("{v:?}"));
            let usable = match c.usable {
                Usable::Yes => "",
                Usable::Excluded => " excluded",
                Usable::Short => " short",
            };
            let fresh = if c.fresh { " fresh" } else { "" };
            let label = c.label.map_or("", |l| if l { " labelled" } else { " clean" });
            format!("{} {} {} {value}{usable}{fresh}{label}", c.rule, c.key, &times::text(c.start)[5..16])
        }
    }
}

fn push(buckets: &mut Buckets, row: &Row, out: &mut Vec<String>) -> Taken {
    let event = Event { rule: row.0, key: row.1, time: Time::Instant(row.2), value: row.3, id: row.4, label: None };
    buckets.push(&event, |o| out.push(spelled(o)))
}

/// What leaves, up to `now`.
fn run(rules: &[Rule], rows: &[Row], now: i64) -> (Vec<String>, Counts) {
    let mut buckets = Buckets::new(rules, 100).now_is(Some(i64::MAX));
    let mut out = Vec::new();
    for row in rows {
        push(&mut buckets, row, &mut out);
    }
    buckets.advance(now, |o| out.push(spelled(o)));
    (out, buckets.counts)
}

#[test]
fn events_are_counted_and_buckets_close_behind_the_lateness() {
    let rules = one("");
    let rows = [event("a", 0, 1.0), event("a", H - 1, 1.0), event("a", 3 * H, 1.0), event("a", 3 * H + 300_000, 1.0)];
    let (out, counts) = run(&rules, &rows[..3], 0);
    assert_eq!(out, ["0 a 01-01T00:00 2.0 fresh", "0 a 01-01T01:00 0.0"]);
    assert_eq!((counts.events, counts.buckets), (3, 2));
    // Five minutes later the empty hour before has closed too.
    let (out, _) = run(&rules, &rows, 0);
    assert_eq!(out[2..], ["0 a 01-01T02:00 0.0"]);
    assert_eq!(run(&rules, &rows, 4 * H + 300_000 - 1).0.len(), 3);
    assert_eq!(run(&rules, &rows, 4 * H + 300_000).0[3..], ["0 a 01-01T03:00 2.0"]);
}

#[test]
fn a_watermark_of_one_series_closes_the_buckets_of_all() {
    let rules = rules_of("rules: [{id: r, tz: UTC, lateness: 0}, {id: s, tz: UTC, bucket: 30m, lateness: 0}]");
    let rows = [event("b", 0, 1.0), event("a", 0, 1.0), (1, "b", 0, Some(1.0), None), event("a", H, 1.0)];
    let expected =
        ["1 b 01-01T00:00 1.0 fresh", "0 a 01-01T00:00 1.0 fresh", "0 b 01-01T00:00 1.0 fresh", "1 b 01-01T00:30 0.0"];
    assert_eq!(run(&rules, &rows, 0).0, expected);
}

#[test]
fn what_comes_too_late_changes_nothing() {
    let rules = one("");
    let rows = [event("a", 0, 1.0), event("a", 2 * H, 1.0)];
    let mut late = rows.to_vec();
    late.extend([event("a", H - 1, 1.0), event("new", 10, 1.0)]);
    let ((plain, _), (out, counts)) = (run(&rules, &rows, 9 * H), run(&rules, &late, 9 * H));
    assert_eq!((out, counts.behind, counts.events), (plain, 2, 2));
}

#[test]
fn points_are_averaged_and_repeats_are_one() {
    let gauge = one("kind: gauge");
    let rows = [
        event("a", 0, 1.0),
        event("a", 0, 1.0),
        event("a", 600_000, 2.0),
        event("a", 600_000, 5.0),
        event("a", H, 0.1),
    ];
    let (out, counts) = run(&gauge, &rows, 2 * H);
    // (1 + (2 + 5) / 2) / 2
    assert_eq!(out, ["0 a 01-01T00:00 2.25 fresh", "0 a 01-01T01:00 0.1"]);
    assert_eq!((counts.repeated, counts.conflicting), (1, 1));
    let count = one("input: points");
    assert_eq!(run(&count, &rows, 2 * H).0[0], "0 a 01-01T00:00 4.5 fresh");
    // An hour without a point, and one whose point has no value.
    let rows = [event("a", 0, 1.0), event("a", 2 * H, 1.0), (0, "a", 3 * H, None, None), event("a", 4 * H, 1.0)];
    let (out, _) = run(&count, &rows, 4 * H);
    let expected = ["0 a 01-01T00:00 1.0 fresh", "0 a 01-01T01:00 -", "0 a 01-01T02:00 1.0", "0 a 01-01T03:00 -"];
    assert_eq!(out, expected);
    assert_eq!(run(&one("input: points, missing: zero"), &rows, 4 * H).0[1], "0 a 01-01T01:00 0.0");
    assert_eq!(run(&one("input: points, missing: zero"), &rows, 4 * H).0[3], "0 a 01-01T03:00 -");
}

#[test]
fn an_event_id_counts_once_in_its_bucket() {
    let rules = one("dedupe_by: id");
    let row = |time, id| (0, "a", time, Some(1.0), Some(id));
    let (out, counts) = run(&rules, &[row(0, "x"), row(5, "y"), row(7, "x"), row(H, "x")], 3 * H);
    assert_eq!(out, ["0 a 01-01T00:00 2.0 fresh", "0 a 01-01T01:00 1.0"]);
    assert_eq!(counts.repeated, 1);
}

#[test]
fn excluded_and_short_buckets_are_marked_and_shorter_counts_are_scaled() {
    let rules = rules_of(
        "rules: [{id: r, tz: Europe/Berlin, bucket: 12h, lateness: 0, exclude: [{from: 2026-03-28 13:00:00, until: 2026-03-28 14:00:00}]}]",
    );
    let noon = 1_774_695_600_000; // 2026-03-28T11:00:00Z
    let rows = [event("a", noon, 3.0), event("a", noon + 12 * H, 4.0), event("a", noon + 24 * H, 11.0)];
    let (out, _) = run(&rules, &rows, noon + 35 * H);
    // The day of the change has 23 hours: its second half counts 11 in 11 hours.
    assert_eq!(out, ["0 a 03-28T11:00 3.0 excluded fresh", "0 a 03-28T23:00 4.0", "0 a 03-29T11:00 12.0"]);
    let midnight = 1_792_879_200_000; // 2026-10-24T22:00:00Z
    let (out, _) = run(&rules, &[event("a", midnight, 1.0)], midnight + 25 * H);
    assert_eq!(out, ["0 a 10-24T22:00 1.0 fresh", "0 a 10-25T10:00 0.0", "0 a 10-25T22:00 0.0 short"]);
}

#[test]
fn tenants_have_days_of_their_own() {
    let rules = rules_of("rules: [{id: r, tz: UTC, bucket: 1d, lateness: 0, tz_by_tenant: {tokyo: Asia/Tokyo}}]");
    let (out, _) = run(&rules, &[event("rome", 20 * H, 1.0), event("tokyo", 20 * H, 1.0)], 2 * D);
    assert_eq!(out, ["0 rome 01-01T00:00 1.0 fresh", "0 tokyo 01-01T15:00 1.0 fresh", "0 rome 01-02T00:00 0.0"]);
}

#[test]
fn silent_series_leave_after_35_days_and_begin_anew() {
    let rules = one("bucket: 1d, lateness: 0");
    let (out, counts) = run(&rules, &[event("a", 0, 1.0), event("a", 50 * D, 2.0)], 51 * D);
    assert_eq!((out.len(), counts.retired, counts.buckets), (37, 1, 36));
    assert_eq!(out[34..], ["0 a 02-04T00:00 0.0", "0#0 retired", "0 a 02-20T00:00 2.0 fresh"]);
    // Whether the record that brings it back comes just before or behind the close makes no difference.
    let rows = [event("b", 0, 1.0), event("a", 0, 1.0), event("b", 34 * D, 1.0), event("a", 36 * D + 1, 1.0)];
    let late = one("bucket: 1d, lateness: 2d");
    let mut turned = rows.to_vec();
    turned.push(event("b", 37 * D, 1.0));
    let straight = run(&late, &turned, 90 * D);
    turned.swap(3, 4);
    assert_eq!(run(&late, &turned, 90 * D), straight);
    assert!(straight.0.iter().any(|o| o == "0 a 02-06T00:00 1.0 fresh"), "{:?}", straight.0);
}

/// A series lives for 35 days without a record, and so does a stream.
#[test]
fn what_is_later_than_can_be_changes_nothing() {
    let rules = one("bucket: 1d, lateness: 0");
    let ahead = |mut buckets: Buckets, rows: &[(i64, bool)]| {
        for (time, refused) in rows {
            let mut out = Vec::new();
            let taken = push(&mut buckets, &event("a", *time, 1.0), &mut out);
            assert_eq!(matches!(taken, Taken::Ahead(ahead) if ahead.time == *time), *refused, "{time}");
            assert!(!refused || out.is_empty(), "{out:?}");
        }
        buckets.counts.events
    };
    let stream = Buckets::new(&rules, 9);
    assert_eq!(ahead(stream, &[(500 * D, false), (535 * D, false), (570 * D + 1, true), (536 * D, false)]), 3);
    let named = Buckets::new(&rules, 9).now_is(Some(500 * D));
    assert_eq!(ahead(named, &[(D, false), (500 * D + H, false), (500 * D + H + 1, true)]), 2);
    // A whole history may have gaps.
    assert_eq!(ahead(Buckets::of_whole_input(&rules, 9), &[(0, false), (900 * D, false)]), 2);
}

#[test]
fn too_many_series_and_too_fine_buckets_are_told() {
    let rules = one("");
    let mut buckets = Buckets::new(&rules, 2);
    let mut out = Vec::new();
    for (key, taken) in
        [("a", Taken::Yes), ("b", Taken::Yes), ("c", Taken::TooMany), ("a", Taken::Yes), ("c", Taken::TooMany)]
    {
        assert_eq!(push(&mut buckets, &event(key, 0, 1.0), &mut out), taken, "{key}");
    }
    assert_eq!((buckets.refused.clone(), buckets.counts.refused, buckets.series()), (vec![(0, "c".to_owned())], 2, 2));
    let hourly: Vec<Row> = (0..12).map(|i| event("a", i * H, 1.0)).collect();
    let told =
        |fields: &str| run(&one(fields), &hourly, 0).0.into_iter().filter(|o| o.contains("fine")).collect::<Vec<_>>();
    assert_eq!(told("input: points, bucket: 30m"), ["a too fine 60m"]);
    assert!(told("input: points").is_empty() && told("bucket: 5m").is_empty());
    assert_eq!((bucket_for(H), bucket_for(H + 1), bucket_for(2 * D)), (Some("1h"), Some("2h"), None));
}

#[test]
fn an_overlapping_input_replaces_what_was_open() {
    let rules = one("lateness: 0");
    let rows = [event("a", 0, 1.0), event("a", H, 1.0), event("b", H, 1.0)];
    let mut buckets = Buckets::new(&rules, 9);
    let mut out = Vec::new();
    rows.iter().for_each(|row| assert_eq!(push(&mut buckets, row, &mut out), Taken::Yes));
    assert_eq!(buckets.drop_open(), [(0, 1)]);
    // The whole input again: what is closed is behind, what was open counts once.
    let taken: Vec<Taken> = rows.iter().map(|row| push(&mut buckets, row, &mut out)).collect();
    assert_eq!(taken, [Taken::Behind, Taken::Yes, Taken::Yes]);
    buckets.advance(2 * H, |o| out.push(spelled(o)));
    assert_eq!(out, ["0 a 01-01T00:00 1.0 fresh", "0 a 01-01T01:00 1.0", "0 b 01-01T01:00 1.0 fresh"]);
}

const MIXED: &str = "rules:
  - {id: c, tz: Europe/Berlin, lateness: 2h, dedupe_by: id}
  - {id: v, tz: UTC, bucket: 30m, lateness: 2h, value: bytes, tz_by_tenant: {b: Asia/Kathmandu}}
  - {id: g, tz: UTC, kind: gauge, bucket: 6h, lateness: 2h}
";

/// Times go forward, each event at most two hours behind the largest time before.
fn stream() -> impl Strategy<Value = Vec<Row>> {
    let step = prop_oneof![30 => 0i64..2 * H, 2 => 0i64..3 * D, 1 => 30 * D..40 * D];
    let row =
        (step, 0i64..H, 0usize..3, 0usize..3, prop_oneof![Just(1.0), Just(0.1), Just(0.7), Just(1e-9)], 0usize..4);
    prop::collection::vec(row, 1..60).prop_map(|rows| {
        let mut now = 1_773_000_000_000;
        let rows = rows.into_iter().map(|(step, back, rule, key, value, id)| {
            now += step;
            let id = (rule == 0).then_some(["p", "q", "r", "s"][id]);
            (rule, ["a", "b", "c"][key], now - back, Some(value), id)
        });
        rows.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The order of events within the lateness changes no bucket and no sum, to the last bit.
    #[test]
    fn order_within_the_lateness_does_not_matter(rows in stream(), seed in any::<u64>()) {
        let rules = rules_of(MIXED);
        let end = rows.iter().map(|r| r.2).max().unwrap() + 50 * D;
        let (straight, counts) = run(&rules, &rows, end);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        // Each event is put at most so far back that it is still within the lateness of those put before it.
        order.sort_by_key(|i| rows[*i].2 + (seed.rotate_left(*i as u32 * 7) % (H as u64)) as i64);
        let turned: Vec<Row> = order.into_iter().map(|i| rows[i]).collect();
        let (other, other_counts) = run(&rules, &turned, end);
        prop_assert_eq!(named(&straight), named(&other));
        prop_assert_eq!(counts, other_counts);
        // And the whole input at once, in whatever order, is the same.
        let mut backwards: Vec<Row> = turned.into_iter().rev().collect();
        backwards.sort_by_key(|r| r.1);
        let mut whole = Buckets::of_whole_input(&rules, 100);
        let mut out = Vec::new();
        for row in &backwards {
            push(&mut whole, row, &mut out);
        }
        prop_assert!(out.is_empty());
        whole.advance(end, |o| out.push(spelled(o)));
        prop_assert_eq!(named(&straight), named(&out));
    }

    /// A run that is cut anywhere and goes on from what it saved is one run.
    #[test]
    fn any_cut_gives_what_one_run_gives(rows in stream(), cuts in prop::collection::vec(0usize..60, 1..4)) {
        let rules = rules_of(MIXED);
        let end = rows.iter().map(|r| r.2).max().unwrap() + 50 * D;
        let (straight, _) = run(&rules, &rows, end);
        let mut out = Vec::new();
        let mut buckets = Buckets::new(&rules, 100).now_is(Some(i64::MAX));
        for (i, row) in rows.iter().enumerate() {
            if cuts.contains(&i) {
                let saved = saved(&buckets);
                let mut next = Buckets::new(&rules, 100).now_is(Some(i64::MAX));
                buckets.watermark().into_iter().for_each(|mark| next.resume_at(mark));
                for line in &saved {
                    let (rule, key, state): (usize, String, SeriesState) = serde_json::from_str(line).unwrap();
                    next.restore(rule, &key, &state);
                }
                prop_assert_eq!(&saved, &self::saved(&next));
                buckets = next;
            }
            push(&mut buckets, row, &mut out);
        }
        buckets.advance(end, |o| out.push(spelled(o)));
        prop_assert_eq!(named(&straight), named(&out));
    }
}

/// Without the numbers of series, which go by the order in which they came.
fn named(out: &[String]) -> Vec<&str> {
    out.iter().filter_map(|o| o.split('#').next()).collect()
}

fn saved(buckets: &Buckets) -> Vec<String> {
    buckets.save().map(|(rule, _, key, state)| serde_json::to_string(&(rule, key, state)).unwrap()).collect()
}

/// (0.1 + 0.2) + 0.3 is 0.6000000000000001, 0.1 + (0.2 + 0.3) is 0.6.
#[test]
fn sums_do_not_depend_on_the_order_of_their_parts() {
    let rules = one("value: bytes");
    let sum = |values: [f64; 4]| run(&rules, &values.map(|v| event("a", 0, v)), 2 * H).0.remove(0);
    let known = sum([0.1, 0.2, 0.3, 0.0]);
    for values in [[0.3, 0.2, 0.1, 0.0], [0.0, 0.2, 0.3, 0.1], [0.3, 0.0, 0.1, 0.2]] {
        assert_eq!(sum(values), known);
    }
}

/// Events, and the same hours counted by someone else, are the same buckets.
#[test]
fn events_and_the_same_data_in_buckets_agree() {
    let times = [0, 5, H + 1, H + 2, H + 3, 4 * H, 4 * H + 59 * 60_000];
    let events: Vec<Row> = times.iter().map(|time| event("a", *time, 1.0)).collect();
    let points = [event("a", 0, 2.0), event("a", H, 3.0), event("a", 2 * H, 0.0), event("a", 4 * H, 2.0)];
    let of_events = run(&one(""), &events, 7 * H).0;
    assert_eq!(of_events, run(&one("input: points, missing: zero, lateness: 5m"), &points, 7 * H).0);
    assert_eq!(of_events.len(), 6);
}

#[test]
fn finish_closes_what_holds_a_record() {
    let rules = one("");
    let mut buckets = Buckets::of_whole_input(&rules, 9);
    let mut out = Vec::new();
    for row in [event("a", 3 * H, 1.0), event("b", 0, 1.0), event("a", 0, 1.0)] {
        push(&mut buckets, &row, &mut out);
    }
    buckets.finish(|o| out.push(spelled(o)));
    assert_eq!(out.len(), 8);
    assert_eq!(out[6..], ["0 a 01-01T03:00 1.0", "0 b 01-01T03:00 0.0"]);
}
