//! What the lists of tenants know that routes are held against.

use std::collections::BTreeSet;

use crate::tenants::Tenants;

/// The names of one list or of several: known is what one of them knows.
pub struct Known<'a> {
    lists: &'a [Tenants],
    pub classes: BTreeSet<&'a str>,
    pub kinds: BTreeSet<&'a str>,
    pub labels: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    pub fn of(lists: &'a [Tenants]) -> Self {
        let tenants = || lists.iter().flat_map(|list| &list.tenants);
        Known {
            lists,
            classes: lists.iter().flat_map(|list| &list.classes).map(String::as_str).collect(),
            kinds: tenants().flat_map(|tenant| tenant.data_classes.keys()).map(String::as_str).collect(),
            labels: tenants().flat_map(|tenant| &tenant.labels).map(String::as_str).collect(),
        }
    }

    /// Whether there is a tenant that holds the label and may see the kind up to the class.
    pub fn allows(&self, kind: &str, class: &str, label: &str) -> bool {
        self.lists.iter().any(|list| {
            let Some(rank) = list.classes.iter().position(|own| own == class) else { return false };
            list.tenants.iter().any(|tenant| {
                tenant.labels.contains(label) && tenant.data_classes.get(kind).is_some_and(|top| *top >= rank)
            })
        })
    }
}
