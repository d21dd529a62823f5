//! `govctl tenant validate`: everything that is wrong with lists of tenants and with policies.

use std::collections::HashSet;
use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;

use super::jobs::Check;
use super::worker::{self, Limits};
use super::{file, policy};
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::policy::{Fault, File, Sources};
use crate::record::run::{self, Input};
use crate::record::{Finding, Record, Severity};
use crate::tenants::compile::{compile, difference};
use crate::tenants::{self, Checked, MAX_BYTES};
use crate::text::counted;

/// Looked at where nothing is named, each if it is there.
const POLICIES: &str = "policies";
const DATA: &str = "policies/data/tenants.json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding of severity error
    Error,
    /// A warning too
    Warning,
}

/// Check lists of tenants and policies: everything that is wrong, with line, column and hint
///
/// The first mistake of structure (syntax, an unknown key, a wrong type) ends the check of its file; of a file of sound
/// structure all findings come at once. Policies are parsed and tried in a process of their own: one that hangs, aborts or
/// fills the memory is a finding.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant validate tenants.yaml",
    "govctl tenant validate tenants.yaml policies --format github --fail-on warning",
]))]
pub struct Validate {
    /// Which severity makes the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    fail_on: FailOn,
    /// An earlier tenants.yaml: a tenant that is not in it needs an owner
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    base: Option<String>,
    /// Lists of tenants, `-` for standard input, `.rego` files, or folders with them; default: config/tenants.yaml, all
    /// of policies/, and whether policies/data/tenants.json is what the list compiles to
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<String>,
    #[command(flatten)]
    limits: Limits,
}

/// What a path is checked as.
enum What<'p> {
    Tenants(&'p str),
    /// One `.rego` file, which may be a part of a policy.
    Rego(&'p str),
    /// All `.rego` files of a folder.
    Policy(&'p str),
    /// Compiled data beside the list that it is made of.
    Data(&'p str, &'p str),
}

/// What came of a path.
struct Looked {
    inputs: Vec<Input>,
    tenants: u64,
    findings: Result<Vec<Finding>>,
}

pub fn run(ctx: &Ctx, args: &Validate) -> Result<Exit> {
    let paths: Vec<What> = match args.files.as_slice() {
        [] => defaults()?,
        named => named.iter().map(|path| what(path)).collect::<Result<_>>()?,
    };
    if args.files.iter().chain(&args.base).filter(|path| *path == "-").count() > 1 {
        return Err(Error::usage("standard input can be one file only").hint("name files for the others"));
    }
    let base = args.base.as_deref().map(base).transpose()?;
    let mut looked = Vec::new();
    for what in &paths {
        ctx.interrupt.check()?;
        looked.push(match what {
            What::Tenants(path) => tenants_file(path, base.as_ref()),
            What::Rego(path) => rego_file(ctx, &args.limits, path)?,
            What::Policy(dir) => policy_folder(ctx, &args.limits, dir)?,
            What::Data(committed, path) => data_file(committed, path),
        });
    }
    let inputs = looked.iter().flat_map(|looked| looked.inputs.clone()).collect();
    Session::run(ctx, "tenant validate", "findings.ndjson", inputs, Compress::None, |session| {
        report(session, args.fail_on, looked)
    })
}

/// Without names: what lies where it usually does.
fn defaults<'p>() -> Result<Vec<What<'p>>> {
    let there = |path: &str| fs::exists(Path::new(path));
    let mut all = Vec::new();
    if there(file::DEFAULT) {
        all.push(What::Tenants(file::DEFAULT));
    }
    if there(POLICIES) {
        all.push(What::Policy(POLICIES));
    }
    if there(file::DEFAULT) && there(DATA) {
        all.push(What::Data(DATA, file::DEFAULT));
    }
    if all.is_empty() {
        return Err(Error::usage("there is no such file, no folder `policies`, and nothing else was named")
            .at_file(file::DEFAULT)
            .hint("name what to check, or change into the folder that holds config/ and policies/"));
    }
    Ok(all)
}

fn what(path: &str) -> Result<What<'_>> {
    let name = Path::new(path);
    if fs::is_dir(name) {
        return Ok(What::Policy(path));
    }
    if name.extension().is_some_and(|e| e == "rego") {
        return Ok(What::Rego(path));
    }
    if matches!(name.file_name().and_then(|n| n.to_str()), Some("routes.yaml" | "routes.yml")) {
        return Err(Error::usage("a list of routes is not checked")
            .at_file(path)
            .hint("name a tenants.yaml, a `.rego` file or a folder, or `-` for standard input"));
    }
    Ok(What::Tenants(path))
}

/// The tenants of the base file. What is wrong with it beyond its structure is no matter of today's file.
fn base(path: &str) -> Result<HashSet<String>> {
    tenants::ids(&fs::read_small_text(path)?).map_err(|found| found.error(path))
}

fn tenants_file(path: &str, base: Option<&HashSet<String>>) -> Looked {
    let (input, checked) = checked(path, base);
    let tenants = checked.as_ref().map_or(0, |checked| checked.count as u64);
    let findings = checked.map(|checked| checked.found.iter().map(|found| found.finding(&input.name)).collect());
    Looked { inputs: vec![input], tenants, findings }
}

fn checked(path: &str, base: Option<&HashSet<String>>) -> (Input, Result<Checked>) {
    let bytes = match fs::read_at_most(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return (Input::named(fs::record_name(path)), Ok(Checked::too_large())),
        Err(e) => return (Input::named(fs::record_name(path)), Err(e)),
    };
    let input = file::input(path, &bytes);
    (input, fs::utf8(bytes, path).map(|text| tenants::read(&text, base)))
}

fn rego_file(ctx: &Ctx, limits: &Limits, path: &str) -> Result<Looked> {
    let bytes = match fs::read_at_most(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(unread(path, Error::input("is larger than 4 MiB, and no policy").at_file(path))),
        Err(e) => return Ok(unread(path, e)),
    };
    let input = file::input(path, &bytes);
    let of_text = |text| File { name: path.to_owned(), shown: fs::record_name(path), text };
    let read = fs::utf8(bytes, path).map(|text| (Sources::new(vec![of_text(text)]), vec![input]));
    policy_of(ctx, limits, path, read, false)
}

/// A folder with package switchboard must be a policy; another may hold parts of one.
fn policy_folder(ctx: &Ctx, limits: &Limits, dir: &str) -> Result<Looked> {
    let read = policy::folder(dir).map(|read| (read.sources, read.inputs));
    let decides = |sources: &Sources| {
        let package = format!("package {}", crate::policy::PACKAGE);
        sources.modules().any(|file| file.text.lines().any(|line| line.trim_end() == package))
    };
    let whole = read.as_ref().is_ok_and(|(sources, _)| decides(sources));
    policy_of(ctx, limits, dir, read, whole)
}

/// In a child process: whatever the policy does to the engine is a finding.
fn policy_of(
    ctx: &Ctx,
    limits: &Limits,
    path: &str,
    read: Result<(Sources, Vec<Input>)>,
    whole: bool,
) -> Result<Looked> {
    let (sources, inputs) = match read {
        Ok(read) => read,
        Err(e) if e.kind == Kind::Usage => return Err(e),
        Err(e) => return Ok(unread(path, e)),
    };
    let faults = worker::run(ctx, limits, Check { sources, whole }, |()| Ok(()))?;
    let faults = faults.unwrap_or_else(|crash| vec![Fault { file: fs::record_name(path), ..crash }]);
    Ok(Looked { inputs, tenants: 0, findings: Ok(faults.iter().map(|fault| fault.finding("tenant")).collect()) })
}

fn unread(path: &str, error: Error) -> Looked {
    Looked { inputs: vec![Input::named(fs::record_name(path))], tenants: 0, findings: Err(error) }
}

/// A list with errors is not compiled: its own findings say so.
fn data_file(committed: &str, path: &str) -> Looked {
    let theirs = match fs::read_small(committed) {
        Ok(bytes) => bytes,
        Err(e) => return unread(committed, e),
    };
    let (_, checked) = checked(path, None);
    let compiled = checked.ok().and_then(|checked| checked.tenants).map(|tenants| compile(&tenants).encode());
    let findings = compiled.transpose().map(|ours| {
        let differs = ours.and_then(|ours| difference(&theirs, &ours));
        differs.iter().map(|difference| file::differs(difference, committed, path)).collect()
    });
    Looked { inputs: vec![file::input(committed, &theirs)], tenants: 0, findings }
}

fn report(session: &mut Session, fail_on: FailOn, all: Vec<Looked>) -> Result<Outcome> {
    let (mut exit, [mut files, mut unread, mut tenants, mut errors, mut warnings]) = (Exit::Clean, [0; 5]);
    for looked in all {
        files += looked.inputs.len() as u64;
        tenants += looked.tenants;
        match looked.findings {
            Err(e) => {
                session.ctx.ui.error(&e);
                exit = exit.and(e.exit());
                unread += 1;
            }
            Ok(findings) => {
                let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
                errors += of(Severity::Error);
                warnings += of(Severity::Warning);
                findings.into_iter().try_for_each(|finding| session.write(&Mistake(finding)))?;
            }
        }
    }
    session.input_cut = unread > 0;
    let failed = errors > 0 || (fail_on == FailOn::Warning && warnings > 0);
    let mut summary = format!(
        "{}, {} in {} of {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(tenants, "tenant"),
        counted(files - unread, "file"),
    );
    if unread > 0 {
        summary.push_str(&format!("; {} could not be read", counted(unread, "file")));
    }
    let counts =
        [("files", files), ("unread", unread), ("tenants", tenants), ("errors", errors), ("warnings", warnings)];
    Ok(Outcome { exit: exit.and(Exit::found(failed)), counts: run::counts(counts), summary })
}

/// A finding whose table shows where it is to the column, and what to do.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
struct Mistake(Finding);

impl Record for Mistake {
    const TYPE: &'static str = Finding::TYPE;

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let place = [self.0.line, self.0.column].into_iter().flatten().map(|n| format!(":{n}")).collect::<String>();
        let hint = self.0.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        Some(vec![
            ("PLACE", format!("{}{place}", self.0.file.as_deref().unwrap_or_default())),
            ("SEVERITY", self.0.severity.as_str().to_owned()),
            ("CODE", self.0.code.clone()),
            ("MESSAGE", format!("{}{hint}", self.0.text())),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        Some(self.0.clone())
    }
}
