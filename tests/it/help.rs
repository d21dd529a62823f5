//! Every `--help` ends with two examples that work and with the exit codes.

use crate::common::{Sandbox, commands, root};

/// A handmade bare stream of one diff.
const DIFF: &str = r#"{"schema":"govctl.diff/1","tenant":"cora","id":"10322","kind":"audit","lhs_sha256":"00","rhs_sha256":"01","reason":"mismatch","ts":"2026-11-23T20:16:33.102Z","diff_id":"00000000000000000000000000000000","rev":0,"state":"open","detail":"divergent","side":null,"region":null,"cols":["tags"],"opened_ts":"2026-11-23T20:16:33.102Z","delay_ms":null,"closed_by":null,"lhs_at":"a/0/1","rhs_at":"b/0/1","read_to":["eof"]}"#;

fn examples(help: &str) -> Vec<String> {
    let Some((_, after)) = help.split_once("Examples:\n") else { return Vec::new() };
    let block = after.split("\n\n").next().unwrap_or_default();
    block.lines().map(|l| l.trim().to_owned()).collect()
}

#[test]
fn every_help_ends_with_two_examples_and_the_exit_codes() {
    let sandbox = Sandbox::new();
    let all = commands();
    assert!(all.len() > 5);
    for (path, command) in all {
        let help = sandbox.govctl(path.iter().map(String::as_str).chain(["--help"])).exits(0);
        let (text, name) = (help.text(), path.join(" "));
        let tail = text.split_once("Examples:\n").map(|t| t.1).unwrap_or_default();
        assert!(tail.contains("Exit codes:"), "govctl {name} --help does not end with the exit codes:\n{text}");
        // The text itself, because a narrow terminal breaks long lines.
        let examples = examples(&command.get_after_help().map(|h| h.to_string()).unwrap_or_default());
        assert_eq!(examples.len(), 2, "govctl {name} --help: {examples:?}");
        for example in examples {
            assert!(example.starts_with("govctl "), "govctl {name} --help: {example}");
            let own = path.is_empty() || example.contains(&format!("govctl {name} "));
            assert!(own, "an example of govctl {name} does not show it: {example}");
        }
    }
}

#[test]
fn every_argument_is_described() {
    for (path, command) in commands() {
        assert!(command.get_about().is_some(), "govctl {} has no description", path.join(" "));
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "govctl {}: {} has no help", path.join(" "), arg.get_id());
        }
    }
}

#[test]
fn every_example_runs() {
    let sandbox = Sandbox::new();
    let captures = root().join("fixtures/diff/captures");
    for (name, from) in [
        ("us.ndjson", "audit.US.audit_events.mirror.ndjson"),
        ("eu.ndjson", "audit.EU.audit_events.mirror.ndjson"),
        ("types.yaml", "types.yaml"),
        ("exceptions.yaml", "exceptions.yaml"),
        ("tenants.yaml", "variants/tenants.yaml"),
    ] {
        sandbox.write(name, std::fs::read(captures.join(from)).unwrap_or_else(|e| panic!("{from}: {e}")));
    }
    for path in
        ["config/tenants.yaml", "policies/switchboard/switchboard.rego", "policies/switchboard/switchboard_test.rego"]
    {
        sandbox.write(path, std::fs::read(root().join(path)).unwrap());
    }
    for name in ["adaptive.yaml", "exports.csv", "labels.csv"] {
        sandbox.write(name, std::fs::read(root().join("fixtures/anomaly/exports").join(name)).unwrap());
    }
    let commit =
        "git init -q; git add config policies; git -c user.name=t -c user.email=t@example.com commit -q -m base";
    sandbox.bash(commit).exits(0);
    sandbox.write("requests.ndjson", "{\"tenant\":{\"id\":\"acme\"}}\n");
    let eu = std::fs::read(sandbox.path("eu.ndjson")).unwrap();
    sandbox.write("eu.ndjson.zst", zstd::encode_all(eu.as_slice(), 3).unwrap());
    crate::strict::line(DIFF.as_bytes()).unwrap();
    sandbox.write("diffs.ndjson", format!("{DIFF}\n"));
    let all = commands();
    sandbox.govctl(["util", "keygen", "--kind", "p256", "--out", "sign.pem", "--public", "sign.pub.pem"]).exits(0);
    let signed = "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson --evidence evidence --evidence-key sign.pem";
    sandbox.bash(signed).exits(1);
    // Examples may build on those of a verb before them in the tree; those of a whole noun come last.
    let (verbs, nouns): (Vec<_>, Vec<_>) = all.into_iter().partition(|(path, _)| path.len() > 1);
    let mut ran = 0;
    for (path, command) in verbs.into_iter().chain(nouns) {
        for example in examples(&command.get_after_help().map(|h| h.to_string()).unwrap_or_default()) {
            let output = sandbox.bash(&example).run();
            let done = matches!(output.code, Some(0 | 1)) && output.stderr.lines().all(|l| !l.starts_with("error"));
            assert!(done, "govctl {}: `{example}` exits {:?}\n{}", path.join(" "), output.code, output.stderr);
            ran += 1;
        }
    }
    assert!(ran >= 12, "only {ran} examples ran");
}
