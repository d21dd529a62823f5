//! `govctl tenant compile` and `schema`: the data, its independence of how the YAML is written, and the JSON Schema.

use std::sync::LazyLock;

use govctl::tenants::{compile::compile, read, schema::schema};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Sandbox, root, value_trees};

fn fixture(name: &str) -> String {
    std::fs::read_to_string(root().join("fixtures/tenant").join(name)).unwrap()
}

#[test]
fn the_example_of_the_specification_compiles_to_its_data() {
    let sandbox = Sandbox::new();
    sandbox.write("config/tenants.yaml", fixture("spec/tenants.yaml"));
    let output = sandbox.govctl(["tenant", "compile"]).exits(0);
    assert!(output.text().ends_with("}\n") && output.text().lines().count() == 1);
    let data: Value = serde_json::from_str(output.text()).unwrap();
    assert_eq!(data["tenants"], serde_json::from_str::<Value>(&fixture("spec/tenants.json")).unwrap());
    assert_eq!(
        data.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["classifications", "regions", "router", "tenants"]
    );
    assert_eq!(data["regions"], json!({"EU": ["EU"], "US": ["US"]}));
}

#[test]
fn every_field_is_compiled() {
    let sandbox = Sandbox::new();
    sandbox.write("full.yaml", fixture("full.yaml"));
    assert_eq!(sandbox.govctl(["tenant", "compile", "full.yaml"]).exits(0).text(), fixture("full.json"));
    assert_eq!(
        sandbox.govctl(["tenant", "compile", "-"]).stdin(fixture("full.yaml")).exits(0).text(),
        fixture("full.json")
    );
    sandbox.govctl(["tenant", "compile", "full.yaml", "-o", "full.json"]).exits(0);
    assert_eq!(sandbox.read("full.json"), fixture("full.json"));
}

#[test]
fn check_names_the_first_difference() {
    let sandbox = Sandbox::new();
    sandbox.write("full.yaml", fixture("full.yaml"));
    let check = |text: &str, code: i32| {
        sandbox.write("d.json", text);
        let output = sandbox.govctl(["tenant", "compile", "full.yaml", "--check", "d.json"]).exits(code);
        let findings = output.of_type("govctl.finding/1");
        findings
            .iter()
            .map(|f| format!("{} {} {}", f["code"], f["subject"], f["message"]).replace('"', ""))
            .collect::<String>()
    };
    let full = fixture("full.json");
    assert_eq!(check(&full, 0), "");
    let moved = full.replace(r#""region":"US""#, r#""region":"EU""#);
    assert_eq!(check(&moved, 1), "data_differs /tenants/beta-2/region holds \\EU\\ where \\US\\ is compiled");
    let fewer = full.replace(r#""EU/de":["EU","EU/de"],"#, "");
    assert!(check(&fewer, 1).starts_with("data_differs /regions/EU~1de holds nothing"));
    assert!(check(full.trim_end(), 1).contains("another spelling"));
    assert!(check("{", 1).contains("is no JSON"));
    assert_eq!(sandbox.read("d.json"), "{", "nothing is written");
    std::fs::remove_file(sandbox.path("d.json")).unwrap();
    let absent = sandbox.govctl(["tenant", "compile", "full.yaml", "--check", "d.json"]).exits(2);
    absent.says(&["d.json: cannot read", "hint: make it: govctl tenant compile full.yaml -o d.json"]);
}

#[test]
fn what_cannot_be_done_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("t.yaml", fixture("full.yaml"));
    let refused = |args: &[&str], text: &str| {
        let output = sandbox.govctl([&["tenant"], args].concat()).exits(2);
        output.says(&[text, "hint: "]);
        assert!(output.stdout.is_empty());
    };
    refused(&["compile"], "config/tenants.yaml: there is no such file");
    refused(&["compile", "t.yaml", "--evidence", "out"], "leaves no evidence");
    refused(&["compile", "t.yaml", "--format", "sarif"], "no findings");
    refused(&["schema", "--evidence", "out"], "leaves no evidence");
    refused(&["compile", "-", "--check", "-"], "standard input");
    refused(&["compile", "t.yaml", "-o", "t.yaml"], "would be written over this input");
    sandbox.govctl(["tenant", "compile", "t.yaml", "-o", "no/such/folder.json"]).exits(4);
    // All errors of the file, none of its data.
    sandbox.write("t.yaml", "version: 1\ntenants:\n  - { id: A, region: E_U }\n");
    let invalid = sandbox.govctl(["tenant", "compile", "t.yaml", "-o", "data.json"]).exits(2);
    invalid.says(&["error: t.yaml:3:11: `A` is no tenant id", "error: t.yaml:3:22: A: `E_U` is no name of a region"]);
    assert!(!sandbox.path("data.json").exists());
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| jsonschema::draft7::new(&schema()).unwrap());

/// The schema refuses a file just where the parser finds something that a schema can see.
fn agree(instance: &Value, text: &str) -> Result<(), String> {
    let found = read(text, None).found;
    // In JSON a text always has quotes, so a bare value where a text belongs is of another type.
    let seen = |f: &govctl::tenants::Found| f.code.in_schema() || f.code.as_str() == "ambiguous_scalar";
    match (SCHEMA.is_valid(instance), found.iter().any(seen)) {
        (valid, seen) if valid != seen => Ok(()),
        (valid, _) => Err(format!("schema: {}, parser: {found:?}\n{text}", if valid { "valid" } else { "invalid" })),
    }
}

#[test]
fn the_schema_is_one_and_knows_the_fixtures() {
    let printed = Sandbox::new().govctl(["tenant", "schema"]).exits(0);
    let printed: Value = serde_json::from_str(printed.text()).unwrap();
    assert_eq!(printed, schema());
    assert_eq!(printed["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::meta::validate(&printed).unwrap();
    let mut refused = 0;
    for (path, text, instance) in value_trees("fixtures/tenant") {
        agree(&instance, &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        refused += u32::from(!SCHEMA.is_valid(&instance));
    }
    assert!(refused >= 12, "{refused}");
}

/// A text that is right in some places and wrong in others.
fn word() -> impl Strategy<Value = Value> {
    let fixed = [
        "acme",
        "beta",
        "Acme",
        "EU",
        "EU/de",
        "eu",
        "EU/",
        "a/b/c/d/e",
        "pii",
        "public",
        "internal",
        "a.b",
        "x_y",
        "",
        "9",
        "NO",
        "é",
        "a ",
        "a\n",
        "10.0.0.1",
        "1:30",
    ];
    prop_oneof![
        6 => prop::sample::select(fixed.to_vec()).prop_map(Value::from),
        1 => "[a-z]{62,65}".prop_map(Value::from),
        1 => "[a-zA-Z0-9./_:-]{1,6}".prop_map(Value::from),
        1 => prop_oneof![Just(json!(null)), Just(json!(true)), Just(json!(7)), Just(json!([])), Just(json!({}))],
    ]
}

fn list(of: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![9 => prop::collection::vec(of, 0..4).prop_map(Value::from), 1 => word()]
}

fn quota() -> impl Strategy<Value = Value> {
    prop_oneof![
        (1i64..100).prop_map(Value::from),
        prop::sample::select(vec![
            json!(0),
            json!(-1),
            json!(1.5),
            json!("5"),
            json!(null),
            json!([1]),
            json!(9_007_199_254_740_991_u64),
            json!(9_007_199_254_740_992_u64),
            json!(u64::MAX),
        ]),
    ]
}

/// An object with some of these keys, now and then with one that is not known.
fn object(keys: Vec<(&'static str, BoxedStrategy<Value>, f64)>) -> impl Strategy<Value = Value> {
    let fields: Vec<_> = keys
        .into_iter()
        .chain([("regoin", word().boxed(), 0.03)])
        .map(|(key, value, often)| {
            prop::option::weighted(often, value).prop_map(move |v| v.map(|v| (key.to_owned(), v)))
        })
        .collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect()))
}

fn document() -> impl Strategy<Value = Value> {
    let quotas = object(vec![
        ("requests_per_second", quota().boxed(), 0.5),
        ("burst", quota().boxed(), 0.5),
        ("switches_per_minute", quota().boxed(), 0.5),
    ]);
    let classes = prop::collection::btree_map("[a-zA-Z]{1,3}", word(), 0..3).prop_map(|m| json!(m));
    let tenant = object(vec![
        ("id", word().boxed(), 0.97),
        ("name", word().boxed(), 0.3),
        ("region", word().boxed(), 0.97),
        ("labels", list(word()).boxed(), 0.5),
        ("data_classes", prop_oneof![9 => classes.boxed(), 1 => word().boxed()].boxed(), 0.5),
        ("owner", word().boxed(), 0.3),
        ("hosts", list(word()).boxed(), 0.5),
        ("quotas", prop_oneof![9 => quotas.boxed(), 1 => word().boxed()].boxed(), 0.3),
    ]);
    let version = prop_oneof![8 => Just(json!(1)), 1 => Just(json!(2)), 1 => word()];
    object(vec![
        ("version", version.boxed(), 0.9),
        ("classifications", list(word()).boxed(), 0.3),
        ("regions", list(word()).boxed(), 0.3),
        (
            "tenants",
            prop_oneof![19 => prop::collection::vec(tenant, 0..3).prop_map(Value::from), 1 => word()].boxed(),
            0.97,
        ),
    ])
}

/// One word of a grammar in a file that is sound otherwise, so that nothing else hides it.
fn placed(word: &Value, place: &str) -> Value {
    let mut file = json!({"version": 1, "regions": ["EU"], "tenants": [{"id": "acme", "region": "EU"}]});
    match place {
        "id" | "region" | "name" | "owner" => file["tenants"][0][place] = word.clone(),
        "labels" | "hosts" => file["tenants"][0][place] = json!([word]),
        "kind" => file["tenants"][0]["data_classes"] = json!({ (word.as_str().unwrap_or("x")): "public" }),
        "quota" => file["tenants"][0]["quotas"] = json!({ "burst": word }),
        _ => file[place] = json!([word]),
    }
    file
}

const PLACES: [&str; 10] =
    ["id", "region", "name", "owner", "labels", "hosts", "kind", "quota", "regions", "classifications"];

/// Every ASCII character that YAML knows at every end of a word, and words around the longest that is allowed.
#[test]
fn schema_and_parser_know_the_same_characters() {
    let around = (0..127u8).map(char::from).flat_map(|c| [format!("{c}a"), format!("a{c}"), format!("a{c}a")]);
    let long = (30..=66).map(|n| "a".repeat(n)).chain((126..=128).map(|n| "a.".repeat(n) + "a"));
    for word in around.chain(long) {
        for place in PLACES {
            let document = placed(&word.as_str().into(), place);
            agree(&document, &document.to_string()).unwrap_or_else(|e| panic!("{place}: {e}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn schema_and_parser_agree(document in document()) {
        agree(&document, &document.to_string()).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn schema_and_parser_have_one_grammar(word in prop_oneof![word(), quota()], place in prop::sample::select(PLACES.to_vec())) {
        let document = placed(&word, place);
        agree(&document, &document.to_string()).map_err(TestCaseError::fail)?;
    }

    /// The order of tenants, keys and lists, comments and quotes do not show in the data.
    #[test]
    fn data_do_not_depend_on_how_the_file_is_written(seed in any::<u64>()) {
        let base: Value = serde_saphyr::from_str(&fixture("full.yaml")).unwrap();
        let mut turn = seed;
        let written = format!("# {seed}\n---\n{}\n# end\n", shuffled(&base, "", &mut turn));
        let checked = read(&written, None);
        let tenants = checked.tenants.ok_or_else(|| TestCaseError::fail(format!("{:?}\n{written}", checked.found)))?;
        prop_assert_eq!(String::from_utf8(compile(&tenants).encode().unwrap()).unwrap(), fixture("full.json"));
    }
}

/// The value as flow YAML, in another order and with other quotes. The order of classes is their meaning.
fn shuffled(value: &Value, key: &str, turn: &mut u64) -> String {
    let mut next = |n: usize| {
        *turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*turn >> 33) as usize % n
    };
    match value {
        Value::Array(list) => {
            let mut list: Vec<&Value> = list.iter().collect();
            for i in (1..list.len()).rev().filter(|_| key != "classifications") {
                list.swap(i, next(i + 1));
            }
            let items: Vec<String> = list.into_iter().map(|item| shuffled(item, key, turn)).collect();
            format!("[ {}\n  ]", items.join(",  # a comment\n    "))
        }
        Value::Object(map) => {
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            for i in (1..fields.len()).rev() {
                fields.swap(i, next(i + 1));
            }
            let items: Vec<String> = fields
                .into_iter()
                .map(|(k, v)| format!("{}: {}", shuffled(&k.as_str().into(), "", turn), shuffled(v, k, turn)))
                .collect();
            format!("{{ {}\n  }}", items.join(",\n    "))
        }
        Value::String(text) => match next(3) {
            0 => format!("'{text}'"),
            1 => format!("\"{text}\""),
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}
