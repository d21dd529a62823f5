use proptest::prelude::*;

use super::*;
use crate::index::Origin;
use crate::index::vkey::Valid;

/// The example of c2sp.org/tlog-cosignature: a checkpoint of a log with a cosignature.
const SPECIFIED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
/// The key of Go's public checksum database, which has the id of the example's log signature.
const SUMDB: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

fn private(seed: u8) -> Private {
    Private::from_seed(&[seed; 32]).unwrap()
}

fn log(origin: &str, seed: u8) -> Key {
    Key::log(origin, private(seed).public()).unwrap()
}

fn code(result: Result<impl Sized, Wrong>) -> Option<Code> {
    result.err().map(|e| e.code)
}

#[test]
fn the_example_of_the_specification_is_read_and_written() {
    let signed = Signed::parse(SPECIFIED.as_bytes()).unwrap();
    assert_eq!(
        (signed.checkpoint.origin.as_str(), signed.checkpoint.size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(signed.checkpoint.to_text(), signed.note.text());
    assert_eq!(signed.note.to_text(), SPECIFIED);
    let cosignature = &signed.note.signatures()[1];
    assert_eq!(cosignature.bytes()[..8], 1_679_315_147u64.to_be_bytes());
    let key = Key::parse(SUMDB).unwrap();
    assert_eq!(code(signed.verify(&[&key])), Some(Code::WrongOrigin));
    assert_eq!(signed.note.signatures()[0].id(), key.id());
}

/// The same tree as the database itself signed it: the example was made out of this.
#[test]
fn a_real_signature_of_a_public_log_holds() {
    let signed = Signed::parse(SPECIFIED.as_bytes()).unwrap();
    let text = signed.note.text().replace("example.com/behind-the-sofa", "go.sum database tree");
    assert_eq!(Key::parse(SUMDB).unwrap().verify(&text, signed.note.signatures()[0].bytes()), Some(Valid::Plain));
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    assert!(Checkpoint::parse(&format!("o\n0\n{root}\n")).is_ok());
    assert_eq!(Checkpoint::parse(&format!("o\n{}\n{root}\n", u64::MAX)).unwrap().size, u64::MAX);
    for (text, line) in [
        (String::new(), None),
        ("o\n".to_owned(), None),
        ("o\n1\n".to_owned(), None),
        (format!("o\n1\n{root}"), None),
        (format!("\n1\n{root}\n"), Some(1)),
        (format!("o\n01\n{root}\n"), Some(2)),
        (format!("o\n-1\n{root}\n"), Some(2)),
        (format!("o\n 1\n{root}\n"), Some(2)),
        (format!("o\n18446744073709551616\n{root}\n"), Some(2)),
        (format!("o\n1\n{root} \n"), Some(3)),
        ("o\n1\nAQ==\n".to_owned(), Some(3)),
        (format!("o\n1\n{}\n", root.replace("I=", "J=")), Some(3)),
        (format!("o\n1\n{root}\n\n"), Some(4)),
        (format!("o\n1\n{root}\nx\n\ny\n"), Some(5)),
    ] {
        let wrong = Checkpoint::parse(&text).unwrap_err();
        assert_eq!((wrong.code, wrong.line), (Code::BadNote, line), "{text:?}");
    }
}

#[test]
fn extension_lines_are_kept_because_signatures_cover_them() {
    let text = "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\nand more\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!(checkpoint.extensions, ["more", "and more"]);
    assert_eq!(checkpoint.to_text(), text);
}

#[test]
fn a_checkpoint_is_signed_and_verified() {
    let origin = Origin::new("exports.acme.example").unwrap();
    let checkpoint = Checkpoint::new(origin.as_str(), 42, [7; 32]);
    let signed = checkpoint.clone().sign(&[&private(1), &private(2)]).unwrap();
    let again = Signed::parse(signed.note.to_text().as_bytes()).unwrap();
    assert_eq!(again, signed);
    let (one, other) = (log(origin.as_str(), 1), log("another.example", 1));
    let found = again.verify(&[&other, &one]).unwrap();
    assert_eq!(found, [Verified { key: 1, signature: 0, valid: Valid::Plain }]);
    assert_eq!(code(again.verify(&[&log(origin.as_str(), 3)])), Some(Code::UnknownKey));
    assert_eq!(code(again.verify(&[&other])), Some(Code::WrongOrigin));
    assert_eq!(code(again.verify(&[])), Some(Code::WrongOrigin));
}

/// A log's key under its own name does not sign for another origin.
#[test]
fn the_name_of_the_key_must_be_the_origin() {
    let text = Checkpoint::new("a.example", 1, [7; 32]).to_text();
    let signature = Signature::sign("b.example", &private(1), &text).unwrap();
    let signed = Signed::parse(Note::new(text, vec![signature]).unwrap().to_text().as_bytes()).unwrap();
    assert_eq!(code(signed.verify(&[&log("b.example", 1)])), Some(Code::WrongOrigin));
    assert_eq!(code(signed.verify(&[&log("b.example", 1), &log("a.example", 2)])), Some(Code::UnknownKey));
}

#[test]
fn nothing_is_signed_that_would_be_read_otherwise() {
    for origin in ["", "a\n5", "a b"] {
        assert!(Checkpoint::new(origin, 1, [7; 32]).sign(&[&private(1)]).is_err(), "{origin:?}");
    }
    let empty = Checkpoint { extensions: vec![String::new()], ..Checkpoint::new("a", 1, [7; 32]) };
    assert!(empty.sign(&[&private(1)]).is_err());
    assert!(Checkpoint::new("a", 1, [7; 32]).sign(&[]).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        origin in "[ -~é]{1,40}", size in any::<u64>(), root in any::<Sha>(), extensions in prop::collection::vec("[ -~]{1,9}", 0..3)
    ) {
        let checkpoint = Checkpoint { origin, size, root, extensions };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_text()), Ok(checkpoint));
    }

    #[test]
    fn no_bit_of_a_checkpoint_can_change(size in any::<u64>(), root in any::<Sha>(), bit in any::<prop::sample::Index>()) {
        let signed = Checkpoint::new("exports.acme.example", size, root).sign(&[&private(1)]).unwrap();
        let mut bytes = signed.note.to_text().into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verified = Signed::parse(&bytes).and_then(|s| s.verify(&[&log("exports.acme.example", 1)]));
        prop_assert!(verified.is_err());
    }
}
