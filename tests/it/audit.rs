//! The recorded captures, `diff run` on them, and questions about its records.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::common::{Call, Sandbox, root};

pub const US: &str = "audit.US.audit_events.mirror.ndjson";
pub const EU: &str = "audit.EU.audit_events.mirror.ndjson";
pub const NOW: &str = "2026-11-24T00:00:00Z";
/// All tenants of the captures at home in the US.
pub const TENANTS: &str = "version: 1\ntenants:\n  - { id: acme, region: US }\n  - { id: bolt, region: US }\n  - { id: cora, region: US }\n  - { id: dune, region: US }\n  - { id: eiger, region: US }\n";

pub fn fixture(name: &str) -> String {
    root().join("fixtures/diff/captures").join(name).to_str().unwrap().to_owned()
}

pub fn text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// `diff run` with these files in the sandbox or the fixtures.
pub fn run(s: &Sandbox, types: &str, lhs: &str, rhs: &str, more: &[&str]) -> Call {
    let place = |name: &str| if s.path(name).exists() || name == "-" { name.to_owned() } else { fixture(name) };
    let (types, lhs, rhs) = (place(types), place(lhs), place(rhs));
    let args = ["diff", "run", "--now", NOW, "--types", &types, "--lhs", &lhs, "--rhs", &rhs];
    s.govctl(args.iter().chain(more))
}

pub fn captures(s: &Sandbox, more: &[&str]) -> Call {
    run(s, "types.yaml", US, EU, more)
}

pub fn counts(records: &[Value]) -> BTreeMap<String, u64> {
    let end = records.last().filter(|r| r["event"] == "end").expect("the stream has an end record");
    end["counts"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.as_u64().unwrap())).collect()
}

pub fn diffs(records: &[Value]) -> Vec<Value> {
    records.iter().filter(|r| r["schema"] == "govctl.diff/1").cloned().collect()
}

/// The diffs that stay open, by tenant/id: the latest rev of each episode.
pub fn open(records: &[Value]) -> BTreeMap<String, Value> {
    let mut latest: BTreeMap<String, Value> = BTreeMap::new();
    for diff in diffs(records) {
        latest.insert(diff["diff_id"].as_str().unwrap().to_owned(), diff);
    }
    latest.into_values().filter(|d| d["state"] == "open").map(|d| (key(&d), d)).collect()
}

/// `tenant/id` of a record.
pub fn key(record: &Value) -> String {
    format!("{}/{}", record["tenant"].as_str().unwrap(), record["id"].as_str().unwrap())
}

/// `code side subject` of the findings, sorted.
pub fn findings(records: &[Value]) -> Vec<String> {
    let word = |r: &Value, name: &str| r[name].as_str().unwrap_or("-").to_owned();
    let mut all: Vec<String> = records
        .iter()
        .filter(|r| r["schema"] == "govctl.finding/1")
        .map(|r| format!("{} {} {}", word(r, "code"), word(r, "side"), word(r, "subject")))
        .collect();
    all.sort();
    all
}

/// The data lines without the run records, which name their files.
pub fn data(records: &[Value]) -> Vec<Value> {
    records.iter().filter(|r| r["schema"] != "govctl.run/1").cloned().collect()
}

/// Types of the small table `t`, whose events [`event`] makes. A heartbeat is 10 s.
pub const SMALL: &str = "version: 1\njob: small\nlhs: { region: US, connector: US }\nrhs: { region: EU, connector: EU }\ntables:\n  - kind: t\n    lhs: US.t\n    rhs: EU.t\n    key: { tenant: tenant, id: [id] }\n    columns: { tenant: text, id: int, v: text }\n";

/// A capture line of the small table: a row written `ms` after the epoch's 1,795,464,000 s, at log position `offset`.
pub fn event(topic: &str, offset: u64, ms: i64, id: u64, v: &str) -> String {
    let ms = 1_795_464_000_000 + ms;
    let row = serde_json::json!({"tenant": "acme", "id": id, "v": v});
    let value = serde_json::json!({"before": null, "after": row, "op": "c", "ts_ms": ms,
        "source": {"ts_ms": ms, "lsn": 1000 + offset, "db": "d", "table": "t"}});
    let key = serde_json::json!({"tenant": "acme", "id": id});
    serde_json::json!({"topic": topic, "partition": 0, "offset": offset, "timestamp": ms, "key": key, "value": value,
        "headers": {}})
    .to_string()
}

/// The key's text and the value's text of a capture line, as Debezium wrote them.
pub fn key_and_value(line: &str) -> (&str, &str) {
    let from = line.find("\"key\":").unwrap() + 6;
    let middle = from + line[from..].find(",\"value\":").unwrap();
    let to = line.rfind(",\"headers\":").unwrap();
    (&line[from..middle], &line[middle + 9..to])
}

/// The lines of a capture in `kcat -J` framing.
pub fn kcat(capture: &str) -> String {
    let mut out = String::new();
    for line in capture.lines() {
        let head: Value = serde_json::from_str(line).unwrap();
        let (key, value) = key_and_value(line);
        let string = |text: &str| if text == "null" { Value::Null } else { Value::from(text) };
        let record = serde_json::json!({
            "topic": head["topic"], "partition": head["partition"], "offset": head["offset"], "tstype": "create",
            "ts": head["timestamp"], "broker": 0, "key": string(key), "payload": string(value),
        });
        out.push_str(&format!("{record}\n"));
    }
    out
}

/// The US capture `n` times over, each time with tenants and offsets of its own.
pub fn multiplied(n: u64) -> String {
    let mut out = String::new();
    for round in 0..n {
        for line in text(US).lines() {
            let (head, tail) = line.split_once("\"offset\":").unwrap();
            let (offset, tail) = tail.split_at(tail.find(',').unwrap());
            let offset = round * 1000 + offset.parse::<u64>().unwrap();
            let tail = tail.replace("\"tenant\":\"", &format!("\"tenant\":\"{round}"));
            out.push_str(&format!("{head}\"offset\":{offset}{tail}\n"));
        }
    }
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The only folder in an evidence root.
pub fn evidence(s: &Sandbox, root: &str) -> String {
    let mut all: Vec<_> = std::fs::read_dir(s.path(root)).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|p| p.join("manifest.json").exists());
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].to_str().unwrap().to_owned()
}

/// Every file of the only run in an evidence root, by name.
pub fn evidence_files(s: &Sandbox, root: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(evidence(s, root)).unwrap().map(|e| e.unwrap().path());
    entries.map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(p).unwrap())).collect()
}

pub fn proof(s: &Sandbox, root: &str) -> Value {
    let bytes = std::fs::read(format!("{}/proof.json", evidence(s, root))).unwrap();
    crate::strict::line(bytes.trim_ascii_end()).unwrap()
}
