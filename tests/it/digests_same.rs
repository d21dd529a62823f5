//! A run over digests gives the records, the counts and the root of a run over the recordings themselves.

use serde_json::{Value, json};

use crate::audit::*;
use crate::common::Sandbox;

const SEEDS: u64 = 40;

/// Numerical Recipes' generator.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

/// One side's recording: rows, deletes with and without their tombstones, control records, truncates, heartbeats, topics that
/// no table names, unreadable records, gaps of offsets and of time.
fn recording(side: &str, chance: &mut Chance, beats: bool) -> String {
    let mut out = String::new();
    let (mut ms, mut offsets) = (0_i64, [0_u64; 4]);
    for _ in 0..40 {
        ms += [0, 300, 900, 4_000, 15_000, 50_000][chance.below(6) as usize];
        let (partition, id, what) = (chance.below(3), chance.below(5), chance.below(24));
        let at = ms - [0, 0, 0, 1_500, 3_500][chance.below(5) as usize].min(ms);
        let mut push = |topic: &str, partition: u64, key: Option<u64>, value: Value| {
            let offset = &mut offsets[partition as usize];
            let key = key.map(|id| json!({"tenant": "acme", "id": id}));
            let record = json!({"topic": topic, "partition": partition, "offset": *offset,
                "timestamp": 1_795_464_000_000 + at, "key": key, "value": value});
            out.push_str(&format!("{record}\n"));
            *offset += 1 + u64::from(id == 4);
        };
        let table = format!("{side}.t");
        let source = json!({"ts_ms": 1_795_464_000_000 + at - 50, "lsn": 1_000 + ms, "db": "d", "table": "t"});
        let row = json!({"tenant": "acme", "id": id, "v": chance.below(2).to_string()});
        let event = |op: &str, after: Value| json!({"before": null, "after": after, "op": op, "source": source});
        match what {
            0..10 => push(&table, partition, Some(id), event("u", row)),
            10..15 => {
                push(&table, partition, Some(id), event("d", Value::Null));
                if what < 14 {
                    push(&table, partition, Some(id), Value::Null);
                }
            }
            15 => push(&table, partition, Some(id), Value::Null),
            16 => push(&table, partition, None, event("m", Value::Null)),
            17 => push(&table, partition, None, event("t", Value::Null)),
            18 => push(&table, partition, Some(id), json!({"op": "u"})),
            19 => push("elsewhere", 3, None, json!({})),
            // Two records at one offset, and a row under the event key of another.
            20 => {
                push(&table, partition, Some(id), event("u", row));
                let line = out.lines().last().unwrap_or_default().replace("\"v\":\"", "\"v\":\"again ");
                out.push_str(&format!("{line}\n"));
            }
            21 => push(&table, partition, Some(id + 1), event("u", row)),
            _ if beats => push(&format!("__debezium-heartbeat.{side}"), 3, None, json!({})),
            _ => {}
        }
    }
    out
}

/// The data records without what only recordings show, and counts.
fn essence(records: &[Value]) -> (Vec<Value>, Value) {
    let mut all = data(records);
    for record in &mut all {
        if record["schema"] == "govctl.diff/1" {
            record["cols"] = Value::Null;
        }
        // Lines of an unreadable record are those of its file, and the digest stream has others.
        for field in ["file", "line"] {
            record.as_object_mut().unwrap().remove(field);
        }
    }
    (all, records.last().unwrap()["counts"].clone())
}

#[test]
fn digests_give_what_recordings_give() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    for seed in 0..SEEDS {
        let mut chance = Chance(seed);
        for (side, name) in [("us", "US"), ("eu", "EU")] {
            s.write(side, recording(name, &mut chance, seed % 3 > 0));
        }
        for (side, source) in [("lhs", "us"), ("rhs", "eu")] {
            let args = ["diff", "digest", "--now", NOW, "--side", side, "--types", "t.yaml", source, "--allow-empty"];
            s.write(side, s.govctl(args).run().stdout);
        }
        let at_end = ["final", "hold"][seed as usize % 2];
        let _ = std::fs::remove_dir_all(s.path("one"));
        let _ = std::fs::remove_dir_all(s.path("two"));
        let more = ["--at-end", at_end, "--allow-poison", "--allow-empty", "--evidence"];
        let fused = run(&s, "t.yaml", "us", "eu", &[&more[..], &["one"]].concat()).run();
        let args = ["diff", "run", "--now", NOW, "--types", "t.yaml", "--digests", "lhs", "rhs"];
        let apart = s.govctl(args.iter().chain(&more).chain(&["two"])).run();
        let what = format!("seed {seed}");
        let (apart_says, fused_says) = (essence(&apart.records()), essence(&fused.records()));
        assert_eq!(apart_says, fused_says, "{what}");
        assert_eq!(apart.code, fused.code, "{what}");
        assert_eq!(proof(&s, "two")["root"], proof(&s, "one")["root"], "{what}");
    }
}
