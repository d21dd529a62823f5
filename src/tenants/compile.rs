//! tenants.yaml as the data that OPA and govctl read alike, and where a committed copy differs from it.

use serde_json::Value;

use super::data::{Data, Limits, Route, Router, Rules};
use super::grammar::with_ancestors;
use super::{SWITCHES_PER_MINUTE, Tenant, Tenants};

/// The data of a file. Its bytes do not depend on the order, the comments or the quoting of the YAML.
pub fn compile(from: &Tenants) -> Data {
    let classes = (0..).zip(&from.classes).map(|(rank, class)| (class.clone(), rank));
    let within = |region: &str| with_ancestors(region).map(str::to_owned).collect();
    Data {
        classifications: classes.collect(),
        regions: from.regions.iter().map(|region| (region.clone(), within(region))).collect(),
        router: Router { tenants: from.tenants.iter().map(|tenant| (tenant.id.clone(), route(tenant))).collect() },
        tenants: from.tenants.iter().map(|tenant| (tenant.id.clone(), rules(tenant))).collect(),
    }
}

fn route(tenant: &Tenant) -> Route {
    let rate = tenant.quotas.requests_per_second;
    Route {
        hosts: tenant.hosts.iter().cloned().collect(),
        name: tenant.name.as_ref().unwrap_or(&tenant.id).clone(),
        quotas: Limits {
            burst: rate.map(|rate| tenant.quotas.burst.unwrap_or(rate)),
            requests_per_second: rate,
            switches_per_minute: tenant.quotas.switches_per_minute.unwrap_or(SWITCHES_PER_MINUTE),
        },
    }
}

fn rules(tenant: &Tenant) -> Rules {
    Rules {
        data_classes: tenant.data_classes.iter().map(|(kind, rank)| (kind.clone(), *rank as u64)).collect(),
        labels: tenant.labels.iter().cloned().collect(),
        region: tenant.region.clone(),
    }
}

/// Where a data file is not what was compiled, first; None where they are equal byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// JSON pointer of the value, empty for the whole file.
    pub pointer: String,
    pub message: String,
}

pub fn difference(file: &[u8], compiled: &[u8]) -> Option<Difference> {
    if file == compiled {
        return None;
    }
    let of_file = |message: String| Some(Difference { pointer: String::new(), message });
    let (theirs, ours) = match (serde_json::from_slice::<Value>(file), serde_json::from_slice::<Value>(compiled)) {
        (Ok(theirs), Ok(ours)) => (theirs, ours),
        (Err(e), _) | (_, Err(e)) => return of_file(format!("is no JSON: {e}")),
    };
    let unequal = unequal(Some(&theirs), Some(&ours)).map(|[pointer, theirs, ours]| {
        let message = format!("holds {theirs} where {ours} is compiled");
        Difference { pointer, message }
    });
    unequal.or_else(|| {
        let at = file.iter().zip(compiled).take_while(|(a, b)| a == b).count();
        of_file(format!("holds the same data in another spelling, from byte {} on", at + 1))
    })
}

/// Where two JSON values are not equal, first: the JSON pointer, and what stands there on both sides, cut to a line.
pub fn unequal(theirs: Option<&Value>, ours: Option<&Value>) -> Option<[String; 3]> {
    first("", theirs, ours)
}

fn first(pointer: &str, theirs: Option<&Value>, ours: Option<&Value>) -> Option<[String; 3]> {
    match (theirs, ours) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            let deeper = |key: &String| format!("{pointer}/{}", crate::text::pointer_key(key));
            keys.into_iter().find_map(|key| first(&deeper(key), a.get(key), b.get(key)))
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            (0..a.len().max(b.len())).find_map(|n| first(&format!("{pointer}/{n}"), a.get(n), b.get(n)))
        }
        _ => {
            let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), short);
            (theirs != ours).then(|| [pointer.to_owned(), shown(theirs), shown(ours)])
        }
    }
}

fn short(value: &Value) -> String {
    crate::text::without_middle(&value.to_string(), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(file: &str, compiled: &str) -> String {
        difference(file.as_bytes(), compiled.as_bytes()).map_or("-".into(), |d| format!("{} {}", d.pointer, d.message))
    }

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(say("{}\n", "{}\n"), "-");
        assert_eq!(say(r#"{"a":{"b/c":1}}"#, r#"{"a":{"b/c":2}}"#), "/a/b~1c holds 1 where 2 is compiled");
        assert_eq!(say(r#"{"z":1}"#, r#"{"a":[1],"z":2}"#), "/a holds nothing where [1] is compiled");
        assert_eq!(
            say(r#"{"a":[1,{"b":[]}]}"#, r#"{"a":[1,{"b":[2]}]}"#),
            "/a/1/b/0 holds nothing where 2 is compiled"
        );
        assert_eq!(say(r#"{"a":[9.0]}"#, r#"{"a":[9]}"#), "/a/0 holds 9.0 where 9 is compiled");
        assert_eq!(say(r#"{"a":1,"b":2}"#, r#"{"a":1}"#), "/b holds 2 where nothing is compiled");
        assert_eq!(say(r#"{"a": 1}"#, r#"{"a":1}"#), " holds the same data in another spelling, from byte 6 on");
        assert!(say("{", "{}").starts_with(" is no JSON: "));
    }
}
