use super::*;
use crate::anomaly::method::{Kind, MustDetect, Transform};
use crate::anomaly::rules;
use crate::anomaly::score::Seen;

/// The defaults of an hourly rule for counts, for values of this kind.
fn method(kind: Kind) -> Method {
    Method { kind, ..rules::read("rules: [{id: r, tz: UTC}]").rules.unwrap().rules[0].method(None) }
}

/// Six weeks with 10 an hour, 100 at 13:00, and this value at 13:00 of a Thursday.
fn thursday(method: &Method, value: f64) -> Explanation {
    let mut scorer = Scorer::new(method);
    let usual = |minute| if minute == 13 * 60 { 100.0 } else { 10.0 };
    for day in 0..43 {
        for minute in (0..24_u16).map(|hour| hour * 60).filter(|minute| day < 42 || *minute < 13 * 60) {
            scorer.push(Slot { day, minute }, Seen::Value(usual(minute)));
        }
    }
    let point = scorer.push(Slot { day: 42, minute: 13 * 60 }, Seen::Value(value));
    explain(&scorer, &point).unwrap()
}

const PLACE: Place<'_> = Place { rule: "export-spike", series: "acme", local: "Thu 2026-01-08 13:00 (Europe/Berlin)" };

/// All residuals are 0, so the scale is sqrt(100 + 1) = 10.05 in both streams: 412 is 312 / 10.05 = 31.05 scales off,
/// and 2.5 scales are 25.12.
#[test]
fn a_count_far_above() {
    let method = method(Kind::Count);
    let told = thursday(&method, 412.0);
    assert_eq!((told.value, told.expected, told.side, told.alerts), (412.0, 100.0, Side::Up, true));
    assert!((told.score - 312.0 / 101.0_f64.sqrt()).abs() < 1e-9);
    assert_eq!((told.would_alert_from, told.would_alert_below), (Some(126.0), Some(74.0)));
    assert_eq!(told.term, Term::CountFloor);
    let at = |day| (Slot { day, minute: 780 }, 100.0);
    assert_eq!(told.slot_values.day, (28..42).rev().map(at).collect::<Vec<_>>());
    assert_eq!(told.slot_values.week, [35, 28, 21, 14, 7].map(at));
    assert_eq!(told.slot_values.last_week, Some(100.0));
    let streams: Vec<_> = told.streams.iter().map(|view| (view.stream, view.expected, view.term)).collect();
    assert_eq!(streams, [Stream::Day, Stream::Week].map(|stream| (stream, 100.0, Term::CountFloor)));
    assert_eq!(
        told.lines(&method, PLACE),
        [
            "export-spike, acme: 412 at Thu 2026-01-08 13:00 (Europe/Berlin); expected 100",
            "that is 312 more, 4.12 times as much; score 31.05 at threshold 2.5 alerts; 126 and more would, or 74 and less",
            "at this time on the days before 14 values from 100 to 100; on Thursdays before 5 values from 100 to 100; \
             a week before it was 100",
            "against the days before: 31.05 scales above 100, a scale being 10.05; \
             against the Thursdays before: 31.05 scales above 100, a scale being 10.05",
            "what decided: the scale is what chance alone does to a count of this size, since recent values scatter \
             less (count_floor)",
        ]
    );
}

/// The least scale of a gauge is 5 % of 100: 97 is 0.6 scales below, and 112.5 and 87.5 are the edges.
#[test]
fn a_gauge_a_little_below() {
    let method = Method { kind: Kind::Gauge, must_detect: MustDetect::Gauge { scale: 8.0 }, ..method(Kind::Gauge) };
    let told = thursday(&method, 97.0);
    assert_eq!((told.side, told.alerts, told.term), (Side::Down, false, Term::RelFloor));
    let lines = told.lines(&method, PLACE);
    assert_eq!(
        lines[1],
        "that is 3 less, 0.97 times as much; score 0.6 at threshold 2.5 does not alert; 112.5 and more would, or 87.5 \
         and less"
    );
    assert_eq!(
        lines[4],
        "what decided: the scale is 5 % of what was expected, since recent values scatter less (rel_floor)"
    );
}

#[test]
fn no_score_has_no_explanation() {
    let mut scorer = Scorer::new(&method(Kind::Count));
    let point = scorer.push(Slot { day: 0, minute: 0 }, Seen::Value(5.0));
    assert_eq!(explain(&scorer, &point), None);
}

/// Under `sqrt` a scale is 1 where y = 2 sqrt(x + 3/8): at 100 that is sqrt(100.375) + 1/4 = 10.27 upwards.
#[test]
fn scales_are_told_in_the_unit_of_the_data() {
    let told = thursday(&Method { transform: Transform::Sqrt, ..method(Kind::Count) }, 412.0);
    assert!(told.streams.iter().all(|view| (view.scale - (100.375_f64.sqrt() + 0.25)).abs() < 1e-9));
    assert!(told.streams.iter().all(|view| (view.expected - 100.0).abs() < 1e-9));
}

#[test]
fn numbers_have_four_digits_but_whole_ones_all() {
    let texts = [412.0, 96.516, 0.000_123_456, -3.25, 12_345.6, 1_234_567.0, 999.96, 0.0].map(number);
    assert_eq!(texts, ["412", "96.52", "0.0001235", "-3.25", "12346", "1234567", "1000", "0"]);
}
