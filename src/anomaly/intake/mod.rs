//! Lines of NDJSON and CSV to what the rules read of them: series key, time and value.

mod csv;
mod key;
mod ndjson;
mod plan;

use crate::anomaly::code::Code;
use crate::anomaly::times::Time;

pub use key::Key;
pub use plan::{Columns, Plan};

/// What one rule reads of one record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// Its place in the list of rules.
    pub rule: usize,
    /// The values of `group_by` in its order, between them [`key::SEPARATOR`].
    pub key: &'a str,
    pub time: Time,
    /// None for a point without a value; of events 1 where the rule has no `value`.
    pub value: Option<f64>,
    /// The value of `dedupe_by`.
    pub id: Option<&'a str>,
    /// Whether the record is labelled as an anomaly.
    pub label: Option<bool>,
}

/// Why a record, or one rule's reading of it, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: Code,
    /// None where the line itself is the trouble.
    pub rule: Option<usize>,
    /// 1-based, in bytes, where it is known.
    pub column: Option<u64>,
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    pub fn new(code: Code, message: impl Into<String>) -> Fault {
        Fault { code, rule: None, column: None, message: message.into(), hint: None }
    }
}

/// What came of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// A record: its events and faults were handed over.
    Record,
    /// A blank line, a header or the frame of a run.
    Nothing,
    /// A quoted field goes on in the next line.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Csv,
}

impl Format {
    /// By the end of the name, before that of a compression; None where the first line has to tell.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Format::Csv),
            "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
            _ => None,
        }
    }

    /// By the first line that is not blank: a header names a column without a brace in front.
    fn of_line(line: &[u8]) -> Format {
        let first = line.iter().find(|c| !c.is_ascii_whitespace());
        match first {
            Some(b'"' | b'_' | b'a'..=b'z' | b'A'..=b'Z') if memchr::memchr(b',', line).is_some() => Format::Csv,
            _ => Format::Ndjson,
        }
    }
}

/// Reads the lines of one input in their order.
pub struct Reader<'p> {
    plan: &'p Plan,
    /// Of records without a tenant.
    tenant: Option<String>,
    format: Option<Format>,
    csv: Option<csv::Csv>,
    cells: Vec<Cell>,
    space: plan::Space,
}

/// Where a field stands in the bytes of a record, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    kind: CellKind,
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Absent,
    Null,
    /// A JSON string, without its quotes.
    Plain,
    Escaped,
    Number,
    Bool,
    /// An object or an array.
    Nested,
    /// Of CSV: a text or a number, as the reader takes it.
    Field,
}

impl Cell {
    const ABSENT: Cell = Cell { kind: CellKind::Absent, start: 0, end: 0 };

    fn bytes<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        &record[self.start as usize..self.end as usize]
    }
}

impl<'p> Reader<'p> {
    /// `name` tells the format by its end where it has one.
    pub fn new(plan: &'p Plan, name: &str, tenant: Option<String>) -> Reader<'p> {
        Reader {
            plan,
            tenant,
            format: Format::of_name(name),
            csv: None,
            cells: Vec::new(),
            space: plan::Space::default(),
        }
    }

    /// Hands over what the rules read of one line, without its newline.
    pub fn line(&mut self, line: &[u8], mut each: impl FnMut(Result<Event<'_>, Fault>)) -> Read {
        if line.iter().all(u8::is_ascii_whitespace) && self.csv.as_ref().is_none_or(|csv| !csv.is_open()) {
            return Read::Nothing;
        }
        match *self.format.get_or_insert_with(|| Format::of_line(line)) {
            Format::Ndjson => self.ndjson(line, &mut each),
            Format::Csv => self.csv(line, &mut each),
        }
    }

    /// The rules that count the records of a CSV though each has a `value`, by their place in the list.
    pub fn counted(&self) -> &[usize] {
        self.csv.as_ref().map_or(&[], |csv| &csv.counted)
    }

    /// The end of the input: what was still open.
    pub fn finish(&self) -> Option<Fault> {
        let open = self.csv.as_ref().is_some_and(csv::Csv::is_open);
        open.then(|| Fault::new(Code::BadLine, "the input ends inside of a quoted field"))
    }

    fn ndjson(&mut self, line: &[u8], each: &mut impl FnMut(Result<Event<'_>, Fault>)) -> Read {
        self.cells.clear();
        self.cells.resize(self.plan.fields(), Cell::ABSENT);
        if let Err(fault) = ndjson::cells(self.plan, line, &mut self.cells) {
            each(Err(fault));
            return Read::Record;
        }
        if self.plan.is_frame(line, &self.cells) {
            return Read::Nothing;
        }
        self.plan.events(line, &self.cells, self.tenant.as_deref(), None, &mut self.space, each);
        Read::Record
    }

    fn csv(&mut self, line: &[u8], each: &mut impl FnMut(Result<Event<'_>, Fault>)) -> Read {
        let Some(csv) = &mut self.csv else {
            match csv::Csv::header(self.plan, line, self.tenant.is_some()) {
                Ok((csv, faults)) => {
                    self.csv = Some(csv);
                    faults.into_iter().for_each(|fault| each(Err(fault)));
                }
                // Without its names nothing of the file can be read; every line will say so.
                Err(fault) => each(Err(fault)),
            }
            return Read::Nothing;
        };
        match csv.record(line, &mut self.cells) {
            Ok(None) => Read::Open,
            Ok(Some(record)) => {
                let bytes = record.bytes(line);
                self.plan.events(bytes, &self.cells, self.tenant.as_deref(), Some(&record), &mut self.space, each);
                Read::Record
            }
            Err(fault) => {
                each(Err(fault));
                Read::Record
            }
        }
    }
}

#[cfg(test)]
mod tests;
