//! Reads YAML with positioned errors: duplicate keys, alias bombs and unknown fields are refused by the parser.

use serde::Deserialize;
use serde_saphyr::{Error as Yaml, Location};

use crate::error::{Error, Result, did_you_mean};

/// Parses one document; `file` names it in errors.
pub fn read<T: for<'de> Deserialize<'de>>(text: &str, file: &str) -> Result<T> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|e| {
        let (message, hint) = match e.without_snippet() {
            Yaml::SerdeUnknownField { field, expected, .. } => (
                format!("unknown field `{field}`"),
                Some(match did_you_mean(field, expected.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known fields: {}", expected.join(", ")),
                }),
            ),
            other => (plain(&other.to_string()), None),
        };
        let error = match e.location() {
            Some(location) => at(location, file, message),
            None => Error::usage(message).at_file(file),
        };
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

pub fn at(location: Location, file: &str, message: impl Into<String>) -> Error {
    let error = Error::usage(message);
    match location.line() {
        0 => error.at_file(file),
        line => error.at(file, line, Some(location.column())),
    }
}

/// The parser's message without its own position, which the error carries already.
fn plain(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let cut = first.find(" at line ").unwrap_or(first.len());
    first[..cut].trim_end_matches([':', ',']).to_owned()
}
