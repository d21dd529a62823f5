//! The command tree and its dispatch.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cmd::{Ctx, Global, after_help, anomaly, diff, evidence, index, key, paths, tenant, util};
use crate::config;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::interrupt;
use crate::ui::{Color, Format, LogFormat, Ui};

/// Enforce and prove that tenants stay in their region, that regional copies agree, and that anomalies are heard.
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
    /// Check and compile the list of tenants: home regions, labels, data classes
    Tenant(tenant::Tenant),
    /// Find what deviates from each tenant's own past, and prove that deviations are heard
    Anomaly(anomaly::Anomaly),
    /// Verify the evidence that commands leave
    Evidence(evidence::Evidence),
    /// Publish what was exported in a log that nobody can rewrite unseen
    Index(index::Index),
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
    if let Some(name) = tenant::worker::asked(&args) {
        return ExitCode::from(tenant::jobs::main(name).code());
    }
    let args = help_asked(args);
    let early = Ui::new(Format::Auto, Color::Auto, false, false, log_format(&args), no_color);
    let (cli, argv) = match parse(&args) {
        Ok(parsed) => parsed,
        Err(Stopped::Clap(mut e)) => {
            correct_tip(&mut e, &args);
            // Help and version are asked for and go to standard output; a vanished reader is no failure.
            let asked = !e.use_stderr();
            match log_format(&args) {
                LogFormat::Json if !asked => early.error(&usage(&e)),
                _ => drop(e.print()),
            }
            return ExitCode::from(if asked { Exit::Clean } else { Exit::Usage }.code());
        }
        Err(Stopped::Error(e)) => {
            early.error(&e);
            return ExitCode::from(e.exit().code());
        }
    };
    let g = &cli.global;
    let ui = Ui::new(g.format, g.color, g.quiet, g.verbose, g.log_format, no_color);
    let result = Ctx::new(g, ui.clone(), argv, matches!(cli.noun, Noun::Index(_)))
        .and_then(|ctx| dispatch(&ctx, &cli.noun).inspect_err(|e| ctx.show_failure(e)));
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

/// `govctl help diff run` and `govctl diff help run` as `govctl diff run --help`. clap's own help commands would
/// double every completion script and manual page.
fn help_asked(mut args: Vec<OsString>) -> Vec<OsString> {
    let nouns: Vec<String> = command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let is_noun = |a: &OsString| nouns.iter().any(|n| a == n.as_str());
    let at = match args.get(1) {
        Some(first) if first == "help" => 1,
        Some(first) if is_noun(first) && args.get(2).is_some_and(|a| a == "help") => 2,
        _ => return args,
    };
    args.remove(at);
    args.push("--help".into());
    args
}

/// How errors are shown, while the arguments as a whole are not understood yet.
fn log_format(args: &[OsString]) -> LogFormat {
    let pair = args.windows(2).any(|w| w[0] == "--log-format" && w[1] == "json");
    match pair || args.iter().any(|a| a == "--log-format=json") {
        true => LogFormat::Json,
        false => LogFormat::Text,
    }
}

/// Where a value that begins with `-` follows its flag, clap takes it for a flag and advises `-- VALUE`, which no flag takes.
fn correct_tip(e: &mut clap::Error, args: &[OsString]) {
    let Some(ContextValue::String(value)) = e.get(ContextKind::InvalidArg).cloned() else { return };
    let Some(at) = args.iter().position(|arg| arg.to_string_lossy().starts_with(&value)) else { return };
    let before: Vec<_> = args[..at].iter().map(|arg| arg.to_string_lossy()).collect();
    let Some(flag) = before.last().and_then(|last| last.strip_prefix("--")) else { return };
    let mut top = command();
    top.build();
    let verb = before.iter().skip(1).fold(&top, |at, word| at.find_subcommand(&**word).unwrap_or(at));
    let takes = |arg: &clap::Arg| arg.get_long() == Some(flag) && arg.get_action().takes_values();
    if verb.get_arguments().any(takes) && e.get(ContextKind::SuggestedArg).is_none() {
        let tip = format!("for the value of '--{flag}', write '--{flag}={}'", args[at].to_string_lossy());
        e.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
}

/// What clap says, as an error of our own: its first paragraph, and the others as the hint.
fn usage(e: &clap::Error) -> Error {
    let text = e.render().to_string();
    let mut paragraphs = text.trim().trim_start_matches("error: ").split("\n\n");
    let words = |p: &str| p.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = paragraphs.next().map(words).unwrap_or_default();
    Error::usage(message).hint(paragraphs.map(words).collect::<Vec<_>>().join("\n"))
}

fn dispatch(ctx: &Ctx, noun: &Noun) -> Result<Exit> {
    match noun {
        Noun::Diff(command) => diff::run(ctx, command),
        Noun::Tenant(command) => tenant::run(ctx, command),
        Noun::Anomaly(command) => anomaly::run(ctx, command),
        Noun::Evidence(command) => evidence::run(ctx, command),
        Noun::Index(command) => index::run(ctx, command),
        Noun::Util(command) => util::run(ctx, command, self::command),
    }
}

enum Stopped {
    Clap(clap::Error),
    Error(Error),
}

fn parse(args: &[OsString]) -> std::result::Result<(Cli, Vec<String>), Stopped> {
    key::refuse_text(args).map_err(Stopped::Error)?;
    let matches = match command().try_get_matches_from(args) {
        // Help and version are shown whatever govctl.toml holds.
        Err(e) if !e.use_stderr() => return Err(Stopped::Clap(e)),
        other => other.map_err(Stopped::Clap),
    };
    // A flag that is required may stand in govctl.toml, so defaults are applied before the verdict on usage.
    let with_defaults = config::with_defaults(&command(), args).map_err(Stopped::Error)?;
    let matches = match with_defaults {
        Some(ref extended) => command().try_get_matches_from(extended).map_err(Stopped::Clap)?,
        None => matches?,
    };
    paths::check(&command(), &matches).map_err(Stopped::Error)?;
    let argv = with_defaults.as_deref().unwrap_or(args);
    let argv = argv.iter().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    Ok((Cli::from_arg_matches(&matches).map_err(Stopped::Clap)?, argv))
}
