//! What the engine tells, as records.

use std::collections::BTreeMap;

use crate::anomaly::calendar::Calendar;
use crate::anomaly::intake::Key;
use crate::anomaly::machine::{self, alert_id};
use crate::anomaly::method::{Kind, Method};
use crate::anomaly::rules::{DAY_MS, Params, Rule, Rules};
use crate::anomaly::score::{self, Side, Status, Term, band};
use crate::anomaly::times;
use crate::anomaly::watch::{self, Guarded, Judged, Peers};
use crate::record::anomaly::{
    Check, CloseReason, Direction, Event, Guard, GuardVerdict, Notification, Point, ScaleTerm, Status as PointStatus,
    Trend, six,
};
use crate::text::joined;

/// Rules and parameters with all that is looked up for records.
pub struct Wire<'r> {
    rules: &'r [Rule],
    params: Vec<Option<&'r Params>>,
    /// By the name of their zone.
    calendars: BTreeMap<&'r str, Calendar>,
}

impl<'r> Wire<'r> {
    pub fn new(rules: &'r Rules, params: Vec<Option<&'r Params>>) -> Wire<'r> {
        let zones = |rule: &'r Rule| std::iter::once(&rule.data.zone).chain(rule.data.zone_by_tenant.values());
        let calendars = rules.rules.iter().flat_map(zones).map(|zone| (zone.name.as_str(), zone.calendar.clone()));
        Wire { rules: &rules.rules, params, calendars: calendars.collect() }
    }

    /// None where there is nothing to tell of the bucket.
    pub fn notification(&mut self, judged: &Judged, method: &Method, peers: Peers) -> Option<Notification> {
        let told = judged.step.notification?;
        let rule = &self.rules[judged.rule];
        let key = Key::new(rule, &judged.key);
        let band = band::scores(method, &judged.point);
        let verdict = judged.point.verdict;
        Some(Notification {
            rule: rule.id.clone(),
            tenant: key.tenant().map(str::to_owned),
            series: key.series(),
            alert_id: alert_id(&rule.id, &judged.key, told.opened),
            event: event(told.event),
            ts: times::text(judged.start),
            bucket_s: u64::from(rule.bucket) * 60,
            value: judged.point.value,
            expected: verdict.map(|verdict| expected(method, verdict.expected)),
            lower: band.lower.map(six),
            upper: band.upper.map(six),
            score: verdict.map(|verdict| six(verdict.score)),
            threshold: six(method.threshold),
            direction: direction(told.side),
            scale_term: judged.point.term(method).map(scale_term),
            streams: judged.point.voters().count() as u64,
            peers_breaching: peers.breaching,
            peers: peers.all,
            opened_ts: times::text(told.opened),
            duration_s: told.duration_s.unsigned_abs(),
            muted: told.muted,
            close_reason: close_reason(told.event),
            local: self.local(judged.rule, key.tenant(), judged.start),
            params_sha256: self.params[judged.rule].map(|params| params.sha256.clone()),
        })
    }

    pub fn point(&self, judged: &Judged, method: &Method) -> Point {
        let rule = &self.rules[judged.rule];
        let key = Key::new(rule, &judged.key);
        let band = band::scores(method, &judged.point);
        let verdict = judged.point.verdict;
        Point {
            rule: rule.id.clone(),
            tenant: key.tenant().map(str::to_owned),
            series: key.series(),
            ts: times::text(judged.start),
            value: judged.point.value,
            expected: verdict.map(|verdict| expected(method, verdict.expected)),
            lower: band.lower.map(six),
            upper: band.upper.map(six),
            score: verdict.map(|verdict| six(verdict.score)),
            status: status(judged.point.status),
        }
    }

    pub fn guard(&self, guarded: &Guarded) -> Guard {
        let rate = guarded.rate;
        let interval = rate.interval();
        Guard {
            rule: self.rules[guarded.rule].id.clone(),
            check: check(guarded.check),
            kind: match guarded.check {
                watch::Check::Canary(effect) => Some(effect.as_str().to_owned()),
                watch::Check::WeeklyDrop | watch::Check::Suppression => None,
            },
            from: date(guarded.from),
            until: date(guarded.until),
            n: rate.n,
            k: rate.k,
            rate: rate.share().map(six),
            rate_lo: interval.map(|(low, _)| six(low)),
            rate_hi: interval.map(|(_, high)| six(high)),
            reference: guarded.reference.map(six),
            p_value: guarded.p_value.map(six),
            trend: guarded.trend.map(trend),
            verdict: verdict(guarded.verdict),
            mature: guarded.mature,
            params_sha256: self.params[guarded.rule].map(|params| params.sha256.clone()),
            detail: detail(guarded),
        }
    }

    pub fn is_tuned(&self, rule: usize) -> bool {
        self.params[rule].is_some()
    }

    /// Wall clock, offset and zone, as RFC 9557 spells them: `2026-01-08T14:00:00+01:00[Europe/Berlin]`.
    pub fn local(&mut self, rule: usize, tenant: Option<&str>, ms: i64) -> String {
        let zone = self.rules[rule].zone_of(tenant).name.as_str();
        let text = self.calendars.get_mut(zone).map(|calendar| calendar.text(ms)).unwrap_or_default();
        format!("{text}[{zone}]")
    }
}

/// No count is below 0, however low the level lies.
pub fn expected(method: &Method, expected: f64) -> f64 {
    six(if method.kind == Kind::Count { expected.max(0.0) } else { expected })
}

/// A series as people name it: the tenant and the other fields.
pub fn series_name(rule: &Rule, key: &str) -> String {
    let key = Key::new(rule, key);
    joined(&[key.tenant().unwrap_or(""), &key.series()])
}

/// What was tried or counted, in a sentence.
fn detail(guarded: &Guarded) -> String {
    let (n, k) = (guarded.rate.n, guarded.rate.k);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let reference = guarded.reference.unwrap_or(0.0);
    match guarded.check {
        watch::Check::Canary(effect) if n == 0 => format!(
            "no bucket of these days was scored, so nothing shows that a {} would alert: they were excluded, had no value, or their series still warm up",
            effect.as_str()
        ),
        watch::Check::Canary(effect) => {
            let (low, high) = guarded.rate.interval().unwrap_or((0.0, 1.0));
            format!(
                "{k} of {n} virtual {}s of the size that must be detected would alert: {} to {} at 95 %, min_power is {}",
                effect.as_str(),
                percent(low),
                percent(high),
                percent(reference)
            )
        }
        watch::Check::WeeklyDrop => format!(
            "{k} alerts opened in this week and {} in the weeks before, of which {} was the share to expect; chance gives so few with a probability of {}",
            n - k,
            percent(reference),
            percent(guarded.p_value.unwrap_or(1.0))
        ),
        watch::Check::Suppression => {
            let before = guarded.reference.map_or_else(|| "an unknown share".to_owned(), percent);
            format!("{k} of {n} notifications were held back, in the week before {before}")
        }
    }
}

/// Of days since 1970.
fn date(day: i32) -> String {
    times::text(i64::from(day) * DAY_MS).split('T').next().unwrap_or_default().to_owned()
}

pub fn direction(side: Side) -> Direction {
    match side {
        Side::Up => Direction::Up,
        Side::Down => Direction::Down,
    }
}

pub fn scale_term(term: Term) -> ScaleTerm {
    match term {
        score::Term::Mad => ScaleTerm::Mad,
        score::Term::Sd => ScaleTerm::Sd,
        score::Term::RelFloor => ScaleTerm::RelFloor,
        score::Term::CountFloor => ScaleTerm::CountFloor,
        score::Term::AbsFloor => ScaleTerm::AbsFloor,
    }
}

fn event(event: machine::Event) -> Event {
    match event {
        machine::Event::Open => Event::Open,
        machine::Event::Escalate => Event::Escalate,
        machine::Event::Close(_) => Event::Close,
    }
}

fn close_reason(event: machine::Event) -> Option<CloseReason> {
    match event {
        machine::Event::Close(machine::Reason::Recovered) => Some(CloseReason::Recovered),
        machine::Event::Close(machine::Reason::Timeout) => Some(CloseReason::Timeout),
        machine::Event::Open | machine::Event::Escalate => None,
    }
}

fn status(status: Status) -> PointStatus {
    match status {
        Status::Ok => PointStatus::Ok,
        Status::Breach => PointStatus::Breach,
        Status::WarmingUp => PointStatus::WarmingUp,
        Status::Missing => PointStatus::Missing,
        Status::Excluded => PointStatus::Excluded,
        Status::NoScale => PointStatus::NoScale,
    }
}

fn check(check: watch::Check) -> Check {
    match check {
        watch::Check::Canary(_) => Check::Canary,
        watch::Check::WeeklyDrop => Check::WeeklyDrop,
        watch::Check::Suppression => Check::Suppression,
    }
}

fn verdict(verdict: watch::Verdict) -> GuardVerdict {
    match verdict {
        watch::Verdict::Ok => GuardVerdict::Ok,
        watch::Verdict::Fail => GuardVerdict::Fail,
        watch::Verdict::Inconclusive => GuardVerdict::Inconclusive,
        watch::Verdict::NotComparable => GuardVerdict::NotComparable,
    }
}

fn trend(trend: watch::Trend) -> Trend {
    match trend {
        watch::Trend::Falling => Trend::Falling,
        watch::Trend::Flat => Trend::Flat,
        watch::Trend::Rising => Trend::Rising,
    }
}
