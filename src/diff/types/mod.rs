//! types.yaml after validation: which tables are compared, by which key, and how each column is read.

mod parse;
pub mod resolve;
pub mod schema;
pub mod suggest;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::diff::canon::time::Precision;
use crate::record::diff::Side;

pub use parse::parse;

/// Name and version of the canonical text that digests are taken over.
pub const PROFILE: &str = "govctl-canon/1";
pub const PLACEHOLDER: &str = "__debezium_unavailable_value";

#[derive(Debug, Clone)]
pub struct Types {
    pub job: String,
    sides: [SideSpec; 2],
    pub tables: Vec<Table>,
    /// What Debezium sends for a large value that did not change.
    pub placeholder: String,
    /// Untyped columns are compared by JSON value.
    pub infer: bool,
    /// There is no types.yaml: tables appear as their topics do.
    pub from_events: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct SideSpec {
    pub region: String,
    /// Debezium's topic.prefix.
    pub connector: String,
    pub heartbeat_ms: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub kind: String,
    /// lhs, rhs.
    pub topics: [String; 2],
    pub key: KeySpec,
    pub replication: Replication,
    /// Region to the replication origins that may write there.
    pub origins: BTreeMap<String, Vec<String>>,
    pub sample: Option<Sample>,
    pub schedule: Schedule,
    pub append_only: bool,
    pub columns: BTreeMap<String, Column>,
    /// Column to the reason why it is not compared.
    pub ignore: BTreeMap<String, String>,
    /// Met without a types.yaml.
    #[serde(skip)]
    pub from_events: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Tenant {
    Column(String),
    Const(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeySpec {
    pub tenant: Tenant,
    pub id: Vec<String>,
}

impl KeySpec {
    /// The columns of the key in its order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let tenant = match &self.tenant {
            Tenant::Column(name) => Some(name.as_str()),
            Tenant::Const(_) => None,
        };
        tenant.into_iter().chain(self.id.iter().map(String::as_str))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Replication {
    Opaque,
    Native,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Schedule {
    Stream,
    Batch,
}

/// A key is kept iff its hash modulo `of` is in `take`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    pub of: u64,
    pub take: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    pub logical: Logical,
    /// How each side spells it on the wire.
    pub wires: [Physical; 2],
    pub toast: bool,
    pub precision: Option<Precision>,
    pub nfc: bool,
    pub as_set: bool,
    pub text_json: bool,
}

impl Column {
    pub fn plain(logical: Logical) -> Self {
        Column {
            logical,
            wires: [Physical::default(), Physical::default()],
            toast: false,
            precision: None,
            nfc: false,
            as_set: false,
            text_json: false,
        }
    }

    /// Why this column cannot be compared exactly, if so.
    pub fn lossy(&self) -> Option<&'static str> {
        self.lossy_on(0).or(self.lossy_on(1))
    }

    /// What this side's wire loses, its own or that of an array's elements.
    pub fn lossy_on(&self, side: usize) -> Option<&'static str> {
        let element = match &self.logical {
            Logical::Array(element) => element.lossy_on(side),
            _ => None,
        };
        self.wires[side].lossy().or(element)
    }
}

impl Physical {
    /// What is lost on this wire.
    pub fn lossy(&self) -> Option<&'static str> {
        match self.wire {
            Some(Wire::Double) => Some("decimals as binary doubles"),
            Some(Wire::ConnectMs) => Some("times cut to milliseconds"),
            Some(Wire::MicroDuration) => Some("an interval's months as 30.4375 days"),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Logical {
    Int,
    Decimal,
    Float64,
    Float32,
    Bool,
    Text,
    Json,
    Timestamptz,
    Timestamp,
    Date,
    Time,
    Interval,
    Bytes,
    Uuid,
    Array(Box<Column>),
}

impl Logical {
    pub const NAMES: [&str; 15] = [
        "int",
        "decimal",
        "float64",
        "float32",
        "bool",
        "text",
        "json",
        "timestamptz",
        "timestamp",
        "date",
        "time",
        "interval",
        "bytes",
        "uuid",
        "array",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Logical::Int => "int",
            Logical::Decimal => "decimal",
            Logical::Float64 => "float64",
            Logical::Float32 => "float32",
            Logical::Bool => "bool",
            Logical::Text => "text",
            Logical::Json => "json",
            Logical::Timestamptz => "timestamptz",
            Logical::Timestamp => "timestamp",
            Logical::Date => "date",
            Logical::Time => "time",
            Logical::Interval => "interval",
            Logical::Bytes => "bytes",
            Logical::Uuid => "uuid",
            Logical::Array(_) => "array",
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Physical {
    pub wire: Option<Wire>,
    pub scale: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Wire {
    Base64,
    Base64url,
    Hex,
    Struct,
    String,
    Number,
    Double,
    Iso,
    EpochMs,
    EpochUs,
    EpochNs,
    ConnectMs,
    Days,
    MicroDuration,
}

impl Wire {
    const ALL: [(&str, Wire); 14] = [
        ("base64", Wire::Base64),
        ("base64url", Wire::Base64url),
        ("hex", Wire::Hex),
        ("struct", Wire::Struct),
        ("string", Wire::String),
        ("number", Wire::Number),
        ("double", Wire::Double),
        ("iso", Wire::Iso),
        ("epoch_ms", Wire::EpochMs),
        ("epoch_us", Wire::EpochUs),
        ("epoch_ns", Wire::EpochNs),
        ("connect_ms", Wire::ConnectMs),
        ("days", Wire::Days),
        ("micro_duration", Wire::MicroDuration),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, w)| *w == self).map_or("", |(n, _)| n)
    }

    fn from_name(name: &str) -> Option<Wire> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, w)| *w)
    }

    /// The wires that a logical type may arrive in.
    pub fn of(logical: &Logical) -> &'static [Wire] {
        match logical {
            Logical::Int => &[Wire::Number, Wire::String, Wire::Double],
            Logical::Decimal => &[Wire::Base64, Wire::Struct, Wire::String, Wire::Number, Wire::Double],
            Logical::Timestamptz | Logical::Timestamp => {
                &[Wire::Iso, Wire::EpochMs, Wire::EpochUs, Wire::EpochNs, Wire::ConnectMs]
            }
            Logical::Date => &[Wire::Days, Wire::Iso],
            Logical::Time => &[Wire::EpochMs, Wire::EpochUs, Wire::EpochNs, Wire::Iso, Wire::ConnectMs],
            Logical::Interval => &[Wire::Iso, Wire::MicroDuration],
            Logical::Bytes => &[Wire::Base64, Wire::Base64url, Wire::Hex],
            _ => &[],
        }
    }
}

pub fn index(side: Side) -> usize {
    match side {
        Side::Lhs => 0,
        Side::Rhs => 1,
    }
}

pub fn other(side: Side) -> Side {
    match side {
        Side::Lhs => Side::Rhs,
        Side::Rhs => Side::Lhs,
    }
}

impl Types {
    pub fn side(&self, side: Side) -> &SideSpec {
        &self.sides[index(side)]
    }

    /// What a run without a types.yaml starts from.
    pub fn from_events() -> Types {
        let side = |region: &str| SideSpec { region: region.into(), connector: String::new(), heartbeat_ms: 10_000 };
        Types {
            job: "default".into(),
            sides: [side("lhs"), side("rhs")],
            tables: Vec::new(),
            placeholder: PLACEHOLDER.into(),
            infer: false,
            from_events: true,
        }
    }

    /// Nothing but the schema blocks of the events says what their columns are.
    pub fn needs_blocks(&self) -> bool {
        self.from_events && !self.infer
    }
}

impl Table {
    /// A table met without a types.yaml: kind = last segment of the topic.
    pub fn met(topic: &str, key: KeySpec) -> Table {
        Table {
            kind: topic.rsplit('.').next().unwrap_or(topic).to_owned(),
            topics: [topic.to_owned(), topic.to_owned()],
            key,
            replication: Replication::Opaque,
            origins: BTreeMap::new(),
            sample: None,
            schedule: Schedule::Stream,
            append_only: false,
            columns: BTreeMap::new(),
            ignore: BTreeMap::new(),
            from_events: true,
        }
    }

    /// A table met in a digest stream. Which columns its key has is not told and not needed.
    pub fn of_digests(kind: &str, topic: &str) -> Table {
        let table = Table::met(topic, KeySpec { tenant: Tenant::Const(String::new()), id: Vec::new() });
        Table { kind: kind.to_owned(), ..table }
    }

    /// Names of the toast columns, sorted.
    pub fn toast_columns(&self) -> Vec<&str> {
        self.columns.iter().filter(|(_, c)| c.toast && c.lossy().is_none()).map(|(n, _)| n.as_str()).collect()
    }

    /// First 32 bits of SHA-256 over profile, table entry and key id: digests with another one are not comparable.
    pub fn profile_fp(&self, hmac_key_id: Option<&str>) -> u32 {
        let mut hash = Sha256::new();
        hash.update(PROFILE);
        hash.update([0]);
        if self.from_events {
            // The topics of the two sides differ, and a reader of digests knows no more than the kind.
            hash.update(&self.kind);
        } else {
            // Plain structs and ordered maps with text keys: encoding them cannot fail.
            hash.update(serde_json::to_vec(self).unwrap_or_default());
        }
        hash.update([0]);
        hash.update(hmac_key_id.unwrap_or_default());
        let digest = hash.finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }
}
