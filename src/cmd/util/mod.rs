//! `govctl util`: keys, texts and generated artefacts.

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

pub const EXIT_CODES: &str = "Exit codes: 0 done, nothing found · 1 found something · 2 usage or configuration · 3 unusable or cut input · 4 environment · 5 partly done · 70 a bug";

#[derive(Debug, Args)]
pub struct Util {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {}

/// `tree` gives the whole command tree, from which the references are made.
pub fn run(_ctx: &Ctx, util: &Util, _tree: fn() -> clap::Command) -> Result<Exit> {
    match util.verb {}
}
