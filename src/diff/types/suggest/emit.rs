//! The proposal as YAML, in a stable order, each guess with its reason.

use std::fmt::Write;

use super::guess::{Decision, decide};
use super::pair::{Pair, Plan};
use super::{Collector, TopicFacts};
use crate::diff::types::{Column, Logical, Physical, Wire};
use crate::text::counted;

/// Usual heartbeat intervals, in seconds.
const INTERVALS: [i64; 12] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 3600];

struct Writer {
    text: String,
    unknown: usize,
}

impl Writer {
    /// A line, with the reason if it is a guess.
    fn line(&mut self, text: &str, why: Option<&str>) {
        // A comment ends with its line; names from recordings may hold anything.
        let why = why.map(|why| format!("  # guessed: {}", why.escape_debug().to_string().replace("\\'", "'")));
        let _ = writeln!(self.text, "{text}{}", why.unwrap_or_default());
    }
}

pub fn document(all: &Collector, plan: &Plan<'_>) -> String {
    let mut out = Writer { text: String::new(), unknown: 0 };
    out.line("version: 1", None);
    out.line(&format!("job: {}", scalar(&plan.job)), Some(&plan.named));
    for side in [0, 1] {
        side_line(&mut out, all, plan, side);
    }
    out.line("tables:", None);
    for pair in &plan.tables {
        table(&mut out, all, plan, pair);
    }
    for (side, topic) in &plan.alone {
        let other = &plan.regions[1 - side];
        out.line(&format!("# not compared: {} has no copy in {}", scalar(topic), scalar(other)), None);
    }
    let records: Vec<String> = all.sides.iter().map(|s| s.records.to_string()).collect();
    let mut head =
        format!("# Proposed by `govctl diff digest --suggest-types` from {} records.\n", records.join(" + "));
    head.push_str("# Lines marked `guessed` need a look: correct them, or take the mark away.\n");
    if out.unknown > 0 {
        let scales = counted(out.unknown as u64, "scale");
        let _ =
            writeln!(head, "# {scales} left open as `scale: ?`: the recordings do not tell; write that of the column.");
    }
    head + &out.text
}

fn side_line(out: &mut Writer, all: &Collector, plan: &Plan<'_>, side: usize) {
    let name = ["lhs", "rhs"][side];
    let heartbeat = all.sides[side].heartbeats.get(&plan.connectors[side]).and_then(|times| interval(times));
    let beat = heartbeat.map(|s| format!(", heartbeat: {s}s")).unwrap_or_default();
    let mut why = plan.named.clone();
    if !all.sides[side].recorded {
        why = "no recording of this side was given".to_owned();
    } else if heartbeat.is_some() {
        why.push_str("; the heartbeat is the usual distance of its records");
    }
    let [region, connector] = [&plan.regions[side], &plan.connectors[side]].map(|t| scalar(t));
    out.line(&format!("{name}: {{ region: {region}, connector: {connector}{beat} }}"), Some(&why));
}

/// The usual interval nearest to the median distance.
fn interval(times: &[i64]) -> Option<i64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let mut gaps: Vec<i64> = sorted.windows(2).map(|w| w[1] - w[0]).filter(|gap| *gap > 0).collect();
    gaps.sort_unstable();
    let median = *gaps.get(gaps.len() / 2)?;
    INTERVALS.into_iter().min_by_key(|s| (s * 1000 - median).abs() / s)
}

fn table(out: &mut Writer, all: &Collector, plan: &Plan<'_>, pair: &Pair<'_>) {
    let why = if all.table.is_some() { None } else { Some("the source's name; it stands in every record") };
    out.line(&format!("  - kind: {}", scalar(&pair.kind)), why);
    for (side, name) in ["lhs", "rhs"].into_iter().enumerate() {
        let why = (!all.sides[side].recorded).then_some("no recording of this side was given");
        out.line(&format!("    {name}: {}", scalar(&pair.topics[side])), why);
    }
    let (key, why) = key(pair);
    out.line(&format!("    key: {key}"), why.as_deref());
    replication(out, plan, pair);
    out.line("    risk: high", None);
    let recorded = [0, 1].map(|s| all.sides[s].recorded);
    let regions = [plan.regions[0].as_str(), plan.regions[1].as_str()];
    let mut ignored = Vec::new();
    out.line("    columns:", None);
    for name in column_names(pair) {
        let sightings = pair.facts.map(|f| f.and_then(|f| f.sighting(name)));
        match decide(sightings, recorded, regions) {
            Decision::Ignore { reason, why } => ignored.push((name, reason, why)),
            Decision::Compare { column, unknown_scale, why } => {
                out.unknown += unknown_scale.iter().filter(|u| **u).count();
                let text = column_text(&column, unknown_scale);
                out.line(&format!("      {}: {text}", scalar(name)), why.as_deref());
            }
        }
    }
    if !ignored.is_empty() {
        out.line("    ignore:", None);
    }
    for (name, reason, why) in ignored {
        out.line(&format!("      {}: {}", scalar(name), quoted(&reason)), Some(&why));
    }
}

/// The first side's order, then what only the second has.
fn column_names<'a>(pair: &'a Pair<'_>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for facts in pair.facts.iter().flatten() {
        for (name, _) in &facts.columns {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names
}

fn key(pair: &Pair<'_>) -> (String, Option<String>) {
    let from_events = pair.facts.iter().flatten().find_map(|f| f.key.clone());
    let guessed = from_events.is_none();
    let mut names = from_events.unwrap_or_else(|| pair.first().map(likely_key).unwrap_or_default());
    let tenant = names.iter().position(|n| n == "tenant" || n == "tenant_id").filter(|_| names.len() > 1);
    let (tenant, no_tenant) = match tenant {
        Some(at) => (scalar(&names.remove(at)), false),
        None => ("{ const: \"-\" }".to_owned(), true),
    };
    let ids: Vec<String> = names.iter().map(|n| scalar(n)).collect();
    let why = match (guessed, no_tenant) {
        (true, _) => Some("bare values have no key; name its columns"),
        (false, true) => Some("the key has no column `tenant`"),
        (false, false) => None,
    };
    (format!("{{ tenant: {tenant}, id: [{}] }}", ids.join(", ")), why.map(str::to_owned))
}

/// Without an event key: tenant and id by their names, else the first column.
fn likely_key(facts: &TopicFacts) -> Vec<String> {
    let has = |name: &&str| facts.index.contains_key(*name);
    let mut key: Vec<&str> = ["tenant", "tenant_id"].into_iter().find(has).into_iter().collect();
    let first = facts.columns.first().map(|(name, _)| name.as_str());
    key.extend(["id", "uuid"].into_iter().find(has).or(first.filter(|f| !key.contains(f))));
    key.into_iter().map(str::to_owned).collect()
}

fn replication(out: &mut Writer, plan: &Plan<'_>, pair: &Pair<'_>) {
    let origins = |side: usize| pair.facts[side].map(|f| &f.origins).filter(|o| !o.is_empty());
    if origins(0).or(origins(1)).is_none() {
        out.line("    replication: opaque", Some("no event has a replication origin"));
        return;
    }
    out.line("    replication: native", Some("events have a replication origin"));
    let list = |side: usize| {
        let names: Vec<String> = origins(side)?.iter().map(|o| scalar(o)).collect();
        Some(format!("{}: [{}]", scalar(&plan.regions[side]), names.join(", ")))
    };
    let all: Vec<String> = [0, 1].into_iter().filter_map(list).collect();
    out.line(
        &format!("    origins: {{ {} }}", all.join(", ")),
        Some("every origin seen; keep those that may write there"),
    );
}

fn column_text(column: &Column, unknown: [bool; 2]) -> String {
    let mut parts = Vec::new();
    if let Logical::Array(element) = &column.logical {
        parts.push(format!("of: {}", column_text(element, [false, false])));
    }
    let sides = [0, 1].map(|s| physical(&column.wires[s], &column.logical, unknown[s]));
    if sides[0] == sides[1] {
        parts.extend(sides[0].iter().cloned());
    } else {
        for (name, side) in ["lhs", "rhs"].iter().zip(&sides).filter(|(_, side)| !side.is_empty()) {
            parts.push(format!("{name}: {{ {} }}", side.join(", ")));
        }
    }
    if column.toast {
        parts.push("toast: true".into());
    }
    match parts.is_empty() {
        true => column.logical.name().to_owned(),
        false => format!("{{ type: {}, {} }}", column.logical.name(), parts.join(", ")),
    }
}

/// What a side's wire needs in writing; numbers are how integers come anyway.
fn physical(physical: &Physical, logical: &Logical, unknown: bool) -> Vec<String> {
    let wire = physical.wire.filter(|w| !(*logical == Logical::Int && *w == Wire::Number));
    let wire = wire.filter(|w| !(*logical == Logical::Timestamptz && *w == Wire::Iso));
    let mut parts: Vec<String> = wire.map(|w| format!("wire: {}", w.name())).into_iter().collect();
    match physical.scale {
        Some(scale) => parts.push(format!("scale: {scale}")),
        None if unknown => parts.push("scale: ?".into()),
        None => {}
    }
    parts
}

/// Plain where that cannot be read as something else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if word { text.to_owned() } else { quoted(text) }
}

/// Double quotes with JSON's escapes, which YAML reads.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
