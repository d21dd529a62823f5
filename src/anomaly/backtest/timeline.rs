//! What the values were around the worst of what the candidate got wrong, with the band in which it would not have alerted.

use super::Tested;
use crate::anomaly::judge::evaluate::Name;
use crate::anomaly::judge::misses::{What, Wrong};
use crate::anomaly::method::Method;
use crate::anomaly::score::{Scorer, Status, band};

/// So many of each kind, over all rules.
const SHOWN: usize = 6;
/// Buckets before and behind what is shown, at least; a longer one has as many as it is long.
const AROUND: usize = 48;
/// A longer stretch is cut.
const LONGEST: usize = 480;

#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub rule: String,
    pub tenant: Option<String>,
    pub series: String,
    pub wrong: Wrong,
    pub threshold: f64,
    pub bucket_ms: i64,
    pub moments: Vec<Moment>,
    /// Labelled windows that meet the stretch; milliseconds since 1970, half open.
    pub windows: Vec<(i64, i64)>,
}

/// One bucket; values in the unit of the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    pub start: i64,
    pub value: Option<f64>,
    pub expected: Option<f64>,
    /// None where no smaller value would alert.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub breach: bool,
}

/// The worst of all rules, missed windows first; per rule they are ordered already.
pub fn worst(rules: &[Tested], wrongs: &[Vec<Wrong>]) -> Vec<Timeline> {
    let mut shown = Vec::new();
    for what in [What::Miss, What::False] {
        let of = |(rule, wrongs): (usize, &Vec<Wrong>)| -> Vec<(usize, Wrong)> {
            wrongs.iter().filter(|w| w.what == what).take(SHOWN).map(|w| (rule, w.clone())).collect()
        };
        let mut all: Vec<(usize, Wrong)> = wrongs.iter().enumerate().flat_map(of).collect();
        // In thresholds, since rules may have different ones.
        let size = |(rule, wrong): &(usize, Wrong)| wrong.max_score / rules[*rule].method.threshold;
        all.sort_by(|a, b| if what == What::Miss { size(a).total_cmp(&size(b)) } else { size(b).total_cmp(&size(a)) });
        all.truncate(SHOWN);
        shown.extend(all);
    }
    shown.into_iter().filter_map(|(rule, wrong)| timeline(&rules[rule], wrong)).collect()
}

fn timeline(rule: &Tested, wrong: Wrong) -> Option<Timeline> {
    let track = &rule.tracks[wrong.series];
    let first = track.starts.partition_point(|s| *s < wrong.start);
    let behind = track.starts.partition_point(|s| *s < wrong.end);
    let around = AROUND.max(behind - first);
    let from = first.saturating_sub(around);
    let until = (behind + around).min(track.starts.len()).min(from + LONGEST);
    let own = rule.detector(Name::Candidate)?.own.as_ref()?[wrong.series];
    let method = Method { threshold: own, ..rule.method.clone() };
    let mut scorer = Scorer::new(&method);
    let series = &rule.series[wrong.series];
    let mut moments = Vec::with_capacity(until - from);
    for i in 0..until {
        let point = scorer.push(series.slots[i], series.seen[i]);
        if i < from {
            continue;
        }
        let edges = band::alerts(&method, &point);
        moments.push(Moment {
            start: series.starts[i],
            value: series.values[i],
            expected: point.verdict.map(|v| v.expected),
            lower: edges.lower,
            upper: edges.upper,
            breach: point.status == Status::Breach,
        });
    }
    let (start, end) = (*track.starts.get(from)?, track.starts.get(until - 1)?.saturating_add(track.bucket_ms));
    let instants = |w: &std::ops::Range<usize>| (track.starts[w.start], track.starts[w.end - 1] + track.bucket_ms);
    let windows = track.windows.iter().map(instants).filter(|(s, e)| *s < end && *e > start).collect();
    let key = rule.key(wrong.series);
    Some(Timeline {
        rule: rule.rule.id.clone(),
        tenant: key.tenant().map(str::to_owned),
        series: key.series(),
        wrong,
        threshold: own,
        bucket_ms: track.bucket_ms,
        moments,
        windows,
    })
}
