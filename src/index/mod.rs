//! The transparency log behind `govctl index`, in the formats of C2SP (c2sp.org): tiles, signed notes, checkpoints,
//! cosignatures, trust policies and proofs. Bytes in, bytes out.

pub mod checkpoint;
pub mod code;
pub mod cosignature;
mod lines;
pub mod note;
mod origin;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod vkey;
mod wrong;

pub use self::code::Code;
pub use self::origin::{Origin, log_id};
pub use self::wrong::Wrong;
