//! YAML files that people write: syntax errors, unknown fields and duplicate keys with file, line, column and a hint.

mod number;

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error as YamlError, MergeKeyPolicy, Options};

use crate::error::{Error, Result, did_you_mean};

pub use self::number::{Number, whole, written};
pub use serde_saphyr::{Location, Spanned};

/// What kind of mistake a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but comments.
    Empty,
    /// No YAML at all.
    Syntax,
    /// YAML that is not read here: anchors, aliases, merge keys, tags, a second document.
    Feature,
    /// A text without quotes that other readers take for a bool or a number.
    Ambiguous,
    DuplicateKey,
    UnknownKey,
    MissingKey,
    WrongType,
    /// Nested too deeply, or too large in another way.
    Limit,
}

/// The first mistake of a file, at its place.
#[derive(Debug)]
pub struct Fault {
    pub kind: Kind,
    pub place: Location,
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    /// As a usage error.
    pub fn error(self, file: &str) -> Error {
        let error = at(self.place, file, self.message);
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// Reads one document; every mistake is a usage error at its place.
pub fn read<T: DeserializeOwned>(text: &str, file: &str) -> Result<T> {
    serde_saphyr::from_str(text).map_err(|e| explain(&e, file))
}

/// Reads one document that every reader of YAML understands in the same way, whichever version of YAML it follows.
pub fn read_strictly<T: DeserializeOwned>(text: &str) -> std::result::Result<T, Fault> {
    serde_saphyr::from_str_with_options(text, strict()).map_err(|e| {
        let error = e.without_snippet();
        let (kind, message, hint) = strict_words(error);
        Fault { kind, place: error.location().unwrap_or(Location::UNKNOWN), message, hint }
    })
}

/// Which of these names is the first that stands as a key of the outermost mapping. Nothing behind it is read.
pub fn first_key(text: &str, names: &[&'static str]) -> Option<&'static str> {
    struct Keys<'n> {
        names: &'n [&'static str],
        found: &'n mut Option<&'static str>,
    }
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if let Some(name) = self.names.iter().find(|name| **name == key) {
                    *self.found = Some(name);
                    return Err(de::Error::custom("the rest is not read"));
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut found = None;
    // What is wrong with the file is for its reader to say.
    let _ = serde_saphyr::with_deserializer_from_str_with_options(text, strict(), |from| {
        from.deserialize_map(Keys { names, found: &mut found })
    });
    found
}

fn strict() -> Options {
    // Sizes are for the caller to limit by the length of the text.
    let budget = serde_saphyr::budget! {
        max_anchors: 0,
        max_aliases: 0,
        max_documents: 1,
        max_depth: 16,
        max_events: usize::MAX,
        max_nodes: usize::MAX,
    };
    serde_saphyr::options! {
        budget: budget,
        no_schema: true,
        // With `true` only the spellings of YAML 1.2 would have to be quoted, and `NO` would pass as a text.
        strict_booleans: false,
        merge_keys: MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        // What a reviewer sees is what is read.
        ignore_binary_tag_for_string: true,
        with_snippet: false,
    }
}

/// An error at a place of the file.
pub fn at(location: Location, file: &str, message: impl Into<String>) -> Error {
    let error = Error::usage(message);
    match location.line() {
        0 => error.at_file(file),
        line => error.at(file, line, Some(location.column())),
    }
}

/// For `#[serde(deserialize_with)]`: an `Option` alone would take `key:` and `key: null` for a key that is not there.
pub fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What is written where a text will be, one day: nothing, `?`, `...`, `TODO`, and `x` as often as one likes. Another
/// letter alone may be somebody's name.
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
            match first.trim_start_matches("error: ") {
                "unexpected character: `\\u{0}'" => ("a NUL byte stands here".to_owned(), Some("remove it".to_owned())),
                other => (other.to_owned(), None),
            }
        }
    }
}

fn strict_words(error: &YamlError) -> (Kind, String, Option<String>) {
    let said = |kind, message: &str, hint: &str| (kind, message.to_owned(), Some(hint.to_owned()));
    match error {
        YamlError::QuotingRequired { value, .. } => {
            let message = format!("`{value}` is a bool or a number for some readers of YAML");
            (Kind::Ambiguous, message, Some(format!("if the text is meant, write \"{value}\"")))
        }
        YamlError::Eof { .. } => (Kind::Empty, "the file is empty".into(), None),
        YamlError::NullIntoString { .. } => {
            (Kind::WrongType, "a text is expected here, and nothing stands here".into(), None)
        }
        YamlError::Unexpected { expected, .. } => {
            let expected = match *expected {
                "sequence start" => "a list",
                "mapping start" => "a mapping",
                "string scalar" => "a text",
                other => other,
            };
            (Kind::WrongType, format!("{expected} is expected here"), None)
        }
        YamlError::Budget { breach: BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. }, .. }
        | YamlError::UnknownAnchor { .. } => {
            said(Kind::Feature, "anchors and aliases are not read here", "write the value where it belongs")
        }
        YamlError::Budget { breach: BudgetBreach::Documents { .. }, .. } | YamlError::MultipleDocuments { .. } => {
            said(Kind::Feature, "a second document begins here", "keep one document in the file")
        }
        YamlError::MergeKeyNotAllowed { .. } => {
            said(Kind::Feature, "merge keys are not read here", "write the keys where they belong")
        }
        YamlError::UnsupportedTag { tag, .. } | YamlError::TaggedStructFieldName { tag, .. } => {
            (Kind::Feature, format!("the tag `{tag}` is not read here"), Some("leave the tag out".into()))
        }
        YamlError::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            said(Kind::Limit, "nested too deeply", "nothing in this file is nested more than a few levels deep")
        }
        other => {
            let kind = match other {
                YamlError::Budget { .. } => Kind::Limit,
                YamlError::DuplicateMappingKey { .. } => Kind::DuplicateKey,
                YamlError::SerdeUnknownField { .. } => Kind::UnknownKey,
                YamlError::SerdeMissingField { .. } => Kind::MissingKey,
                YamlError::ExternalMessage { .. } | YamlError::Message { .. } => Kind::Syntax,
                _ => Kind::WrongType,
            };
            let (message, hint) = words(other);
            (kind, message, hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_names_is_found_whatever_stands_behind_it() {
        let first = |text: &str| first_key(text, &["routes", "tenants"]);
        assert_eq!(first("version: 1\nroutes:\n  - {{{\n\t: ["), Some("routes"));
        assert_eq!(first("{ version: 1, \"tenants\": [], routes: [] }"), Some("tenants"));
        assert_eq!(first("---\nx: { routes: 1 }\n? tenants\n: 1\n"), Some("tenants"));
        for text in ["", "routes", "- routes", "x: { routes: [] }", "[", "# routes:\nx: |\n  routes: []\n"] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn a_placeholder_says_nothing() {
        for text in
            ["", " ", "?", "...", "-", "x", "XXX", "TODO", "todo: reason", "<reason>", "tbd tbd tbd tbd tbd", "n/a"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "set by the EU loader",
            "reason: GDPR",
            "only in EU: say why",
            "o",
            "k",
            "K.",
            "y",
            "xy",
            "dba",
            "理由",
            "x-ray team",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
