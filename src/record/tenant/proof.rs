//! Records of `govctl tenant prove`: counterexamples, one isolation record per tenant, and the proof.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decision::Answer;
use super::mutant::Mutants;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

/// An input at which an invariant is broken: of all such the one closest to what may be allowed, then the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counterexample {
    /// I1 to I10, `oracle`, `pairs` or `faults`.
    pub invariant: String,
    /// What the invariant says.
    pub meaning: String,
    /// Null where the input names no tenant.
    pub tenant: Option<String>,
    pub resource_tenant: Option<String>,
    /// Null where no single input shows it: I8 and I9.
    pub input: Option<Value>,
    pub decision: Option<Answer>,
    /// How many fields differ from the nearest input that may be allowed.
    pub distance: Option<u64>,
    /// The damage to the data that the input needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Damage>,
    /// The case as a Rego test that fails today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rego_test: Option<String>,
}

/// A node of the compiled data that is missing or holds something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Damage {
    /// JSON pointer.
    pub pointer: String,
    /// Absent where the node is deleted; null is a value.
    #[serde(default, deserialize_with = "super::decision::present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// What was shown of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Isolation {
    pub tenant: String,
    pub region: String,
    pub labels: Vec<String>,
    /// Kind to the rank of the highest class that is allowed.
    pub data_classes: BTreeMap<String, u64>,
    /// SHA-256 of region, labels and data_classes: equal for tenants that are treated alike.
    pub signature: String,
    /// The tenant whose points were looked at in its place; absent where it is this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub represented_by: Option<String>,
    pub points: u64,
    pub allow_points: u64,
    /// The first input that is allowed.
    pub witness: Option<Value>,
    /// Code to how many points had it.
    pub deny_counts: BTreeMap<String, u64>,
    /// Other values of resource.tenant that were tried with this tenant.
    pub pairs: u64,
    pub cross_allows: u64,
    pub policy_sha256: String,
    pub data_sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All invariants hold at every point of the complete domain.
    Proved,
    /// A counterexample was found.
    Refuted,
    /// Nothing can be concluded; `reasons` says why.
    Unproved,
}

/// Which tenants were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every tenant stands for itself.
    Full,
    /// Two tenants stand for all of equal region, labels and classes.
    Classes,
}

/// Which points of the product of all values were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of them.
    Complete,
    /// All that are well-formed; of the malformed ones those with one or two malformed fields beside two tenants and one
    /// stranger. Only where the syntax tree shows that malformed requests are denied.
    Twos,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    pub id: String,
    pub checked: u64,
    pub violated: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Symmetry {
    /// Tenants are told apart by their data alone, so that two of equal data can stand for all.
    pub sound: bool,
    pub reasons: Vec<String>,
}

/// The last record: the verdict over the complete domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub mode: Mode,
    pub malformed: Extent,
    pub points: u64,
    pub allows: u64,
    pub cross_tenant_allows: u64,
    pub invariants: Vec<Checked>,
    /// Invariants that the syntax tree shows beside the enumeration: I1, I7.
    pub by_syntax: Vec<String>,
    pub symmetry: Symmetry,
    /// Nodes of the data times their damages; null where the stage was left out.
    pub faults: Option<u64>,
    /// Decisions over damaged data.
    pub fault_points: Option<u64>,
    /// How many of them allow what is denied over the data as it is.
    pub fault_allows: Option<u64>,
    /// Null where the stage was left out.
    pub mutants: Option<Mutants>,
    /// The engine that decided, with its version.
    pub engine: String,
    pub policy_sha256: String,
    pub data_sha256: String,
    /// Of the dimensions as the certificate holds them.
    pub domain_sha256: String,
    /// Over the decisions at all points, in order, as little-endian u64: bit 0 allow, bit i the i-th code.
    pub vector_sha256: Option<String>,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Refuted => "refuted",
            Verdict::Unproved => "unproved",
        }
    }
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Full => "full",
            Mode::Classes => "classes",
        }
    }
}

impl Record for Counterexample {
    const TYPE: &'static str = "govctl.tenant.counterexample/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("BROKEN", self.invariant.clone()),
            ("MEANING", self.meaning.clone()),
            ("DECISION", self.decision.as_ref().map_or_else(String::new, Answer::words)),
            ("INPUT", self.input.as_ref().map_or_else(String::new, Value::to_string)),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        let fault = self.fault.as_ref().map_or_else(String::new, |fault| match &fault.value {
            Some(value) => format!(" with {value} at {}", fault.pointer),
            None => format!(" without {}", fault.pointer),
        });
        let at = self.input.as_ref().map_or_else(String::new, |input| format!(", such as {input}{fault}"));
        let message = format!("{} is broken: {}{at}", self.invariant, self.meaning);
        let mut finding = Finding::new("tenant", "counterexample", Severity::Error, &self.invariant, message);
        let tenant = self.tenant.as_deref().unwrap_or_default();
        finding.fingerprint = fingerprint(&["tenant", "counterexample", &self.invariant, tenant]);
        finding.hint.clone_from(&self.rego_test);
        Some(finding)
    }
}

impl Record for Isolation {
    const TYPE: &'static str = "govctl.tenant.isolation/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("TENANT", self.tenant.clone()),
            ("REGION", self.region.clone()),
            ("POINTS", self.points.to_string()),
            ("ALLOWED", self.allow_points.to_string()),
            ("CROSS-TENANT", self.cross_allows.to_string()),
            ("LOOKED AT", self.represented_by.clone().unwrap_or_else(|| "itself".to_owned())),
        ])
    }
}

impl Record for Proof {
    const TYPE: &'static str = "govctl.tenant.proof/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        Some(vec![
            ("VERDICT", self.verdict.as_str().to_owned()),
            ("MODE", self.mode.as_str().to_owned()),
            ("POINTS", self.points.to_string()),
            ("ALLOWED", self.allows.to_string()),
            ("CROSS-TENANT", self.cross_tenant_allows.to_string()),
            ("WHY", self.reasons.join("; ")),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        // A counterexample has a finding of its own.
        (self.verdict == Verdict::Unproved).then(|| {
            let message = format!(
                "nothing is proved, for {}: {}",
                counted(self.reasons.len() as u64, "reason"),
                self.reasons.join("; ")
            );
            Finding::new("tenant", "unproved", Severity::Error, "isolation", message)
        })
    }
}
