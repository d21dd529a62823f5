//! tenants.yaml: which tenants there are, where each is at home and what it may see. The one parser of this file, for
//! every noun that reads it. Beside it routes.yaml, which says what lies behind a path.

mod check;
pub mod code;
pub mod compile;
pub mod data;
mod found;
pub mod grammar;
mod near;
mod raw;
pub mod routes;
pub mod schema;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use self::code::Code;
pub use self::found::Found;
use crate::record::Severity;
use crate::yaml::{self, Location};

pub const MAX_BYTES: usize = 4 << 20;
pub const MAX_TENANTS: usize = 10_000;
pub const MAX_CLASSES: usize = 16;
/// The largest whole number that every reader of JSON keeps.
pub const MAX_QUOTA: i128 = (1 << 53) - 1;
/// Ascending, where the file declares none.
pub const CLASSES: [&str; 4] = ["public", "internal", "confidential", "restricted"];
/// Switches per minute and subject, where the file says none.
pub const SWITCHES_PER_MINUTE: u64 = 10;

/// A file without errors.
#[derive(Debug, Clone)]
pub struct Tenants {
    /// Ascending: the rank of a class is its place.
    pub classes: Vec<String>,
    /// Declared, or those of the tenants with their ancestors.
    pub regions: BTreeSet<String>,
    /// In the order of the file.
    pub tenants: Vec<Tenant>,
}

#[derive(Debug, Clone)]
pub struct Tenant {
    pub id: String,
    pub name: Option<String>,
    pub region: String,
    pub region_at: Location,
    pub labels: BTreeSet<String>,
    /// Kind to the rank of the highest class that is allowed.
    pub data_classes: BTreeMap<String, usize>,
    pub owner: Option<String>,
    pub hosts: BTreeSet<String>,
    pub quotas: Quotas,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    pub requests_per_second: Option<u64>,
    pub burst: Option<u64>,
    pub switches_per_minute: Option<u64>,
}

/// What came of one file.
#[derive(Debug)]
pub struct Checked {
    /// None where a finding is an error.
    pub tenants: Option<Tenants>,
    /// How many tenants were looked at.
    pub count: usize,
    /// The first mistake of structure, or everything that is wrong with a sound file; in the order of the file.
    pub found: Vec<Found>,
}

impl Checked {
    fn stopped(found: Found) -> Checked {
        Checked { tenants: None, count: 0, found: vec![found] }
    }

    /// What a longer file comes to, without reading it.
    pub fn too_large() -> Checked {
        let message = "larger than 4 MiB, which no list of tenants or routes is";
        Self::stopped(Found::new(Code::OverLimit, Location::UNKNOWN, "", "size", message))
    }

    pub fn errors(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| f.code.severity() == Severity::Error)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| f.code.severity() != Severity::Error)
    }
}

/// Reads and checks one file. With `base`, the ids of an earlier one, every other tenant needs an owner.
pub fn read(text: &str, base: Option<&HashSet<String>>) -> Checked {
    if text.len() > MAX_BYTES {
        return Checked::too_large();
    }
    match sound(text) {
        Ok(raw) => check::check(&raw, base),
        Err(found) => Checked::stopped(found),
    }
}

/// The ids of a file of sound structure, whatever else is wrong with it.
pub fn ids(text: &str) -> Result<HashSet<String>, Found> {
    if text.len() > MAX_BYTES {
        return Err(Checked::too_large().found.remove(0));
    }
    Ok(sound(text)?.tenants.value.into_iter().map(|tenant| tenant.value.id.value).collect())
}

/// The file as it is written; the first mistake of structure stops.
fn sound(text: &str) -> Result<raw::RawFile, Found> {
    let raw = yaml::read_strictly(text)?;
    check::structure(&raw, text)?;
    Ok(raw)
}
