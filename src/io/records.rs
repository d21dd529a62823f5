//! Reads streams of govctl records: knows a whole stream from a cut one, skips what it does not know.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::io::source::{Lines, Source};
use crate::record::run::Run;

const MAX_LINE: usize = 16 << 20;

/// One data record of a stream.
pub struct Item<'a> {
    /// The value of `schema`; empty for a bare object without one.
    pub schema: String,
    /// The exact bytes, without the newline.
    pub line: &'a [u8],
    pub number: u64,
    /// Run ids of the streams that started before this line.
    pub upstream: &'a [String],
}

impl Item<'_> {
    pub fn parse<T: for<'de> Deserialize<'de>>(&self, file: &str) -> Result<T> {
        serde_json::from_slice(self.line).map_err(|e| {
            Error::input(format!("not a {} record: {e}", self.schema)).at(file, self.number, Some(e.column() as u64))
        })
    }
}

/// What a reader found.
pub enum Next<'a> {
    Item(Item<'a>),
    /// A line that cannot be read; the stream goes on.
    Bad(Error),
    End,
}

pub struct RecordReader {
    pub name: String,
    lines: Lines,
    /// Run ids of the streams that started here.
    pub upstream: Vec<String>,
    /// Streams that started and did not end.
    open: u64,
    /// Outcome codes that upstream ends carried.
    pub outcomes: Vec<u8>,
    /// Unknown record types are skipped, or refused with `--strict`.
    known: &'static [&'static str],
    pass_unknown: bool,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    schema: Option<std::borrow::Cow<'a, str>>,
}

impl RecordReader {
    /// `known` lists record types without their major version, for example `govctl.diff`. With `pass_unknown`
    /// other types are given to the caller too (a filter passes them through).
    pub fn open(arg: &str, known: &'static [&'static str], pass_unknown: bool) -> Result<Self> {
        let source = Source::open(arg)?;
        Ok(Self::new(source, known, pass_unknown))
    }

    pub fn new(source: Source, known: &'static [&'static str], pass_unknown: bool) -> Self {
        RecordReader {
            name: source.name.clone(),
            lines: source.lines(MAX_LINE),
            upstream: Vec::new(),
            open: 0,
            outcomes: Vec::new(),
            known,
            pass_unknown,
        }
    }

    pub fn next_item(&mut self) -> Result<Next<'_>> {
        // The borrow checker cannot see that an early return ends the loan of a line, so each round
        // decides first and borrows again at the end.
        loop {
            let Some(line) = self.lines.next_line()? else { return Ok(Next::End) };
            if line.bytes.is_empty() {
                continue;
            }
            let number = line.number;
            if line.too_long {
                return Ok(Next::Bad(Error::input("line is longer than 16 MiB").at(&self.name, number, None)));
            }
            let head: Head = match serde_json::from_slice(line.bytes) {
                Ok(head) => head,
                Err(e) => {
                    let error = Error::input(format!("not a JSON object: {e}"));
                    return Ok(Next::Bad(error.at(&self.name, number, Some(e.column() as u64))));
                }
            };
            let schema = head.schema.map(|s| s.into_owned()).unwrap_or_default();
            let (name, major) = schema.rsplit_once('/').unwrap_or((&schema, "1"));
            let known = name == "govctl.run" || self.known.contains(&name);
            if known && major != "1" {
                return Err(Error::input(format!("{name} has major version {major}; this govctl reads 1"))
                    .at(&self.name, number, None)
                    .hint("use the govctl version that wrote the stream, or a newer one"));
            }
            if name == "govctl.run" {
                match serde_json::from_slice::<Run>(line.bytes) {
                    Ok(Run::Start { run_id, .. }) => {
                        self.upstream.push(run_id);
                        self.open += 1;
                    }
                    Ok(Run::End { outcome, .. }) => {
                        self.open = self.open.saturating_sub(1);
                        self.outcomes.push(outcome);
                    }
                    Err(e) => {
                        let error = Error::input(format!("not a govctl.run record: {e}"));
                        return Ok(Next::Bad(error.at(&self.name, number, Some(e.column() as u64))));
                    }
                }
                continue;
            }
            if known || self.pass_unknown {
                let line = self.lines.last_line();
                return Ok(Next::Item(Item { schema, line, number, upstream: &self.upstream }));
            }
        }
    }

    /// An error if a stream started and did not end: its producer was cut off.
    pub fn check_complete(&self) -> Result<()> {
        if self.open == 0 {
            return Ok(());
        }
        Err(Error::input("the stream started and has no end record: its producer was cut off")
            .at_file(&self.name)
            .hint("run the producer again; what was read so far was processed"))
    }
}
