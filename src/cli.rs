//! The command tree and its dispatch.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cmd::{Ctx, Global, after_help, diff, util};
use crate::config;
use crate::error::{Kind, Result};
use crate::exit::Exit;
use crate::interrupt;
use crate::ui::{Color, Format, LogFormat, Ui};

/// Enforce and prove that tenants stay in their region, and that regional copies agree.
///
/// Commands read and write NDJSON and can be piped into each other.
#[derive(Debug, Parser)]
#[command(name = "govctl", version, propagate_version = true, disable_help_subcommand = true, after_help = after_help([
    "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson",
    "govctl util explain capture_loss",
]))]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// Audit two regional copies of tables over their change events
    Diff(diff::Diff),
    /// Keys, texts and generated artefacts
    Util(util::Util),
}

/// The whole command tree, for the generated references.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses, runs, and maps every ending to its exit code.
pub fn main(args: Vec<OsString>) -> ExitCode {
    let no_color = config::no_color();
    let cli = match parse(args) {
        Ok(parsed) => parsed,
        Err(Stopped::Clap(e)) => {
            // Help and version are asked for and go to standard output; a vanished reader is no failure.
            let asked = !e.use_stderr();
            let _ = e.print();
            return ExitCode::from(if asked { Exit::Clean } else { Exit::Usage }.code());
        }
        Err(Stopped::Error(e)) => {
            Ui::new(Format::Auto, Color::Auto, false, false, LogFormat::Text, no_color).error(&e);
            return ExitCode::from(e.exit().code());
        }
    };
    let (cli, argv) = cli;
    let g = &cli.global;
    let ui = Ui::new(g.format, g.color, g.quiet, g.verbose, g.log_format, no_color);
    let result = Ctx::new(g, ui.clone(), argv).and_then(|ctx| dispatch(&ctx, &cli.noun));
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(e) => {
            ui.error(&e);
            if let Kind::Interrupted(signal) = e.kind {
                interrupt::die_of(signal);
            }
            ExitCode::from(e.exit().code())
        }
    }
}

fn dispatch(ctx: &Ctx, noun: &Noun) -> Result<Exit> {
    match noun {
        Noun::Diff(command) => diff::run(ctx, command),
        Noun::Util(command) => util::run(ctx, command, self::command),
    }
}

enum Stopped {
    Clap(clap::Error),
    Error(crate::error::Error),
}

fn parse(args: Vec<OsString>) -> std::result::Result<(Cli, Vec<String>), Stopped> {
    let matches = match Cli::command().try_get_matches_from(&args) {
        // Help and version are shown whatever govctl.toml holds.
        Err(e) if !e.use_stderr() => return Err(Stopped::Clap(e)),
        other => other.map_err(Stopped::Clap),
    };
    // A flag that is required may stand in govctl.toml, so defaults are applied before the verdict on usage.
    let with_defaults = config::with_defaults(&Cli::command(), &args).map_err(Stopped::Error)?;
    let matches = match with_defaults {
        Some(ref extended) => Cli::command().try_get_matches_from(extended).map_err(Stopped::Clap)?,
        None => matches?,
    };
    let argv = with_defaults.unwrap_or(args);
    let argv = argv.iter().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    Ok((Cli::from_arg_matches(&matches).map_err(Stopped::Clap)?, argv))
}
