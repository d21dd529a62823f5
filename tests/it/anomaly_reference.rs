//! All detectors and the judge against the published figures of the contract: on the real series
//! beside the project, and on generated tenants. The figures were found with another program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use govctl::anomaly::baselines::{Literal, fixed, rolling_z};
use govctl::anomaly::generate::{START_S, tenant};
use govctl::anomaly::judge::labels::{self, Around, Format, Labels};
use govctl::anomaly::judge::notified;
use govctl::anomaly::judge::ranked::Ranked;
use govctl::anomaly::judge::scored::scores;
use govctl::anomaly::judge::track::{Extent, Feed, Track, Warmup, runs};
use govctl::anomaly::method::{Direction, Kind, Method, Slot, Transform};
use govctl::anomaly::rules;
use govctl::anomaly::score::Seen;

use crate::common::root;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
const SEASONAL: [&str; 5] = ["nyc_taxi", "api-01", "purchase-03", "purchase-04", "elb_request_count_8c0756"];
const DETECTORS: [&str; 5] = ["static", "rolling_z", "literal", "default", "alpha .05, sqrt"];

struct Series {
    track: Track,
    /// In the order of `DETECTORS`.
    scores: Vec<Vec<f64>>,
}

impl Series {
    fn new(track: Track, kind: Kind) -> Self {
        let minutes = track.bucket_ms / MINUTE;
        let slot = |start: &i64| Slot { day: (start / DAY) as i32, minute: (start % DAY / MINUTE) as u16 };
        let slots: Vec<Slot> = track.starts.iter().map(slot).collect();
        let literal =
            Literal { bucket: minutes as u32, window: (7 * 1_440 / minutes) as usize, direction: Direction::Both };
        let default = Method { kind, bucket: minutes as u32, window: literal.window, ..default() };
        // A square root is for counts.
        let transform = if kind == Kind::Count { Transform::Sqrt } else { Transform::Identity };
        let tuned = Method { alpha: 0.05, transform, ..default.clone() };
        let seen: Vec<Seen> = track.values.iter().map(|v| v.map_or(Seen::Missing, Seen::Value)).collect();
        let scores = vec![
            fixed(&track.values, track.warmup, Direction::Both),
            rolling_z(&track.starts, &track.values, Direction::Both),
            literal.scores(&slots, &track.values),
            scores(&default, &slots, &seen),
            scores(&tuned, &slots, &seen),
        ];
        Series { track, scores }
    }
}

fn feed(starts: Vec<i64>, bucket_ms: i64, values: Vec<Option<f64>>) -> Feed {
    Feed { starts, bucket_ms, values, cooldown: (360 * MINUTE / bucket_ms) as usize }
}

/// A naive time, or one that ends in Z: both are read as UTC.
fn time(text: &str) -> Result<i64, String> {
    let utc = format!("{}Z", text.trim_end_matches('Z'));
    utc.parse::<jiff::Timestamp>().map(|t| t.as_millisecond()).map_err(|e| format!("{e}"))
}

#[derive(Default)]
struct Bucket {
    /// Time and value, each pair once.
    values: Vec<(i64, f64)>,
    labelled: bool,
}

impl Bucket {
    /// Of values at the same time their mean, of those at several times the sum.
    fn value(&self) -> Option<f64> {
        let mut by_time: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        self.values.iter().for_each(|(at, value)| by_time.entry(*at).or_default().push(*value));
        let means = by_time.values().map(|v| v.iter().sum::<f64>() / v.len() as f64);
        (!self.values.is_empty()).then(|| means.sum())
    }
}

fn load(path: &Path, nab: &Labels, ignored: &Labels) -> Series {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let bucket_ms = MINUTE
        * match name {
            "nyc_taxi" => 30,
            _ if path.parent().unwrap().ends_with("nab") => 5,
            _ => 60,
        };
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').map(|c| c.trim_matches('"')).collect();
        let at = time(cells[0]).unwrap();
        let bucket = buckets.entry(at - at.rem_euclid(bucket_ms)).or_default();
        if let Ok(value) = cells[1].parse::<f64>()
            && !bucket.values.contains(&(at, value))
        {
            bucket.values.push((at, value));
        }
        bucket.labelled |= cells.get(2).is_some_and(|label| *label == "1");
    }
    let (first, last) = (*buckets.keys().next().unwrap(), *buckets.keys().next_back().unwrap());
    let starts: Vec<i64> = (first..=last).step_by(bucket_ms as usize).collect();
    let values = starts.iter().map(|s| buckets.get(s).and_then(Bucket::value)).collect();
    let of = |labels: &Labels| -> Vec<Extent> {
        labels.labels.iter().filter(|l| l.concerns("", Some(name), "")).map(|l| l.extent).collect()
    };
    let mut extents = of(nab);
    extents.extend(runs(buckets.iter().map(|(at, bucket)| (*at, bucket.labelled)), bucket_ms));
    let (track, unmatched) = Track::new(feed(starts, bucket_ms, values), Warmup::Share(0.1), &extents, &of(ignored));
    assert_eq!(unmatched, 0, "{name}");
    let is_gauge = name == "api-01" || name.starts_with("art_");
    Series::new(track, if is_gauge { Kind::Gauge } else { Kind::Count })
}

/// The defaults of a rule, for hourly counts.
fn default() -> Method {
    rules::read("rules: [{id: r, tz: UTC}]").rules.unwrap().rules[0].method(None)
}

/// The figures themselves, for who runs this.
#[expect(clippy::print_stderr, reason = "what a test skipped, and the figures themselves, are for who runs it")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// False positives in percent and false notifications per series and week, at this power.
fn rates(set: &[&Series], detector: usize, power: f64) -> (f64, f64, usize) {
    let tracks: Vec<Track> = set.iter().map(|s| s.track.clone()).collect();
    let scores: Vec<Vec<f64>> = set.iter().map(|s| s.scores[detector].clone()).collect();
    let ranked = Ranked::new(&tracks, &scores);
    let fpr = ranked.threshold(power).and_then(|t| ranked.fpr(t)).unwrap();
    let threshold = notified::threshold(&tracks, &scores, power);
    let weekly = threshold.and_then(|t| notified::false_per_week(&tracks, &scores, t));
    (100.0 * fpr, weekly.unwrap_or(f64::NAN), ranked.windows())
}

#[test]
#[ignore = "takes minutes without optimization"]
fn detectors_on_the_real_series_are_as_published() {
    let data: PathBuf = root().join("../shared/data/series");
    if !data.is_dir() {
        say("skipped: no ../shared/data/series");
        return;
    }
    let read = |name: &str| {
        let text = std::fs::read_to_string(data.join("nab").join(name)).unwrap();
        let labels = labels::read(&text, Format::Json, Around { before: 3, after: 12 }, &time);
        assert_eq!(labels.bad, []);
        labels
    };
    let (nab, ignored) = (read("combined_labels.json"), read("combined_windows.json"));
    let mut all: BTreeMap<String, Series> = BTreeMap::new();
    for entry in ["mscloud", "nab"].iter().flat_map(|f| std::fs::read_dir(data.join(f)).unwrap()) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "csv") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            all.insert(name, load(&path, &nab, &ignored));
        }
    }
    let is_seasonal = |name: &str| SEASONAL.contains(&name) || name.starts_with("art_daily_");
    let is_burst = |name: &str| !is_seasonal(name) && !name.starts_with("art_");
    let of = |keep: &dyn Fn(&str) -> bool| -> Vec<&Series> {
        all.iter().filter(|(name, _)| keep(name)).map(|(_, s)| s).collect()
    };
    // Windows; static, rolling_z, literal and default at power 0.7 and at 0.8, in percent.
    let mut wrong = Vec::new();
    for (name, set, windows, published) in [
        ("seasonal", of(&is_seasonal), 25, [(4.0, 38.8), (0.47, 2.3), (0.20, 0.24), (0.086, 0.13)]),
        ("bursts", of(&is_burst), 102, [(0.74, 1.17), (0.55, 0.95), (2.0, 2.5), (0.38, 0.61)]),
        ("all", of(&|_| true), 129, [(0.67, 0.88), (0.47, 0.81), (2.7, 3.1), (0.33, 0.63)]),
    ] {
        for (detector, (at_7, at_8)) in published.into_iter().enumerate() {
            for (power, expected) in [(0.7, at_7), (0.8, at_8)] {
                let (fpr, weekly, found) = rates(&set, detector, power);
                let line = format!(
                    "{name} {} {power}: {fpr:.3} % for {expected} %, {weekly:.2} a week, {found} windows of {windows}",
                    DETECTORS[detector]
                );
                say(&line);
                if (fpr / expected - 1.0).abs() > 0.1 || found != windows {
                    wrong.push(line);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "takes minutes without optimization"]
fn detectors_on_generated_tenants_are_as_published() {
    const DRAWS: u64 = 6;
    // Sums over draws of 150 tenants: 5 seeds of 30.
    let mut sums = [[0.0; 2]; 5];
    for draw in 0..DRAWS {
        let series: Vec<Series> = (0..150).map(|i| generated(5 * draw + i / 30 + 1, i as usize % 30)).collect();
        let set: Vec<&Series> = series.iter().collect();
        for (detector, sums) in sums.iter_mut().enumerate() {
            for (sum, power) in sums.iter_mut().zip([0.7, 0.8]) {
                let (fpr, weekly, windows) = rates(&set, detector, power);
                say(&format!("draw {draw} {} {power}: {fpr:.2} %, {weekly:.2} a week", DETECTORS[detector]));
                assert_eq!(windows, 750);
                *sum += fpr / DRAWS as f64;
            }
        }
    }
    say(&format!("means: {sums:.2?}"));
    // The static one and the default over 30 draws, the others over one. In that one the static method had 3.2 % at 0.7,
    // of which the 3.4 % of rolling_z are 1.06 times as many: 4.5 % of the mean of 4.2 %.
    for (found, published) in sums.iter().flatten().zip([4.2, 16.3, 4.5, 15.8, 1.7, 3.0, 1.5, 2.57, 0.30, 0.57]) {
        assert!((found / published - 1.0).abs() <= 0.25, "{found} for {published}");
    }
}

fn generated(seed: u64, number: usize) -> Series {
    let tenant = tenant(seed, number);
    let start = |hour: usize| (START_S + 3_600 * hour as i64) * 1_000;
    let starts = (0..tenant.counts.len()).map(start).collect();
    let labels: Vec<Extent> =
        tenant.effects.iter().map(|(_, r)| Extent::Between { start: start(r.start), end: start(r.end) }).collect();
    let values = tenant.counts.into_iter().map(Some).collect();
    Series::new(Track::new(feed(starts, 60 * MINUTE, values), Warmup::Span(14 * DAY), &labels, &[]).0, Kind::Count)
}
