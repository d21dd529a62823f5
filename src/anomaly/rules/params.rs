//! The parameter file that `tune` writes: a `govctl.anomaly.params/1` per rule. What is read of it is what detection
//! needs; the rest says where the numbers come from.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::canonical::{self, Fields};
use super::{Found, Rule};
use crate::anomaly::code::Code;
use crate::anomaly::method::{Kind, Stream, Transform};
use crate::anomaly::times::{self, Time};
use crate::error::{Error, Result as Outcome, did_you_mean};
use crate::record::anomaly::Parameters;
use crate::record::{Record, encode};
use crate::text::sha256_hex;
use crate::yaml::Location;

pub const SCHEMA: &str = Parameters::TYPE;

/// The tuned fields of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub rule: String,
    pub alpha: f64,
    /// Ascending.
    pub streams: Vec<Stream>,
    pub transform: Transform,
    pub rel_floor: f64,
    pub threshold: f64,
    pub threshold_by_tenant: BTreeMap<String, f64>,
    /// Where they were searched; None where the line does not say.
    pub searched: Option<Searched>,
    /// As it stands in the file, with its newline.
    pub line: String,
    /// SHA-256 of the line, as hex.
    pub sha256: String,
}

/// The part of a history that the search saw, in milliseconds since 1970. What begins at `until` or later only certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Searched {
    pub from: i64,
    pub until: i64,
}

/// One rule's line of the file, with its newline: the fields in the order of the record, each number in the shortest
/// spelling that is read as the same number.
pub fn line(parameters: &Parameters) -> Outcome<String> {
    let mut line = Vec::new();
    encode(parameters, &mut line).map_err(|e| Error::bug(format!("parameters cannot be written: {e}")))?;
    String::from_utf8(line).map_err(|e| Error::bug(format!("parameters are no text: {e}")))
}

#[derive(Deserialize)]
struct Line {
    rule: String,
    alpha: f64,
    streams: Vec<String>,
    transform: String,
    rel_floor: f64,
    threshold: f64,
    #[serde(default)]
    threshold_by_tenant: BTreeMap<String, f64>,
    data_from: Option<String>,
    certified_from: Option<String>,
    rule_sha256: String,
    /// The fields under that hash, as [`canonical::fields`] spells them.
    rule_fields: Fields,
}

/// Reads a parameter file for these rules; the parameters by rule, or every mistake.
pub fn read(text: &str, rules: &[Rule]) -> Result<BTreeMap<String, Params>, Vec<Found>> {
    let (params, found) = sift(text, rules);
    if found.is_empty() { Ok(params) } else { Err(found) }
}

/// The parameters that hold, by rule, and what is wrong with the other lines.
pub fn sift(text: &str, rules: &[Rule]) -> (BTreeMap<String, Params>, Vec<Found>) {
    let mut out = BTreeMap::new();
    let mut found = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = |mut f: Found| {
            f.line = i as u64 + 1;
            f
        };
        match one(line, rules) {
            Ok(Some(params)) => {
                if let Some(old) = out.insert(params.rule.clone(), params) {
                    found.push(at(bad(&old.rule, format!("the rule {} has parameters twice", old.rule))));
                }
            }
            Ok(None) => {}
            Err(f) => found.push(at(*f)),
        }
    }
    (out, found)
}

/// None for a line of another run's frame.
fn one(line: &str, rules: &[Rule]) -> Result<Option<Params>, Box<Found>> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let unreadable = |e: serde_json::Error| {
        let message = e.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
        Box::new(Found { column: e.column() as u64, ..bad("", message.to_owned()) })
    };
    let head: Head = serde_json::from_str(line).map_err(unreadable)?;
    match head.schema.as_str() {
        SCHEMA => {}
        "govctl.run/1" => return Ok(None),
        other => return Err(Box::new(bad("", format!("`{other}` was found where {SCHEMA} is expected")))),
    }
    let read: Line = serde_json::from_str(line).map_err(unreadable)?;
    let rule = known(&read.rule, rules)?;
    fresh(&read, rule)?;
    let params = values(read, line);
    let sound = params.as_ref().is_some_and(|p| {
        let thresholds = p.threshold_by_tenant.values().chain([&p.threshold]);
        (p.alpha > 0.0 && p.alpha <= 1.0)
            && (0.0..1.0).contains(&p.rel_floor)
            && thresholds.into_iter().all(|t| *t > 0.0 && t.is_finite())
            && !(p.transform == Transform::Sqrt && rule.kind == Kind::Gauge)
    });
    match sound {
        true => Ok(params),
        false => Err(Box::new(bad(&rule.id, "a tuned field has a value that no rule can have".to_owned()))),
    }
}

fn known<'r>(id: &str, rules: &'r [Rule]) -> Result<&'r Rule, Box<Found>> {
    rules.iter().find(|rule| rule.id == id).ok_or_else(|| {
        let hint = match did_you_mean(id, rules.iter().map(|r| r.id.as_str())) {
            Some(near) => format!("did you mean `{near}`? Run `govctl anomaly tune` again after a rename"),
            None => "remove the line, or run `govctl anomaly tune` again".to_owned(),
        };
        Box::new(stale(id, "rule", format!("there is no rule `{id}`")).hint(hint))
    })
}

fn fresh(read: &Line, rule: &Rule) -> Result<(), Box<Found>> {
    if canonical::sha256(&read.rule_fields) != read.rule_sha256 {
        return Err(Box::new(bad(&rule.id, "`rule_fields` and `rule_sha256` contradict each other".to_owned())));
    }
    let now = canonical::fields(rule);
    let changed = now.iter().find(|(field, value)| read.rule_fields.get(*field) != Some(value));
    let Some((field, value)) = changed else {
        return match read.rule_fields.len() == now.len() {
            true => Ok(()),
            false => Err(Box::new(bad(&rule.id, "`rule_fields` has a field that no rule has".to_owned()))),
        };
    };
    let text = |value: Option<&serde_json::Value>| match value.and_then(|v| v.as_str()) {
        None | Some("") => "nothing".to_owned(),
        Some(text) => format!("`{text}`"),
    };
    let was = text(read.rule_fields.get(field));
    let message = format!("`{field}` was {was} when the parameters were found, and is {} now", text(Some(value)));
    Err(Box::new(stale(&rule.id, field, message).hint("run `govctl anomaly tune` again")))
}

fn values(read: Line, line: &str) -> Option<Params> {
    let word =
        |text: &str| [Stream::Level, Stream::Day, Stream::Week].into_iter().find(|s| canonical::stream(*s) == text);
    let mut streams = read.streams.iter().map(|text| word(text)).collect::<Option<Vec<_>>>()?;
    streams.sort();
    streams.dedup();
    let transforms = [Transform::Identity, Transform::Sqrt];
    let transform = transforms.into_iter().find(|t| canonical::transform(*t) == read.transform)?;
    let line = format!("{line}\n");
    let time = |text: Option<String>| match times::parse(text?.as_bytes()) {
        Ok(Time::Instant(ms)) => Some(ms),
        _ => None,
    };
    let searched = time(read.data_from).zip(time(read.certified_from));
    (!streams.is_empty()).then_some(Params {
        rule: read.rule,
        alpha: read.alpha,
        streams,
        transform,
        rel_floor: read.rel_floor,
        threshold: read.threshold,
        threshold_by_tenant: read.threshold_by_tenant,
        searched: searched.map(|(from, until)| Searched { from, until }),
        sha256: sha256_hex(line.as_bytes()),
        line,
    })
}

fn bad(rule: &str, message: String) -> Found {
    Found::new(Code::BadParams, Location::UNKNOWN, rule, "line", message)
}

fn stale(rule: &str, field: &str, message: String) -> Found {
    Found::new(Code::StaleParams, Location::UNKNOWN, rule, field, message)
}
