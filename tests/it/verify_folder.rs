//! `govctl diff verify` and the folder of a run: other files, links, the exit code, the chain file, broken-off runs.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Output, Sandbox};
use crate::run_pipes::{prepared, waiting};
use crate::verify::{NOW, SOURCES, of, oks, run, verify};

fn subject(output: &Output, check: &str, subject: &str) -> Value {
    let found: Vec<Value> = of(output, check).into_iter().filter(|r| r["subject"] == subject).collect();
    assert_eq!(found.len(), 1, "{check} of {subject}: {}", output.text());
    found[0].clone()
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_outcome_follows_from_the_counts() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    let manifest = folder.join("manifest.json");
    let with = |outcome: &str, more: &[&str]| {
        change(&manifest, "\"outcome\":1", &format!("\"outcome\":{outcome}"));
        let output = verify(&s, &folder, more).run();
        change(&manifest, &format!("\"outcome\":{outcome}"), "\"outcome\":1");
        let found = subject(&output, "manifest", "outcome");
        (found["ok"].as_bool(), found["actual"].as_str().unwrap().to_owned())
    };
    assert_eq!(with("0", &[]), (Some(false), "1".into()));
    assert_eq!(with("70", &[]), (Some(false), "1".into()));
    for unseen in ["3", "4"] {
        let (ok, actual) = with(unseen, &[]);
        assert_eq!((ok, &actual[..21]), (None, "1 by the counts; only"), "a cut source shows in no count");
        assert_eq!(with(unseen, &SOURCES), (Some(false), "1".into()));
    }
    let lenient = run(&s, NOW, &["--fail-on", "never"]);
    assert_eq!(subject(&verify(&s, &lenient, &[]).exits(0), "manifest", "outcome")["actual"], "0");
}

#[test]
fn files_that_the_manifest_does_not_list_are_found() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    for name in ["notes.txt", ".hidden", "diffs.ndjson.gz", "more/x"] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "x").unwrap();
        let shown = name.split('/').next().unwrap();
        let output = verify(&s, &folder, &[]).exits(1);
        assert_eq!(subject(&output, "manifest", shown)["actual"], "not listed");
        std::fs::remove_file(&path).unwrap();
        let _ = std::fs::remove_dir(folder.join("more"));
    }
    verify(&s, &folder, &[]).exits(0);
}

#[test]
fn links_are_refused() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    for name in ["diffs.ndjson", "types.yaml", "proof.json", "manifest.json"] {
        let path = folder.join(name);
        std::fs::rename(&path, s.path("elsewhere")).unwrap();
        std::os::unix::fs::symlink(s.path("elsewhere"), &path).unwrap();
        let output = verify(&s, &folder, &[]).exits(1);
        assert_eq!(subject(&output, "manifest", name)["actual"], "a symbolic link");
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(s.path("elsewhere"), &path).unwrap();
    }
    // A link with the name of a compressed output is no way around it.
    std::fs::rename(folder.join("diffs.ndjson"), s.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(s.path("elsewhere"), folder.join("diffs.ndjson.gz")).unwrap();
    let output = verify(&s, &folder, &[]).exits(1);
    assert_eq!(of(&output, "output_sha256")[0]["actual"], "a symbolic link");
}

#[test]
fn the_chain_file_must_lead_to_the_run() {
    let s = Sandbox::with_captures();
    let folders: Vec<_> = (1..4).map(|day| run(&s, &format!("2026-11-2{day}T00:00:00Z"), &[])).collect();
    let path = s.path("out/chains/_.json");
    let whole = s.read("out/chains/_.json");
    let head: Value = serde_json::from_str(&whole).unwrap();
    let check = |target: &Path, code| {
        let found = subject(&verify(&s, target, &[]).exits(code), "chain", "chains/_.json");
        (found["ok"].as_bool(), found["actual"].as_str().unwrap().to_owned())
    };
    for folder in &folders {
        assert_eq!(check(folder, 0).0, Some(true));
    }
    let edited = |field: &str, value: Value| {
        let mut head = head.clone();
        head[field] = value;
        std::fs::write(&path, head.to_string()).unwrap();
        let found = check(&folders[0], 1);
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(found.0, Some(false), "{field}");
        found.1
    };
    edited("sha256", json!("00".repeat(32)));
    edited("prev", Value::Null);
    assert_eq!(edited("run_id", json!("another")), "no such run in the folder");
    std::fs::write(&path, "{}").unwrap();
    assert!(check(&folders[0], 1).1.starts_with("damaged: "));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(check(&folders[0], 1), (Some(false), "no such file".into()));
    std::fs::write(&path, &whole).unwrap();
    // The newest run taken away, then one in the middle: the chain breaks off between it and the first.
    std::fs::rename(&folders[2], s.path("newest")).unwrap();
    assert_eq!(check(&folders[0], 1), (Some(false), "no such run in the folder".into()));
    std::fs::rename(s.path("newest"), &folders[2]).unwrap();
    std::fs::create_dir(s.path("away")).unwrap();
    std::fs::rename(&folders[1], s.path("away/run")).unwrap();
    let (ok, why) = check(&folders[0], 0);
    assert_eq!((ok, why.starts_with("the chain breaks off at manifest ")), (None, true), "{why}");
    // A run directory on its own.
    let alone = verify(&s, Path::new("away/run"), &[]).run();
    assert_eq!(subject(&alone, "chain", "chains/_.json")["actual"], "the run lies in no evidence folder");
}

/// Only a proof on its own may be without one.
#[test]
fn a_run_without_its_manifest_is_no_evidence() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    let output = verify(&s, &folder, &[]).exits(1);
    assert_eq!(subject(&output, "manifest", "manifest.json")["ok"], false);
    let proof = verify(&s, &folder.join("proof.json"), &[]).exits(0);
    assert_eq!(subject(&proof, "manifest", "manifest.json")["ok"], Value::Null);
}

/// A crash between the chain file and the last rename.
#[test]
fn a_run_that_lacked_only_its_name_is_put_in_place() {
    let s = Sandbox::with_captures();
    run(&s, "2026-11-21T00:00:00Z", &[]);
    let second = run(&s, "2026-11-22T00:00:00Z", &[]);
    let temp = s.path(&format!("out/.{}.1.tmp", second.file_name().unwrap().to_str().unwrap()));
    std::fs::rename(&second, &temp).unwrap();
    let third = || s.govctl(["diff", "run", "--evidence", "out", "--now", NOW].iter().chain(&SOURCES)).exits(1);
    third();
    assert!(second.join("manifest.json").exists() && !temp.exists());
    verify(&s, Path::new("out"), &["--require", "chain"]).exits(0);
    // Made again, a run takes its own place in the chain.
    let head: Value = serde_json::from_str(&s.read("out/chains/_.json")).unwrap();
    let manifest = s.path("out").join(head["run_id"].as_str().unwrap()).join("manifest.json");
    change(&manifest, "\"complete\":true", "\"complete\":false");
    third();
    let again: Value = serde_json::from_str(&s.read("out/chains/_.json")).unwrap();
    assert_eq!(again, head);
    verify(&s, Path::new("out"), &["--require", "chain"]).exits(0);
}

#[test]
fn an_interrupted_run_is_called_by_its_name() {
    let s = prepared();
    let mut child = waiting(&s);
    s.bash(&format!("kill -INT {}", child.id())).exits(0);
    child.wait().unwrap();
    let output = verify(&s, Path::new("out"), &[]).exits(3);
    assert!(output.stderr.contains("the run was interrupted, so its evidence is incomplete"), "{}", output.stderr);
    assert!(!output.stderr.contains("has no proof.json"), "{}", output.stderr);
    // A page of a CI system is not green.
    let junit = verify(&s, Path::new("out"), &["--format", "junit"]).exits(3);
    assert!(junit.text().contains("tests=\"1\" failures=\"1\"") && junit.text().contains("run_unfinished"));
    assert!(junit.text().contains("the run was interrupted, so its evidence is incomplete"), "{}", junit.text());
    let github = verify(&s, Path::new("out"), &["--format", "github"]).exits(3);
    assert!(github.text().starts_with("::error ") && github.text().contains("was interrupted"), "{}", github.text());
    assert_eq!(subject(&output, "manifest", "manifest.json")["ok"], Value::Null);
    assert_eq!(subject(&output, "manifest", "diffs.ndjson")["ok"], true);
    let folder = std::fs::read_dir(s.path("out")).unwrap().map(|e| e.unwrap().path());
    let folder = folder.into_iter().find(|f| f.join("manifest.json").exists()).unwrap();
    std::fs::write(folder.join("diffs.ndjson"), "{}\n").unwrap();
    let output = verify(&s, &folder, &[]).exits(3);
    assert_eq!(subject(&output, "manifest", "diffs.ndjson")["ok"], false);
    // An older run that is whole stands in for it, and that is said.
    run(&s, "2026-01-01T00:00:00Z", &[]);
    let output = verify(&s, Path::new("out"), &[]).exits(0);
    assert!(output.stderr.contains("was interrupted; the newest complete run is verified"), "{}", output.stderr);
    assert_eq!(oks(&output, "fields"), [Some(true)]);
}

#[test]
fn evidence_of_another_command_has_no_proof() {
    let s = prepared();
    s.govctl(["diff", "run", "--no-run-records"].iter().chain(&SOURCES)).exits(1);
    s.govctl(["diff", "triage", "--exceptions", "exceptions.yaml", "--check", "--evidence", "t"]).run();
    let output = verify(&s, Path::new("t"), &[]).exits(3);
    assert!(output.stderr.contains("has no proof.json; its files were held against its manifest"), "{}", output.stderr);
    assert_eq!(subject(&output, "manifest", "triage.ndjson")["ok"], true);
}

#[test]
fn a_run_behind_the_sources_gets_a_hint() {
    let s = Sandbox::with_captures();
    run(&s, NOW, &[]);
    let args = ["diff", "verify", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "out"];
    let output = s.govctl(args).exits(2);
    output.says(&[
        "the run to verify is missing",
        "--rhs takes all names that follow it, also `out`",
        "verify out --lhs",
    ]);
    s.govctl(["diff", "verify"]).exits(2).says(&["the run to verify is missing", "govctl diff verify RUN_DIR"]);
}
