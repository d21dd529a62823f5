//! One set of series: every figure of every detector on it, and the verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::scored::{Scored, scaled};
use super::sets::Set;
use super::{Asked, Cluster, Tested};
use crate::anomaly::inject::{Heard, Kind};
use crate::anomaly::judge::evaluate::{At, Detector, Evaluation, Name, Terms, evaluate};
use crate::anomaly::judge::reduction::{Reduction, Resampling};
use crate::anomaly::judge::track::Track;
use crate::anomaly::judge::verdict::{Facts, Power, Verdict, verdict};
use crate::anomaly::method::MustDetect;
use crate::stats::{Z95, wilson};

/// What came of one set.
#[derive(Debug, Clone)]
pub struct Assessed {
    pub set: String,
    /// Its verdict decides.
    pub gated: bool,
    /// An earlier set with the same series.
    pub same_as: Option<usize>,
    pub series: usize,
    pub evaluation: Evaluation,
    /// Power comes from labelled windows; else from injected effects.
    pub labelled: bool,
    pub min_power: f64,
    /// What each rule must hear.
    pub must_detect: Vec<(String, MustDetect)>,
    /// Of all series, from first to last.
    pub buckets: usize,
    /// Of these, what rates of false positives are taken of.
    pub judged: usize,
    /// The kind of effect that the candidate hears worst, of those that it must hear.
    pub weakest: Option<(Kind, Power)>,
    /// Tenants of which the candidate hears fewer effects of some kind than it must, beyond chance.
    pub weak_tenants: Vec<String>,
    /// Rules whose parameters were searched in what is judged: their figures look better than they are.
    pub tuned_on_judged: Vec<String>,
    pub verdict: Verdict,
    pub reasons: Vec<String>,
}

/// What a detector hears of one kind and size, in the series of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Injection {
    pub rule: String,
    pub detector: Name,
    pub kind: Kind,
    pub size: f64,
    /// At which it listens; of the candidate and of the current parameters each series has its own around this one.
    pub threshold: f64,
    pub n: usize,
    pub detected: usize,
    /// None where nothing could be injected; the bound is Wilson's, 95 %.
    pub power: Option<f64>,
    pub power_lo: Option<f64>,
}

/// The series of a set, gathered from their rules.
struct Gathered<'s, 't> {
    set: &'s Set,
    rules: &'s [Tested<'t>],
    /// At which candidate and current operate: the rules' own where all have the same, else 1, for scores in thresholds.
    threshold: f64,
}

/// None where there is no candidate.
pub fn assess(set: &Set, rules: &[Tested], asked: &Asked) -> Option<Assessed> {
    let gathered = Gathered::new(set, rules);
    let tracks: Vec<Track> = set.members.iter().map(|(rule, series)| rules[*rule].tracks[*series].clone()).collect();
    let labelled = tracks.iter().any(|track| !track.windows.is_empty());
    let names: Vec<Name> = rules.first()?.detectors.iter().map(|d| d.name).collect();
    let scores: Vec<Vec<Vec<f64>>> = names.iter().map(|name| gathered.scores(*name)).collect();
    let reached: Vec<Vec<Vec<f64>>> = names.iter().map(|name| gathered.reached(*name)).collect();
    let detector = |(i, name): (usize, &Name)| Detector {
        name: *name,
        scores: &scores[i],
        operating: matches!(name, Name::Candidate | Name::Current).then_some(gathered.threshold),
        injected: (!labelled).then_some(reached[i].as_slice()),
    };
    let detectors: Vec<Detector> = names.iter().enumerate().map(detector).collect();
    let min_power = set.members.iter().map(|(rule, _)| rules[*rule].rule.min_power).fold(0.0, f64::max);
    let clusters = gathered.clusters(asked.cluster);
    let resampling = Resampling { clusters: &clusters, resamples: asked.resamples };
    let terms = Terms { min_power, resampling, seed: asked.seed, set: &set.name };
    let evaluation = evaluate(&tracks, &detectors, &terms)?;
    let weakest = gathered.weakest(Name::Candidate);
    let against: Vec<(&str, Reduction)> =
        asked.gate_baselines.iter().filter_map(|name| Some((name.as_str(), evaluation.reduction(*name)?))).collect();
    let (verdict, mut reasons) = verdict(&Facts {
        min_power,
        min_reduction: asked.min_reduction,
        injected: weakest.map(|(_, power)| power),
        labelled: evaluation.candidate_power.filter(|_| labelled),
        chance: evaluation.against_chance.filter(|_| labelled),
        against_baselines: &against,
        against_current: evaluation
            .reduction(Name::Current)
            .map(|gain| (gain, gathered.weakest(Name::Current).map(|(_, power)| power))),
    });
    if verdict != Verdict::Pass && clusters.iter().all(|cluster| *cluster == 0) {
        reasons.push("a single series or tenant gives no bound for a reduction".to_owned());
    }
    let tuned_on_judged = gathered.tuned_on_judged();
    if !tuned_on_judged.is_empty() {
        reasons.push(format!("parameters were tuned on data that is judged here: {}", tuned_on_judged.join(", ")));
    }
    Some(Assessed {
        set: set.name.clone(),
        gated: set.gated,
        same_as: None,
        series: set.members.len(),
        labelled,
        min_power,
        must_detect: gathered.must_detect(),
        buckets: tracks.iter().map(|track| track.starts.len()).sum(),
        judged: tracks.iter().map(|track| track.judged_clean().count()).sum(),
        weakest,
        weak_tenants: gathered.weak_tenants(min_power),
        tuned_on_judged,
        verdict,
        reasons,
        evaluation,
    })
}

impl<'s, 't> Gathered<'s, 't> {
    fn new(set: &'s Set, rules: &'s [Tested<'t>]) -> Self {
        let mut thresholds = set.members.iter().map(|(rule, _)| rules[*rule].method.threshold);
        let first = thresholds.next().unwrap_or(1.0);
        let threshold = if thresholds.all(|t| t == first) { first } else { 1.0 };
        Gathered { set, rules, threshold }
    }

    fn of(&self, name: Name) -> impl Iterator<Item = (&'s Scored, usize)> {
        let rules = self.rules;
        self.set.members.iter().filter_map(move |(rule, series)| Some((rules[*rule].detector(name)?, *series)))
    }

    fn scores(&self, name: Name) -> Vec<Vec<f64>> {
        self.of(name).map(|(d, i)| scaled(&d.scores[i], d.scale(i, self.threshold))).collect()
    }

    /// Per series the scores that the effects reached which must be heard.
    fn reached(&self, name: Name) -> Vec<Vec<f64>> {
        let of = |(d, i): (&Scored, usize)| {
            let all = d.heard.iter().filter(|h| must_be_heard(h)).flat_map(|h| h.reached[i].iter());
            all.map(|score| score * d.scale(i, self.threshold)).collect()
        };
        self.of(name).map(of).collect()
    }

    /// Per series the number of its cluster.
    fn clusters(&self, cluster: Cluster) -> Vec<usize> {
        if cluster == Cluster::Series {
            return (0..self.set.members.len()).collect();
        }
        let mut known: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let number = |(rule, series): &(usize, usize)| {
            let next = known.len();
            *known.entry(self.rules[*rule].key(*series).tenant()).or_insert(next)
        };
        self.set.members.iter().map(number).collect()
    }

    /// Per series what was detected and tried of one kind at `must_detect`.
    fn counts(&self, name: Name, kind: Kind) -> Vec<(usize, usize)> {
        let of = |(detector, series): (&Scored, usize)| {
            let heard = detector.heard.iter().find(|h| must_be_heard(h) && h.kind == kind);
            let Some((heard, own)) = heard.zip(detector.own.as_ref()) else { return (0, 0) };
            count(&heard.reached[series], own[series])
        };
        self.of(name).map(of).collect()
    }

    /// The kind with the lowest bound.
    fn weakest(&self, name: Name) -> Option<(Kind, Power)> {
        let power = |kind: Kind| {
            let (detected, n) = sum(self.counts(name, kind).into_iter());
            let (low, _) = wilson(detected as u64, n as u64, Z95)?;
            Some((kind, Power { estimate: detected as f64 / n as f64, low }))
        };
        Kind::ALL.into_iter().filter_map(power).min_by(|a, b| a.1.low.total_cmp(&b.1.low))
    }

    fn rules(&self) -> impl Iterator<Item = &'s Tested<'t>> {
        let members: BTreeSet<usize> = self.set.members.iter().map(|(rule, _)| *rule).collect();
        members.into_iter().map(|rule| &self.rules[rule])
    }

    fn must_detect(&self) -> Vec<(String, MustDetect)> {
        self.rules().map(|rule| (rule.rule.id.clone(), rule.method.must_detect)).collect()
    }

    fn tuned_on_judged(&self) -> Vec<String> {
        self.rules().filter(|rule| rule.tuned_on_judged).map(|rule| rule.rule.id.clone()).collect()
    }

    fn weak_tenants(&self, min_power: f64) -> Vec<String> {
        let mut weak: BTreeSet<&str> = BTreeSet::new();
        for kind in Kind::ALL.into_iter().filter(|kind| kind.must_be_heard()) {
            let mut by_tenant: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for ((rule, series), count) in self.set.members.iter().zip(self.counts(Name::Candidate, kind)) {
                if let Some(tenant) = self.rules[*rule].key(*series).tenant() {
                    let known = by_tenant.entry(tenant).or_default();
                    *known = sum([*known, count].into_iter());
                }
            }
            let is_weak = |(_, (detected, n)): &(&str, (usize, usize))| {
                wilson(*detected as u64, *n as u64, Z95).is_some_and(|(_, high)| high < min_power)
            };
            weak.extend(by_tenant.into_iter().filter(is_weak).map(|(tenant, _)| tenant));
        }
        weak.into_iter().map(str::to_owned).collect()
    }
}

fn sum(counts: impl Iterator<Item = (usize, usize)>) -> (usize, usize) {
    counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
}

/// Effects of the size that must be detected.
fn must_be_heard(heard: &Heard) -> bool {
    heard.kind.must_be_heard() && heard.size == 1.0
}

fn count(reached: &[f64], threshold: f64) -> (usize, usize) {
    (reached.iter().filter(|score| **score >= threshold).count(), reached.len())
}

/// What each detector hears in the series of a rule: the candidate and the current parameters at their own thresholds,
/// a baseline at that of the power of the comparison, where it reaches it.
pub fn injections(rule: &Tested, set: &Assessed) -> Vec<Injection> {
    let of = |detector: &Scored| -> Vec<Injection> {
        let at = if detector.own.is_some() { At::Operating } else { At::Matched };
        let row = set.evaluation.rows.iter().find(|row| row.detector == detector.name && row.at == at);
        let Some(figures) = row.and_then(|row| row.figures.as_ref()) else { return Vec::new() };
        let own = |series: usize| detector.own.as_ref().map_or(figures.threshold, |own| own[series]);
        let injection = |heard: &Heard| {
            let (detected, n) = sum(heard.reached.iter().enumerate().map(|(i, reached)| count(reached, own(i))));
            Injection {
                rule: rule.rule.id.clone(),
                detector: detector.name,
                kind: heard.kind,
                size: heard.size,
                threshold: figures.threshold,
                n,
                detected,
                power: (n > 0).then(|| detected as f64 / n as f64),
                power_lo: wilson(detected as u64, n as u64, Z95).map(|(low, _)| low),
            }
        };
        detector.heard.iter().map(injection).collect()
    };
    rule.detectors.iter().flat_map(of).collect()
}
