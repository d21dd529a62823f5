//! One side of a comparison: a bundle, a folder, or a Git revision.

use std::path::Path;

use crate::cmd::Ctx;
use crate::cmd::tenant::policy::{self, Source};
use crate::cmd::tenant::trust::TrustFlags;
use crate::cmd::tenant::worker::Limits;
use crate::cmd::tenant::file;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::io::git::Revision;
use crate::policy::{File, Sources};
use crate::record::run::Input;
use crate::tenants::compile::compile;

/// Forces a Git revision where a file or a folder has the same name.
const GIT: &str = "git:";

/// Where the files lie in a folder or a revision.
pub struct Layout<'a> {
    pub tenants: &'a str,
    pub policy: &'a str,
}

pub fn load(ctx: &Ctx, limits: &Limits, trust: &TrustFlags, layout: &Layout, given: &str) -> Result<Source> {
    let path = Path::new(given);
    match given.strip_prefix(GIT) {
        Some(revision) => of_revision(ctx, limits, layout, &Revision::open(revision)?),
        None if fs::is_dir(path) => of_folder(ctx, limits, layout, given),
        None if fs::exists(path) => Source::of_bundle(ctx, limits, trust, given),
        None => of_revision(ctx, limits, layout, &Revision::open(given)?),
    }
}

fn of_folder(ctx: &Ctx, limits: &Limits, layout: &Layout, folder: &str) -> Result<Source> {
    // `./config/tenants.yaml` says no more than `config/tenants.yaml`.
    let within = |path: &str| if folder == "." { path.to_owned() } else { format!("{}/{path}", folder.trim_end_matches('/')) };
    let read = policy::folder(&within(layout.policy))?;
    policy::check(ctx, limits, &read.sources)?;
    let (tenants, input) = file::load(&ctx.ui, &within(layout.tenants))?;
    let mut inputs = read.inputs;
    inputs.push(input);
    Source::new(read.sources, compile(&tenants), inputs)
}

fn of_revision(ctx: &Ctx, limits: &Limits, layout: &Layout, revision: &Revision) -> Result<Source> {
    let (mut files, mut inputs) = (Vec::new(), Vec::new());
    let text = |path: &str, bytes: Vec<u8>, inputs: &mut Vec<Input>| {
        inputs.push(file::input(&revision.shown(path), &bytes));
        fs::utf8(bytes, &revision.shown(path))
    };
    for blob in revision.files(layout.policy)?.iter().filter(|blob| blob.path.ends_with(".rego")) {
        let inner = blob.path.strip_prefix(layout.policy).unwrap_or(&blob.path).trim_start_matches('/');
        let text = text(&blob.path, revision.read(blob)?, &mut inputs)?;
        files.push(File { name: format!("switchboard/{inner}"), shown: revision.shown(&blob.path), text });
    }
    let missing = |what: &str, path: &str, flag: &str| {
        Err(Error::usage(format!("the revision has no {what} there"))
            .at_file(&revision.shown(path))
            .hint(format!("name its place in the repository with {flag}")))
    };
    if files.is_empty() {
        return missing("policy", layout.policy, "--policy-path");
    }
    let listed = revision.files(layout.tenants)?;
    let Some(blob) = listed.iter().find(|blob| blob.path == layout.tenants) else {
        return missing("list of tenants", layout.tenants, "--tenants-path");
    };
    let list = text(&blob.path, revision.read(blob)?, &mut inputs)?;
    let tenants = file::parse(&ctx.ui, &revision.shown(layout.tenants), &list)?;
    let sources = Sources::new(files);
    policy::check(ctx, limits, &sources)?;
    Source::new(sources, compile(&tenants), inputs)
}
