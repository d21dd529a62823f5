//! adaptive.yaml: which series are watched and how. Precedence: built-in values, `defaults`, the rule, parameters.

pub mod canonical;
mod check;
mod field;
mod found;
mod mute;
pub mod params;
mod raw;

use std::collections::{BTreeMap, BTreeSet};

pub use self::found::Found;
pub use self::mute::{Mute, is_muted};
pub use self::params::Params;
use super::calendar::Calendar;
use super::code::Code;
use super::method::{Direction, Kind, Method, MinEffect, MustDetect, Stream, Transform};
use crate::record::Severity;
use crate::yaml::{self, Location};

pub const MAX_BYTES: usize = 4 << 20;
/// Older values are not kept.
pub const MAX_WINDOW_MS: i64 = 35 * DAY_MS;
/// A scale of fewer residuals says nothing.
pub const MIN_WINDOW: usize = 20;
pub const DAY_MS: i64 = 86_400_000;
/// The lengths of a bucket, ascending, in minutes.
pub const BUCKETS: [(&str, u32); 12] = [
    ("1m", 1),
    ("5m", 5),
    ("10m", 10),
    ("15m", 15),
    ("30m", 30),
    ("1h", 60),
    ("2h", 120),
    ("3h", 180),
    ("4h", 240),
    ("6h", 360),
    ("12h", 720),
    ("1d", 1440),
];

/// What `tune` may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tuned {
    Alpha,
    Streams,
    Transform,
    RelFloor,
    Threshold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Each record is something that happened.
    Events,
    /// Each record is a value at a time.
    Points,
}

/// What a bucket without a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Zero,
    Skip,
}

/// Records whose field has none of these values are not of the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    pub field: String,
    pub values: Vec<Wanted>,
}

/// A value as it is written, and its number where it is one without quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub text: String,
    pub number: Option<f64>,
}

/// Half open, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub from_ms: i64,
    pub until_ms: i64,
}

/// One rule with all its fields.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub at: Location,
    /// The power at `must_detect` that tune, backtest and canaries hold the rule to.
    pub min_power: f64,
    pub alpha: f64,
    pub window_ms: i64,
    pub kind: Kind,
    pub data: Data,
    /// Minutes.
    pub bucket: u32,
    pub direction: Direction,
    pub min_effect: Option<MinEffect>,
    pub must_detect: MustDetect,
    pub threshold: f64,
    pub cooldown_ms: i64,
    pub transform: Transform,
    /// Ascending.
    pub streams: Vec<Stream>,
    pub rel_floor: f64,
    pub abs_floor: f64,
    pub pin: BTreeSet<Tuned>,
    pub guard: bool,
}

/// Which records a rule reads, and how they become buckets.
#[derive(Debug, Clone)]
pub struct Data {
    pub input: Input,
    /// Dotted path of the time.
    pub ts: String,
    /// Dotted path of the value; without one each event counts 1.
    pub value: Option<String>,
    /// All of them must hold.
    pub filters: Vec<Filter>,
    pub dedupe_by: Option<String>,
    /// `tenant` first where it is among them.
    pub group_by: Vec<String>,
    pub zone: Zone,
    pub zone_by_tenant: BTreeMap<String, Zone>,
    pub missing: Missing,
    /// How long a bucket stays open after its end.
    pub lateness_ms: i64,
    /// Neither scored nor learned. Ascending.
    pub exclude: Vec<Interval>,
}

impl Data {
    /// All that is read of a record, by name.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let own = [Some(&self.ts), self.value.as_ref(), self.dedupe_by.as_ref()].into_iter().flatten();
        own.chain(self.filters.iter().map(|filter| &filter.field)).chain(&self.group_by).map(String::as_str)
    }
}

/// A zone of the IANA database.
#[derive(Debug, Clone)]
pub struct Zone {
    pub name: String,
    pub calendar: Calendar,
}

/// A file without errors.
#[derive(Debug, Clone)]
pub struct Rules {
    /// In the order of the file.
    pub rules: Vec<Rule>,
    pub mutes: Vec<Mute>,
}

/// What came of one file.
#[derive(Debug)]
pub struct Checked {
    /// None where a finding is an error.
    pub rules: Option<Rules>,
    /// The first mistake of structure, or everything that is wrong with a sound file; in the order of the file.
    pub found: Vec<Found>,
}

impl Checked {
    pub fn errors(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| f.code.severity() == Severity::Error)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| f.code.severity() != Severity::Error)
    }
}

/// Reads and checks one file.
pub fn read(text: &str) -> Checked {
    let stopped = |found| Checked { rules: None, found: vec![found] };
    if text.len() > MAX_BYTES {
        let message = "larger than 4 MiB, which no list of rules is";
        return stopped(Found::new(Code::RulesSyntax, Location::UNKNOWN, "", "size", message));
    }
    match yaml::read_strictly(text) {
        Ok(raw) => check::check(&raw, text),
        Err(fault) => stopped(fault.into()),
    }
}

impl Rule {
    /// How series of the rule are scored: with the parameters, except in pinned fields.
    pub fn method(&self, params: Option<&Params>) -> Method {
        let tuned = |field| params.filter(|_| !self.pin.contains(&field));
        Method {
            kind: self.kind,
            streams: tuned(Tuned::Streams).map_or_else(|| self.streams.clone(), |p| p.streams.clone()),
            alpha: tuned(Tuned::Alpha).map_or(self.alpha, |p| p.alpha),
            window: (self.window_ms / self.bucket_ms()) as usize,
            bucket: self.bucket,
            transform: tuned(Tuned::Transform).map_or(self.transform, |p| p.transform),
            rel_floor: tuned(Tuned::RelFloor).map_or(self.rel_floor, |p| p.rel_floor),
            abs_floor: self.abs_floor,
            direction: self.direction,
            threshold: tuned(Tuned::Threshold).map_or(self.threshold, |p| p.threshold),
            min_effect: self.min_effect,
            must_detect: self.must_detect,
            cooldown: self.cooldown_ms.div_euclid(self.bucket_ms()) as usize
                + usize::from(self.cooldown_ms % self.bucket_ms() > 0),
        }
    }

    /// How the series of one tenant are scored.
    pub fn method_of(&self, params: Option<&Params>, tenant: Option<&str>) -> Method {
        Method { threshold: self.threshold(params, tenant), ..self.method(params) }
    }

    /// The threshold of one tenant.
    pub fn threshold(&self, params: Option<&Params>, tenant: Option<&str>) -> f64 {
        let Some(params) = params.filter(|_| !self.pin.contains(&Tuned::Threshold)) else { return self.threshold };
        let own = tenant.and_then(|tenant| params.threshold_by_tenant.get(tenant));
        own.copied().unwrap_or(params.threshold)
    }

    pub fn bucket_ms(&self) -> i64 {
        i64::from(self.bucket) * 60_000
    }

    /// The zone of one tenant.
    pub fn zone_of(&self, tenant: Option<&str>) -> &Zone {
        tenant.and_then(|tenant| self.data.zone_by_tenant.get(tenant)).unwrap_or(&self.data.zone)
    }

    /// Whether some of this time is neither scored nor learned.
    pub fn excludes(&self, from_ms: i64, until_ms: i64) -> bool {
        self.data.exclude.iter().any(|e| e.from_ms < until_ms && from_ms < e.until_ms)
    }
}

/// `1h` for 60 minutes.
pub fn bucket_text(minutes: u32) -> &'static str {
    BUCKETS.iter().find(|(_, m)| *m == minutes).map_or("?", |(text, _)| text)
}

#[cfg(test)]
mod tests;
