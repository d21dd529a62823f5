//! `govctl tenant validate`: everything that is wrong with lists of tenants.

use std::collections::HashSet;
use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;

use super::file;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::run::{self, Input};
use crate::record::{Finding, Record};
use crate::tenants::{self, Checked, MAX_BYTES};
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding of severity error
    Error,
    /// A warning too
    Warning,
}

/// Check lists of tenants: everything that is wrong, with line, column and hint
///
/// The first mistake of structure (syntax, an unknown key, a wrong type) ends the check of its file; of a file of sound
/// structure all findings come at once.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant validate tenants.yaml",
    "govctl tenant validate tenants.yaml --format github --fail-on warning",
]))]
pub struct Validate {
    /// Which severity makes the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    fail_on: FailOn,
    /// An earlier tenants.yaml: a tenant that is not in it needs an owner
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    base: Option<String>,
    /// Lists of tenants, `-` for standard input; default: config/tenants.yaml
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<String>,
}

pub fn run(ctx: &Ctx, args: &Validate) -> Result<Exit> {
    let mut paths: Vec<&str> = args.files.iter().map(String::as_str).collect();
    if paths.is_empty() {
        paths.push(file::named(None)?);
    }
    paths.iter().try_for_each(|path| is_read(path))?;
    if paths.iter().copied().chain(args.base.as_deref()).filter(|path| *path == "-").count() > 1 {
        return Err(Error::usage("standard input can be one file only").hint("name files for the others"));
    }
    let base = args.base.as_deref().map(base).transpose()?;
    let mut files = Vec::new();
    for path in paths {
        ctx.interrupt.check()?;
        files.push(checked(path, base.as_ref()));
    }
    let inputs = files.iter().map(|(input, _)| input.clone()).collect();
    Session::run(ctx, "tenant validate", "findings.ndjson", inputs, Compress::None, |session| {
        report(session, args.fail_on, &files)
    })
}

/// Refuses what is no list of tenants, before anything is read.
fn is_read(path: &str) -> Result<()> {
    let name = Path::new(path);
    let refused = |what: &str| {
        Err(Error::usage(format!("{what} checked"))
            .at_file(path)
            .hint("name a tenants.yaml, or `-` for standard input"))
    };
    if name.extension().is_some_and(|e| e == "rego") {
        return refused("a Rego policy is not");
    }
    if matches!(name.file_name().and_then(|n| n.to_str()), Some("routes.yaml" | "routes.yml")) {
        return refused("a list of routes is not");
    }
    if fs::is_dir(name) {
        return refused("is a folder; only files are");
    }
    Ok(())
}

/// The tenants of the base file. What is wrong with it beyond its structure is no matter of today's file.
fn base(path: &str) -> Result<HashSet<String>> {
    tenants::ids(&fs::read_small_text(path)?).map_err(|found| found.error(path))
}

fn checked(path: &str, base: Option<&HashSet<String>>) -> (Input, Result<Checked>) {
    let bytes = match fs::read_at_most(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return (Input::named(fs::record_name(path)), Ok(Checked::too_large())),
        Err(e) => return (Input::named(fs::record_name(path)), Err(e)),
    };
    let input = file::input(path, &bytes);
    let text = fs::utf8(bytes, path).map_err(|e| Error { kind: Kind::Input, ..e });
    (input, text.map(|text| tenants::read(&text, base)))
}

fn report(session: &mut Session, fail_on: FailOn, files: &[(Input, Result<Checked>)]) -> Result<Outcome> {
    let (mut exit, [mut unread, mut tenants, mut errors, mut warnings]) = (Exit::Clean, [0; 4]);
    for (input, checked) in files {
        match checked {
            Err(e) => {
                session.ctx.ui.error(e);
                exit = exit.and(e.exit());
                unread += 1;
            }
            Ok(checked) => {
                tenants += checked.count as u64;
                errors += checked.errors().count() as u64;
                warnings += checked.warnings().count() as u64;
                checked.found.iter().try_for_each(|found| session.write(&Mistake(found.finding(&input.name))))?;
            }
        }
    }
    session.input_cut = unread > 0;
    let failed = errors > 0 || (fail_on == FailOn::Warning && warnings > 0);
    let all = files.len() as u64;
    let mut summary = format!(
        "{}, {} in {} of {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(tenants, "tenant"),
        counted(all - unread, "file"),
    );
    if unread > 0 {
        summary.push_str(&format!("; {} could not be read", counted(unread, "file")));
    }
    let counts = [("files", all), ("unread", unread), ("tenants", tenants), ("errors", errors), ("warnings", warnings)];
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
