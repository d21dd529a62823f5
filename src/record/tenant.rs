//! Records of `govctl tenant`.

mod bundle;

use schemars::Schema;

use super::schema_of;
pub use bundle::{Bundle, Verdict};

pub fn schemas() -> Vec<(String, Schema)> {
    vec![schema_of::<Bundle>()]
}
