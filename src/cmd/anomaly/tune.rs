//! `govctl anomaly tune`: the history of the rules to parameters that are proved on its last part.

mod file;
mod records;

use std::cell::Cell;

use clap::{Args, ValueHint};

use self::file::File;
use self::records::{Found, trials, tune};
use super::history::{self, Whole};
use super::labels::{AROUND, LabelFiles};
use super::reading::DataArgs;
use super::setup::{Setup, SetupArgs};
use crate::anomaly::code::Code;
use crate::anomaly::rules::{Params, Rule, params};
use crate::anomaly::tune::parameters::Origin;
use crate::anomaly::tune::search::{Outcome as Became, Tuned};
use crate::anomaly::tune::subject::{LEAST_ELIGIBLE, Subject};
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::run::{Counts, counts};
use crate::text::counted;

const OUTPUT: &str = "tune.ndjson";
/// Name of the parameter file in the evidence.
const PARAMS: &str = "params.ndjson";
/// Without --seed.
const SEED: u64 = 1;

/// Find parameters from history that hear what must be detected with the fewest notifications
///
/// Needs no labels: effects of the size `must_detect` are injected into the history. The first 70 % of the time fit: of each
/// configuration the highest threshold is taken at which the lower bound of the power reaches `min_power`, for every kind of effect
/// that the rule's direction asks for; the configuration with the fewest notifications per week is chosen. It is certified on the
/// last 30 % with other injections. Of each rule a `govctl.anomaly.trial/1` per configuration and a `govctl.anomaly.tune/1` are
/// written, and one line of --out. Parameters in use (--params, else those in --out) are replaced only by ones that send no more
/// and hear enough. Exits 1 where a rule is refused, 3 for a rule with fewer than 100 buckets to inject into and for input that
/// cannot be used; what --out holds for such a rule stays as it is.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl anomaly tune --rules adaptive.yaml --out params.ndjson exports.csv",
    "govctl anomaly tune --rules adaptive.yaml --out params.ndjson exports.csv --labels labels.csv --seed 7",
]))]
pub struct Tune {
    #[command(flatten)]
    setup: SetupArgs,
    /// The parameter file: replaced as a whole, and only where something new is to be written. It may be that of --params
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: String,
    /// Known anomalies, into which nothing is injected: CSV or NDJSON with `rule`, `tenant`, `series`, `start`, `end` (half open); or
    /// JSON of the Numenta benchmark, whose file names are tenants. A column of labels counts too, where --columns names it (label=NAME)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    labels: Vec<String>,
    #[command(flatten)]
    data: DataArgs,
}

pub fn run(ctx: &Ctx, args: &Tune) -> Result<Exit> {
    one_stdin(&args.data.from.iter().chain(&args.labels).collect::<Vec<_>>())?;
    let setup = args.setup.load(ctx)?;
    let mut inputs = setup.inputs.clone();
    let file = File::load(ctx, &args.out, args.setup.has_params(), &setup, &mut inputs)?;
    let mut labels = LabelFiles::load(&args.labels, AROUND, &mut inputs)?;
    Session::run(ctx, "anomaly tune", OUTPUT, inputs, Compress::None, |session| {
        let exit = labels.check(session);
        let whole = history::read(session, &args.data, &setup)?;
        session.counts.clone_from(&whole.counts);
        let exit = exit.and(whole.exit);
        if exit != Exit::Clean {
            // A part of the history proves nothing about all of it.
            let summary = format!("nothing was tuned: not all of the input could be used{}", whole.remarks);
            return Ok(Outcome { exit, counts: whole.counts, summary });
        }
        if whole.history.rules.iter().all(Vec::is_empty) {
            return Err(history::empty(&args.data));
        }
        let mut run = Run { ctx, setup: &setup, whole: &whole, file, tally: Tally::default() };
        run.all(session, &mut labels)?;
        let strict = labels.tell_unmatched(session, args.data.strict_data);
        run.file.save(session)?;
        Ok(run.outcome(strict, labels.unmatched() as u64))
    })
}

struct Run<'a> {
    ctx: &'a Ctx,
    setup: &'a Setup,
    whole: &'a Whole,
    file: File,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    trials: u64,
    written: u64,
    kept: u64,
    refused: u64,
    /// Of these for want of history.
    short: u64,
}

impl Run<'_> {
    fn all(&mut self, session: &mut Session, labels: &mut LabelFiles) -> Result<()> {
        for (rule, series) in self.setup.rules.rules.iter().zip(&self.whole.history.rules) {
            let extents = labels.extents(rule, series);
            let subject = Subject::new(rule, series, &extents, self.seed());
            match &subject {
                Some(subject) if subject.eligible() >= LEAST_ELIGIBLE => self.one(session, subject)?,
                _ => self.too_little(session, rule, subject.as_ref())?,
            }
        }
        Ok(())
    }

    fn seed(&self) -> u64 {
        self.ctx.seed.unwrap_or(SEED)
    }

    fn one(&mut self, session: &mut Session, subject: &Subject) -> Result<()> {
        let rule = subject.rule;
        let old = self.file.old(&rule.id).cloned();
        let tuned = self.search(subject, old.as_ref())?;
        for trial in trials(&rule.id, &tuned) {
            session.write(&trial)?;
        }
        self.tally.trials += tuned.trials.len() as u64;
        let origin =
            Origin { data_sha256: &self.whole.data_sha256, seed: self.seed(), version: env!("CARGO_PKG_VERSION") };
        let found = Found { subject, tuned: &tuned, old: old.as_ref() };
        match tuned.outcome {
            Became::Written => {
                if let Some((choice, certificate)) = tuned.choice.as_ref().zip(tuned.certificate.as_ref()) {
                    self.file.put(&rule.id, params::line(&subject.parameters(choice, certificate, origin))?);
                }
                self.tally.written += 1;
            }
            Became::Kept => {
                self.file.keep(&rule.id);
                self.tally.kept += 1;
            }
            Became::Refused => self.tally.refused += 1,
        }
        session.write(&tune(&found, self.file.sha256(&rule.id)))
    }

    fn search(&self, subject: &Subject, old: Option<&Params>) -> Result<Tuned> {
        let progress = self.ctx.ui.progress_of(subject.runs() as u64);
        let runs = Cell::new(0);
        subject.tune(old, &|| {
            progress.set(runs.replace(runs.get() + 1));
            self.ctx.interrupt.check()
        })
    }

    /// `subject` where the rule has a bucket.
    fn too_little(&mut self, session: &mut Session, rule: &Rule, subject: Option<&Subject>) -> Result<()> {
        let eligible = subject.map_or(0, Subject::eligible) as u64;
        let reason = format!("{} can be judged, at least {LEAST_ELIGIBLE} are needed", counted(eligible, "bucket"));
        let message = format!("{}: rule `{}`: {reason}", Code::TooLittleHistory.as_str(), rule.id);
        session
            .error(&Error::input(message).hint("give a longer history; a bucket counts once its series is warmed up"));
        self.tally.refused += 1;
        self.tally.short += 1;
        let record = records::too_little(rule, subject, reason, self.file.sha256(&rule.id));
        session.write(&record)
    }

    fn outcome(&self, strict: Exit, unmatched: u64) -> Outcome {
        let Tally { trials, written, kept, refused, short } = self.tally;
        let rules = counted(written + kept + refused, "rule");
        let name = fs::record_name(&self.file.path);
        let became = self.file.became();
        let summary = format!("{rules}: {written} written, {kept} kept, {refused} refused; {name} {became}");
        let exit = Exit::found(refused > 0).and(if short > 0 { Exit::Input } else { Exit::Clean }).and(strict);
        let mut all: Counts = self.whole.counts.clone();
        all.extend(counts([
            ("rules", written + kept + refused),
            ("trials", trials),
            ("written", written),
            ("kept", kept),
            ("refused", refused),
            ("unmatched_labels", unmatched),
        ]));
        Outcome { exit, counts: all, summary }
    }
}
