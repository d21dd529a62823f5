//! Evidence of a run: a folder of outputs with `manifest.json` written last. One mechanism for all commands.

mod chain;
pub mod code;
mod manifest;
mod region;
mod seal;
mod unique;
pub mod verify;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::io::fs;
use crate::text::sha256_hex;

pub use chain::{CHAINS, Chain, Link, chain_file, chain_files, links, parse_chain};
pub use manifest::{Later, Manifest, Predicate, Subject, parse_manifest};
pub use region::Region;
pub use seal::{SIGNATURE, Seal, without_key};

pub const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";

/// The folder of one run. Outputs are collected beside their final place and appear there only with the manifest,
/// so a crash leaves nothing that looks like evidence.
pub struct RunDir {
    root: PathBuf,
    run_id: String,
    seal: Seal,
    temp: PathBuf,
    /// Tells other runs that this one still writes its folder; the system drops it when the process ends.
    _alive: Option<File>,
    subjects: Vec<Subject>,
    /// Files that the run may write.
    reserved: Vec<String>,
    last: Option<LastFile>,
}

/// Given the evidence folder and the digest of the manifest before this run's.
type Make = Box<dyn FnOnce(&Path, Option<&str>) -> Result<Vec<u8>>>;

/// A file that depends on the runs that were put in place before.
struct LastFile {
    name: String,
    make: Make,
}

impl RunDir {
    pub fn create(root: &str, run_id: &str, seal: Seal) -> Result<Self> {
        let root = PathBuf::from(root);
        fs::create_dir_all(&root)?;
        // Under the lock nobody takes a folder that has just been made for one that was left behind.
        let _lock = fs::lock(&root.join(LOCK))?;
        chain::refuse_other_case(&root, &seal.chain())?;
        sweep(&root)?;
        let temp = root.join(format!(".{run_id}.{}.tmp", std::process::id()));
        fs::remove_dir_all(&temp)?;
        fs::create_dir_all(&temp)?;
        let alive = fs::try_lock_dir(&temp);
        Ok(RunDir {
            root,
            run_id: run_id.to_owned(),
            seal,
            temp,
            _alive: alive,
            subjects: Vec::new(),
            reserved: Vec::new(),
            last: None,
        })
    }

    pub fn final_path(&self) -> PathBuf {
        self.root.join(&self.run_id)
    }

    /// A streamed output. Its digest is registered with [`RunDir::add_subject`] when it is complete.
    pub fn writer(&self, name: &str) -> Result<BufWriter<impl Write + Send + use<>>> {
        Ok(BufWriter::with_capacity(64 << 10, fs::create_file(&self.temp.join(name))?))
    }

    pub fn add_subject(&mut self, name: &str, sha256: String) {
        self.subjects.push(Subject::new(name, sha256));
    }

    /// Where an output may be written that not every run has. If it is there at the end, it is listed.
    pub fn reserve(&mut self, name: &str) -> PathBuf {
        self.reserved.push(name.to_owned());
        self.temp.join(name)
    }

    /// A small output.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        fs::write_atomic(&self.temp.join(name), bytes)?;
        self.add_subject(name, sha256_hex(bytes));
        Ok(())
    }

    /// A small output that names what the evidence folder held before. It is made of that folder when this run is put
    /// in place, so that of two runs at the same time one follows the other.
    pub fn add_last(&mut self, name: &str, make: impl FnOnce(&Path, Option<&str>) -> Result<Vec<u8>> + 'static) {
        self.last = Some(LastFile { name: name.to_owned(), make: Box::new(make) });
    }

    /// Makes all outputs durable, signs and writes the manifest and moves the folder into place.
    /// A complete folder of the same run with equal outputs is success, with others a usage error.
    pub fn finish(mut self, mut predicate: Predicate) -> Result<PathBuf> {
        for name in std::mem::take(&mut self.reserved) {
            let path = self.temp.join(&name);
            if fs::exists(&path) {
                self.add_subject(&name, fs::sha256_file(&path)?);
            }
        }
        for subject in &self.subjects {
            fs::sync_file(&self.temp.join(&subject.name))?;
        }
        let _lock = fs::lock(&self.root.join(LOCK))?;
        let chain = self.root.join(self.seal.chain());
        // A run that is made again takes its own place. A manifest that is gone stays in the chain, as one that is gone.
        let previous = chain::chain_head(&chain)?
            .and_then(|head| if head.run_id == self.run_id { head.prev } else { Some(head.sha256) });
        if let Some(LastFile { name, make }) = self.last.take() {
            let bytes = make(&self.root, previous.as_deref())?;
            self.add_file(&name, &bytes)?;
        }
        self.subjects.sort_by(|a, b| a.name.cmp(&b.name));
        predicate.region = Some(self.seal.region.as_ref().map(|region| region.as_str().to_owned()));
        let target = self.final_path();
        if let Some(there) = self.already_there(&target)? {
            self.seal.add(&target, &there, Manifest::new(self.subjects.clone(), predicate, None))?;
            fs::remove_dir_all(&self.temp)?;
            return Ok(target);
        }
        let bytes = Manifest::new(self.subjects.clone(), predicate, previous.clone()).to_bytes()?;
        self.seal.write(&self.temp, &bytes)?;
        fs::write_atomic(&self.temp.join(MANIFEST), &bytes)?;
        fs::create_dir_all(&self.root.join(CHAINS))?;
        fs::write_atomic(&chain, &chain::chain_entry(&self.run_id, &sha256_hex(&bytes), previous.as_deref())?)?;
        // What lies there has no complete manifest: the remains of an interrupted run of the same id.
        fs::remove_dir_all(&target)?;
        fs::rename_dir(&self.temp, &target)?;
        Ok(target)
    }

    /// The manifest of a complete folder of this run with equal outputs.
    fn already_there(&self, target: &Path) -> Result<Option<Manifest>> {
        let path = target.join(MANIFEST);
        if !fs::exists(&path) {
            return Ok(None);
        }
        let name = path.to_string_lossy().into_owned();
        let existing = parse_manifest(&fs::read_small(&name)?, &name)?;
        if !existing.predicate.complete {
            return Ok(None);
        }
        if existing.subject == self.subjects {
            return Ok(Some(existing));
        }
        let differs =
            self.subjects.iter().find(|s| !existing.subject.contains(s)).map_or("the list of files", |s| &s.name);
        Err(Error::usage(format!("holds a complete run of the same run_id with other outputs ({differs} differs)"))
            .at_file(&target.to_string_lossy())
            .hint("use a fresh --evidence folder, or another --now or --seed"))
    }
}

/// Removes what a crash or `kill -9` left: folders whose lock can be had are written by nobody. The caller holds the
/// lock of the evidence folder.
fn sweep(root: &Path) -> Result<()> {
    for path in fs::list_dir(root)?.into_iter().filter(|path| is_temp(path) && fs::is_dir(path)) {
        if fs::try_lock_dir(&path).is_some() && !put_in_place(root, &path)? {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

/// A crash came between the chain file and the rename: nothing else was left to do for that run.
fn put_in_place(root: &Path, temp: &Path) -> Result<bool> {
    let manifest = temp.join(MANIFEST);
    if !fs::exists(&manifest) {
        return Ok(false);
    }
    let sha256 = sha256_hex(&fs::read_small(&manifest.to_string_lossy())?);
    for file in chain_files(root)? {
        let head = chain::chain_head(&root.join(file))?.filter(|head| head.sha256 == sha256);
        if let Some(head) = head.filter(|head| run_id_of(temp).as_ref() == Some(&head.run_id)) {
            let target = root.join(&head.run_id);
            fs::remove_dir_all(&target)?;
            fs::rename_dir(temp, &target)?;
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn is_temp(path: &Path) -> bool {
    run_id_of(path).is_some()
}

/// Of `.<run_id>.<process>.tmp`
fn run_id_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        ["", run_id, process, "tmp"] if !run_id.is_empty() && process.parse::<u32>().is_ok() => Some(run_id.to_owned()),
        _ => None,
    }
}

impl Drop for RunDir {
    /// A run that ended in an error leaves no folder; after `finish` there is nothing to remove.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.temp);
    }
}
