//! The policy and the data that a verb works with.

use std::path::{Component, Path, PathBuf};

use clap::{Args, ValueHint};

use super::file;
use super::jobs::Check;
use super::trust::TrustFlags;
use super::worker::{self, Limits};
use crate::bundle;
use crate::cmd::Ctx;
use crate::error::{Error, Kind, Result};
use crate::io::fs;
use crate::policy::{self, Fault, File, Sources};
use crate::record::run::Input;
use crate::tenants::compile::compile;
use crate::tenants::data::Data;
use crate::text::sha256_hex;

/// The embedded copy of the shipped policy.
const EMBEDDED: &str = include_str!("../../../policies/switchboard/switchboard.rego");
/// Where the shipped policy lies.
pub const DEFAULT: &str = "policies/switchboard";

/// Which policy.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// The folder with the policy's `.rego` files, or `embedded` for the policy that govctl ships
    #[arg(long, default_value = DEFAULT, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub policy: String,
}

/// Which data.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// The list of tenants; default: config/tenants.yaml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "data")]
    pub tenants: Option<String>,
    /// Compiled data instead of a list of tenants
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub data: Option<String>,
}

/// The policy source of a verb: a folder with a list of tenants or data, or a signed bundle with both.
#[derive(Debug, Clone, Args)]
pub struct SourceArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub data: DataArgs,
    /// A signed bundle instead of a folder and a list
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["policy", "tenants", "data"])]
    pub bundle: Option<String>,
    #[command(flatten)]
    pub trust: TrustFlags,
}

/// A policy with its data. It is not checked: the child process that works with it does that first.
pub struct Source {
    pub sources: Sources,
    pub data: Data,
    /// What the state is called: that of the bundle, else the digest of policy and data.
    pub revision: String,
    pub inputs: Vec<Input>,
}

impl SourceArgs {
    pub fn load(&self, ctx: &Ctx) -> Result<Source> {
        if let Some(path) = &self.bundle {
            return Source::of_bundle(ctx, &self.trust, path);
        }
        self.trust.refuse_without_bundle()?;
        let (policy, data) = (self.policy.read()?, self.data.load(ctx)?);
        let mut inputs = policy.inputs;
        inputs.push(data.input);
        Source::new(policy.sources, data.data, inputs)
    }
}

impl Source {
    pub fn new(sources: Sources, data: Data, inputs: Vec<Input>) -> Result<Source> {
        let revision = bundle::revision(&sources.policy_sha256(), &sha256_hex(&data.encode()?));
        Ok(Source { sources, data, revision, inputs })
    }

    pub fn of_bundle(ctx: &Ctx, trust: &TrustFlags, path: &str) -> Result<Source> {
        let (opened, input) = trust.open(&ctx.ui, path)?;
        let shown = |name: &str| format!("{}/{name}", fs::record_name(path));
        let files = opened.policies.into_iter().map(|(name, text)| File { shown: shown(&name), name, text });
        let sources = Sources::new(files.collect());
        let data = Data::read(&opened.data).map_err(|e| e.at_file(path))?;
        Ok(Source { sources, data, revision: opened.revision, inputs: vec![input] })
    }
}

/// The files of a policy, not yet checked.
pub struct Read {
    pub sources: Sources,
    pub inputs: Vec<Input>,
}

impl PolicyArgs {
    /// A file that cannot be used is a mistake of configuration.
    pub fn read(&self) -> Result<Read> {
        if self.policy == "embedded" {
            let file = File {
                name: "switchboard/switchboard.rego".to_owned(),
                shown: "embedded/switchboard.rego".to_owned(),
                text: EMBEDDED.to_owned(),
            };
            return Ok(Read { inputs: vec![], sources: Sources::new(vec![file]) });
        }
        folder(&self.policy).map_err(|e| e.of_kind(Kind::Usage))
    }

    /// Reads and checks. What is wrong is shown, and the last of it is the error.
    pub fn load(&self, ctx: &Ctx, limits: &Limits) -> Result<Read> {
        let read = self.read()?;
        if self.policy != "embedded" {
            check(ctx, limits, &read.sources)?;
        }
        Ok(read)
    }
}

/// Checks a whole policy in a child process.
pub fn check(ctx: &Ctx, limits: &Limits, sources: &Sources) -> Result<()> {
    let check = Check { sources: sources.clone(), whole: true };
    refuse(ctx, worker::run(ctx, limits, check, |()| Ok(()))?.unwrap_or_else(|fault| vec![fault]))
}

/// Whether the files decide as those that govctl ships.
pub fn is_shipped(sources: &Sources) -> bool {
    let mut modules = sources.modules();
    modules.next().is_some_and(|file| file.text == EMBEDDED) && modules.next().is_none()
}

/// Shows all faults but the last, which is the error.
pub fn refuse(ctx: &Ctx, mut faults: Vec<Fault>) -> Result<()> {
    let last = faults.pop();
    faults.iter().for_each(|fault| ctx.ui.error(&fault.error()));
    last.map_or(Ok(()), |fault| Err(fault.error()))
}

/// All `.rego` files under a folder.
pub fn folder(dir: &str) -> Result<Read> {
    let root = Path::new(dir);
    if !fs::is_dir(root) {
        return Err(Error::usage("there is no such folder with a policy").at_file(dir).hint(
            "name a folder that is there; verbs with --policy take the policy that govctl ships as --policy embedded",
        ));
    }
    let mut all = Vec::new();
    files(root, &mut all)?;
    if !all.iter().any(|path| is_rego(path)) {
        return Err(Error::usage("the folder holds no `.rego` file")
            .at_file(dir)
            .hint("name the folder of the policy"));
    }
    let (mut files, mut inputs) = (Vec::new(), Vec::new());
    for path in all {
        let shown = path.to_string_lossy();
        let inner = path.strip_prefix(root).unwrap_or(&path);
        let name = inner.to_string_lossy().replace('\\', "/");
        refuse_data(&name, &shown)?;
        if !is_rego(&path) {
            continue;
        }
        if is_hidden(inner) {
            return Err(Error::usage("is hidden, and OPA would load it with the policy")
                .at_file(&shown)
                .hint("move it out of the folder, or name it so that it is seen"));
        }
        let (file, input) = read(&shown, &format!("switchboard/{name}"))?;
        files.push(file);
        inputs.push(input);
    }
    Ok(Read { sources: Sources::new(files), inputs })
}

/// One file, by its name for people and its name in a bundle.
pub fn read(path: &str, name: &str) -> Result<(File, Input)> {
    let bytes = fs::read_checked(path)?;
    let input = file::input(path, &bytes);
    Ok((File { name: name.to_owned(), shown: fs::record_name(path), text: fs::utf8(bytes, path)? }, input))
}

/// A file that OPA would load beside the policy is no part of what is checked here, so it is refused rather than left out.
pub fn refuse_data(inner: &str, shown: &str) -> Result<()> {
    let (what, hint) = match (policy::is_archive(inner), policy::is_data(inner)) {
        (true, _) => ("load it as a bundle", "move it out of the folder"),
        (_, true) => {
            ("load it over the compiled data", "move it out of the folder; govctl takes data from --tenants or --data")
        }
        (false, false) => return Ok(()),
    };
    Err(Error::usage(format!("lies in the policy's folder, and OPA would {what}")).at_file(shown).hint(hint))
}

/// All files in all folders below.
fn files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for path in fs::list_dir(dir)? {
        match () {
            // Editors lock a file by a hidden link to nothing.
            () if fs::is_symlink(&path) && is_hidden(&path) && !fs::exists(&path) => {}
            () if fs::is_symlink(&path) => {
                return Err(
                    Error::usage("is a link: what it leads to was not reviewed here").at_file(&path.to_string_lossy())
                );
            }
            () if fs::is_dir(&path) => files(&path, found)?,
            () => found.push(path),
        }
    }
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if name.to_string_lossy().starts_with('.')))
}

fn is_rego(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "rego")
}

/// Compiled data, with its canonical bytes.
pub struct Loaded {
    pub data: Data,
    pub json: Vec<u8>,
    pub input: Input,
}

impl DataArgs {
    pub fn load(&self, ctx: &Ctx) -> Result<Loaded> {
        let (data, input) = match &self.data {
            Some(path) => {
                let bytes = fs::read_small(path)?;
                (Data::read(&bytes).map_err(|e| e.at_file(path))?, file::input(path, &bytes))
            }
            None => {
                let (tenants, input) = file::load(&ctx.ui, file::named(self.tenants.as_deref())?)?;
                (compile(&tenants), input)
            }
        };
        let json = data.encode()?;
        Ok(Loaded { data, json, input })
    }
}
