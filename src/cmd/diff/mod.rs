//! `govctl diff`: audit two regional copies of tables over their change events.

mod accepted;
mod audit;
mod columns;
mod coverage;
mod digest;
mod explain;
mod facts;
mod folder;
mod how;
mod input;
mod options;
mod proof;
mod reading;
mod report;
mod run;
mod stream;
mod suggest;
mod triage;
mod verify;

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

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Digest(Box<digest::Digest>),
    Run(Box<run::Run>),
    Report(report::Report),
    Triage(triage::Triage),
    Explain(Box<explain::Explain>),
    Verify(Box<verify::Verify>),
}

pub fn run(ctx: &Ctx, diff: &Diff) -> Result<Exit> {
    match &diff.verb {
        Verb::Digest(args) => digest::run(ctx, args),
        Verb::Run(args) => run::run(ctx, args),
        Verb::Report(args) => report::run(ctx, args),
        Verb::Triage(args) => triage::run(ctx, args),
        Verb::Explain(args) => explain::run(ctx, args),
        Verb::Verify(args) => verify::run(ctx, args),
    }
}
