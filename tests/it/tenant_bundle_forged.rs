//! Bundles that somebody changed: every one is refused, with its code and the file that shows it.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use govctl::bundle::archive;
use govctl::bundle::json::{Form, rewrite};
use govctl::bundle::{Found, Opened, Trust, open};
use govctl::key::p256::{Private, Public};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::tenant_bundle::{findings, fixture, sandbox};

const POLICY: &str = "switchboard/switchboard.rego";
const TEST: &str = "switchboard/switchboard_test.rego";
const SIGNATURES: &str = ".signatures.json";

type Files = Vec<(String, Vec<u8>)>;

fn private() -> Private {
    Private::from_pem(&String::from_utf8(fixture("sign.pem")).unwrap()).unwrap()
}

fn public_pem() -> String {
    String::from_utf8(fixture("sign.pub.pem")).unwrap()
}

fn opened(bytes: &[u8]) -> Result<Opened, Vec<Found>> {
    let key = Public::from_pem(&public_pem()).unwrap();
    open(bytes, &Trust { key, key_id: None, scope: String::new(), min_serial: None })
}

fn files() -> Files {
    let archive = archive::read(&fixture("govctl.tar.gz")).unwrap();
    archive.files().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
}

fn pack(files: &Files) -> Vec<u8> {
    archive::write(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()).unwrap()
}

fn changed(change: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = files();
    change(&mut files);
    pack(&files)
}

fn set(files: &mut Files, name: &str, bytes: &[u8]) {
    files.retain(|(known, _)| known != name);
    files.push((name.to_owned(), bytes.to_vec()));
}

fn tar() -> Vec<u8> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(&fixture("govctl.tar.gz")[..]).read_to_end(&mut tar).unwrap();
    tar
}

/// Where the headers of an archive stand.
fn headers(tar: &[u8]) -> Vec<usize> {
    let (mut all, mut at) = (Vec::new(), 0);
    while tar[at] != 0 {
        all.push(at);
        at += 512 + size(tar, at).next_multiple_of(512);
    }
    all
}

fn size(tar: &[u8], header: usize) -> usize {
    let field = std::str::from_utf8(&tar[header + 124..header + 135]).unwrap();
    usize::from_str_radix(field, 8).unwrap()
}

/// The checksum of a header, as POSIX asks for it.
fn sum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::GzBuilder::new().operating_system(255).write(Vec::new(), flate2::Compression::new(6));
    gzip.write_all(tar).unwrap();
    gzip.finish().unwrap()
}

fn part(json: &Value) -> String {
    BASE64URL_NOPAD.encode(json.to_string().as_bytes())
}

/// The archive with a signature of these claims that `sign` makes.
fn signed(mut files: Files, header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let message = format!("{}.{}", part(header), part(claims));
    let token = format!("{message}.{}", BASE64URL_NOPAD.encode(&sign(message.as_bytes())));
    set(&mut files, SIGNATURES, json!({"signatures": [token]}).to_string().as_bytes());
    pack(&files)
}

/// Claims as a right signer makes them.
fn claims(files: &Files) -> Value {
    let hashed = files.iter().filter(|(name, _)| name != SIGNATURES).map(|(name, bytes)| {
        let structured = name.ends_with("data.json") || name == ".manifest";
        let read = if structured { rewrite(bytes, Form::Opa).ok() } else { None };
        let hash = HEXLOWER.encode(&Sha256::digest(read.as_deref().unwrap_or(bytes)));
        json!({"name": name, "hash": hash, "algorithm": "SHA-256"})
    });
    json!({"files": hashed.collect::<Vec<_>>(), "keyid": "k1"})
}

/// Changed by somebody who has the key.
fn resigned(change: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = files();
    change(&mut files);
    let claims = claims(&files);
    signed(files, &json!({"alg": "ES256"}), &claims, |message| private().sign(message))
}

fn with_claims(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut claims = claims(&files());
    change(&mut claims);
    signed(files(), &json!({"alg": "ES256"}), &claims, |message| private().sign(message))
}

/// What was done, the bundle, and code and subject of each finding; an empty subject is the bundle itself.
type Case<'a> = (&'a str, Vec<u8>, &'a [(&'a str, &'a str)]);

/// Each is refused with exit 1 and just these findings.
fn refused(cases: &[Case<'_>]) {
    let sandbox = sandbox();
    for (what, bytes, expected) in cases {
        sandbox.write("b.tar.gz", bytes);
        let args = ["tenant", "bundle", "verify", "b.tar.gz", "--verification-key", "sign.pub.pem"];
        let output = sandbox.govctl(args).run();
        assert_eq!(output.code, Some(1), "{what}: {}", output.stderr);
        let own = |(code, subject): &(&str, &str)| {
            ((*code).to_owned(), if subject.is_empty() { "b.tar.gz".to_owned() } else { (*subject).to_owned() })
        };
        let expected: Vec<_> = expected.iter().map(own).collect();
        assert_eq!(findings(&output), expected, "{what}");
        assert_eq!(output.of_type("govctl.tenant.bundle/1")[0]["verdict"], "not_authentic", "{what}");
    }
}

#[test]
fn a_resigned_bundle_is_authentic_so_the_forgeries_fail_for_their_own_reason() {
    assert!(opened(&resigned(|_| {})).is_ok());
}

#[test]
fn files_that_were_changed_added_removed_or_renamed() {
    let drop = |files: &mut Files, name: &str| files.retain(|(known, _)| known != name);
    refused(&[
        ("no signature", changed(|f| drop(f, SIGNATURES)), &[("not_signed", "")]),
        ("other policy", changed(|f| set(f, POLICY, b"package switchboard\n")), &[("file_altered", POLICY)]),
        ("other data", changed(|f| set(f, "data.json", b"{}")), &[("file_altered", "data.json")]),
        ("other manifest", changed(|f| set(f, ".manifest", b"{}")), &[("file_altered", ".manifest")]),
        ("more", changed(|f| set(f, "switchboard/b.rego", b"package b")), &[("file_not_signed", "switchboard/b.rego")]),
        ("more data", changed(|f| set(f, "a/data.json", b"{}")), &[("file_not_signed", "a/data.json")]),
        ("one missing", changed(|f| drop(f, POLICY)), &[("file_missing", POLICY)]),
        (
            "renamed",
            changed(|f| f.iter_mut().filter(|(n, _)| n == POLICY).for_each(|(n, _)| *n = "other.rego".to_owned())),
            &[("file_not_signed", "other.rego"), ("file_missing", POLICY)],
        ),
        ("a patch", resigned(|f| set(f, "patch.json", b"{}")), &[("forbidden_file", "patch.json")]),
        ("wasm", resigned(|f| set(f, "policy.wasm", b"\0asm")), &[("forbidden_file", "policy.wasm")]),
    ]);
}

#[test]
fn signatures_that_choose_their_own_rules() {
    let all = claims(&files());
    let own = |message: &[u8]| private().sign(message);
    let secret = public_pem();
    let hmac = |message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let other = |message: &[u8]| Private::from_random(&[7; 32]).unwrap().sign(message);
    let two = |files: &mut Files| {
        let mut read: Value = serde_json::from_slice(&files.iter().find(|(n, _)| n == SIGNATURES).unwrap().1).unwrap();
        let token = read["signatures"][0].clone();
        read["signatures"].as_array_mut().unwrap().push(token);
        set(files, SIGNATURES, read.to_string().as_bytes());
    };
    let at = |code| [(code, SIGNATURES)];
    let es256 = json!({"alg": "ES256"});
    refused(&[
        ("none", signed(files(), &json!({"alg": "none"}), &all, |_| vec![]), &at("signature_algorithm")),
        ("HS256", signed(files(), &json!({"alg": "HS256"}), &all, hmac), &at("signature_algorithm")),
        ("HMAC named ES256", signed(files(), &es256, &all, hmac), &at("signature_invalid")),
        ("crit", signed(files(), &json!({"alg": "ES256", "crit": ["b64"]}), &all, own), &at("signature_algorithm")),
        ("other key", signed(files(), &es256, &all, other), &at("signature_invalid")),
        ("no signature bytes", signed(files(), &es256, &all, |_| vec![]), &at("signature_invalid")),
        ("second JWT", changed(two), &at("signature_format")),
        ("no JWT", changed(|f| set(f, SIGNATURES, b"{\"signatures\":[]}")), &at("signature_format")),
        ("other scope", with_claims(|c| c["scope"] = "eu".into()), &at("scope_differs")),
        ("no key id", with_claims(|c| c["keyid"] = "".into()), &at("key_id_missing")),
        ("MD5", with_claims(|c| c["files"][0]["algorithm"] = "MD5".into()), &[("hash_algorithm", ".manifest")]),
        (
            "a file twice",
            with_claims(|c| {
                let first = c["files"][0].clone();
                c["files"].as_array_mut().unwrap().push(first);
            }),
            &[("signature_format", ".manifest")],
        ),
    ]);
}

#[test]
fn content_that_its_signer_should_not_have_signed() {
    let manifest = br#"{"revision":"x","metadata":{"govctl":{"policy_sha256":"00"}}}"#;
    refused(&[
        ("key twice", resigned(|f| set(f, "data.json", br#"{"a":1,"a":2}"#)), &[("file_unreadable", "data.json")]),
        ("Rego v0", resigned(|f| set(f, ".manifest", br#"{"rego_version":0}"#)), &[("manifest_invalid", ".manifest")]),
        ("no object", resigned(|f| set(f, "data.json", b"[1]")), &[("data_invalid", "data.json")]),
        ("not UTF-8", resigned(|f| set(f, POLICY, b"package \xff")), &[("policy_invalid", POLICY)]),
        // OPA decides by it, whatever it is called.
        ("a test", resigned(|f| set(f, TEST, b"package switchboard\nallow := true\n")), &[("policy_invalid", TEST)]),
        ("digest", resigned(|f| set(f, ".manifest", manifest)), &[("digest_differs", ".manifest")]),
    ]);
}

/// A header and content in front of the recorded archive.
fn with_entry(name: &str, kind: tar::EntryType, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    header.set_entry_type(kind);
    if kind != tar::EntryType::Regular {
        header.set_link_name("data.json").unwrap();
    }
    header.set_cksum();
    let mut all = header.as_bytes().to_vec();
    all.extend_from_slice(content);
    all.resize(all.len().next_multiple_of(512), 0);
    all.extend_from_slice(&tar());
    gzip(&all)
}

#[test]
fn archives_that_readers_take_differently() {
    use tar::EntryType::{Link, Regular, Symlink};
    let own = fixture("govctl.tar.gz");
    let damaged: &[(&str, &str)] = &[("bundle_damaged", "")];
    let bomb = gzip(&vec![0; archive::MAX_BYTES + 1]);
    assert!(bomb.len() < 1 << 20);
    refused(&[
        ("..", with_entry("../x.rego", Regular, b"x"), &[("entry_name", "../x.rego")]),
        ("/..", with_entry("/../x.rego", Regular, b"x"), &[("entry_name", "../x.rego")]),
        ("in the middle", with_entry("a/../data.json", Regular, b"{}"), &[("entry_name", "a/../data.json")]),
        ("two slashes", with_entry("//x.rego", Regular, b"x"), &[("entry_name", "/x.rego")]),
        ("symlink", with_entry("x.rego", Symlink, b""), &[("archive_form", "x.rego")]),
        ("hard link", with_entry("x.rego", Link, b""), &[("archive_form", "x.rego")]),
        ("twice", with_entry("data.json", Regular, b"{}"), &[("duplicate_file", "data.json")]),
        ("twice, with OPA's slash", with_entry("/data.json", Regular, b"{}"), &[("duplicate_file", "data.json")]),
        (
            "a second signature",
            with_entry("a/.signatures.json", Regular, b"{}"),
            &[("forbidden_file", "a/.signatures.json")],
        ),
        ("bomb", bomb, &[("bundle_too_large", "")]),
        ("second member", [own.clone(), own.clone()].concat(), damaged),
        ("trailing byte", [own.clone(), vec![0]].concat(), damaged),
        ("behind the tar", gzip(&[tar(), b"x".to_vec()].concat()), damaged),
    ]);
}

#[test]
fn what_is_no_archive_is_unusable_input() {
    let sandbox = sandbox();
    for bytes in [&b""[..], b"{}", &gzip(b"no tar")] {
        sandbox.write("b.tar.gz", bytes);
        let args = ["tenant", "bundle", "verify", "b.tar.gz", "--verification-key", "sign.pub.pem"];
        sandbox.govctl(args).exits(3);
    }
}

#[test]
fn too_much_on_standard_input_is_a_finding() {
    let args = ["tenant", "bundle", "verify", "-", "--verification-key", "sign.pub.pem"];
    for bytes in [vec![0; archive::MAX_BYTES + 1], gzip(&vec![0; archive::MAX_BYTES + 1])] {
        let whole = bytes.len() > archive::MAX_BYTES;
        let output = sandbox().govctl(args).stdin(bytes).exits(1);
        assert_eq!(findings(&output), [("bundle_too_large".to_owned(), "-".to_owned())]);
        // Nobody knows the digest of what was not read to its end.
        let record = &output.of_type("govctl.tenant.bundle/1")[0];
        assert_eq!((record["bundle_sha256"] == "", &record["verdict"]), (whole, &"not_authentic".into()));
    }
    sandbox().govctl(args).stdin(fixture("govctl.tar.gz")).exits(0);
}

/// Each part of the archive, and the ways through the verb itself: `open` is asked for every byte below.
#[test]
fn a_flipped_bit_of_every_header_and_every_file_is_refused_by_the_verb() {
    let (sandbox, own) = (sandbox(), tar());
    let args = ["tenant", "bundle", "verify", "b.tar.gz", "--verification-key", "sign.pub.pem"];
    for header in headers(&own) {
        // Of the name, mode, size, checksum, kind, magic; then of the first and the last byte of the file.
        let last = header + 511 + size(&own, header);
        for at in [0, 101, 130, 150, 156, 259, 512].map(|at| header + at).into_iter().chain([last]) {
            let mut bytes = own.clone();
            bytes[at] ^= 1 << (at % 7);
            sandbox.write("b.tar.gz", gzip(&bytes));
            let output = sandbox.govctl(args).exits(if header == 0 && at == 259 { 3 } else { 1 });
            assert!(!output.text().contains("\"authentic\""), "byte {at}");
        }
    }
}

/// With the checksum made right again: what a header says is refused, or it is nothing that a reader of the bundle sees.
#[test]
fn a_flipped_bit_of_a_header_with_a_right_checksum_changes_nothing_or_is_refused() {
    let own = tar();
    let content = opened(&gzip(&own)).unwrap();
    let mut passed = BTreeSet::new();
    for header in headers(&own) {
        let name = own[header..].iter().position(|b| *b == 0).unwrap();
        for at in (0..512).filter(|at| !(148..156).contains(at)) {
            let mut bytes = own.clone();
            bytes[header + at] ^= 1 << (at % 8);
            sum(&mut bytes[header..header + 512]);
            let Ok(mut opened) = opened(&gzip(&bytes)) else { continue };
            opened.bundle_sha256.clone_from(&content.bundle_sha256);
            assert_eq!(opened, content, "byte {at} of the header at {header}");
            // Name, size, kind, link and the beginning of a prefix: what any reader looks at.
            let looked_at = at <= name || matches!(at, 124..136 | 156..257 | 345);
            assert!(!looked_at, "byte {at} of the header at {header}");
            passed.insert(at);
        }
    }
    // A bit of the mode, of the user, of the group and of the time.
    assert!([100, 108, 116, 136].iter().all(|at| passed.contains(at)), "{passed:?}");
}

/// Only the bits of the last deflate byte behind the end of the stream are covered by no checksum; nothing reads them.
#[test]
fn every_flipped_bit_of_the_gzip_stream_is_refused_or_changes_nothing() {
    let (own, mut passed) = (fixture("govctl.tar.gz"), 0);
    let content = opened(&own).unwrap();
    for at in 0..own.len() {
        for bit in 0..8 {
            let mut bytes = own.clone();
            bytes[at] ^= 1 << bit;
            let Ok(mut opened) = opened(&bytes) else { continue };
            assert_eq!(at, own.len() - 9, "bit {bit}");
            opened.bundle_sha256.clone_from(&content.bundle_sha256);
            assert_eq!(opened, content);
            passed += 1;
        }
    }
    assert!(passed < 8, "{passed}");
}

#[test]
fn every_flipped_byte_of_the_tar_is_refused() {
    let own = tar();
    for at in 0..own.len() {
        let mut bytes = own.clone();
        bytes[at] ^= 1;
        assert!(opened(&gzip(&bytes)).is_err(), "byte {at}");
    }
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    let (tar, own) = (tar(), fixture("govctl.tar.gz"));
    for end in (0..tar.len()).step_by(512) {
        assert!(opened(&gzip(&tar[..end])).is_err(), "tar cut at {end}");
    }
    for end in 0..own.len() {
        assert!(opened(&own[..end]).is_err(), "gzip cut at {end}");
    }
}
