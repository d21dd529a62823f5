//! Which topics of the two sides are copies of one table, and what the sides are called.

use super::{BARE, Collector, SideFacts, TopicFacts};

pub struct Plan<'a> {
    pub connectors: [String; 2],
    pub regions: [String; 2],
    pub job: String,
    /// Names are no facts: where they come from.
    pub named: String,
    pub tables: Vec<Pair<'a>>,
    /// Topics without a copy on the other side.
    pub alone: Vec<(usize, &'a str)>,
}

pub struct Pair<'a> {
    pub kind: String,
    pub topics: [String; 2],
    pub facts: [Option<&'a TopicFacts>; 2],
}

impl Pair<'_> {
    pub fn first(&self) -> Option<&TopicFacts> {
        self.facts[0].or(self.facts[1])
    }
}

pub fn pair(all: &Collector) -> Result<Plan<'_>, String> {
    let sides = &all.sides;
    if sides.iter().any(|s| s.recorded && !has_rows(s)) {
        return Err("no change events of a table were found".into());
    }
    if sides.iter().any(|s| s.topics.contains_key(BARE)) && all.table.is_none() {
        return Err("bare values do not say which table they belong to".into());
    }
    let known = [connector(&sides[0]), connector(&sides[1])];
    let connectors = [0, 1].map(|i| if sides[i].recorded { known[i].clone() } else { known[1 - i].clone() });
    let (regions, job, named) = names(&connectors);
    let mut plan = Plan { connectors, regions, job, named, tables: Vec::new(), alone: Vec::new() };
    for (topic, facts) in &sides[0].topics {
        let other = counterpart(all, &plan.connectors, topic);
        if other.is_none() && sides[1].recorded {
            plan.alone.push((0, topic));
            continue;
        }
        add(&mut plan, all, [topic, other.unwrap_or(topic)], [Some(facts), other.and_then(|t| sides[1].topics.get(t))]);
    }
    for topic in sides[1].topics.keys() {
        if !plan.tables.iter().any(|p| p.facts[1].is_some_and(|f| std::ptr::eq(f, &sides[1].topics[topic]))) {
            plan.alone.push((1, topic));
        }
    }
    match plan.tables.is_empty() {
        true => Err("no topic of one side has a name like one of the other".into()),
        false => Ok(plan),
    }
}

fn has_rows(side: &SideFacts) -> bool {
    side.topics.values().any(|t| !t.columns.is_empty())
}

/// The other side's topic with the same name after the connector; the only ones of both sides are a pair anyway.
fn counterpart<'a>(all: &'a Collector, connectors: &[String; 2], topic: &str) -> Option<&'a str> {
    let topics = &all.sides[1].topics;
    let rest = |topic: &str, connector: &str| topic.strip_prefix(connector).map(str::to_owned);
    let wanted = rest(topic, &connectors[0]);
    let same = topics.keys().find(|t| wanted.is_some() && rest(t, &connectors[1]) == wanted);
    let only = || topics.keys().next().filter(|_| topics.len() == 1 && all.sides[0].topics.len() == 1);
    same.or_else(only).map(String::as_str)
}

fn add<'a>(plan: &mut Plan<'a>, all: &Collector, topics: [&str; 2], facts: [Option<&'a TopicFacts>; 2]) {
    let first = facts[0].or(facts[1]);
    let topics = [0, 1].map(|side| {
        let own = facts[side].or(first);
        match topics[side] {
            BARE => bare_topic(plan, all, side, own),
            named => named.to_owned(),
        }
    });
    let last = topics[0].rsplit('.').next().unwrap_or_default().to_owned();
    let table = first.and_then(|f| f.table.clone());
    let kind = all.table.clone().or(table).unwrap_or(last);
    let taken = |kind: &str| plan.tables.iter().any(|p| p.kind == kind);
    let kind = if taken(&kind) {
        let rest = topics[0].strip_prefix(&plan.connectors[0]).unwrap_or(&topics[0]);
        rest.trim_start_matches('.').to_owned()
    } else {
        kind
    };
    plan.tables.push(Pair { kind, topics, facts });
}

/// A bare value's topic is what its connector would call it.
fn bare_topic(plan: &Plan<'_>, all: &Collector, side: usize, facts: Option<&TopicFacts>) -> String {
    let kind = all.table.clone().unwrap_or_default();
    let part = |of: fn(&TopicFacts) -> &Option<String>| facts.and_then(|f| of(f).clone());
    let schema = part(|f| &f.schema_name).map(|s| format!("{s}."));
    let table = part(|f| &f.table).unwrap_or(kind);
    format!("{}.{}{table}", plan.connectors[side], schema.unwrap_or_default())
}

/// The connector by the source block, else by the heartbeat topic, else the first two segments of a topic.
fn connector(side: &SideFacts) -> String {
    if let Some(name) = side.topics.values().find_map(|t| t.connector.clone()) {
        return name;
    }
    if let Some(name) = side.heartbeats.keys().next() {
        return name.clone();
    }
    let topic = side.topics.keys().next().map_or("", String::as_str);
    let segments: Vec<&str> = topic.split('.').collect();
    match segments.len() {
        0..=2 => segments[0].to_owned(),
        _ => segments[..2].join("."),
    }
}

/// Regions are what differs between the connectors, the job is what they share.
fn names(connectors: &[String; 2]) -> ([String; 2], String, String) {
    let [a, b] = [0, 1].map(|i| connectors[i].split('.').collect::<Vec<_>>());
    let differing: Vec<usize> = (0..a.len().min(b.len())).filter(|i| a[*i] != b[*i]).collect();
    let shared: Vec<&str> = (0..a.len().min(b.len())).filter(|i| a[*i] == b[*i]).map(|i| a[i]).collect();
    let clean = |text: String| -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        text.chars().take(100).map(allowed).collect()
    };
    let job = match clean(shared.join("-")) {
        empty if empty.is_empty() => "audit".to_owned(),
        job => job,
    };
    if a.len() == b.len() && !differing.is_empty() {
        let region = |of: &[&str]| differing.iter().map(|i| of[*i]).collect::<Vec<_>>().join(".");
        return ([region(&a), region(&b)], job, "by the connectors' names".into());
    }
    (["lhs".into(), "rhs".into()], job, "the connectors do not tell the regions".into())
}
