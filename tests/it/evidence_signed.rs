//! `--evidence-key` and `--region`: what is written. Signatures are checked with other code than that which made them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{Call, Output, Sandbox};

const NOW: &str = "2026-11-24T00:00:00Z";
/// The key of RFC 6979, appendix A.2.5: everybody knows it, and signatures with it can be repeated.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX
Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth
+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7
Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==
-----END PUBLIC KEY-----
";

/// The captures, and a key pair as ev.pem and ev.pub.pem.
pub fn prepared() -> Sandbox {
    let s = Sandbox::with_captures();
    s.write_secret("ev.pem", KEY);
    s.write("ev.pub.pem", PUBLIC);
    s
}

fn call(s: &Sandbox, now: &str, more: &[&str]) -> Call {
    let own = ["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "--now", now];
    s.govctl(own.iter().chain(&["--evidence", "out"]).chain(more))
}

/// Makes a run and gives its folder.
pub fn made(s: &Sandbox, now: &str, more: &[&str]) -> PathBuf {
    let output = call(s, now, more).exits(1);
    let run_id = output.records()[0]["run_id"].as_str().unwrap().to_owned();
    s.path("out").join(run_id)
}

pub const SIGNED: [&str; 2] = ["--evidence-key", "ev.pem"];

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

#[test]
fn a_manifest_is_signed_as_sigstore_has_it() {
    let s = prepared();
    let folder = made(&s, NOW, &SIGNED);
    let (manifest, bundle) =
        (std::fs::read(folder.join("manifest.json")).unwrap(), json(&folder.join("manifest.sigstore.json")));
    let spki = p256::pkcs8::Document::from_pem(PUBLIC).unwrap().1;
    let signature = bundle["messageSignature"]["signature"].as_str().unwrap();
    let expected = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": BASE64.encode(&Sha256::digest(spki.as_bytes()))}},
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": BASE64.encode(&Sha256::digest(&manifest))},
            "signature": signature,
        },
    });
    assert_eq!(bundle, expected, "no log entry and nothing else");
    let signature = DerSignature::from_bytes(&BASE64.decode(signature.as_bytes()).unwrap()).unwrap();
    let key = VerifyingKey::from_public_key_pem(PUBLIC).unwrap();
    key.verify(&manifest, &signature).unwrap();
    let listed = json(&folder.join("manifest.json"))["subject"].to_string();
    assert!(!listed.contains("manifest"), "{listed}");
    // The predicate's fields, in their order.
    let text = String::from_utf8(manifest).unwrap();
    assert!(text.contains("\"complete\":true,\"seed\":null,\"region\":null,\"tenant\":null,\"inputs\":["), "{text}");
}

#[test]
fn equal_runs_in_fresh_folders_give_equal_bytes() {
    let bytes = |key: &[&str]| {
        let s = prepared();
        let folder = made(&s, NOW, &[key, &["--region", "EU"]].concat());
        let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.push(s.path("out/chains/EU.json"));
        files.sort();
        files.iter().map(|f| (f.file_name().unwrap().to_owned(), std::fs::read(f).unwrap())).collect::<Vec<_>>()
    };
    let first = bytes(&SIGNED);
    assert_eq!(first.len(), 6, "EU.json, three outputs, manifest and signature");
    assert!(first == bytes(&SIGNED));
}

#[test]
fn each_region_has_its_chain() {
    let s = prepared();
    let day = |day: u32| format!("2026-11-{day:02}T00:00:00Z");
    let of = |now: u32, region: &[&str]| {
        let folder = made(&s, &day(now), &[&SIGNED[..], region].concat());
        let bytes = std::fs::read(folder.join("manifest.json")).unwrap();
        let predicate = json(&folder.join("manifest.json"))["predicate"].clone();
        (sha256(&bytes), predicate["prev_manifest_sha256"].clone(), predicate["region"].clone())
    };
    let eu = of(1, &["--region", "EU"]);
    let us = of(2, &["--region", "US"]);
    let none = of(3, &[]);
    let de = of(4, &["--region", "EU/de"]);
    assert_eq!([&eu.1, &us.1, &none.1], [&Value::Null; 3], "the first of its chain");
    assert_eq!((de.1, &de.2), (json!(eu.0), &json!("EU/de")), "a part of a region is in the chain of the region");
    for (file, head) in [("EU", &de.0), ("US", &us.0), ("_", &none.0)] {
        assert_eq!(&json(&s.path(&format!("out/chains/{file}.json")))["sha256"], head, "{file}");
    }
    // Verbs that read the folder know the chains.
    for now in [1, 2, 3, 4] {
        let folder = made(&s, &day(now + 10), &[&SIGNED[..], &["--region", "APAC"]].concat());
        s.govctl(["diff", "verify", folder.to_str().unwrap(), "--require", "chain"]).exits(0);
    }
    let report = || {
        let args = ["diff", "report", "--runs", "out", "--day", "2026-11-23"];
        let all = s.govctl(args).exits(1).of_type("govctl.diff.report/1");
        let human = s.govctl(args.iter().chain(&["--format", "human"])).exits(1);
        (all.iter().find_map(|r| r["chain_ok"].as_bool()), human.text().to_owned() + &human.stderr)
    };
    assert_eq!(report().0, Some(true), "{}", report().1);
    let head = json(&s.path("out/chains/APAC.json"))["run_id"].as_str().unwrap().to_owned();
    std::fs::rename(s.path("out").join(&head), s.path("away")).unwrap();
    assert_eq!(report().0, Some(false));
    assert!(report().1.contains("chains/APAC.json names run"), "{}", report().1);
    std::fs::rename(s.path("away"), s.path("out").join(&head)).unwrap();
    s.bash("rm out/chains/US.json").exits(0);
    assert!(report().1.contains("chains/US.json is not there"), "{}", report().1);
    let refused = call(&s, NOW, &["--region", "eu"]).exits(2);
    assert!(refused.stderr.contains("--region eu: the folder has runs of region EU"), "{}", refused.stderr);
}

#[test]
fn what_is_wrong_with_the_flags_is_2_before_any_work() {
    let s = prepared();
    s.write("open.pem", KEY);
    s.write("garbage.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    std::fs::set_permissions(s.path("garbage.pem"), PermissionsExt::from_mode(0o600)).unwrap();
    s.bash("govctl util keygen --kind ed25519 --out ed.pem").exits(0);
    for (more, said) in [
        (&["--evidence-key", "open.pem"][..], "chmod 600 open.pem; or put the key into a variable and give env:NAME"),
        (&["--evidence-key", "ev.pub.pem"], "is no private P-256 key"),
        (&["--evidence-key", "ed.pem"], "is no private P-256 key"),
        (&["--evidence-key", "garbage.pem"], "is no private P-256 key"),
        (&["--evidence-key", "nowhere.pem"], "nowhere.pem"),
        (&["--evidence-key", "env:NOWHERE"], "NOWHERE"),
        (&["--evidence-key", KEY], "never as its text"),
        (&["--region", "../EU"], "invalid value '../EU' for '--region <REGION>'"),
        (&["--region", "E U"], "such as EU"),
        (&["--region", "EU/"], "such as EU"),
    ] {
        let output = call(&s, NOW, more).exits(2);
        output.says(&[said]);
        assert!(output.stdout.is_empty(), "{more:?}");
        assert!(!output.stderr.contains(KEY.lines().nth(1).unwrap()), "{}", output.stderr);
    }
    let bare = ["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"];
    for more in [["--evidence-key", "ev.pem"], ["--region", "EU"]] {
        let output = s.govctl(bare.iter().chain(&more)).exits(2);
        output.says(&[&format!("{} is about evidence", more[0]), "give --evidence DIR too"]);
    }
    assert!(!s.path("out").exists());
}

/// Searches all that a run says and leaves, also of one that fails.
#[test]
fn no_byte_of_the_key_is_in_any_output() {
    let s = prepared();
    let der = p256::pkcs8::Document::from_pem(KEY).unwrap().1;
    // Behind the 36 bytes that say what it is.
    let secret = &der.as_bytes()[36..68];
    let lines = KEY.lines().filter(|l| !l.starts_with('-')).map(|l| l.as_bytes().to_vec());
    let spellings = [secret.to_vec(), data_encoding::HEXLOWER.encode(secret).into(), BASE64.encode(secret).into()];
    let needles: Vec<Vec<u8>> = lines.chain(spellings).collect();
    let clean = |bytes: &[u8], name: &str| {
        for needle in &needles {
            assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{name} holds the key");
        }
    };
    let check = |output: &Output| {
        clean(&output.stdout, "standard output");
        clean(output.stderr.as_bytes(), "standard error");
    };
    for key in ["ev.pem", "env:EV"] {
        for format in ["ndjson", "human", "sarif"] {
            let more = ["-v", "--log-format", "json", "--format", format, "--region", "EU", "--evidence-key", key];
            check(&call(&s, NOW, &more).env("EV", KEY).exits(1));
        }
    }
    let absolute = s.path("ev.pem").to_str().unwrap().to_owned();
    check(&call(&s, "2026-11-25T00:00:00Z", &[&format!("--evidence-key={absolute}")]).exits(1));
    check(&call(&s, NOW, &["--evidence-key", "ev.pem", "--grace", "x"]).exits(2));
    let mut seen = 0;
    for folder in std::fs::read_dir(s.path("out")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let bytes = std::fs::read(&file).unwrap();
            clean(&bytes, &file.display().to_string());
            let place = s.path("").to_str().unwrap().to_owned();
            assert!(!String::from_utf8_lossy(&bytes).contains(&place), "{} names the folder", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 12, "only {seen} files");
}

/// A run that is made again has the same run_id with a key or without: only its signature is added.
#[test]
fn a_missing_signature_is_added() {
    let s = prepared();
    let folder = made(&s, NOW, &[]);
    let (manifest, chain) = (std::fs::read(folder.join("manifest.json")).unwrap(), s.read("out/chains/_.json"));
    assert!(!folder.join("manifest.sigstore.json").exists());
    let unchanged = || {
        assert!(std::fs::read(folder.join("manifest.json")).unwrap() == manifest);
        assert_eq!(s.read("out/chains/_.json"), chain);
    };
    assert_eq!(made(&s, NOW, &SIGNED), folder);
    unchanged();
    let verify = ["evidence", "verify", "out", "--producer-key", "ev.pub.pem"];
    s.govctl(verify).exits(0);
    let signature = std::fs::read(folder.join("manifest.sigstore.json")).unwrap();
    std::fs::remove_file(folder.join("manifest.sigstore.json")).unwrap();
    assert_eq!(made(&s, NOW, &["--evidence-key=ev.pem"]), folder);
    assert!(std::fs::read(folder.join("manifest.sigstore.json")).unwrap() == signature);
    // One that is there stays, also that of another key.
    s.bash("govctl util keygen --kind p256 --out other.pem").exits(0);
    made(&s, NOW, &["--evidence-key", "other.pem"]);
    assert!(std::fs::read(folder.join("manifest.sigstore.json")).unwrap() == signature);
    unchanged();
    // What somebody else has made of the manifest is not signed.
    std::fs::remove_file(folder.join("manifest.sigstore.json")).unwrap();
    let text = String::from_utf8(manifest.clone()).unwrap();
    let altered = text.replace("\"outcome\":1", "\"outcome\":0");
    assert_ne!(altered, text);
    std::fs::write(folder.join("manifest.json"), altered).unwrap();
    let refused = call(&s, NOW, &SIGNED).exits(2);
    assert!(refused.stderr.contains("is not what this run would write"), "{}", refused.stderr);
    assert!(!folder.join("manifest.sigstore.json").exists());
}

/// Evidence from before there were regions is spelled without them.
#[test]
fn older_manifests_stay_readable() {
    let s = prepared();
    let folder = made(&s, NOW, &[]);
    let path = folder.join("manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let older = text.replace("\"region\":null,\"tenant\":null,", "");
    assert_ne!(older, text);
    std::fs::write(&path, &older).unwrap();
    let chain = s.read("out/chains/_.json").replace(&sha256(text.as_bytes()), &sha256(older.as_bytes()));
    s.write("out/chains/_.json", chain);
    let folder = folder.to_str().unwrap();
    s.govctl(["diff", "verify", folder, "--require", "manifest,chain"]).exits(0);
    s.govctl(["evidence", "verify", folder, "--allow-unsigned"]).exits(0);
}

#[test]
fn a_crash_before_the_last_rename_keeps_the_signature() {
    let s = prepared();
    made(&s, "2026-11-21T00:00:00Z", &[&SIGNED[..], &["--region", "EU"]].concat());
    let second = made(&s, "2026-11-22T00:00:00Z", &[&SIGNED[..], &["--region", "EU"]].concat());
    let temp = s.path(&format!("out/.{}.1.tmp", second.file_name().unwrap().to_str().unwrap()));
    std::fs::rename(&second, &temp).unwrap();
    let counts = || {
        let output = s.govctl(["evidence", "verify", "out", "--producer-key", "ev.pub.pem"]).exits(0);
        let counts = output.records().last().unwrap()["counts"].clone();
        ["runs", "valid", "unfinished"].map(|name| counts[name].as_u64().unwrap())
    };
    assert_eq!(counts(), [1, 1, 1]);
    made(&s, "2026-11-23T00:00:00Z", &[&SIGNED[..], &["--region", "US"]].concat());
    assert!(second.join("manifest.sigstore.json").exists() && !temp.exists());
    assert_eq!(counts(), [3, 3, 0]);
}
