//! The certificate of a proof: what has to be recomputed to believe it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Question;
use crate::record::tenant::{Extent, Mode, Symmetry};
use crate::tenant::further::Further;

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

/// The members in which a certificate is not what was recomputed, with both values; long ones are cut.
pub fn differences(given: &Json, now: &Json) -> Vec<(String, String)> {
    let (Some(a), Some(b)) = (given.as_object(), now.as_object()) else {
        return vec![("certificate".to_owned(), "is no JSON object".to_owned())];
    };
    let shown = |value: Option<&Json>| {
        value.map_or("nothing".to_owned(), |value| crate::text::without_middle(&value.to_string(), 80))
    };
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differ = names.into_iter().filter(|name| *name != "engine" && a.get(*name) != b.get(*name));
    differ
        .map(|name| (name.clone(), format!("holds {} where {} is proved", shown(a.get(name)), shown(b.get(name)))))
        .collect()
}
