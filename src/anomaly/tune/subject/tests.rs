use super::*;
use crate::anomaly::generate::{START_S, tenant};
use crate::anomaly::method::{Slot, Transform};
use crate::anomaly::rules;
use crate::anomaly::score::Seen;
use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000;

fn rule(fields: &str) -> Rule {
    let text = format!("rules: [{{id: r, tz: UTC, {fields}}}]");
    let checked = rules::read(&text);
    let found = format!("{:?}", checked.found);
    checked.rules.expect(&found).rules.remove(0)
}

/// Hours of a generated tenant, from this hour on.
fn series(key: &str, number: usize, from: usize, hours: usize) -> Series {
    let counts = &tenant(1, number).counts[from..from + hours];
    let at = |i: usize| START_S * 1000 + (from + i) as i64 * HOUR;
    let day = (START_S / 86_400) as i32;
    Series {
        key: key.to_owned(),
        starts: (0..hours).map(at).collect(),
        ends: (0..hours).map(|i| at(i) + HOUR).collect(),
        slots: (from..from + hours)
            .map(|i| Slot { day: day + (i / 24) as i32, minute: (i % 24 * 60) as u16 })
            .collect(),
        seen: counts.iter().map(|count| Seen::Value(*count)).collect(),
        values: counts.iter().map(|count| Some(*count)).collect(),
        labelled: vec![None; hours],
    }
}

fn none(series: &[Series]) -> Vec<Vec<Extent>> {
    vec![Vec::new(); series.len()]
}

#[test]
fn one_instant_splits_all_series_and_series_of_a_tenant_share_its_number() {
    let rule = rule("group_by: [tenant, region]");
    let all = [
        series("acme\u{1f}eu", 0, 0, 1000),
        series("acme\u{1f}us", 1, 600, 400),
        series("globex\u{1f}eu", 2, 0, 300),
        series("initech\u{1f}eu", 3, 800, 200),
    ];
    let subject = Subject::new(&rule, &all, &none(&all), 1).unwrap();
    let split = START_S * 1000 + 700 * HOUR;
    assert_eq!(subject.span, Span { from: START_S * 1000, split, until: START_S * 1000 + 1000 * HOUR });
    assert_eq!(subject.past.iter().map(|past| past.split).collect::<Vec<_>>(), [700, 100, 300, 0]);
    assert_eq!(subject.past.iter().map(|past| past.tenant).collect::<Vec<_>>(), [0, 0, 1, 2]);
    let named: Vec<_> = subject.tenants.iter().map(|tenant| tenant.as_deref().unwrap()).collect();
    assert_eq!(named, ["acme", "globex", "initech"]);
    assert_eq!((subject.series, subject.buckets), (4, 1900));
    assert!(Subject::new(&rule, &[], &[], 1).is_none());
}

#[test]
fn labels_come_from_files_and_from_a_column() {
    let rule = rule("group_by: []");
    let mut one = series("", 0, 0, 300);
    one.labelled[200] = Some(true);
    one.labelled[201] = Some(false);
    let at = |hour: i64| START_S * 1000 + hour * HOUR;
    let labels = vec![vec![Extent::Between { start: at(100), end: at(102) + 1 }]];
    let subject = Subject::new(&rule, std::slice::from_ref(&one), &labels, 1).unwrap();
    let labelled: Vec<usize> = (0..300).filter(|i| subject.past[0].labelled[*i]).collect();
    assert_eq!(labelled, [100, 101, 102, 200]);
    assert_eq!(subject.tenants, [None]);
    // The first value sets the level, twenty residuals make a scale.
    assert_eq!(subject.eligible(), 300 - 21 - 4);
}

#[test]
fn what_is_in_use_keeps_to_what_is_pinned() {
    let rule = rule("alpha: 0.3, pin: [alpha]");
    let all = [series("acme", 0, 0, 300), series("globex", 1, 0, 300)];
    let subject = Subject::new(&rule, &all, &none(&all), 1).unwrap();
    let params = Params {
        rule: "r".to_owned(),
        alpha: 0.05,
        streams: vec![Stream::Level],
        transform: Transform::Sqrt,
        rel_floor: 0.2,
        threshold: 4.0,
        threshold_by_tenant: BTreeMap::from([("globex".to_owned(), 3.5)]),
        searched: None,
        line: String::new(),
        sha256: String::new(),
    };
    let choice = subject.in_use(&params);
    assert_eq!((choice.config.alpha, choice.config.transform, choice.threshold), (0.3, Transform::Sqrt, 4.0));
    assert_eq!([0, 1, 7].map(|tenant| choice.threshold_of(tenant)), [4.0, 3.5, 4.0]);
    assert_eq!(subject.pinned(), Pinned { alpha: Some(0.3), ..Pinned::default() });
    let scope = subject.scope();
    assert!(!scope.level_only && (scope.fit_weeks - 210.0 / 168.0).abs() < 1e-12);
}

/// A level of 100 with a count of 1000 now and then: each is one notification.
#[test]
fn a_notification_in_a_label_is_not_false() {
    let rule = rule("baseline: level, group_by: []");
    let mut one = series("", 0, 0, 1000);
    let value = |i: usize| if [800, 850, 900].contains(&i) { 1000.0 } else { 100.0 };
    one.seen = (0..1000).map(|i| Seen::Value(value(i))).collect();
    let choice = Choice { config: Config::of(&rule.method(None)), threshold: 2.5, threshold_by_tenant: Vec::new() };
    let weeks = 300.0 / 168.0;
    let found = |labels: Vec<Extent>| {
        let subject = Subject::new(&rule, std::slice::from_ref(&one), &[labels], 1).unwrap();
        subject.false_per_week(&choice) * weeks
    };
    assert!((found(Vec::new()) - 3.0).abs() < 1e-9);
    let at = START_S * 1000 + 850 * HOUR;
    assert!((found(vec![Extent::Between { start: at, end: at + HOUR }]) - 2.0).abs() < 1e-9);
}
