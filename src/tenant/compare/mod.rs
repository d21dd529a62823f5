//! Which access a change of policy or data adds, takes away or denies with other codes, over the complete domain of both
//! sides.

pub mod accept;
pub mod code;
