//! Rows for the tests of the views.

use std::collections::BTreeMap;

use super::super::digest::Digest;
use super::super::statement::Head;
use super::Site;
use crate::record::index::{Kind, Row};

/// A digest that begins with the last byte of the number.
pub fn hex(prefix: u64, fill: char) -> String {
    format!("{:02x}{}", prefix & 0xff, fill.to_string().repeat(62))
}

/// A row of which all optional fields are null.
pub fn row(leaf: u64) -> Row {
    let (minute, hour, day) = (leaf % 60, leaf / 60 % 24, leaf / 1440 % 28 + 1);
    Row {
        ts: format!("2026-01-{day:02}T{hour:02}:{minute:02}:00Z"),
        region: if leaf.is_multiple_of(3) { "EU" } else { "US" }.to_owned(),
        manifest_sha256: hex(leaf, 'a'),
        signature: "MEUCIQ==".to_owned(),
        rekor_uuid: None,
        kind: Kind::Export,
        leaf_index: leaf,
        leaf_hash: hex(leaf, 'b'),
        region_seq: if leaf.is_multiple_of(3) { leaf / 3 } else { leaf - leaf / 3 - 1 },
        statement_sha256: hex(leaf, 'c'),
        prev_manifest_sha256: None,
        key_id: hex(9, 'd'),
        manifest_key_id: None,
        manifest: Some(format!("entry/{leaf}/manifest.json")),
        bundle: Some(format!("entry/{leaf}/bundle.sigstore.json")),
        rekor_log: None,
        rekor_log_index: None,
        tsa_time: None,
        withdrawn_by: None,
    }
}

pub fn rows(n: u64) -> Vec<Row> {
    (0..n).map(row).collect()
}

/// The site of `n` such rows.
pub fn site(n: u64) -> Site {
    let head = |n, fill| Head { n, statement_sha256: Digest::parse(&hex(n, fill)).unwrap() };
    let (eu, us) = (n.div_ceil(3), n - n.div_ceil(3));
    let mut regions = BTreeMap::from([("EU".to_owned(), head(eu, 'e')), ("US".to_owned(), head(us, 'f'))]);
    regions.retain(|_, head| head.n > 0);
    Site { origin: "exports.acme.example".to_owned(), size: n, root: [7; 32], regions }
}
