//! Keys as they are given: a file, or `env:NAME`. Never as a value, which others on the machine would see.

use std::ffi::OsString;

use zeroize::Zeroizing;

use crate::clock;
use crate::config;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::key::ed25519;
use crate::key::p256::{Private, Public};

const VARIABLE: &str = "env:";

/// No message may repeat an argument that is the text of a private key, so such a call is not even parsed.
pub fn refuse_text(args: &[OsString]) -> Result<()> {
    if args.iter().any(|arg| arg.to_string_lossy().contains("PRIVATE KEY-----")) {
        return Err(Error::usage("a key is given as a file or as env:NAME, never as its text")
            .hint("others on this machine can see the arguments: take this key for known to them"));
    }
    Ok(())
}

/// A private P-256 key. Others than the owner of its file may not even read it.
pub fn private(given: &str) -> Result<Private> {
    let text = text(given, fs::read_secret)?;
    Private::from_pem(text.trim_start_matches('\u{feff}')).map_err(|e| {
        Error::usage(e)
            .at_file(given)
            .hint("make one: govctl util keygen --kind p256 --out sign.pem --public sign.pub.pem")
    })
}

/// A private Ed25519 key: that of a log or a witness.
pub fn private_ed25519(given: &str) -> Result<ed25519::Private> {
    let text = text(given, fs::read_secret)?;
    ed25519::Private::from_pem(text.trim_start_matches('\u{feff}')).map_err(|e| {
        Error::usage(e)
            .at_file(given)
            .hint("make one: govctl util keygen --kind ed25519 --out log.pem --public log.pub.pem")
    })
}

/// A public P-256 key.
pub fn public(given: &str) -> Result<Public> {
    let text = text(given, |path| fs::read_small_text(path).map(Zeroizing::new))?;
    Public::from_pem(&text).map_err(|e| {
        Error::usage(e)
            .at_file(given)
            .hint("give the file of `govctl util keygen --kind p256 --public` or `openssl ec -pubout`")
    })
}

/// By mistake somebody may give a private key as a public one, so every text is wiped.
fn text(given: &str, read: impl Fn(&str) -> Result<Zeroizing<String>>) -> Result<Zeroizing<String>> {
    match given.strip_prefix(VARIABLE) {
        None => read(given),
        Some(name) => config::variable(name)
            .map(Zeroizing::new)
            .ok_or_else(|| Error::usage(format!("the environment has no variable `{name}` with a text"))),
    }
}

/// A new P-256 key, and its text.
pub fn make_p256() -> Result<(Private, Zeroizing<String>)> {
    // All but one in four billion random texts are keys.
    for _ in 0..8 {
        if let Some(key) = Private::from_random(&*random()?) {
            let text = pem(key.to_pem())?;
            return Ok((key, text));
        }
    }
    Err(Error::environment("the system's random numbers are not random"))
}

/// A new Ed25519 key, and its text.
pub fn make_ed25519() -> Result<(ed25519::Private, Zeroizing<String>)> {
    let seed = random()?;
    let key = ed25519::Private::from_seed(&seed).map_err(|e| Error::bug(format!("a random seed {e}")))?;
    Ok((key, pem(ed25519::Private::pem_of(&seed))?))
}

pub fn random() -> Result<Zeroizing<[u8; 32]>> {
    clock::random().map(Zeroizing::new)
}

pub fn pem<T>(encoded: std::result::Result<T, String>) -> Result<T> {
    encoded.map_err(|e| Error::bug(format!("a key: {e}")))
}
