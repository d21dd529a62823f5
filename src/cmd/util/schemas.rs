//! `govctl util schemas`: the JSON Schemas of all records.

use clap::{Args, ValueHint};

use super::{print, write_all};
use crate::cmd::after_help;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::record;

/// The JSON Schemas of all records
///
/// Without --out they go to standard output as one JSON object, keyed by the record type.
#[derive(Debug, Args)]
#[command(after_help = after_help([
    "govctl util schemas --out schemas",
    "govctl util schemas | jq '.[\"govctl.diff/1\"].required'",
]))]
pub struct Schemas {
    /// Write one file per record type into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<String>,
}

pub fn run(args: &Schemas) -> Result<Exit> {
    let all = record::schemas();
    if let Some(folder) = &args.out {
        let files = all.iter().map(|(name, schema)| Ok((name.clone(), pretty(schema)?)));
        return write_all(folder, files.collect::<Result<Vec<_>>>()?);
    }
    let mut object = serde_json::Map::new();
    for (name, schema) in all {
        let record_type = schema.get("title").and_then(|t| t.as_str()).map_or(name, str::to_owned);
        object.insert(record_type, schema.to_value());
    }
    print(pretty(&object)?)
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Error::bug(format!("cannot encode a schema: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}
