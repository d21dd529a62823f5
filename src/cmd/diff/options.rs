//! Flags that several diff verbs share, and what follows from them.

use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use super::input::{Feed, recording};
use crate::diff::decode::Setup;
use crate::diff::frame::Framing;
use crate::diff::hash::Hasher;
use crate::diff::home::Homes;
use crate::diff::types::{self, Types};
use crate::error::{Error, Result};
use crate::evidence::sha256_hex;
use crate::io::fs;
use crate::record::diff::Side;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FramingFlag {
    /// Recognised on the first line
    Auto,
    /// {topic, partition, offset, timestamp, key, value, headers}
    Capture,
    /// kcat -J
    Kcat,
    /// Bare Debezium values of one table
    Value,
}

impl FramingFlag {
    pub fn forced(self) -> Option<Framing> {
        match self {
            FramingFlag::Auto => None,
            FramingFlag::Capture => Some(Framing::Capture),
            FramingFlag::Kcat => Some(Framing::Kcat),
            FramingFlag::Value => Some(Framing::Value),
        }
    }
}

/// How rows are read.
#[derive(Debug, Clone, Args)]
pub struct Rows {
    /// Tables, keys and column types
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub types: Option<String>,
    /// Compare columns that have no type by their JSON value
    #[arg(long)]
    pub infer: bool,
    /// How a line says where an event comes from
    #[arg(long, value_enum, default_value = "auto", value_name = "FRAMING")]
    pub framing: FramingFlag,
    /// The table of bare values, by its kind in types.yaml
    #[arg(long, value_name = "KIND")]
    pub table: Option<String>,
    /// Home region of each tenant
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub tenants: Option<String>,
    /// Key file: HMAC-SHA-256 takes the place of SHA-256 in every digest of row values
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub hmac_key: Option<String>,
    /// Longest line read, in bytes
    #[arg(long, default_value_t = 16 << 20, value_name = "BYTES")]
    pub max_line: usize,
}

/// What `Rows` names, read and checked.
pub struct Loaded {
    pub types: Types,
    pub types_sha256: Option<String>,
    pub types_text: Option<String>,
    pub hasher: Hasher,
    pub homes: Option<Homes>,
}

impl Rows {
    /// `lhs`, `rhs`: for the commands shown where types are missing.
    pub fn load(&self, lhs: &[String], rhs: &[String]) -> Result<Loaded> {
        let hasher = match &self.hmac_key {
            None => Hasher::Plain,
            Some(path) => {
                let text = fs::read_small_text(path)?;
                Hasher::keyed(&text).map_err(|e| {
                    Error::usage(e).at_file(path).hint("make one with `govctl util keygen --kind hmac --out FILE`")
                })?
            }
        };
        let homes = match &self.tenants {
            None => None,
            Some(path) => Some(Homes::parse(&fs::read_small_text(path)?, path)?),
        };
        let (types, types_sha256, types_text) = match &self.types {
            Some(path) => {
                let text = fs::read_small_text(path)?;
                let mut types = types::parse(&text, path)?;
                types.infer = self.infer;
                (types, Some(sha256_hex(text.as_bytes())), Some(text))
            }
            None if self.infer => (Types::inferred(), None, None),
            None => return Err(no_types(lhs, rhs)),
        };
        Ok(Loaded { types, types_sha256, types_text, hasher, homes })
    }

    pub fn setup(&self, loaded: &Loaded, side: Side) -> Setup {
        Setup {
            side,
            types: loaded.types.clone(),
            hasher: loaded.hasher.clone(),
            homes: loaded.homes.clone(),
            table: self.table.clone(),
            for_proof: false,
            keep_origin: false,
            wanted: None,
        }
    }

    /// Opens the recordings of the sides. `with` completes each side's setup.
    pub fn open(&self, loaded: &Loaded, sources: &[(Side, &[String])], with: impl Fn(&mut Setup)) -> Result<Vec<Feed>> {
        let mut feeds = Vec::new();
        for (side, args) in sources {
            let mut setup = self.setup(loaded, *side);
            with(&mut setup);
            let setup = Arc::new(setup);
            for (i, arg) in args.iter().enumerate() {
                feeds.push(recording(arg, &setup, self.framing.forced(), i as u32, self.max_line)?);
            }
        }
        Ok(feeds)
    }
}

fn no_types(lhs: &[String], rhs: &[String]) -> Error {
    let side = |flag: &str, sources: &[String]| match sources {
        [] => String::new(),
        some => format!(" {flag} {}", some.join(" ")),
    };
    let sources = format!("{}{}", side("--lhs", lhs), side("--rhs", rhs));
    Error::usage("no column types: --types is missing and the recordings carry no schema blocks").hint(format!(
        "write a types.yaml for these recordings and look through it, then run again with --types types.yaml, or compare by JSON value:\n\
         govctl diff digest --suggest-types{sources} > types.yaml\n\
         govctl diff run --infer{sources}"
    ))
}

/// Standard input can be read once.
pub fn one_stdin(sources: &[&String]) -> Result<()> {
    match sources.iter().filter(|s| s.as_str() == "-").count() {
        0 | 1 => Ok(()),
        _ => Err(Error::usage("standard input (`-`) was given twice")),
    }
}
