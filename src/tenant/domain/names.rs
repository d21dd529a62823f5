//! The values of each field: what the data holds, what nobody knows, and what is malformed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::Item;
use super::beside::Beside;
use crate::tenant::field::{Field, Sort};
use crate::tenant::uses::{Constant, Told, Uses};
use crate::tenants::data::Data;

/// The well-formed values of each sort, in the order of the data.
pub struct Names {
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
    /// Of several policies and states of the data together.
    pub fn of(uses: &[&Uses], data: &[&Data], ids: &BTreeSet<&str>) -> Names {
        let all = |of: &dyn Fn(&Data) -> Vec<String>| -> Vec<String> {
            data.iter().flat_map(|data| of(data)).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let mut literals: BTreeMap<Sort, BTreeSet<Constant>> = BTreeMap::new();
        for (sort, constants) in uses.iter().flat_map(|uses| &uses.literals) {
            literals.entry(*sort).or_default().extend(constants.iter().cloned());
        }
        let mut names = Names {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            regions: all(&|data| data.regions.keys().cloned().collect()),
            kinds: all(&|data| data.tenants.values().flat_map(|rules| rules.data_classes.keys().cloned()).collect()),
            labels: all(&|data| data.tenants.values().flat_map(|rules| rules.labels.iter().cloned()).collect()),
            classes: all(&|data| data.classifications.keys().cloned().collect()),
            numbers: Vec::new(),
            literals,
            typed: uses.iter().flat_map(|uses| uses.typed.iter().copied()).collect(),
            taken: data.iter().flat_map(|data| data.tenants.keys().cloned()).collect(),
        };
        let ranks = data.iter().flat_map(|data| data.classifications.values().copied()).collect();
        names.numbers(&ranks, uses.iter().any(|uses| uses.ordered));
        let lists = [&names.ids, &names.regions, &names.kinds, &names.labels, &names.classes];
        names.taken.extend(lists.into_iter().flatten().cloned());
        names.taken.extend(names.literals.values().flatten().filter_map(|c| match c {
            Constant::Text(text) => Some(text.clone()),
            _ => None,
        }));
        names.taken.extend(uses.iter().flat_map(|uses| uses.texts()));
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

    /// The fields beside the seven: what was declared, what the policies name, something else, and nothing.
    pub fn beside(&self, uses: &[&Uses]) -> Beside {
        let Some(first) = uses.first() else { return Beside::default() };
        Beside::new(&first.further, |place| {
            let declared = first.further.fields().nth(place).map_or(&[][..], |(_, values)| values);
            let told = || uses.iter().filter_map(|uses| uses.told.get(place));
            let named = told().flat_map(|told: &Told| told.literals.iter().map(value));
            let types = match told().any(|told| told.typed) {
                true => each_type().to_vec(),
                false => vec![json!(null), json!(1)],
            };
            let mut values: Vec<Json> = Vec::new();
            for json in declared.iter().cloned().chain(named).chain([json!(self.unknown("unknown-value"))]).chain(types)
            {
                if !values.contains(&json) {
                    values.push(json);
                }
            }
            values.into_iter().map(Some).chain([None]).map(|json| Item::new(json, true)).collect()
        })
    }

    pub fn items(&self, field: Field) -> Vec<Item> {
        let texts = |known: &[String], unknown: &[&str]| -> Vec<Json> {
            known.iter().cloned().chain(unknown.iter().map(|stem| self.unknown(stem))).map(Json::from).collect()
        };
        let (mut good, mut bad): (Vec<Json>, Vec<Json>) = match field.sort() {
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
        if self.typed.contains(&field) {
            let new = each_type().into_iter().filter(|json| !well_formed(field, json) && !bad.contains(json));
            bad.extend(new.collect::<Vec<_>>());
        }
        for constant in self.literals.get(&field.sort()).into_iter().flatten() {
            let json = value(constant);
            if !good.contains(&json) && !bad.contains(&json) {
                if well_formed(field, &json) { good.push(json) } else { bad.push(json) }
            }
        }
        let good = good.into_iter().map(|json| Item::new(Some(json), true));
        let bad = bad.into_iter().map(|json| Item::new(Some(json), false));
        good.chain([Item::new(None, false)]).chain(bad).collect()
    }
}

/// A value of each type of JSON, and both of those that a condition tells apart.
fn each_type() -> [Json; 7] {
    [json!(null), json!(false), json!(true), json!(1), json!("text"), json!([]), json!({})]
}

fn value(constant: &Constant) -> Json {
    match constant {
        Constant::Null => Json::Null,
        Constant::Bool(value) => json!(value),
        Constant::Number(text) => serde_json::from_str(text).unwrap_or(Json::Null),
        Constant::Text(text) => json!(text),
    }
}

fn well_formed(field: Field, value: &Json) -> bool {
    match field.sort() {
        Sort::Authenticated => value.is_boolean(),
        Sort::Classification => value.is_string() || value.is_number(),
        _ => value.is_string(),
    }
}
