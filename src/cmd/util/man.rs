//! `govctl util man`: manual pages.

use clap::{Args, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

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
    let program = format!("govctl {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(program).manual("govctl manual");
    let mut bytes = Vec::new();
    render(&man, command, &mut bytes).map_err(|e| Error::bug(format!("cannot render a manual page: {e}")))?;
    // Each section begins with these two lines; once is enough.
    let text = String::from_utf8_lossy(&bytes);
    let (preamble, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|l| l.contains(" .ds Aq "));
    let lines = preamble.into_iter().take(2).chain(rest);
    Ok((man.get_filename(), lines.flat_map(|l| [l.as_bytes(), b"\n"].concat()).collect()))
}

/// As clap_mangen does it, but for what follows the help: that has the usual sections and not one named EXTRA.
fn render(man: &Man, command: &clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(out)?;
    }
    let mut roff = Roff::default();
    let after = command.get_after_help().map(|help| help.to_string()).unwrap_or_default();
    for part in after.split("\n\n") {
        if let Some(examples) = part.strip_prefix("Examples:\n") {
            roff.control("SH", ["EXAMPLES"]);
            for example in examples.lines() {
                roff.control("PP", []).control("EX", []).text([roman(example.trim())]).control("EE", []);
            }
        } else if let Some(codes) = part.strip_prefix("Exit codes: ") {
            roff.control("SH", ["EXIT STATUS"]);
            for code in codes.split(" · ") {
                let (number, meaning) = code.split_once(' ').unwrap_or((code, ""));
                roff.control("TP", []).text([bold(number)]).text([roman(meaning)]);
            }
        }
    }
    roff.to_writer(out)
}
