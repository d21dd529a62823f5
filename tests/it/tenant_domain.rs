//! `--domain`: policies that read more of the input than the seven fields.

use serde_json::{Value, json};

use crate::common::{Output, Sandbox, root};

const TENANTS: &str = "version: 1\nclassifications: [public]\ntenants:\n  - { id: acme, region: EU, labels: [pii], data_classes: { audit: public } }\n";

/// Who asks for something has to say what for.
const PURPOSE: &str = "\ndeny contains {\"code\": \"PURPOSE\"} if {\n\tnot purpose_ok\n\twell_formed\n}\n\npurpose_ok if input.context.purpose in {\"support\", \"billing\"}\n";

fn shipped() -> String {
    std::fs::read_to_string(root().join("policies/switchboard/switchboard.rego")).unwrap()
}

/// The shipped policy, which also asks for the purpose.
fn purposeful() -> String {
    shipped().replacen("\tclass_ok\n}", "\tclass_ok\n\tpurpose_ok\n}", 1) + PURPOSE
}

fn prove(policy: &str, domain: &str, more: &[&str], exit: i32) -> (Sandbox, Output) {
    let sandbox = Sandbox::new();
    sandbox.write("tenants.yaml", TENANTS);
    sandbox.write("policy/p.rego", policy);
    sandbox.write("domain.json", domain);
    let own = ["tenant", "prove", "--tenants", "tenants.yaml", "--policy", "policy", "--now", "2026-11-28T12:00:00Z"];
    let small = ["--max-points", "300000", "--skip", "faults,mutation"];
    let output = sandbox.govctl(own.iter().chain(&small).chain(more)).exits(exit);
    (sandbox, output)
}

const DOMAIN: [&str; 2] = ["--domain", "domain.json"];

fn proof(output: &Output) -> Value {
    output.of_type("govctl.tenant.proof/1").pop().unwrap()
}

#[test]
fn a_field_beside_the_seven_is_proved_where_it_is_declared() {
    let (_, output) = prove(&purposeful(), "{}", &[], 1);
    let found = &output.of_type("govctl.finding/1")[0];
    assert_eq!(found["code"], "domain_unsound");
    assert_eq!(found["message"], "`input.context.purpose` is no field of the domain: `--domain FILE` can add it");

    let more = [&DOMAIN[..], &["--certificate", "cert.json", "--evidence", "out"]].concat();
    let (sandbox, output) = prove(&purposeful(), "{\"/context/purpose\": [\"audit\"]}", &more, 0);
    let (proof, certificate) = (proof(&output), serde_json::from_str::<Value>(&sandbox.read("cert.json")).unwrap());
    assert_eq!(proof["verdict"], "proved");
    // The one tenant's class by its name and its rank, for either purpose.
    assert_eq!((&proof["allows"], &proof["cross_tenant_allows"]), (&json!(4), &json!(0)));
    let values = ["audit", "billing", "support", "unknown-value"].map(|text| json!({"value": text}));
    let values = [&values[..], &[json!({"value": null}), json!({"value": 1}), json!({"missing": true})]].concat();
    assert_eq!(certificate["domain"]["input.context.purpose"], json!(values));
    assert_eq!(certificate["further"], json!({"/context/purpose": ["audit"]}));
    // The certificate brings its domain along.
    let check = ["tenant", "prove", "--tenants", "tenants.yaml", "--policy", "policy", "--check", "cert.json"];
    sandbox.govctl(check).exits(0);
    sandbox.govctl(check.iter().chain(&DOMAIN)).exits(2).says(&["--domain", "--check"]);
    let inputs = &output.records()[0]["inputs"];
    assert!(inputs.as_array().unwrap().iter().any(|input| input["name"] == "domain.json"), "{inputs}");
}

#[test]
fn a_hole_behind_such_a_field_is_shown_with_it() {
    let hole = format!("{}\n\ntenant_match if input.subject.role == \"admin\"\n", shipped());
    let (_, output) = prove(&hole, "{\"/subject/role\": []}", &DOMAIN, 1);
    assert_eq!(proof(&output)["verdict"], "refuted");
    let found = output.of_type("govctl.tenant.counterexample/1");
    let of = found.iter().find(|c| c["invariant"] == "I1").unwrap();
    assert_eq!(of["input"]["subject"], json!({"authenticated": true, "role": "admin"}));
    assert_eq!(of["decision"]["allow"], true);
    // A request of the own tenant with that role is allowed, and the owner alone is another.
    assert_eq!(of["distance"], 1);
    assert!(of["rego_test"].as_str().unwrap().contains("\"role\":\"admin\""));
    // Every type is another case where the policy asks for one.
    let hole = format!("{}\n\ntenant_match if is_array(input.subject.role)\n", shipped());
    let (_, output) = prove(&hole, "{\"/subject/role\": [\"admin\"]}", &DOMAIN, 1);
    assert_eq!(proof(&output)["verdict"], "refuted");
    let found = output.of_type("govctl.tenant.counterexample/1");
    assert_eq!(found.iter().find(|c| c["invariant"] == "I1").unwrap()["input"]["subject"]["role"], json!([]));
}

#[test]
fn uses_that_no_finite_domain_covers_are_refused_all_the_same() {
    for (rule, says) in [
        ("input.subject.role == input.tenant.id", "`input.subject.role` is compared with something of another sort"),
        ("input.subject.role in data.tenants[input.tenant.id].labels", "`input.subject.role` is compared with"),
        ("startswith(input.subject.role, \"adm\")", "`input.subject.role` is passed to `startswith`"),
        ("input.subject.role > 3", "`input.subject.role` is compared with something of another sort"),
        (
            "{\n\tis_string(input.subject.role)\n\tdata.tenants[input.subject.role]\n}",
            "a key into the data is neither a field of its sort",
        ),
        ("input.subject.roles == \"a\"", "`input.subject.roles` is no field of the domain"),
        ("input.subject == {\"a\": 1}", "`input.subject` is used as a whole"),
    ] {
        let hole = format!("{}\n\ntenant_match if {rule}\n", shipped());
        let (_, output) = prove(&hole, "{\"/subject/role\": [\"admin\"]}", &DOMAIN, 1);
        assert_eq!(proof(&output)["verdict"], "unproved", "{rule}");
        let found = output.of_type("govctl.finding/1");
        let says_so = |f: &Value| f["code"] == "domain_unsound" && f["message"].as_str().unwrap().contains(says);
        assert!(found.iter().any(says_so), "{rule}: {found:?}");
    }
}

#[test]
fn a_domain_that_cannot_be_read_is_a_mistake_of_usage() {
    for (text, says) in [
        ("", "domain.json:1:0: EOF while parsing"),
        ("[]", "domain.json:1:0: invalid type: sequence, expected an object of JSON pointers"),
        ("{\"/a\": [1],\n \"/a\": []}", "domain.json:2:"),
        ("{\"a\": []}", "\"a\" is no JSON pointer to a field: expected e.g. \"/context/purpose\""),
        ("{\"/tenant/id\": []}", "\"/tenant/id\" is always in the domain"),
        ("{\"/a\": [[1]]}", "\"/a\" has the value [1]: expected texts, numbers, true, false or null"),
    ] {
        let (_, output) = prove(&shipped(), text, &DOMAIN, 2);
        output.says(&[says]);
    }
    // Four fields of nine values are 6561 combinations.
    let values = r#"["a","b","c","d","e"]"#;
    let four = format!("{{\"/a\": {values}, \"/b\": {values}, \"/c\": {values}, \"/d\": {values}}}");
    let (_, output) = prove(&shipped(), &four, &DOMAIN, 3);
    assert_eq!(proof(&output)["reasons"][0], "the fields of --domain have more than 4096 combinations of values");
}

#[test]
fn a_change_of_what_such_a_field_grants_is_compared() {
    let sandbox = Sandbox::new();
    for (state, policy) in [("a", purposeful()), ("b", purposeful().replace("\"billing\"}", "\"billing\", \"audit\"}"))]
    {
        sandbox.write(&format!("{state}/policies/switchboard/p.rego"), policy);
        sandbox.write(&format!("{state}/config/tenants.yaml"), TENANTS);
    }
    sandbox.write("domain.json", "{\"/context/purpose\": []}");
    let compare = ["tenant", "compare", "--base", "a", "--head", "b"];
    let found = sandbox.govctl(compare).exits(1).of_type("govctl.finding/1");
    assert_eq!(found[0]["code"], "domain_unsound", "{found:?}");
    let output = sandbox.govctl(compare.iter().chain(&DOMAIN)).exits(1);
    let access = output.of_type("govctl.tenant.access/1");
    let granted: Vec<&Value> = access.iter().filter(|a| a["change"] == "granted").collect();
    // The class by its name and its rank, for the one purpose that is new.
    assert_eq!((granted.len(), &granted[0]["points"]), (1, &json!(2)));
    assert_eq!(granted[0]["input"]["context"], json!({"region": "EU", "purpose": "audit"}));
}
