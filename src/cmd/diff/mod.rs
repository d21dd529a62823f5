//! `govctl diff`: audit two regional copies of tables over their change events.

mod input;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = super::after_help([
    "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson",
    "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson.zst --evidence out",
]))]
pub struct Diff {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {}

pub fn run(_ctx: &Ctx, diff: &Diff) -> Result<Exit> {
    match diff.verb {}
}
