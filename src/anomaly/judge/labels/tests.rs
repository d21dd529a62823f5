use super::*;

/// Whole seconds are times.
fn seconds(text: &str) -> Result<i64, String> {
    text.parse::<i64>().map(|s| s * 1_000).map_err(|_| format!("not a time: {text}"))
}

const AROUND: Around = Around { before: 3, after: 12 };

fn between(start: i64, end: i64) -> Extent {
    Extent::Between { start, end }
}

fn csv(text: &str) -> Labels {
    read(text, Format::Csv, AROUND, &seconds)
}

fn json(text: &str) -> Labels {
    read(text, Format::Json, AROUND, &seconds)
}

#[test]
fn csv_and_ndjson_say_the_same() {
    let from_csv = csv("tenant,start,end,kind,other\nacme,10,20,spike,x\n\"b,c\",30,31,,\n");
    let from_json = json(
        "{\"tenant\":\"acme\",\"start\":10,\"end\":\"20\",\"kind\":\"spike\"}\n\
         {\"tenant\":\"b,c\",\"start\":\"30\",\"end\":31,\"kind\":null,\"more\":[1]}\n",
    );
    assert_eq!(from_csv.bad, []);
    let plain = |labels: &Labels| -> Vec<_> {
        labels.labels.iter().map(|l| (l.tenant.clone(), l.extent, l.kind.clone())).collect()
    };
    assert_eq!(plain(&from_csv), plain(&from_json));
    assert_eq!(from_csv.labels[0].extent, between(10_000, 20_000));
    assert_eq!((from_csv.labels[1].tenant.as_deref(), from_csv.labels[1].kind.as_deref()), (Some("b,c"), None));
    assert_eq!(from_csv.labels.iter().map(|l| l.line).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn each_mistake_has_its_line() {
    let found = csv("tenant,start,end\na,20,10\na,10,10\na,x,10\na,10\na,,10\na,1,2\n");
    let bad: Vec<_> = found.bad.iter().map(|b| (b.line, b.message.as_str())).collect();
    assert_eq!(
        bad,
        [
            (2, "`end` is not after `start`; labels are half open"),
            (3, "`end` is not after `start`; labels are half open"),
            (4, "`start`: not a time: x"),
            (5, "2 fields where the first line has 3"),
            (6, "`start` is missing"),
        ]
    );
    assert_eq!(found.labels.len(), 1);
    let found = json("{\"tenant\":\"a\",\"start\":1}\n[1]\n\n{\"tenant\":7,\"start\":1,\"end\":2}\nx\n");
    let lines: Vec<_> = found.bad.iter().map(|b| b.line).collect();
    assert_eq!((lines, found.labels.len()), (vec![1, 2, 4, 5], 0));
    assert_eq!(found.bad[2].message, "`tenant` is not a text");
    assert_eq!(csv("tenant,from,end\n").bad[0].message, "the first line names no column `start`");
    assert_eq!(csv("").bad.len(), 1);
}

#[test]
fn labels_concern_what_they_name() {
    let label = |text: &str| json(text).labels.remove(0);
    let all = label("{\"tenant\":\"a\",\"start\":1,\"end\":2}");
    assert!(all.concerns("r", Some("a"), "") && all.concerns("s", Some("a"), "k=v"));
    assert!(!all.concerns("r", Some("b"), "") && !all.concerns("r", None, ""));
    let one = label("{\"rule\":\"r\",\"tenant\":\"a\",\"series\":\"k=v\",\"start\":1,\"end\":2}");
    assert!(one.concerns("r", Some("a"), "k=v"));
    assert!(!one.concerns("s", Some("a"), "k=v") && !one.concerns("r", Some("a"), "k=w"));
    let ungrouped = label("{\"start\":1,\"end\":2}");
    assert!(ungrouped.concerns("r", None, "") && !ungrouped.concerns("r", Some("a"), ""));
}

#[test]
fn nab_files_have_points_or_inclusive_pairs() {
    let points = json("{\"realKnown/taxi.csv\": [\"5\", \"9\"], \"art.no.csv\": []}");
    assert_eq!(points.bad, []);
    assert_eq!(points.labels[0].tenant.as_deref(), Some("taxi"));
    assert_eq!(points.labels[1].extent, Extent::Around { at: 9_000, before: 3, after: 12 });
    let pairs = json("{\n \"art.no.csv\": [[\"5\", \"9\"], [\"9\", \"5\"], [\"5\"], 3]\n}");
    assert_eq!(pairs.labels[0].tenant.as_deref(), Some("art.no"));
    assert_eq!(pairs.labels[0].extent, between(5_000, 9_001));
    assert_eq!(pairs.bad.len(), 3);
    assert!(pairs.bad.iter().all(|b| b.line == 0 && b.message.starts_with("art.no.csv: ")));
}

#[test]
fn records_of_runs_are_no_labels() {
    let found = json("{\"schema\":\"govctl.run/1\",\"event\":\"start\"}\n{\"tenant\":\"a\",\"start\":1,\"end\":2}\n");
    assert_eq!((found.labels.len(), found.bad.len(), found.labels[0].line), (1, 0, 2));
}

#[test]
fn around_is_two_numbers_of_buckets() {
    assert_eq!(Around::parse("-3,12"), Ok(AROUND));
    assert_eq!(Around::parse("0, 0"), Ok(Around { before: 0, after: 0 }));
    for wrong in ["3,12", "-3", "-3,-1", "", "a,b", "-3,12,1", "--3,1"] {
        assert!(Around::parse(wrong).is_err(), "{wrong}");
    }
}
