//! A bucket that somebody asks about, and where it stands in the history.

use super::super::setup::Setup;
use super::Explain;
use crate::anomaly::explain::rerun::Place;
use crate::anomaly::history::History;
use crate::anomaly::intake::Key;
use crate::anomaly::rules::Rule;
use crate::anomaly::times::{self, Time};
use crate::error::{Error, Result, did_you_mean};
use crate::record::anomaly::Notification;
use crate::text::joined;

pub struct Asked {
    /// Its place in the list of rules; None where there is no such rule.
    pub rule: Option<usize>,
    pub tenant: Option<String>,
    /// The other group fields.
    pub series: String,
    /// A time in the bucket, or of an alert its start; milliseconds since 1970.
    pub at: i64,
    pub alert: Option<Told>,
}

/// An alert, and on which line it stands.
pub struct Told {
    pub alert: Notification,
    pub file: String,
    pub line: u64,
}

impl Explain {
    /// The bucket of --at.
    pub fn one(&self, setup: &Setup, at: &str) -> Result<Asked> {
        let rules = &setup.rules.rules;
        let place = match (&self.rule, rules.as_slice()) {
            (Some(id), _) => rules.iter().position(|rule| rule.id == *id).ok_or_else(|| unknown(id, rules))?,
            (None, [_]) => 0,
            (None, _) => {
                return Err(Error::usage("--at: the file has several rules").hint(format!(
                    "add --rule: {}",
                    rules.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(", ")
                )));
            }
        };
        let rule = &rules[place];
        let by_tenant = rule.data.group_by.first().is_some_and(|field| field == "tenant");
        let tenant = if by_tenant { Some(self.tenant(&rule.id)?) } else { None };
        let at = match times::parse(at.as_bytes()) {
            Ok(Time::Instant(ms)) => ms,
            Ok(Time::Local(ms)) => rule.zone_of(tenant.as_deref()).calendar.clone().instant(ms),
            Err(what) => return Err(Error::usage(format!("--at: `{at}` {what}"))),
        };
        Ok(Asked { rule: Some(place), tenant, series: self.series.clone().unwrap_or_default(), at, alert: None })
    }

    /// With `@stem` that of the only file.
    fn tenant(&self, rule: &str) -> Result<String> {
        let mut names: Vec<String> = self.data.from.iter().filter_map(|name| self.data.tenant_of(name)).collect();
        names.dedup();
        match names.as_slice() {
            [tenant] => Ok(tenant.clone()),
            [] => Err(Error::usage(format!("--at: the rule `{rule}` groups by tenant")).hint("add --tenant")),
            _ => Err(Error::usage("--at: with --tenant @stem several files are several tenants")
                .hint("give the file of the tenant alone, or explain its alerts with --alerts")),
        }
    }
}

fn unknown(id: &str, rules: &[Rule]) -> Error {
    let hint = match did_you_mean(id, rules.iter().map(|rule| rule.id.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("rules: {}", rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(", ")),
    };
    Error::usage(format!("--rule: there is no rule `{id}`")).hint(hint)
}

impl Asked {
    /// When the bucket has closed at the latest.
    pub fn closed_by(&self, setup: &Setup) -> Option<i64> {
        let rule = &setup.rules.rules[self.rule?];
        Some(self.at.saturating_add(rule.bucket_ms()).saturating_add(rule.data.lateness_ms))
    }

    pub fn place(&self, rules: &[Rule], history: &History) -> Option<Place> {
        let number = self.rule?;
        let rule = &rules[number];
        let holds = |place: &Place| {
            let series = &history.rules[number][place.0];
            let (start, end) = (series.starts[place.1], series.ends[place.1]);
            // An alert names the start.
            self.at == start || (self.alert.is_none() && start < self.at && self.at < end)
        };
        let of_series = history.rules[number].iter().enumerate().filter(|(_, series)| {
            let key = Key::new(rule, &series.key);
            key.tenant() == self.tenant.as_deref() && key.series() == self.series
        });
        let last_before = |(i, series): (usize, &crate::anomaly::history::Series)| {
            Some((i, series.starts.partition_point(|start| *start <= self.at).checked_sub(1)?))
        };
        of_series.filter_map(last_before).find(holds)
    }

    /// As people name it.
    pub fn subject(&self, rules: &[Rule]) -> String {
        if let Some(told) = &self.alert {
            return format!("alert {} of {} at {}", told.alert.alert_id, told.alert.subject(), told.alert.ts);
        }
        let rule = self.rule.map_or("", |rule| rules[rule].id.as_str());
        let series = joined(&[rule, self.tenant.as_deref().unwrap_or(""), &self.series]);
        format!("{series} at {}", times::text(self.at))
    }
}
