use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::anomaly::generate::{START_S, tenant};
use crate::anomaly::judge::evaluate::At;
use crate::anomaly::judge::labels::{Around, Format};
use crate::anomaly::judge::track::Extent;
use crate::anomaly::method::Slot;
use crate::anomaly::rules;
use crate::anomaly::score::Seen;

fn asked() -> Asked {
    Asked {
        warmup: Warmup::Span(14 * 86_400_000),
        inject: 40,
        resamples: 100,
        cluster: Cluster::Series,
        seed: 1,
        gate: Gate::Lower,
        gate_baselines: vec![Name::Static],
        min_reduction: 0.4,
        with_literal: false,
        sets: Vec::new(),
    }
}

fn start(hour: usize) -> i64 {
    (START_S + 3_600 * hour as i64) * 1_000
}

/// A generated tenant, and its labels.
fn series(number: usize) -> (Series, Marks) {
    let tenant = tenant(8, number);
    let n = tenant.counts.len();
    let day = (START_S / 86_400) as i32;
    let series = Series {
        key: tenant.name.clone(),
        starts: (0..n).map(start).collect(),
        ends: (1..=n).map(start).collect(),
        slots: (0..n).map(|i| Slot { day: day + (i / 24) as i32, minute: (i % 24 * 60) as u16 }).collect(),
        seen: tenant.counts.iter().map(|x| Seen::Value(*x)).collect(),
        values: tenant.counts.iter().map(|x| Some(*x)).collect(),
        labelled: vec![None; n],
    };
    let labels = tenant.effects.iter().map(|(_, r)| Extent::Between { start: start(r.start), end: start(r.end) });
    (series, Marks { labels: labels.collect(), ignores: Vec::new() })
}

fn rules(text: &str) -> Vec<Rule> {
    rules::read(text).rules.unwrap().rules
}

fn subject<'a>(rule: &'a Rule, all: &'a [Series], marks: &[Marks], params: Option<&'a Params>) -> Subject<'a> {
    Subject { rule, params, against: None, series: all, marks: marks.to_vec() }
}

/// Windows of a rule in which the candidate breaches, each series at its own threshold.
fn breached(rule: &Tested) -> usize {
    let candidate = rule.detector(Name::Candidate).unwrap();
    let own = candidate.own.as_ref().unwrap();
    let of = |(i, track): (usize, &crate::anomaly::judge::track::Track)| {
        let hit = |w: &&std::ops::Range<usize>| candidate.scores[i][(*w).clone()].iter().any(|s| s.abs() >= own[i]);
        track.windows.iter().filter(hit).count()
    };
    rule.tracks.iter().enumerate().map(of).sum()
}

fn operating(set: &Assessed) -> (f64, usize) {
    let row = set.evaluation.rows.iter().find(|r| r.detector == Name::Candidate && r.at == At::Operating).unwrap();
    let figures = row.figures.as_ref().unwrap();
    (figures.threshold, figures.detected)
}

#[test]
fn rules_with_thresholds_of_their_own_are_judged_together_in_thresholds() {
    let rules = rules("rules: [{id: a, tz: UTC}, {id: b, tz: UTC, threshold: 5}, {id: empty, tz: UTC}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..4).map(series).unzip();
    let (left, right) = all.split_at(2);
    let subjects = vec![
        subject(&rules[0], left, &marks[..2], None),
        subject(&rules[1], right, &marks[2..], None),
        subject(&rules[2], &[], &[], None),
    ];
    let found = run(subjects, &asked(), &|| Ok(())).unwrap();
    assert_eq!(found.too_little, [("empty".to_owned(), 0)]);
    let names: Vec<(&str, usize, Option<usize>)> =
        found.sets.iter().map(|s| (s.set.as_str(), s.series, s.same_as)).collect();
    assert_eq!(names, [("a", 2, None), ("b", 2, None), ("all", 4, None)]);
    let (a, b) = (breached(&found.rules[0]), breached(&found.rules[1]));
    assert_eq!(operating(&found.sets[0]), (2.5, a));
    assert_eq!(operating(&found.sets[1]), (5.0, b));
    assert_eq!(operating(&found.sets[2]), (1.0, a + b));
    assert!(a > b && b > 0);
}

/// A parameter file for the rule `a`, with these fields besides those that it must have.
fn params(rules: &[Rule], besides: Value) -> BTreeMap<String, Params> {
    let fields = rules::canonical::fields(&rules[0]);
    let mut line = json!({
        "schema": rules::params::SCHEMA, "rule": "a", "alpha": 0.2, "streams": ["day", "week"], "transform": "identity",
        "rel_floor": 0.05, "threshold": 2.5, "rule_sha256": rules::canonical::sha256(&fields), "rule_fields": fields,
    });
    for (name, value) in besides.as_object().unwrap() {
        line[name] = value.clone();
    }
    rules::params::read(&line.to_string(), rules).unwrap()
}

#[test]
fn a_tenant_with_a_threshold_of_its_own_is_judged_by_it() {
    let rules = rules("rules: [{id: a, tz: UTC, direction: up}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..3).map(series).unzip();
    let params = params(&rules, json!({"threshold_by_tenant": {all[1].key.clone(): 1e6}}));
    let found = run(vec![subject(&rules[0], &all, &marks, params.get("a"))], &asked(), &|| Ok(())).unwrap();
    assert_eq!(operating(&found.sets[0]), (2.5, breached(&found.rules[0])));
    // Nothing of it is heard, and it is named.
    assert_eq!(found.sets[1].weak_tenants, [all[1].key.clone()]);
    let heard = |kind| {
        let of = found.injections.iter().find(|i| i.detector == Name::Candidate && i.kind == kind && i.size == 4.0);
        of.unwrap().power.unwrap()
    };
    let spikes = heard(crate::anomaly::inject::Kind::Spike);
    // A third of the places is its own, but for chance.
    assert!(spikes > 0.4 && spikes < 0.8, "{spikes}");
}

/// Hours 336 to 1344 of tenants 0 and 1 are judged.
#[test]
fn parameters_that_were_searched_in_what_is_judged_are_named() {
    let rules = rules("rules: [{id: a, tz: UTC}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..2).map(series).unzip();
    let named = |besides: Value| {
        let params = params(&rules, besides);
        let asked = Asked { inject: 1, resamples: 1, ..asked() };
        let found = run(vec![subject(&rules[0], &all, &marks, params.get("a"))], &asked, &|| Ok(())).unwrap();
        let set = found.sets.last().unwrap();
        assert_eq!(set.reasons.iter().any(|reason| reason.contains("tuned on data")), set.tuned_on_judged == ["a"]);
        (!set.tuned_on_judged.is_empty(), found.rules[0].tuned_on_judged)
    };
    let searched = |from: usize, until: usize, tenants: Value| {
        let time = |hour| crate::anomaly::times::text(start(hour));
        json!({"data_from": time(from), "certified_from": time(until), "threshold_by_tenant": tenants})
    };
    let known = || json!({all[1].key.clone(): 2.5});
    for (besides, expected) in [
        // The search ended where the judged part begins, or one hour later.
        (searched(0, 336, json!({})), false),
        (searched(0, 337, json!({})), true),
        // In the middle of the first judged hour, as a share of the time may fall.
        (json!({"data_from": "2024-01-01T00:00:00Z", "certified_from": "2024-01-15T00:30:00Z"}), false),
        // It began with the last judged hour, or behind it.
        (searched(1_343, 2_000, json!({})), true),
        (searched(1_344, 2_000, json!({})), false),
        // It knew one of the tenants, or another one.
        (searched(0, 1_000, known()), true),
        (searched(0, 336, known()), false),
        (searched(0, 1_000, json!({"another": 2.5})), false),
        // The line does not say where it was searched.
        (json!({}), true),
        (json!({"data_from": "2024-01-01T00:00:00Z", "certified_from": "later"}), true),
    ] {
        assert_eq!(named(besides.clone()), (expected, expected), "{besides}");
    }
    // The rule as it is written was searched nowhere.
    let written = run(vec![subject(&rules[0], &all, &marks, None)], &asked(), &|| Ok(())).unwrap();
    assert!(written.sets.iter().all(|set| set.tuned_on_judged.is_empty()));
}

/// Whatever it is busy with, an error of what is asked ends it, and it is asked for each series and detector.
#[test]
fn a_signal_ends_a_backtest() {
    let rules = rules("rules: [{id: a, tz: UTC}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..2).map(series).unzip();
    let asked = Asked { inject: 1, resamples: 1, ..asked() };
    let until = |last: usize| {
        let times = std::cell::Cell::new(0);
        let check = || {
            times.set(times.get() + 1);
            if times.get() == last { Err(Error::interrupted(2)) } else { Ok(()) }
        };
        let ended = run(vec![subject(&rules[0], &all, &marks, None)], &asked, &check).err();
        (times.get(), ended)
    };
    let (whole, ended) = until(usize::MAX);
    assert_eq!(ended, None);
    // Scores and injections of two series by three detectors, and one for each of the two sets.
    assert_eq!(whole, 2 * 2 * 3 + 2);
    for last in 1..=whole {
        assert_eq!(until(last), (last, Some(Refused::Ended(Error::interrupted(2)))));
    }
}

#[test]
fn named_sets_are_what_is_gated() {
    let rules = rules("rules: [{id: a, tz: UTC, threshold: 6}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..2).map(series).unzip();
    let gated = |sets: Vec<Wanted>| -> Vec<(String, bool)> {
        let found = run(vec![subject(&rules[0], &all, &marks, None)], &Asked { sets, ..asked() }, &|| Ok(())).unwrap();
        // So high a threshold fails everywhere.
        assert!(!found.passes(Gate::Point));
        found.sets.into_iter().map(|s| (s.set, s.gated)).collect()
    };
    let named = |name: &str, gated| (name.to_owned(), gated);
    assert_eq!(gated(Vec::new()), [named("a", true), named("all", true)]);
    let set = Wanted::parse(&format!("one={}", all[0].key)).unwrap();
    assert_eq!(gated(vec![set]), [named("a", false), named("one", true), named("all", false)]);
}

#[test]
fn the_worst_misses_are_drawn_with_their_band() {
    let rules = rules("rules: [{id: a, tz: UTC, threshold: 6}]");
    let (all, marks): (Vec<Series>, Vec<Marks>) = (0..4).map(series).unzip();
    let found = run(vec![subject(&rules[0], &all, &marks, None)], &asked(), &|| Ok(())).unwrap();
    let missed = found.misses.iter().filter(|m| m.wrong.what == misses::What::Miss).count();
    assert_eq!(missed, 20 - operating(&found.sets[0]).1);
    let first = found.timelines.first().unwrap();
    assert_eq!((first.wrong.what, &first.tenant), (misses::What::Miss, &found.misses[0].tenant));
    let series = all.iter().find(|s| Some(&s.key) == first.tenant.as_ref()).unwrap();
    let length = ((first.wrong.end - first.wrong.start) / 3_600_000) as usize;
    assert_eq!(first.moments.len(), length + 2 * 48);
    for moment in &first.moments {
        let at = series.starts.iter().position(|s| *s == moment.start).unwrap();
        assert_eq!(moment.value, series.values[at]);
        let (x, upper) = (moment.value.unwrap(), moment.upper.unwrap());
        assert_eq!(moment.breach, x >= upper || moment.lower.is_some_and(|l| x <= l), "{moment:?}");
    }
    assert!(first.windows.contains(&(first.wrong.start, first.wrong.end)));
}

#[test]
fn labels_concern_series_by_rule_tenant_fields_and_zone() {
    let text =
        "defaults: {group_by: [tenant, region], tz: UTC, tz_by_tenant: {east: Asia/Tokyo}}\nrules: [{id: a}, {id: b}]";
    let rules = rules(text);
    let named = |tenant: &str, region: &str| {
        let key = format!("{tenant}\u{1f}{region}");
        Series { key, ..series(0).0 }
    };
    let all = [named("east", "x"), named("west", "x"), named("west", "y")];
    let csv = "rule,tenant,series,start,end\n\
        ,west,,2024-01-03 00:00:00,2024-01-03 02:00:00\n\
        ,east,region=x,2024-01-03 09:00:00,2024-01-03 11:00:00\n\
        b,west,region=y,2024-01-04T00:00:00Z,2024-01-04T01:00:00Z\n\
        a,west,region=z,2024-01-04T00:00:00Z,2024-01-04T01:00:00Z\n\
        ,west,,2031-01-01T00:00:00Z,2031-01-01T01:00:00Z\n";
    let mut file = LabelFile::new(csv.to_owned(), Format::Csv, Around { before: 3, after: 12 });
    let hours = |from: usize, until: usize| Extent::Between { start: start(from), end: start(until) };
    let late = Extent::Between { start: 1_924_992_000_000, end: 1_924_995_600_000 };
    // Nine in the morning in Tokyo is midnight in UTC.
    assert_eq!(
        file.extents(&rules[0], &all),
        [vec![hours(48, 50)], vec![hours(48, 50), late], vec![hours(48, 50), late]]
    );
    assert_eq!(file.extents(&rules[1], &all)[2], [hours(48, 50), hours(72, 73), late]);
    let unmatched: Vec<u64> = file.unmatched().map(|label| label.line).collect();
    assert_eq!((file.len(), unmatched), (5, vec![5, 6]));
    // A label in a column: from the first such hour to the last.
    let mut column_series = all[0].clone();
    column_series.labelled[5..8].fill(Some(true));
    column_series.labelled[8] = Some(false);
    assert_eq!(column(&rules[0], &column_series), [hours(5, 8)]);
}

#[test]
fn nothing_to_judge_and_too_little_are_refused() {
    let rules = rules("rules: [{id: a, tz: UTC}]");
    let all = [series(0).0];
    let none = vec![Marks::default()];
    let refused = |asked: &Asked| run(vec![subject(&rules[0], &all, &none, None)], asked, &|| Ok(())).err();
    assert_eq!(refused(&Asked { inject: 0, ..asked() }), Some(Refused::Nothing));
    // 1344 hours, of which 99 are left.
    let most = Warmup::Span(start(1_245) - start(0));
    assert_eq!(refused(&Asked { warmup: most, ..asked() }), Some(Refused::TooLittle(vec![("a".to_owned(), 99)])));
}
