//! What opened and was closed again within a run is counted, however it was closed.

use crate::audit::*;
use crate::common::Sandbox;

fn lines(all: &[String]) -> String {
    all.iter().map(|l| format!("{l}\n")).collect()
}

fn side(topic: &str, rows: &[(i64, u64, &str)]) -> String {
    lines(&rows.iter().zip(0..).map(|((ms, id, v), n)| event(topic, n, *ms, *id, v)).collect::<Vec<_>>())
}

/// Row 1 is behind in EU from 1 s on and repaired at 1,000 s, after more than --late-max. Row 2 is ahead in US from 2 s on
/// and goes back at 60 s.
#[test]
fn repairs_and_reversals_are_counted_and_are_no_punctual_copies() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let us = [(0, 1, "a"), (0, 2, "a"), (1_000, 1, "b"), (2_000, 2, "b"), (60_000, 2, "a"), (1_000_000, 9, "z")];
    let eu = [(0, 1, "a"), (0, 2, "a"), (1_000_000, 1, "b"), (1_000_000, 9, "z")];
    s.write("us", side("US.t", &us));
    s.write("eu", side("EU.t", &eu));
    let records = run(&s, "t.yaml", "us", "eu", &["--evidence", "out"]).exits(0).records();
    let told = |d: &serde_json::Value| format!("{} {} {}", key(d), d["ts"].as_str().unwrap(), d["closed_by"]);
    assert_eq!(
        diffs(&records).iter().map(told).collect::<Vec<_>>(),
        [
            "acme/1 2026-11-23T20:00:46.000Z null",
            "acme/2 2026-11-23T20:00:47.000Z null",
            "acme/2 2026-11-23T20:01:00.000Z \"reversal\"",
            "acme/1 2026-11-23T20:16:40.000Z \"repair\"",
        ]
    );
    let c = counts(&records);
    assert_eq!((c["ok"], c["diff"], c["late"], c["repaired"]), (3, 0, 0, 2));
    assert_eq!(proof(&s, "out")["counts"]["repaired"], 2);
    s.govctl(["diff", "verify", "out", "--types", "t.yaml", "--lhs", "us", "--rhs", "eu", "--require", "rerun"])
        .exits(0);
    run(&s, "t.yaml", "us", "eu", &["--fail-on", "late"]).exits(1);
    for (side, source) in [("lhs", "us"), ("rhs", "eu")] {
        let digest = s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", source]).exits(0);
        s.write(side, digest.stdout);
    }
    let digests = ["diff", "run", "--types", "t.yaml", "--digests", "lhs", "rhs", "--fail-on", "late"];
    assert_eq!(counts(&s.govctl(digests).exits(1).records()), c);
}

/// EU lacks column `w` until the copy catches up: a second look at the rows shows that no column differed.
#[test]
fn what_is_taken_back_is_not_counted() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL.replace("v: text", "v: text, w: text"));
    let wide = |line: String| line.replace("\"v\":\"a\"", "\"v\":\"a\",\"w\":\"x\"");
    s.write("us", wide(side("US.t", &[(0, 1, "a"), (2_000_000, 9, "z")])));
    for (at_ms, late) in [(100_000, "late"), (1_000_000, "repaired")] {
        let _ = std::fs::remove_dir_all(s.path("out"));
        let [first, second] = [side("EU.t", &[(0, 1, "a")]), side("EU.t", &[(0, 1, "a"), (at_ms, 1, "a")])];
        let second = wide(second.strip_prefix(&first).unwrap().to_owned());
        let last = event("EU.t", 2, 2_000_000, 9, "z");
        s.write("eu", format!("{first}{second}{last}\n"));
        let records = run(&s, "t.yaml", "us", "eu", &["--evidence", "out"]).exits(1).records();
        assert_eq!((diffs(&records).len(), counts(&records)[late], counts(&records)["ok"]), (0, 0, 2), "{late}");
        s.govctl(["diff", "verify", "out", "--require", "counts"]).exits(0);
    }
}
