//! `govctl util`: keys, texts and generated artefacts.

mod completions;
mod explain;
mod keygen;
mod man;
mod pages;
mod reference;
mod schemas;

use std::path::Path;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::{fs, sink};
use crate::ui::Format;

pub use super::EXIT_CODES;

#[derive(Debug, Args)]
#[command(after_help = super::after_help(["govctl util explain capture_loss", "govctl util completions bash > govctl.bash"]))]
pub struct Util {
    #[command(subcommand)]
    verb: Verb,
}

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Keygen(keygen::Keygen),
    Explain(explain::Explain),
    Schemas(schemas::Schemas),
    Completions(completions::Completions),
    Man(man::ManPages),
    Reference(reference::Reference),
}

/// `tree` gives the whole command tree, from which the references are made.
pub fn run(ctx: &Ctx, util: &Util, tree: fn() -> clap::Command) -> Result<Exit> {
    // These verbs write documents. A flag that cannot be honoured is refused, not ignored.
    if ctx.evidence.is_some() {
        return Err(Error::usage("`govctl util` writes documents and leaves no evidence").hint("leave out --evidence"));
    }
    if matches!(ctx.ui.format, Format::Sarif | Format::Junit | Format::Github) {
        ctx.refuse_page();
        return Err(Error::usage("`govctl util` has no findings to render").hint("leave out --format"));
    }
    match &util.verb {
        Verb::Keygen(args) => keygen::run(ctx, args),
        Verb::Explain(args) => explain::run(args),
        Verb::Schemas(args) => schemas::run(args),
        Verb::Completions(args) => completions::run(args, tree()),
        Verb::Man(args) => man::run(args, tree()),
        Verb::Reference(args) => reference::run(args, tree()),
    }
}

/// Writes named documents into a folder, which is created.
fn write_all(folder: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Exit> {
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        fs::write_output(&folder.join(name), &bytes)?;
    }
    Ok(Exit::Clean)
}

/// Prints a document that a generator wrote as bytes.
fn print(bytes: Vec<u8>) -> Result<Exit> {
    let text = String::from_utf8(bytes).map_err(|e| Error::bug(format!("a generated document is not UTF-8: {e}")))?;
    sink::print(&text)?;
    Ok(Exit::Clean)
}
