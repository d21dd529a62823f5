//! govctl: enforce and prove residency of multi-tenant services. See ARCHITECTURE.md for the map.

pub mod anomaly;
pub mod bundle;
pub mod cli;
pub mod clock;
pub mod cmd;
pub mod config;
pub mod diff;
pub mod error;
pub mod evidence;
pub mod exit;
pub mod found;
pub mod interrupt;
pub mod io;
pub mod json;
pub mod key;
pub mod merkle;
pub mod page;
pub mod policy;
pub mod record;
pub mod sigstore;
pub mod stats;
pub mod tenant;
pub mod tenants;
pub mod text;
pub mod ui;
pub mod yaml;
