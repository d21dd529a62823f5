//! docs/diff.md: its commands work on the fixtures, its example of types.yaml is valid, and its Python recomputes the proof.

use serde_json::Value;

use crate::common::{Sandbox, root};

/// The blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/diff.md")).unwrap();
    let open = format!("```{language}\n");
    text.split(&open).skip(1).map(|t| t.split("```").next().unwrap().to_owned()).collect()
}

/// The block that holds this text.
fn block(language: &str, holds: &str) -> String {
    blocks(language)
        .into_iter()
        .find(|b| b.contains(holds))
        .unwrap_or_else(|| panic!("no {language} block with {holds}"))
}

/// A folder with the fixtures in it, as the first block prepares it.
fn prepared() -> Sandbox {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink(root().join("fixtures"), sandbox.path("fixtures")).unwrap();
    sandbox.bash(&blocks("sh")[0]).exits(0);
    sandbox
}

/// Runs a block as a reader would type it: differences that are found (1) do not stop it, errors do.
fn typed(sandbox: &Sandbox, block: &str) -> String {
    let output = sandbox.bash(&format!("set +e +o pipefail\n{block}")).run();
    assert!(matches!(output.code, Some(0 | 1)), "{block}\nexits {:?}\n{}", output.code, output.stderr);
    let wrong = output.stderr.lines().any(|l| l.starts_with("error") || l.contains("bash:") || l.contains("jq:"));
    assert!(!wrong, "{block}\n{}", output.stderr);
    output.text().to_owned()
}

#[test]
fn the_commands_work_and_the_proof_can_be_recomputed() {
    let sandbox = prepared();
    sandbox.write("root.py", block("python", "def tree("));
    let mut outputs = Vec::new();
    // The first block was run, and the one with kcat needs a broker.
    for block in blocks("sh").into_iter().skip(1).filter(|b| !b.contains("kcat -b")) {
        let text = typed(&sandbox, &block);
        outputs.push((block, text));
    }
    assert!(outputs.len() >= 7, "only {} blocks", outputs.len());
    let of = |command: &str| {
        let found = outputs.iter().find(|(block, _)| block.contains(command));
        found.map(|(_, text)| text.lines().collect::<Vec<_>>()).unwrap_or_else(|| panic!("no block with {command}"))
    };
    let base = of("| sha256sum");
    assert_eq!(base[0].split(' ').next().unwrap(), base[1], "the canonical text has the digest that is shown");
    let figures = of("sha256sum diffs.ndjson types.yaml");
    let digest = |line: &str| line.split(' ').next().unwrap().to_owned();
    assert_eq!((digest(figures[0]), digest(figures[1])), (figures[2].into(), figures[3].into()));
    // Two of the 18 open diffs are excepted, and all of them are open.
    assert_eq!(figures[4..], ["18", "18", "302"]);
    let roots = of("python3 root.py");
    let (computed, proof) = roots.split_at(roots.len() / 2);
    let computed: Vec<&str> = computed.iter().map(|l| l.rsplit(' ').next().unwrap()).collect();
    assert_eq!(computed, proof, "the Python script and the proof name the same roots");
    assert_eq!(computed.len(), 8);
}

#[test]
fn the_examples_of_files_are_valid() {
    let sandbox = prepared();
    sandbox.write("types.yaml", block("yaml", "tables:"));
    sandbox.write("exceptions.yaml", block("yaml", "exceptions:"));
    sandbox.write("tenants.yaml", block("yaml", "tenants:"));
    let run = "govctl diff run --types types.yaml --exceptions exceptions.yaml --tenants tenants.yaml --lhs us.ndjson --rhs eu.ndjson";
    let output = sandbox.bash(run).exits(1);
    assert!(output.of_type("govctl.finding/1").iter().any(|f| f["code"] == "schema_column"));
}

#[test]
fn standard_input_is_a_recording() {
    let sandbox = prepared();
    let us = std::fs::read(sandbox.path("us.ndjson")).unwrap();
    let run = |lhs: &'static str| {
        let args = ["diff", "run", "--types", "types.yaml", "--lhs", lhs, "--rhs", "eu.ndjson"];
        let output = sandbox.govctl(args).stdin(if lhs == "-" { us.clone() } else { Vec::new() }).exits(1);
        output.of_type("govctl.run/1").pop().unwrap()["counts"].clone()
    };
    assert_eq!(run("-"), run("us.ndjson"));
}

/// A table row names every key that the parser knows and every field of the record.
#[test]
fn nothing_is_left_out() {
    let page = std::fs::read_to_string(root().join("docs/diff.md")).unwrap();
    let section = |title: &str| {
        let start = page.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
        page[start + 4..].split("\n## ").next().unwrap().to_owned()
    };
    for (schema, title) in [("govctl.diff-1", "The diff record"), ("govctl.diff.proof-1", "The proof")] {
        let path = root().join(format!("docs/schemas/{schema}.json"));
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let text = section(title);
        for field in schema["properties"].as_object().unwrap().keys().filter(|k| *k != "schema") {
            // Of Kafka only, which is not read yet.
            let listed = field == "digest_ranges" || text.contains(&format!("`{field}`"));
            assert!(listed, "the section {title} does not name `{field}`");
        }
    }
    let text = section("Canonical text");
    for name in govctl::diff::types::Logical::NAMES {
        assert!(text.contains(&format!("`{name}`")), "the section on canonical text does not name `{name}`");
    }
}
