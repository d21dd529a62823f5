//! `govctl util keygen`: key files.

use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};
use zeroize::Zeroizing;

use crate::cmd::{Ctx, after_help, key};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// 32 random bytes as hex, for --hmac-key
    Hmac,
    /// A private P-256 key as PEM (PKCS#8), for --signing-key and --evidence-key
    P256,
    /// A private Ed25519 key as PEM (PKCS#8), for checkpoints and cosignatures of a log
    Ed25519,
}

/// Create a key file that only its owner may read
///
/// An existing file is never overwritten.
#[derive(Debug, Args)]
#[command(after_help = after_help([
    "govctl util keygen --kind hmac --out hmac.key",
    "govctl util keygen --kind p256 --out sign-2.pem --public sign-2.pub.pem",
]))]
pub struct Keygen {
    /// What the key is for
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Kind,
    /// The key file to create
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: String,
    /// Also write the public key, PEM, for --verification-key and --producer-key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    public: Option<String>,
}

pub fn run(ctx: &Ctx, args: &Keygen) -> Result<Exit> {
    if let Some(public) = &args.public {
        check_public(args, public)?;
    }
    let (text, public) = match args.kind {
        Kind::Hmac => (hmac()?, None),
        Kind::P256 => {
            let (private, text) = key::make_p256()?;
            (text, Some(key::pem(private.public().to_pem())?))
        }
        Kind::Ed25519 => {
            let (private, text) = key::make_ed25519()?;
            (text, Some(key::pem(private.public().to_pem())?))
        }
    };
    fs::create_secret(Path::new(&args.out), text.as_bytes())?;
    if let (Some(path), Some(pem)) = (&args.public, public) {
        fs::write_output(Path::new(path), pem.as_bytes())?;
    }
    ctx.ui.closing(&format!("key written to {}; keep it secret and back it up", args.out));
    Ok(Exit::Clean)
}

/// Before a key is made, so that none is left without its other half.
fn check_public(args: &Keygen, public: &str) -> Result<()> {
    if args.kind == Kind::Hmac {
        return Err(Error::usage("--public: an HMAC key has no public half").hint("leave it out"));
    }
    if fs::exists(Path::new(public)) || public == args.out {
        let error = Error::usage("exists already; a key is never overwritten").at_file(public);
        return Err(error.hint("choose another --public"));
    }
    Ok(())
}

fn hmac() -> Result<Zeroizing<String>> {
    Ok(Zeroizing::new(data_encoding::HEXLOWER.encode(&*key::random()?) + "\n"))
}
