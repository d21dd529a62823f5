//! Reads streams of govctl records: knows a whole stream from a cut one, skips what it does not know.

use memchr::memmem::Finder;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::io::source::{Line, Lines, Source, StreamDigest};
use crate::record::run::{Run, Scope};

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
    /// The commands that wrote them, and the lines on which they started.
    pub commands: Vec<String>,
    pub started: Vec<u64>,
    /// Outcome codes that upstream ends carried.
    pub outcomes: Vec<u8>,
    /// What all of them are about: up to the newest record, and checked only where each was.
    pub scope: Scope,
    whole: Whole,
    /// Unknown record types are skipped, or refused with `--strict`.
    known: &'static [&'static str],
    pass_unknown: bool,
    /// Looks for what every run record holds; made once, since that takes longer than to look through a line.
    run_words: Finder<'static>,
}

/// What the run records say about the data lines around them.
#[derive(Default)]
struct Whole {
    /// The run that started and has not ended.
    open: Option<String>,
    /// Of the data lines since the last run record, or since the beginning.
    data: Sha256,
    lines: u64,
    /// Data lines that are govctl records.
    records: u64,
    /// A stream that started had no end before the next one.
    cut: bool,
    /// Line of the first end record whose data lines are not those before it.
    altered: Option<u64>,
}

impl Whole {
    fn data_line(&mut self, line: &[u8], schema: &str) {
        self.data.update(line);
        self.data.update(b"\n");
        self.lines += 1;
        self.records += u64::from(schema.starts_with("govctl."));
    }

    fn start(&mut self, run_id: String) {
        self.cut |= self.open.replace(run_id).is_some();
        self.data = Sha256::new();
    }

    /// An end record vouches for the data lines since its start, or since the beginning where that is missing.
    fn end(&mut self, run_id: &str, sha256: &str, number: u64) {
        let data = std::mem::take(&mut self.data).finalize();
        let other_run = self.open.take().is_some_and(|open| open != run_id);
        if other_run || data_encoding::HEXLOWER.encode(&data) != sha256 {
            self.altered.get_or_insert(number);
        }
    }
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
            commands: Vec::new(),
            started: Vec::new(),
            outcomes: Vec::new(),
            scope: Scope::default(),
            whole: Whole::default(),
            known,
            pass_unknown,
            run_words: Finder::new("govctl.run/1"),
        }
    }

    /// Also hashes what is read, for the evidence; before the first line.
    pub fn hashed(mut self) -> Self {
        self.lines = self.lines.hashed();
        self
    }

    /// What was read, once the end was met; None where nobody asked for it.
    pub fn digest(&self) -> Option<StreamDigest> {
        self.lines.digest()
    }

    /// The bytes of the line read last, or the beginning of one that is too long.
    pub fn last_line(&self) -> &[u8] {
        self.lines.last_line()
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
                self.whole.data_line(line.bytes, "");
                return Ok(Next::Bad(Error::input("line is longer than 16 MiB").at(&self.name, number, None)));
            }
            let head: Head = match serde_json::from_slice(line.bytes) {
                Ok(head) => head,
                Err(e) => {
                    self.whole.data_line(line.bytes, "");
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
                if let Err(e) = self.run_record() {
                    let error = Error::input(format!("not a govctl.run record: {e}"));
                    return Ok(Next::Bad(error.at(&self.name, number, Some(e.column() as u64))));
                }
                continue;
            }
            self.whole.data_line(line.bytes, &schema);
            if known || self.pass_unknown {
                let line = self.lines.last_line();
                return Ok(Next::Item(Item { schema, line, number, upstream: &self.upstream }));
            }
        }
    }

    /// The next line that is no run record, as it is: whether it is JSON is the caller's matter. Blank lines are left out.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>> {
        loop {
            let Some(line) = self.lines.next_line()? else { return Ok(None) };
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            let (number, offset, too_long, unfinished) = (line.number, line.offset, line.too_long, line.unfinished);
            // Few lines hold these words, and only those are parsed here.
            let may_be_run = !too_long && self.run_words.find(line.bytes).is_some();
            let is_run = may_be_run
                && serde_json::from_slice::<Head>(line.bytes)
                    .is_ok_and(|head| head.schema.as_deref() == Some("govctl.run/1"));
            if is_run && self.run_record().is_ok() {
                continue;
            }
            self.whole.data_line(self.lines.last_line(), "");
            return Ok(Some(Line { bytes: self.lines.last_line(), number, offset, too_long, unfinished }));
        }
    }

    /// A whole line lies ready: the next call does not wait for the producer.
    pub fn has_line(&self) -> bool {
        self.lines.has_line()
    }

    /// Takes the line read last as a run record.
    fn run_record(&mut self) -> std::result::Result<(), serde_json::Error> {
        match serde_json::from_slice::<Run>(self.lines.last_line())? {
            Run::Start { run_id, command, .. } => {
                self.whole.start(run_id.clone());
                self.commands.push(command);
                self.started.push(self.lines.number());
                self.upstream.push(run_id);
            }
            Run::End { run_id, outcome, sha256, window_to, home_checked, .. } => {
                self.whole.end(&run_id, &sha256, self.lines.number());
                let first = self.outcomes.is_empty();
                let before = std::mem::take(&mut self.scope);
                self.scope = Scope {
                    window_to: before.window_to.max(window_to),
                    home_checked: if first { home_checked } else { before.home_checked.min(home_checked) },
                };
                self.outcomes.push(outcome);
            }
        }
        Ok(())
    }

    /// An error if a stream started and did not end, or holds other data lines than its end record says.
    pub fn check_complete(&self) -> Result<()> {
        if self.whole.open.is_some() || self.whole.cut {
            return Err(Error::input("the stream started and has no end record: its producer was cut off")
                .at_file(&self.name)
                .hint("run the producer again; only what came before the cut was read"));
        }
        match self.whole.altered {
            None => Ok(()),
            Some(line) => Err(Error::input("the lines before this end record are not those that its sha256 is of")
                .at(&self.name, line, None)
                .hint("run the producer again; a filter has to drop the govctl.run/1 records, which makes its output a bare stream")),
        }
    }

    /// An error if nothing shows that a producer was there: not even a run that found nothing leaves an empty stream.
    pub fn check_produced(&self) -> Result<()> {
        let error = match self.whole.lines {
            _ if self.whole.records > 0 || !self.outcomes.is_empty() || !self.upstream.is_empty() => return Ok(()),
            0 => Error::input("is empty: its producer ended before it wrote a record"),
            lines => Error::input(format!("none of the {lines} lines is a govctl record")),
        };
        Err(error.at_file(&self.name).hint(
            "this verb reads what `govctl diff run` writes; change events go to `govctl diff run` as --lhs and --rhs",
        ))
    }
}
