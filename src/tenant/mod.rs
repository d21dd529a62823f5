//! What a request may do: decisions of a policy, and the table of deny codes once more and without Rego.

pub mod agree;
pub mod decide;
pub mod explain;
pub mod oracle;
pub mod reads;
pub mod request;
