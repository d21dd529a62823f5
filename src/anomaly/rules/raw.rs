//! adaptive.yaml as it is written. A key that is there has a value of its type: nothing (`where:`) is none.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::yaml::{Spanned, there};

pub type Text = Spanned<String>;
pub type Word = Spanned<Scalar>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    #[serde(default, deserialize_with = "there")]
    pub version: Option<Word>,
    #[serde(default, deserialize_with = "there")]
    pub defaults: Option<RawRule>,
    pub rules: Spanned<Vec<Spanned<RawRule>>>,
    #[serde(default, deserialize_with = "there")]
    pub mutes: Option<Vec<Spanned<RawMute>>>,
}

/// A rule, or `defaults:`, which has no `id`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawRule {
    #[serde(deserialize_with = "there")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub baseline: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub method: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub min_power: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub alpha: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub window: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub input: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub ts: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub value: Option<Text>,
    #[serde(rename = "where", deserialize_with = "there")]
    pub filters: Option<Pairs<OneOrMore>>,
    #[serde(deserialize_with = "there")]
    pub dedupe_by: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub group_by: Option<Spanned<Vec<Text>>>,
    #[serde(deserialize_with = "there")]
    pub tz: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub tz_by_tenant: Option<Pairs<Text>>,
    #[serde(deserialize_with = "there")]
    pub bucket: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub missing: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub lateness: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub direction: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub min_effect: Option<RawMinEffect>,
    #[serde(deserialize_with = "there")]
    pub must_detect: Option<RawMustDetect>,
    #[serde(deserialize_with = "there")]
    pub threshold: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub cooldown: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub transform: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub streams: Option<Spanned<Vec<Text>>>,
    #[serde(deserialize_with = "there")]
    pub rel_floor: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub abs_floor: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub exclude: Option<Vec<Spanned<RawInterval>>>,
    #[serde(deserialize_with = "there")]
    pub pin: Option<Vec<Text>>,
    #[serde(deserialize_with = "there")]
    pub guard: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawMinEffect {
    #[serde(deserialize_with = "there")]
    pub abs: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub rel: Option<Word>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawMustDetect {
    #[serde(deserialize_with = "there")]
    pub rel: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub abs: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub drop_to: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub drop_buckets: Option<Word>,
    #[serde(deserialize_with = "there")]
    pub scale: Option<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawInterval {
    pub from: Text,
    pub until: Text,
}

/// Which keys must be there is checked behind the structure, so that all mistakes are named at once.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawMute {
    #[serde(deserialize_with = "there")]
    pub rule: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub tenant: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub from: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub until: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub reason: Option<Text>,
    #[serde(deserialize_with = "there")]
    pub owner: Option<Text>,
}

/// A number, a bool or a text; which of them a field takes, and in what spelling, is for its check.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Number(f64),
    Bool(bool),
    Text(String),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(value.to_owned()))
            }

            fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
                Err(E::custom("a number or a text is expected here, and nothing stands here"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// One value, or a list of values.
pub struct OneOrMore(pub Vec<Word>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Spanless;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Spanless, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element::<Word>()? {
                    words.push(word);
                }
                Ok(Spanless::Many(words))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Spanless, E> {
                Ok(Spanless::One(Scalar::Number(value as f64)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Spanless, E> {
                Ok(Spanless::One(Scalar::Number(value as f64)))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Spanless, E> {
                Ok(Spanless::One(Scalar::Number(value)))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Spanless, E> {
                Ok(Spanless::One(Scalar::Bool(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Spanless, E> {
                Ok(Spanless::One(Scalar::Text(value.to_owned())))
            }
        }
        /// The place of a single value is that of the whole, which only the reader of a [`Spanned`] knows.
        enum Spanless {
            One(Scalar),
            Many(Vec<Word>),
        }
        impl<'de> Deserialize<'de> for Spanless {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Either)
            }
        }
        let read = Spanned::<Spanless>::deserialize(deserializer)?;
        Ok(OneOrMore(match read.value {
            Spanless::Many(words) => words,
            Spanless::One(value) => {
                vec![Spanned { value, referenced: read.referenced, defined: read.defined }]
            }
        }))
    }
}

/// A mapping in the order of the file, with the places of its keys.
pub struct Pairs<T>(pub Vec<(Text, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}
