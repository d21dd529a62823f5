//! README.md: its commands can be typed as they stand, one block after the other, in one shell.

use crate::common::{Sandbox, root};

fn page() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The blocks of commands, in order.
fn blocks() -> Vec<String> {
    page().split("```sh\n").skip(1).map(|t| t.split("```").next().unwrap().to_owned()).collect()
}

/// A folder that looks like a clone, as far as the commands are concerned.
fn clone() -> Sandbox {
    let sandbox = Sandbox::new();
    for folder in ["fixtures", "policies"] {
        std::os::unix::fs::symlink(root().join(folder), sandbox.path(folder)).unwrap();
    }
    sandbox
}

#[test]
fn the_commands_work_as_they_stand() {
    let (install, all): (Vec<String>, Vec<String>) = blocks().into_iter().partition(|b| b.contains("cargo install"));
    assert_eq!(install.len(), 1);
    for script in ["scripts/quickstart", "scripts/test"] {
        assert!(install[0].contains(script) && root().join(script).is_file(), "{script}");
    }
    assert!(all.len() >= 7, "only {} blocks", all.len());
    let sandbox = clone();
    // A debug build on a busy machine takes longer for the mutants than a reader waits.
    sandbox.write("govctl.toml", "[tenant.test]\ntimeout = \"10m\"\n");
    // Each command line is followed by its exit code; a line that ends with a backslash goes on.
    let lines = all.concat().replace("\\\n", " ");
    let script: String = lines.lines().map(|l| format!("{l}\necho \"$? {}\" >&2\n", first_words(l))).collect();
    let output = sandbox.bash(&format!("set +e\nexec 1>/dev/null\n{script}")).run();
    let codes: Vec<&str> = output.stderr.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_digit())).collect();
    let expected = [
        "0 mkdir -p",
        "0 cp",
        "0 cp",
        "0 cp",
        "0 cd",
        "0 govctl diff digest",
        "0 sed -i",
        "1 govctl diff run",
        // The pipe ends with the report: differences are open.
        "1 govctl diff run",
        "1 govctl diff explain",
        "0 govctl diff verify",
        "0 govctl diff digest",
        "0 govctl diff digest",
        "1 govctl diff run",
        "0 govctl util keygen",
        "1 govctl diff run",
        "0 govctl evidence verify",
        "0 govctl tenant validate",
        "0 govctl tenant compile",
        "0 govctl tenant test",
        "0 echo",
        "1 govctl tenant decide",
        "0 govctl tenant prove",
        "0 govctl util keygen",
        "0 govctl tenant bundle",
        "0 govctl tenant bundle",
        "0 govctl tenant compare",
        "0 cp",
        "1 govctl anomaly detect",
        "0 govctl anomaly explain",
        "0 govctl anomaly tune",
        // Too few tenants for the gate, as the page says.
        "1 govctl anomaly backtest",
        "0 govctl index publish",
        "0 govctl index publish",
        "0 govctl index verify",
    ];
    assert_eq!(codes, expected, "{}", output.stderr);
    assert!(!output.stderr.lines().any(|l| l.starts_with("error")), "{}", output.stderr);
    assert!(sandbox.read("target/demo/report.html").contains("Needs attention"));
    // What is said of the six tenants.
    let judged = sandbox.read("target/demo/backtest.html");
    assert!(page().contains("9 of 11 labelled anomalies are found with 96 % fewer false positives"));
    assert!(
        judged.contains("9 of 11 labelled windows") && judged.contains("reduction against static 0.960 (bound -1.000)")
    );
    assert!(!judged.contains("tuned on data"));
    let figures = sandbox.bash("jq -c '.counts | [.ok, .diff, .inconclusive, .late]' target/demo/out/*/proof.json");
    assert_eq!(figures.exits(0).text().trim(), "[283,18,1,3]");
}

/// `govctl diff run` of a command line, without its flags.
fn first_words(line: &str) -> String {
    let words = line.split_whitespace().take(if line.starts_with("govctl") { 3 } else { 2 });
    words.filter(|w| !w.contains(['/', '\'', '.'])).collect::<Vec<_>>().join(" ")
}

/// Before the edit that the page asks for, the file is refused with the line to change.
#[test]
fn the_proposal_must_be_edited_first() {
    let sandbox = clone();
    let setup: Vec<String> =
        blocks().into_iter().filter(|b| b.contains("cp fixtures") || b.contains("--suggest")).collect();
    sandbox.bash(&setup.concat()).exits(0);
    let run = "cd target/demo; govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson";
    sandbox.bash(run).exits(2).says(&["the scale is not decided", "hint: write the scale"]);
}

/// The table on the page is what the binary prints, and the closing line what it ends with.
#[test]
fn the_example_output_is_real() {
    let sandbox = Sandbox::with_captures();
    let args =
        ["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson", "--format", "human"];
    let output = sandbox.govctl(args).exits(1);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    // The page leaves the times out.
    let real: Vec<Vec<String>> = output
        .text()
        .lines()
        .map(|l| words(l).into_iter().filter(|w| !w.starts_with("2026-") && w != "SINCE").collect())
        .collect();
    let page = page();
    let shown = page.split("--evidence out\nTENANT").nth(1).unwrap().split("\n...").next().unwrap();
    let shown = format!("TENANT{shown}");
    assert_eq!(shown.lines().count(), 12);
    for line in shown.lines() {
        assert!(real.contains(&words(line)), "`{line}` is not in\n{}", output.text());
    }
}

#[test]
fn the_licence_is_there() {
    let text = std::fs::read_to_string(root().join("LICENSE")).unwrap();
    assert!(text.contains("Apache License") && text.contains("END OF TERMS AND CONDITIONS"));
}
