//! `govctl diff verify`: whole evidence passes, and what was altered is found.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{Call, Output, Sandbox};

pub const SOURCES: [&str; 6] = ["--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"];

/// A run with evidence in `out`; returns its folder.
pub fn run(sandbox: &Sandbox, now: &str, more: &[&str]) -> PathBuf {
    let before = runs(sandbox);
    let args = ["diff", "run", "--evidence", "out", "--now", now];
    let output = sandbox.govctl(args.iter().chain(&SOURCES).chain(more)).run();
    assert!(matches!(output.code, Some(0 | 1)), "{}", output.stderr);
    runs(sandbox).into_iter().find(|r| !before.contains(r)).unwrap()
}

fn runs(sandbox: &Sandbox) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(sandbox.path("out")) else { return Vec::new() };
    let mut all: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.join("proof.json").exists()).collect();
    all.sort();
    all
}

pub fn verify(sandbox: &Sandbox, target: &Path, more: &[&str]) -> Call {
    sandbox.govctl(["diff", "verify", target.to_str().unwrap()].iter().chain(more))
}

pub fn of(output: &Output, check: &str) -> Vec<Value> {
    let all = output.of_type("govctl.diff.verify/1");
    all.into_iter().filter(|r| r["check"] == check).collect()
}

pub fn oks(output: &Output, check: &str) -> Vec<Option<bool>> {
    of(output, check).iter().map(|r| r["ok"].as_bool()).collect()
}

fn flip(path: &Path, bit: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).unwrap();
}

/// `count` bit positions spread over a file, none of them at the same place of two bytes in a row.
fn positions(path: &Path, count: usize) -> Vec<usize> {
    let bits = std::fs::metadata(path).unwrap().len() as usize * 8;
    (0..count).map(|i| (i * (bits / count) + i * 13 % 8).min(bits - 1)).collect()
}

pub const NOW: &str = "2026-11-24T00:00:00Z";

#[test]
fn a_whole_run_passes() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    let output = verify(&sandbox, &folder, &SOURCES).exits(0);
    for (check, expected) in [
        ("fields", vec![Some(true)]),
        ("output_sha256", vec![Some(true)]),
        ("counts", vec![Some(true); 2]),
        ("partition_root", vec![Some(true); 7]),
        ("rerun", vec![Some(true); 2]),
        ("root", vec![Some(true)]),
        ("tiling", vec![Some(true)]),
        ("continuity", vec![None]),
        ("chain", vec![Some(true); 2]),
        ("manifest", vec![Some(true); 5]),
        ("signature", vec![None]),
    ] {
        assert_eq!(oks(&output, check), expected, "{check}");
    }
    assert_eq!(
        of(&output, "counts")[0]["actual"],
        "diff 18, missing 9, mismatch 9, late 3, repaired 0, unauthorized 0, excepted 0"
    );
    // The run's own types.yaml serves where none is given; the evidence folder stands for its newest run.
    let own = verify(&sandbox, Path::new("out"), &["--lhs", "us.ndjson", "--rhs", "eu.ndjson"]).exits(0);
    assert_eq!(oks(&own, "partition_root"), [Some(true); 7]);
    let human = verify(&sandbox, &folder, &["--format", "human"]).exits(0);
    assert!(human.text().contains("partition_root  not checked"), "{}", human.text());
}

#[test]
fn a_check_that_was_not_made_passes_only_where_it_is_not_required() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    let output = verify(&sandbox, &folder, &["--lhs", "us.ndjson"]).exits(0);
    let roots = oks(&output, "partition_root");
    assert_eq!(roots, [vec![Some(true); 3], vec![None; 4]].concat());
    for required in ["signature", "rerun", "partition_root", "continuity", "chain,partition_root"] {
        verify(&sandbox, &folder, &["--require", required]).exits(1);
    }
    verify(&sandbox, &folder, &["--require", "fields,output_sha256,counts,root,tiling,chain,manifest"]).exits(0);
    verify(&sandbox, &folder, &[&SOURCES[..], &["--require", "partition_root,rerun"]].concat()).exits(0);
    verify(&sandbox, &folder, &["--require", "roots"]).exits(2).says(&["roots"]);
    // A proof on its own.
    sandbox.write("alone/proof.json", std::fs::read(folder.join("proof.json")).unwrap());
    let output = verify(&sandbox, Path::new("alone/proof.json"), &[]).exits(0);
    for check in ["output_sha256", "counts", "chain", "manifest", "signature"] {
        assert_eq!(oks(&output, check), [None], "{check}");
    }
}

#[test]
fn every_changed_bit_of_the_evidence_is_found() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    for (name, count) in [("diffs.ndjson", 200), ("proof.json", 200), ("types.yaml", 20)] {
        let path = folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        for bit in positions(&path, count) {
            flip(&path, bit);
            let output = verify(&sandbox, &folder, &[]).run();
            // What is no proof at all cannot be evaluated.
            let found = output.code == Some(1) || (name == "proof.json" && output.code == Some(3));
            assert!(found, "bit {bit} of {name}: exit {:?}\n{}", output.code, output.stderr);
            std::fs::write(&path, &whole).unwrap();
        }
    }
    verify(&sandbox, &folder, &[]).exits(0);
}

#[test]
fn a_forged_manifest_does_not_hide_changed_outputs() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    let replace = |name: &str, from: &str, to: &str| {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {name}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    };
    let sha = |name: &str| govctl::text::sha256_hex(&std::fs::read(folder.join(name)).unwrap());
    // An open diff that was made a closed one, with all digests brought in line.
    let manifest = sha("manifest.json");
    let (diffs, proof) = (sha("diffs.ndjson"), sha("proof.json"));
    replace("diffs.ndjson", "\"state\":\"open\"", "\"state\":\"closed\"");
    replace("proof.json", &diffs, &sha("diffs.ndjson"));
    for _ in 0..2 {
        replace("manifest.json", &diffs, &sha("diffs.ndjson"));
    }
    replace("manifest.json", &proof, &sha("proof.json"));
    replace("../chains/_.json", &manifest, &sha("manifest.json"));
    let output = verify(&sandbox, &folder, &[]).exits(1);
    let failed: Vec<Value> = output.records().into_iter().filter(|r| r["ok"] == false).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!((&failed[0]["check"], &failed[0]["subject"]), (&"counts".into(), &"diffs.ndjson".into()));
    // A range that was made longer.
    let proof = sha("proof.json");
    replace("proof.json", "\"from\":0,\"to\":111,\"end\":111", "\"from\":0,\"to\":112,\"end\":112");
    replace("manifest.json", &proof, &sha("proof.json"));
    assert_eq!(oks(&verify(&sandbox, &folder, &[]).exits(1), "root"), [Some(false)]);
    let sarif = verify(&sandbox, &folder, &["--format", "sarif"]).exits(1);
    assert!(sarif.text().contains("verify_failed"));
}

/// Where a value of a compared column begins in one line, for each `"name":"` given.
fn values_in(bytes: &[u8], names: &[&str]) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).unwrap();
    let all = names.iter().flat_map(|name| text.match_indices(name).map(move |(at, _)| at + name.len()));
    all.filter(|at| {
        let line = text[..*at].rfind('\n').map_or(0, |i| i + 1);
        let (before, after) = (&text[line..*at], "\"after\":{");
        before.contains(after) && before[before.find(after).unwrap()..].find("\"source\":").is_none()
    })
    .collect()
}

#[test]
fn a_changed_bit_of_a_source_is_found() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    for name in ["us.ndjson", "eu.ndjson"] {
        let path = sandbox.path(name);
        let whole = std::fs::read(&path).unwrap();
        let places = values_in(&whole, &["\"actor\":\"", "\"amount\":\"", "\"sig\":\"", "\"id\":"]);
        assert!(places.len() > 900, "{}", places.len());
        for (i, place) in places.iter().step_by(places.len() / 25).enumerate() {
            flip(&path, place * 8 + i % 5);
            let output = verify(&sandbox, &folder, &SOURCES).run();
            assert_eq!(output.code, Some(1), "byte {place} of {name}\n{}", output.stderr);
            assert!(oks(&output, "partition_root").contains(&Some(false)), "byte {place} of {name}");
            std::fs::write(&path, &whole).unwrap();
        }
        // A record that was taken out, and one that was put in twice.
        let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
        for changed in [[&lines[..100], &lines[101..]].concat(), [&lines[..101], &lines[100..]].concat()] {
            std::fs::write(&path, changed.concat()).unwrap();
            let output = verify(&sandbox, &folder, &SOURCES).exits(1);
            assert!(of(&output, "counts")[1]["ok"] == false);
            std::fs::write(&path, &whole).unwrap();
        }
    }
    // A source that ends early cannot be used, whatever else is found.
    let eu = std::fs::read(sandbox.path("eu.ndjson")).unwrap();
    let zst = zstd::encode_all(eu.as_slice(), 3).unwrap();
    sandbox.write("whole.zst", &zst);
    sandbox.write("cut.zst", &zst[..zst.len() - 9]);
    let with = |eu: &str, code| {
        verify(&sandbox, &folder, &["--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", eu]).exits(code)
    };
    with("whole.zst", 0);
    with("cut.zst", 3);
}

#[test]
fn a_chain_of_three_runs() {
    let sandbox = Sandbox::with_captures();
    let folders: Vec<PathBuf> = (1..4).map(|day| run(&sandbox, &format!("2026-11-2{day}T00:00:00Z"), &[])).collect();
    for (i, folder) in folders.iter().enumerate() {
        let output = verify(&sandbox, folder, &[]).exits(0);
        assert_eq!(oks(&output, "chain"), [Some(true); 2]);
        assert_eq!(oks(&output, "continuity"), if i == 0 { vec![None] } else { vec![Some(true); 7] });
    }
    let newest = verify(&sandbox, Path::new("out"), &[]).exits(0);
    assert!(
        of(&newest, "fields")[0]["subject"]
            .as_str()
            .unwrap()
            .contains(folders[2].file_name().unwrap().to_str().unwrap())
    );
    // Proofs that were kept elsewhere.
    for (i, folder) in folders.iter().enumerate() {
        sandbox.write(&format!("kept/{i}/proof.json"), std::fs::read(folder.join("proof.json")).unwrap());
    }
    // A proof before it that was changed, then one that is gone.
    let second = folders[1].join("proof.json");
    let whole = std::fs::read(&second).unwrap();
    flip(&second, whole.len() * 8 - 800);
    assert_eq!(oks(&verify(&sandbox, &folders[2], &[]).exits(1), "chain"), [Some(false), Some(true)]);
    std::fs::write(&second, &whole).unwrap();
    verify(&sandbox, &folders[2], &[]).exits(0);
    std::fs::remove_dir_all(&folders[1]).unwrap();
    let output = verify(&sandbox, &folders[2], &[]).exits(1);
    assert_eq!(of(&output, "chain")[0]["actual"], "no proof with this SHA-256");
    assert_eq!(oks(&output, "continuity"), [None]);
    verify(&sandbox, &folders[2], &["--chain", "kept"]).exits(0);
    verify(&sandbox, &folders[2], &["--chain", "nowhere"]).exits(2).says(&["nowhere"]);
}

#[test]
fn files_that_are_gone_or_compressed() {
    let sandbox = Sandbox::with_captures();
    let folder = run(&sandbox, NOW, &[]);
    let diffs = std::fs::read(folder.join("diffs.ndjson")).unwrap();
    std::fs::write(folder.join("diffs.ndjson.zst"), zstd::encode_all(diffs.as_slice(), 3).unwrap()).unwrap();
    std::fs::remove_file(folder.join("diffs.ndjson")).unwrap();
    verify(&sandbox, &folder, &[]).exits(0);
    std::fs::remove_file(folder.join("diffs.ndjson.zst")).unwrap();
    let output = verify(&sandbox, &folder, &[]).exits(1);
    assert_eq!((oks(&output, "output_sha256"), oks(&output, "counts")), (vec![None], vec![None]));
    assert!(oks(&output, "manifest").contains(&Some(false)));
    std::fs::remove_file(folder.join("proof.json")).unwrap();
    let output = verify(&sandbox, &folder, &[]).exits(3);
    assert!(output.stderr.contains("has no proof.json; its files were held against its manifest"), "{}", output.stderr);
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    verify(&sandbox, &folder, &[]).exits(3).says(&["has no proof.json"]);
    verify(&sandbox, Path::new("nothing"), &[]).exits(2).says(&["nothing", "no such file"]);
    for (text, says) in [
        ("{", "not a govctl.diff.proof/1"),
        ("{\"schema\":\"govctl.diff.proof/2\"}", "major version 2"),
        ("{\"schema\":\"govctl.diff/1\"}", "its schema is `govctl.diff/1`"),
    ] {
        std::fs::write(folder.join("proof.json"), text).unwrap();
        verify(&sandbox, &folder, &[]).exits(3).says(&[says, "proof.json"]);
    }
    std::fs::write(folder.join("proof.json"), "{\"schema\":\"govctl.diff.proof/1\"}").unwrap();
    let output = verify(&sandbox, &folder, &[]).exits(1);
    assert!(of(&output, "fields")[0]["actual"].as_str().unwrap().starts_with("missing field `run_id`"));
}

#[test]
fn types_and_key_must_be_those_of_the_run() {
    let sandbox = Sandbox::with_captures();
    sandbox.govctl(["util", "keygen", "--kind", "hmac", "--out", "k"]).exits(0);
    sandbox.govctl(["util", "keygen", "--kind", "hmac", "--out", "other"]).exits(0);
    let folder = run(&sandbox, NOW, &["--hmac-key", "k"]);
    verify(&sandbox, &folder, &[&SOURCES[..], &["--hmac-key", "k"]].concat()).exits(0);
    verify(&sandbox, &folder, &SOURCES).exits(2).says(&["hmac_key_id", "null"]);
    verify(&sandbox, &folder, &["--hmac-key", "other"]).exits(2).says(&["--hmac-key", "the given one is"]);
    let types = sandbox.read("types.yaml") + "# changed\n";
    sandbox.write("types.yaml", types);
    let output = verify(&sandbox, &folder, &[&SOURCES[..], &["--hmac-key", "k"]].concat()).exits(2);
    output.says(&["types_sha256 is a915e1728c67", "the given one is"]);
}

#[test]
fn proofs_over_digests_and_inferred_types() {
    let sandbox = Sandbox::with_captures();
    for (side, file) in [("lhs", "us"), ("rhs", "eu")] {
        let source = format!("{file}.ndjson");
        let output = sandbox.govctl(["diff", "digest", "--side", side, "--types", "types.yaml", &source]).exits(0);
        sandbox.write(&format!("{file}.digests"), &output.stdout);
    }
    let args = ["diff", "run", "--types", "types.yaml", "--digests", "us.digests", "eu.digests", "--evidence", "out"];
    sandbox.govctl(args).exits(1);
    let output = verify(&sandbox, Path::new("out"), &SOURCES).exits(0);
    assert_eq!(oks(&output, "partition_root"), [Some(true); 7]);
    let row = r#"{"tenant":"a","id":1,"name":"x","__ts_ms":1}"#;
    let line = |topic: &str| {
        format!(
            "{{\"topic\":\"{topic}\",\"partition\":0,\"offset\":0,\"timestamp\":1,\"key\":{{\"tenant\":\"a\",\"id\":1}},\"value\":{row},\"headers\":[]}}\n"
        )
    };
    sandbox.write("a.ndjson", line("us.t"));
    sandbox.write("b.ndjson", line("eu.t"));
    let sources = ["--lhs", "a.ndjson", "--rhs", "b.ndjson"];
    sandbox.govctl(["diff", "run", "--infer", "--evidence", "inferred"].iter().chain(&sources)).exits(0);
    let output = verify(&sandbox, Path::new("inferred"), &sources).exits(0);
    assert_eq!(oks(&output, "partition_root"), [Some(true); 2]);
    verify(&sandbox, Path::new("inferred"), &SOURCES).exits(2).says(&["the proof's types_sha256 is null"]);
}
