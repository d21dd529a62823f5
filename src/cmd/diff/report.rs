//! `govctl diff report`: the daily report over runs and their proofs, or over a stream of diffs.

mod runs;

use std::path::Path;

use clap::{Args, ValueHint};

use super::stream;
use crate::clock::parse_rfc3339_ms;
use crate::cmd::{Ctx, Outcome, Session};
use crate::diff::exceptions::Exceptions;
use crate::diff::report::{
    Data, Summary, Unread, Verdict, Wanted, check_diff, check_write, html, summarize, yesterday,
};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::{Item, RecordReader};
use crate::io::sink::Compress;
use crate::record::diff::{Diff, UnauthorizedWrite};
use crate::record::run::{Counts, Input};
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

const OUTPUT: &str = "report.ndjson";
const PAGE: &str = "report.html";
const KNOWN: &[&str] = &["govctl.diff", "govctl.diff.unauthorized_write", "govctl.finding"];

/// Report a day: counts, times to repair, lags, exceptions, and whether the chain of proofs holds
///
/// With --runs the UTC day before --now is reported, from a stream alone every UTC day in it. A run belongs to the
/// day of its newest record. Exits 1 for an open diff that no exception excuses at the end of the last day, an
/// unauthorised write, an error finding such as a truncate, a p95 above 60 s, a broken chain, and where it cannot be
/// told whether the copies agree: a day without a run of a job, a run that could not conclude, inconclusive keys.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff report diffs.ndjson",
    "govctl diff report --runs out --exceptions exceptions.yaml --html report.html",
]))]
pub struct Report {
    /// Run directories, or a folder of them
    #[arg(long, value_name = "DIR", num_args = 1.., value_hint = ValueHint::DirPath)]
    runs: Vec<String>,
    /// The list of exceptions; without it the marks of an earlier triage count
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    exceptions: Option<String>,
    /// The UTC day to report
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<String>,
    /// Inconclusive keys are stated, but do not make the exit code 1
    #[arg(long)]
    allow_inconclusive: bool,
    /// Also write a page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    html: Option<String>,
    /// A stream of diffs [default: - without --runs]
    #[arg(value_name = "SRC", value_hint = ValueHint::FilePath)]
    src: Option<String>,
}

pub fn run(ctx: &Ctx, args: &Report) -> Result<Exit> {
    let now_ms = ctx.clock.now_ms();
    let day = args.day.as_deref().map(day).transpose()?;
    let days: Vec<i64> = match (day, args.runs.is_empty()) {
        (Some(day), _) => vec![day],
        (None, false) => vec![yesterday(now_ms)],
        (None, true) => Vec::new(),
    };
    let list = args.exceptions.as_deref().map(|path| stream::load_exceptions(path, None)).transpose()?;
    let src = args.src.as_deref().or(args.runs.is_empty().then_some("-"));
    if args.exceptions.as_deref() == Some("-") && src == Some("-") {
        return Err(Error::usage("both the list and the stream are to come from standard input")
            .hint("name a file for one of them"));
    }
    let reader = src.map(|src| RecordReader::open(src, KNOWN, false)).transpose()?;
    let inputs: Vec<Input> = list.iter().map(|l| l.1.clone()).collect();
    Session::run(ctx, "diff report", OUTPUT, inputs, Compress::None, |session| {
        let mut data = Data::default();
        let since_ms = days.iter().copied().min().unwrap_or(i64::MIN);
        let mut exit = runs::read(&ctx.ui, &args.runs, since_ms, &mut data, &mut session.inputs)?;
        if let Some(run) = data.runs.first() {
            session.recording("", &run.diffs_file);
        }
        if let Some(mut reader) = reader {
            session.recording("", &reader.name);
            exit = exit.and(read_stream(ctx, &mut reader, &mut data)?);
            session.inputs.extend(stream::inputs_of(&reader));
        }
        let wanted = Wanted { days, now_ms, allow_inconclusive: args.allow_inconclusive };
        let summary = summarize(&data, list.as_ref().map(|l: &(Exceptions, Input)| &l.0), &wanted)?;
        write(session, &summary, args.html.as_deref())?;
        Ok(outcome(exit, &summary, data.runs.len()))
    })
}

fn day(text: &str) -> Result<i64> {
    let wrong = || Error::usage(format!("--day: `{text}` is not a day")).hint("write it like 2026-11-23");
    if text.len() != 10 {
        return Err(wrong());
    }
    parse_rfc3339_ms(&format!("{text}T00:00:00Z"), "--day").map_err(|_| wrong())
}

fn read_stream(ctx: &Ctx, reader: &mut RecordReader, data: &mut Data) -> Result<Exit> {
    let file = reader.name.clone();
    let ended = stream::read_upstream(&ctx.ui, reader, |item| {
        ctx.interrupt.check()?;
        take(&item, &file, &mut data.diffs, &mut data.writes, &mut data.findings)
    })?;
    let errors = data.findings.iter().any(|f| f.severity == Severity::Error);
    let explained = errors || !data.writes.is_empty() || data.diffs.iter().any(stream::explains);
    let more = stream::unexplained(&ctx.ui, reader, explained);
    let name = if file == "-" { "standard input".to_owned() } else { fs::record_name(&file) };
    data.unread.extend(ended.why.or(more.why).map(|why| Unread { name: name.clone(), why }));
    data.stream = Some((name, reader.upstream.clone()));
    data.scope = reader.scope.clone();
    Ok(ended.exit.and(more.exit))
}

/// Keeps one record. A time that cannot be read makes its line unreadable.
fn take(
    item: &Item,
    file: &str,
    diffs: &mut Vec<Diff>,
    writes: &mut Vec<UnauthorizedWrite>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let placed = |e: Error| e.at(file, item.number, None);
    match item.schema.as_str() {
        Diff::TYPE => {
            let diff = item.parse(file)?;
            check_diff(&diff).map_err(placed)?;
            diffs.push(diff);
        }
        UnauthorizedWrite::TYPE => {
            let write = item.parse(file)?;
            check_write(&write).map_err(placed)?;
            writes.push(write);
        }
        _ => findings.push(item.parse(file)?),
    }
    Ok(())
}

fn write(session: &mut Session, summary: &Summary, page: Option<&str>) -> Result<()> {
    for line in &summary.lines {
        session.write(line)?;
    }
    summary.findings().into_iter().for_each(|finding| session.render(finding));
    for total in summary.totals().filter(|t| t.proofs.is_some()) {
        session.human(&format!("\n{}, all tables:", total.day))?;
        for (name, text) in total.facts() {
            session.human(&format!("  {name:<40} {text}"))?;
        }
    }
    if page.is_none() && session.evidence.is_none() {
        return Ok(());
    }
    let text = html(summary);
    if let Some(path) = page {
        fs::write_output(Path::new(path), text.as_bytes())?;
    }
    match &mut session.evidence {
        Some(dir) => dir.add_file(PAGE, text.as_bytes()),
        None => Ok(()),
    }
}

fn outcome(exit: Exit, summary: &Summary, runs: usize) -> Outcome {
    let days = summary.totals().count() as u64;
    let mut reasons = summary.problems.clone();
    reasons.extend(summary.doubts().iter().map(|doubt| format!("cannot tell: {doubt}")));
    let verdict = match (reasons.as_slice(), summary.undecided().as_slice()) {
        ([], []) => "nothing needs attention".to_owned(),
        ([], undecided) => format!("nothing needs attention as far as decided (not decided: {})", undecided.join(", ")),
        (reasons, _) => reasons.join("; "),
    };
    Outcome {
        exit: exit.and(Exit::found(summary.verdict() != Verdict::Agree)),
        counts: Counts::from([
            ("days".into(), days),
            ("doubts".into(), summary.doubts().len() as u64),
            ("lines".into(), summary.lines.len() as u64),
            ("problems".into(), summary.problems.len() as u64),
            ("runs".into(), runs as u64),
        ]),
        summary: format!("{verdict}; {}, {}", counted(days, "day"), counted(runs as u64, "run")),
    }
}
