//! The chains of the regions: each entry names the one before it in its region and where every other region ended. One
//! walk over the statements makes the next of them, and checks those of others.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::statement::{Entry, Head, Kind, LOG, MAX_REGIONS, Statement, Withdraws};
use super::{Code, Wrong};

/// What the publisher says about one entry; where it stands follows from the chains.
#[derive(Debug, Clone)]
pub struct Said {
    pub kind: Kind,
    pub subject: Digest,
    pub region: String,
    pub ts: String,
    pub prev_checkpoint_sha256: Option<Digest>,
    pub manifest_key_id: Option<Digest>,
    pub manifest_public: bool,
    pub withdraws: Option<Withdraws>,
}

/// The last entry of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Last {
    head: Head,
    subject: Digest,
}

/// All chains behind the entries that were walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chains {
    origin: String,
    size: u64,
    ts: String,
    regions: BTreeMap<String, Last>,
}

impl Chains {
    pub fn new(origin: &str) -> Chains {
        Chains { origin: origin.to_owned(), size: 0, ts: String::new(), regions: BTreeMap::new() }
    }

    /// Number of entries walked, which is the index of the next leaf.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The time of the last entry, empty at the start.
    pub fn ts(&self) -> &str {
        &self.ts
    }

    pub fn head(&self, region: &str) -> Option<Head> {
        self.regions.get(region).map(|last| last.head)
    }

    /// All chains, that of the log's own entries among them.
    pub fn heads(&self) -> impl Iterator<Item = (&str, Head)> {
        self.regions.iter().map(|(name, last)| (name.as_str(), last.head))
    }

    /// The statement that comes next; it counts once [`Chains::walk`] was told of it.
    pub fn next(&self, said: Said) -> Statement {
        let last = self.regions.get(&said.region);
        let others = self.regions.iter().filter(|(name, _)| **name != said.region);
        let entry = Entry {
            kind: said.kind,
            origin: self.origin.clone(),
            leaf_index: self.size,
            ts: said.ts,
            region_seq: last.map_or(0, |last| last.head.n),
            prev_statement_sha256: last.map(|last| last.head.statement_sha256),
            prev_manifest_sha256: last.map(|last| last.subject),
            heads: others.map(|(name, last)| (name.clone(), last.head)).collect(),
            region: said.region,
            prev_checkpoint_sha256: said.prev_checkpoint_sha256,
            manifest_key_id: said.manifest_key_id,
            manifest_public: said.manifest_public,
            withdraws: said.withdraws,
        };
        Statement { subject: said.subject, entry }
    }

    /// Takes the next statement and says what about it does not fit. Afterwards the walk goes on from what the statement
    /// says of itself, so that one mistake is told where it stands and not at every entry behind it.
    pub fn walk(&mut self, statement: &Statement, sha256: Digest) -> Vec<Wrong> {
        let wrong = self.check(statement);
        let entry = &statement.entry;
        self.size += 1;
        if entry.ts > self.ts {
            self.ts.clone_from(&entry.ts);
        }
        let head = Head { n: entry.region_seq.saturating_add(1), statement_sha256: sha256 };
        self.regions.insert(entry.region.clone(), Last { head, subject: statement.subject });
        wrong
    }

    fn check(&self, statement: &Statement) -> Vec<Wrong> {
        let entry = &statement.entry;
        let mut wrong = Vec::new();
        let mut say = |code, message: String| wrong.push(Wrong::new(code, message));
        if entry.origin != self.origin {
            say(Code::WrongOrigin, format!("is of origin {:?}", entry.origin));
        }
        if entry.leaf_index != self.size {
            say(Code::WrongIndex, format!("says of itself that it is leaf {}", entry.leaf_index));
        }
        if entry.ts < self.ts {
            say(Code::TsOrder, format!("ts {} lies before {} of an earlier entry", entry.ts, self.ts));
        }
        if let Some(message) = self.unknown_region(entry) {
            say(Code::Malformed, message);
        }
        self.check_own(entry, &mut say);
        self.check_others(entry, &mut say);
        wrong
    }

    /// The link to the entry before it in its region.
    fn check_own(&self, entry: &Entry, say: &mut impl FnMut(Code, String)) {
        let region = &entry.region;
        let last = self.regions.get(region);
        let expected = last.map_or(0, |last| last.head.n);
        if entry.region_seq != expected {
            say(Code::SeqGap, format!("{region}: expected {expected}, got {}", entry.region_seq));
        }
        for (name, got, expected) in [
            ("prev_statement_sha256", entry.prev_statement_sha256, last.map(|last| last.head.statement_sha256)),
            ("prev_manifest_sha256", entry.prev_manifest_sha256, last.map(|last| last.subject)),
        ] {
            if got != expected {
                say(Code::PrevMismatch, format!("{region}: {name}: expected {}, got {}", shown(expected), shown(got)));
            }
        }
    }

    /// Where the other regions ended, and that all of them together are the whole log.
    fn check_others(&self, entry: &Entry, say: &mut impl FnMut(Code, String)) {
        let others = || self.regions.iter().filter(|(name, _)| **name != entry.region);
        for (name, last) in others() {
            match entry.heads.get(name) {
                Some(head) if *head == last.head => {}
                Some(head) => say(
                    Code::HeadMismatch,
                    format!(
                        "{name} ended at {} {}, not at {} {}",
                        last.head.n, last.head.statement_sha256, head.n, head.statement_sha256
                    ),
                ),
                None => say(Code::HeadMismatch, format!("{name} has {} entries and is not named", last.head.n)),
            }
        }
        for name in entry.heads.keys().filter(|name| !self.regions.contains_key(*name)) {
            say(Code::HeadMismatch, format!("{name} has no entry before this one and is named"));
        }
        let total = entry.heads.values().fold(u128::from(entry.region_seq) + 1, |sum, head| sum + u128::from(head.n));
        if total != u128::from(entry.leaf_index) + 1 {
            say(
                Code::TotalMismatch,
                format!("the regions have {total} entries together, the log {}", entry.leaf_index.saturating_add(1)),
            );
        }
    }

    /// A region that cannot begin here: one that differs from another in case only, or the 65th.
    fn unknown_region(&self, entry: &Entry) -> Option<String> {
        if entry.region == LOG || self.regions.contains_key(&entry.region) {
            return None;
        }
        let mut known = self.regions.keys().filter(|name| *name != LOG);
        if let Some(other) = known.clone().find(|name| name.eq_ignore_ascii_case(&entry.region)) {
            return Some(format!("region {:?} differs from {other:?} in case alone", entry.region));
        }
        (known.by_ref().count() >= MAX_REGIONS)
            .then(|| format!("{:?} is one region more than {MAX_REGIONS}", entry.region))
    }
}

fn shown(digest: Option<Digest>) -> String {
    digest.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
}

#[cfg(test)]
mod tests;
