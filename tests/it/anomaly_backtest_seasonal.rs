//! The gate on the seasonal series that lie beside the project, with parameters that `govctl anomaly tune` found.
//!
//! `tune` sees the first half of each series and no label, fits and certifies within it; the second half is judged. What a
//! rule must hear is not chosen by hand: it is the smallest effect of a ladder that `tune` certifies, in the buckets in which
//! the series came where it certifies one there, else by the hour.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde_json::Value;

use crate::anomaly_backtest::{float, judged, result, verdict};
use crate::anomaly_backtest_real::real_series;
use crate::common::{Output, Sandbox};

/// Series that one rule watches.
struct Family {
    rule: &'static str,
    tenants: &'static [&'static str],
    zone: &'static str,
    kind: &'static str,
    /// Minutes: as they came, then an hour.
    buckets: &'static [u32],
}

const FAMILIES: [Family; 5] = [
    Family {
        rule: "art",
        tenants: &[
            "art_daily_flatmiddle",
            "art_daily_jumpsdown",
            "art_daily_jumpsup",
            "art_daily_no_noise",
            "art_daily_nojump",
            "art_daily_perfect_square_wave",
            "art_daily_small_noise",
        ],
        zone: "UTC",
        kind: "gauge",
        buckets: &[5, 60],
    },
    Family { rule: "elb", tenants: &["elb_request_count_8c0756"], zone: "UTC", kind: "count", buckets: &[5, 60] },
    Family { rule: "purchases", tenants: &["purchase-03", "purchase-04"], zone: "UTC", kind: "count", buckets: &[60] },
    Family { rule: "rps", tenants: &["api-01"], zone: "America/New_York", kind: "gauge", buckets: &[60] },
    Family { rule: "taxi", tenants: &["nyc_taxi"], zone: "America/New_York", kind: "count", buckets: &[30, 60] },
];

impl Family {
    /// What must be heard, from small to large: times a factor or through it, for six hours; last the default.
    fn ladder(&self, bucket: u32) -> Vec<String> {
        if self.kind == "gauge" {
            return [2, 3, 4, 6, 8].map(|scale| format!("{{scale: {scale}}}")).to_vec();
        }
        let long = 360 / bucket;
        let step = |factor: f64| (factor - 1.0, 1.0 / factor);
        let mut steps = [1.25, 1.5, 2.0, 3.0, 5.0].map(step).to_vec();
        steps.push((4.0, 0.1));
        steps.iter().map(|(rel, to)| format!("{{rel: {rel}, drop_to: {to:.2}, drop_buckets: {long}}}")).collect()
    }

    fn rule(&self, bucket: u32, must_detect: &str) -> String {
        let Family { rule, zone, kind, .. } = self;
        let length = if bucket == 60 { "1h".to_owned() } else { format!("{bucket}m") };
        let tenants = self.tenants.join(", ");
        format!(
            "  - {{id: {rule}, where: {{tenant: [{tenants}]}}, tz: {zone}, kind: {kind}, bucket: {length}, must_detect: {must_detect}}}\n"
        )
    }

    /// The rule with the first step that `tune` certifies, in words, as a rule, and its line of parameters.
    fn tuned(&self, sandbox: &Sandbox) -> Option<(String, String, String)> {
        for bucket in self.buckets {
            for must_detect in self.ladder(*bucket) {
                let rule = self.rule(*bucket, &must_detect);
                sandbox.write("one.yaml", format!("{HEAD}{rule}"));
                let tune = "rm -f one.ndjson; govctl anomaly tune --rules one.yaml --out one.ndjson first.ndjson";
                match sandbox.bash(tune).run().code {
                    Some(0) => return Some((format!("{bucket} {must_detect}"), rule, sandbox.read("one.ndjson"))),
                    code => assert_eq!(code, Some(1), "{rule}"),
                }
            }
        }
        None
    }
}

const HEAD: &str = "defaults: {input: points, missing: skip}\nrules:\n";

/// The days of each series before the middle of its time, as first.ndjson.
fn first_halves(sandbox: &Sandbox) {
    let all = sandbox.read("all.ndjson");
    let points: Vec<(Value, &str)> = all.lines().map(|line| (serde_json::from_str(line).unwrap(), line)).collect();
    let mut times: BTreeMap<&str, Vec<DateTime>> = BTreeMap::new();
    for (point, _) in &points {
        let of = times.entry(point["tenant"].as_str().unwrap()).or_default();
        of.push(point["ts"].as_str().unwrap().parse().unwrap());
    }
    let middle = |times: &Vec<DateTime>| {
        let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        let half = first.duration_until(*last) / 2;
        first.checked_add(half).unwrap().date().to_string()
    };
    let middles: BTreeMap<&str, String> = times.iter().map(|(tenant, times)| (*tenant, middle(times))).collect();
    let early = points.iter().filter(|(point, _)| {
        // Both begin with year, month and day.
        point["ts"].as_str().unwrap() < middles[point["tenant"].as_str().unwrap()].as_str()
    });
    sandbox.write("first.ndjson", early.map(|(_, line)| format!("{line}\n")).collect::<String>());
}

/// The seasonal set behind the first half of each series, with the published labels.
fn backtest(sandbox: &Sandbox, params: &str) -> Output {
    judged(
        sandbox,
        &format!(
            "--params {params} all.ndjson --warmup 50% --resamples 10000 --columns label=label --labels combined_labels.json \
             --ignore combined_windows.json --set seasonal=*"
        ),
    )
}

#[test]
#[ignore = "takes minutes without optimization"]
fn the_gate_passes_on_the_seasonal_series_with_parameters_from_their_first_half() {
    let Some(sandbox) = real_series() else { return };
    first_halves(&sandbox);
    let (mut rules, mut params, mut steps) = (HEAD.to_owned(), String::new(), Vec::new());
    for family in &FAMILIES {
        let (step, rule, line) = family.tuned(&sandbox).unwrap_or_else(|| panic!("{} is refused", family.rule));
        steps.push((family.rule, step));
        rules.push_str(&rule);
        params.push_str(&line);
    }
    let expected = [
        ("art", "5 {scale: 4}"),
        ("elb", "60 {rel: 4, drop_to: 0.20, drop_buckets: 6}"),
        ("purchases", "60 {rel: 4, drop_to: 0.20, drop_buckets: 6}"),
        ("rps", "60 {scale: 4}"),
        ("taxi", "30 {rel: 0.5, drop_to: 0.67, drop_buckets: 12}"),
    ];
    assert_eq!(steps, expected.map(|(rule, step)| (rule, step.to_owned())));
    sandbox.write("rules.yaml", rules);
    sandbox.write("params.ndjson", &params);
    let output = backtest(&sandbox, "params.ndjson");
    let seasonal = verdict(&output, "seasonal");
    assert_eq!((output.code, seasonal["verdict"].as_str()), (Some(0), Some("pass")), "{seasonal}");
    assert_eq!(seasonal["tuned_on_judged"].as_array().map(Vec::len), Some(0));
    // Labels in the second halves: taxi 5, made-up series 4, requests 7, load balancer and purchases 1 each.
    let operating = result(&output, "seasonal", "candidate", "operating");
    assert_eq!((&operating["windows"], &operating["detected"]), (&18.into(), &16.into()));
    // 98 % fewer than static, at least 95; the same against a rolling z-score, at least 47.
    for (field, expected) in [
        ("reduction_static", 0.983),
        ("reduction_static_lo", 0.955),
        ("reduction_rolling_z", 0.984),
        ("reduction_rolling_z_lo", 0.469),
    ] {
        assert!((float(&seasonal[field]) - expected).abs() < 0.005, "{field}: {}", seasonal[field]);
    }
    // Not only all of them together: each rule hears what it must.
    let must = |i: &&Value| {
        i["detector"] == "candidate" && i["size"] == 1.0 && ["spike", "drop"].contains(&i["kind"].as_str().unwrap())
    };
    let injected = output.of_type("govctl.anomaly.injection/1");
    let heard: Vec<&Value> = injected.iter().filter(must).collect();
    assert_eq!(heard.len(), 10);
    assert!(heard.iter().all(|i| float(&i["power_lo"]) >= 0.83), "{heard:?}");

    // The same parameters, half as attentive, fail.
    let deaf = params.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let doubled = |threshold: &Value| Value::from(2.0 * float(threshold));
        line["threshold"] = doubled(&line["threshold"]);
        line["threshold_by_tenant"].as_object_mut().unwrap().values_mut().for_each(|t| *t = doubled(t));
        format!("{line}\n")
    });
    sandbox.write("deaf.ndjson", deaf.collect::<String>());
    let deaf = verdict(&backtest(&sandbox, "deaf.ndjson"), "seasonal");
    assert_eq!(deaf["verdict"], "fail");
    assert!(deaf["reasons"].to_string().contains("injected power"), "{deaf}");
}
