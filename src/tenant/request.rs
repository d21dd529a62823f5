//! One line of requests: parsed once, strictly, and cut down to what the policy reads.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

use super::reads::Reads;
use crate::clock::parse_rfc3339_ms;
use crate::policy::{Value, number};
use crate::text::{pointer_key, without_middle};

pub const SCHEMA: &str = "govctl.tenant.request/1";
pub const MAX_LINE: usize = 1 << 20;
/// The members of a request that must be objects where they are there.
const OBJECTS: [&str; 4] = ["subject", "tenant", "resource", "context"];
/// More members than these are not looked through one by one.
const FEW: usize = 16;

/// A JSON value that borrows from its line.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// Sorted by key.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As the engines take it.
    pub fn value(&self) -> Value {
        match self {
            Node::Null => Value::Null,
            Node::Bool(b) => Value::from(*b),
            Node::Number(n) => match (n.as_u64(), n.as_i64()) {
                (Some(n), _) => Value::from(n),
                (_, Some(n)) => Value::from(n),
                _ => Value::from(n.as_f64().unwrap_or(f64::NAN)),
            },
            Node::Text(text) => Value::from(text.as_ref()),
            Node::List(items) => Value::from(items.iter().map(Node::value).collect::<Vec<_>>()),
            Node::Object(members) => {
                let members = members.iter().map(|(key, node)| (Value::from(key.as_ref()), node.value()));
                Value::from(members.collect::<BTreeMap<_, _>>())
            }
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => to.serialize_unit(),
            Node::Bool(b) => to.serialize_bool(*b),
            Node::Number(n) => n.serialize(to),
            Node::Text(text) => to.serialize_str(text),
            Node::List(items) => to.collect_seq(items),
            Node::Object(members) => {
                let mut map = to.serialize_map(Some(members.len()))?;
                for (key, node) in members {
                    map.serialize_entry(key, node)?;
                }
                map.end()
            }
        }
    }
}

/// What a line says.
#[derive(Debug, PartialEq)]
pub struct Request<'a> {
    pub request_id: Option<Cow<'a, str>>,
    /// RFC 3339.
    pub ts: Option<Cow<'a, str>>,
    /// `tenant.id`, where it is a text.
    pub tenant: Option<Cow<'a, str>>,
    /// What the policy reads of it.
    pub input: Node<'a>,
    /// JSON pointers of all that it does not read, in the order of the line.
    pub erased: Vec<String>,
}

/// Why a line is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// From 1, in bytes.
    pub column: Option<u64>,
    pub message: String,
    /// It is a record of govctl that asks for nothing: readers pass over types that they do not know.
    pub other_record: bool,
}

impl Unreadable {
    fn new(message: impl Into<String>) -> Self {
        Unreadable { column: None, message: message.into(), other_record: false }
    }

    pub fn too_long() -> Self {
        Unreadable::new("the line is longer than 1 MiB")
    }
}

/// Reads a line, a record or a bare input document.
pub fn read<'a>(line: &'a [u8], reads: &Reads) -> Result<Request<'a>, Unreadable> {
    if line.len() > MAX_LINE {
        return Err(Unreadable::too_long());
    }
    let text = simdutf8::compat::from_utf8(line).map_err(|e| Unreadable {
        column: Some(e.valid_up_to() as u64 + 1),
        ..Unreadable::new("the line is not UTF-8")
    })?;
    let mut from = serde_json::Deserializer::from_str(text);
    let mut found = Found { line: text, ..Found::default() };
    let node = from.deserialize_map(Seed { wanted: Wanted::of(reads), found: &mut found });
    let node = node
        .and_then(|node| from.end().map(|()| node))
        .map_err(|e| Unreadable { column: Some(e.column() as u64).filter(|c| *c > 0), ..Unreadable::new(said(&e)) })?;
    found.request(node)
}

/// Whether this names the type of a record, as `govctl.diff/1` and `acme.request/2` do.
fn is_type(schema: &str) -> bool {
    let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    let parts = schema.rsplit_once('/').filter(|(name, major)| !name.is_empty() && !major.is_empty());
    parts.is_some_and(|(name, major)| name.chars().all(of_name) && major.chars().all(|c| c.is_ascii_digit()))
}

/// The parser's words without the position, which is given apart.
fn said(e: &serde_json::Error) -> String {
    let text = e.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    match e.classify() {
        serde_json::error::Category::Data => text.to_owned(),
        _ => format!("the line is no JSON: {text}"),
    }
}

/// What was met on the way.
#[derive(Default)]
struct Found<'a> {
    line: &'a str,
    /// How many numbers were met, and of those looked up in the line how many and up to which byte.
    numbers: usize,
    looked_up: (usize, usize),
    /// Of the value that is being read.
    pointer: String,
    depth: usize,
    erased: Vec<String>,
    schema: Option<Node<'a>>,
    request_id: Option<Node<'a>>,
    ts: Option<Node<'a>>,
    tenant: Option<Cow<'a, str>>,
    /// The first of [`OBJECTS`] that is none.
    no_object: Option<&'static str>,
}

impl<'a> Found<'a> {
    fn request(mut self, input: Node<'a>) -> Result<Request<'a>, Unreadable> {
        let schema = self.schema.as_ref().and_then(Node::text).unwrap_or_default();
        let is_record = schema == SCHEMA;
        if is_type(schema) && !is_record {
            let message = format!("is a `{}` record; `{SCHEMA}` was expected", without_middle(schema, 80));
            let same = schema.rsplit_once('/').map(|(name, _)| name) == SCHEMA.rsplit_once('/').map(|(name, _)| name);
            let other_record = schema.starts_with("govctl.") && !same;
            return Err(Unreadable { other_record, ..Unreadable::new(message) });
        }
        if let Some(name) = self.no_object.filter(|_| is_record) {
            return Err(Unreadable::new(format!("`{name}` is no object")));
        }
        let is_time = |text: &str| parse_rfc3339_ms(text, "ts").is_ok();
        let request_id = self.own("request_id", self.request_id.clone(), is_record, |_| true)?;
        let ts = self.own("ts", self.ts.clone(), is_record, is_time)?;
        // A member that is shown in a place of its own is not erased.
        let shown = |pointer: &str| match pointer {
            "/schema" => is_record,
            "/request_id" => request_id.is_some(),
            "/ts" => ts.is_some(),
            _ => false,
        };
        self.erased.retain(|pointer| !shown(pointer));
        Ok(Request { request_id, ts, tenant: self.tenant, input, erased: self.erased })
    }

    /// A text of the record itself. In a bare document such a member is a field like any other where it is none.
    fn own(
        &self,
        name: &str,
        node: Option<Node<'a>>,
        is_record: bool,
        fits: impl Fn(&str) -> bool,
    ) -> Result<Option<Cow<'a, str>>, Unreadable> {
        match node {
            Some(Node::Text(text)) if fits(&text) => Ok(Some(text)),
            Some(_) if is_record => Err(Unreadable::new(match name {
                "ts" => "`ts` is no RFC 3339 time".to_owned(),
                _ => format!("`{name}` is no text"),
            })),
            _ => Ok(None),
        }
    }

    /// The number that was just read, as it is written.
    fn number(&mut self) -> Option<&'a str> {
        let (mut count, mut at) = self.looked_up;
        let mut range = 0..0;
        while count < self.numbers {
            range = number::next_number(self.line, at)?;
            (count, at) = (count + 1, range.end);
        }
        self.looked_up = (count, at);
        Some(&self.line[range])
    }

    fn enter(&mut self, key: &str) -> usize {
        let length = self.pointer.len();
        self.pointer.push('/');
        if key.contains(['~', '/']) {
            self.pointer.push_str(&pointer_key(key));
        } else {
            self.pointer.push_str(key);
        }
        self.depth += 1;
        length
    }

    fn leave(&mut self, length: usize) {
        self.pointer.truncate(length);
        self.depth -= 1;
    }

    /// Looks at the member that was just read.
    fn member(&mut self, key: &str, node: &Node<'a>) {
        match (self.depth, key) {
            (1, "schema") => self.schema = Some(node.clone()),
            (1, "request_id") => self.request_id = Some(node.clone()),
            (1, "ts") => self.ts = Some(node.clone()),
            (2, "id") if self.pointer == "/tenant/id" => {
                if let Node::Text(text) = node {
                    self.tenant = Some(text.clone());
                }
            }
            _ => {}
        }
        if self.depth == 1 && !matches!(node, Node::Object(_)) {
            self.no_object = self.no_object.or(OBJECTS.into_iter().find(|name| *name == key));
        }
    }
}

/// Which part of a value is kept.
#[derive(Clone, Copy)]
enum Wanted<'r> {
    All,
    Some(&'r Reads),
    /// Scalars are given all the same.
    Nothing,
}

impl<'r> Wanted<'r> {
    fn of(reads: &'r Reads) -> Self {
        if reads.whole() { Wanted::All } else { Wanted::Some(reads) }
    }

    fn member(self, key: &str) -> Wanted<'r> {
        match self {
            Wanted::Some(reads) => reads.member(key).map_or(Wanted::Nothing, Wanted::of),
            other => other,
        }
    }

    fn nothing(self) -> bool {
        matches!(self, Wanted::Nothing)
    }
}

struct Seed<'s, 'r, 'a> {
    wanted: Wanted<'r>,
    found: &'s mut Found<'a>,
}

impl<'a> DeserializeSeed<'a> for Seed<'_, '_, 'a> {
    type Value = Node<'a>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Node<'a>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Seed<'_, '_, 'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_unit<E>(self) -> Result<Node<'a>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Node<'a>, E> {
        Ok(Node::Bool(b))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Node<'a>, E> {
        self.found.numbers += 1;
        Ok(Node::Number(n.into()))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Node<'a>, E> {
        self.found.numbers += 1;
        Ok(Node::Number(n.into()))
    }

    fn visit_f64<E: de::Error>(self, n: f64) -> Result<Node<'a>, E> {
        self.found.numbers += 1;
        if !self.wanted.nothing()
            && let Some(text) = self.found.number().filter(|text| !number::is_held(text, n))
        {
            let (pointer, text) = (&self.found.pointer, without_middle(text, 40));
            return Err(E::custom(format!(
                "the number {text} at {pointer} has more digits than a double holds and would be decided as {n:?}"
            )));
        }
        Number::from_f64(n).map(Node::Number).ok_or_else(|| E::custom("a number leaves the range of a double"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'a>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Node<'a>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Node<'a>, A::Error> {
        let Seed { wanted, found } = self;
        // A list that is read in some of its members only is kept as it is: their keys are no names.
        let wanted = if wanted.nothing() { wanted } else { Wanted::All };
        let mut items = Vec::new();
        while let Some(item) = {
            found.depth += 1;
            let item = list.next_element_seed(Seed { wanted, found });
            found.depth -= 1;
            item?
        } {
            if !wanted.nothing() {
                items.push(item);
            }
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Node<'a>, A::Error> {
        let Seed { wanted, found } = self;
        let (mut members, mut keys) = (Vec::new(), Keys::default());
        while let Some(key) = map.next_key_seed(Key)? {
            if keys.holds(&key) {
                return Err(de::Error::custom(format!("the key `{key}` stands twice in one object")));
            }
            let below = wanted.member(&key);
            let length = found.enter(&key);
            let node = map.next_value_seed(Seed { wanted: below, found: &mut *found })?;
            found.member(&key, &node);
            if below.nothing() && !wanted.nothing() {
                found.erased.push(found.pointer.clone());
            }
            found.leave(length);
            if !below.nothing() {
                members.push((key.clone(), node));
            }
            keys.add(key);
        }
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(Node::Object(members))
    }
}

/// The keys of an object so far.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<Cow<'a, str>>,
    many: BTreeSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    fn holds(&self, key: &str) -> bool {
        if self.many.is_empty() { self.few.iter().any(|own| own == key) } else { self.many.contains(key) }
    }

    fn add(&mut self, key: Cow<'a, str>) {
        if self.few.len() == FEW && self.many.is_empty() {
            self.many.extend(self.few.drain(..));
        }
        if self.many.is_empty() {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
    }
}

struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Cow<'a, str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests;
