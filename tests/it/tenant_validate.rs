//! `govctl tenant validate`: every code at its place, the renderings, the exit codes.

use std::collections::BTreeSet;

use govctl::tenants::code::Code;
use serde_json::Value;

use crate::common::{Sandbox, files, findings, root};

const HEAD: &str = "version: 1\ntenants:\n";
const SOUND: &str = "labels: [l], data_classes: { k: public }";

fn severity(code: &str) -> &'static str {
    Code::ALL.iter().find(|c| c.as_str() == code).unwrap_or_else(|| panic!("{code}")).severity().as_str()
}

#[test]
fn every_code_is_found_at_its_place() {
    let sandbox = Sandbox::new();
    let mut seen = BTreeSet::new();
    for path in files("fixtures/tenant/findings", "yaml") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<&str> = text.lines().next().unwrap().trim_start_matches("# ").split(", ").collect();
        let code = expected[0].rsplit(' ').next().unwrap();
        assert_eq!(name.split('.').next().unwrap(), code, "{name}: the file has the name of its code");
        let failed = severity(code) == "error";
        let output = sandbox.govctl(["tenant", "validate", path.to_str().unwrap()]).exits(i32::from(failed));
        assert_eq!(findings(&output), expected, "{name}");
        sandbox.govctl(["tenant", "validate", "--fail-on", "warning", path.to_str().unwrap()]).exits(1);
        for finding in output.of_type("govctl.finding/1") {
            assert_eq!(finding["severity"], severity(code), "{name}");
            assert_eq!(finding["file"], path.file_name().unwrap().to_str().unwrap());
        }
        // A verb that needs the file says the same and does no work.
        let compiled = sandbox.govctl(["tenant", "compile", path.to_str().unwrap()]);
        if failed {
            let place = expected[0].split(' ').next().unwrap();
            compiled.exits(2).says(&[&format!("{name}.yaml:{place}: ")]);
        } else {
            assert!(compiled.exits(0).stderr.starts_with("warning: "), "{name}");
        }
        seen.insert(code.to_owned());
    }
    // These are made below, in tenant_compile.rs and, of routes, in tenant_routes.rs.
    seen.extend(["over_limit", "too_many", "owner_missing", "data_differs"].map(str::to_owned));
    let of_routes =
        ["invalid_prefix", "duplicate_prefix", "unknown_kind", "unknown_label", "route_never_allowed", "no_routes"];
    seen.extend(of_routes.map(str::to_owned));
    assert_eq!(seen, Code::ALL.iter().map(|c| c.as_str().to_owned()).collect());
}

#[test]
fn the_example_of_the_specification_is_valid_as_it_stands() {
    let example = root().join("fixtures/tenant/spec/tenants.yaml");
    let full = root().join("fixtures/tenant/full.yaml");
    let output = Sandbox::new()
        .govctl(["tenant", "validate", "--fail-on", "warning", example.to_str().unwrap(), full.to_str().unwrap()])
        .exits(0);
    assert!(findings(&output).is_empty());
    let end = output.of_type("govctl.run/1").pop().unwrap();
    assert_eq!((&end["counts"]["files"], &end["counts"]["tenants"]), (&2.into(), &5.into()));
}

#[test]
fn sizes_have_limits() {
    let sandbox = Sandbox::new();
    let check = |text: &str, code: i32| {
        sandbox.write("t.yaml", text);
        findings(&sandbox.govctl(["tenant", "validate", "t.yaml"]).exits(code))
    };
    let tenants =
        |n: usize| -> String { (0..n).map(|i| format!("  - {{ id: t{i}, region: EU, {SOUND} }}\n")).collect() };
    assert_eq!(check(&format!("{HEAD}{}", tenants(10_000)), 0), Vec::<String>::new());
    assert_eq!(check(&format!("{HEAD}{}", tenants(10_001)), 1), ["10003:5 too_many"]);
    let classes = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(", ");
    let with = |n: usize| format!("classifications: [{}]\n{HEAD}{}", classes(n), tenants(1).replace("public", "c0"));
    assert_eq!(check(&with(16), 0), Vec::<String>::new());
    // `classifications: [` has 18 characters, `c0, ` to `c9, ` 40, `c10, ` to `c15, ` 30.
    assert_eq!(check(&with(17), 1), ["1:89 too_many"]);
    let padded = |length: usize| format!("{HEAD}{}", tenants(1)) + &"#".repeat(length - HEAD.len() - tenants(1).len());
    assert_eq!(check(&padded(4 << 20), 0), Vec::<String>::new());
    assert_eq!(check(&padded((4 << 20) + 1), 1), ["over_limit"]);
    assert_eq!(check(&"\u{e9}".repeat(5 << 20), 1), ["over_limit"]);
    let deep = format!("{HEAD}  - {{ id: a, region: EU, quotas: {{ burst: {}", "[".repeat(100_000));
    assert_eq!(check(&deep, 1).len(), 1);
    let bomb = "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n";
    assert_eq!(check(bomb, 1).len(), 1);
}

#[test]
fn a_new_tenant_needs_an_owner() {
    let sandbox = Sandbox::new();
    let acme = format!("  - {{ id: acme, region: EU, {SOUND} }}\n");
    sandbox.write("t.yaml", format!("{HEAD}{acme}{}", acme.replace("acme", "beta")));
    // What is wrong with yesterday's file beyond its structure does not matter.
    sandbox.write("base.yaml", format!("{HEAD}{}", acme.replace("EU", "E_U")));
    let validate = ["tenant", "validate", "t.yaml", "--base", "base.yaml"];
    assert_eq!(findings(&sandbox.govctl(validate).exits(1)), ["4:11 owner_missing"]);
    sandbox.write("t.yaml", sandbox.read("t.yaml").replace("beta,", "beta, owner: team-beta,"));
    sandbox.govctl(validate).exits(0);
    sandbox.write("base.yaml", "tenant: []\n");
    sandbox.govctl(validate).exits(2).says(&["base.yaml:1:1: unknown field `tenant`", "did you mean `tenants`?"]);
    std::fs::remove_file(sandbox.path("base.yaml")).unwrap();
    sandbox.govctl(validate).exits(2).says(&["base.yaml: cannot read"]);
}

#[test]
fn what_is_no_text_is_said_with_what_helps() {
    let sandbox = Sandbox::new();
    let texts =
        [("yaml", format!("{HEAD}  - {{ id: acme, region: EU, {SOUND} }}\n")), ("rego", "package x\n".to_owned())];
    for (ending, text) in &texts {
        let units = |mark: &str| -> Vec<u16> { format!("{mark}{text}").encode_utf16().collect() };
        let (bare, marked) = (units(""), units("\u{feff}"));
        for (bytes, name) in [
            (bare.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>(), "UTF-16LE"),
            (bare.iter().flat_map(|unit| unit.to_be_bytes()).collect(), "UTF-16BE"),
            (marked.iter().flat_map(|unit| unit.to_le_bytes()).collect(), "UTF-16"),
            (marked.iter().flat_map(|unit| unit.to_be_bytes()).collect(), "UTF-16"),
        ] {
            let file = format!("t.{ending}");
            sandbox.write(&file, bytes);
            let hint = format!("iconv -f {name} -t UTF-8 FILE");
            let said = [format!("t.{ending}: is UTF-16 text, UTF-8 was expected"), hint];
            sandbox.govctl(["tenant", "validate", &file]).exits(3).says(&[&said[0], &said[1]]);
        }
    }
    for (file, text, place) in [
        ("t.yaml", "version: 1\ntenants: [] # \0\n", "2:15 yaml_syntax"),
        ("routes.yaml", "version: 1\nroutes: [\"\0\"]\n", "2:11 yaml_syntax"),
        ("t.rego", "package x\n\ny := \"\0\"\n", "3:7 rego_syntax"),
        ("t.rego", "package x\n\ny := 1 \0\n", "3:8 rego_syntax"),
    ] {
        sandbox.write(file, text);
        let output = sandbox.govctl(["tenant", "validate", file]).exits(1);
        assert_eq!(findings(&output), [place], "{file}");
        assert_eq!(output.of_type("govctl.finding/1")[0]["message"], "a NUL byte stands here");
    }
}

#[test]
fn an_empty_file_lacks_what_the_schema_says() {
    let sandbox = Sandbox::new();
    for (file, text, place) in [
        ("t.yaml", "", "1:1 missing_key"),
        ("t.yaml", "# version: 1\n\n", "3:1 missing_key"),
        ("routes.yaml", "\n", "2:1 missing_key"),
    ] {
        sandbox.write(file, text);
        let output = sandbox.govctl(["tenant", "validate", file]).exits(1);
        assert_eq!(findings(&output), [place], "{file}");
        let finding = &output.of_type("govctl.finding/1")[0];
        let flag = if file == "routes.yaml" { " --routes" } else { "" };
        assert_eq!(finding["message"], "the file is empty");
        assert_eq!(finding["hint"], format!("`govctl tenant schema{flag}` says what belongs in it"));
    }
}

#[test]
fn an_owner_of_one_letter_is_a_name_unless_it_is_x() {
    let sandbox = Sandbox::new();
    for (owner, code) in [("k", 0), ("q", 0), ("x", 1), ("X", 1), ("xxx", 1), ("TODO", 1), ("n/a", 1)] {
        sandbox.write("t.yaml", format!("{HEAD}  - {{ id: acme, region: EU, owner: \"{owner}\", {SOUND} }}\n"));
        let expected: &[&str] = if code == 0 { &[] } else { &["3:36 invalid_text"] };
        assert_eq!(findings(&sandbox.govctl(["tenant", "validate", "t.yaml"]).exits(code)), expected, "{owner}");
    }
}

#[test]
fn a_number_is_shown_as_it_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("t.yaml", "version: 99999999999999999999\ntenants: []\n");
    let output = sandbox.govctl(["tenant", "validate", "t.yaml"]).exits(1);
    assert_eq!(findings(&output), ["1:10 unknown_version"]);
    assert_eq!(output.of_type("govctl.finding/1")[0]["message"], "version 99999999999999999999 is unknown");
}

#[test]
fn endings_have_their_codes() {
    let sandbox = Sandbox::new();
    let good = format!("{HEAD}  - {{ id: acme, region: EU, {SOUND} }}\n");
    sandbox.write("good.yaml", &good);
    sandbox.write("latin.yaml", b"version: 1\ntenants:\n  - { id: acme, name: M\xfcller, region: EU }\n");
    sandbox.write("bad.yaml", good.replace("acme", "Acme"));
    let validate = |files: &[&str], code: i32| sandbox.govctl([&["tenant", "validate"], files].concat()).exits(code);
    validate(&["latin.yaml"], 3).says(&["latin.yaml:3: is not UTF-8"]);
    validate(&["absent.yaml"], 4).says(&["absent.yaml: cannot read"]);
    // The others are checked all the same, and unusable input wins over findings.
    let mixed = validate(&["latin.yaml", "bad.yaml", "absent.yaml", "good.yaml"], 3);
    assert_eq!(findings(&mixed), ["3:11 invalid_id"]);
    assert_eq!(mixed.of_type("govctl.run/1").pop().unwrap()["counts"]["unread"], 2);
    sandbox.govctl(["tenant", "validate", "-"]).stdin("\u{feff}".to_owned() + &good).exits(0);
    for (files, expected) in [
        (&["."][..], ".: the folder holds no `.rego` file"),
        (&["-", "-"], "standard input can be one file only"),
        (&["-", "--base", "-"], "standard input can be one file only"),
        (&[], "config/tenants.yaml: there is no such file"),
    ] {
        let refused = validate(files, 2);
        refused.says(&[expected, "hint: "]);
        assert!(refused.stdout.is_empty());
    }
    sandbox.write("config/tenants.yaml", good.replace("acme", "Acme"));
    let default = validate(&[], 1).of_type("govctl.finding/1");
    assert_eq!(default[0]["file"], "config/tenants.yaml");
}

#[test]
fn renderings_name_file_line_column_and_hint() {
    let sandbox = Sandbox::new();
    let line = "  - { id: acme, region: EU, labels: [l], data_classes: { audit: confidental } }";
    sandbox.write("t.yaml", format!("{HEAD}{line}\n"));
    let column = line.find("confidental").unwrap() + 1;
    let of =
        |format: &str| sandbox.govctl(["tenant", "validate", "t.yaml", "--format", format]).exits(1).text().to_owned();
    let said = "acme: class `confidental` is not declared (did you mean `confidential`?)";
    assert_eq!(of("github"), format!("::error title=tenant unknown_class,file=t.yaml,line=3,col={column}::{said}\n"));
    let human = of("human");
    assert!(human.contains(&format!("t.yaml:3:{column}  error     unknown_class  {said}\n")), "{human}");
    assert!(human.ends_with("1 error, 0 warnings in 1 tenant of 1 file\n"), "{human}");
    let junit = of("junit");
    assert!(junit.contains("tests=\"1\" failures=\"1\"") && junit.contains(said), "{junit}");
    let sarif: Value = serde_json::from_str(&of("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "t.yaml");
    assert_eq!(place["region"], serde_json::json!({"startLine": 3, "startColumn": column}));
    assert_eq!((&result["ruleId"], &result["message"]["text"]), (&"unknown_class".into(), &said.into()));
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["help"]["text"].as_str().unwrap().contains("classifications"), "{rule}");
}

#[test]
fn hostile_names_are_harmless() {
    let sandbox = Sandbox::new();
    let id = "a\\e[2J\\u202Ec\\n::error::x";
    sandbox.write("t.yaml", format!("{HEAD}  - {{ id: \"{id}\", region: EU, {SOUND} }}\n"));
    for format in ["human", "github", "junit", "sarif"] {
        let output = sandbox.govctl(["tenant", "validate", "t.yaml", "--format", format]).exits(1);
        let text = output.text();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text:?}");
        assert!(!text.lines().any(|l| l.starts_with("::error::")), "{format}: {text}");
    }
    let compiled = sandbox.govctl(["tenant", "compile", "t.yaml"]).exits(2);
    assert!(!compiled.stderr.contains(['\u{1b}', '\u{202e}']), "{:?}", compiled.stderr);
    let exact = sandbox.govctl(["tenant", "validate", "t.yaml"]).exits(1).of_type("govctl.finding/1");
    assert_eq!(exact[0]["subject"], "a\u{1b}[2J\u{202e}c\n::error::x");
}

#[test]
fn evidence_holds_the_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("t.yaml", format!("{HEAD}  - {{ id: Acme, region: EU, {SOUND} }}\n"));
    let script = "govctl tenant validate t.yaml --evidence out > records || [ $? -eq 1 ]
        cmp <(grep finding records) out/0*/findings.ndjson
        jq -r '.predicate.inputs[0].name, .predicate.outcome' out/0*/manifest.json";
    assert_eq!(sandbox.bash(script).exits(0).text(), "t.yaml\n1\n");
    let same = ["tenant", "validate", "t.yaml", "--now", "2026-11-24T00:00:00Z"];
    assert_eq!(sandbox.govctl(same).exits(1).stdout, sandbox.govctl(same).exits(1).stdout);
}

/// The file that the first line of a hostile policy names ends as a finding, whatever it does to the engine.
#[test]
fn hostile_policies_are_findings_and_never_end_the_command() {
    let sandbox = Sandbox::new();
    for path in crate::common::files("fixtures/tenant/hostile", "rego") {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = text.lines().next().unwrap().strip_prefix("# expect: ").unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        sandbox.write(&format!("{name}.d/{name}"), &text);
        let args = ["tenant", "validate", &format!("{name}.d"), "--timeout", "20s", "--memory", "512MiB"];
        let output = sandbox.govctl(args).exits(1);
        let found = output.of_type("govctl.finding/1");
        assert!(found.iter().any(|finding| finding["code"] == expected), "{name}: {expected} {found:?}");
        assert!(
            found.iter().all(|finding| finding["source"] == "tenant" && finding["file"] != "-"),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn policies_are_checked_as_files_and_as_folders() {
    let sandbox = Sandbox::new();
    let last = |files: &[&str], code: i32| {
        let output = sandbox.govctl([&["tenant", "validate", "--format", "human"], files].concat()).exits(code);
        output.text().lines().last().unwrap().to_owned()
    };
    let shipped = std::fs::read_to_string(root().join("policies/switchboard/switchboard.rego")).unwrap();
    sandbox.write("policies/switchboard/switchboard.rego", &shipped);
    assert_eq!(last(&["policies/switchboard/switchboard.rego"], 0), "0 errors, 0 warnings in 0 tenants of 1 file");
    assert_eq!(last(&[], 0), "0 errors, 0 warnings in 0 tenants of 1 file");
    // A file may be a part of a policy; a folder with the package must be one.
    let helper = "package switchboard\n\nimport rego.v1\n\nhelper if input.x == 1\n";
    sandbox.write("part/helper.rego", helper);
    assert_eq!(last(&["part/helper.rego"], 0), "0 errors, 0 warnings in 0 tenants of 1 file");
    let whole = sandbox.govctl(["tenant", "validate", "part"]).exits(1).of_type("govctl.finding/1");
    assert_eq!(whole[0]["code"], "entry_missing");
    sandbox.write("latin.rego", b"package x\n# \xfc\n");
    sandbox.govctl(["tenant", "validate", "latin.rego"]).exits(3).says(&["latin.rego:2: is not UTF-8"]);
    sandbox.govctl(["tenant", "validate", "absent.rego"]).exits(4);
}

#[test]
fn without_names_the_committed_data_is_compared_too() {
    let sandbox = Sandbox::new();
    for path in ["config/tenants.yaml", "policies/data/tenants.json", "policies/switchboard/switchboard.rego"] {
        sandbox.write(path, std::fs::read(root().join(path)).unwrap());
    }
    let validate = |code: i32| sandbox.govctl(["tenant", "validate"]).exits(code).of_type("govctl.finding/1");
    assert!(validate(0).is_empty());
    sandbox.write(
        "policies/data/tenants.json",
        sandbox.read("policies/data/tenants.json").replace("\"public\":0", "\"public\":1"),
    );
    let found = validate(1);
    assert_eq!((found.len(), &found[0]["code"]), (1, &serde_json::json!("data_differs")));
    assert_eq!(found[0]["file"], "policies/data/tenants.json");
}

/// Nothing was checked: no rendering may look as if nothing was wrong.
#[test]
fn what_was_not_checked_is_red_in_every_rendering() {
    let sandbox = Sandbox::new();
    sandbox.write("latin.yaml", b"version: 1\n# \xe9\n");
    sandbox.write("plain.tar.gz", "no archive");
    sandbox.write("invalid.yaml", "version: 2\n");
    sandbox.bash("govctl util keygen --kind p256 --out sign.pem --public sign.pub.pem").exits(0);
    let verbs = [
        ("validate latin.yaml", 3, "latin.yaml"),
        ("validate nowhere.yaml", 4, "nowhere.yaml"),
        ("bundle verify plain.tar.gz --verification-key sign.pub.pem", 3, "plain.tar.gz"),
        ("prove --policy embedded --tenants invalid.yaml", 2, "invalid.yaml"),
    ];
    for (verb, code, file) in verbs {
        let of = |format: &str| {
            sandbox.bash(&format!("govctl tenant {verb} --format {format}")).exits(code).text().to_owned()
        };
        let junit = of("junit");
        assert!(junit.contains("tests=\"1\" failures=\"0\" errors=\"1\">"), "{junit}");
        assert!(junit.contains(&format!("name=\"{file}\">\n<error message=\"{file}:")), "{junit}");
        let github = of("github");
        assert!(github.starts_with(&format!("::error title=govctl,file={file}")), "{github}");
        let sarif: serde_json::Value = serde_json::from_str(&of("sarif")).unwrap();
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }
    sandbox.write("good.yaml", "version: 1\ntenants: []\n");
    let sarif = sandbox.bash("govctl tenant validate good.yaml --format sarif").exits(0);
    let sarif: serde_json::Value = serde_json::from_str(sarif.text()).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
}
