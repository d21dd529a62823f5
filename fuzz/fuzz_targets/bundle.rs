//! Arbitrary bytes as a bundle, told apart by how they begin: compressed ones as they stand, a tar archive with its
//! checksums made right, JSON for the structural hash, and any other text as files that the right key signed.
#![no_main]

use std::io::Write;
use std::sync::LazyLock;

use flate2::{Compression, GzBuilder};
use govctl::bundle::json::{Form, rewrite};
use govctl::key::p256::Private;
use govctl::bundle::{Found, MANIFEST, Opened, SIGNATURES, Trust, archive, open, signature};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const BLOCK: usize = 512;

static KEY: LazyLock<Private> = LazyLock::new(|| {
    Private::from_pem(include_str!("../../fixtures/tenant/bundle/sign.pem")).expect("the fixture is a key")
});

/// Digests of policy and data of all that was ever signed with the key for no scope.
static SIGNED: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let bundles: [&[u8]; 2] = [
        include_bytes!("../../fixtures/tenant/bundle/govctl.tar.gz"),
        include_bytes!("../../fixtures/tenant/bundle/opa-build.tar.gz"),
    ];
    let digests = |opened: Opened| (opened.policy_sha256, opened.data_sha256);
    bundles.iter().map(|bytes| opened(bytes).map(digests).expect("the fixture is authentic")).collect()
});

fn opened(bytes: &[u8]) -> Result<Opened, Vec<Found>> {
    open(bytes, &Trust { key: KEY.public().clone(), key_id: None, scope: String::new(), min_serial: None })
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut gzip = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::fast());
    gzip.write_all(tar).expect("memory takes everything");
    gzip.finish().expect("memory takes everything")
}

/// Nothing is authentic but what was signed.
fn foreign(bytes: &[u8]) {
    match opened(bytes) {
        Ok(opened) => assert!(SIGNED.contains(&(opened.policy_sha256, opened.data_sha256)), "a forgery"),
        Err(found) => assert!(!found.is_empty(), "refused without a reason"),
    }
}

/// Sets the checksum of every header that a reader gets to, so that the reader looks further.
fn with_checksums(mut tar: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(header) = tar.get_mut(at..at + BLOCK).filter(|header| header.iter().any(|b| *b != 0)) {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits: String = header[124..136].iter().map(|b| *b as char).take_while(|c| c.is_digit(8)).collect();
        let size = usize::from_str_radix(&digits, 8).unwrap_or(0).min(tar.len());
        at += BLOCK + size.next_multiple_of(BLOCK);
    }
    tar
}

/// Both spellings mean what was written, and a second pass changes nothing.
fn structure(bytes: &[u8]) {
    let before = serde_json::from_slice::<Value>(bytes);
    for form in [Form::Opa, Form::Canonical] {
        let Ok(once) = rewrite(bytes, form) else { continue };
        assert_eq!(rewrite(&once, form).as_ref(), Ok(&once), "{form:?}");
        if let Ok(before) = &before {
            let after: Value = serde_json::from_slice(&once).expect("is JSON");
            assert!(same(before, &after), "{form:?}: {before} is not {after}");
        }
    }
}

/// Numbers are compared as doubles, and a little apart: serde_json reads them to within the last digit.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= a.abs() * 1e-15
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Files as `name LF content FF name LF content ...`, signed as they are: what opens holds just them.
fn signed(text: &str) {
    let files = text.split('\u{c}').filter_map(|file| file.split_once('\n'));
    let mut files: Vec<(&str, &[u8])> = files.map(|(name, text)| (name, text.as_bytes())).collect();
    let hashed = files.iter().map(|(name, bytes)| {
        let base = name.rsplit('/').next().unwrap_or(name);
        let structured = matches!(base, "data.json" | "data.yaml" | "data.yml" | MANIFEST);
        let meant = if structured { rewrite(bytes, Form::Opa).ok() } else { None };
        (*name, meant.unwrap_or_else(|| bytes.to_vec()))
    });
    let signatures = signature::sign(&hashed.collect::<Vec<_>>(), &KEY, "k1", "").expect("is JSON");
    files.push((SIGNATURES, &signatures));
    let Ok(packed) = archive::write(files.clone()) else { return };
    let Ok(opened) = opened(&packed) else { return };
    let mut policies: Vec<_> = files.iter().filter(|(name, _)| name.ends_with(".rego")).copied().collect();
    policies.sort_unstable();
    let held: Vec<_> = opened.policies.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    assert_eq!(held, policies);
    assert_eq!((opened.files, opened.signed_files), (files.len(), files.len() - 1));
    let (end, data) = opened.data.split_last().expect("is not empty");
    assert_eq!((*end, rewrite(data, Form::Canonical).as_deref()), (b'\n', Ok(data)));
}

fuzz_target!(|bytes: &[u8]| {
    match bytes {
        [0x1f, 0x8b, ..] => foreign(bytes),
        [b'{' | b'[' | b'"', ..] => structure(bytes),
        _ if bytes.get(257..262) == Some(b"ustar") => foreign(&gzip(&with_checksums(bytes.to_vec()))),
        _ => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                signed(text);
            }
        }
    }
});
