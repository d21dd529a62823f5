//! Wire structs: what goes over pipes and into evidence. Version 1 of each is frozen; see docs/records.md.

pub mod anomaly;
mod codes;
pub mod diff;
mod escape;
pub mod evidence;
pub mod finding;
pub mod index;
pub mod run;
pub mod tenant;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

pub(crate) use codes::codes;
pub use escape::xml;
pub use finding::{Doc, Finding, Severity};

/// One NDJSON record type. The struct holds the fields; the leading `schema` key is written by [`encode`].
pub trait Record: Serialize + JsonSchema {
    /// The value of the `schema` key, for example `govctl.diff/1`.
    const TYPE: &'static str;

    /// Heading and text of each cell of the human table, or None if people need not see this record.
    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        None
    }

    /// The finding that SARIF, JUnit and GitHub renderings show for this record.
    fn finding(&self) -> Option<Finding> {
        None
    }

    /// The test case that JUnit shows for this record, in place of a finding.
    fn case(&self) -> Option<Case> {
        None
    }

    /// The fingerprint of a finding shown before that this record takes the place of, or withdraws.
    fn supersedes(&self) -> Option<&str> {
        None
    }
}

/// A test as JUnit shows it, those that passed among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub class: String,
    pub name: String,
    pub file: String,
    pub line: u64,
    pub outcome: CaseOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseOutcome {
    Passed,
    Failed(String),
    Error(String),
    Skipped,
}

/// Appends one record as one line with its newline.
pub fn encode<R: Record>(record: &R, line: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    line.extend_from_slice(b"{\"schema\":\"");
    line.extend_from_slice(R::TYPE.as_bytes());
    line.push(b'"');
    let body = line.len();
    serde_json::to_writer(&mut *line, record)?;
    // The struct's own `{` becomes the comma after the schema key.
    line[body] = b',';
    line.push(b'\n');
    Ok(())
}

/// `(file name in docs/schemas, JSON Schema)` of every record type.
pub fn schemas() -> Vec<(String, Schema)> {
    let mut all = vec![schema_of::<run::Run>(), schema_of::<Finding>()];
    all.extend(diff::schemas());
    all.extend(anomaly::schemas());
    all.extend(evidence::schemas());
    all.extend(index::schemas());
    all.extend(tenant::schemas());
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn schema_of<R: Record>() -> (String, Schema) {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<R>();
    schema.insert("$id".into(), format!("https://govctl.dev/schemas/{}", R::TYPE).into());
    schema.insert("title".into(), R::TYPE.into());
    // An enum has its fields in alternatives and no properties of its own.
    let mut properties = serde_json::Map::new();
    properties.insert("schema".into(), serde_json::json!({ "const": R::TYPE }));
    if let Some(own) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
        properties.append(own);
    }
    schema.insert("properties".into(), properties.into());
    let mut required = vec![serde_json::Value::from("schema")];
    if let Some(list) = schema.get("required").and_then(|r| r.as_array()) {
        required.extend(list.iter().cloned());
    }
    schema.insert("required".into(), required.into());
    (format!("{}.json", R::TYPE.replace('/', "-")), schema)
}
