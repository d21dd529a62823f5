//! One rule: its series with what is judged of them, and what every detector makes of them.

use super::labelled::Marks;
use super::searched::judged_where_searched;
use super::{Asked, Check, LEAST_BUCKETS, Subject};
use crate::anomaly::baselines::{Fixed, Literal, RollingZ, Sketch};
use crate::anomaly::history::Series;
use crate::anomaly::inject::{Ground, Heard, Injections};
use crate::anomaly::intake::Key;
use crate::anomaly::judge::evaluate::Name;
use crate::anomaly::judge::scored::{Bucket, Online};
use crate::anomaly::judge::track::{Feed, Track};
use crate::anomaly::method::Method;
use crate::anomaly::rules::{Params, Rule};
use crate::anomaly::score::Scorer;
use crate::error::Result;

pub struct Tested<'a> {
    pub rule: &'a Rule,
    pub series: &'a [Series],
    pub tracks: Vec<Track>,
    /// The candidate's.
    pub method: Method,
    /// The baselines first.
    pub detectors: Vec<Scored>,
    /// Effects that were injected, over all kinds and sizes.
    pub injected: usize,
    /// The rule's median scale in the unit of the data, which sizes the effects on gauges.
    pub unit: f64,
    /// The parameters of the candidate were searched in what is judged.
    pub tuned_on_judged: bool,
}

/// What one detector makes of the series of a rule.
pub struct Scored {
    pub name: Name,
    /// Per series and bucket.
    pub scores: Vec<Vec<f64>>,
    /// Per series the threshold that it runs with; a baseline has none.
    pub own: Option<Vec<f64>>,
    /// What it heard of the injected effects.
    pub heard: Vec<Heard>,
}

impl<'a> Tested<'a> {
    /// The number of judged and clean buckets where they are too few.
    pub fn new(subject: Subject<'a>, asked: &Asked, check: &Check) -> Result<std::result::Result<Self, usize>> {
        let Subject { rule, params, against, series, marks } = subject;
        let tracks: Vec<Track> = series.iter().zip(&marks).map(|(s, marks)| track(rule, s, marks, asked)).collect();
        let buckets = tracks.iter().map(|track| track.judged_clean().count()).sum();
        if buckets < LEAST_BUCKETS {
            return Ok(Err(buckets));
        }
        let written = rule.method(None);
        let grounds: Vec<Ground> = series.iter().zip(&tracks).map(|(s, t)| ground(&written, s, t)).collect();
        let injections = Injections::new(&written, &grounds, asked.inject, asked.seed, &rule.id);
        let all = All { rule, series, grounds: &grounds, injections: &injections, check };
        let mut detectors = vec![
            all.scored(Name::Static, None, |i| Fixed::new(&tracks[i].values, tracks[i].warmup, written.direction))?,
            all.scored(Name::RollingZ, None, |_| RollingZ::new(written.direction))?,
        ];
        if asked.with_literal {
            let Method { bucket, window, direction, .. } = written;
            let literal = Literal { bucket, window, direction };
            detectors.push(all.scored(Name::Literal, None, |_| Sketch::new(literal))?);
        }
        detectors.extend(against.map(|old| all.adaptive(Name::Current, old)).transpose()?);
        detectors.push(all.adaptive(Name::Candidate, params)?);
        let (injected, unit) = (injections.all(), injections.unit());
        let tuned_on_judged = params.is_some_and(|params| judged_where_searched(rule, params, series, &tracks));
        let method = rule.method(params);
        Ok(Ok(Tested { rule, series, method, detectors, injected, unit, tracks, tuned_on_judged }))
    }

    pub fn detector(&self, name: Name) -> Option<&Scored> {
        self.detectors.iter().find(|d| d.name == name)
    }

    pub fn key(&self, series: usize) -> Key<'a> {
        Key::new(self.rule, &self.series[series].key)
    }

    /// Scores as if every series had this threshold. Those of a baseline are as they are.
    pub fn scaled(&self, detector: &Scored, threshold: f64) -> Vec<Vec<f64>> {
        let of = |i: usize| scaled(&detector.scores[i], detector.scale(i, threshold));
        (0..self.series.len()).map(of).collect()
    }
}

impl Scored {
    /// By which the scores of a series are multiplied to be held against a common threshold.
    pub fn scale(&self, series: usize, threshold: f64) -> f64 {
        self.own.as_ref().map_or(1.0, |own| threshold / own[series])
    }
}

pub fn scaled(scores: &[f64], factor: f64) -> Vec<f64> {
    scores.iter().map(|score| score * factor).collect()
}

/// What a detector is run over.
struct All<'t> {
    rule: &'t Rule,
    series: &'t [Series],
    grounds: &'t [Ground],
    injections: &'t Injections<'t>,
    check: &'t Check<'t>,
}

impl All<'_> {
    fn adaptive(&self, name: Name, params: Option<&Params>) -> Result<Scored> {
        let method = self.rule.method(params);
        let own = |s: &Series| self.rule.threshold(params, Key::new(self.rule, &s.key).tenant());
        let own = self.series.iter().map(own).collect();
        self.scored(name, Some(own), |_| Scorer::new(&method))
    }

    fn scored<D: Online>(&self, name: Name, own: Option<Vec<f64>>, fresh: impl Fn(usize) -> D) -> Result<Scored> {
        let of = |(i, ground): (usize, &Ground)| {
            (self.check)()?;
            let mut detector = fresh(i);
            Ok(ground.buckets.iter().map(|bucket| detector.score(bucket)).collect())
        };
        let scores = self.grounds.iter().enumerate().map(of).collect::<Result<_>>()?;
        Ok(Scored { name, scores, own, heard: self.injections.heard(fresh, self.check)? })
    }
}

fn track(rule: &Rule, series: &Series, marks: &Marks, asked: &Asked) -> Track {
    let feed = Feed {
        starts: series.starts.clone(),
        bucket_ms: rule.bucket_ms(),
        // What is excluded is judged as little as what is missing.
        values: buckets(series).map(|bucket| bucket.value()).collect(),
        cooldown: rule.method(None).cooldown,
    };
    Track::new(feed, asked.warmup, &marks.labels, &marks.ignores).0
}

fn ground(written: &Method, series: &Series, track: &Track) -> Ground {
    let free = track.clean.iter().enumerate().map(|(i, clean)| *clean && i >= track.warmup).collect();
    Ground::new(written, buckets(series).collect(), free)
}

fn buckets(series: &Series) -> impl Iterator<Item = Bucket> {
    let places = series.starts.iter().zip(&series.slots).zip(&series.seen);
    places.map(|((start, slot), seen)| Bucket { start: *start, slot: *slot, seen: *seen })
}
