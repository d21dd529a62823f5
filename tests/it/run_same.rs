//! One recording that was given for both sides always agrees with itself, and is no agreement of two regions.

use serde_json::Value;

use crate::audit::*;
use crate::common::Sandbox;

/// Both topics are called `t`; two partitions with three rows.
fn sandbox() -> Sandbox {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL.replace("US.t", "t").replace("EU.t", "t"));
    let other = |line: String| line.replace("\"partition\":0", "\"partition\":1");
    let us = [event("t", 0, 0, 1, "a"), event("t", 1, 1_000, 2, "a"), other(event("t", 0, 1_500, 3, "a"))];
    s.write("us", us.map(|l| l + "\n").concat());
    s
}

fn same(records: &[Value]) -> Vec<&Value> {
    records.iter().filter(|r| r["code"] == "same_recording").collect()
}

#[test]
fn one_file_on_both_sides_is_refused() {
    let s = sandbox();
    std::os::unix::fs::symlink("us", s.path("link")).unwrap();
    std::fs::hard_link(s.path("us"), s.path("hard")).unwrap();
    s.write("other", event("t", 5, 0, 1, "a"));
    for rhs in ["us", "./us", "link", "hard", "- < us", "other hard"] {
        let refused = s.bash(&format!("govctl diff run --types t.yaml --lhs us --rhs {rhs}")).exits(2);
        refused.says(&["is the recording of rhs and, as us, that of lhs", "name that of the other region"]);
        assert!(refused.stdout.is_empty());
    }
    s.bash("govctl diff explain --types t.yaml --lhs us --rhs link --key acme/1").exits(2).says(&["recording of rhs"]);
    // What is no file is not one file, and one side may be given twice.
    s.bash("govctl diff run --types t.yaml --lhs /dev/null --rhs /dev/null --allow-empty").exits(0);
    s.bash("govctl diff run --types t.yaml --lhs us hard --rhs other").exits(1);
}

#[test]
fn a_copy_of_a_recording_is_found_out() {
    let s = sandbox();
    s.write("copy", s.read("us"));
    s.write("copy.gz", gzip(s.read("us").as_bytes()));
    for (more, rhs) in [("--types t.yaml", "copy"), ("--types t.yaml", "copy.gz"), ("--infer", "copy.gz")] {
        let command = format!("govctl diff run {more} --lhs us --rhs {rhs} --fail-on");
        let records = s.bash(&format!("{command} diff")).exits(1).records();
        let found = same(&records);
        assert_eq!(found.len(), 1, "{more} {rhs}");
        assert_eq!((&found[0]["severity"], &found[0]["subject"]), (&"error".into(), &"t".into()));
        assert_eq!(found[0]["message"], "2 partitions of `t`: lhs and rhs are one recording of 3 records");
        assert_eq!(counts(&records)["ok"], 3);
        s.bash(&format!("set +o pipefail; {command} never | govctl diff report")).exits(1);
    }
    for (side, source) in [("lhs", "us"), ("rhs", "copy.gz")] {
        let digest = s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", source]).exits(0);
        s.write(&format!("{side}.d"), digest.stdout);
    }
    let fused = run(&s, "t.yaml", "us", "copy", &["--evidence", "fused"]).exits(1).records();
    let digests = ["diff", "run", "--now", NOW, "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"];
    assert_eq!(data(&s.govctl(digests).exits(1).records()), data(&fused));
    s.bash("govctl diff verify fused --types t.yaml --lhs us --rhs copy --require rerun").exits(0);
}

/// Two regions may well call their topics alike, and hold the same rows.
#[test]
fn recordings_that_are_alike_are_not_one() {
    let s = sandbox();
    let us = s.read("us");
    let lsn = |line: &str| line.replace("\"lsn\":100", "\"lsn\":700");
    // Other log positions, another time, one record more; and of the second partition the like.
    let second = |line: &str| line.replace("\"timestamp\":1795464001500", "\"timestamp\":1795464001501");
    for eu in [lsn(&us), second(&us.replace("\"timestamp\":1795464001000", "\"timestamp\":1795464001001"))] {
        assert_ne!(eu, us);
        s.write("eu", eu);
        assert_eq!(same(&run(&s, "t.yaml", "us", "eu", &[]).exits(0).records()), Vec::<&Value>::new());
    }
    // One partition is a copy.
    s.write("eu", second(&us));
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(1).records();
    assert_eq!(same(&records)[0]["message"], "1 partition of `t`: lhs and rhs are one recording of 2 records");
}

/// Nothing but the names of the topics tells exports apart that carry neither time nor log position.
#[test]
fn bare_rows_without_time_are_known_by_their_topics() {
    let s = sandbox();
    for side in ["us", "eu"] {
        s.write(side, "{\"tenant\":\"acme\",\"id\":1,\"v\":\"x\"}\n");
    }
    assert_eq!(same(&run(&s, "t.yaml", "us", "eu", &[]).exits(1).records()).len(), 1);
    s.write("t.yaml", SMALL);
    assert_eq!(same(&run(&s, "t.yaml", "us", "eu", &[]).exits(0).records()).len(), 0);
}

/// In the value framing the topic is that of types.yaml, whosever rows they are: log positions tell.
#[test]
fn bare_rows_with_log_positions_are_known_whatever_their_topics_are() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let row = |id: u64, lsn: u64| {
        let ms = 1_795_464_000_000 + id;
        format!("{{\"tenant\":\"acme\",\"id\":{id},\"v\":\"x\",\"__source_lsn\":{lsn},\"__source_ts_ms\":{ms}}}\n")
    };
    s.write("us", row(1, 100) + &row(2, 101));
    s.write("eu", s.read("us"));
    let records = run(&s, "t.yaml", "us", "eu", &[]).exits(1).records();
    assert_eq!(same(&records)[0]["message"], "1 partition of `US.t`: lhs and rhs are one recording of 2 records");
    for (side, source) in [("lhs", "us"), ("rhs", "eu")] {
        let digest = s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", source]).exits(0);
        s.write(&format!("{side}.d"), digest.stdout);
    }
    let digests = ["diff", "run", "--now", NOW, "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"];
    assert_eq!(data(&s.govctl(digests).exits(1).records()), data(&records));
    // Files in another order are other partitions; one of two is a copy.
    s.write("us2", row(3, 102));
    s.write("eu2", row(3, 902));
    let records = s.bash("govctl diff run --types t.yaml --lhs us2 us --rhs eu eu2").exits(1).records();
    assert_eq!(same(&records).len(), 1);
    // Log positions of their own are those of another database.
    s.write("eu", row(1, 800) + &row(2, 801));
    assert_eq!(same(&run(&s, "t.yaml", "us", "eu", &[]).exits(0).records()).len(), 0);
    // A topic that a recording names is its own: a mirror is another side.
    for (side, topic) in [("us", "US.t"), ("eu", "EU.t")] {
        s.write(side, event(topic, 0, 0, 1, "a"));
    }
    assert_eq!(same(&run(&s, "t.yaml", "us", "eu", &[]).exits(0).records()).len(), 0);
}
