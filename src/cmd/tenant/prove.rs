//! `govctl tenant prove`: isolation of tenants over the complete domain.

use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};

use super::file;
use super::further::DomainArgs;
use super::jobs::{Proving, ask};
use super::policy::{Source, SourceArgs};
use super::worker::Limits;
use crate::cmd::{Ctx, Outcome, Session, threads};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::run::counts;
use crate::record::tenant::{Status, Verdict};
use crate::tenant::code::Code;
use crate::tenant::further::Further;
use crate::tenant::prove::{Answer, Certificate, Question, differences};
use crate::tenant::uses::Reason;
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// `full` up to 2,000,000 points, else `classes`
    Auto,
    /// Every tenant stands for itself
    Full,
    /// Two tenants stand for all of equal region, labels and classes
    Classes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Damaged data
    Faults,
    /// Changed policies
    Mutation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A policy that is not proved
    Unproved,
    /// Also code that no input could miss
    Redundant,
}

/// Prove over every input of the complete domain that no tenant is allowed another's data, region, class or label
///
/// The domain is the product of all values that the policy can tell apart: every tenant, region, kind, class, rank and label
/// of the data, unknown ones, and malformed ones. A policy that could tell apart more is refused by the place that does.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant prove --policy embedded --tenants tenants.yaml --evidence out",
    "govctl tenant prove --policy embedded --tenants tenants.yaml --certificate cert.json",
]))]
pub struct Prove {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    further: DomainArgs,
    /// Which tenants are looked at
    #[arg(long, value_enum, default_value = "auto", value_name = "MODE")]
    mode: Mode,
    /// A larger domain proves nothing instead of being cut
    #[arg(long, default_value_t = 50_000_000, value_name = "N")]
    max_points: u64,
    /// Leave a stage out; the proof says so
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STAGE")]
    skip: Vec<Stage>,
    /// What is exit 1
    #[arg(long, value_enum, default_value = "unproved", value_name = "WHAT")]
    fail_on: FailOn,
    /// Threads; default: one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Write the certificate here
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificate: Option<String>,
    /// Prove again what this certificate says, in its mode and with its stages: exit 1 and the differences where it is not so
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["certificate", "mode", "skip", "domain"])]
    check: Option<String>,
    #[command(flatten)]
    limits: Limits,
}

pub fn run(ctx: &Ctx, args: &Prove) -> Result<Exit> {
    let source = args.source.load(ctx)?;
    let given = args.check.as_deref().map(certificate).transpose()?;
    let mut inputs = source.inputs.clone();
    let further = args.further.load(&mut inputs)?;
    inputs.extend(args.check.as_deref().zip(given.as_ref()).map(|(path, given)| file::input(path, given.1.as_bytes())));
    // A policy that is refused is a mistake of configuration, which ends a run before its first record.
    let answer =
        ask(ctx, &args.limits, Proving(question(args, &source, further, given.as_ref().map(|given| &given.0))))?;
    Session::run(ctx, "tenant prove", "proof.ndjson", inputs, Compress::None, |session| {
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                session.write(&fault.finding("tenant"))?;
                let summary = format!("unproved: {}", fault.message);
                return Ok(Outcome { exit: Exit::Input, counts: counts([("points", 0)]), summary });
            }
        };
        let document = serde_json::to_value(&answer.certificate)
            .map_err(|e| Error::bug(format!("cannot encode the certificate: {e}")))?;
        let text = format!("{document:#}\n");
        if let Some(path) = &args.certificate {
            fs::write_output(Path::new(path), text.as_bytes())?;
        }
        if let Some(evidence) = &mut session.evidence {
            evidence.add_file("certificate.json", text.as_bytes())?;
        }
        let given = given.map(|(given, _)| serde_json::to_value(given).unwrap_or_default());
        let differ = given.map(|given| differences(&given, &document)).unwrap_or_default();
        report(session, args, &answer, &differ)
    })
}

/// The certificate to check, with its text.
fn certificate(path: &str) -> Result<(Certificate, String)> {
    let text = fs::read_small_text(path)?;
    let value = serde_json::from_str(&text).map_err(|e| {
        Error::usage(format!("is no certificate: {e}"))
            .at(path, e.line() as u64, Some(e.column() as u64))
            .hint("`govctl tenant prove --certificate FILE` writes one")
    })?;
    Ok((value, text))
}

fn question(args: &Prove, source: &Source, further: Further, certificate: Option<&Certificate>) -> Question {
    let mut question = Question {
        // With the tests: they must not add to the policy, and are otherwise left out.
        sources: source.sources.clone(),
        data: source.data.clone(),
        further,
        mode: match args.mode {
            Mode::Auto => None,
            Mode::Full => Some(crate::record::tenant::Mode::Full),
            Mode::Classes => Some(crate::record::tenant::Mode::Classes),
        },
        malformed: None,
        max_points: args.max_points,
        jobs: threads(args.jobs),
        shipped: super::policy::is_shipped(&source.sources),
        faults: !args.skip.contains(&Stage::Faults),
        mutation: !args.skip.contains(&Stage::Mutation),
    };
    if let Some(certificate) = certificate {
        certificate.ask(&mut question);
    }
    question
}

fn report(session: &mut Session, args: &Prove, answer: &Answer, differ: &[(String, String)]) -> Result<Outcome> {
    for (code, reason) in &answer.findings {
        session.write(&reason.finding(code.as_str(), code.severity()))?;
    }
    for (member, what) in differ {
        let reason = Reason { subject: member.clone(), ..Reason::of_nothing(what) };
        session.write(&reason.finding(Code::CertificateDiffers.as_str(), Code::CertificateDiffers.severity()))?;
    }
    answer.counterexamples.iter().try_for_each(|counterexample| session.write(counterexample))?;
    answer.isolation.iter().try_for_each(|isolation| session.write(isolation))?;
    answer.mutants.iter().try_for_each(|mutant| session.write(mutant))?;
    session.write(&answer.proof)?;
    for counterexample in &answer.counterexamples {
        if let Some(test) = &counterexample.rego_test {
            // Tabs would be spelled out as control characters.
            let test = test.replace('\t', "    ");
            session.human(&format!("\nA case for the policy's tests:\n\n{test}"))?;
        }
    }
    let proof = &answer.proof;
    let broken = answer.counterexamples.len() as u64;
    let summary = match proof.verdict {
        Verdict::Proved => {
            format!("proved over {} ({} allowed, none across tenants)", counted(proof.points, "point"), proof.allows)
        }
        Verdict::Refuted => {
            format!("refuted: {} over {}", counted(broken, "counterexample"), counted(proof.points, "point"))
        }
        Verdict::Unproved => format!("unproved: {}", proof.reasons.join("; ")),
    };
    let differs = if differ.is_empty() {
        String::new()
    } else {
        format!("; the certificate differs in {}", counted(differ.len() as u64, "member"))
    };
    let redundant = answer.mutants.iter().any(|mutant| mutant.status == Status::Equivalent);
    let exit = match answer.unevaluated {
        true => Exit::Input,
        false => Exit::found(
            proof.verdict != Verdict::Proved || !differ.is_empty() || (args.fail_on == FailOn::Redundant && redundant),
        ),
    };
    let counts = counts([
        ("points", proof.points),
        ("allows", proof.allows),
        ("cross_tenant_allows", proof.cross_tenant_allows),
        ("counterexamples", broken),
        ("findings", (answer.findings.len() + differ.len()) as u64),
    ]);
    Ok(Outcome { exit, counts, summary: format!("{summary}{differs}") })
}
