//! `govctl tenant bundle build`: policy and data, packed and signed.

use std::path::Path;

use clap::{Args, ValueHint};

use super::record;
use crate::bundle::{self, Content, Opened, Trust, build, certificate};
use crate::cmd::tenant::file;
use crate::cmd::tenant::policy::{DataArgs, PolicyArgs};
use crate::cmd::tenant::worker::Limits;
use crate::cmd::{Ctx, Outcome, Session, key};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::sink::Compress;
use crate::key::p256::Private;
use crate::record::run::{Input, counts};
use crate::text::counted;

/// Pack policy and data into a bundle and sign it with ES256
///
/// The same inputs and key give the same bytes. OPA loads the bundle as it is, with or without verification.
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant bundle build --tenants tenants.yaml --signing-key sign.pem --key-id k1 -o bundle.tar.gz",
    "govctl tenant bundle build --tenants tenants.yaml --signing-key sign.pem --key-id k1 --serial 7 -o bundle.tar.gz",
]))]
pub struct Build {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    data: DataArgs,
    /// The private key, P-256 in PEM, in a file of mode 0600; or env:NAME
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    signing_key: String,
    /// Name of the key, which tells a reader which public key to take
    #[arg(long, value_name = "ID")]
    key_id: String,
    /// What the bundle is for: it is then refused everywhere else
    #[arg(long, value_name = "SCOPE", default_value = "", hide_default_value = true)]
    scope: String,
    /// Name of this state; default: `sha256:` and a digest of policy and data
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    revision: Option<String>,
    /// A number that grows with every build, so that readers can refuse an older bundle
    #[arg(long, value_name = "N")]
    serial: Option<u64>,
    /// Build only what this certificate of `govctl tenant prove` proves
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    require_proof: Option<String>,
    /// The bundle to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: String,
    #[command(flatten)]
    limits: Limits,
}

pub fn run(ctx: &Ctx, args: &Build) -> Result<Exit> {
    if args.key_id.is_empty() {
        return Err(Error::usage("--key-id: an empty name names no key"));
    }
    let key = key::private(&args.signing_key)?;
    let policy = args.policy.load(ctx, &args.limits)?;
    let data = args.data.load(ctx)?;
    let mut inputs = policy.inputs;
    inputs.push(data.input);
    let mut content = Content {
        policies: policy.sources.modules().map(|file| (file.name.clone(), file.text.clone())).collect(),
        data: data.json,
        revision: args.revision.clone(),
        serial: args.serial,
        certificate_sha256: None,
    };
    if let Some(path) = &args.require_proof {
        let proof = proof(path, &content)?;
        content.certificate_sha256 = proof.sha256.clone();
        inputs.push(proof);
    }
    let bytes = build(&content, &key, &args.key_id, &args.scope)
        .map_err(|found| found.error(&args.out).of_kind(Kind::Usage))?;
    let opened = reopened(&bytes, &key, args)?;
    Session::run(ctx, "tenant bundle build", "bundle.ndjson", inputs, Compress::None, |session| {
        fs::write_output(Path::new(&args.out), &bytes)?;
        session.write(&record(&opened))?;
        let files = opened.files as u64;
        let summary = format!(
            "{} with {}, revision {}, signed by {}",
            args.out,
            counted(files, "file"),
            opened.revision,
            opened.key_id
        );
        Ok(Outcome { exit: Exit::Clean, counts: counts([("files", files)]), summary })
    })
}

/// The certificate, where it is one for just this policy and data.
fn proof(path: &str, content: &Content) -> Result<Input> {
    let bytes = fs::read_small(path)?;
    match certificate::check(&bytes, &content.policy_sha256(), &content.data_sha256()) {
        Ok(()) => Ok(file::input(path, &bytes)),
        Err(e) => Err(Error::usage(e).at_file(path).hint("prove this policy with this data: govctl tenant prove")),
    }
}

/// As a reader will: a bundle that its own reader refuses is not handed out.
fn reopened(bytes: &[u8], key: &Private, args: &Build) -> Result<Opened> {
    let trust = Trust { key: key.public().clone(), key_id: None, scope: args.scope.clone(), min_serial: args.serial };
    bundle::open(bytes, &trust).map_err(|found| {
        let reasons: Vec<String> = found.iter().map(|found| found.error(&args.out).to_string()).collect();
        Error::bug(format!("the bundle would be refused: {}", reasons.join("; ")))
    })
}
