//! The certificate of a proof: what has to be recomputed to believe it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Question;
use crate::record::tenant::{Extent, Mode, Symmetry};
use crate::tenant::further::Further;
use crate::tenants::compile::unequal;

/// One JSON document. Everything but `schema` and `engine` is a fact that a check recomputes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `govctl.tenant.certificate/1`.
    pub schema: String,
    pub verdict: String,
    pub policy_sha256: String,
    pub data_sha256: String,
    pub domain_sha256: String,
    /// Field to its values, each `{"value": ...}` or `{"missing": true}`, in the order of the dimensions.
    pub domain: Json,
    pub mode: Mode,
    pub malformed: Extent,
    /// What `--domain` declared; `{}` where nothing was.
    pub further: Further,
    pub symmetry: Symmetry,
    pub points: u64,
    pub allows: u64,
    pub cross_tenant_allows: u64,
    /// Single faults of the data; null where the stage was left out.
    pub faults: Option<u64>,
    pub fault_points: Option<u64>,
    pub fault_allows: Option<u64>,
    /// Bit i of a point's word, from 1, is the i-th of them; bit 0 is allow.
    pub codes: Vec<String>,
    /// SHA-256 of the words of all points, in order, as little-endian u64; null where nothing was evaluated.
    pub vector_sha256: Option<String>,
    pub engine: String,
}

impl Certificate {
    /// The same stages and the same reduction, for who checks it.
    pub fn ask(&self, question: &mut Question) {
        question.mode = Some(self.mode);
        question.malformed = Some(self.malformed);
        question.further = self.further.clone();
        question.faults = self.faults.is_some();
        question.mutation = false;
    }
}

/// The members in which a certificate is not what was recomputed, each with both values of the first place in it that differs.
pub fn differences(given: &Json, now: &Json) -> Vec<(String, String)> {
    let (Some(a), Some(b)) = (given.as_object(), now.as_object()) else {
        return vec![("certificate".to_owned(), "is no JSON object".to_owned())];
    };
    let mut names: Vec<&String> = a.keys().chain(b.keys()).filter(|name| *name != "engine").collect();
    names.sort_unstable();
    names.dedup();
    let differ = names.into_iter().filter_map(|name| {
        let [pointer, theirs, ours] = unequal(a.get(name), b.get(name))?;
        let place = if pointer.is_empty() { String::new() } else { format!("at /{name}{pointer} ") };
        Some((name.clone(), format!("{place}holds {theirs} where {ours} is proved")))
    });
    differ.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_differs_is_named() {
        let parse = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let long = "{\"value\":\"a rather long name of a region\"},".repeat(5);
        let text = format!(
            "{{\"allows\":4,\"domain\":{{\"/kind\":[{long}{{\"value\":9}},{long}{{\"value\":1}}]}},\"engine\":\"a\"}}"
        );
        let now = parse(&text);
        assert_eq!(differences(&now, &now), []);
        let given = parse(&text.replace("9", "9.0").replace(":4", ":5").replace("\"a\"", "\"b\""));
        let said = differences(&given, &now);
        let said: Vec<(&str, &str)> = said.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
        let nested = "at /domain/~1kind/5/value holds 9.0 where 9 is proved";
        assert_eq!(said, [("allows", "holds 5 where 4 is proved"), ("domain", nested)]);
    }
}
