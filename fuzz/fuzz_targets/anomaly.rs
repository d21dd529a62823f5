//! Arbitrary text as adaptive.yaml, as parameters, as times, and as lines of NDJSON and CSV: nothing panics, every mistake
//! has its place, and what is read comes to buckets that a saved state brings back.
#![no_main]

use govctl::anomaly::buckets::{Buckets, SeriesState};
use govctl::anomaly::intake::{Columns, Plan, Reader};
use govctl::anomaly::rules::{self, params};
use libfuzzer_sys::fuzz_target;

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

fuzz_target!(|text: &str| {
    rules(text);
    let rules = rules::read(RULES).rules.expect("the rules are sound").rules;
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
