//! Arbitrary text as types.yaml. What is accepted is written out in full and read again: the fingerprint that says
//! whether digests may be compared must be the same.
#![no_main]

use std::fmt::Write;

use govctl::diff::canon::time::Precision;
use govctl::diff::types::{Column, Logical, Physical, Replication, Schedule, Table, Tenant, Types, parse};
use govctl::record::diff::Side;
use libfuzzer_sys::fuzz_target;

/// A double-quoted YAML scalar.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
        }
    }
    out.push('"');
    out
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|i| quoted(i)).collect::<Vec<_>>().join(", "))
}

fn physical(side: &str, physical: &Physical) -> String {
    let mut facts = Vec::new();
    facts.extend(physical.wire.map(|w| format!("wire: {}", w.name())));
    facts.extend(physical.scale.map(|s| format!("scale: {s}")));
    if facts.is_empty() { String::new() } else { format!(", {side}: {{ {} }}", facts.join(", ")) }
}

fn column(c: &Column) -> String {
    let mut out = format!("{{ type: {}", c.logical.name());
    if let Logical::Array(element) = &c.logical {
        let _ = write!(out, ", of: {}", column(element));
    }
    out += &physical("lhs", &c.wires[0]);
    out += &physical("rhs", &c.wires[1]);
    let precision = c.precision.map(|p| match p {
        Precision::S => "s",
        Precision::Ms => "ms",
        Precision::Us => "us",
    });
    if let Some(precision) = precision {
        let _ = write!(out, ", precision: {precision}");
    }
    let _ = write!(out, ", toast: {}, nfc: {}, as_set: {}, text_json: {} }}", c.toast, c.nfc, c.as_set, c.text_json);
    out
}

fn table(t: &Table, out: &mut String) {
    let tenant = match &t.key.tenant {
        Tenant::Column(name) => quoted(name),
        Tenant::Const(value) => format!("{{ const: {} }}", quoted(value)),
    };
    let _ = writeln!(
        out,
        "  - kind: {}\n    lhs: {}\n    rhs: {}",
        quoted(&t.kind),
        quoted(&t.topics[0]),
        quoted(&t.topics[1])
    );
    let _ = writeln!(out, "    key: {{ tenant: {tenant}, id: {} }}", list(&t.key.id));
    let replication = if t.replication == Replication::Native { "native" } else { "opaque" };
    let schedule = if t.schedule == Schedule::Batch { "batch" } else { "stream" };
    let _ =
        writeln!(out, "    replication: {replication}\n    schedule: {schedule}\n    append_only: {}", t.append_only);
    let _ = writeln!(out, "    origins: {{");
    for (region, origins) in &t.origins {
        let _ = writeln!(out, "      {}: {},", quoted(region), list(origins));
    }
    let _ = writeln!(out, "      }}");
    if let Some(sample) = &t.sample {
        let _ = writeln!(out, "    risk: low\n    sample: {{ of: {}, take: {:?} }}", sample.of, sample.take);
    }
    let _ = writeln!(out, "    columns: {{");
    for (name, c) in &t.columns {
        let _ = writeln!(out, "      {}: {},", quoted(name), column(c));
    }
    let _ = writeln!(out, "      }}\n    ignore: {{");
    for (name, reason) in &t.ignore {
        let _ = writeln!(out, "      {}: {},", quoted(name), quoted(reason));
    }
    let _ = writeln!(out, "      }}");
}

fn written(types: &Types) -> String {
    let mut out = format!("version: 1\njob: {}\n", quoted(&types.job));
    for side in [Side::Lhs, Side::Rhs] {
        let s = types.side(side);
        let _ = writeln!(
            out,
            "{}: {{ region: {}, connector: {}, heartbeat: {}ms }}",
            side.as_str(),
            quoted(&s.region),
            quoted(&s.connector),
            s.heartbeat_ms
        );
    }
    let _ = writeln!(out, "placeholder: {}\ntables:", quoted(&types.placeholder));
    for t in &types.tables {
        table(t, &mut out);
    }
    out
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(types) = parse(text, "types.yaml") else { return };
    let full = written(&types);
    let again = match parse(&full, "full.yaml") {
        Ok(again) => again,
        Err(e) => panic!("{e}\n{full}"),
    };
    assert_eq!((&types.job, &types.placeholder), (&again.job, &again.placeholder));
    assert_eq!(types.tables.len(), again.tables.len());
    for (a, b) in types.tables.iter().zip(&again.tables) {
        assert_eq!(a.profile_fp(None), b.profile_fp(None), "{full}");
        assert_ne!(a.profile_fp(None), a.profile_fp(Some("key")), "a key changes the fingerprint");
    }
});
