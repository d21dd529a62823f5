//! Records of `govctl tenant`.

mod access;
mod bundle;
pub mod decision;
mod mutant;
mod proof;
mod test;

use schemars::Schema;

use super::schema_of;
pub use access::{Access, Cause, Change};
pub use bundle::{Bundle, Verdict as BundleVerdict};
pub use decision::Decision;
pub use mutant::{Mutant, Mutants, Status};
pub use proof::{Checked, Counterexample, Damage, Extent, Isolation, Mode, Proof, Symmetry, Verdict};
pub use test::{Coverage, Outcome, Test, percent};

pub fn schemas() -> Vec<(String, Schema)> {
    vec![
        schema_of::<Access>(),
        schema_of::<Bundle>(),
        schema_of::<Coverage>(),
        schema_of::<Counterexample>(),
        schema_of::<Decision>(),
        schema_of::<Isolation>(),
        schema_of::<Mutant>(),
        schema_of::<Proof>(),
        schema_of::<Test>(),
    ]
}
