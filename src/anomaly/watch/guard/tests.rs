use super::*;
use crate::anomaly::rules;

fn rule() -> Rule {
    rules::read("rules: [{id: r, tz: UTC}]").rules.unwrap().rules.remove(0)
}

/// 1970-01-05, a Monday.
const MONDAY: i32 = 4;

/// Weeks of 168 scored buckets each, by their alerts.
fn weeks(opened: &[u64]) -> Guard {
    let mut guard = Guard::default();
    for (i, opened) in opened.iter().enumerate() {
        let from = MONDAY + 7 * i as i32;
        guard.begin(0, from, None, &rule());
        *guard.weeks.back_mut().unwrap() = Week { from, scored: 168, opened: *opened, ..Week::default() };
    }
    guard
}

/// What is said when the week behind these is begun.
fn drop_of(opened: &[u64]) -> Guarded {
    let mut guard = weeks(opened);
    let told = guard.begin(0, MONDAY + 7 * opened.len() as i32, None, &rule());
    told.into_iter().find(|guarded| guarded.check == Check::WeeklyDrop).unwrap()
}

/// Probabilities by Python: sum of comb(n, i) / 9^i * (8/9)^(n-i).
#[test]
fn a_halved_week_fails_after_many_alerts_and_is_open_after_few() {
    let halved = drop_of(&[25, 25, 25, 25, 25, 25, 25, 25, 12]);
    assert_eq!((halved.verdict, halved.rate), (Verdict::Fail, Rate { n: 212, k: 12 }));
    assert!((halved.p_value.unwrap() - 0.004_720_119_824).abs() < 1e-12, "{halved:?}");
    assert_eq!((halved.from, halved.until), (MONDAY + 56, MONDAY + 63));
    assert_eq!(halved.reference, Some(1.0 / 9.0));
    let few = drop_of(&[3, 2, 3, 2, 3, 2, 3, 2, 1]);
    assert_eq!((few.verdict, few.rate), (Verdict::Inconclusive, Rate { n: 21, k: 1 }));
    let steady = drop_of(&[25, 25, 25, 25, 25, 25, 25, 25, 25]);
    assert_eq!(steady.verdict, Verdict::Ok);
}

/// (8/9)^40 = 0.00899, (8/9)^39 = 0.0101.
#[test]
fn forty_alerts_in_eight_weeks_are_the_least_that_can_fail() {
    assert_eq!(drop_of(&[5, 5, 5, 5, 5, 5, 5, 5, 0]).verdict, Verdict::Fail);
    assert_eq!(drop_of(&[5, 5, 5, 5, 5, 5, 5, 4, 0]).verdict, Verdict::Inconclusive);
}

#[test]
fn a_ninth_week_before_is_forgotten() {
    let told = drop_of(&[1000, 5, 5, 5, 5, 5, 5, 5, 4, 0]);
    assert_eq!((told.verdict, told.rate.n), (Verdict::Inconclusive, 39));
}

/// Two weeks: notified, suppressed, and the canary's k of 336.
fn held(before: (u64, u64, u64), last: (u64, u64, u64)) -> (Option<Trend>, Verdict) {
    let week = |(notified, suppressed, k)| Week {
        notified,
        suppressed,
        scored: 168,
        canary: Rate { n: 336, k },
        ..Week::default()
    };
    held_back(&week(before), &week(last))
}

/// Wilson at 90 %: 60 of 100 is .518 to .677, 30 of 100 .231 to .380. At 95 %: 301 of 336 is .859 to .924, 250 .695 to .788.
#[test]
fn fewer_suppressions_are_no_progress_where_less_is_heard() {
    assert_eq!(held((40, 60, 301), (70, 30, 301)), (Some(Trend::Falling), Verdict::Ok));
    assert_eq!(held((40, 60, 301), (70, 30, 250)), (Some(Trend::Falling), Verdict::NotComparable));
    assert_eq!(held((70, 30, 250), (40, 60, 301)), (Some(Trend::Rising), Verdict::Ok));
    assert_eq!(held((40, 60, 301), (45, 55, 301)), (Some(Trend::Flat), Verdict::Ok));
    assert_eq!(held((0, 0, 301), (70, 30, 301)), (None, Verdict::Inconclusive));
}

fn canary(days: &[Rate]) -> Vec<Guarded> {
    let mut guard = Guard::default();
    let mut told = Vec::new();
    for (i, rate) in days.iter().enumerate() {
        told = guard.begin(0, MONDAY + i as i32, None, &rule());
        guard.days.back_mut().unwrap().spikes = *rate;
    }
    told.extend(guard.begin(0, MONDAY + days.len() as i32, None, &rule()));
    told.retain(|guarded| matches!(guarded.check, Check::Canary(_)));
    told
}

#[test]
fn canaries_are_judged_over_seven_days_by_the_interval() {
    let verdict = |k: u64| {
        let told = canary(&[Rate { n: 48, k: k / 7 }; 7]);
        let last = told.last().unwrap();
        (last.verdict, last.rate, last.mature)
    };
    // min_power is 0.8; of 336 the bounds are .859 and .924, .758 and .843, .695 and .788.
    assert_eq!(verdict(301), (Verdict::Ok, Rate { n: 336, k: 301 }, true));
    assert_eq!(verdict(273).0, Verdict::Inconclusive);
    assert_eq!(verdict(252).0, Verdict::Fail);
    let young = canary(&[Rate { n: 48, k: 48 }; 3]);
    assert!(!young.last().unwrap().mature);
    // The eighth day pushes out the first.
    let mut days = vec![Rate { n: 48, k: 0 }];
    days.extend([Rate { n: 48, k: 48 }; 7]);
    assert_eq!(canary(&days).last().unwrap().rate, Rate { n: 336, k: 336 });
}

#[test]
fn days_without_a_bucket_are_days() {
    let mut guard = Guard::default();
    guard.begin(0, MONDAY, None, &rule());
    guard.days.back_mut().unwrap().spikes = Rate { n: 48, k: 48 };
    guard.begin(0, MONDAY + 7, None, &rule());
    // Nothing of the week before counts; what was scored once and is no more is open, of both directions.
    let said = |guarded: &Guarded| (guarded.verdict, guarded.rate, guarded.mature);
    let silent = (Verdict::Inconclusive, Rate::default(), true);
    assert_eq!(guard.canaries(0, &rule()).iter().map(said).collect::<Vec<_>>(), [silent; 2]);
    // What never scored has 35 days for its warm-up.
    let mut young = Guard::default();
    young.begin(0, MONDAY, None, &rule());
    young.begin(0, MONDAY + 34, None, &rule());
    assert!(young.canaries(0, &rule()).is_empty());
    young.begin(0, MONDAY + 35, None, &rule());
    assert_eq!(young.canaries(0, &rule()).len(), 2);
}
