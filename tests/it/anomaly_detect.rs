//! `govctl anomaly detect` from data to alerts, and over runs with a state.

use serde_json::Value;

use crate::common::{Output, Sandbox, root};

const RULES: &str = "rules:\n  - {id: exports, input: points, missing: zero, tz: Europe/Berlin}\n";
const DETECT: [&str; 4] = ["anomaly", "detect", "--rules", "rules.yaml"];

/// Three generated tenants over eight weeks as exports.csv, and rules.yaml.
pub fn exports() -> Sandbox {
    let sandbox = Sandbox::new();
    let csv = std::fs::read(root().join("fixtures/anomaly/exports/exports.csv")).unwrap();
    sandbox.write("exports.csv", csv);
    sandbox.write("rules.yaml", RULES);
    sandbox
}

pub fn detect(sandbox: &Sandbox, args: &[&str]) -> crate::common::Call {
    sandbox.govctl(DETECT.iter().chain(args))
}

/// The lines that are data.
fn data(output: &Output) -> String {
    let lines = output.text().lines().filter(|line| !line.starts_with("{\"schema\":\"govctl.run/1\""));
    lines.map(|line| format!("{line}\n")).collect()
}

fn end(output: &Output) -> Value {
    output.of_type("govctl.run/1").pop().unwrap()
}

pub fn count(output: &Output, name: &str) -> u64 {
    end(output)["counts"][name].as_u64().unwrap_or_else(|| panic!("no count {name}: {}", end(output)))
}

/// Hours of a constant 100 with a little wave, from 2026-01-01 on.
pub fn hours(tenant: &str, hours: usize) -> Vec<String> {
    let point = |hour: usize| {
        let ts = govctl::clock::rfc3339_ms(1_767_225_600_000 + hour as i64 * 3_600_000);
        format!("{{\"ts\":\"{ts}\",\"tenant\":\"{tenant}\",\"value\":{}}}\n", 100 + hour * 7 % 5)
    };
    (0..hours).map(point).collect()
}

#[test]
fn a_feed_is_watched_and_what_deviates_is_told() {
    let sandbox = exports();
    let output = detect(&sandbox, &["exports.csv"]).exits(1);
    let alerts = output.of_type("govctl.anomaly/1");
    assert!(alerts.len() > 20, "{}", alerts.len());
    // The generated labels say where effects were put; each tenant has a spike that stands out.
    let labels = std::fs::read_to_string(root().join("fixtures/anomaly/exports/labels.csv")).unwrap();
    let spikes: Vec<Vec<&str>> =
        labels.lines().map(|line| line.split(',').collect()).filter(|l: &Vec<&str>| l[3] == "spike").collect();
    let heard = |spike: &&Vec<&str>| {
        let at = spike[1].replace(".000Z", "Z");
        alerts.iter().any(|a| a["tenant"] == spike[0] && a["ts"] == at && a["direction"] == "up")
    };
    assert!(spikes.len() == 3 && spikes.iter().filter(heard).count() >= 2, "{spikes:?}");
    for alert in &alerts {
        let (score, threshold) = (alert["score"].as_f64().unwrap(), alert["threshold"].as_f64().unwrap());
        if alert["event"] != "close" {
            assert!(score >= threshold, "{alert}");
            let (value, upper) = (alert["value"].as_f64().unwrap(), alert["upper"].as_f64());
            let lower = alert["lower"].as_f64();
            match alert["direction"].as_str().unwrap() {
                "up" => assert!(value >= upper.unwrap(), "{alert}"),
                _ => assert!(value <= lower.unwrap(), "{alert}"),
            }
        }
        assert!(alert["local"].as_str().unwrap().ends_with("[Europe/Berlin]"));
    }
    assert_eq!((count(&output, "events"), count(&output, "series")), (3 * 1344, 3));
    // The last hour is open: nothing later has come.
    assert_eq!((count(&output, "buckets"), count(&output, "warming_up")), (3 * 1343, 3 * 21));
    let openings = alerts.iter().filter(|a| a["event"] != "close").count() as u64;
    assert_eq!(count(&output, "notified"), openings);
}

/// Every alert that closes was opened under the same id.
#[test]
fn alerts_open_before_they_escalate_and_close() {
    let output = detect(&exports(), &["exports.csv"]).exits(1);
    let mut open = std::collections::BTreeSet::new();
    for alert in output.of_type("govctl.anomaly/1") {
        let id = alert["alert_id"].as_str().unwrap().to_owned();
        match alert["event"].as_str().unwrap() {
            "open" => assert!(open.insert(id), "opened twice: {alert}"),
            "escalate" => assert!(open.contains(&id), "{alert}"),
            _ => assert!(open.remove(&id), "{alert}"),
        }
    }
}

#[test]
fn runs_over_parts_of_an_input_write_what_one_run_writes() {
    let sandbox = exports();
    let whole = detect(&sandbox, &["exports.csv", "--points", "--state", "one.ndjson"]).exits(1);
    let text = sandbox.read("exports.csv");
    let lines: Vec<&str> = text.lines().collect();
    let mut told = String::new();
    for (i, part) in [(1, 700), (700, 701), (701, 2600), (2600, lines.len())].into_iter().enumerate() {
        let part: Vec<&str> = [lines[0]].into_iter().chain(lines[part.0..part.1].iter().copied()).collect();
        sandbox.write("part.csv", part.join("\n"));
        let output = detect(&sandbox, &["part.csv", "--points", "--state", "many.ndjson"]).run();
        assert!(matches!(output.code, Some(0 | 1)), "part {i}: {}", output.stderr);
        told.push_str(&data(&output));
    }
    assert!(told == data(&whole), "the records of four runs are not those of one");
    assert_eq!(sandbox.read("one.ndjson"), sandbox.read("many.ndjson"));
    // Nothing but the state and its lock is left behind.
    let mut names: Vec<_> = std::fs::read_dir(sandbox.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    let expected = [
        ".git",
        "exports.csv",
        "many.ndjson",
        "many.ndjson.lock",
        "one.ndjson",
        "one.ndjson.lock",
        "part.csv",
        "rules.yaml",
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_the_order_of_files_does_not_matter() {
    let sandbox = exports();
    let args = ["exports.csv", "--now", "2024-03-01T00:00:00Z"];
    let output = detect(&sandbox, &args).exits(1);
    assert_eq!(output.stdout, detect(&sandbox, &args).exits(1).stdout);
    // One file for each tenant, as they would be exported, and NDJSON in place of CSV.
    let text = sandbox.read("exports.csv");
    let mut names: Vec<String> = Vec::new();
    for line in text.lines().skip(1) {
        let [tenant, ts, value] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let name = format!("{tenant}.ndjson");
        let line = format!("{{\"ts\":\"{ts}\",\"value\":{value}}}\n");
        if names.contains(&name) {
            let before = sandbox.read(&name);
            sandbox.write(&name, before + &line);
        } else {
            sandbox.write(&name, line);
            names.push(name);
        }
    }
    names.reverse();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let split = detect(&sandbox, &[&["--now", args[2], "--tenant", "@stem"], names.as_slice()].concat()).exits(1);
    assert_eq!(data(&split), data(&output));
}

#[test]
fn time_comes_to_now_and_a_feed_that_stopped_is_told() {
    let sandbox = exports();
    sandbox.write("rules.yaml", "rules:\n  - {id: flow, tz: UTC, baseline: level, must_detect: {rel: 1, abs: 50}}\n");
    // Events, forty an hour for four days.
    let minute = |i: i64| {
        let ts = govctl::clock::rfc3339_ms(1_767_225_600_000 + i * 90_000);
        format!("{{\"ts\":\"{ts}\",\"tenant\":\"acme\"}}\n")
    };
    let events: String = (0..4 * 24 * 40).map(minute).collect();
    sandbox.write("flow.ndjson", &events);
    detect(&sandbox, &["flow.ndjson", "--state", "s"]).exits(0);
    // Nothing has come since; the records alone do not show it, the clock does.
    detect(&sandbox, &["--state", "s"]).stdin("").exits(0);
    let output = detect(&sandbox, &["--state", "s", "--now", "2026-01-05T06:00:00Z"]).stdin("").exits(1);
    let alerts = output.of_type("govctl.anomaly/1");
    assert_eq!((alerts[0]["direction"].as_str(), alerts[0]["value"].as_f64()), (Some("down"), Some(0.0)), "{alerts:?}");
    assert_eq!(alerts[0]["ts"], "2026-01-05T00:00:00Z");
    let back = detect(&sandbox, &["--state", "s", "--now", "2026-01-05T05:00:00Z"]).stdin("").exits(2);
    back.says(&["now_before_state", "2026-01-05T06:00:00Z"]);
}

#[test]
fn lines_that_cannot_be_used_are_shown_kept_and_counted() {
    let sandbox = exports();
    let mut lines = hours("acme", 30);
    lines[3] = "{\"ts\":\"2026-01-01T03:00:00Z\",\"tenant\":\"acme\",\"value\":-1}\n".into();
    lines[4] = "{\"ts\":\"2026-01-01T04:00:00Z\",\"tenant\":\"acme\",\"value\":NaN}\n".into();
    lines[5] = "{\"ts\":\"2026-01-01T05:00:00Z\",\"value\":5}\n".into();
    lines[6] = "{\"ts\":\"yesterday\",\"tenant\":\"acme\",\"value\":5}\n".into();
    lines[7] = "{\"ts\":\"2026-01-01T07:00:00Z\",\"tenant\":\"\",\"value\":5}\n".into();
    // An hour that is closed already, and the same value twice.
    lines[20] = format!("{}{}{}", lines[2], lines[20].clone(), lines[20]);
    let output = detect(&sandbox, &["--dead-letter", "dl.ndjson"]).stdin(lines.concat()).exits(3);
    for text in ["-:4:", "-:5:", "-:6:", "-:7:", "-:8:", "bad_line", "missing_field", "bad_key"] {
        assert!(output.stderr.contains(text), "{text} is not in {}", output.stderr);
    }
    assert_eq!((count(&output, "unusable"), count(&output, "behind"), count(&output, "duplicates")), (5, 1, 1));
    let letters: Vec<Value> =
        sandbox.read("dl.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let causes: Vec<String> = letters
        .iter()
        .map(|l| format!("{} {}", l["line"], l["cause"].as_str().unwrap().split(':').next().unwrap()))
        .collect();
    assert_eq!(causes, ["4 bad_line", "5 bad_line", "6 missing_field", "7 bad_line", "8 bad_key", "21 behind"]);
    assert_eq!(letters[0]["record"].as_str().unwrap(), lines[3].trim_end());
}

#[test]
fn values_that_contradict_each_other_are_averaged_or_refused() {
    let sandbox = exports();
    let twice = format!("{}{}", hours("acme", 3).concat(), hours("acme", 3)[2].replace("104", "106"));
    let twice = format!("{twice}{}", hours("acme", 4)[3]);
    let output = detect(&sandbox, &["--points"]).stdin(twice.clone()).exits(0);
    assert_eq!(count(&output, "duplicates"), 1);
    assert_eq!(output.of_type("govctl.anomaly.point/1")[2]["value"], 105.0);
    detect(&sandbox, &["--strict-data"]).stdin(twice).exits(3).says(&["with another value"]);
}

#[test]
fn series_beyond_the_limit_are_refused() {
    let sandbox = exports();
    let input = format!("{}{}{}", hours("a", 2).concat(), hours("b", 2).concat(), hours("c", 2).concat());
    let output = detect(&sandbox, &["--max-series", "2"]).stdin(input).exits(3);
    output.says(&["too_many_series", "exports c"]);
    // The first hour is closed when `b` and `c` come.
    let counts = ["series", "unusable", "behind"].map(|name| count(&output, name));
    assert_eq!(counts, [2, 1, 2]);
}

#[test]
fn buckets_that_are_finer_than_the_points_are_a_mistake_of_the_rule() {
    let sandbox = exports();
    sandbox.write("rules.yaml", "rules:\n  - {id: exports, input: points, bucket: 5m, tz: UTC}\n");
    let output = detect(&sandbox, &["exports.csv"]).exits(2);
    output.says(&["bucket_too_fine", "rule `exports`", "bucket: 1h"]);
}

#[test]
fn a_state_that_is_damaged_or_locked_is_refused_and_stays() {
    let sandbox = exports();
    detect(&sandbox, &["exports.csv", "--state", "s"]).exits(1);
    let state = sandbox.read("s");
    sandbox.write("s", &state[..state.len() - 40]);
    detect(&sandbox, &["exports.csv", "--state", "s"]).exits(3).says(&["bad_state", "remove it by hand"]);
    sandbox.write("s", state.replacen("\"watermark\":1", "\"watermark\":2", 1));
    detect(&sandbox, &["exports.csv", "--state", "s"]).exits(3).says(&["bad_state", "altered"]);
    sandbox.write("s", &state);
    let lock = std::fs::File::create(sandbox.path("s.lock")).unwrap();
    lock.lock().unwrap();
    detect(&sandbox, &["exports.csv", "--state", "s", "--lock-timeout", "50ms"])
        .exits(4)
        .says(&["s.lock", "--lock-timeout"]);
    lock.unlock().unwrap();
    assert_eq!(sandbox.read("s"), state);
    detect(&sandbox, &["exports.csv", "--state", "exports.csv"]).exits(2).says(&["would be written over"]);
}

#[test]
fn a_cut_stream_saves_no_state() {
    let sandbox = exports();
    let input = hours("acme", 50).concat();
    let start = "{\"schema\":\"govctl.run/1\",\"event\":\"start\",\"run_id\":\"01a20e73-3140-7000-8000-000000000000\",\
                 \"command\":\"x\",\"version\":\"1\",\"started\":\"2026-01-01T00:00:00Z\",\"inputs\":[]}\n";
    let output = detect(&sandbox, &["--state", "s"]).stdin(format!("{start}{input}")).exits(3);
    assert!(output.stderr.contains("no end record"), "{}", output.stderr);
    assert!(!sandbox.path("s").exists());
    assert_eq!(output.of_type("govctl.run/1")[0]["inputs"][1]["run_id"], Value::Null);
    // A line that has no end, and no newline either.
    let cut = input.trim_end();
    let output = detect(&sandbox, &["--state", "s"]).stdin(&cut[..cut.len() - 9]).exits(3);
    assert!(output.stderr.contains("the last line has no end: its producer was cut off"), "{}", output.stderr);
    assert!(!sandbox.path("s").exists());
    detect(&sandbox, &["--state", "s"]).stdin(cut).exits(0);
    assert!(sandbox.path("s").exists());
}

#[test]
fn columns_name_what_a_rule_reads() {
    let sandbox = exports();
    detect(&sandbox, &["exports.csv", "--columns", "vlaue=Count"])
        .exits(2)
        .says(&["no rule reads a field `vlaue`", "did you mean `value`?"]);
}

#[test]
fn what_another_command_writes_can_be_counted() {
    let sandbox = Sandbox::with_captures();
    sandbox.write(
        "rules.yaml",
        "rules:\n  - {id: diffs, where: {schema: govctl.diff/1, reason: [mismatch, missing_rhs]}, tz: UTC, bucket: 1m}\n",
    );
    let script = "(govctl diff run --types types.yaml --lhs us.ndjson --rhs eu.ndjson || true) > diffs.ndjson
        govctl anomaly detect --rules rules.yaml --points - < diffs.ndjson";
    let output = sandbox.bash(script).exits(0);
    let text = sandbox.read("diffs.ndjson");
    let diffs = text.lines().filter(|line| {
        line.contains("\"schema\":\"govctl.diff/1\"")
            && (line.contains("\"reason\":\"mismatch\"") || line.contains("\"reason\":\"missing_rhs\""))
    });
    assert_eq!(count(&output, "events") as usize, diffs.count());
    assert!(count(&output, "events") > 0);
    let start = &output.of_type("govctl.run/1")[0];
    let upstream: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let named = |run: &Value| run["inputs"].as_array().unwrap().iter().any(|i| i["run_id"] == upstream["run_id"]);
    assert!(named(start) || named(&end(&output)), "{start}");
}

#[test]
fn mutes_silence_and_expired_ones_are_found() {
    let sandbox = exports();
    let before = detect(&sandbox, &["exports.csv"]).exits(1);
    let mutes = "mutes:\n  - {rule: exports, from: 2024-01-01T00:00:00Z, until: 2024-02-26T00:00:00Z, \
                 reason: migration of the exporter, owner: data team}\n";
    sandbox.write("rules.yaml", format!("{RULES}{mutes}"));
    let output = detect(&sandbox, &["exports.csv", "--guard", "report", "--fail-on", "alert"]).exits(0);
    let alerts = output.of_type("govctl.anomaly/1");
    assert_eq!(alerts.len(), before.of_type("govctl.anomaly/1").len());
    assert!(alerts.iter().all(|alert| alert["muted"] == true));
    assert_eq!((count(&output, "notified"), end(&output)["outcome"].as_u64()), (0, Some(0)));
    assert!(count(&output, "suppressed") >= count(&before, "notified"));
    assert!(output.of_type("govctl.finding/1").is_empty(), "the mute holds up to the end of the data");
    sandbox.write("rules.yaml", format!("{RULES}{}", mutes.replace("2024-02-26", "2024-02-01")));
    let output = detect(&sandbox, &["exports.csv", "--guard", "report"]).exits(1);
    let found = output.of_type("govctl.finding/1");
    assert_eq!((found.len(), found[0]["code"].as_str(), found[0]["line"].as_u64()), (1, Some("mute_expired"), Some(4)));
}

#[test]
fn guards_tell_when_a_day_is_over_and_all_at_once() {
    let sandbox = exports();
    let told = |args: &[&str]| {
        let output = detect(&sandbox, &[&["exports.csv"], args].concat()).run();
        output.of_type("govctl.anomaly.guard/1")
    };
    let on = told(&[]);
    let of = |check: &str| on.iter().filter(|g| g["check"] == check).count();
    // 56 days, of which the first two have no score; the day that goes on is not over. Spikes and drops.
    assert!(of("canary") > 80, "{}", of("canary"));
    assert_eq!((of("weekly_drop"), of("suppression")), (7, 7));
    assert!(told(&["--guard", "off"]).is_empty());
    let report = told(&["--guard", "report"]);
    let checks: Vec<&str> = report.iter().map(|g| g["check"].as_str().unwrap()).collect();
    assert_eq!(checks, ["canary", "canary", "weekly_drop", "suppression"]);
}

/// With the smallest of effects to be heard nothing hears enough.
#[test]
fn a_deaf_rule_warns_and_fails_where_that_is_asked_for() {
    let sandbox = exports();
    sandbox.write("rules.yaml", RULES.replace("tz:", "threshold: 60, tz:"));
    let output = detect(&sandbox, &["exports.csv"]).exits(0);
    assert!(
        output.stderr.contains("deaf: rule `exports`") && output.stderr.contains("anomaly tune"),
        "{}",
        output.stderr
    );
    detect(&sandbox, &["exports.csv", "--fail-on", "guard"]).exits(1);
    detect(&sandbox, &["exports.csv", "--fail-on", "never"]).exits(0);
    let sarif = detect(&sandbox, &["exports.csv", "--fail-on", "guard", "--format", "sarif"]).exits(1);
    assert!(
        sarif.text().contains("\"ruleId\": \"deaf\"") || sarif.text().contains("\"ruleId\":\"deaf\""),
        "{}",
        sarif.text()
    );
}

#[test]
fn a_signal_ends_a_stream_and_keeps_what_was_learned() {
    let sandbox = exports();
    let script = "mkfifo feed
        govctl anomaly detect --rules rules.yaml --state s --state-every 1ms feed > out & run=$!
        exec 9<> feed
        cat exports.csv >&9
        for i in $(seq 200); do grep -q 2024-02-20 out && test -s s && break; sleep 0.05; done
        test -s s # before the stream has ended
        kill -TERM $run
        code=0; wait $run || code=$?
        echo $code";
    let output = sandbox.bash(script).exits(0);
    assert_eq!(output.text().trim(), "143");
    let state = sandbox.read("s");
    assert!(state.ends_with("}\n"));
    // All of it was taken: the same lines again are behind.
    let again = detect(&sandbox, &["exports.csv", "--state", "s"]).run();
    assert_eq!(count(&again, "behind"), 3 * 1343);
}

#[test]
fn a_reader_that_leaves_is_no_failure_and_moves_no_state() {
    let sandbox = exports();
    let script = "govctl anomaly detect --rules rules.yaml --points --state s exports.csv exports.csv | head -n 2 > out
        echo ${PIPESTATUS[0]}";
    let output = sandbox.bash(&script.replace("exports.csv exports.csv", "exports.csv")).exits(0);
    assert_eq!(output.text().trim(), "0");
    assert!(!sandbox.path("s").exists());
}

#[test]
fn wrong_flags_and_files_are_told_with_a_hint() {
    let sandbox = exports();
    detect(&sandbox, &["none.csv"]).exits(2).says(&["none.csv: no such file"]);
    detect(&sandbox, &["-", "-"]).exits(2).says(&["twice"]);
    detect(&sandbox, &["exports.csv", "exports.csv"]).exits(2).says(&["exports.csv is given twice"]);
    detect(&sandbox, &["--tenant", "@stem"]).exits(2).says(&["@stem"]);
    detect(&sandbox, &["--columns", "ts"]).exits(2).says(&["NAME=COLUMN"]);
    detect(&sandbox, &["--columns", "ts=a,ts=b", "exports.csv"]).exits(2).says(&["named twice"]);
    detect(&sandbox, &["--resume", "overlap", "exports.csv"]).exits(2);
    sandbox.write("rules.yaml", RULES.replace("input", "inptu"));
    detect(&sandbox, &["exports.csv"]).exits(2).says(&["rules.yaml:2:", "did you mean `input`"]);
    sandbox.write("rules.yaml", RULES);
    sandbox.write("p.ndjson", "{}\n");
    detect(&sandbox, &["exports.csv", "--params", "p.ndjson"]).exits(2).says(&["p.ndjson:1:", "`schema`"]);
}

#[test]
fn the_rules_of_the_specification_run_unchanged() {
    let sandbox = exports();
    sandbox.write(
        "rules.yaml",
        "rules:\n  - id: export-spike\n    baseline: seasonal\n    method: ewma_mad\n    min_power: 0.8\n    alpha: 0.2\n    window: 7d\n",
    );
    // It counts events: every record is one, here one an hour, so nothing deviates.
    let output = detect(&sandbox, &["exports.csv"]).exits(0);
    assert_eq!(count(&output, "events"), 3 * 1344);
    let unread = "exports.csv: `export-spike` counts the records and leaves their column `value` unread";
    assert!(output.stderr.contains(unread) && output.stderr.contains("input: points"), "{}", output.stderr);
    assert!(output.stderr.contains("zone_missing") || output.stderr.contains("no `tz`"), "{}", output.stderr);
}
