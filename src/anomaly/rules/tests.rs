use super::*;

fn rules(text: &str) -> Rules {
    let checked = read(text);
    checked.rules.unwrap_or_else(|| panic!("{text}\n{:#?}", checked.found))
}

fn rule(fields: &str) -> Rule {
    rules(&format!("rules: [{{id: r, tz: UTC, {fields}}}]")).rules.remove(0)
}

/// Code, line and column of each finding.
fn found(text: &str) -> Vec<(&'static str, u64, u64)> {
    read(text).found.iter().map(|f| (f.code.as_str(), f.line, f.column)).collect()
}

/// The codes that one field of a rule brings.
fn codes(fields: &str) -> Vec<&'static str> {
    found(&format!("rules:\n  - id: r\n    tz: UTC\n    {fields}\n")).into_iter().map(|(code, _, _)| code).collect()
}

const SPECIFIED: &str = "rules:\n  - id: export-spike\n    baseline: seasonal\n    method: ewma_mad\n    min_power: 0.8\n    alpha: 0.2\n    window: 7d\n";

#[test]
fn the_file_of_the_specification_loads_with_the_written_defaults() {
    let checked = read(SPECIFIED);
    assert_eq!(found(SPECIFIED), [("zone_missing", 2, 9)]);
    let rules = checked.rules.unwrap();
    let r = &rules.rules[0];
    assert_eq!((r.id.as_str(), r.min_power, r.window_ms), ("export-spike", 0.8, 7 * DAY_MS));
    assert_eq!((r.data.ts.as_str(), r.data.value.as_deref()), ("ts", None));
    assert_eq!((r.data.input, r.data.missing, r.data.lateness_ms), (Input::Events, Missing::Zero, 300_000));
    assert_eq!((r.data.group_by.clone(), r.data.zone.name.as_str()), (vec!["tenant".to_owned()], "UTC"));
    let must_detect = MustDetect::Count { rel: 4.0, abs: 25.0, drop_to: 0.1, drop_buckets: 6 };
    let method = Method {
        kind: Kind::Count,
        streams: vec![Stream::Day, Stream::Week],
        alpha: 0.2,
        window: 168,
        bucket: 60,
        transform: Transform::Identity,
        rel_floor: 0.05,
        abs_floor: 0.0,
        direction: Direction::Both,
        threshold: 2.5,
        min_effect: None,
        must_detect,
        cooldown: 6,
    };
    assert_eq!(r.method(None), method);
    assert!(rules.mutes.is_empty() && r.guard && r.pin.is_empty());
}

#[test]
fn defaults_depend_on_kind_and_bucket() {
    let gauge = rule("kind: gauge");
    assert_eq!((gauge.data.input, gauge.data.missing, gauge.data.lateness_ms), (Input::Points, Missing::Skip, 0));
    assert_eq!(gauge.data.value.as_deref(), Some("value"));
    assert_eq!(gauge.must_detect, MustDetect::Gauge { scale: 8.0 });
    assert_eq!(rule("input: points").data.value.as_deref(), Some("value"));
    assert_eq!(rule("bucket: 12h").method(None).window, 28);
    assert_eq!(rule("bucket: 1d").method(None).window, 28);
    assert_eq!(rule("bucket: 5m").method(None).window, 2016);
    // Six hours of cooldown hold at least the buckets that begin within them.
    assert_eq!(["1h", "4h", "12h"].map(|b| rule(&format!("bucket: {b}")).method(None).cooldown), [6, 2, 1]);
    assert_eq!(rule("cooldown: 0").method(None).cooldown, 0);
    assert_eq!(rule("baseline: level").streams, [Stream::Level]);
    assert_eq!(rule("streams: [week, level]").streams, [Stream::Level, Stream::Week]);
}

#[test]
fn a_rule_comes_before_defaults_and_parameters_before_both() {
    let text = "defaults: {tz: Europe/Berlin, alpha: 0.1, threshold: 4, streams: [week], must_detect: {rel: 2}}\n\
                rules:\n  - {id: a, alpha: 0.3}\n  - {id: b, baseline: level, pin: [alpha, threshold]}\n  - {id: c, baseline: seasonal}\n";
    let rules = rules(text).rules;
    let [a, b, c] = &rules[..] else { panic!() };
    assert_eq!(c.streams, [Stream::Day, Stream::Week]);
    assert_eq!((a.alpha, a.threshold, b.alpha), (0.3, 4.0, 0.1));
    // The rule's own baseline says more than the streams of the defaults.
    assert_eq!((&a.streams, &b.streams), (&vec![Stream::Week], &vec![Stream::Level]));
    assert_eq!(a.must_detect, MustDetect::Count { rel: 2.0, abs: 25.0, drop_to: 0.1, drop_buckets: 6 });
    let params = |rule: &Rule| Params {
        rule: rule.id.clone(),
        alpha: 0.05,
        streams: vec![Stream::Day],
        transform: Transform::Sqrt,
        rel_floor: 0.2,
        threshold: 3.0,
        threshold_by_tenant: BTreeMap::from([("acme".to_owned(), 2.75)]),
        searched: None,
        line: String::new(),
        sha256: String::new(),
    };
    let (of_a, of_b) = (params(a), params(b));
    let tuned = a.method(Some(&of_a));
    assert_eq!((tuned.alpha, tuned.threshold, tuned.rel_floor), (0.05, 3.0, 0.2));
    assert_eq!((tuned.streams, tuned.transform), (vec![Stream::Day], Transform::Sqrt));
    assert_eq!([Some("acme"), Some("globex"), None].map(|t| a.threshold(Some(&of_a), t)), [2.75, 3.0, 3.0]);
    let pinned = b.method(Some(&of_b));
    assert_eq!((pinned.alpha, pinned.threshold, pinned.rel_floor), (0.1, 4.0, 0.2));
    assert_eq!(b.threshold(Some(&of_b), Some("acme")), 4.0);
}

#[test]
fn every_kind_of_mistake_has_its_code() {
    let cases = [
        ("alpa: 0.2", "unknown_field"),
        ("alpha: \"x", "rules_syntax"),
        ("alpha: 0.2\n    alpha: 0.3", "rules_syntax"),
        ("threshold: &t 3", "rules_syntax"),
        ("alpha: 1_0", "rules_ambiguous"),
        ("threshold: 03", "rules_ambiguous"),
        ("alpha: high", "field_type"),
        ("alpha:", "field_type"),
        ("group_by: tenant", "field_type"),
        ("guard: maybe", "field_type"),
        ("alpha: 0", "invalid_number"),
        ("alpha: 1.5", "invalid_number"),
        ("min_power: 1", "invalid_number"),
        ("threshold: -2", "invalid_number"),
        ("rel_floor: 1", "invalid_number"),
        ("must_detect: {drop_buckets: 2.5}", "invalid_number"),
        ("kind: counts", "unknown_word"),
        ("bucket: 7m", "unknown_word"),
        ("direction: upwards", "unknown_word"),
        ("baseline: daily", "unknown_word"),
        ("streams: [dya]", "unknown_word"),
        ("streams: []", "unknown_word"),
        ("pin: [window]", "unknown_word"),
        ("method: prophet", "unknown_word"),
        ("cooldown: 6", "invalid_duration"),
        ("window: 1week", "invalid_duration"),
        ("lateness: 36d", "invalid_duration"),
        ("window: 19h", "invalid_window"),
        ("window: 36d", "invalid_window"),
        ("tz_by_tenant: {acme: Europe/Atlantis}", "unknown_zone"),
        ("ts: payload..ts", "invalid_field"),
        ("group_by: [tenant, tenant]", "invalid_field"),
        ("group_by: [a, tenant, b, c]", "invalid_group"),
        ("must_detect: {scale: 8}", "invalid_effect"),
        ("kind: gauge\n    must_detect: {rel: 8}", "invalid_effect"),
        ("kind: gauge\n    transform: sqrt", "wrong_kind"),
        ("abs_floor: 3", "wrong_kind"),
        ("kind: gauge\n    input: events", "wrong_kind"),
        ("where: {kind: []}", "field_type"),
        ("exclude: [{from: 2026-01-02T00:00:00Z, until: 2026-01-01T00:00:00Z}]", "invalid_time"),
        ("exclude: [{from: yesterday, until: 2026-01-01T00:00:00Z}]", "invalid_time"),
    ];
    for (fields, code) in cases {
        assert_eq!(codes(fields), [code], "{fields}");
    }
    assert_eq!(found("rules: []\n"), [("no_rules", 1, 8)]);
    assert_eq!(found("version: 2\nrules: [{id: a, tz: UTC}]\n"), [("rules_version", 1, 10)]);
    assert_eq!(found("rules:\n  - tz: UTC\n"), [("field_missing", 2, 5)]);
    assert_eq!(found("defaults: {id: x}\nrules: [{id: a, tz: UTC}]\n"), [("unknown_field", 1, 16)]);
    assert_eq!(found("rules: [{id: A, tz: UTC}]\n"), [("invalid_rule_id", 1, 14)]);
    assert_eq!(found(""), [("field_missing", 1, 1)]);
    assert_eq!(read(&" ".repeat(MAX_BYTES + 1)).found[0].code, Code::RulesSyntax);
}

#[test]
fn all_mistakes_of_a_sound_file_are_named_once_at_their_places() {
    let text = "defaults:\n  alpha: 2\nrules:\n  - id: a\n    tz: Europe/Berlim\n    window: 1h\n  - id: a\n    tz: UTC\n    kind: gaug\n";
    let expected = [
        ("invalid_number", 2, 10),
        ("unknown_zone", 5, 9),
        ("invalid_window", 6, 13),
        ("duplicate_rule_id", 7, 9),
        ("unknown_word", 9, 11),
    ];
    assert_eq!(found(text), expected);
    let checked = read(text);
    assert!(checked.rules.is_none());
    let hints: Vec<_> = checked.found.iter().filter_map(|f| f.hint.as_deref()).collect();
    assert_eq!(hints, ["did you mean `Europe/Berlin`?", "did you mean `gauge`?"]);
    let error = checked.found[1].error("adaptive.yaml").to_string();
    assert_eq!(error, "adaptive.yaml:5:9: a: `Europe/Berlim` is no time zone");
}

#[test]
fn mutes_need_an_end_a_reason_and_an_owner() {
    let head = "rules: [{id: a, tz: Europe/Berlin}]\nmutes:\n";
    let whole = "  - {rule: a, tenant: acme, from: 2026-01-01 00:00:00, until: 2026-01-02T00:00:00Z, reason: migration, owner: sre}\n";
    let mutes = rules(&format!("{head}{whole}")).mutes;
    let (from, until) = (mutes[0].interval.from_ms, mutes[0].interval.until_ms);
    // Midnight in Berlin is 23:00 UTC.
    assert_eq!((from, until), (1_767_222_000_000, 1_767_312_000_000));
    assert!(mutes[0].covers("a", Some("acme"), from) && !mutes[0].covers("a", Some("acme"), until));
    assert!(!mutes[0].covers("a", Some("globex"), from) && !mutes[0].covers("b", Some("acme"), from));
    let missing = found(&format!("{head}  - {{rule: a, from: 2026-01-01T00:00:00Z}}\n"));
    assert_eq!(missing.iter().map(|(code, line, _)| (*code, *line)).collect::<Vec<_>>(), [("field_missing", 3); 3]);
    let wrong = "  - {rule: b, from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00Z, reason: todo, owner: \"\"}\n";
    let codes: Vec<_> = found(&format!("{head}{wrong}")).into_iter().map(|(code, _, _)| code).collect();
    assert_eq!(codes, ["unknown_muted", "empty_reason", "empty_reason"]);
}

/// A line as `tune` writes it.
fn line(rule: &Rule, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let fields = canonical::fields(rule);
    let mut line = serde_json::json!({
        "schema": params::SCHEMA, "rule": rule.id, "alpha": 0.05, "streams": ["week", "day"], "transform": "sqrt",
        "rel_floor": 0.05, "threshold": 2.25, "threshold_by_tenant": {"acme": 2.5}, "seed": 1,
        "rule_sha256": canonical::sha256(&fields), "rule_fields": fields,
    });
    change(&mut line);
    line.to_string()
}

fn stale(text: &str, rules: &[Rule]) -> Vec<(Code, u64, String)> {
    params::read(text, rules).unwrap_err().into_iter().map(|f| (f.code, f.line, f.message)).collect()
}

#[test]
fn parameters_hold_for_the_rule_they_were_found_for() {
    let old = rule("where: {kind: export, status: [200, \"201\"]}");
    let text = format!("{}\n{}\n", r#"{"schema":"govctl.run/1","event":"start"}"#, line(&old, |_| ()));
    let params = params::read(&text, std::slice::from_ref(&old)).unwrap().remove("r").unwrap();
    assert_eq!((params.alpha, params.threshold), (0.05, 2.25));
    assert_eq!((params.streams, params.transform), (vec![Stream::Day, Stream::Week], Transform::Sqrt));
    assert_eq!(params.threshold_by_tenant["acme"], 2.5);
    assert_eq!(params.sha256.len(), 64);
    // What tune may change is not of the hash, what it must leave is.
    let same = rule("where: {kind: export, status: [200, \"201\"]}, alpha: 0.4, threshold: 8, transform: sqrt");
    assert!(params::read(&text, &[same]).is_ok());
    for (fields, field) in [
        ("where: {kind: export, status: [200, 201]}", "where"),
        ("where: {kind: export, status: [200, \"201\"]}, bucket: 30m", "bucket"),
        ("where: {kind: export, status: [200, \"201\"]}, min_power: 0.9", "min_power"),
        ("where: {kind: export, status: [200, \"201\"]}, pin: [alpha]", "pin"),
    ] {
        let found = params::read(&text, &[rule(fields)]).unwrap_err();
        assert_eq!((found[0].code, found[0].field.as_str(), found[0].line), (Code::StaleParams, field, 2));
    }
    let renamed = rules("rules: [{id: s, tz: UTC}]").rules;
    assert_eq!(stale(&text, &renamed), [(Code::StaleParams, 2, "there is no rule `r`".to_owned())]);
}

#[test]
fn altered_parameters_are_refused() {
    let r = rule("lateness: 10m");
    let rules = std::slice::from_ref(&r);
    let refused = |change: fn(&mut serde_json::Value)| stale(&line(&r, change), rules)[0].0;
    assert_eq!(refused(|l| l["rule_fields"]["lateness"] = "300000ms".into()), Code::BadParams);
    assert_eq!(refused(|l| l["alpha"] = 0.into()), Code::BadParams);
    assert_eq!(refused(|l| l["alpha"] = "x".into()), Code::BadParams);
    assert_eq!(refused(|l| l["streams"] = serde_json::json!([])), Code::BadParams);
    assert_eq!(refused(|l| l["streams"] = serde_json::json!(["month"])), Code::BadParams);
    assert_eq!(refused(|l| l["threshold_by_tenant"]["acme"] = (-1).into()), Code::BadParams);
    assert_eq!(refused(|l| l["schema"] = "govctl.anomaly.params/2".into()), Code::BadParams);
    let twice = format!("{0}\n{0}\n", line(&r, |_| ()));
    assert_eq!(stale(&twice, rules)[0].0, Code::BadParams);
    assert_eq!(stale("{", rules)[0].0, Code::BadParams);
}

#[test]
fn what_is_written_of_parameters_is_read_as_it_was() {
    use crate::record::anomaly::{self, Parameters};
    let rule = rule("pin: [alpha], alpha: 0.7, where: {kind: [a, 1]}");
    let fields = canonical::fields(&rule);
    let written = Parameters {
        rule: "r".to_owned(),
        streams: vec![anomaly::Stream::Level, anomaly::Stream::Week],
        alpha: 0.1 + 0.2,
        transform: anomaly::Transform::Sqrt,
        rel_floor: 0.05,
        threshold: 8.0,
        threshold_by_tenant: BTreeMap::from([("b".to_owned(), 1.0 / 3.0 + 2.0), ("a \"x\"".to_owned(), 2.5)]),
        min_power: 0.8,
        must_detect: canonical::must_detect(&rule.must_detect),
        spike_power: Some(0.951),
        spike_power_lo: Some(0.936_017_258_913_275_1),
        drop_power: None,
        drop_power_lo: None,
        data_sha256: "00".repeat(32),
        data_from: "2026-01-01T00:00:00Z".to_owned(),
        certified_from: "2026-01-08T00:00:00Z".to_owned(),
        data_to: "2026-01-12T00:00:00Z".to_owned(),
        series: 2,
        buckets: 500,
        rule_sha256: canonical::sha256(&fields),
        rule_fields: fields,
        seed: u64::MAX,
        version: "0.1.0".to_owned(),
    };
    let line = params::line(&written).unwrap();
    assert!(line.ends_with("}\n") && !line.trim_end().contains('\n'));
    let read = params::read(&line, &[rule]).unwrap().remove("r").unwrap();
    assert_eq!((read.alpha, read.rel_floor, read.threshold), (written.alpha, 0.05, 8.0));
    assert_eq!((&read.streams, read.transform), (&vec![Stream::Level, Stream::Week], Transform::Sqrt));
    assert_eq!((read.threshold_by_tenant, &read.line), (written.threshold_by_tenant.clone(), &line));
    let again: Parameters = serde_json::from_str(&line).unwrap();
    assert_eq!((&again, params::line(&again).unwrap()), (&written, line));
}
