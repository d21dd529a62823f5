//! Records of `govctl tenant`.

mod bundle;
pub mod decision;
mod proof;

use schemars::Schema;

use super::schema_of;
pub use bundle::{Bundle, Verdict as BundleVerdict};
pub use decision::Decision;
pub use proof::{Checked, Counterexample, Isolation, Proof, Symmetry, Verdict};

pub fn schemas() -> Vec<(String, Schema)> {
    vec![
        schema_of::<Bundle>(),
        schema_of::<Counterexample>(),
        schema_of::<Decision>(),
        schema_of::<Isolation>(),
        schema_of::<Proof>(),
    ]
}
