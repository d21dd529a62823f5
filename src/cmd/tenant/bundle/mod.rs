//! `govctl tenant bundle`: policy and data as one signed file that OPA and govctl load alike.

mod build;
mod verify;

use clap::{Args, Subcommand};

use crate::bundle::Opened;
use crate::bundle::signature::ALGORITHM;
use crate::cmd::Ctx;
use crate::error::Result;
use crate::exit::Exit;
use crate::record::tenant::{self, BundleVerdict as Verdict};

/// Build and verify signed OPA bundles of policy and data
#[derive(Debug, Args)]
#[command(after_help = crate::cmd::after_help([
    "govctl tenant bundle build --tenants tenants.yaml --signing-key sign.pem --key-id k1 -o bundle.tar.gz",
    "govctl tenant bundle verify bundle.tar.gz --verification-key sign.pub.pem",
]))]
pub struct Bundle {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Build(build::Build),
    Verify(verify::Verify),
}

pub fn run(ctx: &Ctx, bundle: &Bundle) -> Result<Exit> {
    match &bundle.verb {
        Verb::Build(args) => build::run(ctx, args),
        Verb::Verify(args) => verify::run(ctx, args),
    }
}

/// The record of an authentic bundle.
fn record(opened: &Opened) -> tenant::Bundle {
    tenant::Bundle {
        revision: Some(opened.revision.clone()),
        serial: opened.serial,
        files: Some(opened.files as u64),
        signed_files: Some(opened.signed_files as u64),
        key_id: Some(opened.key_id.clone()),
        algorithm: ALGORITHM.to_owned(),
        scope: Some(opened.scope.clone()),
        policy_sha256: Some(opened.policy_sha256.clone()),
        data_sha256: Some(opened.data_sha256.clone()),
        certificate_sha256: opened.certificate_sha256.clone(),
        bundle_sha256: opened.bundle_sha256.clone(),
        verdict: Verdict::Authentic,
    }
}

/// The record of what is none.
fn refused(bundle_sha256: String) -> tenant::Bundle {
    tenant::Bundle {
        revision: None,
        serial: None,
        files: None,
        signed_files: None,
        key_id: None,
        algorithm: ALGORITHM.to_owned(),
        scope: None,
        policy_sha256: None,
        data_sha256: None,
        certificate_sha256: None,
        bundle_sha256,
        verdict: Verdict::NotAuthentic,
    }
}
