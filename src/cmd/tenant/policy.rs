//! The policy and the data that a verb works with.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::worker::{self, Check, Limits};
use super::file;
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::evidence::sha256_hex;
use crate::io::fs;
use crate::policy::{Fault, File, Sources};
use crate::record::run::Input;
use crate::tenants::compile::compile;
use crate::tenants::data::Data;

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

/// The files of a policy, not yet checked.
pub struct Read {
    pub sources: Sources,
    pub inputs: Vec<Input>,
}

impl PolicyArgs {
    pub fn read(&self) -> Result<Read> {
        if self.policy == "embedded" {
            let file = File {
                name: "switchboard/switchboard.rego".to_owned(),
                shown: "embedded/switchboard.rego".to_owned(),
                text: EMBEDDED.to_owned(),
            };
            return Ok(Read { inputs: vec![], sources: Sources::new(vec![file]) });
        }
        folder(&self.policy)
    }

    /// Reads and checks. What is wrong is shown, and the last of it is the error.
    pub fn load(&self, ctx: &Ctx, limits: &Limits) -> Result<Read> {
        let read = self.read()?;
        if self.policy != "embedded" {
            let check = Check { sources: read.sources.clone(), whole: true };
            refuse(ctx, worker::run(ctx, limits, check, |()| Ok(()))?.unwrap_or_else(|fault| vec![fault]))?;
        }
        Ok(read)
    }
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
        return Err(Error::usage("there is no such folder with a policy")
            .at_file(dir)
            .hint("name it with --policy, or take the policy that govctl ships: --policy embedded"));
    }
    let mut paths = Vec::new();
    rego_files(root, &mut paths)?;
    if paths.is_empty() {
        return Err(Error::usage("the folder holds no `.rego` file").at_file(dir).hint("name the folder of the policy"));
    }
    let (mut files, mut inputs) = (Vec::new(), Vec::new());
    for path in paths {
        let shown = path.to_string_lossy().into_owned();
        let inner = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let (file, input) = read(&shown, &format!("switchboard/{inner}"))?;
        files.push(file);
        inputs.push(input);
    }
    Ok(Read { sources: Sources::new(files), inputs })
}

/// One file, by its name for people and its name in a bundle.
pub fn read(path: &str, name: &str) -> Result<(File, Input)> {
    let text = fs::read_small_text(path)?;
    let input = file::input(path, text.as_bytes());
    Ok((File { name: name.to_owned(), shown: fs::record_name(path), text }, input))
}

/// Regular `.rego` files in all folders below; hidden ones and links are left out.
fn rego_files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for path in fs::list_dir(dir)? {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden || fs::is_symlink(&path) {
            continue;
        }
        if fs::is_dir(&path) {
            rego_files(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "rego") {
            found.push(path);
        }
    }
    Ok(())
}

/// Compiled data, with its canonical bytes.
pub struct Loaded {
    pub data: Data,
    pub json: Vec<u8>,
    pub sha256: String,
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
        Ok(Loaded { data, sha256: sha256_hex(&json), json, input })
    }
}
