//! Reads the run directories of `diff run --evidence`: only complete ones count, and altered files are noticed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::clock::parse_rfc3339_ms;
use crate::cmd::diff::folder::{DIFFS, PROOF, chains, is_finished, is_run};
use crate::cmd::diff::stream::{self, Ended};
use crate::diff::report::{Data, FolderChain, RunData, Unread};
use crate::error::{Error, Kind, Result};
use crate::evidence::{MANIFEST, parse_manifest};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::RecordReader;
use crate::record::Record;
use crate::record::diff::Proof;
use crate::record::run::Input;
use crate::text::sha256_hex;
use crate::ui::Ui;

/// Reads run directories and folders of such. A run that cannot be used is reported and makes the exit code 3, unless it
/// ended before `since_ms`, the first of the reported days: it read nothing of them.
pub fn read(ui: &Ui, folders: &[String], since_ms: i64, data: &mut Data, inputs: &mut Vec<Input>) -> Result<Exit> {
    let mut exit = Exit::Clean;
    let mut roots = BTreeSet::new();
    for folder in folders {
        for path in run_dirs(ui, folder)? {
            let why = match read_run(ui, &path, since_ms, data) {
                Ok((input, state)) => {
                    inputs.extend(input);
                    exit = exit.and(state.exit);
                    state.why
                }
                Err(e) if e.kind == Kind::Input => {
                    ui.error(&e);
                    exit = exit.and(Exit::Input);
                    Some(e.message)
                }
                Err(e) => return Err(e),
            };
            let name = format!("run {}", path.file_name().unwrap_or_default().to_string_lossy());
            data.unread.extend(why.map(|why| Unread { name, why }));
            let above = path.parent().filter(|p| !p.as_os_str().is_empty());
            roots.insert(above.map_or_else(|| path.join(".."), Path::to_path_buf));
        }
    }
    for root in roots {
        data.chains.extend(chains(&root)?);
    }
    if !folders.is_empty() && data.runs.is_empty() && exit == Exit::Clean {
        let hint = "name a folder that `govctl diff run --evidence` wrote";
        return Err(Error::input("holds no complete run with a proof").at_file(&folders.join(", ")).hint(hint));
    }
    Ok(exit)
}

/// The folder itself if it is a run, else the complete runs in it.
fn run_dirs(ui: &Ui, folder: &str) -> Result<Vec<PathBuf>> {
    let path = PathBuf::from(folder);
    if !fs::is_dir(&path) {
        return Err(match fs::exists(&path) {
            true => Error::usage("is a file, a run directory was expected")
                .at_file(folder)
                .hint("--runs takes all that follows it; name the stream before it"),
            false => Error::usage("no such folder").at_file(folder),
        });
    }
    if is_run(&path) {
        return Ok(vec![path]);
    }
    let mut runs = Vec::new();
    for entry in fs::list_dir(&path)? {
        if is_finished(&entry) {
            runs.push(entry);
        } else if fs::exists(&entry.join(PROOF)) {
            ui.detail(&format!("{} has no {MANIFEST}: not evidence, left out", entry.display()));
        }
    }
    Ok(runs)
}

fn read_run(ui: &Ui, path: &Path, since_ms: i64, data: &mut Data) -> Result<(Option<Input>, Ended)> {
    let name = |file: &str| path.join(file).to_string_lossy().into_owned();
    if !fs::exists(&path.join(MANIFEST)) {
        return Err(Error::input(format!("has no {MANIFEST}: the run did not finish"))
            .at_file(&path.to_string_lossy())
            .hint("without a manifest there is no evidence; run it again"));
    }
    let manifest = parse_manifest(&fs::read_small(&name(MANIFEST))?, &name(MANIFEST))?;
    if !manifest.predicate.complete {
        if parse_rfc3339_ms(&manifest.predicate.ended, "ended").is_ok_and(|ended| ended < since_ms) {
            ui.detail(&format!("{} is incomplete and ended before the reported day: left out", path.display()));
            return Ok((None, Ended::clean()));
        }
        return Err(Error::input("the run was interrupted or its input cut off, so its evidence is incomplete")
            .at_file(&name(MANIFEST))
            .hint("run it again with whole inputs"));
    }
    let proof_file = name(PROOF);
    if !fs::exists(Path::new(&proof_file)) {
        // A run that came to its end left one.
        let run = &manifest.predicate.run_id;
        let broken = Some(format!("{PROOF} of run {run} is not there"));
        data.chains.push(FolderChain { broken, begins_at: None });
        return Err(Error::input(format!("has no {PROOF}")).at_file(&path.to_string_lossy()));
    }
    let bytes = fs::read_small(&proof_file)?;
    let proof = parse_proof(&bytes, &proof_file)?;
    if data.runs.iter().any(|r| r.proof.run_id == proof.run_id && r.proof_sha256 == sha256_hex(&bytes)) {
        return Ok((None, Ended::clean()));
    }
    let mut run = RunData {
        proof_sha256: sha256_hex(&bytes),
        proof,
        diffs_file: name(DIFFS),
        intact: true,
        diffs: Vec::new(),
        writes: Vec::new(),
        findings: Vec::new(),
        outcome: manifest.predicate.outcome,
        // Besides its sources a run names the partitions in them.
        recordings: manifest.predicate.inputs.iter().filter(|i| i.topic.is_none()).map(|i| i.name.clone()).collect(),
        region: manifest.predicate.region().map(|region| region.first().to_owned()),
    };
    let diffs_file = name(DIFFS);
    let (ended, diffs_sha256) = read_diffs(ui, &diffs_file, &mut run)?;
    for (file, found) in [(PROOF, &run.proof_sha256), (DIFFS, &diffs_sha256)] {
        let listed = manifest.subject.iter().find(|s| s.name == file).map(|s| &s.digest.sha256);
        let proved = file != DIFFS || run.proof.sha256 == *found;
        if listed != Some(found) || !proved {
            ui.warn(&Error::input("is not the file that the run wrote: its SHA-256 differs").at_file(&name(file)));
            run.intact = false;
        }
    }
    let mut input = Input::named(fs::record_name(&path.to_string_lossy()));
    input.run_id = Some(run.proof.run_id.clone());
    input.sha256 = Some(run.proof_sha256.clone());
    data.runs.push(run);
    Ok((Some(input), ended))
}

fn parse_proof(bytes: &[u8], file: &str) -> Result<Proof> {
    serde_json::from_slice(bytes).map_err(|e| {
        Error::input(format!("not a {}: {e}", Proof::TYPE)).at(file, e.line() as u64, Some(e.column() as u64))
    })
}

/// Fills the run with its records; the second value is the SHA-256 of the file.
fn read_diffs(ui: &Ui, file: &str, run: &mut RunData) -> Result<(Ended, String)> {
    if !fs::exists(Path::new(file)) {
        return Err(Error::input(format!("has no {DIFFS}")).at_file(file));
    }
    let mut reader = RecordReader::open(file, super::KNOWN, false)?;
    let ended = stream::read_all(ui, &mut reader, |item| {
        super::take(&item, file, &mut run.diffs, &mut run.writes, &mut run.findings)
    })?;
    Ok((ended, fs::sha256_file(Path::new(file))?))
}
