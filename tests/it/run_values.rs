//! Bare values: lines that say neither topic nor partition nor offset.

use std::path::Path;

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::Sandbox;
use crate::verify::{of, verify};

/// A value of the small table: `op` on acme/`id` at this second.
fn value(second: i64, op: &str, id: u64) -> String {
    let ms = 1_795_464_000_000 + second * 1000;
    let row = json!({"tenant": "acme", "id": id, "v": "x"});
    let (before, after) = if op == "d" { (row, Value::Null) } else { (Value::Null, row) };
    let value =
        json!({"before": before, "after": after, "op": op, "ts_ms": ms, "source": {"ts_ms": ms, "lsn": 1 + ms}});
    format!("{value}\n")
}

fn sandbox(us: &[String], eu: &[String]) -> Sandbox {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    s.write("us", us.concat());
    s.write("eu", eu.concat());
    s
}

#[test]
fn a_null_line_has_the_time_of_the_line_before_it() {
    let side = [value(0, "c", 1), value(10, "c", 2), value(20, "d", 1), "null\n".to_owned(), value(30, "c", 3)];
    let s = sandbox(&side, &side.clone().map(|line| line.replace("\"lsn\":", "\"lsn\":9")));
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(0).records();
    assert_eq!(findings(&records), Vec::<String>::new());
    let c = counts(&records);
    assert_eq!((c["ok"], c["tombstones"], c["read"]), (3, 2, 10));
}

#[test]
fn an_unreadable_line_is_no_disorder() {
    let good = [value(0, "c", 1), value(10, "c", 2), value(30, "c", 3)];
    let bad = [value(0, "c", 1), value(10, "c", 2), "{broken\n".to_owned(), value(30, "c", 3)];
    let s = sandbox(&bad, &good);
    let records = run(&s, "t.yaml", "us", "eu", &["--allow-poison"]).exits(3).records();
    let all = findings(&records);
    assert!(
        all.iter().any(|f| f.starts_with("unreadable lhs")) && !all.iter().any(|f| f.starts_with("disordered")),
        "{all:?}"
    );
    // What has a time and comes late is still one.
    let late = [value(0, "c", 1), value(30, "c", 3), value(10, "c", 2)];
    let records = run(&sandbox(&late, &good), "t.yaml", "us", "eu", &[]).exits(0).records();
    assert_eq!(findings(&records), ["disordered lhs lhs"]);
}

/// A file of bare values is the partition of its place, so the order in which files are given is part of the run.
#[test]
fn verify_says_that_files_were_given_in_another_order() {
    let s = sandbox(&[value(0, "c", 1), value(10, "c", 2)], &[value(0, "c", 1), value(10, "c", 2), value(20, "c", 3)]);
    s.write("us.2", value(20, "c", 3));
    let args = ["diff", "run", "--types", "t.yaml", "--lhs", "us", "us.2", "--rhs", "eu", "--evidence", "out"];
    s.govctl(args).exits(0);
    let partitions = proof(&s, "out")["partitions"].clone();
    let of_lhs = |n: usize| {
        (partitions[n]["topic"].clone(), partitions[n]["partition"].clone(), partitions[n]["records"].clone())
    };
    assert_eq!([of_lhs(0), of_lhs(1)], [0, 1].map(|n| ("US.t".into(), n.into(), (2 - n).into())));
    verify(&s, Path::new("out"), &["--lhs", "us", "us.2", "--rhs", "eu", "--require", "rerun"]).exits(0);
    let output = verify(&s, Path::new("out"), &["--lhs", "us.2", "us", "--rhs", "eu"]).exits(1);
    let why = "(the run read us, us.2, eu; given are us.2, us, eu)";
    assert!(output.text().contains(why), "{}", output.text());
}

/// Two recordings overlap in a record, and later lie in one file in which it stands once: the counts differ.
#[test]
fn verify_says_that_other_files_were_given() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let us: Vec<String> = (0..4).map(|n| event("US.t", n, n as i64 * 1000, n, "v") + "\n").collect();
    let eu: Vec<String> = (0..4).map(|n| event("EU.t", n, n as i64 * 1000, n, "v") + "\n").collect();
    for (name, lines) in [("a", &us[..3]), ("b", &us[2..]), ("whole", &us[..]), ("eu", &eu[..])] {
        s.write(name, lines.concat());
    }
    s.govctl(["diff", "run", "--types", "t.yaml", "--lhs", "a", "b", "--rhs", "eu", "--evidence", "out"]).exits(0);
    let output = verify(&s, Path::new("out"), &["--lhs", "whole", "--rhs", "eu"]).exits(1);
    let actual = of(&output, "counts")[1]["actual"].as_str().unwrap().to_owned();
    assert!(
        actual.starts_with("read 8,") && actual.ends_with(" (the run read a, b, eu; given are whole, eu)"),
        "{actual}"
    );
    // Under other names alone nothing fails, and nothing is said of it.
    s.bash("mv a c").exits(0);
    let output = verify(&s, Path::new("out"), &["--lhs", "c", "b", "--rhs", "eu", "--require", "rerun"]).exits(0);
    assert!(!output.text().contains("given are"), "{}", output.text());
}
