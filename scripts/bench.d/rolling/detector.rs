//! The detector alone, without reading and writing: scores the hourly points of a CSV (tenant, ts, value; no hour left out), series
//! by series. Prints the points per CPU second of the median of eleven runs; nothing waits, so that wall time is CPU time.
#![allow(clippy::disallowed_methods, reason = "a tool of its own that measures time")]

use std::collections::BTreeMap;
use std::time::Instant;

use govctl::anomaly::method::{Method, Slot};
use govctl::anomaly::rules;
use govctl::anomaly::score::{Scorer, Seen};

const RULES: &str = "rules: [{id: exports, input: points, tz: UTC}]";

fn scored(method: &Method, series: &[Vec<f64>]) -> usize {
    let mut scored = 0;
    for values in series {
        let mut scorer = Scorer::new(method);
        for (hour, value) in values.iter().enumerate() {
            let slot = Slot { day: 19_723 + (hour / 24) as i32, minute: (hour % 24 * 60) as u16 };
            scored += usize::from(scorer.push(slot, Seen::Value(*value)).verdict.is_some());
        }
    }
    scored
}

fn main() {
    let path = std::env::args().nth(1).expect("a path");
    let text = std::fs::read_to_string(path).expect("a file");
    let mut series: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let (tenant, rest) = line.split_once(',').expect("three fields");
        let value = rest.rsplit(',').next().and_then(|value| value.parse().ok()).expect("a value");
        series.entry(tenant).or_default().push(value);
    }
    let series: Vec<Vec<f64>> = series.into_values().collect();
    let points: usize = series.iter().map(Vec::len).sum();
    let method = rules::read(RULES).rules.expect("sound rules").rules[0].method(None);
    let mut seconds: Vec<f64> = (0..11)
        .map(|_| {
            let start = Instant::now();
            assert!(scored(&method, &series) > points / 2, "most points have a score");
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("{:.0}", points as f64 / seconds[seconds.len() / 2]);
}
