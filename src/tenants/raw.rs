//! tenants.yaml as it is written. A key that is there has a value of its type: nothing (`labels:`) is none.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::yaml::{Number, Spanned, there};

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
