//! `govctl diff verify` with the sources: the run is made again, and what agrees only with itself is found.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{Output, Sandbox};
use crate::run_pipes::prepared;
use crate::verify::{NOW, SOURCES, of, oks, run, verify};

const RERUN: [&str; 2] = ["--require", "rerun"];

fn sha(path: &Path) -> String {
    govctl::text::sha256_hex(&std::fs::read(path).unwrap())
}

/// Changes files of a run as somebody would who brings all digests of the folder in line.
fn forge(folder: &Path, changes: &[(&str, &str, &str)]) {
    let replace = |name: &str, from: &str, to: &str| {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {name}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    };
    let digest = |name: &str| sha(&folder.join(name));
    let (diffs, proof, manifest) = (digest("diffs.ndjson"), digest("proof.json"), digest("manifest.json"));
    changes.iter().for_each(|(name, from, to)| replace(name, from, to));
    replace("proof.json", &diffs, &digest("diffs.ndjson"));
    replace("manifest.json", &diffs, &digest("diffs.ndjson"));
    replace("manifest.json", &proof, &digest("proof.json"));
    replace("../chains/_.json", &manifest, &digest("manifest.json"));
}

/// The line of diffs.ndjson about this key, with its newline.
fn line_of(folder: &Path, id: &str) -> String {
    let text = std::fs::read_to_string(folder.join("diffs.ndjson")).unwrap();
    let found: Vec<&str> = text.split_inclusive('\n').filter(|l| l.contains(&format!("\"id\":\"{id}\""))).collect();
    assert_eq!(found.len(), 1, "{id}");
    found[0].to_owned()
}

fn failed(output: &Output) -> Vec<[String; 4]> {
    let text = |v: &Value, field: &str| v[field].as_str().unwrap().to_owned();
    let records = output.of_type("govctl.diff.verify/1");
    let failed = records.iter().filter(|r| r["ok"] == false);
    failed.map(|r| ["check", "subject", "expected", "actual"].map(|f| text(r, f))).collect()
}

fn with_sources(sandbox: &Sandbox, folder: &Path, code: i32) -> Output {
    verify(sandbox, folder, &SOURCES).exits(code)
}

#[test]
fn a_dropped_diff_is_found_though_all_digests_agree() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    // 10007 is missing in the EU copy: without it 17 diffs are left, 8 of them missing, and 284 keys are well.
    let dropped = line_of(&folder, "10007");
    let counts = [("\"diff\":18", "\"diff\":17"), ("\"missing\":9", "\"missing\":8"), ("\"ok\":283", "\"ok\":284")];
    let in_both = ["proof.json", "manifest.json"].into_iter().flat_map(|f| counts.map(|(from, to)| (f, from, to)));
    let changes: Vec<_> = std::iter::once(("diffs.ndjson", dropped.as_str(), "")).chain(in_both).collect();
    forge(&folder, &changes);
    assert_eq!(failed(&verify(&s, &folder, &[]).exits(0)), Vec::<[String; 4]>::new(), "it agrees with itself");
    verify(&s, &folder, &RERUN).exits(1);
    let found = failed(&with_sources(&s, &folder, 1));
    let [records, proof] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&*records[0], &*records[1]), ("rerun", "diffs.ndjson"));
    assert!(records[3].ends_with("rev 0 (cora/10007 audit, missing open)"), "{records:?}");
    let id = serde_json::from_str::<Value>(&dropped).unwrap()["diff_id"].as_str().unwrap().to_owned();
    assert!(records[3].starts_with(&format!("diff_id {id} ")), "{records:?}");
    assert!(records[2].ends_with("rev 0 (dune/10008 audit, mismatch open)"), "the next record: {records:?}");
    assert_eq!(proof[..], ["rerun", "proof.json", "counts.diff 17", "counts.diff 18"].map(String::from));
}

#[test]
fn changed_and_added_records_are_named() {
    let s = Sandbox::with_captures();
    let folder = run(&s, NOW, &[]);
    let files = ["diffs.ndjson", "proof.json", "manifest.json", "../chains/_.json"];
    let whole: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(folder.join(f)).unwrap()).collect();
    let records = |changes: &[(&str, &str, &str)]| {
        files.iter().zip(&whole).for_each(|(f, bytes)| std::fs::write(folder.join(f), bytes).unwrap());
        forge(&folder, changes);
        let found = failed(&with_sources(&s, &folder, 1));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    };
    let line = line_of(&folder, "10008");
    let changed = line.replace("\"cols\":[\"amount\"]", "\"cols\":[\"actor\"]");
    let [_, subject, held, again] = records(&[("diffs.ndjson", &line, &changed)]);
    assert_eq!(subject, "diffs.ndjson");
    assert!(held.ends_with("(dune/10008 audit, mismatch open): cols [\"actor\"]"), "{held}");
    assert!(again.ends_with("(dune/10008 audit, mismatch open): cols [\"amount\"]"), "{again}");
    // A finding of the run that was made a milder one.
    let loss = "\"code\":\"capture_loss\",\"severity\":\"warning\"";
    let [_, _, held, again] = records(&[("diffs.ndjson", loss, &loss.replace("warning", "note"))]);
    assert!(held.starts_with("finding capture_loss of ") && held.ends_with(": severity \"note\""), "{held}");
    assert!(again.ends_with(": severity \"warning\""), "{again}");
    // A record at the end that the sources do not give.
    let text = String::from_utf8(whole[0].clone()).unwrap();
    let last = text.split_inclusive('\n').next_back().unwrap();
    let more = format!("{last}{}", "{\"schema\":\"govctl.more/1\"}\n");
    let [_, _, held, again] = records(&[("diffs.ndjson", last, &more)]);
    assert_eq!((held.as_str(), again.as_str()), ("a record of type govctl.more/1", "no record"));
    // What only the proof says: the lags, and how the run was asked.
    let [_, subject, held, again] =
        records(&[("proof.json", "\"stalled_ms\":{\"lhs\":0", "\"stalled_ms\":{\"lhs\":7")]);
    assert_eq!((&*subject, &*held, &*again), ("proof.json", "stalled_ms.lhs 7", "stalled_ms.lhs 0"));
    let [_, subject, held, again] = records(&[("manifest.json", "\"outcome\":1", "\"outcome\":4")]);
    assert_eq!((&*subject, &*held, &*again), ("outcome", "4", "1"));
}

#[test]
fn the_settings_of_the_run_are_those_of_the_rerun() {
    let s = prepared();
    let mut day = 0;
    let mut run_with = |more: &[&str]| {
        day += 1;
        run(&s, &format!("2026-11-{}T00:00:00Z", 24 + day), more)
    };
    let rerun = |folder: &PathBuf, more: &[&str]| {
        let output = verify(&s, folder, &[&SOURCES[..], &RERUN, more].concat()).exits(0);
        of(&output, "rerun")[0]["actual"].as_str().unwrap().to_owned()
    };
    let usual = rerun(&run_with(&[]), &[]);
    // Within two minutes nothing opened that came after 76 seconds: three records less.
    let patient = rerun(&run_with(&["--grace", "2m", "--late-max", "1h", "--fail-on", "late"]), &[]);
    let n = |text: &str| text.strip_suffix(" records").unwrap().parse::<u64>().unwrap();
    assert_eq!(n(&patient), n(&usual) - 3);
    for more in [
        &["--at-end", "hold", "--disorder", "10s"][..],
        &["--late-after", "10s", "--fail-on", "never"],
        &["--grace", "5s", "--allow-inconclusive", "--allow-poison"],
    ] {
        rerun(&run_with(more), &[]);
    }
    let folder = run_with(&["--exceptions", "exceptions.yaml"]);
    let without = verify(&s, &folder, &SOURCES).exits(0);
    assert_eq!(of(&without, "rerun")[0]["actual"], "the run had an exception list; give it as --exceptions");
    rerun(&folder, &["--exceptions", "exceptions.yaml"]);
    s.write("other.yaml", s.read("exceptions.yaml") + "# changed\n");
    let other = [&SOURCES[..], &["--exceptions", "other.yaml"]].concat();
    verify(&s, &folder, &other).exits(2).says(&["--exceptions: the proof's exceptions_sha256 is "]);
}

#[test]
fn recordings_may_lie_elsewhere_and_hold_unreadable_lines() {
    let s = prepared();
    let us = s.read("us.ndjson");
    let at = us.find('\n').unwrap() + 1;
    s.write("us.ndjson", format!("{}{{broken\n{}", &us[..at], &us[at..]));
    let run = s.govctl(["diff", "run", "--evidence", "out"].iter().chain(&SOURCES)).exits(3);
    assert_eq!(run.of_type("govctl.finding/1").iter().filter(|f| f["code"] == "unreadable").count(), 1);
    s.write("kept/lhs.zst", zstd::encode_all(s.read("us.ndjson").as_bytes(), 3).unwrap());
    let args = ["--types", "types.yaml", "--lhs", "kept/lhs.zst", "--rhs", "eu.ndjson", "--require", "rerun"];
    verify(&s, Path::new("out"), &args).exits(0);
}

#[test]
fn what_cannot_be_made_again_is_no_pass_and_no_failure() {
    let s = prepared();
    let why = |folder: &Path, more: &[&str]| {
        let output = verify(&s, folder, more).exits(0);
        assert_eq!(oks(&output, "rerun"), [None]);
        verify(&s, folder, &[more, &RERUN].concat()).exits(1);
        of(&output, "rerun")[0]["actual"].as_str().unwrap().to_owned()
    };
    let folder = run(&s, NOW, &[]);
    assert!(why(&folder, &[]).starts_with("give the recordings of both sides"));
    assert!(why(&folder, &["--lhs", "us.ndjson"]).starts_with("give the recordings of both sides"));
    // A recording that goes on after the run.
    let eu = s.read("eu.ndjson");
    let last = eu.lines().rfind(|l| l.contains("\"partition\":0")).unwrap();
    let offset: u64 = serde_json::from_str::<Value>(last).unwrap()["offset"].as_u64().unwrap();
    let next = last.replacen(&format!("\"offset\":{offset}"), &format!("\"offset\":{}", offset + 1), 1);
    s.write("longer.ndjson", format!("{eu}{next}\n"));
    let longer = ["--lhs", "us.ndjson", "--rhs", "longer.ndjson"];
    assert_eq!(why(&folder, &longer), "the sources hold records outside the ranges of the proof");
    let piped = s.bash(&format!("govctl diff verify {} --lhs us.ndjson --rhs - < eu.ndjson", folder.to_str().unwrap()));
    let output = piped.exits(0);
    assert_eq!(of(&output, "rerun")[0]["actual"], "the run read its sources twice, which only files allow");
    // A run that read a pipe named no columns, and is made again without them.
    s.bash("govctl diff run --evidence piped --types types.yaml --lhs us.ndjson --rhs - < eu.ndjson || test $? = 1")
        .exits(0);
    verify(&s, Path::new("piped"), &[&SOURCES[..], &RERUN].concat()).exits(0);
    for (side, file) in [("lhs", "us"), ("rhs", "eu")] {
        let source = format!("{file}.ndjson");
        let output = s.govctl(["diff", "digest", "--side", side, "--types", "types.yaml", &source]).exits(0);
        s.write(&format!("{file}.digests"), &output.stdout);
    }
    s.govctl(["diff", "run", "--types", "types.yaml", "--digests", "us.digests", "eu.digests", "--evidence", "far"])
        .exits(1);
    assert!(why(Path::new("far"), &SOURCES).starts_with("the run read digest streams"));
}
