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
    assert!(points.iter().filter_map(|p| p.verdict).all(|v| v.score.is_finite()));
    assert!(points[60 * 24..].iter().all(|p| p.verdict.is_some()));
}
