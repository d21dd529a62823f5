//! `govctl diff verify`: recompute what a proof states.

mod files;
mod manifest;
mod rerun;
mod sources;

use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};

use self::files::{RunFiles, interrupted};
use self::manifest::Known;
use super::folder::PROOF;
use super::options::Rows;
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session};
use crate::diff::verify;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::diff::Verify as Verified;
use crate::record::run::{Counts, Input};
use crate::record::{Finding, Severity};

const INTERRUPTED: &str = "the run was interrupted, so its evidence is incomplete: it proves what was written, not that nothing else was found";
const AGAIN: &str = "make the run again, with the same --now and --seed it takes the place of this one";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Check {
    /// The proof is whole and spelled as govctl spells it
    Fields,
    /// SHA-256 of diffs.ndjson
    #[value(name = "output_sha256")]
    OutputSha256,
    /// Counts, recounted from diffs.ndjson and, where given, from the sources
    Counts,
    /// Root of each partition, recomputed from the sources
    PartitionRoot,
    /// Records, proof and exit code of the run made again from the sources
    Rerun,
    /// Root over the partitions
    Root,
    /// Ranges without gap and overlap
    Tiling,
    /// Ranges begin where those of the proof before ended
    Continuity,
    /// prev_sha256 is that of a proof at hand, and chains/_.json leads to the run
    Chain,
    /// Files and statements of manifest.json, and no other files
    Manifest,
    /// Signature of manifest.json
    Signature,
}

/// Verify a proof: recompute what it states from its outputs and, where they are given, from the sources
///
/// With the sources of both sides the run is made again, with the settings that the proof records, and each record is
/// compared. Prints one verdict per check. Exits 1 if one is false, 3 for a run that was interrupted. A check that could not be made, for want of sources say, is
/// null: it does not count as passed, and --require makes it 1. For an evidence folder its newest run is verified.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff verify out",
    "govctl diff verify out --lhs us.ndjson --rhs eu.ndjson --types types.yaml --require rerun",
]))]
pub struct Verify {
    /// A proof.json, a run directory, or an evidence folder; it comes before --lhs and --rhs
    #[arg(value_name = "PROOF|RUN_DIR", value_hint = ValueHint::AnyPath)]
    target: Option<String>,
    /// Recordings of the first side, to recompute its roots, and with the other side to make the run again
    #[arg(long, num_args = 1.., value_name = "SRC", value_hint = ValueHint::FilePath)]
    lhs: Vec<String>,
    /// Recordings of the second side
    #[arg(long, num_args = 1.., value_name = "SRC", value_hint = ValueHint::FilePath)]
    rhs: Vec<String>,
    /// Where the proofs of the job lie [default: the folder above the run directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    chain: Option<String>,
    /// The exception list of the run, to make it again
    #[arg(long, value_name = "FILE", requires = "lhs", value_hint = ValueHint::FilePath)]
    exceptions: Option<String>,
    /// Checks that must have been made
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CHECK")]
    require: Vec<Check>,
    #[command(flatten)]
    rows: Rows,
}

pub fn run(ctx: &Ctx, args: &Verify) -> Result<Exit> {
    one_stdin(&args.lhs.iter().chain(&args.rhs).collect::<Vec<_>>())?;
    let files = RunFiles::find(args.target()?)?;
    if let Some(newer) = &files.newer {
        ctx.ui.warn(&Error::input("was interrupted; the newest complete run is verified in its place").at_file(newer));
    }
    let Some(bytes) = &files.proof else { return args.unproved(ctx, &files) };
    let parsed = verify::parse(bytes, &files.shown).map_err(|e| Error::input(e).at_file(&files.proof_path))?;
    let given = match &parsed.proof {
        Some(proof) => args.load(proof, &files)?,
        None => None,
    };
    let mut inputs = vec![Input { sha256: files.sha256(), ..Input::named(files.shown.clone()) }];
    inputs.extend(args.lhs.iter().chain(&args.rhs).map(|name| Input::named(fs::record_name(name))));
    Session::run(ctx, "diff verify", "verify.ndjson", inputs, Compress::None, |session| {
        let mut all = vec![parsed.fields];
        let mut known = Known { proof: parsed.proof.as_ref(), ..Known::default() };
        let mut exit = Exit::Clean;
        if let Some(proof) = &parsed.proof {
            let outputs = files.output(proof)?;
            let shown = args.sources(ctx, proof, given.as_ref(), &files)?;
            (known.errors, known.outcome, exit) = (outputs.errors, shown.outcome, shown.exit);
            all.extend(outputs.checks.into_iter().chain(files.dead_letters(proof)?).chain(shown.checks));
            all.extend([verify::root(proof), verify::tiling(proof)]);
            let others = files.others(args.chain.as_deref())?;
            all.extend(verify::continuity(proof, others.as_deref()));
            all.push(verify::chain(proof, others.as_deref()));
        }
        all.extend(manifest::chain_check(&files)?);
        all.extend(manifest::check(&files, &known)?);
        all.push(manifest::signature(&files));
        if interrupted(&files.folder) {
            unfinished(session, &files, &Error::input(INTERRUPTED).at_file(&files.proof_path).hint(AGAIN));
            exit = exit.and(Exit::Input);
        }
        args.write(session, &all, exit)
    })
}

impl Verify {
    /// A flag that takes several names takes the run too, where that comes last.
    fn target(&self) -> Result<&str> {
        if let Some(target) = &self.target {
            return Ok(target);
        }
        let error = Error::usage("the run to verify is missing: a proof.json, a run directory or an evidence folder");
        let flags = [("--lhs", &self.lhs), ("--rhs", &self.rhs)];
        let is_run = |name: &&String| fs::is_dir(Path::new(name.as_str())) || name.ends_with(PROOF);
        let taken = flags.iter().find_map(|(flag, names)| Some((flag, names.iter().find(is_run)?)));
        Err(match taken {
            Some((flag, run)) => error.hint(format!(
                "{flag} takes all names that follow it, also `{run}`; name the run first: govctl diff verify {run} --lhs SRC --rhs SRC"
            )),
            None => error.hint("name it first: govctl diff verify RUN_DIR --lhs SRC --rhs SRC"),
        })
    }

    /// A run without a proof: its files can be held against the manifest, and no more.
    fn unproved(&self, ctx: &Ctx, files: &RunFiles) -> Result<Exit> {
        let inputs = vec![Input::named(files.shown.clone())];
        let folder = files.folder.to_string_lossy().into_owned();
        Session::run(ctx, "diff verify", "verify.ndjson", inputs, Compress::None, |session| {
            let mut all = manifest::check(files, &Known::default())?;
            all.extend(manifest::chain_check(files)?);
            all.push(manifest::signature(files));
            let error = match interrupted(&files.folder) {
                true => Error::input(INTERRUPTED).hint(AGAIN),
                false => Error::input(format!("has no {PROOF}; its files were held against its manifest"))
                    .hint("name a run directory that `govctl diff run --evidence` wrote"),
            };
            unfinished(session, files, &error.at_file(&folder));
            self.write(session, &all, Exit::Input)
        })
    }

    fn write(&self, session: &mut Session<'_>, all: &[Verified], exit: Exit) -> Result<Outcome> {
        for record in all {
            session.write(record)?;
        }
        Ok(self.outcome(all, exit))
    }

    fn outcome(&self, all: &[Verified], exit: Exit) -> Outcome {
        let count = |ok: Option<bool>| all.iter().filter(|v| v.ok == ok).count() as u64;
        let (passed, failed, open) = (count(Some(true)), count(Some(false)), count(None));
        let unmade = |check: &&Check| {
            let name = check.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
            let mut of_check = all.iter().filter(|v| v.check == name).peekable();
            of_check.peek().is_none() || of_check.any(|v| v.ok.is_none())
        };
        let missing = self.require.iter().filter(unmade).count() as u64;
        let first = all.iter().find(|v| v.ok == Some(false));
        let verdict = match (first, missing) {
            (Some(v), _) => format!("{failed} of {} checks failed, first {} of {}", all.len(), v.check, v.subject),
            (None, 0) => format!("{passed} checks passed"),
            (None, _) => format!("{passed} checks passed, {missing} required ones could not be made"),
        };
        Outcome {
            exit: exit.and(Exit::found(failed > 0 || missing > 0)),
            counts: Counts::from([
                ("passed".into(), passed),
                ("failed".into(), failed),
                ("not_made".into(), open),
                ("required_not_made".into(), missing),
            ]),
            summary: format!("{verdict}{}", not_made(all)),
        }
    }
}

/// Says why the run proves less than it should, to people and to the pages of CI systems, where no check failed.
fn unfinished(session: &mut Session<'_>, files: &RunFiles, why: &Error) {
    session.ctx.ui.error(why);
    let message = format!("{}: {}", files.shown, why.message);
    session.render(Finding::new("diff", "run_unfinished", Severity::Error, &files.shown, message));
}

/// The checks that were not made, by name: they are what the closing line must not pass over.
fn not_made(all: &[Verified]) -> String {
    let mut names: Vec<&str> = all.iter().filter(|v| v.ok.is_none()).map(|v| v.check.as_str()).collect();
    names.dedup();
    match names.as_slice() {
        [] => String::new(),
        names => format!("; not made: {}", names.join(", ")),
    }
}

/// The path of a file in the run's folder.
fn in_folder(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}
