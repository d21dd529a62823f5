//! `govctl anomaly backtest` on the real series that lie beside the project.

use crate::anomaly_backtest::{float, judged, result};
use crate::common::{Sandbox, root};

/// The real series as points with the class that their rule asks for, the labels of their own column, and those of the
/// Numenta benchmark. None where they are not there.
pub fn real_series() -> Option<Sandbox> {
    let data = root().join("../shared/data/series");
    let sandbox = Sandbox::new();
    let mut lines = String::new();
    for folder in ["mscloud", "nab"] {
        for entry in std::fs::read_dir(data.join(folder)).ok()? {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_none_or(|e| e != "csv") {
                sandbox.write(&format!("{name}.json"), std::fs::read(&path).unwrap());
                continue;
            }
            let bucket = match name.as_str() {
                "nyc_taxi" => "half",
                _ if folder == "nab" => "five",
                _ => "hour",
            };
            let kind = if name == "api-01" || name.starts_with("art_") { "gauge" } else { "count" };
            for line in std::fs::read_to_string(&path).unwrap().lines().skip(1) {
                let cells: Vec<&str> = line.split(',').map(|c| c.trim_matches('"')).collect();
                let ts = cells[0].trim_end_matches('Z').replace('T', " ");
                let value = if cells[1].is_empty() { "null" } else { cells[1] };
                let label = cells.get(2).filter(|l| !l.is_empty()).map_or(String::new(), |l| format!(",\"label\":{l}"));
                let class = format!("{bucket}-{kind}");
                lines.push_str(&format!(
                    "{{\"tenant\":\"{name}\",\"class\":\"{class}\",\"ts\":\"{ts}\",\"value\":{value}{label}}}\n"
                ));
            }
        }
    }
    sandbox.write("all.ndjson", lines);
    let mut rules = "defaults: {input: points, missing: skip, tz: UTC}\nrules:\n".to_owned();
    for (bucket, length) in [("hour", "1h"), ("half", "30m"), ("five", "5m")] {
        for kind in ["count", "gauge"].into_iter().filter(|kind| bucket != "half" || *kind == "count") {
            let class = format!("{bucket}-{kind}");
            rules
                .push_str(&format!("  - {{id: {class}, where: {{class: {class}}}, bucket: {length}, kind: {kind}}}\n"));
        }
    }
    sandbox.write("rules.yaml", rules);
    Some(sandbox)
}

/// The table that was found with another program, through the command. What the reference test computes is not
/// computed again: brackets of the reduction and notifications stand there for the sets with bounds.
#[test]
#[ignore = "takes minutes without optimization"]
fn the_real_series_give_the_published_table() {
    let Some(sandbox) = real_series() else { return };
    let sets = "--set seasonal=nyc_taxi,api-01,purchase-03,purchase-04,elb_request_count_8c0756,art_daily_* \
        --set bursts=app1-*,Twitter_*,purchase-01,purchase-02,purchase-05,purchase-06";
    let output = judged(
        &sandbox,
        &format!(
            "all.ndjson --columns label=label --labels combined_labels.json --ignore combined_windows.json \
             --with-literal --inject 100 --resamples 10000 {sets}"
        ),
    );
    let mut wrong = Vec::new();
    for (set, windows, published) in [
        (
            "seasonal",
            25,
            [("static", 4.0, 38.8), ("rolling_z", 0.47, 2.3), ("literal", 0.2, 0.24), ("candidate", 0.086, 0.13)],
        ),
        (
            "bursts",
            102,
            [("static", 0.74, 1.17), ("rolling_z", 0.55, 0.95), ("literal", 2.0, 2.5), ("candidate", 0.38, 0.61)],
        ),
        (
            "all",
            129,
            [("static", 0.67, 0.88), ("rolling_z", 0.47, 0.81), ("literal", 2.7, 3.1), ("candidate", 0.33, 0.63)],
        ),
    ] {
        for (detector, at_7, at_8) in published {
            for (at, expected) in [("0.7", at_7), ("0.8", at_8)] {
                let found = result(&output, set, detector, at);
                let fpr = 100.0 * float(&found["fpr"]);
                if (fpr / expected - 1.0).abs() > 0.1 || found["windows"] != windows {
                    wrong.push(format!("{set} {detector} {at}: {fpr} for {expected}, {} windows", found["windows"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // 98 [73, 100] at 0.7 and 100 [94, 100] at 0.8, in percent.
    for (at, gain, low, high) in [("0.7", 0.98, 0.73, 1.0), ("0.8", 1.0, 0.94, 1.0)] {
        let found = result(&output, "seasonal", "static", at);
        for (field, expected) in [("reduction", gain), ("reduction_lo", low), ("reduction_hi", high)] {
            assert!((float(&found[field]) - expected).abs() < 0.03, "{at} {field}: {}", found[field]);
        }
    }
}
