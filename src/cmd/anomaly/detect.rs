//! `govctl anomaly detect`: a stream of events or points in, alerts out.

use clap::{Args, ValueEnum};

use super::reading::{self, DataArgs, Got, Read};
use super::setup::{Setup, SetupArgs};
use super::state::{StateArgs, StateFile};
use super::unjudged;
use super::wire::Wire;
use crate::anomaly::buckets::Taken;
use crate::anomaly::code::Code;
use crate::anomaly::intake::Event;
use crate::anomaly::times;
use crate::anomaly::watch::{Told, Watch};
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::anomaly::{Check, Event as Change, Guard, GuardVerdict, Notification, Point};
use crate::record::finding::fingerprint;
use crate::record::run::{Counts, counts};
use crate::record::{Finding, Severity};
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GuardMode {
    /// Canaries when a day is over or their verdict changes, the weekly checks when a week is over
    On,
    Off,
    /// All checks once, at the end of the run, and mutes that have expired
    Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// An alert that opens or grows, or a guard that fails; of rules without parameters the canaries only warn
    Alert,
    /// A guard that fails, with or without parameters; alerts do not count
    Guard,
    Never,
}

/// Alert when a series deviates from its own past: hour, weekday and drift of each tenant
///
/// Reads events or points (NDJSON or CSV), counts or averages them in buckets by the rules of adaptive.yaml, and writes a
/// `govctl.anomaly/1` when an alert opens, escalates or closes. A bucket is judged once it is closed: when the newest record, or
/// `--now`, is past its end and the rule's lateness. With `--state` a run goes on where the last one ended: however an input is
/// split into runs, the records are those of one run. Canaries (`govctl.anomaly.guard/1`) prove all the time that a deviation of
/// the size `must_detect` would be heard.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl anomaly detect --rules adaptive.yaml exports.csv",
    "govctl anomaly detect --rules adaptive.yaml --state state.ndjson --now system exports.csv",
]))]
pub struct Detect {
    #[command(flatten)]
    setup: SetupArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    state: StateArgs,
    /// Also write a record for each closed bucket
    #[arg(long)]
    points: bool,
    /// Whether the rules are watched for going deaf
    #[arg(long, value_enum, default_value = "on", value_name = "WHEN")]
    guard: GuardMode,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value = "alert", value_name = "WHAT")]
    fail_on: FailOn,
    /// Accept canaries that are still inconclusive after seven scored days
    #[arg(long)]
    allow_inconclusive: bool,
}

pub fn run(ctx: &Ctx, args: &Detect) -> Result<Exit> {
    let setup = args.setup.load(ctx)?;
    let mut inputs = setup.inputs.clone();
    let mut state = args.state.open(ctx, &mut inputs)?;
    if let Some(state) = &state {
        state.check_now(ctx.clock.named_ms())?;
    }
    let exit = Session::run(ctx, "anomaly detect", "anomalies.ndjson", inputs, Compress::None, |session| {
        let mut run = Run::new(args, &setup, ctx.clock.named_ms());
        let result = run.all(session, state.as_mut());
        session.counts = run.counts();
        result.map(|exit| run.outcome(exit))
    })?;
    state.as_mut().map_or(Ok(()), StateFile::commit)?;
    Ok(exit)
}

/// A record that waits to be written: what is told cannot be written while the watch is at work.
enum Line {
    Alert(Box<Notification>),
    Point(Point),
    Guard(Box<Guard>),
}

struct Run<'a> {
    args: &'a Detect,
    setup: &'a Setup,
    watch: Watch<'a>,
    wire: Wire<'a>,
    /// Reused from event to event.
    lines: Vec<Line>,
    opened: u64,
    escalated: u64,
    closed: u64,
    muted: u64,
    /// Guards that fail the run.
    failed: u64,
    unusable: u64,
    remarks: String,
}

impl<'a> Run<'a> {
    fn new(args: &'a Detect, setup: &'a Setup, now_ms: Option<i64>) -> Run<'a> {
        let (rules, params) = (&setup.rules, setup.params());
        let watched = args.guard != GuardMode::Off;
        Run {
            watch: Watch::new(rules, params.clone(), args.data.max_series, watched).now_is(now_ms),
            wire: Wire::new(rules, params),
            args,
            setup,
            lines: Vec::new(),
            opened: 0,
            escalated: 0,
            closed: 0,
            muted: 0,
            failed: 0,
            unusable: 0,
            remarks: String::new(),
        }
    }

    fn all(&mut self, session: &mut Session, mut state: Option<&mut StateFile>) -> Result<Exit> {
        let ctx = session.ctx;
        let rules = &self.setup.rules.rules;
        if let Some(state) = &mut state {
            state.take_up(ctx, &mut self.watch)?;
        }
        let plan = self.args.data.plan(rules)?;
        let read = self.args.data.read(session, &plan, |session, got| match got {
            Got::Event(event) => self.take(session, event),
            Got::Idle => {
                session.flush()?;
                state.as_mut().map_or(Ok(()), |state| state.save_if_due(&self.watch))?;
                Ok(Taken::Yes)
            }
        });
        let read = match read {
            Ok(read) => read,
            Err(e) => {
                // A signal ends a stream that goes on: what was told stays told. A reader that is gone has not heard it.
                if matches!(e.kind, Kind::Interrupted(_)) {
                    session.flush()?;
                    state.map_or(Ok(()), |state| state.save(&self.watch))?;
                }
                return Err(e);
            }
        };
        (self.unusable, self.remarks) = (read.unusable, read.unusable_text());
        if !read.cut {
            self.finish(session)?;
            state.as_mut().map_or(Ok(()), |state| state.stage(&self.watch))?;
        }
        let exit = read.exit.and(self.not_taken(session, &read, state.as_deref()));
        self.judge_canaries(ctx);
        Ok(exit.and(Exit::found(self.is_found())))
    }

    /// Says what of the input was not judged as it came.
    fn not_taken(&self, session: &mut Session, read: &Read, state: Option<&StateFile>) -> Exit {
        let (buckets, rules, data) = (&self.watch.buckets, &self.setup.rules.rules, &self.args.data);
        reading::refused(session.ctx, buckets.refused.as_slice(), rules, data.max_series);
        let repeats = state.is_some_and(StateFile::repeats);
        let behind = unjudged::behind(session, buckets, data.strict_data, repeats);
        let unwatched = unjudged::unwatched(session, buckets, rules, read, data, state.is_none());
        let conflicting = buckets.counts.conflicting;
        if !data.strict_data || conflicting == 0 {
            return behind.and(unwatched);
        }
        session.error(&reading::conflicting(conflicting));
        Exit::Input
    }

    fn take(&mut self, session: &mut Session, event: &Event) -> Result<Taken> {
        let (wire, lines, args) = (&mut self.wire, &mut self.lines, self.args);
        let taken = self.watch.push(event, &mut |told| hold(told, wire, args, lines));
        if !self.lines.is_empty() {
            self.write(session)?;
        }
        match self.watch.too_fine() {
            Some(found) => Err(reading::too_fine(&self.setup.rules.rules[found.rule], &found.key, found.spacing_ms)),
            None => Ok(taken),
        }
    }

    /// Time comes to `--now`.
    fn finish(&mut self, session: &mut Session) -> Result<()> {
        if let Some(now) = session.ctx.clock.named_ms() {
            let (wire, lines, args) = (&mut self.wire, &mut self.lines, self.args);
            self.watch.advance(now, &mut |told| hold(told, wire, args, lines));
        }
        if self.args.guard == GuardMode::Report {
            for guarded in self.watch.guards() {
                self.lines.push(Line::Guard(Box::new(self.wire.guard(&guarded))));
            }
        }
        self.write(session)?;
        if self.args.guard == GuardMode::Report {
            self.expired_mutes(session)?;
        }
        session.flush()
    }

    fn write(&mut self, session: &mut Session) -> Result<()> {
        for line in self.lines.drain(..) {
            match line {
                Line::Point(point) => session.write(&point)?,
                Line::Guard(guard) => {
                    // Canaries are judged as they stand at the end.
                    self.failed += u64::from(guard.check != Check::Canary && guard.verdict == GuardVerdict::Fail);
                    session.write(&*guard)?;
                }
                Line::Alert(alert) => {
                    let of = match (alert.event, alert.muted) {
                        (Change::Close, _) => &mut self.closed,
                        (_, true) => &mut self.muted,
                        (Change::Open, false) => &mut self.opened,
                        (Change::Escalate, false) => &mut self.escalated,
                    };
                    *of += 1;
                    session.write(&*alert)?;
                }
            }
        }
        Ok(())
    }

    /// What the canaries say at the end decides, and is told; a rule that nobody tuned is only warned of.
    fn judge_canaries(&mut self, ctx: &Ctx) {
        let (mut failed, mut told) = (0, Vec::new());
        for guarded in self.watch.canaries() {
            let guard = self.wire.guard(&guarded);
            let open = guard.verdict == GuardVerdict::Inconclusive && guard.mature && !self.args.allow_inconclusive;
            if guard.verdict != GuardVerdict::Fail && !open {
                continue;
            }
            let counts = self.wire.is_tuned(guarded.rule) || self.args.fail_on == FailOn::Guard;
            failed += u64::from(counts);
            if counts || guard.verdict == GuardVerdict::Fail || guard.n == 0 {
                told.push(guard);
            }
        }
        self.failed += failed;
        for guard in told {
            let message = format!("{}: rule `{}`: {}", Code::Deaf.as_str(), guard.rule, guard.detail);
            let hint = match guard.n {
                0 => "look at `exclude` and `missing` of the rule, and whether its feed still has values",
                _ => "`govctl anomaly tune` finds parameters that hear enough",
            };
            ctx.ui.warn(&Error::usage(message).hint(hint));
        }
    }

    fn is_found(&self) -> bool {
        match self.args.fail_on {
            FailOn::Alert => self.opened + self.escalated + self.failed > 0,
            FailOn::Guard => self.failed > 0,
            FailOn::Never => false,
        }
    }

    /// A mute that is over belongs out of the file.
    fn expired_mutes(&self, session: &mut Session) -> Result<()> {
        let Some(now) = self.watch.buckets.watermark() else { return Ok(()) };
        for mute in self.setup.rules.mutes.iter().filter(|mute| mute.interval.until_ms <= now) {
            let of = mute.tenant.as_ref().map_or_else(|| mute.rule.clone(), |tenant| format!("{} {tenant}", mute.rule));
            let until = times::text(mute.interval.until_ms);
            let message = format!("the mute of {of} by {} ended at {until}: {}", mute.owner, mute.reason);
            let code = Code::MuteExpired;
            let mut finding = Finding::new("anomaly", code.as_str(), Severity::Warning, &of, message);
            finding.fingerprint = fingerprint(&["anomaly", code.as_str(), &of, &until]);
            finding.line = Some(mute.at.line());
            session.write(&finding)?;
        }
        Ok(())
    }

    fn counts(&self) -> Counts {
        let (b, c) = (&self.watch.buckets.counts, self.watch.counts());
        counts([
            ("events", b.events),
            ("points", c.points),
            ("buckets", b.buckets),
            ("series", self.watch.buckets.series() as u64),
            ("warming_up", c.warming_up),
            ("notified", c.notified),
            ("suppressed", c.suppressed),
            ("behind", b.behind),
            ("duplicates", b.repeated + b.conflicting),
            ("rewarmed", c.rewarmed),
            ("retired", b.retired),
            ("unusable", self.unusable),
        ])
    }

    fn outcome(&self, exit: Exit) -> Outcome {
        let b = &self.watch.buckets.counts;
        let (series, buckets) = (self.watch.buckets.series(), counted(b.buckets, "bucket"));
        let mut summary = format!(
            "{} opened, {} escalated, {} closed in {buckets} of {series} series",
            counted(self.opened, "alert"),
            self.escalated,
            self.closed
        );
        for (n, what) in [(self.muted, "muted"), (self.failed, "failed guards"), (b.behind, "behind")] {
            if n > 0 {
                summary.push_str(&format!("; {n} {what}"));
            }
        }
        if b.buckets == 0 && b.events > 0 {
            summary.push_str("; none was over: `--now system` lets time pass");
        }
        summary.push_str(&self.remarks);
        Outcome { exit, counts: self.counts(), summary }
    }
}

/// Keeps what is told as a record.
fn hold(told: Told, wire: &mut Wire, args: &Detect, lines: &mut Vec<Line>) {
    match told {
        Told::Point(judged, method) if args.points => lines.push(Line::Point(wire.point(judged, method))),
        Told::Point(..) => {}
        Told::Alert(judged, method, peers) => {
            lines.extend(wire.notification(judged, method, peers).map(|alert| Line::Alert(Box::new(alert))));
        }
        Told::Guard(guarded) if args.guard == GuardMode::On => lines.push(Line::Guard(Box::new(wire.guard(guarded)))),
        Told::Guard(_) => {}
    }
}
