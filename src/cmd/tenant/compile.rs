//! `govctl tenant compile`: tenants.yaml as the data that OPA and govctl read alike.

use std::path::Path;

use clap::{Args, ValueHint};

use super::{file, needs_no_records};
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::{self, Compress};
use crate::record::run::Counts;
use crate::tenants::compile::{compile, difference};

/// Compile tenants.yaml to the data that OPA and govctl read alike
///
/// Canonical JSON (RFC 8785) and a newline: the same bytes whatever the order, comments and quotes of the YAML. A file
/// with errors is not compiled: they are shown, exit 2.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant compile tenants.yaml -o tenants.json",
    "govctl tenant compile tenants.yaml --check tenants.json",
]))]
pub struct Compile {
    /// Write the data here instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "check")]
    out: Option<String>,
    /// Only compare: exit 1 and the first difference where this file is not what would be compiled
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    check: Option<String>,
    /// The list of tenants; default: config/tenants.yaml
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<String>,
}

pub fn run(ctx: &Ctx, args: &Compile) -> Result<Exit> {
    let path = file::named(args.file.as_deref())?;
    if let Some(committed) = &args.check {
        return check(ctx, path, committed);
    }
    needs_no_records(ctx, "tenant compile")?;
    let bytes = compiled(ctx, path)?.0;
    match &args.out {
        Some(out) => fs::write_atomic(Path::new(out), &bytes)?,
        None => sink::print(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(Exit::Clean)
}

fn compiled(ctx: &Ctx, path: &str) -> Result<(Vec<u8>, crate::record::run::Input)> {
    let (tenants, input) = file::load(&ctx.ui, path)?;
    Ok((compile(&tenants).encode()?, input))
}

fn check(ctx: &Ctx, path: &str, committed: &str) -> Result<Exit> {
    if path == "-" && committed == "-" {
        return Err(Error::usage("both files are to come from standard input").hint("name a file for one of them"));
    }
    let (bytes, input) = compiled(ctx, path)?;
    let theirs = fs::read_checked(committed).map_err(|e| match fs::exists(Path::new(committed)) {
        true => e,
        false => e.of_kind(Kind::Usage).hint(format!("make it: govctl tenant compile {path} -o {committed}")),
    })?;
    let inputs = vec![input, file::input(committed, &theirs)];
    Session::run(ctx, "tenant compile", "findings.ndjson", inputs, Compress::None, |session| {
        let differs = difference(&theirs, &bytes);
        if let Some(difference) = &differs {
            session.write(&file::differs(difference, committed, path))?;
        }
        let summary = match &differs {
            Some(_) => format!("{committed} is not what {path} compiles to"),
            None => format!("{committed} is what {path} compiles to"),
        };
        let counts = Counts::from([("differences".to_owned(), u64::from(differs.is_some()))]);
        Ok(Outcome { exit: Exit::found(differs.is_some()), counts, summary })
    })
}
