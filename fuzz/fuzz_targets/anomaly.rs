//! Arbitrary text as adaptive.yaml, as parameters, as labels, as the body of a state, and as lines of NDJSON and CSV: nothing panics,
//! every mistake has its place, and what is read comes to buckets that a saved state brings back.
#![no_main]

use data_encoding::HEXLOWER;
use govctl::anomaly::buckets::{Buckets, SeriesState};
use govctl::anomaly::intake::{Columns, Plan, Reader};
use govctl::anomaly::judge::labels::{self, Around, Format};
use govctl::anomaly::rules::{self, Rules, params};
use govctl::anomaly::times::{self, Time};
use govctl::anomaly::watch::{State, Watch};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const RULES: &str = "rules:
  - {id: e, tz: Europe/Berlin, dedupe_by: id, group_by: [tenant, meta.k], where: {w: [x, 1]}}
  - {id: p, tz: Australia/Lord_Howe, kind: gauge, bucket: 12h}
  - {id: v, tz: UTC, value: value, bucket: 1d, lateness: 2d}
";

fn rules(text: &str) {
    let checked = rules::read(text);
    assert_eq!(checked.rules.is_none(), checked.errors().next().is_some());
    let lines = text.split(['\n', '\r']).count() as u64 + 1;
    for found in &checked.found {
        assert!(found.line <= lines, "line {} of {lines}: {}", found.line, found.message);
    }
}

fn labels(text: &str) {
    let around = Around { before: 3, after: 12 };
    let time = |text: &str| match times::parse(text.as_bytes()) {
        Ok(Time::Instant(ms) | Time::Local(ms)) => Ok(ms),
        Err(what) => Err(what.to_owned()),
    };
    for format in [Format::Csv, Format::Json] {
        labels::read(text, format, around, &time);
    }
}

/// A digest that holds says nothing of who made the file.
fn state(text: &str, rules: &Rules) {
    let body: String = text.lines().map(|line| format!("{line}\n")).collect();
    let sha256 = HEXLOWER.encode(&Sha256::digest(&body));
    let closed = format!("{body}{{\"lines\":{},\"sha256\":\"{sha256}\"}}\n", body.lines().count());
    for overlap in [false, true] {
        let Ok(state) = State::read(closed.as_bytes()) else { return };
        let mut watch = Watch::new(rules, vec![None; rules.rules.len()], 3, true);
        if watch.resume(state, overlap).is_ok() {
            let _ = watch.save();
        }
    }
}

fuzz_target!(|text: &str| {
    rules(text);
    labels(text);
    let all = rules::read(RULES).rules.expect("the rules are sound");
    state(text, &all);
    let rules = all.rules;
    let _ = params::read(text, &rules);
    let plan = Plan::new(&rules, &Columns::new());
    for name in ["a.csv", "a.ndjson"] {
        let mut reader = Reader::new(&plan, name, Some("acme".to_owned()));
        let mut buckets = Buckets::new(&rules, 3);
        for line in text.split('\n') {
            reader.line(line.as_bytes(), |item| {
                if let Ok(event) = item {
                    buckets.push(&event, |_| ());
                }
            });
        }
        let saved: Vec<(usize, String, String)> = buckets
            .save()
            .map(|(rule, _, key, state)| (rule, key.to_owned(), serde_json::to_string(&state).expect("JSON")))
            .collect();
        let mut again = Buckets::new(&rules, 3);
        for (rule, key, state) in &saved {
            let state: SeriesState = serde_json::from_str(state).expect("what was saved is read");
            again.restore(*rule, key, &state);
        }
        let resaved: Vec<String> =
            again.save().map(|(_, _, _, state)| serde_json::to_string(&state).expect("JSON")).collect();
        assert!(saved.iter().map(|(_, _, state)| state).eq(&resaved));
    }
});
