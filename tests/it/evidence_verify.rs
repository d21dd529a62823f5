//! `govctl evidence verify`: what holds, and each way in which evidence is wrong, cannot be told, or is not established.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{Output, Sandbox};
use crate::evidence_signed::{SIGNED, made, prepared};

const DAYS: [&str; 3] = ["2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"];
const KEY: [&str; 2] = ["--producer-key", "ev.pub.pem"];

fn verify<A: AsRef<OsStr>>(s: &Sandbox, paths: &[A], more: &[&str], exit: i32) -> Output {
    let mut call = s.govctl(["evidence", "verify"]);
    call.command.args(paths).args(more);
    call.exits(exit)
}

/// `status code file` of every check that is printed.
fn checks(output: &Output) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let all = output.of_type("govctl.evidence.check/1");
    all.iter().map(|c| format!("{} {} {}", text(&c["status"]), text(&c["code"]), text(&c["file"]))).collect()
}

fn outcomes(output: &Output) -> Vec<String> {
    let all = output.of_type("govctl.evidence.verdict/1");
    all.iter().map(|v| v["outcome"].as_str().unwrap().to_owned()).collect()
}

fn signed() -> (Sandbox, PathBuf) {
    let s = prepared();
    let folder = made(&s, DAYS[0], &SIGNED);
    (s, folder)
}

#[test]
fn what_was_signed_is_valid() {
    let s = prepared();
    // Made in another order than they began.
    for day in [1, 0, 2] {
        made(&s, DAYS[day], &[&SIGNED[..], &["--region", "EU"]].concat());
    }
    let output = verify(&s, &["out"], &KEY, 0);
    assert_eq!(checks(&output), [] as [&str; 0]);
    let verdicts = output.of_type("govctl.evidence.verdict/1");
    let started: Vec<&str> = verdicts.iter().map(|v| &v["started"].as_str().unwrap()[..10]).collect();
    assert_eq!(started, ["2026-11-21", "2026-11-22", "2026-11-23"]);
    for v in &verdicts {
        assert_eq!((&v["outcome"], &v["n_checked"], &v["n_failed"]), (&"valid".into(), &7.into(), &0.into()));
        assert_eq!((&v["region"], &v["command"], &v["complete"]), (&"EU".into(), &"diff run".into(), &true.into()));
        // sha256sum of the DER of the public key of RFC 6979, A.2.5.
        let id = s.bash("sed '1d;$d' ev.pub.pem | base64 -d | sha256sum | cut -c 1-64").exits(0);
        assert_eq!(v["key_id"].as_str().unwrap(), id.text().trim());
        let sum = format!("sha256sum {}/manifest.json | cut -c 1-64", v["path"].as_str().unwrap());
        assert_eq!(v["manifest_sha256"].as_str().unwrap(), s.bash(&sum).exits(0).text().trim());
    }
    let counts = json!({"checks": 21, "failed": 0, "invalid": 0, "runs": 3, "signed": 3, "unfinished": 0, "unverifiable": 0, "valid": 3});
    assert_eq!(output.records().last().unwrap()["counts"], counts);
    let human = verify(&s, &["out"], &[&KEY[..], &["--format", "human"]].concat(), 0);
    assert!(
        human.text().ends_with("\n3 runs: 3 valid, 0 unverifiable, 0 invalid; 3 signed with a given key\n"),
        "{}",
        human.text()
    );
    let all = verify(&s, &["out"], &[&KEY[..], &["--all-checks"]].concat(), 0);
    assert_eq!(checks(&all).len(), 21);
    assert!(checks(&all).iter().all(|c| c.starts_with("pass - ")));
    // One run on its own, twice, and all that a shell finds.
    let one = verdicts[0]["path"].as_str().unwrap();
    assert_eq!(outcomes(&verify(&s, &[one, one, &format!("{one}/."), "out"], &KEY, 0)).len(), 3);
    let globbed = s.bash("govctl evidence verify out/* --producer-key ev.pub.pem").exits(0);
    assert_eq!(outcomes(&globbed), ["valid"; 3]);
    verify(&s, &["out/chains"], &KEY, 3).says(&["no run was named"]);
    // A folder of evidence may have that name.
    s.bash("mv out chains").exits(0);
    assert_eq!(outcomes(&verify(&s, &["chains"], &KEY, 0)), ["valid"; 3]);
}

/// The tools of others see the same: the commands of the page, where the tools are there.
#[test]
fn openssl_agrees() {
    let (s, folder) = signed();
    if s.bash("command -v openssl && command -v jq").run().code != Some(0) {
        return;
    }
    let page = std::fs::read_to_string(crate::common::root().join("docs/evidence.md")).unwrap();
    let block = page.split("```sh\n").find(|b| b.contains("openssl dgst")).unwrap().split("```").next().unwrap();
    let block = block.replace("DIR/<run_id>", folder.to_str().unwrap()).replace("evidence.pub.pem", "../../ev.pub.pem");
    let lines: Vec<&str> = block.lines().filter(|l| !l.starts_with("cosign")).collect();
    assert_eq!(s.bash(&lines.join("\n")).exits(0).text().lines().next(), Some("Verified OK"));
    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"outcome\":1", "\"outcome\":0")).unwrap();
    assert_eq!(s.bash(&lines.join("\n")).exits(1).text().lines().next(), Some("Verification failure"));
    verify(&s, &["out"], &KEY, 1);
}

#[test]
fn who_signed_is_for_the_given_keys_to_tell() {
    let (s, folder) = signed();
    s.bash("govctl util keygen --kind p256 --out o.pem --public o.pub.pem").exits(0);
    let of = |more: &[&str], exit: i32| {
        let output = verify(&s, &[&folder], more, exit);
        let checks = checks(&output);
        (outcomes(&output).concat(), checks.first().cloned().unwrap_or_default())
    };
    let told = |outcome: &str, check: &str| {
        let file = if check.is_empty() { "" } else { " manifest.sigstore.json" };
        (outcome.to_owned(), format!("{check}{file}"))
    };
    assert_eq!(of(&[], 3), told("unverifiable", "unverifiable no_producer_key"));
    assert_eq!(of(&["--allow-unsigned"], 3), told("unverifiable", "unverifiable no_producer_key"));
    assert_eq!(of(&["--producer-key", "o.pub.pem"], 3), told("unverifiable", "unverifiable producer_unknown"));
    assert_eq!(of(&["--producer-key", "o.pub.pem", "--producer-key", "ev.pub.pem"], 0), told("valid", ""));
    // What the signature says of its key does not matter.
    let path = folder.join("manifest.sigstore.json");
    let bundle = std::fs::read_to_string(&path).unwrap();
    let hint: Value = serde_json::from_str(&bundle).unwrap();
    let hint = hint["verificationMaterial"]["publicKey"]["hint"].as_str().unwrap().to_owned();
    for lie in ["", "no base64", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        std::fs::write(&path, bundle.replace(&hint, lie)).unwrap();
        assert_eq!(of(&KEY, 0), told("valid", ""), "{lie}");
        assert_eq!(of(&["--producer-key", "o.pub.pem"], 3).1, told("", "unverifiable producer_unknown").1);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(of(&KEY, 3), told("unverifiable", "unverifiable manifest_unsigned"));
    assert_eq!(of(&[&KEY[..], &["--allow-unsigned"]].concat(), 0), told("valid", "not_established manifest_unsigned"));
    for (given, said) in [("ev.pem", "is no public P-256 key"), ("nowhere.pem", "nowhere.pem"), ("env:NO", "`NO`")] {
        verify(&s, &[&folder], &["--producer-key", given], 2).says(&[said]);
    }
}

/// Each code in a folder of its own, made from a whole one.
#[test]
fn each_code_has_its_case() {
    let s = prepared();
    let whole: Vec<PathBuf> = DAYS.iter().map(|day| made(&s, day, &SIGNED)).collect();
    let name = |i: usize| format!("out/{}", whole[i].file_name().unwrap().to_str().unwrap());
    let (first, second, last) = (name(0), name(1), name(2));
    s.bash("cp -r out whole").exits(0);
    let resign = "sed -i s/SHA2_256/SHA2_512/ $last/manifest.sigstore.json";
    let signature = "f=$last/manifest.sigstore.json; jq -c '.messageSignature.signature |= (.[:20] + (if .[20:21] == \"A\" then \"B\" else \"A\" end) + .[21:])' $f > s; mv s $f";
    let head = "f=out/chains/_.json; jq -c \"$edit\" $f > s; mv s $f";
    let mut seen = BTreeSet::new();
    for (damage, expected, exit) in [
        ("rm $last/manifest.json", "unverifiable manifest_missing manifest.json", 3),
        ("mkfifo p; mv p $last/manifest.json", "fail special_file manifest.json", 1),
        ("mv $last/manifest.json m; ln -s ../../m $last/manifest.json", "fail evidence_link manifest.json", 1),
        ("mv $last away; ln -s ../away $last", "fail evidence_link -", 1),
        ("truncate -s 17M $last/manifest.json", "unverifiable manifest_unreadable manifest.json", 3),
        ("rm $last/manifest.sigstore.json", "unverifiable manifest_unsigned manifest.sigstore.json", 3),
        (resign, "fail manifest_signature_unreadable manifest.sigstore.json", 1),
        ("echo '[' > $last/manifest.sigstore.json", "fail manifest_signature_unreadable manifest.sigstore.json", 1),
        ("truncate -s 2M $last/manifest.sigstore.json", "fail manifest_signature_unreadable manifest.sigstore.json", 1),
        (signature, "fail manifest_signature_invalid manifest.sigstore.json", 1),
        ("cp $first/manifest.sigstore.json $last", "fail manifest_signature_invalid manifest.sigstore.json", 1),
        ("printf ' ' >> $last/manifest.json", "fail manifest_signature_invalid manifest.sigstore.json", 1),
        ("f=$last/manifest.sigstore.json; rm $f; mkdir $f", "fail special_file manifest.sigstore.json", 1),
        ("rm $last/proof.json", "fail subject_missing proof.json", 1),
        ("echo >> $last/diffs.ndjson", "fail subject_altered diffs.ndjson", 1),
        ("mv $last/diffs.ndjson d; ln -s ../../d $last/diffs.ndjson", "fail evidence_link diffs.ndjson", 1),
        ("f=$last/diffs.ndjson; rm $f; mkfifo $f", "fail special_file diffs.ndjson", 1),
        ("f=$last/diffs.ndjson; rm $f; mkdir $f", "fail special_file diffs.ndjson", 1),
        ("touch $last/.hidden", "fail unlisted_file .hidden", 1),
        ("mkdir -p $last/more/x", "fail unlisted_file more", 1),
        ("touch $last/$'\\xff'", "fail unlisted_file \u{fffd}", 1),
        ("ln -s nowhere $last/dangling", "fail unlisted_file dangling", 1),
        ("edit='.prev = null'; $head", "fail chain_altered chains/_.json", 1),
        ("echo '{' > out/chains/_.json", "fail chain_altered chains/_.json", 1),
        ("edit='.sha256 = \"00\"'; $head", "fail chain_altered chains/_.json", 1),
        ("f=out/chains/_.json; mv $f c; ln -s ../../c $f", "fail evidence_link chains/_.json", 1),
        ("rm out/chains/_.json", "not_established chain_absent chains/_.json", 0),
        ("mv $second away", "not_established chain_gap chains/_.json", 0),
        ("mv $last away", "not_established chain_gap chains/_.json", 0),
        ("mv $first away", "not_established chain_gap chains/_.json", 0),
    ] {
        s.bash("rm -rf out away; cp -r whole out").exits(0);
        let vars = format!("first={first}; second={second}; last={last}; ");
        s.bash(&(vars + &damage.replace("$head", head))).exits(0);
        let output = verify(&s, &["out"], &KEY, exit);
        let found = checks(&output);
        assert_eq!(found.first().map(String::as_str), Some(expected), "{damage}: {found:?}");
        // Of the other runs no more can be wrong than their chain, in which this one is.
        let other = |c: &String| *c != expected && !c.ends_with(" chains/_.json");
        assert!(!found.iter().any(other), "{damage}: {found:?}");
        seen.insert(expected.split(' ').nth(1).unwrap().to_owned());
    }
    // What takes a signature of its own, or another folder, has a test below.
    let elsewhere = [
        "subject_name",
        "subject_withheld",
        "no_producer_key",
        "producer_unknown",
        "run_incomplete",
        "not_in_chain",
        "evidence_unreadable",
    ];
    seen.extend(elsewhere.into_iter().map(str::to_owned));
    let all: BTreeSet<String> = govctl::evidence::code::Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(seen, all);
}

/// What a producer signed who means no good, or made by other means: the signature is right.
#[test]
fn a_right_signature_makes_no_statement_harmless() {
    let (s, folder) = signed();
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let key = govctl::key::p256::Private::from_pem(&s.read("ev.pem")).unwrap();
    let forged = |text: &str, exit: i32| {
        std::fs::write(folder.join("manifest.json"), text).unwrap();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(text).into();
        let signed = govctl::sigstore::message::MessageSignature::by(&[0; 32], digest, key.sign_der(text.as_bytes()));
        std::fs::write(folder.join("manifest.sigstore.json"), signed.to_json().unwrap()).unwrap();
        std::fs::remove_file(s.path("out/chains/_.json")).ok();
        let mut found = checks(&verify(&s, &[&folder], &KEY, exit));
        found.retain(|check| !check.contains("chain_absent"));
        found
    };
    let with = |from: &str, to: &str, exit: i32| {
        assert!(manifest.contains(from), "{from}");
        forged(&manifest.replacen(from, to, 1), exit)
    };
    s.write("out/outside", "x");
    for name in [
        "../outside",
        "/etc/passwd",
        "x/../types.yaml",
        "./types.yaml",
        "x//y",
        "",
        "manifest.json",
        "manifest.sigstore.json",
        "x/",
        "a\\\\b",
        "diffs.ndjson",
    ] {
        let found = with("\"name\":\"types.yaml\"", &format!("\"name\":\"{name}\""), 1);
        assert_eq!(
            found[0],
            format!("fail subject_name {}", if name.is_empty() { "-" } else { name }.replace("\\\\", "\\"))
        );
        assert_eq!(found[1], "fail unlisted_file types.yaml", "{name}");
    }
    // Below a link to a folder, and below a file.
    symlink("..", folder.join("up")).unwrap();
    assert_eq!(with("\"name\":\"types.yaml\"", "\"name\":\"up/outside\"", 1)[0], "fail evidence_link up/outside");
    std::fs::remove_file(folder.join("up")).unwrap();
    assert_eq!(with("\"name\":\"types.yaml\"", "\"name\":\"proof.json/x\"", 1)[0], "fail subject_missing proof.json/x");
    // What the system refuses to look at is not taken for absent.
    let long = "x".repeat(300);
    let found = with("\"name\":\"types.yaml\"", &format!("\"name\":\"{long}\""), 1);
    assert_eq!(found, [format!("unverifiable evidence_unreadable {long}"), "fail unlisted_file types.yaml".to_owned()]);
    // A file in a folder is an output like others.
    std::fs::create_dir(folder.join("sub")).unwrap();
    std::fs::rename(folder.join("types.yaml"), folder.join("sub/types.yaml")).unwrap();
    assert_eq!(with("\"name\":\"types.yaml\"", "\"name\":\"sub/types.yaml\"", 0), [] as [&str; 0]);
    s.write(&format!("{}/sub/more", folder.strip_prefix(s.path("")).unwrap().display()), "x");
    assert_eq!(with("\"name\":\"types.yaml\"", "\"name\":\"sub/types.yaml\"", 1), ["fail unlisted_file sub/more"]);
    std::fs::remove_file(folder.join("sub/more")).unwrap();
    std::fs::rename(folder.join("sub/types.yaml"), folder.join("types.yaml")).unwrap();
    std::fs::remove_dir(folder.join("sub")).unwrap();
    assert_eq!(with("\"complete\":true", "\"complete\":false", 3), ["unverifiable run_incomplete -"]);
    let deep = format!("\"seed\":{}", "[".repeat(100_000));
    for (from, to) in [
        ("\"seed\":null", "\"seed\":null,\"seed\":null"),
        ("\"counts\":{", "\"counts\":{\"x\":1,\"x\":2,"),
        ("\"seed\":null", "\"later\":{\"a\":{\"b\":1,\"\\u0062\":1}},\"seed\":null"),
        ("\"seed\":null", deep.as_str()),
        ("run/v1", "run/v2"),
        ("Statement/v1", "Statement/v2"),
        ("\"region\":null", "\"region\":\"../../x\""),
        ("\"region\":null", "\"region\":7"),
    ] {
        assert_eq!(with(from, to, 3), ["unverifiable manifest_unreadable manifest.json"], "{to:.60}");
    }
    assert_eq!(forged("", 3), ["unverifiable manifest_unreadable manifest.json"]);
    // Fields of later versions are left to those.
    assert_eq!(with("\"seed\":null", "\"later\":{\"a\":[1]},\"seed\":null", 0), [] as [&str; 0]);
}

/// Of the signed bytes none can be another.
#[test]
fn every_flipped_byte_is_noticed() {
    let (s, folder) = signed();
    let trust = govctl::evidence::verify::Trust {
        keys: vec![govctl::key::p256::Public::from_pem(&s.read("ev.pub.pem")).unwrap()],
        allow_unsigned: false,
        may_be_withheld: &[],
    };
    let run = govctl::evidence::verify::Run { shown: "run".into(), folder: folder.clone(), is_link: false };
    let is_valid = || {
        let verified = govctl::evidence::verify::verify(&run, &trust, &mut Default::default());
        (verified.verdict.outcome == govctl::record::evidence::Outcome::Valid, verified.checks)
    };
    assert!(is_valid().0);
    for (file, every) in [("manifest.json", 1), ("types.yaml", 1), ("proof.json", 7), ("manifest.sigstore.json", 1)] {
        let path = folder.join(file);
        let whole = std::fs::read(&path).unwrap();
        let meant: Value = serde_json::from_slice(&whole).unwrap_or_default();
        for at in (0..whole.len()).step_by(every) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bytes).unwrap();
            // What the signature says of its key is a hint, and fields that nobody knows are ignored. All else counts.
            let same = |read: Value| ["messageSignature", "mediaType"].iter().all(|field| read[field] == meant[field]);
            let hint = file == "manifest.sigstore.json" && serde_json::from_slice(&bytes).is_ok_and(same);
            assert!(!is_valid().0 || hint, "byte {at} of {file}: {}", String::from_utf8_lossy(&bytes));
        }
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(is_valid().0);
}

#[test]
fn a_run_of_another_folder_is_not_in_the_chain() {
    let s = prepared();
    let folder = made(&s, DAYS[0], &SIGNED);
    s.bash("mv out other").exits(0);
    made(&s, DAYS[1], &SIGNED);
    let moved = s.path("out").join(folder.file_name().unwrap());
    std::fs::rename(s.path("other").join(folder.file_name().unwrap()), &moved).unwrap();
    let output = verify(&s, &["out"], &KEY, 1);
    assert_eq!(checks(&output), ["fail not_in_chain chains/_.json"]);
    assert_eq!(outcomes(&output), ["invalid", "valid"]);
    // A copy under another name is the same run, and a link to a run beside it is no further one.
    std::fs::rename(&moved, s.path("alone")).unwrap();
    symlink("../alone", s.path("out/chains/x")).unwrap();
    let mut newest = std::fs::read_dir(s.path("out")).unwrap().map(|e| e.unwrap().file_name());
    let newest = newest.find(|n| n.as_bytes()[0] == b'0').unwrap();
    symlink(&newest, s.path("out/latest")).unwrap();
    assert_eq!(outcomes(&verify(&s, &["out"], &KEY, 0)), ["valid"]);
    let latest = verify(&s, &["out/latest"], &KEY, 0);
    assert_eq!(checks(&latest), [] as [&str; 0], "a link that was named is followed");
    assert_eq!(checks(&verify(&s, &["alone"], &KEY, 0)), ["not_established chain_absent chains/_.json"]);
}

#[test]
fn dead_letters_may_be_taken_out() {
    let s = prepared();
    let us = s.read("us.ndjson");
    s.write("us.ndjson", us + "{\"no\":\"event\"\n");
    let args =
        ["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "--evidence", "out"];
    let output = s.govctl(args.iter().chain(&SIGNED)).run();
    let folder = s.path("out").join(output.records()[0]["run_id"].as_str().unwrap());
    let before = verify(&s, &[&folder], &KEY, 0);
    std::fs::remove_file(folder.join("dead_letters.ndjson")).unwrap();
    let after = verify(&s, &[&folder], &KEY, 0);
    assert_eq!(
        (checks(&before).len(), checks(&after)),
        (0, vec!["not_established subject_withheld dead_letters.ndjson".to_owned()])
    );
    std::fs::write(folder.join("dead_letters.ndjson"), "").unwrap();
    assert_eq!(checks(&verify(&s, &[&folder], &KEY, 1)), ["fail subject_altered dead_letters.ndjson"]);
}

#[test]
fn paths_that_are_no_evidence() {
    let (s, folder) = signed();
    verify(&s, &["nowhere"], &KEY, 2).says(&["nowhere: no such folder"]);
    verify(&s, &[folder.join("manifest.json")], &KEY, 2).says(&["a run directory or an evidence folder was expected"]);
    s.govctl(["evidence", "verify"]).exits(2).says(&["<DIR>..."]);
    for empty in ["empty", "empty/chains"] {
        std::fs::create_dir(s.path(empty)).unwrap();
        let output = verify(&s, &["empty"], &KEY, 3);
        assert_eq!(checks(&output), ["unverifiable manifest_missing manifest.json"]);
    }
    // One that cannot be verified does not hide another, and 3 is stronger than 1.
    std::fs::write(folder.join("types.yaml"), "x").unwrap();
    let both = verify(&s, &[Path::new("empty"), &folder], &KEY, 3);
    assert_eq!(outcomes(&both), ["unverifiable", "invalid"]);
    let odd = s.path("out").join(OsStr::from_bytes(b"run-\xff"));
    std::fs::rename(&folder, &odd).unwrap();
    let output = verify(&s, &["out"], &KEY, 1);
    assert_eq!(output.of_type("govctl.evidence.verdict/1")[0]["path"], "out/run-\u{fffd}");
    assert!(checks(&output)[0].starts_with("fail subject_altered types.yaml"), "{:?}", checks(&output));
    // A verification is evidence itself, also beside what it verified.
    s.govctl(["evidence", "verify", "out", "--producer-key", "ev.pub.pem", "--evidence", "out"]).exits(1);
    assert_eq!(outcomes(&verify(&s, &["out"], &KEY, 3)), ["invalid", "unverifiable"]);
}

#[test]
fn renderings_show_what_did_not_pass() {
    let (s, folder) = signed();
    std::fs::write(folder.join("types.yaml"), "x").unwrap();
    let run = format!("out/{}", folder.file_name().unwrap().to_str().unwrap());
    let with = |format: &str, exit: i32| {
        verify(&s, &["out"], &[&KEY[..], &["--format", format]].concat(), exit).text().to_owned()
    };
    assert!(with("github", 1).contains(&format!("::error title=evidence subject_altered,file={run}/types.yaml::")));
    assert!(with("junit", 1).contains("tests=\"1\" failures=\"1\""));
    let sarif: Value = serde_json::from_str(&with("sarif", 1)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"subject_altered".into(), &"error".into()));
    let human = with("human", 1);
    for text in ["FAIL", "types.yaml", "subject_altered", "is not the file that the run wrote", "invalid"] {
        assert!(human.contains(text), "{text} is not in\n{human}");
    }
    std::fs::remove_file(s.path("out/chains/_.json")).unwrap();
    assert!(with("junit", 1).contains("tests=\"2\" failures=\"1\""), "what is not established fails nothing");
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    assert!(with("junit", 3).contains("failures=\"1\""));
}
