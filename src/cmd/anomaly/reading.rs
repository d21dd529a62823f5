//! Data to the events of the rules: from which inputs, under which names, and what becomes of lines that cannot be used.

use clap::{Args, ValueHint};

use super::feeds::Feeds;
use crate::anomaly::buckets::{Ahead, Taken};
use crate::anomaly::code::Code;
use crate::anomaly::intake::{Columns, Event, Fault, Plan};
use crate::anomaly::rules::Rule;
use crate::anomaly::times;
use crate::clock::duration_text;
use crate::cmd::letters::{DEAD_LETTERS, Letters, LettersTo};
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Session};
use crate::error::{Error, Result, did_you_mean};
use crate::exit::Exit;
use crate::io::fs;
use crate::text::counted;

/// Unusable lines are shown one by one up to this number.
const SHOWN: u64 = 10;
/// The tenant is the name of the file.
const STEM: &str = "@stem";

#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// NDJSON or CSV with a header, plain, gzip or zstd; `-` is standard input. Several are read together, by the time of their records
    #[arg(default_value = "-", value_name = "SRC", value_hint = ValueHint::FilePath)]
    pub from: Vec<String>,
    /// What the data calls `ts`, `value`, a field of the rules, or `label`, such as ts=TimeStamp,value=Value
    #[arg(long, value_delimiter = ',', value_parser = column, value_name = "NAME=COLUMN,...")]
    columns: Vec<(String, String)>,
    /// Tenant of records that carry none; `@stem` is the name of their file without its ending
    #[arg(long, value_name = "NAME|@stem")]
    tenant: Option<String>,
    /// Keep the lines that cannot be used in this file, each with its place and the cause
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    dead_letter: Option<String>,
    /// So many series at most, over all rules; records of further ones are refused
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = at_least_one)]
    pub max_series: usize,
    /// Take for an error what is else counted and passed over: the same time twice with another value; labels that meet no data
    #[arg(long)]
    pub strict_data: bool,
}

/// What a record has whatever a rule calls it.
const ROLES: [&str; 3] = ["ts", "value", "label"];

fn at_least_one(text: &str) -> std::result::Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "a whole number from 1 on is expected".to_owned())
}

fn column(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, column)) if !name.is_empty() && !column.is_empty() => Ok((name.to_owned(), column.to_owned())),
        _ => Err(format!("`{text}` is not NAME=COLUMN, such as ts=TimeStamp")),
    }
}

impl DataArgs {
    /// How lines are read under these rules.
    pub fn plan(&self, rules: &[Rule]) -> Result<Plan> {
        one_stdin(&self.from.iter().collect::<Vec<_>>())?;
        if let Some((_, twice)) = self.from.iter().enumerate().find(|(at, name)| self.from[..*at].contains(name)) {
            let error = Error::usage(format!("{twice} is given twice, and every record of it would count twice"));
            return Err(error.hint("give each file once"));
        }
        if self.tenant.as_deref() == Some(STEM) && self.from.iter().any(|name| name == "-") {
            return Err(Error::usage("--tenant @stem: standard input has no name")
                .hint("name the tenant, or give the data as a file"));
        }
        let mut columns = Columns::new();
        for (name, column) in &self.columns {
            if columns.insert(name.clone(), column.clone()).is_some() {
                return Err(Error::usage(format!("--columns: `{name}` is named twice")));
            }
        }
        let known: Vec<&str> = rules.iter().flat_map(|rule| rule.data.fields()).chain(ROLES).collect();
        if let Some(name) = columns.keys().find(|name| !known.contains(&name.as_str())) {
            let error = Error::usage(format!("--columns: no rule reads a field `{name}`"));
            return Err(match did_you_mean(name, known) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("the fields that a rule names can be called so, and `ts`, `value` and `label`"),
            });
        }
        Ok(Plan::new(rules, &columns))
    }

    /// The tenant of records of this input that carry none.
    pub fn tenant_of(&self, name: &str) -> Option<String> {
        match self.tenant.as_deref() {
            Some(STEM) => Some(stem(name).to_owned()),
            other => other.map(str::to_owned),
        }
    }

    /// Reads all inputs; hands over every event in its order, and when the next one has not come yet.
    pub fn read(
        &self,
        session: &mut Session,
        plan: &Plan,
        mut each: impl FnMut(&mut Session, Got) -> Result<Taken>,
    ) -> Result<Read> {
        let mut feeds = Feeds::open(self, plan, session.ctx)?;
        let evidence = session.evidence.as_mut().map(|dir| dir.reserve(DEAD_LETTERS));
        let letters = Letters::open(&LettersTo { file: self.dead_letter.clone(), evidence })?;
        let mut bad = Bad { letters, read: Read::default() };
        let came = feeds.all(session, &mut bad, &mut each);
        bad.letters.flush()?;
        feeds.name_inputs(session);
        came?;
        bad.read.records = feeds.records();
        feeds.counted().take(1).for_each(|(name, rules)| session.ctx.ui.warn(&counts_records(plan, name, rules)));
        if let Err(cut) = feeds.check_complete() {
            session.error(&cut);
            (session.input_cut, bad.read.cut) = (true, true);
            bad.read.exit = Exit::Input;
        }
        bad.read.exit = feeds
            .outcomes()
            .fold(bad.read.exit, |exit, outcome| exit.and(Exit::of_producer(outcome).unwrap_or(Exit::Clean)));
        if bad.read.unusable > 0 {
            bad.read.exit = bad.read.exit.and(Exit::Input);
        }
        Ok(bad.read)
    }
}

/// `app1-01` of `data/app1-01.csv.gz`.
pub fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    let plain = [".gz", ".zst"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    plain.rsplit_once('.').map_or(plain, |(stem, _)| stem)
}

/// What reading comes to.
pub enum Got<'e> {
    Event(&'e Event<'e>),
    /// Nothing is there to be read yet: a good time to write what was found.
    Idle,
}

/// What was read.
#[derive(Debug, Clone, Copy)]
pub struct Read {
    pub exit: Exit,
    /// Whether a rule uses them or not.
    pub records: u64,
    /// Lines of which some rule could use nothing.
    pub unusable: u64,
    /// A producer was cut off.
    pub cut: bool,
}

impl Default for Read {
    fn default() -> Read {
        Read { exit: Exit::Clean, records: 0, unusable: 0, cut: false }
    }
}

impl Read {
    /// For the summary; empty where all was well.
    pub fn unusable_text(&self) -> String {
        match self.unusable {
            0 => String::new(),
            n => format!("; {} could not be used", counted(n, "line")),
        }
    }
}

/// Lines that could not be used.
pub struct Bad {
    letters: Letters,
    pub read: Read,
}

/// A line and where it stands.
#[derive(Clone, Copy)]
pub struct At<'l> {
    pub name: &'l str,
    pub number: u64,
    pub bytes: &'l [u8],
}

impl Bad {
    /// What is wrong with a line: it is counted and kept once.
    pub fn line(&mut self, session: &mut Session, at: At, faults: &[Fault]) -> Result<()> {
        let Some(first) = faults.first() else { return Ok(()) };
        self.read.unusable += 1;
        for fault in faults {
            let mut error = Error::input(format!("{}: {}", fault.code.as_str(), fault.message));
            error.hint.clone_from(&fault.hint);
            self.show(session, &error.at(at.name, at.number, fault.column));
        }
        self.keep(at, first.code, &first.message)
    }

    /// An event whose bucket is closed: counted elsewhere, kept here.
    pub fn behind(&mut self, at: At) -> Result<()> {
        let cause = "behind: its bucket is closed";
        self.letters.write(&fs::record_name(at.name), Some(at.number), cause, at.bytes)
    }

    /// A series too many; which ones is said at the end.
    pub fn too_many(&mut self, at: At) -> Result<()> {
        self.read.unusable += 1;
        self.keep(at, Code::TooManySeries, "its series is one too many")
    }

    fn keep(&mut self, at: At, code: Code, message: &str) -> Result<()> {
        let cause = format!("{}: {message}", code.as_str());
        self.letters.write(&fs::record_name(at.name), Some(at.number), &cause, at.bytes)
    }

    fn show(&self, session: &mut Session, error: &Error) {
        match self.read.unusable {
            n if n <= SHOWN => session.error(error),
            n if n == SHOWN + 1 => {
                let more = Error::input("more lines that cannot be used follow; the summary counts them");
                session.ctx.ui.warn(&more);
            }
            _ => {}
        }
    }
}

/// A record that is later than can be.
pub fn ahead(ahead: Ahead) -> Fault {
    let Ahead { time, of, named } = ahead;
    let (by, time, of) = (duration_text(time - of), times::text(time), times::text(of));
    let (than, hint) = match named {
        true => (
            "--now",
            "correct the clock of its producer, the `tz` of the rule, or --now; an hour is let through for clocks that differ",
        ),
        false => ("every record before it", "correct the source; where no record came for so long, give --now"),
    };
    let mut fault = Fault::new(Code::Ahead, format!("{time} is {by} later than {than} ({of})"));
    fault.hint = Some(hint.to_owned());
    fault
}

/// An export of counts that is taken for a list of events is a mistake which nothing else shows.
fn counts_records(plan: &Plan, name: &str, rules: &[usize]) -> Error {
    let rules: Vec<String> = rules.iter().map(|rule| format!("`{}`", plan.id(*rule))).collect();
    Error::usage(format!("{} counts the records and leaves their column `value` unread", rules.join(", ")))
        .at_file(name)
        .hint("where each record is a count, write `input: points` in the rule; to add values up `value: value`")
}

/// The errors of a whole input: series beyond the limit, points that come less often than their buckets.
pub fn refused(ctx: &Ctx, refused: &[(usize, String)], rules: &[Rule], limit: usize) {
    if refused.is_empty() {
        return;
    }
    let named =
        |(rule, key): &(usize, String)| format!("{} {}", rules[*rule].id, super::wire::series_name(&rules[*rule], key));
    let names: Vec<String> = refused.iter().map(named).collect();
    let message = format!(
        "{}: more than {limit} series; their records were refused, the first of {}",
        Code::TooManySeries.as_str(),
        names.join("; ")
    );
    let hint = "group by a field with fewer values, or raise --max-series";
    ctx.ui.error(&Error::input(message).hint(hint));
}

/// With --strict-data, values that contradict each other.
pub fn conflicting(n: u64) -> Error {
    let message = format!("{} of the same series and time with another value", counted(n, "record"));
    Error::input(message).hint("without --strict-data such values are averaged")
}

/// Buckets that are finer than the points are a mistake of the rule.
pub fn too_fine(rule: &Rule, key: &str, spacing_ms: i64) -> Error {
    let spacing = duration_text(spacing_ms);
    let message = format!(
        "{}: rule `{}`: the points of {} come every {spacing}, its bucket is {}",
        Code::BucketTooFine.as_str(),
        rule.id,
        super::wire::series_name(rule, key),
        crate::anomaly::rules::bucket_text(rule.bucket),
    );
    let hint = crate::anomaly::buckets::bucket_for(spacing_ms).map(|bucket| format!("write `bucket: {bucket}`"));
    let error = Error::usage(message);
    match hint {
        Some(hint) => error.hint(hint),
        None => error.hint("no bucket is longer than a day: such points are not read"),
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn the_stem_of_a_name() {
        let cases = [("a/b/app1-01.csv.gz", "app1-01"), ("x.ndjson", "x"), ("plain", "plain"), ("v1.2.csv", "v1.2")];
        for (name, expected) in cases {
            assert_eq!(stem(name), expected);
        }
    }
}
