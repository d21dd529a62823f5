//! The parts of a change, and base with one of them alone: what a reviewer would see if only that part were merged.
//!
//! Compiled data hold ranks, and a rank means another class once one is inserted. What people review are names, so the
//! ceilings of a tenant are carried from one side to the other by the names of their classes.

use std::collections::BTreeSet;

use super::Side;
use crate::record::tenant::Cause;
use crate::tenants::data::{Data, Rules};

/// Base with one part of the change.
pub struct Part {
    pub cause: Cause,
    pub side: Side,
}

/// The parts that there are, in the order in which causes are named.
pub struct Parts(Vec<Part>);

impl Parts {
    pub fn of(base: &Side, head: &Side) -> Parts {
        let (before, after) = (&base.data, &head.data);
        let catalog = before.classifications != after.classifications || before.regions != after.regions;
        let added: BTreeSet<&String> = after.tenants.keys().filter(|id| !before.tenants.contains_key(*id)).collect();
        let changed = |(id, rules): &(&String, &Rules)| {
            after.tenants.get(*id).is_none_or(|other| by_name(before, rules) != by_name(after, other))
        };
        let changed: BTreeSet<&String> = before.tenants.iter().filter(changed).map(|(id, _)| id).collect();
        let with = |data: Data| Side { sources: base.sources.clone(), data };
        let mut parts = Vec::new();
        let mut part = |cause: Cause, side: Side| parts.push(Part { cause, side });
        if !same_policy(base, head) {
            part(Cause::Policy, Side { sources: head.sources.clone(), data: before.clone() });
        }
        if catalog {
            part(Cause::Catalog, with(with_catalog(before, after)));
        }
        if !added.is_empty() {
            part(Cause::TenantAdded, with(with_tenants(before, after, &added)));
        }
        if !changed.is_empty() {
            part(Cause::TenantChanged, with(with_tenants(before, after, &changed)));
        }
        Parts(parts)
    }

    /// Nothing that a policy may read has changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }

    pub fn has(&self, cause: Cause) -> bool {
        self.0.iter().any(|part| part.cause == cause)
    }

    /// The only part, which then is the whole change.
    pub fn only(&self) -> Option<Cause> {
        match self.0.as_slice() {
            [part] => Some(part.cause),
            _ => None,
        }
    }
}

fn same_policy(base: &Side, head: &Side) -> bool {
    base.sources.policy_sha256() == head.sources.policy_sha256()
}

/// What people wrote of a tenant.
fn by_name<'a>(data: &'a Data, rules: &'a Rules) -> (&'a str, &'a [String], Vec<(&'a str, Option<&'a str>)>) {
    let ceilings = rules.data_classes.iter().map(|(kind, rank)| (kind.as_str(), class(data, *rank))).collect();
    (&rules.region, &rules.labels, ceilings)
}

fn class(data: &Data, rank: u64) -> Option<&str> {
    data.classifications.iter().find(|(_, of)| **of == rank).map(|(class, _)| class.as_str())
}

/// The rules of a tenant of one side beside the classes of another. A ceiling whose class is not there allows nothing.
fn carried(rules: &Rules, from: &Data, to: &Data) -> Rules {
    let rank = |rank: u64| class(from, rank).and_then(|class| to.classifications.get(class)).copied();
    let ceilings = rules.data_classes.iter().filter_map(|(kind, of)| Some((kind.clone(), rank(*of)?)));
    Rules { data_classes: ceilings.collect(), labels: rules.labels.clone(), region: rules.region.clone() }
}

fn with_catalog(before: &Data, after: &Data) -> Data {
    Data {
        classifications: after.classifications.clone(),
        regions: after.regions.clone(),
        router: before.router.clone(),
        tenants: before.tenants.iter().map(|(id, rules)| (id.clone(), carried(rules, before, after))).collect(),
    }
}

/// Base, with these tenants as they are in head: there, or not. A home that base does not declare comes with its tenant, as
/// it does in a list of tenants without a list of regions.
fn with_tenants(before: &Data, after: &Data, ids: &BTreeSet<&String>) -> Data {
    let mut data = before.clone();
    for id in ids {
        let Some(rules) = after.tenants.get(*id) else {
            data.tenants.remove(*id);
            continue;
        };
        data.tenants.insert((*id).clone(), carried(rules, after, before));
        for region in after.regions.get(&rules.region).into_iter().flatten() {
            if let Some(within) = after.regions.get(region) {
                data.regions.entry(region.clone()).or_insert_with(|| within.clone());
            }
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    /// acme: audit up to the class `ceiling`, of these classes in ascending order.
    fn side(classes: &[&str], ceiling: &str) -> Side {
        let ranks: Vec<String> =
            classes.iter().enumerate().map(|(rank, class)| format!("\"{class}\":{rank}")).collect();
        let ceiling = classes.iter().position(|class| *class == ceiling).unwrap();
        let text = format!(
            "{{\"classifications\":{{{}}},\"regions\":{{\"EU\":[\"EU\"]}},\"router\":{{\"tenants\":{{}}}},\"tenants\":{{\"acme\":{{\"data_classes\":{{\"audit\":{ceiling}}},\"labels\":[],\"region\":\"EU\"}}}}}}",
            ranks.join(",")
        );
        Side { sources: crate::policy::Sources::default(), data: Data::read(text.as_bytes()).unwrap() }
    }

    fn causes(base: &Side, head: &Side) -> Vec<Cause> {
        Parts::of(base, head).iter().map(|part| part.cause).collect()
    }

    #[test]
    fn a_class_that_moves_the_ranks_changes_no_tenant() {
        let base = side(&["public", "secret"], "secret");
        let head = side(&["public", "internal", "secret"], "secret");
        assert_eq!(causes(&base, &head), [Cause::Catalog]);
        // With the new classes alone acme's ceiling is still `secret`, which has rank 2 there.
        assert_eq!(Parts::of(&base, &head).0[0].side.data, head.data);
        // `internal` has the rank that `secret` had.
        let lowered = side(&["public", "internal", "secret"], "internal");
        assert_eq!(causes(&base, &lowered), [Cause::Catalog, Cause::TenantChanged]);
        assert_eq!(causes(&base, &base), []);
    }

    #[test]
    fn a_ceiling_of_a_class_that_is_not_there_allows_nothing() {
        let base = side(&["public"], "public");
        let head = side(&["public", "secret"], "secret");
        let parts = Parts::of(&base, &head);
        assert!(parts.0[1].side.data.tenants["acme"].data_classes.is_empty());
    }
}
