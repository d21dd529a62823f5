//! Flags that several diff verbs share, and what follows from them.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use super::input::{Feed, FirstRow, recording};
use crate::diff::decode::Setup;
use crate::diff::frame::Framing;
use crate::diff::hash::Hasher;
use crate::diff::home::Homes;
use crate::diff::types::{self, Types};
use crate::error::{Error, Result};
use crate::io::fs::{self, Identity};
use crate::record::diff::Side;
use crate::text::sha256_hex;
use crate::ui::Ui;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FramingFlag {
    /// Recognised on the first line
    Auto,
    /// {topic, partition, offset, timestamp, key, value, headers}
    Capture,
    /// kcat -J
    Kcat,
    /// Bare Debezium values of one table; each file of a side is a partition of its own, in their order
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
    /// Tables, keys and column types; without it those of the events' schema blocks, if all have such
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
    pub tenants_sha256: Option<String>,
}

impl Loaded {
    /// Says what can be meant as it is and probably is not.
    pub fn warn(&self, ui: &Ui) {
        self.homes.iter().flat_map(|homes| &homes.warnings).for_each(|warning| ui.warn(warning));
    }
}

impl Rows {
    pub fn load(&self) -> Result<Loaded> {
        let hasher = match &self.hmac_key {
            None => Hasher::Plain,
            Some(path) => {
                let text = fs::read_small_text(path)?;
                Hasher::keyed(&text).map_err(|e| {
                    Error::usage(e).at_file(path).hint("make one with `govctl util keygen --kind hmac --out FILE`")
                })?
            }
        };
        let (mut types, types_sha256, types_text) = match &self.types {
            Some(path) => {
                let text = fs::read_small_text(path)?;
                (types::parse(&text, path)?, Some(sha256_hex(text.as_bytes())), Some(text))
            }
            None => (Types::from_events(), None, None),
        };
        types.infer = self.infer;
        let regions = (!types.from_events).then(|| Side::BOTH.map(|side| types.side(side).region.as_str()));
        let (homes, tenants_sha256) = match &self.tenants {
            None => (None, None),
            Some(path) => {
                let text = fs::read_small_text(path)?;
                (Some(Homes::parse_for(&text, path, regions)?), Some(sha256_hex(text.as_bytes())))
            }
        };
        Ok(Loaded { types, types_sha256, types_text, hasher, homes, tenants_sha256 })
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
            keep_lines: false,
            wanted: None,
        }
    }

    /// Opens the recordings of the sides. `with` completes each side's setup.
    pub fn open(&self, loaded: &Loaded, sources: &[(Side, &[String])], with: impl Fn(&mut Setup)) -> Result<Vec<Feed>> {
        check_distinct(sources)?;
        let mut feeds = Vec::new();
        for (side, args) in sources {
            let mut setup = self.setup(loaded, *side);
            with(&mut setup);
            let setup = Arc::new(setup);
            for (i, arg) in args.iter().enumerate() {
                feeds.push(recording(arg, &setup, self.framing.forced(), i as u32, self.max_line)?);
            }
        }
        if loaded.types.needs_blocks() {
            check_blocks(&feeds, sources)?;
        }
        Ok(feeds)
    }
}

/// A recording agrees with itself, so a file of one side cannot be one of the other.
fn check_distinct(sources: &[(Side, &[String])]) -> Result<()> {
    let identity = |arg: &str| if arg == "-" { Identity::of_stdin() } else { Identity::of_path(Path::new(arg)) };
    let mut known: Vec<(Side, &String, Identity)> = Vec::new();
    for (side, args) in sources {
        for arg in *args {
            let Some(file) = identity(arg) else { continue };
            if let Some((other, name, _)) = known.iter().find(|(of, _, id)| of != side && *id == file) {
                let same = format!("is the recording of {side} and, as {name}, that of {other}");
                return Err(Error::usage(same)
                    .at_file(arg)
                    .hint("a recording always agrees with itself: name that of the other region"));
            }
            known.push((*side, arg, file));
        }
    }
    Ok(())
}

/// Without types.yaml and `--infer` the rows of every recording must bring their types.
fn check_blocks(feeds: &[Feed], sources: &[(Side, &[String])]) -> Result<()> {
    let typed = feeds.iter().find(|f| matches!(f.first_row, FirstRow::Typed));
    let untyped = feeds.iter().find_map(|f| match &f.first_row {
        FirstRow::Untyped { topic, line } => Some((f, topic, *line)),
        _ => None,
    });
    let error = match (typed, untyped) {
        (Some(_), None) => return Ok(()),
        (None, _) => Error::usage("no column types: --types is missing and the recordings carry no schema blocks"),
        (Some(typed), Some((feed, topic, line))) => Error::usage(format!(
            "no column types: --types is missing, and of the recordings {} ({}) carries schema blocks, but {} ({}) does not: see `{topic}`",
            typed.name,
            typed.side.as_str(),
            feed.name,
            feed.side.as_str()
        ))
        .at(&feed.name, line, None),
    };
    Err(error.hint(ways_on(sources)))
}

/// What to type next where types are missing.
fn ways_on(sources: &[(Side, &[String])]) -> String {
    let look = "write a types.yaml for these recordings and look through it, then run again with --types types.yaml";
    let named = |side: Side, args: &[String]| match args {
        [] => String::new(),
        some => format!(" --{} {}", side.as_str(), some.join(" ")),
    };
    let all: String = sources.iter().map(|(side, args)| named(*side, args)).collect();
    let suggest = "govctl diff digest --suggest-types";
    match sources {
        // Digests of one region: the other one must read its rows in the same way.
        [_] => format!("{look}, in both regions the same one:\n{suggest} --lhs SRC --rhs SRC > types.yaml"),
        _ => format!("{look}, or compare by JSON value:\n{suggest}{all} > types.yaml\ngovctl diff run --infer{all}"),
    }
}
