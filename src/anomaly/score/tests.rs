mod effects;
mod kept;
mod laws;
mod naive;
mod speed;

use super::*;
use crate::anomaly::dice::Dice;
use crate::anomaly::method::{Direction, Kind, Transform};

fn method(streams: &[Stream], kind: Kind, bucket: u32) -> Method {
    let must_detect = match kind {
        Kind::Count => MustDetect::Count { rel: 4.0, abs: 25.0, drop_to: 0.1, drop_buckets: 6 },
        Kind::Gauge => MustDetect::Gauge { scale: 8.0 },
    };
    Method {
        kind,
        streams: streams.to_vec(),
        alpha: 0.2,
        window: 7 * 24 * 60 / bucket as usize,
        bucket,
        transform: Transform::Identity,
        rel_floor: 0.05,
        abs_floor: 0.0,
        direction: Direction::Both,
        threshold: 2.5,
        min_effect: None,
        must_detect,
        cooldown: 6,
    }
}

const SEASONAL: [Stream; 2] = [Stream::Day, Stream::Week];

/// Slots of a zone: at 02:00 of day 20 the clock jumps to 03:00, at 03:00 of day 41 back to 02:00.
fn slots(bucket: u32, days: i32) -> Vec<Slot> {
    let mut slots = Vec::new();
    for day in 0..days {
        let hours: Vec<u16> = match day {
            20 => (0..24).filter(|hour| *hour != 2).collect(),
            41 => (0..3).chain(2..24).collect(),
            _ => (0..24).collect(),
        };
        for start in hours.into_iter().map(|hour| hour * 60) {
            let within = (start..start + 60).filter(|minute| u32::from(*minute) % bucket == 0);
            slots.extend(within.map(|minute| Slot { day, minute }));
        }
    }
    slots
}

/// Hours of business, calm weekends, zeros, gaps and buckets left out.
fn series(dice: &mut Dice, bucket: u32, days: i32) -> Vec<(Slot, Seen)> {
    let slots = slots(bucket, days).into_iter();
    let value = |slot: Slot| {
        let busy = if (480..1080).contains(&slot.minute) { 9.0 } else { 1.0 };
        let week = if matches!((slot.day - 4).rem_euclid(7), 5 | 6) { 0.2 } else { 1.0 };
        match dice.below(40) {
            0 => Seen::Missing,
            1 => Seen::Excluded,
            2 => Seen::Value(0.0),
            3 => Seen::Value(dice.poisson(60.0 * busy)),
            _ => Seen::Value(dice.count(4.0 * busy * week)),
        }
    };
    slots.clone().zip(slots.map(value).collect::<Vec<_>>()).collect()
}

fn run(method: &Method, series: &[(Slot, Seen)]) -> Vec<Point> {
    let mut scorer = Scorer::new(method);
    series.iter().map(|(slot, seen)| scorer.push(*slot, *seen)).collect()
}

#[test]
fn constant_series_never_alert() {
    for (kind, status) in [(Kind::Count, Status::Ok), (Kind::Gauge, Status::NoScale)] {
        for x in [0.0, 7.0] {
            let method = Method { rel_floor: 0.0, ..method(&SEASONAL, kind, 60) };
            let series: Vec<_> = slots(60, 50).into_iter().map(|slot| (slot, Seen::Value(x))).collect();
            let points = run(&method, &series);
            assert!(points[..21].iter().all(|p| p.status == Status::WarmingUp), "{kind:?} {x}");
            assert!(points[21..].iter().all(|p| p.status == status), "{kind:?} {x}");
            assert!(points.iter().filter_map(|p| p.verdict).all(|v| v.score == 0.001 && v.expected == x));
        }
    }
}

#[test]
fn one_value_and_two_are_too_few() {
    let method = method(&SEASONAL, Kind::Count, 60);
    let points = run(
        &method,
        &[(Slot { day: 3, minute: 0 }, Seen::Value(1e9)), (Slot { day: 3, minute: 60 }, Seen::Value(0.0))],
    );
    assert!(points.iter().all(|p| p.status == Status::WarmingUp && p.verdict.is_none()));
}

#[test]
fn huge_numbers_neither_panic_nor_stick() {
    let method = method(&SEASONAL, Kind::Gauge, 60);
    let mut dice = Dice::new(5);
    let wild = |dice: &mut Dice| [f64::MAX, -f64::MAX, 1e300, 1e-300, 0.0, 1.0][dice.below(6) as usize];
    let value = |slot: Slot| if slot.day < 20 { wild(&mut dice) } else { dice.normal() };
    let all: Vec<_> = slots(60, 70).into_iter().zip(slots(60, 70).into_iter().map(value).collect::<Vec<_>>()).collect();
    let points = run(&method, &all.iter().map(|(slot, x)| (*slot, Seen::Value(*x))).collect::<Vec<_>>());
    assert!(points.iter().filter_map(|p| p.verdict).all(|v| v.score.is_finite() && v.expected.is_finite()));
    let mut scorer = Scorer::new(&method);
    for (slot, x) in &all[..24 * 18] {
        scorer.push(*slot, Seen::Value(*x));
        let text = serde_json::to_string(&scorer.save()).unwrap();
        assert!(
            serde_json::from_str(&text).is_ok_and(|saved| Scorer::load(&Arc::new(method.clone()), saved).is_some())
        );
    }
    assert!(points[60 * 24..].iter().all(|p| p.verdict.is_some()));
}

/// The days of two streams are complete at bucket 48 (2 days) and 504 (3 weeks); the first value there sets the level,
/// 20 residuals follow, so they vote from 69 and 525 on. The level has no such days: it votes from 21 on.
#[test]
fn until_a_stream_is_ready_the_level_votes_alone() {
    let mut dice = Dice::new(6);
    let plain = (0..40_i32).flat_map(|day| (0..24_u16).map(move |hour| Slot { day, minute: hour * 60 }));
    let all: Vec<_> = plain.map(|slot| (slot, Seen::Value(dice.count(20.0)))).collect();
    for (streams, turns) in [
        (&[Stream::Day][..], [(69, vec![Stream::Day]), (525, vec![Stream::Day])]),
        (&[Stream::Week], [(525, vec![Stream::Week]), (800, vec![Stream::Week])]),
        (&SEASONAL, [(69, vec![Stream::Day]), (525, vec![Stream::Day, Stream::Week])]),
    ] {
        let points = run(&method(streams, Kind::Count, 60), &all);
        for (at, point) in points.iter().enumerate() {
            let ready = turns.iter().rev().find(|(from, _)| at >= *from).map(|(_, ready)| ready.as_slice());
            let expected = ready.unwrap_or(if at < 21 { &[] } else { &[Stream::Level] });
            assert_eq!(point.voters().map(|reading| reading.stream).collect::<Vec<_>>(), expected, "{at}");
            assert_eq!(point.status == Status::WarmingUp, at < 21);
        }
    }
}

#[test]
fn what_is_missing_or_excluded_is_neither_scored_nor_learned() {
    let method = method(&SEASONAL, Kind::Count, 60);
    let mut dice = Dice::new(7);
    let all = series(&mut dice, 60, 40);
    let points = run(&method, &all);
    for ((_, seen), point) in all.iter().zip(&points) {
        let status = match seen {
            Seen::Value(_) => continue,
            Seen::Missing => Status::Missing,
            Seen::Excluded => Status::Excluded,
        };
        assert_eq!((point.status, point.value, point.verdict), (status, None, None));
    }
    let swapped = all.iter().map(|(slot, seen)| match seen {
        Seen::Missing => (*slot, Seen::Excluded),
        Seen::Excluded => (*slot, Seen::Missing),
        other => (*slot, *other),
    });
    let verdicts = |points: &[Point]| points.iter().map(|point| point.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(&points), verdicts(&run(&method, &swapped.collect::<Vec<_>>())));
}

/// Half hours pool three slots a day, across midnight; what belongs to today stays out.
#[test]
fn the_values_of_a_slot_are_told_with_their_places() {
    let mut scorer = Scorer::new(&method(&SEASONAL, Kind::Count, 30));
    let value = |slot: Slot| f64::from(slot.day * 48) + f64::from(slot.minute / 30);
    for slot in slots(30, 19) {
        scorer.push(slot, Seen::Value(value(slot)));
    }
    let at = |day, minute| (Slot { day, minute }, value(Slot { day, minute }));
    let midnight = scorer.slot_values(Slot { day: 19, minute: 0 });
    assert_eq!(midnight.day[..4], [at(18, 30), at(18, 0), at(17, 1410), at(17, 30)]);
    assert_eq!((midnight.day.len(), midnight.week.len()), (42, 6));
    assert_eq!(midnight.week[3..], [at(5, 30), at(5, 0), at(4, 1410)]);
    assert_eq!(midnight.last_week, Some(at(12, 0).1));
    let evening = scorer.slot_values(Slot { day: 18, minute: 1410 });
    assert_eq!(evening.day[..4], [at(17, 1410), at(17, 1380), at(17, 0), at(16, 1410)]);
    assert_eq!(evening.day.len(), 41);
}
