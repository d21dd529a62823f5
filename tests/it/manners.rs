//! How commands end: the closing line of texts for people, formats that have nothing to show, counts of failed runs.

use crate::audit::*;
use crate::common::Sandbox;
use crate::run_pipes::prepared;
use crate::verify::SOURCES;

/// The last line of what people read in a pipe or a file.
fn last_line(s: &Sandbox, args: &[&str], code: i32) -> String {
    let output = s.govctl(args.iter().chain(&["--format", "human"])).exits(code);
    output.text().trim_end().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn texts_for_people_end_with_what_was_found() {
    let s = prepared();
    let run = [&["diff", "run"][..], &SOURCES].concat();
    let home = "writes outside the home region not checked (no --tenants)";
    let found =
        format!("18 of 302 keys differ (9 missing, 9 mismatch), 3 late, 1 inconclusive; 649 records read; {home}");
    assert_eq!(last_line(&s, &run, 1), found);
    // A clean run prints this line and nothing else.
    s.write("t.yaml", SMALL);
    s.write("us", event("US.t", 0, 0, 1, "v") + "\n");
    s.write("eu", event("EU.t", 0, 0, 1, "v") + "\n");
    let clean = ["diff", "run", "--types", "t.yaml", "--lhs", "us", "--rhs", "eu", "--format", "human"];
    let said = format!("0 of 1 key differs (0 missing, 0 mismatch); 2 records read; {home}\n");
    assert_eq!(s.govctl(clean).exits(0).text(), said);
    assert_eq!(s.govctl(clean.iter().chain(&["--quiet"])).exits(0).text(), said, "it is no remark");
    let evident = last_line(&s, &[&run[..], &["--evidence", "out"]].concat(), 1);
    assert_eq!(evident, format!("{found}; evidence in out/{}", evidence(&s, "out").rsplit('/').next().unwrap()));
    let digest = ["diff", "digest", "--side", "lhs", "--types", "t.yaml", "us"];
    assert_eq!(last_line(&s, &digest, 0), "1 digest of 1 record; 0 unreadable");
    assert!(last_line(&s, &["diff", "verify", "out"], 0).contains("checks passed; not made: "));
    // What stands above the tables is not said twice.
    let explain = ["diff", "explain", "--types", "t.yaml", "--lhs", "us", "--rhs", "eu", "--key", "acme/1"];
    let explained = s.govctl(explain.iter().chain(&["--format", "human"])).exits(0);
    assert_eq!(explained.text().matches("equal on both sides").count(), 1, "{}", explained.text());
    // Records for programs have none.
    assert!(!s.govctl(run.iter().chain(&["--format", "ndjson"])).exits(1).text().contains("keys differ"));
}

#[test]
fn formats_for_findings_are_refused_where_there_are_none() {
    let s = prepared();
    for format in ["sarif", "junit", "github"] {
        let explain = ["diff", "explain", "--key", "eiger/10204", "--format", format];
        let refused = s.govctl(explain.iter().chain(&SOURCES)).exits(2);
        refused.says(&["--format: `diff explain` has no findings", "give human or ndjson"]);
        let suggest = ["diff", "digest", "--suggest-types", "--lhs", "us.ndjson", "--format", format];
        let refused = s.govctl(suggest).exits(2);
        refused.says(&["--format: --suggest-types has no findings"]);
        assert!(refused.stdout.is_empty());
    }
    // `digest` has findings: a table without events on this side.
    let digest = "govctl diff digest --side rhs --types types.yaml us.ndjson --allow-empty --format github";
    assert!(s.bash(digest).exits(0).text().contains("::warning title=diff no_events::"));
}

/// Ten of 981 lines cannot be read, and the fifth of them is one too many.
#[test]
fn a_failed_run_says_what_it_had_read() {
    let s = prepared();
    let mut us: Vec<String> = multiplied(3).lines().map(str::to_owned).collect();
    us[700..710].iter_mut().for_each(|l| l.truncate(50));
    s.write("us.ndjson", us.iter().map(|l| format!("{l}\n")).collect::<String>());
    let failed = s.govctl(["diff", "run", "--max-poison", "4"].iter().chain(&SOURCES)).exits(3).records();
    let c = counts(&failed);
    // Of the EU recording, of 322 lines, the only batch may have been asked for before.
    assert!(c["poison"] == 5 && [971 + 5, 971 + 5 + 322].contains(&c["read"]), "{c:?}");
    assert!(!c.contains_key("ok") && !c.contains_key("diff"), "nothing was concluded: {c:?}");
    let digest = ["diff", "digest", "--side", "lhs", "--types", "types.yaml", "us.ndjson", "--max-poison", "4"];
    let c = counts(&s.govctl(digest).exits(3).records());
    assert_eq!((c["poison"], c["rows"] + c["tombstones"] + c["control"]), (5, 971), "{c:?}");
    // Too many keys for the memory: 4, with the records that were read.
    s.write("us.ndjson", multiplied(20));
    let full = s.govctl(["diff", "run", "--max-state-mb", "0"].iter().chain(&SOURCES)).run();
    let c = counts(&full.records());
    assert_eq!(full.code, Some(4));
    assert!(c["read"] >= 4096 && c["poison"] == 0, "{c:?}");
}

/// Beyond the limit nothing is known of the rest, and that is what the end says.
#[test]
fn a_run_that_stops_reading_says_so() {
    let s = prepared();
    s.bash("(head -20 us.ndjson; seq 40 | sed 's/^/{x/') > bad").exits(0);
    let run = "govctl diff run --types types.yaml --max-poison 10 --lhs bad --rhs eu.ndjson";
    let human = s.bash(&format!("{run} --format human")).exits(3);
    let last = human.text().trim_end().lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("stopped after ") && last.contains("11 of them unreadable"), "{last}");
    let output = s.bash(run).exits(3);
    assert_eq!(findings(&output.records()).iter().filter(|f| f.contains("no_events")).count(), 0, "{}", output.text());
    assert!(!output.text().contains("nothing_compared"), "{}", output.text());
    let digest = "govctl diff digest --side lhs --types types.yaml --max-poison 10 bad --format human";
    let digested = s.bash(digest).exits(3);
    assert!(digested.text().trim_end().lines().last().unwrap_or_default().starts_with("stopped after "));
}

#[test]
fn what_is_no_text_is_called_by_its_name() {
    let s = prepared();
    s.bash("iconv -f UTF-8 -t UTF-16 us.ndjson > wide; gzip -c us.ndjson | gzip -c > twice.gz").exits(0);
    s.bash("printf '\\x00\\x00\\x00\\x00\\x07abc\\n' > registry").exits(0);
    for (file, says) in [
        ("wide", "wide: is UTF-16 text; UTF-8 is read"),
        ("twice.gz", "twice.gz: is compressed twice"),
        ("registry", "registry: is in a schema registry's binary format"),
    ] {
        let args = ["diff", "run", "--types", "types.yaml", "--rhs", "eu.ndjson", "--lhs", file];
        s.govctl(args).exits(2).says(&[says, "hint: "]);
    }
}

/// The unreadable lines are no events.
#[test]
fn events_without_time_are_counted_once() {
    let s = prepared();
    let run = "govctl diff run --types types.yaml --framing value --lhs us.ndjson --rhs eu.ndjson";
    let forced = s.bash(run).exits(3);
    assert!(!forced.text().contains("no_log_time"), "{}", forced.text());
    s.write("t.yaml", SMALL);
    for side in ["us", "eu"] {
        s.write(side, "{\"tenant\":\"acme\",\"id\":1,\"v\":\"x\"}\n{\"tenant\":\"acme\",\"id\":2,\"v\":\"x\"}\n");
    }
    let timeless = s.govctl(["diff", "run", "--types", "t.yaml", "--lhs", "us", "--rhs", "eu"]).exits(0);
    let counts: Vec<_> = timeless.of_type("govctl.finding/1").iter().map(|f| f["count"].clone()).collect();
    assert_eq!(counts, [2, 2]);
}

#[test]
fn tables_name_the_side_and_places_the_other_one() {
    let s = prepared();
    let run = "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson --format";
    let human = s.bash(&format!("{run} human")).exits(1);
    let head = human.text().lines().find(|l| l.starts_with("SEVERITY")).unwrap().to_owned();
    assert!(head.contains("SUBJECT") && head.contains("SIDE"), "{head}");
    let sarif = s.bash(&format!("{run} sarif")).exits(1);
    let sarif: serde_json::Value = serde_json::from_str(sarif.text()).unwrap();
    let texts: Vec<&str> =
        sarif["runs"][0]["results"].as_array().unwrap().iter().filter_map(|r| r["message"]["text"].as_str()).collect();
    let missing = texts.iter().find(|t| t.contains("cora/10007")).unwrap();
    let place = "is missing on EU: never_seen; the other side has it at audit.US.audit_events.mirror/";
    assert!(missing.contains(place), "{missing}");
}
