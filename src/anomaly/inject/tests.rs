use super::*;
use crate::anomaly::generate::{START_S, tenant};
use crate::anomaly::method::{Slot, Stream};
use crate::anomaly::rules;
use crate::anomaly::score::effect;

/// The defaults of a rule, for hourly counts.
fn counts() -> Method {
    rules::read("rules: [{id: r, tz: UTC}]").rules.unwrap().rules[0].method(None)
}

fn gauge() -> Method {
    let rules = rules::read("rules: [{id: r, tz: UTC, kind: gauge, value: v, baseline: level}]").rules.unwrap();
    rules.rules[0].method(None)
}

fn bucket(i: usize, value: f64) -> Bucket {
    let day = (START_S / 86_400) as i32 + (i / 24) as i32;
    let slot = Slot { day, minute: (i % 24 * 60) as u16 };
    Bucket { start: (START_S + 3_600 * i as i64) * 1_000, slot, seen: Seen::Value(value) }
}

fn ground(method: &Method, number: usize) -> Ground {
    let tenant = tenant(8, number);
    let buckets: Vec<Bucket> = tenant.counts.iter().enumerate().map(|(i, x)| bucket(i, *x)).collect();
    let labelled = |i: usize| tenant.effects.iter().any(|(_, range)| range.contains(&i));
    let free = (0..buckets.len()).map(|i| i >= 336 && !labelled(i)).collect();
    Ground::new(method, buckets, free)
}

/// What happens to a bucket with this value and expectation.
fn struck(method: &Method, unit: f64, kind: Kind, size: f64, x: f64, expected: f64, part: f64) -> f64 {
    let injections = Injections { method, grounds: &[], unit, places: Vec::new() };
    injections.struck(kind, size, x, expected, part)
}

#[test]
fn effects_have_their_sizes() {
    let of = |kind, size, x, expected, part| struck(&counts(), 0.0, kind, size, x, expected, part);
    // Four times what is expected, at least 25, in whole numbers.
    for (size, expected, rise) in [(1.0, 100.0, 400.0), (0.5, 100.0, 200.0), (1.0, 2.0, 25.0), (0.5, 1.0, 13.0)] {
        assert_eq!(of(Kind::Spike, size, 7.0, expected, 1.0), 7.0 + rise);
        assert_eq!(of(Kind::Burst, size, 7.0, expected, 0.5), 7.0 + rise);
    }
    // A quarter of the way up: 0.25 x 4 x 100.
    assert_eq!(of(Kind::Ramp, 1.0, 7.0, 100.0, 0.25), 107.0);
    assert_eq!([0.5, 1.0, 2.0].map(|s| of(Kind::Shift, s, 7.0, 100.0, 1.0)), [11.0, 14.0, 21.0]);
    // To a tenth at size 1, to 55 % at half of it, to nothing from twice it on; never up.
    assert_eq!([0.5, 1.0, 2.0, 4.0].map(|s| of(Kind::Drop, s, 90.0, 100.0, 1.0)), [55.0, 10.0, 0.0, 0.0]);
    assert_eq!(of(Kind::Drop, 1.0, 4.0, 100.0, 1.0), 4.0);
    let of = |kind, size| struck(&gauge(), 1.5, kind, size, -3.0, -2.0, 1.0);
    // Eight scales of 1.5.
    assert_eq!([of(Kind::Spike, 1.0), of(Kind::Shift, 1.0), of(Kind::Drop, 1.0)], [9.0, 9.0, -15.0]);
    assert_eq!([of(Kind::Ramp, 2.0), of(Kind::Burst, 0.5)], [21.0, 3.0]);
}

#[test]
fn a_spike_is_heard_as_its_closed_form_says() {
    let method = counts();
    let grounds = [ground(&method, 0), ground(&method, 1)];
    let injections = Injections::new(&method, &grounds, 200, 1, "r");
    let heard = injections.heard(|_| Scorer::new(&method), &|| Ok(())).unwrap();
    let spikes = heard.iter().find(|h| h.kind == Kind::Spike && h.size == 1.0).unwrap();
    assert_eq!(spikes.reached.iter().map(Vec::len).sum::<usize>(), 200);
    for (series, ground) in grounds.iter().enumerate() {
        let mut scorer = Scorer::new(&method);
        let points: Vec<_> = ground.buckets.iter().map(|b| scorer.push(b.slot, b.seen)).collect();
        let (_, places) = injections.places.iter().find(|(kind, _)| *kind == Kind::Spike).unwrap();
        for (place, reached) in places[series].iter().zip(&spikes.reached[series]) {
            assert_eq!(effect::spike(&method, &points[*place], 0.0), Some(*reached), "{place}");
        }
    }
}

/// The short cut of `tune` and of the canaries: only the levels run again, the scales stay.
#[test]
fn power_for_drops_is_within_two_points_of_the_short_cut() {
    let method = Method { streams: vec![Stream::Day], ..counts() };
    let grounds: Vec<Ground> = (0..12).map(|i| ground(&method, i)).collect();
    let injections = Injections::new(&method, &grounds, 1_000, 1, "r");
    let heard = injections.heard(|_| Scorer::new(&method), &|| Ok(())).unwrap();
    let drops = heard.iter().find(|h| h.kind == Kind::Drop && h.size == 1.0).unwrap();
    let (_, places) = injections.places.iter().find(|(kind, _)| *kind == Kind::Drop).unwrap();
    let mut short: Vec<f64> = Vec::new();
    for (ground, places) in grounds.iter().zip(places) {
        let mut scorer = Scorer::new(&method);
        let points: Vec<_> = ground.buckets.iter().map(|b| scorer.push(b.slot, b.seen)).collect();
        short.extend(places.iter().map(|first| effect::drop(&method, points[*first..first + 6].iter()).unwrap()));
    }
    let full: Vec<f64> = drops.reached.iter().flatten().copied().collect();
    assert!(full.len() == short.len() && full.len() > 300, "{} {}", full.len(), short.len());
    for threshold in [1.5, 2.5, 3.5] {
        let power = |scores: &[f64]| scores.iter().filter(|s| **s >= threshold).count() as f64 / scores.len() as f64;
        let (full, short) = (power(&full), power(&short));
        assert!((full - short).abs() <= 0.02 && full > 0.05 && full < 0.98, "{threshold}: {full} {short}");
    }
}

#[test]
fn a_clone_hears_what_a_rerun_of_the_whole_series_hears() {
    let method = counts();
    let grounds = [ground(&method, 2)];
    let injections = Injections::new(&method, &grounds, 12, 1, "r");
    let heard = injections.heard(|_| Scorer::new(&method), &|| Ok(())).unwrap();
    let mut compared = 0;
    for (kind, places) in &injections.places {
        for one in heard.iter().filter(|h| h.kind == *kind) {
            for (first, reached) in places[0].iter().zip(&one.reached[0]) {
                let effect = injections.effect(*kind, one.size, &grounds[0], *first);
                let mut buckets = grounds[0].buckets.clone();
                buckets[*first..first + effect.len()].copy_from_slice(&effect);
                let mut scorer = Scorer::new(&method);
                let scores: Vec<f64> = buckets.iter().map(|b| Online::score(&mut scorer, b)).collect();
                let sign = if *kind == Kind::Drop { -1.0 } else { 1.0 };
                let naive = scores[*first..first + effect.len()].iter().map(|s| sign * s).fold(0.0, f64::max);
                assert_eq!(naive, *reached, "{kind:?} {} {first}", one.size);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn places_are_free_and_drawn_apart_from_those_of_other_seeds() {
    let method = counts();
    let mut grounds = [ground(&method, 0), ground(&method, 1)];
    let buckets = {
        let mut buckets = grounds[1].buckets.clone();
        buckets[700..800].iter_mut().for_each(|b| b.seen = Seen::Excluded);
        buckets
    };
    grounds[1] = Ground::new(&method, buckets, grounds[1].free.clone());
    let injections = Injections::new(&method, &grounds, 1_000, 1, "r");
    for (kind, places) in &injections.places {
        let len = kind.len(&method);
        for (ground, places) in grounds.iter().zip(places) {
            assert!(places.iter().all(|first| ground.free[*first..first + len].iter().all(|f| *f)), "{kind:?}");
        }
        assert!(places[1].iter().all(|first| !(700 - len + 1..800).contains(first)));
    }
    let of = |seed| Injections::new(&method, &grounds, 50, seed, "r").places;
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    assert_eq!(injections.number(Kind::Spike), Some(1_000));
    let up = Method { direction: crate::anomaly::method::Direction::Up, ..counts() };
    assert_eq!(Injections::new(&up, &grounds, 50, 1, "r").number(Kind::Drop), None);
}
