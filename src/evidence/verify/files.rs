//! The checks `subject` and `extra_file`: each file that the manifest lists, and what it does not list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Inspection, regular, unreadable};
use crate::evidence::code::Code;
use crate::evidence::{MANIFEST, Manifest, SIGNATURE, Subject};
use crate::io::fs::{self, Node};
use crate::record::evidence::{Check, Question, Status};

/// What lies in every run directory and is no output.
const OWN: [&str; 2] = [MANIFEST, SIGNATURE];

impl Inspection<'_> {
    pub fn subjects(&mut self, manifest: &Manifest) {
        let mut seen = BTreeSet::new();
        for subject in &manifest.subject {
            let first = seen.insert(&subject.name);
            let actual = match is_plain(&subject.name) && first {
                true => self.digest_of(&subject.name),
                false => Err((Code::SubjectName, "is no name of a file in the folder of a run".to_owned())),
            };
            let check = self.subject(subject, actual);
            self.checks.push(check);
        }
    }

    fn subject(&self, subject: &Subject, actual: Result<String, (Code, String)>) -> Check {
        let (name, expected) = (&subject.name, &subject.digest.sha256);
        let (actual, refused) = match actual {
            Ok(actual) if actual == *expected => (Some(actual), None),
            Ok(actual) => (Some(actual), Some((Code::SubjectAltered, "is not the file that the run wrote".to_owned()))),
            Err((Code::SubjectMissing, _)) if self.trust.may_be_withheld.contains(&name.as_str()) => {
                (None, Some((Code::SubjectWithheld, "was taken out of the folder".to_owned())))
            }
            Err(refused) => (None, Some(refused)),
        };
        let status = match &refused {
            None => Status::Pass,
            Some((Code::SubjectWithheld, _)) => Status::NotEstablished,
            Some((Code::EvidenceUnreadable, _)) => Status::Unverifiable,
            Some(_) => Status::Fail,
        };
        let (code, detail) = refused.unzip();
        Check {
            code: code.map(|code| code.as_str().to_owned()),
            expected_sha256: Some(expected.clone()),
            actual_sha256: actual,
            detail,
            ..self.check(Question::Subject, status, Some(name))
        }
    }

    /// No part of the way to the file may be a link.
    fn digest_of(&self, name: &str) -> Result<String, (Code, String)> {
        let mut path = self.run.folder.clone();
        let (folders, file) = name.rsplit_once('/').map_or(("", name), |(folders, file)| (folders, file));
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            path.push(part);
            match fs::node(&path).map_err(|e| unreadable(&e))? {
                Some(Node::Folder) => {}
                Some(Node::Link) => regular(&path)?,
                _ => return Err((Code::SubjectMissing, "no such file".to_owned())),
            }
        }
        path.push(file);
        regular(&path)?;
        fs::sha256_file(&path).map_err(|e| unreadable(&e))
    }

    /// Names are compared as the system has them: one that is no text is listed nowhere.
    pub fn unlisted(&mut self, manifest: &Manifest) {
        let plain = manifest.subject.iter().map(|s| s.name.as_str()).filter(|name| is_plain(name));
        let listed: BTreeSet<PathBuf> = plain.chain(OWN).map(PathBuf::from).collect();
        self.unlisted_below(Path::new(""), &listed);
    }

    fn unlisted_below(&mut self, folder: &Path, listed: &BTreeSet<PathBuf>) {
        let entries = match fs::list_dir(&self.run.folder.join(folder)) {
            Ok(entries) => entries,
            Err(e) => {
                let (code, why) = unreadable(&e);
                return self.refuse(Question::ExtraFile, Status::Unverifiable, code, &folder.to_string_lossy(), why);
            }
        };
        for name in entries.iter().filter_map(|path| path.file_name()) {
            let inside = folder.join(name);
            if listed.contains(&inside) {
                continue;
            }
            let leads = listed.iter().any(|file| file.starts_with(&inside));
            match fs::node(&self.run.folder.join(&inside)) {
                Ok(Some(Node::Folder)) if leads => self.unlisted_below(&inside, listed),
                // Taken away while we looked.
                Ok(None) => {}
                // On the way to what is listed this was told there.
                Ok(Some(_)) | Err(_) if leads => {}
                Ok(Some(_)) | Err(_) => {
                    let shown = inside.to_string_lossy();
                    let why = "is not listed in the manifest".to_owned();
                    self.refuse(Question::ExtraFile, Status::Fail, Code::UnlistedFile, &shown, why);
                }
            }
        }
    }
}

/// A name as govctl writes it: parts that are names, a slash between them, and not one of the run directory's own files.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    name.split('/').all(part) && !OWN.contains(&name)
}
