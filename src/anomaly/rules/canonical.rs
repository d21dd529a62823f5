//! The fields of a rule that `tune` does not set, each in one fixed spelling: parameters hold for a rule as long as
//! these fields stay as they were.

use serde_json::{Map, Value};

use super::{Input, Interval, Missing, Rule, Tuned, bucket_text};
use crate::anomaly::method::{Direction, Kind, MustDetect, Stream, Transform};
use crate::clock::rfc3339_ms;
use crate::text::sha256_hex;

/// Field and spelling, in a fixed order.
pub type Fields = Map<String, Value>;

/// The untuned fields of a rule; a pinned field is one of them.
pub fn fields(rule: &Rule) -> Fields {
    let data = &rule.data;
    let mut out = Map::new();
    let mut put = |field: &str, text: String| out.insert(field.to_owned(), Value::String(text));
    put("id", rule.id.clone());
    put("kind", kind(rule.kind).to_owned());
    put("input", if data.input == Input::Events { "events" } else { "points" }.to_owned());
    put("ts", data.ts.clone());
    put("value", data.value.clone().unwrap_or_default());
    put("where", wanted(rule));
    put("dedupe_by", data.dedupe_by.clone().unwrap_or_default());
    put("group_by", data.group_by.join(","));
    put("tz", data.zone.name.clone());
    let zones: Vec<String> = data.zone_by_tenant.iter().map(|(t, z)| format!("{}={}", quoted(t), z.name)).collect();
    put("tz_by_tenant", zones.join(","));
    put("bucket", bucket_text(rule.bucket).to_owned());
    put("missing", if data.missing == Missing::Zero { "zero" } else { "skip" }.to_owned());
    put("lateness", format!("{}ms", data.lateness_ms));
    put("window", format!("{}ms", rule.window_ms));
    put("direction", direction(rule.direction).to_owned());
    put("min_power", rule.min_power.to_string());
    put("min_effect", rule.min_effect.map(|e| format!("abs={},rel={}", e.abs, e.rel)).unwrap_or_default());
    put("must_detect", must_detect(&rule.must_detect));
    put("cooldown", format!("{}ms", rule.cooldown_ms));
    put("abs_floor", rule.abs_floor.to_string());
    put("exclude", data.exclude.iter().map(interval).collect::<Vec<_>>().join(","));
    put("guard", rule.guard.to_string());
    put("pin", rule.pin.iter().map(|field| pinned(rule, *field)).collect::<Vec<_>>().join(";"));
    out
}

/// SHA-256, as hex, of the fields as one JSON object without spaces.
pub fn sha256(fields: &Fields) -> String {
    let text = Value::Object(fields.clone()).to_string();
    sha256_hex(text.as_bytes())
}

pub fn stream(stream: Stream) -> &'static str {
    match stream {
        Stream::Level => "level",
        Stream::Day => "day",
        Stream::Week => "week",
    }
}

pub fn transform(transform: Transform) -> &'static str {
    match transform {
        Transform::Identity => "identity",
        Transform::Sqrt => "sqrt",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "count",
        Kind::Gauge => "gauge",
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
        Direction::Both => "both",
    }
}

/// With the spelling of `must_detect` in records.
pub fn must_detect(effect: &MustDetect) -> String {
    match effect {
        MustDetect::Count { rel, abs, drop_to, drop_buckets } => {
            format!("rel={rel},abs={abs},drop_to={drop_to},drop_buckets={drop_buckets}")
        }
        MustDetect::Gauge { scale } => format!("scale={scale}"),
    }
}

fn interval(interval: &Interval) -> String {
    format!("{}/{}", rfc3339_ms(interval.from_ms), rfc3339_ms(interval.until_ms))
}

/// A number and a text of the same spelling match other values, so texts are quoted.
fn wanted(rule: &Rule) -> String {
    let filters = rule.data.filters.iter().map(|filter| {
        let values = filter.values.iter().map(|w| w.number.map_or_else(|| quoted(&w.text), |n| n.to_string()));
        format!("{}:{}", quoted(&filter.field), values.collect::<Vec<_>>().join("|"))
    });
    filters.collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn pinned(rule: &Rule, field: Tuned) -> String {
    match field {
        Tuned::Alpha => format!("alpha={}", rule.alpha),
        Tuned::Streams => {
            format!("streams={}", rule.streams.iter().map(|s| stream(*s)).collect::<Vec<_>>().join(","))
        }
        Tuned::Transform => format!("transform={}", transform(rule.transform)),
        Tuned::RelFloor => format!("rel_floor={}", rule.rel_floor),
        Tuned::Threshold => format!("threshold={}", rule.threshold),
    }
}
