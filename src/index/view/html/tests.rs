use std::collections::BTreeSet;

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::super::fixture::{rows, site};
use super::*;
use crate::record::index::Kind;
use crate::text::is_hidden;

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// The names of all opening tags, in order.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|rest| &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())])
        .collect()
}

/// A page without its style and its script, which are not made from rows.
fn body(html: &str) -> &str {
    between(html, "</head>", "<script>")
}

/// A row with all that may be absent.
fn full(leaf: u64, text: &str) -> Row {
    let some = || Some(text.to_owned());
    Row {
        ts: text.to_owned(),
        region: text.to_owned(),
        manifest_sha256: text.to_owned(),
        signature: text.to_owned(),
        rekor_uuid: some(),
        kind: Kind::Export,
        leaf_index: leaf,
        leaf_hash: text.to_owned(),
        region_seq: leaf,
        statement_sha256: text.to_owned(),
        prev_manifest_sha256: some(),
        key_id: text.to_owned(),
        manifest_key_id: some(),
        manifest: some(),
        bundle: some(),
        rekor_log: some(),
        rekor_log_index: Some(7),
        tsa_time: some(),
        withdrawn_by: Some(leaf + 1),
    }
}

#[test]
fn an_entry_is_as_it_was_reviewed() {
    let export = Row {
        ts: "2026-01-06T12:00:00Z".to_owned(),
        region: "EU".to_owned(),
        manifest_sha256: "3f0c".repeat(16),
        manifest: Some("entry/41/manifest.json".to_owned()),
        bundle: Some("entry/41/bundle.sigstore.json".to_owned()),
        rekor_log: Some("https://rekor.sigstore.dev".to_owned()),
        tsa_time: Some("2026-01-06T12:00:04Z".to_owned()),
        ..full(41, &"ab".repeat(32))
    };
    let key = Row {
        region: "@log".to_owned(),
        kind: Kind::KeyChange,
        manifest: None,
        bundle: None,
        withdrawn_by: None,
        prev_manifest_sha256: None,
        manifest_key_id: None,
        rekor_uuid: None,
        rekor_log: None,
        rekor_log_index: None,
        tsa_time: None,
        leaf_index: 42,
        ..export.clone()
    };
    let mut out = String::new();
    [export, key].iter().for_each(|row| entry::entry(&mut out, row));
    assert_eq!(out, include_str!("expected.html"));
}

#[test]
fn the_newest_200_stand_there_newest_first() {
    let all = rows(1_250);
    let page = html(&site(1_250), &all).unwrap();
    let leaves: Vec<&str> =
        page.split("<tbody id=\"leaf=").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    assert_eq!((leaves.len(), leaves[0], leaves[199], leaves[200]), (201, "1249", "1050", "{leaf_index}"));
    assert!(page.contains(">The newest 200 of 1,250 entries shown.</p>") && page.contains(">1,250</span>"));
    assert!(
        page.contains(
            "<option value=\"\">all</option><option value=\"EU\">EU</option><option value=\"US\">US</option>"
        )
    );
    assert!(page.contains(&format!("<code>{}</code>", BASE64.encode(&[7; 32]))));
    assert_eq!(page, html(&site(1_250), &all[1_050..]).unwrap());
    assert!(html(&site(1_250), &all[1_051..]).is_err() && html(&site(1_251), &all).is_err());
    assert!(page.len() < 200 * 3_000 + 60_000, "{} bytes", page.len());
}

#[test]
fn few_entries_and_none() {
    let text = |n| html(&site(n), &rows(n)).unwrap();
    let none = text(0);
    assert!(none.contains("Nothing has been published yet.") && none.contains("None has an entry yet."));
    assert!(!none.contains("<form") && !none.contains("id=\"entries\""));
    assert!(text(1).contains(">All 1 entry shown.<") && text(2).contains(">All 2 entries shown.<"));
}

#[test]
fn the_policy_names_what_stands_in_the_file() {
    for n in [0, 3] {
        let page = html(&site(n), &rows(n)).unwrap();
        let hash = |tag: &str| {
            assert_eq!(page.matches(&format!("<{tag}")).count(), 1);
            let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
            format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)))
        };
        let expected = format!(
            "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; base-uri 'none'; form-action 'none'",
            hash("script"),
            hash("style")
        );
        assert_eq!(between(&page, "<meta http-equiv=\"Content-Security-Policy\" content=\"", "\""), expected);
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
        // Policies hold for what follows them.
        assert!(page.find("Content-Security-Policy") < page.find("<style"));
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let all: Vec<Row> = (0..3).map(|leaf| full(leaf, "https://evil.example/x")).collect();
    let page = html(&site(3), &all).unwrap();
    let own = ["entry/", "#", "index.json", "checkpoint"];
    for attribute in [" href=\"", " src=\"", " srcset=\"", " action=\"", " data=\"", " poster=\"", " ping=\""] {
        for target in body(&page).split(attribute).skip(1) {
            assert!(
                attribute == " href=\"" && own.iter().any(|own| target.starts_with(own)),
                "{attribute}{target:.40}"
            );
        }
    }
    let (style, script) = (between(&page, "<style>", "</style>"), OWN.script);
    for word in ["url(", "@import", "://", "</", "<!--"] {
        assert!(!style.contains(word) && !script.contains(word), "{word}");
    }
    for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "Function(", "document.write", "import("] {
        assert!(!script.contains(word), "{word}");
    }
    let heads: BTreeSet<&str> =
        tags(&page).into_iter().filter(|tag| ["link", "base", "img", "iframe"].contains(tag)).collect();
    assert_eq!(heads, BTreeSet::new());
}

#[test]
fn hostile_strings_stay_text() {
    let long = "<b>\u{202e}".repeat(25_000);
    let honest: Vec<Row> = (0..3).map(|leaf| full(leaf, "2026-01-06T12:00:00Z")).collect();
    let honest = html(&site(3), &honest).unwrap();
    for text in [
        "\"'><img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "</template></table><!--",
        "-->]]></style>",
        "javascript:alert(1)",
        "{leaf_index}{ts}?x",
        "a\u{2028}b\u{2029}\u{202e}\u{2066}c\0\t\r\n\u{9b}",
        "&lt;b&gt;&amp;",
        "`<b>`",
        &long,
    ] {
        let rows: Vec<Row> = (0..3).map(|leaf| full(leaf, text)).collect();
        let mut site = site(3);
        let head = site.regions.remove("EU").unwrap();
        site.regions.insert(text.to_owned(), head);
        site.origin = text.to_owned();
        let page = html(&site, &rows).unwrap();
        assert_eq!(tags(&page), tags(&honest), "{text:.60}");
        assert!(!body(&page).chars().any(|c| c != '\n' && is_hidden(c)), "{text:.60}");
        assert!(!body(&page).contains("<!--"));
        assert!(page.len() < honest.len() + 100_000, "{} bytes", page.len());
    }
}

#[test]
fn a_page_says_who_made_it() {
    let page = html(&site(1), &rows(1)).unwrap();
    assert_eq!(made_by(page.as_bytes()), Some(env!("CARGO_PKG_VERSION")));
    let behind = "<head></head><meta name=\"generator\" content=\"govctl 9\">";
    assert_eq!([behind, "", "<head>"].map(|text| made_by(text.as_bytes())), [None; 3]);
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}
