//! `govctl diff report` through the real binary, over streams and over evidence folders made by hand.

use sha2::{Digest, Sha256};

use crate::diffs::{self, Folder, Run, govctl};
use crate::streams;

const NOW: &str = "2026-11-24T08:00:00Z";

fn sha(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn proof(run_id: &str, ended: &str, prev: Option<&str>, diffs: &str) -> String {
    serde_json::json!({
        "schema": "govctl.diff.proof/1", "run_id": run_id, "started": ended, "ended": ended,
        "counts": {"ok": 90, "diff": 10, "capture_loss": 3, "inconclusive": 4, "poison": 5},
        "sha256": sha(diffs), "prev_sha256": prev, "job": "audit-events", "mode": "stream",
        "profile": "govctl-canon/1", "types_sha256": null, "tool_sha256": "", "hmac_key_id": null,
        "grace_ms": 45000, "at_end": "final", "inferred": false, "home_checked": true, "columns_not_compared": [],
        "root": "", "partitions": [], "digest_ranges": [],
        // Bucket 527 holds 1.02^527 = 34.1 s.
        "lags": {"replication": [], "audit": [[350, 10]], "detection": [[527, 10]]},
        "stalled_ms": {"lhs": 1000, "rhs": 0}, "sampled": {},
    })
    .to_string()
}

fn manifest(run_id: &str, proof: &str, diffs: &str, complete: bool) -> String {
    serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "diffs.ndjson", "digest": {"sha256": sha(diffs)}},
            {"name": "proof.json", "digest": {"sha256": sha(proof)}},
        ],
        "predicateType": "https://govctl.dev/attestation/run/v1",
        "predicate": {
            "run_id": run_id, "started": "", "ended": "", "counts": {}, "sha256": "", "command": "diff run",
            "version": "0.1.0", "argv": [], "outcome": 1, "complete": complete, "seed": null, "inputs": [],
            "policy_sha256": null, "prev_manifest_sha256": null,
        },
    })
    .to_string()
}

/// Writes one run and returns the digest of its proof.
fn add_run(dir: &Folder, run_id: &str, ended: &str, prev: Option<&str>, diffs: &str) -> String {
    let proof = proof(run_id, ended, prev, diffs);
    dir.write(&format!("out/{run_id}/diffs.ndjson"), diffs);
    dir.write(&format!("out/{run_id}/proof.json"), &proof);
    dir.write(&format!("out/{run_id}/manifest.json"), &manifest(run_id, &proof, diffs, true));
    sha(&proof)
}

const CLOSED: [(&str, &str); 4] =
    [("rev", "1"), ("state", "\"closed\""), ("closed_by", "\"repair\""), ("ts", "\"2026-11-23T11:00:45.000Z\"")];

/// Row 1 opens in the first run and is repaired one hour later in the second.
fn two_runs(dir: &Folder) -> String {
    let first = add_run(dir, "r1", "2026-11-23T10:30:00.000Z", None, &diffs::diff("1", &[]));
    add_run(dir, "r2", "2026-11-23T11:30:00.000Z", Some(&first), &diffs::diff("1", &CLOSED));
    dir.path("out")
}

fn report(args: &[&str], stdin: &str) -> Run {
    let all = [&["diff", "report", "--now", NOW, "--no-run-records"], args].concat();
    govctl(&all, stdin)
}

fn total(run: &Run) -> serde_json::Value {
    run.records().pop().unwrap_or_default()
}

#[test]
fn runs_give_counts_lags_and_the_chain() {
    let dir = diffs::folder();
    let root = two_runs(&dir);
    let strict = report(&["--runs", &root], "");
    let run = report(&["--runs", &root, "--allow-inconclusive"], "");
    assert_eq!((strict.code, &strict.stdout), (1, &run.stdout), "inconclusive keys are no pass");
    assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
    let records = run.records();
    assert_eq!((records.len(), &records[0]["tenant"], &records[1]["tenant"]), (2, &"cora".into(), &"*".into()));
    let t = total(&run);
    let expected = serde_json::json!({
        "schema": "govctl.diff.report/1", "day": "2026-11-23", "opened": 1, "closed": 1, "open": 0, "missing": 1,
        "mttr_mean_ms": 3_600_000, "mttr_p95_ms": 3_600_000, "proofs": 2, "chain_ok": true, "slo_ok": true,
        "capture_loss": 6, "inconclusive": 8, "poison": 10, "stalled_ms": 2000, "exceptions_active": null,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&t[field], value, "{field}");
    }
    let detection = t["detection_delay_p95_ms"].as_i64().unwrap();
    assert!((detection - 34_400).abs() < 700, "{detection}");
    // Single run directories, in any order and twice, say the same.
    let (one, two) = (dir.path("out/r1"), dir.path("out/r2"));
    assert_eq!(report(&["--runs", &two, &one, &two], "").stdout, run.stdout);
}

#[test]
fn an_open_diff_is_found_unless_it_is_excepted() {
    let dir = diffs::folder();
    add_run(&dir, "r1", "2026-11-23T10:30:00.000Z", None, &diffs::diff("1", &[]));
    let root = dir.path("out");
    let run = report(&["--runs", &root], "");
    assert_eq!((run.code, &total(&run)["open"], &total(&run)["excepted"]), (1, &1.into(), &0.into()));
    let list = dir.write(
        "ex.yaml",
        "version: 1\nexceptions:\n  - id: EX-1\n    match: { tenant: cora, kind: audit, id: 1 }\n    owner: o\n    justification: known and harmless\n    created: 2026-11-23T00:00:00Z\n    ttl: 2d\n",
    );
    let run = report(&["--runs", &root, "--exceptions", &list, "--allow-inconclusive"], "");
    assert_eq!((run.code, &total(&run)["excepted"], &total(&run)["exceptions_active"]), (0, &1.into(), &1.into()));
    // The day decides, not now.
    let late = report(&["--runs", &root, "--exceptions", &list, "--day", "2026-11-25"], "");
    assert_eq!((late.code, &total(&late)["exceptions_expired"]), (1, &1.into()));
}

/// The page of a CI system shows what the exit code is about.
#[test]
fn renderings_show_what_needs_attention() {
    let dir = diffs::folder();
    let first = add_run(&dir, "r1", "2026-11-23T10:30:00.000Z", None, &diffs::diff("1", &[]));
    let more = diffs::diff("2", &[]) + &diffs::unauthorized("9");
    add_run(&dir, "r2", "2026-11-23T11:30:00.000Z", Some(&first), &more);
    // Two proofs that follow the same one.
    add_run(&dir, "r3", "2026-11-23T12:30:00.000Z", Some(&first), "");
    let root = dir.path("out");
    let list = dir.write(
        "ex.yaml",
        "version: 1\nexceptions:\n  - id: EX-1\n    match: { tenant: cora, kind: audit, id: 1 }\n    owner: o\n    justification: known and harmless\n    created: 2026-11-23T00:00:00Z\n    ttl: 2d\n",
    );
    let render = |format: &str| {
        let run = report(&["--runs", &root, "--exceptions", &list, "--format", format], "");
        assert_eq!(run.code, 1, "{}", run.stderr);
        run.stdout
    };
    let sarif: serde_json::Value = serde_json::from_str(&render("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let mut found: Vec<String> = results
        .map(|r| {
            let subject = &r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
            format!("{} {} {}", r["level"], r["ruleId"], subject).replace('"', "")
        })
        .collect();
    found.sort();
    let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(sarif.pointer(uri).unwrap(), "diffs.ndjson", "an absolute path is cut to its last part");
    let expected = [
        "error chain_broken 2026-11-23",
        "error diff_missing cora/2",
        "error inconclusive audit-events",
        "error unauthorized_write cora/9",
        "note diff_excepted cora/1",
    ];
    assert_eq!(found, expected);
    assert!(render("junit").contains("tests=\"5\" failures=\"4\""));
    assert_eq!(render("github").lines().filter(|l| l.starts_with("::error ")).count(), 4);
    // A quiet day is one passed case, not an empty file.
    let nothing = format!("{}{}", streams::START, streams::end(0));
    let quiet = report(&["--format", "junit"], &nothing);
    assert_eq!(quiet.code, 0);
    assert!(quiet.stdout.contains("tests=\"1\" failures=\"0\""), "{}", quiet.stdout);
}

#[test]
fn a_missing_or_altered_run_breaks_the_chain() {
    let dir = diffs::folder();
    let root = two_runs(&dir);
    let second = sha(&std::fs::read_to_string(dir.path("out/r2/proof.json")).unwrap());
    add_run(&dir, "r3", "2026-11-23T12:30:00.000Z", Some(&second), "");
    assert_eq!(report(&["--runs", &root, "--allow-inconclusive"], "").code, 0);
    let without = report(&["--runs", &dir.path("out/r1"), &dir.path("out/r3")], "");
    assert_eq!((without.code, &total(&without)["chain_ok"]), (1, &false.into()));
    // One byte of the diffs, same length.
    dir.write("out/r1/diffs.ndjson", &diffs::diff("1", &[]).replace("\"aa\"", "\"ab\""));
    let altered = report(&["--runs", &root], "");
    assert_eq!((altered.code, &total(&altered)["chain_ok"]), (1, &false.into()));
    assert!(altered.stderr.contains("r1/diffs.ndjson"), "{}", altered.stderr);
}

#[test]
fn without_a_complete_manifest_there_is_no_evidence() {
    let dir = diffs::folder();
    let root = two_runs(&dir);
    let proof = std::fs::read_to_string(dir.path("out/r2/proof.json")).unwrap();
    let body = diffs::diff("1", &CLOSED);
    dir.write("out/r2/manifest.json", &manifest("r2", &proof, &body, false));
    let run = report(&["--runs", &root], "");
    assert_eq!((run.code, &total(&run)["open"]), (3, &1.into()), "the rest is processed");
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    std::fs::remove_file(dir.path("out/r2/manifest.json")).unwrap();
    let run = report(&["--runs", &dir.path("out/r2")], "");
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("has no manifest.json"), "{}", run.stderr);
    dir.write("empty/note.txt", "");
    assert_eq!(report(&["--runs", &dir.path("empty")], "").code, 3);
    assert_eq!(report(&["--runs", &dir.path("nowhere")], "").code, 2);
    let file = report(&["--runs", &root, &dir.path("empty/note.txt")], "");
    assert!(file.code == 2 && file.stderr.contains("name the stream before it"), "{}", file.stderr);
}

#[test]
fn a_stream_alone_gives_every_day_and_no_proof_fields() {
    let input = diffs::diff("1", &[])
        + &diffs::diff("1", &CLOSED)
        + &diffs::diff("2", &[("ts", "\"2026-11-20T01:00:00.000Z\""), ("opened_ts", "\"2026-11-20T01:00:00.000Z\"")]);
    let run = report(&[], &input);
    assert_eq!(run.code, 1, "row 2 is open");
    let totals: Vec<_> = run.records().into_iter().filter(|r| r["tenant"] == "*").collect();
    assert_eq!(totals.iter().map(|t| t["day"].as_str().unwrap()).collect::<Vec<_>>(), ["2026-11-20", "2026-11-23"]);
    assert_eq!((&totals[1]["mttr_mean_ms"], &totals[1]["open"]), (&3_600_000.into(), &1.into()));
    for field in ["slo_ok", "chain_ok", "proofs", "detection_delay_p95_ms", "poison", "sampled_share"] {
        assert!(totals[1][field].is_null(), "{field}");
    }
    let one = report(&["--day", "2026-11-23"], &input);
    assert_eq!(one.fields("day"), ["2026-11-23", "2026-11-23"]);
    assert_eq!(report(&["--day", "23.11.2026"], &input).code, 2);
    let empty = report(&[], "");
    assert_eq!((empty.code, empty.stderr.contains("-: is empty")), (3, true), "{}", empty.stderr);
    let cut = report(&[], &format!("{input}not json\n"));
    assert_eq!(cut.code, 3);
    assert!(cut.stderr.contains("-:4:"), "{}", cut.stderr);
    let timeless = report(&[], &(input.clone() + &diffs::diff("3", &[("opened_ts", "\"yesterday\"")])));
    assert_eq!((timeless.code, &total(&timeless)["open"]), (3, &1.into()), "the rest is processed");
    assert!(timeless.stderr.contains("-:4: opened_ts: `yesterday`"), "{}", timeless.stderr);
}

#[test]
fn run_triage_report() {
    let dir = diffs::folder();
    let list = dir.write(
        "ex.yaml",
        "version: 1\nexceptions:\n  - id: EX-1\n    match: { tenant: cora, kind: audit, id: \"*\" }\n    max_matches: 5\n    owner: o\n    justification: known and harmless\n    created: 2026-11-23T00:00:00Z\n    ttl: 2d\n",
    );
    let input = diffs::diff("1", &[]) + &diffs::diff("2", &[]);
    let triage = govctl(&["diff", "triage", "--exceptions", &list, "--now", NOW], &input);
    assert_eq!(triage.code, 0, "{}", triage.stderr);
    // The marks of the triage are enough.
    let run = report(&[], &triage.stdout);
    assert_eq!((run.code, &total(&run)["excepted"]), (0, &2.into()));
    let cut: String = triage.stdout.lines().take(2).map(|l| format!("{l}\n")).collect();
    assert_eq!(report(&[], &cut).code, 3);
    let write = report(&[], &(triage.stdout + &diffs::unauthorized("9")));
    assert_eq!((write.code, &total(&write)["unauthorized"]), (1, &1.into()));
}

#[test]
fn the_page_is_written_and_a_rerun_gives_the_same_bytes() {
    let dir = diffs::folder();
    let root = two_runs(&dir);
    let (one, two) = (dir.path("one.html"), dir.path("two.html"));
    let first = report(&["--runs", &root, "--allow-inconclusive", "--html", &one], "");
    let second = report(&["--runs", &root, "--allow-inconclusive", "--html", &two], "");
    assert_eq!((first.code, first.stdout), (0, second.stdout));
    let page = std::fs::read_to_string(&one).unwrap();
    assert_eq!(page, std::fs::read_to_string(&two).unwrap());
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("In agreement") && page.contains("unbroken"));
    assert!(!page.contains(&dir.path("")), "no path of this machine");
    // With --evidence the page is part of it.
    let evidence = dir.path("ev");
    assert_eq!(report(&["--runs", &root, "--allow-inconclusive", "--evidence", &evidence], "").code, 0);
    let run =
        std::fs::read_dir(&evidence).unwrap().map(|e| e.unwrap().path()).find(|p| p.join("manifest.json").is_file());
    assert_eq!(std::fs::read_to_string(run.unwrap().join("report.html")).unwrap(), page);
    assert_eq!(report(&["--runs", &root, "--html", &dir.path("no/such/page.html")], "").code, 4);
}

#[test]
fn people_see_the_same_facts() {
    let dir = diffs::folder();
    let root = two_runs(&dir);
    let human = report(&["--runs", &root, "--format", "human"], "").stdout;
    for text in ["cora", "audit", "1 h / 1 h / 1 h", "detection delay p50/p95/p99", "met", "unbroken", "2.0 s"] {
        assert!(human.contains(text), "{text}: {human}");
    }
    assert!(govctl(&["diff", "report", "--help"], "").stdout.trim_end().ends_with("70 a bug"));
    assert!(
        govctl(&["diff", "triage", "--help"], "")
            .stdout
            .contains("govctl diff triage --exceptions exceptions.yaml --check")
    );
}

/// After a change that is meant, write the two files again with the command in fixtures/diff/report/README.md.
#[test]
fn the_golden_report() {
    let fixture = |name: &str| format!("{}/fixtures/diff/report/{name}", env!("CARGO_MANIFEST_DIR"));
    let dir = diffs::folder();
    let page = dir.path("page.html");
    let (list, input) = (fixture("exceptions.yaml"), fixture("diffs.ndjson"));
    let run = report(&["--day", "2026-11-23", "--exceptions", &list, "--html", &page, &input], "");
    assert_eq!(run.code, 1);
    assert_eq!(run.stdout, std::fs::read_to_string(fixture("expected.ndjson")).unwrap());
    assert_eq!(std::fs::read_to_string(page).unwrap(), std::fs::read_to_string(fixture("expected.html")).unwrap());
}
