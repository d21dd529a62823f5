//! Input fields beside the seven, which a policy may also compare with literals: the file of `--domain`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::field::Field;
use crate::text::pointer_keys;

/// More fields or values would be a domain that nobody waits for.
const MOST_FIELDS: usize = 16;
const MOST_VALUES: usize = 256;

/// JSON pointer to the values that are looked at besides those that the policy names: `{"/context/purpose": ["support"]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Further(BTreeMap<String, Vec<Json>>);

impl Further {
    pub const fn none() -> &'static Further {
        const NONE: &Further = &Further(BTreeMap::new());
        NONE
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// By pointer.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Each field by the keys to it, with its values, in the order of the pointers.
    pub fn fields(&self) -> impl Iterator<Item = (Vec<String>, &[Json])> {
        self.0.iter().map(|(pointer, values)| (keys(pointer), values.as_slice()))
    }

    /// The place of the field with these keys.
    pub fn place(&self, wanted: &[&str]) -> Option<usize> {
        self.0.keys().position(|pointer| keys(pointer) == wanted)
    }

    /// As a policy writes the field.
    pub fn path(&self, place: usize) -> String {
        self.0.keys().nth(place).map_or_else(String::new, |pointer| path(pointer))
    }

    /// Why a field cannot be one more.
    fn refuse(&self, pointer: &str, values: &[Json]) -> Result<(), String> {
        let shown = serde_json::to_string(pointer).unwrap_or_default();
        if pointer_keys(pointer).is_none_or(|keys| keys.iter().any(String::is_empty)) {
            return Err(format!("{shown} is no JSON pointer to a field: expected e.g. \"/context/purpose\""));
        }
        let seven = Field::ALL.map(|field| {
            let (object, member) = field.place();
            format!("/{object}/{member}")
        });
        for other in seven.iter().map(String::as_str).chain(self.pointers()) {
            if other == pointer && self.0.contains_key(pointer) {
                return Err(format!("{shown} stands twice"));
            }
            if other == pointer {
                return Err(format!("{shown} is always in the domain"));
            }
            let (own, its) = (format!("{pointer}/"), format!("{other}/"));
            if its.starts_with(&own) || own.starts_with(&its) {
                return Err(format!("{shown} and \"{other}\" cannot both be fields: one lies in the other"));
            }
        }
        if let Some(value) = values.iter().find(|value| value.is_array() || value.is_object()) {
            return Err(format!("{shown} has the value {value}: expected texts, numbers, true, false or null"));
        }
        if values.len() > MOST_VALUES {
            return Err(format!("{shown} has {} values: at most {MOST_VALUES}", values.len()));
        }
        match self.len() < MOST_FIELDS {
            true => Ok(()),
            false => Err(format!("{shown} is one field too many: at most {MOST_FIELDS}")),
        }
    }
}

impl<'de> Deserialize<'de> for Further {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Further;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of JSON pointers, each with a list of values")
            }

            // Entry by entry: a map would keep the last of two equal pointers and say nothing.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Further, A::Error> {
                let mut further = Further::default();
                while let Some((pointer, values)) = map.next_entry::<String, Vec<Json>>()? {
                    further.refuse(&pointer, &values).map_err(de::Error::custom)?;
                    further.0.insert(pointer, values);
                }
                Ok(further)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Of a pointer that was looked at before.
fn keys(pointer: &str) -> Vec<String> {
    pointer_keys(pointer).unwrap_or_default()
}

/// The field of a pointer as a policy writes it.
fn path(pointer: &str) -> String {
    let plain = |key: &str| {
        key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !key.starts_with(|c: char| c.is_ascii_digit())
    };
    keys(pointer).iter().fold("input".to_owned(), |text, key| match plain(key) {
        true => format!("{text}.{key}"),
        false => format!("{text}[{}]", serde_json::to_string(key).unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        serde_json::from_str::<Further>(text).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_found_by_their_keys() {
        let further: Further = serde_json::from_str(r#"{"/b/x~1y": [1, null], "/a": []}"#).unwrap();
        assert_eq!(further.place(&["a"]), Some(0));
        assert_eq!(further.place(&["b", "x/y"]), Some(1));
        assert_eq!(further.place(&["b"]), None);
        assert_eq!((further.path(0), further.path(1)), ("input.a".to_owned(), "input.b[\"x/y\"]".to_owned()));
        assert_eq!(serde_json::to_string(&further).unwrap(), r#"{"/a":[],"/b/x~1y":[1,null]}"#);
    }

    #[test]
    fn what_is_no_further_field_is_refused_with_its_place() {
        assert!(refused("{\"/a\": [1],\n \"/a\": [2]}").starts_with("\"/a\" stands twice at line 2"));
        assert!(refused(r#"{"context.purpose": []}"#).starts_with("\"context.purpose\" is no JSON pointer"));
        assert!(refused(r#"{"/a~2": []}"#).contains("is no JSON pointer"));
        assert!(refused(r#"{"/": []}"#).contains("is no JSON pointer"));
        assert!(refused(r#"{"/tenant/id": []}"#).contains("is always in the domain"));
        assert!(refused(r#"{"/tenant": []}"#).contains("and \"/tenant/id\" cannot both be fields"));
        assert!(refused(r#"{"/tenant/id/x": []}"#).contains("and \"/tenant/id\" cannot both be fields"));
        assert!(refused(r#"{"/a/b": [], "/a": []}"#).contains("and \"/a/b\" cannot both be fields"));
        assert!(refused(r#"{"/a": [{}]}"#).contains("has the value {}"));
        assert!(refused(r#"{"/a": "b"}"#).starts_with("invalid type"));
        assert!(serde_json::from_str::<Further>(r#"{"/tenants": [], "/a": [], "/ab": []}"#).is_ok());
        let fields =
            |n: usize| format!("{{{}}}", (0..n).map(|n| format!("\"/f{n}\": []")).collect::<Vec<_>>().join(","));
        assert!(serde_json::from_str::<Further>(&fields(16)).is_ok());
        assert!(refused(&fields(17)).contains("is one field too many: at most 16"));
        assert!(refused(&format!("{{\"/a\": {:?}}}", vec![0; 257])).contains("has 257 values: at most 256"));
    }
}
