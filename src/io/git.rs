//! Files of a Git revision, as objects: what a checkout or an archive would leave out or rewrite, by attributes that the
//! revision itself sets, is read all the same.

use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// A commit of the repository around the working folder.
#[derive(Debug, Clone)]
pub struct Revision {
    /// As it was asked for.
    pub name: String,
    /// The commit's object id.
    pub commit: String,
}

/// A regular file of a revision.
#[derive(Debug, Clone)]
pub struct Blob {
    /// From the root of the repository.
    pub path: String,
    id: String,
}

impl Revision {
    pub fn open(name: &str) -> Result<Revision> {
        if name.starts_with('-') {
            return Err(Error::usage(format!("`{name}` begins with `-`, which no revision does")));
        }
        let wanted = format!("{name}^{{commit}}");
        let found = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        match found {
            Some(commit) => {
                let commit = String::from_utf8_lossy(&commit).trim().to_owned();
                Ok(Revision { name: name.to_owned(), commit })
            }
            None => Err(Error::environment(format!("there is no file, folder or Git revision `{name}` here"))
                .hint("in a shallow clone fetch it first: `fetch-depth: 0`, or `git fetch origin REV`")),
        }
    }

    /// All files at or below a path, by name. Links and submodules, which lead elsewhere, are refused.
    pub fn files(&self, path: &str) -> Result<Vec<Blob>> {
        let listed = git(&["ls-tree", "-r", "-z", "--full-tree", &self.commit, "--", path])?
            .ok_or_else(|| Error::environment("Git cannot list the files").at_file(&self.shown(path)))?;
        let mut files = Vec::new();
        for entry in listed.split(|b| *b == 0).filter(|entry| !entry.is_empty()) {
            let entry = std::str::from_utf8(entry)
                .map_err(|_| Error::usage(format!("`{}` has a path that is not UTF-8", self.name)))?;
            let (head, path) = entry.split_once('\t').unwrap_or_default();
            let mut head = head.split(' ');
            let (mode, _, id) = (head.next().unwrap_or_default(), head.next(), head.next().unwrap_or_default());
            match mode {
                "100644" | "100755" => files.push(Blob { path: path.to_owned(), id: id.to_owned() }),
                "160000" => return Err(self.refused(path, "is a submodule")),
                _ => return Err(self.refused(path, "is a link")),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn refused(&self, path: &str, what: &str) -> Error {
        Error::usage(format!("{what}: what it leads to is not part of the revision")).at_file(&self.shown(path))
    }

    /// How people name a file of a revision.
    pub fn shown(&self, path: &str) -> String {
        format!("{}:{path}", self.name)
    }

    pub fn read(&self, blob: &Blob) -> Result<Vec<u8>> {
        git(&["cat-file", "blob", &blob.id])?
            .ok_or_else(|| Error::environment("Git cannot read the object").at_file(&self.shown(&blob.path)))
    }
}

/// The output of a Git command, None where it failed. Replacement refs and lazy fetching would change what a commit holds.
fn git(arguments: &[&str]) -> Result<Option<Vec<u8>>> {
    let output = Command::new("git")
        .args(["--no-replace-objects", "--no-optional-locks", "-c", "core.quotePath=false"])
        .args(arguments)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::environment(format!("cannot run git: {e}")).hint("install Git, or compare folders"))?;
    Ok(output.status.success().then_some(output.stdout))
}
