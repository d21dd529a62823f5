//! The finite domain of a proof: the product of the values of the seven fields, each point with its own number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Map, Value as Json, json};

use super::field::{Field, Sort};
use super::oracle::{Given, Request};
use super::uses::{Constant, Uses};
use crate::policy::Value;
use crate::tenants::data::{Data, Rules};

/// More points than this are never counted, let alone looked at.
pub const MOST: u64 = 1 << 50;

/// One value of a field; None where the field is missing.
#[derive(Debug, Clone)]
pub struct Item {
    pub json: Option<Json>,
    value: Option<Value>,
    /// Of the type that the field must have.
    pub well_formed: bool,
}

#[derive(Debug)]
pub struct Domain {
    /// In the order of `Field::ALL`; the last changes fastest.
    dimensions: [Vec<Item>; 7],
    subjects: Vec<Value>,
    tenants: Vec<Value>,
    contexts: Vec<Value>,
    /// By owner, kind, label and class; made once somebody wants inputs, since a domain may only be counted.
    resources: OnceLock<Vec<Value>>,
    keys: [Value; 4],
}

impl Domain {
    /// The complete domain. `ids` are the tenants that stand for all.
    pub fn new(uses: &Uses, data: &Data, ids: &BTreeSet<&str>) -> Domain {
        let names = Names::of(uses, data, ids);
        Self::of_dimensions(Field::ALL.map(|field| names.items(field)))
    }

    /// The same domain, whose values are shared with no other.
    pub fn apart(&self) -> Domain {
        let again = |item: &Item| Item { value: item.json.as_ref().map(engine), ..item.clone() };
        Self::of_dimensions(std::array::from_fn(|field| self.dimensions[field].iter().map(again).collect()))
    }

    fn of_dimensions(dimensions: [Vec<Item>; 7]) -> Domain {
        let object = |field: Field| -> Vec<Value> {
            let member = Value::from(field.place().1);
            dimensions[field as usize].iter().map(|item| object_of([(&member, item)])).collect()
        };
        Domain {
            subjects: object(Field::Authenticated),
            tenants: object(Field::Tenant),
            contexts: object(Field::Region),
            resources: OnceLock::new(),
            keys: ["subject", "tenant", "resource", "context"].map(Value::from),
            dimensions,
        }
    }

    fn resources(&self) -> Vec<Value> {
        let [owners, kinds, labels, classes] =
            [Field::Owner, Field::Kind, Field::Label, Field::Classification].map(|f| self.dimension(f));
        let members = ["tenant", "kind", "label", "classification"].map(Value::from);
        let mut resources = Vec::with_capacity(owners.len() * kinds.len() * labels.len() * classes.len());
        for owner in owners {
            for kind in kinds {
                for label in labels {
                    for class in classes {
                        let [a, b, c, d] = &members;
                        resources.push(object_of([(a, owner), (b, kind), (c, label), (d, class)]));
                    }
                }
            }
        }
        resources
    }

    pub fn dimension(&self, field: Field) -> &[Item] {
        &self.dimensions[field as usize]
    }

    pub fn points(&self) -> u64 {
        self.dimensions.iter().fold(1, |n: u64, items| n.saturating_mul(items.len() as u64)).min(MOST)
    }

    /// Which value each field has at a point.
    pub fn digits(&self, point: u64) -> [usize; 7] {
        let (mut digits, mut rest) = ([0; 7], point);
        for (digit, items) in digits.iter_mut().zip(&self.dimensions).rev() {
            *digit = (rest % items.len() as u64) as usize;
            rest /= items.len() as u64;
        }
        digits
    }

    /// The input of a point, for the engines. Its objects are shared with other inputs.
    pub fn input(&self, digits: &[usize; 7]) -> Value {
        let [subject, tenant, owner, context, kind, label, class] = *digits;
        let len = |field: Field| self.dimensions[field as usize].len();
        let within = (kind * len(Field::Label) + label) * len(Field::Classification) + class;
        let each = len(Field::Kind) * len(Field::Label) * len(Field::Classification);
        let [a, b, c, d] = &self.keys;
        Value::from(BTreeMap::from([
            (a.clone(), self.subjects[subject].clone()),
            (b.clone(), self.tenants[tenant].clone()),
            (c.clone(), self.resources.get_or_init(|| self.resources())[owner * each + within].clone()),
            (d.clone(), self.contexts[context].clone()),
        ]))
    }

    /// The same as a document.
    pub fn document(&self, digits: &[usize; 7]) -> Json {
        let mut document = json!({"subject": {}, "tenant": {}, "resource": {}, "context": {}});
        for (field, digit) in Field::ALL.into_iter().zip(digits) {
            let (object, member) = field.place();
            if let Some(value) = &self.dimensions[field as usize][*digit].json {
                document[object][member] = value.clone();
            }
        }
        document
    }

    /// The same for the oracle.
    pub fn request(&self, digits: &[usize; 7]) -> Request<'_> {
        let given = |field: Field| Given::from(self.dimensions[field as usize][digits[field as usize]].json.as_ref());
        Request {
            authenticated: given(Field::Authenticated),
            tenant: given(Field::Tenant),
            owner: given(Field::Owner),
            kind: given(Field::Kind),
            classification: given(Field::Classification),
            label: given(Field::Label),
            region: given(Field::Region),
        }
    }

    /// The dimensions as they go into a certificate.
    pub fn describe(&self) -> Json {
        let values = |field: Field| -> Vec<Json> {
            let items = self.dimensions[field as usize].iter();
            items
                .map(|item| item.json.clone().map_or(json!({"missing": true}), |value| json!({"value": value})))
                .collect()
        };
        Json::Object(Map::from_iter(Field::ALL.map(|field| (field.path(), values(field).into()))))
    }
}

fn object_of<const N: usize>(members: [(&Value, &Item); N]) -> Value {
    let there = members.into_iter().filter_map(|(name, item)| Some((name.clone(), item.value.clone()?)));
    Value::from(there.collect::<BTreeMap<_, _>>())
}

/// The well-formed values of each sort, in the order of the data.
struct Names {
    ids: Vec<String>,
    regions: Vec<String>,
    kinds: Vec<String>,
    labels: Vec<String>,
    classes: Vec<String>,
    /// As JSON writes them, ascending, each value once.
    numbers: Vec<String>,
    literals: BTreeMap<Sort, BTreeSet<Constant>>,
    /// Fields that need a value of each type.
    typed: BTreeSet<Field>,
    taken: BTreeSet<String>,
}

impl Names {
    fn of(uses: &Uses, data: &Data, ids: &BTreeSet<&str>) -> Names {
        let of_tenants = |of: &dyn Fn(&Rules) -> Vec<String>| -> Vec<String> {
            data.tenants.values().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let mut names = Names {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            regions: data.regions.keys().cloned().collect(),
            kinds: of_tenants(&|rules| rules.data_classes.keys().cloned().collect()),
            labels: of_tenants(&|rules| rules.labels.clone()),
            classes: data.classifications.keys().cloned().collect(),
            numbers: Vec::new(),
            literals: uses.literals.clone(),
            typed: uses.typed.clone(),
            taken: data.tenants.keys().cloned().collect(),
        };
        names.numbers(&data.classifications.values().copied().collect(), uses.ordered);
        let lists = [&names.ids, &names.regions, &names.kinds, &names.labels, &names.classes];
        names.taken.extend(lists.into_iter().flatten().cloned());
        names.taken.extend(names.literals.values().flatten().filter_map(|c| match c {
            Constant::Text(text) => Some(text.clone()),
            _ => None,
        }));
        names
    }

    /// All ranks and the numbers of the policy, one above, one below, and 0.5; where the policy compares by order, also one
    /// between each two neighbours.
    fn numbers(&mut self, ranks: &BTreeSet<u64>, ordered: bool) {
        let mut known: Vec<f64> = ranks.iter().map(|rank| *rank as f64).chain([0.0]).collect();
        for constant in self.literals.get(&Sort::Classification).into_iter().flatten() {
            if let Constant::Number(text) = constant {
                known.extend(text.parse::<f64>());
            }
        }
        known.sort_by(f64::total_cmp);
        let between = known.windows(2).filter(|_| ordered).map(|pair| pair[0] / 2.0 + pair[1] / 2.0);
        let beyond = [known[0] - 1.0, known[known.len() - 1] + 1.0];
        let mut values: Vec<f64> = between.chain(beyond).chain([-1.0, 0.5]).chain(known.iter().copied()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        self.numbers =
            values.into_iter().map(|n| if n.fract() == 0.0 { format!("{n:.0}") } else { n.to_string() }).collect();
    }

    /// A text that is nowhere in the data or the policy.
    fn unknown(&self, stem: &str) -> String {
        let numbered = (1..).map(|n| format!("{stem}-{n}"));
        std::iter::once(stem.to_owned()).chain(numbered).find(|name| !self.taken.contains(name)).unwrap_or_default()
    }

    fn items(&self, field: Field) -> Vec<Item> {
        let texts = |known: &[String], unknown: &[&str]| -> Vec<Json> {
            known.iter().cloned().chain(unknown.iter().map(|stem| self.unknown(stem))).map(Json::from).collect()
        };
        let (mut good, bad): (Vec<Json>, Vec<Json>) = match field.sort() {
            Sort::Authenticated => (vec![json!(true), json!(false)], vec![json!(null), json!("true"), json!(1)]),
            Sort::Id => {
                let mut bad = vec![json!(null), json!(1), json!(false), json!([]), json!({})];
                // A policy may hold two values of a wrong type against each other: on one side there are two of each.
                if field == Field::Owner {
                    bad.extend([json!(2), json!(true), json!([1]), json!({"a": 1})]);
                }
                (texts(&self.ids, &["unknown-a", "unknown-b"]), bad)
            }
            Sort::Region => (texts(&self.regions, &["Undeclared"]), vec![json!(null), json!(1)]),
            Sort::Kind => (texts(&self.kinds, &["unknown-kind"]), vec![json!(null), json!(1)]),
            Sort::Label => (texts(&self.labels, &["unknown-label"]), vec![json!(null), json!(1)]),
            Sort::Classification => {
                let mut good = texts(&self.classes, &["unknown-class"]);
                good.extend(self.numbers.iter().filter_map(|text| serde_json::from_str::<Json>(text).ok()));
                good.push(json!(1.0));
                (good, vec![json!(null), json!(false), json!([])])
            }
        };
        let mut bad = bad;
        if self.typed.contains(&field) {
            let each = [json!(null), json!(false), json!(true), json!(1), json!("text"), json!([]), json!({})];
            let new = each.into_iter().filter(|json| !well_formed(field, json) && !bad.contains(json));
            bad.extend(new.collect::<Vec<_>>());
        }
        for constant in self.literals.get(&field.sort()).into_iter().flatten() {
            let json = match constant {
                Constant::Null => Json::Null,
                Constant::Bool(value) => json!(value),
                Constant::Number(text) => serde_json::from_str(text).unwrap_or(Json::Null),
                Constant::Text(text) => json!(text),
            };
            if !good.contains(&json) && !bad.contains(&json) {
                if well_formed(field, &json) { good.push(json) } else { bad.push(json) }
            }
        }
        let item = |json: Json, well_formed: bool| Item { value: Some(engine(&json)), json: Some(json), well_formed };
        let mut items: Vec<Item> = good.into_iter().map(|json| item(json, true)).collect();
        items.push(Item { json: None, value: None, well_formed: false });
        items.extend(bad.into_iter().map(|json| item(json, false)));
        items
    }
}

fn well_formed(field: Field, value: &Json) -> bool {
    match field.sort() {
        Sort::Authenticated => value.is_boolean(),
        Sort::Classification => value.is_string() || value.is_number(),
        _ => value.is_string(),
    }
}

/// As the engine reads it.
fn engine(json: &Json) -> Value {
    Value::from(json.clone())
}

#[cfg(test)]
mod tests;
