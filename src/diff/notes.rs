//! Findings that are counted while records are read, one per (code, kind, subject), not one per row.

use std::collections::BTreeMap;

use super::code::Code;
use crate::clock::rfc3339_ms;
use crate::record::finding::fingerprint;
use crate::record::{Finding, diff::Side};

/// The first keys concerned are listed up to this number.
const IDS: usize = 10;

#[derive(Debug, Clone, Default)]
struct Note {
    count: u64,
    ids: Vec<String>,
    message: String,
    detail: Option<String>,
    ts_ms: Option<i64>,
    place: Option<(String, u64)>,
}

#[derive(Debug, Clone, Default)]
pub struct Notes(BTreeMap<(Code, String, String), Note>);

impl Notes {
    /// Counts one occurrence; the message is made once.
    pub fn add(&mut self, code: Code, kind: &str, subject: &str, id: Option<&str>, message: impl FnOnce() -> String) {
        self.at(code, kind, subject, id, None, message);
    }

    /// The same with the log time of the occurrence.
    pub fn at(
        &mut self,
        code: Code,
        kind: &str,
        subject: &str,
        id: Option<&str>,
        ts_ms: Option<i64>,
        message: impl FnOnce() -> String,
    ) {
        let note = self.0.entry((code, kind.to_owned(), subject.to_owned())).or_default();
        if note.count == 0 {
            note.message = message();
            note.ts_ms = ts_ms;
        }
        note.count += 1;
        if let Some(id) = id
            && note.ids.len() < IDS
            && !note.ids.iter().any(|known| known == id)
        {
            note.ids.push(id.to_owned());
        }
    }

    /// The place of the first occurrence in a file.
    pub fn place(&mut self, code: Code, kind: &str, subject: &str, file: &str, line: u64) {
        if let Some(note) = self.0.get_mut(&(code, kind.to_owned(), subject.to_owned()))
            && note.place.is_none()
        {
            note.place = Some((file.to_owned(), line));
        }
    }

    /// For what was counted elsewhere.
    pub fn set_count(&mut self, code: Code, kind: &str, subject: &str, count: u64) {
        if let Some(note) = self.0.get_mut(&(code, kind.to_owned(), subject.to_owned())) {
            note.count = count;
        }
    }

    pub fn detail(&mut self, code: Code, kind: &str, subject: &str, detail: String) {
        if let Some(note) = self.0.get_mut(&(code, kind.to_owned(), subject.to_owned())) {
            note.detail = Some(detail);
        }
    }

    pub fn merge(&mut self, other: Notes) {
        for (key, theirs) in other.0 {
            let ours = self.0.entry(key).or_default();
            if ours.count == 0 {
                *ours = theirs;
                continue;
            }
            ours.count += theirs.count;
            for id in theirs.ids {
                if ours.ids.len() < IDS && !ours.ids.contains(&id) {
                    ours.ids.push(id);
                }
            }
        }
    }

    pub fn count(&self, code: Code) -> u64 {
        self.0.iter().filter(|((c, ..), _)| *c == code).map(|(_, n)| n.count).sum()
    }

    /// The columns of a kind noted under a code.
    pub fn subjects(&self, code: Code) -> impl Iterator<Item = (&str, &str)> {
        self.0.keys().filter(move |(c, ..)| *c == code).map(|(_, kind, subject)| (kind.as_str(), subject.as_str()))
    }

    /// As records, in the order of code, kind and subject.
    pub fn findings(&self, side: Option<Side>) -> Vec<Finding> {
        let of = |((code, kind, subject), note): (&(Code, String, String), &Note)| {
            let side = side.map(Side::as_str);
            let mut finding = Finding::new("diff", code.as_str(), code.severity(), subject, note.message.clone());
            finding.fingerprint = fingerprint(&["diff", code.as_str(), kind, side.unwrap_or(""), subject]);
            finding.count = Some(note.count);
            finding.kind = (!kind.is_empty()).then(|| kind.clone());
            finding.side = side.map(str::to_owned);
            finding.ids = (!note.ids.is_empty()).then(|| note.ids.clone());
            finding.detail = note.detail.clone();
            finding.ts = note.ts_ms.map(rfc3339_ms);
            finding.hint = Some(code.doc().advice.to_owned());
            if let Some((file, line)) = &note.place {
                finding.file = Some(file.clone());
                finding.line = Some(*line);
            }
            finding
        };
        self.0.iter().map(of).collect()
    }
}
