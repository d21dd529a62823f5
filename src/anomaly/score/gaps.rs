//! Lists of numbers with holes on the wire: a hole is NaN here and null there, since JSON has no NaN.

use serde::Deserialize;
use serde::de::Deserializer;
use serde::ser::{SerializeSeq, Serializer};

pub fn serialize<'a, S, L>(list: &'a L, out: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    &'a L: IntoIterator<Item = &'a f64>,
{
    let mut seq = out.serialize_seq(None)?;
    for value in list {
        seq.serialize_element(&Some(*value).filter(|v| !v.is_nan()))?;
    }
    seq.end()
}

pub fn deserialize<'de, D, L>(input: D) -> Result<L, D::Error>
where
    D: Deserializer<'de>,
    L: FromIterator<f64>,
{
    let list = Vec::<Option<f64>>::deserialize(input)?;
    Ok(list.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}
