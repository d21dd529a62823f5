//! The transparency log behind `govctl index`, in the formats of C2SP (c2sp.org): tiles, signed notes, checkpoints,
//! cosignatures, trust policies and proofs. Bytes in, bytes out.

pub mod bundle;
pub mod catalog;
pub mod chain;
pub mod checkpoint;
pub mod code;
pub mod cosignature;
pub mod digest;
pub mod leaf;
pub mod ledger;
mod lines;
pub mod log;
pub mod nodes;
pub mod note;
mod origin;
pub mod parallel;
pub mod policy;
pub mod proof;
pub mod refusal;
pub mod row;
pub mod secrets;
pub mod site;
pub mod statement;
pub mod tile;
pub mod trust;
pub mod verify;
pub mod view;
pub mod vkey;
mod wrong;

pub use self::code::Code;
pub use self::origin::{Origin, log_id};
pub use self::wrong::Wrong;
