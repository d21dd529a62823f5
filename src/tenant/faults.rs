//! Damaged data: every node of the compiled data is deleted and replaced in turn. Damage may only take access away.

use serde_json::{Value as Json, json};

use super::decide::engine_value;
use super::domain::{Digits, Domain, Extent};
use super::field::Field;
use super::oracle::{Deny, Oracle};
use super::parallel::in_parallel;
use super::uses::Uses;
use crate::policy::{Evaluator, Limits, Policy, Sources, Value};
use crate::tenants::data::Data;

/// One damaged node.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The keys that lead to it; places in a list are numbers.
    pub path: Vec<String>,
    /// What stands there instead; None where the node is deleted.
    pub instead: Option<Json>,
}

/// A denied input that damage makes allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Widened {
    pub fault: Fault,
    pub digits: Digits,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    pub faults: u64,
    /// Evaluations over damaged data.
    pub points: u64,
    /// How many of them allow what is denied over the data as it is.
    pub allows: u64,
    /// The first fault that grants access, with the first input that it grants it to.
    pub widened: Option<Widened>,
}

/// Which points a fault can change, by how the policy uses its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// A tenant's data are read only by its id in the input: damage to them changes nothing for others.
    by_id: bool,
    /// resource.tenant is only compared with tenant.id: few others stand for all others.
    few_others: bool,
    /// Malformed requests are denied whatever the data say.
    well_formed: bool,
}

impl Reach {
    /// Whatever the policy does.
    pub const ALL: Reach = Reach { by_id: false, few_others: false, well_formed: false };

    pub fn of(uses: &Uses) -> Reach {
        let by_id = uses.asymmetric.is_empty();
        Reach { by_id, few_others: by_id && !uses.owner_is_key, well_formed: uses.guards.well_formed }
    }
}

/// Everything that the stage depends on.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    pub sources: &'a Sources,
    /// The complete compiled data.
    pub data: &'a Data,
    pub oracle: &'a Oracle,
    /// Holds the tenants whose data are damaged.
    pub domain: &'a Domain,
    pub reach: Reach,
}

impl Stage<'_> {
    /// All faults, on so many threads. An error is data that the policy cannot be loaded with.
    pub fn run(&self, jobs: usize) -> Result<Outcome, String> {
        let (faults, denied) = (faults(self.data, self.domain), self.denied(&mut self.own()?));
        let parts = in_parallel(jobs, faults.len(), || self.own(), |own, at| own.granted(self, &faults[at], &denied))?;
        let first = parts.iter().zip(&faults).find_map(|(granted, fault)| Some((granted.first?, fault)));
        Ok(Outcome {
            faults: faults.len() as u64,
            points: parts.iter().map(|granted| granted.points).sum(),
            allows: parts.iter().map(|granted| granted.allows).sum(),
            widened: first.map(|(digits, fault)| Widened { fault: fault.clone(), digits }),
        })
    }

    /// The first fault that grants access; what comes behind it is not looked at.
    pub fn first(&self) -> Result<Option<Widened>, String> {
        let mut own = self.own()?;
        let denied = self.denied(&mut own);
        for fault in faults(self.data, self.domain) {
            if let Some(digits) = own.granted(self, &fault, &denied)?.first {
                return Ok(Some(Widened { fault, digits }));
            }
        }
        Ok(None)
    }

    /// What the policy denies of the points that damage could grant.
    fn denied(&self, own: &mut Own) -> Vec<Digits> {
        self.near().into_iter().filter(|digits| !own.allows(digits)).collect()
    }

    /// Of the well-formed points those that the table denies with one code at most; of the malformed ones those that one
    /// field keeps from being allowed. What is allowed comes first.
    pub fn near(&self) -> Vec<Digits> {
        let (mut allowed, mut denied) = (Vec::new(), Vec::new());
        let twos = self.domain.with(Extent::Twos);
        for digits in (0..twos.well_formed()).map(|point| twos.digits(point)) {
            let denies = self.oracle.decide(&twos.request(&digits));
            let other = self.reach.few_others && denies.contains(Deny::TenantMismatch) && !is_next(&digits);
            match denies.bits().count_ones() {
                0 => allowed.push(digits),
                1 if !other => denied.push(digits),
                _ => {}
            }
        }
        let spoiled = |digits: &Digits| -> Vec<Digits> {
            let bad = |field: Field| (0..self.domain.dimension(field).len()).map(move |digit| (field, digit));
            let all = Field::ALL.into_iter().flat_map(bad);
            let malformed = all.filter(|(field, digit)| !self.domain.dimension(*field)[*digit].well_formed);
            malformed.map(|(field, digit)| changed(digits, field, digit)).collect()
        };
        let malformed: Vec<_> = match self.reach.well_formed {
            true => Vec::new(),
            false => allowed.iter().flat_map(spoiled).collect(),
        };
        allowed.into_iter().chain(denied).chain(malformed).collect()
    }

    /// Whether a fault can change the decision at a point.
    fn reaches(&self, fault: &Fault, digits: &Digits) -> bool {
        let id = match fault.path.as_slice() {
            [root, id, ..] if root == "tenants" && self.reach.by_id => id,
            _ => return true,
        };
        [Field::Tenant, Field::Owner].into_iter().any(|field| {
            let item = &self.domain.dimension(field)[digits[field as usize]];
            item.json.as_ref().is_some_and(|json| json == id)
        })
    }

    fn own(&self) -> Result<Own, String> {
        let policy = Policy::compile(self.sources).map_err(|fault| fault.message)?;
        let data = engine_value(self.data);
        Ok(Own { machine: policy.evaluator(&data, Limits::default())?, domain: self.domain.apart(), data })
    }
}

pub fn changed(digits: &Digits, field: Field, digit: usize) -> Digits {
    let mut changed = *digits;
    changed[field as usize] = digit;
    changed
}

/// Of all tenants the one behind the asking one, or the first.
fn is_next(digits: &Digits) -> bool {
    let [tenant, owner] = [Field::Tenant, Field::Owner].map(|field| digits[field as usize]);
    owner == tenant + 1 || owner == 0
}

/// What a thread shares with no other.
struct Own {
    domain: Domain,
    machine: Evaluator,
    data: Value,
}

/// What one fault grants: at how many points, and at which first.
struct Granted {
    points: u64,
    allows: u64,
    first: Option<Digits>,
}

impl Own {
    fn granted(&mut self, stage: &Stage, fault: &Fault, denied: &[Digits]) -> Result<Granted, String> {
        self.machine.set_data(fault.damage(&self.data))?;
        let mut granted = Granted { points: 0, allows: 0, first: None };
        for digits in denied.iter().filter(|digits| stage.reaches(fault, digits)) {
            granted.points += 1;
            if self.allows(digits) {
                granted.allows += 1;
                granted.first = granted.first.or(Some(*digits));
            }
        }
        Ok(granted)
    }

    /// What is not decided is not allowed.
    fn allows(&mut self, digits: &Digits) -> bool {
        self.machine.decide(self.domain.input(digits)).is_ok_and(|decision| decision.allow)
    }
}

impl Fault {
    /// As RFC 6901 writes the path.
    pub fn pointer(&self) -> String {
        self.path.iter().map(|key| format!("/{}", crate::text::pointer_key(key))).collect()
    }

    /// The data with this damage; what lies beside it is shared.
    pub fn damage(&self, data: &Value) -> Value {
        damaged(data, &self.path, self.instead.as_ref())
    }
}

fn damaged(node: &Value, path: &[String], instead: Option<&Json>) -> Value {
    let Some((key, rest)) = path.split_first() else { return instead.map_or(Value::Undefined, engine) };
    let mut copy = node.clone();
    let deleted = rest.is_empty() && instead.is_none();
    if let Ok(members) = copy.as_object_mut() {
        let key = Value::from(key.as_str());
        if deleted {
            members.remove(&key);
        } else if let Some(member) = members.get_mut(&key) {
            *member = damaged(member, rest, instead);
        }
    } else if let (Ok(items), Ok(at)) = (copy.as_array_mut(), key.parse::<usize>()) {
        if deleted {
            let kept = items.iter().enumerate().filter(|(place, _)| *place != at);
            *items = kept.map(|(_, item)| item.clone()).collect();
        } else if let Some(item) = items.get_mut(at) {
            *item = damaged(item, rest, instead);
        }
    }
    copy
}

fn engine(json: &Json) -> Value {
    Value::from(json.clone())
}

/// All single faults of what a policy may read: of the tenants those that the domain holds.
pub fn faults(data: &Data, domain: &Domain) -> Vec<Fault> {
    let json = serde_json::to_value(data).unwrap_or_default();
    let ids = domain.dimension(Field::Tenant).iter().filter_map(|item| item.json.as_ref()?.as_str());
    let ids: Vec<&str> = ids.collect();
    let mut paths = Vec::new();
    for root in ["classifications", "regions", "tenants"] {
        paths.push(vec![root.to_owned()]);
        for (key, node) in json[root].as_object().into_iter().flatten() {
            if root != "tenants" || ids.contains(&key.as_str()) {
                nodes(node, vec![root.to_owned(), key.clone()], &mut paths);
            }
        }
    }
    let instead = instead(&json);
    let of_node = |path: Vec<String>| -> Vec<Fault> {
        let replaced = instead.iter().cloned().map(Some);
        std::iter::once(None).chain(replaced).map(|instead| Fault { path: path.clone(), instead }).collect()
    };
    paths.into_iter().flat_map(of_node).collect()
}

/// A value of every type, and those that unguarded comparisons were seen to fall for.
fn instead(data: &Json) -> [Json; 9] {
    // A text that is a name in the data would be other data, not damage.
    let text = data.to_string();
    let strange = (1..).map(|n| "x".repeat(n)).find(|x| !text.contains(&format!("\"{x}\""))).unwrap_or_default();
    let [null, one] = [json!([null]), json!([1])];
    // The list of 1 is a table of ranks for numbers that nobody guards.
    [json!(null), json!(true), json!(strange), json!("9"), json!(""), json!([]), json!({}), null, one]
}

/// A node and all below it.
fn nodes(node: &Json, path: Vec<String>, paths: &mut Vec<Vec<String>>) {
    let below = |key: String| path.iter().cloned().chain([key]).collect::<Vec<_>>();
    paths.push(path.clone());
    match node {
        Json::Object(members) => members.iter().for_each(|(key, node)| nodes(node, below(key.clone()), paths)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, node)| nodes(node, below(at.to_string()), paths));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
