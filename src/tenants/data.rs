//! The compiled data: what OPA, the policy and the proof read. Written as RFC 8785 JSON and a newline.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Deserialize as Derive, Serialize};

use super::grammar;
use crate::error::{Error, Result};

// All keys are ASCII, so the order of bytes is the order that RFC 8785 asks for: fields stand in it here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Derive)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Class to rank, from 0.
    #[serde(deserialize_with = "unique")]
    pub classifications: BTreeMap<String, u64>,
    /// Region to its ancestors and itself.
    #[serde(deserialize_with = "unique")]
    pub regions: BTreeMap<String, Vec<String>>,
    pub router: Router,
    #[serde(deserialize_with = "unique")]
    pub tenants: BTreeMap<String, Rules>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Derive)]
#[serde(deny_unknown_fields)]
pub struct Router {
    #[serde(deserialize_with = "unique")]
    pub tenants: BTreeMap<String, Route>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Derive)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub hosts: Vec<String>,
    pub name: String,
    pub quotas: Limits,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Derive)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u64>,
    pub switches_per_minute: u64,
}

/// What the policy reads of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Derive)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Kind to the rank of the highest class that is allowed.
    #[serde(deserialize_with = "unique")]
    pub data_classes: BTreeMap<String, u64>,
    /// Sorted, each once.
    pub labels: Vec<String>,
    pub region: String,
}

impl Data {
    /// Reads a data file and refuses what no compiler would write.
    pub fn read(bytes: &[u8]) -> Result<Data> {
        let data: Data = serde_json::from_slice(bytes).map_err(|e| {
            Error::usage(format!("is no compiled data: {e}")).hint("make it: govctl tenant compile -o FILE")
        })?;
        match data.fault() {
            Some((pointer, what)) => Err(Error::usage(format!("is no compiled data: {pointer} {what}"))
                .hint("make it: govctl tenant compile -o FILE")),
            None => Ok(data),
        }
    }

    /// Canonical bytes.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self).map_err(|e| Error::bug(format!("cannot encode the data: {e}")))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The first place that breaks a rule of tenants.yaml, as a JSON pointer, and how.
    fn fault(&self) -> Option<(String, String)> {
        let ranks: HashSet<u64> = self.classifications.values().copied().collect();
        let told = |pointer: String, what: &str| Some((pointer, what.to_owned()));
        for (name, rank) in &self.classifications {
            if !grammar::is_name(name) || ranks.len() != self.classifications.len() {
                return told(format!("/classifications/{name}"), "is no name of a class, or has another's rank");
            }
            if *rank as usize >= self.classifications.len() {
                return told(format!("/classifications/{name}"), "has a rank that is not counted from 0");
            }
        }
        for (region, within) in &self.regions {
            let pointer = format!("/regions/{}", crate::text::pointer_key(region));
            if !grammar::is_region(region) {
                return told(pointer, "is no name of a region");
            }
            if !grammar::with_ancestors(region).eq(within.iter().map(String::as_str)) {
                return told(pointer, "is not the list of its ancestors and itself");
            }
        }
        for (id, rules) in &self.tenants {
            let pointer = format!("/tenants/{id}");
            let fault = match () {
                () if !grammar::is_id(id) => "is no id",
                () if !self.regions.contains_key(&rules.region) => "has a region that is not declared",
                () if !rules.labels.is_sorted_by(|a, b| a < b) => "has labels that are not sorted, each once",
                () if !rules.labels.iter().all(|l| grammar::is_name(l)) => "has a label that is no name",
                () if !rules.data_classes.keys().all(|kind| grammar::is_name(kind)) => "has a kind that is no name",
                () if !rules.data_classes.values().all(|rank| ranks.contains(rank)) => "has a ceiling that is no rank",
                () => continue,
            };
            return told(pointer, fault);
        }
        let strange = self.router.tenants.keys().find(|id| !self.tenants.contains_key(*id))?;
        told(format!("/router/tenants/{strange}"), "is no tenant")
    }
}

/// A map in which a key stands once: readers keep the first, the last, or none of two.
fn unique<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    from: D,
) -> std::result::Result<BTreeMap<String, V>, D::Error> {
    struct Unique<V>(PhantomData<V>);
    impl<'de, V: Deserialize<'de>> Visitor<'de> for Unique<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<String, V>()? {
                if all.contains_key(&key) {
                    return Err(de::Error::custom(format!("the key `{key}` stands twice")));
                }
                all.insert(key, value);
            }
            Ok(all)
        }
    }
    from.deserialize_map(Unique(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = include_str!("../../fixtures/tenant/full.json");

    fn refused(from: &str, to: &str) -> String {
        assert!(FULL.contains(from), "{from}");
        Data::read(FULL.replacen(from, to, 1).as_bytes()).unwrap_err().message
    }

    #[test]
    fn what_was_compiled_is_read_and_written_again() {
        assert_eq!(Data::read(FULL.as_bytes()).unwrap().encode().unwrap(), FULL.as_bytes());
    }

    #[test]
    fn what_no_compiler_writes_is_refused() {
        assert!(refused(r#""region":"US""#, r#""region":"UK""#).contains("has a region that is not declared"));
        assert!(
            refused(r#""EU/de":["EU","EU/de"]"#, r#""EU/de":["EU/de"]"#).contains("/regions/EU~1de is not the list")
        );
        assert!(refused(r#""router":"#, r#""extra":{},"router":"#).contains("unknown field `extra`"));
        assert!(refused(r#""US":["US"]"#, r#""US":["US"],"US":["US"]"#).contains("the key `US` stands twice"));
        assert!(refused(r#""audit":0"#, r#""1":0"#).contains("has a kind that is no name"));
        assert!(refused(r#""open":0"#, r#""open":1"#).contains("has another's rank"));
        assert!(refused(r#"["internal","pii"]"#, r#"["pii","internal"]"#).contains("labels that are not sorted"));
    }
}
