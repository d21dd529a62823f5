//! No output of a command may be one of its inputs: it would be gone before it was read, or while it is. And each must have a folder.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, ValueHint};

use crate::error::{Error, Result};
use crate::evidence::{MANIFEST, chain_files};
use crate::io::fs::{self, Identity};

/// The arguments that name what is written; every other path is read.
const OUTPUTS: [&str; 13] = [
    "certificate",
    "chart",
    "dead_letter",
    "dest",
    "evidence",
    "fork_dir",
    "html",
    "keys",
    "ledger",
    "out",
    "public",
    "report",
    "state",
];

/// An output that may take the place of an input: that is read whole before, and then replaced as a whole.
const REPLACES: [(&str, &str); 1] = [("out", "params")];

/// Folders whose every file may decide: nothing is written among them.
const REVIEWED: [&str; 1] = ["policy"];

/// Refuses a call in which something would be written over what is read. Nothing has been opened yet.
pub fn check(tree: &Command, matches: &ArgMatches) -> Result<()> {
    let global: Vec<&Arg> = tree.get_arguments().filter(|a| a.is_global_set()).collect();
    let (command, matches) = leaf(tree, matches);
    // Whether a verb reads standard input may follow from what is not given, so it always counts.
    let mut inputs = vec![("", "standard input".to_owned(), Identity::of_stdin())];
    let (mut outputs, mut reviewed, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for arg in command.get_arguments().chain(global).filter(|a| is_path(a)) {
        let id = arg.get_id().as_str();
        for value in matches.try_get_raw(id).ok().flatten().into_iter().flatten() {
            let path = PathBuf::from(value);
            match OUTPUTS.contains(&id) {
                true if value == "-" => return Err(no_output(arg)),
                true if is_file(arg) && !has_folder(&path) => return Err(no_folder(arg, &path)),
                true => {
                    places.push((arg, path.clone()));
                    outputs.extend(written(arg, path).into_iter().map(|(name, of)| (id, name, of)));
                }
                false if REVIEWED.contains(&id) => reviewed.push(path),
                false => inputs.extend(read(path).into_iter().map(|(name, of)| (id, name, of))),
            }
        }
    }
    let among = |place: &Path| reviewed.iter().find(|folder| lies_in(place, folder));
    if let Some((arg, folder)) = places.iter().find_map(|(arg, place)| Some((*arg, among(place)?))) {
        return Err(Error::usage(format!("{} would be written among the files of the policy", flag(arg)))
            .at_file(&folder.to_string_lossy())
            .hint("name a place outside of that folder; nothing was read or written"));
    }
    outputs.push(("", "standard output".to_owned(), Identity::of_stdout()));
    for (by, output, identity) in outputs.iter().filter(|o| o.2.is_some()) {
        let is_same = |(of, _, id): &&(&str, String, Option<Identity>)| id == identity && !REPLACES.contains(&(by, of));
        if let Some((_, input, _)) = inputs.iter().find(is_same) {
            return Err(Error::usage(format!("{output} would be written over this input"))
                .at_file(input)
                .hint("name another file; nothing was read or written"));
        }
    }
    Ok(())
}

pub fn is_path(arg: &Arg) -> bool {
    matches!(arg.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath)
}

fn is_file(arg: &Arg) -> bool {
    arg.get_value_hint() == ValueHint::FilePath
}

/// A path that ends in a name is that of a file in a folder.
fn has_folder(path: &Path) -> bool {
    path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || fs::is_dir(folder))
}

/// Whether a path, which need not be there yet, is in a folder or is the folder.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let Some(folder) = fs::canonical(folder) else { return false };
    path.ancestors().find_map(fs::canonical).is_some_and(|there| there.starts_with(folder))
}

/// Better now than after all the work.
fn no_folder(arg: &Arg, path: &Path) -> Error {
    let folder = path.parent().unwrap_or(path).to_string_lossy().into_owned();
    Error::environment(format!("{}: there is no such folder", flag(arg)))
        .at_file(&folder)
        .hint("make it, or name another file")
}

/// An output is a file beside the records.
fn no_output(arg: &Arg) -> Error {
    let flag = flag(arg);
    Error::usage(format!("{flag} -: standard output is for the records"))
        .hint(format!("name a file; one that is called `-` is given as {flag} ./-"))
}

fn flag(arg: &Arg) -> String {
    format!("--{}", arg.get_long().unwrap_or_default())
}

/// The verb that was called, and its arguments.
fn leaf<'a>(mut command: &'a Command, mut matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    while let Some((name, deeper)) = matches.subcommand() {
        let Some(sub) = command.find_subcommand(name) else { break };
        (command, matches) = (sub, deeper);
    }
    (command, matches)
}

/// What is written under an output argument, with its name for people.
fn written(arg: &Arg, path: PathBuf) -> Vec<(String, Option<Identity>)> {
    let flag = flag(arg);
    let paths = match arg.get_id().as_str() {
        // A run directory is new; these of the evidence folder are written each time.
        "evidence" => {
            let chains = chain_files(&path).unwrap_or_default();
            chains.iter().map(String::as_str).chain([".lock"]).map(|name| path.join(name)).collect()
        }
        _ => vec![path],
    };
    paths.into_iter().map(|p| (flag.clone(), Identity::of_path(&p))).collect()
}

/// What is read under an input argument. Of a folder these are the files of run directories.
fn read(path: PathBuf) -> Vec<(String, Option<Identity>)> {
    let name = |p: &Path| p.to_string_lossy().into_owned();
    if !fs::is_dir(&path) {
        return vec![(name(&path), Identity::of_path(&path))];
    }
    let runs = fs::list_dir(&path).unwrap_or_default().into_iter().chain([path]);
    let files =
        runs.filter(|run| fs::exists(&run.join(MANIFEST))).flat_map(|run| fs::list_dir(&run).unwrap_or_default());
    files.map(|file| (name(&file), Identity::of_path(&file))).collect()
}

/// Standard input can be read once.
pub fn one_stdin(sources: &[&String]) -> Result<()> {
    match sources.iter().filter(|s| s.as_str() == "-").count() {
        0 | 1 => Ok(()),
        _ => Err(Error::usage("standard input (`-`) was given twice")),
    }
}
