//! `govctl tenant bundle verify`: whether a bundle is what its signer made, and for whom.

use std::path::Path;

use clap::{Args, ValueHint};

use super::{record, refused};
use crate::bundle::code::Code;
use crate::bundle::{self, Found, Opened, archive};
use crate::cmd::tenant::file;
use crate::cmd::tenant::trust::{self, TrustFlags};
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::Result;
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::record::run::{Input, counts};
use crate::text::counted;

/// Verify a signed bundle: signature, scope, every file, nothing added, nothing missing
///
/// The key and its algorithm (ES256) come from --verification-key, never from the bundle. Nothing in the bundle is
/// parsed before its signature and all hashes hold.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant bundle verify bundle.tar.gz --verification-key sign.pub.pem",
    "govctl tenant bundle verify bundle.tar.gz --verification-key sign.pub.pem --min-serial 7",
]))]
pub struct Verify {
    #[command(flatten)]
    trust: TrustFlags,
    /// The bundle, a `.tar.gz`; `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: String,
}

pub fn run(ctx: &Ctx, args: &Verify) -> Result<Exit> {
    let trust = args.trust.load()?;
    let (opened, input) = match trust::read(&args.file)? {
        Some(bytes) => (bundle::open(&bytes, &trust), file::input(&args.file, &bytes)),
        None => {
            let mut input = Input::named(fs::record_name(&args.file));
            // Standard input has been read up to the limit and no further: nobody knows the digest of the whole.
            if args.file != "-" {
                input.sha256 = Some(fs::sha256_file(Path::new(&args.file))?);
            }
            (Err(vec![archive::too_large()]), input)
        }
    };
    let sha256 = input.sha256.clone().unwrap_or_default();
    let inputs = vec![input];
    Session::run(ctx, "tenant bundle verify", "bundle.ndjson", inputs, Compress::None, |session| match opened {
        Ok(opened) => accept(session, &args.file, &opened),
        Err(found) => refuse(session, &args.file, &found, sha256),
    })
}

fn accept(session: &mut Session, path: &str, opened: &Opened) -> Result<Outcome> {
    session.write(&record(opened))?;
    let serial = opened.serial.map(|serial| format!(", serial {serial}")).unwrap_or_default();
    let summary = format!(
        "{path} is authentic: {} signed by {}, revision {}{serial}",
        counted(opened.signed_files as u64, "file"),
        opened.key_id,
        opened.revision
    );
    Ok(Outcome { exit: Exit::Clean, counts: counts([("files", opened.files as u64), ("findings", 0)]), summary })
}

fn refuse(session: &mut Session, path: &str, found: &[Found], sha256: String) -> Result<Outcome> {
    if let Some(unusable) = found.iter().find(|found| found.code == Code::NotABundle) {
        return Err(unusable.error(path));
    }
    let name = fs::record_name(path);
    found.iter().try_for_each(|found| session.write(&found.finding(&name)))?;
    session.write(&refused(sha256))?;
    let findings = found.len() as u64;
    let summary = format!("{path} is not authentic: {}", counted(findings, "finding"));
    Ok(Outcome { exit: Exit::Found, counts: counts([("findings", findings)]), summary })
}
