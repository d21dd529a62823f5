use super::*;
use crate::policy::{File, Sources, parse_all};
use crate::tenant::further::Further;

/// The shipped policy with one of its lines replaced.
fn uses(from: &str, to: &str) -> Uses {
    let shipped = include_str!("../../../policies/switchboard/switchboard.rego");
    assert!(shipped.contains(from), "{from}");
    of(&shipped.replacen(from, to, 1))
}

fn of(text: &str) -> Uses {
    let file = File { name: "p.rego".into(), shown: "p.rego".into(), text: text.into() };
    Uses::of(&parse_all(&Sources::new(vec![file])).unwrap(), &Further::default())
}

fn fixture(name: &str) -> Uses {
    let path = format!("{}/fixtures/tenant/{name}.rego", env!("CARGO_MANIFEST_DIR"));
    of(&crate::io::fs::read_small_text(&path).unwrap())
}

fn refused(uses: &Uses) -> Vec<&str> {
    uses.unsound.iter().map(|reason| reason.message.as_str()).collect()
}

#[test]
fn the_shipped_policy_is_inside_the_subset() {
    let uses = uses("", "");
    assert_eq!(refused(&uses), [""; 0]);
    assert_eq!(uses.asymmetric, []);
    assert!(uses.ordered);
    let codes =
        ["CLASSIFICATION", "LABEL", "MALFORMED", "RESIDENCY", "TENANT_MISMATCH", "UNAUTHENTICATED", "UNKNOWN_TENANT"];
    let mut found = uses.codes.clone();
    found.sort();
    assert_eq!(found, codes);
    assert_eq!(uses.literals[&Sort::Authenticated], BTreeSet::from([Constant::Bool(true)]));
}

#[test]
fn what_a_product_of_values_cannot_show_is_refused_by_its_place() {
    for (leak, message) in [
        ("regex_on_id", "is passed to `regex.match`"),
        ("concat_of_fields", "is passed to `concat`"),
        ("count_of_a_text", "is passed to `count`"),
        ("label_is_a_region", "is compared with something of another sort"),
        ("label_is_a_name", "data outside `tenants`, `classifications` and `regions` is read"),
    ] {
        let uses = fixture(&format!("leaks/{leak}"));
        assert!(refused(&uses).iter().any(|said| said.contains(message)), "{leak}: {:?}", uses.unsound);
        assert!(uses.unsound.iter().all(|reason| reason.line > 1 && reason.column > 0));
    }
    assert_eq!(refused(&fixture("planted/startswith_on_ids")).len(), 2);
    let whole = uses("label_ok if input", "r := input.resource\n\nlabel_ok if r.label == \"x\"\n\nlabel_ok if input");
    assert!(refused(&whole)[0].starts_with("`input.resource` is used as a whole"), "{:?}", whole.unsound);
    let extra = fixture("planted/extra_field");
    assert!(refused(&extra)[0].contains("is no field of the domain"), "{:?}", extra.unsound);
}

/// Each of these lets a value decide that no domain holds; the first three were called proved before.
#[test]
fn no_field_is_the_key_of_a_value_that_is_no_data() {
    let key = "is the key of a value that is no data";
    for (body, says) in [
        ("{\n\ts := {\"evil\", \"b\"}\n\ts[input.resource.label]\n}", key),
        ("{\n\tm := {\"evil\": true}\n\tm[input.tenant.id]\n}", key),
        ("is_number(input.resource.label)\n\nis_number(x) if x == \"evil\"", "is passed to `is_number`"),
        ("{\n\tm := {\"evil\": {\"beta\"}}\n\tm[input.tenant.id][input.resource.tenant]\n}", key),
        ("{\n\ts := {1234}\n\ts[input.resource.classification]\n}", key),
        ("{\n\ts := {\"evil\"}\n\tl := input.resource.label\n\ts[l]\n}", key),
        ("{\n\tsome s in [{\"evil\"}]\n\ts[input.resource.label]\n}", key),
        ("m == {\"evil\": true}\n\nm[input.resource.label] := true", "is a key of the value of a rule"),
    ] {
        let uses = uses("label_ok if input", &format!("label_ok if {body}\n\nlabel_ok if input"));
        assert!(refused(&uses).iter().any(|said| said.contains(says)), "{body}: {:?}", uses.unsound);
    }
}

/// A field that stands where no form looks, a name of two things, a key that is no path.
#[test]
fn rules_that_hide_a_leak_are_refused() {
    let shipped = include_str!("../../../policies/switchboard/switchboard.rego");
    let hidden = include_str!("../../../fixtures/tenant/leaks/hidden.txt");
    let blocks: Vec<&str> = hidden.split("\n## ").skip(1).collect();
    assert!(blocks.len() >= 28, "{}", blocks.len());
    for block in blocks {
        let (name, rules) = block.split_once('\n').unwrap();
        let text = format!("{shipped}\ntenant_match if leak\n\nlabel_ok if leak\n\n{rules}");
        let file = File { name: "p.rego".into(), shown: "p.rego".into(), text };
        let sources = Sources::new(vec![file]);
        let parsed = parse_all(&sources).unwrap();
        let faults = crate::policy::lint::lint(&parsed);
        let uses = Uses::of(&parsed, &Further::default());
        assert!(!uses.unsound.is_empty() || !faults.is_empty(), "{name}");
    }
}

#[test]
fn literals_join_the_sort_that_they_are_compared_with() {
    let with = uses("input.tenant.id == input.resource.tenant", "input.tenant.id == \"root\"");
    assert_eq!(with.literals[&Sort::Id], BTreeSet::from([Constant::Text("root".into())]));
    assert_eq!(with.asymmetric.len(), 1);
    assert_eq!(with.asymmetric[0].message, "`input.tenant.id` is compared with one tenant's id");
    let with =
        uses("label_ok if input", "label_ok if input.resource.label in {\"debug\", \"trace\"}\n\nlabel_ok if input");
    let both = BTreeSet::from([Constant::Text("debug".into()), Constant::Text("trace".into())]);
    assert_eq!(with.literals[&Sort::Label], both);
    assert_eq!(refused(&with), [""; 0]);
}

#[test]
fn other_uses_are_refused_whatever_name_they_go_by() {
    let region = "region_match if data";
    for (rule, message) in [
        ("region_match if {\n\tx := input.context.region\n\tstartswith(x, \"EU\")\n}", "is passed to `startswith`"),
        ("region_match if {\n\ts := input.context\n\ts[\"region\"] == input.resource.label\n}", "another sort"),
        ("region_match if {\n\tsome k\n\tinput[k].region == \"EU\"\n}", "chosen by a key"),
        ("region_match if input == {}", "`input` is no field"),
        ("region_match if input.context == {}", "`input.context` is used as a whole"),
        ("region_match if data.tenants[input.tenant.id].name == \"x\"", "a tenant has no `name`"),
        ("region_match if data.tenants[input.resource.label]", "is the key of a node of another sort"),
        ("region_match if input.context.region < input.context.region", "of another sort"),
        ("region_match if input.resource.classification < \"m\"", "of another sort"),
        ("f(x) if x == input.context.region\n\nregion_match if f(input.context.region)", "of another sort"),
        ("region_match if [x | x := input.context.region][0] == \"EU\"", "is part of a calculation"),
        ("region_match if {\n\tx := {\"a\": input.context.region}\n\tx.a == \"EU\"\n}", "gets a name"),
        ("place := input.context.region\n\nregion_match if place == \"EU\"", "as its value"),
        ("region_match if every x in [input.context.region] { x == \"EU\" }", "is looped over"),
        ("region_match if some x in [input.context.region]", "is looped over"),
        ("region_match if some input.resource.label in data.regions[input.context.region]", "is matched in a loop"),
    ] {
        let uses = uses(region, &format!("{rule}\n\nregion_match if data"));
        assert!(refused(&uses).iter().any(|said| said.contains(message)), "{rule}: {:?}", uses.unsound);
    }
}

#[test]
fn a_field_whose_type_is_told_needs_a_value_of_each_type() {
    assert_eq!(uses("", "").typed, BTreeSet::new());
    // A list, or false, as a label was no point of the domain: these were called proved.
    for rule in ["is_array(input.resource.label)", "input.resource.label"] {
        let uses = uses("allow if {", &format!("allow if {rule}\n\nallow if {{"));
        assert_eq!(uses.typed, BTreeSet::from([Field::Label]), "{rule}");
        assert_eq!(refused(&uses), [""; 0]);
    }
}

#[test]
fn guards_are_seen_in_the_tree() {
    let both = Guards { well_formed: true, malformed_alone: true, same_tenant: true };
    assert_eq!(uses("", "").guards, both);
    // A rule that needs the guard is as good as the guard.
    assert_eq!(uses("allow if {\n\twell_formed\n", "allow if {\n\tknown_tenant\n").guards, both);
    let unguarded = [
        // Somebody is let in by a body of his own.
        ("default allow := false", "default allow := false\n\nallow if input.resource.label == \"debug\""),
        ("default allow := false", "default allow := true"),
        ("\"allow\": allow", "\"allow\": authenticated"),
    ];
    for (from, to) in unguarded {
        assert_eq!(uses(from, to).guards, Guards::default(), "{to}");
    }
    // A malformed request has another code too.
    let label = "deny contains {\"code\": \"LABEL\"} if {\n\tnot label_ok\n\tknown_tenant\n}";
    let anyhow = "deny contains {\"code\": \"LABEL\"} if not label_ok";
    assert_eq!(uses(label, anyhow).guards, Guards { malformed_alone: false, ..both });
    let half = [
        ("allow if {\n\twell_formed\n", "allow if {\n"),
        ("\tis_string(input.resource.label)\n", ""),
        ("is_string(input.resource.label)", "is_array(input.resource.label)"),
        ("class_typed if is_number(", "class_typed if is_array("),
        ("{\"code\": \"MALFORMED\"} if not well_formed", "{\"code\": \"MALFORMED\"} if not class_typed"),
        ("default allow := false", "default allow := false\n\nwell_formed if is_array(input.resource.label)"),
        ("default allow := false", "default allow := false\n\ndefault well_formed := true"),
    ];
    for (from, to) in half {
        assert_eq!(uses(from, to).guards, Guards { same_tenant: true, ..Guards::default() }, "{to}");
    }
    for (from, to) in [
        ("\ttenant_match\n\tregion_match", "\tregion_match"),
        ("input.tenant.id == input.resource.tenant", "input.tenant.id == input.tenant.id"),
        ("input.tenant.id == input.resource.tenant", "input.tenant.id != input.resource.tenant"),
    ] {
        assert_eq!(uses(from, to).guards, Guards { same_tenant: false, ..both }, "{to}");
    }
}

#[test]
fn resource_tenant_as_a_key_is_noticed() {
    assert!(!uses("", "").owner_is_key);
    let from = "label_ok if input.resource.label in data.tenants[input.tenant.id].labels";
    assert!(uses(from, &from.replace("input.tenant.id", "input.resource.tenant")).owner_is_key);
    let alias =
        "label_ok if {\n\towner := input.resource.tenant\n\tinput.resource.label in data.tenants[owner].labels\n}";
    assert!(uses(from, alias).owner_is_key);
}

/// Between 2^53 and 2^53 + 2 lies a number for engines that keep all digits, and none for f64: that gap was called proved.
#[test]
fn numbers_that_f64_cannot_hold_apart_are_refused() {
    for number in ["9007199254740992", "1000000000", "2.0000001", "1e3"] {
        let rule = format!("allow if input.resource.classification > {number}\n\nallow if {{");
        let uses = uses("allow if {", &rule);
        assert!(refused(&uses)[0].contains("more than 9 digits"), "{number}: {:?}", uses.unsound);
    }
    assert_eq!(
        refused(&uses("allow if {", "allow if input.resource.classification > 999999999.5\n\nallow if {")),
        [""; 0]
    );
}

/// A tenant's decision then depends on what others there are: `compare` would not look at it when only they change.
#[test]
fn all_tenants_together_are_no_tenants_data() {
    for condition in [
        "data.tenants == {}",
        "{} != data.tenants",
        "count(data.tenants) > 5",
        "{\"region\": \"EU\"} in data.tenants",
        "t == {}",
    ] {
        let rule = format!("frozen if {{\n\tt := data.tenants\n\t{condition}\n}}\n\nallow if {{");
        let uses = uses("allow if {", &rule);
        assert!(uses.asymmetric.iter().any(|reason| reason.message.starts_with("all tenants together")), "{condition}");
    }
    // One tenant's data are its own.
    let own = "frozen if data.tenants[input.tenant.id] == data.tenants[input.resource.tenant]\n\nallow if {";
    assert_eq!(uses("allow if {", own).asymmetric, []);
}
