//! `govctl tenant test`: which tests there are, how each ends, and what they cover. What is expected of the lines was worked
//! out by hand; fixtures/tenant/suite/README.md says what OPA reports of the same suites.

use serde_json::{Value, json};

use crate::common::{Call, Output, Sandbox, root};

const TEST: &str = "govctl.tenant.test/1";

/// A copy of a fixture as `suite`, tested.
fn suite(sandbox: &Sandbox, name: &str, more: &[&str]) -> Call {
    for entry in std::fs::read_dir(root().join("fixtures/tenant/suite").join(name)).unwrap() {
        let path = entry.unwrap().path();
        sandbox.write(&format!("suite/{}", path.file_name().unwrap().to_str().unwrap()), std::fs::read(&path).unwrap());
    }
    // Most of them are about other things than what they notice.
    test(sandbox, "suite", &[more, &["--no-mutation"]].concat())
}

fn test(sandbox: &Sandbox, dir: &str, more: &[&str]) -> Call {
    // A debug build on a busy machine takes longer than a minute for the mutants.
    sandbox.write("govctl.toml", "[tenant.test]\ntimeout = \"10m\"\n");
    sandbox.govctl(["tenant", "test", dir, "--now", "2026-11-24T12:00:00Z"].iter().chain(more))
}

fn coverage(output: &Output) -> Vec<Value> {
    output.of_type("govctl.tenant.coverage/1")
}

fn total(output: &Output) -> Value {
    let last = coverage(output).pop().unwrap();
    assert_eq!(last["file"], "*");
    last
}

#[test]
fn the_shipped_tests_pass_and_cover_every_line() {
    let sandbox = Sandbox::new();
    let output =
        test(&sandbox, root().join("policies/switchboard").to_str().unwrap(), &["--min-coverage", "100"]).exits(0);
    let tests = output.of_type(TEST);
    // OPA 1.22.2 counts a table as one and names its cases below it: these are all cases and all tests without a table.
    let cases = std::fs::read_to_string(root().join("fixtures/tenant/suite/shipped-cases.txt")).unwrap();
    let mut names: Vec<String> = tests
        .iter()
        .map(|t| {
            let case = t["case"].as_str().map(|case| format!("/{case}")).unwrap_or_default();
            format!("data.{}.{}{case}", t["package"].as_str().unwrap(), t["name"].as_str().unwrap())
        })
        .collect();
    names.sort();
    assert_eq!(names, cases.lines().collect::<Vec<_>>());
    assert!(tests.iter().all(|t| t["outcome"] == "pass" && t.get("message").is_none()));
    let total = total(&output);
    assert_eq!((&total["coverage_percent"], &total["reasons"]), (&json!(100.0), &json!([])));
    assert_eq!(total["units"], total["units_covered"]);
    let counts = &output.records().pop().unwrap()["counts"];
    assert_eq!((&counts["errors"], &counts["failed"], &counts["skipped"]), (&json!(0), &json!(0), &json!(0)));
    assert_eq!(counts["passed"], names.len());
    // Each changed policy that decides otherwise anywhere is noticed by a test.
    assert_eq!((&counts["mutants_survived"], &counts["mutants_equivalent"]), (&json!(0), &json!(0)));
    let mutants = output.of_type("govctl.tenant.mutant/1");
    let rule = "tenant_match if input.tenant.id == input.resource.tenant";
    let flipped = mutants.iter().find(|m| m["operator"] == "flip_comparison" && m["before"] == "==").unwrap();
    assert!(mutants.iter().any(|m| m["before"] == rule), "{rule}");
    assert_eq!(flipped["status"], "killed");
    assert!(flipped["killed_by"].as_str().unwrap().starts_with("data.switchboard_test.test_"), "{flipped}");
}

/// Each ending once; what OPA calls a pass although nothing was asserted, or something else failed, is an error.
#[test]
fn each_test_ends_as_it_should() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "outcomes", &[]).exits(1);
    let found: Vec<(String, String, u64, String)> = output
        .of_type(TEST)
        .iter()
        .map(|t| {
            let text = |name: &str| t[name].as_str().unwrap_or_default().to_owned();
            let case = if t["case"].is_null() { String::new() } else { format!("/{}", text("case")) };
            (format!("{}{case}", text("name")), text("outcome"), t["line"].as_u64().unwrap(), text("message"))
        })
        .collect();
    let conditions = "undefined: a condition of its body does not hold";
    let case = "undefined: a condition does not hold in this case";
    let hides = "two cases have this name, and one that holds would hide the other";
    for (name, outcome, line, message) in [
        ("test_passes", "pass", 6, ""),
        ("test_undefined", "fail", 8, conditions),
        ("test_false", "fail", 10, "is false and not true"),
        ("test_number", "fail", 12, "is 7 and not true"),
        (
            "test_printed",
            "fail",
            14,
            "undefined: a condition of its body does not hold; printed: suite/switchboard_test.rego:15: the answer is 42",
        ),
        ("test_table/granted", "pass", 19, ""),
        ("test_table/refused", "fail", 19, case),
        ("test_first/only", "pass", 24, ""),
        ("test_nested/bad/two", "fail", 30, case),
        ("test_nested/good/one", "pass", 30, ""),
        ("test_conflict", "error", 36, "the evaluation failed: "),
        ("test_empty", "error", 38, "the table has no case"),
        ("test_hidden/a", "error", 43, hides),
        ("test_hidden/b", "pass", 43, ""),
        ("test_late", "error", 48, "the names of its cases cannot be told"),
        ("test_set", "fail", 54, "is [\"a\"] and not true"),
        ("test_key", "error", 56, "a key that is no variable"),
        ("test_twice", "error", 58, "is defined more than once"),
        ("test_twice", "error", 60, "is defined more than once"),
        ("test_function", "error", 62, "a test takes no arguments"),
        ("todo_test_later", "skipped", 64, ""),
    ] {
        let of: Vec<_> = found.iter().filter(|f| f.0 == name && f.2 == line).collect();
        let right = !of.is_empty() && of.iter().all(|f| f.1 == outcome && f.3.starts_with(message));
        assert!(right && (message.is_empty() == of[0].3.is_empty()), "{name} {line}: {of:?} in {found:?}");
    }
    assert_eq!(found.len(), 22, "a name that stands twice is shown twice: {found:?}");
    assert_eq!(
        total(&output)["reasons"],
        json!(["16 tests did not pass", "the tests cover 50% of the lines, and 95% is asked for"])
    );
    let human = suite(&sandbox, "outcomes", &["--format", "human"]).exits(1);
    let said = "5 of 21 tests passed, 1 skipped; 16 tests did not pass; the tests cover 50% of the lines, and 95% is asked for";
    assert_eq!(human.text().lines().last().unwrap(), said);
}

#[test]
fn no_test_is_no_pass() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "no_tests", &[]).exits(1);
    let total = total(&output);
    assert_eq!(total["reasons"], json!(["no test was run", "the tests cover 0% of the lines, and 95% is asked for"]));
    assert_eq!((&total["lines"], &total["lines_covered"]), (&4.into(), &0.into()));
    // Without an asked coverage it is none either.
    suite(&sandbox, "no_tests", &["--min-coverage", "0"]).exits(1);
    let output = suite(&sandbox, "outcomes", &["--run", "test_nowhere"]).exits(1);
    assert_eq!(coverage(&output).pop().unwrap()["reasons"], json!(["no test was run"]));
    // One that is not to be run yet is none.
    let output = suite(&sandbox, "outcomes", &["--run", "todo_test"]).exits(1);
    assert_eq!(output.of_type(TEST)[0]["outcome"], "skipped");
}

/// It has no `if`; with one it is no test, for want of `test_`; with both it brings no data.
#[test]
fn the_test_of_the_specification_is_no_pass() {
    let sandbox = Sandbox::new();
    suite(&sandbox, "no_tests", &[]).exits(1);
    for (name, code) in [("spec_test", 2), ("unnamed_test", 1), ("no_data_test", 1)] {
        let text = std::fs::read(root().join(format!("fixtures/tenant/defects/no_test/{name}.rego"))).unwrap();
        sandbox.write("suite/switchboard_test.rego", text);
        let output = test(&sandbox, "suite", &["--min-coverage", "0"]).exits(code);
        match name {
            "spec_test" => output.says(&["suite/switchboard_test.rego:3", "a body follows `if`"]),
            "unnamed_test" => assert_eq!(total(&output)["reasons"], json!(["no test was run"])),
            _ => assert_eq!(output.of_type(TEST)[0]["outcome"], "fail"),
        }
    }
}

#[test]
fn run_takes_a_part_and_asks_for_no_coverage() {
    let sandbox = Sandbox::new();
    let names = |more: &[&str], code: i32| -> Vec<String> {
        let output = suite(&sandbox, "outcomes", more).exits(code);
        let name = |t: &Value| format!("{}/{}", t["name"].as_str().unwrap(), t["case"].as_str().unwrap_or_default());
        output.of_type(TEST).iter().map(name).collect()
    };
    assert_eq!(names(&["--run", "test_passes"], 0), ["test_passes/"]);
    assert_eq!(names(&["--run", r"switchboard_test\.test_table$"], 1), ["test_table/granted", "test_table/refused"]);
    assert_eq!(names(&["--run", "test_table/granted"], 0), ["test_table/granted"]);
    let output = suite(&sandbox, "outcomes", &["--run", "test_passes"]).exits(0);
    let total = total(&output);
    // Its default and `deny` were not needed.
    assert_eq!((&total["coverage_percent"], &total["reasons"]), (&json!(25.0), &json!([])));
    suite(&sandbox, "outcomes", &["--run", "("]).exits(2).says(&["--run", "unclosed group"]);
    suite(&sandbox, "outcomes", &["--min-coverage", "101"]).exits(2).says(&["a number from 0 to 100"]);
}

#[test]
fn each_form_of_a_unit_is_covered_when_it_was_needed() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "forms", &["--min-coverage", "69"]).exits(0);
    let file = &coverage(&output)[0];
    let missing =
        json!([[8, 8], [10, 10], [16, 16], [36, 36], [44, 44], [53, 53], [61, 61], [64, 64], [66, 69], [72, 72]]);
    assert_eq!(file["not_covered"], missing);
    assert_eq!((&file["units"], &file["units_covered"]), (&43.into(), &33.into()));
    assert_eq!((&file["lines"], &file["lines_covered"]), (&42.into(), &29.into()));
    assert_eq!(file["coverage_percent"], 69.04);
    let output = suite(&sandbox, "forms", &["--min-coverage", "69.8"]).exits(1);
    assert_eq!(total(&output)["reasons"], json!(["the tests cover 69.04% of the lines, and 69.8% is asked for"]));
}

/// Several units on one line are all needed: the engine's own count calls this suite complete, and OPA three quarters.
#[test]
fn a_line_is_covered_when_all_on_it_is() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "one_line", &[]).exits(1);
    let file = &coverage(&output)[0];
    assert_eq!(file["not_covered"], json!([[9, 9], [13, 13]]));
    assert_eq!((&file["units"], &file["units_covered"]), (&11.into(), &9.into()));
    assert_eq!(file["coverage_percent"], 66.66);
}

#[test]
fn a_file_that_no_test_touches_counts() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "untouched", &[]).exits(1);
    let files: Vec<(String, u64, u64)> = coverage(&output)
        .iter()
        .map(|c| {
            (c["file"].as_str().unwrap().to_owned(), c["lines_covered"].as_u64().unwrap(), c["lines"].as_u64().unwrap())
        })
        .collect();
    let expected = [("suite/spare.rego", 0, 1), ("suite/switchboard.rego", 4, 4), ("*", 4, 5)];
    assert_eq!(files, expected.map(|(file, covered, lines)| (file.to_owned(), covered, lines)));
    // Its tests alone would do.
    std::fs::remove_file(sandbox.path("suite/spare.rego")).unwrap();
    test(&sandbox, "suite", &[]).exits(0);
}

/// Coverage is no judgement of the tests.
#[test]
fn a_suite_without_assertions_covers_everything() {
    let sandbox = Sandbox::new();
    let output = suite(&sandbox, "no_assertions", &[]).exits(0);
    assert_eq!(total(&output)["coverage_percent"], 100.0);
    // Of its mutants it notices the one that has no value at all.
    let output = test(&sandbox, "suite", &[]).exits(1);
    let total = total(&output);
    let reason = total["reasons"][0].as_str().unwrap();
    assert!(reason.starts_with("the tests notice 1 of") && reason.ends_with("and 95% is asked for"), "{reason}");
    let survived: Vec<Value> =
        output.of_type("govctl.tenant.mutant/1").into_iter().filter(|m| m["status"] == "survived").collect();
    let default = survived.iter().find(|m| m["operator"] == "flip_default").unwrap();
    assert_eq!((&default["before"], &default["after"], &default["line"]), (&json!("false"), &json!("true"), &json!(5)));
    // The missing test: what is denied today.
    assert_eq!(default["witness"]["subject"]["authenticated"], true);
    test(&sandbox, "suite", &["--min-mutation", "0"]).exits(0);
    let sarif = test(&sandbox, "suite", &["--format", "sarif"]).exits(1);
    assert!(sarif.text().contains("mutant_survived") && sarif.text().contains("mutation_low"));
    test(&sandbox, "suite", &["--no-mutation", "--min-mutation", "50"]).exits(2);
}

/// A suite that fails says nothing about mutants, and a part of one neither.
#[test]
fn mutants_need_a_whole_suite_that_passes() {
    let sandbox = Sandbox::new();
    suite(&sandbox, "outcomes", &[]).exits(1);
    for more in [&[][..], &["--run", "test_undefined"]] {
        let output = test(&sandbox, "suite", more).exits(1);
        assert_eq!(output.of_type("govctl.tenant.mutant/1"), [Value::Null; 0]);
    }
}

#[test]
fn junit_has_a_case_for_each_test_and_the_others_show_failures() {
    let sandbox = Sandbox::new();
    let junit = suite(&sandbox, "outcomes", &["--format", "junit"]).exits(1);
    let text = junit.text();
    assert!(
        text.contains("<testsuite name=\"govctl\" tests=\"23\" failures=\"8\" errors=\"9\" skipped=\"1\">"),
        "{text}"
    );
    let place = "file=\"suite/switchboard_test.rego\" line=\"19\"";
    let class = "<testcase classname=\"data.switchboard_test\"";
    assert!(text.contains(&format!("{class} name=\"test_table/granted\" {place}/>")), "{text}");
    let failure = "<failure message=\"undefined: a condition does not hold in this case\"/>";
    assert!(text.contains(&format!("{class} name=\"test_table/refused\" {place}>\n{failure}\n</testcase>")), "{text}");
    let github = suite(&sandbox, "outcomes", &["--format", "github"]).exits(1);
    let line = "::error title=tenant test_failed,file=suite/switchboard_test.rego,line=8::data.switchboard_test.test_undefined";
    assert!(github.text().lines().any(|l| l.starts_with(line)), "{}", github.text());
    assert_eq!(github.text().lines().count(), 17);
    let sandbox = Sandbox::new();
    let sarif = suite(&sandbox, "no_tests", &["--format", "sarif"]).exits(1);
    let document: Value = serde_json::from_str(sarif.text()).unwrap();
    let codes: Vec<&Value> = document["runs"][0]["results"].as_array().unwrap().iter().map(|r| &r["ruleId"]).collect();
    assert_eq!(codes, ["no_tests", "coverage_low"]);
}

#[test]
fn a_policy_that_is_refused_is_not_tested() {
    let sandbox = Sandbox::new();
    suite(&sandbox, "untouched", &[]).run();
    sandbox
        .write("suite/more.rego", "package more\nimport rego.v1\na if not b[_]\nb contains 1 if time.now_ns() > 1\n");
    test(&sandbox, "suite", &[]).exits(2).says(&["suite/more.rego:3", "suite/more.rego:4"]);
    test(&sandbox, "nowhere", &[]).exits(2).says(&["nowhere"]);
    // What only a compiler sees, in a test.
    sandbox.write("suite/more.rego", "package more\nimport rego.v1\na := 1\n");
    sandbox.write("suite/more_test.rego", "package more_test\nimport rego.v1\ntest_a if data.more.a == nothing\n");
    test(&sandbox, "suite", &[]).exits(2).says(&["suite/more_test.rego", "nothing"]);
}

#[test]
fn a_test_that_does_not_end_is_named() {
    let sandbox = Sandbox::new();
    suite(&sandbox, "untouched", &[]).run();
    let endless = "package more_test\nimport rego.v1\ntest_first if true\n\ntest_endless if {\n\tn := numbers.range(1, 20000)\n\tcount([1 | some i in n; some j in n; i < j]) > 0\n}\n";
    sandbox.write("suite/more_test.rego", endless);
    let output = test(&sandbox, "suite", &["--timeout", "3s"]).exits(1);
    let crash = &output.of_type("govctl.finding/1")[0];
    assert_eq!((&crash["code"], &crash["subject"]), (&"engine_crash".into(), &"data.more_test.test_endless".into()));
    assert_eq!((&crash["file"], &crash["line"]), (&"suite/more_test.rego".into(), &5.into()));
    assert_eq!(crash["message"], "did not end within 3.0 s");
    assert_eq!(output.of_type(TEST).len(), 1, "what ended before is told");
}
