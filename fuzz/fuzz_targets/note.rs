//! Arbitrary bytes as a signed note, as the answer of a witness and as a verifier key. What is read is written as it
//! stood, and nothing is signed by a key that never signed.
#![no_main]

use std::sync::LazyLock;

use govctl::index::note::{MAX_SIGNATURES, Note, Signature, parse_signatures};
use govctl::index::vkey::Key;
use govctl::key::ed25519::Private;
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[Key; 2]> = LazyLock::new(|| {
    let public = Private::from_seed(&[7; 32]).expect("is a key").public();
    [Key::log("n", public).expect("is a name"), Key::witness("n", public).expect("is a name")]
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_text().as_bytes(), bytes);
        assert!((1..=MAX_SIGNATURES).contains(&note.signatures().len()));
        assert!(note.verify(&KEYS.each_ref()).is_err(), "a forgery");
        let again = Note::new(note.text().to_owned(), note.signatures().to_vec());
        assert_eq!(again.as_ref(), Ok(&note));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(signatures) = parse_signatures(text) {
        assert_eq!(signatures.iter().map(Signature::line).collect::<String>(), text);
    }
    if let Ok(key) = Key::parse(text) {
        assert_eq!(key.to_string(), text);
    }
});
