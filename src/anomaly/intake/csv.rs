//! CSV with a header (RFC 4180): the columns that some rule reads of a record.

use csv_core::{ReadRecordResult, Reader};

use super::{Cell, CellKind, Fault, Plan};
use crate::anomaly::code::Code;
use crate::error::did_you_mean;
use crate::text::counted;

/// A record over several lines is not read beyond this.
const LONGEST: usize = 1 << 20;

/// A file whose header was read.
pub struct Csv {
    /// For each column the fields of the plan that it fills; most columns fill one or none.
    columns: Vec<Vec<usize>>,
    fields: usize,
    /// Which rules can read this file.
    active: Vec<bool>,
    /// Those of them that count its records, though each has a `value`.
    pub counted: Vec<usize>,
    /// The lines of a record whose quoted field is not closed yet.
    open: Vec<u8>,
    unquoted: Vec<u8>,
    ends: Vec<usize>,
}

/// One record: bytes without quotes, if it had some, and which rules read it.
pub struct Record<'c> {
    unquoted: Option<&'c [u8]>,
    pub active: &'c [bool],
}

impl<'c> Record<'c> {
    /// What the cells are spans of.
    pub fn bytes<'a>(&self, line: &'a [u8]) -> &'a [u8]
    where
        'c: 'a,
    {
        self.unquoted.unwrap_or(line)
    }

    /// Whether the spans are those of the line itself.
    pub fn is_line(&self) -> bool {
        self.unquoted.is_none()
    }
}

impl Csv {
    /// Reads the first line. A rule that needs a column which is not there cannot read the file: that is a fault, except
    /// for a column of `where`, without which no record is of the rule.
    pub fn header(plan: &Plan, line: &[u8], has_tenant: bool) -> Result<(Csv, Vec<Fault>), Fault> {
        let mut csv = Csv {
            columns: Vec::new(),
            fields: plan.fields(),
            active: Vec::new(),
            counted: Vec::new(),
            open: Vec::new(),
            unquoted: Vec::new(),
            ends: Vec::new(),
        };
        if std::str::from_utf8(line).is_err() || !csv.unquote(line) {
            return Err(Fault::new(Code::BadLine, "the header of the CSV cannot be read"));
        }
        let text = String::from_utf8_lossy(&csv.unquoted).into_owned();
        let mut start = 0;
        let mut names = Vec::new();
        for end in &csv.ends {
            names.push(text.get(start..*end).unwrap_or_default().trim());
            start = *end;
        }
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) && !plan.fields_named(name).is_empty() {
                return Err(Fault::new(Code::BadLine, format!("the header has the column `{name}` twice")));
            }
            csv.columns.push(plan.fields_named(name));
        }
        let mut faults = Vec::new();
        for (rule, needs) in plan.needs().enumerate() {
            let there = |field: &usize| csv.columns.iter().any(|fields| fields.contains(field));
            let of_rule = needs.filters.iter().all(there);
            let given = |field: &usize| there(field) || (has_tenant && plan.is_tenant(*field));
            let absent = needs.others.iter().find(|field| !given(field));
            csv.active.push(of_rule && absent.is_none());
            if of_rule && absent.is_none() && needs.counts && names.contains(&"value") {
                csv.counted.push(rule);
            }
            if let Some(field) = absent.filter(|_| of_rule) {
                let wanted = plan.name(*field);
                let hint = match did_you_mean(wanted, names.iter().copied()) {
                    Some(near) => format!("is it `{near}`? --columns {wanted}={near}"),
                    None => format!("the columns are {}; name it with --columns {wanted}=COLUMN", names.join(", ")),
                };
                let fault = Fault::new(Code::MissingField, format!("the header has no column `{wanted}`"));
                faults.push(Fault { rule: Some(rule), hint: Some(hint), ..fault });
            }
        }
        Ok((csv, faults))
    }

    /// Whether a quoted field goes on.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Fills a cell per field of the plan; None where the record goes on in the next line.
    pub fn record<'c>(&'c mut self, line: &[u8], cells: &mut Vec<Cell>) -> Result<Option<Record<'c>>, Fault> {
        let bad = |message: String| Err(Fault::new(Code::BadLine, message));
        cells.clear();
        cells.resize(self.fields, Cell::ABSENT);
        if self.open.is_empty() && memchr::memchr(b'"', line).is_none() {
            if !line.is_ascii() && simdutf8::basic::from_utf8(line).is_err() {
                return bad("bad UTF-8".to_owned());
            }
            let count = split(line, &self.columns, cells);
            return match count == self.columns.len() {
                true => Ok(Some(Record { unquoted: None, active: &self.active })),
                false => bad(self.uneven(count)),
            };
        }
        if self.open.len() + line.len() > LONGEST {
            self.open.clear();
            return bad("a quoted field has no end within 1 MiB".to_owned());
        }
        self.open.extend_from_slice(line);
        let whole = std::mem::take(&mut self.open);
        let complete = self.unquote(&whole);
        self.open = whole;
        if !complete {
            self.open.push(b'\n');
            return Ok(None);
        }
        self.open.clear();
        if simdutf8::basic::from_utf8(&self.unquoted).is_err() {
            return bad("bad UTF-8".to_owned());
        }
        if self.ends.len() != self.columns.len() {
            return bad(self.uneven(self.ends.len()));
        }
        let mut start = 0;
        for (end, fields) in self.ends.iter().zip(&self.columns) {
            for field in fields {
                cells[*field] = Cell { kind: CellKind::Field, start: start as u32, end: *end as u32 };
            }
            start = *end;
        }
        Ok(Some(Record { unquoted: Some(&self.unquoted), active: &self.active }))
    }

    fn uneven(&self, count: usize) -> String {
        format!("{} where the header has {}", counted(count as u64, "field"), self.columns.len())
    }

    /// Whether the bytes are a whole record; then its fields are in `unquoted`, up to `ends`.
    fn unquote(&mut self, bytes: &[u8]) -> bool {
        let mut reader = Reader::new();
        // Unquoted fields are never longer than quoted ones, and each has an end.
        self.unquoted.resize(bytes.len() + 1, 0);
        self.ends.resize(bytes.len() + 2, 0);
        let (first, read, written, fields) = reader.read_record(bytes, &mut self.unquoted, &mut self.ends);
        if first != ReadRecordResult::InputEmpty || read < bytes.len() {
            return false;
        }
        // The newline ends the record, unless it stands in quotes.
        let rest = (&mut self.unquoted[written..], &mut self.ends[fields..]);
        let (second, _, more, ends) = reader.read_record(b"\n", rest.0, rest.1);
        self.unquoted.truncate(written + more);
        self.ends.truncate(fields + ends);
        second == ReadRecordResult::Record
    }
}

/// Finds the fields of a line without quotes; returns how many there are.
fn split(line: &[u8], columns: &[Vec<usize>], cells: &mut [Cell]) -> usize {
    let (mut start, mut count) = (0, 0);
    for end in memchr::memchr_iter(b',', line).chain([line.len()]) {
        for field in columns.get(count).into_iter().flatten() {
            cells[*field] = Cell { kind: CellKind::Field, start: start as u32, end: end as u32 };
        }
        start = end + 1;
        count += 1;
    }
    count
}
