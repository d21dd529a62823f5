//! Parameters from history, without labels: the fewest notifications at a power that is certified on other data
//! (section 3.5).

pub mod draws;
pub mod grid;
pub mod heard;
pub mod listen;
pub mod parameters;
pub mod search;
pub mod subject;
