//! The state file: NDJSON of a header, the guard of each rule, each series by rule and key, and a closing line with the count
//! and the digest of all before it. What was cut or altered is refused, never taken for less.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Watch;
use super::guard::Guard;
use super::judges::Series;
use crate::anomaly::buckets::SeriesState;
use crate::anomaly::machine::Machine;
use crate::anomaly::rules::{Params, Rule, canonical};
use crate::anomaly::score::{Saved, Scorer};
use crate::text::sha256_hex;

const SCHEMA: &str = "govctl.anomaly.state/1";

/// What is wrong with a state file, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    pub line: u64,
    pub message: String,
}

/// A file whose digest holds.
#[derive(Debug)]
pub struct State {
    header: Header,
    guards: Vec<GuardLine>,
    series: Vec<SeriesLine>,
}

/// What became of a state that was taken up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rules of the state that are there no more: their series are gone.
    pub dropped: Vec<String>,
    /// Rules whose series or buckets are others now: they start anew.
    pub restarted: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: String,
    version: String,
    /// The largest time seen, in milliseconds since 1970.
    watermark: Option<i64>,
    rules: BTreeMap<String, Made>,
}

/// With what a rule's series were scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    rule_sha256: String,
    params_sha256: Option<String>,
    /// The fields that say what a series and its buckets are: with others nothing that was learned means anything.
    series: String,
    /// The fields with which its past was scored.
    method: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardLine {
    rule: String,
    guard: Guard,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesLine {
    rule: String,
    key: String,
    buckets: SeriesState,
    /// None before its first bucket closed.
    scored: Option<Scored>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scored {
    scorer: Saved,
    machine: Machine,
    scale: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    lines: u64,
    sha256: String,
}

impl Made {
    fn of(rule: &Rule, params: Option<&Params>) -> Made {
        let fields = canonical::fields(rule);
        let series = ["kind", "group_by", "tz", "tz_by_tenant", "bucket"].map(|field| fields[field].to_string());
        let method = rule.method(params);
        let streams: Vec<&str> = method.streams.iter().map(|stream| canonical::stream(*stream)).collect();
        Made {
            rule_sha256: canonical::sha256(&fields),
            params_sha256: params.map(|params| params.sha256.clone()),
            series: series.join(";"),
            method: format!(
                "alpha={};streams={};transform={};rel_floor={}",
                method.alpha,
                streams.join(","),
                canonical::transform(method.transform),
                method.rel_floor
            ),
        }
    }

    /// Whether what was scored would be scored so again; a threshold has no part in it.
    fn scores_as(&self, other: &Made) -> bool {
        (&self.rule_sha256, &self.method) == (&other.rule_sha256, &other.method)
    }
}

impl State {
    pub fn read(bytes: &[u8]) -> Result<State, Damaged> {
        let damaged = |line: usize, message: String| Damaged { line: line as u64, message };
        let text = std::str::from_utf8(bytes).map_err(|_| damaged(0, "is no UTF-8".to_owned()))?;
        let cut = || damaged(text.lines().count(), "it has no closing line: the file was cut".to_owned());
        let body = text.strip_suffix('\n').and_then(|text| text.rfind('\n')).ok_or_else(cut)? + 1;
        let closing: Closing = serde_json::from_str(text[body..].trim_end()).map_err(|_| cut())?;
        let lines: Vec<&str> = text[..body].lines().collect();
        if closing.lines != lines.len() as u64 || closing.sha256 != sha256_hex(&bytes[..body]) {
            let message = "the digest in its closing line is another: the file was altered".to_owned();
            return Err(damaged(lines.len() + 1, message));
        }
        let unread = |line: usize, e: serde_json::Error| damaged(line, format!("is no state of this version: {e}"));
        let first = lines.first().ok_or_else(cut)?;
        let header: Header = serde_json::from_str(first).map_err(|e| unread(1, e))?;
        if header.schema != SCHEMA {
            return Err(damaged(1, format!("`{}` was found where {SCHEMA} is expected", header.schema)));
        }
        let mut state = State { header, guards: Vec::new(), series: Vec::new() };
        for (at, line) in lines.iter().enumerate().skip(1) {
            match state.guards.len() < state.header.rules.len() {
                true => state.guards.push(serde_json::from_str(line).map_err(|e| unread(at + 1, e))?),
                false => state.series.push(serde_json::from_str(line).map_err(|e| unread(at + 1, e))?),
            }
        }
        Ok(state)
    }

    pub fn watermark(&self) -> Option<i64> {
        self.header.watermark
    }
}

impl Watch<'_> {
    /// The state as a file.
    pub fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut out = Vec::new();
        let (rules, judges) = (&self.judges.rules.rules, &self.judges);
        let made = rules.iter().zip(&judges.params).map(|(rule, params)| (rule.id.clone(), Made::of(rule, *params)));
        let header = Header {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            watermark: self.buckets.watermark(),
            rules: made.collect(),
        };
        let mut lines = 1;
        put(&mut out, &header)?;
        for (rule, guard) in rules.iter().zip(&judges.guards) {
            put(&mut out, &GuardLine { rule: rule.id.clone(), guard: guard.clone() })?;
            lines += 1;
        }
        for (rule, number, key, buckets) in self.buckets.save() {
            let series = judges.series[rule].get(number as usize).and_then(Option::as_ref);
            let scored = series.map(|series| Scored {
                scorer: series.scorer.save(),
                machine: series.machine.clone(),
                scale: series.scale,
            });
            put(&mut out, &SeriesLine { rule: rules[rule].id.clone(), key: key.to_owned(), buckets, scored })?;
            lines += 1;
        }
        let sha256 = sha256_hex(&out);
        put(&mut out, &Closing { lines, sha256 })?;
        Ok(out)
    }

    /// Takes up the last run's state. `overlap`: the input repeats all open buckets, whose partial sums are dropped.
    pub fn resume(&mut self, state: State, overlap: bool) -> Result<Taken, Damaged> {
        let rules = &self.judges.rules.rules;
        let place = |id: &str| rules.iter().position(|rule| rule.id == id);
        let mut taken = Taken::default();
        for (id, made) in &state.header.rules {
            match place(id) {
                None => taken.dropped.push(id.clone()),
                Some(at) if Made::of(&rules[at], None).series != made.series => taken.restarted.push(id.clone()),
                Some(_) => {}
            }
        }
        let gone = |id: &String| taken.dropped.contains(id) || taken.restarted.contains(id);
        for line in state.guards.into_iter().filter(|line| !gone(&line.rule)) {
            if let Some(at) = place(&line.rule) {
                self.judges.guards[at] = line.guard;
            }
        }
        let first = 2 + state.header.rules.len() as u64;
        for (line, series) in (first..).zip(state.series) {
            if gone(&series.rule) {
                continue;
            }
            let damaged = || Damaged { line, message: "the state of this series holds what no run writes".to_owned() };
            let at = place(&series.rule).ok_or_else(damaged)?;
            let made = state.header.rules.get(&series.rule).ok_or_else(damaged)?;
            self.take_up(at, series, made).ok_or_else(damaged)?;
        }
        if let Some(watermark) = state.header.watermark {
            self.buckets.resume_at(watermark);
        }
        if overlap {
            for (rule, number) in self.buckets.drop_open() {
                if let Some(series) = self.judges.series[rule].get_mut(number as usize) {
                    *series = None;
                }
            }
        }
        Ok(taken)
    }

    /// None where the state is none that a run leaves.
    fn take_up(&mut self, at: usize, line: SeriesLine, made: &Made) -> Option<()> {
        let judges = &mut self.judges;
        let (rule, params) = (&judges.rules.rules[at], judges.params[at]);
        let number = self.buckets.restore(at, &line.key, &line.buckets) as usize;
        let all = &mut judges.series[at];
        if all.len() <= number {
            all.resize_with(number + 1, || None);
        }
        let Some(scored) = line.scored else { return Some(()) };
        let mut series = Series::new(rule, params, &line.key, &mut judges.methods[at]);
        series.scorer = match made.scores_as(&Made::of(rule, params)) {
            true => Scorer::load(series.scorer.method(), scored.scorer)?,
            // What was learned with other fields is learned again from the values.
            false => {
                judges.counts.rewarmed += 1;
                Scorer::rewarmed(series.scorer.method(), &scored.scorer)?
            }
        };
        (series.machine, series.scale) = (scored.machine, scored.scale);
        all[number] = Some(series);
        Some(())
    }
}

fn put(out: &mut Vec<u8>, line: &impl Serialize) -> Result<(), serde_json::Error> {
    serde_json::to_writer(&mut *out, line)?;
    out.push(b'\n');
    Ok(())
}
