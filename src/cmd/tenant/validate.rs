//! `govctl tenant validate`: everything that is wrong with lists of tenants and of routes, and with policies.

mod look;

use clap::{Args, ValueEnum, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;

use self::look::{Lists, Looked, What};
use super::worker::Limits;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::run;
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding of severity error
    Error,
    /// A warning too
    Warning,
}

/// Check lists of tenants and of routes, and policies: everything that is wrong, with line, column and hint
///
/// The first mistake of structure (syntax, an unknown key, a wrong type) ends the check of its file; of a file of sound
/// structure all findings come at once. A file whose top holds `routes:` is a list of routes; its kinds, classes and labels
/// must be those of the tenants that are checked in the same call. Policies are parsed and tried in a process of their own:
/// one that hangs, aborts or fills the memory is a finding.
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
    /// Lists of tenants or routes, `-` for standard input, `.rego` files, or folders with them; default: config/tenants.yaml,
    /// config/routes.yaml, all of policies/, and whether policies/data/tenants.json is what the list compiles to
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<String>,
    #[command(flatten)]
    limits: Limits,
}

pub fn run(ctx: &Ctx, args: &Validate) -> Result<Exit> {
    let paths: Vec<What> = match args.files.as_slice() {
        [] => look::defaults()?,
        named => named.iter().map(|path| look::what(path)).collect(),
    };
    if args.files.iter().chain(&args.base).filter(|path| *path == "-").count() > 1 {
        return Err(Error::usage("standard input can be one file only").hint("name files for the others"));
    }
    let base = args.base.as_deref().map(look::base).transpose()?;
    let (mut looked, mut lists) = (Vec::new(), Lists::default());
    for what in &paths {
        ctx.interrupt.check()?;
        looked.push(match what {
            What::Yaml(path) => look::yaml_file(path, base.as_ref(), &mut lists),
            What::Rego(path) => look::rego_file(ctx, &args.limits, path)?,
            What::Policy(dir) => look::policy_folder(ctx, &args.limits, dir)?,
            What::Data(committed, path) => look::data_file(committed, path, &lists),
        });
    }
    // Wherever the lists stand among the names.
    let known = lists.known();
    looked.iter_mut().for_each(|looked| looked.hold_against(known.as_ref()));
    let inputs = looked.iter().flat_map(|looked| looked.inputs.clone()).collect();
    Session::run(ctx, "tenant validate", "findings.ndjson", inputs, Compress::None, |session| {
        report(session, args.fail_on, looked)
    })
}

fn report(session: &mut Session, fail_on: FailOn, all: Vec<Looked>) -> Result<Outcome> {
    let (mut exit, [mut files, mut unread, mut tenants, mut routes, mut errors, mut warnings]) = (Exit::Clean, [0; 6]);
    for looked in all {
        files += looked.inputs.len() as u64;
        tenants += looked.tenants;
        routes += looked.routes;
        match looked.findings {
            Err(e) if e.cut_off() => return Err(e),
            Err(e) => {
                session.error(&e);
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
        "{}, {} in {}{} of {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(tenants, "tenant"),
        if routes > 0 { format!(" and {}", counted(routes, "route")) } else { String::new() },
        counted(files - unread, "file"),
    );
    if unread > 0 {
        summary.push_str(&format!("; {} could not be read", counted(unread, "file")));
    }
    let counts = [
        ("files", files),
        ("unread", unread),
        ("tenants", tenants),
        ("routes", routes),
        ("errors", errors),
        ("warnings", warnings),
    ];
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
