//! `govctl util keygen`: key files.

use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};

use crate::clock;
use crate::cmd::{Ctx, after_help};
use crate::error::Result;
use crate::exit::Exit;
use crate::io::fs;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// 32 random bytes as hex, for --hmac-key
    Hmac,
}

/// Create a key file that only its owner may read
///
/// An existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = after_help([
    "govctl util keygen --kind hmac --out hmac.key",
    "govctl util keygen --kind hmac --out eu.key && wc -c eu.key",
]))]
pub struct Keygen {
    /// What the key is for
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Kind,
    /// The key file to create
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: String,
}

pub fn run(ctx: &Ctx, args: &Keygen) -> Result<Exit> {
    let text = match args.kind {
        Kind::Hmac => data_encoding::HEXLOWER.encode(&clock::random::<32>()?) + "\n",
    };
    fs::create_secret(Path::new(&args.out), text.as_bytes())?;
    ctx.ui.closing(&format!("key written to {}; keep it secret and back it up", args.out));
    Ok(Exit::Clean)
}
