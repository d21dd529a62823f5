//! `govctl index`: the public log of exports.

mod keys;
mod own;
mod publish;
mod trust;
mod verify;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = super::after_help([
    "govctl index publish evidence --region EU --dest public/export-index --entry-key keys/entry.pem --log-key keys/log.pem",
    "govctl index verify --site public/export-index --trust trust --state state",
]))]
pub struct Index {
    #[command(subcommand)]
    verb: Verb,
}

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Publish(Box<publish::Publish>),
    Verify(verify::Verify),
}

pub fn run(ctx: &Ctx, index: &Index) -> Result<Exit> {
    match &index.verb {
        Verb::Publish(args) => publish::run(ctx, args),
        Verb::Verify(args) => verify::run(ctx, args),
    }
}
