//! YAML files that people write: syntax errors, unknown fields and duplicate keys with file, line, column and a hint.

use serde::de::DeserializeOwned;
use serde_saphyr::{Error as YamlError, Location};

use crate::error::{Error, Result, did_you_mean};

/// Reads one document; every mistake is a usage error at its place.
pub fn read<T: DeserializeOwned>(text: &str, file: &str) -> Result<T> {
    serde_saphyr::from_str(text).map_err(|e| explain(&e, file))
}

/// An error at a place of the file.
pub fn at(location: Location, file: &str, message: impl Into<String>) -> Error {
    let error = Error::usage(message);
    match location.line() {
        0 => error.at_file(file),
        line => error.at(file, line, Some(location.column())),
    }
}

/// What is written where a text will be, one day: nothing, `?`, `...`, `TODO`, `xxx`.
pub fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["todo", "tbd", "tba", "fixme", "na", "none", "null", "why", "reason", "justification", "owner", "placeholder"];
    let mut words = text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>());
    words.all(|word| word.bytes().all(|b| b == b'x') || WORDS.contains(&word.as_str()))
}

fn explain(error: &YamlError, file: &str) -> Error {
    let (message, hint) = words(error.without_snippet());
    let out = match error.location() {
        Some(place) => at(place, file, message),
        None => Error::usage(message).at_file(file),
    };
    match hint {
        Some(hint) => out.hint(hint),
        None => out,
    }
}

fn words(error: &YamlError) -> (String, Option<String>) {
    match error {
        YamlError::SerdeUnknownField { field, expected, .. } => {
            let hint = match did_you_mean(field, expected.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("known here: {}", expected.join(", ")),
            };
            (format!("unknown field `{field}`"), Some(hint))
        }
        YamlError::SerdeMissingField { field, .. } => {
            // The parser only knows where the mapping ends: at its last key.
            (format!("`{field}` is missing"), Some(format!("add `{field}:` beside this key")))
        }
        YamlError::DuplicateMappingKey { key, .. } => {
            let name = key.as_deref().map(|k| format!("`{k}` ")).unwrap_or_default();
            (format!("the key {name}is there twice"), Some("keep one of them".into()))
        }
        other => {
            let text = other.to_string();
            // The place is shown in front; the parser repeats it in its text.
            let first = text.lines().next().unwrap_or_default();
            let first = first.split_once(" at line ").map_or(first, |(head, _)| head);
            (first.trim_start_matches("error: ").to_owned(), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_says_nothing() {
        for text in
            ["", " ", "?", "...", "-", "x", "XXX", "TODO", "todo: reason", "<reason>", "tbd tbd tbd tbd tbd", "n/a"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["set by the EU loader", "reason: GDPR", "only in EU: say why", "o", "dba", "理由", "x-ray team"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
