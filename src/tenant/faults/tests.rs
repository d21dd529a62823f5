use std::collections::BTreeSet;

use super::*;
use crate::policy::{File, parse_all};
use crate::tenant::further::Further;

const SHIPPED: &str = include_str!("../../../policies/switchboard/switchboard.rego");
/// Two tenants, one label, one kind, two classes, one region: few points, all codes.
const DATA: &str = r#"{"classifications":{"internal":1,"public":0},"regions":{"EU":["EU"]},"router":{"tenants":{}},"tenants":{"acme":{"data_classes":{"audit":0},"labels":["pii"],"region":"EU"},"beta":{"data_classes":{"audit":1},"labels":["pii"],"region":"EU"}}}"#;

fn outcome(text: &str, reach: Option<Reach>, jobs: usize) -> Outcome {
    let file = File { name: "p.rego".into(), shown: "p.rego".into(), text: text.into() };
    let sources = Sources::new(vec![file]);
    assert_eq!(crate::policy::check(&sources, true), []);
    let data = Data::read(DATA.as_bytes()).unwrap();
    let uses = Uses::of(&parse_all(&sources).unwrap(), &Further::default());
    let domain = Domain::new(&[&uses], &[&data], &BTreeSet::from(["acme", "beta"]));
    let oracle = Oracle::new(DATA.as_bytes()).unwrap();
    let reach = reach.unwrap_or(Reach::of(&uses));
    let stage = Stage { sources: &sources, data: &data, oracle: &oracle, domain: &domain, reach };
    let outcome = stage.run(jobs).unwrap();
    assert_eq!(stage.first().unwrap(), outcome.widened);
    outcome
}

/// The shipped policy with one of its lines replaced.
fn with(from: &str, to: &str) -> String {
    assert!(SHIPPED.contains(from), "{from}");
    SHIPPED.replacen(from, to, 1)
}

#[test]
fn damage_takes_access_away_from_the_shipped_policy() {
    let shipped = outcome(SHIPPED, None, 2);
    // 20 nodes, the roots among them: 3 of the classes, 3 of the regions, 1 + 2 * 6 of the tenants (each itself, its
    // region, two lists or tables and what is in them). Nine values, and none.
    assert_eq!(shipped.faults, 190);
    assert_eq!((shipped.allows, &shipped.widened), (0, &None));
    assert_eq!(shipped, outcome(SHIPPED, None, 1));
}

#[test]
fn a_null_label_is_let_in_by_a_null_in_the_data_where_nothing_asks_for_a_text() {
    let careless = with("\tis_string(input.resource.label)\n", "");
    let found = outcome(&careless, None, 2);
    let first = found.widened.clone().unwrap();
    // The first fault of the tenants that can do it: their nodes stand in the order of their keys.
    assert_eq!((first.fault.pointer().as_str(), first.fault.instead), ("/tenants/acme/labels", Some(json!([null]))));
    assert!(found.allows > 1);
    assert_eq!(found, outcome(&careless, None, 1));
}

#[test]
fn a_ceiling_that_is_no_number_is_above_all_ranks_where_nothing_asks_for_a_number() {
    let careless = with("\tis_number(ceiling)\n", "");
    let first = outcome(&careless, None, 2).widened.unwrap();
    assert_eq!(first.fault.path, ["tenants", "acme", "data_classes", "audit"]);
}

#[test]
fn points_that_are_left_out_would_show_nothing_else() {
    for text in [SHIPPED.to_owned(), with("\tis_number(ceiling)\n", "")] {
        let (few, all) = (outcome(&text, None, 2), outcome(&text, Some(Reach::ALL), 2));
        assert!(few.points < all.points);
        assert_eq!(few.widened, all.widened);
        assert_eq!(few.allows, all.allows);
    }
}

#[test]
fn a_node_is_deleted_or_replaced_where_the_path_says() {
    let data = engine(&json!({"regions": {"EU/de": ["EU", "EU/de"]}}));
    let at = |path: &[&str], instead| {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Fault { path, instead }.damage(&data)
    };
    assert_eq!(at(&["regions", "EU/de", "0"], None), engine(&json!({"regions": {"EU/de": ["EU/de"]}})));
    assert_eq!(at(&["regions", "EU/de"], None), engine(&json!({"regions": {}})));
    assert_eq!(at(&["regions"], Some(json!("9"))), engine(&json!({"regions": "9"})));
    let fault = Fault { path: vec!["regions".into(), "EU/de".into()], instead: None };
    assert_eq!(fault.pointer(), "/regions/EU~1de");
}
