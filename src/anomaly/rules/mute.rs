//! `mutes:` of adaptive.yaml: of which alerts nobody wants to hear for a while.

use super::field::Check;
use super::raw::{RawMute, Text};
use super::{Found, Interval, Rule};
use crate::anomaly::code::Code;
use crate::error::did_you_mean;
use crate::yaml::{Location, Spanned, is_placeholder};

#[derive(Debug, Clone)]
pub struct Mute {
    pub rule: String,
    /// None for all tenants of the rule.
    pub tenant: Option<String>,
    pub interval: Interval,
    pub reason: String,
    pub owner: String,
    pub at: Location,
}

impl Mute {
    /// Whether it covers a bucket that starts at this time.
    pub fn covers(&self, rule: &str, tenant: Option<&str>, start_ms: i64) -> bool {
        self.rule == rule
            && (self.tenant.is_none() || self.tenant.as_deref() == tenant)
            && (self.interval.from_ms..self.interval.until_ms).contains(&start_ms)
    }
}

/// Whether one of them covers a bucket that starts at this time.
pub fn is_muted(mutes: &[Mute], rule: &str, tenant: Option<&str>, start_ms: i64) -> bool {
    mutes.iter().any(|mute| mute.covers(rule, tenant, start_ms))
}

/// Naive times of a mute are those of its rule's zone.
pub fn check(check: &mut Check, raw: &Spanned<RawMute>, ids: &[&str], rules: &[Rule]) -> Option<Mute> {
    let m = &raw.value;
    let subject = m.rule.as_ref().map_or("", |rule| rule.value.as_str()).to_owned();
    let mut there = |field: &str, value: &Option<Text>| {
        if value.is_none() {
            let message = format!("a mute needs `{field}`");
            let found = Found::new(Code::FieldMissing, raw.referenced, &subject, field, message);
            check.found.push(found.hint("rule, from, until, reason and owner are required"));
        }
        value.clone()
    };
    let (rule, from, until) = (there("rule", &m.rule), there("from", &m.from), there("until", &m.until));
    let (reason, owner) = (there("reason", &m.reason), there("owner", &m.owner));
    for (field, text) in [("reason", &reason), ("owner", &owner)] {
        if let Some(text) = text.as_ref().filter(|text| is_placeholder(&text.value)) {
            let message = format!("the {field} of the mute says nothing");
            check.found.push(Found::new(Code::EmptyReason, text.referenced, &subject, field, message));
        }
    }
    let rule = rule?;
    if !ids.contains(&rule.value.as_str()) {
        let hint = match did_you_mean(&rule.value, ids.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the rules are {}", ids.join(", ")),
        };
        let message = format!("there is no rule `{}`", rule.value);
        check.add(Code::UnknownMuted, rule.referenced, &subject, "rule", message, &hint);
    }
    let mut calendar =
        rules.iter().find(|r| r.id == rule.value).map(|r| r.data.zone.calendar.clone()).unwrap_or_default();
    let interval = check.interval(from.as_ref()?, until.as_ref()?, &subject, &mut calendar)?;
    Some(Mute {
        rule: rule.value,
        tenant: m.tenant.as_ref().map(|tenant| tenant.value.clone()),
        interval,
        reason: reason?.value,
        owner: owner?.value,
        at: raw.referenced,
    })
}
