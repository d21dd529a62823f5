//! `govctl evidence verify`: whether run directories are what their producers made.

use clap::{Args, ValueHint};

use crate::cmd::letters::DEAD_LETTERS;
use crate::cmd::{Ctx, Outcome, Session, key};
use crate::error::Result;
use crate::evidence::verify::{Chains, Found, Trust, Verified, find, verify};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::evidence::{Check, Outcome as Judged, Status, Verdict};
use crate::record::run::{Input, counts};
use crate::text::counted;

/// Verify evidence: the signature of the manifest, every file, nothing added, and the chain
///
/// Signatures are checked over the exact bytes of manifest.json, before anything in it is parsed, with the given keys and
/// never with one that comes with the evidence. Prints each check that did not pass and one verdict per run. Exits 1 if a
/// run is invalid; 3 if one cannot be verified: incomplete, without manifest, unsigned, or signed with a key that was not given.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl evidence verify evidence --producer-key sign.pub.pem",
    "govctl evidence verify evidence --producer-key sign.pub.pem --all-checks",
]))]
pub struct Verify {
    /// Run directories, or evidence folders: all runs in them
    #[arg(required = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    paths: Vec<String>,
    /// Public key, P-256 in PEM, of who may have made the runs; or env:NAME
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    producer_key: Vec<String>,
    /// Accept runs that nobody signed; signed ones still need their key
    #[arg(long)]
    allow_unsigned: bool,
    /// Also print the checks that passed
    #[arg(long)]
    all_checks: bool,
}

pub fn run(ctx: &Ctx, args: &Verify) -> Result<Exit> {
    let keys = args.producer_key.iter().map(|given| key::public(given)).collect::<Result<_>>()?;
    let trust = Trust { keys, allow_unsigned: args.allow_unsigned, may_be_withheld: &[DEAD_LETTERS] };
    let found = find(&args.paths)?;
    let inputs = found.runs.iter().map(|run| Input::named(run.shown.clone())).collect();
    Session::run(ctx, "evidence verify", "verify.ndjson", inputs, Compress::None, |session| {
        session.begin()?;
        let verified = all(ctx, &found, &trust)?;
        session.inputs = verified.iter().map(|v| input(&v.verdict)).collect();
        let shown = |check: &&Check| args.all_checks || check.status != Status::Pass;
        verified.iter().flat_map(|v| &v.checks).filter(shown).try_for_each(|check| session.write(check))?;
        verified.iter().try_for_each(|v| session.write(&v.verdict))?;
        Ok(outcome(&verified, found.unfinished))
    })
}

/// By the time at which they began.
fn all(ctx: &Ctx, found: &Found, trust: &Trust) -> Result<Vec<Verified>> {
    let mut chains = Chains::default();
    let mut all = Vec::with_capacity(found.runs.len());
    for run in &found.runs {
        ctx.interrupt.check()?;
        all.push(verify(run, trust, &mut chains));
    }
    let order = |v: &Verdict| (v.started.clone(), v.run_id.clone(), v.path.clone());
    all.sort_by_cached_key(|v| order(&v.verdict));
    Ok(all)
}

fn input(verdict: &Verdict) -> Input {
    Input {
        sha256: verdict.manifest_sha256.clone(),
        run_id: verdict.run_id.clone(),
        ..Input::named(verdict.path.clone())
    }
}

fn outcome(verified: &[Verified], unfinished: u64) -> Outcome {
    let of = |outcome: Judged| verified.iter().filter(|v| v.verdict.outcome == outcome).count() as u64;
    let (valid, unverifiable, invalid) = (of(Judged::Valid), of(Judged::Unverifiable), of(Judged::Invalid));
    let signed = verified.iter().filter(|v| v.verdict.key_id.is_some()).count() as u64;
    let unverified = if unverifiable > 0 { Exit::Input } else { Exit::Clean };
    let mut summary = format!(
        "{}: {valid} valid, {unverifiable} unverifiable, {invalid} invalid; {signed} signed with a given key",
        counted(verified.len() as u64, "run")
    );
    if unfinished > 0 {
        summary.push_str(&format!("; {} left out", counted(unfinished, "unfinished run")));
    }
    let n_checked = verified.iter().map(|v| v.verdict.n_checked).sum();
    let n_failed = verified.iter().map(|v| v.verdict.n_failed).sum();
    let counts = counts([
        ("runs", verified.len() as u64),
        ("valid", valid),
        ("unverifiable", unverifiable),
        ("invalid", invalid),
        ("signed", signed),
        ("unfinished", unfinished),
        ("checks", n_checked),
        ("failed", n_failed),
    ]);
    Outcome { exit: Exit::found(invalid > 0).and(unverified), counts, summary }
}
