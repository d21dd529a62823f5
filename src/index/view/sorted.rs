//! JSON objects whose keys must ascend, as the views write them: two equal keys, of which readers of JSON silently drop
//! one, cannot be hidden in them.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

pub struct Sorted<K, V>(pub BTreeMap<K, V>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Sorted<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Ascending(PhantomData)).map(Sorted)
    }
}

struct Ascending<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Ascending<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with ascending keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = object.next_entry::<K, V>()? {
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(A::Error::custom("the keys do not ascend"));
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}
