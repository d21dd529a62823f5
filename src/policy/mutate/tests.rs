use super::*;
use crate::policy::File;

/// Each change as `line:column operator before -> after`.
fn shown(body: &str) -> Vec<String> {
    let text = format!("package switchboard\n\nimport rego.v1\n\n{body}\n");
    let sources = Sources::new(vec![File { name: "p.rego".into(), shown: "p.rego".into(), text }]);
    let group = ["input.tenant.id".to_owned(), "input.resource.tenant".to_owned()];
    let all = mutations(&sources, &[&group]).unwrap();
    for mutation in &all {
        let changed = mutation.of(&sources).files()[0].text.clone();
        assert_eq!(changed.len() + mutation.before.len(), sources.files()[0].text.len() + mutation.after.len());
        assert!(changed.contains(&mutation.after));
    }
    let text = |m: &Mutation| {
        format!("{}:{} {} {} -> {}", m.line, m.column, m.operator.as_str(), m.before.replace('\n', "~"), m.after)
    };
    all.iter().map(text).collect()
}

#[test]
fn every_operator_changes_its_place_and_nothing_else() {
    assert_eq!(
        shown("default allow := false"),
        ["5:1 drop_rule default allow := false -> ", "5:18 flip_default false -> true"]
    );
    assert_eq!(
        shown("a if {\n\tnot b\n\tc\n}"),
        [
            "5:1 drop_rule a if {~\tnot b~\tc~} -> ",
            "6:2 drop_expression not b -> true",
            "6:2 remove_not not b -> b",
            "7:2 drop_expression c -> true",
            "7:2 add_not c -> not c",
        ]
    );
    assert_eq!(
        shown("a if input.x <= 1"),
        [
            "5:1 drop_rule a if input.x <= 1 -> ",
            "5:6 drop_expression input.x <= 1 -> true",
            "5:14 flip_comparison <= -> <",
            "5:14 flip_comparison <= -> >",
            "5:17 shift_number 1 -> 2",
            "5:17 shift_number 1 -> 0",
        ]
    );
    assert_eq!(
        shown("a if input.x == true"),
        [
            "5:1 drop_rule a if input.x == true -> ",
            "5:6 drop_expression input.x == true -> true",
            "5:14 flip_comparison == -> !=",
            "5:17 flip_boolean true -> false",
        ]
    );
    assert_eq!(
        shown("a if input.x in data.t[input[\"tenant\"].id].labels"),
        [
            "5:1 drop_rule a if input.x in data.t[input[\"tenant\"].id].labels -> ",
            "5:6 drop_expression input.x in data.t[input[\"tenant\"].id].labels -> true",
            "5:6 in_to_equal input.x in data.t[input[\"tenant\"].id].labels -> input.x == data.t[input[\"tenant\"].id].labels",
            "5:24 swap_reference input[\"tenant\"].id -> input.resource.tenant",
        ]
    );
    assert_eq!(
        shown("a if is_string(input.tenant.id)"),
        [
            "5:1 drop_rule a if is_string(input.tenant.id) -> ",
            "5:6 drop_expression is_string(input.tenant.id) -> true",
            "5:6 swap_predicate is_string -> is_number",
            "5:16 swap_reference input.tenant.id -> input.resource.tenant",
        ]
    );
}

/// The parser leaves the quotes out of the place of a text.
#[test]
fn texts_are_changed_with_their_quotes() {
    assert_eq!(
        shown("a if input.x == \"k\""),
        [
            "5:1 drop_rule a if input.x == \"k\" -> ",
            "5:6 drop_expression input.x == \"k\" -> true",
            "5:14 flip_comparison == -> !=",
        ]
    );
    assert_eq!(
        shown("a if \"k\" in data.t[`x y`]"),
        [
            "5:1 drop_rule a if \"k\" in data.t[`x y`] -> ",
            "5:6 drop_expression \"k\" in data.t[`x y`] -> true",
            "5:6 in_to_equal \"k\" in data.t[`x y`] -> \"k\" == data.t[`x y`]",
        ]
    );
}

#[test]
fn a_rule_is_dropped_with_its_bodies_and_without_its_neighbours() {
    assert_eq!(
        shown("deny contains {\"code\": \"A\"} if not b\n\nb := x if {\n\tx := input.x\n}")
            .into_iter()
            .filter(|text| text.contains("drop_rule"))
            .collect::<Vec<_>>(),
        [
            "5:1 drop_rule deny contains {\"code\": \"A\"} if not b -> ",
            "7:1 drop_rule b := x if {~\tx := input.x~} -> ",
        ]
    );
}
