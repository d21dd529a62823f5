//! What holds for any series.

use super::*;
use crate::anomaly::method::MinEffect;

fn random_method(dice: &mut Dice, kind: Kind) -> Method {
    let all: [&[Stream]; 6] = [
        &[Stream::Level],
        &[Stream::Day],
        &[Stream::Week],
        &SEASONAL,
        &[Stream::Level, Stream::Day],
        &[Stream::Level, Stream::Day, Stream::Week],
    ];
    let base = method(all[dice.below(6) as usize], kind, 60);
    let sqrt = kind == Kind::Count && dice.below(2) == 0;
    Method {
        transform: if sqrt { Transform::Sqrt } else { Transform::Identity },
        alpha: [0.05, 0.2, 0.4][dice.below(3) as usize],
        threshold: 1.5 + dice.uniform() * 4.0,
        direction: [Direction::Both, Direction::Up, Direction::Down][dice.below(3) as usize],
        ..base
    }
}

fn values(points: &[Point]) -> Vec<Option<Verdict>> {
    points.iter().map(|point| point.verdict).collect()
}

#[test]
fn the_future_changes_no_score() {
    let mut dice = Dice::new(11);
    for _ in 0..6 {
        let method = random_method(&mut dice, Kind::Count);
        let mut all = series(&mut dice, 60, 45);
        let before = run(&method, &all);
        let cut = dice.below(all.len() as u64) as usize;
        for (_, seen) in &mut all[cut..] {
            *seen = Seen::Value(dice.poisson(300.0));
        }
        let after = run(&method, &all);
        assert_eq!(before[..cut], after[..cut]);
        assert_ne!(values(&before[cut..]), values(&after[cut..]));
        assert_eq!(before[..cut], run(&method, &all[..cut]));
    }
}

#[test]
fn a_gauge_in_another_unit_scores_the_same() {
    let mut dice = Dice::new(12);
    for exponent in [-9, 5, 20] {
        let factor = f64::powi(2.0, exponent);
        let method = random_method(&mut dice, Kind::Gauge);
        let series: Vec<(Slot, Seen)> = slots(60, 50)
            .into_iter()
            .map(|slot| (slot, Seen::Value(dice.normal() * 3.0 + f64::from(slot.minute))))
            .collect();
        let scaled = series.iter().map(|(slot, seen)| match seen {
            Seen::Value(x) => (*slot, Seen::Value(x * factor)),
            other => (*slot, *other),
        });
        let (one, other) = (run(&method, &series), run(&method, &scaled.collect::<Vec<_>>()));
        let scores = |points: &[Point]| points.iter().map(|p| p.verdict.map(|v| (v.score, v.side))).collect::<Vec<_>>();
        assert_eq!(scores(&one), scores(&other));
        assert!(
            one.iter()
                .zip(&other)
                .all(|(a, b)| a.verdict.is_none_or(|v| v.expected * factor == b.verdict.unwrap().expected))
        );
    }
}

/// The value next to this one in the direction of what was expected.
fn inside(kind: Kind, x: f64, side: Side) -> f64 {
    match (kind, side) {
        (Kind::Count, Side::Up) => x - 1.0,
        (Kind::Count, Side::Down) => x + 1.0,
        (Kind::Gauge, Side::Up) => x.next_down(),
        (Kind::Gauge, Side::Down) => x.next_up(),
    }
}

#[test]
fn the_band_is_where_the_score_reaches_the_threshold() {
    let mut dice = Dice::new(13);
    let mut edges = [0; 4];
    for round in 0..30 {
        let kind = if round % 3 == 2 { Kind::Gauge } else { Kind::Count };
        let method = random_method(&mut dice, kind);
        for point in run(&method, &series(&mut dice, 60, 45)).iter().filter(|p| p.verdict.is_some()) {
            let expected = point.verdict.unwrap().expected;
            let band = band::scores(&method, point);
            for (side, edge) in [(Side::Up, band.upper), (Side::Down, band.lower)] {
                let score = |x: f64| point.toward(&method, x, side).unwrap();
                let Some(x) = edge else {
                    edges[side as usize] += 1;
                    let last = if side == Side::Down { 0.0 } else { 9e15 };
                    let excused = !side.allowed(method.direction) || expected <= 0.0;
                    assert!(excused || kind == Kind::Count && score(last) < method.threshold);
                    continue;
                };
                edges[2 + side as usize] += 1;
                let next = inside(kind, x, side);
                let next_is_beyond = if side == Side::Up { next > expected } else { next < expected };
                assert!(if side == Side::Up { x > expected } else { x < expected });
                assert!(
                    score(x) >= method.threshold && (!next_is_beyond || score(next) < method.threshold),
                    "{point:?}"
                );
                assert!(kind == Kind::Gauge || x >= 0.0 && x.fract() == 0.0);
            }
        }
    }
    assert!(edges.iter().all(|n| *n > 500), "{edges:?}");
}

#[test]
fn an_alert_needs_the_least_effect_too() {
    let base = method(&SEASONAL, Kind::Count, 60);
    let method = Method { min_effect: Some(MinEffect { abs: 500.0, rel: 2.0 }), ..base.clone() };
    let mut dice = Dice::new(14);
    let all = series(&mut dice, 60, 45);
    let (free, held) = (run(&base, &all), run(&method, &all));
    assert_eq!(values(&free), values(&held));
    for (point, free) in held.iter().zip(&free) {
        let Some(verdict) = point.verdict else { continue };
        let deviation = (point.value.unwrap() - verdict.expected).abs();
        let large = deviation >= 500.0_f64.max(2.0 * verdict.expected);
        assert_eq!(point.status == Status::Breach, free.status == Status::Breach && large);
        let (score, alert) = (band::scores(&method, point), band::alerts(&method, point));
        let needed = (verdict.expected + 500.0_f64.max(2.0 * verdict.expected)).ceil();
        assert_eq!(alert.upper, score.upper.map(|upper| upper.max(needed)));
        assert_eq!(score, band::scores(&base, free));
    }
    let breaches = |points: &[Point]| points.iter().filter(|p| p.status == Status::Breach).count();
    assert!(breaches(&held) > 0 && breaches(&held) < breaches(&free));
}

#[test]
fn the_vote_for_up_never_falls_as_the_value_rises() {
    let mut dice = Dice::new(15);
    for _ in 0..8 {
        let method = random_method(&mut dice, Kind::Count);
        for point in run(&method, &series(&mut dice, 60, 40)).iter().filter(|p| p.verdict.is_some()).step_by(7) {
            let votes = |side| (0..400).map(|x| point.toward(&method, f64::from(x), side).unwrap()).collect::<Vec<_>>();
            assert!(votes(Side::Up).is_sorted());
            assert!(votes(Side::Down).is_sorted_by(|a, b| a >= b));
        }
    }
}

/// Day baseline 10 with scale 1, week baseline 20 with scale 4, at 12: z is 2 and -2, so both directions are silent.
#[test]
fn streams_that_disagree_silence_each_other() {
    let method = method(&SEASONAL, Kind::Gauge, 60);
    let reading = |stream, level, size| Reading {
        stream,
        baseline: 0.0,
        level,
        scale: Some(Scale { size, term: Term::Sd }),
        votes: false,
    };
    let at = |x, day, week| {
        let readings = [None, Some(reading(Stream::Day, 10.0, day)), Some(reading(Stream::Week, 20.0, week))];
        Point::judged(&method, 0, Seen::Value(x), readings)
    };
    let point = at(12.0, 1.0, 4.0);
    let verdict = point.verdict.unwrap();
    assert_eq!((verdict.expected, point.status), (15.0, Status::Ok));
    // sqrt(2 x 0.001), in both directions.
    assert!((verdict.score - 0.044_721_359_549_995_8).abs() < 1e-15 && verdict.side == Side::Up);
    // At 36: z = 26 and 4; the geometric mean is sqrt(104).
    let far = at(36.0, 1.0, 4.0);
    assert!((far.verdict.unwrap().score - 10.198_039_027_185_57).abs() < 1e-12 && far.status == Status::Breach);
    assert_eq!(far.term(&method), Some(Term::Sd));
    // (x - 10)(x - 20) = 6.25 x 4: the roots are 15 -+ sqrt(50).
    let band = band::scores(&method, &point);
    assert!((band.upper.unwrap() - 22.071_067_811_865_476).abs() < 1e-12);
    assert!((band.lower.unwrap() - 7.928_932_188_134_524).abs() < 1e-12);
    // No scale of its own: the other one votes alone.
    assert_eq!(at(36.0, 0.0, 4.0).verdict.unwrap().score, 4.0);
    assert_eq!(at(36.0, 0.0, 0.0).status, Status::NoScale);
}
