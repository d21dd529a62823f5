//! The intake of the anomaly engine on real series, which lie beside the project.

use std::io::Write;

use govctl::anomaly::buckets::{Buckets, Counts, Out};
use govctl::anomaly::intake::{Columns, Plan, Reader};
use govctl::anomaly::{rules, times};

use crate::common::root;

/// Start, value and label of each bucket of one file; None where the data are not there.
type Series = (Vec<(String, Option<f64>, Option<bool>)>, Counts);

fn series(file: &str, fields: &str, columns: &[(&str, &str)]) -> Option<Series> {
    let path = root().join("../shared/data/series").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: {} is not there", path.display()).unwrap();
        return None;
    };
    let rules = rules::read(&format!("rules: [{{id: r, input: points, {fields}}}]")).rules.unwrap().rules;
    let columns: Columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let plan = Plan::new(&rules, &columns);
    let mut reader = Reader::new(&plan, file, Some("stem".to_owned()));
    let mut buckets = Buckets::of_whole_input(&rules, 1);
    for line in text.lines() {
        reader.line(line.as_bytes(), |item| {
            let event = item.unwrap_or_else(|fault| panic!("{file}: {fault:?}"));
            buckets.push(&event, |_| ());
        });
    }
    let mut out = Vec::new();
    buckets.finish(|o| match o {
        Out::Closed(c) => out.push((times::text(c.start), c.value, c.label)),
        other => panic!("{file}: {other:?}"),
    });
    Some((out, buckets.counts))
}

const MSCLOUD: [(&str, &str); 3] = [("ts", "TimeStamp"), ("value", "Value"), ("label", "Label")];

/// Hours, hours with a value, repeated rows, other values at one time, sum of the values and labelled hours, counted with
/// Python's csv, datetime and float.
#[test]
fn the_hourly_series_come_to_what_a_spreadsheet_shows() {
    let facts = [
        ("app1-01", 347, 347, 11, 0, 5595.0, 40),
        ("app1-04", 697, 692, 13, 0, 102_439.0, 179),
        ("app1-05", 697, 686, 13, 0, 22_519.0, 73),
        ("app1-06", 697, 671, 13, 0, 174_096.0, 110),
        ("app1-09", 168, 168, 8, 0, 13_331.0, 7),
        ("api-01", 6192, 6191, 0, 1, 447_152.564_861_111_7, 120),
        ("purchase-01", 1248, 1248, 0, 0, 22.0, 0),
    ];
    for (name, hours, valued, repeated, conflicting, sum, labelled) in facts {
        let Some((out, counts)) = series(&format!("mscloud/{name}.csv"), "tz: UTC", &MSCLOUD) else { return };
        let values: Vec<f64> = out.iter().filter_map(|(_, value, _)| *value).collect();
        assert_eq!((out.len(), values.len()), (hours, valued), "{name}");
        assert_eq!((counts.repeated, counts.conflicting), (repeated, conflicting), "{name}");
        assert!((values.iter().sum::<f64>() - sum).abs() < 1e-6 * sum, "{name}");
        assert_eq!(out.iter().filter(|(_, _, label)| *label == Some(true)).count(), labelled, "{name}");
    }
}

/// Its times say Z and are those of a wall clock in the United States: one hour stands twice, another is not there.
#[test]
fn the_api_series_keeps_its_odd_hours() {
    let Some((out, _)) = series("mscloud/api-01.csv", "tz: UTC, kind: gauge", &MSCLOUD) else { return };
    let value = |start: &str| out.iter().find(|(s, _, _)| s == start).unwrap().1;
    assert_eq!(value("2018-03-11T02:00:00Z"), None);
    assert!(value("2018-03-11T03:00:00Z").is_some() && value("2017-11-05T01:00:00Z").is_some());
    assert_eq!(out.iter().filter(|(_, value, _)| value.is_none()).count(), 1);
}

/// Naive times of New York in half hours: 10,320 rows. On 2014-11-02 one row holds both hours of 01:00 and one both of
/// 01:30, so the earlier halves hold them and the later ones are missing.
#[test]
fn the_taxi_series_has_an_hour_twice() {
    let columns = [("ts", "timestamp")];
    let Some((out, counts)) = series("nab/nyc_taxi.csv", "tz: America/New_York, bucket: 30m", &columns) else { return };
    assert_eq!((counts.events, out.len()), (10_320, 10_322));
    let missing: Vec<&str> = out.iter().filter(|o| o.1.is_none()).map(|o| o.0.as_str()).collect();
    assert_eq!(missing, ["2014-11-02T06:00:00Z", "2014-11-02T06:30:00Z"]);
    let mut largest: Vec<(f64, &str)> = out.iter().filter_map(|o| o.1.map(|v| (v, o.0.as_str()))).collect();
    largest.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert_eq!([largest[0].1, largest[1].1], ["2014-11-02T05:00:00Z", "2014-11-02T05:30:00Z"]);
    assert_eq!((out[0].0.as_str(), out[0].1), ("2014-07-01T04:00:00Z", Some(10_844.0)));
}
