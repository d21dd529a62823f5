//! The oracle: the table of codes in plain Rust, to hold the policy's decisions against. It shares nothing with the policy
//! but the data and the table, and it is written to be read beside the table, stage by stage.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::FixedState;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};

/// Why a request is denied, in the order of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deny {
    Malformed,
    Unauthenticated,
    UnknownTenant,
    TenantMismatch,
    Residency,
    Classification,
    Label,
}

impl Deny {
    pub const ALL: [Deny; 7] = [
        Deny::Malformed,
        Deny::Unauthenticated,
        Deny::UnknownTenant,
        Deny::TenantMismatch,
        Deny::Residency,
        Deny::Classification,
        Deny::Label,
    ];

    /// The code as the policy spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Deny::Malformed => "MALFORMED",
            Deny::Unauthenticated => "UNAUTHENTICATED",
            Deny::UnknownTenant => "UNKNOWN_TENANT",
            Deny::TenantMismatch => "TENANT_MISMATCH",
            Deny::Residency => "RESIDENCY",
            Deny::Classification => "CLASSIFICATION",
            Deny::Label => "LABEL",
        }
    }
}

/// All codes of one decision. None means allowed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Denies(u8);

impl Denies {
    pub const fn only(code: Deny) -> Denies {
        Denies(1 << code as u8)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn contains(self, code: Deny) -> bool {
        self.0 & (1 << code as u8) != 0
    }

    /// Bit i stands for the i-th code of [`Deny::ALL`].
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// In the order of the stages.
    pub fn iter(self) -> impl Iterator<Item = Deny> {
        Deny::ALL.into_iter().filter(move |code| self.contains(*code))
    }

    fn add_if(&mut self, fires: bool, code: Deny) {
        self.0 |= u8::from(fires) << code as u8;
    }
}

impl fmt::Debug for Denies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Deny::as_str)).finish()
    }
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given<'a> {
    Missing,
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    /// A list or an object.
    Other,
}

impl<'a> From<Option<&'a Value>> for Given<'a> {
    fn from(value: Option<&'a Value>) -> Self {
        match value {
            None => Given::Missing,
            Some(Value::Null) => Given::Null,
            Some(Value::Bool(b)) => Given::Bool(*b),
            // A number that f64 cannot hold does not get past the parser.
            Some(Value::Number(n)) => Given::Number(n.as_f64().unwrap_or(f64::NAN)),
            Some(Value::String(text)) => Given::Text(text),
            Some(Value::Array(_) | Value::Object(_)) => Given::Other,
        }
    }
}

/// The seven fields that decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request<'a> {
    pub authenticated: Given<'a>,
    /// tenant.id: who asks.
    pub tenant: Given<'a>,
    /// resource.tenant: whose it is.
    pub owner: Given<'a>,
    pub kind: Given<'a>,
    pub classification: Given<'a>,
    pub label: Given<'a>,
    pub region: Given<'a>,
}

impl<'a> Request<'a> {
    /// Of an input document. What lies in something that is no object is missing.
    pub fn from_json(input: &'a Value) -> Self {
        let field = |object: &str, name: &str| input.get(object).and_then(|o| o.get(name)).into();
        Request {
            authenticated: field("subject", "authenticated"),
            tenant: field("tenant", "id"),
            owner: field("resource", "tenant"),
            kind: field("resource", "kind"),
            classification: field("resource", "classification"),
            label: field("resource", "label"),
            region: field("context", "region"),
        }
    }
}

type Map<V> = HashMap<String, V, FixedState>;

#[derive(Debug, Deserialize)]
struct Tenant {
    region: String,
    labels: Vec<String>,
    /// Kind to the highest rank.
    data_classes: Map<u32>,
}

/// Compiled data, ready to be asked.
#[derive(Debug, Deserialize)]
pub struct Oracle {
    tenants: Map<Tenant>,
    /// Class to rank.
    classifications: Map<u32>,
    /// Region to all that it lies in, itself among them.
    regions: Map<Vec<String>>,
}

impl Oracle {
    /// From the bytes of a data.json that `tenants::compile` made; other roots than those that decide are passed over.
    pub fn new(data: &[u8]) -> Result<Oracle> {
        serde_json::from_slice(data).map_err(|e| {
            Error::input(format!("this is no compiled data: {e}"))
                .hint("`govctl tenant compile` makes it of tenants.yaml")
        })
    }

    pub fn decide(&self, request: &Request<'_>) -> Denies {
        use Given::{Bool, Number, Text};
        let Request { authenticated, tenant, owner, kind, classification, label, region } = *request;

        // Stage 1, alone.
        let (Bool(authenticated), Text(tenant), Text(owner), Text(kind), Text(label), Text(region)) =
            (authenticated, tenant, owner, kind, label, region)
        else {
            return Denies::only(Deny::Malformed);
        };
        let rank = match classification {
            Text(name) => self.classifications.get(name).copied().map(f64::from),
            Number(value) => self.is_rank(value).then_some(value),
            _ => return Denies::only(Deny::Malformed),
        };

        // Stage 2, of every well-formed request.
        let mut denies = Denies::default();
        let known = self.tenants.get(tenant);
        denies.add_if(!authenticated, Deny::Unauthenticated);
        denies.add_if(known.is_none(), Deny::UnknownTenant);
        denies.add_if(tenant != owner, Deny::TenantMismatch);

        // Stage 3, of a known tenant.
        if let Some(rules) = known {
            let home = self.regions.get(region).is_some_and(|places| places.contains(&rules.region));
            let ceiling = rules.data_classes.get(kind).copied().map(f64::from);
            let class = rank.zip(ceiling).is_some_and(|(rank, ceiling)| rank <= ceiling);
            denies.add_if(!home, Deny::Residency);
            denies.add_if(!class, Deny::Classification);
            denies.add_if(!rules.labels.iter().any(|held| held == label), Deny::Label);
        }
        denies
    }

    /// By value: 1, 1.0 and 1e0 are one rank, and -0.0 is rank 0.
    fn is_rank(&self, value: f64) -> bool {
        self.classifications.values().any(|rank| f64::from(*rank) == value)
    }
}

#[cfg(test)]
mod tests;
