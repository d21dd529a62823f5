//! Canonical keys, from the event key, else from the row, else (delete) from `before`.

use super::canon::{Canon, Conv};
use super::json::scan::{self, Kind, Span};
use super::json::text::encode;
use super::types::{Logical, Table, Tenant};

/// Reads the keys of one table on one side.
pub struct KeyReader {
    /// `"acme"` of a constant tenant.
    constant: Option<Vec<u8>>,
    /// Columns in key order with their conversion.
    columns: Vec<(String, Conv)>,
}

type Read = Result<(), String>;

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
        self.from_object(key, Some(object), canon, out)
    }

    /// From an object of columns.
    pub fn from_object(&self, b: &[u8], object: Option<Span>, canon: &mut Canon, out: &mut Vec<u8>) -> Read {
        let Some(object) = object.filter(|o| o.kind == Kind::Object) else {
            return Err("neither the event key nor `before` holds the key".into());
        };
        let mut found: [Option<Span>; 16] = [None; 16];
        if self.columns.len() > found.len() {
            return Err("a key of more than 16 columns".into());
        }
        scan::members(b, object, |name, value| {
            for (i, (column, _)) in self.columns.iter().enumerate() {
                if name.inner(b) == column.as_bytes() && found[i].replace(value).is_some() {
                    return scan::fault(name.start as usize, "duplicate JSON key");
                }
            }
            Ok(())
        })
        .map_err(|f| f.what.to_owned())?;
        self.write(b, |i, _| found[i].map(|span| (span, &self.columns[i].1)), canon, out)
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
            let Some((span, conv)) = value(i, name) else { return Err(format!("key column `{name}` is missing")) };
            if span.kind == Kind::Null {
                return Err(format!("key column `{name}` is null"));
            }
            canon.write(conv, b, span, out).map_err(|cause| format!("key column `{name}`: {cause}"))?;
        }
        Ok(())
    }
}

/// The object of columns in an event key.
pub fn key_object(key: &[u8]) -> Result<Span, String> {
    if key.first() == Some(&0) {
        return Err("the key is in a schema registry's binary format".into());
    }
    let object = scan::document(key).map_err(|f| format!("event key: {}", f.what))?;
    if object.kind != Kind::Object {
        return Err(format!("the event key is {}, an object was expected", object.kind.name()));
    }
    let (mut payload, mut count, mut has_schema) = (None, 0, false);
    scan::members(key, object, |name, value| {
        count += 1;
        has_schema |= name.inner(key) == b"schema";
        if name.inner(key) == b"payload" && value.kind == Kind::Object {
            payload = Some(value);
        }
        Ok(())
    })
    .map_err(|f| f.what.to_owned())?;
    Ok(payload.filter(|_| count == 2 && has_schema).unwrap_or(object))
}

/// Whether keys of this table hold numbers where the record `id` shows plain text.
pub fn is_number(logical: &Logical) -> bool {
    matches!(logical, Logical::Int | Logical::Decimal | Logical::Float32 | Logical::Float64)
}
