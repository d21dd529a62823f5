//! types.yaml as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_saphyr::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTypes {
    pub version: Spanned<u64>,
    pub job: Spanned<String>,
    pub lhs: RawSide,
    pub rhs: RawSide,
    pub tables: Spanned<Vec<Spanned<RawTable>>>,
    #[serde(default)]
    pub placeholder: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSide {
    pub region: Spanned<String>,
    pub connector: String,
    #[serde(default)]
    pub heartbeat: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTable {
    pub kind: Spanned<String>,
    pub lhs: Spanned<String>,
    pub rhs: Spanned<String>,
    pub key: RawKey,
    #[serde(default)]
    pub replication: Option<Spanned<String>>,
    #[serde(default)]
    pub origins: BTreeMap<String, Spanned<Vec<String>>>,
    #[serde(default)]
    pub risk: Option<Spanned<String>>,
    #[serde(default)]
    pub sample: Option<Spanned<RawSample>>,
    #[serde(default)]
    pub schedule: Option<Spanned<String>>,
    #[serde(default)]
    pub append_only: bool,
    #[serde(default)]
    pub columns: BTreeMap<String, Spanned<AnyColumn>>,
    #[serde(default)]
    pub ignore: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawKey {
    pub tenant: Spanned<RawTenant>,
    pub id: Spanned<Vec<String>>,
}

pub enum RawTenant {
    Column(String),
    Const(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSample {
    pub of: u64,
    pub take: Vec<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawColumn {
    #[serde(rename = "type")]
    pub type_name: String,
    #[serde(default)]
    pub of: Option<Box<AnyColumn>>,
    #[serde(default)]
    pub wire: Option<String>,
    #[serde(default)]
    pub scale: Option<i64>,
    #[serde(default)]
    pub lhs: Option<RawPhysical>,
    #[serde(default)]
    pub rhs: Option<RawPhysical>,
    #[serde(default)]
    pub toast: bool,
    #[serde(default)]
    pub precision: Option<String>,
    #[serde(default)]
    pub nfc: bool,
    #[serde(default)]
    pub as_set: bool,
    #[serde(default)]
    pub text_json: bool,
}

#[derive(Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPhysical {
    #[serde(default)]
    pub wire: Option<String>,
    #[serde(default)]
    pub scale: Option<i64>,
}

/// Values with a short form (a text) and a long one (a mapping): `int` stands for `{ type: int }`.
mod short {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Const {
        #[serde(rename = "const")]
        pub value: String,
    }

    pub struct Either<T>(pub std::marker::PhantomData<T>);

    pub trait FromShort: Sized {
        type Long: for<'de> Deserialize<'de>;
        const EXPECTING: &'static str;
        fn from_short(text: &str) -> Self;
        fn from_long(long: Self::Long) -> Self;
    }

    impl<'de, T: FromShort> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::EXPECTING)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<T, E> {
            Ok(T::from_short(text))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<T, A::Error> {
            T::Long::deserialize(MapAccessDeserializer::new(map)).map(T::from_long)
        }
    }
}

impl short::FromShort for RawTenant {
    type Long = short::Const;
    const EXPECTING: &'static str = "a column's name or { const: TENANT }";

    fn from_short(text: &str) -> Self {
        RawTenant::Column(text.to_owned())
    }

    fn from_long(long: short::Const) -> Self {
        RawTenant::Const(long.value)
    }
}

impl<'de> Deserialize<'de> for RawTenant {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(short::Either(std::marker::PhantomData))
    }
}

/// A column as `text` or as a mapping.
pub struct AnyColumn(pub RawColumn);

impl short::FromShort for AnyColumn {
    type Long = RawColumn;
    const EXPECTING: &'static str = "a type's name or a mapping with `type`";

    fn from_short(text: &str) -> Self {
        AnyColumn(RawColumn { type_name: text.to_owned(), ..RawColumn::default() })
    }

    fn from_long(long: RawColumn) -> Self {
        AnyColumn(long)
    }
}

impl<'de> Deserialize<'de> for AnyColumn {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        d.deserialize_any(short::Either(std::marker::PhantomData))
    }
}
