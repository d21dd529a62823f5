//! All detectors on one set of series: every figure that a backtest reports of them.

use crate::anomaly::random::Random;

use super::curve::{self, Point};
use super::notified;
use super::ranked::Ranked;
use super::reduction::{Reduction, Resampling, reductions};
use super::results::{Figures, figures, unscored};
use super::track::Track;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Static,
    RollingZ,
    Candidate,
    Current,
    Literal,
}

impl Name {
    pub fn as_str(self) -> &'static str {
        match self {
            Name::Static => "static",
            Name::RollingZ => "rolling_z",
            Name::Candidate => "candidate",
            Name::Current => "current",
            Name::Literal => "literal",
        }
    }
}

pub struct Detector<'a> {
    pub name: Name,
    /// Per series of the set.
    pub scores: &'a [Vec<f64>],
    /// The threshold that it runs with; a baseline has none.
    pub operating: Option<f64>,
    /// Where nothing is labelled: the highest score that each injected effect reached, per series.
    pub injected: Option<&'a [Vec<f64>]>,
}

/// Where a detector's threshold comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum At {
    Operating,
    /// The power of the comparison.
    Matched,
    /// A fixed power.
    Power(f64),
    /// The false positive rate that the candidate has at the power of the comparison.
    EqualFpr,
}

/// The powers that are reported beside those of the comparison.
pub const POWERS: [f64; 4] = [0.6, 0.7, 0.8, 0.9];

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub detector: Name,
    pub at: At,
    /// None where the detector cannot get there.
    pub figures: Option<Figures>,
    /// False ones per series; at a power, of the highest threshold at which so many windows are notified.
    pub notifications_per_week: Option<f64>,
    /// Of the candidate against this detector, at a power.
    pub reduction: Option<Reduction>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// That of the candidate at its operating threshold, but not less than the rule's `min_power`.
    pub p_star: f64,
    /// Labelled, or injected in their place.
    pub windows: usize,
    /// Of the labelled windows, or of the injected effects in their place, at the candidate's operating threshold.
    pub candidate_power: Option<f64>,
    pub rows: Vec<Row>,
    pub curves: Vec<(Name, Vec<Point>)>,
    pub chance: Vec<Point>,
    /// The false positive rate of the candidate at the power of the comparison, and that of scores drawn at random. None where
    /// nothing is labelled, or one of them cannot reach it.
    pub against_chance: Option<(f64, f64)>,
    /// Share of the judged buckets without a score.
    pub unscored: Vec<(Name, Option<f64>)>,
}

impl Evaluation {
    /// Of the candidate against this detector, at the power of the comparison.
    pub fn reduction(&self, against: Name) -> Option<Reduction> {
        self.rows.iter().find(|r| r.detector == against && r.at == At::Matched)?.reduction
    }
}

/// How the set is compared.
pub struct Terms<'a> {
    pub min_power: f64,
    pub resampling: Resampling<'a>,
    pub seed: u64,
    /// The name of the set: each has resamples of its own, and all comparisons in it share theirs.
    pub set: &'a str,
}

/// None where there is no candidate among the detectors.
pub fn evaluate(tracks: &[Track], detectors: &[Detector], terms: &Terms) -> Option<Evaluation> {
    let rank = |d: &Detector| match d.injected {
        None => Ranked::new(tracks, d.scores),
        Some(reached) => Ranked::injected(tracks, d.scores, reached),
    };
    let ranked: Vec<Ranked> = detectors.iter().map(rank).collect();
    let at = detectors.iter().position(|d| d.name == Name::Candidate)?;
    let candidate = &ranked[at];
    let operating = figures_at(tracks, &detectors[at], candidate, detectors[at].operating);
    let candidate_power = operating.and_then(|f| f.power);
    let p_star = candidate_power.unwrap_or(0.0).max(terms.min_power);
    let fpr = candidate.threshold(p_star).and_then(|t| candidate.fpr(t));
    let mut rows = Vec::new();
    for (detector, ranked) in detectors.iter().zip(&ranked) {
        if detector.operating.is_some() {
            rows.push(at_operating(tracks, detector, ranked));
        }
        rows.extend(at_powers(tracks, detector, ranked, candidate, p_star, terms));
        let threshold = fpr.and_then(|f| ranked.at_fpr(f)).map(|(threshold, _)| threshold);
        let figures = figures_at(tracks, detector, ranked, threshold);
        let at = At::EqualFpr;
        rows.push(Row { detector: detector.name, at, figures, notifications_per_week: None, reduction: None });
    }
    let named = |i: usize| detectors[i].name;
    Some(Evaluation {
        p_star,
        windows: candidate.windows(),
        candidate_power,
        rows,
        curves: ranked.iter().enumerate().map(|(i, r)| (named(i), curve::of(r))).collect(),
        chance: curve::chance(tracks),
        against_chance: fpr.zip(curve::chance_fpr(tracks, p_star)),
        unscored: detectors.iter().map(|d| (d.name, unscored(tracks, d.scores))).collect(),
    })
}

fn figures_at(tracks: &[Track], detector: &Detector, ranked: &Ranked, threshold: Option<f64>) -> Option<Figures> {
    Some(figures(tracks, detector.scores, ranked, threshold?))
}

fn at_operating(tracks: &[Track], detector: &Detector, ranked: &Ranked) -> Row {
    let notifications = |t| notified::false_per_week(tracks, detector.scores, t);
    Row {
        detector: detector.name,
        at: At::Operating,
        figures: figures_at(tracks, detector, ranked, detector.operating),
        notifications_per_week: detector.operating.and_then(notifications),
        reduction: None,
    }
}

/// At the power of the comparison and at the fixed ones.
fn at_powers(
    tracks: &[Track],
    detector: &Detector,
    ranked: &Ranked,
    candidate: &Ranked,
    p_star: f64,
    terms: &Terms,
) -> Vec<Row> {
    let powers: Vec<f64> = std::iter::once(p_star).chain(POWERS).collect();
    let mut random = Random::new(terms.seed, "backtest bootstrap", terms.set, "");
    let gains = match detector.name {
        Name::Candidate => Vec::new(),
        _ => reductions(candidate, ranked, &powers, terms.resampling, &mut random),
    };
    let row = |(i, power): (usize, &f64)| {
        let matched = ranked.threshold(*power);
        let threshold = match detector.injected {
            None => notified::threshold(tracks, detector.scores, *power),
            // An effect that is only computed sends no notification.
            Some(_) => matched,
        };
        Row {
            detector: detector.name,
            at: if i == 0 { At::Matched } else { At::Power(*power) },
            figures: figures_at(tracks, detector, ranked, matched),
            notifications_per_week: threshold.and_then(|t| notified::false_per_week(tracks, detector.scores, t)),
            reduction: gains.get(i).copied(),
        }
    };
    powers.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::super::verdict::{Facts, Power, Verdict, verdict};
    use super::*;

    /// Forty series with five windows of three buckets each, of which nine in ten stand out; what lies outside scores
    /// up to `noise`.
    fn world(noise: f64) -> (Vec<Track>, Vec<Vec<f64>>) {
        let windows = [(20, 23), (40, 43), (60, 63), (80, 83), (100, 103)];
        let mut random = Random::new(9, "test", "", "");
        let mut series = |_| {
            let mut scores: Vec<f64> = (0..120).map(|_| noise * random.uniform()).collect();
            for (start, _) in windows {
                scores[start as usize + 1] = if random.uniform() < 0.9 { 4.0 + random.uniform() } else { 0.5 };
            }
            (track(120, 12, &windows, &[]), scores)
        };
        (0..40).map(&mut series).unzip()
    }

    fn judged(tracks: &[Track], candidate: &[Vec<f64>], threshold: f64, base: &[Vec<f64>]) -> (Evaluation, Verdict) {
        let detectors = [
            Detector { name: Name::Static, scores: base, operating: None, injected: None },
            Detector { name: Name::Candidate, scores: candidate, operating: Some(threshold), injected: None },
        ];
        let clusters: Vec<usize> = (0..tracks.len()).collect();
        let resampling = Resampling { clusters: &clusters, resamples: 200 };
        let terms = Terms { min_power: 0.8, resampling, seed: 1, set: "all" };
        let found = evaluate(tracks, &detectors, &terms).unwrap();
        let against: Vec<_> = found.reduction(Name::Static).map(|r| ("static", r)).into_iter().collect();
        let facts = Facts {
            min_power: 0.8,
            min_reduction: 0.4,
            injected: Some(Power { estimate: 0.9, low: 0.85 }),
            labelled: found.candidate_power,
            chance: found.against_chance,
            against_baselines: &against,
            against_current: None,
        };
        let verdict = verdict(&facts).0;
        (found, verdict)
    }

    #[test]
    fn a_better_detector_passes_and_one_against_itself_does_not() {
        let (tracks, good) = world(3.0);
        let (_, noisy) = world(8.0);
        let (found, verdict) = judged(&tracks, &good, 3.5, &noisy);
        assert_eq!(verdict, Verdict::Pass);
        let power = found.candidate_power.unwrap();
        assert!(power > 0.85 && power < 0.95 && found.p_star == power, "{power}");
        let gain = found.reduction(Name::Static).unwrap();
        assert_eq!((gain.power, gain.estimate), (power, Some(1.0)));
        // Six rows of the baseline, seven of the candidate.
        assert_eq!(found.rows.len(), 13);
        let at = |detector, at| found.rows.iter().find(|r| r.detector == detector && r.at == at).unwrap();
        let operating = at(Name::Candidate, At::Operating).figures.clone().unwrap();
        assert_eq!((operating.fpr, operating.lag_median_buckets), (Some(0.0), Some(1.0)));
        let eight = at(Name::Static, At::Power(0.8));
        let fpr = eight.figures.as_ref().unwrap().fpr.unwrap();
        // Uniform up to 8, and windows that stand out from 4 on: half of them or a little less.
        assert!(fpr > 0.3 && fpr < 0.5, "{fpr}");
        assert_eq!(at(Name::Candidate, At::Power(0.8)).notifications_per_week, Some(0.0));
        let equal = at(Name::Static, At::EqualFpr).figures.as_ref();
        assert!(equal.is_none_or(|f| f.fpr == Some(0.0)));
        let (found, verdict) = judged(&tracks, &good, 3.5, &good);
        let gain = found.reduction(Name::Static).unwrap();
        assert_eq!((verdict, gain.estimate, gain.low, gain.high), (Verdict::Fail, Some(0.0), 0.0, 0.0));
    }

    #[test]
    fn mutilated_and_silent_detectors_fail_on_power() {
        let (tracks, good) = world(3.0);
        let (_, noisy) = world(8.0);
        let (found, verdict) = judged(&tracks, &good, 7.0, &noisy);
        assert_eq!((verdict, found.candidate_power, found.p_star), (Verdict::Fail, Some(0.0), 0.8));
        let silent = vec![vec![f64::NAN; 120]; 40];
        let (found, verdict) = judged(&tracks, &silent, 2.5, &noisy);
        assert_eq!((verdict, found.unscored[1]), (Verdict::Fail, (Name::Candidate, Some(1.0))));
        assert_eq!(found.reduction(Name::Static).unwrap().estimate, None);
        // A silent baseline is no win either.
        let (_, verdict) = judged(&tracks, &good, 3.5, &silent);
        assert_eq!(verdict, Verdict::NotComparable);
    }

    #[test]
    fn the_same_seed_gives_the_same_bounds() {
        let (tracks, good) = world(5.0);
        let (_, noisy) = world(8.0);
        let bounds = || judged(&tracks, &good, 3.5, &noisy).0.reduction(Name::Static);
        assert_eq!(bounds(), bounds());
        assert!(bounds().is_some_and(|r| r.low < r.high));
    }
}
