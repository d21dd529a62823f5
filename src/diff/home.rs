//! Who may write where: the home region of each tenant, from tenants.yaml.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::tenants::{self, code::Code};
use crate::text::counted;
use crate::yaml;

#[derive(Debug, Clone, Default)]
pub struct Homes {
    by_tenant: HashMap<String, String>,
    /// What the file leaves open, each with its place.
    pub warnings: Vec<Error>,
}

impl Homes {
    pub fn parse(text: &str, file: &str) -> Result<Homes> {
        Self::parse_for(text, file, None)
    }

    /// `sides`: the regions that are compared, where they have names.
    pub fn parse_for(text: &str, file: &str, sides: Option<[&str; 2]>) -> Result<Homes> {
        let checked = tenants::read(text, None);
        if let Some(first) = checked.errors().next() {
            let error = first.error(file);
            return Err(match checked.errors().count() as u64 {
                1 => error,
                n => {
                    let hint = error.hint.iter().map(|hint| format!("{hint}\n")).collect::<String>();
                    let more = format!("`govctl tenant validate` shows {} more", counted(n - 1, "error"));
                    error.hint(hint + &more)
                }
            });
        }
        let mut homes = Homes::default();
        // What the tenant may see is no matter of its home.
        let missing = checked.warnings().filter(|found| found.code == Code::VersionMissing);
        homes.warnings.extend(missing.map(|found| found.error(file)));
        for tenant in checked.tenants.into_iter().flat_map(|tenants| tenants.tenants) {
            let home = tenant.region;
            if let Some(sides) = sides.filter(|sides| !sides.iter().any(|side| is_home(side, &home))) {
                let message =
                    format!("`{home}` is the region of neither side: every write of `{}` is outside", tenant.id);
                let hint = format!("regions in types.yaml: {}", sides.join(", "));
                homes.warnings.push(yaml::at(tenant.region_at, file, message).hint(hint));
            }
            homes.by_tenant.insert(tenant.id, home);
        }
        Ok(homes)
    }

    /// The tenant's home region.
    pub fn of(&self, tenant: &str) -> Option<&str> {
        self.by_tenant.get(tenant).map(String::as_str)
    }
}

/// A side is home if its region equals or contains the tenant's: `EU` contains `EU/de`.
pub fn is_home(side_region: &str, home: &str) -> bool {
    home == side_region || home.strip_prefix(side_region).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_contains_its_sub_regions_only() {
        assert!(is_home("EU", "EU") && is_home("EU", "EU/de"));
        assert!(!is_home("EU/de", "EU") && !is_home("EU", "EUX") && !is_home("US", "EU"));
    }

    #[test]
    fn other_fields_of_tenants_yaml_are_left_alone() {
        let homes =
            Homes::parse("version: 1\ntenants:\n  - { id: acme, name: A, region: EU, labels: [x] }\n", "t").unwrap();
        assert_eq!((homes.of("acme"), homes.of("beta")), (Some("EU"), None));
        let twice = Homes::parse("tenants:\n  - { id: a, region: EU }\n  - { id: a, region: US }\n", "t").unwrap_err();
        assert_eq!(twice.to_string(), "t:3:11: tenant `a` is listed twice, first on line 2");
    }

    #[test]
    fn what_a_file_leaves_open_is_said_with_its_place() {
        let warnings = |text: &str| -> Vec<String> {
            let homes = Homes::parse_for(text, "t", Some(["US", "EU"])).unwrap();
            homes.warnings.iter().map(|w| w.to_string()).collect()
        };
        let whole = "version: 1\ntenants:\n  - { id: a, region: EU/de }\n";
        assert_eq!(warnings(whole), Vec::<String>::new());
        assert_eq!(
            warnings("tenants:\n  - { id: a, region: Eu }\n"),
            [
                "t: `version` is missing; the file was read as version 1",
                "t:2:22: `Eu` is the region of neither side: every write of `a` is outside"
            ]
        );
        let newer = Homes::parse(&whole.replace('1', "2"), "t").unwrap_err();
        assert_eq!(newer.to_string(), "t:1:10: version 2 is unknown");
    }
}
