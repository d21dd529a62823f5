use super::super::fixture::{row, rows, site};
use super::*;
use crate::record::index::Kind;

/// Written by hand: three entries, the first of them taken back by the last.
fn three() -> (Site, Vec<Row>) {
    let first = Row {
        rekor_uuid: Some("8".repeat(80)),
        manifest_key_id: Some("9".repeat(64)),
        rekor_log: Some("https://rekor.sigstore.dev".to_owned()),
        rekor_log_index: Some(123_456_789),
        tsa_time: Some("2026-01-01T00:00:04Z".to_owned()),
        withdrawn_by: Some(2),
        ..row(0)
    };
    let last = Row {
        kind: Kind::Withdrawal,
        manifest_sha256: first.manifest_sha256.clone(),
        prev_manifest_sha256: Some("5".repeat(64)),
        manifest: None,
        bundle: None,
        ..row(2)
    };
    (site(3), vec![first, row(1), last])
}

const THREE: &str = include_str!("three.json");

#[test]
fn index_json_is_as_written_by_hand() {
    let (site, rows) = three();
    assert_eq!(index(&site, &rows).unwrap(), THREE);
    assert_eq!(read_index(THREE.as_bytes()).unwrap(), Index { site, rows });
}

#[test]
fn an_empty_index() {
    let expected = concat!(
        r#"{"version":1,"entries":[],"origin":"exports.acme.example","size":0,"#,
        r#""root":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","regions":{},"page_size":256,"n_pages":0}"#,
        "\n"
    );
    assert_eq!(index(&site(0), &[]).unwrap(), expected);
    assert_eq!(read_index(expected.as_bytes()).unwrap(), Index { site: site(0), rows: Vec::new() });
}

#[test]
fn index_json_has_the_newest_of_many() {
    let all = rows(2_300);
    let text = index(&site(2_300), &all).unwrap();
    let read = read_index(text.as_bytes()).unwrap();
    assert_eq!(read.rows, all[300..]);
    assert_eq!(text, index(&site(2_300), &all[300..]).unwrap());
    assert_eq!(text.lines().filter(|line| line.starts_with("{\"ts\":")).count(), 2_000);
    assert!(text.ends_with("},\"page_size\":256,\"n_pages\":9}\n"));
    assert!(index(&site(2_300), &all[301..]).is_err());
    assert!(index(&site(2_301), &all).is_err());
}

#[test]
fn pages_read_back_and_do_not_know_what_follows() {
    let all = rows(600);
    for (number, of) in all.chunks(256).enumerate() {
        let number = number as u64;
        let text = page(number, of).unwrap();
        assert_eq!(read_page(number, text.as_bytes()).unwrap(), of);
        assert!(text.ends_with(&format!("\n],\"page\":{number}}}\n")));
        assert!(read_page(number + 1, text.as_bytes()).is_err());
    }
    for (number, of) in [(0, &all[..257]), (0, &all[1..3]), (1, &all[..256]), (0, &all[..0]), (u64::MAX, &all[..1])] {
        assert!(page(number, of).is_err());
    }
    let gap: Vec<Row> = [0, 2].map(row).to_vec();
    assert!(page(0, &gap).is_err());
}

#[test]
fn members_that_are_not_known_are_not_looked_at() {
    let more = THREE.replacen("{\"ts\"", "{\"mood\":\"good\",\"ts\"", 1).replacen(
        "\"origin\"",
        "\"next\":{\"a\":[]},\"origin\"",
        1,
    );
    assert_eq!(read_index(more.as_bytes()).unwrap().rows, three().1);
}

#[test]
fn an_index_that_contradicts_itself_is_refused() {
    for (from, to) in [
        ("\"version\":1", "\"version\":2"),
        ("\"size\":3", "\"size\":4"),
        ("\"size\":3", "\"size\":18446744073709551615"),
        ("\"size\":3", "\"size\":3,\"size\":3"),
        ("\"leaf_index\":1", "\"leaf_index\":2"),
        ("\"leaf_index\":1", "\"leaf_index\":-1"),
        ("BwcHBwc=", "BwcHBw=="),
        ("BwcHBwc=", "BwcHBwd="),
        ("\"n\":1,", "\"n\":2,"),
        ("\"EU\":{", "\"US\":{"),
        ("\"region\":\"US\"", "\"region\":\"APAC\""),
        ("\"page_size\":256", "\"page_size\":255"),
        ("\"n_pages\":1", "\"n_pages\":2"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0Z"),
        ("2026-01-01T00:00:04Z", "soon"),
        ("\"region\":\"US\"", "\"region\":\"<b>\""),
        ("\"region\":\"US\"", "\"region\":\"@log\""),
        ("MEUCIQ==", "MEUCIQ"),
        ("entry/1/manifest.json", "../manifest.json"),
        ("entry/1/bundle.sigstore.json", "javascript:alert(1)"),
        ("\"withdrawn_by\":2", "\"withdrawn_by\":0"),
        ("01aaaa", "01AAAA"),
        ("01bbbb", "bbbb"),
        ("888888", "88888"),
        ("\"kind\":\"withdrawal\"", "\"kind\":\"other\""),
        ("\n]", ",\n]"),
        ("\"n_pages\":1}", "\"n_pages\":1}]"),
    ] {
        let other = THREE.replacen(from, to, 1);
        assert!(other != THREE && read_index(other.as_bytes()).is_err(), "{from} -> {to}");
    }
    assert!(read_index(&vec![b' '; MAX_BYTES + 1]).unwrap_err().message.contains("allowed"));
    assert!(read_index(format!("{THREE}{THREE}").as_bytes()).is_err());
}
