//! The search over the grid, and the certificate.

use std::cmp::Ordering;

use crate::anomaly::judge::size;
use crate::error::{Error, Result};

use super::grid::Config;
use super::heard::{Effect, Heard, Power, Resamples, Shifts, power, weak_tenants};

/// Which part of the history is scored: the first 70 %, or the last 30 % with other draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Fit,
    Certify,
}

/// What the search asks: of each of some configurations, which differ in their streams alone, every series, in the same order
/// each time. An error, such as that of a signal, ends the search.
pub type Listen<'a> = dyn FnMut(&[Config], Part) -> Result<Vec<Vec<Heard>>> + 'a;
/// How many notifications series `i` sends for these scores at a threshold of its own.
pub type Notified<'a> = dyn Fn(usize, Part, &[f64], f64) -> usize + 'a;

/// What the rule asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    pub min_power: f64,
    /// The kinds that the rule's direction asks for.
    pub effects: Vec<Effect>,
    /// A threshold that `tune` must leave.
    pub threshold: Option<f64>,
}

/// Parameters that are in use, or were chosen: one configuration for the rule, and what it does to each tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub config: Config,
    pub threshold: f64,
    /// By number of the tenant; empty where all have the common one.
    pub threshold_by_tenant: Vec<f64>,
}

impl Choice {
    pub fn threshold_of(&self, tenant: usize) -> f64 {
        self.threshold_by_tenant.get(tenant).copied().unwrap_or(self.threshold)
    }
}

/// One configuration at the threshold that serves it best; at the lowest one where none reaches the power.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub config: Config,
    pub threshold: f64,
    /// Per kind of effect that could be injected.
    pub power: Vec<Power>,
    /// None where it is not feasible, since nobody would be notified by it.
    pub notifications_per_week: Option<f64>,
    /// Share of the scored buckets in alert.
    pub in_alert: Option<f64>,
    pub feasible: bool,
    pub chosen: bool,
}

/// What a choice does on the data that had no part in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    pub power: Vec<Power>,
    /// False or not: per series, since nothing is labelled.
    pub notifications_per_week: f64,
    pub weak_tenants: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Written,
    /// The parameters in use are better.
    Kept,
    Refused,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// In the order of the grid.
    pub trials: Vec<Trial>,
    pub choice: Option<Choice>,
    pub certificate: Option<Certificate>,
    /// Of the parameters in use.
    pub old_certificate: Option<Certificate>,
    pub outcome: Outcome,
    pub reason: String,
}

/// `resamples` are drawn for as many series as `listen` gives.
pub fn tune(
    grid: &[Config],
    demand: &Demand,
    old: Option<&Choice>,
    resamples: &Resamples,
    listen: &mut Listen,
    notified: &Notified,
) -> Result<Tuned> {
    let mut tried: Vec<Option<(Trial, Shifts)>> = grid.iter().map(|_| None).collect();
    for group in groups(grid) {
        let configs: Vec<Config> = group.iter().map(|place| grid[*place].clone()).collect();
        for (place, series) in group.into_iter().zip(listen(&configs, Part::Fit)?) {
            // What must be left alone is left alone for every tenant.
            let shifts = if demand.threshold.is_some() { Shifts::none() } else { Shifts::of(&series) };
            let trial = attempt(&grid[place], &series, &shifts, demand, resamples, notified);
            tried[place] = Some((trial, shifts));
        }
    }
    let (mut trials, mut shifts): (Vec<Trial>, Vec<Shifts>) = tried.into_iter().flatten().unzip();
    let feasible = (0..trials.len()).filter(|place| trials[*place].feasible);
    // Of equal ones the first.
    let Some(chosen) = feasible.min_by(|a, b| cheaper(&trials[*a], &trials[*b])) else {
        return Ok(refused(trials, demand));
    };
    let shifts = shifts.swap_remove(chosen);
    trials[chosen].chosen = true;
    let Trial { config, threshold, .. } = trials[chosen].clone();
    let threshold_by_tenant = (0..shifts.tenants()).map(|t| shifts.threshold(t, threshold)).collect();
    let choice = Choice { config, threshold, threshold_by_tenant };
    let mut certify = |choice: &Choice| {
        let series = listen(std::slice::from_ref(&choice.config), Part::Certify)?;
        let series = series.first().map_or(&[][..], Vec::as_slice);
        Ok::<_, Error>(certificate(choice, series, demand, resamples, notified))
    };
    let found = certify(&choice)?;
    let old_certificate = old.map(certify).transpose()?;
    let (outcome, reason) = judge(&found, old_certificate.as_ref(), demand);
    Ok(Tuned { trials, choice: Some(choice), certificate: Some(found), old_certificate, outcome, reason })
}

/// The places of configurations that differ in their streams alone, by the first of them.
pub fn groups(grid: &[Config]) -> Vec<Vec<usize>> {
    let same = |a: &Config, b: &Config| (a.alpha, a.transform, a.rel_floor) == (b.alpha, b.transform, b.rel_floor);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, config) in grid.iter().enumerate() {
        match groups.iter_mut().find(|group| same(&grid[group[0]], config)) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// The fewest notifications, then the fewest buckets in alert.
fn cheaper(a: &Trial, b: &Trial) -> Ordering {
    let cost = |x: Option<f64>| x.unwrap_or(f64::INFINITY);
    cost(a.notifications_per_week)
        .total_cmp(&cost(b.notifications_per_week))
        .then(cost(a.in_alert).total_cmp(&cost(b.in_alert)))
}

/// From high to low: 8, 7.75 and so on to 1.5.
fn thresholds(demand: &Demand) -> Vec<f64> {
    demand.threshold.map_or_else(|| (6..=32).rev().map(|quarters| f64::from(quarters) / 4.0).collect(), |t| vec![t])
}

fn attempt(
    config: &Config,
    series: &[Heard],
    shifts: &Shifts,
    demand: &Demand,
    resamples: &Resamples,
    notified: &Notified,
) -> Trial {
    let mut tried = None;
    for threshold in thresholds(demand) {
        let own: Vec<f64> = series.iter().map(|s| shifts.threshold(s.tenant, threshold)).collect();
        let power = powers(series, &own, demand, Some(demand.min_power), resamples);
        let feasible = reaches(&power, demand.min_power);
        tried = Some((threshold, own, power, feasible));
        if feasible {
            break;
        }
    }
    let (threshold, own, power, feasible) = tried.unwrap_or_default();
    let config = config.clone();
    let per_week = feasible.then(|| per_week(series, &own, Part::Fit, notified));
    let in_alert = feasible.then(|| in_alert(series, &own));
    Trial { config, threshold, power, notifications_per_week: per_week, in_alert, feasible, chosen: false }
}

fn powers(series: &[Heard], own: &[f64], demand: &Demand, floor: Option<f64>, resamples: &Resamples) -> Vec<Power> {
    demand.effects.iter().filter_map(|effect| power(series, own, *effect, floor, resamples)).collect()
}

/// A kind that could be injected nowhere has nothing to be heard; but something must be.
fn reaches(power: &[Power], min_power: f64) -> bool {
    !power.is_empty() && power.iter().all(|p| p.low >= min_power)
}

fn per_week(series: &[Heard], own: &[f64], part: Part, notified: &Notified) -> f64 {
    let all: usize = series.iter().zip(own).enumerate().map(|(i, (s, t))| notified(i, part, &s.scores, *t)).sum();
    let weeks: f64 = series.iter().map(|s| s.weeks).sum();
    if weeks > 0.0 { all as f64 / weeks } else { 0.0 }
}

fn in_alert(series: &[Heard], own: &[f64]) -> f64 {
    let (mut breaching, mut all) = (0u64, 0u64);
    for (one, threshold) in series.iter().zip(own) {
        for score in one.scores.iter().filter(|s| !s.is_nan()) {
            breaching += u64::from(size(*score) >= *threshold);
            all += 1;
        }
    }
    breaching as f64 / all.max(1) as f64
}

fn certificate(
    choice: &Choice,
    series: &[Heard],
    demand: &Demand,
    resamples: &Resamples,
    notified: &Notified,
) -> Certificate {
    let own: Vec<f64> = series.iter().map(|s| choice.threshold_of(s.tenant)).collect();
    Certificate {
        power: powers(series, &own, demand, None, resamples),
        notifications_per_week: per_week(series, &own, Part::Certify, notified),
        weak_tenants: weak_tenants(series, &own, &demand.effects, demand.min_power),
    }
}

/// The weakest bound; a choice that heard nothing has none.
pub fn bound(power: &[Power]) -> Option<Power> {
    power.iter().copied().min_by(|a, b| a.low.total_cmp(&b.low))
}

fn judge(found: &Certificate, old: Option<&Certificate>, demand: &Demand) -> (Outcome, String) {
    let Some(weakest) = bound(&found.power) else {
        return (Outcome::Refused, "no effect could be injected into the part that certifies".to_owned());
    };
    if weakest.low < demand.min_power {
        return (Outcome::Refused, short("the last 30 % of the history", weakest, demand));
    }
    let Some(old) = old else {
        return (Outcome::Written, "nothing was in use".to_owned());
    };
    let (new_rate, old_rate) = (found.notifications_per_week, old.notifications_per_week);
    let held = bound(&old.power).map_or(0.0, |p| p.low);
    if held < demand.min_power {
        // What no longer hears enough may well send less.
        return (
            Outcome::Written,
            format!("the old ones have a power bound of {held:.3}, and min_power is {}", demand.min_power),
        );
    }
    if new_rate > old_rate {
        return (Outcome::Kept, format!("{new_rate:.3} notifications a week where the old ones send {old_rate:.3}"));
    }
    (Outcome::Written, format!("{new_rate:.3} notifications a week where the old ones send {old_rate:.3}"))
}

fn short(on: &str, weakest: Power, demand: &Demand) -> String {
    let kind = weakest.effect.as_str();
    format!("on {on} the power bound for a {kind} is {:.3}, and min_power is {}", weakest.low, demand.min_power)
}

fn refused(trials: Vec<Trial>, demand: &Demand) -> Tuned {
    let best = trials.iter().filter_map(|t| bound(&t.power)).max_by(|a, b| a.low.total_cmp(&b.low));
    let reason = match best {
        Some(best) => short("the best configuration", best, demand),
        None => "no effect could be injected".to_owned(),
    };
    Tuned { trials, choice: None, certificate: None, old_certificate: None, outcome: Outcome::Refused, reason }
}

#[cfg(test)]
mod tests;
