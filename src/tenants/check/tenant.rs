//! One tenant after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Check, invalid_name, invalid_region};
use crate::tenants::code::Code;
use crate::tenants::grammar::{is_host, is_id, is_name, is_region};
use crate::tenants::raw::{RawQuotas, RawTenant, Text};
use crate::tenants::{Found, MAX_QUOTA, Quotas, Tenant};
use crate::text::{is_hidden, without_middle};
use crate::yaml::{Number, Spanned, is_placeholder};

/// What the tenants before have taken, and what all of them may refer to.
pub struct Fleet<'a> {
    classes: &'a [String],
    ranks: HashMap<&'a str, usize>,
    regions: Option<&'a BTreeSet<String>>,
    /// Id to the line of its first tenant.
    ids: HashMap<String, u64>,
    /// Host to its tenant and line.
    hosts: HashMap<String, (String, u64)>,
}

impl<'a> Fleet<'a> {
    /// `regions`: where the file declares them.
    pub fn new(classes: &'a [String], regions: Option<&'a BTreeSet<String>>) -> Self {
        // Of a class that stands twice the first place counts, as in the list.
        let ranks = classes.iter().enumerate().rev().map(|(rank, class)| (class.as_str(), rank)).collect();
        Fleet { classes, ranks, regions, ids: HashMap::new(), hosts: HashMap::new() }
    }

    pub fn tenant(&mut self, check: &mut Check<'_>, raw: &RawTenant) -> Tenant {
        // The subject of all findings; an endless one would be repeated in each.
        let id = &without_middle(&raw.id.value, 80);
        self.id(check, &raw.id);
        self.region(check, &raw.region, id);
        let labels = raw.labels.as_deref().unwrap_or_default();
        check.names(labels, Some(id), "label");
        let tenant = Tenant {
            id: raw.id.value.clone(),
            name: prose(check, raw.name.as_ref(), id, "name"),
            region: raw.region.value.clone(),
            region_at: raw.region.referenced,
            labels: labels.iter().map(|label| label.value.clone()).collect(),
            data_classes: self.data_classes(check, raw, id),
            owner: prose(check, raw.owner.as_ref(), id, "owner"),
            hosts: self.hosts(check, raw, id),
            quotas: quotas(check, raw.quotas.as_ref(), id),
        };
        let kinds = raw.data_classes.as_ref().map_or(0, |pairs| pairs.0.len());
        let missing = match (labels.is_empty(), kinds == 0) {
            (true, true) => Some("neither labels nor data_classes"),
            (true, false) => Some("no labels"),
            (false, true) => Some("no data_classes"),
            (false, false) => None,
        };
        if let Some(missing) = missing {
            let message = format!("tenant `{id}` has {missing}, so nothing of it can be allowed");
            check.add(Found::new(Code::NothingAllowed, raw.id.referenced, id, "", message));
        }
        if raw.owner.is_none() && check.base.is_some_and(|known| !known.contains(&raw.id.value)) {
            let message = format!("tenant `{id}` is new and has no owner");
            let hint = "add `owner:` with the team or person who answers for it";
            check.add(Found::new(Code::OwnerMissing, raw.id.referenced, id, "", message).hint(hint));
        }
        tenant
    }

    fn id(&mut self, check: &mut Check<'_>, id: &Text) {
        let (text, place, subject) = (&id.value, id.referenced, &without_middle(&id.value, 80));
        if !is_id(text) {
            let found = Found::new(Code::InvalidId, place, subject, "", format!("`{text}` is no tenant id"));
            check.add(found.hint("1 to 63 characters of a-z, 0-9 and `-`, a letter first and no `-` last"));
        }
        if let Some(first) = self.ids.get(text) {
            let message = format!("tenant `{text}` is listed twice, first on line {first}");
            check.add(Found::new(Code::DuplicateId, place, subject, "", message));
        } else {
            self.ids.insert(text.clone(), place.line());
        }
    }

    fn region(&self, check: &mut Check<'_>, region: &Text, id: &str) {
        let text = region.value.as_str();
        match self.regions {
            // Its spelling was looked at where it is declared.
            Some(declared) if declared.contains(text) => {}
            Some(declared) if is_region(text) => {
                let hint = check.near.hint(text, declared.iter().map(String::as_str));
                let message = format!("region `{text}` is not declared");
                check.add(Found::new(Code::UnknownRegion, region.referenced, id, text, message).hint(hint));
            }
            None if is_region(text) => {}
            _ => check.add(invalid_region(region, id)),
        }
    }

    fn data_classes(&self, check: &mut Check<'_>, raw: &RawTenant, id: &str) -> BTreeMap<String, usize> {
        let mut ranks = BTreeMap::new();
        for (kind, class) in raw.data_classes.iter().flat_map(|pairs| &pairs.0) {
            if !is_name(&kind.value) {
                check.add(invalid_name(kind, id, "kind"));
            }
            match self.ranks.get(class.value.as_str()) {
                Some(rank) => drop(ranks.insert(kind.value.clone(), *rank)),
                None => {
                    let hint = check.near.hint(&class.value, self.classes.iter().map(String::as_str));
                    let (field, message) =
                        (format!("data_classes.{}", kind.value), format!("class `{}` is not declared", class.value));
                    check.add(Found::new(Code::UnknownClass, class.referenced, id, field, message).hint(hint));
                }
            }
        }
        ranks
    }

    fn hosts(&mut self, check: &mut Check<'_>, raw: &RawTenant, id: &str) -> BTreeSet<String> {
        let mut hosts = BTreeSet::new();
        for host in raw.hosts.iter().flatten() {
            let (text, place) = (&host.value, host.referenced);
            if !is_host(text) {
                let found =
                    Found::new(Code::InvalidHost, place, id, text, format!("`{text}` is no lower-case DNS name"));
                check.add(found.hint("write it like acme.example.com: without scheme, port, wildcard or final dot"));
            }
            if let Some((owner, line)) = self.hosts.get(text) {
                let message = format!("host `{text}` is that of tenant `{owner}` already, on line {line}");
                check.add(Found::new(Code::DuplicateHost, place, id, text, message));
            } else {
                self.hosts.insert(text.clone(), (id.to_owned(), place.line()));
            }
            hosts.insert(text.clone());
        }
        hosts
    }
}

/// A text for people, which they must be able to read.
fn prose(check: &mut Check<'_>, text: Option<&Text>, id: &str, field: &str) -> Option<String> {
    let text = text?;
    let wrong = if text.value.trim().is_empty() {
        Some("is empty")
    } else if text.value.chars().any(is_hidden) {
        Some("holds characters that cannot be seen")
    } else if field == "owner" && is_placeholder(&text.value) {
        Some("is still a placeholder")
    } else {
        None
    };
    if let Some(wrong) = wrong {
        check.add(Found::new(Code::InvalidText, text.referenced, id, field, format!("`{field}` {wrong}")));
    }
    Some(text.value.clone())
}

fn quotas(check: &mut Check<'_>, raw: Option<&RawQuotas>, id: &str) -> Quotas {
    let Some(raw) = raw else { return Quotas::default() };
    if let (None, Some(burst)) = (&raw.requests_per_second, &raw.burst) {
        let message = "`burst` has no meaning without `requests_per_second`";
        check.add(Found::new(Code::UnusedBurst, burst.referenced, id, "quotas.burst", message));
    }
    Quotas {
        requests_per_second: quota(check, raw.requests_per_second.as_ref(), id, "requests_per_second"),
        burst: quota(check, raw.burst.as_ref(), id, "burst"),
        switches_per_minute: quota(check, raw.switches_per_minute.as_ref(), id, "switches_per_minute"),
    }
}

fn quota(check: &mut Check<'_>, raw: Option<&Spanned<Number>>, id: &str, key: &str) -> Option<u64> {
    let raw = raw?;
    match raw.value {
        Number::Whole(value) if (1..=MAX_QUOTA).contains(&value) => u64::try_from(value).ok(),
        _ => {
            let message = format!("`{key}` is not a whole number from 1 to {MAX_QUOTA}");
            check.add(Found::new(Code::InvalidQuota, raw.referenced, id, format!("quotas.{key}"), message));
            None
        }
    }
}
