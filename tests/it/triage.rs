//! `govctl diff triage` through the real binary.

use crate::diffs::{self, Run, govctl};

const NOW: &str = "2026-11-24T12:00:00Z";

fn list(entries: &str) -> String {
    format!("version: 1\nexceptions:\n{entries}")
}

fn entry(id: &str, select: &str, rest: &str) -> String {
    format!(
        "  - id: {id}\n    match: {{ tenant: cora, kind: audit, {select} }}\n    owner: o@x\n    justification: known and harmless\n    created: 2026-11-20T00:00:00Z\n    ttl: 10d\n{rest}"
    )
}

fn triage(exceptions: &str, input: &str, more: &[&str]) -> Run {
    let dir = diffs::folder();
    let file = dir.write("ex.yaml", exceptions);
    let mut args = vec!["diff", "triage", "--now", NOW, "--exceptions", &file];
    args.extend(more);
    govctl(&args, input)
}

#[test]
fn an_excepted_diff_passes_and_another_one_is_found() {
    let ex = list(&entry("EX-1", "id: 1", "    ticket: T-9\n"));
    let input = diffs::diff("1", &[]);
    let run = triage(&ex, &input, &["--no-run-records"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let got: serde_json::Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!(got["triage"], "excepted");
    assert_eq!((&got["exception_id"], &got["ticket"]), (&"EX-1".into(), &"T-9".into()));
    assert_eq!(got["expires"], "2026-11-30T00:00:00.000Z");
    assert_eq!(got["schema"], "govctl.diff/1");
    let run = triage(&ex, &format!("{input}{}", diffs::diff("2", &[])), &["--no-run-records"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.fields("triage"), ["excepted", "new"]);
}

#[test]
fn the_expiry_instant_and_the_pin() {
    let input = diffs::diff("1", &[]);
    let dir = diffs::folder();
    let file = dir.write("ex.yaml", &list(&entry("EX-1", "id: 1", "")));
    let at = |now: &str| {
        let run = govctl(&["diff", "triage", "--exceptions", &file, "--now", now, "--no-run-records"], &input);
        (run.code, run.fields("triage"), run.fields("code"))
    };
    assert_eq!(at("2026-11-29T23:59:59.999Z"), (0, vec!["excepted".into()], vec![]));
    assert_eq!(at("2026-11-30T00:00:00Z"), (1, vec!["expired".into()], vec!["exception_expired".into()]));
    let digest = "a".repeat(64);
    let pin = format!("    digests: {{ lhs: {digest}, rhs: \"\" }}\n");
    let run = triage(&list(&entry("EX-1", "id: 1", &pin)), &input, &["--no-run-records"]);
    assert_eq!((run.code, run.fields("triage")), (1, vec!["void".into()]));
    assert_eq!(run.fields("code"), ["exception_void"]);
}

#[test]
fn a_pattern_is_judged_over_the_whole_stream() {
    let input: String = ["10", "11", "12"].map(|id| diffs::diff(id, &[])).concat();
    let ex = |max: u32| list(&entry("G", "id: \"1*\"", &format!("    max_matches: {max}\n")));
    let run = triage(&ex(3), &input, &["--no-run-records"]);
    assert_eq!((run.code, run.fields("triage")), (0, vec!["excepted".to_owned(); 3]));
    let run = triage(&ex(2), &input, &["--no-run-records"]);
    assert_eq!((run.code, run.fields("triage")), (1, vec!["void".to_owned(); 3]));
}

#[test]
fn the_latest_revision_decides() {
    let input = diffs::diff("7", &[])
        + &diffs::diff("7", &[("rev", "1"), ("state", "\"closed\""), ("ts", "\"2026-11-23T11:00:00.000Z\"")]);
    let run = triage(&list("    []\n"), &input, &["--no-run-records"]);
    assert_eq!((run.code, run.fields("triage")), (0, vec!["new".into(), "closed".into()]));
}

#[test]
fn nothing_excuses_an_unauthorised_write() {
    let write = diffs::unauthorized("1");
    let run = triage(&list(&entry("EX-1", "id: 1", "")), &(diffs::diff("1", &[]) + &write), &["--no-run-records"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.fields("triage"), ["excepted"]);
    assert!(run.stdout.ends_with(&write), "passed through as it was");
}

#[test]
fn other_records_pass_byte_for_byte_and_fields_of_diffs_stay() {
    let odd = "{ \"schema\" : \"acme.thing/7\",  \"n\": 1.10 }\n{\"bare\":true}\n";
    let diff = diffs::diff("1", &[("future_field", "[1,{\"a\":null}]")]);
    let run = triage(&list("    []\n"), &format!("{odd}{diff}"), &["--no-run-records"]);
    assert!(run.stdout.starts_with(odd), "{}", run.stdout);
    assert!(run.stdout.contains("\"future_field\":[1,{\"a\":null}]"));
    assert!(run.stdout.matches("\"schema\"").count() == 2);
}

#[test]
fn a_bad_line_is_named_and_the_rest_processed() {
    let input = format!("not json\n{}{{\"schema\":\"govctl.diff/1\",\"id\":4}}\n", diffs::diff("1", &[]));
    let run = triage(&list(&entry("EX-1", "id: 1", "")), &input, &["--no-run-records"]);
    assert_eq!((run.code, run.fields("triage")), (3, vec!["excepted".into()]));
    assert!(run.stderr.contains("-:1:"), "{}", run.stderr);
    assert!(run.stderr.contains("-:3:"), "{}", run.stderr);
}

#[test]
fn a_stream_without_its_end_is_cut() {
    let start = r#"{"schema":"govctl.run/1","event":"start","run_id":"01a20e73-3140-7000-8000-000000000001","command":"diff run","version":"0.1.0","started":"2026-11-24T00:00:00.000Z","inputs":[]}"#;
    let sha256 = govctl::text::sha256_hex(diffs::diff("1", &[]).as_bytes());
    let end = |outcome: u8| {
        format!(
            "{{\"schema\":\"govctl.run/1\",\"event\":\"end\",\"run_id\":\"01a20e73-3140-7000-8000-000000000001\",\"ended\":\"2026-11-24T00:00:00.000Z\",\"outcome\":{outcome},\"counts\":{{}},\"sha256\":\"{sha256}\"}}\n"
        )
    };
    let ex = list(&entry("EX-1", "id: 1", ""));
    let body = format!("{start}\n{}", diffs::diff("1", &[]));
    let run = triage(&ex, &body, &[]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("cut off"), "{}", run.stderr);
    let run = triage(&ex, &(body.clone() + &end(1)), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // The upstream's records are swallowed, its id is among the inputs.
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].contains("\"command\":\"diff triage\""));
    assert!(lines[0].contains("\"run_id\":\"01a20e73-3140-7000-8000-000000000001\""), "{}", lines[0]);
    assert!(lines[0].contains("\"name\":\"ex.yaml\""), "{}", lines[0]);
    // A producer that could not conclude is no pass.
    assert_eq!(triage(&ex, &(body.clone() + &end(4)), &[]).code, 4);
    assert_eq!(triage(&ex, &(body + &end(3)), &[]).code, 3);
}

#[test]
fn check_lints_the_list_only() {
    let good = list(&entry("EX-1", "id: 1", ""));
    let run = triage(&good, "", &["--check", "--no-run-records"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let run = triage(&good.replace("2026-11-20", "2026-11-01"), "", &["--check", "--no-run-records"]);
    assert_eq!((run.code, run.fields("code")), (1, vec!["exception_expired".into()]));
    let run = triage(&good.replace("owner", "ownr"), "", &["--check"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("ex.yaml:5:5: unknown field `ownr`"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `owner`?"), "{}", run.stderr);
    assert_eq!(triage(&good, "", &["--check", "--max-ttl", "9d"]).code, 2);
}

#[test]
fn a_rerun_gives_the_same_bytes_and_people_see_the_same_facts() {
    let ex = list(&entry("EX-1", "id: 1", ""));
    let input = diffs::diff("1", &[]) + &diffs::diff("2", &[]) + &diffs::unauthorized("3");
    // The folder of the list differs between the two runs; no record may show it.
    let run = || triage(&ex, &input, &["--no-run-records"]).stdout;
    assert_eq!(run(), run());
    let human = triage(&ex, &input, &["--format", "human"]).stdout;
    for word in ["excepted", "o@x", "new", "UNAUTHORIZED WRITE", "cora/3"] {
        assert!(human.contains(word), "{word}: {human}");
    }
    let sarif = triage(&ex, &input, &["--format", "sarif"]).stdout;
    for rule in ["diff_excepted", "diff_missing", "unauthorized_write"] {
        assert!(sarif.contains(rule), "{rule}");
    }
}
