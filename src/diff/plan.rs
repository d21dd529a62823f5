//! The plan for one event shape of one table: which spans become the canonical row, in which order.

use std::collections::BTreeMap;
use std::ops::Range;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::canon::{Canon, Conv};
use super::event::{Cell, Part};
use super::hash::{Hasher, Sha};
use super::types::resolve::{Contradiction, Treatment, treatment};
use super::types::{Column, Table};
use crate::json::scan::{Kind, Span};
use crate::json::text::{SHORT, append, compare_utf16, encode};

/// A compared column of the shape.
struct Member {
    step: usize,
    name: String,
    /// `"name":` in the plan's labels.
    label: Range<usize>,
    conv: Conv,
    /// A string without escapes is its own canonical text.
    verbatim: bool,
    /// Index among the table's toast columns.
    toast: Option<usize>,
    /// Index among the table's key columns.
    key: Option<usize>,
}

pub struct Plan {
    /// In the order of the canonical row.
    members: Vec<Member>,
    labels: Vec<u8>,
    /// Fingerprint of the compared columns that this shape has.
    pub cols_fp: u32,
    pub undeclared: Vec<String>,
    pub lossy: Vec<(String, &'static str)>,
    /// Columns that are lossy on one side: name, step and what their values are on this one.
    checked: Vec<(String, usize, Conv)>,
    /// Why no row of the shape can be compared, if so.
    pub unfit: Option<Unfit>,
    /// The key columns are read as those of the event key.
    pub key_reads_alike: bool,
    toast_count: usize,
    key_count: usize,
    kind: String,
}

impl Plan {
    pub fn new(
        table: &Table,
        side: usize,
        columns: &[(usize, String)],
        schema: Option<&BTreeMap<String, Column>>,
        infer: bool,
    ) -> Result<Plan, Contradiction> {
        let toast = table.toast_columns();
        let mut plan = Plan {
            members: Vec::new(),
            labels: Vec::new(),
            cols_fp: 0,
            undeclared: Vec::new(),
            lossy: Vec::new(),
            checked: Vec::new(),
            unfit: None,
            key_reads_alike: false,
            toast_count: toast.len(),
            key_count: table.key.columns().count(),
            kind: table.kind.clone(),
        };
        for (step, name) in columns {
            match treatment(table, side, name, schema, infer)? {
                Treatment::Ignore => {}
                Treatment::Undeclared => plan.undeclared.push(name.clone()),
                Treatment::Lossy { why, conv } => {
                    plan.lossy.extend(why.map(|why| (name.clone(), why)));
                    plan.checked.push((name.clone(), *step, conv));
                }
                Treatment::Compare { conv, .. } => {
                    let start = plan.labels.len();
                    encode(name.as_bytes(), &mut plan.labels);
                    plan.labels.push(b':');
                    let label = start..plan.labels.len();
                    let toast = toast.iter().position(|t| t == name);
                    let key = table.key.columns().position(|k| k == name);
                    let verbatim = conv == Conv::Text { nfc: false };
                    plan.members.push(Member { step: *step, name: name.clone(), label, conv, verbatim, toast, key });
                }
            }
        }
        // Room behind the last label, so that all of them can be copied in the same way.
        plan.labels.extend_from_slice(&[0; SHORT]);
        plan.members.sort_by(|a, b| compare_utf16(a.name.as_bytes(), b.name.as_bytes()));
        let mut hash = Sha256::new();
        for member in &plan.members {
            hash.update((member.name.len() as u32).to_be_bytes());
            hash.update(&member.name);
        }
        let digest = hash.finalize();
        plan.cols_fp = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(plan)
    }

    /// Step and conversion of a column, where the shape has it.
    pub fn column(&self, name: &str) -> Option<(usize, &Conv)> {
        self.members.iter().find(|m| m.name == name).map(|m| (m.step, &m.conv))
    }

    /// Name, step and conversion of the compared columns, in canonical order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, usize, &Conv)> {
        self.members.iter().map(|m| (m.name.as_str(), m.step, &m.conv))
    }
}

/// Rows that hold nothing to compare would be called equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The rows are damaged, or of another table.
    Damaged(String),
    /// They hold columns, of which types.yaml declares none.
    Undeclared(String),
}

/// A column that could not be read.
#[derive(Debug)]
pub struct BadColumn {
    pub column: String,
    /// Where its value starts.
    pub at: usize,
    pub cause: &'static str,
}

/// What a row's digests are made of.
#[derive(Debug, Default)]
pub struct Row {
    pub digest: Sha,
    /// Only in tables with toast columns.
    pub base: Option<Sha>,
    pub parts: Vec<Part>,
    pub alt: Option<Sha>,
    /// A placeholder stands in a column that is not toast.
    pub unresolved: bool,
}

/// What JSON kinds the untyped columns had, by (table kind, column).
pub type Kinds = BTreeMap<(String, String), Seen>;

/// Kinds of one untyped column, for `--infer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Bit per kind: string, number, boolean, object, array.
    pub kinds: u8,
    /// Every string so far could be a base64 decimal, and one ends with `=`.
    pub base64: bool,
    pub plain_text: bool,
}

impl Seen {
    pub fn add(&mut self, line: &[u8], span: Span) {
        self.kinds |= match span.kind {
            Kind::Plain | Kind::Escaped => 1,
            Kind::Number => 2,
            Kind::True | Kind::False => 4,
            Kind::Object => 8,
            Kind::Array => 16,
            Kind::Null => 0,
        };
        if span.kind.is_string() {
            let text = span.inner(line);
            let short = !text.is_empty() && text.len() <= 24 && BASE64.decode(text).is_ok();
            self.plain_text |= !short;
            self.base64 |= short && text.ends_with(b"=");
        }
    }

    /// The kinds in words.
    pub fn names(&self) -> String {
        let names = ["string", "number", "boolean", "object", "array"];
        let seen = names.iter().enumerate().filter(|(i, _)| self.kinds >> i & 1 == 1).map(|(_, n)| *n);
        seen.collect::<Vec<_>>().join(" and ")
    }
}

/// Writes rows; keeps its buffers.
pub struct RowWriter {
    pub canon: Canon,
    text: Vec<u8>,
    part: Vec<u8>,
    /// Members of the text that hold a decimal NaN or Infinity, with their comma.
    non_finite: Vec<Range<usize>>,
    /// Where the values of the key columns lie in the text, in the order of the key; empty where there is none.
    key: Vec<Range<usize>>,
    placeholder: String,
    placeholder_base64: String,
    /// Lengths of the values that may be placeholders.
    placeholder_lengths: [u32; 3],
    pub kinds: Kinds,
}

impl RowWriter {
    pub fn new(placeholder: &str) -> Self {
        let placeholder_base64 = BASE64.encode(placeholder.as_bytes());
        RowWriter {
            canon: Canon::default(),
            text: Vec::with_capacity(1024),
            part: Vec::new(),
            non_finite: Vec::new(),
            key: Vec::new(),
            placeholder: placeholder.to_owned(),
            placeholder_lengths: [placeholder.len() + 2, placeholder_base64.len() + 2, placeholder.len() + 4]
                .map(|n| n as u32),
            placeholder_base64,
            kinds: Kinds::new(),
        }
    }

    /// The canonical text of the row written last.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Canonical texts of the key columns of the row written last; None where one of them is not part of the text.
    pub fn key(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let whole = self.key.iter().all(|range| !range.is_empty());
        whole.then(|| self.key.iter().map(|range| &self.text[range.clone()]))
    }

    pub fn write(&mut self, plan: &Plan, line: &[u8], spans: &[Span], hasher: &Hasher) -> Result<Row, BadColumn> {
        let mut row = Row::default();
        row.parts.resize(plan.toast_count, Part::Null);
        self.text.clear();
        self.non_finite.clear();
        self.key.clear();
        self.key.resize(plan.key_count, 0..0);
        self.text.push(b'{');
        for member in &plan.members {
            let span = spans[member.step];
            if span.kind == Kind::Null {
                continue;
            }
            if self.is_placeholder(line, span) {
                match member.toast {
                    Some(i) => row.parts[i] = Part::Inherit,
                    None => row.unresolved = true,
                }
                continue;
            }
            if matches!(member.conv, Conv::Value) {
                self.kinds.entry((plan.kind.clone(), member.name.clone())).or_default().add(line, span);
            }
            let bad = |cause| BadColumn { column: member.name.clone(), at: span.start as usize, cause };
            if let Some(i) = member.toast {
                self.part.clear();
                self.canon.write(&member.conv, line, span, &mut self.part).map_err(bad)?;
                row.parts[i] = Part::Known(hasher.digest(&self.part));
                self.canon.non_finite = false;
                continue;
            }
            let start = self.text.len();
            append(&mut self.text, &plan.labels, member.label.start, member.label.end);
            if member.verbatim && span.kind == Kind::Plain {
                append(&mut self.text, line, span.start as usize, span.end as usize);
            } else {
                self.canon.write(&member.conv, line, span, &mut self.text).map_err(bad)?;
            }
            if let Some(i) = member.key {
                self.key[i] = start + member.label.len()..self.text.len();
            }
            self.text.push(b',');
            if std::mem::take(&mut self.canon.non_finite) {
                self.non_finite.push(start..self.text.len());
            }
        }
        self.check(plan, line, spans)?;
        close(&mut self.text);
        let base = hasher.digest(&self.text);
        row.digest = digest_of(hasher, &base, &row.parts);
        row.base = (plan.toast_count > 0).then_some(base);
        if !self.non_finite.is_empty() {
            row.alt = Some(digest_of(hasher, &hasher.digest(&self.alternative()), &row.parts));
        }
        Ok(row)
    }

    /// Columns that cannot be compared hold values of their type nevertheless: else types.yaml is wrong about them.
    fn check(&mut self, plan: &Plan, line: &[u8], spans: &[Span]) -> Result<(), BadColumn> {
        for (name, step, conv) in &plan.checked {
            let span = spans[*step];
            if span.kind == Kind::Null || self.is_placeholder(line, span) {
                continue;
            }
            self.part.clear();
            let bad = |cause| BadColumn { column: name.clone(), at: span.start as usize, cause };
            self.canon.write(conv, line, span, &mut self.part).map_err(bad)?;
            self.canon.non_finite = false;
        }
        Ok(())
    }

    /// One column's value.
    pub fn cell(&mut self, conv: &Conv, line: &[u8], span: Span) -> Result<Cell, &'static str> {
        if span.kind == Kind::Null {
            return Ok(Cell::Null);
        }
        if self.is_placeholder(line, span) {
            return Ok(Cell::Placeholder);
        }
        let mut text = Vec::new();
        self.canon.write(conv, line, span, &mut text)?;
        self.canon.non_finite = false;
        Ok(Cell::Text(text))
    }

    /// The text without its non-finite members.
    fn alternative(&self) -> Vec<u8> {
        let mut alt = Vec::with_capacity(self.text.len());
        let mut from = 0;
        for range in &self.non_finite {
            alt.extend_from_slice(&self.text[from..range.start.max(from)]);
            from = range.end;
        }
        match self.text.get(from..) {
            Some(rest) if !rest.is_empty() => alt.extend_from_slice(rest),
            // The last member went, and with it the closing brace that replaced its comma.
            _ => {
                if alt.last() == Some(&b',') {
                    alt.pop();
                }
                alt.push(b'}');
            }
        }
        alt
    }

    #[inline(always)]
    pub fn is_placeholder(&self, line: &[u8], span: Span) -> bool {
        self.placeholder_lengths.contains(&(span.end - span.start)) && self.reads_as_placeholder(line, span)
    }

    /// Debezium sends the placeholder as text, as base64 for bytea, and as the only element of an array.
    fn reads_as_placeholder(&self, line: &[u8], span: Span) -> bool {
        match span.kind {
            Kind::Plain => {
                let text = span.inner(line);
                text == self.placeholder.as_bytes() || text == self.placeholder_base64.as_bytes()
            }
            Kind::Array => {
                let inner = span.raw(line).strip_prefix(b"[\"").and_then(|raw| raw.strip_suffix(b"\"]"));
                inner == Some(self.placeholder.as_bytes())
            }
            _ => false,
        }
    }
}

/// Replaces the last comma by the closing brace.
fn close(text: &mut Vec<u8>) {
    match text.last_mut() {
        Some(last) if *last == b',' => *last = b'}',
        _ => text.push(b'}'),
    }
}

/// With open parts the digest is that of the known ones and is not used.
pub(super) fn digest_of(hasher: &Hasher, base: &Sha, parts: &[Part]) -> Sha {
    if parts.is_empty() {
        return *base;
    }
    hasher.with_parts(
        base,
        parts.iter().map(|p| match p {
            Part::Known(sha) => Some(*sha),
            Part::Null | Part::Inherit => None,
        }),
    )
}
