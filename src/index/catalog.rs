//! What the statements of a log add up to: the chains, which manifests are in it, and which entries were taken back.

use std::collections::HashMap;

use super::chain::Chains;
use super::digest::Digest;
use super::statement::{Kind, Statement};
use super::{Code, Wrong};

#[derive(Debug, Clone)]
pub struct Catalog {
    pub chains: Chains,
    /// Manifest to the leaves that are about it, ascending. Keys of a change of keys are not among them.
    manifests: HashMap<Digest, Vec<u64>>,
    /// Entry to the leaf that takes it back.
    withdrawn: HashMap<u64, u64>,
    exports: u64,
    /// Incoming keys, with their leaves.
    keys: Vec<(Digest, u64)>,
}

impl Catalog {
    pub fn new(origin: &str) -> Catalog {
        Catalog {
            chains: Chains::new(origin),
            manifests: HashMap::new(),
            withdrawn: HashMap::new(),
            exports: 0,
            keys: Vec::new(),
        }
    }

    /// Takes the next statement and says what does not fit.
    pub fn walk(&mut self, statement: &Statement, sha256: Digest) -> Vec<Wrong> {
        let leaf = self.chains.size();
        let mut wrong = self.chains.walk(statement, sha256);
        let entry = &statement.entry;
        if let Some(withdraws) = entry.withdraws {
            let about =
                self.manifests.get(&statement.subject).is_some_and(|leaves| leaves.contains(&withdraws.leaf_index));
            if !about {
                let message =
                    format!("withdraws leaf {}, which is no earlier export of this manifest", withdraws.leaf_index);
                wrong.push(Wrong::new(Code::Malformed, message));
            } else if let Some(earlier) = self.withdrawn.insert(withdraws.leaf_index, leaf) {
                let message = format!("withdraws leaf {} again, as leaf {earlier} did", withdraws.leaf_index);
                wrong.push(Wrong::new(Code::Malformed, message));
            }
        }
        if entry.kind == Kind::Export {
            self.exports += 1;
        }
        match entry.kind {
            Kind::KeyChange => self.keys.push((statement.subject, leaf)),
            Kind::Export | Kind::Withdrawal => self.manifests.entry(statement.subject).or_default().push(leaf),
        }
        wrong
    }

    /// The leaf that published a manifest, None of one that is not in the log.
    pub fn published(&self, manifest: Digest) -> Option<u64> {
        self.manifests.get(&manifest)?.first().copied()
    }

    /// What every leaf is about: a manifest, or a key.
    pub fn subjects(&self) -> impl Iterator<Item = (Digest, u64)> {
        let manifests =
            self.manifests.iter().flat_map(|(manifest, leaves)| leaves.iter().map(|leaf| (*manifest, *leaf)));
        manifests.chain(self.keys.iter().copied())
    }

    pub fn withdrawn_by(&self, leaf: u64) -> Option<u64> {
        self.withdrawn.get(&leaf).copied()
    }

    pub fn exports(&self) -> u64 {
        self.exports
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::chain::Said;
    use crate::index::statement::{LOG, Reason, Withdraws, sha256};

    fn digest(n: u8) -> Digest {
        Digest([n; 32])
    }

    fn add(catalog: &mut Catalog, kind: Kind, manifest: u8, withdraws: Option<u64>) -> Vec<Code> {
        let statement = catalog.chains.next(Said {
            kind,
            subject: digest(manifest),
            region: if kind == Kind::KeyChange { LOG } else { "EU" }.to_owned(),
            ts: "2026-01-06T12:00:00Z".to_owned(),
            prev_checkpoint_sha256: None,
            manifest_key_id: None,
            manifest_public: true,
            withdraws: withdraws.map(|leaf_index| Withdraws { leaf_index, reason: Reason::Superseded }),
        });
        let sha256 = sha256(&statement.to_bytes().unwrap());
        catalog.walk(&statement, sha256).into_iter().map(|wrong| wrong.code).collect()
    }

    #[test]
    fn exports_withdrawals_and_keys_are_told_apart() {
        let mut catalog = Catalog::new("exports.acme.example");
        assert_eq!(add(&mut catalog, Kind::Export, 1, None), []);
        assert_eq!(add(&mut catalog, Kind::KeyChange, 9, None), []);
        assert_eq!(add(&mut catalog, Kind::Export, 2, None), []);
        assert_eq!(add(&mut catalog, Kind::Withdrawal, 1, Some(0)), []);
        assert_eq!((catalog.published(digest(1)), catalog.published(digest(2))), (Some(0), Some(2)));
        assert_eq!((catalog.published(digest(9)), catalog.published(digest(3))), (None, None));
        assert_eq!((catalog.withdrawn_by(0), catalog.withdrawn_by(2)), (Some(3), None));
        assert_eq!(catalog.exports(), 2);
        let mut all: Vec<_> = catalog.subjects().collect();
        all.sort();
        assert_eq!(all, [(digest(1), 0), (digest(1), 3), (digest(2), 2), (digest(9), 1)]);
    }

    #[test]
    fn a_withdrawal_is_about_an_export_of_the_same_manifest_and_comes_once() {
        let mut catalog = Catalog::new("exports.acme.example");
        assert_eq!(add(&mut catalog, Kind::Export, 1, None), []);
        assert_eq!(add(&mut catalog, Kind::Withdrawal, 2, Some(0)), [Code::Malformed]);
        assert_eq!(add(&mut catalog, Kind::Withdrawal, 1, Some(2)), [Code::Malformed]);
        assert_eq!(catalog.withdrawn_by(0), None);
        assert_eq!(add(&mut catalog, Kind::Withdrawal, 1, Some(0)), []);
        assert_eq!(add(&mut catalog, Kind::Withdrawal, 1, Some(0)), [Code::Malformed]);
    }
}
