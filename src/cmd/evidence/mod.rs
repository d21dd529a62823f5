//! `govctl evidence`: run directories that other commands wrote.

mod verify;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = super::after_help([
    "govctl evidence verify evidence --producer-key sign.pub.pem",
    "govctl evidence verify evidence --producer-key sign.pub.pem --format junit",
]))]
pub struct Evidence {
    #[command(subcommand)]
    verb: Verb,
}

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Verify(verify::Verify),
}

pub fn run(ctx: &Ctx, evidence: &Evidence) -> Result<Exit> {
    match &evidence.verb {
        Verb::Verify(args) => verify::run(ctx, args),
    }
}
