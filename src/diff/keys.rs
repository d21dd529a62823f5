//! Canonical keys, from the event key, else from the row, else (delete) from `before`.

use super::canon::{Canon, Conv};
use super::event::{array_of, parts_of};
use super::names::unescaped;
use super::types::{Logical, Table, Tenant};
use crate::json::scan::{self, Fault, Kind, Span};
use crate::json::text::encode;

/// An event key has no more columns.
const MOST_COLUMNS: usize = 16;

/// Where the values of the key columns stand, in key order; None where there is none.
pub type KeySpans = [Option<Span>; MOST_COLUMNS];

/// Reads the keys of one table on one side.
pub struct KeyReader {
    /// `"acme"` of a constant tenant.
    constant: Option<Vec<u8>>,
    /// Columns in key order with their conversion.
    columns: Vec<(String, Conv)>,
}

/// Why a key cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum BadKey {
    /// The byte is one of the text that the key was read from.
    Unreadable { cause: String, at: Option<usize> },
    /// The event key has columns that the declared key lacks: several rows would be taken for one.
    Wider(Vec<String>),
}

impl BadKey {
    fn unreadable(cause: impl Into<String>) -> Self {
        BadKey::Unreadable { cause: cause.into(), at: None }
    }
}

impl std::fmt::Display for BadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BadKey::Unreadable { cause, at: None } => f.write_str(cause),
            BadKey::Unreadable { cause, at: Some(at) } => write!(f, "{cause} (byte {})", at + 1),
            BadKey::Wider(columns) => write!(f, "the event key also has the columns {}", columns.join(", ")),
        }
    }
}

impl From<Fault> for BadKey {
    fn from(f: Fault) -> Self {
        BadKey::Unreadable { cause: f.what.to_owned(), at: Some(f.at) }
    }
}

type Read = Result<(), BadKey>;

impl KeyReader {
    pub fn new(table: &Table, side: usize) -> Self {
        let constant = match &table.key.tenant {
            Tenant::Const(value) => {
                let mut text = Vec::new();
                encode(value.as_bytes(), &mut text);
                Some(text)
            }
            Tenant::Column(_) => None,
        };
        let conv = |name: &str| table.columns.get(name).map_or(Conv::Value, |c| Conv::of(c, side));
        let columns = table.key.columns().map(|name| (name.to_owned(), conv(name))).collect();
        KeyReader { constant, columns }
    }

    /// From the record's key, which may be wrapped as `{schema, payload}`.
    pub fn from_event_key(&self, key: &[u8], canon: &mut Canon, out: &mut Vec<u8>) -> Read {
        let object = key_object(key)?;
        if self.members(key, object, canon, out)? {
            return Err(BadKey::Wider(self.surplus(key, object)));
        }
        Ok(())
    }

    /// From the object of columns that `before` is.
    pub fn from_before(&self, b: &[u8], object: Option<Span>, canon: &mut Canon, out: &mut Vec<u8>) -> Read {
        match object.filter(|o| o.kind == Kind::Object) {
            Some(object) => self.members(b, object, canon, out).map(|_| ()),
            None => Err(BadKey::unreadable("neither the event key nor `before` holds the key")),
        }
    }

    /// From an object of columns; tells whether it has others than those of the key.
    fn members(&self, b: &[u8], object: Span, canon: &mut Canon, out: &mut Vec<u8>) -> Result<bool, BadKey> {
        let (found, others) = self.find(b, object)?;
        self.write(b, |i, _| found[i].map(|span| (span, &self.columns[i].1)), canon, out)?;
        Ok(others)
    }

    /// The key columns in an object of columns, and whether it has others.
    pub fn find(&self, b: &[u8], object: Span) -> Result<(KeySpans, bool), BadKey> {
        let mut found: KeySpans = [None; MOST_COLUMNS];
        if self.columns.len() > found.len() {
            return Err(BadKey::unreadable(format!("a key of more than {MOST_COLUMNS} columns")));
        }
        let mut others = false;
        scan::members(b, object, |name, value| {
            let text = unescaped(b, name)?;
            match self.columns.iter().position(|(column, _)| *text == *column.as_bytes()) {
                Some(i) if found[i].replace(value).is_some() => {
                    return scan::fault(name.start as usize, "duplicate JSON key");
                }
                Some(_) => {}
                None => others = true,
            }
            Ok(())
        })?;
        Ok((found, others))
    }

    /// Names in an object that are no columns of the key.
    fn surplus(&self, b: &[u8], object: Span) -> Vec<String> {
        let mut names = Vec::new();
        // The object was walked before.
        let _ = scan::members(b, object, |name, _| {
            let text = String::from_utf8_lossy(&unescaped(b, name)?).into_owned();
            if !self.columns.iter().any(|(column, _)| *column == text) {
                names.push(text);
            }
            Ok(())
        });
        names
    }

    /// From the canonical texts of the key columns, in their order.
    pub fn from_texts<'t>(&self, texts: impl Iterator<Item = &'t [u8]>, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(self.constant.as_deref().unwrap_or_default());
        for text in texts {
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(text);
        }
    }

    /// Whether these canonical texts of the key columns make up a key's body.
    pub fn is<'t>(&self, texts: impl Iterator<Item = &'t [u8]>, body: &[u8]) -> bool {
        let Some(mut rest) = body.strip_prefix(self.constant.as_deref().unwrap_or_default()) else { return false };
        for text in texts {
            let comma: &[u8] = if rest.len() < body.len() { b"," } else { b"" };
            let Some(behind) = rest.strip_prefix(comma).and_then(|rest| rest.strip_prefix(text)) else { return false };
            rest = behind;
        }
        rest.is_empty()
    }

    /// Whether a row's columns are read as those of the event key; else their texts cannot be compared.
    pub fn reads_like<'p>(&self, conv: impl Fn(&str) -> Option<&'p Conv>) -> bool {
        self.columns.iter().all(|(name, own)| conv(name) == Some(own))
    }

    /// The key columns that a row has.
    pub fn spans(&self, column: impl Fn(&str) -> Option<Span>) -> KeySpans {
        let mut found: KeySpans = [None; MOST_COLUMNS];
        self.columns.iter().zip(&mut found).for_each(|((name, _), span)| *span = column(name));
        found
    }

    /// The key that a row names, where its columns, read as those of the event key, are not those of `body`. What the row
    /// does not tell is taken from there. `nulls`: a null contradicts too.
    pub fn other_than(
        &self,
        body: &[u8],
        b: &[u8],
        found: &KeySpans,
        nulls: bool,
        canon: &mut Canon,
    ) -> Option<Vec<u8>> {
        let mut own = Vec::with_capacity(body.len());
        let read = self.write(b, |i, _| found[i].map(|span| (span, &self.columns[i].1)), canon, &mut own);
        if read.is_ok() && own == body {
            return None;
        }
        let array = array_of(body);
        let (mut differs, mut parts) = (false, parts_of(&array).unwrap_or_default().into_iter());
        own.clear();
        if let Some(constant) = &self.constant {
            own.extend_from_slice(constant);
            parts.next();
        }
        for ((_, conv), span) in self.columns.iter().zip(found) {
            let part = parts.next().unwrap_or_default();
            if !own.is_empty() {
                own.push(b',');
            }
            let start = own.len();
            let told = span.filter(|s| s.kind != Kind::Null);
            if told.is_some_and(|span| canon.write(conv, b, span, &mut own).is_ok()) {
                differs |= own[start..] != *part.as_bytes();
            } else {
                differs |= told.is_some() || nulls && span.is_some();
                own.truncate(start);
                own.extend_from_slice(part.as_bytes());
            }
        }
        differs.then_some(own)
    }

    /// From the columns of a row.
    pub fn from_row<'p>(
        &self,
        b: &[u8],
        column: impl Fn(&str) -> Option<(Span, &'p Conv)>,
        canon: &mut Canon,
        out: &mut Vec<u8>,
    ) -> Read {
        self.write(b, |_, name| column(name), canon, out)
    }

    fn write<'p>(
        &self,
        b: &[u8],
        value: impl Fn(usize, &str) -> Option<(Span, &'p Conv)>,
        canon: &mut Canon,
        out: &mut Vec<u8>,
    ) -> Read {
        let start = out.len();
        if let Some(constant) = &self.constant {
            out.extend_from_slice(constant);
        }
        for (i, (name, _)) in self.columns.iter().enumerate() {
            if out.len() > start {
                out.push(b',');
            }
            let bad = |cause: String, span: Option<Span>| BadKey::Unreadable {
                cause: format!("key column `{name}`{cause}"),
                at: span.map(|s| s.start as usize),
            };
            let Some((span, conv)) = value(i, name) else { return Err(bad(" is missing".into(), None)) };
            if span.kind == Kind::Null {
                return Err(bad(" is null".into(), Some(span)));
            }
            canon.write(conv, b, span, out).map_err(|cause| bad(format!(": {cause}"), Some(span)))?;
        }
        Ok(())
    }
}

/// The object of columns in an event key.
pub fn key_object(key: &[u8]) -> Result<Span, BadKey> {
    if key.first() == Some(&0) {
        return Err(BadKey::unreadable("the key is in a schema registry's binary format"));
    }
    let object = scan::document(key)
        .map_err(|f| BadKey::Unreadable { cause: format!("event key: {}", f.what), at: Some(f.at) })?;
    if object.kind != Kind::Object {
        return Err(BadKey::unreadable(format!("the event key is {}, an object was expected", object.kind.name())));
    }
    let (mut payload, mut count, mut has_schema) = (None, 0, false);
    scan::members(key, object, |name, value| {
        count += 1;
        has_schema |= name.inner(key) == b"schema";
        if name.inner(key) == b"payload" && value.kind == Kind::Object {
            payload = Some(value);
        }
        Ok(())
    })?;
    Ok(payload.filter(|_| count == 2 && has_schema).unwrap_or(object))
}

/// Whether keys of this table hold numbers where the record `id` shows plain text.
pub fn is_number(logical: &Logical) -> bool {
    matches!(logical, Logical::Int | Logical::Decimal | Logical::Float32 | Logical::Float64)
}
