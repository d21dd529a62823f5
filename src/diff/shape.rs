//! The shape of a Debezium value: which bytes of a line are fixed and which are values. Learned once per shape of
//! line; a known shape is then matched by comparing the fixed bytes, so that one walk yields every column as a span.

use super::json::scan::{self, Fault, Kind, Scan, Span, fault};
use super::json::text::{Lone, decode};

/// Lines of a topic come in few shapes (insert, update with before, delete, schema versions).
const KEPT: usize = 32;

/// How the value wraps its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{before, after, source, op, ts_ms, ...}`
    Envelope,
    /// Flattened by ExtractNewRecordState.
    Flat,
}

/// Fields of a value that are no columns, by the step that holds them.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    pub op: Option<usize>,
    pub ts_ms: Option<usize>,
    pub before: Option<usize>,
    /// `after` when it is no object.
    pub after: Option<usize>,
    pub schema: Option<usize>,
    pub lsn: Option<usize>,
    pub sequence: Option<usize>,
    pub source_ts_us: Option<usize>,
    pub source_ts_ms: Option<usize>,
    pub origin: Option<usize>,
    pub origin_lsn: Option<usize>,
    pub deleted: Option<usize>,
}

#[derive(Debug)]
pub struct Shape {
    pub form: Form,
    pub fields: Fields,
    /// Columns of the row: step and decoded name, in the order of the line.
    pub columns: Vec<(usize, String)>,
    /// Steps that are read as one value although an object in their place would be walked into: where a line has an
    /// object there, it has another shape.
    leaves: Vec<usize>,
    /// The fixed bytes before each value.
    literals: Vec<Box<[u8]>>,
    /// The fixed bytes after the last value.
    tail: Box<[u8]>,
}

impl Shape {
    /// Fills `spans`, one per step, if the line has this shape.
    #[inline]
    fn matches(&self, b: &[u8], spans: &mut Vec<Span>) -> bool {
        spans.clear();
        let mut at = 0;
        for literal in &self.literals {
            if !b[at..].starts_with(literal) {
                return false;
            }
            match scan::value(b, at + literal.len()) {
                Ok(span) => {
                    at = span.end as usize;
                    spans.push(span);
                }
                Err(_) => return false,
            }
        }
        b[at..] == *self.tail && self.leaves.iter().all(|step| spans[*step].kind != Kind::Object)
    }
}

/// Shapes met so far, the last used first.
#[derive(Default)]
pub struct Shapes {
    known: Vec<(u32, Shape)>,
    next_id: u32,
}

impl Shapes {
    /// The shape of a whole value and the spans of its steps. The id is stable as long as the shape is kept.
    #[inline]
    pub fn find(&mut self, b: &[u8], spans: &mut Vec<Span>) -> Scan<(u32, &Shape)> {
        let hit = self.known.iter().position(|(_, shape)| shape.matches(b, spans));
        match hit {
            Some(0) => {}
            Some(i) => self.known[..=i].rotate_right(1),
            None => {
                let shape = learn(b, spans)?;
                self.known.truncate(KEPT - 1);
                self.known.insert(0, (self.next_id, shape));
                self.next_id += 1;
            }
        }
        let (id, shape) = &self.known[0];
        Ok((*id, shape))
    }

    /// The columns of a shape that is still known.
    pub fn columns(&self, id: u32) -> Option<&[(usize, String)]> {
        self.known.iter().find(|(known, _)| *known == id).map(|(_, shape)| shape.columns.as_slice())
    }
}

/// Collects steps while it walks a value for the first time.
struct Learner<'a> {
    b: &'a [u8],
    spans: &'a mut Vec<Span>,
    literals: Vec<Box<[u8]>>,
    leaves: Vec<usize>,
    fixed_from: usize,
}

impl Learner<'_> {
    /// A leaf that would be walked into if it were an object.
    fn never_object(&mut self, span: Span) -> usize {
        let step = self.leaf(span);
        self.leaves.push(step);
        step
    }

    fn leaf(&mut self, span: Span) -> usize {
        self.literals.push(self.b[self.fixed_from..span.start as usize].into());
        self.fixed_from = span.end as usize;
        self.spans.push(span);
        self.spans.len() - 1
    }

    /// The members of an object with their decoded names; duplicate names are refused.
    fn members(&self, object: Span) -> Scan<Vec<(String, Span)>> {
        let mut members: Vec<(String, Span)> = Vec::new();
        scan::members(self.b, object, |key, value| {
            let mut name = Vec::new();
            decode(key.inner(self.b), Lone::Refuse, &mut name)?;
            let name = String::from_utf8_lossy(&name).into_owned();
            if members.iter().any(|(n, _)| *n == name) {
                return fault(key.start as usize, "duplicate JSON key");
            }
            members.push((name, value));
            Ok(())
        })?;
        Ok(members)
    }
}

fn learn(b: &[u8], spans: &mut Vec<Span>) -> Scan<Shape> {
    spans.clear();
    let root = scan::document(b)?;
    if root.kind != Kind::Object {
        return fault(root.start as usize, "a JSON object was expected");
    }
    let mut learner = Learner { b, spans, literals: Vec::new(), leaves: Vec::new(), fixed_from: 0 };
    let mut fields = Fields::default();
    let mut columns = Vec::new();
    let members = learner.members(root)?;
    let wrapped = members.len() == 2 && ["schema", "payload"].iter().all(|n| members.iter().any(|(m, _)| m == n));
    let form = if wrapped {
        let mut form = Form::Flat;
        for (name, value) in members {
            if name == "payload" && value.kind == Kind::Object {
                let inner = learner.members(value)?;
                form = walk(&mut learner, inner, &mut fields, &mut columns)?;
            } else {
                if name == "schema" {
                    fields.schema = Some(learner.leaf(value));
                } else {
                    fields.after = Some(learner.never_object(value));
                }
            }
        }
        form
    } else {
        walk(&mut learner, members, &mut fields, &mut columns)?
    };
    let Learner { literals, leaves, fixed_from, .. } = learner;
    Ok(Shape { form, fields, columns, leaves, literals, tail: b[fixed_from..].into() })
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
                    let step = learner.leaf(value);
                    match field.as_str() {
                        "lsn" => fields.lsn = Some(step),
                        "sequence" => fields.sequence = Some(step),
                        "ts_us" => fields.source_ts_us = Some(step),
                        "ts_ms" => fields.source_ts_ms = Some(step),
                        "origin" => fields.origin = Some(step),
                        "origin_lsn" => fields.origin_lsn = Some(step),
                        _ => {}
                    }
                }
            }
            (name, _) => {
                let step = if name == "after" { learner.never_object(value) } else { learner.leaf(value) };
                match name {
                    "op" => fields.op = Some(step),
                    "ts_ms" => fields.ts_ms = Some(step),
                    "before" => fields.before = Some(step),
                    "after" => fields.after = Some(step),
                    _ => {}
                }
            }
        }
    }
    Ok(if envelope { Form::Envelope } else { Form::Flat })
}

/// `__deleted`, `__op`, `__source_*` and `__ts_*` are metadata, not columns.
fn flat_field(name: &str, step: usize, fields: &mut Fields, columns: &mut Vec<(usize, String)>) {
    match name {
        "__deleted" => fields.deleted = Some(step),
        "__op" => fields.op = Some(step),
        "__source_lsn" => fields.lsn = Some(step),
        "__source_sequence" => fields.sequence = Some(step),
        "__source_ts_us" => fields.source_ts_us = Some(step),
        "__source_ts_ms" => fields.source_ts_ms = Some(step),
        "__source_origin" => fields.origin = Some(step),
        "__source_origin_lsn" => fields.origin_lsn = Some(step),
        "__ts_ms" => fields.ts_ms = Some(step),
        _ if name.starts_with("__source_") || name.starts_with("__ts_") => {}
        _ => columns.push((step, name.to_owned())),
    }
}

/// A fault as text with its byte position in the line.
pub fn describe(f: Fault) -> String {
    format!("{} (byte {})", f.what, f.at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"before":null,"after":{"tenant":"a","id":1,"tags":["x"]},"source":{"lsn":7,"ts_us":9},"op":"c","ts_ms":5}"#;

    fn column(shapes: &mut Shapes, line: &str, name: &str) -> Option<String> {
        let mut spans = Vec::new();
        let (_, shape) = shapes.find(line.as_bytes(), &mut spans).unwrap();
        let step = shape.columns.iter().find(|(_, n)| n == name)?.0;
        Some(String::from_utf8(spans[step].raw(line.as_bytes()).to_vec()).unwrap())
    }

    #[test]
    fn the_second_line_of_a_shape_is_matched_not_learned() {
        let mut shapes = Shapes::default();
        assert_eq!(column(&mut shapes, LINE, "id").unwrap(), "1");
        let second = LINE.replace("\"id\":1", "\"id\":-22.5").replace("\"a\"", "\"b\\\"c\"");
        assert_eq!(column(&mut shapes, &second, "id").unwrap(), "-22.5");
        assert_eq!(column(&mut shapes, &second, "tenant").unwrap(), "\"b\\\"c\"");
        assert_eq!(shapes.known.len(), 1);
        // White space makes another shape with the same columns.
        assert_eq!(column(&mut shapes, &LINE.replace(":1", ": 1"), "id").unwrap(), "1");
        assert_eq!(shapes.known.len(), 2);
    }

    #[test]
    fn a_row_object_is_never_taken_for_the_null_of_a_delete() {
        let mut shapes = Shapes::default();
        let delete = LINE.replace(r#"{"tenant":"a","id":1,"tags":["x"]}"#, "null");
        assert_eq!(column(&mut shapes, &delete, "id"), None);
        assert_eq!(column(&mut shapes, LINE, "id").unwrap(), "1");
        assert_eq!(column(&mut shapes, &delete, "id"), None);
    }

    #[test]
    fn damage_is_named() {
        let mut shapes = Shapes::default();
        let mut spans = Vec::new();
        shapes.find(LINE.as_bytes(), &mut spans).unwrap();
        for (from, to, what) in [
            ("\"id\":1", "\"tenant\":1", "duplicate JSON key"),
            ("\"id\":1", "\"id\":01", "malformed number"),
            ("5}", "5", "the object or array has no end"),
            ("5}", "5}}", "text after the JSON value"),
        ] {
            let fault = shapes.find(LINE.replace(from, to).as_bytes(), &mut spans).unwrap_err();
            assert!(fault.what.contains(what) || fault.what.contains("expected"), "{to}: {}", fault.what);
        }
    }
}
