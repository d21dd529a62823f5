//! `govctl tenant test`: the tests of a policy, and what of it they run through.

use clap::{Args, ValueHint};

use super::jobs::{Measured, Testing};
use super::policy::{DEFAULT, PolicyArgs, refuse};
use super::worker::{self, Limits};
use crate::cmd::{Ctx, Outcome, Session, threads};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::policy::Fault;
use crate::policy::Sources;
use crate::policy::code::Code;
use crate::policy::suite::{Failed, Pattern, Told};
use crate::record::Finding;
use crate::record::finding::fingerprint;
use crate::record::run::counts;
use crate::record::tenant::{self as record, Coverage, Mutants, Test as Tested};
use crate::text::counted;

/// Run the tests of a policy and say which of its lines they ran through
///
/// Every rule `test_...` of any package is a test, and each case of a table `test_x[name] if { some name, case in cases; ... }`
/// counts by itself. No tests, too few lines covered, or too many changes of the policy that no test notices, is a failure. `--run` looks at
/// a part of the tests, so it asks for no coverage and changes nothing.
#[derive(Debug, Args)]
#[command(mut_arg("timeout", |timeout| timeout.default_value("60s")))]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant test policies",
    "govctl tenant test policies --run 'test_allowed/' --format human",
]))]
pub struct Test {
    /// The folder with the policy's `.rego` files and their tests
    #[arg(default_value = DEFAULT, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: String,
    /// Only tests whose name matches, such as data.switchboard_test.test_allowed or, a case, .../another label; the coverage is
    /// shown and asked for no longer
    #[arg(long, value_name = "REGEX", value_parser = pattern)]
    run: Option<String>,
    /// How many percent of the lines must be covered
    #[arg(long, default_value_t = 95.0, value_name = "PERCENT", value_parser = percent)]
    min_coverage: f64,
    /// How many percent of the mutants that decide otherwise must be noticed by a test
    #[arg(long, default_value_t = 95.0, value_name = "PERCENT", value_parser = percent)]
    min_mutation: f64,
    /// Do not change the policy to see whether the tests notice
    #[arg(long, conflicts_with = "min_mutation")]
    no_mutation: bool,
    /// Threads for the mutants; default: one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    limits: Limits,
}

fn pattern(text: &str) -> std::result::Result<String, String> {
    text.parse::<Pattern>().map(|_| text.to_owned())
}

fn percent(text: &str) -> std::result::Result<f64, String> {
    let number: Option<f64> = text.parse().ok().filter(|n| (0.0..=100.0).contains(n));
    number.ok_or_else(|| "a number from 0 to 100 was expected".to_owned())
}

/// What the child told.
struct Answer {
    tests: Vec<Tested>,
    /// What killed it, in which test.
    measured: std::result::Result<Measured, Finding>,
}

pub fn run(ctx: &Ctx, args: &Test) -> Result<Exit> {
    let read = PolicyArgs { policy: args.dir.clone() }.read()?;
    // A policy that is refused is a mistake of configuration, which ends a run before its first record.
    let answer = answer(ctx, args, read.sources)?;
    Session::run(ctx, "tenant test", "tests.ndjson", read.inputs, Compress::None, |session| {
        report(session, args, answer)
    })
}

fn answer(ctx: &Ctx, args: &Test, sources: Sources) -> Result<Answer> {
    let (mut tests, mut running) = (Vec::new(), None);
    // A part of the tests is asked to notice nothing.
    let mutation = (!args.no_mutation && args.run.is_none()).then(|| threads(args.jobs));
    let job = Testing { sources: sources.clone(), run: args.run.clone(), mutation };
    let done = worker::run(ctx, &args.limits, job, |told| {
        match told {
            Told::Begun(name, file, line) => running = Some((name, file, line)),
            Told::Ended(more) => {
                running = None;
                tests.extend(more);
            }
        }
        Ok(())
    })?;
    let measured = match done {
        Ok(Ok(measured)) => Ok(measured),
        Ok(Err(Failed::Policy(faults))) => {
            refuse(ctx, faults)?;
            return Err(Error::bug("a policy was refused without a reason"));
        }
        Ok(Err(Failed::Measure(text))) => return Err(Error::bug(text)),
        Err(fault) => Err(died(&fault, running)),
    };
    Ok(Answer { tests, measured })
}

/// The test that ran is where it happened.
fn died(fault: &Fault, running: Option<(String, String, u64)>) -> Finding {
    let mut finding = fault.finding("tenant");
    if let Some((name, file, line)) = running {
        finding.fingerprint = fingerprint(&["tenant", fault.code.as_str(), &file, &name]);
        (finding.subject, finding.file, finding.line) = (name, Some(file), Some(line));
    }
    finding
}

fn report(session: &mut Session, args: &Test, answer: Answer) -> Result<Outcome> {
    answer.tests.iter().try_for_each(|test| session.write(test))?;
    let of = |outcome| answer.tests.iter().filter(|test| test.outcome == outcome).count() as u64;
    let [passed, failed, errors, skipped] =
        [record::Outcome::Pass, record::Outcome::Fail, record::Outcome::Error, record::Outcome::Skipped].map(of);
    let mut counts = counts([("passed", passed), ("failed", failed), ("errors", errors), ("skipped", skipped)]);
    let ran = passed + failed + errors;
    let summary = format!("{passed} of {} passed", counted(ran, "test"));
    let measured = match answer.measured {
        Ok(measured) => measured,
        Err(finding) => {
            session.write(&finding)?;
            return Ok(Outcome { exit: Exit::Found, counts, summary: format!("{summary}; {}", finding.text()) });
        }
    };
    let mutants = measured.mutants.as_deref().map(Mutants::of);
    if let Some(mutants) = &mutants {
        counts.extend(mutants.counts());
    }
    let mut total = Coverage::total(&measured.coverage, Vec::new());
    let reasons = reasons(args, &total, mutants.as_ref(), failed + errors, ran);
    total.reasons = Some(reasons.iter().map(|(_, text)| text.clone()).collect());
    measured.mutants.iter().flatten().try_for_each(|mutant| session.write(mutant))?;
    measured.coverage.iter().chain([&total]).try_for_each(|coverage| session.write(coverage))?;
    for (code, text) in reasons.iter().filter_map(|(code, text)| Some((code.as_ref()?, text))) {
        session.render(Finding::new("tenant", code.as_str(), code.severity(), "the suite", text.clone()));
    }
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    let said = |code: Code| reasons.iter().any(|(of, _)| *of == Some(code));
    let covered = match total.coverage_percent {
        Some(percent) if !said(Code::CoverageLow) => format!(", {percent}% of the lines covered"),
        _ => String::new(),
    };
    let noticed = match mutants.as_ref().filter(|_| !said(Code::MutationLow)) {
        Some(Mutants { killed, survived, .. }) => {
            format!(", {killed} of {} noticed", counted(killed + survived, "mutant"))
        }
        None => String::new(),
    };
    let why: String = reasons.iter().map(|(_, text)| format!("; {text}")).collect();
    let summary = format!("{summary}{skipped}{covered}{noticed}{why}");
    Ok(Outcome { exit: Exit::found(!reasons.is_empty()), counts, summary })
}

/// Why the exit code is 1. What has a finding of its own has no code here.
fn reasons(
    args: &Test,
    total: &Coverage,
    mutants: Option<&Mutants>,
    bad: u64,
    ran: u64,
) -> Vec<(Option<Code>, String)> {
    let mut reasons = Vec::new();
    if bad > 0 {
        reasons.push((None, format!("{} did not pass", counted(bad, "test"))));
    }
    if ran == 0 {
        reasons.push((Some(Code::NoTests), "no test was run".to_owned()));
    }
    if args.run.is_none() && !total.reaches(args.min_coverage) {
        let covered =
            total.coverage_percent.map_or_else(|| "none of the lines".to_owned(), |p| format!("{p}% of the lines"));
        let text = format!("the tests cover {covered}, and {}% is asked for", args.min_coverage);
        reasons.push((Some(Code::CoverageLow), text));
    }
    if let Some(mutants) = mutants.filter(|mutants| !mutants.reaches(args.min_mutation)) {
        let all = mutants.killed + mutants.survived;
        let noticed = format!("the tests notice {} of {}", mutants.killed, counted(all, "mutant"));
        reasons.push((Some(Code::MutationLow), format!("{noticed}, and {}% is asked for", args.min_mutation)));
    }
    reasons
}
