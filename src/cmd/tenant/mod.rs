//! `govctl tenant`: the reviewed list of tenants, checked and compiled.

mod bundle;
mod compare;
mod compile;
mod decide;
mod engine;
mod file;
mod further;
pub mod jobs;
mod policy;
mod prove;
mod schema;
mod test;
mod trial;
mod trust;
mod validate;
pub mod worker;

use clap::{Args, Subcommand};

use super::Ctx;
use crate::error::{Error, Result};
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(after_help = super::after_help([
    "govctl tenant validate tenants.yaml",
    "govctl tenant compile tenants.yaml -o tenants.json",
]))]
pub struct Tenant {
    #[command(subcommand)]
    verb: Verb,
}

// Each verb's description stands on its arguments; one here would hide it.
#[derive(Debug, Subcommand)]
enum Verb {
    Validate(validate::Validate),
    Schema(schema::Schema),
    Compile(compile::Compile),
    Prove(prove::Prove),
    Decide(Box<decide::Decide>),
    Test(test::Test),
    Bundle(bundle::Bundle),
    Compare(Box<compare::Compare>),
}

pub fn run(ctx: &Ctx, tenant: &Tenant) -> Result<Exit> {
    match &tenant.verb {
        Verb::Validate(args) => validate::run(ctx, args),
        Verb::Schema(args) => schema::run(ctx, args),
        Verb::Compile(args) => compile::run(ctx, args),
        Verb::Prove(args) => prove::run(ctx, args),
        Verb::Decide(args) => decide::run(ctx, args),
        Verb::Test(args) => test::run(ctx, args),
        Verb::Bundle(args) => bundle::run(ctx, args),
        Verb::Compare(args) => compare::run(ctx, args),
    }
}

/// For verbs that write a document: a flag that cannot be honoured is refused, not ignored.
fn needs_no_records(ctx: &Ctx, verb: &str) -> Result<()> {
    if ctx.evidence.is_some() {
        return Err(
            Error::usage(format!("`{verb}` writes a document and leaves no evidence")).hint("leave out --evidence")
        );
    }
    ctx.needs_no_findings(&format!("`{verb}`"))
}
