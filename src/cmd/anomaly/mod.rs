//! `govctl anomaly`: thresholds that follow each tenant, and proof that they still hear.

mod backtest;
mod detect;
mod explain;
mod feeds;
mod history;
mod labels;
mod reading;
mod setup;
mod state;
mod tune;
mod unjudged;
mod wire;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = super::after_help([
    "govctl anomaly detect --rules adaptive.yaml exports.csv",
    "govctl anomaly tune --rules adaptive.yaml --out params.ndjson exports.csv",
]))]
pub struct Anomaly {
    #[command(subcommand)]
    verb: Verb,
}

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Backtest(Box<backtest::Backtest>),
    Detect(Box<detect::Detect>),
    Explain(explain::Explain),
    Tune(tune::Tune),
}

pub fn run(ctx: &Ctx, anomaly: &Anomaly) -> Result<Exit> {
    match &anomaly.verb {
        Verb::Backtest(args) => backtest::run(ctx, args),
        Verb::Detect(args) => detect::run(ctx, args),
        Verb::Explain(args) => explain::run(ctx, args),
        Verb::Tune(args) => tune::run(ctx, args),
    }
}
