use super::*;
use crate::anomaly::generate::{START_S, tenant};
use crate::anomaly::intake::Event;
use crate::anomaly::rules;
use crate::anomaly::times::Time;

const HOUR: i64 = 3_600_000;

fn rules(fields: &str) -> Rules {
    rules::read(&format!("rules: [{{id: r, input: points, missing: zero, tz: Europe/Berlin, {fields}}}]"))
        .rules
        .unwrap()
}

/// Key, time and value of every hour of some tenants, by hour.
fn hours(tenants: usize, weeks: usize) -> Vec<(String, i64, f64)> {
    let tenants: Vec<_> = (0..tenants).map(|number| tenant(7, number)).collect();
    let of = |hour: usize| {
        tenants.iter().map(move |t| (t.name.clone(), START_S * 1000 + hour as i64 * HOUR, t.counts[hour]))
    };
    (0..weeks * 168).flat_map(of).collect()
}

fn feed(watch: &mut Watch, hours: &[(String, i64, f64)], told: &mut Vec<String>) {
    for (key, ms, value) in hours {
        let event = Event { rule: 0, key, time: Time::Instant(*ms), value: Some(*value), id: None, label: None };
        watch.push(&event, &mut |t| told.push(format!("{t:?}")));
    }
}

fn read(state: &[u8]) -> State {
    State::read(state).unwrap_or_else(|damaged| panic!("{damaged:?}"))
}

#[test]
fn every_cut_into_runs_tells_what_one_run_tells() {
    let rules = rules("group_by: [tenant], cooldown: 6h");
    let all = hours(3, 5);
    let mut whole = Vec::new();
    let mut watch = Watch::new(&rules, vec![None], 100, true);
    feed(&mut watch, &all, &mut whole);
    let last = watch.save().unwrap();
    assert!(whole.iter().any(|told| told.starts_with("Alert")) && whole.iter().any(|told| told.starts_with("Guard")));
    let mut cuts: Vec<Vec<usize>> = (1..all.len()).step_by(97).map(|at| vec![at]).collect();
    cuts.extend((100..all.len() - 400).step_by(331).map(|at| vec![at, at + 1 + at % 399]));
    for cut in cuts {
        let (mut told, mut state, mut from) = (Vec::new(), None::<Vec<u8>>, 0);
        for until in cut.iter().copied().chain([all.len()]) {
            let mut watch = Watch::new(&rules, vec![None], 100, true);
            if let Some(state) = state {
                assert_eq!(watch.resume(read(&state), false).unwrap(), TakenUp::default());
            }
            feed(&mut watch, &all[from..until], &mut told);
            (state, from) = (Some(watch.save().unwrap()), until);
        }
        assert_eq!(told.len(), whole.len(), "cut at {cut:?}");
        assert!(told == whole, "cut at {cut:?}: {:?}", told.iter().zip(&whole).find(|(a, b)| a != b));
        assert!(state.unwrap() == last, "cut at {cut:?}: the state is another");
    }
}

#[test]
fn an_input_that_repeats_the_open_buckets_tells_the_same() {
    let rules = rules("group_by: [tenant], lateness: 3h");
    let all = hours(2, 5);
    let (mut whole, mut told) = (Vec::new(), Vec::new());
    let mut watch = Watch::new(&rules, vec![None], 100, true);
    feed(&mut watch, &all, &mut whole);
    let last = watch.save().unwrap();
    let cut = 1_201;
    let mut first = Watch::new(&rules, vec![None], 100, true);
    feed(&mut first, &all[..cut], &mut told);
    let state = first.save().unwrap();
    let mut second = Watch::new(&rules, vec![None], 100, true);
    second.resume(read(&state), true).unwrap();
    // Two days more than what was open: what is closed changes nothing.
    feed(&mut second, &all[cut - 96..], &mut told);
    assert!(told == whole, "{:?}", told.iter().zip(&whole).find(|(a, b)| a != b));
    assert!(second.save().unwrap() == last);
    assert!(second.buckets.counts.behind > 80);
}

#[test]
fn a_state_that_was_cut_or_altered_is_refused() {
    let rules = rules("group_by: [tenant]");
    let mut watch = Watch::new(&rules, vec![None], 100, true);
    feed(&mut watch, &hours(2, 1), &mut Vec::new());
    let state = watch.save().unwrap();
    read(&state);
    for end in (0..state.len()).step_by(13).chain([state.len() - 1]) {
        assert!(State::read(&state[..end]).is_err(), "cut after {end} bytes");
    }
    for at in (0..state.len()).step_by(41) {
        let mut altered = state.clone();
        altered[at] ^= 1;
        assert!(State::read(&altered).is_err(), "bit 0 of byte {at}");
    }
    let text = String::from_utf8(state).unwrap();
    let newer = text.replace("govctl.anomaly.state/1", "govctl.anomaly.state/2");
    assert!(State::read(newer.as_bytes()).is_err());
    let twice = format!("{text}{text}");
    assert!(State::read(twice.as_bytes()).is_err());
}

/// The last canaries of a rule after five weeks.
fn canaries(fields: &str) -> Vec<Verdict> {
    let rules = rules(fields);
    let mut watch = Watch::new(&rules, vec![None], 100, true);
    feed(&mut watch, &hours(12, 5), &mut Vec::new());
    watch.canaries().map(|guarded| guarded.verdict).collect()
}

#[test]
fn a_raised_threshold_turns_the_canary_within_seven_days() {
    let fields = "group_by: [tenant], direction: up, must_detect: {rel: 8, abs: 50}";
    assert_eq!(canaries(fields), [Verdict::Ok]);
    assert_eq!(canaries(&format!("{fields}, threshold: 50")), [Verdict::Fail]);
    // Raised in a running watch: after four weeks at 2.5 a week at 50 is enough.
    let (calm, raised) = (rules(fields), rules(&format!("{fields}, threshold: 50")));
    let all = hours(12, 5);
    let at = all.len() - 12 * 168;
    let mut watch = Watch::new(&calm, vec![None], 100, true);
    feed(&mut watch, &all[..at], &mut Vec::new());
    let state = watch.save().unwrap();
    let mut watch = Watch::new(&raised, vec![None], 100, true);
    watch.resume(read(&state), false).unwrap();
    assert_eq!(watch.counts().rewarmed, 0, "a threshold has no part in what was learned");
    feed(&mut watch, &all[at..], &mut Vec::new());
    assert_eq!(watch.canaries().map(|guarded| guarded.verdict).collect::<Vec<_>>(), [Verdict::Fail]);
}

#[test]
fn peers_are_the_other_series_of_the_same_bucket() {
    let rules = rules("group_by: [tenant]");
    let mut watch = Watch::new(&rules, vec![None], 100, false);
    let mut events = Vec::new();
    for hour in 0..300 {
        for (name, extra) in [("a", 900.0), ("b", 900.0), ("c", 0.0)] {
            let value = 100.0 + f64::from((hour * 7) % 5) + if hour == 290 { extra } else { 0.0 };
            events.push((name.to_owned(), i64::from(hour) * HOUR, value));
        }
    }
    let mut peers = Vec::new();
    for (key, ms, value) in &events {
        let event = Event { rule: 0, key, time: Time::Instant(*ms), value: Some(*value), id: None, label: None };
        watch.push(&event, &mut |told| {
            if let Told::Alert(judged, _, of) = told
                && judged.start == 290 * HOUR
            {
                peers.push((judged.key.to_string(), of.breaching, of.all));
            }
        });
    }
    assert_eq!(peers, [("a".to_owned(), 1, 2), ("b".to_owned(), 1, 2)]);
}

#[test]
fn a_past_is_scored_again_with_other_fields_and_dropped_where_series_are_others() {
    let all = hours(3, 4);
    let before = rules("alpha: 0.2");
    let mut watch = Watch::new(&before, vec![None], 100, true);
    feed(&mut watch, &all, &mut Vec::new());
    let state = watch.save().unwrap();
    let other = rules("alpha: 0.4");
    let mut watch = Watch::new(&other, vec![None], 100, true);
    assert_eq!(watch.resume(read(&state), false).unwrap(), TakenUp::default());
    assert_eq!(watch.counts().rewarmed, 3);
    // Nothing older than 35 days is there yet, so all of the past was scored again.
    let mut fresh = Watch::new(&other, vec![None], 100, true);
    feed(&mut fresh, &all, &mut Vec::new());
    let scored = |watch: &Watch| {
        let text = String::from_utf8(watch.save().unwrap()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.iter().filter_map(|line| line.pointer("/scored/scorer").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(scored(&watch).len(), 3);
    assert_eq!(scored(&watch), scored(&fresh));
    for fields in ["bucket: 2h", "tz: UTC", "group_by: []"] {
        let text = format!("rules: [{{id: r, input: points, missing: zero, {fields}}}]");
        let changed = rules::read(&text).rules.unwrap();
        let mut watch = Watch::new(&changed, vec![None], 100, true);
        assert_eq!(watch.resume(read(&state), false).unwrap().restarted, ["r"], "{fields}");
        assert_eq!(watch.buckets.series(), 0);
    }
    let renamed = rules::read("rules: [{id: q}]").rules.unwrap();
    let mut watch = Watch::new(&renamed, vec![None], 100, true);
    assert_eq!(watch.resume(read(&state), false).unwrap().dropped, ["r"]);
}
