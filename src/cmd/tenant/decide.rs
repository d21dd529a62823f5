//! `govctl tenant decide`: requests in, decisions out, in order.

mod pipe;

use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use self::pipe::{Answer, Batch, Pipe};
use super::engine::{Engines, InARow, What};
use super::policy::{Source, SourceArgs};
use super::trial;
use super::worker::Limits;
use crate::clock::rfc3339_ms;
use crate::cmd::letters::{DEAD_LETTERS, Letters, LettersTo};
use crate::cmd::{Ctx, Outcome, Session, threads};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::RecordReader;
use crate::io::sink::Compress;
use crate::record::run::{self, Counts, Input};
use crate::record::tenant::Decision;
use crate::tenant::decide::{Order, Verdict};
use crate::tenant::reads::Reads;
use crate::tenant::request::MAX_LINE;
use crate::text::counted;
use crate::ui::Format;

/// Unreadable lines are shown one by one up to this number.
const SHOWN: u64 = 10;
/// Of a line that is too long, this much goes into the dead letters.
const KEPT: usize = 4 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A request was denied
    Deny,
    /// Nothing: denied requests are no failure
    Never,
}

/// Decide requests: may this subject touch this resource, of this class and label, in this region?
///
/// Reads NDJSON, `govctl.tenant.request/1` records or bare OPA input documents, and writes a `govctl.tenant.decision/1` for each,
/// in the same order. Only the fields that the policy reads are shown in a decision; the others are named under `erased`. A
/// line that cannot be read is reported and skipped, exit 3; records of other types of govctl are passed over.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant decide --in requests.ndjson --explain",
    "govctl tenant decide --policy embedded --tenants tenants.yaml --in requests.ndjson --fail-on never",
]))]
pub struct Decide {
    #[command(flatten)]
    source: SourceArgs,
    /// The requests
    #[arg(long = "in", default_value = "-", value_name = "SRC", value_hint = ValueHint::FilePath)]
    from: String,
    /// Keep the lines that cannot be read in this file, each with its place and the cause
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    dead_letter: Option<String>,
    /// Take records of other types for unreadable in place of passing over them
    #[arg(long)]
    strict: bool,
    /// Threads that decide; default: the number of cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value = "deny", value_name = "WHEN")]
    fail_on: FailOn,
    /// Also show this field of the request, a JSON pointer such as `/subject/id`; may be repeated
    #[arg(long, value_name = "POINTER")]
    log_field: Vec<String>,
    /// Say of each deny code in words which datum failed
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    limits: Limits,
}

pub fn run(ctx: &Ctx, args: &Decide) -> Result<Exit> {
    ctx.needs_no_findings("a decision")?;
    let data = [&args.source.data.tenants, &args.source.data.data];
    if args.from == "-" && data.into_iter().flatten().any(|path| path == "-") {
        return Err(Error::usage("both the requests and the tenants are to come from standard input")
            .hint("name a file for one of them"));
    }
    let source = args.source.load(ctx)?;
    trial::stand(ctx, &args.limits, &source)?;
    let inputs = source.inputs.clone();
    let order = order(ctx, args, source)?;
    let engines = Arc::new(Engines::new(order, args.limits.clone(), ctx.interrupt.clone())?);
    let reader = RecordReader::open(&args.from, &[], false)?.hashed();
    let name = reader.name.clone();
    Session::run(ctx, "tenant decide", "decisions.ndjson", inputs, Compress::None, |session| {
        let evidence = session.evidence.as_mut().map(|dir| dir.reserve(DEAD_LETTERS));
        let letters = Letters::open(&LettersTo { file: args.dead_letter.clone(), evidence })?;
        let pipe = Pipe::start(reader, &engines, threads(args.jobs));
        let (lost, tally) = (InARow::default(), Tally::default());
        let run = Run { name, letters, fail_on: args.fail_on, strict: args.strict, lost, tally };
        run.finish(session, pipe)
    })
}

fn order(ctx: &Ctx, args: &Decide, source: Source) -> Result<Order> {
    let first = |mut faults: Vec<crate::policy::Fault>| match faults.is_empty() {
        true => Error::bug("a policy could not be read again"),
        false => faults.remove(0).error(),
    };
    let mut reads = Reads::of(&source.sources).map_err(first)?;
    for pointer in &args.log_field {
        reads.add_pointer(pointer).ok_or_else(|| {
            Error::usage(format!("--log-field {pointer}: is no JSON pointer"))
                .hint("write it like /subject/id: `/` before each key")
        })?;
    }
    let now = ctx.clock.is_fixed().then(|| rfc3339_ms(ctx.clock.now_ms()));
    let Source { sources, data, revision, .. } = source;
    Ok(Order { sources, data, reads, revision, now, explain: args.explain })
}

#[derive(Default, Clone, Copy)]
struct Tally {
    allowed: u64,
    denied: u64,
    failed: u64,
    unreadable: u64,
    /// Records of other types.
    passed_over: u64,
}

struct Run {
    /// Of the source of requests.
    name: String,
    letters: Letters,
    fail_on: FailOn,
    strict: bool,
    lost: InARow,
    tally: Tally,
}

impl Run {
    fn finish(mut self, session: &mut Session, mut pipe: Pipe) -> Result<Outcome> {
        let ctx = session.ctx;
        let came = self.all(session, &mut pipe).inspect_err(|_| session.counts = self.tally.counts())?;
        let ended = pipe.end()?;
        let name = fs::record_name(&self.name);
        if let Some(read) = ended.reader.digest() {
            // Streams that were joined share the name of their source, and its bytes.
            for input in session.inputs.iter_mut().filter(|input| input.name == name && input.sha256.is_none()) {
                input.sha256 = Some(read.sha256.clone());
                (input.bytes, input.lines) = (Some(read.bytes), Some(read.lines));
            }
        }
        self.letters.flush()?;
        let mut exit = Exit::found(self.fail_on == FailOn::Deny && self.tally.denied + self.tally.failed > 0);
        let empty = || {
            let error = Error::input("is empty: its producer ended before it wrote a request").at_file(&self.name);
            (!came && ended.reader.outcomes.is_empty()).then_some(error)
        };
        let only_others = || {
            let Tally { allowed, denied, failed, unreadable, passed_over } = self.tally;
            let others = counted(passed_over, "record");
            let error = Error::input(format!("holds no request, but {others} of other types")).at_file(&self.name);
            (passed_over > 0 && allowed + denied + failed + unreadable == 0).then_some(error)
        };
        let cut =
            ended.error.clone().or_else(|| ended.reader.check_complete().err()).or_else(empty).or_else(only_others);
        match cut {
            Some(e) if e.kind != Kind::Input => return Err(e),
            Some(e) => {
                ctx.ui.error(&e);
                session.input_cut = true;
                exit = exit.and(Exit::Input);
            }
            None => {}
        }
        for outcome in &ended.reader.outcomes {
            exit = exit.and(Exit::of_producer(*outcome).unwrap_or(Exit::Clean));
        }
        Ok(self.outcome(exit))
    }

    /// Whether any batch came.
    fn all(&mut self, session: &mut Session, pipe: &mut Pipe) -> Result<bool> {
        let ctx = session.ctx;
        let named = Input::named(fs::record_name(&self.name));
        let mut first = true;
        loop {
            ctx.interrupt.check()?;
            let Some(batch) = pipe.next(|| session.flush(), || ctx.interrupt.check())? else { return Ok(!first) };
            let of_run = |id: &String| Input { run_id: Some(id.clone()), ..named.clone() };
            session.inputs.extend(batch.upstream.iter().map(of_run));
            if std::mem::take(&mut first) && batch.upstream.is_empty() {
                session.inputs.push(named.clone());
            }
            self.take(session, &batch)?;
            pipe.give_back(batch);
        }
    }

    fn take(&mut self, session: &mut Session, batch: &Batch) -> Result<()> {
        let shown = !matches!(session.ctx.ui.format, Format::Auto | Format::Ndjson);
        for Answer { number, line, what, decision } in batch.answers() {
            let verdict = match &what {
                What::Decided(verdict) => *verdict,
                What::Lost => Verdict::Failed,
                What::Unreadable(why) if why.other_record && !self.strict => {
                    self.tally.passed_over += 1;
                    continue;
                }
                What::Unreadable(why) => {
                    let error = Error::input(why.message.clone()).at(&self.name, number, why.column);
                    self.unreadable(session.ctx, &error, line)?;
                    continue;
                }
            };
            self.tally.count(verdict);
            if shown {
                let record: Decision = serde_json::from_slice(decision)
                    .map_err(|e| Error::bug(format!("a decision cannot be read again: {e}")))?;
                session.write_as(decision, &record)?;
            } else {
                session.write_raw(decision)?;
            }
            if self.lost.too_many_with(&what) {
                return Err(self.crash(number));
            }
        }
        Ok(())
    }

    fn crash(&self, number: u64) -> Error {
        let message =
            format!("engine_crash: {} requests in a row ended the process that evaluates the policy", InARow::MOST);
        Error::input(message)
            .at(&self.name, number, None)
            .hint("`error` of these decisions says how; look for a loop over large collections or for deep recursion")
    }

    fn unreadable(&mut self, ctx: &Ctx, error: &Error, line: &[u8]) -> Result<()> {
        self.tally.unreadable += 1;
        match self.tally.unreadable {
            n if n <= SHOWN => ctx.ui.error(error),
            n if n == SHOWN + 1 => ctx.ui.warn(&Error::input("more unreadable lines follow; the summary counts them")),
            _ => {}
        }
        let kept = if line.len() > MAX_LINE { &line[..KEPT] } else { line };
        let number = error.place.as_ref().and_then(|place| place.line);
        self.letters.write(&fs::record_name(&self.name), number, &error.message, kept)
    }

    fn outcome(self, exit: Exit) -> Outcome {
        let counts = self.tally.counts();
        let Tally { allowed, denied, failed, unreadable, passed_over } = self.tally;
        let decided = allowed + denied + failed;
        let mut summary = format!("{}: {allowed} allowed, {denied} denied", counted(decided, "request"));
        if failed > 0 {
            summary.push_str(&format!(", {failed} denied since the policy decided nothing"));
        }
        if unreadable > 0 {
            summary.push_str(&format!("; {} could not be read", counted(unreadable, "line")));
        }
        if passed_over > 0 {
            summary.push_str(&format!("; {} of other types passed over", counted(passed_over, "record")));
        }
        let exit = if unreadable > 0 { exit.and(Exit::Input) } else { exit };
        Outcome { exit, counts, summary }
    }
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Allowed => self.allowed += 1,
            Verdict::Denied => self.denied += 1,
            Verdict::Failed => self.failed += 1,
        }
    }

    fn counts(&self) -> Counts {
        let Tally { allowed, denied, failed, unreadable, passed_over } = *self;
        let decided = allowed + denied + failed;
        run::counts([
            ("decided", decided),
            ("allowed", allowed),
            ("denied", denied),
            ("failed", failed),
            ("unreadable", unreadable),
            ("passed_over", passed_over),
        ])
    }
}
