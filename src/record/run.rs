//! `govctl.run/1`: the first and the last line of a stream, so that a reader can tell a whole stream from a cut one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::text::sha256_hex;

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// As typed; an absolute path is cut to its last part.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Length of the uncompressed stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u64>,
    /// The run that wrote this stream, where it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<u32>,
    /// First offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Next offset after the last one read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl Input {
    pub fn named(name: impl Into<String>) -> Self {
        Input {
            name: name.into(),
            sha256: None,
            bytes: None,
            lines: None,
            run_id: None,
            topic: None,
            partition: None,
            from: None,
            until: None,
        }
    }

    /// A small input that was read whole.
    pub fn of_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        Input { sha256: Some(sha256_hex(bytes)), bytes: Some(bytes.len() as u64), ..Input::named(name) }
    }
}

pub type Counts = BTreeMap<String, u64>;

/// Counts by their names.
pub fn counts<const N: usize>(named: [(&str, u64); N]) -> Counts {
    named.into_iter().map(|(name, n)| (name.to_owned(), n)).collect()
}

/// What a reader of the stream of an audit has to know besides its records. A filter passes it on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// RFC 3339.
    pub window_to: Option<String>,
    pub home_checked: Option<bool>,
}

/// Opens (`event: start`) and closes (`event: end`) a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Run {
    Start {
        /// UUIDv7 of the logical now.
        run_id: String,
        /// For example `diff run`.
        command: String,
        version: String,
        /// RFC 3339.
        started: String,
        inputs: Vec<Input>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
    },
    End {
        run_id: String,
        /// RFC 3339; equals `started` under `--now`.
        ended: String,
        /// The exit code.
        outcome: u8,
        counts: Counts,
        /// Of the data lines: all lines but the `govctl.run/1` ones, with their newlines, uncompressed.
        sha256: String,
        /// Of an audit: log time of the newest record read of its tables.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window_to: Option<String>,
        /// Of an audit: whether writes outside the home region were looked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home_checked: Option<bool>,
    },
}

impl Record for Run {
    const TYPE: &'static str = "govctl.run/1";
}
