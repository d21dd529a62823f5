//! From the file as it is written to the model: structure first, then everything that is wrong with a sound file.

mod tenant;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::code::Code;
use super::grammar::{is_name, is_region, with_ancestors};
use super::near::Near;
use super::raw::{RawFile, Text, Texts};
use super::{CLASSES, Checked, Found, MAX_CLASSES, MAX_TENANTS, Tenants};
use crate::record::Severity;
use crate::text::counted;
use crate::yaml::{Location, Number, Spanned, whole, written};

/// The part of the structure that the types of the raw file do not say.
pub fn structure(raw: &RawFile, text: &str) -> Result<(), Found> {
    version(raw.version.as_ref(), text)?;
    for tenant in &raw.tenants.value {
        let (tenant, id) = (&tenant.value, &tenant.value.id.value);
        let quotas = tenant.quotas.iter().flat_map(|q| {
            [&q.requests_per_second, &q.burst, &q.switches_per_minute].map(Option::as_ref).into_iter().flatten()
        });
        for quota in quotas {
            whole(quota, text).map_err(|fault| Found::of(fault, id, "quotas"))?;
        }
        for prose in [&tenant.name, &tenant.owner].into_iter().flatten() {
            if is_sexagesimal(written(prose.referenced, text)) {
                let message = format!("`{}` is a number for some readers of YAML", prose.value);
                let hint = format!("if the text is meant, write \"{}\"", prose.value);
                return Err(Found::new(Code::AmbiguousScalar, prose.referenced, id, "text", message).hint(hint));
            }
        }
    }
    Ok(())
}

/// Where a version is there it is one that is known.
pub fn version(version: Option<&Spanned<Number>>, text: &str) -> Result<(), Found> {
    let Some(version) = version else { return Ok(()) };
    if whole(version, text).map_err(|fault| Found::of(fault, "", "version"))? == 1 {
        return Ok(());
    }
    let message = format!("version {} is unknown", written(version.referenced, text));
    Err(Found::new(Code::UnknownVersion, version.referenced, "", "version", message).hint("write `version: 1`"))
}

pub fn version_missing() -> Found {
    let message = "`version` is missing; the file was read as version 1";
    Found::new(Code::VersionMissing, Location::UNKNOWN, "", "version", message).hint("write `version: 1`")
}

/// `1:30` is 90 in YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    text.contains(':')
        && text.trim_start_matches(['-', '+']).bytes().all(|b| matches!(b, b'0'..=b'9' | b':' | b'_' | b'.'))
}

pub fn check(raw: &RawFile, base: Option<&HashSet<String>>) -> Checked {
    let mut check = Check { base, found: Vec::new(), near: Near::default() };
    if raw.version.is_none() {
        check.add(version_missing());
    }
    let list = &raw.tenants.value;
    check.size(raw);
    let classes = check.classes(raw.classifications.as_ref());
    let regions = check.regions(raw);
    let declared = raw.regions.is_some().then_some(&regions);
    let mut fleet = tenant::Fleet::new(&classes, declared);
    let tenants = list.iter().map(|tenant| fleet.tenant(&mut check, &tenant.value)).collect();
    let mut found = check.found;
    found.sort_by_key(|f| (f.line, f.column));
    let failed = found.iter().any(|f| f.code.severity() == Severity::Error);
    let tenants = Tenants { classes, regions, tenants };
    Checked { tenants: (!failed).then_some(tenants), count: list.len(), found }
}

struct Check<'a> {
    base: Option<&'a HashSet<String>>,
    found: Vec<Found>,
    near: Near,
}

impl Check<'_> {
    fn add(&mut self, found: Found) {
        self.found.push(found);
    }

    fn size(&mut self, raw: &RawFile) {
        let list = &raw.tenants;
        if list.value.is_empty() {
            let message = "there are no tenants, so nothing can be allowed";
            self.add(Found::new(Code::NoTenants, list.referenced, "", "tenants", message));
        }
        if let Some(first) = list.value.get(MAX_TENANTS) {
            let message = format!("{} are more than {MAX_TENANTS}", counted(list.value.len() as u64, "tenant"));
            self.add(Found::new(Code::TooMany, first.referenced, "", "tenants", message));
        }
    }

    fn classes(&mut self, declared: Option<&Texts>) -> Vec<String> {
        let Some(declared) = declared else { return CLASSES.map(str::to_owned).to_vec() };
        if let Some(first) = declared.get(MAX_CLASSES) {
            let message = format!("{} classes are more than {MAX_CLASSES}", declared.len());
            self.add(Found::new(Code::TooMany, first.referenced, "", "classifications", message));
        }
        self.names(declared, None, "class");
        declared.iter().map(|class| class.value.clone()).collect()
    }

    /// A list of names without repetition. `subject` is whose they are; else each is its own.
    fn names(&mut self, list: &[Text], subject: Option<&str>, what: &str) {
        let mut seen = HashSet::new();
        for name in list {
            let (text, subject) = (name.value.as_str(), subject.unwrap_or(&name.value));
            if !is_name(text) {
                self.add(invalid_name(name, subject, what));
            }
            if !seen.insert(text) {
                let message = format!("the {what} `{text}` stands twice");
                self.add(Found::new(Code::DuplicateEntry, name.referenced, subject, text, message));
            }
        }
    }

    /// The declared ones, or those of the tenants; each with its mistakes.
    fn regions(&mut self, raw: &RawFile) -> BTreeSet<String> {
        let Some(declared) = &raw.regions else {
            // A text with a million slashes is no region and has no ancestors.
            let own = raw.tenants.value.iter().map(|tenant| &tenant.value.region);
            let own: Vec<&Text> = own.filter(|region| is_region(&region.value)).collect();
            self.region_case(own.iter().copied());
            return own.iter().flat_map(|r| with_ancestors(&r.value)).map(str::to_owned).collect();
        };
        let mut regions = BTreeSet::new();
        for region in declared {
            let text = &region.value;
            if !is_region(text) {
                self.add(invalid_region(region, text));
            }
            if !regions.insert(text.clone()) {
                let message = format!("the region `{text}` stands twice");
                self.add(Found::new(Code::DuplicateEntry, region.referenced, text, text, message));
            }
        }
        self.region_case(declared.iter().filter(|region| is_region(&region.value)));
        regions
    }

    fn region_case<'r>(&mut self, regions: impl Iterator<Item = &'r Text>) {
        let mut seen: HashMap<String, (&str, u64)> = HashMap::new();
        for region in regions {
            for path in with_ancestors(&region.value) {
                let first = seen.entry(path.to_ascii_lowercase()).or_insert((path, region.referenced.line()));
                if first.0 != path {
                    let message = format!("`{path}` differs from `{}` on line {} only in case", first.0, first.1);
                    let hint = format!("write `{}` in both places, or choose another name", first.0);
                    self.add(Found::new(Code::RegionCase, region.referenced, path, first.0, message).hint(hint));
                    break;
                }
            }
        }
    }
}

pub fn invalid_name(name: &Text, subject: &str, what: &str) -> Found {
    let message = format!("`{}` is no name of a {what}", name.value);
    Found::new(Code::InvalidName, name.referenced, subject, &name.value, message)
        .hint("1 to 63 characters of a-z, 0-9, `_`, `.`, `:` and `-`, a letter first")
}

fn invalid_region(region: &Text, subject: &str) -> Found {
    let message = format!("`{}` is no name of a region", region.value);
    Found::new(Code::InvalidRegion, region.referenced, subject, &region.value, message)
        .hint("1 to 4 segments joined by `/`, each of 1 to 32 letters, digits and `-`, a letter first")
}

#[cfg(test)]
mod tests;
