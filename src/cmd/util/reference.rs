//! `govctl util reference`: the generated Markdown pages of docs/.

use clap::{Args, ValueEnum};

use super::pages;
use crate::cmd::after_help;
use crate::error::Result;
use crate::exit::Exit;
use crate::io::sink;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Page {
    /// Every command with its flags, defaults and examples (docs/cli.md)
    Cli,
    /// docs/exit-codes.md
    ExitCodes,
    /// docs/finding-codes.md
    FindingCodes,
}

/// The reference pages of docs/ as Markdown
#[derive(Debug, Args)]
#[command(after_help = after_help([
    "govctl util reference > cli.md",
    "govctl util reference --page exit-codes > exit-codes.md",
]))]
pub struct Reference {
    /// Which page
    #[arg(long, value_enum, default_value = "cli", value_name = "PAGE")]
    page: Page,
}

pub fn run(args: &Reference, tree: clap::Command) -> Result<Exit> {
    let text = match args.page {
        Page::Cli => pages::cli(tree),
        Page::ExitCodes => pages::exit_codes(),
        Page::FindingCodes => pages::finding_codes_page(),
    };
    sink::print(&text)?;
    Ok(Exit::Clean)
}
