//! Arbitrary bytes as a proof of inclusion and as a request to a witness. What is read is written as it stood, and
//! proves nothing that was not signed.
#![no_main]

use std::sync::LazyLock;

use govctl::index::checkpoint::Checkpoint;
use govctl::index::policy::Policy;
use govctl::index::proof::{Consistency, Inclusion, MAX_HASHES};
use govctl::index::vkey::Key;
use govctl::key::ed25519::Private;
use libfuzzer_sys::fuzz_target;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let key = Private::from_seed(&[7; 32]).expect("is a key").public();
    let key = Key::log("exports.acme.example", key).expect("is a name");
    Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).expect("is a policy")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = Inclusion::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
        assert!(proof.hashes.len() <= MAX_HASHES);
        assert!(proof.verify(&proof.extra, &POLICY).is_err(), "a forgery");
        // Whatever the index and the hashes are: no root is one that was drawn beforehand.
        for size in [proof.index.saturating_add(1), u64::MAX] {
            assert!(proof.holds(&proof.extra, &Checkpoint::new("o", size, [7; 32])).is_err());
        }
    }
    if let Ok(proof) = Consistency::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
        assert!(proof.hashes.len() <= MAX_HASHES);
        assert!(proof.verify(&proof.checkpoint, &POLICY).is_err(), "a forgery");
        let old = Checkpoint::new("o", proof.old, [7; 32]);
        assert!(proof.holds(&old, &Checkpoint::new("o", u64::MAX, [8; 32])).is_err());
    }
});
