use proptest::prelude::*;

use super::*;
use crate::policy::File;
use crate::record::tenant::Decision as Wire;
use crate::tenant::oracle::{Oracle, Request as Asked};

const DATA: &[u8] = include_bytes!("../../../policies/data/tenants.json");
const POLICY: &str = include_str!("../../../policies/switchboard/switchboard.rego");

fn sources(text: &str) -> Sources {
    Sources::new(vec![File { name: "p.rego".into(), shown: "p.rego".into(), text: text.into() }])
}

/// Requests of every code, allowed ones, and malformed ones.
fn inputs(data: &Data) -> Vec<serde_json::Value> {
    let (domain, points) = crate::tenant::agree::tried(&sources(POLICY), data).unwrap();
    points.iter().map(|digits| domain.document(digits)).collect()
}

fn decider(text: &str, data: &Data, explain: bool) -> Decider {
    let sources = sources(text);
    let reads = Reads::of(&sources).unwrap();
    Decider::new(Arc::new(Plan::new(Order {
        sources,
        data: data.clone(),
        reads,
        revision: "sha256:ab".into(),
        now: None,
        explain,
    })))
    .unwrap()
}

fn shipped(explain: bool) -> Decider {
    decider(POLICY, &Data::read(DATA).unwrap(), explain)
}

fn decide(decider: &mut Decider, line: &str) -> Wire {
    let mut out = Vec::new();
    decider.line(0, line.as_bytes(), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// Written by hand or by serde: the same bytes. Decided here or by the table of codes: the same codes.
#[test]
fn decisions_are_those_of_the_table_in_the_shape_of_the_record() {
    let (data, oracle) = (Data::read(DATA).unwrap(), Oracle::new(DATA).unwrap());
    let mut decider = decider(POLICY, &data, true);
    // Twice, since the second time the memo answers.
    for _ in 0..2 {
        for input in &inputs(&data) {
            let mut out = Vec::new();
            let verdict = decider.line(7, input.to_string().as_bytes(), &mut out).unwrap();
            let record: Wire = serde_json::from_slice(&out).unwrap();
            let mut again = Vec::new();
            crate::record::encode(&record, &mut again).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(again).unwrap());
            let denies = oracle.decide(&Asked::from_json(input));
            let mut expected: Vec<&str> = denies.iter().map(|code| code.as_str()).collect();
            expected.sort_unstable();
            let codes: Vec<&str> = record.deny.iter().map(|deny| deny.code.as_str()).collect();
            assert_eq!(codes, expected, "{input}");
            assert_eq!((record.allow, verdict == Verdict::Allowed), (denies.is_empty(), denies.is_empty()));
            assert_eq!((record.result.allow, &record.result.deny), (record.allow, &record.deny));
            assert_eq!(record.explain.len(), codes.len());
            assert!(record.explain.iter().all(|reason| !reason.message.contains("rule of its own")), "{record:?}");
        }
    }
}

#[test]
fn the_memo_is_given_up_where_hardly_an_input_comes_again() {
    let answer = Arc::new(Answer::new(Ok(Decision { allow: true, deny: vec![] })));
    let filled = |repeated: usize| {
        let mut memo = Memo::default();
        for i in 0..=ON_TRIAL {
            assert!(memo.get(&i.to_le_bytes()).is_none());
            memo.add(&i.to_le_bytes(), &answer);
            assert!(i >= repeated || memo.get(&i.to_le_bytes()).is_some());
        }
        memo
    };
    let (given_up, kept) = (filled(REPEATED - 1), filled(REPEATED));
    assert!(given_up.off && given_up.known.is_empty());
    assert!(!kept.off && kept.known.len() == ON_TRIAL + 1);
}

#[test]
fn the_id_is_a_digest_of_revision_place_and_line() {
    let mut out = Vec::new();
    shipped(false).line(3, b"{}", &mut out).unwrap();
    let record: Wire = serde_json::from_slice(&out).unwrap();
    // printf '\x09\0\0\0\0\0\0\0sha256:ab\x03\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0{}' | sha256sum
    assert_eq!(record.decision_id, "9766a1a2c0831d6d290e417c2421c9ed");
}

#[test]
fn a_policy_that_decides_nothing_denies() {
    let text = "package switchboard\n\nimport rego.v1\n\ndecision := {\"allow\": input.x, \"deny\": set()}\n";
    let mut decider = decider(text, &Data::read(DATA).unwrap(), true);
    for line in [r#"{"x":"yes"}"#, "{}"] {
        let record = decide(&mut decider, line);
        assert!(!record.allow);
        assert_eq!(record.deny[0].code, EVAL_ERROR);
        assert_eq!(record.error.unwrap().code, EVAL_ERROR);
        assert_eq!(record.explain, []);
    }
    assert!(decide(&mut decider, r#"{"x":true}"#).allow);
}

#[test]
fn reasons_name_the_datum() {
    let mut decider = shipped(true);
    let base = serde_json::json!({"subject":{"authenticated":true},"tenant":{"id":"krone"},
        "resource":{"tenant":"krone","kind":"agents","classification":"internal","label":"pii"},"context":{"region":"EU/de"}});
    let mut why = |pointer: &str, value: serde_json::Value| {
        let mut request = base.clone();
        *request.pointer_mut(pointer).unwrap() = value;
        let record = decide(&mut decider, &request.to_string());
        record
            .explain
            .iter()
            .map(|reason| format!("{}: {}", reason.code, reason.message))
            .collect::<Vec<_>>()
            .join(" / ")
    };
    assert_eq!(why("/tenant/id", "krone".into()), "");
    assert_eq!(
        why("/resource/classification", "restricted".into()),
        "CLASSIFICATION: agents allows rank 1 (internal), the request has 3 (restricted): ceiling 1 < 3"
    );
    assert_eq!(
        why("/resource/classification", "confidental".into()),
        "CLASSIFICATION: class `confidental` is not declared (did you mean `confidential`?)"
    );
    assert_eq!(why("/resource/classification", 0.5.into()), "CLASSIFICATION: no class has rank 0.5");
    assert_eq!(
        why("/resource/kind", "agent".into()),
        "CLASSIFICATION: krone has no class for kind `agent` (did you mean `agents`?)"
    );
    assert_eq!(why("/context/region", "US".into()), "RESIDENCY: krone is at home in `EU/de`; `US` does not lie in it");
    assert_eq!(
        why("/context/region", "EU".into()),
        "RESIDENCY: krone is at home in `EU/de`; `EU` is wider than that and may lie outside"
    );
    assert_eq!(
        why("/context/region", "EU/dee".into()),
        "RESIDENCY: region `EU/dee` is not declared (did you mean `EU/de`?)"
    );
    assert_eq!(
        why("/subject/authenticated", serde_json::json!("true")),
        "MALFORMED: subject.authenticated is a text, true or false was expected"
    );
    assert_eq!(
        why("/tenant/id", "kronee".into()),
        "TENANT_MISMATCH: tenant `kronee` asks for a resource of `krone` / UNKNOWN_TENANT: there is no tenant `kronee` (did you mean `krone`?)"
    );
    assert!(
        why("/resource/label", "pi".into())
            .starts_with("LABEL: krone does not hold label `pi` (did you mean `pii`?); it holds ")
    );
}

/// A fleet: region, labels and ceilings of each tenant by number.
fn fleet() -> impl Strategy<Value = Vec<(usize, usize, [u64; 2])>> {
    proptest::collection::vec((0..REGIONS.len(), 0usize..8, [0u64..4, 0u64..4]), 1..6)
}

const REGIONS: [&str; 4] = ["EU", "EU/de", "EU/de/fra1", "US"];
const LABELS: [&str; 3] = ["finance", "internal", "pii"];
const NAMES: [&str; 6] = ["acme", "beta", "corp", "dune", "echo", "fjord"];

/// tenants.yaml in another order of its keys than the compiled data has.
fn yaml(fleet: &[(usize, usize, [u64; 2])], names: &[&str]) -> String {
    let mut text = format!("version: 1\nregions: [{}]\ntenants:\n", REGIONS.join(", "));
    for ((region, labels, [audit, agents]), name) in fleet.iter().zip(names) {
        let held: Vec<&str> = (0..3).filter(|i| labels >> i & 1 == 1).map(|i| LABELS[i]).collect();
        let (labels, class) = (held.join(", "), crate::tenants::CLASSES);
        let (audit, agents) = (class[*audit as usize], class[*agents as usize]);
        text.push_str(&format!("  - {{ labels: [{labels}], id: {name}, region: {}, ", REGIONS[*region]));
        text.push_str(&format!("data_classes: {{ audit: {audit}, agents: {agents} }} }}\n"));
    }
    text
}

fn data(fleet: &[(usize, usize, [u64; 2])], names: &[&str]) -> Data {
    crate::tenants::compile::compile(&crate::tenants::read(&yaml(fleet, names), None).tenants.unwrap())
}

/// Requests of and for these tenants, in all regions and classes, and their codes.
fn codes(decider: &mut Decider, names: &[&str]) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (id, owner) in names.iter().flat_map(|id| names.iter().map(move |owner| (id, owner))) {
        for (i, region) in REGIONS.iter().enumerate() {
            for (kind, class, label) in
                [("audit", "internal", LABELS[i % 3]), ("agents", "restricted", "pii"), ("audit", "public", "pii")]
            {
                let request = serde_json::json!({"subject": {"authenticated": true}, "tenant": {"id": id},
                    "resource": {"tenant": owner, "kind": kind, "classification": class, "label": label},
                    "context": {"region": region}});
                let decided = decide(decider, &request.to_string());
                all.push(decided.deny.into_iter().map(|deny| deny.code).collect());
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn compile_then_decide_is_the_oracle(fleet in fleet()) {
        let data = data(&fleet, &NAMES);
        let oracle = Oracle::new(&data.encode().unwrap()).unwrap();
        let mut decider = decider(POLICY, &data, false);
        for input in &inputs(&data) {
            let mut expected: Vec<&str> = oracle.decide(&Asked::from_json(input)).iter().map(|code| code.as_str()).collect();
            expected.sort_unstable();
            let record = decide(&mut decider, &input.to_string());
            let codes: Vec<&str> = record.deny.iter().map(|deny| deny.code.as_str()).collect();
            prop_assert_eq!((record.allow, codes), (expected.is_empty(), expected));
        }
    }

    #[test]
    fn other_ids_decide_alike_and_another_tenant_changes_nothing(fleet in fleet(), turn in 0usize..6) {
        let mut other = NAMES;
        other.rotate_left(turn);
        let n = fleet.len();
        let before = codes(&mut decider(POLICY, &data(&fleet, &NAMES), false), &NAMES[..n]);
        let renamed = codes(&mut decider(POLICY, &data(&fleet, &other), false), &other[..n]);
        prop_assert_eq!(&before, &renamed);
        let mut more = fleet.clone();
        more.push((turn % 4, 7, [3, 3]));
        let names = [&NAMES[..n], &["stranger"]].concat();
        let after = codes(&mut decider(POLICY, &data(&more, &names), false), &NAMES[..n]);
        prop_assert_eq!(&before, &after);
    }

    #[test]
    fn a_coarser_home_never_allows_less(fleet in fleet()) {
        let coarser: Vec<_> = fleet.iter().map(|(region, labels, ceilings)| {
            (if REGIONS[*region].starts_with("EU") { 0 } else { *region }, *labels, *ceilings)
        }).collect();
        let n = fleet.len();
        let narrow = codes(&mut decider(POLICY, &data(&fleet, &NAMES), false), &NAMES[..n]);
        let wide = codes(&mut decider(POLICY, &data(&coarser, &NAMES), false), &NAMES[..n]);
        for (narrow, wide) in narrow.iter().zip(&wide) {
            prop_assert!(wide.iter().all(|code| narrow.contains(code)), "{narrow:?} {wide:?}");
        }
    }
}
