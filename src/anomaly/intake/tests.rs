use proptest::prelude::*;

use super::*;
use crate::anomaly::rules::{self, Rule};

const T: Time = Time::Instant(1_767_877_200_000);

fn rules_of(text: &str) -> Vec<Rule> {
    let checked = rules::read(text);
    checked.rules.unwrap_or_else(|| panic!("{:#?}", checked.found)).rules
}

fn columns(text: &str) -> Columns {
    text.split(',').filter_map(|pair| pair.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// An event or a fault as a text: `rule|key|time|value|id|label`, or `code@column message`.
fn spelled(item: Result<Event<'_>, Fault>) -> String {
    match item {
        Ok(e) => {
            let time = match e.time {
                Time::Instant(ms) => format!("{ms}"),
                Time::Local(ms) => format!("local {ms}"),
            };
            let value = e.value.map_or("-".to_owned(), |v| v.to_string());
            let label = e.label.map_or("-", |l| if l { "1" } else { "0" });
            let key = e.key.replace(key::SEPARATOR, "/");
            format!("{}|{key}|{time}|{value}|{}|{label}", e.rule, e.id.unwrap_or("-"))
        }
        Err(f) => format!("{}@{} {}", f.code.as_str(), f.column.map_or("-".into(), |c| c.to_string()), f.message),
    }
}

/// What is read of all lines.
fn read_as(rules: &[Rule], names: &str, name: &str, tenant: Option<&str>, text: &str) -> Vec<String> {
    let plan = Plan::new(rules, &columns(names));
    let mut reader = Reader::new(&plan, name, tenant.map(str::to_owned));
    let mut out = Vec::new();
    for line in text.lines() {
        reader.line(line.as_bytes(), |item| out.push(spelled(item)));
    }
    out.extend(reader.finish().map(|f| spelled(Err(f))));
    out
}

fn read(rules: &[Rule], text: &str) -> Vec<String> {
    read_as(rules, "", "-", None, text)
}

fn one(fields: &str) -> Vec<Rule> {
    rules_of(&format!("rules: [{{id: r, tz: UTC, {fields}}}]"))
}

#[test]
fn events_count_one_or_their_value() {
    let line = r#"{"ts":"2026-01-08T13:00:00Z","tenant":"acme","bytes":12.5,"n":"x"}"#;
    assert_eq!(read(&one(""), line), ["0|acme|1767877200000|1|-|-"]);
    assert_eq!(read(&one("value: bytes"), line), ["0|acme|1767877200000|12.5|-|-"]);
    assert_eq!(read(&one("value: \"n\""), line), ["bad_line@64 `n` is no number"]);
    assert_eq!(read(&one("value: m"), line), ["bad_line@- `m` is missing, the value of a record"]);
    assert_eq!(T, Time::Instant(1_767_877_200_000));
}

#[test]
fn paths_filters_groups_and_ids() {
    let rules = one(
        "ts: at, where: {kind: [export, dump], meta.status: 200}, group_by: [meta.region, tenant], dedupe_by: meta.id, value: meta.n",
    );
    let line = |kind: &str, status: &str| {
        format!(
            r#"{{"at":1767877200,"tenant":"acm\u0065","kind":"{kind}","meta":{{"region":"EU","id":7,"status":{status},"x":{{}},"n":3}}}}"#
        )
    };
    assert_eq!(read(&rules, &line("export", "200")), ["0|acme/EU|1767877200000|3|7|-"]);
    assert_eq!(read(&rules, &line("dump", "2e2")), ["0|acme/EU|1767877200000|3|7|-"]);
    for (kind, status) in [("import", "200"), ("export", "500"), ("export", "null"), ("export", "{}")] {
        assert!(read(&rules, &line(kind, status)).is_empty(), "{kind} {status}");
    }
    // What another rule would find wrong does not matter to a record that is not of the rule.
    assert!(read(&rules, r#"{"kind":"import","at":"never"}"#).is_empty());
    let r = &rules[0];
    let key = Key::new(r, "acme\u{1f}EU");
    assert_eq!((key.tenant(), key.series()), (Some("acme"), "meta.region=EU".to_owned()));
    let all = &one("group_by: []")[0];
    assert_eq!((Key::new(all, "").tenant(), Key::new(all, "").series()), (None, String::new()));
}

#[test]
fn records_that_frame_a_run_are_no_events() {
    let lines = "{\"schema\":\"govctl.run/1\",\"event\":\"start\"}\n\n{\"schema\":\"govctl.diff/1\",\"tenant\":\"a\",\"ts\":1}\n";
    assert_eq!(read(&one(""), lines), ["0|a|1000|1|-|-"]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_column() {
    let rules = one("value: \"n\"");
    let cases = [
        ("nonsense", "bad_line@1 no usable JSON: an object was expected"),
        ("{\"ts\":1", "bad_line@1 no usable JSON: the object has no end"),
        ("{\"ts\":1} x", "bad_line@10 no usable JSON: text after the object"),
        ("{\"ts\":1,\"ts\":2}", "bad_line@9 no usable JSON: a field that is read stands twice"),
        ("{\"ts\":1,\"n\":1}", "missing_field@- `tenant` is missing"),
        ("{\"ts\":1,\"n\":1,\"tenant\":null}", "missing_field@24 `tenant` is null"),
        ("{\"ts\":1,\"n\":1,\"tenant\":\"\"}", "bad_key@25 `tenant` is empty"),
        ("{\"ts\":1,\"n\":1,\"tenant\":[]}", "bad_key@24 `tenant` is no text"),
        ("{\"ts\":1,\"n\":1,\"tenant\":\"a\\u001f\"}", "bad_key@25 `tenant` holds a control character"),
        ("{\"tenant\":\"a\",\"n\":1}", "bad_line@- `ts` is missing, the time of a record"),
        ("{\"tenant\":\"a\",\"n\":-1,\"ts\":1}", "bad_line@19 `n` is negative, and counts begin at 0"),
        ("{\"tenant\":\"a\",\"n\":1e999,\"ts\":1}", "bad_line@19 `n` is no finite number"),
        ("{\"tenant\":\"a\",\"n\":1.1e150,\"ts\":1}", "bad_line@19 `n` lies beyond 1e150"),
        ("{\"tenant\":\"a\",\"n\":NaN,\"ts\":1}", "bad_line@19 no usable JSON: a JSON value was expected"),
        ("{\"tenant\":\"a\",\"n\":null,\"ts\":1}", "bad_line@19 `n` is no finite number"),
        ("{\"tenant\":\"a\",\"n\":1,\"ts\":true}", "bad_line@26 `ts` is no time"),
    ];
    for (line, expected) in cases {
        assert_eq!(read(&rules, line), [expected], "{line}");
    }
    let long = format!("{{\"ts\":1,\"n\":1,\"tenant\":\"{}\"}}", "x".repeat(129));
    assert_eq!(read(&rules, &long), ["bad_key@25 `tenant` is longer than 128 bytes"]);
    // Two rules that say the same say it once.
    let two = rules_of("rules: [{id: a, tz: UTC}, {id: b, tz: UTC, bucket: 1d}]");
    assert_eq!(read(&two, "{\"ts\":1}").len(), 1);
    assert_eq!(read(&two, "{\"ts\":1,\"tenant\":\"a\"}").len(), 2);
}

#[test]
fn csv_with_other_names_labels_and_the_tenant_of_the_file() {
    let rules = one("input: points");
    let names = "ts=TimeStamp,value=Value,label=Label";
    let text = "TimeStamp,Value,Label\n2026-01-08 13:00:00,3.50,0\n\"2026-01-08T13:00:00Z\",4,1\n2026-01-08 14:00:00,,\n2026-01-08 15:00:00,x,0\n1,2\n2026-01-08 16:00:00,1,2\n";
    let expected = [
        "0|purchase-01|local 1767877200000|3.5|-|0",
        "0|purchase-01|1767877200000|4|-|1",
        "0|purchase-01|local 1767880800000|-|-|-",
        "bad_line@21 `Value` is no finite number",
        "bad_line@- 2 fields where the header has 3",
        "bad_line@23 `Label` is no label: 0 or 1 is expected",
    ];
    assert_eq!(read_as(&rules, names, "x.csv", Some("purchase-01"), text), expected);
    // Without the end of a name the header tells.
    assert_eq!(read_as(&rules, names, "-", Some("purchase-01"), text), expected);
    // The tenant of a record comes before that of its file.
    let text = "tenant,ts,value\nacme,1,2\n,1,2\n";
    assert_eq!(read_as(&rules, "", "x.csv", Some("other"), text), ["0|acme|1000|2|-|-", "bad_key@1 `tenant` is empty"]);
}

#[test]
fn quoted_fields_may_hold_commas_quotes_and_newlines() {
    let rules = one("value: \"n\", group_by: [tenant, note]");
    let text = "tenant,\"note\",ts,n\r\n\"a,b\",\"say \"\"hi\"\"\",1,2\n\"a\nb\n\nc\",x,1,2\nc,d\"e,1,2\n\"open,1\n";
    let text = text.replace("\r\n", "\n");
    let expected = [
        "0|a,b/say \"hi\"|1000|2|-|-",
        "bad_key@- `tenant` holds a control character",
        "0|c/d\"e|1000|2|-|-",
        "bad_line@- the input ends inside of a quoted field",
    ];
    assert_eq!(read_as(&rules, "", "x.csv", None, &text), expected);
}

#[test]
fn a_header_without_a_column_is_told_once_and_stops_only_its_rule() {
    let rules = rules_of(
        "rules: [{id: a, tz: UTC}, {id: b, tz: UTC, value: bytes}, {id: c, tz: UTC, where: {kind: x}, value: bytes}]",
    );
    let text = "tenant,ts,byte\nacme,1,2\nacme,2,3\n";
    let plan = Plan::new(&rules, &Columns::new());
    let mut reader = Reader::new(&plan, "x.csv", None);
    let mut faults = Vec::new();
    let mut events = 0;
    for line in text.lines() {
        reader.line(line.as_bytes(), |item| match item {
            Ok(e) => {
                assert_eq!(e.rule, 0);
                events += 1;
            }
            Err(f) => faults.push(f),
        });
    }
    assert_eq!((events, faults.len()), (2, 1));
    assert_eq!((faults[0].code, faults[0].rule), (Code::MissingField, Some(1)));
    assert_eq!(faults[0].hint.as_deref(), Some("is it `byte`? --columns bytes=byte"));
}

#[test]
fn formats_by_name_and_by_line() {
    let of = |name| Format::of_name(name);
    assert_eq!(
        (of("a.csv"), of("a.CSV.gz"), of("a.csv.zst")),
        (Some(Format::Csv), Some(Format::Csv), Some(Format::Csv))
    );
    assert_eq!(
        (of("a.ndjson"), of("a.b.jsonl.gz"), of("-"), of("x.log")),
        (Some(Format::Ndjson), Some(Format::Ndjson), None, None)
    );
    assert_eq!(Format::of_line(b"{\"a\":1,\"b\":2}"), Format::Ndjson);
    assert_eq!(Format::of_line(b"\"TimeStamp\",\"Value\""), Format::Csv);
    assert_eq!(Format::of_line(b"[1,2]"), Format::Ndjson);
}

fn text() -> impl Strategy<Value = String> {
    prop::string::string_regex("[a-c\",\\\\ é{}:1]{1,8}").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The same records as NDJSON and as CSV are the same events, and serde_json reads the same of the lines.
    #[test]
    fn ndjson_and_csv_agree(
        tenant in text(),
        other in text(),
        seconds in 0i64..4_000_000_000,
        value in prop_oneof![Just(0.0), 0.0f64..1e9, (0u32..1000).prop_map(f64::from)],
        pad in any::<bool>(),
    ) {
        let rules = one("input: points, group_by: [tenant, meta.b], where: {w: [x, u]}");
        let time = crate::anomaly::times::text(seconds * 1000);
        let json = serde_json::json!({"w": "u", "ts": time, "z": [1, {"ts": 2}], "meta": {"a": 1, "b": other}, "tenant": tenant, "value": value});
        let json = if pad { format!("{json:#}").replace('\n', " ") } else { json.to_string() };
        let quoted = |t: &str| format!("\"{}\"", t.replace('"', "\"\""));
        let csv = format!("w,value,meta.b,ts,tenant\nu,{value},{},{time},{}", quoted(&other), quoted(&tenant));
        let read_json = read(&rules, &json);
        prop_assert_eq!(&read_json, &read_as(&rules, "", "x.csv", None, &csv));
        if !pad {
            prop_assert_eq!(read_json, [format!("0|{tenant}/{other}|{}|{value}|-|-", seconds * 1000)]);
        }
    }

    /// No line makes it panic, and a damaged one gives at most one event of one rule.
    #[test]
    fn any_bytes_are_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..60), csv in any::<bool>()) {
        let rules = one("value: \"n\", dedupe_by: id");
        let plan = Plan::new(&rules, &Columns::new());
        let mut reader = Reader::new(&plan, if csv { "a.csv" } else { "a.ndjson" }, None);
        let mut items = 0;
        for line in [&b"ts,tenant,n,id"[..], &line, &line] {
            reader.line(line, |_| items += 1);
        }
        prop_assert!(items <= 3);
    }
}
