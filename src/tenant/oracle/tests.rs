use serde_json::json;

use super::*;

/// acme at home in EU/de: audit up to confidential (1), logs open only. zeta in EU. `pii` is a label, `open` a class and a label.
const DATA: &str = r#"{
    "classifications": {"open": 0, "confidential": 1, "secret": 2},
    "regions": {"EU": ["EU"], "EU/de": ["EU", "EU/de"], "EU/de/fra1": ["EU", "EU/de", "EU/de/fra1"], "US": ["US"]},
    "router": {"tenants": {}},
    "tenants": {
        "acme": {"region": "EU/de", "labels": ["open", "pii"], "data_classes": {"audit": 1, "logs": 0}},
        "zeta": {"region": "EU", "labels": [], "data_classes": {"audit": 2}}
    }
}"#;

const ALLOWED: &str = r#"{"subject": {"authenticated": true}, "tenant": {"id": "acme"},
    "resource": {"tenant": "acme", "kind": "audit", "classification": "confidential", "label": "pii"},
    "context": {"region": "EU/de"}}"#;

fn decide(input: &Value) -> Vec<&'static str> {
    Oracle::new(DATA.as_bytes()).unwrap().decide(&Request::from_json(input)).iter().map(Deny::as_str).collect()
}

/// The allowed request with these fields, given by pointer, changed.
fn with(changes: &[(&str, Value)]) -> Vec<&'static str> {
    let mut input: Value = serde_json::from_str(ALLOWED).unwrap();
    for (pointer, value) in changes {
        *input.pointer_mut(pointer).unwrap() = value.clone();
    }
    decide(&input)
}

const FIELDS: [&str; 7] = [
    "/subject/authenticated",
    "/tenant/id",
    "/resource/tenant",
    "/resource/kind",
    "/resource/classification",
    "/resource/label",
    "/context/region",
];

#[test]
fn a_missing_or_mistyped_field_is_malformed_and_nothing_else() {
    assert_eq!(with(&[]), Vec::<&str>::new());
    for pointer in FIELDS {
        let mut wrong = vec![json!(null), json!([]), json!({}), json!(["acme"])];
        wrong.extend(if pointer == FIELDS[0] { vec![json!("true"), json!(1), json!(0)] } else { vec![json!(true)] });
        if !matches!(pointer, "/subject/authenticated" | "/resource/classification") {
            wrong.push(json!(1));
        }
        for value in wrong {
            assert_eq!(with(&[(pointer, value.clone())]), ["MALFORMED"], "{pointer} {value}");
        }
        let mut input: Value = serde_json::from_str(ALLOWED).unwrap();
        let (object, name) = pointer.rsplit_once('/').unwrap();
        input.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(name);
        assert_eq!(decide(&input), ["MALFORMED"], "{pointer}");
        // Stage 1 hides what stage 2 and 3 would say.
        input["resource"]["tenant"] = json!("other");
        input["context"]["region"] = json!("nowhere");
        assert!(
            matches!(decide(&input)[..], ["MALFORMED"]) || matches!(pointer, "/resource/tenant" | "/context/region")
        );
    }
    for object in ["/subject", "/tenant", "/resource", "/context"] {
        for value in [json!(null), json!("acme"), json!([]), json!(["id"]), json!(7)] {
            assert_eq!(with(&[(object, value)]), ["MALFORMED"]);
        }
    }
    for input in [json!(null), json!([]), json!("x"), json!(1), json!({})] {
        assert_eq!(decide(&input), ["MALFORMED"]);
    }
}

#[test]
fn each_code_of_stage_two_and_three_can_stand_alone() {
    assert_eq!(with(&[("/subject/authenticated", json!(false))]), ["UNAUTHENTICATED"]);
    assert_eq!(with(&[("/tenant/id", json!("nobody")), ("/resource/tenant", json!("nobody"))]), ["UNKNOWN_TENANT"]);
    assert_eq!(with(&[("/resource/tenant", json!("zeta"))]), ["TENANT_MISMATCH"]);
    assert_eq!(with(&[("/context/region", json!("US"))]), ["RESIDENCY"]);
    assert_eq!(with(&[("/resource/classification", json!("secret"))]), ["CLASSIFICATION"]);
    assert_eq!(with(&[("/resource/label", json!("confidential"))]), ["LABEL"]);
}

#[test]
fn an_unknown_tenant_is_asked_nothing_of_stage_three() {
    let stranger = [("/tenant/id", json!("nobody")), ("/context/region", json!("US")), ("/resource/label", json!("?"))];
    assert_eq!(with(&stranger), ["UNKNOWN_TENANT", "TENANT_MISMATCH"]);
    // No folding, no trimming; the empty text is a text.
    for id in ["Acme", "acme ", " acme", ""] {
        assert_eq!(with(&[("/tenant/id", json!(id)), ("/resource/tenant", json!(id))]), ["UNKNOWN_TENANT"], "{id}");
    }
}

#[test]
fn the_asking_tenant_is_judged_and_not_the_owner() {
    // zeta may see secret audits in EU, acme may not.
    let asks = [("/resource/tenant", json!("zeta")), ("/resource/classification", json!("secret"))];
    assert_eq!(with(&asks), ["TENANT_MISMATCH", "CLASSIFICATION"]);
    let asks = [("/resource/tenant", json!("zeta")), ("/context/region", json!("EU"))];
    assert_eq!(with(&asks), ["TENANT_MISMATCH", "RESIDENCY"]);
    let all = [
        ("/subject/authenticated", json!(false)),
        ("/resource/tenant", json!("zeta")),
        ("/context/region", json!("EU")),
        ("/resource/kind", json!("unknown")),
        ("/resource/label", json!("")),
    ];
    assert_eq!(with(&all), ["UNAUTHENTICATED", "TENANT_MISMATCH", "RESIDENCY", "CLASSIFICATION", "LABEL"]);
}

#[test]
fn home_contains_the_place_or_is_it() {
    for (region, allowed) in [
        ("EU/de", true),
        ("EU/de/fra1", true),
        ("EU", false),
        ("US", false),
        ("EU/denmark", false),
        ("EU/de/", false),
        ("eu/de", false),
        ("EU/de/muc1", false),
        ("", false),
    ] {
        let expected: &[&str] = if allowed { &[] } else { &["RESIDENCY"] };
        assert_eq!(with(&[("/context/region", json!(region))]), expected, "{region}");
    }
}

#[test]
fn a_class_is_a_name_or_a_rank_by_value() {
    let class = |kind: &str, text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        with(&[("/resource/kind", json!(kind)), ("/resource/classification", value)]).is_empty()
    };
    for text in ["0", "1", "1.0", "1e0", "10e-1", "-0.0", "0.0", "-0", "\"open\"", "\"confidential\""] {
        assert!(class("audit", text), "{text}");
    }
    for text in
        ["2", "2.0", "3", "-1", "0.5", "0.9999", "1e300", "9007199254740993", "\"secret\"", "\"1\"", "\"\"", "\"pii\""]
    {
        assert!(!class("audit", text), "{text}");
    }
    assert!(
        class("logs", "0") && class("logs", "\"open\"") && !class("logs", "1") && !class("logs", "\"confidential\"")
    );
    assert!(!class("unknown", "0") && !class("", "\"open\""));
}

#[test]
fn codes_are_a_small_set_in_the_order_of_the_stages() {
    let mut denies = Denies::only(Deny::Label);
    denies.add_if(true, Deny::Unauthenticated);
    denies.add_if(false, Deny::Residency);
    assert_eq!(denies.bits(), 0b100_0010);
    assert_eq!(format!("{denies:?}"), r#"["UNAUTHENTICATED", "LABEL"]"#);
    assert!(denies.contains(Deny::Label) && !denies.contains(Deny::Malformed) && !denies.is_empty());
    assert!(Deny::ALL.is_sorted() && Denies::default().is_empty());
}

#[test]
fn what_is_no_compiled_data_is_refused() {
    for data in
        ["", "{}", "[]", &DATA.replace("\"audit\": 2", "\"audit\": \"2\""), &DATA.replace("\"EU/de\",", "null,")]
    {
        let error = Oracle::new(data.as_bytes()).unwrap_err();
        assert!(error.message.starts_with("this is no compiled data: "), "{}", error.message);
    }
}
