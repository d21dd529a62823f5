//! The first walk over a line of a new shape: what is fixed, what is a value, and which values are wanted.

use super::pattern::{Pattern, Take};
use super::{Constant, Fields, Foreign, Form, Shape, Slot, WORTH_FIXING};
use crate::diff::names::unescaped;
use crate::json::scan::{self, Kind, Scan, Span, fault};

/// Collects steps while it walks a value for the first time.
struct Learner<'a> {
    b: &'a [u8],
    spans: &'a mut Vec<Span>,
    pattern: Pattern,
    leaves: Vec<usize>,
    fixed_from: usize,
    /// The logical name that the events should have; empty where any is right.
    source: &'a str,
    foreign: Option<Foreign>,
}

impl Learner<'_> {
    /// A leaf that would be walked into if it were an object.
    fn never_object(&mut self, span: Span) -> usize {
        let step = self.leaf(span);
        self.leaves.push(step);
        step
    }

    fn leaf(&mut self, span: Span) -> usize {
        self.pattern.fix(&self.b[self.fixed_from..span.start as usize]);
        self.pattern.value(Take::Check);
        self.fixed_from = span.end as usize;
        self.spans.push(span);
        self.spans.len() - 1
    }

    /// Whether a field of the source block says whose events these are. Such a field stays among the fixed bytes, so
    /// that all lines of a shape have the same.
    fn is_identity(&mut self, field: &str, span: Span) -> Scan<bool> {
        if field != "connector" && (field != "name" || self.source.is_empty()) {
            return Ok(false);
        }
        let text = if span.kind.is_string() { unescaped(self.b, span)? } else { span.raw(self.b).into() };
        let text = String::from_utf8_lossy(&text);
        if field == "connector" && text != "postgresql" {
            self.foreign = Some(Foreign::Connector(text.into_owned()));
        } else if field == "name" && span.kind != Kind::Null && text != self.source {
            self.foreign.get_or_insert_with(|| Foreign::Name(text.into_owned()));
        }
        Ok(true)
    }

    /// The members of an object with their decoded names; duplicate names are refused.
    fn members(&self, object: Span) -> Scan<Vec<(String, Span)>> {
        let mut members: Vec<(String, Span)> = Vec::new();
        scan::members(self.b, object, |key, value| {
            let name = String::from_utf8_lossy(&unescaped(self.b, key)?).into_owned();
            if members.iter().any(|(n, _)| *n == name) {
                return fault(key.start as usize, "duplicate JSON key");
            }
            members.push((name, value));
            Ok(())
        })?;
        Ok(members)
    }
}

pub fn learn(b: &[u8], spans: &mut Vec<Span>, source: &str) -> Scan<Shape> {
    spans.clear();
    let root = scan::document(b)?;
    if root.kind != Kind::Object {
        return fault(root.start as usize, "a JSON object was expected");
    }
    let mut learner =
        Learner { b, spans, pattern: Pattern::default(), leaves: Vec::new(), fixed_from: 0, source, foreign: None };
    let mut fields = Fields::default();
    let mut columns = Vec::new();
    let members = learner.members(root)?;
    let wrapped = members.len() == 2 && ["schema", "payload"].iter().all(|n| members.iter().any(|(m, _)| m == n));
    let mut names = Vec::new();
    let form = if wrapped {
        let mut form = Form::Flat;
        for (name, value) in members {
            if name == "payload" && value.kind == Kind::Object {
                let inner = learner.members(value)?;
                names = names_of(&inner);
                form = walk(&mut learner, inner, &mut fields, &mut columns)?;
            } else {
                if name == "schema" {
                    fields.schema = Slot::at(learner.leaf(value));
                } else {
                    fields.after = Slot::at(learner.never_object(value));
                }
            }
        }
        form
    } else {
        names = names_of(&members);
        walk(&mut learner, members, &mut fields, &mut columns)?
    };
    let Learner { mut pattern, leaves, fixed_from, foreign, .. } = learner;
    pattern.fix(&b[fixed_from..]);
    Ok(narrow(b, spans, Whole { form, fields, columns, members: names, foreign, leaves, pattern }))
}

fn names_of(members: &[(String, Span)]) -> Vec<String> {
    members.iter().map(|(name, _)| name.clone()).collect()
}

/// What a first walk found, by step.
struct Whole {
    form: Form,
    fields: Fields,
    columns: Vec<(usize, String)>,
    members: Vec<String>,
    foreign: Option<Foreign>,
    leaves: Vec<usize>,
    pattern: Pattern,
}

/// Decides which values are wanted, and numbers those as slots.
fn narrow(b: &[u8], spans: &mut Vec<Span>, found: Whole) -> Shape {
    let Whole { form, mut fields, mut columns, members, foreign, mut leaves, mut pattern } = found;
    let kind = |slot: Slot| slot.span(spans).map(|s| s.kind);
    let null_lsn = kind(fields.lsn) == Some(Kind::Null);
    if fields.lsn != Slot::default() && !null_lsn {
        fields.sequence = Slot::default();
    }
    if kind(fields.source_ts_us).is_some_and(|k| k != Kind::Null) {
        fields.source_ts_ms = Slot::default();
    }
    if form == Form::Envelope && fields.after == Slot::default() {
        fields.before = Slot::default();
    }
    let all = [
        &mut fields.op,
        &mut fields.ts_ms,
        &mut fields.before,
        &mut fields.after,
        &mut fields.schema,
        &mut fields.lsn,
        &mut fields.sequence,
        &mut fields.source_ts_us,
        &mut fields.source_ts_ms,
        &mut fields.origin,
        &mut fields.origin_lsn,
        &mut fields.deleted,
    ];
    let mut wanted = vec![false; pattern.steps.len()];
    for step in
        all.iter().filter_map(|slot| slot.index()).chain(columns.iter().map(|c| c.0)).chain(leaves.iter().copied())
    {
        wanted[step] = true;
    }
    let mut next = 0;
    let slots: Vec<Option<usize>> = wanted
        .iter()
        .map(|wanted| {
            next += usize::from(*wanted);
            wanted.then(|| next - 1)
        })
        .collect();
    for slot in all {
        slot.renumber(&slots);
    }
    columns.iter_mut().for_each(|c| c.0 = slots[c.0].unwrap_or(0));
    leaves.iter_mut().for_each(|leaf| *leaf = slots[*leaf].unwrap_or(0));
    for (step, _) in pattern.steps.iter_mut().zip(&wanted).filter(|(_, wanted)| **wanted) {
        step.take = Take::Want;
    }
    let constant = spans.iter().zip(&wanted).map(|(span, wanted)| {
        let bytes = span.raw(b);
        (!wanted || bytes.len() >= WORTH_FIXING).then(|| Constant { bytes: bytes.into(), kind: span.kind })
    });
    let constant = constant.collect();
    let mut at = 0;
    spans.retain(|_| {
        at += 1;
        wanted[at - 1]
    });
    Shape { form, fields, columns, members, foreign, leaves, null_lsn, whole: pattern, baked: None, constant, seen: 0 }
}

fn walk(
    learner: &mut Learner<'_>,
    members: Vec<(String, Span)>,
    fields: &mut Fields,
    columns: &mut Vec<(usize, String)>,
) -> Scan<Form> {
    let kind_of = |name: &str| members.iter().find(|(n, _)| n == name).map(|(_, v)| v.kind);
    let envelope = kind_of("op").is_some() && kind_of("source") == Some(Kind::Object);
    for (name, value) in members {
        if !envelope {
            if let Some(field) = name.strip_prefix("__source_")
                && learner.is_identity(field, value)?
            {
                continue;
            }
            let step = if name == "source" { learner.never_object(value) } else { learner.leaf(value) };
            flat_field(&name, step, fields, columns);
            continue;
        }
        match (name.as_str(), value.kind) {
            ("after", Kind::Object) => {
                for (column, value) in learner.members(value)? {
                    let step = learner.leaf(value);
                    columns.push((step, column));
                }
            }
            ("source", Kind::Object) => {
                for (field, value) in learner.members(value)? {
                    if learner.is_identity(&field, value)? {
                        continue;
                    }
                    let step = learner.leaf(value);
                    source_field(&field, step, fields);
                }
            }
            (name, _) => {
                let step = if name == "after" { learner.never_object(value) } else { learner.leaf(value) };
                match name {
                    "op" => fields.op = Slot::at(step),
                    "ts_ms" => fields.ts_ms = Slot::at(step),
                    "before" => fields.before = Slot::at(step),
                    "after" => fields.after = Slot::at(step),
                    _ => {}
                }
            }
        }
    }
    Ok(if envelope { Form::Envelope } else { Form::Flat })
}

/// A field of the source block, which a flattened row carries as `__source_<field>`.
fn source_field(name: &str, step: usize, fields: &mut Fields) {
    match name {
        "lsn" => fields.lsn = Slot::at(step),
        "sequence" => fields.sequence = Slot::at(step),
        "ts_us" => fields.source_ts_us = Slot::at(step),
        "ts_ms" => fields.source_ts_ms = Slot::at(step),
        "origin" => fields.origin = Slot::at(step),
        "origin_lsn" => fields.origin_lsn = Slot::at(step),
        _ => {}
    }
}

/// `__deleted`, `__op`, `__source_*` and `__ts_*` are metadata, not columns.
fn flat_field(name: &str, step: usize, fields: &mut Fields, columns: &mut Vec<(usize, String)>) {
    if let Some(field) = name.strip_prefix("__source_") {
        return source_field(field, step, fields);
    }
    match name {
        "__deleted" => fields.deleted = Slot::at(step),
        "__op" => fields.op = Slot::at(step),
        "__ts_ms" => fields.ts_ms = Slot::at(step),
        _ if name.starts_with("__ts_") => {}
        _ => columns.push((step, name.to_owned())),
    }
}
