use super::*;
use crate::anomaly::method::{Kind, Transform};
use crate::anomaly::random::Random;
use crate::anomaly::tune::grid::{Pinned, Scope, grid};
use crate::error::Error;

fn configs() -> Vec<Config> {
    grid(Scope { kind: Kind::Count, level_only: true, fit_weeks: 4.0, rel_floor: 0.05 }, &Pinned::default())
}

fn demand(min_power: f64) -> Demand {
    Demand { min_power, effects: vec![Effect::Spike, Effect::Drop], threshold: None }
}

fn none(series: usize) -> Resamples {
    Resamples::new(series, &mut Random::new(1, "test", "", ""))
}

/// One configuration after the other.
fn each(
    listen: &mut impl FnMut(&Config, Part) -> Result<Vec<Heard>>,
) -> impl FnMut(&[Config], Part) -> Result<Vec<Vec<Heard>>> {
    |configs, part| configs.iter().map(|config| listen(config, part)).collect()
}

/// One notification per breaching bucket.
fn notified(_: usize, _: Part, scores: &[f64], threshold: f64) -> usize {
    scores.iter().filter(|s| size(**s) >= threshold).count()
}

/// 400 effects of each kind, of which nine in ten reach `spike` and `drop`, and scores of a week. Too few scores to
/// shift a threshold by more than a hair.
fn heard(spike: f64, drop: f64, scores: &[f64]) -> Heard {
    let of = |score: f64| (0..400).map(|i| if i % 10 == 0 { 0.0 } else { score }).collect();
    Heard { tenant: 0, spikes: of(spike), drops: of(drop), scores: scores.to_vec(), weeks: 1.0 }
}

#[test]
fn the_highest_threshold_that_holds_the_power_is_taken() {
    let mut asked = Vec::new();
    let mut listen = |config: &Config, part: Part| {
        asked.push((config.clone(), part));
        Ok(vec![heard(4.3, 3.1, &[2.9, 3.0, -3.5, 5.0, f64::NAN])])
    };
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut listen), &notified).unwrap();
    assert_eq!((tuned.outcome, tuned.trials.len()), (Outcome::Written, 12));
    // The drop decides. Between equals the first of the grid wins.
    assert!(tuned.trials.iter().all(|t| t.feasible && t.threshold == 3.0));
    assert_eq!(tuned.trials.iter().position(|t| t.chosen), Some(0));
    assert_eq!(tuned.trials[0].in_alert, Some(0.5));
    // The tenant's quantile is 5 of 4 scores: 3 x (5/3)^(4/10004) = 3.0006, above the score of 3.
    let choice = tuned.choice.unwrap();
    assert!((choice.threshold_by_tenant[0] - 3.0 * (5.0_f64 / 3.0).powf(4.0 / 10_004.0)).abs() < 1e-12);
    assert_eq!(tuned.certificate.unwrap().notifications_per_week, 2.0);
    assert_eq!(asked.len(), 13);
    assert_eq!(asked[12], (choice.config, Part::Certify));
}

#[test]
fn the_fewest_notifications_win_and_then_the_fewest_buckets_in_alert() {
    let mut count = 0;
    let mut listen = |config: &Config, _: Part| {
        count += 1;
        let at = configs().iter().position(|c| c == config).unwrap();
        Ok(vec![heard(4.0, 4.0, &vec![9.0; [5, 4, 3, 3, 3, 6, 4, 4, 4, 4, 4, 4][at]])])
    };
    let counted = |_: usize, _: Part, scores: &[f64], _: f64| scores.len();
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut listen), &counted).unwrap();
    assert_eq!(tuned.trials.iter().position(|t| t.chosen), Some(2));
    assert_eq!(tuned.trials[2].notifications_per_week, Some(3.0));
    let mut spread = |config: &Config, _: Part| {
        let at = configs().iter().position(|c| c == config).unwrap();
        // As many notifications, but in the sixth more of the buckets are quiet.
        let mut scores = vec![9.0; 4];
        scores.extend(vec![0.0; if at == 5 { 90 } else { 80 }]);
        Ok(vec![heard(4.0, 4.0, &scores)])
    };
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut spread), &notified).unwrap();
    assert_eq!(tuned.trials.iter().position(|t| t.chosen), Some(5));
    assert_eq!(count, 13);
}

#[test]
fn an_impossible_power_is_refused_with_the_kind_that_failed() {
    let mut listen = |_: &Config, _: Part| Ok(vec![heard(9.0, 1.0, &[])]);
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut listen), &notified).unwrap();
    assert_eq!((tuned.outcome, tuned.choice.is_none(), tuned.certificate), (Outcome::Refused, true, None));
    assert!(tuned.trials.iter().all(|t| !t.feasible && t.threshold == 1.5 && t.notifications_per_week.is_none()));
    assert!(tuned.reason.contains("a drop is 0.000"), "{}", tuned.reason);
    // 360 of 400 is 0.9, and the bound of it 0.867.
    let mut listen = |_: &Config, _: Part| Ok(vec![heard(9.0, 9.0, &[])]);
    assert_eq!(
        tune(&configs(), &demand(0.88), None, &none(1), &mut each(&mut listen), &notified).unwrap().outcome,
        Outcome::Refused
    );
    assert_eq!(
        tune(&configs(), &demand(0.86), None, &none(1), &mut each(&mut listen), &notified).unwrap().outcome,
        Outcome::Written
    );
    let mut nothing = |_: &Config, _: Part| Ok(vec![Heard { weeks: 1.0, ..Heard::default() }]);
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut nothing), &notified).unwrap();
    assert_eq!((tuned.outcome, tuned.reason.as_str()), (Outcome::Refused, "no effect could be injected"));
}

#[test]
fn other_data_at_the_end_fail_the_certificate() {
    let mut listen = |_: &Config, part: Part| Ok(vec![heard(4.0, if part == Part::Fit { 4.0 } else { 3.9 }, &[])]);
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut listen), &notified).unwrap();
    assert_eq!((tuned.outcome, tuned.choice.is_some()), (Outcome::Refused, true));
    assert!(tuned.reason.starts_with("on the last 30 %"), "{}", tuned.reason);
    assert_eq!(tuned.certificate.unwrap().weak_tenants, [0]);
}

#[test]
fn better_parameters_in_use_are_kept() {
    let all = configs();
    let old = |threshold: f64| Choice { config: all[11].clone(), threshold, threshold_by_tenant: vec![threshold] };
    // Of the old configuration effects and scores are as given, of the others fixed.
    let outcome = |old: &Choice, spike: f64, scores: &[f64]| {
        let mut listen = |config: &Config, part: Part| {
            let is_old = *config == all[11] && part == Part::Certify;
            Ok(vec![if is_old { heard(spike, spike, scores) } else { heard(4.0, 4.0, &[5.0, 0.0]) }])
        };
        // The search would find the old one too, but the first of the grid wins.
        tune(&all, &demand(0.8), Some(old), &none(1), &mut each(&mut listen), &notified).unwrap().outcome
    };
    assert_eq!(outcome(&old(4.0), 4.0, &[5.0, 0.0]), Outcome::Written);
    assert_eq!(outcome(&old(4.0), 4.0, &[0.0, 0.0]), Outcome::Kept);
    assert_eq!(outcome(&old(4.0), 4.0, &[5.0, 5.0]), Outcome::Written);
    // Deaf ones send less, which is no reason to stay.
    assert_eq!(outcome(&old(8.0), 4.0, &[5.0, 5.0]), Outcome::Written);
}

#[test]
fn a_pinned_threshold_is_left_alone() {
    let mut listen = |_: &Config, _: Part| Ok(vec![heard(4.0, 4.0, &[])]);
    let pinned = |threshold| Demand { threshold: Some(threshold), ..demand(0.8) };
    let tuned = tune(&configs(), &pinned(2.1), None, &none(1), &mut each(&mut listen), &notified).unwrap();
    let choice = tuned.choice.unwrap();
    assert_eq!((tuned.outcome, choice.threshold, choice.threshold_of(0)), (Outcome::Written, 2.1, 2.1));
    assert_eq!(
        tune(&configs(), &pinned(4.5), None, &none(1), &mut each(&mut listen), &notified).unwrap().outcome,
        Outcome::Refused
    );
}

#[test]
fn only_the_directions_asked_for_count_and_an_effect_that_is_never_due_does_not() {
    let mut deaf_to_drops = |_: &Config, _: Part| Ok(vec![heard(4.0, 0.0, &[])]);
    let up = Demand { effects: vec![Effect::Spike], ..demand(0.8) };
    assert_eq!(
        tune(&configs(), &up, None, &none(1), &mut each(&mut deaf_to_drops), &notified).unwrap().outcome,
        Outcome::Written
    );
    let mut never_due = |_: &Config, _: Part| Ok(vec![Heard { drops: Vec::new(), ..heard(4.0, 0.0, &[]) }]);
    let tuned = tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut never_due), &notified).unwrap();
    assert_eq!((tuned.outcome, tuned.trials[0].power.len()), (Outcome::Written, 1));
    assert_eq!(Transform::Identity, tuned.trials[0].config.transform);
}

#[test]
fn an_error_ends_the_search() {
    let mut asked = 0;
    let mut listen = |_: &Config, _: Part| {
        asked += 1;
        if asked == 3 { Err(Error::interrupted(2)) } else { Ok(vec![heard(4.0, 4.0, &[])]) }
    };
    assert!(tune(&configs(), &demand(0.8), None, &none(1), &mut each(&mut listen), &notified).is_err());
    assert_eq!(asked, 3);
}

#[test]
fn configurations_that_differ_in_streams_are_heard_together() {
    let scope = Scope { kind: Kind::Count, level_only: false, fit_weeks: 4.0, rel_floor: 0.05 };
    let all = grid(scope, &Pinned::default());
    let groups = groups(&all);
    assert_eq!((groups.len(), &groups[0]), (12, &vec![0, 12, 24, 36]));
    let mut runs = 0;
    let mut listen = |configs: &[Config], part: Part| {
        runs += 1;
        assert!(part == Part::Certify || configs.len() == 4);
        Ok(configs.iter().map(|config| vec![heard(4.0, 4.0, &vec![9.0; 9 - config.streams.len()])]).collect())
    };
    let tuned = tune(&all, &demand(0.8), None, &none(1), &mut listen, &notified).unwrap();
    assert!(tuned.trials.iter().zip(&all).all(|(trial, config)| trial.config == *config));
    // Three streams come with the fewest scores; of these the first of the grid.
    assert_eq!((tuned.trials.iter().position(|t| t.chosen), runs), (Some(36), 13));
}
