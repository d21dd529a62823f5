//! What `--digests` is given and is no digest stream of its own: refused with 2, the line named.

use crate::audit::*;
use crate::common::{Output, Sandbox};

/// The digest streams of the captures as lhs.d and rhs.d, each also bare and in two parts.
fn digested() -> Sandbox {
    let s = Sandbox::with_captures();
    for (side, source) in [("lhs", "us.ndjson"), ("rhs", "eu.ndjson")] {
        let args = ["diff", "digest", "--side", side, "--types", "types.yaml", source];
        s.write(&format!("{side}.d"), s.govctl(args).exits(0).stdout);
        s.write(&format!("{side}.bare"), s.govctl(args.iter().chain(&["--no-run-records"])).exits(0).stdout);
    }
    s
}

fn run(s: &Sandbox, digests: &str, more: &str) -> Output {
    s.bash(&format!("govctl diff run --types types.yaml --digests {digests} {more}")).exits(2)
}

#[test]
fn streams_put_together_with_cat() {
    let s = digested();
    let lines = |name: &str| s.read(name).lines().count();
    let (whole, bare) = (lines("lhs.d") + 1, lines("lhs.bare") + 1);
    let second = |place: &str, line: usize| format!("{place}:{line}: a second digest stream begins here");
    // Both sides through a pipe, in a file, bare; and twice the same side, with the other one in its own file.
    for (sources, more, says) in [
        ("-", "< <(cat lhs.d rhs.d)", second("-", whole)),
        ("both.d", "", second("both.d", whole)),
        ("-", "< <(cat lhs.bare rhs.bare)", second("-", bare)),
        ("- rhs.d", "< <(cat lhs.d lhs.d)", second("-", whole)),
        ("- rhs.d", "< <(cat lhs.bare lhs.bare)", second("-", bare)),
    ] {
        s.bash("cat lhs.d rhs.d > both.d").exits(0);
        let output = run(&s, sources, more);
        output.says(&[&says, "--digests lhs.digests rhs.digests"]);
        assert!(!output.stderr.contains("gap"), "{}", output.stderr);
    }
    // The way that the hint shows.
    s.bash("govctl diff run --types types.yaml --digests <(cat lhs.d) <(cat rhs.d)").exits(1);
    run(&s, "lhs.d", "").says(&["--digests holds no stream of side rhs", "give the streams of both sides"]);
}

#[test]
fn other_files_are_refused_before_anything_is_written() {
    let s = digested();
    s.bash("govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson > diffs || test $? = 1").exits(0);
    s.bash("grep -v govctl.run/1 diffs > diffs.bare; echo plain > text; : > empty").exits(0);
    for (file, says) in [
        ("us.ndjson", "us.ndjson:1: holds lines that are no govctl records, a digest stream was expected"),
        ("diffs", "diffs:2: is a stream of `govctl diff run`, a digest stream was expected"),
        ("diffs.bare", "diffs.bare:1: holds `govctl.diff/1` records, a digest stream was expected"),
    ] {
        let output = run(&s, &format!("{file} rhs.d"), "");
        output
            .says(&[says, "make one with `govctl diff digest`; recordings of change events go in as --lhs and --rhs"]);
        assert!(output.stdout.is_empty());
    }
    // What a producer that was cut off leaves is no wrong file.
    s.bash("head -n 1 lhs.d > begun").exits(0);
    for (file, says) in
        [("empty", "holds no digest records"), ("begun", "holds no digest records"), ("text", "not a JSON")]
    {
        let args = ["diff", "run", "--types", "types.yaml", "--digests", file, "rhs.d"];
        s.govctl(args).exits(3).says(&[says]);
    }
}

/// A diff is named by its job too, so that the digests of one job are not those of another.
#[test]
fn digests_of_another_job_are_refused() {
    let s = digested();
    s.write("other.yaml", s.read("types.yaml").replace("job: audit-events", "job: other-job"));
    for more in ["", " --no-run-records"] {
        s.bash(&format!("govctl diff digest --side lhs --types other.yaml us.ndjson{more} > other.d")).exits(0);
        let line = s.read("other.d").lines().position(|l| l.contains("diff.decode/1")).unwrap() + 1;
        let place = format!("other.d:{line}: the digests are those of job `other-job`, types.yaml says `audit-events`");
        let refused = s.bash("govctl diff run --types types.yaml --digests other.d rhs.d --evidence out").exits(2);
        refused.says(&[&place, "give the types.yaml (and --hmac-key) that they were made with"]);
    }
    // Streams of before say no job.
    let old = s.read("lhs.bare").replace("\"job\":\"audit-events\",", "");
    assert_ne!(old, s.read("lhs.bare"));
    s.write("old.d", old);
    s.bash("govctl diff run --types types.yaml --digests old.d rhs.d").exits(1);
}

/// A quiet hour: no event at all, so that the first records are findings.
#[test]
fn a_digest_stream_without_events_is_one() {
    let s = Sandbox::new();
    s.write("types.yaml", SMALL);
    s.write("none", "");
    for side in ["lhs", "rhs"] {
        for (name, more) in [(side.to_owned(), ""), (format!("{side}.bare"), "--no-run-records")] {
            let digest =
                format!("govctl diff digest --side {side} --types types.yaml --allow-empty none {more} > {name}");
            s.bash(&digest).exits(0);
        }
    }
    for names in [["lhs", "rhs"], ["lhs.bare", "rhs.bare"]] {
        s.govctl(["diff", "run", "--types", "types.yaml", "--allow-empty", "--digests"].iter().chain(&names)).exits(0);
    }
}
