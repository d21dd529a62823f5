use super::*;
use crate::policy::{File, Sources, parse_all};
use crate::tenant::further::Further;

fn uses(text: &str) -> Uses {
    let file = File { name: "p.rego".into(), shown: "p.rego".into(), text: text.into() };
    Uses::of(&parse_all(&Sources::new(vec![file])).unwrap(), &Further::default())
}

fn shipped() -> Uses {
    uses(include_str!("../../../policies/switchboard/switchboard.rego"))
}

fn data() -> Data {
    Data::read(include_bytes!("../../../fixtures/tenant/four.json")).unwrap()
}

fn texts(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.json.as_ref().map_or("-".to_owned(), Json::to_string)).collect()
}

#[test]
fn dimensions_hold_the_data_and_what_is_unknown_or_malformed() {
    let data = data();
    let ids: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
    let domain = Domain::new(&[&shipped()], &[&data], &ids);
    assert_eq!(texts(domain.dimension(Field::Authenticated)), ["true", "false", "-", "null", "\"true\"", "1"]);
    let id = texts(domain.dimension(Field::Tenant));
    assert_eq!(id.len(), data.tenants.len() + 2 + 1 + 5);
    let owner = texts(domain.dimension(Field::Owner));
    assert_eq!(owner[..id.len()], id, "a value has one place in both dimensions");
    assert_eq!(owner[id.len()..], ["2", "true", "[1]", "{\"a\":1}"]);
    assert_eq!(domain.dimension(Field::Region).len(), data.regions.len() + 1 + 3);
    let classes = texts(domain.dimension(Field::Classification));
    for number in ["-1", "0", "0.5", "1", "1.5", "1.0"] {
        assert!(classes.contains(&number.to_owned()), "{number} in {classes:?}");
    }
    let product: usize = Field::ALL.iter().map(|field| domain.dimension(*field).len()).product();
    assert_eq!(domain.points(), product as u64);
}

#[test]
fn a_point_is_one_request_in_three_forms() {
    let data = data();
    let ids: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
    let domain = Domain::new(&[&shipped()], &[&data], &ids);
    let mut seen = BTreeSet::new();
    for point in (0..domain.points()).step_by(99_991) {
        let digits = domain.digits(point);
        let document = domain.document(&digits);
        assert_eq!(domain.input(&digits), engine(&document));
        assert_eq!(domain.request(&digits), Request::from_json(&document));
        assert!(seen.insert(document.to_string() + &format!("{digits:?}")));
    }
    assert_eq!(domain.digits(0), [0; 8]);
    assert_eq!(domain.digits(1), [0, 0, 0, 0, 0, 0, 1, 0]);
}

#[test]
fn literals_and_names_that_are_taken_are_kept_apart() {
    let mut data = data();
    let rules = data.tenants.values().next().unwrap().clone();
    data.tenants.insert("unknown-a".into(), rules);
    let policy = "package switchboard\nallow if input.resource.label in {\"debug\", 7}\nallow if input.tenant.id == \"unknown-b\"\n";
    let ids: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
    let domain = Domain::new(&[&uses(policy)], &[&data], &ids);
    let labels = domain.dimension(Field::Label);
    assert!(labels.iter().any(|item| item.json == Some(json!("debug")) && item.well_formed));
    assert!(labels.iter().any(|item| item.json == Some(json!(7)) && !item.well_formed));
    let ids = texts(domain.dimension(Field::Tenant));
    for id in ["\"unknown-a\"", "\"unknown-a-1\"", "\"unknown-b\"", "\"unknown-b-1\""] {
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id} in {ids:?}");
    }
}

#[test]
fn one_or_two_malformed_fields_stand_beside_three_ids() {
    let data = data();
    let ids: BTreeSet<&str> = data.tenants.keys().map(String::as_str).collect();
    let complete = Domain::new(&[&shipped()], &[&data], &ids);
    let twos = complete.with(Extent::Twos);
    let count = |good: bool| {
        Field::ALL.map(|f| complete.dimension(f).iter().filter(|item| item.well_formed == good).count() as u64)
    };
    let (good, bad) = (count(true), count(false));
    // Four tenants and two strangers, of whom two and one stand beside malformed fields.
    assert_eq!((good[1], good[2]), (6, 6));
    let beside = [good[0], 3, 3, good[3], good[4], good[5], good[6]];
    let product = |of: &dyn Fn(usize) -> u64| (0..7).map(of).product::<u64>();
    let ones: u64 = (0..7).map(|a| product(&|f| if f == a { bad[f] } else { beside[f] })).sum();
    let pairs = (0..7).flat_map(|a| (a + 1..7).map(move |b| (a, b)));
    let pairs: u64 = pairs.map(|(a, b)| product(&|f| if f == a || f == b { bad[f] } else { beside[f] })).sum();
    assert_eq!(twos.well_formed(), good.iter().product::<u64>());
    assert_eq!(twos.points(), twos.well_formed() + ones + pairs);
    let malformed = |point: u64| {
        let digits = twos.digits(point);
        Field::ALL.iter().filter(|f| !twos.dimension(**f)[digits[**f as usize]].well_formed).count()
    };
    assert_eq!(malformed(0), 0);
    assert_eq!(malformed(twos.well_formed() - 1), 0);
    assert_eq!(malformed(twos.well_formed()), 1);
    assert_eq!(malformed(twos.with_one_malformed() - 1), 1);
    assert_eq!(malformed(twos.with_one_malformed()), 2);
    assert_eq!(malformed(twos.points() - 1), 2);
}
