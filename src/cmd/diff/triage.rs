//! `govctl diff triage`: a filter that marks the diffs which an exception excuses now.

use clap::{Args, ValueHint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stream;
use crate::cmd::{Ctx, Outcome, Session, duration};
use crate::diff::exceptions::{Exceptions, Judge, Tally};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::{Item, RecordReader};
use crate::io::sink::Compress;
use crate::record::diff::{Diff, UnauthorizedWrite};
use crate::record::run::{self, Counts, Input};
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

const OUTPUT: &str = "triage.ndjson";
const KNOWN: &[&str] = &["govctl.diff", "govctl.diff.unauthorized_write", "govctl.finding"];

/// Mark the diffs that a valid exception excuses
///
/// Every record passes; diffs get `triage`, `exception_id`, `owner`, `ticket` and `expires`. Exits 1 while a diff is
/// open that no exception excuses, and for what none can excuse: a tenant's row that was written outside its home
/// region, an error finding such as `inconclusive` or `truncate`. With patterns in the list the whole stream is held in
/// memory, since one diff too many voids a pattern.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson | govctl diff triage --exceptions exceptions.yaml",
    "govctl diff triage --exceptions exceptions.yaml --check",
]))]
pub struct Triage {
    /// The list of exceptions
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    exceptions: String,
    /// Longest time to live of an exception; can only lower the list's own limit
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_hyphen_values = true)]
    max_ttl: Option<i64>,
    /// Check the list only: an invalid one is exit 2, expired entries are findings
    #[arg(long, conflicts_with = "src")]
    check: bool,
    /// A stream of diffs
    #[arg(value_name = "SRC", default_value = "-", value_hint = ValueHint::FilePath)]
    src: String,
}

pub fn run(ctx: &Ctx, args: &Triage) -> Result<Exit> {
    if args.exceptions == "-" && !args.check && args.src == "-" {
        return Err(Error::usage("both the list and the stream are to come from standard input")
            .hint("name a file for one of them"));
    }
    let (list, input) = stream::load_exceptions(&args.exceptions, args.max_ttl)?;
    if args.check {
        return Session::run(ctx, "diff triage", OUTPUT, vec![input], Compress::None, |s| check(s, &list));
    }
    let mut reader = RecordReader::open(&args.src, KNOWN, true)?;
    let inputs = vec![input.clone()];
    Session::run(ctx, "diff triage", OUTPUT, inputs, Compress::None, |s| triage(s, &list, &input, &mut reader))
}

fn check(session: &mut Session, list: &Exceptions) -> Result<Outcome> {
    let expired = list.expired(session.ctx.clock.now_ms());
    for finding in &expired {
        session.write(finding)?;
    }
    let (all, gone) = (list.entries.len() as u64, expired.len() as u64);
    Ok(Outcome {
        exit: Exit::found(gone > 0),
        counts: Counts::from([("exceptions".into(), all), ("expired".into(), gone)]),
        summary: match all {
            1 => format!("1 exception is valid, {}", if gone > 0 { "but expired" } else { "and not expired" }),
            _ => format!("{all} exceptions are valid, {gone} of them expired"),
        },
    })
}

fn triage(session: &mut Session, list: &Exceptions, input: &Input, reader: &mut RecordReader) -> Result<Outcome> {
    let mut pass = Pass {
        judge: Judge::new(list, session.ctx.clock.now_ms()),
        held: list.counts_matches().then(Vec::new),
        file: reader.name.clone(),
        counts: Counts::new(),
        unauthorized: 0,
        explained: false,
        errors: 0,
    };
    let ctx = session.ctx;
    session.recording("", &reader.name);
    let ended = stream::read_upstream(&ctx.ui, reader, |item| {
        ctx.interrupt.check()?;
        if session.inputs.len() == 1 && !item.upstream.is_empty() {
            let named = || Input::named(fs::record_name(&pass.file));
            session.inputs.extend(item.upstream.iter().map(|id| Input { run_id: Some(id.clone()), ..named() }));
        }
        pass.take(session, &item)
    })?;
    // The manifest names all upstream runs, also those that start later in a stream put together with cat.
    session.inputs = std::iter::once(input.clone()).chain(stream::inputs_of(reader)).collect();
    let explained = pass.explained || pass.unauthorized + pass.errors > 0;
    let exit = ended.exit.and(stream::unexplained(&ctx.ui, reader, explained).exit);
    session.scope = reader.scope.clone();
    pass.release(session)?;
    let (findings, tally) = pass.judge.finish();
    for finding in &findings {
        session.write(finding)?;
    }
    Ok(outcome(exit, pass.counts, [pass.unauthorized, pass.errors], findings.len(), tally))
}

/// `beyond`: writes outside the home region, and error findings. No exception excuses them.
fn outcome(exit: Exit, mut counts: Counts, beyond: [u64; 2], findings: usize, tally: Tally) -> Outcome {
    let [unauthorized, errors] = beyond;
    let unexcused = tally.open - tally.excepted;
    let sums = [
        ("open", tally.open),
        ("new", tally.new),
        ("excepted", tally.excepted),
        ("expired", tally.expired),
        ("void", tally.void),
        ("unauthorized", unauthorized),
        ("errors", errors),
        ("findings", findings as u64),
    ];
    counts.extend(run::counts(sums));
    Outcome {
        exit: exit.and(Exit::found(unexcused + unauthorized + errors > 0)),
        summary: format!(
            "{unexcused} of {} without an exception, {} excepted; {}, {}; {} read",
            counted(tally.open, "open diff"),
            tally.excepted,
            counted(unauthorized, "unauthorised write"),
            counted(errors, "error finding"),
            counted(counts.get("read").copied().unwrap_or_default(), "record"),
        ),
        counts,
    }
}

/// A diff with the fields that this version does not know.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Annotated {
    #[serde(flatten)]
    diff: Diff,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl Record for Annotated {
    const TYPE: &'static str = Diff::TYPE;

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        self.diff.cells()
    }

    fn finding(&self) -> Option<Finding> {
        self.diff.finding()
    }

    fn supersedes(&self) -> Option<&str> {
        self.diff.supersedes()
    }
}

struct Pass<'a> {
    judge: Judge<'a>,
    /// Lines that wait for the end of the stream, where a verdict may depend on later ones.
    held: Option<Vec<(String, Vec<u8>)>>,
    file: String,
    counts: Counts,
    unauthorized: u64,
    /// A diff says why the producer ended with 1.
    explained: bool,
    /// Error findings, which no exception can excuse.
    errors: u64,
}

impl Pass<'_> {
    /// A record of a known type that cannot be read is reported at its place and left out.
    fn take(&mut self, session: &mut Session, item: &Item) -> Result<()> {
        match item.schema.as_str() {
            Diff::TYPE => {
                let diff: Diff = item.parse(&self.file)?;
                self.explained |= stream::explains(&diff);
                self.judge.see(&diff);
                self.count("diffs");
            }
            UnauthorizedWrite::TYPE => {
                // Unreadable or not, such a record is never a pass.
                self.unauthorized += 1;
                item.parse::<UnauthorizedWrite>(&self.file)?;
            }
            Finding::TYPE => {
                let finding: Finding = item.parse(&self.file)?;
                self.errors += u64::from(finding.severity == Severity::Error);
            }
            _ => {}
        }
        self.count("read");
        match &mut self.held {
            Some(held) => held.push((item.schema.clone(), item.line.to_vec())),
            None => self.write(session, item)?,
        }
        Ok(())
    }

    fn count(&mut self, name: &str) {
        *self.counts.entry(name.to_owned()).or_default() += 1;
    }

    /// Writes what was held back.
    fn release(&mut self, session: &mut Session) -> Result<()> {
        for (schema, line) in self.held.take().unwrap_or_default() {
            self.write(session, &Item { schema, line: &line, number: 0, upstream: &[] })?;
        }
        Ok(())
    }

    fn write(&mut self, session: &mut Session, item: &Item) -> Result<()> {
        if item.schema == Diff::TYPE {
            let mut record: Annotated = item.parse(&self.file)?;
            record.rest.shift_remove("schema");
            self.judge.decide(&mut record.diff);
            return session.write(&record);
        }
        let line = [item.line, b"\n"].concat();
        match item.schema.as_str() {
            UnauthorizedWrite::TYPE => session.write_as(&line, &item.parse::<UnauthorizedWrite>(&self.file)?),
            Finding::TYPE => session.write_as(&line, &item.parse::<Finding>(&self.file)?),
            _ => session.write_raw(&line),
        }
    }
}
