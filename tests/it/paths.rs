//! What is written is never what is read: refused with 2, and nothing has changed.

use std::os::unix::fs::symlink;

use govctl::cmd::paths::is_path;

use crate::common::{Sandbox, commands};

const RUN: &str = "govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson";

/// The captures, a stream of diffs and a run directory.
fn prepared() -> Sandbox {
    let sandbox = Sandbox::with_captures();
    sandbox.bash(&format!("{RUN} --evidence out > f.nd || [ $? -eq 1 ]; mv out/0* out/run")).exits(0);
    std::fs::hard_link(sandbox.path("us.ndjson"), sandbox.path("hard")).unwrap();
    symlink("types.yaml", sandbox.path("soft")).unwrap();
    sandbox
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let sandbox = prepared();
    let content = || sandbox.bash("sha256sum us.ndjson eu.ndjson types.yaml f.nd out/run/*").exits(0).text().to_owned();
    let before = content();
    for (command, output, input) in [
        (format!("{RUN} --dead-letter us.ndjson"), "--dead-letter", "us.ndjson"),
        (format!("{RUN} --dead-letter ./types.yaml"), "--dead-letter", "types.yaml"),
        (format!("{RUN} --dead-letter hard"), "--dead-letter", "us.ndjson"),
        (format!("{RUN} --dead-letter soft"), "--dead-letter", "types.yaml"),
        (
            "govctl diff digest --side lhs --types types.yaml us.ndjson --dead-letter=us.ndjson".into(),
            "--dead-letter",
            "us.ndjson",
        ),
        (
            format!("{} --dead-letter us.ndjson < us.ndjson", RUN.replace("us.ndjson", "-")),
            "--dead-letter",
            "standard input",
        ),
        ("govctl diff report --html f.nd f.nd".into(), "--html", "f.nd"),
        ("govctl diff report --html f.nd < f.nd".into(), "--html", "standard input"),
        ("govctl diff report --runs out --html out/run/proof.json".into(), "--html", "out/run/proof.json"),
        ("govctl diff report --runs out/run --html out/run/diffs.ndjson".into(), "--html", "out/run/diffs.ndjson"),
        ("govctl diff triage --exceptions types.yaml f.nd >> f.nd".into(), "standard output", "f.nd"),
    ] {
        let refused = sandbox.bash(&command).exits(2);
        refused.says(&[&format!("{input}: {output} would be written over this input"), "hint: name another file"]);
        assert_eq!(content(), before, "{command}");
    }
    let entries = std::fs::read_dir(sandbox.path("out")).unwrap().count();
    assert_eq!(entries, 3, "run, chains and .lock: a refused run leaves nothing");
}

/// All that lies in a policy's folder may decide, and a certificate is no less an output than others.
#[test]
fn nothing_is_written_among_the_files_of_a_policy() {
    let sandbox = prepared();
    sandbox.bash("mkdir pol; printf 'package p\\n' > pol/p.rego; echo 'version: 1' > t.yaml; ln -s pol link").exits(0);
    for command in [
        "govctl tenant prove --policy pol --tenants t.yaml --certificate pol/p.rego",
        "govctl tenant prove --policy pol --tenants t.yaml --certificate link/new.json",
        "govctl tenant decide --policy pol --tenants t.yaml --dead-letter pol/dead",
        "govctl tenant prove --policy link --tenants t.yaml --evidence pol/out/new",
    ] {
        sandbox.bash(command).exits(2).says(&["would be written among the files of the policy"]);
    }
    let over = "govctl tenant prove --policy pol --tenants t.yaml --certificate t.yaml";
    sandbox.bash(over).exits(2).says(&["t.yaml: --certificate would be written over this input"]);
    assert_eq!((sandbox.read("pol/p.rego").as_str(), sandbox.read("t.yaml").as_str()), ("package p\n", "version: 1\n"));
    assert_eq!(std::fs::read_dir(sandbox.path("pol")).unwrap().count(), 1);
}

#[test]
fn other_files_and_devices_are_written() {
    let sandbox = prepared();
    sandbox.bash(&format!("{RUN} --dead-letter dead.nd")).exits(1);
    sandbox.bash(&format!("{RUN} --dead-letter /dev/null < /dev/null > /dev/null")).exits(1);
    // A page beside the runs is no part of them, also the second time.
    for _ in 0..2 {
        sandbox.bash("govctl diff report --runs out --day 2026-11-23 --html out/page.html").exits(1);
    }
    assert!(sandbox.read("out/page.html").starts_with("<!doctype html>"));
}

/// The check sees what has a path as its value; an argument without the hint would slip through.
#[test]
fn every_argument_with_a_path_says_so() {
    let mut seen = 0;
    for (path, command) in commands() {
        for arg in command.get_arguments() {
            let names = arg.get_value_names().unwrap_or_default();
            let named = names.iter().any(|n| ["FILE", "DIR", "SRC", "PROOF|RUN_DIR"].contains(&n.as_str()));
            assert_eq!(named, is_path(arg), "govctl {}: {}", path.join(" "), arg.get_id());
            seen += u64::from(named);
        }
    }
    assert!(seen > 20);
}
