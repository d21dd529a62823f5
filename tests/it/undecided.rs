//! Input that says less than a verdict needs never ends as a pass.

use crate::common::*;

const TYPES: &str = "version: 1\njob: j\nlhs: { region: US, connector: US }\nrhs: { region: EU, connector: EU }\ntables:\n  - { kind: a, lhs: US.t, rhs: EU.t, key: { tenant: tenant, id: [id] }, columns: { tenant: text, id: int, v: text } }\n";
const RUN: &str = "govctl diff run --types types.yaml --lhs us.nd --rhs eu.nd";

/// A record of `{side}.t` at `ms`, flattened, without an event key.
fn record(side: &str, offset: u64, ms: u64, value: &str) -> String {
    format!(
        "{{\"topic\":\"{side}.t\",\"partition\":0,\"offset\":{offset},\"timestamp\":{},\"key\":null,\"value\":{value}}}\n",
        1_795_464_000_000 + ms
    )
}

fn sandbox(us: &str, eu: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("types.yaml", TYPES);
    sandbox.write("us.nd", us);
    sandbox.write("eu.nd", eu);
    sandbox
}

const ROW: &str = r#"{"tenant":"acme","id":1,"v":"x"}"#;

/// It may be the only trace of a row's delete.
#[test]
fn a_record_without_key_and_value_is_unreadable() {
    let (us, eu) = (record("US", 0, 0, ROW), record("EU", 0, 0, ROW));
    sandbox(&us, &eu).bash(RUN).exits(0);
    let lost = sandbox(&(us + &record("US", 1, 10, "null")), &eu).bash(RUN).exits(3);
    assert!(lost.stderr.contains("us.nd:2: a record with neither key nor value"), "{}", lost.stderr);
}

/// Behind any other record of the partition it may be the delete of another row.
#[test]
fn a_tombstone_without_a_key_is_directly_behind_its_delete() {
    let gone = ROW.replace('}', ",\"__deleted\":\"true\"}");
    let other = ROW.replace("\"id\":1", "\"id\":2");
    let eu = record("EU", 0, 0, &other);
    let run = |between: &str, code: i32| {
        let us = record("US", 0, 0, &other) + &record("US", 1, 0, ROW) + &record("US", 2, 1, &gone) + between;
        sandbox(&(us + &record("US", 9, 3, "null")), &eu).bash(RUN).exits(code)
    };
    // Offsets have gaps, and other partitions come in between.
    run("", 0);
    run(&record("US", 3, 2, &other).replace("\"partition\":0", "\"partition\":1"), 0);
    let late = run(&record("US", 3, 2, &other), 3);
    assert!(late.stderr.contains("us.nd:5: a record with neither key nor value"), "{}", late.stderr);
    // An unreadable record may be of this partition.
    assert!(run("{}\n", 3).stderr.contains("us.nd:5: a record with neither"));
    // A tombstone with its key is known by it.
    let keyed = record("US", 4, 2, "null").replace("\"key\":null", r#""key":{"tenant":"acme","id":1}"#);
    run(&(record("US", 3, 2, &other) + &keyed), 3);
    let us = record("US", 0, 0, &other) + &record("US", 1, 0, ROW) + &record("US", 2, 1, &gone);
    let counted = sandbox(&(us + &record("US", 3, 2, &other) + &keyed), &eu).bash(RUN).exits(0);
    assert!(counted.text().contains("\"tombstones\":1,"), "{}", counted.text());
    // Bare values: a flattened delete has its key among its columns.
    let bare = sandbox(&format!("{other}\n{ROW}\n{gone}\nnull\n"), &format!("{other}\n"));
    bare.bash(RUN).exits(0);
    bare.write("us.nd", format!("{ROW}\n{gone}\n{other}\nnull\n"));
    bare.bash(RUN).exits(3);
}

#[test]
fn a_run_without_any_verdict_proves_nothing() {
    let later = ROW.replace("\"x\"", "\"y\"");
    // Both rows are within the grace period at the end.
    let pending = sandbox(&record("US", 0, 0, ROW), &record("EU", 0, 0, &later));
    let run = pending.bash(&format!("{RUN} --at-end hold")).exits(3);
    assert!(run.text().contains("\"code\":\"nothing_compared\""), "{}", run.text());
    pending.bash(&format!("{RUN} --at-end hold --allow-empty")).exits(0);
}

/// Whatever the run was told to fail on: no exception excuses what is not known.
#[test]
fn triage_does_not_pass_undecided_keys() {
    let lost = ROW.replace("\"x\"", "\"__debezium_unavailable_value\"");
    let undecided = sandbox(&record("US", 0, 0, &lost), &record("EU", 0, 0, ROW));
    undecided.write("none.yaml", "version: 1\nexceptions: []\n");
    let triage = "govctl diff triage --exceptions none.yaml";
    undecided.bash(RUN).exits(1);
    let run = undecided.bash(&format!("{RUN} --fail-on never | {triage}")).exits(1);
    assert!(run.text().contains("\"errors\":1,"), "{}", run.text());
    undecided.bash(&format!("{RUN} --fail-on never --no-run-records | {triage}")).exits(1);
    undecided.bash(&format!("{RUN} --fail-on never | {triage} | govctl diff report")).exits(1);
    undecided.bash(&format!("{RUN} --allow-inconclusive | {triage}")).exits(0);
}

/// A key whose grace period still runs is no failure, and no agreement.
#[test]
fn a_report_says_that_keys_are_pending() {
    let other = ROW.replace("\"id\":1", "\"id\":2");
    let us = record("US", 0, 0, ROW) + &record("US", 1, 10, &other);
    let pending = sandbox(&us, &record("EU", 0, 0, ROW));
    pending.bash(&format!("{RUN} --at-end hold --evidence out")).exits(0);
    let report = "govctl diff report --runs out --day 2026-11-23 --html page.html";
    let run = pending.bash(report).exits(0);
    assert!(run.text().contains("\"pending\":1,"), "{}", run.text());
    let page = pending.read("page.html");
    for text in ["<h2>In agreement as far as decided</h2>", "Not decided: 1 pending key."] {
        assert!(page.contains(text), "`{text}` is not in:\n{page}");
    }
    let human = pending.bash(&format!("{report} --format human")).exits(0);
    assert!(human.text().lines().any(|l| l.split_whitespace().eq(["pending", "1"])), "{}", human.text());
}

/// That a key is gone on both sides says nothing of what the tables hold.
#[test]
fn a_run_of_nothing_but_deletes_proves_nothing() {
    let gone = ROW.replace('}', ",\"__deleted\":\"true\"}");
    let both = |us: &str, eu: &str| sandbox(&record("US", 0, 0, us), &record("EU", 0, 0, eu));
    let deleted = both(&gone, &gone);
    let run = deleted.bash(&format!("{RUN} --evidence out")).exits(3);
    assert!(run.text().contains("\"code\":\"nothing_compared\""), "{}", run.text());
    assert!(run.text().contains("\"ok\":1,"), "{}", run.text());
    deleted.bash(&format!("{RUN} --allow-empty")).exits(0);
    deleted.bash("govctl diff verify out").exits(0);
    deleted.bash("govctl diff verify out --types types.yaml --lhs us.nd --rhs eu.nd --require rerun").exits(0);
    let digest = |side: &str, source: &str| {
        let command = format!("govctl diff digest --side {side} --types types.yaml {source} > {side}");
        deleted.bash(&command).exits(0);
    };
    digest("lhs", "us.nd");
    digest("rhs", "eu.nd");
    deleted.bash("govctl diff run --types types.yaml --digests lhs rhs").exits(3);
    // A row that was there before it was deleted, on one side; a row that is missing.
    let before = record("US", 0, 0, ROW) + &record("US", 1, 1, &gone);
    sandbox(&before, &record("EU", 0, 0, &gone)).bash(RUN).exits(0);
    both(&gone, ROW).bash(RUN).exits(1);
    // The only row is not decided yet.
    let other = ROW.replace("\"id\":1", "\"id\":2");
    let us = record("US", 0, 0, &gone) + &record("US", 1, 0, &other);
    sandbox(&us, &record("EU", 0, 0, &gone)).bash(&format!("{RUN} --at-end hold")).exits(3);
}

/// A whole stream of govctl, but not one that says of every key what became of it.
#[test]
fn streams_of_other_commands_are_no_quiet_day() {
    let sandbox = sandbox(&record("US", 0, 0, ROW), &record("EU", 0, 0, ROW));
    sandbox.write("none.yaml", "version: 1\nexceptions: []\n");
    sandbox.bash("govctl diff digest --side lhs --types types.yaml us.nd > us.digests").exits(0);
    for reader in ["triage --exceptions none.yaml", "report"] {
        let read = sandbox.bash(&format!("govctl diff {reader} us.digests")).exits(3);
        assert!(read.stderr.contains("a stream of `govctl diff digest`"), "{}", read.stderr);
        sandbox.bash(&format!("set -o pipefail; {RUN} | govctl diff {reader}")).exits(0);
    }
}
