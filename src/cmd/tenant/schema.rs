//! `govctl tenant schema`: the JSON Schema of tenants.yaml.

use clap::Args;

use super::needs_no_records;
use crate::cmd::Ctx;
use crate::error::Result;
use crate::exit::Exit;
use crate::io::sink;
use crate::tenants::schema::schema;

/// The JSON Schema of tenants.yaml, for editors
///
/// Draft-07. It refuses what `tenant validate` refuses in a single value or key; what needs two places of the file, such
/// as a region that is not declared, only `tenant validate` sees.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant schema > tenants.schema.json",
    "govctl tenant schema | jq .properties.tenants.items.required",
]))]
pub struct Schema {}

pub fn run(ctx: &Ctx) -> Result<Exit> {
    needs_no_records(ctx, "tenant schema")?;
    sink::print(&format!("{:#}\n", schema()))?;
    Ok(Exit::Clean)
}
