//! Records of many runs put together: what opened when, and how it ended.

use super::again::{last_words, latest, may_be_open, undecided, unsaid};
use super::days::{day_of, time};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Data, RunData};
use crate::diff::exceptions::Exceptions;
use crate::error::Result;
use crate::record::diff::{ClosedBy, Detail, Diff, Reason, State, Triage, UnauthorizedWrite};

/// One divergence from its opening on. The same difference that comes back is a new episode of the same diff_id.
#[derive(Debug)]
pub struct Episode {
    pub opened_ms: i64,
    /// False for a row that was late but never counted as a diff.
    pub opened: bool,
    /// Missing or mismatch, as it opened.
    pub reason: Reason,
    /// By (ts, rev).
    pub revisions: Vec<Revision>,
    /// When the next episode of the same diff_id has its first record.
    superseded_ms: i64,
}

#[derive(Debug)]
pub struct Revision {
    pub ts_ms: i64,
    pub diff: Diff,
}

pub struct History {
    /// By (diff_id, opening).
    pub episodes: Vec<Episode>,
    /// Distinct writes with their time.
    pub writes: Vec<(i64, UnauthorizedWrite)>,
}

impl History {
    pub fn new(data: &Data) -> Result<Self> {
        let all = last_words(&data.runs).chain(&data.diffs).cloned();
        let mut records: BTreeMap<(String, i64, u32), Revision> = BTreeMap::new();
        for diff in all.chain(closed_by_absence(&data.runs)) {
            let ts_ms = time(&diff.ts, "ts")?;
            // Runs repeat what is still open, and at-least-once outputs repeat anything; an annotated copy wins.
            let key = (diff.diff_id.clone(), ts_ms, diff.rev);
            let better = records.get(&key).is_none_or(|r| r.diff.triage.is_none() && diff.triage.is_some());
            if better {
                records.insert(key, Revision { ts_ms, diff });
            }
        }
        let mut episodes: BTreeMap<(String, i64), Vec<Revision>> = BTreeMap::new();
        for revision in records.into_values() {
            let opened_ms = time(&revision.diff.opened_ts, "opened_ts")?;
            episodes.entry((revision.diff.diff_id.clone(), opened_ms)).or_default().push(revision);
        }
        let mut episodes: Vec<Episode> =
            episodes.into_iter().map(|((_, opened_ms), revisions)| Episode::new(opened_ms, revisions)).collect();
        for i in 1..episodes.len() {
            if episodes[i - 1].diff_id() == episodes[i].diff_id() {
                episodes[i - 1].superseded_ms = episodes[i].revisions[0].ts_ms;
            }
        }
        let unsaid = unsaid(&data.runs);
        for episode in &mut episodes {
            let until = unsaid.get(episode.diff_id()).copied().unwrap_or(i64::MAX);
            episode.superseded_ms = episode.superseded_ms.min(until);
        }
        let mut writes = BTreeMap::new();
        for write in data.runs.iter().flat_map(|r| &r.writes).chain(&data.writes) {
            writes.insert(write.write_id.clone(), (time(&write.ts, "ts")?, write.clone()));
        }
        Ok(History { episodes, writes: writes.into_values().collect() })
    }

    /// First instants of the UTC days in which something happened.
    pub fn days(&self) -> BTreeSet<i64> {
        let of_episodes = self.episodes.iter().flat_map(|e| {
            let opening = e.opened.then_some(e.opened_ms);
            e.revisions.iter().map(|r| r.ts_ms).chain(opening)
        });
        of_episodes.chain(self.writes.iter().map(|w| w.0)).map(day_of).collect()
    }
}

impl Episode {
    /// `revisions` holds at least one record.
    fn new(opened_ms: i64, revisions: Vec<Revision>) -> Self {
        let first = &revisions[0].diff;
        let opened = first.state == State::Open || first.rev > 0;
        let reason = match (first.reason, first.detail) {
            // The opening record is not in the data; its detail stays the same to the end.
            (Reason::Late, Detail::NeverSeen | Detail::Deleted) => Reason::Missing,
            (Reason::Late, _) => Reason::Mismatch,
            (reason, _) => reason,
        };
        Episode { opened_ms, opened, reason, revisions, superseded_ms: i64::MAX }
    }

    pub fn diff_id(&self) -> &str {
        &self.revisions[0].diff.diff_id
    }

    pub fn tenant_kind(&self) -> (&str, &str) {
        let diff = &self.revisions[0].diff;
        (&diff.tenant, &diff.kind)
    }

    /// The newest record before an instant.
    fn at(&self, end_ms: i64) -> Option<&Revision> {
        self.revisions.iter().rev().find(|r| r.ts_ms < end_ms)
    }

    /// The record that shows the episode open just before an instant.
    pub fn open_at(&self, end_ms: i64) -> Option<&Revision> {
        if self.superseded_ms < end_ms {
            return None;
        }
        self.at(end_ms).filter(|r| r.diff.state == State::Open)
    }

    pub fn closing(&self) -> Option<&Revision> {
        self.revisions.last().filter(|r| r.diff.state == State::Closed)
    }

    /// How long exceptions covered it before an instant; None if none ever did. By the list where there is one,
    /// else by what an earlier triage wrote into the records.
    pub fn excepted_ms(&self, list: Option<&Exceptions>, void: &BTreeSet<String>, end_ms: i64) -> Option<i64> {
        let mut total = None;
        for (i, r) in self.revisions.iter().enumerate() {
            let until = self.revisions.get(i + 1).map_or(self.superseded_ms, |n| n.ts_ms).min(end_ms);
            if r.diff.state == State::Closed || until < r.ts_ms {
                continue;
            }
            let covered = match list {
                Some(list) => list.covers(&r.diff, r.ts_ms, until, void),
                None if r.diff.triage == Some(Triage::Excepted) => {
                    let expires = r.diff.expires.as_deref().and_then(|e| time(e, "expires").ok());
                    Some(expires.unwrap_or(i64::MAX).min(until) - r.ts_ms)
                }
                None => None,
            };
            if let Some(ms) = covered {
                total = Some(total.unwrap_or(0) + ms.max(0));
            }
        }
        total
    }
}

/// A batch run reports its whole table, so an id that was open in one and is absent from a later one is repaired, unless
/// its key may be one of those that the later run left undecided.
fn closed_by_absence(runs: &[RunData]) -> Vec<Diff> {
    let mut jobs: BTreeMap<(&str, &str), Vec<&RunData>> = BTreeMap::new();
    for run in runs.iter().filter(|r| r.proof.mode == "batch") {
        jobs.entry((&run.proof.job, &run.proof.profile)).or_default().push(run);
    }
    let mut closings = Vec::new();
    for runs in jobs.values_mut() {
        runs.sort_by(|a, b| (&a.proof.ended, &a.proof.run_id).cmp(&(&b.proof.ended, &b.proof.run_id)));
        let mut open: HashMap<&str, &Diff> = HashMap::new();
        for run in runs {
            let (now, undecided) = (latest(run), undecided(run));
            open.retain(|id, _| !now.contains_key(id));
            closings.extend(open.extract_if(|_, d| !may_be_open(d, undecided.as_ref())).map(|(_, d)| Diff {
                ts: run.proof.ended.clone(),
                rev: d.rev + 1,
                state: State::Closed,
                closed_by: Some(ClosedBy::Repair),
                ..d.clone()
            }));
            open.extend(now.into_iter().filter(|(_, d)| d.state == State::Open));
        }
    }
    closings
}
