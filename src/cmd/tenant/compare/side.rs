//! One side of a comparison: a bundle, a folder, or a Git revision.

use std::path::Path;

use crate::cmd::Ctx;
use crate::cmd::tenant::file;
use crate::cmd::tenant::policy::{self, Source};
use crate::cmd::tenant::trust::TrustFlags;
use crate::error::{Error, Kind, Result};
use crate::io::fs;
use crate::io::git::Revision;
use crate::policy::{File, Sources};
use crate::tenants::compile::compile;

/// Forces a Git revision where a file or a folder has the same name.
const GIT: &str = "git:";

/// Where the files lie in a folder or a revision.
pub struct Layout<'a> {
    pub tenants: &'a str,
    pub policy: &'a str,
}

enum Kept<'a> {
    Bundle(&'a str),
    Folder(&'a str),
    Revision(&'a str),
}

fn kept(given: &str) -> Kept<'_> {
    let path = Path::new(given);
    match given.strip_prefix(GIT) {
        Some(revision) => Kept::Revision(revision),
        None if fs::is_dir(path) => Kept::Folder(given),
        None if fs::exists(path) => Kept::Bundle(given),
        None => Kept::Revision(given),
    }
}

pub fn is_bundle(given: &str) -> bool {
    matches!(kept(given), Kept::Bundle(_))
}

/// Policy and data, not yet checked.
pub fn load(ctx: &Ctx, trust: &TrustFlags, layout: &Layout, given: &str) -> Result<Source> {
    let source = match kept(given) {
        // One that is not authentic is unusable input.
        Kept::Bundle(path) => {
            return Source::of_bundle(ctx, trust, path).map_err(|e| match e.hint {
                None if e.kind == Kind::Input => e.hint("a state is a signed bundle, a folder or a Git revision"),
                _ => e,
            });
        }
        Kept::Folder(folder) => of_folder(ctx, layout, folder),
        Kept::Revision(revision) => of_revision(ctx, layout, &Revision::open(revision)?),
    };
    // A file that cannot be used is a mistake of configuration.
    source.map_err(|e| if e.kind == Kind::Input { Error { kind: Kind::Usage, ..e } } else { e })
}

fn of_folder(ctx: &Ctx, layout: &Layout, folder: &str) -> Result<Source> {
    // `./config/tenants.yaml` says no more than `config/tenants.yaml`.
    let within =
        |path: &str| if folder == "." { path.to_owned() } else { format!("{}/{path}", folder.trim_end_matches('/')) };
    let dir = within(layout.policy);
    if !fs::is_dir(Path::new(&dir)) {
        return Err(missing("folder with a policy", &dir, "--policy-path"));
    }
    let read = policy::folder(&dir)?;
    let list = within(layout.tenants);
    if !fs::exists(Path::new(&list)) {
        return Err(missing("list of tenants", &list, "--tenants-path"));
    }
    if fs::is_symlink(Path::new(&list)) {
        return Err(Error::usage("is a link: what it leads to was not reviewed here").at_file(&list));
    }
    let (tenants, input) = file::load(&ctx.ui, &list)?;
    let mut inputs = read.inputs;
    inputs.push(input);
    Source::new(read.sources, compile(&tenants), inputs)
}

fn of_revision(ctx: &Ctx, layout: &Layout, revision: &Revision) -> Result<Source> {
    let (mut files, mut inputs) = (Vec::new(), Vec::new());
    for blob in revision.files(layout.policy)? {
        let inner = blob.path.strip_prefix(layout.policy).unwrap_or(&blob.path).trim_start_matches('/');
        let shown = revision.shown(&blob.path);
        policy::refuse_data(inner, &shown)?;
        if !inner.ends_with(".rego") {
            continue;
        }
        let bytes = revision.read(&blob)?;
        inputs.push(file::input(&shown, &bytes));
        files.push(File { name: format!("switchboard/{inner}"), text: fs::utf8(bytes, &shown)?, shown });
    }
    if files.is_empty() {
        return Err(missing("policy", &revision.shown(layout.policy), "--policy-path"));
    }
    let listed = revision.files(layout.tenants)?;
    let shown = revision.shown(layout.tenants);
    let Some(blob) = listed.iter().find(|blob| blob.path == layout.tenants) else {
        return Err(missing("list of tenants", &shown, "--tenants-path"));
    };
    let bytes = revision.read(blob)?;
    inputs.push(file::input(&shown, &bytes));
    let tenants = file::parse(&ctx.ui, &shown, &fs::utf8(bytes, &shown)?)?;
    Source::new(Sources::new(files), compile(&tenants), inputs)
}

fn missing(what: &str, place: &str, flag: &str) -> Error {
    Error::usage(format!("there is no {what}")).at_file(place).hint(format!("say where it lies with {flag}"))
}
