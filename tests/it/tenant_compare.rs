//! `govctl tenant compare`: what a change grants, to whom, why, and with which smallest input.

use serde_json::{Value, json};

use crate::common::{Output, Sandbox, root};

/// One kind, two classes, two homes that do not meet.
const TENANTS: &str = "version: 1\nclassifications: [public, secret]\ntenants:\n  - { id: acme, region: EU, labels: [pii], data_classes: { audit: public } }\n  - { id: beta, region: US, labels: [pii], data_classes: { audit: public } }\n";

fn shipped() -> String {
    std::fs::read_to_string(root().join("policies/switchboard/switchboard.rego")).unwrap()
}

fn state(sandbox: &Sandbox, folder: &str, policy: &str, tenants: &str) {
    sandbox.write(&format!("{folder}/policies/switchboard/switchboard.rego"), policy);
    sandbox.write(&format!("{folder}/config/tenants.yaml"), tenants);
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// The change of the list of tenants alone.
fn list(to: &str) -> Sandbox {
    both((&shipped(), TENANTS), (&shipped(), to))
}

fn both(base: (&str, &str), head: (&str, &str)) -> Sandbox {
    let sandbox = Sandbox::new();
    state(&sandbox, "a", base.0, base.1);
    state(&sandbox, "b", head.0, head.1);
    sandbox
}

const NOW: [&str; 2] = ["--now", "2026-11-28T12:00:00Z"];

fn compare(sandbox: &Sandbox, base: &str, head: &str, more: &[&str], exit: i32) -> Output {
    let arguments = ["tenant", "compare", "--base", base, "--head", head].into_iter().chain(NOW);
    sandbox.govctl(arguments.chain(more.iter().copied())).exits(exit)
}

/// `change cause severity tenant>owner points` of each record.
fn lines(output: &Output) -> Vec<String> {
    let line = |a: &Value| {
        let id = |name: &str| a[name].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {} {}>{} {}",
            id("change"),
            id("cause"),
            id("severity"),
            id("tenant"),
            id("resource_tenant"),
            a["points"]
        )
    };
    output.of_type("govctl.tenant.access/1").iter().map(line).collect()
}

fn granted(output: &Output) -> Vec<String> {
    lines(output).into_iter().filter(|line| line.starts_with("granted")).collect()
}

#[test]
fn a_label_grants_what_it_names_and_nothing_else() {
    let sandbox = list(&changed(TENANTS, "labels: [pii]", "labels: [fin, pii]"));
    let output = compare(&sandbox, "a", "b", &[], 1);
    // acme's label fin, in EU, authenticated, of kind audit: the class public and its rank 0.
    assert_eq!(granted(&output), ["granted tenant_changed error acme>acme 2"]);
    let access = &output.of_type("govctl.tenant.access/1")[0];
    let input = json!({"subject": {"authenticated": true}, "tenant": {"id": "acme"}, "context": {"region": "EU"},
        "resource": {"tenant": "acme", "kind": "audit", "label": "fin", "classification": "public"}});
    assert_eq!(access["input"], input);
    assert_eq!(access["base"], json!({"allow": false, "deny": [{"code": "LABEL"}]}));
    assert_eq!(access["head"], json!({"allow": true, "deny": []}));
    // With label fin the code LABEL goes. Of 2 authenticated, 3 regions, 2 kinds, 9 classes (two names and one unknown, -1,
    // 0, 0.5, 1, 1.0 and 2) that is 108 for each owner: of the own ones 2 are granted, of the unknown ones there are two.
    assert_eq!(
        lines(&output)[1..],
        [
            "recoded tenant_changed note acme>- 216",
            "recoded tenant_changed note acme>acme 106",
            "recoded tenant_changed note acme>beta 108"
        ]
    );
    // What is granted there is revoked on the way back.
    let back = compare(&sandbox, "b", "a", &[], 0);
    assert_eq!(lines(&back)[0], "revoked tenant_changed note acme>acme 2");
    assert_eq!(back.of_type("govctl.tenant.access/1")[0]["input"], input);
    compare(&sandbox, "b", "a", &["--fail-on", "any"], 1);
    // Nobody is asked to believe it: a rerun has the same bytes, and two threads decide as one.
    let again = compare(&sandbox, "a", "b", &["--jobs", "1", "--no-run-records"], 1).stdout;
    assert_eq!(compare(&sandbox, "a", "b", &["--jobs", "2", "--no-run-records"], 1).stdout, again);
    let sarif = compare(&sandbox, "a", "b", &["--format", "sarif"], 1);
    assert!(sarif.text().contains("access_granted"));
}

#[test]
fn the_same_state_twice_has_no_change() {
    let sandbox = list(&format!("# a remark\n{TENANTS}"));
    for (base, head) in [("a", "a"), ("a", "b"), ("b", "a")] {
        assert_eq!(lines(&compare(&sandbox, base, head, &[], 0)), [""; 0]);
    }
}

#[test]
fn a_raised_class_grants_by_name_and_rank() {
    let sandbox = list(&changed(TENANTS, "audit: public", "audit: secret"));
    // secret, 1 and 1.0.
    assert_eq!(granted(&compare(&sandbox, "a", "b", &[], 1)), ["granted tenant_changed error acme>acme 3"]);
}

#[test]
fn a_new_tenant_may_see_its_own() {
    let zeta = "  - { id: zeta, region: EU/fr, labels: [pii], data_classes: { audit: public } }\n";
    let sandbox = list(&format!("{TENANTS}{zeta}"));
    let output = compare(&sandbox, "a", "b", &["--fail-on", "granted"], 1);
    // Its home is new too, and lies in acme's: for acme that is a grant by the catalog, in one more place.
    assert_eq!(granted(&output), ["granted catalog error acme>acme 2", "granted tenant_added note zeta>zeta 2"]);
    let sandbox = list(&format!("{TENANTS}{}", zeta.replace("EU/fr", "EU")));
    assert_eq!(granted(&compare(&sandbox, "a", "b", &[], 0)), ["granted tenant_added note zeta>zeta 2"]);
}

#[test]
fn a_coarser_home_grants_its_other_places() {
    let base = TENANTS.replacen("region: EU", "region: EU/de", 1).replacen(
        "tenants:",
        "regions: [EU, EU/de, EU/fr, US]\ntenants:",
        1,
    );
    let sandbox = both((&shipped(), &base), (&shipped(), &changed(&base, "region: EU/de", "region: EU")));
    let output = compare(&sandbox, "a", "b", &[], 1);
    // EU itself and EU/fr, each with the class by name and by rank.
    assert_eq!(granted(&output), ["granted tenant_changed error acme>acme 4"]);
    assert_eq!(output.of_type("govctl.tenant.access/1")[0]["input"]["context"]["region"], "EU");
}

#[test]
fn a_hole_in_the_policy_is_shown_for_each_pair() {
    let policy = changed(&shipped(), "\ttenant_match\n", "");
    let sandbox = both((&shipped(), TENANTS), (&policy, TENANTS));
    let output = compare(&sandbox, "a", "b", &[], 1);
    // Two strangers, and the other tenant.
    let expected = [
        "granted policy error acme>- 4",
        "granted policy error acme>beta 2",
        "granted policy error beta>- 4",
        "granted policy error beta>acme 2",
    ];
    assert_eq!(lines(&output), expected);
    assert_eq!(lines(&compare(&sandbox, "a", "b", &["--mode", "classes"], 1)), expected);
}

#[test]
fn a_renamed_code_is_no_access() {
    let policy = shipped().replace("\"LABEL\"", "\"LABEL_NOT_HELD\"");
    let sandbox = both((&shipped(), TENANTS), (&policy, TENANTS));
    let output = compare(&sandbox, "a", "b", &[], 0);
    assert!(lines(&output).iter().all(|line| line.starts_with("recoded policy note")), "{:?}", lines(&output));
    let first = &output.of_type("govctl.tenant.access/1")[0];
    assert_eq!((&first["base"]["allow"], &first["head"]["allow"]), (&false.into(), &false.into()));
    compare(&sandbox, "a", "b", &["--fail-on", "any"], 1);
}

#[test]
fn a_class_below_the_others_moves_their_ranks() {
    let sandbox = list(&changed(TENANTS, "[public, secret]", "[open, public, secret]"));
    // No tenant changed: `open` is new, and rank 1, as 1 and 1.0, is that of public now.
    assert_eq!(
        granted(&compare(&sandbox, "a", "b", &[], 1)),
        ["granted catalog error acme>acme 3", "granted catalog error beta>beta 3"]
    );
}

#[test]
fn what_no_part_does_alone_is_combined() {
    let head =
        changed(&changed(TENANTS, "[public, secret]", "[public, secret, sealed]"), "audit: public", "audit: sealed");
    let sandbox = list(&head);
    let output = compare(&sandbox, "a", "b", &[], 1);
    // secret, 1 and 1.0 need the ceiling, and sealed, 2 and its kin the class too: none of both does it alone.
    assert_eq!(granted(&output), ["granted combined error acme>acme 5"]);
    // Revoked residency of the policy beside a label of the list: each grant has the part that makes it.
    let open = changed(&shipped(), "\tregion_match\n\tauthenticated", "\tauthenticated");
    let sandbox = both((&shipped(), TENANTS), (&open, &changed(TENANTS, "labels: [pii]", "labels: [fin, pii]")));
    let lines = granted(&compare(&sandbox, "a", "b", &[], 1));
    // Two places that are not EU for the label pii, EU for fin, and two places for fin.
    assert_eq!(
        lines,
        [
            "granted policy error acme>acme 4",
            "granted tenant_changed error acme>acme 2",
            "granted combined error acme>acme 4",
            "granted policy error beta>beta 4"
        ]
    );
}

#[test]
fn tenants_of_equal_data_stand_for_each_other() {
    let more: String = (1..=5)
        .map(|n| format!("  - {{ id: copy-{n}, region: EU, labels: [pii], data_classes: {{ audit: public }} }}\n"))
        .collect();
    let base = format!("{TENANTS}{more}");
    let sandbox = both(
        (&shipped(), &base),
        (&shipped(), &base.replace("region: EU, labels: [pii]", "region: EU, labels: [fin, pii]")),
    );
    // The full domain looks at each, and the classes say the same of what is granted.
    let full = granted(&compare(&sandbox, "a", "b", &["--mode", "full"], 1));
    assert_eq!(full.len(), 6);
    let output = compare(&sandbox, "a", "b", &["--mode", "classes"], 1);
    assert_eq!(granted(&output), full);
    // Of six tenants each has six others.
    let other = output
        .of_type("govctl.tenant.access/1")
        .into_iter()
        .find(|a| a["resource_tenant"] == "beta" && a["tenant"] == "acme");
    assert_eq!(other.unwrap()["pairs"], 36);
}

#[test]
fn a_grant_can_be_reviewed_for_a_time() {
    let sandbox = list(&changed(TENANTS, "labels: [pii]", "labels: [fin, pii]"));
    let entry = "version: 1\naccept:\n  - tenant: acme\n    resource_tenant: acme\n    max_points: 2\n    owner: team-acme\n    reason: reviewed with finance\n    expires: 2026-12-31T00:00:00Z\n";
    let with = |text: &str, exit: i32| {
        sandbox.write("accept.yaml", text);
        let output = compare(&sandbox, "a", "b", &["--accept", "accept.yaml"], exit);
        let found = output.of_type("govctl.finding/1");
        let codes: Vec<String> = found.iter().map(|f| format!("{} {} {}", f["code"], f["file"], f["line"])).collect();
        (output, codes.join(";").replace('"', ""))
    };
    let (output, found) = with(entry, 0);
    assert_eq!(found, "");
    let access = &output.of_type("govctl.tenant.access/1")[0];
    assert_eq!((&access["accepted_by"], &access["severity"]), (&"team-acme".into(), &"note".into()));
    assert_eq!(with(&entry.replace("max_points: 2", "max_points: 1"), 1).1, "acceptance_exceeded accept.yaml 3");
    assert_eq!(
        with(&entry.replace("2026-12-31", "2026-11-28").replace("T00", "T12"), 1).1,
        "acceptance_expired accept.yaml 3"
    );
    assert_eq!(with(&entry.replace("tenant: acme", "tenant: beta"), 1).1, "acceptance_unused accept.yaml 3");
    sandbox.write("accept.yaml", entry.replace("team-acme", "TODO"));
    let refused = sandbox.govctl(["tenant", "compare", "--base", "a", "--head", "b", "--accept", "accept.yaml"]);
    refused.exits(2).says(&["accept.yaml:6:12", "placeholder"]);
    // A login may have one letter; `x` stands where a name will be.
    assert_eq!(with(&entry.replace("team-acme", "k"), 0).0.of_type("govctl.tenant.access/1")[0]["accepted_by"], "k");
    for (text, said) in [
        (entry.replace("team-acme", "x"), "accept.yaml:6:12: `owner` is empty or still a placeholder"),
        (entry.replacen("tenant: acme", "tenant: null", 1), "accept.yaml:3:13: `tenant` is null"),
        (
            entry.replace("max_points: 2", "max_points: -1"),
            "accept.yaml:5:17: `max_points` is not a whole number from 1",
        ),
        (entry.replace("2026-12-31", "9999-99-99"), "is a time that does not exist"),
        (String::new(), "accept.yaml:1:1: the file is empty"),
    ] {
        sandbox.write("accept.yaml", text);
        let refused = sandbox.govctl(["tenant", "compare", "--base", "a", "--head", "b", "--accept", "accept.yaml"]);
        refused.exits(2).says(&[said]);
    }
}

#[test]
fn what_cannot_be_told_never_passes() {
    let unsound = format!("{}\nallow if startswith(input.tenant.id, \"ac\")\n", shipped());
    let sandbox = both((&shipped(), TENANTS), (&unsound, TENANTS));
    let output = compare(&sandbox, "a", "b", &[], 1);
    let found = output.of_type("govctl.finding/1");
    assert_eq!(
        (&found[0]["code"], &found[0]["file"]),
        (&"domain_unsound".into(), &"b/policies/switchboard/switchboard.rego".into())
    );
    assert_eq!(found.last().unwrap()["code"], "unproved");
    let sandbox = list(&changed(TENANTS, "labels: [pii]", "labels: [fin, pii]"));
    let output = compare(&sandbox, "a", "b", &["--max-points", "10"], 3);
    assert_eq!(output.of_type("govctl.finding/1")[0]["code"], "unproved");
    state(&sandbox, "b", "package switchboard\n\nallow if", TENANTS);
    compare(&sandbox, "a", "b", &[], 2).says(&["b/policies/switchboard/switchboard.rego:3"]);
    state(&sandbox, "b", &shipped(), "version: 1\ntenants:\n  - { id: acme }\n");
    compare(&sandbox, "a", "b", &[], 2).says(&["b/config/tenants.yaml:3"]);
    compare(&sandbox, "a", "b", &["--scope", "x"], 2).says(&["about a bundle"]);
    compare(&sandbox, "a", "b", &["--policy-path", "rego"], 2).says(&["a/rego", "--policy-path"]);
}

/// A policy that looks at all tenants together lets acme in when another is added; acme's own data stay as they are.
#[test]
fn a_tenant_that_stays_is_seen_where_the_policy_looks_at_all() {
    let of = |region: &str| {
        format!("{{\"data_classes\": {{\"audit\": 0}}, \"labels\": [\"pii\"], \"region\": \"{region}\"}}")
    };
    let frozen = format!("frozen if data.tenants == {{\"acme\": {}, \"beta\": {}}}\n", of("EU"), of("US"));
    let policy = format!("{}\n{frozen}\nallow if {{\n\twell_formed\n\tnot frozen\n\tauthenticated\n}}\n", shipped());
    let more = format!("{TENANTS}  - {{ id: gamma, region: US, labels: [pii], data_classes: {{ audit: public }} }}\n");
    let sandbox = both((&policy, TENANTS), (&policy, &more));
    let granted = granted(&compare(&sandbox, "a", "b", &[], 1));
    for pair in [" acme>acme ", " acme>beta ", " gamma>acme "] {
        assert!(granted.iter().any(|line| line.contains(pair)), "{pair}: {granted:?}");
    }
}
