//! A deny code in words: which datum it was that failed. Told from the request and the data by the table of codes, for
//! codes that the policy gave.

use std::sync::Arc;

use super::decide::EVAL_ERROR;
use super::oracle::Deny;
use super::request::Node;
use crate::error::did_you_mean;
use crate::record::tenant::decision::{Fact, FactOf, Reason};
use crate::tenants::data::{Data, Rules};
use crate::text::pointer_key;

/// A field, and what it must be.
const FIELDS: [(&str, &str, &str); 7] = [
    ("subject", "authenticated", "true or false"),
    ("tenant", "id", "a text"),
    ("resource", "tenant", "a text"),
    ("resource", "kind", "a text"),
    ("resource", "classification", "a text or a number"),
    ("resource", "label", "a text"),
    ("context", "region", "a text"),
];

/// A sentence and what it stands on. None where the table of codes has no such reason.
type Told = Option<(String, Vec<Fact>)>;

/// A reason for each code, from the data that the policy had and the input that it read.
pub fn explain(data: &Data, input: &Node<'_>, codes: &[Arc<str>]) -> Vec<Reason> {
    let facts = Facts { data };
    codes.iter().filter(|code| code.as_ref() != EVAL_ERROR).map(|code| facts.reason(input, code)).collect()
}

struct Facts<'d> {
    data: &'d Data,
}

impl Facts<'_> {
    fn reason(&self, input: &Node<'_>, code: &str) -> Reason {
        let request = Asked { input };
        let Some(deny) = Deny::ALL.into_iter().find(|deny| deny.as_str() == code) else {
            let message = "a code of the policy's own; the table of codes does not say what it stands for".to_owned();
            return Reason { code: code.to_owned(), message, facts: Vec::new() };
        };
        let told = match deny {
            Deny::Malformed => request.malformed(),
            Deny::Unauthenticated => request.unauthenticated(),
            Deny::UnknownTenant => self.unknown_tenant(&request),
            Deny::TenantMismatch => request.mismatch(),
            Deny::Residency => self.residency(&request),
            Deny::Classification => self.classification(&request),
            Deny::Label => self.label(&request),
        };
        let (message, facts) = told.unwrap_or_else(|| {
            ("the table of codes has no reason for it here: the policy decides by a rule of its own".to_owned(), vec![])
        });
        Reason { code: code.to_owned(), message, facts }
    }

    fn unknown_tenant(&self, request: &Asked) -> Told {
        let id = request.text("tenant", "id")?;
        let known = || self.data.tenants.keys().map(String::as_str);
        let text = format!("there is no tenant {}{}", quoted(id), hint(id, known()));
        (!self.data.tenants.contains_key(id)).then(|| (text, vec![request.fact("tenant", "id")]))
    }

    fn residency(&self, request: &Asked) -> Told {
        let (id, rules) = self.tenant(request)?;
        let (place, home) = (request.text("context", "region")?, rules.region.as_str());
        let facts = vec![request.fact("context", "region"), given(id, "region", home.into())];
        let text = match self.data.regions.get(place) {
            None => {
                let known = self.data.regions.keys().map(String::as_str);
                format!("region {} is not declared{}", quoted(place), hint(place, known))
            }
            Some(within) if within.iter().any(|region| region == home) => return None,
            Some(_) if self.data.regions.get(home).is_some_and(|within| within.iter().any(|r| r == place)) => {
                format!("{id} is at home in `{home}`; `{place}` is wider than that and may lie outside")
            }
            Some(_) => format!("{id} is at home in `{home}`; `{place}` does not lie in it"),
        };
        Some((text, facts))
    }

    fn label(&self, request: &Asked) -> Told {
        let (id, rules) = self.tenant(request)?;
        let label = request.text("resource", "label")?;
        if rules.labels.iter().any(|held| held == label) {
            return None;
        }
        let hint = hint(label, rules.labels.iter().map(String::as_str));
        let held = if rules.labels.is_empty() { "none".to_owned() } else { rules.labels.join(", ") };
        let facts = vec![request.fact("resource", "label"), given(id, "labels", rules.labels.clone().into())];
        Some((format!("{id} does not hold label {}{hint}; it holds {held}", quoted(label)), facts))
    }

    fn classification(&self, request: &Asked) -> Told {
        let (id, rules) = self.tenant(request)?;
        let kind = request.text("resource", "kind")?;
        let Some(ceiling) = rules.data_classes.get(kind).copied() else {
            let hint = hint(kind, rules.data_classes.keys().map(String::as_str));
            let text = format!("{id} has no class for kind {}{hint}", quoted(kind));
            return Some((text, vec![request.fact("resource", "kind")]));
        };
        let facts = vec![
            request.fact("resource", "classification"),
            given(id, &format!("data_classes/{}", pointer_key(kind)), ceiling.into()),
        ];
        let classes = &self.data.classifications;
        let name = |rank: u64| classes.iter().find(|(_, r)| **r == rank).map_or("?", |(name, _)| name.as_str());
        let rank = match request.get("resource", "classification")? {
            Node::Text(class) => match classes.get(class.as_ref()) {
                Some(rank) => *rank,
                None => {
                    let hint = hint(class, classes.keys().map(String::as_str));
                    return Some((format!("class {} is not declared{hint}", quoted(class)), facts));
                }
            },
            Node::Number(number) => match classes.values().find(|rank| number.as_f64() == Some(**rank as f64)) {
                Some(rank) => *rank,
                None => return Some((format!("no class has rank {number}"), facts)),
            },
            _ => return None,
        };
        let text = format!(
            "{kind} allows rank {ceiling} ({}), the request has {rank} ({}): ceiling {ceiling} < {rank}",
            name(ceiling),
            name(rank),
        );
        (rank > ceiling).then_some((text, facts))
    }

    fn tenant(&self, request: &Asked) -> Option<(&str, &Rules)> {
        self.data.tenants.get_key_value(request.text("tenant", "id")?).map(|(id, rules)| (id.as_str(), rules))
    }
}

/// The request as the policy saw it.
struct Asked<'a> {
    input: &'a Node<'a>,
}

impl<'a> Asked<'a> {
    fn get(&self, object: &str, name: &str) -> Option<&'a Node<'a>> {
        self.input.get(object)?.get(name)
    }

    fn text(&self, object: &str, name: &str) -> Option<&'a str> {
        self.get(object, name)?.text()
    }

    fn fact(&self, object: &str, name: &str) -> Fact {
        let value = self.get(object, name).and_then(|node| serde_json::to_value(node).ok());
        Fact { of: FactOf::Input, pointer: format!("/{object}/{name}"), value }
    }

    fn malformed(&self) -> Told {
        let (mut texts, mut facts) = (Vec::new(), Vec::new());
        for (object, name, expected) in FIELDS {
            let fits = |node: &Node| match node {
                Node::Bool(_) => name == "authenticated",
                Node::Text(_) => name != "authenticated",
                Node::Number(_) => name == "classification",
                _ => false,
            };
            match self.get(object, name) {
                Some(node) if fits(node) => continue,
                Some(node) => texts.push(format!("{object}.{name} is {}, {expected} was expected", sort(node))),
                None => texts.push(format!("{object}.{name} is missing")),
            }
            facts.push(self.fact(object, name));
        }
        (!texts.is_empty()).then(|| (texts.join("; "), facts))
    }

    fn unauthenticated(&self) -> Told {
        let is_true = self.get("subject", "authenticated") == Some(&Node::Bool(true));
        let text = "the subject is not authenticated".to_owned();
        (!is_true).then(|| (text, vec![self.fact("subject", "authenticated")]))
    }

    fn mismatch(&self) -> Told {
        let (id, owner) = (self.text("tenant", "id")?, self.text("resource", "tenant")?);
        let text = format!("tenant {} asks for a resource of {}", quoted(id), quoted(owner));
        (id != owner).then(|| (text, vec![self.fact("tenant", "id"), self.fact("resource", "tenant")]))
    }
}

/// A datum of a tenant.
fn given(id: &str, field: &str, value: serde_json::Value) -> Fact {
    Fact { of: FactOf::Data, pointer: format!("/tenants/{}/{field}", pointer_key(id)), value: Some(value) }
}

/// In words, with what cannot be told by its looks spelled out: a Cyrillic letter looks like a Latin one.
fn quoted(word: &str) -> String {
    if word.is_ascii() {
        return format!("`{word}`");
    }
    let spelled = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    format!("`{word}` (`{}`)", word.chars().map(spelled).collect::<String>())
}

/// The known word that was probably meant. Small letters and capitals are two, whatever the length of the word.
fn hint<'k>(word: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    let same = known.clone().find(|k| k.eq_ignore_ascii_case(word.trim()));
    same.or_else(|| did_you_mean(word, known)).map(|close| format!(" (did you mean `{close}`?)")).unwrap_or_default()
}

fn sort(node: &Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "a boolean",
        Node::Number(_) => "a number",
        Node::Text(_) => "a text",
        Node::List(_) => "a list",
        Node::Object(_) => "an object",
    }
}
