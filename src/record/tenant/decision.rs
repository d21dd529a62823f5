//! `govctl.tenant.decision/1`: what was decided about a request, in the shape of OPA's decision log.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Record;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DenyCode {
    pub code: String,
}

/// What the policy answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub allow: bool,
    /// Sorted, each once.
    pub deny: Vec<DenyCode>,
}

impl Answer {
    /// `allow`, or `deny` with its codes.
    pub fn words(&self) -> String {
        let verdict = if self.allow { "allow" } else { "deny" };
        std::iter::once(verdict).chain(self.deny.iter().map(|deny| deny.code.as_str())).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// `sha256:` and a digest of policy and data, or what a signed bundle calls itself.
    pub revision: String,
}

/// Why the policy decided nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvalError {
    /// `EVAL_ERROR`.
    pub code: String,
    pub message: String,
}

/// A value that a reason stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    pub of: FactOf,
    /// JSON pointer.
    pub pointer: String,
    /// Absent where nothing is there; null is a value.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

pub(super) fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactOf {
    Input,
    Data,
}

/// A deny code in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    pub code: String,
    pub message: String,
    pub facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Lower-case hex. A rerun over the same requests gives the same ids.
    pub decision_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// `tenant.id` of the request where that is a known tenant, else null.
    pub tenant: Option<String>,
    pub allow: bool,
    /// Sorted, each once.
    pub deny: Vec<DenyCode>,
    /// `switchboard/decision`.
    pub path: String,
    /// Only the fields that the policy reads.
    pub input: Value,
    pub result: Answer,
    /// JSON pointers of the fields that the policy does not read. They were dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<String>,
    pub bundles: BTreeMap<String, Revision>,
    /// `app` and `version` of what decided.
    pub labels: BTreeMap<String, String>,
    /// RFC 3339: `ts` of the request, else the logical now where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EvalError>,
    /// With `--explain`: each deny code in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<Reason>,
}

impl Record for Decision {
    const TYPE: &'static str = "govctl.tenant.decision/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let text = |pointer: &str| match self.input.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "-".to_owned(),
        };
        let codes: Vec<&str> = self.deny.iter().map(|deny| deny.code.as_str()).collect();
        let why: Vec<&str> = self.explain.iter().map(|reason| reason.message.as_str()).collect();
        Some(vec![
            ("REQUEST", self.request_id.clone().unwrap_or_else(|| self.decision_id.chars().take(8).collect())),
            ("DECISION", if self.allow { "allow" } else { "deny" }.to_owned()),
            ("CODES", codes.join(" ")),
            ("TENANT", text("/tenant/id")),
            ("OWNER", text("/resource/tenant")),
            ("KIND", text("/resource/kind")),
            ("CLASS", text("/resource/classification")),
            ("LABEL", text("/resource/label")),
            ("REGION", text("/context/region")),
            ("WHY", self.error.as_ref().map_or_else(|| why.join("; "), |error| error.message.clone())),
        ])
    }
}
