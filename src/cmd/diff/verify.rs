//! `govctl diff verify`: recompute what a proof states.

mod files;

use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};

use self::files::RunFiles;
use super::options::{Loaded, Rows, one_stdin};
use super::reading::{Consumer, Limits, Reader};
use crate::cmd::{Ctx, Outcome, Session};
use crate::diff::event::Event;
use crate::diff::ledger::Ledger;
use crate::diff::merge::Lane;
use crate::diff::types::{Table, index};
use crate::diff::verify::{self, Recount, not_made};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::diff::{Proof, Side, Verify as Verified};
use crate::record::run::{Counts, Input};

/// Order of reading; it has no influence on roots.
const DISORDER_MS: i64 = 2_000;

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
    /// Root over the partitions
    Root,
    /// Ranges without gap and overlap
    Tiling,
    /// Ranges begin where those of the proof before ended
    Continuity,
    /// prev_sha256 is that of a proof at hand
    Chain,
    /// Files and statements of manifest.json
    Manifest,
    /// Signature of manifest.json
    Signature,
}

/// Verify a proof: recompute what it states from its outputs and, where they are given, from the sources
///
/// Prints one verdict per check. Exits 1 if one is false. A check that could not be made, for want of sources say, is
/// null: it does not count as passed, and --require makes it 1. For an evidence folder its newest run is verified.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl diff verify out",
    "govctl diff verify out --lhs us.ndjson --rhs eu.ndjson --types types.yaml --require partition_root",
]))]
pub struct Verify {
    /// A proof.json, a run directory, or an evidence folder
    #[arg(value_name = "PROOF|RUN_DIR", value_hint = ValueHint::AnyPath)]
    target: String,
    /// Recordings of the first side, to recompute its roots
    #[arg(long, num_args = 1.., value_name = "SRC", value_hint = ValueHint::FilePath)]
    lhs: Vec<String>,
    /// Recordings of the second side
    #[arg(long, num_args = 1.., value_name = "SRC", value_hint = ValueHint::FilePath)]
    rhs: Vec<String>,
    /// Where the proofs of the job lie [default: the folder above the run directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    chain: Option<String>,
    /// Checks that must have been made
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CHECK")]
    require: Vec<Check>,
    #[command(flatten)]
    rows: Rows,
}

pub fn run(ctx: &Ctx, args: &Verify) -> Result<Exit> {
    one_stdin(&args.lhs.iter().chain(&args.rhs).collect::<Vec<_>>())?;
    let files = RunFiles::find(&args.target)?;
    let parsed = verify::parse(&files.bytes, &files.shown).map_err(|e| Error::input(e).at_file(&files.proof_path))?;
    let loaded = match &parsed.proof {
        Some(proof) => args.load(proof, &files)?,
        None => None,
    };
    let mut inputs = vec![Input { sha256: Some(files.sha256()), ..Input::named(files.shown.clone()) }];
    inputs.extend(args.lhs.iter().chain(&args.rhs).map(|name| Input::named(fs::record_name(name))));
    Session::run(ctx, "diff verify", "verify.ndjson", inputs, Compress::None, |session| {
        let mut all = vec![parsed.fields];
        let mut exit = Exit::Clean;
        if let Some(proof) = &parsed.proof {
            all.extend(files.output(proof)?);
            exit = args.sources(ctx, proof, loaded.as_ref(), &mut all)?;
            all.extend([verify::root(proof), verify::tiling(proof)]);
            let others = files.others(args.chain.as_deref())?;
            all.extend(verify::continuity(proof, others.as_deref()));
            all.push(verify::chain(proof, others.as_deref()));
        }
        all.extend(files.manifest(parsed.proof.as_ref())?);
        all.push(files.signature());
        for record in &all {
            session.write(record)?;
        }
        Ok(args.outcome(&all, exit))
    })
}

impl Verify {
    fn given(&self) -> [bool; 2] {
        [!self.lhs.is_empty(), !self.rhs.is_empty()]
    }

    /// The types and the key, which must be those of the proof; None where there is nothing to read.
    fn load(&self, proof: &Proof, files: &RunFiles) -> Result<Option<Loaded>> {
        let reads = self.given().contains(&true);
        let mut rows = self.rows.clone();
        rows.infer |= proof.inferred;
        if rows.types.is_none() && reads {
            rows.types = files.types_of(proof)?;
        }
        if rows.types.is_none() && proof.types_sha256.is_some() && reads {
            return Err(Error::usage("the roots cannot be recomputed without the types of the run")
                .hint("give its types.yaml as --types"));
        }
        if !reads && rows.types.is_none() && rows.hmac_key.is_none() {
            return Ok(None);
        }
        let stated_types = rows.types.is_some().then_some(proof.types_sha256.as_deref());
        let loaded = rows.load()?;
        if let Some(stated) = stated_types {
            same("types.yaml", "types_sha256", stated, loaded.types_sha256.as_deref())?;
        }
        if reads || rows.hmac_key.is_some() {
            same("--hmac-key", "hmac_key_id", proof.hmac_key_id.as_deref(), loaded.hasher.key_id())?;
        }
        Ok(Some(loaded))
    }

    /// `partition_root`, and the counts that only sources show.
    fn sources(&self, ctx: &Ctx, proof: &Proof, loaded: Option<&Loaded>, all: &mut Vec<Verified>) -> Result<Exit> {
        let given = self.given();
        let mut recount = Reread { recount: Recount::new(proof), lanes: Vec::new(), tables: 0 };
        let Some(loaded) = loaded.filter(|_| given.contains(&true)) else {
            all.extend(recount.recount.check(given));
            return Ok(Exit::Clean);
        };
        let sources: [(Side, &[String]); 2] = [(Side::Lhs, &self.lhs), (Side::Rhs, &self.rhs)];
        let feeds = self.rows.open(loaded, &sources, |setup| setup.for_proof = true)?;
        recount.tables = loaded.types.tables.len();
        let limits = Limits { disorder_ms: DISORDER_MS, max_poison: u64::MAX, dead_letter: None };
        let reader = Reader::new(ctx, &feeds, &limits, recount.tables, Ledger::new(false))?;
        let (read, _) = reader.run(&mut recount)?;
        let tallies = Side::BOTH.map(|side| given[index(side)].then(|| read.tally(&feeds, side)));
        all.extend(recount.recount.counts(proof, &tallies));
        all.extend(recount.recount.check(given));
        Ok(if read.errors.is_empty() { Exit::Clean } else { Exit::Input })
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
            summary: format!("{verdict}; {open} not made"),
        }
    }
}

/// The run's configuration and the given one must be the same; both are named where they are not.
fn same(what: &str, field: &str, proof: Option<&str>, given: Option<&str>) -> Result<()> {
    if proof == given {
        return Ok(());
    }
    let word = |value: Option<&str>| value.unwrap_or("null").to_owned();
    Err(Error::usage(format!("{what}: the proof's {field} is {}, the given one is {}", word(proof), word(given)))
        .hint("verify with what the run was made with"))
}

/// Takes the events into the recount.
struct Reread {
    recount: Recount,
    lanes: Vec<Lane>,
    tables: usize,
}

impl Consumer for Reread {
    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.lanes.push(lane.clone());
        Ok(())
    }

    fn table(&mut self, _table: &Table) -> usize {
        self.tables += 1;
        self.tables - 1
    }

    fn event(&mut self, lane: usize, event: &Event, _key: &str, _table: usize, _time: i64) -> Result<()> {
        self.recount.observe(&self.lanes[lane], event);
        Ok(())
    }
}

/// The path of a file in the run's folder.
fn in_folder(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

/// Signatures come with `--evidence-key`; until then no run has one.
fn unsigned(there: bool) -> Verified {
    let why = if there { "unsigned" } else { "no manifest.json" };
    not_made("signature", "manifest.json", None, why)
}
