//! What goes into a bundle, from the files that were named.

use std::path::Path;

use clap::{Args, ValueHint};
use serde_json::Value;

use crate::bundle::ROOTS;
use crate::bundle::json::{Form, rewrite};
use crate::cmd::Ctx;
use crate::cmd::tenant::file;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;
use crate::tenants::compile::compile;

const PACKAGE: &str = ROOTS[0];

#[derive(Debug, Args)]
pub struct SourceFlags {
    /// The folder of the policy; its tests are left out
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = "policies/switchboard")]
    policy: String,
    /// The list of tenants; default: config/tenants.yaml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "data")]
    tenants: Option<String>,
    /// Data that is compiled already, in place of the list of tenants
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    data: Option<String>,
}

pub struct Sources {
    /// Name in the bundle and text, by name.
    pub policies: Vec<(String, String)>,
    pub data: Vec<u8>,
    pub inputs: Vec<Input>,
}

impl SourceFlags {
    pub fn load(&self, ctx: &Ctx) -> Result<Sources> {
        let mut sources = Sources { policies: Vec::new(), data: Vec::new(), inputs: Vec::new() };
        let folder = Path::new(&self.policy);
        if !fs::is_dir(folder) {
            return Err(Error::usage("there is no such folder with a policy")
                .at_file(&self.policy)
                .hint("name the folder with --policy, or change into the one that holds policies/"));
        }
        add_policies(folder, PACKAGE, &mut sources)?;
        if sources.policies.is_empty() {
            return Err(Error::usage("holds no `.rego` file that is not a test").at_file(&self.policy));
        }
        sources.policies.sort_unstable();
        let (data, input) = match &self.data {
            Some(path) => compiled(path)?,
            None => {
                let (tenants, input) = file::load(&ctx.ui, file::named(self.tenants.as_deref())?)?;
                (compile(&tenants).map_err(|e| Error::bug(format!("cannot encode the data: {e}")))?, input)
            }
        };
        sources.data = data;
        sources.inputs.push(input);
        Ok(sources)
    }
}

/// The `.rego` files of a folder and those below it.
fn add_policies(folder: &Path, name: &str, sources: &mut Sources) -> Result<()> {
    for path in fs::list_dir(folder)? {
        let shown = path.to_string_lossy();
        let Some(last) = path.file_name().and_then(|last| last.to_str()) else {
            return Err(Error::usage("has a name that is not UTF-8").at_file(&shown));
        };
        let name = format!("{name}/{last}");
        if fs::is_symlink(&path) {
            return Err(Error::usage("is a link: what it leads to was not reviewed here").at_file(&shown));
        }
        if fs::is_dir(&path) {
            add_policies(&path, &name, sources)?;
        } else if last.ends_with(".rego") && !last.ends_with("_test.rego") {
            let text = fs::read_small_text(&shown)?;
            sources.inputs.push(file::input(&shown, text.as_bytes()));
            sources.policies.push((name, text));
        }
    }
    Ok(())
}

/// A data file: the four roots that `govctl tenant compile` writes, in any spelling.
fn compiled(path: &str) -> Result<(Vec<u8>, Input)> {
    let bytes = fs::read_small(path)?;
    let mut canonical = rewrite(&bytes, Form::Canonical)
        .map_err(|fault| Error::usage(fault.message).at(path, fault.line, Some(fault.column)))?;
    let data: Value = serde_json::from_slice(&canonical).map_err(|e| Error::usage(e.to_string()).at_file(path))?;
    let roots = data.as_object().map(|object| object.iter().map(|(key, value)| (key.as_str(), value.is_object())));
    let mut expected = ROOTS[1..].to_vec();
    expected.sort_unstable();
    let objects = roots.is_some_and(|roots| roots.eq(expected.iter().map(|root| (*root, true))));
    if !objects {
        return Err(Error::usage(format!("must hold the objects {} and nothing else", expected.join(", ")))
            .at_file(path)
            .hint("make it: govctl tenant compile tenants.yaml -o data.json"));
    }
    canonical.push(b'\n');
    Ok((canonical, file::input(path, &bytes)))
}
