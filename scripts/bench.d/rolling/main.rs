//! Rolling exact median and MAD: govctl's sorted window beside rill-ml's, on the same values in one run. Prints a line per
//! window: nanoseconds per value of each, their ratio, and whether all sums are the same.
#![allow(clippy::disallowed_methods, reason = "a tool of its own that measures time")]

use std::collections::VecDeque;
use std::time::Instant;

use govctl::anomaly::random::Random;
use govctl::anomaly::sorted::Sorted;
use rill_ml::stats::RollingMedianMad;
use rill_ml::traits::OnlineStatistic;

/// Sum of all medians and of all median distances from them, and seconds.
type Sums = (f64, f64, f64);

fn ours(values: &[f64], window: usize) -> Sums {
    let start = Instant::now();
    let (mut sorted, mut ring) = (Sorted::default(), VecDeque::with_capacity(window));
    let (mut medians, mut mads) = (0.0, 0.0);
    for value in values {
        match ring.len() == window {
            true => {
                let old = ring.pop_front().unwrap_or_default();
                assert!(sorted.replace(old, *value), "the oldest value is in the window");
            }
            false => sorted.insert(*value),
        }
        ring.push_back(*value);
        if ring.len() == window {
            medians += sorted.median().unwrap_or_default();
            mads += sorted.mad().unwrap_or_default();
        }
    }
    (medians, mads, start.elapsed().as_secs_f64())
}

fn theirs(values: &[f64], window: usize) -> Sums {
    let start = Instant::now();
    let mut rolling = RollingMedianMad::new(window, window).expect("a window of some values");
    let (mut medians, mut mads) = (0.0, 0.0);
    for value in values {
        rolling.update(*value).expect("a finite value");
        if rolling.is_ready() {
            let summary = rolling.summary().expect("a full window");
            medians += summary.median();
            mads += summary.mad();
        }
    }
    (medians, mads, start.elapsed().as_secs_f64())
}

fn main() {
    for (window, count) in [(168, 200_000), (2016, 20_000)] {
        let mut random = Random::new(1, "bench rolling", "", "");
        let values: Vec<f64> = (0..count).map(|_| random.normal(100.0, 15.0)).collect();
        let (mut a, mut b): (Vec<Sums>, Vec<Sums>) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            a.push(ours(&values, window));
            b.push(theirs(&values, window));
        }
        let middle = |runs: &mut Vec<Sums>| {
            runs.sort_by(|x, y| x.2.total_cmp(&y.2));
            runs[runs.len() / 2]
        };
        let (a, b) = (middle(&mut a), middle(&mut b));
        let same = (a.0, a.1) == (b.0, b.1);
        let per = |seconds: f64| seconds * 1e9 / count as f64;
        println!(
            "rolling median and MAD, window {window}: govctl {:.0} ns, rill-ml {:.0} ns per value, ratio {:.0}, sums {}",
            per(a.2),
            per(b.2),
            b.2 / a.2,
            if same { "equal" } else { "DIFFER" }
        );
    }
}
