//! One rule and its history, ready to be tuned: which part fits and which certifies, where effects go, what is pinned.

use super::grid::{Config, Pinned, Scope, grid};
use super::heard::{Effect, Heard, Resamples};
use super::listen::{Draws, Past, listen, notified};
use super::search::{Choice, Demand, Part, Tuned, groups, tune};
use crate::anomaly::history::Series;
use crate::anomaly::intake::Key;
use crate::anomaly::judge::track::{Extent, Feed, Track, Warmup};
use crate::anomaly::machine::{Limits, calls};
use crate::anomaly::method::{Direction, Kind, Method, Stream};
use crate::anomaly::random::Random;
use crate::anomaly::rules::{DAY_MS, Params, Rule, Tuned as Field};
use crate::anomaly::score::Scorer;
use crate::error::Result;
use crate::stats::nearest_rank;

/// With fewer buckets that effects can be injected into, no power is known well enough.
pub const LEAST_ELIGIBLE: usize = 100;

/// Milliseconds since 1970: the history reaches from its first bucket to the end of its last, and what begins at `split` or
/// later certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: i64,
    pub split: i64,
    pub until: i64,
}

impl Span {
    /// None where there is no bucket.
    fn of(series: &[Series]) -> Option<Span> {
        let from = series.iter().filter_map(|s| s.starts.first()).min().copied()?;
        let until = series.iter().filter_map(|s| s.ends.last()).max().copied()?;
        Some(Span { from, split: from + (until - from) / 10 * 7, until })
    }
}

pub struct Subject<'r> {
    pub rule: &'r Rule,
    pub span: Span,
    /// By number; None where the rule does not group by tenant.
    pub tenants: Vec<Option<String>>,
    pub series: usize,
    pub buckets: usize,
    /// The rule as it stands.
    method: Method,
    past: Vec<Past>,
    draws: Draws,
    /// The median scale, which sizes the effects on gauges.
    unit: f64,
    seed: u64,
}

impl<'r> Subject<'r> {
    /// `labels`: per series what is labelled besides a column of the data. None where the rule has no bucket.
    pub fn new(rule: &'r Rule, series: &[Series], labels: &[Vec<Extent>], seed: u64) -> Option<Subject<'r>> {
        let span = Span::of(series)?;
        let method = rule.method(None);
        let mut tenants = Vec::new();
        let past: Vec<Past> = series
            .iter()
            .zip(labels)
            .map(|(series, labels)| past(rule, series, labels, span.split, &mut tenants))
            .collect();
        let unit = if rule.kind == Kind::Gauge { median_scale(&method, &past) } else { 0.0 };
        let draws = Draws::new(&method, &past, unit, seed, &rule.id);
        let buckets = past.iter().map(|past| past.seen.len()).sum();
        Some(Subject { rule, span, tenants, series: past.len(), buckets, method, past, draws, unit, seed })
    }

    pub fn eligible(&self) -> usize {
        self.draws.eligible
    }

    /// Searches the whole grid. `old`: the parameters in use. `check` is asked before each run over the history.
    pub fn tune(&self, old: Option<&Params>, check: &dyn Fn() -> Result<()>) -> Result<Tuned> {
        let resamples =
            Resamples::new(self.past.len(), &mut Random::new(self.seed, "tune bootstrap", &self.rule.id, ""));
        let old = old.map(|params| self.in_use(params));
        let mut ask = |configs: &[Config], part: Part| {
            check()?;
            Ok(self.hear(configs, part))
        };
        let count = |i: usize, part: Part, scores: &[f64], threshold: f64| {
            notified(&self.method, &self.past, i, part, scores, threshold)
        };
        tune(&self.grid(), &self.demand(), old.as_ref(), &resamples, &mut ask, &count)
    }

    fn hear(&self, configs: &[Config], part: Part) -> Vec<Vec<Heard>> {
        let methods: Vec<Method> = configs.iter().map(|config| config.applied(&self.method)).collect();
        listen(&methods, &self.past, &self.draws, self.unit, part)
    }

    /// How many runs over the part that fits there are.
    pub fn runs(&self) -> usize {
        groups(&self.grid()).len()
    }

    fn grid(&self) -> Vec<Config> {
        grid(self.scope(), &self.pinned())
    }

    /// What a choice sends on the part that certifies outside of what is labelled, per week of a series.
    pub fn false_per_week(&self, choice: &Choice) -> f64 {
        let heard = self.hear(std::slice::from_ref(&choice.config), Part::Certify);
        let (mut all, mut weeks) = (0, 0.0);
        for (past, heard) in self.past.iter().zip(heard.iter().flatten()) {
            let limits = Limits { threshold: choice.threshold_of(past.tenant), ..Limits::of(&self.method) };
            let starts = past.starts[past.split..].iter().copied();
            let called = calls(limits, starts.zip(heard.scores.iter().copied()));
            all += called.iter().filter(|i| !past.labelled[past.split + **i]).count();
            weeks += heard.weeks;
        }
        if weeks > 0.0 { all as f64 / weeks } else { 0.0 }
    }

    /// Parameters that were found before, as a choice.
    pub fn in_use(&self, params: &Params) -> Choice {
        let method = self.rule.method(Some(params));
        let of = |tenant: &Option<String>| self.rule.threshold(Some(params), tenant.as_deref());
        Choice {
            config: Config::of(&method),
            threshold: method.threshold,
            threshold_by_tenant: self.tenants.iter().map(of).collect(),
        }
    }

    fn scope(&self) -> Scope {
        Scope {
            kind: self.rule.kind,
            level_only: self.rule.streams == [Stream::Level],
            fit_weeks: (self.span.split - self.span.from) as f64 / (7 * DAY_MS) as f64,
            rel_floor: self.rule.rel_floor,
        }
    }

    fn pinned(&self) -> Pinned {
        let rule = self.rule;
        let is = |field| rule.pin.contains(&field);
        Pinned {
            streams: is(Field::Streams).then(|| rule.streams.clone()),
            alpha: is(Field::Alpha).then_some(rule.alpha),
            transform: is(Field::Transform).then_some(rule.transform),
            rel_floor: is(Field::RelFloor).then_some(rule.rel_floor),
            threshold: self.pinned_threshold(),
        }
    }

    fn pinned_threshold(&self) -> Option<f64> {
        self.rule.pin.contains(&Field::Threshold).then_some(self.rule.threshold)
    }

    fn demand(&self) -> Demand {
        let effects = match self.rule.direction {
            Direction::Up => vec![Effect::Spike],
            Direction::Down => vec![Effect::Drop],
            Direction::Both => vec![Effect::Spike, Effect::Drop],
        };
        Demand { min_power: self.rule.min_power, effects, threshold: self.pinned_threshold() }
    }
}

/// Numbers the tenants as they come.
fn past(rule: &Rule, series: &Series, labels: &[Extent], split: i64, tenants: &mut Vec<Option<String>>) -> Past {
    let tenant = Key::new(rule, &series.key).tenant();
    // Series are sorted by key, which begins with the tenant.
    if tenants.last().is_none_or(|last| last.as_deref() != tenant) {
        tenants.push(tenant.map(str::to_owned));
    }
    let feed =
        Feed { starts: series.starts.clone(), bucket_ms: rule.bucket_ms(), values: series.values.clone(), cooldown: 0 };
    let (track, _) = Track::new(feed, Warmup::Share(0.0), labels, &[]);
    let labelled = track.clean.iter().zip(&series.labelled).map(|(clean, column)| !clean || *column == Some(true));
    Past {
        tenant: tenants.len() - 1,
        labelled: labelled.collect(),
        split: series.starts.partition_point(|start| *start < split),
        starts: track.starts,
        slots: series.slots.clone(),
        seen: series.seen.clone(),
    }
}

/// Over the scored buckets of the part that fits; 0 where there is none.
fn median_scale(method: &Method, past: &[Past]) -> f64 {
    let of = |past: &Past| {
        let mut scorer = Scorer::new(method);
        let fit = past.slots.iter().zip(&past.seen).take(past.split);
        fit.filter_map(|(slot, seen)| scorer.push(*slot, *seen).spread()).collect::<Vec<f64>>()
    };
    let all: Vec<f64> = past.iter().flat_map(of).collect();
    nearest_rank(&all, 500, f64::total_cmp).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
