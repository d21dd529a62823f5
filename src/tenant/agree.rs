//! Whether the two engines decide alike: points of the domain on both, before a policy decides anything that counts.

use std::collections::BTreeSet;

use super::decide::engine_value;
use super::domain::{Digits, Domain, Item};
use super::field::Field;
use super::further::Further;
use super::uses::Uses;
use crate::policy::code::Code;
use crate::policy::{Decision, Fault, Limits, Policy, Sources, Undecided, Value, parse_all};
use crate::tenants::data::{Data, Rules};

/// How many inputs are tried.
pub const TRIED: usize = 256;
/// Of a large fleet so many tenants are in the domain, and so many of them ask.
const TENANTS: usize = 20;
const ASKING: usize = 8;

/// At most `most` of them, evenly spread, the first among them.
fn spread<T>(all: Vec<T>, most: usize) -> impl Iterator<Item = T> {
    let step = all.len().div_ceil(most).max(1);
    all.into_iter().step_by(step)
}

/// The points that are tried: requests that the table of codes allows, these with one field changed, then with two.
fn points(domain: &Domain, data: &Data) -> Vec<Digits> {
    let able = |rules: &Rules| !rules.labels.is_empty() && !rules.data_classes.is_empty();
    let able = data.tenants.iter().filter(|(_, rules)| able(rules)).collect();
    let mut bases: Vec<Digits> = spread(able, ASKING).filter_map(|(id, rules)| base(domain, data, id, rules)).collect();
    if bases.is_empty() {
        bases.push([0; 8]);
    }
    let changed = |base: &Digits, field: usize, value: usize| {
        let mut digits = *base;
        digits[field] = value;
        digits
    };
    let sizes = Field::ALL.map(|field| domain.dimension(field).len());
    // One field of all before two of any: then each value was tried, however little room there is.
    let mut points = bases.clone();
    // Who nobody knows, with what is theirs: the ids have one place in both dimensions.
    let unknown = |item: &Item| {
        item.json.as_ref().and_then(|json| json.as_str()).is_some_and(|id| !data.tenants.contains_key(id))
    };
    if let Some(stranger) = domain.dimension(Field::Tenant).iter().position(unknown) {
        let [tenant, owner] = [Field::Tenant as usize, Field::Owner as usize];
        points.extend(bases.iter().map(|base| changed(&changed(base, tenant, stranger), owner, stranger)));
    }
    for base in &bases {
        for (field, size) in sizes.iter().enumerate() {
            points.extend((0..*size).map(|value| changed(base, field, value)));
        }
    }
    for base in &bases {
        for (field, size) in sizes.iter().enumerate() {
            let next = (field + 1) % sizes.len();
            points
                .extend((0..*size).map(|value| changed(&changed(base, field, value), next, (value + 1) % sizes[next])));
        }
    }
    let mut seen = BTreeSet::new();
    points.retain(|digits| seen.insert(*digits));
    points.truncate(TRIED);
    points
}

/// A request that may be allowed; None where a tenant is not in the domain.
fn base(domain: &Domain, data: &Data, id: &str, rules: &Rules) -> Option<Digits> {
    let (kind, ceiling) = rules.data_classes.iter().next()?;
    let class = data.classifications.iter().find(|(_, rank)| *rank == ceiling)?.0;
    let values = [
        None,
        Some(id),
        Some(id),
        Some(rules.region.as_str()),
        Some(kind),
        rules.labels.first().map(String::as_str),
        Some(class),
    ];
    let mut digits = [0; 8];
    for ((field, value), digit) in Field::ALL.into_iter().zip(values).zip(&mut digits) {
        let Some(value) = value else { continue };
        *digit =
            domain.dimension(field).iter().position(|item| item.json.as_ref().is_some_and(|json| json == value))?;
    }
    Some(digits)
}

/// The domain of a policy that passed its checks, and the points of it that are tried.
pub fn tried(sources: &Sources, data: &Data) -> Result<(Domain, Vec<Digits>), Vec<Fault>> {
    let ids = spread(data.tenants.keys().collect(), TENANTS).map(String::as_str).collect();
    let domain = Domain::new(&[&Uses::of(&parse_all(sources)?, &Further::default())], &[data], &ids);
    let points = points(&domain, data);
    Ok((domain, points))
}

/// The first input on which the virtual machine and the interpreter differ. The files must have passed their checks.
pub fn check(sources: &Sources, data: &Data) -> Result<(), Vec<Fault>> {
    let failed = |message: String| vec![Fault::of_nothing(Code::EngineDisagreement, &message)];
    let (domain, points) = tried(sources, data)?;
    let policy = Policy::compile(sources).map_err(|fault| vec![fault])?;
    let value = engine_value(data);
    let mut fast = policy.evaluator(&value, Limits::default()).map_err(failed)?;
    let mut slow = policy.interpreter(&value, Limits::default()).map_err(failed)?;
    // What is no input document at all, and then requests.
    let strange = ["null", "[]", "{}", "\"x\"", r#"{"subject":1,"tenant":[],"resource":"x","context":null}"#];
    let strange = strange.into_iter().filter_map(|text| Value::from_json_str(text).ok());
    for input in strange.chain(points.iter().map(|digits| domain.input(digits))) {
        let (a, b) = (fast.decide(input.clone()), slow.decide(input.clone()));
        if a.as_ref().ok() != b.as_ref().ok() {
            return Err(failed(format!("the virtual machine {}, the interpreter {}: {input}", said(&a), said(&b))));
        }
    }
    Ok(())
}

fn said(decided: &Result<Decision, Undecided>) -> String {
    match decided {
        Ok(Decision { allow: true, .. }) => "allows".to_owned(),
        Ok(Decision { deny, .. }) => format!("denies ({})", deny.join(" ")),
        Err(undecided) => format!("decides nothing ({undecided})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::File;
    use crate::tenant::oracle::{Deny, Oracle};

    /// The table of codes says what each input is, whatever any policy says.
    #[test]
    fn every_code_alone_and_every_allowed_class_is_tried() {
        let text = include_str!("../../policies/switchboard/switchboard.rego").to_owned();
        let sources = Sources::new(vec![File { name: "p.rego".into(), shown: "p.rego".into(), text }]);
        let bytes = include_bytes!("../../policies/data/tenants.json");
        let (data, oracle) = (Data::read(bytes).unwrap(), Oracle::new(bytes).unwrap());
        let (domain, points) = tried(&sources, &data).unwrap();
        assert_eq!(points.len(), TRIED);
        let decided: Vec<_> = points.iter().map(|digits| oracle.decide(&domain.request(digits))).collect();
        for code in Deny::ALL {
            assert!(decided.iter().any(|denies| denies.iter().eq([code])), "{code:?}");
        }
        let allowed = points.iter().zip(&decided).filter(|(_, denies)| denies.is_empty());
        let class = |digits: &Digits| domain.document(digits)["resource"]["classification"].to_string();
        let classes: BTreeSet<String> = allowed.map(|(digits, _)| class(digits)).collect();
        assert!(classes.contains("\"public\"") && classes.contains("0") && classes.contains("1.0"), "{classes:?}");
    }
}
