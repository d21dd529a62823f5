//! `govctl util man`: manual pages.

use clap::{Args, ValueHint};
use clap_mangen::Man;

use super::{print, write_all};
use crate::cmd::after_help;
use crate::error::{Error, Result};
use crate::exit::Exit;

/// Manual pages
///
/// Without --out the page of govctl itself goes to standard output.
#[derive(Debug, Args)]
#[command(after_help = after_help(["govctl util man --out man1", "govctl util man > govctl.1"]))]
pub struct ManPages {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<String>,
}

pub fn run(args: &ManPages, mut tree: clap::Command) -> Result<Exit> {
    tree.build();
    let Some(folder) = &args.out else { return print(page(&tree)?.1) };
    let mut pages = Vec::new();
    collect(&tree, &mut pages)?;
    write_all(folder, pages)
}

fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    pages.push(page(command)?);
    command.get_subcommands().filter(|c| !c.is_hide_set()).try_for_each(|c| collect(c, pages))
}

fn page(command: &clap::Command) -> Result<(String, Vec<u8>)> {
    let man = Man::new(command.clone());
    let mut bytes = Vec::new();
    man.render(&mut bytes).map_err(|e| Error::bug(format!("cannot render a manual page: {e}")))?;
    Ok((man.get_filename(), bytes))
}
