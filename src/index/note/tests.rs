use proptest::prelude::*;

use super::*;
use crate::index::cosignature;

/// The note, the key and the seed of the example in the documentation of golang.org/x/mod/sumdb/note.
const GO: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/// The example of c2sp.org/signed-note: a text with an empty line in it.
const SPECIFIED: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
    \u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

fn private(seed: u8) -> Private {
    Private::from_seed(&[seed; 32]).unwrap()
}

fn key(name: &str, seed: u8) -> Key {
    Key::log(name, private(seed).public()).unwrap()
}

fn signed(text: &str, by: &[(&str, u8)]) -> Note {
    let signatures = by.iter().map(|(name, seed)| Signature::sign(name, &private(*seed), text).unwrap()).collect();
    Note::new(text.to_owned(), signatures).unwrap()
}

fn code(result: Result<impl Sized, Wrong>) -> Option<Code> {
    result.err().map(|e| e.code)
}

#[test]
fn the_example_of_go_verifies_and_is_signed_alike() {
    let note = Note::parse(GO.as_bytes()).unwrap();
    let key = Key::parse(GO_KEY).unwrap();
    assert_eq!(note.verify(&[&key]), Ok(vec![Verified { key: 0, signature: 0, valid: Valid::Plain }]));
    let seed = base64(GO_SEED).unwrap()[1..].try_into().unwrap();
    let signature = Signature::sign("PeterNeumann", &Private::from_seed(&seed).unwrap(), note.text()).unwrap();
    assert_eq!(Note::new(note.text().to_owned(), vec![signature]).unwrap().to_text(), GO);
}

#[test]
fn the_last_empty_line_ends_the_text() {
    let note = Note::parse(SPECIFIED.as_bytes()).unwrap();
    assert!(note.text().ends_with(":\n\ned è subito sera.\n"));
    assert_eq!(note.signatures()[0].name(), "quasimodo.example/salvatore");
    assert_eq!(note.signatures()[0].bytes().len(), 64);
    assert_eq!(note.to_text(), SPECIFIED);
}

#[test]
fn what_is_no_note_is_refused() {
    let good = signed("a\n", &[("n", 1)]).to_text();
    assert!(Note::parse(good.as_bytes()).is_ok());
    let line = &good[3..];
    let bad = [
        String::new(),
        "\n".to_owned(),
        "a\n\n".to_owned(),
        "<html>not found</html>".to_owned(),
        good.replace('\n', "\r\n"),
        good.replace("\n\n", "\n"),
        good.replacen("a\n", "a", 1),
        good.replacen('a', "a\0", 1),
        good.replacen('a', "\t", 1),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}x"),
        format!("{good}garbage\n"),
        good.replace(DASH, "- "),
        good.replace(DASH, "\u{2014}"),
        good.replace("n ", "n  "),
        good.replace(" n ", "  "),
        good.replace(" n ", " n\u{a0}m "),
        good.replace(" n ", " n+m "),
        good.replace("=\n", "\n"),
        good.replace("=\n", "=\n="),
        line.to_owned(),
        format!("a\n\n{DASH}n AQIDBA==\n"),
        format!("a\n\n{DASH}n AQID\n"),
        format!("a\n\n{DASH}n \n"),
    ];
    for text in bad {
        assert_eq!(code(Note::parse(text.as_bytes())), Some(Code::BadNote), "{text:?}");
    }
    assert_eq!(code(Note::parse(b"a\xff\n\n")), Some(Code::BadNote));
}

#[test]
fn mistakes_have_their_line() {
    let text = signed("a\n\nb\n", &[("n", 1), ("m", 2)]).to_text();
    let at = |text: String| Note::parse(text.as_bytes()).unwrap_err().line;
    assert_eq!(at(text.replace(" m ", "  ")), Some(6));
    assert_eq!(at(text.replace('b', "\u{7}")), Some(3));
}

#[test]
fn limits_are_kept_before_anything_is_parsed() {
    let many = |n: usize| format!("a\n\n{}", format!("{DASH}n AQIDBAU=\n").repeat(n));
    assert_eq!(Note::parse(many(MAX_SIGNATURES).as_bytes()).unwrap().signatures().len(), 64);
    let message = Note::parse(many(65).as_bytes()).unwrap_err().message;
    assert_eq!(message, "it has 65 signatures, more than 64");
    let tail = format!("\n\n{DASH}n AQIDBAU=\n");
    let long = |n: usize| format!("{}{tail}", "a".repeat(n - tail.len()));
    assert!(Note::parse(long(MAX_BYTES).as_bytes()).is_ok());
    assert_eq!(
        Note::parse(long(MAX_BYTES + 1).as_bytes()).unwrap_err().message,
        "it has 262145 bytes, more than 262144"
    );
    let mut full = Note::parse(many(MAX_SIGNATURES).as_bytes()).unwrap();
    assert_eq!(code(full.put(Signature::sign("m", &private(1), "a\n").unwrap())), Some(Code::BadNote));
    assert!(full.put(Signature::new("n", [1, 2, 3, 4], vec![6]).unwrap()).is_ok());
}

#[test]
fn unknown_keys_are_passed_over() {
    let note = signed("a\n", &[("x", 9), ("n", 1), ("y", 8)]);
    let (n, m) = (key("n", 1), key("m", 2));
    assert_eq!(note.verify(&[&m, &n]), Ok(vec![Verified { key: 1, signature: 1, valid: Valid::Plain }]));
    assert_eq!(code(note.verify(&[&m])), Some(Code::UnknownKey));
    assert_eq!(note.by(&[&m]), Ok(Vec::new()));
    assert_eq!(code(note.verify(&[])), Some(Code::UnknownKey));
}

/// Name or id alone do not name a key.
#[test]
fn a_key_that_shares_only_its_name_or_its_id_is_another() {
    let note = signed("a\n", &[("n", 1)]);
    assert_eq!(code(note.verify(&[&key("n", 2)])), Some(Code::UnknownKey));
    let line = Signature::new("other", key("n", 1).id(), vec![1; 64]).unwrap();
    let note = Note::new("a\n".to_owned(), vec![line, note.signatures()[0].clone()]).unwrap();
    assert_eq!(note.verify(&[&key("n", 1)]).map(|found| found.len()), Ok(1));
}

#[test]
fn one_bad_signature_of_a_known_key_spoils_the_note() {
    let mut note = signed("a\n", &[("n", 1)]);
    let foreign = Signature::new("m", key("m", 2).id(), private(3).sign(b"a\n").to_vec()).unwrap();
    note.put(foreign).unwrap();
    assert_eq!(code(note.verify(&[&key("n", 1), &key("m", 2)])), Some(Code::BadSignature));
    assert!(note.verify(&[&key("n", 1)]).is_ok());
    // Also where the same key signed well before it.
    let twice =
        format!("{}{}", signed("a\n", &[("n", 1)]).to_text(), signed("b\n", &[("n", 1)]).signatures()[0].line());
    let twice = Note::parse(twice.as_bytes()).unwrap();
    assert_eq!(code(twice.verify(&[&key("n", 1)])), Some(Code::BadSignature));
}

#[test]
fn types_that_are_not_known_are_passed_over() {
    let bytes = to_base64(&[&[6][..], &[1; 1312]].concat());
    let post_quantum = Key::parse(&format!("q+01020304+{bytes}")).unwrap();
    let mut note = signed("a\n", &[("n", 1)]);
    note.put(Signature::new("q", [1, 2, 3, 4], vec![5; 2428]).unwrap()).unwrap();
    let found = note.verify(&[&post_quantum, &key("n", 1)]).unwrap();
    assert_eq!(found, [Verified { key: 1, signature: 0, valid: Valid::Plain }]);
}

#[test]
fn a_newer_signature_of_a_key_takes_the_place_of_the_older_one() {
    let mut note = signed("a\n", &[("n", 1)]);
    let cosign = |time| cosignature::sign("n", &private(1), time, "a\n").unwrap();
    note.put(cosign(5)).unwrap();
    note.put(cosign(6)).unwrap();
    let witness = Key::witness("n", private(1).public()).unwrap();
    let found = note.verify(&[&witness, &key("n", 1)]).unwrap();
    assert_eq!(found.iter().map(|v| v.valid).collect::<Vec<_>>(), [Valid::Plain, Valid::Cosigned(6)]);
}

/// The example answer of c2sp.org/tlog-witness.
#[test]
fn the_answer_of_a_witness_is_read() {
    let answer = "\u{2014} witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n\
        \u{2014} witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n";
    let found = parse_signatures(answer).unwrap();
    assert_eq!(found.iter().map(Signature::line).collect::<String>(), answer);
    assert_eq!(found.iter().map(|s| s.bytes().len()).collect::<Vec<_>>(), [72, 72]);
    assert!(parse_signatures("").is_err() && parse_signatures("\n").is_err());
    assert!(parse_signatures(answer.trim_end()).is_err() && parse_signatures(&answer.replace('\n', "\n\n")).is_err());
}

fn any_note() -> impl Strategy<Value = Note> {
    let text = "[ -~é\u{2014}\n]{0,80}".prop_map(|text| text + "\n");
    let signature = ("[!-*,-~é/]{1,20}", any::<[u8; 4]>(), prop::collection::vec(any::<u8>(), 1..80))
        .prop_map(|(name, id, bytes)| Signature::new(&name, id, bytes).unwrap());
    (text, prop::collection::vec(signature, 1..=16)).prop_map(|(text, all)| Note::new(text, all).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(note in any_note()) {
        prop_assert_eq!(Note::parse(note.to_text().as_bytes()), Ok(note));
    }

    #[test]
    fn what_is_read_is_written_again(bytes in "(a|b|\n|\u{2014} n AQIDBAU=\n){0,12}") {
        if let Ok(note) = Note::parse(bytes.as_bytes()) {
            prop_assert_eq!(note.to_text(), bytes);
        }
    }

    #[test]
    fn no_bit_of_text_or_signature_can_change(text in "[ -~\n]{0,60}", bit in any::<prop::sample::Index>()) {
        let note = signed(&(text + "\n"), &[("n", 1)]);
        let mut bytes = note.to_text().into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verified = Note::parse(&bytes).and_then(|note| note.verify(&[&key("n", 1)]));
        prop_assert!(verified.is_err());
    }
}
