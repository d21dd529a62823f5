//! Whether the two engines decide alike: generated inputs on both, before a policy decides anything that counts.

use serde_json::{Value as Json, json};

use super::decide::engine_value;
use crate::policy::code::Code;
use crate::policy::{Decision, Fault, Limits, Policy, Undecided, Value};
use crate::tenants::data::{Data, Rules};

/// How many inputs are tried.
pub const TRIED: usize = 256;
/// Of a large fleet or a large file, this many values of one field.
const OF_ONE_FIELD: usize = 20;

/// A well-formed request that the table of codes allows, where the tenant can be allowed anything.
struct Base {
    fields: [Json; 7],
}

/// The fields of the table of codes.
const FIELDS: [(&str, &str); 7] = [
    ("subject", "authenticated"),
    ("tenant", "id"),
    ("resource", "tenant"),
    ("resource", "kind"),
    ("resource", "classification"),
    ("resource", "label"),
    ("context", "region"),
];

impl Base {
    fn new(id: &str, rules: &Rules, data: &Data) -> Base {
        let (kind, rank) = rules.data_classes.iter().next().map_or(("x", 0), |(kind, rank)| (kind.as_str(), *rank));
        let class = data.classifications.iter().find(|(_, r)| **r == rank).map_or("x", |(class, _)| class.as_str());
        let label = rules.labels.first().map_or("x", String::as_str);
        let fields =
            [true.into(), id.into(), id.into(), kind.into(), class.into(), label.into(), rules.region.as_str().into()];
        Base { fields }
    }

    /// The input with some fields replaced; None removes one.
    fn input(&self, other: &[(usize, &Option<Json>)]) -> Json {
        let mut input = json!({"subject": {}, "tenant": {}, "resource": {}, "context": {}});
        for (i, (object, name)) in FIELDS.into_iter().enumerate() {
            match other.iter().find(|(at, _)| *at == i) {
                Some((_, None)) => {}
                Some((_, Some(value))) => input[object][name] = value.clone(),
                None => input[object][name] = self.fields[i].clone(),
            }
        }
        input
    }
}

/// At most `most` of them, evenly spread, the first among them.
fn spread<T>(all: impl ExactSizeIterator<Item = T>, most: usize) -> impl Iterator<Item = T> {
    let step = all.len().div_ceil(most).max(1);
    all.step_by(step)
}

/// The values that are tried in each field: those of the data, one that is unknown, and those that are malformed.
fn values(data: &Data) -> [Vec<Option<Json>>; 7] {
    let texts = |known: Vec<&str>| {
        let known = spread(known.into_iter(), OF_ONE_FIELD).map(|text| Some(Json::from(text))).collect::<Vec<_>>();
        let unknown = [
            Some(json!("unknown-x")),
            Some(json!("")),
            None,
            Some(Json::Null),
            Some(json!(1)),
            Some(json!(false)),
            Some(json!([])),
            Some(json!({})),
        ];
        known.into_iter().chain(unknown).collect::<Vec<_>>()
    };
    let ids = texts(data.tenants.keys().map(String::as_str).collect());
    let of_rules = |field: fn(&Rules) -> Vec<&str>| {
        let mut all: Vec<&str> = data.tenants.values().flat_map(field).collect();
        all.sort_unstable();
        all.dedup();
        texts(all)
    };
    let ranks = data.classifications.values().map(|rank| Some(json!(rank)));
    let beyond = [json!(data.classifications.len()), json!(-1), json!(0.5), json!(1.0), json!(true)].map(Some);
    let mut classes = texts(data.classifications.keys().map(String::as_str).collect());
    classes.extend(ranks.chain(beyond));
    [
        vec![Some(json!(true)), Some(json!(false)), None, Some(Json::Null), Some(json!("true")), Some(json!(1))],
        ids.clone(),
        ids,
        of_rules(|rules| rules.data_classes.keys().map(String::as_str).collect()),
        classes,
        of_rules(|rules| rules.labels.iter().map(String::as_str).collect()),
        texts(data.regions.keys().map(String::as_str).collect()),
    ]
}

/// Inputs that reach every allowed class, every code of the table and every malformed value.
pub fn inputs(data: &Data) -> Vec<Json> {
    let can_allow = |rules: &&Rules| !rules.labels.is_empty() && !rules.data_classes.is_empty();
    let mut bases: Vec<Base> = {
        let able: Vec<(&String, &Rules)> = data.tenants.iter().filter(|(_, rules)| can_allow(rules)).collect();
        spread(able.into_iter(), 8).map(|(id, rules)| Base::new(id, rules, data)).collect()
    };
    if bases.is_empty() {
        bases.push(Base {
            fields: [true.into(), "x".into(), "x".into(), "x".into(), "x".into(), "x".into(), "x".into()],
        });
    }
    let values = values(data);
    let mut inputs = vec![
        json!(null),
        json!([]),
        json!({}),
        json!("x"),
        json!({"subject": 1, "tenant": [], "resource": "x", "context": null}),
    ];
    for base in &bases {
        inputs.push(base.input(&[]));
        let stranger = Some(json!("unknown-y"));
        inputs.push(base.input(&[(1, &stranger), (2, &stranger)]));
        for (i, values) in values.iter().enumerate() {
            inputs.extend(values.iter().map(|value| base.input(&[(i, value)])));
        }
    }
    // Two fields at once, as far as there is room: each value beside one of the next field.
    for base in &bases {
        for (i, values_of) in values.iter().enumerate() {
            let next = (i + 1) % values.len();
            let beside = values[next].iter().cycle().skip(1);
            inputs.extend(values_of.iter().zip(beside).map(|(a, b)| base.input(&[(i, a), (next, b)])));
        }
    }
    inputs.truncate(TRIED);
    inputs
}

/// The first input on which the virtual machine and the interpreter differ.
pub fn check(policy: &Policy, data: &Data) -> Result<(), Fault> {
    let failed = |message: String| Fault::of_nothing(Code::EngineDisagreement, &message);
    let value = engine_value(data);
    let mut fast = policy.evaluator(&value, Limits::default()).map_err(failed)?;
    let mut slow = policy.interpreter(&value, Limits::default()).map_err(failed)?;
    for input in inputs(data) {
        let given = Value::from(input.clone());
        let (a, b) = (fast.decide(given.clone()), slow.decide(given));
        if a.as_ref().ok() != b.as_ref().ok() {
            return Err(failed(format!("the virtual machine {}, the interpreter {}: {input}", said(&a), said(&b))));
        }
    }
    Ok(())
}

fn said(decided: &Result<Decision, Undecided>) -> String {
    match decided {
        Ok(Decision { allow: true, .. }) => "allows".to_owned(),
        Ok(Decision { deny, .. }) => format!("denies ({})", deny.join(" ")),
        Err(undecided) => format!("decides nothing ({undecided})"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tenant::oracle::{Deny, Oracle, Request};

    /// The table of codes says what each input is, whatever any policy says.
    #[test]
    fn every_code_alone_and_every_allowed_class_is_tried() {
        let bytes = include_bytes!("../../policies/data/tenants.json");
        let (data, oracle) = (Data::read(bytes).unwrap(), Oracle::new(bytes).unwrap());
        let inputs = inputs(&data);
        assert_eq!(inputs.len(), TRIED);
        let decided: Vec<_> = inputs.iter().map(|input| oracle.decide(&Request::from_json(input))).collect();
        for code in Deny::ALL {
            assert!(decided.iter().any(|denies| denies.iter().eq([code])), "{code:?}");
        }
        let allowed = inputs.iter().zip(&decided).filter(|(_, denies)| denies.is_empty());
        let classes: BTreeSet<String> =
            allowed.map(|(input, _)| input["resource"]["classification"].to_string()).collect();
        assert!(classes.contains("\"public\"") && classes.contains("0") && classes.contains("1.0"), "{classes:?}");
    }
}
