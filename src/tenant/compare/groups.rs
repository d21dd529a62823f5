//! Points that are decided otherwise, by what changes for whom and why.

use std::collections::BTreeMap;

use super::near::Near;
use super::plan::{Plan, Who};
use crate::record::Severity;
use crate::record::tenant::decision::{Answer, DenyCode};
use crate::record::tenant::{Access, Cause, Change};
use crate::tenant::decide::EVAL_ERROR;
use crate::tenant::field::Field;
use crate::tenant::word::{UNDECIDED, answer};

/// What two decisions are to each other; None where nothing that counts has changed.
pub fn change(base: u64, head: u64) -> Option<Change> {
    let allows = |word: u64| word != UNDECIDED && word & 1 == 1;
    match (allows(base), allows(head)) {
        (false, true) => Some(Change::Granted),
        (true, false) => Some(Change::Revoked),
        (false, false) if base != head => Some(Change::Recoded),
        _ => None,
    }
}

type Group = (Change, Who, Who, Cause);

/// The points of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Of the one that is shown: how many fields it is away from what base allows, its number, and both decisions.
    distance: usize,
    key: u64,
    words: [u64; 2],
    points: u64,
}

#[derive(Default)]
pub struct Groups(BTreeMap<Group, Found>);

impl Groups {
    pub fn add(&mut self, plan: &Plan, near: &Near, key: u64, words: [u64; 2], cause: Cause) {
        let Some(change) = change(words[0], words[1]) else { return };
        let digits = plan.domain.digits(key);
        let who = |field: Field| plan.who(field, digits[field as usize]);
        let group = (change, who(Field::Tenant), who(Field::Owner), cause);
        let below = self.0.get(&group).map_or(7, |found| found.distance + 1);
        self.join(group, Found { distance: near.distance(&digits, below), key, words, points: 1 });
    }

    fn join(&mut self, group: Group, other: Found) {
        let joined = match self.0.get(&group) {
            None => other,
            Some(found) => Found { points: found.points + other.points, ..*found.min(&other) },
        };
        self.0.insert(group, joined);
    }

    pub fn with(mut self, other: Groups) -> Groups {
        other.0.into_iter().for_each(|(group, found)| self.join(group, found));
        self
    }

    /// In the order of change, tenant, owner and cause; of tenants' own resources one for each tenant.
    pub fn access(self, plan: &Plan) -> Vec<Access> {
        let mut all: Vec<Access> = self.0.into_iter().flat_map(|(group, found)| records(plan, group, found)).collect();
        let order = |a: &Access| (a.change, a.tenant.clone(), a.resource_tenant.clone(), a.cause);
        all.sort_by_cached_key(order);
        all
    }
}

fn records(plan: &Plan, (change, tenant, owner, cause): Group, found: Found) -> Vec<Access> {
    let digits = plan.domain.digits(found.key);
    let id = |who: Who| who.map(|(class, place)| plan.fleet.classes[class].members[place].to_owned());
    let own = tenant.filter(|_| tenant == owner).map(|(class, _)| &plan.fleet.classes[class]);
    let is_note = match change {
        // Whom base does not know: it comes with what was reviewed with it, unless the policy alone lets it in.
        Change::Granted => own.is_some_and(|class| class.added) && cause != Cause::Policy,
        Change::Revoked | Change::Recoded => true,
    };
    let shown = Access {
        change,
        cause,
        severity: if is_note { Severity::Note } else { Severity::Error },
        tenant: id(tenant),
        resource_tenant: id(owner),
        points: found.points,
        pairs: plan.alike(tenant, owner),
        input: plan.domain.document(&digits),
        base: side(found.words[0], &plan.codes),
        head: side(found.words[1], &plan.codes),
        accepted_by: None,
    };
    let Some(class) = own else { return vec![shown] };
    let of = |id: &&str| {
        let mut of =
            Access { tenant: Some((*id).to_owned()), resource_tenant: Some((*id).to_owned()), ..shown.clone() };
        for field in [Field::Tenant, Field::Owner] {
            let (object, member) = field.place();
            of.input[object][member] = (*id).into();
        }
        of
    };
    class.members.iter().map(of).collect()
}

/// Where nothing is decided, nothing is allowed.
fn side(word: u64, codes: &[String]) -> Answer {
    let undecided = || Answer { allow: false, deny: vec![DenyCode { code: EVAL_ERROR.to_owned() }] };
    answer(word, codes).unwrap_or_else(undecided)
}
