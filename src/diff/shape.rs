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

/// Fields of a value that are no columns, by the slot that holds their span.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields {
    pub op: Slot,
    pub ts_ms: Slot,
    /// Only where the shape has no row of its own.
    pub before: Slot,
    /// `after` when it is no object.
    pub after: Slot,
    pub schema: Slot,
    pub lsn: Slot,
    /// Only where the log position is null.
    pub sequence: Slot,
    pub source_ts_us: Slot,
    /// Only where there are no microseconds.
    pub source_ts_ms: Slot,
    pub origin: Slot,
    pub origin_lsn: Slot,
    pub deleted: Slot,
}

/// Index of a span, if the shape has the field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot(Option<std::num::NonZeroU16>);

impl Slot {
    fn at(step: usize) -> Slot {
        Slot(u16::try_from(step + 1).ok().and_then(std::num::NonZeroU16::new))
    }

    #[inline]
    pub fn index(self) -> Option<usize> {
        self.0.map(|n| n.get() as usize - 1)
    }

    #[inline]
    pub fn span(self, spans: &[Span]) -> Option<Span> {
        self.index().map(|i| spans[i])
    }

    fn renumber(&mut self, slots: &[Option<usize>]) {
        *self = match self.index().and_then(|step| slots[step]) {
            Some(slot) => Slot::at(slot),
            None => Slot::default(),
        };
    }
}

/// Fixed bytes, then a value.
#[derive(Debug)]
struct Step {
    literal: Box<[u8]>,
    /// Whether anybody wants the value's span; the others are only checked.
    wanted: bool,
}

/// A line as fixed bytes and values.
#[derive(Debug, Default)]
struct Pattern {
    steps: Vec<Step>,
    /// The fixed bytes after the last value.
    tail: Box<[u8]>,
}

impl Pattern {
    /// Walks the line; gives the span of every value to `each`.
    #[inline]
    fn walk(&self, b: &[u8], mut each: impl FnMut(&Step, Span)) -> bool {
        let mut at = 0;
        for step in &self.steps {
            let end = at + step.literal.len();
            if !b.get(at..end).is_some_and(|here| same(here, &step.literal)) {
                return false;
            }
            match scan::value(b, end) {
                Ok(span) => {
                    at = span.end as usize;
                    each(step, span);
                }
                Err(_) => return false,
            }
        }
        b[at..] == *self.tail
    }
}

/// Equality of slices of one length. Fixed bytes are short: two overlapping words beat a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    fn word<const N: usize>(a: &[u8], b: &[u8]) -> bool {
        a.first_chunk::<N>() == b.first_chunk::<N>() && a.last_chunk::<N>() == b.last_chunk::<N>()
    }
    match a.len() {
        16..=32 => word::<16>(a, b),
        8..16 => word::<8>(a, b),
        4..8 => word::<4>(a, b),
        _ => a == b,
    }
}

/// After this many lines of a shape, values that nobody wants and that were always the same become fixed bytes.
const BAKE_AFTER: u32 = 16;
/// A shape whose fixed values keep changing is baked at most this often.
const BAKES: u32 = 8;

#[derive(Debug)]
pub struct Shape {
    pub form: Form,
    pub fields: Fields,
    /// Columns of the row: slot and decoded name, in the order of the line.
    pub columns: Vec<(usize, String)>,
    /// Slots that are read as one value although an object in their place would be walked into: where a line has an
    /// object there, it has another shape.
    leaves: Vec<usize>,
    /// Whether the log position is null: then the shape wants `sequence`.
    null_lsn: bool,
    whole: Pattern,
    /// `whole` with constant values among the fixed bytes.
    baked: Option<Pattern>,
    /// Per step that nobody wants: its bytes as long as they have been the same.
    constant: Vec<Option<Box<[u8]>>>,
    seen: u32,
    bakes: u32,
}

impl Shape {
    /// Fills `spans`, one per slot, if the line has this shape.
    #[inline]
    fn matches(&mut self, b: &[u8], spans: &mut Vec<Span>) -> bool {
        if let Some(baked) = &self.baked {
            spans.clear();
            let fits = baked.walk(b, |step, span| {
                if step.wanted {
                    spans.push(span);
                }
            });
            if fits && self.agrees(spans) {
                return true;
            }
        }
        self.matches_whole(b, spans)
    }

    fn matches_whole(&mut self, b: &[u8], spans: &mut Vec<Span>) -> bool {
        spans.clear();
        let Shape { whole, constant, .. } = self;
        let (mut i, mut changed) = (0, false);
        let fits = whole.walk(b, |step, span| {
            if step.wanted {
                spans.push(span);
            } else if constant[i].as_deref().is_some_and(|bytes| bytes != span.raw(b)) {
                constant[i] = None;
                changed = true;
            }
            i += 1;
        });
        if !fits || !self.agrees(spans) {
            return false;
        }
        self.seen += 1;
        if self.seen == BAKE_AFTER || (changed && self.seen > BAKE_AFTER && self.bakes < BAKES) {
            self.bake();
        }
        true
    }

    /// What the fixed bytes cannot tell.
    fn agrees(&self, spans: &[Span]) -> bool {
        let lsn = self.fields.lsn.span(spans);
        self.leaves.iter().all(|slot| spans[*slot].kind != Kind::Object)
            && lsn.is_none_or(|span| (span.kind == Kind::Null) == self.null_lsn)
    }

    fn bake(&mut self) {
        self.bakes += 1;
        let mut baked = Pattern::default();
        let mut fixed = Vec::new();
        for (step, constant) in self.whole.steps.iter().zip(&self.constant) {
            fixed.extend_from_slice(&step.literal);
            match constant {
                Some(bytes) => fixed.extend_from_slice(bytes),
                None => baked.steps.push(Step { literal: std::mem::take(&mut fixed).into(), wanted: step.wanted }),
            }
        }
        fixed.extend_from_slice(&self.whole.tail);
        baked.tail = fixed.into();
        self.baked = Some(baked);
    }
}

/// Shapes met so far, the last used first.
#[derive(Default)]
pub struct Shapes {
    known: Vec<(u32, Shape)>,
    next_id: u32,
}

impl Shapes {
    /// The shape of a whole value and the spans of its slots. The id is stable as long as the shape is kept.
    #[inline]
    pub fn find(&mut self, b: &[u8], spans: &mut Vec<Span>) -> Scan<(u32, &Shape)> {
        let hit = self.known.iter_mut().position(|(_, shape)| shape.matches(b, spans));
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
                    fields.schema = Slot::at(learner.leaf(value));
                } else {
                    fields.after = Slot::at(learner.never_object(value));
                }
            }
        }
        form
    } else {
        walk(&mut learner, members, &mut fields, &mut columns)?
    };
    let Learner { literals, leaves, fixed_from, .. } = learner;
    let tail = b[fixed_from..].into();
    Ok(narrow(b, spans, Whole { form, fields, columns, leaves, literals, tail }))
}

/// What a first walk found, by step.
struct Whole {
    form: Form,
    fields: Fields,
    columns: Vec<(usize, String)>,
    leaves: Vec<usize>,
    literals: Vec<Box<[u8]>>,
    tail: Box<[u8]>,
}

/// Decides which values are wanted, and numbers those as slots.
fn narrow(b: &[u8], spans: &mut Vec<Span>, found: Whole) -> Shape {
    let Whole { form, mut fields, mut columns, mut leaves, literals, tail } = found;
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
    let mut wanted = vec![false; literals.len()];
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
    let constant = spans.iter().zip(&wanted).map(|(span, wanted)| (!wanted).then(|| span.raw(b).into())).collect();
    let steps = literals.into_iter().zip(&wanted).map(|(literal, wanted)| Step { literal, wanted: *wanted }).collect();
    let mut at = 0;
    spans.retain(|_| {
        at += 1;
        wanted[at - 1]
    });
    Shape {
        form,
        fields,
        columns,
        leaves,
        null_lsn,
        whole: Pattern { steps, tail },
        baked: None,
        constant,
        seen: 0,
        bakes: 0,
    }
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
                        "lsn" => fields.lsn = Slot::at(step),
                        "sequence" => fields.sequence = Slot::at(step),
                        "ts_us" => fields.source_ts_us = Slot::at(step),
                        "ts_ms" => fields.source_ts_ms = Slot::at(step),
                        "origin" => fields.origin = Slot::at(step),
                        "origin_lsn" => fields.origin_lsn = Slot::at(step),
                        _ => {}
                    }
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

/// `__deleted`, `__op`, `__source_*` and `__ts_*` are metadata, not columns.
fn flat_field(name: &str, step: usize, fields: &mut Fields, columns: &mut Vec<(usize, String)>) {
    match name {
        "__deleted" => fields.deleted = Slot::at(step),
        "__op" => fields.op = Slot::at(step),
        "__source_lsn" => fields.lsn = Slot::at(step),
        "__source_sequence" => fields.sequence = Slot::at(step),
        "__source_ts_us" => fields.source_ts_us = Slot::at(step),
        "__source_ts_ms" => fields.source_ts_ms = Slot::at(step),
        "__source_origin" => fields.origin = Slot::at(step),
        "__source_origin_lsn" => fields.origin_lsn = Slot::at(step),
        "__ts_ms" => fields.ts_ms = Slot::at(step),
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
