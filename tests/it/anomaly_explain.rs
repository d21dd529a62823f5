//! `govctl anomaly explain`: every alert computed again, and one bucket in words.

use std::fmt::Write as _;

use govctl::clock::rfc3339_ms;
use serde_json::{Value, json};

use crate::common::{Call, Output, Sandbox, root};

const RULES: &str = "rules:\n  - {id: exports, input: points, missing: zero, tz: Europe/Berlin}\n";
/// 2026-01-01T00:00:00Z, a Thursday.
const START_MS: i64 = 1_767_225_600_000;

fn ts(hour: usize) -> String {
    rfc3339_ms(START_MS + hour as i64 * 3_600_000)
}

/// Three generated tenants over eight weeks as exports.csv, and rules.yaml.
fn exports() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("exports.csv", std::fs::read(root().join("fixtures/anomaly/exports/exports.csv")).unwrap());
    sandbox.write("rules.yaml", RULES);
    sandbox
}

/// Six weeks of one tenant with 10 an hour and 100 at 13:00, and 412 at 13:00 of the next day, which is a Thursday.
fn thursday() -> Sandbox {
    let sandbox = Sandbox::new();
    let usual = |hour: usize| if hour % 24 == 13 { 100 } else { 10 };
    let mut text = "tenant,ts,value\n".to_owned();
    (0..42 * 24 + 13).for_each(|hour| writeln!(text, "acme,{},{}", ts(hour), usual(hour)).unwrap());
    writeln!(text, "acme,{},412", ts(42 * 24 + 13)).unwrap();
    sandbox.write("exports.csv", text);
    sandbox.write("rules.yaml", RULES.replace("Europe/Berlin", "UTC"));
    sandbox
}

fn explain(sandbox: &Sandbox, args: &[&str]) -> Call {
    sandbox.govctl(["anomaly", "explain", "--rules", "rules.yaml"].iter().chain(args))
}

fn explained(output: &Output) -> Vec<Value> {
    output.of_type("govctl.anomaly.explain/1")
}

fn alerts(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    let lines = sandbox.read(name);
    let all = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|record| record["schema"] == "govctl.anomaly/1").collect()
}

fn detect(sandbox: &Sandbox, args: &str) {
    let command = format!("govctl anomaly detect --rules rules.yaml {args} || [ $? -eq 1 ]");
    sandbox.bash(&command).exits(0);
}

/// Fields that an explanation shares with its alert.
fn agree(explained: &[Value], alerts: &[Value]) {
    assert_eq!(explained.len(), alerts.len());
    for (told, alert) in explained.iter().zip(alerts) {
        assert_eq!(told["reproduced"], true, "{told}\n{alert}");
        let shared = [
            "rule",
            "tenant",
            "series",
            "alert_id",
            "ts",
            "bucket_s",
            "value",
            "expected",
            "lower",
            "upper",
            "score",
            "threshold",
            "scale_term",
            "streams",
            "peers_breaching",
            "peers",
            "local",
            "params_sha256",
        ];
        for field in shared {
            assert_eq!(told[field], alert[field], "{field} of {alert}");
        }
        assert!(alert["event"] == "close" || told["direction"] == alert["direction"], "{alert}");
    }
}

#[test]
fn every_alert_is_reproduced() {
    let sandbox = exports();
    detect(&sandbox, "exports.csv --points > alerts.ndjson");
    let alerts = alerts(&sandbox, "alerts.ndjson");
    let closes = alerts.iter().filter(|alert| alert["event"] == "close").count();
    assert!(alerts.len() > 20 && closes > 5, "{} {closes}", alerts.len());
    let output = explain(&sandbox, &["exports.csv", "--alerts", "alerts.ndjson"]).exits(0);
    agree(&explained(&output), &alerts);
    let end = output.of_type("govctl.run/1").pop().unwrap();
    assert_eq!((&end["counts"]["reproduced"], &end["counts"]["not_reproduced"]), (&json!(alerts.len()), &json!(0)));
}

#[test]
fn alerts_over_several_runs_with_parameters_come_through_a_pipe() {
    let sandbox = exports();
    // Hand-made from a file of tune: thresholds low enough for many alerts, another one for a tenant.
    sandbox
        .bash("govctl anomaly tune --rules rules.yaml --out found.ndjson exports.csv > tune.ndjson || [ $? -eq 1 ]")
        .exits(0);
    if !sandbox.path("found.ndjson").exists() {
        let rules = RULES.replace("tz:", "direction: up, must_detect: {rel: 50, abs: 2000}, tz:");
        sandbox.write("rules.yaml", rules);
        sandbox.bash("govctl anomaly tune --rules rules.yaml --out found.ndjson exports.csv > tune.ndjson").exits(0);
    }
    let mut params: Value = serde_json::from_str(&sandbox.read("found.ndjson")).unwrap();
    params["threshold"] = 2.0.into();
    params["threshold_by_tenant"] = json!({"acme": 1.75});
    sandbox.write("params.ndjson", format!("{params}\n"));
    sandbox
        .bash("head -2000 exports.csv > first.csv; (head -1 exports.csv; tail -n +2001 exports.csv) > second.csv")
        .exits(0);
    detect(&sandbox, "--params params.ndjson --state state.ndjson first.csv > first.ndjson");
    detect(&sandbox, "--params params.ndjson --state state.ndjson second.csv > second.ndjson");
    let alerts = [alerts(&sandbox, "first.ndjson"), alerts(&sandbox, "second.ndjson")].concat();
    assert!(
        alerts.len() > 20
            && alerts.iter().any(|a| a["threshold"] == 1.75)
            && alerts.iter().any(|a| a["threshold"] == 2.0)
    );
    let explain = "govctl anomaly explain --rules rules.yaml --params params.ndjson exports.csv --alerts -";
    let output = sandbox.bash(&format!("cat first.ndjson second.ndjson | {explain}")).exits(0);
    agree(&explained(&output), &alerts);
    // With other parameters thresholds are others; scores too, where the configuration is another.
    let untuned =
        sandbox.bash(&format!("cat first.ndjson second.ndjson | {}", explain.replace(" --params params.ndjson", "")));
    let untuned = untuned.run();
    if untuned.code == Some(1) {
        assert!(untuned.stderr.contains("it was made with other parameters"), "{}", untuned.stderr);
    }
}

/// A feed that stopped: its empty hours lie behind the last record.
#[test]
fn an_alert_behind_the_end_of_the_data_is_reproduced() {
    let sandbox = thursday();
    detect(&sandbox, "exports.csv --now 2026-02-13T14:30:00Z > alerts.ndjson");
    let alerts = alerts(&sandbox, "alerts.ndjson");
    assert!(
        alerts.iter().any(|alert| alert["direction"] == "down" && alert["ts"] == "2026-02-13T13:00:00Z"),
        "{alerts:?}"
    );
    agree(&explained(&explain(&sandbox, &["exports.csv", "--alerts", "alerts.ndjson"]).exits(0)), &alerts);
    // Nothing is known of a bucket that nobody said had come.
    let at = ["exports.csv", "--tenant", "acme", "--at", "2026-02-13T13:00:00Z"];
    explain(&sandbox, &at).exits(1).says(&["the bucket is not in the data", "to 2026-02-12T14:00:00Z"]);
    let now = explain(&sandbox, &[&at[..], &["--now", "2026-02-13T14:30:00Z"]].concat()).exits(0);
    assert_eq!(explained(&now)[0]["value"], 0.0);
}

/// Where silence is no zero, an open alert of a feed that stopped ends after seven days without a value.
#[test]
fn an_alert_that_ends_by_its_age_is_reproduced() {
    let sandbox = thursday();
    sandbox.write("rules.yaml", RULES.replace("Europe/Berlin", "UTC").replace("zero", "skip"));
    detect(&sandbox, "exports.csv --now 2026-03-01T00:00:00Z > alerts.ndjson");
    let alerts = alerts(&sandbox, "alerts.ndjson");
    let last: Vec<(&Value, &Value)> =
        alerts.iter().rev().take(2).map(|alert| (&alert["event"], &alert["ts"])).collect();
    assert_eq!(
        last,
        [(&json!("close"), &json!("2026-02-19T14:00:00Z")), (&json!("open"), &json!("2026-02-12T13:00:00Z"))]
    );
    agree(&explained(&explain(&sandbox, &["exports.csv", "--alerts", "alerts.ndjson"]).exits(0)), &alerts);
}

/// Sums of bytes lie beyond the counts of which each has a double of its own.
#[test]
fn counts_beyond_2_to_the_53_have_edges() {
    let sandbox = thursday();
    for (zeros, from, until) in [(15, 1e17, 4.12e17), (17, 1e19, 4.12e19), (145, 1e147, 4.12e147)] {
        let text = sandbox.read("exports.csv");
        let rows = text.lines().skip(1).map(|row| format!("{row}{}\n", "0".repeat(zeros)));
        sandbox.write("large.csv", format!("tenant,ts,value\n{}", rows.collect::<String>()));
        let output = explain(&sandbox, &["large.csv", "--tenant", "acme", "--at", "2026-02-12T13:00:00Z"]).exits(0);
        let found = &explained(&output)[0];
        let upper = found["upper"].as_f64().unwrap_or_else(|| panic!("{found}"));
        assert!(upper > from && upper < until, "{found}");
        assert_eq!(found["would_alert_from"].as_f64(), Some(upper), "{found}");
    }
}

/// Every field of an alert says something that somebody may rely on.
#[test]
fn whatever_field_of_an_alert_was_altered_it_is_named() {
    let sandbox = exports();
    detect(&sandbox, "exports.csv --no-run-records > alerts.ndjson");
    let all = alerts(&sandbox, "alerts.ndjson");
    let alert = all.iter().find(|alert| alert["event"] == "escalate").unwrap_or(&all[0]);
    let altered: Vec<(&str, Value)> = vec![
        ("value", json!(alert["value"].as_f64().unwrap() + 1.0)),
        ("expected", json!(alert["expected"].as_f64().unwrap() + 1.0)),
        ("upper", json!(1e6)),
        ("threshold", json!(1.5)),
        ("direction", json!(if alert["direction"] == "up" { "down" } else { "up" })),
        ("event", json!(if alert["event"] == "open" { "escalate" } else { "open" })),
        ("scale_term", json!("abs_floor")),
        ("opened_ts", json!("2024-01-01T00:00:00Z")),
        ("alert_id", json!("0000000000000000")),
        ("duration_s", json!(12_345)),
        ("muted", json!(true)),
        ("peers", json!(7)),
        ("local", json!("2024-01-01T00:00:00+00:00[UTC]")),
    ];
    for (field, value) in altered {
        let mut other = alert.clone();
        assert_ne!(other[field], value, "{field}");
        other[field] = value;
        sandbox.write("altered.ndjson", format!("{other}\n"));
        let output = explain(&sandbox, &["exports.csv", "--alerts", "altered.ndjson"]).exits(1);
        assert_eq!(explained(&output)[0]["reproduced"], false, "{field}");
        assert!(output.stderr.contains(&format!("its {field} is ")), "{field}: {}", output.stderr);
    }
}

#[test]
fn an_altered_alert_is_not_reproduced() {
    let sandbox = exports();
    detect(&sandbox, "exports.csv --no-run-records > alerts.ndjson");
    let mut alerts = alerts(&sandbox, "alerts.ndjson");
    let score = alerts[2]["score"].as_f64().unwrap();
    alerts[2]["score"] = (score + 0.001).into();
    let lines: String = alerts.iter().map(|alert| format!("{alert}\n")).collect();
    sandbox.write("altered.ndjson", lines);
    let output = explain(&sandbox, &["exports.csv", "--alerts", "altered.ndjson"]).exits(1);
    let told = explained(&output);
    assert_eq!(told.iter().map(|told| told["reproduced"] == true).filter(|same| !same).count(), 1);
    assert_eq!((&told[2]["reproduced"], &told[2]["score"]), (&json!(false), &json!(score)));
    let id = alerts[2]["alert_id"].as_str().unwrap();
    for text in ["altered.ndjson:3", id, &format!("computed again {score}"), "the record was altered"] {
        assert!(output.stderr.contains(text), "`{text}` is not in {}", output.stderr);
    }
    // Another history: the value of the alert is not the one in the data.
    let alert = &alerts[0];
    let (tenant, at) = (alert["tenant"].as_str().unwrap(), alert["ts"].as_str().unwrap());
    let value = alert["value"].as_f64().unwrap();
    let row = format!("{tenant},{},{value}", at.replace('Z', ".000Z"));
    assert!(sandbox.read("exports.csv").contains(&row), "{row}");
    sandbox.write("exports.csv", sandbox.read("exports.csv").replace(&row, &format!("{row}7")));
    let output = explain(&sandbox, &["exports.csv", "--alerts", "altered.ndjson"]).exits(1);
    assert!(output.stderr.contains(&format!("its value is {value}, in the data {value}7")), "{}", output.stderr);
}

#[test]
fn what_is_not_in_the_data_is_named() {
    let sandbox = thursday();
    detect(&sandbox, "exports.csv --no-run-records --now 2026-02-12T14:00:00Z > alerts.ndjson");
    let alert = alerts(&sandbox, "alerts.ndjson").pop().unwrap();
    assert_eq!((&alert["ts"], &alert["event"]), (&json!("2026-02-12T13:00:00Z"), &json!("open")));
    for (field, value, says) in [
        ("tenant", json!("acmee"), "did you mean `acme`?"),
        ("series", json!("region=eu"), "the tenant has no such series"),
        ("ts", json!("2025-02-12T13:00:00Z"), "reach from 2026-01-01T00:00:00Z to 2026-02-12T14:00:00Z"),
        ("ts", json!("2026-02-12T12:30:00Z"), "the bucket is not in the data"),
        ("rule", json!("imports"), "the rules have no such rule"),
    ] {
        let mut other = alert.clone();
        other[field] = value;
        sandbox.write("other.ndjson", format!("{alert}\n{other}\n"));
        let output = explain(&sandbox, &["exports.csv", "--alerts", "other.ndjson"]).exits(1);
        assert_eq!(explained(&output).len(), 1, "{field}");
        assert!(output.stderr.contains("other.ndjson:2") && output.stderr.contains(says), "{says}: {}", output.stderr);
    }
    let asked = explain(&sandbox, &["exports.csv", "--tenant", "globex", "--at", "2026-02-12T13:00:00Z"]).exits(1);
    asked.says(&[
        "exports globex at 2026-02-12T13:00:00Z: the bucket is not in the data",
        "no record is of this tenant",
    ]);
    let early = explain(&sandbox, &["exports.csv", "--tenant", "acme", "--at", "2025-12-31T23:59:59Z"]).exits(1);
    early.says(&["the bucket is not in the data"]);
}

#[test]
fn a_stream_of_alerts_that_was_cut_or_is_none_is_no_pass() {
    let sandbox = exports();
    let cut = "govctl anomaly detect --rules rules.yaml exports.csv | head -5 | \
               govctl anomaly explain --rules rules.yaml exports.csv --alerts - || exit $?";
    let output = sandbox.bash(&format!("set +o pipefail; {cut}")).exits(3);
    assert!(output.stderr.contains("its producer was cut off"), "{}", output.stderr);
    assert!(explained(&output).iter().all(|told| told["reproduced"] == true));
    for (text, says) in [
        ("", "is empty"),
        ("tenant,ts\n", "not a JSON object"),
        ("{\"schema\":\"govctl.anomaly/1\",\"rule\":\"exports\"}\n", "alerts.ndjson:1"),
        (
            "{\"schema\":\"govctl.run/1\",\"event\":\"start\",\"run_id\":\"r\",\"command\":\"diff run\",\"version\":\"0\",\"started\":\"2026-01-01T00:00:00Z\",\"inputs\":[]}\n",
            "which holds no alerts",
        ),
    ] {
        sandbox.write("alerts.ndjson", text);
        let output = explain(&sandbox, &["exports.csv", "--alerts", "alerts.ndjson"]).exits(3);
        assert!(output.stderr.contains(says), "{says}: {}", output.stderr);
    }
    explain(&sandbox, &["--alerts", "-"]).exits(2).says(&["standard input (`-`) was given twice"]);
}

/// All residuals are 0, so the scale is sqrt(100 + 1) in both streams: 412 is 312 / sqrt(101) = 31.0452 scales off, and 2.5
/// scales are 25.12.
#[test]
fn one_bucket_is_explained_by_numbers_and_in_words() {
    let sandbox = thursday();
    let asked = ["exports.csv", "--tenant", "acme", "--at", "2026-02-12 13:47:00"];
    let output = explain(&sandbox, &asked).exits(0);
    let told = &explained(&output)[0];
    for (field, expected) in [
        ("rule", json!("exports")),
        ("tenant", json!("acme")),
        ("alert_id", json!(null)),
        ("ts", json!("2026-02-12T13:00:00Z")),
        ("value", json!(412)),
        ("expected", json!(100)),
        ("score", json!(31.0452)),
        ("threshold", json!(2.5)),
        ("direction", json!("up")),
        ("scale_term", json!("count_floor")),
        ("streams", json!(2)),
        ("slot", json!("Thu 13:00 UTC")),
        ("local", json!("2026-02-12T13:00:00+00:00[UTC]")),
        ("slot_values_day", json!(vec![100.0; 14])),
        ("slot_values_week", json!(vec![100.0; 5])),
        ("same_slot_last_week", json!(100)),
        ("z_day", json!(31.0452)),
        ("z_week", json!(31.0452)),
        ("z_level", json!(null)),
        ("expected_week", json!(100.0)),
        ("scale_day", json!(10.0499)),
        ("term_week", json!("count_floor")),
        ("would_alert_from", json!(126)),
        ("would_alert_below", json!(74)),
        ("peers", json!(0)),
        ("reproduced", json!(null)),
    ] {
        assert_eq!(told[field], expected, "{field}");
    }
    let human = explain(&sandbox, &[&asked[..], &["--format", "human"]].concat()).exits(0);
    assert_eq!(
        human.text(),
        "exports, acme: 412 at 2026-02-12T13:00:00+00:00[UTC]; expected 100\n\
         that is 312 more, 4.12 times as much; score 31.05 at threshold 2.5 alerts; 126 and more would, or 74 and less\n\
         at this time on the days before 14 values from 100 to 100; on Thursdays before 5 values from 100 to 100; a week before it was 100\n\
         against the days before: 31.05 scales above 100, a scale being 10.05; against the Thursdays before: 31.05 scales above 100, a scale being 10.05\n\
         what decided: the scale is what chance alone does to a count of this size, since recent values scatter less (count_floor)\n\
         \n1 bucket explained\n"
    );
    // The second bucket of all is not judged yet.
    let young = explain(&sandbox, &["exports.csv", "--tenant", "acme", "--at", "2026-01-01T01:00:00Z"]).exits(0);
    let told = &explained(&young)[0];
    assert_eq!((&told["value"], &told["score"], &told["upper"]), (&json!(10), &Value::Null, &Value::Null));
}

#[test]
fn which_bucket_is_asked_for_must_be_clear() {
    let sandbox = thursday();
    sandbox.bash("cp exports.csv globex.csv; sed -i 's/^tenant,ts/who,ts/' globex.csv").exits(0);
    explain(&sandbox, &["exports.csv"]).exits(2);
    explain(&sandbox, &["exports.csv", "--at", "2026-02-12T13:00:00Z"]).exits(2).says(&["add --tenant"]);
    let odd = explain(&sandbox, &["exports.csv", "--tenant", "acme", "--at", "noon"]).exits(2);
    odd.says(&["--at: `noon` is no time"]);
    // The stem of the only file is the tenant.
    let stem = explain(&sandbox, &["globex.csv", "--tenant", "@stem", "--at", "2026-02-12T13:00:00Z"]).exits(0);
    assert_eq!(explained(&stem)[0]["tenant"], "globex");
    let two = explain(&sandbox, &["exports.csv", "globex.csv", "--tenant", "@stem", "--at", "2026-02-12T13:00:00Z"]);
    two.exits(2).says(&["several files are several tenants"]);
    sandbox.write("rules.yaml", format!("{RULES}  - {{id: imports, input: points, tz: UTC}}\n"));
    let at = ["exports.csv", "--tenant", "acme", "--at", "2026-02-12T13:00:00Z"];
    explain(&sandbox, &at).exits(2).says(&["the file has several rules", "add --rule: exports, imports"]);
    explain(&sandbox, &[&at[..], &["--rule", "import"]].concat()).exits(2).says(&["did you mean `imports`?"]);
    let told = explained(&explain(&sandbox, &[&at[..], &["--rule", "imports"]].concat()).exits(0)).remove(0);
    assert_eq!((&told["rule"], &told["slot"]), (&json!("imports"), &json!("Thu 13:00 UTC")));
    explain(&sandbox, &[&at[..], &["--rule", "imports", "--format", "sarif"]].concat()).exits(2);
}
