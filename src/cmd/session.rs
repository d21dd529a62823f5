//! One run from its start record to its manifest: the frame around every command that writes records.

use std::sync::atomic::Ordering;

use crate::clock::rfc3339_ms;
use crate::error::{Error, Kind, Result};
use crate::evidence::{Predicate, RunDir, without_key};
use crate::exit::{Exit, TABLE};
use crate::io::fs;
use crate::io::sink::{self, Compress, Sink};
use crate::record::run::{Counts, Input, Run, Scope};
use crate::record::{Finding, Record};
use crate::text::{counted, visible};

use super::{Ctx, finding_codes};

/// What a command's body found.
pub struct Outcome {
    pub exit: Exit,
    pub counts: Counts,
    /// The closing line of what people read.
    pub summary: String,
}

pub struct Session<'c> {
    pub ctx: &'c Ctx,
    pub run_id: String,
    pub started: String,
    /// Inputs as they go into the manifest; a body may refine them while it reads.
    pub inputs: Vec<Input>,
    pub evidence: Option<RunDir>,
    /// A part of the input never came: the evidence says that it is incomplete.
    pub input_cut: bool,
    /// What was counted so far, for the end record of a run that fails.
    pub counts: Counts,
    /// The closing line of a run that fails.
    pub said: String,
    /// What the records are about, for the end record.
    pub scope: Scope,
    command: &'static str,
    /// Name of the main output in the evidence.
    output: &'static str,
    sink: Sink,
    ended: Option<String>,
    started_output: bool,
}

impl<'c> Session<'c> {
    /// Runs `body` between a start and an end record. A closed pipe or a signal leaves no end record and evidence that is
    /// marked incomplete. Any other error leaves an end record with its exit code, and where the run had begun such evidence
    /// too: that it was made shows that its input was not judged. Wrong usage leaves none.
    pub fn run(
        ctx: &'c Ctx,
        command: &'static str,
        output: &'static str,
        inputs: Vec<Input>,
        compress: Compress,
        body: impl FnOnce(&mut Session<'c>) -> Result<Outcome>,
    ) -> Result<Exit> {
        let mut session = Session::open(ctx, command, output, inputs, compress)?;
        let result = match body(&mut session) {
            Ok(outcome) => session.write_end(outcome.exit, &outcome.counts).map(|()| outcome),
            Err(e) if e.cut_off() => Err(e),
            Err(e) => {
                if !session.started_output || e.kind == Kind::Usage {
                    session.evidence = None;
                }
                // Pipes carry no exit codes: the end record tells the reader. Of two errors the first is the cause.
                let counts = session.counts.clone();
                let _ = session.write_end(e.exit(), &counts);
                Err(e)
            }
        };
        session.close(result)
    }

    fn open(
        ctx: &'c Ctx,
        command: &'static str,
        output: &'static str,
        inputs: Vec<Input>,
        compress: Compress,
    ) -> Result<Self> {
        let run_id = ctx.clock.run_id(ctx.seed, &without_key(&ctx.argv))?;
        let mut sink = Sink::stdout(ctx.ui.format, ctx.ui.width, ctx.run_records, compress)?;
        sink.context.rules = finding_codes();
        let create = |root| RunDir::create(root, &run_id, ctx.seal.clone());
        let evidence = ctx.evidence.as_deref().map(create).transpose()?;
        if let Some(dir) = &evidence {
            sink.copy_to(Box::new(dir.writer(output)?));
        }
        ctx.rendered.store(true, Ordering::Relaxed);
        Ok(Session {
            ctx,
            started: rfc3339_ms(ctx.clock.now_ms()),
            run_id,
            inputs,
            evidence,
            input_cut: false,
            counts: Counts::new(),
            said: String::new(),
            scope: Scope::default(),
            command,
            output,
            sink,
            ended: None,
            started_output: false,
        })
    }

    pub fn write<R: Record>(&mut self, record: &R) -> Result<()> {
        self.begin()?;
        self.sink.write(record)
    }

    pub fn write_raw(&mut self, line: &[u8]) -> Result<()> {
        self.begin()?;
        self.sink.write_raw(line)
    }

    /// Passes a foreign line through as it is and shows people what it says.
    pub fn write_as<R: Record>(&mut self, line: &[u8], record: &R) -> Result<()> {
        self.begin()?;
        self.sink.write_as(line, record)
    }

    /// A finding for the renderings alone (SARIF, JUnit, GitHub).
    pub fn render(&mut self, finding: Finding) {
        self.sink.render(finding);
    }

    /// Says what could not be looked at, to people and in the renderings.
    pub fn error(&mut self, error: &Error) {
        self.ctx.ui.error(error);
        self.sink.context.failures.push(error.clone());
    }

    /// Where renderings show what was found on a side; without a side, of findings that name no recording of theirs.
    pub fn recording(&mut self, side: &'static str, name: &str) {
        if name != "-" {
            self.sink.context.recordings.push((side, fs::record_name(name)));
        }
    }

    /// A line for people; only in human format.
    pub fn human(&mut self, text: &str) -> Result<()> {
        self.sink.human(text)
    }

    pub fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    /// SHA-256 of the data lines so far.
    pub fn data_sha256(&self) -> String {
        self.sink.data_digest().0
    }

    /// The end of the run; read once, so that all records agree.
    pub fn ended(&mut self) -> String {
        let clock = self.ctx.clock;
        self.ended.get_or_insert_with(|| rfc3339_ms(clock.ended_ms())).clone()
    }

    /// Says at once that the run has started, so that a reader knows it even if the run is killed before its first
    /// record. A filter waits for its first record, since it names its upstream runs.
    pub fn begin(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.started_output, true) {
            return Ok(());
        }
        let start = Run::Start {
            run_id: self.run_id.clone(),
            command: self.command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.started.clone(),
            inputs: self.inputs.clone(),
            seed: self.ctx.seed,
        };
        self.sink.write_run(&start)?;
        self.sink.flush()
    }

    fn write_end(&mut self, exit: Exit, counts: &Counts) -> Result<()> {
        self.begin()?;
        let end = Run::End {
            run_id: self.run_id.clone(),
            ended: self.ended(),
            outcome: exit.code(),
            counts: counts.clone(),
            sha256: self.data_sha256(),
            window_to: self.scope.window_to.clone(),
            home_checked: self.scope.home_checked,
        };
        self.sink.write_run(&end)
    }

    /// What `-v` tells: the run's identity, what was read, what was counted, and what the exit code means.
    fn remarks(&self, outcome: &Outcome) {
        let ui = &self.ctx.ui;
        ui.detail(&format!("govctl {}, run {}", env!("CARGO_PKG_VERSION"), self.run_id));
        for input in &self.inputs {
            let of = |n: Option<u64>, noun: &str| n.map(|n| counted(n, noun));
            let facts: Vec<String> = of(input.lines, "line").into_iter().chain(of(input.bytes, "byte")).collect();
            let gap = if facts.is_empty() { "" } else { ": " };
            ui.detail(&format!("read {}{gap}{}", input.name, facts.join(", ")));
        }
        let counts: Vec<String> =
            outcome.counts.iter().filter(|(_, n)| **n > 0).map(|(name, n)| format!("{name} {n}")).collect();
        ui.detail(&format!("counts: {}", if counts.is_empty() { "all zero".to_owned() } else { counts.join(", ") }));
        ui.detail(&format!("exit code {}: {}", outcome.exit.code(), meaning(outcome.exit)));
    }

    fn close(mut self, result: Result<Outcome>) -> Result<Exit> {
        let ended = self.ended();
        let sha256 = self.data_sha256();
        if let Ok(outcome) = &result {
            self.remarks(outcome);
        }
        let mut predicate = Predicate {
            run_id: self.run_id,
            started: self.started,
            ended,
            counts: self.counts,
            sha256: sha256.clone(),
            command: self.command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            argv: self.ctx.argv.iter().map(|a| recorded_argument(a)).collect(),
            outcome: 0,
            complete: true,
            seed: self.ctx.seed,
            region: None,
            // No command knows yet that it is about one tenant alone.
            tenant: Some(None),
            inputs: self.inputs,
            policy_sha256: None,
            prev_manifest_sha256: None,
        };
        let why = unfinished(&result);
        self.sink.context.unfinished = why.is_some();
        let said = !self.sink.context.failures.is_empty() || self.sink.shows_error();
        self.sink.context.failures.extend(why.filter(|_| result.is_err() || !said));
        let finished = self.sink.finish();
        let result = result.and_then(|outcome| finished.map(|()| outcome));
        let mut evidence_note = String::new();
        if let Some(mut dir) = self.evidence {
            dir.add_subject(self.output, sha256);
            predicate.complete = result.is_ok() && !self.input_cut;
            match &result {
                Ok(outcome) => {
                    predicate.outcome = outcome.exit.code();
                    predicate.counts = outcome.counts.clone();
                }
                Err(e) => predicate.outcome = e.status(),
            }
            match (dir.finish(predicate), &result) {
                (Ok(path), Ok(_)) => evidence_note = format!("evidence in {}", path.display()),
                (Ok(path), Err(_)) => evidence_note = format!("incomplete evidence in {}", path.display()),
                // Of two errors the first is the cause.
                (Err(e), Err(first)) if !first.cut_off() => self.ctx.ui.error(&e),
                (Err(e), _) => return Err(e),
            }
        }
        let (summary, exit) = match result {
            Ok(outcome) => (outcome.summary, Ok(outcome.exit)),
            Err(e) if e.cut_off() => return Err(e),
            Err(e) => (self.said, Err(e)),
        };
        let said = [summary, evidence_note];
        let said: Vec<&str> = said.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        say(self.ctx, &said.join("; "))?;
        exit
    }
}

/// Why a run did not do the whole of its work.
fn unfinished(result: &Result<Outcome>) -> Option<Error> {
    match result {
        Err(e) => Some(e.clone()),
        Ok(Outcome { exit: Exit::Clean | Exit::Found, .. }) => None,
        Ok(outcome) => Some(Error::input(format!("{}: {}", meaning(outcome.exit), outcome.summary))),
    }
}

fn meaning(exit: Exit) -> &'static str {
    TABLE.iter().find(|(code, _)| *code == exit.code()).map_or("", |(_, meaning)| meaning)
}

/// The closing line, in one place.
fn say(ctx: &Ctx, text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    if !ctx.ui.closes_on_stdout() {
        ctx.ui.closing(text);
        return Ok(());
    }
    match sink::print(&format!("{}\n", visible(text))) {
        // A reader that has seen enough by now has missed nothing else.
        Err(e) if e.cut_off() => Ok(()),
        other => other,
    }
}

/// Secrets are given as files, never as values; paths of this machine are cut to their last part.
fn recorded_argument(argument: &str) -> String {
    match argument.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => format!("{flag}={}", fs::record_name(value)),
        _ => fs::record_name(argument),
    }
}
