//! Written and read in between, a scorer goes on as if it had not been.

use std::sync::Arc;

use super::*;

fn through_text(method: &Method, scorer: &Scorer) -> Scorer {
    let text = serde_json::to_string(&scorer.save()).unwrap();
    Scorer::load(&Arc::new(method.clone()), serde_json::from_str(&text).unwrap()).unwrap()
}

fn feed(scorer: &mut Scorer, series: &[(Slot, Seen)]) {
    for (slot, seen) in series {
        scorer.push(*slot, *seen);
    }
}

fn text(scorer: &Scorer) -> String {
    serde_json::to_string(&scorer.save()).unwrap()
}

#[test]
fn every_cut_gives_the_scores_and_the_state_of_one_run() {
    let mut dice = Dice::new(31);
    let seasonal = Method { transform: Transform::Sqrt, ..method(&SEASONAL, Kind::Count, 60) };
    let gauge = Method { window: 50, ..method(&[Stream::Level, Stream::Day, Stream::Week], Kind::Gauge, 60) };
    let half_hours = Method { window: 100, ..method(&[Stream::Day], Kind::Count, 30) };
    for (method, days) in [(seasonal, 45), (gauge, 45), (half_hours, 24)] {
        let all: Vec<_> = series(&mut dice, method.bucket, days)
            .into_iter()
            .map(|(slot, seen)| match seen {
                Seen::Value(x) if method.kind == Kind::Gauge => (slot, Seen::Value(x / 3.0)),
                other => (slot, other),
            })
            .collect();
        let whole = run(&method, &all);
        let mut last = Scorer::new(&method);
        feed(&mut last, &all);
        let last = text(&last);
        for cut in (1..all.len()).step_by(97) {
            let mut scorer = Scorer::new(&method);
            feed(&mut scorer, &all[..cut]);
            let mut again = through_text(&method, &scorer);
            assert_eq!(text(&again), text(&scorer));
            assert_eq!(again.virtual_drop(), scorer.virtual_drop());
            for ((slot, seen), point) in all[cut..].iter().zip(&whole[cut..]) {
                assert_eq!(again.push(*slot, *seen), *point);
            }
            assert_eq!(text(&again), last);
        }
    }
}

/// At every bucket, to the end of a short series.
#[test]
fn a_scorer_that_is_saved_after_each_bucket_is_the_same() {
    let method = Method { window: 24, ..method(&[Stream::Level], Kind::Gauge, 60) };
    let mut dice = Dice::new(32);
    let (mut one, mut other) = (Scorer::new(&method), Scorer::new(&method));
    for slot in slots(60, 6) {
        let seen = if dice.below(9) == 0 { Seen::Missing } else { Seen::Value(dice.normal() * 1e3) };
        assert_eq!(one.push(slot, seen), other.push(slot, seen));
        other = through_text(&method, &other);
    }
    assert_eq!(text(&one), text(&other));
}

#[test]
fn only_what_the_baselines_need_is_kept() {
    let method = method(&SEASONAL, Kind::Count, 60);
    let mut scorer = Scorer::new(&method);
    for slot in slots(60, 200) {
        scorer.push(slot, Seen::Value(1.0));
    }
    // 35 days, half an hour, and four hours of margin.
    assert_eq!(scorer.history.iter().count(), 35 * 24 + 4 + 1);
}

#[test]
fn other_parameters_start_from_the_raw_values() {
    let one = method(&SEASONAL, Kind::Count, 60);
    let other = Arc::new(Method { alpha: 0.05, ..method(&[Stream::Level, Stream::Day], Kind::Count, 60) });
    let mut dice = Dice::new(33);
    let all: Vec<_> = series(&mut dice, 60, 30);
    let mut scorer = Scorer::new(&one);
    feed(&mut scorer, &all);
    let saved = scorer.save();
    assert!(Scorer::load(&other, saved.clone()).is_none());
    let mut rewarmed = Scorer::rewarmed(&other, &saved).unwrap();
    let mut fresh = Scorer::new(&other);
    feed(&mut fresh, &all);
    assert_eq!(text(&rewarmed), text(&fresh));
    let next = (Slot { day: 30, minute: 0 }, Seen::Value(5.0));
    assert_eq!(rewarmed.push(next.0, next.1), fresh.push(next.0, next.1));
    assert!(Scorer::rewarmed(&Arc::new(method(&SEASONAL, Kind::Count, 30)), &saved).is_none());
}

#[test]
fn what_cannot_be_a_state_is_refused() {
    let method = Arc::new(Method { window: 30, ..method(&[Stream::Level], Kind::Count, 60) });
    let mut scorer = Scorer::new(&method);
    feed(&mut scorer, &slots(60, 3).into_iter().map(|slot| (slot, Seen::Value(3.0))).collect::<Vec<_>>());
    let good = text(&scorer);
    let refused = |from: &str, to: &str| {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        serde_json::from_str(&bad).ok().and_then(|saved| Scorer::load(&method, saved)).is_none()
    };
    assert!(refused(r#""bucket":60"#, r#""bucket":30"#));
    assert!(refused(r#""len":72"#, r#""len":71"#));
    assert!(refused(r#""start":0"#, r#""start":9223372036854775807"#));
    assert!(refused(r#""next":12"#, r#""next":30"#));
    assert!(refused(r#"["level""#, r#"["day""#));
    assert!(refused(r#""residuals":["#, r#""residuals":[0.0,"#));
    assert!(refused(r#""sum":0.0"#, r#""sum":null"#));
}
