//! `govctl.tenant.access/1`: access that a change adds, takes away or denies with other codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decision::Answer;
use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};
use crate::text::counted;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Denied before, allowed now.
    Granted,
    /// Allowed before, denied now.
    Revoked,
    /// Denied before and now, with other codes.
    Recoded,
}

/// The first of the parts of a change that alone gives the new answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Policy,
    /// Classes or regions.
    Catalog,
    TenantAdded,
    /// Or removed.
    TenantChanged,
    /// None of them alone.
    Combined,
}

/// All points of one kind of change, for one pair of tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    pub change: Change,
    pub cause: Cause,
    pub severity: Severity,
    /// The id of the request's tenant; null where it is no tenant's on either side.
    pub tenant: Option<String>,
    /// The id of the resource's tenant; null where it is no tenant's on either side.
    pub resource_tenant: Option<String>,
    /// How many inputs of the complete domain that name these two change so.
    pub points: u64,
    /// How many pairs of tenants change so, this one included: more than one where tenants of equal data stand for others.
    pub pairs: u64,
    /// The smallest of them: fewest fields away from one that base allows, then first in the order of the domain.
    pub input: Value,
    pub base: Answer,
    pub head: Answer,
    /// Who answers for the grant, where the list of reviewed grants names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Granted => "granted",
            Change::Revoked => "revoked",
            Change::Recoded => "recoded",
        }
    }
}

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Policy => "policy",
            Cause::Catalog => "catalog",
            Cause::TenantAdded => "tenant_added",
            Cause::TenantChanged => "tenant_changed",
            Cause::Combined => "combined",
        }
    }
}

impl Record for Access {
    const TYPE: &'static str = "govctl.tenant.access/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let name = |id: &Option<String>| id.clone().unwrap_or_else(|| "(none)".to_owned());
        Some(vec![
            ("CHANGE", self.change.as_str().to_owned()),
            ("SEVERITY", self.severity.as_str().to_owned()),
            ("TENANT", name(&self.tenant)),
            ("RESOURCE OF", name(&self.resource_tenant)),
            ("CAUSE", self.cause.as_str().to_owned()),
            ("POINTS", self.points.to_string()),
            ("PAIRS", self.pairs.to_string()),
            ("BASE", self.base.words()),
            ("HEAD", self.head.words()),
            ("EXAMPLE", self.input.to_string()),
        ])
    }

    fn finding(&self) -> Option<Finding> {
        let name = |id: &Option<String>| id.clone().unwrap_or_else(|| "no tenant".to_owned());
        let (tenant, of) = (name(&self.tenant), name(&self.resource_tenant));
        let code = format!("access_{}", self.change.as_str());
        let message = format!(
            "access of {tenant} to what belongs to {of}: {} {}, such as {}",
            counted(self.points, "input"),
            self.change.as_str(),
            self.input
        );
        let mut finding = Finding::new("tenant", &code, self.severity, &tenant, message);
        finding.fingerprint = fingerprint(&["tenant", &code, &tenant, &of, self.cause.as_str()]);
        finding.count = Some(self.points);
        Some(finding)
    }
}
