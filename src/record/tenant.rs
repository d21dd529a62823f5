//! Records of `govctl tenant`.

mod bundle;
pub mod decision;

use schemars::Schema;

use super::schema_of;
pub use bundle::{Bundle, Verdict};
pub use decision::Decision;

pub fn schemas() -> Vec<(String, Schema)> {
    vec![schema_of::<Bundle>(), schema_of::<Decision>()]
}
