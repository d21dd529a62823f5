//! `govctl diff report` through the real binary, over streams and over evidence folders made by hand.

use sha2::{Digest, Sha256};

use crate::diffs::{self, Folder, Run, govctl};
use crate::streams;

use crate::common::Sandbox;

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

/// A pipe, a device, and a link are written through.
#[test]
fn the_page_goes_where_it_is_sent() {
    let s = Sandbox::new();
    s.write("d.nd", diffs::diff("1", &[]));
    let report = "govctl diff report d.nd > /dev/null --html";
    let is_page = |name: &str| s.read(name).starts_with("<!doctype html>");
    s.bash(&format!("mkfifo p; cat p > piped & ({report} p || [ $? -eq 1 ]); wait; test -p p")).exits(0);
    assert!(is_page("piped"));
    s.bash(&format!("echo old > real; ln -s real link; ({report} link || [ $? -eq 1 ]); test -L link")).exits(0);
    assert!(is_page("real"));
    s.bash(&format!("ln -s new dangling; ({report} dangling || [ $? -eq 1 ]); test -L dangling")).exits(0);
    assert!(is_page("new"));
    // A node of one's own that swallows everything, where this user may make one.
    s.bash(&format!("mknod n c 1 3 2> /dev/null || exit 0; ({report} n || [ $? -eq 1 ]); test -c n")).exits(0);
    for output in [
        "diff report d.nd --html",
        "diff run --types t --lhs l --rhs r --dead-letter",
        "util keygen --kind hmac --out",
        "util man --out",
    ] {
        let refused = s.bash(&format!("govctl {output} -")).exits(2);
        refused.says(&["standard output is for the records", "./-"]);
        assert!(!s.path("-").exists());
    }
}

/// What was not read says nothing, whatever was found in the rest.
#[test]
fn input_that_failed_is_no_pass_on_the_page() {
    let s = Sandbox::with_captures();
    s.bash("head -60 us.ndjson | cut -c 1-200 > foreign; head -c 3000 us.ndjson > cut").exits(0);
    let run = "govctl diff run --types types.yaml --fail-on never";
    let clean = format!("{run} --lhs us.ndjson --rhs eu.ndjson --now {NOW} --allow-inconclusive");
    for (input, name, why) in [
        (":", "standard input", "is empty: its producer ended before it wrote a record"),
        ("cat foreign", "standard input", "not a JSON object"),
        ("echo '{}'", "standard input", "none of the 1 lines is a govctl record"),
        (&format!("{clean} | head -1"), "standard input", "the stream started and has no end record"),
        (&format!("{run} --lhs cut --rhs eu.ndjson || true"), "standard input", "its producer ended with 3"),
    ] {
        let output = s.bash(&format!("{{ {input}; }} | govctl diff report --html page.html --format human")).exits(3);
        let page = s.read("page.html");
        assert!(!page.contains("Nothing found") && !page.contains("In agreement"), "{input}");
        for text in [&page, output.text()] {
            assert!(text.contains(&format!("{name}: {why}")), "{input}: {text}");
        }
        assert!(!output.text().contains("nothing needs attention"), "{input}: {}", output.text());
    }
}

/// Row 1 is equal in both, and there is nothing else.
pub fn equal_sides() -> Sandbox {
    let s = Sandbox::new();
    s.write("t.yaml", crate::audit::SMALL);
    s.write("us", crate::audit::event("US.t", 0, 0, 1, "v") + "\n");
    s.write("eu", crate::audit::event("EU.t", 0, 0, 1, "v") + "\n");
    s
}

pub fn page_of(s: &Sandbox, more: &str, code: i32) -> (String, String) {
    let command = format!("govctl diff report --runs out --html page.html --format human {more}");
    let output = s.bash(&command).exits(code);
    (s.read("page.html"), output.text().to_owned())
}

pub const AUDIT: &str = "govctl diff run --types t.yaml --lhs us --rhs eu --evidence out > /dev/null";

#[test]
fn a_cut_run_beside_a_clean_one_is_no_agreement() {
    let s = equal_sides();
    let day = s.bash(&format!("{AUDIT} --now 2026-11-23T09:00:00Z; jq -r .window_to[:10] out/*/proof.json")).exits(0);
    let day = format!("--day {}", day.text().trim());
    assert!(page_of(&s, &day, 0).0.contains("<h2>In agreement</h2>"));
    s.bash(&format!("head -c -20 us > cut; {} --now 2026-11-23T10:00:00Z", AUDIT.replace("--lhs us", "--lhs cut")))
        .exits(3);
    let (page, text) = page_of(&s, &day, 3);
    let why = "the run was interrupted or its input cut off, so its evidence is incomplete";
    assert!(page.contains("<h2>Cannot tell</h2>") && page.contains(why), "{page}");
    assert!(text.contains("cannot tell: run 0") && text.contains(why), "{text}");
}

/// Who takes a run away does not change what the folder says of it.
#[test]
fn a_run_that_was_taken_away_breaks_the_chain() {
    let s = equal_sides();
    s.write("other", crate::audit::event("EU.t", 0, 0, 1, "w") + "\n");
    let bad = AUDIT.replace("--rhs eu", "--rhs other");
    let day = s.bash(&format!("{AUDIT} --now 2026-11-23T08:00:00Z; jq -r .window_to[:10] out/*/proof.json")).exits(0);
    let day = format!("--day {}", day.text().trim());
    s.bash(&format!("{AUDIT} --now 2026-11-23T09:00:00Z; {bad} --now 2026-11-23T10:00:00Z || [ $? -eq 1 ]")).exits(0);
    s.bash("cp -r out whole; rm -r $(ls -d out/0* | tail -1)").exits(0);
    let (page, text) = page_of(&s, &day, 1);
    assert!(page.contains("<h2>Needs attention</h2>") && !page.contains(">unbroken<"), "{page}");
    assert!(text.contains("the chain of proofs is broken: chains/_.json names run 0"), "{text}");
    // The next run does not heal it.
    s.bash(&format!("{AUDIT} --now 2026-11-23T11:00:00Z")).exits(0);
    assert!(page_of(&s, &day, 1).1.contains("chains/_.json does not lead to all runs"));
    // A single run is looked at together with its folder.
    let one = s.bash(&format!("govctl diff report {day} --runs $(ls -d out/0* | tail -1)")).exits(1);
    assert!(one.text().contains("\"chain_ok\":false"), "{}", one.text());
    s.bash("rm -r out; cp -r whole out; rm -r $(ls -d out/0* | head -1)").exits(0);
    assert!(page_of(&s, &day, 1).1.contains("is not there and may be of this day"));
    let newest = s.bash("govctl diff verify out --format human").exits(0);
    assert!(newest.text().lines().last().unwrap().contains("not made: ") && newest.text().contains("breaks off"));
    s.bash("govctl diff verify out --require chain > /dev/null").exits(1);
}

/// The day is that of the data, also where nothing was found in it.
#[test]
fn a_clean_stream_tells_its_day() {
    let s = equal_sides();
    let run = "govctl diff run --types t.yaml --lhs us --rhs eu";
    let day = s.bash(&format!("{AUDIT}; jq -r .window_to[:10] out/*/proof.json")).exits(0).text().trim().to_owned();
    let list = "version: 1\nexceptions: []\n";
    s.write("none.yaml", list);
    for through in ["", "| govctl diff triage --exceptions none.yaml"] {
        let report = s.bash(&format!("{run} {through} | govctl diff report")).exits(0);
        let lines = report.of_type("govctl.diff.report/1");
        assert_eq!((lines.len(), &lines[0]["day"]), (1, &day.clone().into()), "{through}");
        assert_eq!(lines[0]["unauthorized"], serde_json::Value::Null, "nobody looked");
    }
    // Without times in the data there is none to tell.
    let end = crate::streams::START.to_owned() + &crate::streams::end(0);
    let report = s.govctl(["diff", "report"]).stdin(end).exits(0);
    assert!(report.of_type("govctl.diff.report/1").is_empty(), "no day is made up: {}", report.text());
}

/// Nobody looked for writes outside the home region, and one column was left out: the page says both.
#[test]
fn the_page_names_what_was_not_looked_at() {
    let s = equal_sides();
    let types =
        crate::audit::SMALL.replace("    columns:", "    ignore: { extra: not of interest here }\n    columns:");
    assert!(types.contains("ignore"), "{types}");
    s.write("t.yaml", types);
    let day = s.bash(&format!("{AUDIT}; jq -r .window_to[:10] out/*/proof.json")).exits(0).text().trim().to_owned();
    let (page, text) = page_of(&s, &format!("--day {day}"), 0);
    for said in ["Writes outside the home region were not checked.", "Not compared: t.extra.", ">not checked<"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("no unauthorised write is recorded") && text.contains("not checked"), "{text}");
    s.write("homes.yaml", "version: 1\ntenants:\n  - { id: acme, region: US }\n");
    s.bash(&format!("rm -r out; {AUDIT} --tenants homes.yaml")).exits(0);
    let (page, _) = page_of(&s, &format!("--day {day}"), 0);
    assert!(page.contains("no unauthorised write is recorded"), "{page}");
    // What ties the page to its evidence.
    let proof = crate::audit::proof(&s, "out");
    let row = |field: &str| format!(">{}</td>", proof[field].as_str().unwrap());
    for said in [row("job"), row("run_id"), row("root"), ">us, eu</td>".into()] {
        assert!(page.contains(&said), "{said}: {page}");
    }
}

#[test]
fn other_types_for_the_same_recordings_count_no_row_twice() {
    let s = Sandbox::with_captures();
    let run = "govctl diff run --lhs us.ndjson --rhs eu.ndjson --evidence out --fail-on never > /dev/null --types";
    s.bash("sed 's/ignore: {/ignore: { tags: left out for this test,/; s/ tags: { type: array, of: text },//' types.yaml > fewer.yaml")
        .exits(0);
    s.bash(&format!("{run} types.yaml --now {NOW}; {run} fewer.yaml --now 2026-11-24T09:00:00Z")).exits(0);
    let report = s.bash("govctl diff report --runs out --day 2026-11-23").exits(1);
    let total = report.of_type("govctl.diff.report/1").pop().unwrap();
    // One of the 18 differs in its tags alone: what is compared no more is not agreed on. 3 more were late.
    assert_eq!((&total["open"], &total["opened"]), (&18.into(), &21.into()), "{total}");
}

/// A run that failed on the day before read nothing of the reported one.
#[test]
fn an_incomplete_run_is_of_no_later_day() {
    let s = Sandbox::with_captures();
    s.bash("head -c -40 eu.ndjson > cut.ndjson").exits(0);
    let run = "govctl diff run --types types.yaml --lhs us.ndjson --evidence out --fail-on never > /dev/null --rhs";
    s.bash(&format!("{run} cut.ndjson --now 2026-11-22T21:00:00Z")).exits(3);
    s.bash(&format!("{run} eu.ndjson --now {NOW}")).exits(0);
    s.bash("govctl diff report --runs out --day 2026-11-23").exits(1);
    s.bash("govctl diff report --runs out --day 2026-11-22").exits(3);
}
