//! `govctl anomaly tune`: from history to parameters that are proved, and the ways in which they are not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use govctl::anomaly::generate::{START_S, tenant};
use govctl::clock::rfc3339_ms;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{Call, Output, Sandbox};

/// Effects so large that every configuration hears them.
const LOUD: &str = "direction: up, must_detect: {rel: 50, abs: 2000}";
const HOUR_MS: i64 = 3_600_000;

fn rules(fields: &str) -> String {
    format!("rules:\n  - {{id: exports, input: points, missing: zero, tz: UTC, {fields}}}\n")
}

fn ts(hour: usize) -> String {
    rfc3339_ms(START_S * 1000 + hour as i64 * HOUR_MS)
}

/// Tenant, hour and count.
type Counts = Vec<(String, usize, f64)>;

/// The first hours of generated tenants.
fn counts(tenants: usize, hours: usize) -> Counts {
    let all: Vec<_> = (0..tenants).map(|number| tenant(1, number)).collect();
    (0..hours).flat_map(|hour| all.iter().map(move |t| (t.name.clone(), hour, t.counts[hour]))).collect()
}

fn csv(counts: &Counts) -> String {
    let mut text = "tenant,ts,value\n".to_owned();
    counts.iter().for_each(|(tenant, hour, n)| writeln!(text, "{tenant},{},{n}", ts(*hour)).unwrap());
    text
}

/// exports.csv with 30 days of two tenants, and rules.yaml.
fn sandbox(fields: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("exports.csv", csv(&counts(2, 720)));
    sandbox.write("rules.yaml", rules(fields));
    sandbox
}

fn tune(sandbox: &Sandbox, args: &[&str]) -> Call {
    let head = ["anomaly", "tune", "--rules", "rules.yaml", "--out", "params.ndjson"];
    sandbox.govctl(head.iter().chain(args))
}

fn told(output: &Output) -> Value {
    let mut all = output.of_type("govctl.anomaly.tune/1");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn trials(output: &Output) -> Vec<Value> {
    output.of_type("govctl.anomaly.trial/1")
}

fn lines(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.read("params.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

#[test]
fn parameters_are_found_and_stand_in_the_file_with_what_they_rest_on() {
    let sandbox = sandbox(LOUD);
    let output = tune(&sandbox, &["exports.csv"]).exits(0);
    let (told, trials) = (told(&output), trials(&output));
    // 21 days to fit: the weekly stream would not be filled. Two sets of streams, three alphas, four scales.
    assert_eq!(trials.len(), 24);
    let number = |value: &Value, field: &str| value[field].as_f64().unwrap();
    for trial in &trials {
        assert_eq!(trial["feasible"], number(trial, "power_lo") >= 0.8, "{trial}");
        assert_eq!(trial["drop_power"], Value::Null);
        assert!(number(trial, "threshold") % 0.25 == 0.0, "{trial}");
    }
    let chosen: Vec<&Value> = trials.iter().filter(|trial| trial["chosen"] == true).collect();
    assert_eq!(chosen.len(), 1);
    let fewest = trials.iter().filter_map(|trial| trial["notifications_per_week"].as_f64()).fold(f64::MAX, f64::min);
    assert_eq!(number(chosen[0], "notifications_per_week"), fewest);
    for field in ["streams", "alpha", "transform", "rel_floor", "threshold"] {
        assert_eq!(told[field], chosen[0][field], "{field}");
        assert_eq!(told[format!("old_{field}")], Value::Null);
    }
    assert_eq!((&told["outcome"], &told["series"], &told["buckets"]), (&json!("written"), &json!(2), &json!(1440)));
    assert_eq!(
        (&told["data_from"], &told["data_to"]),
        (&json!("2024-01-01T00:00:00Z"), &json!("2024-01-31T00:00:00Z"))
    );
    assert_eq!((&told["certified_from"], &told["code"]), (&json!("2024-01-22T00:00:00Z"), &Value::Null));

    let file = sandbox.read("params.ndjson");
    assert_eq!(told["params_sha256"], sha256(&file));
    let line = &lines(&sandbox)[0];
    assert_eq!(line["data_sha256"], sha256(&format!("{}\n", sha256(&sandbox.read("exports.csv")))));
    assert_eq!((&line["rule"], &line["seed"], &line["min_power"]), (&json!("exports"), &json!(1), &json!(0.8)));
    assert_eq!(line["must_detect"], "rel=50,abs=2000,drop_to=0.1,drop_buckets=6");
    assert!(number(line, "spike_power_lo") >= 0.8 && number(line, "spike_power") > number(line, "spike_power_lo"));
    let tenants: BTreeSet<&str> = line["threshold_by_tenant"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(tenants, BTreeSet::from(["tenant-1-000", "tenant-1-001"]));
    assert!(number(&told, "expected_false_per_week") >= 0.0);
    // What reads the file takes it.
    let detect = ["anomaly", "detect", "--rules", "rules.yaml", "--params", "params.ndjson", "--points", "exports.csv"];
    let detected = sandbox.govctl(detect).run();
    let alerts = detected.of_type("govctl.anomaly/1");
    assert!(!alerts.is_empty() && alerts.iter().all(|alert| alert["params_sha256"] == told["params_sha256"]));
}

/// `backtest` over the same history is no proof, and says so; over what only certified it is one.
#[test]
fn a_backtest_on_what_was_searched_says_so() {
    let sandbox = sandbox(LOUD);
    tune(&sandbox, &["exports.csv"]).exits(0);
    let head = "govctl anomaly backtest --rules rules.yaml --params params.ndjson --inject 100";
    let judged = |args: &str| sandbox.bash(&format!("{head} {args} || [ $? = 1 ]")).exits(0);
    let named = |output: &Output| {
        let verdicts = output.of_type("govctl.anomaly.verdict/1");
        assert_eq!(verdicts.len(), 2);
        verdicts.iter().all(|verdict| {
            let reasons = verdict["reasons"].to_string();
            assert_eq!(reasons.contains("tuned on data"), verdict["tuned_on_judged"] == json!(["exports"]));
            verdict["tuned_on_judged"] == json!(["exports"])
        })
    };
    let all = judged("exports.csv --report page.html");
    assert!(named(&all) && all.stderr.contains("tuned_on_judged: the parameters of `exports`"), "{}", all.stderr);
    assert!(sandbox.read("page.html").contains("parameters were tuned on data that is judged here"));
    let rest = judged("exports.csv --warmup 70% --report page.html");
    assert!(!named(&rest) && !rest.stderr.contains("tuned_on_judged"), "{}", rest.stderr);
    assert!(!sandbox.read("page.html").contains("tuned on data"));
    // Tenants that the search did not know.
    let others = csv(&counts(2, 720)).replace("tenant-1-", "other-");
    sandbox.write("others.csv", others);
    assert!(!named(&judged("others.csv")));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_other_draws() {
    let run = |seed: &str| {
        let sandbox = sandbox(LOUD);
        let output = tune(&sandbox, &["exports.csv", "--seed", seed, "--no-run-records"]).exits(0);
        (output.text().to_owned(), sandbox.read("params.ndjson"))
    };
    let (first, second, other) = (run("7"), run("7"), run("8"));
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[test]
fn an_impossible_power_is_refused_and_the_file_is_left_alone() {
    // 1,000 of 1,000 heard have a lower bound of 0.996.
    let sandbox = sandbox("min_power: 0.999, direction: up, must_detect: {rel: 50, abs: 2000}");
    let output = tune(&sandbox, &["exports.csv"]).exits(1);
    let told_first = told(&output);
    assert_eq!((&told_first["outcome"], &told_first["threshold"]), (&json!("refused"), &Value::Null));
    assert_eq!(told_first["code"], "tune_refused");
    assert!(told_first["reason"].as_str().unwrap().contains("the power bound for a spike is 0.9"), "{told_first}");
    assert!(!sandbox.path("params.ndjson").exists());
    assert!(trials(&output).iter().all(|trial| trial["feasible"] == false && trial["threshold"] == 1.5));

    sandbox.write("rules.yaml", rules(LOUD));
    tune(&sandbox, &["exports.csv"]).exits(0);
    let before = sandbox.read("params.ndjson");
    sandbox.write("rules.yaml", rules("min_power: 0.999, direction: up, must_detect: {rel: 50, abs: 2000}"));
    let output = tune(&sandbox, &["exports.csv"]).exits(1);
    // The rule is another one, so what the file holds is not in use either.
    assert!(output.stderr.contains("`min_power` was `0.8` when the parameters were found"), "{}", output.stderr);
    assert_eq!(sandbox.read("params.ndjson"), before);
    let finding = tune(&sandbox, &["exports.csv", "--format", "github"]).exits(1);
    assert!(finding.text().contains("tune_refused"), "{}", finding.text());
}

#[test]
fn a_better_old_file_is_kept() {
    let sandbox = sandbox("direction: up, must_detect: {rel: 50, abs: 20000}");
    tune(&sandbox, &["exports.csv"]).exits(0);
    // The highest threshold of the grid hears everything; beyond the grid the same is heard, and less is sent.
    let mut line = lines(&sandbox).remove(0);
    assert_eq!(line["threshold"], 8.0);
    line["threshold"] = 25.0.into();
    line["threshold_by_tenant"] = json!({});
    line["must_detect"] = "by hand".into();
    let better = format!("{line}\n");
    sandbox.write("params.ndjson", &better);
    let told_again = told(&tune(&sandbox, &["exports.csv"]).exits(0));
    assert_eq!(told_again["outcome"], "kept", "{told_again}");
    assert_eq!(sandbox.read("params.ndjson"), better);
    assert_eq!((&told_again["old_threshold"], &told_again["threshold"]), (&json!(25.0), &json!(8.0)));
    assert_eq!(
        (&told_again["old_notifications_per_week"], &told_again["expected_false_per_week"]),
        (&json!(0.0), &json!(0.0))
    );
    assert_eq!(told_again["params_sha256"], sha256(&better));

    // As --params they go into another file; into the same one too.
    sandbox.bash("mv params.ndjson old.ndjson").exits(0);
    tune(&sandbox, &["exports.csv", "--params", "old.ndjson"]).exits(0);
    assert_eq!(sandbox.read("params.ndjson"), better);
    tune(&sandbox, &["exports.csv", "--params", "params.ndjson"]).exits(0);
    assert_eq!(sandbox.read("params.ndjson"), better);
    assert_eq!(sandbox.read("old.ndjson"), better);
}

/// From hour 504 on, the part that certifies, counts are nothing like those before: noise hides what is injected.
#[test]
fn another_end_of_the_history_fails_the_certificate() {
    let sandbox = sandbox("direction: up, must_detect: {rel: 0.5, abs: 2000}");
    let noisy = counts(2, 720).into_iter().map(|(tenant, hour, n)| {
        let n = if hour < 504 { n } else { (hour * 7919 % 13) as f64 * 4000.0 };
        (tenant, hour, n)
    });
    sandbox.write("noisy.csv", csv(&noisy.collect()));
    tune(&sandbox, &["exports.csv"]).exits(0);
    let before = sandbox.read("params.ndjson");
    let output = tune(&sandbox, &["noisy.csv"]).exits(1);
    let told = told(&output);
    assert!(told["reason"].as_str().unwrap().starts_with("on the last 30 % of the history"), "{told}");
    assert_eq!(told["weak_tenants"], json!(["tenant-1-000", "tenant-1-001"]));
    assert!(trials(&output).iter().any(|trial| trial["chosen"] == true));
    assert_eq!(sandbox.read("params.ndjson"), before);
}

#[test]
fn parameters_of_another_rule_are_stale() {
    let sandbox = sandbox(LOUD);
    tune(&sandbox, &["exports.csv"]).exits(0);
    let before = sandbox.read("params.ndjson");
    sandbox.write("rules.yaml", rules(&format!("{LOUD}, window: 10d")));
    sandbox.write("old.ndjson", &before);
    let refused = tune(&sandbox, &["exports.csv", "--params", "old.ndjson"]).exits(2);
    refused.says(&["old.ndjson:1", "`window` was `604800000ms`", "is `864000000ms` now"]);
    assert_eq!(sandbox.read("params.ndjson"), before);
    // The file itself is what tune is run to renew.
    let renewed = tune(&sandbox, &["exports.csv"]).exits(0);
    assert!(renewed.stderr.contains("they count as none"), "{}", renewed.stderr);
    assert_eq!(told(&renewed)["old_threshold"], Value::Null);
    assert_ne!(sandbox.read("params.ndjson"), before);
}

#[test]
fn only_a_parameter_file_is_written_over() {
    let sandbox = sandbox(LOUD);
    for content in ["precious\n", "{\"schema\":\"govctl.diff/1\"}\n", "\u{0}\u{1}"] {
        sandbox.write("params.ndjson", content);
        tune(&sandbox, &["exports.csv"]).exits(2).says(&["no parameter file", "name another file"]);
        assert_eq!(sandbox.read("params.ndjson"), content);
    }
    let over = ["anomaly", "tune", "--rules", "rules.yaml", "--out", "exports.csv", "exports.csv"];
    sandbox.govctl(over).exits(2).says(&["would be written over this input"]);
    tune(&sandbox, &["exports.csv", "--labels", "params.ndjson"]).exits(2).says(&["would be written over this input"]);
}

#[test]
fn too_little_history_is_unusable() {
    let sandbox = sandbox(LOUD);
    for (name, text) in [
        // The first value sets the level, twenty more make a scale: 2 x 50 - 2 x 21 = 58 buckets are left.
        ("short.csv", csv(&counts(2, 50))),
        ("constant.csv", csv(&counts(1, 20))),
        ("one.csv", csv(&counts(1, 1))),
    ] {
        sandbox.write(name, text);
        let output = tune(&sandbox, &[name]).exits(3);
        assert!(output.stderr.contains("too_little_history: rule `exports`"), "{}", output.stderr);
        let told = told(&output);
        assert_eq!((&told["outcome"], &told["params_sha256"]), (&json!("refused"), &Value::Null));
        assert_eq!(told["code"], "too_little_history");
        let finding = tune(&sandbox, &[name, "--format", "github"]).exits(3);
        assert!(finding.text().contains("too_little_history"), "{}", finding.text());
    }
    let eligible = told(&tune(&sandbox, &["short.csv"]).exits(3))["eligible"].as_u64().unwrap();
    assert_eq!(eligible, 58);
    sandbox.write("empty.csv", "tenant,ts,value\n");
    tune(&sandbox, &["empty.csv"]).exits(3).says(&["no record of empty.csv belongs to a rule"]);
    assert!(!sandbox.path("params.ndjson").exists());
}

#[test]
fn what_cannot_be_read_is_not_proved_on() {
    let sandbox = sandbox(LOUD);
    let text = sandbox.read("exports.csv").replace("tenant-1-001,2024-01-05T00:00:00.000Z,", "tenant-1-001,yesterday,");
    sandbox.write("damaged.csv", text);
    let output = tune(&sandbox, &["damaged.csv"]).exits(3);
    output.says(&["damaged.csv:195", "bad_line"]);
    assert!(!sandbox.path("params.ndjson").exists());
    let cut = "govctl anomaly detect --rules rules.yaml --points exports.csv | head -5 | \
               govctl anomaly tune --rules rules.yaml --out params.ndjson -";
    let cut = sandbox.bash(&format!("{cut} || exit $?")).run();
    assert_eq!(cut.code, Some(3), "{}", cut.stderr);
    assert!(!sandbox.path("params.ndjson").exists());
}

#[test]
fn pinned_fields_stay() {
    let sandbox = sandbox(&format!("{LOUD}, alpha: 0.3, threshold: 2.6, pin: [alpha, threshold]"));
    let output = tune(&sandbox, &["exports.csv"]).exits(0);
    let trials = trials(&output);
    assert_eq!(trials.len(), 8);
    assert!(trials.iter().all(|trial| trial["alpha"] == 0.3 && trial["threshold"] == 2.6));
    let line = &lines(&sandbox)[0];
    assert_eq!(
        (&line["alpha"], &line["threshold"], &line["threshold_by_tenant"]),
        (&json!(0.3), &json!(2.6), &json!({}))
    );
}

/// Everything but the names of the rules' fields and the digests of the data.
fn found(output: &Output) -> Vec<Value> {
    let mut all = trials(output);
    all.push(told(output));
    all.iter_mut().for_each(|record| record["params_sha256"] = Value::Null);
    all
}

#[test]
fn events_and_points_csv_and_ndjson_give_the_same_parameters() {
    let sandbox = sandbox(LOUD);
    let points = counts(2, 500);
    sandbox.write("points.csv", csv(&points));
    let json = |(tenant, hour, n): &(String, usize, f64)| {
        format!("{{\"tenant\":\"{tenant}\",\"ts\":\"{}\",\"value\":{n}}}\n", ts(*hour))
    };
    sandbox.write("points.ndjson", points.iter().map(json).collect::<String>());
    // Each event counts one; spread over the hour, backwards.
    let events = |(tenant, hour, n): &(String, usize, f64)| -> String {
        let at = |i: i64| rfc3339_ms(START_S * 1000 + *hour as i64 * HOUR_MS + HOUR_MS - 1 - i);
        (0..*n as i64).map(|i| format!("{{\"tenant\":\"{tenant}\",\"ts\":\"{}\"}}\n", at(i))).collect()
    };
    sandbox.write("events.ndjson", points.iter().rev().map(events).collect::<String>());
    let of_points = found(&tune(&sandbox, &["points.csv"]).exits(0));
    let file = lines(&sandbox).remove(0);
    sandbox.bash("rm params.ndjson").exits(0);
    assert_eq!(found(&tune(&sandbox, &["points.ndjson"]).exits(0)), of_points);
    let mut other = lines(&sandbox).remove(0);
    assert_ne!(other["data_sha256"], file["data_sha256"]);
    other["data_sha256"] = file["data_sha256"].clone();
    assert_eq!(other, file);
    // A series of events begins with its first one, and ends with its last; so do these.
    sandbox.write("rules.yaml", rules(LOUD).replace("input: points", "input: events"));
    sandbox.bash("rm params.ndjson").exits(0);
    let mut of_events = found(&tune(&sandbox, &["events.ndjson"]).exits(0));
    let (events, points) = (of_events.pop().unwrap(), of_points.last().unwrap());
    for field in ["streams", "alpha", "transform", "rel_floor", "threshold"] {
        assert_eq!(events[field], points[field], "{field}");
    }
}

#[test]
fn nothing_is_injected_into_what_is_labelled() {
    let sandbox = sandbox(LOUD);
    let all = told(&tune(&sandbox, &["exports.csv"]).exits(0))["eligible"].as_u64().unwrap();
    sandbox.write(
        "labels.csv",
        "tenant,start,end\ntenant-1-000,2024-01-10T00:00:00Z,2024-01-13T00:00:00Z\n\
         tenant-1-000,2031-01-10T00:00:00Z,2031-01-13T00:00:00Z\nnobody,2024-01-10T00:00:00Z,2024-01-13T00:00:00Z\n",
    );
    sandbox.bash("rm params.ndjson").exits(0);
    let output = tune(&sandbox, &["exports.csv", "--labels", "labels.csv"]).exits(0);
    assert_eq!(told(&output)["eligible"].as_u64().unwrap(), all - 72);
    assert!(
        output
            .stderr
            .contains("labels.csv:3: unmatched_labels: 2 labels of 3 outside the data, the first of `tenant-1-000`"),
        "{}",
        output.stderr
    );
    assert_eq!(output.of_type("govctl.run/1").pop().unwrap()["counts"]["unmatched_labels"], 2);
    tune(&sandbox, &["exports.csv", "--labels", "labels.csv", "--strict-data"]).exits(1);
    sandbox.write("labels.csv", "tenant,start,end\na,2024-01-10T00:00:00Z,2024-01-09T00:00:00Z\n");
    let bad = tune(&sandbox, &["exports.csv", "--labels", "labels.csv"]).exits(3);
    bad.says(&["labels.csv:2", "`end` is not after `start`"]);
    // A column of labels counts as well.
    let labelled = |line: &str| match line.split_once(",2024-01-10T") {
        Some(_) => format!("{line},1\n"),
        None if line.starts_with("tenant,") => format!("{line},label\n"),
        None => format!("{line},0\n"),
    };
    sandbox.write("exports.csv", sandbox.read("exports.csv").lines().map(labelled).collect::<String>());
    let output = tune(&sandbox, &["exports.csv", "--columns", "label=label"]).exits(0);
    assert_eq!(told(&output)["eligible"].as_u64().unwrap(), all - 48);
}

#[test]
fn each_rule_has_its_own_outcome() {
    let sandbox = Sandbox::new();
    sandbox.write("exports.csv", csv(&counts(2, 720)));
    let defaults = format!("defaults: {{input: points, tz: UTC, {LOUD}}}\n");
    let rules =
        "rules:\n  - {id: b}\n  - {id: a, where: {tenant: tenant-1-001}}\n  - {id: c, where: {tenant: nobody}}\n";
    sandbox.write("rules.yaml", format!("{defaults}{rules}"));
    let output = tune(&sandbox, &["exports.csv"]).exits(3);
    let outcomes = |output: &Output| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let told = output.of_type("govctl.anomaly.tune/1");
        told.iter().map(|t| (text(&t["rule"]), text(&t["outcome"]))).collect()
    };
    let of =
        |b: &str, a: &str, c: &str| [("b", b), ("a", a), ("c", c)].map(|(r, o)| (r.to_owned(), o.to_owned())).to_vec();
    assert_eq!(outcomes(&output), of("written", "written", "refused"));
    // Sorted, and nothing of the rule without data.
    let before = lines(&sandbox);
    assert_eq!(before.iter().map(|line| line["rule"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);

    // Of a rule that is refused the old line stays, where it still holds.
    let half = counts(2, 720).into_iter().filter(|(tenant, hour, _)| tenant != "tenant-1-001" || *hour < 40);
    sandbox.write("half.csv", csv(&half.collect()));
    let output = tune(&sandbox, &["half.csv"]).exits(3);
    assert_eq!(outcomes(&output)[1], ("a".to_owned(), "refused".to_owned()));
    let after = lines(&sandbox);
    assert_eq!((after.len(), &after[0]), (2, &before[0]));
    assert_ne!(after[1]["data_sha256"], before[1]["data_sha256"]);
    // Where it does not, it goes.
    sandbox.write("rules.yaml", format!("{defaults}{rules}").replace("id: a,", "id: a, cooldown: 5h,"));
    let output = tune(&sandbox, &["half.csv"]).exits(3);
    assert!(output.stderr.contains("`cooldown` was"), "{}", output.stderr);
    assert_eq!(lines(&sandbox), after[1..]);
}

/// Values around 50 with a daily wave and a little noise.
#[test]
fn gauges_are_tuned_by_their_scale() {
    let sandbox = Sandbox::new();
    let value = |hour: usize| 50.0 + 20.0 * ((hour % 24) as f64 / 24.0) + (hour * 7919 % 101) as f64 / 50.0;
    let text: String = (0..720).map(|hour| format!("{},{}\n", ts(hour), value(hour))).collect();
    sandbox.write("load.csv", format!("ts,value\n{text}"));
    sandbox.write("rules.yaml", "rules:\n  - {id: load, input: points, kind: gauge, group_by: [], tz: UTC}\n");
    let output = tune(&sandbox, &["load.csv"]).exits(0);
    let (told, trials) = (told(&output), trials(&output));
    assert_eq!(trials.len(), 18);
    assert!(trials.iter().all(|trial| trial["transform"] == "identity"));
    assert_eq!((&told["outcome"], &told["weak_tenants"]), (&json!("written"), &json!([])));
    assert!(told["drop_power"].as_f64().unwrap() >= 0.8 && told["spike_power"].as_f64().unwrap() >= 0.8);
    assert_eq!(lines(&sandbox)[0]["threshold_by_tenant"], json!({}));
}
