//! Silence of `govctl anomaly detect` is no all-clear where it did not judge.

use crate::anomaly_detect::{count, detect, exports, hours};
use crate::common::Output;

/// Beside what it found, a run says these.
fn tells(output: &Output, texts: &[&str]) {
    for text in texts {
        assert!(output.stderr.contains(text), "`{text}` is not in {}", output.stderr);
    }
}

/// One record of another century closes no bucket, and moves no state.
#[test]
fn a_record_of_the_future_is_refused_and_silences_nobody() {
    let sandbox = exports();
    let mut text = sandbox.read("exports.csv");
    let clean = detect(&sandbox, &["exports.csv", "--state", "clean"]).exits(1);
    let place = text.find('\n').unwrap() + 1;
    let second = place + text[place..].find('\n').unwrap() + 1;
    text.insert_str(second, "acme,2100-01-01T00:00:00Z,5\n");
    sandbox.write("odd.csv", text);
    let output = detect(&sandbox, &["odd.csv", "--state", "s", "--dead-letter", "dl"]).exits(3);
    tells(
        &output,
        &["odd.csv:3:", "ahead: 2100-01-01T00:00:00Z is", "later than every record before it", "give --now"],
    );
    assert_eq!(output.of_type("govctl.anomaly/1"), clean.of_type("govctl.anomaly/1"));
    assert_eq!((sandbox.read("s"), count(&output, "unusable")), (sandbox.read("clean"), 1));
    assert!(sandbox.read("dl").contains("ahead"));
    // Where the time is said, an hour is for the clocks of producers.
    let late = |now: &str| detect(&sandbox, &["--guard", "off", "--now", now]).stdin(hours("acme", 30).concat());
    late("2026-01-02T04:00:00Z").exits(0);
    late("2026-01-02T03:59:59Z").exits(3).says(&["-:30:", "1 h later than --now (2026-01-02T03:59:59Z)"]);
}

/// A gap is no future where the time is said.
#[test]
fn a_feed_that_paused_for_weeks_goes_on_with_now() {
    let sandbox = exports();
    sandbox.write("rules.yaml", "rules: [{id: exports, input: points, missing: skip, tz: UTC}]");
    let mut lines = hours("acme", 30);
    // 35 days behind the last of them, 2026-01-02T05:00:00Z.
    lines.push(lines[29].replace("2026-01-02", "2026-02-06"));
    detect(&sandbox, &[]).stdin(lines.concat()).exits(0);
    lines[30] = lines[30].replace("05:00:00", "05:00:01");
    tells(&detect(&sandbox, &[]).stdin(lines.concat()).exits(3), &["35 d later"]);
    detect(&sandbox, &["--now", "2026-02-06T06:00:00Z"]).stdin(lines.concat()).exits(0);
}

#[test]
fn records_that_come_too_late_are_told_of() {
    let sandbox = exports();
    // Three tenants, one behind the other: of the second and third only what the first left open is judged.
    let sorted = |tenants: &[&str]| tenants.iter().map(|tenant| hours(tenant, 30).concat()).collect::<String>();
    let output = detect(&sandbox, &[]).stdin(sorted(&["a", "b", "c"])).exits(3);
    tells(&output, &["behind: 58 of 90 records (64.4 %)", "2026-01-02T05:00:00Z", "in the order of time"]);
    // Under a half it warns, unless each record is asked for.
    let mut lines = hours("a", 30);
    lines.push(lines[0].clone());
    let input = lines.concat();
    let output = detect(&sandbox, &[]).stdin(input.clone()).exits(0);
    tells(&output, &["warning: behind: 1 of 31 records (3.2 %)"]);
    let strict = detect(&sandbox, &["--strict-data"]).stdin(input.clone()).exits(3);
    tells(&strict, &["behind: 1 of 31"]);
    // A run that repeats what another saw is used to it, but not to nothing new at all.
    detect(&sandbox, &["--state", "s"]).stdin(input.clone()).exits(0);
    let again = |how: &str, input: &str| detect(&sandbox, &["--state", "s", "--resume", how]).stdin(input.to_owned());
    let quiet = again("overlap", &input).exits(0);
    assert_eq!((count(&quiet, "behind"), quiet.stderr.contains("behind:")), (30, false), "{}", quiet.stderr);
    again("continue", &input).exits(3).says(&["behind: 30 of 31", "--resume overlap"]);
    again("overlap", &hours("a", 29).concat()).exits(3).says(&["behind: 29 of 29 records (100.0 %)"]);
}

#[test]
fn a_rule_without_a_record_is_named() {
    let sandbox = exports();
    let rules = "rules:
  - {id: typo, where: {kind: exprot}, input: points, tz: UTC}
";
    sandbox.write("rules.yaml", rules);
    detect(&sandbox, &["exports.csv"]).exits(3).says(&["no record of exports.csv belongs to a rule", "`where`"]);
    // Among many runs there may be one in which what is counted has not happened yet.
    tells(
        &detect(&sandbox, &["exports.csv", "--state", "s"]).exits(0),
        &["warning: unwatched: no record belongs to `typo`"],
    );
    // Nothing came: that is no mistake.
    detect(&sandbox, &[]).stdin("").exits(0);
    detect(&sandbox, &[]).stdin("tenant,ts,value\n").exits(0);
    sandbox.write("rules.yaml", format!("{rules}  - {{id: all, input: points, tz: UTC}}\n"));
    tells(&detect(&sandbox, &["exports.csv"]).exits(1), &["warning: unwatched: no record belongs to `typo`"]);
}

/// A typing error in the year silences a rule for good: seven days later the canary says so.
#[test]
fn a_rule_that_scores_nothing_is_no_pass() {
    let sandbox = exports();
    let rules = |from: &str| {
        format!(
            "rules:\n  - {{id: exports, input: points, tz: UTC, exclude: [{{from: {from}, until: 2099-01-01T00:00:00Z}}]}}\n"
        )
    };
    let guards = |args: &[&str]| {
        let output = detect(&sandbox, &[&["exports.csv", "--guard", "report"], args].concat()).run();
        let mut guards = output.of_type("govctl.anomaly.guard/1");
        guards.retain(|guard| guard["check"] == "canary");
        (guards, output)
    };
    // Excluded from the first day: 56 days are more than any warm-up. And after seven weeks.
    for from in ["2020-01-01T00:00:00Z", "2024-02-19T00:00:00Z"] {
        sandbox.write("rules.yaml", rules(from));
        let (found, output) = guards(&[]);
        assert_eq!(found.len(), 2, "{from}: {}", output.stderr);
        for guard in &found {
            let said =
                (guard["verdict"].as_str(), guard["mature"].as_bool(), guard["n"].as_u64(), guard["rate"].is_null());
            assert_eq!(said, (Some("inconclusive"), Some(true), Some(0), true), "{guard}");
            assert!(guard["detail"].as_str().unwrap().contains("no bucket of these days was scored"));
        }
        assert!(output.stderr.contains("warning: deaf: rule `exports`: no bucket"), "{}", output.stderr);
        detect(&sandbox, &["exports.csv", "--fail-on", "guard"]).exits(1);
        detect(&sandbox, &["exports.csv", "--fail-on", "guard", "--allow-inconclusive"]).exits(0);
    }
    // Six days are no week.
    sandbox.write("rules.yaml", rules("2024-02-20T00:00:00Z"));
    assert!(guards(&[]).0.iter().all(|guard| guard["n"].as_u64() > Some(0)));
}

/// The output failed: the state is that of before, and the next run tells what this one could not.
#[test]
fn a_run_whose_output_fails_moves_no_state() {
    let sandbox = exports();
    let script =
        "code=0; govctl anomaly detect --rules rules.yaml --state s exports.csv > /dev/full || code=$?; echo $code; ls";
    let output = sandbox.bash(script).exits(0);
    assert_eq!(output.text().lines().next(), Some("4"));
    assert!(!sandbox.path("s").exists(), "{}", output.text());
    detect(&sandbox, &["--state", "none/s", "exports.csv"]).exits(4).says(&["none: --state: there is no such folder"]);
    detect(&sandbox, &["--state", "/dev/full", "exports.csv"]).exits(2).says(&["/dev/full", "a state is a file"]);
}
