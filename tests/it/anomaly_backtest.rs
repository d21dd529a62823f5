//! `govctl anomaly backtest` through the real binary.

use std::collections::BTreeMap;

use govctl::anomaly::rules::{self, canonical};
use govctl::clock::{parse_rfc3339_ms, rfc3339_ms};
use serde_json::Value;

use crate::common::{Output, Sandbox, root};

const RULES: &str = "rules:\n  - {id: exports, input: points, missing: zero, tz: UTC}\n";
const RESULT: &str = "govctl.anomaly.result/1";
const VERDICT: &str = "govctl.anomaly.verdict/1";
/// The end of the last bucket: with the input it ends for a backtest, for a stream with the time.
pub const END: &str = "2024-02-26T00:00:00Z";

/// Three generated tenants over eight weeks as exports.csv with labels.csv, and rules.yaml.
pub fn exports() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["exports.csv", "labels.csv"] {
        sandbox.write(name, std::fs::read(root().join("fixtures/anomaly/exports").join(name)).unwrap());
    }
    sandbox.write("rules.yaml", RULES);
    sandbox
}

fn backtest(sandbox: &Sandbox, args: &str) -> Output {
    sandbox.bash(&format!("govctl anomaly backtest --rules rules.yaml {args}")).run()
}

/// Exit codes 0 and 1 both mean that all was judged.
pub fn judged(sandbox: &Sandbox, args: &str) -> Output {
    let output = backtest(sandbox, args);
    assert!(matches!(output.code, Some(0 | 1)), "{args}: {:?}\n{}", output.code, output.stderr);
    let passed = output.of_type(VERDICT).iter().filter(|v| v["gated"] == true).all(|v| v["verdict"] == "pass");
    assert_eq!(output.code, Some(i32::from(!passed)), "{args}");
    output
}

pub fn verdict(output: &Output, set: &str) -> Value {
    output.of_type(VERDICT).into_iter().find(|v| v["set"] == set).unwrap_or_else(|| panic!("no verdict on {set}"))
}

pub fn result(output: &Output, set: &str, detector: &str, at: &str) -> Value {
    let wanted = |r: &Value| r["set"] == set && r["detector"] == detector && r["at"] == at;
    output.of_type(RESULT).into_iter().find(wanted).unwrap_or_else(|| panic!("no result of {set} {detector} {at}"))
}

pub fn float(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn count(output: &Output, name: &str) -> u64 {
    output.of_type("govctl.run/1").pop().unwrap()["counts"][name].as_u64().unwrap()
}

/// The lines that are data.
pub fn data(output: &Output) -> String {
    let lines = output.text().lines().filter(|line| !line.starts_with("{\"schema\":\"govctl.run/1\""));
    lines.map(|line| format!("{line}\n")).collect()
}

fn hour(i: usize) -> String {
    // 2024-01-01, a Monday.
    govctl::clock::rfc3339_ms(1_704_067_200_000 + i as i64 * 3_600_000)
}

/// Per tenant the hourly counts, from 2024-01-01 on.
pub fn counts() -> BTreeMap<String, Vec<f64>> {
    let text = std::fs::read_to_string(root().join("fixtures/anomaly/exports/exports.csv")).unwrap();
    let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let of = counts.entry(cells[0].to_owned()).or_default();
        assert_eq!(cells[1], hour(of.len()));
        of.push(cells[2].parse().unwrap());
    }
    counts
}

/// Per tenant the labelled hours.
fn windows() -> BTreeMap<String, Vec<std::ops::Range<usize>>> {
    let text = std::fs::read_to_string(root().join("fixtures/anomaly/exports/labels.csv")).unwrap();
    let mut windows: BTreeMap<String, Vec<std::ops::Range<usize>>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let index = |time: &str| (0..2_000).find(|i| hour(*i) == time).unwrap();
        windows.entry(cells[0].to_owned()).or_default().push(index(cells[1])..index(cells[2]));
    }
    windows
}

/// A parameter file for the first rule of a text.
fn params(text: &str, alpha: f64, transform: &str, threshold: f64) -> String {
    let rules = rules::read(text).rules.unwrap().rules;
    let fields = canonical::fields(&rules[0]);
    let line = serde_json::json!({
        "schema": "govctl.anomaly.params/1", "rule": rules[0].id, "alpha": alpha, "streams": ["day", "week"],
        "transform": transform, "rel_floor": 0.05, "threshold": threshold,
        "rule_sha256": canonical::sha256(&fields), "rule_fields": fields,
    });
    format!("{line}\n")
}

/// Everything is held against `detect --points`, which knows neither labels nor warm-up.
#[test]
fn the_figures_of_the_candidate_are_those_of_detect() {
    let sandbox = exports();
    let output = judged(&sandbox, "exports.csv --labels labels.csv --inject 40");
    let points = sandbox
        .bash(&format!(
            "govctl anomaly detect --rules rules.yaml --points --guard off --now {END} exports.csv || [ $? = 1 ]"
        ))
        .exits(0);
    let (points, windows) = (points.of_type("govctl.anomaly.point/1"), windows());
    let labelled = |p: &Value, i: usize| windows[p["tenant"].as_str().unwrap()].iter().any(|w| w.contains(&i));
    let (mut clean, mut false_ones, mut all, mut breaching, mut unscored) = (0, 0, 0, 0, 0);
    let mut detected = std::collections::BTreeSet::new();
    let mut of_tenant: BTreeMap<&str, usize> = BTreeMap::new();
    for point in &points {
        let tenant = point["tenant"].as_str().unwrap();
        let i = of_tenant.entry(tenant).or_default();
        let at = *i;
        *i += 1;
        // floor(10 % of 1344) hours are learned from.
        if at < 134 {
            continue;
        }
        let breach = point["status"] == "breach";
        (all, breaching) = (all + 1, breaching + u32::from(breach));
        unscored += u32::from(point["score"].is_null());
        if !labelled(point, at) {
            (clean, false_ones) = (clean + 1, false_ones + u32::from(breach));
        } else if breach {
            let window = windows[tenant].iter().position(|w| w.contains(&at)).unwrap();
            detected.insert((tenant, window));
        }
    }
    assert_eq!((of_tenant.len(), all), (3, 3 * (1344 - 134)));
    let found = result(&output, "all", "candidate", "operating");
    let near = |value: &Value, expected: f64| assert!((float(value) - expected).abs() < 1e-6, "{value} {expected}");
    near(&found["fpr"], f64::from(false_ones) / f64::from(clean));
    near(&found["time_in_alert"], f64::from(breaching) / f64::from(all));
    near(&found["unscored_share"], f64::from(unscored) / f64::from(all));
    assert_eq!((found["windows"].as_u64(), found["detected"].as_u64()), (Some(15), Some(detected.len() as u64)));
    assert_eq!(found["threshold"], 2.5);
    assert_eq!((count(&output, "windows"), count(&output, "series")), (15, 3));
}

/// The static threshold again, in the test's own words.
#[test]
fn the_figures_of_the_static_threshold_are_counted_by_hand() {
    let sandbox = exports();
    let output = judged(&sandbox, "exports.csv --labels labels.csv --inject 0 --gate point");
    let (mut peaks, mut clean) = (Vec::new(), Vec::new());
    let windows = windows();
    for (tenant, counts) in counts() {
        let learned = &counts[..134];
        let mean = learned.iter().sum::<f64>() / 134.0;
        let sd = (learned.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 133.0).sqrt();
        let score = |x: f64| (x - mean).abs() / sd;
        let windows = &windows[&tenant];
        peaks.extend(windows.iter().map(|w| counts[w.clone()].iter().map(|x| score(*x)).fold(0.0, f64::max)));
        let outside = (134..counts.len()).filter(|i| !windows.iter().any(|w| w.contains(i)));
        clean.extend(outside.map(|i| score(counts[i])));
    }
    peaks.sort_by(|a, b| b.total_cmp(a));
    // 80 % of 15 windows are 12.
    let threshold = peaks[11];
    let fpr = clean.iter().filter(|s| **s >= threshold).count() as f64 / clean.len() as f64;
    let found = result(&output, "all", "static", "0.8");
    assert!((float(&found["threshold"]) / threshold - 1.0).abs() < 1e-5, "{found}");
    assert!((float(&found["fpr"]) - fpr).abs() < 1e-6 && found["detected"].as_u64() >= Some(12), "{found}");
    // The candidate at the same power, and what both come to.
    let candidate = result(&output, "all", "candidate", "0.8");
    let reduction = 1.0 - float(&candidate["fpr"]) / fpr;
    assert!((float(&found["reduction"]) - reduction).abs() < 1e-4, "{found} {reduction}");
    assert!(float(&found["reduction_lo"]) <= reduction && reduction <= float(&found["reduction_hi"]));
    // Without injections no power is certified.
    let verdict = verdict(&output, "all");
    assert!(verdict["power_lo"].is_null() && verdict["verdict"] != "pass", "{verdict}");
    assert!(verdict["reasons"].to_string().contains("no injection was made"));
}

#[test]
fn a_detector_against_itself_gains_nothing_and_a_deafer_one_fails() {
    let sandbox = exports();
    sandbox.write("same.ndjson", params(RULES, 0.2, "identity", 2.5));
    sandbox.write("deaf.ndjson", params(RULES, 0.2, "identity", 5.0));
    let args = "exports.csv --labels labels.csv --inject 60";
    let output = judged(&sandbox, &format!("{args} --params same.ndjson --against same.ndjson"));
    let all = verdict(&output, "all");
    let gains = ["reduction_current", "reduction_current_lo", "reduction_current_hi"].map(|field| float(&all[field]));
    assert_eq!(gains, [0.0; 3]);
    assert!(!all["reasons"].to_string().contains("against the current"), "{all}");
    assert_eq!(
        result(&output, "all", "current", "operating")["fpr"],
        result(&output, "all", "candidate", "operating")["fpr"]
    );
    // Parameters that say what the rule says change nothing.
    let plain = judged(&sandbox, args);
    let of = |output: &Output| result(output, "all", "candidate", "matched");
    assert_eq!(of(&plain), of(&output));
    let output = backtest(&sandbox, &format!("{args} --params deaf.ndjson --against same.ndjson"));
    let all = verdict(&output, "all");
    assert_eq!((output.code, all["verdict"].as_str()), (Some(1), Some("fail")));
    assert!(all["reasons"].to_string().contains("injected power"), "{all}");
    assert!(float(&result(&output, "all", "candidate", "operating")["power"]) < float(&of(&plain)["power"]));
}

#[test]
fn without_labels_power_comes_from_injected_effects() {
    let sandbox = exports();
    let output = judged(&sandbox, "exports.csv --inject 50 --report page.html");
    let all = verdict(&output, "all");
    // Spikes and drops of the size that must be detected.
    assert_eq!((all["labelled"].as_bool(), all["windows"].as_u64()), (Some(false), Some(100)));
    let injected = output.of_type("govctl.anomaly.injection/1");
    let of = |kind: &str, size: f64| {
        let wanted = |i: &&Value| i["detector"] == "candidate" && i["kind"] == kind && i["size"] == size;
        injected.iter().find(wanted).unwrap_or_else(|| panic!("{kind} {size}")).clone()
    };
    let heard = |kind| of(kind, 1.0)["detected"].as_u64().unwrap();
    let found = result(&output, "all", "candidate", "operating");
    assert_eq!(found["detected"].as_u64(), Some(heard("spike") + heard("drop")));
    for kind in ["spike", "burst", "drop", "ramp", "shift"] {
        let power: Vec<f64> = [0.5, 1.0, 2.0, 4.0].iter().map(|size| float(&of(kind, *size)["power"])).collect();
        // A larger effect is heard at least as well.
        assert!(power.windows(2).all(|w| w[0] <= w[1]), "{kind} {power:?}");
        assert_eq!(of(kind, 1.0)["n"].as_u64(), Some(50));
    }
    let weakest =
        if float(&of("drop", 1.0)["power_lo"]) < float(&of("spike", 1.0)["power_lo"]) { "drop" } else { "spike" };
    assert_eq!((all["kind"].as_str(), &all["power_lo"]), (Some(weakest), &of(weakest, 1.0)["power_lo"]));
    assert!(output.of_type("govctl.anomaly.miss/1").iter().all(|m| m["what"] == "false"));
    assert!(sandbox.read("page.html").contains("all history counts as clean"));
}

/// Labels five days late meet nothing that happened: whatever a baseline does with them, dice find as much.
#[test]
fn what_finds_no_more_than_chance_does_not_pass() {
    let sandbox = exports();
    let moved = |time: &str| rfc3339_ms(parse_rfc3339_ms(time, "a label").unwrap() + 5 * 86_400_000);
    let labels = sandbox.read("labels.csv");
    let late: String = labels
        .lines()
        .map(|line| match line.split(',').collect::<Vec<_>>()[..] {
            [tenant, start, end, kind] if tenant != "tenant" => {
                format!("{tenant},{},{},{kind}\n", moved(start), moved(end))
            }
            _ => format!("{line}\n"),
        })
        .collect();
    sandbox.write("late.csv", late);
    let found = verdict(&judged(&sandbox, "exports.csv --labels late.csv --min-reduction 0"), "all");
    let reasons = found["reasons"].to_string();
    assert!(found["verdict"] == "fail" && reasons.contains("on the labels it is no better than chance"), "{found}");
    let sound = verdict(&judged(&sandbox, "exports.csv --labels labels.csv"), "all");
    assert!(!sound["reasons"].to_string().contains("chance"), "{sound}");
    // What stands behind it: 3 x 1344 hours, of which 134 of each tenant are warm-up and the windows are labelled.
    let labelled: usize = windows().values().flatten().filter(|w| w.end > 134).map(|w| w.end - w.start.max(134)).sum();
    assert_eq!(sound["buckets"], 4032);
    assert_eq!(sound["judged"], 3 * (1344 - 134) - labelled as u64);
    assert_eq!(sound["must_detect"][0], "exports: rel=4,abs=25,drop_to=0.1,drop_buckets=6");
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let sandbox = exports();
    backtest(&sandbox, "exports.csv --inject 0").says(&["nothing_to_judge"]);
    assert_eq!(backtest(&sandbox, "exports.csv --inject 0").code, Some(2));
    // Three tenants over 36 hours: less than 100 hours behind the first tenth.
    sandbox.bash("head -109 exports.csv > short.csv").exits(0);
    let short = backtest(&sandbox, "short.csv");
    assert_eq!(short.code, Some(3));
    short.says(&["too_little_history: `exports` has 99 buckets"]);
    let lax = backtest(&sandbox, "exports.csv --min-reduction=-5");
    assert_eq!(lax.code, Some(2));
    lax.says(&["a fraction from 0 to 1"]);
    sandbox.write("empty.csv", "tenant,ts,value\n");
    assert_eq!(backtest(&sandbox, "empty.csv").code, Some(3));
    // One rule of two has nothing: the other one is judged.
    sandbox.write("two.yaml", format!("{RULES}  - {{id: none, input: points, tz: UTC, where: {{kind: x}}}}\n"));
    let two = sandbox.bash("govctl anomaly backtest --rules two.yaml exports.csv --inject 20").exits(3);
    assert!(two.stderr.contains("too_little_history: rule `none` has 0 buckets"), "{}", two.stderr);
    assert_eq!(verdict(&two, "exports")["series"], 3);
    let page = "govctl anomaly backtest --rules two.yaml exports.csv --inject 20 --report two.html --format human";
    assert!(sandbox.bash(page).exits(3).text().contains("not judged: `none`"));
    assert!(sandbox.read("two.html").contains("<code>none</code> was not judged, since it has 0 buckets"));
}

#[test]
fn labels_are_read_in_each_form_and_what_is_wrong_with_them_is_told() {
    let sandbox = exports();
    let csv = judged(&sandbox, "exports.csv --labels labels.csv --inject 0");
    let rows = sandbox.read("labels.csv");
    let rows: Vec<Vec<&str>> = rows.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let json: String = rows
        .iter()
        .map(|r| format!("{{\"tenant\":\"{}\",\"start\":\"{}\",\"end\":\"{}\"}}\n", r[0], r[1], r[2]))
        .collect();
    sandbox.write("labels.ndjson", &json);
    assert_eq!(data(&judged(&sandbox, "exports.csv --labels labels.ndjson --inject 0")), data(&csv));
    // Twice the same label is one window.
    assert_eq!(
        data(&judged(&sandbox, "exports.csv --labels labels.ndjson --labels labels.csv --inject 0")),
        data(&csv)
    );
    // In a column of the data.
    let windows = windows();
    let mut lines = vec!["tenant,ts,value,label".to_owned()];
    for (tenant, counts) in counts() {
        for (i, x) in counts.iter().enumerate() {
            let label = u8::from(windows[&tenant].iter().any(|w| w.contains(&i)));
            lines.push(format!("{tenant},{},{x},{label}", hour(i)));
        }
    }
    sandbox.write("labelled.csv", lines.join("\n") + "\n");
    assert_eq!(data(&judged(&sandbox, "labelled.csv --columns label=label --inject 0")), data(&csv));

    sandbox.write("bad.csv", format!("{}\nx,{},{},spike\n", rows_text(&rows), hour(500), hour(400)));
    let bad = backtest(&sandbox, "exports.csv --labels bad.csv --inject 0");
    assert_eq!(bad.code, Some(3));
    assert!(bad.stderr.contains("bad.csv:17: bad_line: `end` is not after `start`"), "{}", bad.stderr);
    assert_eq!(data(&bad), data(&csv));
    sandbox.write("stranger.csv", format!("{}\nnobody,{},{},spike\n", rows_text(&rows), hour(500), hour(501)));
    let stranger = backtest(&sandbox, "exports.csv --labels stranger.csv --inject 0");
    assert!(stranger.stderr.contains("unmatched_labels: 1 label of 16 outside the data, the first of `nobody`"));
    assert_eq!((count(&stranger, "unmatched_labels"), data(&stranger)), (1, data(&csv)));
    let strict = backtest(&sandbox, "exports.csv --labels stranger.csv --strict-data --inject 0");
    assert_eq!(strict.code, Some(1));
    sandbox.write("none.csv", "tenant,from,to\n");
    let none = backtest(&sandbox, "exports.csv --labels none.csv");
    assert_eq!(none.code, Some(3));
    assert!(none.stderr.contains("none.csv:1: bad_line: the first line names no column `start`"), "{}", none.stderr);
}

fn rows_text(rows: &[Vec<&str>]) -> String {
    let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
    format!("tenant,start,end,kind\n{}", lines.join("\n"))
}

/// The Numenta benchmark names files, and its times are those of a wall clock.
#[test]
fn labels_of_the_numenta_benchmark_are_matched_by_file_name() {
    let sandbox = Sandbox::new();
    sandbox.write("rules.yaml", "rules:\n  - {id: r, input: points, missing: skip, tz: America/New_York}\n");
    let counts = counts();
    let values = counts.values().next().unwrap();
    // January in New York: five hours behind.
    let local = |i: usize| hour(i).replace('T', " ").replace(".000Z", "");
    let csv: Vec<String> = values.iter().enumerate().map(|(i, x)| format!("{},{x}", local(i))).collect();
    sandbox.write("series.csv", format!("timestamp,value\n{}\n", csv.join("\n")));
    let nab = format!(
        "{{\"real/series.csv\": [\"{}\", [\"{}\", \"{}\"]], \"real/other.csv\": []}}",
        local(500),
        local(700),
        local(709)
    );
    sandbox.write("nab.json", nab);
    let args = "series.csv --columns ts=timestamp --tenant @stem --inject 0 --labels nab.json";
    let output = judged(&sandbox, args);
    assert_eq!(count(&output, "windows"), 2);
    let wide = judged(&sandbox, &format!("{args} --around=-0,400"));
    // Clean buckets: all behind the first tenth but 16 and 10, or but 401 in which the other ten lie.
    let share = |output: &Output| float(&result(output, "all", "static", "0.9")["fpr"]);
    let whole = |x: f64| (x - x.round()).abs() < 1e-3;
    assert!(whole(share(&output) * (1344.0 - 134.0 - 26.0)) && whole(share(&wide) * (1344.0 - 134.0 - 401.0)));
    // Where the label lies, an ignored interval takes nothing away; elsewhere it does.
    sandbox.write("ignore.csv", format!("tenant,start,end\nseries,{},{}\n", local(500), local(900)));
    let ignoring = judged(&sandbox, &format!("{args} --ignore ignore.csv"));
    assert_eq!(count(&ignoring, "windows"), 2);
    // From 497 on the window has 16 hours, 13 of them ignored too.
    assert!(whole(share(&ignoring) * (1344.0 - 134.0 - 3.0 - 400.0)), "{}", share(&ignoring));
}

#[test]
fn sets_are_judged_beside_the_rules() {
    let sandbox = exports();
    let args = "exports.csv --labels labels.csv --inject 30";
    let names: Vec<String> = counts().into_keys().collect();
    let output = judged(&sandbox, &format!("{args} --set first={} --set both='{}*,{}'", names[0], names[1], names[2]));
    let sets: Vec<String> =
        output.of_type(VERDICT).iter().map(|v| format!("{} {}", v["set"].as_str().unwrap(), v["series"])).collect();
    assert_eq!(sets, ["exports 3", "first 1", "both 2", "all 3"]);
    // The named ones alone decide.
    assert_eq!([&verdict(&output, "all")["gated"], &verdict(&output, "both")["gated"]], [false, true]);
    let first = result(&output, "first", "static", "matched");
    assert_eq!((first["windows"].as_u64(), float(&first["reduction_lo"])), (Some(5), -1.0));
    assert!(verdict(&output, "first")["reasons"].to_string().contains("a single series or tenant gives no bound"));
    // The rule's series are all there are.
    let (mut rule, mut all) = (verdict(&output, "exports"), verdict(&output, "all"));
    rule["set"] = Value::Null;
    all["set"] = Value::Null;
    assert_eq!(rule, all);
    for (set, text) in
        [("all=x", "the name `all` is taken"), ("exports=x", "is taken"), ("x=nobody*", "names no tenant")]
    {
        let refused = backtest(&sandbox, &format!("{args} --set '{set}'"));
        assert_eq!(refused.code, Some(2), "{set}");
        refused.says(&[text]);
    }
}

#[test]
fn events_points_and_both_formats_give_the_same_backtest() {
    let sandbox = Sandbox::new();
    let counts = counts();
    let smallest = counts.iter().min_by(|a, b| a.1.iter().sum::<f64>().total_cmp(&b.1.iter().sum::<f64>())).unwrap();
    // An hour without an event at either end would have no bucket.
    let first = smallest.1.iter().position(|x| *x > 0.0).unwrap();
    let last = smallest.1[..700].iter().rposition(|x| *x > 0.0).unwrap();
    let (tenant, values) = (smallest.0, &smallest.1[first..=last]);
    let hour = |i: usize| hour(first + i);
    let (mut csv, mut points, mut events) = (vec!["tenant,ts,value".to_owned()], Vec::new(), Vec::new());
    for (i, x) in values.iter().enumerate() {
        csv.push(format!("{tenant},{},{x}", hour(i)));
        points.push(format!("{{\"ts\":\"{}\",\"tenant\":\"{tenant}\",\"value\":{x}}}", hour(i)));
        for n in 0..*x as usize {
            // Spread over the hour, the last one first.
            let at = hour(i).replace(":00:00.000Z", &format!(":{:02}:{:02}Z", 59 - n % 60, n / 60 % 60));
            events.push(format!("{{\"ts\":\"{at}\",\"tenant\":\"{tenant}\"}}"));
        }
    }
    sandbox.write("points.csv", csv.join("\n") + "\n");
    sandbox.write("points.ndjson", points.join("\n") + "\n");
    sandbox.write("events.ndjson", events.join("\n") + "\n");
    sandbox.write("rules.yaml", RULES);
    sandbox.write("labels.csv", format!("tenant,start,end\n{tenant},{},{}\n", hour(400), hour(406)));
    let of_points = judged(&sandbox, "points.csv --labels labels.csv --inject 25");
    assert_eq!(data(&judged(&sandbox, "points.ndjson --labels labels.csv --inject 25")), data(&of_points));
    sandbox.write("rules.yaml", RULES.replace("input: points, missing: zero, ", ""));
    assert_eq!(data(&judged(&sandbox, "events.ndjson --labels labels.csv --inject 25")), data(&of_points));
}

#[test]
fn clusters_and_seeds_change_intervals_alone() {
    let sandbox = exports();
    // Two series for each tenant.
    let mut lines = vec!["tenant,region,ts,value".to_owned()];
    for (tenant, counts) in counts() {
        for (region, counts) in [("eu", &counts[..672]), ("us", &counts[672..])] {
            lines.extend(counts.iter().enumerate().map(|(i, x)| format!("{tenant},{region},{},{x}", hour(i))));
        }
    }
    sandbox.write("two.csv", lines.join("\n") + "\n");
    sandbox.write("rules.yaml", RULES.replace("tz: UTC", "tz: UTC, group_by: [tenant, region]"));
    let run =
        |flags: &str| judged(&sandbox, &format!("two.csv --labels labels.csv --inject 0 --resamples 300 {flags}"));
    let (series, tenant, seed) = (run(""), run("--cluster tenant"), run("--seed 2"));
    let rows = |output: &Output| output.of_type(RESULT);
    let mut moved = [0, 0];
    for (i, row) in rows(&series).into_iter().enumerate() {
        for (other, moved) in [&tenant, &seed].iter().zip(&mut moved) {
            let mut other = rows(other)[i].clone();
            *moved += u32::from(other["reduction_lo"] != row["reduction_lo"]);
            for field in ["reduction_lo", "reduction_hi", "undefined_share"] {
                other[field] = row[field].clone();
            }
            assert_eq!(other, row);
        }
    }
    assert!(moved[0] > 0 && moved[1] > 0, "{moved:?}");
}
