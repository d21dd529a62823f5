//! Evidence of a run: a folder of outputs with `manifest.json` written last. One mechanism for all commands.

mod manifest;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::io::fs;
use crate::text::sha256_hex;

pub use manifest::{Chain, Manifest, Predicate, Subject, parse_chain, parse_manifest};

pub const MANIFEST: &str = "manifest.json";
/// The newest manifest of an evidence folder.
pub const CHAIN: &str = "chains/_.json";
const LOCK: &str = ".lock";

/// The folder of one run. Outputs are collected beside their final place and appear there only with the manifest,
/// so a crash leaves nothing that looks like evidence.
pub struct RunDir {
    root: PathBuf,
    run_id: String,
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
    pub fn create(root: &str, run_id: &str) -> Result<Self> {
        let root = PathBuf::from(root);
        fs::create_dir_all(&root)?;
        // Under the lock nobody takes a folder that has just been made for one that was left behind.
        let _lock = fs::lock(&root.join(LOCK))?;
        sweep(&root)?;
        let temp = root.join(format!(".{run_id}.{}.tmp", std::process::id()));
        fs::remove_dir_all(&temp)?;
        fs::create_dir_all(&temp)?;
        let alive = fs::try_lock_dir(&temp);
        Ok(RunDir {
            root,
            run_id: run_id.to_owned(),
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

    /// Makes all outputs durable, writes the manifest and moves the folder into place.
    /// A complete folder of the same run with equal outputs is success, with others a usage error.
    pub fn finish(mut self, predicate: Predicate) -> Result<PathBuf> {
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
        let chain = self.root.join(CHAIN);
        // A run that is made again takes its own place. A manifest that is gone stays in the chain, as one that is gone.
        let previous = manifest::chain_head(&chain)?
            .and_then(|head| if head.run_id == self.run_id { head.prev } else { Some(head.sha256) });
        if let Some(LastFile { name, make }) = self.last.take() {
            let bytes = make(&self.root, previous.as_deref())?;
            self.add_file(&name, &bytes)?;
        }
        self.subjects.sort_by(|a, b| a.name.cmp(&b.name));
        let target = self.final_path();
        if self.already_there(&target)? {
            fs::remove_dir_all(&self.temp)?;
            return Ok(target);
        }
        let manifest = Manifest::new(self.subjects.clone(), predicate, previous.clone());
        let bytes = manifest.to_bytes()?;
        fs::write_atomic(&self.temp.join(MANIFEST), &bytes)?;
        fs::create_dir_all(&self.root.join("chains"))?;
        fs::write_atomic(&chain, &manifest::chain_entry(&self.run_id, &sha256_hex(&bytes), previous.as_deref())?)?;
        // What lies there has no complete manifest: the remains of an interrupted run of the same id.
        fs::remove_dir_all(&target)?;
        fs::rename_dir(&self.temp, &target)?;
        Ok(target)
    }

    fn already_there(&self, target: &Path) -> Result<bool> {
        let path = target.join(MANIFEST);
        if !fs::exists(&path) {
            return Ok(false);
        }
        let name = path.to_string_lossy().into_owned();
        let existing = parse_manifest(&fs::read_small(&name)?, &name)?;
        if !existing.predicate.complete {
            return Ok(false);
        }
        if existing.subject == self.subjects {
            return Ok(true);
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
    let Some(head) = manifest::chain_head(&root.join(CHAIN))?.filter(|_| fs::exists(&manifest)) else {
        return Ok(false);
    };
    let named = sha256_hex(&fs::read_small(&manifest.to_string_lossy())?) == head.sha256;
    if named {
        let target = root.join(&head.run_id);
        fs::remove_dir_all(&target)?;
        fs::rename_dir(temp, &target)?;
    }
    Ok(named)
}

/// `.<run_id>.<process>.tmp`
fn is_temp(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
    let parts: Vec<&str> = name.split('.').collect();
    matches!(parts.as_slice(), ["", run_id, process, "tmp"] if !run_id.is_empty() && process.parse::<u32>().is_ok())
}

impl Drop for RunDir {
    /// A run that ended in an error leaves no folder; after `finish` there is nothing to remove.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.temp);
    }
}
