use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::index::cosignature;
use crate::index::vkey::Key;
use crate::key::ed25519::Private;
use crate::merkle::node_hash;
use crate::merkle::proof::{self, Node, Range};

const ORIGIN: &str = "exports.acme.example";

fn private(seed: u8) -> Private {
    Private::from_seed(&[seed; 32]).unwrap()
}

fn policy(quorum: &str) -> Policy {
    let log = Key::log(ORIGIN, private(1).public()).unwrap();
    let witness = Key::witness("w.example", private(2).public()).unwrap();
    Policy::parse(format!("log {log}\nwitness w {witness}\nquorum {quorum}\n").as_bytes()).unwrap()
}

fn leaf(i: u64) -> Vec<u8> {
    format!("leaf {i}").into_bytes()
}

fn subtree(node: Node) -> Result<Sha, Infallible> {
    Ok(match node.level {
        0 => leaf_hash(&leaf(node.index)),
        _ => {
            let half = |side| subtree(Node { level: node.level - 1, index: node.index * 2 + side });
            node_hash(&half(0)?, &half(1)?)
        }
    })
}

fn signed(size: u64) -> Signed {
    let root = Range::whole(size).hash(&mut subtree).unwrap();
    Checkpoint::new(ORIGIN, size, root).sign(&[&private(1)]).unwrap()
}

fn cosigned(size: u64) -> Vec<u8> {
    let mut signed = signed(size);
    let line = cosignature::sign("w.example", &private(2), 1_767_700_800, signed.note.text()).unwrap();
    signed.note.put(line).unwrap();
    signed.note.to_text().into_bytes()
}

fn inclusion(index: u64, size: u64) -> Inclusion {
    let hashes = proof::hashes(&proof::inclusion(index, size).unwrap(), subtree).unwrap();
    Inclusion { extra: leaf(index), index, hashes, checkpoint: cosigned(size) }
}

fn consistency(old: u64, new: u64) -> Consistency {
    let hashes = proof::hashes(&proof::consistency(old, new).unwrap(), subtree).unwrap();
    Consistency { old, hashes, checkpoint: cosigned(new) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn code(result: Result<impl Sized, Wrong>) -> Option<Code> {
    result.err().map(|e| e.code)
}

/// The form of the example of c2sp.org/tlog-proof; its checkpoint is cut there.
#[test]
fn the_example_of_the_specification_is_read() {
    let head = "c2sp.org/tlog-proof@v1\nindex 73894\n\
        gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\
        EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkqYMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n\
        AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n";
    let file = format!("{head}\nexample.com/fancylog\n109482\n\n");
    let proof = Inclusion::parse(file.as_bytes()).unwrap();
    assert_eq!((proof.index, proof.hashes.len(), proof.extra.len()), (73_894, 5, 0));
    assert_eq!(proof.checkpoint, b"example.com/fancylog\n109482\n\n");
    assert_eq!(text(&proof.to_bytes()), file);
}

/// The example of c2sp.org/tlog-witness.
#[test]
fn the_request_of_the_witness_specification_is_read() {
    let body = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let proof = Consistency::parse(body.as_bytes()).unwrap();
    assert_eq!((proof.old, proof.hashes.len()), (20_852_014, 4));
    assert_eq!(text(&proof.to_bytes()), body);
    assert_eq!(Signed::parse(&proof.checkpoint).unwrap().checkpoint.size, 20_852_163);
}

#[test]
fn a_proof_of_inclusion_holds_for_its_leaf_alone() {
    for size in [1, 2, 7, 8, 300] {
        for index in [0, size / 2, size - 1] {
            let proof = Inclusion::parse(&inclusion(index, size).to_bytes()).unwrap();
            let (signed, cosigned) = proof.verify(&proof.extra, &policy("w")).unwrap();
            assert_eq!((signed.checkpoint.size, cosigned.count()), (size, 1));
            let mut other = proof.extra.clone();
            other[0] ^= 1;
            assert_eq!(code(proof.verify(&other, &policy("w"))), Some(Code::RootMismatch));
        }
    }
}

#[test]
fn a_proof_needs_log_quorum_and_place() {
    let proof = inclusion(4, 7);
    let plain = Inclusion { checkpoint: signed(7).note.to_text().into_bytes(), ..proof.clone() };
    assert_eq!(code(plain.verify(&leaf(4), &policy("w"))), Some(Code::QuorumUnmet));
    assert!(plain.verify(&leaf(4), &policy("none")).is_ok());
    let other =
        Policy::parse(format!("log {}\nquorum none\n", Key::log(ORIGIN, private(9).public()).unwrap()).as_bytes());
    assert_eq!(code(plain.verify(&leaf(4), &other.unwrap())), Some(Code::UnknownKey));
    for index in [3, 5, 7, u64::MAX] {
        let moved = Inclusion { index, ..proof.clone() };
        assert_eq!(code(moved.verify(&leaf(4), &policy("w"))), Some(Code::RootMismatch), "{index}");
    }
    let older = Inclusion { checkpoint: cosigned(6), ..proof };
    assert_eq!(code(older.verify(&leaf(4), &policy("w"))), Some(Code::RootMismatch));
}

#[test]
fn a_mistake_in_the_checkpoint_has_its_line_in_the_file() {
    let line = |file: String, which: &str| file.lines().position(|l| l == which).map(|at| at as u64 + 1);
    let spoil = |bytes: Vec<u8>| text(&bytes).replace("\n7\n", "\n07\n");
    for proof in [inclusion(4, 7), Inclusion { extra: Vec::new(), ..inclusion(4, 7) }] {
        let bad = spoil(proof.to_bytes());
        let wrong = Inclusion::parse(bad.as_bytes()).unwrap().verify(&leaf(4), &policy("w")).unwrap_err();
        assert_eq!((wrong.code, wrong.line), (Code::BadNote, line(bad, "07")));
    }
    let bad = spoil(consistency(4, 7).to_bytes());
    let old = signed(4).note.to_text();
    let wrong = Consistency::parse(bad.as_bytes()).unwrap().verify(old.as_bytes(), &policy("w")).unwrap_err();
    assert_eq!((wrong.code, wrong.line), (Code::BadNote, line(bad, "07")));
}

#[test]
fn what_is_no_proof_of_inclusion_is_refused() {
    let good = text(&inclusion(4, 7).to_bytes());
    let refused = |text: String, line: Option<u64>| {
        let wrong = Inclusion::parse(text.as_bytes()).unwrap_err();
        assert_eq!((wrong.code, wrong.line), (Code::Malformed, line), "{text:?}: {wrong}");
    };
    refused(String::new(), None);
    refused(good.replace("\n\n", "\n"), None);
    refused(good.replace("@v1", "@v2"), Some(1));
    refused(good.replace("@v1", "@v1 "), Some(1));
    refused(good.replace('\n', "\r\n"), None);
    refused(format!("\n{good}"), Some(1));
    refused(good.replace("extra ", "extra  "), Some(2));
    refused(good.replace("extra ", "Extra "), Some(2));
    refused(good.replace("extra bGVhZiA0", "extra "), Some(2));
    refused(good.replace("extra bGVhZiA0", "extra"), Some(2));
    refused(good.replace("extra bGVhZiA0", "extra bGVhZiA"), Some(2));
    refused(good.replace("extra bGVhZiA0\n", "extra bGVhZiA0\nextra bGVhZiA0\n"), Some(3));
    refused(good.replace("index 4", "index 04"), Some(3));
    refused(good.replace("index 4", "index"), Some(3));
    refused(good.replace("index 4", "index -4"), Some(3));
    refused(good.replace("index 4", "index 18446744073709551616"), Some(3));
    refused(good.replace("index 4\n", "index 4\nAQ==\n"), Some(4));
    refused("c2sp.org/tlog-proof@v1\n\n".to_owned(), Some(2));
    refused("c2sp.org/tlog-proof@v1\nextra AQ==\n\n".to_owned(), Some(3));
    let hashes = |n: usize| Inclusion { hashes: vec![[0; 32]; n], ..inclusion(4, 7) }.to_bytes();
    assert_eq!(Inclusion::parse(&hashes(63)).unwrap().hashes.len(), 63);
    refused(text(&hashes(64)), None);
    let extra = |n: usize| Inclusion { extra: vec![1; n], ..inclusion(4, 7) }.to_bytes();
    assert_eq!(Inclusion::parse(&extra(MAX_EXTRA)).unwrap().extra.len(), MAX_EXTRA);
    refused(text(&extra(MAX_EXTRA + 1)), Some(2));
    refused(text(&extra(MAX_BYTES)), None);
    assert!(Inclusion::parse(b"c2sp.org/tlog-proof@v1\nindex 1\n\xff\n\n").is_err());
}

#[test]
fn growth_is_proven_between_two_signed_checkpoints() {
    for (old, new) in [(0, 0), (0, 7), (1, 7), (4, 7), (6, 7), (7, 7), (100, 300)] {
        let proof = Consistency::parse(&consistency(old, new).to_bytes()).unwrap();
        let before = signed(old).note.to_text();
        let (a, b) = proof.verify(before.as_bytes(), &policy("w")).unwrap();
        assert_eq!((a.checkpoint.size, b.checkpoint.size), (old, new));
    }
    let proof = consistency(4, 7);
    let verify = |proof: &Consistency, old: &Signed| code(proof.verify(old.note.to_text().as_bytes(), &policy("none")));
    assert_eq!(verify(&proof, &signed(5)), Some(Code::RootMismatch));
    let fork = Checkpoint::new(ORIGIN, 4, [4; 32]).sign(&[&private(1)]).unwrap();
    assert_eq!(verify(&proof, &fork), Some(Code::RootMismatch));
    let mut longer = proof.clone();
    longer.hashes.push([0; 32]);
    assert_eq!(verify(&longer, &signed(4)), Some(Code::RootMismatch));
    let back = Consistency { old: 7, hashes: Vec::new(), checkpoint: cosigned(4) };
    assert_eq!(verify(&back, &signed(7)), Some(Code::RootMismatch));
    let foreign = Checkpoint::new(ORIGIN, 4, signed(4).checkpoint.root).sign(&[&private(9)]).unwrap();
    assert_eq!(verify(&proof, &foreign), Some(Code::UnknownKey));
    let (here, elsewhere) =
        (signed(4).checkpoint, Checkpoint { origin: "other.example".to_owned(), ..signed(7).checkpoint });
    assert_eq!(code(proof.holds(&here, &elsewhere)), Some(Code::WrongOrigin));
}

#[test]
fn what_is_no_request_is_refused() {
    let good = text(&consistency(4, 7).to_bytes());
    for bad in [
        String::new(),
        good.replace("old 4", "old 04"),
        good.replace("old 4", "old  4"),
        good.replace("old 4", "old"),
        good.replace("old 4", "new 4"),
        good.replace("old 4\n", "old 4\r\n"),
        good.replace("old 4\n", "old 4\nx\n"),
        good.replace("old 4\n", ""),
    ] {
        assert_eq!(code(Consistency::parse(bad.as_bytes())), Some(Code::Malformed), "{bad:?}");
    }
    let hashes = |n: usize| Consistency { hashes: vec![[0; 32]; n], ..consistency(4, 7) }.to_bytes();
    assert!(Consistency::parse(&hashes(63)).is_ok());
    assert_eq!(code(Consistency::parse(&hashes(64))), Some(Code::Malformed));
}

/// Whether a changed file proves the same: then the change was in nothing that is authenticated.
fn differs(bytes: &[u8], leaf: &[u8], policy: &Policy) -> bool {
    Inclusion::parse(bytes).and_then(|proof| proof.verify(leaf, policy).map(|_| proof)).is_err()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        extra in prop::collection::vec(any::<u8>(), 0..50),
        index in any::<u64>(),
        hashes in prop::collection::vec(any::<Sha>(), 0..=MAX_HASHES),
        checkpoint in prop::collection::vec(any::<u8>(), 0..90)
    ) {
        let growth = Consistency { old: index, hashes: hashes.clone(), checkpoint: checkpoint.clone() };
        prop_assert_eq!(Consistency::parse(&growth.to_bytes()), Ok(growth));
        let proof = Inclusion { extra, index, hashes, checkpoint };
        prop_assert_eq!(Inclusion::parse(&proof.to_bytes()), Ok(proof));
    }

    /// The leaf is held against the proof, so no bit of the file may change, wherever it lies.
    #[test]
    fn no_bit_of_a_proof_can_change(index in 0u64..13, bit in any::<prop::sample::Index>()) {
        let bytes = inclusion(index, 13).to_bytes();
        let extra = bytes.windows(6).position(|w| w == b"\nindex").unwrap();
        let mut changed = bytes.clone();
        let bit = bit.index(bytes.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        // A name of a key that is not known is another signature, of which nothing is asked; one of ours is missed.
        let unread = (HEADER.len()..extra).contains(&(bit / 8));
        prop_assert!(unread || differs(&changed, &leaf(index), &policy("w")), "byte {}", bit / 8);
        let own = Inclusion::parse(&changed).and_then(|proof| proof.verify(&proof.extra.clone(), &policy("w")));
        prop_assert!(own.is_err(), "byte {}", bit / 8);
    }

    #[test]
    fn no_bit_of_a_request_can_change(old in 1u64..13, bit in any::<prop::sample::Index>()) {
        let mut bytes = consistency(old, 13).to_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let before = signed(old).note.to_text();
        // No quorum is asked for here, so a witness that nobody knows is none; but one that is named must be right.
        let verified = Consistency::parse(&bytes).and_then(|proof| proof.verify(before.as_bytes(), &policy("w")));
        let counted = verified.and_then(|_| policy("w").accept(&Consistency::parse(&bytes)?.checkpoint));
        prop_assert!(counted.is_err(), "byte {}", bit / 8);
    }
}
