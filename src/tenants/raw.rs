//! tenants.yaml as it is written. A key that is there has a value of its type: nothing (`labels:`) is none.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::yaml::{Spanned, there};

pub type Text = Spanned<String>;
pub type Texts = Vec<Text>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    #[serde(default, deserialize_with = "there")]
    pub version: Option<Spanned<Number>>,
    #[serde(default, deserialize_with = "there")]
    pub classifications: Option<Texts>,
    #[serde(default, deserialize_with = "there")]
    pub regions: Option<Texts>,
    pub tenants: Spanned<Vec<Spanned<RawTenant>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTenant {
    pub id: Text,
    #[serde(default, deserialize_with = "there")]
    pub name: Option<Text>,
    pub region: Text,
    #[serde(default, deserialize_with = "there")]
    pub labels: Option<Texts>,
    #[serde(default, deserialize_with = "there")]
    pub data_classes: Option<Pairs>,
    #[serde(default, deserialize_with = "there")]
    pub owner: Option<Text>,
    #[serde(default, deserialize_with = "there")]
    pub hosts: Option<Texts>,
    #[serde(default, deserialize_with = "there")]
    pub quotas: Option<RawQuotas>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuotas {
    #[serde(default, deserialize_with = "there")]
    pub requests_per_second: Option<Spanned<Number>>,
    #[serde(default, deserialize_with = "there")]
    pub burst: Option<Spanned<Number>>,
    #[serde(default, deserialize_with = "there")]
    pub switches_per_minute: Option<Spanned<Number>>,
}

/// A mapping of texts in the order of the file, with the places of its keys.
#[derive(Default)]
pub struct Pairs(pub Vec<(Text, Text)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// What stands where a whole number belongs. The place of a wrong one is known only to who reads it as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Whole(i128),
    Other,
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;
        impl<'de> Visitor<'de> for Anything {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Whole(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number::Whole(value.into()))
            }

            /// Also what is too long for 64 bits. In a JSON Schema 5.0 is a whole number.
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(if value.fract() == 0.0 { Number::Whole(value as i128) } else { Number::Other })
            }

            fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_str<E>(self, _: &str) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }
        }
        deserializer.deserialize_any(Anything)
    }
}
