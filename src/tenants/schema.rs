//! The JSON Schema of tenants.yaml for editors. Draft-07, where yaml-language-server stops.

use serde_json::{Value, json};

use super::grammar::{HOST, HOST_LENGTH, ID, NAME, REGION};
use super::{CLASSES, MAX_CLASSES, MAX_QUOTA, MAX_TENANTS, SWITCHES_PER_MINUTE};

/// It refuses what the parser refuses in a single key or value, texts for people aside; what needs two
/// places of the file only the parser sees.
pub fn schema() -> Value {
    let region = json!({"type": "string", "pattern": REGION});
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://govctl.dev/schemas/tenants.yaml/1",
        "title": "tenants.yaml",
        "description": "Tenants, their home regions and what they may see. `govctl tenant validate` checks the rest.",
        "type": "object",
        "required": ["tenants"],
        "additionalProperties": false,
        "properties": {
            "version": {"description": "Version of this format", "enum": [1]},
            "classifications": {
                "description": "Classes of data, ascending",
                "type": "array",
                "maxItems": MAX_CLASSES,
                "uniqueItems": true,
                "items": {"type": "string", "pattern": NAME},
                "default": CLASSES,
            },
            "regions": {
                "description": "Regions that may be used; default: those of the tenants and their ancestors",
                "type": "array",
                "uniqueItems": true,
                "items": region,
            },
            "tenants": {"type": "array", "maxItems": MAX_TENANTS, "items": tenant(&region)},
        },
    })
}

fn tenant(region: &Value) -> Value {
    let quota = |text: &str| json!({"description": text, "type": "integer", "minimum": 1, "maximum": MAX_QUOTA as u64});
    let mut home = region.clone();
    home["description"] = "Home region, such as EU/de".into();
    json!({
        "type": "object",
        "required": ["id", "region"],
        "additionalProperties": false,
        "properties": {
            "id": {"description": "Unique; compared as it is", "type": "string", "pattern": ID},
            "name": {"description": "For people; default: the id", "type": "string"},
            "region": home,
            "labels": {
                "description": "Labels of resources that the tenant may see",
                "type": "array",
                "uniqueItems": true,
                "items": {"type": "string", "pattern": NAME},
            },
            "data_classes": {
                "description": "Kind of data to the highest class that is allowed",
                "type": "object",
                "propertyNames": {"pattern": NAME},
                "additionalProperties": {"type": "string"},
            },
            "owner": {"description": "Team or person who answers for the tenant", "type": "string"},
            "hosts": {
                "description": "DNS names of this tenant alone",
                "type": "array",
                "items": {"type": "string", "pattern": HOST, "maxLength": HOST_LENGTH},
            },
            "quotas": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "requests_per_second": quota("Default: no limit"),
                    "burst": quota("Default: requests_per_second"),
                    "switches_per_minute": quota(&format!("Per subject; default: {SWITCHES_PER_MINUTE}")),
                },
            },
        },
    })
}
