//! Real processes: pipelines, cut producers, closed consumers, signals, and renderings for CI.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::audit::*;
use crate::common::Sandbox;
use crate::strict;

/// A sandbox with the captures under short names.
pub fn prepared() -> Sandbox {
    let s = Sandbox::new();
    s.write("us.ndjson", text(US));
    s.write("eu.ndjson", text(EU));
    s.write("types.yaml", text("types.yaml"));
    s.write("exceptions.yaml", text("exceptions.yaml"));
    s
}

const RUN: &str = "govctl diff run --now 2026-11-24T00:00:00Z --types types.yaml --lhs us.ndjson --rhs eu.ndjson";

#[test]
fn run_triage_report() {
    let s = prepared();
    let script = format!(
        "{RUN} --fail-on never | tee diffs.ndjson \
         | govctl diff triage --now 2026-11-24T00:00:00Z --exceptions exceptions.yaml > triaged.ndjson || test $? = 1\n\
         govctl diff report --now 2026-11-24T00:00:00Z --html report.html triaged.ndjson > report.ndjson || test $? = 1"
    );
    s.bash(&script).exits(0);
    let read = |name: &str| strict::stream(s.read(name).as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let (diffs, triaged, report) = (read("diffs.ndjson"), read("triaged.ndjson"), read("report.ndjson"));
    assert_eq!(open(&triaged).len(), 18);
    let run_id = &diffs[0]["run_id"];
    let inputs = triaged[0]["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|i| i["run_id"] == *run_id), "the filter names its upstream run: {inputs:?}");
    let total = report.iter().find(|r| r["schema"] == "govctl.diff.report/1" && r["tenant"] == "*").unwrap();
    // 18 open diffs and 3 that opened and closed late, all on one day.
    assert_eq!((&total["opened"], &total["open"]), (&21.into(), &18.into()));
    assert!(s.read("report.html").contains("</html>"));
}

#[test]
fn a_filter_by_jq_is_accepted() {
    let s = prepared();
    if s.bash("command -v jq").run().code != Some(0) {
        writeln!(std::io::stderr(), "skipped: jq is not installed").unwrap();
        return;
    }
    let script = format!(
        "{RUN} --fail-on never | jq -c 'select(.tenant == \"cora\")' | govctl diff triage --exceptions exceptions.yaml --now 2026-11-24T00:00:00Z"
    );
    let records = s.bash(&script).run().records();
    let keys: Vec<String> = open(&records).into_keys().collect();
    assert_eq!(keys, ["cora/10007", "cora/10302", "cora/10322"]);
}

#[test]
fn a_killed_producer_gives_3() {
    let s = prepared();
    // The end record is missing, as when the producer was killed.
    let script =
        format!("{RUN} --fail-on never | sed '$d' | govctl diff triage --exceptions exceptions.yaml > out.ndjson");
    let output = s.bash(&script).exits(3);
    assert!(output.stderr.contains("has no end record"), "{}", output.stderr);
    let kept = strict::stream(s.read("out.ndjson").as_bytes()).unwrap();
    assert_eq!(open(&kept).len(), 18, "what came before is processed");
    // A producer that really dies: it gets no further than its first lines.
    let script =
        "(head -c 3000 diffs.ndjson; kill -9 $BASHPID) | govctl diff triage --exceptions exceptions.yaml > /dev/null";
    s.bash(&format!("{RUN} --fail-on never > diffs.ndjson")).exits(0);
    let output = s.bash(&format!("set +o pipefail; {script}")).exits(3);
    assert!(output.stderr.contains("-:"), "the position is named: {}", output.stderr);
}

#[test]
fn a_producer_of_events_that_is_cut_in_a_line_gives_3() {
    let s = prepared();
    let script = "head -c 100000 us.ndjson | govctl diff run --types types.yaml --lhs - --rhs eu.ndjson > out.ndjson";
    let output = s.bash(script).exits(3);
    let cut = text(US)[..100_000].lines().count();
    assert!(output.stderr.contains(&format!("-:{cut}: ")), "{}", output.stderr);
}

#[test]
fn a_closed_consumer_is_no_error_and_the_evidence_says_incomplete() {
    let s = prepared();
    // Enough output that the pipe is full before its reader is gone.
    s.write("many.ndjson", multiplied(60));
    let script = "govctl diff run --types types.yaml --lhs many.ndjson --rhs eu.ndjson --evidence out | head -n 1; echo ${PIPESTATUS[0]}";
    let output = s.bash(script).exits(0);
    let lines: Vec<&str> = output.text().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!((strict::line(lines[0].as_bytes()).unwrap()["event"].clone(), lines[1]), ("start".into(), "0"));
    assert_eq!(output.stderr, "");
    assert_eq!(manifest(&s)["predicate"]["complete"], false);
}

fn manifest(s: &Sandbox) -> Value {
    let bytes = evidence_files(s, "out")["manifest.json"].clone();
    serde_json::from_slice(&bytes).unwrap()
}

/// The folders of runs that have not ended.
pub fn begun_runs(s: &Sandbox) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(s.path("out")) else { return Vec::new() };
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|n| n.ends_with(".tmp")).collect()
}

/// `diff run` that waits for more of its lhs on standard input.
pub fn waiting(s: &Sandbox) -> Child {
    let mut call = run(s, "types.yaml", "-", "eu.ndjson", &["--evidence", "out"]);
    let mut child = call.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(text(US).as_bytes()).unwrap();
    stdin.flush().unwrap();
    // It works once its evidence folder is there.
    let id = format!(".{}.tmp", child.id());
    let begun = || begun_runs(s).iter().any(|name| name.ends_with(&id));
    for _ in 0..500 {
        if begun() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(begun(), "the run did not begin");
    child
}

#[test]
fn a_signal_ends_the_run_with_its_evidence_marked_incomplete() {
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let s = prepared();
        let mut child = waiting(&s);
        s.bash(&format!("kill -{name} {}", child.id())).exits(0);
        let stdin = child.stdin.take();
        let status = child.wait().unwrap();
        drop(stdin);
        assert_eq!(status.signal(), Some(number), "the shell sees the signal");
        assert_eq!(manifest(&s)["predicate"]["complete"], false);
        assert_eq!(manifest(&s)["predicate"]["outcome"], 128 + number);
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert!(!out.contains("\"event\":\"end\""), "a cut stream has no end record: {out}");
    }
}

#[test]
fn renderings_for_ci() {
    let s = prepared();
    let render = |format: &str| {
        let output = s.bash(&format!("{RUN} --format {format}")).exits(1);
        output.text().to_owned()
    };
    let sarif: Value = serde_json::from_str(&render("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "govctl");
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    let results = run["results"].as_array().unwrap();
    // What opened and closed again within the input is no finding.
    let of = |rule: &str| results.iter().filter(|r| r["ruleId"] == rule).count();
    assert_eq!((of("diff_missing"), of("diff_mismatch"), of("capture_loss"), of("lossy_column")), (9, 9, 1, 1));
    for result in results {
        let rule = result["ruleId"].as_str().unwrap();
        assert!(rules.contains(&rule), "{rule} is not among {rules:?}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(result["partialFingerprints"].is_object());
    }
    let junit = render("junit");
    assert!(junit.starts_with("<?xml version=\"1.0\"") && junit.trim_end().ends_with("</testsuites>"), "{junit}");
    // The 18 diffs and the inconclusive key; the two warnings pass.
    assert!(junit.contains("tests=\"21\" failures=\"19\""), "{junit}");
    assert_eq!(junit.matches("<system-out>warning: ").count(), 2);
    let github = render("github");
    assert!(
        github.lines().all(|l| l.starts_with("::error ") || l.starts_with("::warning ") || l.starts_with("::notice ")),
        "{github}"
    );
    let loss = github.lines().find(|l| l.contains("capture_loss::")).unwrap();
    assert!(
        loss.starts_with("::warning title=diff capture_loss::audit: a decimal NaN") && loss.contains("[acme/10350]")
    );
    let human = render("human");
    for text in ["eiger", "10204", "stale", "capture_loss"] {
        assert!(human.contains(text), "{text} is not in\n{human}");
    }
    assert!(!human.contains("{\"schema\""));
}
