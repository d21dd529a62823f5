//! One UTC day of the history as report lines: one per tenant and kind, and the total.

use std::collections::{BTreeMap, BTreeSet};

use super::days::DAY_MS;
use super::history::{Episode, History};
use super::{Data, proofs};
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::diff::exceptions::Exceptions;
use crate::record::diff::{ClosedBy, Diff, Reason, Report, Triage};
use crate::stats;

/// An open diff at the end of the day, after triage.
pub struct OpenDiff {
    pub opened_ms: i64,
    pub diff: Diff,
}

pub struct Day {
    /// By tenant and kind; the total comes last.
    pub lines: Vec<Report>,
    /// Oldest first.
    pub open: Vec<OpenDiff>,
    /// The instant at which ages and exceptions were judged.
    pub at_ms: i64,
    /// Exceptions that are void then.
    pub void: BTreeSet<String>,
    /// Exceptions in force that match nothing then.
    pub unused: BTreeSet<String>,
}

/// What one line adds up.
#[derive(Default)]
struct Sums {
    line: Report,
    mttr: Vec<i64>,
    exception_mttr: Vec<i64>,
    late: Vec<i64>,
}

pub fn day(data: &Data, history: &History, list: Option<&Exceptions>, day_ms: i64, now_ms: i64) -> Day {
    let end_ms = day_ms + DAY_MS;
    // A day that is not over is judged at now.
    let at_ms = if (day_ms..end_ms).contains(&now_ms) { now_ms } else { end_ms };
    let mut day = open_diffs(history, list, end_ms, at_ms);
    let mut lines: BTreeMap<(String, String), Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for episode in &history.episodes {
        let excepted = episode.excepted_ms(list, &day.void, at_ms);
        for sums in both(&mut lines, &mut total, episode.tenant_kind()) {
            sums.episode(episode, day_ms, end_ms, excepted);
        }
    }
    for open in &day.open {
        for sums in both(&mut lines, &mut total, (&open.diff.tenant, &open.diff.kind)) {
            sums.open(open, at_ms);
        }
    }
    for (_, write) in history.writes.iter().filter(|w| (day_ms..end_ms).contains(&w.0)) {
        for sums in both(&mut lines, &mut total, (&write.tenant, &write.kind)) {
            sums.line.unauthorized = Some(sums.line.unauthorized.unwrap_or(0) + 1);
        }
    }
    if let Some(list) = list {
        exceptions(list, &mut lines, &mut total, &day);
    }
    if proofs::home_checked(data, day_ms) {
        for sums in lines.values_mut().chain([&mut total]) {
            sums.line.unauthorized.get_or_insert(0);
        }
    }
    let label = rfc3339_ms(day_ms)[..10].to_owned();
    let kinds: BTreeSet<&str> = lines.keys().map(|(_, kind)| kind.as_str()).collect();
    let mut sum = total.finish(&label, "*", "*", list.is_some());
    if !data.runs.is_empty() {
        proofs::fill(&mut sum, data, day_ms, &kinds);
    }
    let runs: Vec<_> = data.runs.iter().collect();
    for ((tenant, kind), sums) in lines {
        if sums.is_empty() {
            continue;
        }
        let mut line = sums.finish(&label, &tenant, &kind, list.is_some());
        line.sampled_share = if runs.is_empty() { None } else { proofs::share_of(&runs, &kind) };
        day.lines.push(line);
    }
    day.lines.push(sum);
    day
}

fn open_diffs(history: &History, list: Option<&Exceptions>, end_ms: i64, at_ms: i64) -> Day {
    let mut open: Vec<OpenDiff> = history
        .episodes
        .iter()
        .filter_map(|e| e.open_at(end_ms).map(|r| OpenDiff { opened_ms: e.opened_ms, diff: r.diff.clone() }))
        .collect();
    open.sort_by(|a, b| (a.opened_ms, &a.diff.diff_id).cmp(&(b.opened_ms, &b.diff.diff_id)));
    let (mut void, mut unused) = (BTreeSet::new(), BTreeSet::new());
    if let Some(list) = list {
        let mut diffs: Vec<Diff> = open.iter().map(|o| o.diff.clone()).collect();
        for finding in list.judge(&mut diffs, at_ms) {
            if finding.code == Code::ExceptionVoid.as_str() {
                void.insert(finding.subject);
            } else if finding.code == Code::ExceptionUnused.as_str() {
                unused.insert(finding.subject);
            }
        }
        for (open, diff) in open.iter_mut().zip(diffs) {
            open.diff = diff;
        }
    }
    Day { lines: Vec::new(), open, at_ms, void, unused }
}

/// The line of a tenant and kind, and the total.
fn both<'a>(
    lines: &'a mut BTreeMap<(String, String), Sums>,
    total: &'a mut Sums,
    (tenant, kind): (&str, &str),
) -> [&'a mut Sums; 2] {
    [lines.entry((tenant.to_owned(), kind.to_owned())).or_default(), total]
}

fn exceptions(list: &Exceptions, lines: &mut BTreeMap<(String, String), Sums>, total: &mut Sums, day: &Day) {
    for entry in &list.entries {
        let (active, expired) = (entry.in_force(day.at_ms), entry.expired(day.at_ms));
        for sums in both(lines, total, (&entry.tenant, &entry.kind)) {
            let count = |field: &mut Option<u64>, yes: bool| *field = Some(field.unwrap_or(0) + u64::from(yes));
            count(&mut sums.line.exceptions_active, active);
            count(&mut sums.line.exceptions_expired, expired);
            count(&mut sums.line.exceptions_unused, active && day.unused.contains(&entry.id));
        }
    }
}

impl Sums {
    fn episode(&mut self, e: &Episode, day_ms: i64, end_ms: i64, excepted_ms: Option<i64>) {
        let today = |ms: i64| (day_ms..end_ms).contains(&ms);
        let line = &mut self.line;
        if e.opened && today(e.opened_ms) {
            line.opened += 1;
            match e.reason {
                Reason::Missing => line.missing += 1,
                _ => line.mismatch += 1,
            }
        }
        let closing = e.closing().filter(|r| today(r.ts_ms));
        if let Some(closing) = closing {
            line.closed += u64::from(e.opened);
            let took = closing.ts_ms - e.opened_ms;
            if closing.diff.reason == Reason::Late {
                line.late += 1;
                self.late.push(closing.diff.delay_ms.unwrap_or(took));
            } else if closing.diff.closed_by == Some(ClosedBy::Repair) {
                self.mttr.push(took);
                if excepted_ms.is_some() {
                    self.exception_mttr.push(took);
                }
            }
        }
        if let Some(ms) = excepted_ms.filter(|_| closing.is_some() || e.open_at(end_ms).is_some()) {
            line.excepted_time_ms = Some(line.excepted_time_ms.unwrap_or(0) + ms);
        }
    }

    fn open(&mut self, open: &OpenDiff, at_ms: i64) {
        let line = &mut self.line;
        line.open += 1;
        line.excepted += u64::from(open.diff.triage == Some(Triage::Excepted));
        line.oldest_open_ms = line.oldest_open_ms.max(Some(at_ms - open.opened_ms));
    }

    /// Nothing happened that day and nothing is open or excepted.
    fn is_empty(&self) -> bool {
        let quiet = Report {
            unauthorized: self.line.unauthorized.filter(|n| *n == 0),
            exceptions_expired: self.line.exceptions_expired,
            exceptions_active: Some(0),
            exceptions_unused: Some(0),
            ..Report::default()
        };
        let none = Report { exceptions_active: None, exceptions_unused: None, ..quiet.clone() };
        self.line == quiet || self.line == none
    }

    fn finish(self, day: &str, tenant: &str, kind: &str, with_list: bool) -> Report {
        let zero = with_list.then_some(0);
        let line = self.line;
        Report {
            day: day.to_owned(),
            tenant: tenant.to_owned(),
            kind: kind.to_owned(),
            exceptions_active: line.exceptions_active.or(zero),
            exceptions_expired: line.exceptions_expired.or(zero),
            exceptions_unused: line.exceptions_unused.or(zero),
            mttr_mean_ms: stats::mean(&self.mttr),
            mttr_p50_ms: stats::nearest_rank(&self.mttr, 500, i64::cmp),
            mttr_p95_ms: stats::nearest_rank(&self.mttr, 950, i64::cmp),
            exception_mttr_mean_ms: stats::mean(&self.exception_mttr),
            exception_mttr_p50_ms: stats::nearest_rank(&self.exception_mttr, 500, i64::cmp),
            exception_mttr_p95_ms: stats::nearest_rank(&self.exception_mttr, 950, i64::cmp),
            late_mean_ms: stats::mean(&self.late),
            ..line
        }
    }
}
