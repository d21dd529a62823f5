//! What became of a rule, as records.

use crate::anomaly::rules::{Params, Rule};
use crate::anomaly::times;
use crate::anomaly::tune::heard::{Effect, Power};
use crate::anomaly::tune::parameters::{power, streams, transform};
use crate::anomaly::tune::search::{Certificate, Outcome, Tuned, bound};
use crate::anomaly::tune::subject::Subject;
use crate::record::anomaly::{RefusedFor, Trial, Tune, TuneOutcome, six};

/// One rule that was tuned.
pub struct Found<'a> {
    pub subject: &'a Subject<'a>,
    pub tuned: &'a Tuned,
    /// The parameters that were in use.
    pub old: Option<&'a Params>,
}

fn share(all: &[Power], effect: Effect) -> Option<f64> {
    power(all, effect).map(|power| six(power.estimate()))
}

fn low(all: &[Power]) -> Option<f64> {
    bound(all).map(|power| six(power.low))
}

pub fn trials<'t>(rule: &'t str, tuned: &'t Tuned) -> impl Iterator<Item = Trial> + 't {
    tuned.trials.iter().enumerate().map(move |(i, trial)| Trial {
        rule: rule.to_owned(),
        trial: i as u64 + 1,
        streams: streams(&trial.config.streams),
        alpha: six(trial.config.alpha),
        transform: transform(trial.config.transform),
        rel_floor: six(trial.config.rel_floor),
        threshold: six(trial.threshold),
        spike_power: share(&trial.power, Effect::Spike),
        drop_power: share(&trial.power, Effect::Drop),
        power_lo: low(&trial.power),
        notifications_per_week: trial.notifications_per_week.map(six),
        feasible: trial.feasible,
        chosen: trial.chosen,
    })
}

/// `params_sha256`: of the line in force from now on.
pub fn tune(found: &Found, params_sha256: Option<String>) -> Tune {
    let Found { subject, tuned, old } = found;
    let old = old.map(|params| subject.in_use(params));
    let (new, certificate) = (tuned.choice.as_ref(), tuned.certificate.as_ref());
    let was = tuned.old_certificate.as_ref();
    let in_force = match tuned.outcome {
        Outcome::Kept => old.as_ref().zip(was),
        Outcome::Written | Outcome::Refused => new.zip(certificate),
    };
    let of = |certificate: Option<&Certificate>, effect| certificate.and_then(|c| share(&c.power, effect));
    Tune {
        outcome: match tuned.outcome {
            Outcome::Written => TuneOutcome::Written,
            Outcome::Kept => TuneOutcome::Kept,
            Outcome::Refused => TuneOutcome::Refused,
        },
        streams: new.map(|choice| streams(&choice.config.streams)),
        alpha: new.map(|choice| six(choice.config.alpha)),
        transform: new.map(|choice| transform(choice.config.transform)),
        rel_floor: new.map(|choice| six(choice.config.rel_floor)),
        threshold: new.map(|choice| six(choice.threshold)),
        spike_power: of(certificate, Effect::Spike),
        drop_power: of(certificate, Effect::Drop),
        power_lo: certificate.and_then(|c| low(&c.power)),
        notifications_per_week: certificate.map(|c| six(c.notifications_per_week)),
        old_streams: old.as_ref().map(|choice| streams(&choice.config.streams)),
        old_alpha: old.as_ref().map(|choice| six(choice.config.alpha)),
        old_transform: old.as_ref().map(|choice| transform(choice.config.transform)),
        old_rel_floor: old.as_ref().map(|choice| six(choice.config.rel_floor)),
        old_threshold: old.as_ref().map(|choice| six(choice.threshold)),
        old_power_lo: was.and_then(|c| low(&c.power)),
        old_notifications_per_week: was.map(|c| six(c.notifications_per_week)),
        expected_false_per_week: in_force.map(|(choice, _)| six(subject.false_per_week(choice))),
        code: (tuned.outcome == Outcome::Refused).then_some(RefusedFor::TuneRefused),
        weak_tenants: in_force.map(|(_, certificate)| weak(subject, certificate)).unwrap_or_default(),
        ..untold(subject.rule, Some(subject), tuned.reason.clone(), params_sha256)
    }
}

/// A rule whose history is too short.
pub fn too_little(rule: &Rule, subject: Option<&Subject>, reason: String, params_sha256: Option<String>) -> Tune {
    untold(rule, subject, reason, params_sha256)
}

/// Refused, without any figure.
fn untold(rule: &Rule, subject: Option<&Subject>, reason: String, params_sha256: Option<String>) -> Tune {
    let time = |of: fn(&Subject) -> i64| subject.map(|subject| times::text(of(subject)));
    Tune {
        rule: rule.id.clone(),
        outcome: TuneOutcome::Refused,
        reason,
        code: Some(RefusedFor::TooLittleHistory),
        min_power: rule.min_power,
        streams: None,
        alpha: None,
        transform: None,
        rel_floor: None,
        threshold: None,
        spike_power: None,
        drop_power: None,
        power_lo: None,
        notifications_per_week: None,
        old_streams: None,
        old_alpha: None,
        old_transform: None,
        old_rel_floor: None,
        old_threshold: None,
        old_power_lo: None,
        old_notifications_per_week: None,
        expected_false_per_week: None,
        weak_tenants: Vec::new(),
        data_from: time(|subject| subject.span.from),
        certified_from: time(|subject| subject.span.split),
        data_to: time(|subject| subject.span.until),
        series: subject.map_or(0, |subject| subject.series as u64),
        buckets: subject.map_or(0, |subject| subject.buckets as u64),
        eligible: subject.map_or(0, |subject| subject.eligible() as u64),
        params_sha256,
    }
}

fn weak(subject: &Subject, certificate: &Certificate) -> Vec<String> {
    let named = certificate.weak_tenants.iter().filter_map(|tenant| subject.tenants.get(*tenant)?.clone());
    named.collect()
}
