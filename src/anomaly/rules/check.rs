//! From the file as it is written to rules with all their fields: everything that is wrong with a sound file.

mod data;

use super::field::{Check, FROM_ZERO, PART, POSITIVE, SHARE, WEIGHT, WHOLE};
use super::raw::{RawFile, RawMinEffect, RawMustDetect, RawRule, Scalar, Text, Word};
use super::{
    BUCKETS, Checked, DAY_MS, Found, Interval, MAX_WINDOW_MS, MIN_WINDOW, Rule, Rules, Tuned, bucket_text, mute,
};
use crate::anomaly::calendar::Calendar;
use crate::anomaly::code::Code;
use crate::anomaly::method::{Direction, Kind, MinEffect, MustDetect, Stream, Transform};
use crate::anomaly::times::{self, Time};
use crate::record::Severity;
use crate::yaml::{Location, Spanned};

const STREAMS: [(&str, Stream); 3] = [("level", Stream::Level), ("day", Stream::Day), ("week", Stream::Week)];
pub const TUNED: [(&str, Tuned); 5] = [
    ("alpha", Tuned::Alpha),
    ("streams", Tuned::Streams),
    ("transform", Tuned::Transform),
    ("rel_floor", Tuned::RelFloor),
    ("threshold", Tuned::Threshold),
];

pub fn check(raw: &RawFile, text: &str) -> Checked {
    let mut check = Check { text, found: Vec::new() };
    check.version(raw.version.as_ref());
    let none = RawRule::default();
    let defaults = raw.defaults.as_ref().unwrap_or(&none);
    if let Some(id) = &defaults.id {
        let message = "`id` has no meaning in `defaults`";
        check.found.push(Found::new(Code::UnknownField, id.referenced, "", "defaults.id", message));
    }
    let list = &raw.rules;
    if list.value.is_empty() {
        let message = "the list of rules is empty";
        check.found.push(Found::new(Code::NoRules, list.referenced, "", "rules", message));
    }
    let rules: Vec<Rule> = list.value.iter().filter_map(|rule| check.rule(rule, defaults)).collect();
    let ids = check.ids(&list.value);
    let mutes = raw.mutes.iter().flatten().filter_map(|m| mute::check(&mut check, m, &ids, &rules)).collect();
    let mut found = check.found;
    // A mistake in `defaults` is met with every rule.
    found.sort_by(|a, b| (a.line, a.column, a.code, &a.message).cmp(&(b.line, b.column, b.code, &b.message)));
    found.dedup_by(|a, b| (a.line, a.column, a.code, &a.message) == (b.line, b.column, b.code, &b.message));
    let failed = found.iter().any(|f| f.code.severity() == Severity::Error);
    Checked { rules: (!failed).then_some(Rules { rules, mutes }), found }
}

impl Check<'_> {
    fn version(&mut self, version: Option<&Word>) {
        let Some(version) = version.filter(|v| v.value != Scalar::Number(1.0)) else { return };
        let message = "the version of adaptive.yaml is not known".to_owned();
        self.add(Code::RulesVersion, version.referenced, "", "version", message, "write `version: 1`");
    }

    /// The ids of all rules, those with mistakes among them.
    fn ids<'r>(&mut self, list: &'r [Spanned<RawRule>]) -> Vec<&'r str> {
        let mut ids: Vec<(&str, u64)> = Vec::new();
        for rule in list {
            let Some(id) = &rule.value.id else {
                let message = "the rule has no `id`".to_owned();
                self.add(Code::FieldMissing, rule.referenced, "", "id", message, "give it one, such as export-spike");
                continue;
            };
            match ids.iter().find(|(known, _)| *known == id.value) {
                Some((_, line)) => {
                    let message = format!("the id `{}` stands twice, first on line {line}", id.value);
                    self.found.push(Found::new(Code::DuplicateRuleId, id.referenced, &id.value, "id", message));
                }
                None => ids.push((&id.value, id.referenced.line())),
            }
            if !is_id(&id.value) {
                let message = format!("`{}` is no id of a rule", id.value);
                let hint = "1 to 64 characters of a-z, 0-9, `.`, `_` and `-`, a letter or digit first";
                self.add(Code::InvalidRuleId, id.referenced, &id.value, "id", message, hint);
            }
        }
        ids.into_iter().map(|(id, _)| id).collect()
    }

    fn rule(&mut self, raw: &Spanned<RawRule>, defaults: &RawRule) -> Option<Rule> {
        let (r, d) = (&raw.value, defaults);
        let id = r.id.as_ref().map_or("", |id| id.value.as_str());
        macro_rules! either {
            ($field:ident) => {
                r.$field.as_ref().or(d.$field.as_ref())
            };
        }
        macro_rules! word {
            ($field:ident, $known:expr, $default:expr) => {
                either!($field).and_then(|w| self.word(w, id, stringify!($field), $known)).unwrap_or($default)
            };
        }
        macro_rules! number {
            ($field:ident, $range:expr, $default:expr) => {
                either!($field).and_then(|n| self.number(n, id, stringify!($field), $range)).unwrap_or($default)
            };
        }
        word!(method, &[("ewma_mad", ())], ());
        let kind = word!(kind, &[("count", Kind::Count), ("gauge", Kind::Gauge)], Kind::Count);
        let lengths: Vec<(&str, u32)> = BUCKETS.to_vec();
        let bucket = word!(bucket, &lengths, 60);
        let data = self.data(r, d, id, kind);
        let transform = [("identity", Transform::Identity), ("sqrt", Transform::Sqrt)];
        let direction = [("up", Direction::Up), ("down", Direction::Down), ("both", Direction::Both)];
        let cooldown = either!(cooldown).and_then(|c| self.duration(c, id, "cooldown", MAX_WINDOW_MS));
        let out = Rule {
            id: id.to_owned(),
            at: raw.referenced,
            min_power: number!(min_power, &SHARE, 0.8),
            alpha: number!(alpha, &WEIGHT, 0.2),
            window_ms: self.window(either!(window), id, bucket, raw.referenced),
            kind,
            bucket,
            direction: word!(direction, &direction, Direction::Both),
            min_effect: either!(min_effect).map(|e| self.min_effect(e, id)),
            must_detect: self.must_detect(either!(must_detect), id, kind),
            threshold: number!(threshold, &POSITIVE, 2.5),
            cooldown_ms: cooldown.unwrap_or(6 * 3_600_000),
            transform: word!(transform, &transform, Transform::Identity),
            streams: self.streams(r, d, id),
            rel_floor: number!(rel_floor, &PART, 0.05),
            abs_floor: number!(abs_floor, &FROM_ZERO, 0.0),
            pin: either!(pin).into_iter().flatten().filter_map(|p| self.word(p, id, "tuned field", &TUNED)).collect(),
            guard: either!(guard).copied().unwrap_or(true),
            data,
        };
        self.kind_of_fields(&out, either!(transform), either!(abs_floor), raw.referenced);
        Some(out)
    }

    fn kind_of_fields(&mut self, rule: &Rule, transform: Option<&Text>, abs_floor: Option<&Word>, at: Location) {
        let mut wrong = |at, field: &str, message: &str| {
            self.found.push(Found::new(Code::WrongKind, at, &rule.id, field, message));
        };
        match rule.kind {
            Kind::Gauge if rule.transform == Transform::Sqrt => {
                let at = transform.map_or(at, |t| t.referenced);
                wrong(at, "transform", "the transform sqrt is for counts, a gauge can be negative");
            }
            Kind::Count if rule.abs_floor > 0.0 => {
                let at = abs_floor.map_or(at, |f| f.referenced);
                wrong(at, "abs_floor", "`abs_floor` is for gauges, counts have a floor of their own");
            }
            Kind::Gauge if rule.data.value.is_none() => {
                wrong(at, "value", "a gauge of events needs `value`, the field that is averaged");
            }
            _ => {}
        }
    }

    /// At least 20 buckets, at most 35 days.
    fn window(&mut self, word: Option<&Word>, id: &str, bucket: u32, rule_at: Location) -> i64 {
        let default = DAY_MS * [(1440, 28), (720, 14)].iter().find(|(b, _)| *b == bucket).map_or(7, |(_, days)| *days);
        let Some(ms) = word.map(|w| self.duration(w, id, "window", i64::MAX)) else { return default };
        let Some(ms) = ms else { return default };
        let buckets = ms / (i64::from(bucket) * 60_000);
        if ms <= MAX_WINDOW_MS && buckets >= MIN_WINDOW as i64 {
            return ms;
        }
        let at = word.map_or(rule_at, |w| w.referenced);
        let message = match ms > MAX_WINDOW_MS {
            true => "the window is longer than 35 days".to_owned(),
            false => format!("the window holds {buckets} buckets of {}, it needs 20", bucket_text(bucket)),
        };
        self.found.push(Found::new(Code::InvalidWindow, at, id, "window", message));
        default
    }

    /// A baseline of the rule's own comes before the streams of `defaults`.
    fn streams(&mut self, r: &RawRule, d: &RawRule, id: &str) -> Vec<Stream> {
        for from in [r, d] {
            if let Some(list) = &from.streams {
                let listed = list.value.iter().filter_map(|s| self.word(s, id, "stream", &STREAMS));
                let mut streams: Vec<Stream> = listed.collect();
                streams.sort();
                streams.dedup();
                if streams.is_empty() && list.value.is_empty() {
                    let message = "`streams` is empty, so nothing could vote".to_owned();
                    self.add(Code::UnknownWord, list.referenced, id, "streams", message, "known: level, day, week");
                }
                return streams;
            }
            if let Some(baseline) = &from.baseline {
                let level = self.word(baseline, id, "baseline", &[("seasonal", false), ("level", true)]);
                if level == Some(true) {
                    return vec![Stream::Level];
                }
                break;
            }
        }
        vec![Stream::Day, Stream::Week]
    }

    fn min_effect(&mut self, raw: &RawMinEffect, id: &str) -> MinEffect {
        let mut part = |word: &Option<Word>, field| {
            word.as_ref().and_then(|w| self.number(w, id, field, &FROM_ZERO)).unwrap_or(0.0)
        };
        MinEffect { abs: part(&raw.abs, "min_effect.abs"), rel: part(&raw.rel, "min_effect.rel") }
    }

    /// Parts that are not written are the built-in ones.
    fn must_detect(&mut self, raw: Option<&RawMustDetect>, id: &str, kind: Kind) -> MustDetect {
        let none = RawMustDetect::default();
        let m = raw.unwrap_or(&none);
        let of_counts = [&m.rel, &m.abs, &m.drop_to, &m.drop_buckets];
        let strange = match kind {
            Kind::Count => m.scale.as_ref().into_iter().collect::<Vec<_>>(),
            Kind::Gauge => of_counts.into_iter().flatten().collect(),
        };
        for word in strange {
            let message = match kind {
                Kind::Count => "`must_detect.scale` is for gauges",
                Kind::Gauge => "`must_detect` of a gauge has `scale` alone",
            };
            self.found.push(Found::new(Code::InvalidEffect, word.referenced, id, "must_detect", message));
        }
        let mut part = |word: &Option<Word>, field, range, default| {
            word.as_ref().and_then(|w| self.number(w, id, field, range)).unwrap_or(default)
        };
        match kind {
            Kind::Gauge => MustDetect::Gauge { scale: part(&m.scale, "must_detect.scale", &POSITIVE, 8.0) },
            Kind::Count => MustDetect::Count {
                rel: part(&m.rel, "must_detect.rel", &FROM_ZERO, 4.0),
                abs: part(&m.abs, "must_detect.abs", &FROM_ZERO, 25.0),
                drop_to: part(&m.drop_to, "must_detect.drop_to", &PART, 0.1),
                drop_buckets: part(&m.drop_buckets, "must_detect.drop_buckets", &WHOLE, 6.0) as usize,
            },
        }
    }

    /// Times without an offset are those of the calendar.
    pub fn interval(&mut self, from: &Text, until: &Text, id: &str, calendar: &mut Calendar) -> Option<Interval> {
        let mut time = |text: &Text, field| {
            let (at, bytes) = (text.referenced, text.value.as_bytes());
            match times::parse(bytes) {
                Ok(Time::Instant(ms)) => Some(ms),
                Ok(Time::Local(local)) => Some(calendar.instant(local)),
                Err(what) => {
                    let message = format!("`{field}`: `{}` {what}", text.value);
                    self.add(Code::InvalidTime, at, id, field, message, "write it like 2026-01-08T13:00:00Z");
                    None
                }
            }
        };
        let (from_ms, until_ms) = (time(from, "from")?, time(until, "until")?);
        if until_ms > from_ms {
            return Some(Interval { from_ms, until_ms });
        }
        let message = "`until` does not lie after `from`";
        self.found.push(Found::new(Code::InvalidTime, until.referenced, id, "until", message));
        None
    }
}

fn is_id(id: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'_' | b'-');
    (1..=64).contains(&id.len()) && id.bytes().all(inner) && id.as_bytes()[0].is_ascii_alphanumeric()
}
