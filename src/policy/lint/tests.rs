use crate::policy::{File, Sources, check};

/// `code line:column subject` of everything that is found.
fn found(text: &str) -> Vec<String> {
    found_in(&[("p.rego", text)], false)
}

pub(super) fn found_in(files: &[(&str, &str)], whole: bool) -> Vec<String> {
    let file = |(name, text): &(&str, &str)| File { name: (*name).into(), shown: (*name).into(), text: (*text).into() };
    let sources = Sources::new(files.iter().map(file).collect());
    let said = |f: crate::policy::Fault| format!("{} {}:{} {}", f.code.as_str(), f.line, f.column, f.subject);
    check(&sources, whole).into_iter().map(said).collect()
}

/// A policy with one more piece, from line 4 on.
pub(super) fn with(rules: &str) -> Vec<String> {
    found(&format!("package switchboard\nimport rego.v1\ndecision := {{\"allow\": false, \"deny\": set()}}\n{rules}"))
}

pub(super) const NOTHING: [&str; 0] = [];

#[test]
fn syntax_is_placed_in_characters() {
    assert_eq!(with("a if\tinput.x ~ 1"), ["rego_syntax 4:14 "]);
    assert_eq!(with("a if \"é\" == ]"), ["rego_syntax 4:13 "]);
    assert_eq!(with("deny[\"x\"] { true }").len(), 1);
    assert_eq!(with("a if input.x notin data.y").len(), 1);
    // OPA takes it; here it is the name of the import.
    assert_eq!(with("a if { some v1 in input.x; v1 == 1 }"), ["rego_syntax 4:13 "]);
}

#[test]
fn only_rules_without_arguments_are_negated() {
    assert_eq!(with("a if input.x\nb if not a\nc if not data.switchboard.a"), NOTHING);
    assert_eq!(with("b if not input.x"), ["negated_reference 4:6 not input.x"]);
    assert_eq!(with("b if not input.x in data.y"), ["negated_reference 4:6 not input.x in data.y"]);
    assert_eq!(with("b if not startswith(input.x, \"a\")"), ["negated_reference 4:6 not startswith(input.x, \"a\")"]);
    assert_eq!(with("a := input.x\nb if not a.y"), ["negated_reference 5:6 not a.y"]);
    assert_eq!(with("f(x) if x\nb if not f(1)"), ["negated_reference 5:6 not f(1)"]);
    assert_eq!(with("deny contains 1 if input.x\nb if not deny"), ["negated_reference 5:6 not deny"]);
    assert_eq!(with("deny contains 1 if input.x\nb if not deny[_]"), ["negated_reference 5:6 not deny[_]"]);
    assert_eq!(with("b if [x | some x in input.y; not x]"), ["negated_reference 4:30 not x"]);
}

#[test]
fn names_of_builtins_and_of_the_data_are_taken() {
    assert_eq!(with("is_array(x) if x == 1"), ["name_taken 4:1 is_array"]);
    assert_eq!(with("count := 3"), ["name_taken 4:1 count"]);
    assert_eq!(found("package x\nimport data.y.is_string\na := 1"), ["name_taken 2:1 is_string"]);
    assert_eq!(found("package x\nimport data.y as upper\na := 1"), ["name_taken 2:1 upper"]);
    assert_eq!(found("package regions\nCN := [\"EU\"]"), ["name_taken 1:1 regions"]);
    assert_eq!(found("package tenants.zed\nregion := \"EU\""), ["name_taken 1:1 tenants"]);
    assert_eq!(found("package system.authz\nallow := true"), ["name_taken 1:1 system"]);
    assert_eq!(found("package classifications_of\na := 1"), NOTHING);
}

#[test]
fn tests_may_negate_and_replace() {
    let test = "package switchboard_test\ntest_a if not data.switchboard.decision.allow with input as {}\n";
    let policy = "package switchboard\ndecision := {\"allow\": false, \"deny\": set()}\n";
    assert_eq!(found_in(&[("p.rego", policy), ("p_test.rego", test)], true), NOTHING);
}

#[test]
fn builtins_are_known_pure_and_called_with_their_arguments() {
    assert_eq!(with("a := http.send({})"), ["forbidden_builtin 4:6 http.send"]);
    assert_eq!(with("a := time.now_ns()"), ["forbidden_builtin 4:6 time.now_ns"]);
    assert_eq!(with("a := rand.intn(\"a\", 2)"), ["forbidden_builtin 4:6 rand.intn"]);
    assert_eq!(with("a := opa.runtime()"), ["forbidden_builtin 4:6 opa.runtime"]);
    assert_eq!(with("a := io.jwt.decode(input.t)"), ["unsupported_rego 4:6 io.jwt.decode"]);
    assert_eq!(with("a := crypto.sha256(input.t)"), ["unsupported_rego 4:6 crypto.sha256"]);
    assert_eq!(with("a if print(input.t)"), ["unsupported_rego 4:6 print"]);
    assert_eq!(with("a if startwith(input.t, \"x\")"), ["unknown_function 4:6 startwith"]);
    assert_eq!(with("a if startswith(input.t)"), ["wrong_arity 4:6 startswith"]);
    assert_eq!(with("f(x) if x\na if f(1, 2)"), ["wrong_arity 5:6 f"]);
    assert_eq!(with("a if data.lib.f(1)"), ["unknown_function 4:6 data.lib.f"]);
    assert_eq!(with("f(x) if x\na if f(1)\nb if regex.match(\"^a\", input.x)"), NOTHING);
}

#[test]
fn forms_that_engines_answer_differently_are_refused() {
    let unsafe_at = |place: &str| format!("engine_unsafe {place}");
    assert_eq!(with("a := 1 if input.x\na := 2 if input.y"), [unsafe_at("5:1 a")]);
    assert_eq!(with("f(x) := 1 if x\nf(x) := 2 if input.y"), [unsafe_at("5:1 f")]);
    assert_eq!(with("a := 1 if input.x else := 2 if input.y"), NOTHING);
    assert_eq!(with("a if input.x\na if input.y"), NOTHING);
    assert_eq!(with("a := {x: 1 | some x in input.y}"), [unsafe_at("4:6 a")]);
    assert_eq!(with("a if walk(input, [x, _])"), ["unsupported_rego 4:6 walk"]);
    assert_eq!(with("a if input.x with input as {}"), [unsafe_at("4:14 a")]);
    assert_eq!(with("a := input.x in input.y"), [unsafe_at("4:6 a")]);
    assert_eq!(with("a if input.x in input.y"), NOTHING);
    assert_eq!(with("a if data.x[1]"), [unsafe_at("4:6 data.x[1]")]);
    assert_eq!(with("a[x] := 1 if some x in input.y"), [unsafe_at("4:1 a")]);
}

/// In OPA 1.22.2 the first is false for `{"x": ["a"], "y": {"b": 1}}`; both engines here say true.
#[test]
fn no_key_is_a_name_of_every() {
    let unsafe_at = |place: &str| vec![format!("engine_unsafe {place}")];
    assert_eq!(with("a if { every v in input.x { input.y[v] } }"), unsafe_at("4:29 input.y[v]"));
    assert_eq!(with("a if { every k, v in input.x { input.y[k] == v } }"), unsafe_at("4:32 input.y[k]"));
    assert_eq!(with("a if { every v in input.x { input.y[{v}] } }"), unsafe_at("4:29 input.y[{v}]"));
    assert_eq!(
        with("a if { every v in input.x { count([1 | some w in [1]; input.y[v] == w]) == 1 } }"),
        unsafe_at("4:55 input.y[v]")
    );
    assert_eq!(with("a if { every v in input.x { v in input.y; w := v; input.y[w]; input.y[v.k] } }"), NOTHING);
}

#[test]
fn keys_into_data_are_known_to_be_texts() {
    assert_eq!(with("a if data.x[input.k]"), ["engine_unsafe 4:6 data.x[input.k]"]);
    assert_eq!(with("a if {\n\tis_string(input.k)\n\tdata.x[input.k]\n}"), NOTHING);
    assert_eq!(with("a if {\n\tk := input[\"k\"]\n\tis_string(k)\n\tdata.x[input.k]\n}"), NOTHING);
    assert_eq!(with("ok if is_string(input.k)\na if {\n\tok\n\tdata.x[input.k]\n}"), NOTHING);
    let two = "ok if is_string(input.k)\nok if input.y\na if {\n\tok\n\tdata.x[input.k]\n}";
    assert_eq!(with(two), ["engine_unsafe 8:2 data.x[input.k]"]);
    assert_eq!(
        with("a if {\n\tnot ok\n\tdata.x[input.k]\n}\nok if is_string(input.k)"),
        ["engine_unsafe 6:2 data.x[input.k]"]
    );
    let used = "a if data.x[input.k]\nb if {\n\tnot a\n\tis_string(input.k)\n}";
    assert_eq!(with(used), NOTHING, "a is only asked for where the key is a text");
    assert_eq!(with(&format!("{used}\nc if a")), ["engine_unsafe 4:6 data.x[input.k]"]);
    assert_eq!(with("a if {\n\tsome k\n\tdata.x[k].y == input.k\n}"), NOTHING);
    assert_eq!(with("a if data.x[_] == input.k"), NOTHING);
    assert_eq!(with("a if {\n\tsome k in input.ks\n\tdata.x[k]\n}").len(), 1);
    assert_eq!(with("a if {\n\tsome k\n\tdata.x[k]\n\tk = input.k\n}"), ["engine_unsafe 6:2 data.x[k]"]);
}

#[test]
fn rules_that_need_themselves_are_refused_before_they_run() {
    assert_eq!(with("f(x) if f(x)"), ["recursion 4:1 f"]);
    let chain =
        |n: usize| (0..n).map(|i| format!("r{i} if r{}\n", i + 1)).collect::<String>() + &format!("r{n} := true");
    assert_eq!(with(&chain(127)), NOTHING);
    assert_eq!(with(&chain(128)), ["rego_limit 4:1 r0"]);
    assert_eq!(with(&chain(200)), ["rego_limit 4:1 r0"]);
    assert_eq!(with("q if r\nr if q"), ["recursion 4:1 q"]);
    assert_eq!(with("q if data.switchboard.r\nr if data.switchboard[\"q\"]"), ["recursion 4:1 q"]);
    assert_eq!(with("q if r\nr if s\ns if r"), ["recursion 5:1 r"]);
    assert_eq!(with("q if data.switchboard.decision"), NOTHING);
    assert_eq!(with("q if count(data.switchboard) > 0"), ["recursion 4:1 q"]);
}

/// OPA loads the test beside the policy, and lets in what the policy denies.
#[test]
fn a_test_file_adds_nothing_to_the_policy() {
    let policy = include_str!("../../../policies/switchboard/switchboard.rego");
    let adds = "package switchboard\n\nimport rego.v1\n\nallow if input.resource.label == \"sesam\"\n";
    assert_eq!(found_in(&[("p.rego", policy), ("p_test.rego", adds)], true), ["test_extends_policy 5:1 allow"]);
    let own = adds.replace("allow if", "test_sesam if");
    assert_eq!(found_in(&[("p.rego", policy), ("p_test.rego", &own)], true), NOTHING);
    let elsewhere = adds.replace("package switchboard", "package switchboard_test");
    assert_eq!(found_in(&[("p.rego", policy), ("p_test.rego", &elsewhere)], true), NOTHING);
}

#[test]
fn rules_of_two_kinds_are_refused() {
    assert_eq!(with("default a := false\ndefault a := true\na if input.x"), ["duplicate_rule 5:1 a"]);
    assert_eq!(with("a if input.x\na contains 1 if input.y"), ["duplicate_rule 5:1 a"]);
    assert_eq!(with("a(x) if x\na(x, y) if x == y"), ["duplicate_rule 5:1 a"]);
}

#[test]
fn the_shipped_policy_keeps_the_rules() {
    let policy = include_str!("../../../policies/switchboard/switchboard.rego");
    let tests = include_str!("../../../policies/switchboard/switchboard_test.rego");
    assert_eq!(found_in(&[("p.rego", policy), ("p_test.rego", tests)], true), NOTHING);
}

#[test]
fn a_policy_has_an_entry_point() {
    assert_eq!(found_in(&[("p.rego", "package switchboard\nallow := true\n")], true), ["entry_missing 0:0 "]);
    assert_eq!(found_in(&[("p_test.rego", "package t\ntest_a := true\n")], true), ["no_policy 0:0 "]);
}

#[test]
fn what_only_the_compiler_sees_has_its_place() {
    assert_eq!(with("a if x == input.y").len(), 1);
}
