//! `govctl util completions`: completion scripts.

use clap::Args;
use clap_complete::Shell;

use super::print;
use crate::cmd::after_help;
use crate::error::Result;
use crate::exit::Exit;

/// A completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = after_help([
    "govctl util completions bash > govctl.bash",
    "govctl util completions zsh > _govctl",
]))]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: &Completions, mut tree: clap::Command) -> Result<Exit> {
    let name = tree.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree, name, &mut script);
    print(script)
}
