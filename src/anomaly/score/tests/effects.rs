//! Virtual effects against reruns of the whole series with the effect in the data.

use super::*;

/// A tenant as the contract generates them, in short: hours of business, weekends, a nightly batch, growth.
fn tenant(dice: &mut Dice, days: i32) -> Vec<(Slot, Seen)> {
    let base = libm::exp(libm::log(15.0) + 1.2 * dice.normal());
    let weekend = 0.05 + 0.45 * dice.uniform();
    let batch = if dice.below(10) < 4 { base * (1.0 + 3.0 * dice.uniform()) } else { 0.0 };
    let slope = 0.02 * dice.normal();
    let bump = |hour: f64, at: f64, sd: f64| libm::exp(-0.5 * ((hour - at) / sd) * ((hour - at) / sd));
    let hours = (0..days).flat_map(|day| (0..24_u16).map(move |hour| (day, hour)));
    let mut series = Vec::new();
    for (day, hour) in hours {
        let h = f64::from(hour);
        let profile = 0.08 + bump(h, 10.5, 2.2) + 0.8 * bump(h, 15.0, 2.0);
        let calm = if matches!((day - 4).rem_euclid(7), 5 | 6) { weekend } else { 1.0 };
        let night = if hour == 2 { batch } else { 0.0 };
        let mean = (base * profile * calm + night) * libm::exp(slope * f64::from(day) / 7.0);
        series.push((Slot { day, minute: hour * 60 }, Seen::Value(dice.count(mean))));
    }
    series
}

fn value(seen: Seen) -> f64 {
    if let Seen::Value(x) = seen { x } else { unreachable!("generated series have no gaps") }
}

fn methods() -> [Method; 3] {
    let base = method(&SEASONAL, Kind::Count, 60);
    let sqrt = Method { transform: Transform::Sqrt, ..base.clone() };
    let level = Method { streams: vec![Stream::Level], ..base.clone() };
    [base, sqrt, level]
}

#[test]
fn a_virtual_spike_scores_as_a_rerun() {
    let mut dice = Dice::new(21);
    for method in methods() {
        let series = tenant(&mut dice, 42);
        let points = run(&method, &series);
        for _ in 0..60 {
            let at = 600 + dice.below(series.len() as u64 - 600) as usize;
            let verdict = points[at].verdict.unwrap();
            // Up by max(4 x expected, 25), in whole events.
            let mut changed = series[..=at].to_vec();
            changed[at].1 = Seen::Value(value(series[at].1) + (4.0 * verdict.expected).max(25.0).ceil());
            let rerun = run(&method, &changed)[at].verdict.unwrap();
            assert_eq!(rerun.side, Side::Up);
            assert_eq!(effect::spike(&method, &points[at], 0.0), Some(rerun.score));
        }
    }
}

#[test]
fn a_virtual_spike_on_a_gauge_goes_both_ways() {
    let method = method(&SEASONAL, Kind::Gauge, 60);
    let mut dice = Dice::new(22);
    let series: Vec<_> = slots(60, 40).into_iter().map(|slot| (slot, Seen::Value(50.0 + dice.normal()))).collect();
    let point = run(&method, &series)[900];
    // The rule's median scale is 1.5: the spike is 12.
    let score = |x: f64| point.verdict_at(&method, point.value.unwrap() + x).unwrap();
    assert_eq!(effect::spike(&method, &point, 1.5), Some(score(12.0).score));
    assert_eq!(effect::dip(&method, &point, 1.5), Some(score(-12.0).score));
    assert_eq!((score(12.0).side, score(-12.0).side), (Side::Up, Side::Down));
    assert_eq!(effect::drop(&method, [point].iter()), None);
}

/// What a rerun of six hours at a tenth of what was expected finds: the highest score downwards.
fn rerun_of_drop(method: &Method, series: &[(Slot, Seen)], points: &[Point], end: usize) -> f64 {
    let mut changed = series[..=end].to_vec();
    for at in end - 5..=end {
        let target = (0.1 * points[at].verdict.unwrap().expected).floor();
        changed[at].1 = Seen::Value(value(series[at].1).min(target));
    }
    let rerun = run(method, &changed);
    let down = |at: usize| rerun[at].toward(method, rerun[at].value.unwrap(), Side::Down).unwrap();
    (end - 5..=end).map(down).fold(0.0, f64::max)
}

#[test]
fn the_shortcut_for_drops_is_within_two_points_of_reruns() {
    let mut dice = Dice::new(23);
    for method in methods() {
        let (mut due, mut shortcut, mut full) = (0, 0, 0);
        while due < 400 {
            let series = tenant(&mut dice, 40);
            let points = run(&method, &series);
            for _ in 0..10 {
                let end = 800 + dice.below(series.len() as u64 - 800) as usize;
                let Some(score) = effect::drop(&method, points[end - 5..=end].iter()) else { continue };
                due += 1;
                shortcut += i32::from(score >= method.threshold);
                full += i32::from(rerun_of_drop(&method, &series, &points, end) >= method.threshold);
            }
        }
        let share = |n: i32| f64::from(n) / f64::from(due);
        assert!((share(shortcut) - share(full)).abs() <= 0.02, "{method:?}: {shortcut} and {full} of {due}");
        assert!(shortcut > 0 && shortcut < due);
    }
}

#[test]
fn the_canary_sees_the_last_buckets() {
    let method = method(&SEASONAL, Kind::Count, 60);
    let mut dice = Dice::new(24);
    let mut scorer = Scorer::new(&method);
    let mut points = Vec::new();
    let mut due = 0;
    for (slot, seen) in series(&mut dice, 60, 40) {
        points.push(scorer.push(slot, seen));
        let last = points.len().saturating_sub(6)..;
        let expected = effect::drop(&method, points[last].iter());
        assert_eq!(scorer.virtual_drop(), expected);
        due += usize::from(expected.is_some());
    }
    assert!(due > 50 && due < points.len() / 2, "{due}");
}

/// Expected 100 with scale 10, at the level alone; x falls to 10 for six hours. z of the first hour: 9. The level then
/// follows by 0.2 x 30 an hour: 100, 94, 88, so that the first hour scores most.
#[test]
fn a_drop_by_hand() {
    let method = method(&[Stream::Level], Kind::Count, 60);
    let reading = Reading {
        stream: Stream::Level,
        baseline: 0.0,
        level: 100.0,
        scale: Some(Scale { size: 10.0, term: Term::Mad }),
        votes: false,
    };
    let point = Point::judged(&method, 0, Seen::Value(100.0), [Some(reading), None, None]);
    assert_eq!(effect::drop(&method, [point; 6].iter()), Some(9.0));
    assert_eq!(effect::drop(&method, [point; 5].iter()), None);
    // The level moves: 94 in the second hour, so 10 is 8.4 scales below.
    let first = Point::judged(
        &method,
        0,
        Seen::Value(95.0),
        [Some(Reading { scale: Some(Scale { size: 100.0, term: Term::Mad }), ..reading }), None, None],
    );
    let score = effect::drop(&method, [first, point, point, point, point, point].iter());
    // First hour: z = 0.9, the level goes to 100 - 0.2 x 90 = 82; second hour: (82 - 10) / 10.
    assert_eq!(score, Some(7.2));
    let low = Point::judged(&method, 0, Seen::Value(10.0), [Some(Reading { level: 19.0, ..reading }), None, None]);
    assert_eq!(effect::drop(&method, [low; 6].iter()), None);
}
