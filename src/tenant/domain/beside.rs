//! The fields of the input beside the seven: all combinations of their values are one more dimension.

use serde_json::{Map, Value as Json};

use super::Item;
use crate::policy::Value;
use crate::tenant::further::Further;

#[derive(Debug, Default)]
pub struct Beside(Vec<Other>);

#[derive(Debug)]
struct Other {
    path: String,
    keys: Vec<String>,
    items: Vec<Item>,
}

impl Beside {
    /// `items`: the values of each declared field.
    pub fn new(further: &Further, items: impl Fn(usize) -> Vec<Item>) -> Beside {
        let other = |(place, (keys, _))| Other { path: further.path(place), keys, items: items(place) };
        Beside(further.fields().enumerate().map(other).collect())
    }

    /// The same with other items.
    pub fn map(&self, of: impl Fn(&Item) -> Item) -> Beside {
        let other = |other: &Other| Other {
            path: other.path.clone(),
            keys: other.keys.clone(),
            items: other.items.iter().map(&of).collect(),
        };
        Beside(self.0.iter().map(other).collect())
    }

    /// How many combinations there are; one of nothing where no field was declared. Saturates.
    pub fn len(&self) -> usize {
        self.0.iter().fold(1, |n: usize, other| n.saturating_mul(other.items.len()))
    }

    /// By the path that a policy writes.
    pub fn fields(&self) -> impl Iterator<Item = (String, &[Item])> {
        self.0.iter().map(|other| (other.path.clone(), other.items.as_slice()))
    }

    /// The fields that are there in a combination; the last changes fastest.
    fn of(&self, combination: usize) -> impl Iterator<Item = (&[String], &Item)> {
        let mut rest = combination;
        self.0.iter().rev().map(move |other| {
            let item = &other.items[rest % other.items.len()];
            rest /= other.items.len();
            (other.keys.as_slice(), item)
        })
    }

    pub fn add(&self, mut input: Value, combination: usize) -> Value {
        for (keys, item) in self.of(combination) {
            if let Some(value) = &item.value {
                put(&mut input, keys, value);
            }
        }
        input
    }

    pub fn add_to_document(&self, document: &mut Json, combination: usize) {
        for (keys, item) in self.of(combination) {
            let Some(value) = &item.json else { continue };
            let node = keys.iter().fold(&mut *document, |node, key| {
                if !node.is_object() {
                    *node = Json::Object(Map::new());
                }
                &mut node[key.as_str()]
            });
            *node = value.clone();
        }
    }
}

/// Copies what is shared on the way.
fn put(node: &mut Value, keys: &[String], value: &Value) {
    let Some((key, rest)) = keys.split_first() else {
        *node = value.clone();
        return;
    };
    if node.as_object().is_err() {
        *node = Value::new_object();
    }
    if let Ok(members) = node.as_object_mut() {
        let key = Value::from(key.as_str());
        let mut member = members.get(&key).cloned().unwrap_or(Value::Undefined);
        put(&mut member, rest, value);
        members.insert(key, member);
    }
}
