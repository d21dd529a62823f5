//! Arbitrary bytes as the manifest of a run and as the signature beside it. What is accepted is written again and means
//! the same, and no signature of a key that never signed holds.
#![no_main]

use std::sync::LazyLock;

use govctl::evidence::{Region, chain_file, parse_chain, parse_manifest};
use govctl::key::p256::Private;
use govctl::sigstore::message::MessageSignature;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Nothing was ever signed with it.
static KEY: LazyLock<Private> = LazyLock::new(|| Private::from_random(&[7; 32]).expect("is a key"));

fn manifest(bytes: &[u8]) {
    let Ok(manifest) = parse_manifest(bytes, "manifest.json") else { return };
    let again = manifest.to_bytes().expect("is JSON");
    assert_eq!(parse_manifest(&again, "manifest.json").as_ref(), Ok(&manifest));
    // A name of a file in the folder of chains, whatever the region says.
    let file = chain_file(manifest.predicate.region().as_ref());
    assert!(file.starts_with("chains/") && file.matches('/').count() == 1 && !file.contains(".."), "{file}");
    // The independent reader takes the last of two equal keys: there are none.
    let value: Value = serde_json::from_slice(bytes).expect("was read before");
    assert_eq!(value["predicate"]["run_id"], manifest.predicate.run_id.as_str());
}

fn signature(bytes: &[u8]) {
    let Ok(signed) = MessageSignature::parse(bytes) else { return };
    let again = signed.to_json().expect("is JSON");
    assert_eq!(MessageSignature::parse(&again).as_ref(), Ok(&signed));
    assert!(!KEY.public().verifies_der(b"a manifest", &signed.signature), "a forgery");
    let _ = signed.names(&KEY.public().id());
}

fuzz_target!(|bytes: &[u8]| {
    manifest(bytes);
    signature(bytes);
    let _ = parse_chain(bytes, "chains/_.json");
    if let Ok(text) = std::str::from_utf8(bytes) {
        let region = Region::parse(text);
        assert!(region.is_err() || text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/')));
    }
});
