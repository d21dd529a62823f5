//! The JSON Schema of routes.yaml for editors: draft-07, as that of tenants.yaml.

use serde_json::{Value, json};

use super::MAX_ROUTES;
use super::prefix::{PREFIX, PREFIX_LENGTH};
use crate::tenants::grammar::NAME;

/// It refuses what the parser refuses in a single value; what needs two places, or a list of tenants, only the parser sees.
pub fn schema() -> Value {
    let name = |text: &str| json!({"description": text, "type": "string", "pattern": NAME});
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://govctl.dev/schemas/routes.yaml/1",
        "title": "routes.yaml",
        "description": "What lies behind a path. `govctl tenant validate` checks the rest.",
        "type": "object",
        "required": ["routes"],
        "additionalProperties": false,
        "properties": {
            "version": {"description": "Version of this format", "enum": [1]},
            "routes": {
                "type": "array",
                "maxItems": MAX_ROUTES,
                "items": {
                    "type": "object",
                    "required": ["prefix", "kind", "classification", "label"],
                    "additionalProperties": false,
                    "properties": {
                        "prefix": {
                            "description": "Absolute path, such as /api/{tenant}/audit",
                            "type": "string",
                            "pattern": PREFIX,
                            "maxLength": PREFIX_LENGTH,
                        },
                        "kind": name("Kind of data behind the path"),
                        "classification": name("Class of what lies there, by its name"),
                        "label": name("Label that a tenant must hold"),
                    },
                },
            },
        },
    })
}
