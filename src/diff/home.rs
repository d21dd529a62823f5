//! Who may write where: the home region of each tenant, from tenants.yaml.

use std::collections::HashMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::yaml;
use crate::error::Result;

/// tenants.yaml is the tenant noun's file; only ids and regions matter here.
#[derive(Deserialize)]
struct RawTenants {
    tenants: Vec<RawTenant>,
}

#[derive(Deserialize)]
struct RawTenant {
    id: Spanned<String>,
    region: Spanned<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Homes(HashMap<String, String>);

impl Homes {
    pub fn parse(text: &str, file: &str) -> Result<Homes> {
        let raw: RawTenants = yaml::read(text, file)?;
        let mut homes = HashMap::new();
        for tenant in raw.tenants {
            if tenant.region.value.is_empty() {
                return Err(yaml::at(tenant.region.referenced, file, "the region has no name"));
            }
            let place = tenant.id.referenced;
            if let Some(twice) = homes.insert(tenant.id.value.clone(), tenant.region.value) {
                let message = format!("tenant `{}` is listed twice (first in region {twice})", tenant.id.value);
                return Err(yaml::at(place, file, message));
            }
        }
        Ok(Homes(homes))
    }

    /// The tenant's home region.
    pub fn of(&self, tenant: &str) -> Option<&str> {
        self.0.get(tenant).map(String::as_str)
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
        assert_eq!(twice.to_string(), "t:3:11: tenant `a` is listed twice (first in region EU)");
    }
}
