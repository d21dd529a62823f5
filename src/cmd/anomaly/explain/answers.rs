//! What was found about buckets, as records and in words.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::setup::Setup;
use super::super::wire::{Wire, direction, expected, scale_term, series_name};
use super::asked::{Asked, Told};
use crate::anomaly::explain::rerun::Seen;
use crate::anomaly::explain::{Place, View, slot_text};
use crate::anomaly::history::{History, Series};
use crate::anomaly::intake::Key;
use crate::anomaly::method::{Slot, Stream};
use crate::anomaly::rules::Rule;
use crate::anomaly::score::{Status, band};
use crate::anomaly::times;
use crate::anomaly::watch::Judged;
use crate::cmd::Session;
use crate::error::{Error, Result, did_you_mean};
use crate::record::anomaly::{Explained, Notification, six};
use crate::text::counted;

pub struct Answers<'s> {
    setup: &'s Setup,
    wire: Wire<'s>,
    pub explained: u64,
    pub reproduced: u64,
    /// Alerts with another score than is found now.
    pub other: u64,
    /// Whose bucket is not in the data.
    pub lost: u64,
}

impl<'s> Answers<'s> {
    pub fn new(setup: &'s Setup) -> Answers<'s> {
        let wire = Wire::new(&setup.rules, setup.params());
        Answers { setup, wire, explained: 0, reproduced: 0, other: 0, lost: 0 }
    }

    pub fn tell(
        &mut self,
        session: &mut Session,
        asked: &Asked,
        number: usize,
        series: &Series,
        bucket: usize,
        seen: &Seen,
    ) -> Result<()> {
        let rule = &self.setup.rules.rules[number];
        let now = self.told_now(number, series, bucket, seen);
        let other = asked.alert.as_ref().map(|told| differs(&told.alert, now.as_ref()));
        let mut record = self.record(asked, number, series, bucket, seen);
        record.reproduced = other.as_ref().map(Vec::is_empty);
        self.explained += 1;
        session.write(&record)?;
        session.human(&lines(rule, series, &record, seen))?;
        match (&asked.alert, other) {
            (Some(told), Some(other)) if !other.is_empty() => {
                self.other += 1;
                let message = format!("{}: {}", asked.subject(&self.setup.rules.rules), not_reproduced(&other));
                session.error(&placed(Error::input(message), told));
            }
            (Some(_), _) => self.reproduced += 1,
            (None, _) => {}
        }
        Ok(())
    }

    /// What `detect` would tell of the bucket.
    fn told_now(&mut self, rule: usize, series: &Series, bucket: usize, seen: &Seen) -> Option<Notification> {
        let judged = Judged {
            rule,
            key: series.key.as_str().into(),
            start: series.starts[bucket],
            end: series.ends[bucket],
            point: seen.point,
            step: seen.step,
            series: 0,
        };
        self.wire.notification(&judged, &seen.method, seen.peers)
    }

    fn record(&mut self, asked: &Asked, number: usize, series: &Series, bucket: usize, seen: &Seen) -> Explained {
        let rule = &self.setup.rules.rules[number];
        let key = Key::new(rule, &series.key);
        let (start, slot) = (series.starts[bucket], series.slots[bucket]);
        let (method, point) = (&seen.method, &seen.point);
        let band = band::scores(method, point);
        let why = seen.explanation.as_ref();
        let score = point.verdict.map(|verdict| six(verdict.score));
        let view = |stream: Stream| why.and_then(|why| why.streams.iter().find(|view| view.stream == stream));
        let of = |stream, field: fn(&View) -> f64| view(stream).map(|view| six(field(view)));
        let term = |stream| view(stream).map(|view| scale_term(view.term));
        let values = |list: &[(Slot, f64)]| list.iter().map(|(_, value)| *value).collect::<Vec<f64>>();
        Explained {
            rule: rule.id.clone(),
            tenant: key.tenant().map(str::to_owned),
            series: key.series(),
            alert_id: asked.alert.as_ref().map(|told| told.alert.alert_id.clone()),
            ts: times::text(start),
            bucket_s: u64::from(rule.bucket) * 60,
            value: point.value,
            expected: point.verdict.map(|verdict| expected(method, verdict.expected)),
            lower: band.lower.map(six),
            upper: band.upper.map(six),
            score,
            threshold: six(method.threshold),
            direction: point.verdict.map(|verdict| direction(verdict.side)),
            scale_term: point.term(method).map(scale_term),
            streams: point.voters().count() as u64,
            local: self.wire.local(number, key.tenant(), start),
            slot: format!("{} {}", slot_text(slot), rule.zone_of(key.tenant()).name),
            slot_values_day: why.map(|why| values(&why.slot_values.day)).unwrap_or_default(),
            slot_values_week: why.map(|why| values(&why.slot_values.week)).unwrap_or_default(),
            z_level: of(Stream::Level, |view| view.z),
            z_day: of(Stream::Day, |view| view.z),
            z_week: of(Stream::Week, |view| view.z),
            expected_level: of(Stream::Level, |view| view.expected),
            expected_day: of(Stream::Day, |view| view.expected),
            expected_week: of(Stream::Week, |view| view.expected),
            scale_level: of(Stream::Level, |view| view.scale),
            scale_day: of(Stream::Day, |view| view.scale),
            scale_week: of(Stream::Week, |view| view.scale),
            term_level: term(Stream::Level),
            term_day: term(Stream::Day),
            term_week: term(Stream::Week),
            would_alert_from: why.and_then(|why| why.would_alert_from).map(six),
            would_alert_below: why.and_then(|why| why.would_alert_below).map(six),
            same_slot_last_week: why.and_then(|why| why.slot_values.last_week),
            peers_breaching: seen.peers.breaching,
            peers: seen.peers.all,
            reproduced: None,
            params_sha256: self.setup.params()[number].map(|params| params.sha256.clone()),
        }
    }

    /// Says which bucket is not in the data, and why that may be.
    pub fn lost(&mut self, session: &mut Session, asked: &Asked, history: &History) {
        self.lost += 1;
        let rules = &self.setup.rules.rules;
        let subject = asked.subject(rules);
        let error = match asked.rule {
            None => Error::input(format!("{subject}: the rules have no such rule"))
                .hint("give the rules that made the alert"),
            Some(rule) => not_there(&subject, &rules[rule], &history.rules[rule], asked),
        };
        session.error(&match &asked.alert {
            Some(told) => placed(error, told),
            None => error,
        });
    }
}

fn placed(error: Error, told: &Told) -> Error {
    error.at(&told.file, told.line, None)
}

fn not_there(subject: &str, rule: &Rule, history: &[Series], asked: &Asked) -> Error {
    let tenants: Vec<&str> = history.iter().filter_map(|series| Key::new(rule, &series.key).tenant()).collect();
    let of_tenant: Vec<&Series> =
        history.iter().filter(|s| Key::new(rule, &s.key).tenant() == asked.tenant.as_deref()).collect();
    let of_series: Vec<&&Series> =
        of_tenant.iter().filter(|s| Key::new(rule, &s.key).series() == asked.series).collect();
    let error = Error::input(format!("{subject}: the bucket is not in the data"));
    match (of_tenant.is_empty(), of_series.first().zip(of_series.last())) {
        (true, _) => match did_you_mean(asked.tenant.as_deref().unwrap_or(""), tenants) {
            Some(near) => error.hint(format!("no record is of this tenant; did you mean `{near}`?")),
            None => error.hint("no record is of this tenant"),
        },
        (false, None) => {
            let known: Vec<String> = of_tenant.iter().take(3).map(|s| Key::new(rule, &s.key).series()).collect();
            error.hint(format!("the tenant has no such series; it has --series {}", known.join(", ")))
        }
        (false, Some((first, last))) => {
            let from = first.starts.first().copied().unwrap_or(0);
            let until = last.ends.last().copied().unwrap_or(0);
            error.hint(format!("the data of this series reach from {} to {}", times::text(from), times::text(until)))
        }
    }
}

/// A field of an alert, what it says there, and what was computed again.
type Other = (String, String, String);

/// In what an alert differs from what would be told of its bucket now, the score first.
fn differs(told: &Notification, now: Option<&Notification>) -> Vec<Other> {
    let fields = |alert: &Notification| match serde_json::to_value(alert) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (told, now) = (fields(told), now.map(fields).unwrap_or_default());
    let names: BTreeSet<&String> = told.keys().chain(now.keys()).collect();
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let other = names.into_iter().filter(|name| told.get(*name) != now.get(*name));
    let mut all: Vec<Other> = other.map(|name| (name.clone(), text(told.get(name)), text(now.get(name)))).collect();
    all.sort_by_key(|(name, ..)| (name != "score", name != "value"));
    all
}

/// So many fields are named.
const NAMED: usize = 3;

fn not_reproduced(other: &[Other]) -> String {
    let of = |field: &str| other.iter().find(|(name, ..)| name == field);
    let named: Vec<String> = other
        .iter()
        .take(NAMED)
        .map(|(name, then, now)| format!("its {name} is {then}, computed again {now}"))
        .collect();
    let why = match (of("params_sha256"), of("value")) {
        _ if of("rule").is_some() => "no alert is told of this bucket now".to_owned(),
        (Some(_), _) => "it was made with other parameters".to_owned(),
        (None, Some((_, then, now))) => {
            format!("its value is {then}, in the data {now}: records came later, or are not there")
        }
        (None, None) => "the data before it are others, or the rule or a mute, or the record was altered".to_owned(),
    };
    let more = match other.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {} more", counted(n as u64, "field")),
    };
    format!("{}{more}; {why}", named.join(", "))
}

/// Five lines for people; one where there is no score.
fn lines(rule: &Rule, series: &Series, record: &Explained, seen: &Seen) -> String {
    let name = series_name(rule, &series.key);
    let place = Place { rule: &rule.id, series: &name, local: &record.local };
    let text = match &seen.explanation {
        Some(why) => why.lines(&seen.method, place).join("\n"),
        None => {
            let value = record.value.map_or_else(|| "no value".to_owned(), |value| value.to_string());
            format!("{}, {name}: {value} at {}; {}", rule.id, record.local, unscored(seen.point.status))
        }
    };
    format!("{text}\n")
}

fn unscored(status: Status) -> &'static str {
    match status {
        Status::Missing => "there is nothing to score",
        Status::Excluded => "the rule excludes this time, or a change of the clocks left less than half of the bucket",
        Status::NoScale => "no score, since nothing ever varied: a deviation has no measure",
        Status::WarmingUp | Status::Ok | Status::Breach => "no score yet, since too little is known of the series",
    }
}
