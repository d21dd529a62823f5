//! The tenants of both sides, in classes of those that have equal data on both.

use std::collections::{BTreeMap, BTreeSet};

use super::Side;
use crate::tenants::data::Rules;

/// Tenants that are treated alike before and after the change.
#[derive(Debug)]
pub struct Class<'a> {
    /// In the order of their ids. The first stands for all, the second for another one of the class.
    pub members: Vec<&'a str>,
    /// They were added or removed, or their data changed.
    pub changed: bool,
    /// They are tenants after the change only.
    pub added: bool,
}

#[derive(Debug)]
pub struct Fleet<'a> {
    pub classes: Vec<Class<'a>>,
    /// Id to its class and its place there.
    places: BTreeMap<&'a str, (usize, usize)>,
}

impl<'a> Fleet<'a> {
    /// With `alone` every tenant is a class of its own.
    pub fn new(base: &'a Side, head: &'a Side, alone: bool) -> Fleet<'a> {
        type Key<'a> = (Option<&'a Rules>, Option<&'a Rules>, Option<&'a str>);
        let ids: BTreeSet<&str> =
            [base, head].iter().flat_map(|side| side.data.tenants.keys()).map(String::as_str).collect();
        let mut by_rules: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
        for id in ids {
            let of = |side: &'a Side| side.data.tenants.get(id);
            by_rules.entry((of(base), of(head), alone.then_some(id))).or_default().push(id);
        }
        let class = |((before, after, _), members): (Key, Vec<&'a str>)| Class {
            members,
            changed: before != after,
            added: before.is_none(),
        };
        let classes: Vec<Class> = by_rules.into_iter().map(class).collect();
        let place = |(at, class): (usize, &Class<'a>)| -> Vec<_> {
            class.members.iter().enumerate().map(|(place, id)| (*id, (at, place))).collect()
        };
        let places = classes.iter().enumerate().flat_map(place).collect();
        Fleet { classes, places }
    }

    pub fn len(&self) -> u64 {
        self.places.len() as u64
    }

    pub fn place(&self, id: &str) -> Option<(usize, usize)> {
        self.places.get(id).copied()
    }

    pub fn ids(&self) -> impl Iterator<Item = &'a str> {
        self.places.keys().copied()
    }

    /// The first two of each class that is chosen.
    pub fn representatives(&self, chosen: impl Fn(&Class) -> bool) -> BTreeSet<&'a str> {
        let classes = self.classes.iter().filter(|class| chosen(class));
        classes.flat_map(|class| class.members.iter().take(2).copied()).collect()
    }
}
