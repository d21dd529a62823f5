//! The finite domain of a proof: the product of the values of the seven fields and of those beside them, each point with
//! its own number.

mod beside;
mod blocks;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Map, Value as Json, json};

use super::field::Field;
use super::oracle::{Given, Request};
use super::uses::Uses;
use crate::policy::Value;
pub use crate::record::tenant::Extent;
use crate::tenants::data::Data;
use beside::Beside;
use blocks::Block;
use names::Names;

/// More points than this are never counted, let alone looked at.
pub const MOST: u64 = 1 << 50;
/// More combinations of values of the fields beside the seven are not looked at either.
const MOST_COMBINATIONS: usize = 4096;

/// Which value each field has, in the order of `Field::ALL`; behind them which combination of values the fields beside the
/// seven have.
pub type Digits = [usize; 8];
/// The place of that combination.
pub const FURTHER: usize = 7;

/// One value of a field; None where the field is missing.
#[derive(Debug, Clone)]
pub struct Item {
    pub json: Option<Json>,
    value: Option<Value>,
    /// Of the type that the field must have.
    pub well_formed: bool,
}

impl Item {
    fn new(json: Option<Json>, well_formed: bool) -> Item {
        Item { value: json.as_ref().map(engine), json, well_formed }
    }
}

#[derive(Debug)]
pub struct Domain {
    /// In the order of `Field::ALL`; the last changes fastest.
    dimensions: [Vec<Item>; 7],
    beside: Beside,
    /// The points that are looked at, in their order.
    blocks: Vec<Block>,
    extent: Extent,
    subjects: Vec<Value>,
    tenants: Vec<Value>,
    contexts: Vec<Value>,
    /// By owner, kind, label and class; made once somebody wants inputs, since a domain may only be counted.
    resources: OnceLock<Vec<Value>>,
    keys: [Value; 4],
}

impl Domain {
    /// The complete domain of one policy and its data, or of several together. `ids` are the tenants that stand for all.
    pub fn new(uses: &[&Uses], data: &[&Data], ids: &BTreeSet<&str>) -> Domain {
        let names = Names::of(uses, data, ids);
        Self::of_dimensions(Field::ALL.map(|field| names.items(field)), names.beside(uses), Extent::Complete)
    }

    /// The same values, of which other points are looked at. The values are shared with no other domain.
    pub fn with(&self, extent: Extent) -> Domain {
        let again = |item: &Item| Item::new(item.json.clone(), item.well_formed);
        let dimensions = std::array::from_fn(|field| self.dimensions[field].iter().map(again).collect());
        Self::of_dimensions(dimensions, self.beside.map(again), extent)
    }

    /// The same domain, whose values are shared with no other.
    pub fn apart(&self) -> Domain {
        self.with(self.extent)
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    fn of_dimensions(dimensions: [Vec<Item>; 7], beside: Beside, extent: Extent) -> Domain {
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
            blocks: blocks::of(&dimensions, beside.len().min(MOST_COMBINATIONS), extent),
            extent,
            dimensions,
            beside,
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

    /// How many combinations of values the fields beside the seven have; one where there are none.
    pub fn combinations(&self) -> usize {
        self.beside.len()
    }

    /// Why nothing can be concluded, where there are more of them than anybody looks at.
    pub fn too_many_combinations(&self) -> Option<String> {
        let many = self.beside.len() > MOST_COMBINATIONS;
        many.then(|| format!("the fields of --domain have more than {MOST_COMBINATIONS} combinations of values"))
    }

    pub fn points(&self) -> u64 {
        self.blocks.iter().fold(0, |n: u64, block| n.saturating_add(block.points())).min(MOST)
    }

    pub fn digits(&self, point: u64) -> Digits {
        let mut rest = point;
        for block in &self.blocks {
            match rest.checked_sub(block.points()) {
                Some(behind) => rest = behind,
                None => return block.digits(rest),
            }
        }
        [0; 8]
    }

    /// How many well-formed points there are: they come first where not all points are looked at.
    pub fn well_formed(&self) -> u64 {
        let sizes = self.dimensions.iter().map(|items| items.iter().filter(|item| item.well_formed).count() as u64);
        sizes.fold(self.beside.len() as u64, |n: u64, size| n.saturating_mul(size)).min(MOST)
    }

    /// How many points there are up to the last with one malformed field; behind them come those with two.
    pub fn with_one_malformed(&self) -> u64 {
        let blocks = if self.extent == Extent::Twos { 8 } else { 1 };
        self.blocks.iter().take(blocks).map(Block::points).sum()
    }

    /// The input of a point, for the engines. Its objects are shared with other inputs.
    pub fn input(&self, digits: &Digits) -> Value {
        let [subject, tenant, owner, context, kind, label, class, further] = *digits;
        let len = |field: Field| self.dimensions[field as usize].len();
        let within = (kind * len(Field::Label) + label) * len(Field::Classification) + class;
        let each = len(Field::Kind) * len(Field::Label) * len(Field::Classification);
        let [a, b, c, d] = &self.keys;
        let input = Value::from(BTreeMap::from([
            (a.clone(), self.subjects[subject].clone()),
            (b.clone(), self.tenants[tenant].clone()),
            (c.clone(), self.resources.get_or_init(|| self.resources())[owner * each + within].clone()),
            (d.clone(), self.contexts[context].clone()),
        ]));
        self.beside.add(input, further)
    }

    /// The same as a document.
    pub fn document(&self, digits: &Digits) -> Json {
        let mut document = json!({"subject": {}, "tenant": {}, "resource": {}, "context": {}});
        for (field, digit) in Field::ALL.into_iter().zip(digits) {
            let (object, member) = field.place();
            if let Some(value) = &self.dimensions[field as usize][*digit].json {
                document[object][member] = value.clone();
            }
        }
        self.add_further(&mut document, digits[FURTHER]);
        document
    }

    /// Adds one combination of the fields beside the seven.
    pub fn add_further(&self, document: &mut Json, combination: usize) {
        self.beside.add_to_document(document, combination);
    }

    /// The same for the oracle.
    pub fn request(&self, digits: &Digits) -> Request<'_> {
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
        let values = |items: &[Item]| -> Json {
            let value =
                |item: &Item| item.json.clone().map_or(json!({"missing": true}), |value| json!({"value": value}));
            items.iter().map(value).collect::<Vec<_>>().into()
        };
        let seven = Field::ALL.map(|field| (field.path(), values(self.dimension(field))));
        Json::Object(Map::from_iter(
            seven.into_iter().chain(self.beside.fields().map(|(path, items)| (path, values(items)))),
        ))
    }
}

fn object_of<const N: usize>(members: [(&Value, &Item); N]) -> Value {
    let there = members.into_iter().filter_map(|(name, item)| Some((name.clone(), item.value.clone()?)));
    Value::from(there.collect::<BTreeMap<_, _>>())
}

/// As the engine reads it.
fn engine(json: &Json) -> Value {
    Value::from(json.clone())
}

#[cfg(test)]
mod tests;
