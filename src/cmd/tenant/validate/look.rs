//! One path after the other: what it is, and what is wrong with it.

use std::collections::HashSet;
use std::path::Path;

use crate::cmd::Ctx;
use crate::cmd::tenant::jobs::Check;
use crate::cmd::tenant::worker::{self, Limits};
use crate::cmd::tenant::{file, policy};
use crate::error::{Error, Kind, Result};
use crate::io::fs;
use crate::policy::{Fault, File, Sources};
use crate::record::Finding;
use crate::record::run::Input;
use crate::tenants::compile::{compile, difference};
use crate::tenants::routes::{self, known::Known};
use crate::tenants::{self, Checked, Found, MAX_BYTES, Tenants};

/// Looked at where nothing is named, each if it is there.
const ROUTES: &str = "config/routes.yaml";
const POLICIES: &str = "policies";
const DATA: &str = "policies/data/tenants.json";

/// What a path is checked as.
pub enum What<'p> {
    /// A list of tenants or of routes.
    Yaml(&'p str),
    /// One `.rego` file, which may be a part of a policy.
    Rego(&'p str),
    /// All `.rego` files of a folder.
    Policy(&'p str),
    /// Compiled data beside the list that it is made of.
    Data(&'p str, &'p str),
}

/// What came of a path.
pub struct Looked {
    pub inputs: Vec<Input>,
    pub tenants: u64,
    pub routes: u64,
    pub findings: Result<Vec<Finding>>,
    /// A list of routes, which waits until all lists of tenants are read.
    waiting: Option<String>,
}

/// The lists of tenants of this call.
#[derive(Default)]
pub struct Lists {
    valid: Vec<Tenants>,
    /// One could not be read or is not valid: nobody knows which names it has.
    broken: bool,
}

impl Lists {
    /// None where it cannot be said which names are known.
    pub fn known(&self) -> Option<Known<'_>> {
        (!self.broken && !self.valid.is_empty()).then(|| Known::of(&self.valid))
    }
}

impl Looked {
    fn new(inputs: Vec<Input>, findings: Result<Vec<Finding>>) -> Self {
        Looked { inputs, tenants: 0, routes: 0, findings, waiting: None }
    }

    fn unread(path: &str, error: Error) -> Self {
        Looked::new(vec![Input::named(fs::record_name(path))], Err(error))
    }

    /// Checks a list of routes, where this is one.
    pub fn hold_against(&mut self, known: Option<&Known<'_>>) {
        let Some(text) = self.waiting.take() else { return };
        let checked = routes::read(&text, known);
        self.routes = checked.count as u64;
        self.findings = Ok(records(&checked.found, &self.inputs));
    }
}

/// Without names: what lies where it usually does.
pub fn defaults<'p>() -> Result<Vec<What<'p>>> {
    let there = |path: &str| fs::exists(Path::new(path));
    let mut all = Vec::new();
    all.extend([file::DEFAULT, ROUTES].into_iter().filter(|path| there(path)).map(What::Yaml));
    if there(POLICIES) {
        all.push(What::Policy(POLICIES));
    }
    if there(file::DEFAULT) && there(DATA) {
        all.push(What::Data(DATA, file::DEFAULT));
    }
    if all.is_empty() {
        return Err(Error::usage("there is no such file, no folder `policies`, and nothing else was named")
            .at_file(file::DEFAULT)
            .hint("name what to check, or change into the folder that holds config/ and policies/"));
    }
    Ok(all)
}

pub fn what(path: &str) -> What<'_> {
    let name = Path::new(path);
    match () {
        () if fs::is_dir(name) => What::Policy(path),
        () if name.extension().is_some_and(|e| e == "rego") => What::Rego(path),
        () => What::Yaml(path),
    }
}

/// The tenants of the base file. What is wrong with it beyond its structure is no matter of today's file.
pub fn base(path: &str) -> Result<HashSet<String>> {
    tenants::ids(&fs::read_small_text(path)?).map_err(|found| found.error(path))
}

pub fn yaml_file(path: &str, base: Option<&HashSet<String>>, lists: &mut Lists) -> Looked {
    let read = match fs::read_at_most(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => (vec![file::input(path, &bytes)], fs::utf8(bytes, path)),
        Ok(None) => {
            lists.broken |= !named_routes(path);
            let inputs = vec![Input::named(fs::record_name(path))];
            let findings = records(&Checked::too_large().found, &inputs);
            return Looked::new(inputs, Ok(findings));
        }
        Err(e) => (vec![Input::named(fs::record_name(path))], Err(e)),
    };
    let (inputs, text) = match read {
        (inputs, Ok(text)) => (inputs, text),
        (inputs, Err(e)) => {
            lists.broken |= !named_routes(path);
            return Looked::new(inputs, Err(e));
        }
    };
    if routes::is_routes(&text).unwrap_or_else(|| named_routes(path)) {
        return Looked { waiting: Some(text), ..Looked::new(inputs, Ok(vec![])) };
    }
    let Checked { tenants, count, found } = tenants::read(&text, base);
    lists.broken |= tenants.is_none();
    lists.valid.extend(tenants);
    let findings = records(&found, &inputs);
    Looked { tenants: count as u64, ..Looked::new(inputs, Ok(findings)) }
}

/// Where the keys of a file do not say what it is, its name does.
fn named_routes(path: &str) -> bool {
    matches!(Path::new(path).file_name().and_then(|name| name.to_str()), Some("routes.yaml" | "routes.yml"))
}

fn records(found: &[Found], of: &[Input]) -> Vec<Finding> {
    let name = of.first().map_or("", |input| input.name.as_str());
    found.iter().map(|found| found.finding(name)).collect()
}

pub fn rego_file(ctx: &Ctx, limits: &Limits, path: &str) -> Result<Looked> {
    let bytes = match fs::read_at_most(path, MAX_BYTES as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let error = Error::input("is larger than 4 MiB, and no policy").at_file(path);
            return Ok(Looked::unread(path, error));
        }
        Err(e) => return Ok(Looked::unread(path, e)),
    };
    let input = file::input(path, &bytes);
    let of_text = |text| File { name: path.to_owned(), shown: fs::record_name(path), text };
    let read = fs::utf8(bytes, path).map(|text| (Sources::new(vec![of_text(text)]), vec![input]));
    policy_of(ctx, limits, path, read, false)
}

/// A folder with package switchboard must be a policy; another may hold parts of one.
pub fn policy_folder(ctx: &Ctx, limits: &Limits, dir: &str) -> Result<Looked> {
    let read = policy::folder(dir).map(|read| (read.sources, read.inputs));
    let decides = |sources: &Sources| {
        let package = format!("package {}", crate::policy::PACKAGE);
        sources.modules().any(|file| file.text.lines().any(|line| line.trim_end() == package))
    };
    let whole = read.as_ref().is_ok_and(|(sources, _)| decides(sources));
    policy_of(ctx, limits, dir, read, whole)
}

/// In a child process: whatever the policy does to the engine is a finding.
fn policy_of(
    ctx: &Ctx,
    limits: &Limits,
    path: &str,
    read: Result<(Sources, Vec<Input>)>,
    whole: bool,
) -> Result<Looked> {
    let (sources, inputs) = match read {
        Ok(read) => read,
        Err(e) if e.kind == Kind::Usage => return Err(e),
        Err(e) => return Ok(Looked::unread(path, e)),
    };
    let faults = worker::run(ctx, limits, Check { sources, whole }, |()| Ok(()))?;
    let faults = faults.unwrap_or_else(|crash| vec![Fault { file: fs::record_name(path), ..crash }]);
    Ok(Looked::new(inputs, Ok(faults.iter().map(|fault| fault.finding("tenant")).collect())))
}

/// `path` is the one list of the call. A list with errors is not compiled: its own findings say so.
pub fn data_file(committed: &str, path: &str, lists: &Lists) -> Looked {
    let theirs = match fs::read_checked(committed) {
        Ok(bytes) => bytes,
        Err(e) => return Looked::unread(committed, e),
    };
    let compiled = lists.valid.first().map(|tenants| compile(tenants).encode());
    let findings = compiled.transpose().map(|ours| {
        let differs = ours.and_then(|ours| difference(&theirs, &ours));
        differs.iter().map(|difference| file::differs(difference, committed, path)).collect()
    });
    Looked::new(vec![file::input(committed, &theirs)], findings)
}
