//! What becomes of admitted manifests: statements in their order, signatures side by side, and the files of the log.

use super::admit::Admitted;
use super::withdraw::Withdrawal;
use crate::cmd::index::keys::Keys;
use crate::cmd::index::own::Own;
use crate::error::{Error, Result};
use crate::index::chain::Said;
use crate::index::digest::Digest;
use crate::index::leaf::Leaf;
use crate::index::parallel;
use crate::index::row::Logged;
use crate::index::site;
use crate::index::statement::{self, Kind};

/// An entry whose bytes are final.
pub struct Made {
    pub statement: Vec<u8>,
    pub leaf: Vec<u8>,
}

impl Made {
    pub fn logged(&self) -> Logged<'_> {
        Logged { statement: &self.statement, leaf: &self.leaf }
    }
}

/// What the publisher says about each manifest, and about the export that it takes back.
pub fn said(own: &Own, admitted: &[Admitted], withdrawal: Option<Withdrawal>, ts: &str, public: bool) -> Vec<Said> {
    let said = |kind, subject, region: String| Said {
        kind,
        subject,
        region,
        ts: ts.to_owned(),
        prev_checkpoint_sha256: (own.size > 0).then(|| statement::sha256(&own.checkpoint)),
        manifest_key_id: None,
        manifest_public: public,
        withdraws: None,
    };
    let exports = admitted.iter().map(|manifest| Said {
        manifest_key_id: manifest.key_id,
        ..said(Kind::Export, manifest.sha256, manifest.region.clone())
    });
    let taken_back = withdrawal.map(|withdrawal| Said {
        withdraws: Some(withdrawal.withdraws),
        ..said(Kind::Withdrawal, withdrawal.manifest, withdrawal.region)
    });
    exports.chain(taken_back).collect()
}

/// The statements in their order, and their leaves.
pub fn make(own: &mut Own, keys: &Keys, said: Vec<Said>) -> Result<Vec<Made>> {
    let mut texts = Vec::with_capacity(said.len());
    for said in said {
        let statement = own.catalog.chains.next(said);
        let bytes = statement.to_bytes()?;
        if let Some(wrong) = own.catalog.walk(&statement, statement::sha256(&bytes)).into_iter().next() {
            return Err(Error::bug(format!("an entry of our own would be refused: {wrong}")));
        }
        texts.push(bytes);
    }
    sign(keys, texts)
}

/// Signing takes most of the time of a publication, and no signature depends on another.
fn sign(keys: &Keys, statements: Vec<Vec<u8>>) -> Result<Vec<Made>> {
    let spki = keys.entry.public().spki();
    let leaf = |at: u64| {
        let statement = &statements[at as usize];
        let signature = keys.entry.sign_der(statement);
        Leaf { digest: statement::sha256(statement), signature, spki: spki.to_vec() }.to_bytes()
    };
    let leaves = parallel::map(0..statements.len() as u64, crate::cmd::threads(None), leaf)?;
    Ok(statements.into_iter().zip(leaves).map(|(statement, leaf)| Made { statement, leaf }).collect())
}

/// Writes all files of the new entries but their bundles, and makes them durable. No checkpoint covers them yet.
pub fn write(own: &mut Own, made: &[Made], admitted: &[Admitted], public: bool) -> Result<()> {
    let site = own.site;
    let first = own.size;
    for (leaf, made) in (first..).zip(made) {
        site.write(&format!("{}/{}", site::entry(leaf), site::STATEMENT), &made.statement)?;
    }
    for (leaf, manifest) in (first..).zip(admitted).filter(|_| public) {
        let folder = site::entry(leaf);
        site.write(&format!("{folder}/{}", site::MANIFEST), &manifest.bytes)?;
        if let Some(signature) = &manifest.signature {
            site.write(&format!("{folder}/{}", site::MANIFEST_BUNDLE), signature)?;
        }
    }
    let entries: Vec<Logged> = made.iter().map(Made::logged).collect();
    own.tail.grow(&entries, |path, bytes| site.write(path, bytes))?;
    if first > 0 {
        let base: Digest = statement::sha256(&own.checkpoint);
        site.write(&site::checkpoint(base), &own.checkpoint)?;
    }
    site.sync()
}
