//! The shape of a Debezium value: which bytes of a line are fixed and which are values. Learned once per shape of
//! line; a known shape is then matched by comparing the fixed bytes, so that one walk yields every column as a span.

mod learn;
mod pattern;

use crate::json::scan::{Fault, Kind, Scan, Span};
use learn::learn;
use pattern::{Pattern, Take};

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

/// Events of somebody else, by what their source block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// The Debezium connector is not PostgreSQL's.
    Connector(String),
    /// The logical name (Debezium's `topic.prefix`) is another one.
    Name(String),
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

/// After this many lines of a shape, values that were always the same become fixed bytes.
const BAKE_AFTER: u32 = 16;
/// A value that is wanted becomes one from this length on: a schema block does, which is most of its line. Short ones
/// are found as fast as compared.
const WORTH_FIXING: usize = 64;

#[derive(Debug)]
pub struct Shape {
    pub form: Form,
    pub fields: Fields,
    /// Columns of the row: slot and decoded name, in the order of the line.
    pub columns: Vec<(usize, String)>,
    /// Names at the top of the value, or of its payload.
    pub members: Vec<String>,
    /// Whose events these are, where they are not those that were expected. It is among the fixed bytes.
    pub foreign: Option<Foreign>,
    /// Slots that are read as one value although an object in their place would be walked into: where a line has an
    /// object there, it has another shape.
    leaves: Vec<usize>,
    /// Whether the log position is null: then the shape wants `sequence`.
    null_lsn: bool,
    whole: Pattern,
    /// `whole` with constant values among the fixed bytes.
    baked: Option<Pattern>,
    /// Per step whose value may become fixed: its bytes as long as they have been the same. Once they were not, the
    /// step stays as it is, so a shape is baked at most once per step.
    constant: Vec<Option<Constant>>,
    seen: u32,
}

#[derive(Debug)]
struct Constant {
    bytes: Box<[u8]>,
    kind: Kind,
}

impl Shape {
    /// Fills `spans`, one per slot, if the line has this shape.
    #[inline]
    fn matches(&mut self, b: &[u8], spans: &mut Vec<Span>) -> bool {
        if let Some(baked) = &self.baked {
            spans.clear();
            let fits = baked.walk(b, |wanted, span| {
                if wanted {
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
        let (mut step, mut changed) = (0, Vec::new());
        let fits = whole.walk(b, |wanted, span| {
            if wanted {
                spans.push(span);
            }
            if constant[step].as_ref().is_some_and(|constant| *constant.bytes != *span.raw(b)) {
                changed.push(step);
            }
            step += 1;
        });
        if !fits || !self.agrees(spans) {
            return false;
        }
        changed.iter().for_each(|step| self.constant[*step] = None);
        self.seen += 1;
        if self.seen == BAKE_AFTER || (!changed.is_empty() && self.seen > BAKE_AFTER) {
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
        let mut baked = Pattern::default();
        for ((literal, step), constant) in self.whole.literals().zip(&self.whole.steps).zip(&self.constant) {
            baked.fix(literal);
            let Some(Constant { bytes, kind }) = constant else {
                baked.value(step.take);
                continue;
            };
            baked.fix(bytes);
            if step.take == Take::Want {
                baked.value(Take::Fixed { length: bytes.len() as u32, kind: *kind });
            }
        }
        baked.fix(self.whole.tail());
        self.baked = Some(baked);
    }
}

/// Shapes met so far, the last used first.
#[derive(Default)]
pub struct Shapes {
    known: Vec<(u32, Shape)>,
    next_id: u32,
    /// The logical name that the events should have; empty where any is right.
    source: String,
}

impl Shapes {
    pub fn of(source: &str) -> Self {
        Shapes { source: source.to_owned(), ..Shapes::default() }
    }

    /// The shape of a whole value and the spans of its slots. The id is stable as long as the shape is kept.
    #[inline]
    pub fn find(&mut self, b: &[u8], spans: &mut Vec<Span>) -> Scan<(u32, &Shape)> {
        let hit = self.known.iter_mut().position(|(_, shape)| shape.matches(b, spans));
        match hit {
            Some(0) => {}
            Some(i) => self.known[..=i].rotate_right(1),
            None => {
                let shape = learn(b, spans, &self.source)?;
                self.known.truncate(KEPT - 1);
                self.known.insert(0, (self.next_id, shape));
                self.next_id += 1;
            }
        }
        let (id, shape) = &self.known[0];
        Ok((*id, shape))
    }

    /// A shape that is still known.
    pub fn get(&self, id: u32) -> Option<&Shape> {
        self.known.iter().find(|(known, _)| *known == id).map(|(_, shape)| shape)
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
