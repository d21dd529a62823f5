//! Whether a rule may go into production: all detectors over one history, judged per rule, per named set and for all series
//! together (section 3.6).

mod assess;
mod labelled;
mod scored;
mod searched;
mod sets;
mod timeline;

pub use assess::{Assessed, Injection};
pub use labelled::{LabelFile, Marks, column};
pub use scored::Tested;
pub use sets::{SetError, Wanted};
pub use timeline::{Moment, Timeline};

use super::history::Series;
use super::judge::evaluate::Name;
use super::judge::misses::{self, Wrong};
use super::judge::track::Warmup;
use super::judge::verdict::{Gate, Verdict, passes};
use super::rules::{Params, Rule};
use crate::error::{self, Error};

/// Fewer judged and clean buckets say nothing about false positives.
pub const LEAST_BUCKETS: usize = 100;

/// What is drawn with replacement for the intervals of reductions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cluster {
    Series,
    /// All series of a tenant together.
    Tenant,
}

/// How the backtest is made.
#[derive(Debug, Clone)]
pub struct Asked {
    pub warmup: Warmup,
    /// Effects per kind and rule.
    pub inject: usize,
    pub resamples: usize,
    pub cluster: Cluster,
    pub seed: u64,
    pub gate: Gate,
    /// The baselines that the reduction is asked of.
    pub gate_baselines: Vec<Name>,
    pub min_reduction: f64,
    pub with_literal: bool,
    pub sets: Vec<Wanted>,
}

/// A rule with its history.
pub struct Subject<'a> {
    pub rule: &'a Rule,
    /// None: the rule as it is written.
    pub params: Option<&'a Params>,
    /// The parameters that are in use, where the candidate is to be held against them.
    pub against: Option<Option<&'a Params>>,
    pub series: &'a [Series],
    /// Per series.
    pub marks: Vec<Marks>,
}

/// Asked now and then while a backtest runs; an error ends it.
pub type Check<'c> = dyn Fn() -> error::Result<()> + 'c;

/// Everything that was found.
pub struct Backtest<'a> {
    pub rules: Vec<Tested<'a>>,
    /// Rules first, then named sets, then all.
    pub sets: Vec<Assessed>,
    pub injections: Vec<Injection>,
    /// Of the candidate, by rule.
    pub misses: Vec<Miss>,
    pub timelines: Vec<Timeline>,
    /// Rules that could not be judged, each with its number of judged and clean buckets.
    pub too_little: Vec<(String, usize)>,
}

/// One wrong verdict of the candidate at its operating threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    pub rule: String,
    pub tenant: Option<String>,
    /// The other group fields.
    pub series: String,
    pub wrong: Wrong,
}

/// Why nothing could be judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// Of every rule too few buckets are judged and clean: the rules with their numbers.
    TooLittle(Vec<(String, usize)>),
    /// Neither a labelled window nor an injected effect.
    Nothing,
    Set(SetError),
    /// What was asked between two series: a signal.
    Ended(Error),
}

impl Backtest<'_> {
    /// The sets that must pass.
    pub fn gated(&self) -> impl Iterator<Item = &Assessed> {
        self.sets.iter().filter(|set| set.gated)
    }

    pub fn passes(&self, gate: Gate) -> bool {
        self.gated().all(|set| passes(set.verdict, gate))
    }

    /// The worst of the sets that must pass.
    pub fn verdict(&self) -> Verdict {
        let order = [Verdict::Fail, Verdict::NotComparable, Verdict::PointOnly];
        order.into_iter().find(|v| self.gated().any(|set| set.verdict == *v)).unwrap_or(Verdict::Pass)
    }

    /// Labelled windows that reach past the warm-up, over all series.
    pub fn windows(&self) -> usize {
        self.rules.iter().flat_map(|rule| &rule.tracks).map(|track| track.windows.len()).sum()
    }
}

/// Rules with too little history are left out. `check` is asked between two series, and ends it by an error.
pub fn run<'a>(subjects: Vec<Subject<'a>>, asked: &Asked, check: &Check) -> Result<Backtest<'a>, Refused> {
    let (mut rules, mut too_little) = (Vec::new(), Vec::new());
    for subject in subjects {
        let id = subject.rule.id.clone();
        match Tested::new(subject, asked, check).map_err(Refused::Ended)? {
            Ok(tested) => rules.push(tested),
            Err(buckets) => too_little.push((id, buckets)),
        }
    }
    if rules.is_empty() {
        return Err(Refused::TooLittle(too_little));
    }
    let windows: usize = rules.iter().flat_map(|rule| &rule.tracks).map(|track| track.windows.len()).sum();
    if windows == 0 && asked.inject == 0 {
        return Err(Refused::Nothing);
    }
    let sets = sets::all(&rules, &asked.sets).map_err(Refused::Set)?;
    let mut assessed: Vec<Assessed> = Vec::with_capacity(sets.len());
    for set in &sets {
        check().map_err(Refused::Ended)?;
        // The same series give the same figures, whatever their set is called.
        let same = sets[..assessed.len()].iter().position(|known| known.members == set.members);
        assessed.push(match same {
            Some(at) => Assessed { set: set.name.clone(), gated: set.gated, same_as: Some(at), ..assessed[at].clone() },
            None => assess::assess(set, &rules, asked).ok_or(Refused::Nothing)?,
        });
    }
    let injections = rules.iter().zip(&assessed).flat_map(|(rule, set)| assess::injections(rule, set)).collect();
    let wrongs: Vec<Vec<Wrong>> = rules.iter().map(wrongs).collect();
    let timelines = timeline::worst(&rules, &wrongs);
    let misses = rules.iter().zip(wrongs).flat_map(|(rule, wrongs)| named(rule, wrongs)).collect();
    Ok(Backtest { sets: assessed, injections, misses, timelines, too_little, rules })
}

fn wrongs(rule: &Tested) -> Vec<Wrong> {
    let Some(candidate) = rule.detector(Name::Candidate) else { return Vec::new() };
    misses::worst(&rule.tracks, &rule.scaled(candidate, rule.method.threshold), rule.method.threshold)
}

fn named(rule: &Tested, wrongs: Vec<Wrong>) -> Vec<Miss> {
    let name = |wrong: Wrong| {
        let key = rule.key(wrong.series);
        Miss { rule: rule.rule.id.clone(), tenant: key.tenant().map(str::to_owned), series: key.series(), wrong }
    };
    wrongs.into_iter().map(name).collect()
}

#[cfg(test)]
mod tests;
