//! How a recording may begin and end, and where in a line a fault lies.

use serde_json::Value;

use crate::audit::*;
use crate::common::{Output, Sandbox};
use crate::run_unfit::{TYPES, compare, row};

fn says(output: &Output, texts: &[&str]) {
    for text in texts {
        assert!(output.stderr.contains(text), "`{text}` is not in:\n{}", output.stderr);
    }
}

/// One difference, whose column is found in a second pass over the bytes.
fn one_difference(records: &[Value]) {
    let found = open(records);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["acme/1"]);
    assert_eq!(found["acme/1"]["cols"], serde_json::json!(["v"]));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    let s = Sandbox::new();
    let marked = |text: String| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let (us, eu) = (marked(row("US", 1, "one")), marked(row("EU", 1, "other")));
    one_difference(&compare(&s, &us, &eu, &[]).exits(1).records());
    s.write("us.gz", gzip(&us));
    s.write("t.yaml", TYPES);
    one_difference(&run(&s, "t.yaml", "us.gz", "eu.ndjson", &[]).exits(1).records());
}

/// Neither blank lines nor a first record without its value make a capture a file of bare values.
#[test]
fn the_first_line_that_shows_it_tells_the_framing() {
    let s = Sandbox::new();
    let eu = row("EU", 1, "other");
    for before in ["\n", "  \r\n\n"] {
        one_difference(&compare(&s, before.to_owned() + &row("US", 1, "one"), &eu, &[]).exits(1).records());
    }
    let cut = |drop: &str| {
        let mut record: Value = serde_json::from_str(&row("US", 0, "x")).unwrap();
        record.as_object_mut().unwrap().remove(drop);
        format!("{record}\n")
    };
    let output = compare(&s, cut("value") + &row("US", 1, "one"), &eu, &["--allow-poison"]).exits(3);
    says(&output, &["us.ndjson:1: the record has no value (the file was read as framing capture)"]);
    let records = output.records();
    assert_eq!(counts(&records)["poison"], 1);
    one_difference(&records);
    // What looks like no framing is read as bare values, and that is said.
    let output = compare(&s, cut("topic"), &eu, &[]).exits(3);
    says(&output, &["us.ndjson:1: the row holds no compared column of table `a`", "read as framing value"]);
    // Bytes that are a line of no kind are unreadable lines.
    let output = compare(&s, "garbage\n".to_owned() + &row("US", 1, "one"), &eu, &["--allow-poison"]).exits(3);
    one_difference(&output.records());
    let suggested = s.govctl(["diff", "digest", "--suggest-types", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"]);
    says(&suggested.exits(3), &["us.ndjson:1: "]);
}

/// The byte of a fault is that of the line, whatever it lies in.
#[test]
fn faults_in_keys_and_values_have_their_byte_in_the_line() {
    let s = Sandbox::new();
    let line = row("US", 1, "x");
    let kcat = kcat(&line);
    for (line, from, to, cause, marked) in [
        (&line, "\"v\":", "\"v\":1,\"v\":", "duplicate JSON key", "\"v\":\"x"),
        (&line, "\"key\":{", "\"key\":{\"id\":7,", "duplicate JSON key", "\"id\":1},\"value\""),
        (&line, "\"offset\":1", "\"offset\":1,\"\\u006fffset\":1", "duplicate JSON key", "\"\\u006fffset\""),
        (&line, "\"v\":\"x\"", "\"v\":true", "column `v`: a text was expected", "true"),
        (&line, "\"lsn\":1000", "\"lsn\":\"?\"", "source block: ", "\"?\""),
        (&line, "\"op\":\"c\"", "\"op\":\"z\"", "unknown op `z`", "\"z\""),
        (&kcat, r#"\"v\":"#, r#"\"v\":1,\"v\":"#, "duplicate JSON key", r#"\"v\":\"x"#),
        (&kcat, r#"\"v\":\"x\""#, r#"\"v\":true"#, "column `v`: a text was expected", "true"),
    ] {
        let damaged = line.replacen(from, to, 1);
        assert_ne!(*line, damaged, "the edit did nothing: {line}");
        let byte = damaged.find(marked).unwrap_or_else(|| panic!("`{marked}` is not in {damaged}")) + 1;
        let output = compare(&s, &damaged, row("EU", 1, "x"), &[]).exits(3);
        says(&output, &[cause, &format!("(byte {byte})")]);
    }
}

#[test]
fn times_and_offsets_out_of_range_are_unreadable() {
    let s = Sandbox::new();
    let line = row("US", 1, "x");
    for (field, value, cause) in [
        ("\"offset\":1", "18446744073709551615", "`offset` is no offset"),
        ("\"timestamp\":1795464001000", "9223372036854775807", "the timestamp is out of range"),
        ("\"timestamp\":1795464001000", "-5", "the timestamp is out of range"),
        ("\"ts_ms\":1795464000000,\"lsn\"", "9223372036854775807,\"lsn\"", "the commit time is out of range"),
    ] {
        let (name, old) = field.split_once(':').unwrap();
        let damaged = line.replacen(&format!("{name}:{old}"), &format!("{name}:{value}"), 1);
        assert_ne!(line, damaged, "the edit did nothing: {line}");
        let output = compare(&s, damaged, row("EU", 1, "x"), &[]).exits(3);
        says(&output, &["us.ndjson:1: ", cause]);
        assert!(!findings(&output.records()).iter().any(|f| f.starts_with("history_overflow")));
    }
}

#[test]
fn what_follows_gzip_is_not_called_a_cut_file() {
    let s = Sandbox::new();
    let (us, eu) = (row("US", 1, "one"), row("EU", 1, "other"));
    compare(&s, &us, &eu, &[]).exits(1);
    let member = gzip(us.as_bytes());
    s.write("us.gz", [&member[..], b"\0\0\0\0trailing"].concat());
    let output = run(&s, "t.yaml", "us.gz", "eu.ndjson", &[]).exits(3);
    says(&output, &["us.gz:2: ", "bytes that are no gzip follow its end"]);
    // They may have been a member once, so the row's last state is not known.
    let records = output.records();
    assert_eq!((open(&records).len(), counts(&records)["inconclusive"], counts(&records)["cut"]), (0, 1, 1));
    // Two members are one file, also where the first ends in the middle of a line.
    let (head, tail) = us.split_at(40);
    s.write("us.gz", [gzip(head.as_bytes()), gzip(tail.as_bytes())].concat());
    one_difference(&run(&s, "t.yaml", "us.gz", "eu.ndjson", &[]).exits(1).records());
}

#[test]
fn sources_that_cannot_be_read_are_said_to_be_such() {
    let s = Sandbox::new();
    s.write("t.yaml", TYPES);
    s.write("eu.ndjson", row("EU", 1, "x"));
    s.write("us.xz", b"\xfd7zXZ\0\0\x04rest");
    s.write("us.bz2", b"BZh91AY&SYrest");
    for (source, texts) in [
        ("us.xz", ["us.xz: is compressed with xz; gzip and zstd are read", "xz -dc FILE |"]),
        ("us.bz2", ["us.bz2: is compressed with bzip2; gzip and zstd are read", "bzip2 -dc FILE |"]),
        ("kafka:US.t", ["kafka:US.t: Kafka topics are not read yet", "kcat -b BROKER -C -t US.t -e -J > FILE"]),
    ] {
        let args = ["diff", "run", "--types", "t.yaml", "--lhs", source, "--rhs", "eu.ndjson"];
        s.govctl(args).exits(2).says(&texts);
    }
}
