//! Damaged input: each fault is named with its place and has its exit code, and the rest is still compared.

use serde_json::Value;

use crate::audit::*;
use crate::common::{Output, Sandbox};

fn lines() -> Vec<String> {
    text(US).lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|l| format!("{l}\n")).collect()
}

/// The index of the last event of a key in the US capture.
fn last_of(id: u64) -> usize {
    let wanted = format!("\"id\":{id}}},\"value\":{{");
    lines().iter().rposition(|l| l.contains(&wanted)).unwrap()
}

/// Runs with this US recording and holds that the rest was compared: of the 18 diffs at least `kept` are found.
fn damaged(s: &Sandbox, us: impl AsRef<[u8]>, more: &[&str], kept: usize) -> (Output, Vec<Value>) {
    s.write("us.ndjson", us);
    let output = run(s, "types.yaml", "us.ndjson", EU, more).exits(3);
    let records = output.records();
    let found = open(&records).len();
    assert!(found >= kept, "{found} of at least {kept}\n{}", output.stderr);
    (output, records)
}

fn says(output: &Output, texts: &[&str]) {
    for text in texts {
        assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
    }
}

/// The last row event of acme/10000, an untouched key, changed by `edit`: that key alone gets no verdict.
fn one_bad_row(edit: impl Fn(&str) -> String, cause: &str) {
    let s = Sandbox::new();
    let (mut lines, at) = (lines(), last_of(10000));
    let changed = edit(&lines[at]);
    assert_ne!(changed, lines[at], "the edit did nothing");
    lines[at] = changed;
    let (output, records) = damaged(&s, joined(&lines), &["--dead-letter", "dead"], 18);
    says(&output, &[&format!("us.ndjson:{}: ", at + 1), cause]);
    let c = counts(&records);
    assert_eq!((c["poison"], c["diff"], c["ok"], c["read"]), (1, 18, 282, 649), "{cause}");
    let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
    assert_eq!(
        (&dead["file"], &dead["line"], &dead["record"]),
        (&"us.ndjson".into(), &(at + 1).into(), &lines[at].clone().into())
    );
    assert!(dead["cause"].as_str().unwrap().contains(cause), "{dead}");
    // capture_loss is the other inconclusive key.
    assert_eq!(c["inconclusive"], 2, "the poisoned key is inconclusive");
}

#[test]
fn a_bad_value_poisons_its_key_alone() {
    one_bad_row(|l| l.replacen("\"amount\":\"", "\"amount\":\"*", 1), "column `amount`");
    one_bad_row(|l| l.replacen("\"actor\":", "\"actor\":\"x\",\"actor\":", 1), "duplicate JSON key");
    one_bad_row(|l| l.replacen("\"resource\":\"", "\"resource\":\"\\ud800", 1), "surrogate");
    one_bad_row(|l| l.replacen("\"op\":\"r\"", "\"op\":\"z\"", 1), "unknown op `z`");
    one_bad_row(|l| l.replacen("\"local_at\":", "\"local_at\":1e3", 1), "column `local_at`");
    one_bad_row(|l| l.replacen("\"lsn\":", "\"lsn\":\"x\",\"l\":", 1), "source block");
}

#[test]
fn a_poisoned_key_recovers_with_its_next_event() {
    let s = Sandbox::new();
    // acme/10205 has several versions in US; the first update is damaged, a later one is readable.
    let (mut lines, wanted) = (lines(), "\"id\":10205},\"value\":{");
    let at = lines.iter().position(|l| l.contains(wanted)).unwrap();
    assert!(at < last_of(10205));
    lines[at] = lines[at].replacen("\"amount\":\"", "\"amount\":\"*", 1);
    let (_, records) = damaged(&s, joined(&lines), &[], 18);
    let c = counts(&records);
    assert_eq!((c["poison"], c["inconclusive"], c["ok"]), (1, 1, 283));
}

#[test]
fn an_unreadable_key_withholds_the_table_unless_allowed() {
    for (bad, cause) in [
        (b"garbage".to_vec(), "JSON"),
        (b"{\"topic\":\"audit.US.audit_events.mirror\",\"partition\":0".to_vec(), "no end"),
        (b"{\"a\":\"\xff\xfe\"}".to_vec(), "UTF-8"),
    ] {
        let s = Sandbox::new();
        let mut us = text(US).into_bytes();
        us.extend_from_slice(&bad);
        us.push(b'\n');
        let (output, records) = damaged(&s, &us, &["--dead-letter", "dead"], 0);
        says(&output, &["us.ndjson:328: ", cause]);
        let c = counts(&records);
        // Equal pairs stay equal; every other verdict could be the lost event's.
        assert_eq!((c["diff"], c["poison"], c["ok"]), (0, 1, 283), "{cause}");
        assert_eq!(c["inconclusive"], 19);
        assert!(open(&records).is_empty(), "{cause}");
        let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
        match std::str::from_utf8(&bad) {
            Ok(text) => assert_eq!(dead["record"], text),
            Err(_) => assert_eq!(dead["record_base64"], data_encoding::BASE64.encode(&bad)),
        }
        let allowed = run(&s, "types.yaml", "us.ndjson", EU, &["--allow-poison"]).exits(3).records();
        assert_eq!(open(&allowed).len(), 18);
    }
}

#[test]
fn a_cut_last_line() {
    let s = Sandbox::new();
    let whole = text(US);
    // In the middle of the last line.
    let (output, records) = damaged(&s, &whole[..whole.len() - 20], &[], 0);
    says(&output, &["us.ndjson:327: "]);
    assert_eq!(counts(&records)["read"], 649);
    // At the end of a line nothing can be seen but that one side ends early.
    s.write("us.ndjson", whole.trim_end());
    assert_eq!(open(&run(&s, "types.yaml", "us.ndjson", EU, &[]).exits(1).records()).len(), 18);
}

/// As the zstd program writes it; without a checksum a changed byte may decompress to another row.
fn zstd_with_checksum(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn cut_and_damaged_compressed_files() {
    let us = text(US).into_bytes();
    for (name, whole) in [("us.gz", gzip(&us)), ("us.zst", zstd_with_checksum(&us))] {
        let s = Sandbox::new();
        for cut in [whole.len() / 2, whole.len() - 1, whole.len() - 6] {
            s.write(name, &whole[..cut]);
            let output = run(&s, "types.yaml", name, EU, &[]).exits(3);
            output.records();
            says(&output, &[&format!("{name}:"), "ends early"]);
        }
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x10;
        s.write(name, &flipped);
        let output = run(&s, "types.yaml", name, EU, &[]).exits(3);
        output.records();
        says(&output, &[&format!("{name}:")]);
    }
}

/// Where the damaged frame still decompresses, to another text, its checksum shows it.
#[test]
fn a_flipped_bit_that_only_the_checksum_shows() {
    let us = text(US).into_bytes();
    let whole = zstd_with_checksum(&us);
    let flip = |at: usize| {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        flipped
    };
    let unchecked = |mut frame: Vec<u8>| {
        // The third bit of the descriptor announces the four bytes at the end (RFC 8878, 3.1.1.1.1).
        frame[4] &= !4;
        frame.truncate(frame.len() - 4);
        frame
    };
    let other =
        |frame: Vec<u8>| zstd::decode_all(frame.as_slice()).is_ok_and(|text| text.len() == us.len() && text != us);
    let at = (100..whole.len() - 4).find(|at| other(unchecked(flip(*at)))).expect("such a bit");
    let s = Sandbox::new();
    s.write("us.zst", flip(at));
    let output = run(&s, "types.yaml", "us.zst", EU, &[]).exits(3);
    output.records();
    says(&output, &["us.zst:", "the compressed stream is damaged", "checksum"]);
}

#[test]
fn compressed_output_has_a_checksum() {
    let s = Sandbox::new();
    let args =
        ["diff", "digest", "--side", "lhs", "--types", &fixture("types.yaml"), &fixture(US), "--compress", "zstd"];
    let output = s.govctl(args).exits(0).stdout;
    assert_eq!((&output[..4], output[4] & 4), (&[0x28, 0xb5, 0x2f, 0xfd][..], 4));
    assert!(zstd::decode_all(output.as_slice()).unwrap().starts_with(b"{\"schema\":\"govctl.run/1\""));
}

/// A flipped bit is never silent where it changes a row, and never a crash.
#[test]
fn bit_flips() {
    let s = Sandbox::new();
    let clean = data(&captures(&s, &[]).exits(1).records());
    let whole = text(US).into_bytes();
    // A fixed walk over the file: 300 positions, each with another bit.
    let mut silent = Vec::new();
    for i in 0..300usize {
        let at = (i * 7_919 * 31) % whole.len();
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (i % 8);
        s.write("us.ndjson", &bytes);
        let output = run(&s, "types.yaml", "us.ndjson", EU, &[]).run();
        let code = output.code.unwrap_or(-1);
        assert!([1, 3].contains(&code), "byte {at} bit {}: exit {code}\n{}", i % 8, output.stderr);
        if code == 1 && data(&output.records()) == clean {
            silent.push(at);
        }
    }
    for at in &silent {
        assert!(
            is_metadata(&whole, *at),
            "the flip at byte {at} changed a row and was not seen: {}",
            around(&whole, *at)
        );
    }
    assert!(silent.len() < 250, "most flips are seen");
}

/// Whether a byte lies in what is no part of a row, in a version that a later event replaced, or in a column that is
/// not compared or (UUID) compared without regard to case.
fn is_metadata(whole: &[u8], at: usize) -> bool {
    let from = whole[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let to = at + whole[at..].iter().position(|b| *b == b'\n').unwrap();
    let line = std::str::from_utf8(&whole[from..to]).unwrap();
    let offset = at - from;
    let Some(row) = line.find("\"after\":{") else { return true };
    let end = line.find(",\"source\":{").unwrap();
    // The head of the line is topic, partition, offset, timestamp and key.
    let in_row = (row..end).contains(&offset);
    let (key, _) = key_and_value(line);
    let last = String::from_utf8(whole.to_vec()).unwrap();
    let replaced = last.lines().rfind(|l| key_and_value(l).0 == key) != Some(line);
    let column = line[..offset].rfind(",\"").map_or("", |i| &line[i..]);
    let alike = column.starts_with(",\"valid_for\"") || column.starts_with(",\"corr\":");
    !in_row || replaced || alike
}

fn around(whole: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&whole[at.saturating_sub(60)..(at + 30).min(whole.len())]).into_owned()
}

#[test]
fn an_overlong_line() {
    let s = Sandbox::new();
    let mut lines = lines();
    lines[9].push_str(&" ".repeat(20_000));
    let (output, records) = damaged(&s, joined(&lines), &["--max-line", "10000", "--dead-letter", "dead"], 0);
    says(&output, &["us.ndjson:10: ", "longer than --max-line"]);
    assert_eq!((counts(&records)["read"], counts(&records)["poison"]), (649, 1));
    let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
    assert_eq!(dead["record"].as_str().unwrap(), &lines[9][..4096]);
}

#[test]
fn offsets_that_go_backwards() {
    let s = Sandbox::new();
    let (mut lines, at) = (lines(), last_of(10000));
    // The same partition's record with offset 0 once more at the end.
    let again = lines[at].clone();
    lines.push(again);
    let (output, records) = damaged(&s, joined(&lines), &[], 18);
    let kept = run(&s, "types.yaml", "us.ndjson", EU, &["--dead-letter", "dead"]).exits(3);
    assert_eq!(data(&kept.records()).len(), data(&records).len());
    says(&kept, &["us.ndjson:328: offset goes back in "]);
    let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
    assert_eq!(
        (&dead["file"], &dead["line"], &dead["record"]),
        (&"us.ndjson".into(), &328.into(), &lines[327].clone().into())
    );
    assert!(dead["cause"].as_str().unwrap().starts_with("offset goes back in "), "{dead}");
    // Of a pipe, and where another file of the side held the offset before.
    s.write("us.ndjson", joined(&lines[..327]));
    let args = ["--dead-letter", "dead", "--lhs", "us.ndjson", "-"];
    let types = fixture("types.yaml");
    let call = s.govctl(["diff", "run", "--types", &types, "--rhs", &fixture(EU)].iter().chain(&args));
    call.stdin(lines[327].clone()).exits(3);
    let dead: Value = serde_json::from_str(s.read("dead").trim_end()).unwrap();
    assert_eq!(dead["record"], lines[327]);
    let partition = serde_json::from_str::<Value>(&lines[at]).unwrap()["partition"].to_string();
    says(&output, &["us.ndjson: ", &format!("offset goes back in audit.US.audit_events.mirror/{partition}: ")]);
    let c = counts(&records);
    assert_eq!((c["poison"], c["read"], c["ok"], c["inconclusive"]), (1, 650, 282, 2), "its key is undecided");
}

#[test]
fn too_much_poison_stops_the_run() {
    let s = Sandbox::new();
    let mut lines = lines();
    for line in &mut lines[100..110] {
        line.truncate(50);
    }
    s.write("us.ndjson", joined(&lines));
    let output = run(&s, "types.yaml", "us.ndjson", EU, &["--max-poison", "4"]).exits(3);
    says(&output, &["us.ndjson:105: more than 4 unreadable records", "--max-poison raises the limit"]);
    let output = run(&s, "types.yaml", "us.ndjson", EU, &["--max-poison", "10"]).exits(3);
    assert_eq!(counts(&output.records())["poison"], 10);
}

#[test]
fn lone_surrogates_and_repeated_keys_are_legal_inside_json_columns() {
    let s = Sandbox::new();
    let edit = |capture: &str, details: &str| {
        let edited = |l: &str| {
            let wanted = l.contains("\"id\":10000},") && l.contains("\"details\":\"");
            if !wanted {
                return l.to_owned();
            }
            let from = l.find("\"details\":\"").unwrap() + 11;
            let to = from + l[from..].find("\",\"raw\"").unwrap();
            format!("{}{details}{}", &l[..from], &l[to..])
        };
        capture.lines().map(|l| edited(l) + "\n").collect::<String>()
    };
    s.write("us.ndjson", edit(&text(US), r#"{\"k\":1,\"k\":2,\"s\":\"\\ud800\"}"#));
    s.write("eu.ndjson", edit(&text(EU), r#"{\"s\": \"\\uD800\", \"k\": 2}"#));
    let records = run(&s, "types.yaml", "us.ndjson", "eu.ndjson", &[]).exits(1).records();
    let c = counts(&records);
    assert_eq!((c["poison"], c["diff"], c["ok"]), (0, 18, 283));
}
