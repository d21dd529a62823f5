//! The one integration test binary: everything goes through the real executable.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests prepare files and environments themselves, and a failed expectation is a failed test"
)]

mod anomaly_backtest;
mod anomaly_backtest_page;
mod anomaly_backtest_real;
mod anomaly_backtest_seasonal;
mod anomaly_data;
mod anomaly_detect;
mod anomaly_explain;
mod anomaly_reference;
mod anomaly_tune;
mod anomaly_unjudged;
mod architecture;
mod audit;
mod blocks;
mod common;
mod config;
mod dead_letters;
mod diffs;
mod digest;
mod digests_altered;
mod digests_same;
mod evidence;
mod evidence_signed;
mod evidence_verify;
mod exit_codes;
mod explain;
mod help;
mod index_forged;
mod index_site;
mod index_verify;
mod index_verify_more;
mod manners;
mod manual;
mod not_digests;
mod paths;
mod readme;
mod renderings;
mod report;
mod report_unproved;
mod run_bytes;
mod run_captures;
mod run_damage;
mod run_gaps;
mod run_keys;
mod run_pipes;
mod run_refused;
mod run_repaired;
mod run_same;
mod run_types;
mod run_unfit;
mod run_unseen;
mod run_values;
mod run_variants;
mod schemas;
mod streams;
mod strict;
mod tenant_bundle;
mod tenant_bundle_forged;
mod tenant_bundle_used;
mod tenant_compare;
mod tenant_compare_git;
mod tenant_compile;
mod tenant_crash;
mod tenant_decide;
mod tenant_defects;
mod tenant_domain;
mod tenant_manual;
mod tenant_opa;
mod tenant_policy;
mod tenant_prove;
mod tenant_routes;
mod tenant_test;
mod tenant_validate;
mod triage;
mod undecided;
mod util;
mod verify;
mod verify_folder;
mod verify_rerun;
mod waits;
