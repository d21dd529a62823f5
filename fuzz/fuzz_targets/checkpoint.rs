//! Arbitrary bytes as a checkpoint, and as the text of one that the right log then signs.
#![no_main]

use std::sync::LazyLock;

use govctl::index::Code;
use govctl::index::checkpoint::{Checkpoint, Signed};
use govctl::index::vkey::Key;
use govctl::key::ed25519::Private;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<Private> = LazyLock::new(|| Private::from_seed(&[7; 32]).expect("is a key"));

fuzz_target!(|bytes: &[u8]| {
    match Signed::parse(bytes) {
        Ok(signed) => {
            assert_eq!(signed.checkpoint.to_text(), signed.note.text());
            assert_eq!(signed.note.to_text().as_bytes(), bytes);
            let log = Key::log("exports.acme.example", KEY.public()).expect("is a name");
            assert!(signed.verify(&[&log]).is_err(), "a forgery");
        }
        Err(wrong) => assert_eq!(wrong.code, Code::BadNote),
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(checkpoint) = Checkpoint::parse(text) else { return };
    assert_eq!(checkpoint.to_text(), text);
    // Names of keys are narrower than origins, and notes than lines.
    let Ok(signed) = checkpoint.clone().sign(&[&KEY]) else { return };
    let again = Signed::parse(signed.note.to_text().as_bytes()).expect("what is signed is read");
    assert_eq!(again.checkpoint, checkpoint);
    let log = Key::log(&checkpoint.origin, KEY.public()).expect("signed under this name");
    assert_eq!(again.verify(&[&log]).map(|found| found.len()), Ok(1));
});
