//! The page and the chart of `govctl anomaly backtest`.

use crate::anomaly_backtest::{END, counts, data, exports, judged, result, verdict};

/// Void elements have no end; all others are closed in turn.
fn is_well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("no end of <{part}"));
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
        match tag {
            _ if tag.starts_with('!') || name == "meta" || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name), "</{name}>"),
            _ => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_page_stands_alone_and_is_the_same_again() {
    let sandbox = exports();
    let args = format!("exports.csv --labels labels.csv --inject 40 --with-literal --now {END}");
    let first = judged(&sandbox, &format!("{args} --report a.html --chart a.svg --evidence out"));
    let again = judged(&sandbox, &format!("{args} --report b.html --chart b.svg"));
    assert_eq!(data(&first), data(&again));
    let (page, chart) = (sandbox.read("a.html"), sandbox.read("a.svg"));
    assert_eq!((&page, &chart), (&sandbox.read("b.html"), &sandbox.read("b.svg")));
    sandbox
        .bash("cmp a.html out/0*/backtest.html; cmp a.svg out/0*/backtest.svg; test -s out/0*/backtest.ndjson")
        .exits(0);
    assert!(page.len() < 1 << 20, "{}", page.len());
    for text in [&page, &chart] {
        is_well_formed(text);
        for foreign in ["<script", "href", "src=", "@import", "url(", "NaN", "inf ", "null"] {
            assert!(!text.contains(foreign), "{foreign}");
        }
    }
    // Only the namespace of the chart.
    assert!(!page.contains("://") && chart.matches("://").count() == 1);
    let all = verdict(&first, "all");
    for text in [
        "static",
        "rolling_z",
        "literal",
        "chance",
        "min_power",
        "The worst misses",
        all["reasons"][0].as_str().unwrap(),
    ] {
        assert!(page.contains(text), "{text}");
    }
    let literal = result(&first, "all", "literal", "0.8");
    assert!(literal["fpr"].is_number() && literal["reduction"].is_number());
}

#[test]
fn a_hostile_name_stays_text() {
    let sandbox = exports();
    let name = counts().into_keys().next().unwrap();
    sandbox.write("hostile.csv", sandbox.read("exports.csv").replace(&name, "<script>alert(1)</script>"));
    judged(&sandbox, "hostile.csv --inject 20 --report page.html");
    let page = sandbox.read("page.html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}
