//! A history scored again as it was when it came, with a look at some of its buckets.

use std::collections::{BTreeMap, BTreeSet};

use super::{Explanation, explain};
use crate::anomaly::history::Series;
use crate::anomaly::intake::Key;
use crate::anomaly::machine::{Limits, Machine, Scored, Step};
use crate::anomaly::method::Method;
use crate::anomaly::rules::{Mute, Params, Rule, is_muted};
use crate::anomaly::score::{Point, Scorer};
use crate::anomaly::watch::Peers;

/// A bucket: its series by place in the list, and its place there.
pub type Place = (usize, usize);

/// What was found about one bucket.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How series of its tenant are scored.
    pub method: Method,
    pub point: Point,
    /// What becomes of alerts by it.
    pub step: Step,
    /// None where it has no score.
    pub explanation: Option<Explanation>,
    pub peers: Peers,
}

/// Scores all series of a rule, since a bucket is told with its peers. By place.
pub fn rerun(
    rule: &Rule,
    params: Option<&Params>,
    mutes: &[Mute],
    series: &[Series],
    asked: &BTreeSet<Place>,
) -> BTreeMap<Place, Seen> {
    let mut found = BTreeMap::new();
    let mut all: BTreeMap<i64, Peers> =
        asked.iter().map(|(of, bucket)| (series[*of].ends[*bucket], Peers::default())).collect();
    for (of, one) in series.iter().enumerate() {
        let tenant = Key::new(rule, &one.key).tenant();
        let method = rule.method_of(params, tenant);
        let (mut scorer, mut machine) = (Scorer::new(&method), Machine::default());
        for (bucket, end) in one.ends.iter().enumerate() {
            let (start, point) = (one.starts[bucket], scorer.push(one.slots[bucket], one.seen[bucket]));
            let muted = is_muted(mutes, &rule.id, tenant, start);
            let step = machine.step(Limits::of(&method), start, Scored::of(&point), muted);
            let Some(group) = all.get_mut(end) else { continue };
            group.add(&point);
            if asked.contains(&(of, bucket)) {
                let explanation = explain(&scorer, &point);
                let seen = Seen { method: method.clone(), point, step, explanation, peers: Peers::default() };
                found.insert((of, bucket), seen);
            }
        }
    }
    for ((of, bucket), seen) in &mut found {
        let group = all.get(&series[*of].ends[*bucket]).copied().unwrap_or_default();
        seen.peers = group.without(&seen.point);
    }
    found
}
