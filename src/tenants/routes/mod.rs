//! routes.yaml: of which kind, class and label the resources behind a path are. Checked by itself, or against the lists of
//! tenants that it is to be used with.

mod check;
pub mod known;
pub mod prefix;
pub mod schema;

use serde::Deserialize;

use self::known::Known;
use super::check::version;
use super::raw::Text;
use super::{Found, MAX_BYTES};
use crate::yaml::{self, Number, Spanned, there, written};

pub const MAX_ROUTES: usize = 1_000;

/// What came of one file.
#[derive(Debug)]
pub struct Checked {
    /// How many routes were looked at.
    pub count: usize,
    /// The first mistake of structure, or everything that is wrong with a sound file; in the order of the file.
    pub found: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default, deserialize_with = "there")]
    version: Option<Spanned<Number>>,
    routes: Spanned<Vec<Spanned<RawRoute>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoute {
    prefix: Text,
    kind: Text,
    classification: Text,
    label: Text,
}

/// Whether a file is a list of routes, by the first of the keys `routes` and `tenants` at its top; None where neither is there.
pub fn is_routes(text: &str) -> Option<bool> {
    yaml::first_key(text, &["routes", "tenants"]).map(|key| key == "routes")
}

/// Reads and checks one file, of at most 4 MiB. With `known`, kinds, classes and labels must be those of the tenants.
pub fn read(text: &str, known: Option<&Known<'_>>) -> Checked {
    if text.len() > MAX_BYTES {
        return Checked { count: 0, found: super::Checked::too_large().found };
    }
    match sound(text) {
        Ok(raw) => check::check(&raw, known),
        Err(found) => Checked { count: 0, found: vec![found] },
    }
}

fn sound(text: &str) -> Result<RawFile, Found> {
    let raw: RawFile = yaml::read_strictly(text).map_err(|fault| {
        if fault.kind == yaml::Kind::Empty {
            return Found::from(fault).hint("`govctl tenant schema --routes` says what belongs in it");
        }
        let spelled = written(fault.place, text);
        let number =
            fault.kind == yaml::Kind::Ambiguous && spelled.starts_with(|c: char| !c.is_alphabetic() && c != '~');
        let found = Found::from(fault);
        match number {
            true => found.hint("write a name: the rank of a class is another once a class is inserted"),
            false => found,
        }
    })?;
    version(raw.version.as_ref(), text)?;
    Ok(raw)
}
