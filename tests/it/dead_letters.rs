//! Records that could not be read, as they came: in the file that was asked for, and in the evidence.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::audit::*;
use crate::common::{Output, Sandbox};
use crate::run_pipes::prepared;
use crate::verify::{SOURCES, of, verify};

const NAME: &str = "dead_letters.ndjson";

/// us.ndjson of which line 2 is garbage, and at the end another record has the offset of line 5.
fn damaged() -> Sandbox {
    let s = prepared();
    let us = s.read("us.ndjson");
    let mut lines: Vec<&str> = us.lines().collect();
    lines.insert(1, "{broken");
    let other = lines[4].replacen("\"actor\":\"", "\"actor\":\"z", 1);
    lines.push(&other);
    s.write("us.ndjson", lines.iter().map(|l| format!("{l}\n")).collect::<String>());
    s
}

/// `line record` of each letter.
fn letters(text: &str) -> Vec<(u64, String)> {
    let of = |line: &str| {
        let letter: Value = serde_json::from_str(line).unwrap();
        assert_eq!((letter["file"].as_str(), letter["cause"].is_string()), (Some("us.ndjson"), true), "{letter}");
        (letter["line"].as_u64().unwrap(), letter["record"].as_str().unwrap().to_owned())
    };
    text.lines().map(of).collect()
}

fn run_damaged(s: &Sandbox, more: &[&str]) -> Output {
    s.govctl(["diff", "run"].iter().chain(&SOURCES).chain(more)).exits(3)
}

#[test]
fn the_evidence_keeps_what_the_file_gets() {
    let s = damaged();
    let lines = s.read("us.ndjson");
    let lines: Vec<&str> = lines.lines().collect();
    let expected = vec![(2, "{broken".to_owned()), (329, lines[328].to_owned())];
    // In the evidence alone, in the file alone, and in both.
    run_damaged(&s, &["--evidence", "out"]);
    let kept = evidence_files(&s, "out")[NAME].clone();
    assert_eq!(letters(std::str::from_utf8(&kept).unwrap()), expected);
    run_damaged(&s, &["--dead-letter", "dead"]);
    assert_eq!(s.read("dead").as_bytes(), kept);
    run_damaged(&s, &["--dead-letter", "both", "--evidence", "second"]);
    assert_eq!((s.read("both").as_bytes(), &evidence_files(&s, "second")[NAME]), (&kept[..], &kept));
    let folder = evidence(&s, "out");
    let manifest: Value = serde_json::from_str(&s.read(&format!("{folder}/manifest.json"))).unwrap();
    let subject = manifest["subject"].as_array().unwrap().iter().find(|s| s["name"] == NAME).unwrap();
    assert_eq!(subject["digest"]["sha256"], govctl::text::sha256_hex(&kept));
    for path in [Path::new(&folder).join(NAME), s.path("dead")] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn lines_of_compressed_files_and_pipes_are_kept_too() {
    let s = damaged();
    run_damaged(&s, &["--dead-letter", "dead"]);
    let expected = s.read("dead");
    s.write("us.gz", gzip(s.read("us.ndjson").as_bytes()));
    let args = ["diff", "run", "--types", "types.yaml", "--rhs", "eu.ndjson", "--evidence", "out", "--lhs"];
    s.govctl(args.iter().chain(&["us.gz"])).exits(3);
    let of = |root: &str| String::from_utf8(evidence_files(&s, root)[NAME].clone()).unwrap();
    assert_eq!(of("out"), expected.replace("us.ndjson", "us.gz"));
    s.bash("govctl diff run --types types.yaml --rhs eu.ndjson --evidence piped --lhs - < us.ndjson").exits(3);
    assert_eq!(of("piped"), expected.replace("us.ndjson", "-"));
}

#[test]
fn a_run_without_unreadable_records_holds_no_rows() {
    let s = prepared();
    s.govctl(["diff", "run", "--evidence", "out", "--dead-letter", "dead"].iter().chain(&SOURCES)).exits(1);
    assert!(!evidence_files(&s, "out").contains_key(NAME));
    assert_eq!(s.read("dead"), "", "the file that was asked for says that there are none");
}

#[test]
fn digest_keeps_them_in_its_evidence() {
    let s = damaged();
    let digest = ["diff", "digest", "--side", "lhs", "--types", "types.yaml", "us.ndjson", "--evidence", "out"];
    s.govctl(digest).exits(3);
    assert_eq!(letters(std::str::from_utf8(&evidence_files(&s, "out")[NAME]).unwrap()).len(), 2);
    let checked = verify(&s, Path::new("out"), &[]).exits(3);
    let listed = of(&checked, "manifest").into_iter().find(|r| r["subject"] == NAME).unwrap();
    assert_eq!(listed["ok"], true);
}

#[test]
fn an_interrupted_run_lists_what_it_had() {
    let s = damaged();
    let mut call = s.govctl(["diff", "run", "--types", "types.yaml", "--lhs", "-", "--rhs", "eu.ndjson"]);
    call.command.args(["--evidence", "out"]).stdin(std::process::Stdio::piped());
    let mut child =
        call.command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // A batch is 512 records: the garbage is read with the first one.
    let more = multiplied(3);
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, format!("{}{more}", s.read("us.ndjson")).as_bytes()).unwrap();
    let mut told = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("-:2: ") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut told, &mut line).unwrap() > 0, "the garbage was not reported");
    }
    s.bash(&format!("kill -INT {}", child.id())).exits(0);
    child.wait().unwrap();
    drop(stdin);
    let files = evidence_files(&s, "out");
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["predicate"]["complete"], false);
    let subject = manifest["subject"].as_array().unwrap().iter().find(|s| s["name"] == NAME).unwrap();
    assert_eq!(subject["digest"]["sha256"], govctl::text::sha256_hex(&files[NAME]));
    assert!(String::from_utf8_lossy(&files[NAME]).contains("{broken"));
}

#[test]
fn verify_holds_them_against_manifest_and_counts() {
    let s = damaged();
    run_damaged(&s, &["--evidence", "out"]);
    let path = Path::new(&evidence(&s, "out")).join(NAME);
    let whole = std::fs::read(&path).unwrap();
    let checks = |code: i32| {
        let output = verify(&s, Path::new("out"), &SOURCES).exits(code);
        let of = |check: &str| {
            let found = of(&output, check).into_iter().find(|r| r["subject"] == NAME).unwrap();
            (found["ok"].as_bool(), found["actual"].as_str().unwrap().to_owned())
        };
        (of("counts"), of("manifest"))
    };
    let (counts, manifest) = checks(0);
    assert_eq!((counts, manifest.0), ((Some(true), "poison 2".into()), Some(true)));
    // A letter that was taken out, and one that was changed.
    let first = String::from_utf8(whole.clone()).unwrap().split_inclusive('\n').next().unwrap().to_owned();
    std::fs::write(&path, &first).unwrap();
    let (counts, manifest) = checks(1);
    assert_eq!((counts, manifest.0), ((Some(false), "poison 1".into()), Some(false)));
    std::fs::write(&path, String::from_utf8(whole.clone()).unwrap().replacen("broken", "BROKEN", 1)).unwrap();
    let (counts, manifest) = checks(1);
    assert_eq!((counts.0, manifest.0), (Some(true), Some(false)));
    // The evidence may leave the region without them: that is said, and it is no pass of that check.
    std::fs::remove_file(&path).unwrap();
    let (counts, manifest) = checks(0);
    assert_eq!(counts, (None, "no dead letters beside the proof".into()));
    assert_eq!(manifest, (None, "taken out of the folder".into()));
    verify(&s, Path::new("out"), &["--require", "manifest"]).exits(1);
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    assert_eq!(checks(1).1, (Some(false), "a symbolic link".into()));
}
