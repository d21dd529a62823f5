//! `govctl tenant compare`: the access that a change adds and takes away.

mod side;

use clap::{Args, ValueEnum, ValueHint};

use super::file;
use super::further::DomainArgs;
use super::jobs::{Comparing, ask};
use super::policy::{self, Source};
use super::trust::TrustFlags;
use super::worker::Limits;
use crate::cmd::{Ctx, Outcome, Session, threads};
use crate::error::Result;
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::Severity;
use crate::record::run::counts;
use crate::record::tenant::{Change, Mode};
use crate::tenant::code::Code;
use crate::tenant::compare::accept::{self, Accepted};
use crate::tenant::compare::{Answer, Question, Side};
use crate::tenant::further::Further;
use crate::tenant::uses::Reason;
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Looked {
    /// `full` up to 100,000 points, else `classes`
    Auto,
    /// Every tenant stands for itself
    Full,
    /// One tenant, beside another one, stands for all of equal region, labels and classes on both sides
    Classes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Access that nobody answers for
    Granted,
    /// Also access that is taken away, and other deny codes
    Any,
}

/// Compare the access that two states of policy and tenants allow, over every input of the complete domain
///
/// A state is a signed bundle (a file), a folder, or a Git revision. What a change grants is shown for each pair of tenants, with
/// the smallest input that shows it and the part of the change that alone makes it: the policy, the catalog of classes and
/// regions, tenants that were added, or tenants that were changed.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant compare --base HEAD --head .",
    "govctl tenant compare --base bundle.tar.gz --verification-key sign.pub.pem --head . --format github",
]))]
pub struct Compare {
    /// Before: a bundle, a folder, or a Git revision; `git:REV` where a file has the name of the revision
    #[arg(long, value_name = "STATE")]
    base: String,
    /// After
    #[arg(long, value_name = "STATE")]
    head: String,
    /// Where the list of tenants lies in a folder or revision
    #[arg(long, default_value = file::DEFAULT, value_name = "PATH")]
    tenants_path: String,
    /// Where the policy lies in a folder or revision
    #[arg(long, default_value = policy::DEFAULT, value_name = "PATH")]
    policy_path: String,
    #[command(flatten)]
    further: DomainArgs,
    /// Reviewed grants, YAML: each with tenants, size, owner, reason and expiry
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    accept: Option<String>,
    /// What is exit 1
    #[arg(long, value_enum, default_value = "granted", value_name = "WHAT")]
    fail_on: FailOn,
    /// Which tenants are looked at
    #[arg(long, value_enum, default_value = "auto", value_name = "MODE")]
    mode: Looked,
    /// Where more would have to be compared nothing is, instead of a part
    #[arg(long, default_value_t = 50_000_000, value_name = "N")]
    max_points: u64,
    /// Threads; default: one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    trust: TrustFlags,
    #[command(flatten)]
    limits: Limits,
}

pub fn run(ctx: &Ctx, args: &Compare) -> Result<Exit> {
    if ![&args.base, &args.head].into_iter().any(|given| side::is_bundle(given)) {
        args.trust.refuse_without_bundle()?;
    }
    let layout = side::Layout { tenants: &args.tenants_path, policy: &args.policy_path };
    let base = side::load(ctx, &args.trust, &layout, &args.base)?;
    let head = side::load(ctx, &args.trust, &layout, &args.head)?;
    let mut inputs = [base.inputs.clone(), head.inputs.clone()].concat();
    let further = args.further.load(&mut inputs)?;
    let mut accepted = Vec::new();
    if let Some(path) = &args.accept {
        let text = fs::read_small_text(path)?;
        inputs.push(file::input(path, text.as_bytes()));
        accepted = accept::parse(&text, path)?;
    }
    let answer = ask(ctx, &args.limits, Comparing(question(args, base, head, further)))?;
    Session::run(ctx, "tenant compare", "access.ndjson", inputs, Compress::None, |session| match answer {
        Ok(answer) => report(session, args, answer, &accepted),
        Err(fault) => {
            session.write(&fault.finding("tenant"))?;
            let summary = format!("not compared: {}", fault.message);
            Ok(Outcome { exit: Exit::Input, counts: counts([("points", 0)]), summary })
        }
    })
}

fn question(args: &Compare, base: Source, head: Source, further: Further) -> Question {
    let side = |source: Source| Side { sources: source.sources, data: source.data };
    Question {
        base: side(base),
        head: side(head),
        further,
        mode: match args.mode {
            Looked::Auto => None,
            Looked::Full => Some(Mode::Full),
            Looked::Classes => Some(Mode::Classes),
        },
        max_points: args.max_points,
        jobs: threads(args.jobs),
    }
}

fn report(session: &mut Session, args: &Compare, mut answer: Answer, accepted: &[Accepted]) -> Result<Outcome> {
    for (code, reason) in &answer.findings {
        session.write(&reason.finding(code.as_str(), code.severity()))?;
    }
    if !answer.reasons.is_empty() {
        return unproved(session, &answer);
    }
    let file = args.accept.as_deref().map(fs::record_name).unwrap_or_default();
    let findings = accept::accept(&mut answer.access, accepted, session.ctx.clock.now_ms(), &file);
    findings.iter().try_for_each(|finding| session.write(finding))?;
    if args.fail_on == FailOn::Any {
        let others = answer.access.iter_mut().filter(|access| access.change != Change::Granted);
        others.for_each(|access| access.severity = Severity::Error);
    }
    answer.access.iter().try_for_each(|access| session.write(access))?;
    let of = |change: Change| answer.access.iter().filter(|access| access.change == change).count() as u64;
    let (granted, revoked, recoded) = (of(Change::Granted), of(Change::Revoked), of(Change::Recoded));
    let accepted = answer.access.iter().filter(|access| access.accepted_by.is_some()).count() as u64;
    let errors = answer.access.iter().filter(|access| access.severity == Severity::Error).count() as u64;
    let summary = match answer.access.as_slice() {
        [] => format!("no decision changes over {}", counted(answer.points, "point")),
        _ => format!(
            "{granted} granted ({accepted} accepted), {revoked} revoked, {recoded} recoded over {}: {}",
            counted(answer.points, "point"),
            counted(errors, "error")
        ),
    };
    let counts = counts([
        ("points", answer.points),
        ("granted", granted),
        ("accepted", accepted),
        ("revoked", revoked),
        ("recoded", recoded),
        ("errors", errors),
        ("findings", findings.len() as u64),
    ]);
    Ok(Outcome { exit: Exit::found(errors > 0), counts, summary })
}

/// Nothing is known about the change.
fn unproved(session: &mut Session, answer: &Answer) -> Result<Outcome> {
    let why = answer.reasons.join("; ");
    let reason = Reason { subject: "comparison".to_owned(), ..Reason::of_nothing(&why) };
    session.write(&reason.finding(Code::Unproved.as_str(), Code::Unproved.severity()))?;
    // A place that is the reason is something found; a domain that is too large is not.
    let exit = if answer.findings.is_empty() { Exit::Input } else { Exit::Found };
    let counts = counts([("points", 0), ("findings", answer.findings.len() as u64 + 1)]);
    Ok(Outcome { exit, counts, summary: format!("unproved: {why}") })
}
