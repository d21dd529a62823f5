//! `govctl tenant schema`: the JSON Schemas of tenants.yaml and routes.yaml.

use clap::Args;

use super::needs_no_records;
use crate::cmd::Ctx;
use crate::error::Result;
use crate::exit::Exit;
use crate::io::sink;
use crate::tenants::{routes, schema};

/// The JSON Schema of tenants.yaml or routes.yaml, for editors
///
/// Draft-07. It refuses what `tenant validate` refuses in a single value or key; what needs two places of the file, such
/// as a region that is not declared, only `tenant validate` sees.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant schema > tenants.schema.json",
    "govctl tenant schema --routes | jq .properties.routes.items.required",
]))]
pub struct Schema {
    /// That of routes.yaml instead of tenants.yaml
    #[arg(long)]
    routes: bool,
}

pub fn run(ctx: &Ctx, args: &Schema) -> Result<Exit> {
    needs_no_records(ctx, "tenant schema")?;
    let schema = if args.routes { routes::schema::schema() } else { schema::schema() };
    sink::print(&format!("{schema:#}\n"))?;
    Ok(Exit::Clean)
}
