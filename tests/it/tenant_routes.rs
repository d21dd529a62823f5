//! routes.yaml in `govctl tenant validate` and `schema`: every code at its place, the lists that it is held against, the schema.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use govctl::tenants::code::Code;
use govctl::tenants::routes::{read, schema::schema};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Sandbox, files, findings, root, value_trees};

const HEAD: &str = "version: 1\nroutes:\n";
const SOUND: &str = "kind: audit, classification: public, label: pii";

fn severity(code: &str) -> &'static str {
    Code::ALL.iter().find(|c| c.as_str() == code).unwrap_or_else(|| panic!("{code}")).severity().as_str()
}

#[test]
fn every_code_is_found_at_its_place() {
    let sandbox = Sandbox::new();
    let tenants = root().join("fixtures/routes/tenants.yaml");
    let mut seen = BTreeSet::new();
    for path in files("fixtures/routes/findings", "yaml") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<&str> = text.lines().next().unwrap().trim_start_matches("# ").split(", ").collect();
        let code = expected[0].rsplit(' ').next().unwrap();
        assert_eq!(name.split('.').next().unwrap(), code, "{name}: the file has the name of its code");
        let failed = severity(code) == "error";
        // The lists are read first, wherever they stand.
        let paths = [path.to_str().unwrap(), tenants.to_str().unwrap()];
        let output = sandbox.govctl([&["tenant", "validate"], &paths[..]].concat()).exits(i32::from(failed));
        assert_eq!(findings(&output), expected, "{name}");
        sandbox.govctl([&["tenant", "validate", "--fail-on", "warning"], &paths[..]].concat()).exits(1);
        for finding in output.of_type("govctl.finding/1") {
            assert_eq!(finding["severity"], severity(code), "{name}");
            assert_eq!(finding["file"], path.file_name().unwrap().to_str().unwrap());
        }
        seen.insert(code.to_owned());
    }
    for code in
        ["invalid_prefix", "duplicate_prefix", "unknown_kind", "unknown_label", "route_never_allowed", "no_routes"]
    {
        assert!(seen.contains(code), "{code}");
    }
}

/// A path that two routes match has a closest one where a third is that very path, wherever it stands; and no tenant is called
/// `a.b` or `Acme`.
#[test]
fn only_paths_without_a_closest_route_are_refused() {
    let of = |prefixes: &[&str]| {
        let routes = prefixes.iter().map(|prefix| format!("  - {{ prefix: \"{prefix}\", {SOUND} }}\n"));
        let text = format!("{HEAD}{}", routes.collect::<String>());
        read(&text, None).found.iter().map(|found| (found.code.as_str(), found.line)).collect::<Vec<_>>()
    };
    let (api, audit, both) = ("/api/{tenant}", "/{tenant}/audit", "/api/audit");
    assert_eq!(of(&[api, audit]), [("duplicate_prefix", 4)]);
    for order in [[api, audit, both], [both, audit, api], [api, both, audit]] {
        assert_eq!(of(&order), []);
    }
    assert_eq!(of(&[api, audit, "/api/audit/x"]), [("duplicate_prefix", 4)], "/api/audit itself stays open");
    assert_eq!(of(&["/a.b/{tenant}", "/{tenant}/b"]), []);
    assert_eq!(of(&["/Acme/{tenant}", "/{tenant}/b"]), []);
}

/// What routes and tenants say in one call, with the columns of the findings.
fn call(sandbox: &Sandbox, files: &[&str], code: i32) -> Vec<String> {
    findings(&sandbox.govctl([&["tenant", "validate"], files].concat()).exits(code))
}

#[test]
fn names_are_held_against_the_lists_of_the_same_call() {
    let sandbox = Sandbox::new();
    let tenants = |id: &str, label: &str, kind: &str| {
        format!(
            "version: 1\ntenants:\n  - {{ id: {id}, region: EU, labels: [{label}], data_classes: {{ {kind}: internal }} }}\n"
        )
    };
    sandbox.write("r.yaml", format!("{HEAD}  - {{ prefix: \"/a\", {SOUND} }}\n"));
    // Alone only the grammar is looked at.
    assert_eq!(call(&sandbox, &["r.yaml"], 0), Vec::<String>::new());
    sandbox.write("t.yaml", tenants("acme", "pii", "audit"));
    assert_eq!(call(&sandbox, &["t.yaml", "r.yaml"], 0), Vec::<String>::new());
    sandbox.write("other.yaml", tenants("beta", "legal", "claims"));
    assert_eq!(call(&sandbox, &["other.yaml", "r.yaml"], 1), ["3:27 unknown_kind", "3:65 unknown_label"]);
    // Known is what one of the lists knows.
    assert_eq!(call(&sandbox, &["other.yaml", "r.yaml", "t.yaml"], 0), Vec::<String>::new());
    // A list with errors says nothing about its names: only its own findings are shown.
    sandbox.write("t.yaml", tenants("Acme", "pii", "audit"));
    assert_eq!(call(&sandbox, &["other.yaml", "r.yaml", "t.yaml"], 1), ["3:11 invalid_id"]);
    let absent = sandbox.govctl(["tenant", "validate", "r.yaml", "other.yaml", "absent.yaml"]).exits(4);
    assert!(findings(&absent).is_empty());
}

#[test]
fn a_route_needs_one_tenant_with_its_label_and_its_class() {
    let sandbox = Sandbox::new();
    let route =
        |class: &str| format!("{HEAD}  - {{ prefix: \"/a\", kind: audit, classification: {class}, label: pii }}\n");
    sandbox.write(
        "t.yaml",
        "version: 1\ntenants:
  - { id: a, region: EU, labels: [pii], data_classes: { audit: internal } }
  - { id: b, region: EU, labels: [legal], data_classes: { audit: restricted } }\n",
    );
    for (class, expected) in
        [("public", vec![]), ("internal", vec![]), ("confidential", vec!["3:15 route_never_allowed"])]
    {
        sandbox.write("r.yaml", route(class));
        assert_eq!(call(&sandbox, &["t.yaml", "r.yaml"], 0), expected, "{class}");
    }
}

#[test]
fn a_file_is_known_by_its_keys_and_else_by_its_name() {
    let sandbox = Sandbox::new();
    let check = |name: &str, text: &str, code: i32| {
        sandbox.write(name, text);
        call(&sandbox, &[name], code)
    };
    let route = format!("{{ prefix: /a, {SOUND} }}");
    assert_eq!(check("x.yaml", &format!("{{ version: 1, \"routes\": [{route}] }}"), 0), Vec::<String>::new());
    // The list of tenants is one under whatever name.
    let tenants = "version: 1\ntenants:\n  - { id: a, region: EU, labels: [l], data_classes: { k: public } }\n";
    assert_eq!(check("routes.yaml", tenants, 0), Vec::<String>::new());
    for text in ["version: 1\nroute: []\n", "version: 1\ntenant: []\n"] {
        assert_eq!(check("routes.yaml", text, 1), ["2:1 unknown_key"]);
        assert_eq!(check("tenants.yaml", text, 1), ["2:1 unknown_key"]);
    }
    let hint = |name: &str| {
        sandbox.govctl(["tenant", "validate", name]).exits(1).of_type("govctl.finding/1")[0]["hint"].clone()
    };
    sandbox.write("routes.yaml", "version: 1\nroute: []\n");
    assert_eq!(hint("routes.yaml"), "did you mean `routes`?");
    sandbox.write("r.yaml", format!("{HEAD}  - {{ prefix: /a, kind: audit, classification: 2, label: pii }}\n"));
    assert_eq!(hint("r.yaml"), "write a name: the rank of a class is another once a class is inserted");
    sandbox.write("r.yaml", format!("{HEAD}  - {{ prefix: /api/*, {SOUND} }}\n"));
    assert_eq!(hint("r.yaml"), "leave it out: a prefix stands for all that is below it");
    sandbox.govctl(["tenant", "validate", "-"]).stdin(format!("{HEAD}  - {route}\n")).exits(0);
}

#[test]
fn endings_and_sizes_have_their_codes() {
    let sandbox = Sandbox::new();
    sandbox.write("routes.yaml", b"version: 1\nroutes:\n  - { prefix: /\xfc }\n");
    sandbox.govctl(["tenant", "validate", "routes.yaml"]).exits(3).says(&["routes.yaml:3: is not UTF-8"]);
    let routes = |n: usize| -> String { (0..n).map(|i| format!("  - {{ prefix: /r{i}, {SOUND} }}\n")).collect() };
    let check = |text: String, code: i32| {
        sandbox.write("r.yaml", text);
        call(&sandbox, &["r.yaml"], code)
    };
    assert_eq!(check(format!("{HEAD}{}", routes(1_000)), 0), Vec::<String>::new());
    assert_eq!(check(format!("{HEAD}{}", routes(1_001)), 1), ["1003:5 too_many"]);
    let padding = (4 << 20) - HEAD.len() - routes(1).len();
    assert_eq!(check(format!("{HEAD}{}{}", routes(1), "#".repeat(padding)), 0), Vec::<String>::new());
    assert_eq!(check(format!("{HEAD}{}{}", routes(1), "#".repeat(padding + 1)), 1), ["over_limit"]);
    // The worst list of prefixes: each is compared with all before it to its last segment.
    let deep = |i: usize| format!("/{}{{tenant}}/{}x{i}", "a/".repeat(i % 40), "a/".repeat(40 - i % 40));
    let worst: String = (0..1_000).map(|i| format!("  - {{ prefix: \"{}\", {SOUND} }}\n", deep(i))).collect();
    assert!(check(format!("{HEAD}{worst}"), 0).is_empty());
}

#[test]
fn the_shipped_routes_are_those_of_the_shipped_tenants() {
    let sandbox = Sandbox::new();
    for path in ["config/tenants.yaml", "config/routes.yaml"] {
        sandbox.write(path, std::fs::read(root().join(path)).unwrap());
    }
    let output = sandbox.govctl(["tenant", "validate", "--fail-on", "warning", "--format", "human"]).exits(0);
    assert_eq!(output.text(), "0 errors, 0 warnings in 4 tenants and 4 routes of 2 files\n");
    // Without names the routes are held against the default list.
    sandbox.write("config/routes.yaml", sandbox.read("config/routes.yaml").replace("label: claims", "label: claim"));
    let human = sandbox.govctl(["tenant", "validate", "--format", "human"]).exits(1);
    assert!(
        human.text().contains("/api/{tenant}/claims: no tenant has the label `claim` (did you mean `claims`?)"),
        "{}",
        human.text()
    );
    let end = sandbox.govctl(["tenant", "validate"]).exits(1).of_type("govctl.run/1").pop().unwrap();
    assert_eq!((&end["counts"]["routes"], &end["counts"]["files"]), (&4.into(), &2.into()));
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| jsonschema::draft7::new(&schema()).unwrap());

/// The schema refuses a file just where the parser finds something that a schema can see.
fn agree(instance: &Value, text: &str) -> Result<(), String> {
    let found = read(text, None).found;
    let seen = |f: &govctl::tenants::Found| f.code.in_schema() || f.code.as_str() == "ambiguous_scalar";
    match (SCHEMA.is_valid(instance), found.iter().any(seen)) {
        (valid, seen) if valid != seen => Ok(()),
        (valid, _) => Err(format!("schema: {}, parser: {found:?}\n{text}", if valid { "valid" } else { "invalid" })),
    }
}

#[test]
fn the_schema_is_one_and_knows_the_fixtures() {
    let printed = Sandbox::new().govctl(["tenant", "schema", "--routes"]).exits(0);
    let printed: Value = serde_json::from_str(printed.text()).unwrap();
    assert_eq!(printed, schema());
    assert_eq!(printed["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::meta::validate(&printed).unwrap();
    let mut refused = 0;
    for (path, text, instance) in value_trees("fixtures/routes/findings") {
        agree(&instance, &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        refused += u32::from(!SCHEMA.is_valid(&instance));
    }
    assert!(refused >= 8, "{refused}");
}

/// A file that is sound but for one word.
fn placed(word: &Value, place: &str) -> Value {
    let mut file =
        json!({"version": 1, "routes": [{"prefix": "/a", "kind": "k", "classification": "c", "label": "l"}]});
    file["routes"][0][place] = word.clone();
    file
}

const PLACES: [&str; 4] = ["prefix", "kind", "classification", "label"];

/// Every ASCII character that YAML knows at every end of a word and of a segment, and words around the longest that is allowed.
#[test]
fn schema_and_parser_know_the_same_characters() {
    let around =
        (0..127u8).map(char::from).flat_map(|c| [format!("{c}a"), format!("a{c}"), format!("a{c}a"), format!("{c}")]);
    let long = (60..=66).chain(250..=260).map(|n| "a".repeat(n));
    for word in around.chain(long) {
        for place in PLACES {
            let word = if place == "prefix" { format!("/{word}") } else { word.clone() };
            let document = placed(&word.into(), place);
            agree(&document, &document.to_string()).unwrap_or_else(|e| panic!("{place}: {e}"));
        }
    }
}

fn word() -> impl Strategy<Value = Value> {
    let segments = ["/", "//", "/a", "/{tenant}", "/.", "/..", "/...", "/a{tenant}", "/{id}", "/%2F", "/é", "\n", "?x"];
    prop_oneof![
        6 => prop::collection::vec(prop::sample::select(segments.to_vec()), 1..5).prop_map(|s| s.concat().into()),
        2 => "[a-zA-Z0-9./_:{}-]{1,8}".prop_map(Value::from),
        1 => prop::sample::select(vec![json!(null), json!(true), json!(2), json!(1.5), json!([]), json!({}), json!("")]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn schema_and_parser_have_one_grammar(word in word(), place in prop::sample::select(PLACES.to_vec())) {
        let document = placed(&word, place);
        agree(&document, &document.to_string()).map_err(TestCaseError::fail)?;
    }

    /// A key left out, a key too many, another version, another type of the whole.
    #[test]
    fn schema_and_parser_agree_on_the_structure(
        left in prop::option::of(prop::sample::select(PLACES.to_vec())),
        more in prop::bool::weighted(0.2),
        version in prop::sample::select(vec![json!(1), json!(2), json!("1"), json!(null), json!([])]),
        routes in prop::option::weighted(0.3, word()),
    ) {
        let mut document = placed(&"/a".into(), "prefix");
        if let Some(key) = left {
            document["routes"][0].as_object_mut().unwrap().remove(key);
        }
        if more {
            document["routes"][0]["host"] = "a".into();
        }
        document["version"] = version;
        if let Some(routes) = routes {
            document["routes"] = routes;
        }
        agree(&document, &document.to_string()).map_err(TestCaseError::fail)?;
    }
}
