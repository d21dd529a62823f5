//! Streams and recordings of which something is missing: it is said, and nothing is concluded from it.

use std::process::Stdio;

use serde_json::Value;

use crate::audit::*;
use crate::common::{Output, Sandbox};

fn lines(all: &[String]) -> String {
    all.iter().map(|l| format!("{l}\n")).collect()
}

/// The two digest streams of the captures as lhs.d and rhs.d.
fn digested() -> Sandbox {
    let s = Sandbox::with_captures();
    for (side, source) in [("lhs", "us.ndjson"), ("rhs", "eu.ndjson")] {
        let args = ["diff", "digest", "--now", NOW, "--side", side, "--types", "types.yaml", source];
        let output = s.govctl(args).exits(0);
        output.records();
        s.write(&format!("{side}.d"), output.stdout);
    }
    s
}

fn by_digests(s: &Sandbox, lhs: &str, rhs: &str, more: &[&str]) -> Output {
    let args = ["diff", "run", "--now", NOW, "--types", "types.yaml", "--digests", lhs, rhs];
    s.govctl(args.iter().chain(more)).run()
}

fn is_run(line: &str) -> bool {
    line.starts_with("{\"schema\":\"govctl.run/1\"")
}

/// Records of the US capture in the table's partition.
fn records_in(partition: u64) -> usize {
    let of = |l: &&str| {
        let head: Value = serde_json::from_str(l).unwrap();
        head["topic"] == "audit.US.audit_events.mirror" && head["partition"] == partition
    };
    text(US).lines().filter(of).count()
}

/// A gap: exit 3, its finding, no verdict, no key called equal that was not, and no complete evidence.
fn is_a_gap(s: &Sandbox, lhs: &str, rhs: &str, subject: &str, says: &str) {
    let _ = std::fs::remove_dir_all(s.path("gap"));
    let output = by_digests(s, lhs, rhs, &["--evidence", "gap"]);
    assert_eq!(output.code, Some(3), "{subject}: {}", output.stderr);
    assert!(output.stderr.contains(says), "`{says}` is not in\n{}", output.stderr);
    let records = output.records();
    assert!(findings(&records).iter().any(|f| f == subject), "{subject} is not in {:?}", findings(&records));
    assert_eq!(diffs(&records), Vec::<Value>::new(), "{subject}");
    let c = counts(&records);
    assert_eq!((c["diff"], c["late"]), (0, 0));
    assert!(c["cut"] > 0 && c["inconclusive"] >= 18 && c["ok"] <= 283, "{c:?}");
    assert_eq!(manifest(s, "gap")["predicate"]["complete"], false);
}

fn manifest(s: &Sandbox, root: &str) -> Value {
    serde_json::from_slice(&evidence_files(s, root)["manifest.json"]).unwrap()
}

#[test]
fn a_digest_that_did_not_arrive_is_a_gap() {
    let s = digested();
    let whole = by_digests(&s, "lhs.d", "rhs.d", &["--evidence", "whole"]);
    assert_eq!((whole.code, manifest(&s, "whole")["predicate"]["complete"].clone()), (Some(1), true.into()));
    let lhs = s.read("lhs.d");
    let all: Vec<&str> = lhs.lines().collect();
    let at = all.iter().position(|l| l.contains("\"id\":\"10000\"")).unwrap();
    let digest: Value = serde_json::from_str(all[at]).unwrap();
    let partition = digest["partition"].as_u64().unwrap();
    let (subject, n) = (format!("audit.US.audit_events.mirror/{partition}"), records_in(partition));
    let finding = format!("digest_gap lhs {subject}");
    let arrived = format!("{subject}: {} records arrived of {n}", n - 1);
    let write = |name: &str, keep: &dyn Fn(usize, &str) -> Option<String>| {
        let kept = all.iter().enumerate().filter_map(|(i, l)| keep(i, l)).collect::<Vec<_>>();
        s.write(name, lines(&kept));
    };
    // With its run records, whose digest is that of all lines, and bare.
    write("run.d", &|i, l| (i != at).then(|| l.to_owned()));
    is_a_gap(&s, "run.d", "rhs.d", &finding, &arrived);
    is_a_gap(&s, "run.d", "rhs.d", "digest_gap lhs lhs", "the lines before this end record are not those");
    write("bare.d", &|i, l| (i != at && !is_run(l)).then(|| l.to_owned()));
    is_a_gap(&s, "bare.d", "rhs.d", &finding, &arrived);
    assert_ne!(proof(&s, "gap")["root"], proof(&s, "whole")["root"]);
    // One hex digit of one digest, and a tombstone taken for a control record.
    let changed = |from: &str, to: &str| {
        let mut once = Some(());
        let mut out = Vec::new();
        for l in all.iter().filter(|l| !is_run(l)) {
            let edited =
                if l.contains(from) && once.take().is_some() { l.replacen(from, to, 1) } else { (*l).to_owned() };
            out.push(edited);
        }
        s.write("changed.d", lines(&out));
    };
    let sha = digest["sha256"].as_str().unwrap();
    changed(sha, &format!("{}{}", if sha.starts_with('0') { '1' } else { '0' }, &sha[1..]));
    is_a_gap(&s, "changed.d", "rhs.d", &finding, "`sha256` is not the digest of `base_sha256` and `toast`");
    changed("\"class\":\"tombstone\"", "\"class\":\"control\"");
    let output = by_digests(&s, "changed.d", "rhs.d", &[]);
    assert_eq!(output.code, Some(3));
    assert!(output.stderr.contains("have the root"), "{}", output.stderr);
    // A whole partition, its progress included: the decode record knows how many digests there were.
    let gone = format!("\"topic\":\"audit.US.audit_events.mirror\",\"partition\":{partition},");
    write("gone.d", &|_, l| (!is_run(l) && !l.contains(&gone)).then(|| l.to_owned()));
    is_a_gap(&s, "gone.d", "rhs.d", "digest_gap lhs lhs", "emitted and holds");
    // Without the sealed progress there is no root to hold what arrived against.
    write("unsealed.d", &|_, l| (!is_run(l) && !l.contains("\"sealed\":true")).then(|| l.to_owned()));
    is_a_gap(&s, "unsealed.d", "rhs.d", &finding, "its sealed progress record did not arrive");
}

#[test]
fn a_bare_digest_stream_and_tombstones_between_digests_give_the_same_root() {
    let s = digested();
    for side in ["lhs", "rhs"] {
        let whole = s.read(&format!("{side}.d"));
        assert!(whole.contains("\"between\":[{\"class\":\"tombstone\""), "the captures hold tombstones");
        let bare: Vec<String> = whole.lines().filter(|l| !is_run(l)).map(str::to_owned).collect();
        s.write(&format!("{side}.bare"), lines(&bare));
    }
    let output = by_digests(&s, "lhs.bare", "rhs.bare", &["--evidence", "bare"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &["--evidence", "fused"]).exits(1);
    let (bare, fused) = (proof(&s, "bare"), proof(&s, "fused"));
    assert_eq!((&bare["root"], &bare["partitions"]), (&fused["root"], &fused["partitions"]));
    assert_eq!(bare["counts"], fused["counts"]);
}

#[test]
fn a_cut_digest_stream_gives_no_verdicts() {
    let s = digested();
    let cut: String = s.read("rhs.d").lines().take(100).map(|l| format!("{l}\n")).collect();
    s.write("cut.d", cut);
    is_a_gap(&s, "lhs.d", "cut.d", "digest_gap rhs rhs", "has no end record");
}

/// A gzip file of which one member is whole and of the next only the beginning came.
fn cut_gzip(text: &str) -> Vec<u8> {
    let next = gzip(b"what lies behind");
    [gzip(text.as_bytes()), next[..next.len() / 2].to_vec()].concat()
}

/// lhs was read up to 100 s, so up to 98 s nothing can be missing from it.
#[test]
fn nothing_is_called_missing_behind_a_cut() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let us = [event("US.t", 0, 0, 1, "a"), event("US.t", 1, 1_000, 4, "a"), event("US.t", 2, 100_000, 9, "a")];
    let eu = [
        event("EU.t", 0, 0, 1, "a"),
        event("EU.t", 1, 20_000, 2, "a"),  // due at 65 s: proved
        event("EU.t", 2, 80_000, 3, "a"),  // due at 125 s: not known
        event("EU.t", 3, 100_000, 9, "a"), // agrees
        event("EU.t", 4, 200_000, 5, "a"),
    ];
    s.write("eu", lines(&eu));
    s.write("us.gz", cut_gzip(&lines(&us)));
    s.write("us.nd", format!("{}{{\"topic\":\"US.t\",\"parti", lines(&us)));
    for (name, says) in [
        ("us.gz", "us.gz:4: the compressed stream ends early"),
        ("us.nd", "us.nd:4: the recording ends in the middle of this line"),
    ] {
        for mode in [&["--at-end", "final"], &["--at-end", "hold"]] {
            let _ = std::fs::remove_dir_all(s.path("out"));
            let output = run(&s, "t.yaml", name, "eu", &[mode, &["--evidence", "out"][..]].concat()).exits(3);
            assert!(output.stderr.contains(says), "{}", output.stderr);
            let records = output.records();
            // Key 4 is missing in EU, which was read to its end: due at 46 s.
            let found: Vec<String> = open(&records).into_keys().collect();
            assert_eq!(found, ["acme/2", "acme/4"], "{name} {mode:?}");
            assert_eq!(open(&records)["acme/2"]["read_to"], serde_json::json!(["US.t/0/2"]));
            let c = counts(&records);
            // 3 and 5 are undecided; with `hold` the grace period of 5, due at 245 s, still runs.
            let pending = u64::from(mode[1] == "hold");
            assert_eq!((c["cut"], c["poison"], c["ok"], c["diff"]), (1, 0, 2, 2));
            assert_eq!((c["inconclusive"], c["pending"]), (2 - pending, pending));
            assert!(findings(&records).contains(&format!("input_cut lhs {name}")), "{:?}", findings(&records));
            assert_eq!(proof(&s, "out")["counts"]["cut"], 1);
            assert_eq!(manifest(&s, "out")["predicate"]["complete"], false);
            let report = s.govctl(["diff", "report", "--day", "2026-11-23", "--runs", "out"]).exits(3);
            assert!(report.stderr.contains("its input cut off"), "{}", report.stderr);
        }
    }
    // The digests of the cut recording say that it was cut.
    let digest = |side: &str, source: &str, code: i32| {
        let args = ["diff", "digest", "--side", side, "--types", "t.yaml", source];
        s.write(&format!("{side}.d"), s.govctl(args).exits(code).stdout);
    };
    digest("lhs", "us.gz", 3);
    digest("rhs", "eu", 0);
    let output = s.govctl(["diff", "run", "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"]).exits(3);
    let records = output.records();
    assert_eq!(open(&records).into_keys().collect::<Vec<_>>(), ["acme/2", "acme/4"]);
    assert_eq!((counts(&records)["cut"], counts(&records)["inconclusive"]), (1, 2));
}

/// A source whose lines are not in the order of time proves nothing when it is cut.
#[test]
fn a_cut_source_out_of_order_proves_nothing() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let other = |line: String| line.replace("\"partition\":0", "\"partition\":1");
    let us = [event("US.t", 0, 0, 1, "a"), event("US.t", 1, 300_000, 9, "a"), other(event("US.t", 0, 0, 8, "a"))];
    s.write("us.gz", cut_gzip(&lines(&us)));
    let eu = [
        event("EU.t", 0, 0, 1, "a"),
        event("EU.t", 1, 20_000, 2, "a"),
        event("EU.t", 2, 300_000, 9, "a"),
        event("EU.t", 3, 300_000, 8, "a"),
    ];
    s.write("eu", lines(&eu));
    let records = run(&s, "t.yaml", "us.gz", "eu", &[]).exits(3).records();
    assert_eq!((open(&records).len(), counts(&records)["inconclusive"]), (0, 1));
}

/// One record is the last of the first segment and the first of the next.
#[test]
fn overlapping_segments() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let us: Vec<String> = (0..8).map(|n| event("US.t", n, n as i64 * 1000, n, "v")).collect();
    let eu: Vec<String> = (0..8).map(|n| event("EU.t", n, n as i64 * 1000, n, "v")).collect();
    s.write("us", lines(&us));
    s.write("a", lines(&us[..5]));
    s.write("b", lines(&us[3..]));
    s.write("eu", lines(&eu));
    let args =
        ["diff", "run", "--now", NOW, "--types", "t.yaml", "--lhs", "a", "b", "--rhs", "eu", "--evidence", "two"];
    let records = s.govctl(args).exits(0).records();
    let c = counts(&records);
    assert_eq!((c["duplicates"], c["ok"], c["read"], c["poison"]), (2, 8, 18, 0));
    run(&s, "t.yaml", "us", "eu", &["--evidence", "one"]).exits(0);
    assert_eq!(proof(&s, "two")["root"], proof(&s, "one")["root"]);
    let verify = [
        "diff",
        "verify",
        "two",
        "--types",
        "t.yaml",
        "--lhs",
        "b",
        "a",
        "--rhs",
        "eu",
        "--require",
        "partition_root,counts",
    ];
    s.govctl(verify).exits(0);
    // The same through digests.
    for (side, sources) in [("lhs", &["a", "b"][..]), ("rhs", &["eu"])] {
        let args = ["diff", "digest", "--side", side, "--types", "t.yaml"];
        s.write(&format!("{side}.d"), s.govctl(args.iter().chain(sources)).exits(0).stdout);
    }
    let args = ["diff", "run", "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"];
    assert_eq!(counts(&s.govctl(args).exits(0).records()), c);
}

/// A tombstone that is read once more is the same record, also where its delete is not in front of it: a segment begins with
/// it, or its line stands there twice.
#[test]
fn repeated_tombstones() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let side = |topic: &str| {
        let mut gone: Value = serde_json::from_str(&event(topic, 1, 1_000, 1, "v")).unwrap();
        (gone["value"]["op"], gone["value"]["after"]) = ("d".into(), Value::Null);
        let mut tombstone = gone.clone();
        (tombstone["offset"], tombstone["value"]) = (2.into(), Value::Null);
        [event(topic, 0, 0, 1, "v"), gone.to_string(), tombstone.to_string(), event(topic, 3, 2_000, 2, "v")]
    };
    let us = side("US.t");
    s.write("us", lines(&us));
    s.write("eu", lines(&side("EU.t")));
    s.write("from", lines(&us[2..]));
    s.write("twice", lines(&[&us[..3], &us[2..]].concat()));
    let one = run(&s, "t.yaml", "us", "eu", &["--evidence", "one"]).exits(0).records();
    let alone = counts(&one);
    for (lhs, duplicates) in [("us from", 2), ("from us", 2), ("twice", 1)] {
        let _ = std::fs::remove_dir_all(s.path("two"));
        let args = format!("govctl diff run --types t.yaml --lhs {lhs} --rhs eu --evidence two");
        let c = counts(&s.bash(&args).exits(0).records());
        assert_eq!((c["duplicates"], c["ok"], c["poison"]), (duplicates, alone["ok"], 0), "{lhs}");
        assert_eq!(proof(&s, "two")["root"], proof(&s, "one")["root"], "{lhs}");
        s.bash(&format!("govctl diff digest --side lhs --types t.yaml {lhs} > lhs.d")).exits(0);
        s.bash("govctl diff digest --side rhs --types t.yaml eu > rhs.d").exits(0);
        let args = ["diff", "run", "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"];
        assert_eq!(counts(&s.govctl(args).exits(0).records()), c, "{lhs}");
    }
    // A tombstone of another row at that offset is none of these.
    s.write("from", lines(&us[2..]).replacen("\"id\":1", "\"id\":7", 1));
    let forged = s.bash("govctl diff run --types t.yaml --lhs us from --rhs eu --evidence forged").exits(3);
    assert!(forged.stderr.contains("two records at one offset of US.t/0: 2"), "{}", forged.stderr);
}

#[test]
fn hold_is_a_pass_only_while_grace_runs() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let us = |second: i64, end: i64| {
        let all = [event("US.t", 0, 0, 1, "a"), event("US.t", 1, second, 2, "a"), event("US.t", 2, end, 9, "a")];
        s.write("us", lines(&all));
    };
    let held = |code: i32| {
        let output = run(&s, "t.yaml", "us", "eu", &["--at-end", "hold"]).exits(code);
        let c = counts(&output.records());
        ((c["pending"], c["inconclusive"], c["missing"]), findings(&output.records()))
    };
    s.write("eu", lines(&[event("EU.t", 0, 0, 1, "a"), event("EU.t", 1, 100_000, 9, "a")]));
    // Due at 135 s, and both were read up to 98 s.
    us(90_000, 100_000);
    assert_eq!(held(0), ((1, 0, 0), vec![]));
    // Due at 105 s: lhs proves 118 s, rhs 98 s. It is not that the time is not over.
    us(60_000, 120_000);
    assert_eq!(held(1), ((0, 1, 0), ["inconclusive - small", "side_ends_early rhs t"].map(str::to_owned).to_vec()));
    // rhs ends 40 s before lhs, more than three heartbeats.
    us(60_000, 140_000);
    assert_eq!(
        held(4),
        (
            (0, 1, 0),
            ["inconclusive - small", "side_ends_early rhs t", "side_stalled rhs EU"].map(str::to_owned).to_vec()
        )
    );
    // With the end of the file as that of the log it is missing.
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(1).records();
    assert_eq!(open(&records).into_keys().collect::<Vec<_>>(), ["acme/2"]);
}

#[test]
fn a_producer_killed_before_its_first_record_gives_3() {
    let s = Sandbox::with_captures();
    s.write("exceptions.yaml", text("exceptions.yaml"));
    for verb in ["triage --exceptions exceptions.yaml", "report"] {
        let output = s.bash(&format!("set +o pipefail; (kill -9 $BASHPID) | govctl diff {verb}")).exits(3);
        assert!(
            output.stderr.contains("-: is empty: its producer ended before it wrote a record"),
            "{}",
            output.stderr
        );
    }
    // It has read its lhs and waits for more: no verdict has left, but its start record has.
    let mut producer = run(&s, "types.yaml", "-", "eu.ndjson", &[]).command;
    let mut producer = producer.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(producer.stdin.as_mut().unwrap(), text(US).lines().next().unwrap().as_bytes()).unwrap();
    std::io::Write::write_all(producer.stdin.as_mut().unwrap(), b"\n").unwrap();
    let mut out = std::io::BufReader::new(producer.stdout.take().unwrap());
    let (sender, first) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut start = String::new();
        std::io::BufRead::read_line(&mut out, &mut start).unwrap();
        sender.send(start.clone()).unwrap();
        std::io::Read::read_to_string(&mut out, &mut start).unwrap();
        start
    });
    let start = first.recv_timeout(std::time::Duration::from_secs(20));
    producer.kill().unwrap();
    producer.wait().unwrap();
    assert!(start.is_ok_and(|line| line.contains("\"event\":\"start\"")), "the start record leaves at once");
    let output = s.govctl(["diff", "triage", "--exceptions", "exceptions.yaml"]).stdin(reader.join().unwrap()).exits(3);
    assert!(output.stderr.contains("has no end record"), "{}", output.stderr);
}

#[test]
fn a_run_that_must_stop_says_what_it_found_and_how_it_ended() {
    let s = Sandbox::with_captures();
    s.write("exceptions.yaml", text("exceptions.yaml"));
    let mut damaged: Vec<String> = text(US).lines().map(str::to_owned).collect();
    damaged[100..110].iter_mut().for_each(|l| l.truncate(50));
    s.write("bad.ndjson", lines(&damaged));
    s.write("many.ndjson", multiplied(60));
    for (lhs, flags, code, finding) in [
        ("bad.ndjson", ["--max-poison", "4"], 3, Some("unreadable")),
        ("many.ndjson", ["--max-state-mb", "0"], 4, None),
    ] {
        let output =
            run(&s, "types.yaml", lhs, "eu.ndjson", &[&flags[..], &["--evidence", "out"]].concat()).exits(code);
        let records = output.records();
        let (first, last) = (&records[0], &records[records.len() - 1]);
        assert_eq!((&first["event"], &last["event"], &last["outcome"]), (&"start".into(), &"end".into(), &code.into()));
        let found = findings(&records);
        assert!(finding.is_none_or(|code| found.iter().any(|f| f.starts_with(code))), "{found:?}");
        let triage = s.govctl(["diff", "triage", "--exceptions", "exceptions.yaml"]).stdin(output.stdout).exits(code);
        triage.records();
        let sealed = s.bash("jq -c '.predicate | [.complete, .outcome]' out/*/manifest.json; rm -r out").exits(0);
        assert_eq!(sealed.text().trim(), format!("[false,{code}]"), "no proof, but not as if it had not been");
    }
}

/// The start record of a run.
pub const START: &str = "{\"schema\":\"govctl.run/1\",\"event\":\"start\",\"run_id\":\"a\",\"command\":\"diff run\",\"version\":\"0\",\"started\":\"2026-11-24T00:00:00.000Z\",\"inputs\":[]}\n";

/// The end record of that run, without data lines.
pub fn end(outcome: u8) -> String {
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    format!(
        "{{\"schema\":\"govctl.run/1\",\"event\":\"end\",\"run_id\":\"a\",\"ended\":\"2026-11-24T00:00:00.000Z\",\"outcome\":{outcome},\"counts\":{{}},\"sha256\":\"{nothing}\"}}\n"
    )
}

#[test]
fn what_a_reader_concludes_from_the_run_records() {
    let s = Sandbox::with_captures();
    s.write("exceptions.yaml", text("exceptions.yaml"));
    let output = run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &[]).exits(1);
    let stream = output.text().to_owned();
    let without = |what: &dyn Fn(&str) -> bool| {
        lines(&stream.lines().filter(|l| !what(l)).map(str::to_owned).collect::<Vec<_>>())
    };
    let is_diff = |l: &str| l.starts_with("{\"schema\":\"govctl.diff/1\"");
    let altered = "the lines before this end record are not those that its sha256 is of";
    let foreign = "is a govctl record";
    for (stream, code, says) in [
        // The end record vouches for lines that are gone.
        (without(&is_diff), 3, altered),
        (without(&|l| is_diff(l) || l.contains("\"event\":\"start\"")), 3, altered),
        // Filtered and bare.
        (without(&is_run), 1, ""),
        (without(&|l| is_run(l) || is_diff(l) || l.contains("\"code\":\"inconclusive\"")), 0, ""),
        // The producer found something that is no diff; it was refused; it found nothing.
        (format!("{START}{}", end(1)), 1, "its producer ended with 1 for more than"),
        (format!("{START}{}", end(2)), 3, ""),
        (format!("{START}{}", end(0)), 0, ""),
        // The end of another run, and a run inside a run.
        (format!("{}{}", START.replace("\"a\"", "\"b\""), end(0)), 3, altered),
        (format!("{START}{START}{}", end(0)), 3, "has no end record"),
        // Not what this verb reads.
        (text(US), 3, foreign),
        (String::new(), 3, "is empty"),
    ] {
        for verb in [&["triage", "--exceptions", "exceptions.yaml"][..], &["report"]] {
            let args = ["diff"].iter().chain(verb).chain(&["--now", NOW]);
            let output = s.govctl(args).stdin(stream.clone()).run();
            let head: String = stream.chars().take(300).collect();
            assert_eq!(output.code, Some(code), "{verb:?} {head}\n{}", output.stderr);
            assert!(output.stderr.contains(says), "{verb:?} {head}\n{}", output.stderr);
        }
    }
}

#[test]
fn an_exception_by_columns_that_are_not_known_is_not_called_unused() {
    let s = digested();
    let list = "version: 1\nexceptions:\n  - id: E1\n    match: { tenant: cora, kind: audit, id: \"10322\", cols: [tags] }\n    owner: a@b\n    justification: \"long enough a reason\"\n    created: 2026-11-20T09:00:00Z\n    ttl: 14d\n";
    s.write("e.yaml", list);
    let output = by_digests(&s, "lhs.d", "rhs.d", &["--exceptions", "e.yaml"]);
    let records = output.records();
    let unjudged = findings(&records).into_iter().filter(|f| f.starts_with("exception_")).collect::<Vec<_>>();
    assert_eq!(unjudged, ["exception_unjudged - E1"]);
    assert_eq!(open(&records)["cora/10322"]["triage"], "new");
    // Where the columns are known, it excuses the difference, and one for a key without differences is unused.
    let known = run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &["--exceptions", "e.yaml"]).exits(1).records();
    assert_eq!(open(&known)["cora/10322"]["triage"], "excepted");
    s.write("e.yaml", list.replace("10322", "10000"));
    let records = by_digests(&s, "lhs.d", "rhs.d", &["--exceptions", "e.yaml"]).records();
    assert!(findings(&records).contains(&"exception_unused - E1".to_owned()));
}

#[test]
fn digests_without_the_types_that_they_were_made_with() {
    let s = digested();
    let refused = s.govctl(["diff", "run", "--digests", "lhs.d", "rhs.d"]).exits(2);
    refused.says(&["lhs.d:2: profile_fp of `audit` is"]);
    let command = refused.stderr.lines().find(|l| l.trim_start().starts_with("govctl ")).unwrap().trim().to_owned();
    assert_eq!(command, "govctl diff run --types types.yaml --digests lhs.d rhs.d");
    s.bash(&command).exits(1);
    assert!(!refused.stderr.contains("gap"), "{}", refused.stderr);
}
