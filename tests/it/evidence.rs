//! docs/evidence.md and docs/records.md: what they say about files holds, and their commands work with foreign tools.

use govctl::error::Kind;
use govctl::evidence::{Predicate, RunDir, Seal};
use govctl::record::run::Counts;

use crate::common::{Sandbox, root};
use crate::run_pipes::{begun_runs, prepared, waiting};

fn predicate(run_id: &str, complete: bool) -> Predicate {
    Predicate {
        run_id: run_id.into(),
        started: "2026-11-24T00:00:00.000Z".into(),
        ended: "2026-11-24T00:00:00.000Z".into(),
        counts: Counts::new(),
        sha256: String::new(),
        command: "diff run".into(),
        version: "0".into(),
        argv: Vec::new(),
        outcome: 0,
        complete,
        seed: None,
        region: None,
        tenant: Some(None),
        inputs: Vec::new(),
        policy_sha256: None,
        prev_manifest_sha256: None,
    }
}

fn run(root: &str, run_id: &str, bytes: &[u8], complete: bool) -> govctl::error::Result<()> {
    let mut dir = RunDir::create(root, run_id, Seal::default())?;
    dir.add_file("diffs.ndjson", bytes)?;
    dir.finish(predicate(run_id, complete)).map(|_| ())
}

/// The shell blocks of a page of docs/, in order.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let all = text.split("```sh\n").skip(1).map(|t| t.split("```").next().unwrap().to_owned());
    // Those about keys and signatures are tried where these are.
    all.filter(|block| block.contains("sha256")).filter(|block| !block.contains("openssl")).collect()
}

#[test]
fn a_chain_of_runs_can_be_checked_with_foreign_tools() {
    let sandbox = Sandbox::new();
    let evidence = sandbox.path("out").to_str().unwrap().to_owned();
    run(&evidence, "run-1", b"{}\n", true).unwrap();
    run(&evidence, "run-2", b"{\"a\":1}\n", true).unwrap();
    let blocks = blocks("evidence.md");
    let checked = blocks[0].replace("DIR/<run_id>", "out/run-2");
    let output = sandbox.bash(&checked).exits(0);
    assert_eq!(output.text(), "diffs.ndjson: OK\ntrue\n");
    sandbox.write("out/run-2/diffs.ndjson", "{\"a\":2}\n");
    sandbox.bash(&checked).exits(1);
    let output = sandbox.bash(&blocks[1].replace("DIR", "out")).exits(0);
    let digests: Vec<&str> = output.text().lines().map(|l| &l[..64]).collect();
    assert_eq!(digests[1], digests[2], "the chain names the newest manifest");
    let second: serde_json::Value = serde_json::from_str(&sandbox.read("out/run-2/manifest.json")).unwrap();
    assert_eq!(second["predicate"]["prev_manifest_sha256"], digests[0]);
}

#[test]
fn a_rerun_is_success_and_other_outputs_are_refused() {
    let sandbox = Sandbox::new();
    let evidence = sandbox.path("out").to_str().unwrap().to_owned();
    run(&evidence, "run-1", b"a\n", true).unwrap();
    let manifest = sandbox.read("out/run-1/manifest.json");
    run(&evidence, "run-1", b"a\n", true).unwrap();
    let refused = run(&evidence, "run-1", b"b\n", true).unwrap_err();
    assert_eq!(refused.kind, Kind::Usage);
    assert!(refused.message.contains("(diffs.ndjson differs)"), "{refused}");
    assert_eq!(sandbox.read("out/run-1/manifest.json"), manifest);
    assert_eq!(sandbox.read("out/run-1/diffs.ndjson"), "a\n");
}

#[test]
fn an_incomplete_run_is_marked_and_replaced_by_a_complete_one() {
    let sandbox = Sandbox::new();
    let evidence = sandbox.path("out").to_str().unwrap().to_owned();
    run(&evidence, "run-1", b"a\n", false).unwrap();
    assert!(sandbox.read("out/run-1/manifest.json").contains("\"complete\":false"));
    run(&evidence, "run-1", b"a\nb\n", true).unwrap();
    assert!(sandbox.read("out/run-1/manifest.json").contains("\"complete\":true"));
    assert_eq!(sandbox.read("out/run-1/diffs.ndjson"), "a\nb\n");
}

#[test]
fn a_run_that_is_given_up_leaves_nothing() {
    let sandbox = Sandbox::new();
    let evidence = sandbox.path("out").to_str().unwrap().to_owned();
    let mut dir = RunDir::create(&evidence, "run-1", Seal::default()).unwrap();
    dir.add_file("diffs.ndjson", b"a\n").unwrap();
    assert!(!sandbox.path("out/run-1").exists(), "outputs appear before the manifest");
    drop(dir);
    let left: Vec<_> = std::fs::read_dir(sandbox.path("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
}

#[test]
fn the_digest_of_a_stream_can_be_checked_with_foreign_tools() {
    let sandbox = Sandbox::new();
    let data = "{\"schema\":\"govctl.diff/1\"}\n";
    let sha256 = govctl::text::sha256_hex(data.as_bytes());
    let run = |rest: &str| format!("{{\"schema\":\"govctl.run/1\",{rest}}}\n");
    let end = run(&format!("\"event\":\"end\",\"sha256\":\"{sha256}\""));
    sandbox.write("diffs.ndjson", run("\"event\":\"start\"") + data + &end);
    let output = sandbox.bash(&blocks("records.md")[0]).exits(0);
    let digests: Vec<&str> = output.text().lines().map(|l| &l[..64]).collect();
    assert_eq!(digests, [sha256.as_str(), &sha256]);
}

#[test]
fn what_a_killed_run_left_is_removed_and_what_is_being_written_is_not() {
    let s = prepared();
    let mut killed = waiting(&s);
    let mut living = waiting(&s);
    s.bash(&format!("kill -9 {}", killed.id())).exits(0);
    killed.wait().unwrap();
    let of = |id: u32| begun_runs(&s).iter().filter(|name| name.ends_with(&format!(".{id}.tmp"))).count();
    assert_eq!((of(killed.id()), of(living.id())), (1, 1), "it had no time to tidy up");
    for other in [".notes.tmp", ".x.1.tmp.d", "a.1.tmp"] {
        std::fs::create_dir(s.path("out").join(other)).unwrap();
    }
    s.govctl(["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "--evidence", "out"])
        .exits(1);
    assert_eq!((of(killed.id()), of(living.id())), (0, 1));
    for other in [".notes.tmp", ".x.1.tmp.d", "a.1.tmp"] {
        assert!(s.path("out").join(other).exists(), "{other} is no folder of a run");
    }
    // The one that lives comes to its end.
    drop(living.stdin.take());
    living.wait().unwrap();
    assert_eq!(of(living.id()), 0);
    let whole =
        std::fs::read_dir(s.path("out")).unwrap().filter(|e| e.as_ref().unwrap().path().join("manifest.json").exists());
    assert_eq!(whole.count(), 2);
}
