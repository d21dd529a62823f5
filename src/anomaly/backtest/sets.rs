//! Which series are judged together: those of a rule, those of named tenants, all.

use super::Tested;
use crate::text::glob;

/// A set that was asked for: tenants by name, `*` for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub tenants: Vec<String>,
}

/// Series that one threshold per detector serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub name: String,
    /// Whether it must pass: named sets where there are some, else every rule and all series together.
    pub gated: bool,
    /// Number of the rule, number of the series in it; ascending.
    pub members: Vec<(usize, usize)>,
}

pub const ALL: &str = "all";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetError {
    /// A rule, another set or all series have this name.
    Taken(String),
    /// No series has a tenant of the set.
    Empty(String),
}

impl Wanted {
    /// `seasonal=nyc_taxi,art_*`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected NAME=TENANT,..., such as seasonal=nyc_taxi,art_*, found {text:?}");
        let (name, tenants) = text.split_once('=').ok_or_else(wrong)?;
        let tenants: Vec<String> = tenants.split(',').map(str::to_owned).collect();
        if name.is_empty() || tenants.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Wanted { name: name.to_owned(), tenants })
    }
}

/// Of each rule, of each name, of all.
pub fn all(rules: &[Tested], wanted: &[Wanted]) -> Result<Vec<Set>, SetError> {
    let of_rule = |(i, rule): (usize, &Tested)| Set {
        name: rule.rule.id.clone(),
        gated: wanted.is_empty(),
        members: (0..rule.series.len()).map(|series| (i, series)).collect(),
    };
    let mut sets: Vec<Set> = rules.iter().enumerate().map(of_rule).collect();
    let everything: Vec<(usize, usize)> = sets.iter().flat_map(|set| set.members.iter().copied()).collect();
    for one in wanted {
        if one.name == ALL || sets.iter().any(|set| set.name == one.name) {
            return Err(SetError::Taken(one.name.clone()));
        }
        let belongs = |(rule, series): &(usize, usize)| {
            let tenant = rules[*rule].key(*series).tenant();
            tenant.is_some_and(|tenant| one.tenants.iter().any(|pattern| glob(pattern, tenant)))
        };
        let members: Vec<(usize, usize)> = everything.iter().copied().filter(belongs).collect();
        if members.is_empty() {
            return Err(SetError::Empty(one.name.clone()));
        }
        sets.push(Set { name: one.name.clone(), gated: true, members });
    }
    sets.push(Set { name: ALL.to_owned(), gated: wanted.is_empty(), members: everything });
    Ok(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_as_a_name_and_tenants() {
        let found = Wanted::parse("seasonal=nyc_taxi,art_*").unwrap();
        assert_eq!((found.name.as_str(), found.tenants), ("seasonal", vec!["nyc_taxi".to_owned(), "art_*".to_owned()]));
        for wrong in ["seasonal", "=a", "s=", "s=a,,b"] {
            assert!(Wanted::parse(wrong).is_err(), "{wrong}");
        }
    }
}
