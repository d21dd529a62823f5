//! `govctl anomaly backtest`: the rules over their history against fixed and rolling thresholds, as a gate.

mod labels;
mod options;
mod page;
mod records;

use clap::{Args, ValueHint};

use self::labels::Files;
use self::options::{Clustered, GateBaseline, GateOn};
use self::page::Common;
use super::history::{self, Whole};
use super::reading::DataArgs;
use super::setup::{Setup, SetupArgs};
use crate::anomaly::backtest::{self, Asked, Backtest as Found, LEAST_BUCKETS, Refused, SetError, Subject, Wanted};
use crate::anomaly::code::Code;
use crate::anomaly::judge::labels::Around;
use crate::anomaly::judge::track::Warmup;
use crate::anomaly::judge::verdict::{Gate, passes};
use crate::anomaly::rules::Params;
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::run::Counts;
use crate::text::counted;

const OUTPUT: &str = "backtest.ndjson";
/// Without --seed.
const SEED: u64 = 1;

/// Judge rules on their history: false positives against fixed and rolling thresholds at the same detection power
///
/// Scores the whole history with the rules (--params: as tuned), with a static threshold of mean and standard deviation of the
/// warm-up, and with a rolling z-score of seven days. Power comes from labelled windows, and without any from injected effects; the
/// injections certify in any case that effects of the size `must_detect` are heard. The exit code is 0 only where every rule and all
/// series together pass, or with --set every named set: the bound of the injected power reaches `min_power`, and at the power of the
/// labels the false positive rate is lower than the baseline's by --min-reduction, also as a bound. Exits 3 for a rule with fewer
/// than 100 judged buckets.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl anomaly backtest --rules adaptive.yaml exports.csv --labels labels.csv",
    "govctl anomaly backtest --rules adaptive.yaml exports.csv --inject 200 --report backtest.html",
]))]
pub struct Backtest {
    #[command(flatten)]
    setup: SetupArgs,
    /// Parameters that are in use: the candidate may not have more false positives than they, nor lose power that the rule asks for
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    against: Option<String>,
    #[command(flatten)]
    data: DataArgs,
    /// Labelled anomalies: CSV or NDJSON with `rule`, `tenant`, `series`, `start`, `end` (half open), `kind`, `id`; or JSON of the Numenta
    /// benchmark, whose file names are tenants. A column of the data that --columns names `label` counts too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    labels: Vec<String>,
    /// Intervals that count neither way, in the same forms; inside a labelled window nothing is ignored
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ignore: Vec<String>,
    /// Buckets before and after a single labelled point that belong to its window
    #[arg(long, default_value = "-3,12", value_name = "FROM,TO", value_parser = Around::parse, allow_hyphen_values = true)]
    around: Around,
    /// What of each series is learned from and not judged: a share, or a time
    #[arg(long, default_value = "10%", value_name = "SHARE%|TIME", value_parser = options::warmup)]
    warmup: Warmup,
    /// Effects to inject per rule and kind (spike, burst, drop, ramp, shift), each in four sizes; 0 leaves them out
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    inject: usize,
    /// What has to reach the limits: bounds, or estimates alone
    #[arg(long, value_enum, default_value = "lower", value_name = "VALUE")]
    gate: GateOn,
    /// By how much the false positive rate has to be lower, as a fraction
    #[arg(long, default_value_t = 0.4, value_name = "FRACTION", value_parser = options::reduction, allow_negative_numbers = true)]
    min_reduction: f64,
    /// Than which baseline
    #[arg(long, value_enum, default_value = "static", value_name = "NAME")]
    gate_baseline: GateBaseline,
    /// What is drawn with replacement for the bounds of reductions
    #[arg(long, value_enum, default_value = "series", value_name = "WHAT")]
    cluster: Clustered,
    /// How often that is drawn
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = options::resamples)]
    resamples: usize,
    /// Judge the series of these tenants together, and let the exit code follow these sets alone; `*` stands for any text
    #[arg(long, value_name = "NAME=TENANT,...", value_parser = Wanted::parse)]
    set: Vec<Wanted>,
    /// Also judge the specification's sketch taken literally
    #[arg(long)]
    with_literal: bool,
    /// Write a page: one file that needs no network
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    report: Option<String>,
    /// Write the chart of power against false positives alone, as SVG
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    chart: Option<String>,
}

pub fn run(ctx: &Ctx, args: &Backtest) -> Result<Exit> {
    one_stdin(&args.data.from.iter().chain(&args.labels).chain(&args.ignore).collect::<Vec<_>>())?;
    let mut setup = args.setup.load(ctx)?;
    let against = args.against.as_deref().map(|path| setup.read_params(ctx, path)).transpose()?;
    let mut inputs = setup.inputs.clone();
    let mut files = Files::open(args, &mut inputs)?;
    Session::run(ctx, "anomaly backtest", OUTPUT, inputs, Compress::None, |session| {
        let exit = files.tell_bad(session);
        let whole = history::read(session, &args.data, &setup)?;
        session.counts.clone_from(&whole.counts);
        let current = setup.rules.rules.iter().map(|rule| against.as_ref().map(|known| known.get(&rule.id)));
        let subjects = subjects(&setup, current.collect(), &whole, &mut files);
        let asked = asked(ctx, args);
        let found = backtest::run(subjects, &asked, &|| ctx.interrupt.check())
            .map_err(|refused| refusal(refused, &args.data, &whole))?;
        tell_tuned_on_judged(ctx, &found);
        let exit = exit.and(whole.exit).and(files.labels.tell_unmatched(session, args.data.strict_data));
        let exit = exit.and(tell_too_little(session, &found));
        let records = records::of(&found, &asked);
        records.write(session)?;
        page::write(
            session,
            args,
            &Common { setup: &setup, whole: &whole, files: &files, asked: &asked },
            &found,
            &records,
        )?;
        Ok(outcome(exit, &whole, &files, &found, asked.gate))
    })
}

fn asked(ctx: &Ctx, args: &Backtest) -> Asked {
    Asked {
        warmup: args.warmup,
        inject: args.inject,
        resamples: args.resamples,
        cluster: args.cluster.into(),
        seed: ctx.seed.unwrap_or(SEED),
        gate: args.gate.into(),
        gate_baselines: args.gate_baseline.names().to_vec(),
        min_reduction: args.min_reduction,
        with_literal: args.with_literal,
        sets: args.set.clone(),
    }
}

fn subjects<'a>(
    setup: &'a Setup,
    against: Vec<Option<Option<&'a Params>>>,
    whole: &'a Whole,
    files: &mut Files,
) -> Vec<Subject<'a>> {
    let rules = setup.rules.rules.iter().zip(setup.params()).zip(against).zip(&whole.history.rules);
    let subject = |(((rule, params), against), series): (_, &'a Vec<_>)| Subject {
        rule,
        params,
        against,
        series: series.as_slice(),
        marks: files.marks(rule, series),
    };
    rules.map(subject).collect()
}

/// Why nothing was judged.
fn refusal(refused: Refused, data: &DataArgs, whole: &Whole) -> Error {
    match refused {
        Refused::Ended(error) => error,
        Refused::TooLittle(_) if whole.history.rules.iter().all(Vec::is_empty) => history::empty(data),
        Refused::TooLittle(rules) => {
            let names: Vec<String> = rules
                .iter()
                .map(|(rule, buckets)| format!("`{rule}` has {}", counted(*buckets as u64, "bucket")))
                .collect();
            too_little(&names.join(", "))
        }
        Refused::Nothing => Error::usage(format!(
            "{}: no labelled window lies behind the warm-up, and --inject is 0",
            Code::NothingToJudge.as_str()
        ))
        .hint("give --labels, or leave --inject at its default"),
        Refused::Set(SetError::Taken(name)) => {
            Error::usage(format!("--set: the name `{name}` is taken")).hint("a rule, another set or `all` has it")
        }
        Refused::Set(SetError::Empty(name)) => Error::usage(format!("--set: `{name}` names no tenant of the data"))
            .hint("tenants are written as in the data, `*` for any text; --tenant @stem names them after their files"),
    }
}

fn too_little(what: &str) -> Error {
    let message = format!(
        "{}: {what} behind the warm-up and outside labels, {LEAST_BUCKETS} are needed",
        Code::TooLittleHistory.as_str()
    );
    Error::input(message).hint("give a longer history, or a shorter --warmup")
}

fn tell_tuned_on_judged(ctx: &Ctx, found: &Found) {
    let rules: Vec<String> =
        found.rules.iter().filter(|rule| rule.tuned_on_judged).map(|rule| format!("`{}`", rule.rule.id)).collect();
    if rules.is_empty() {
        return;
    }
    let message = format!(
        "{}: the parameters of {} were tuned on data that is judged here, so the figures look better than they are",
        Code::TunedOnJudged.as_str(),
        rules.join(", ")
    );
    let hint = "`--warmup 70%` judges what `tune` left to certify; or give data from before or after, or other tenants";
    ctx.ui.warn(&Error::usage(message).hint(hint));
}

fn tell_too_little(session: &mut Session, found: &Found) -> Exit {
    for (rule, buckets) in &found.too_little {
        session.error(&too_little(&format!("rule `{rule}` has {}", counted(*buckets as u64, "bucket"))));
    }
    if found.too_little.is_empty() { Exit::Clean } else { Exit::Input }
}

fn outcome(exit: Exit, whole: &Whole, files: &Files, found: &Found, gate: Gate) -> Outcome {
    let mut counts: Counts = whole.counts.clone();
    let failed = found.gated().filter(|set| !passes(set.verdict, gate)).count();
    for (name, n) in [
        ("windows", found.windows()),
        ("injected", found.rules.iter().map(|rule| rule.injected).sum()),
        ("sets", found.sets.len()),
        ("failed", failed),
        ("misses", found.misses.len()),
        ("unmatched_labels", files.labels.unmatched()),
    ] {
        counts.insert(name.to_owned(), n as u64);
    }
    let summary = format!("{}{}", records::summary(found), whole.remarks);
    Outcome { exit: exit.and(Exit::found(!found.passes(gate))), counts, summary }
}
