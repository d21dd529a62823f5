//! `govctl diff`: audit two regional copies of tables over their change events.

mod report;
mod stream;
mod triage;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub struct Diff {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Report a day: counts, times to repair, lags, exceptions, chain of proofs
    Report(report::Report),
    /// Mark the diffs that an exception excuses for now
    Triage(triage::Triage),
}

pub fn run(ctx: &Ctx, diff: &Diff) -> Result<Exit> {
    match &diff.verb {
        Verb::Report(args) => report::run(ctx, args),
        Verb::Triage(args) => triage::run(ctx, args),
    }
}
