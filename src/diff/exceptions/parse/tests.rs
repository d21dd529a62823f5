use super::*;
use crate::exit::Exit;

const DAY: i64 = 86_400_000;

const GOOD: &str = r#"version: 1
max_ttl: 30d
exceptions:
  - id: EX-2026-014
    match: { tenant: cora, kind: audit, id: "10322", reason: mismatch, cols: [tags] }
    digests: { lhs: "", rhs: "00000000000000000000000000000000000000000000000000000000000000ff" }
    owner: dataeng@acme.example
    justification: "EU loader sorts tags; fix ships with DATA-812"
    created: 2026-11-20T09:00:00Z
    ttl: 14d
"#;

/// The error for GOOD with one text replaced, as `line:column message | hint`.
fn wrong(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    wrong_text(&GOOD.replacen(from, to, 1), None)
}

fn wrong_text(text: &str, max: Option<i64>) -> String {
    let e = parse(text, "ex.yaml", max).unwrap_err();
    assert_eq!(e.exit(), Exit::Usage);
    let place = e.place.unwrap();
    assert_eq!(place.file, "ex.yaml");
    let at = format!("{}:{}", place.line.unwrap_or(0), place.column.unwrap_or(0));
    format!("{at} {} | {}", e.message, e.hint.unwrap_or_default())
}

#[test]
fn the_example_of_the_specification() {
    let list = parse(GOOD, "ex.yaml", None).unwrap();
    let e = &list.entries[0];
    // 2026-11-20T09:00:00Z is 20,777 days and 9 hours after 1970.
    assert_eq!(e.created_ms, 20_777 * DAY + 9 * 3_600_000);
    assert_eq!(e.expires_ms, e.created_ms + 14 * DAY);
    assert_eq!((e.line, e.column), (4, 5));
    assert_eq!((list.max_ttl_ms, e.max_matches, e.reason), (30 * DAY, None, Some(Reason::Mismatch)));
    assert_eq!(e.pin, Some(Pin { lhs: String::new(), rhs: format!("{}ff", "0".repeat(62)) }));
    assert_eq!(e.cols.as_deref(), Some(&["tags".to_owned()][..]));
}

#[test]
fn a_number_is_taken_as_an_id() {
    let list = parse(&GOOD.replace("\"10322\"", "10322"), "ex.yaml", None).unwrap();
    assert_eq!(list.entries[0].pattern, "10322");
}

#[test]
fn fields_that_are_unknown_missing_or_twice() {
    assert_eq!(wrong("owner:", "ownr:"), "7:5 unknown field `ownr` | did you mean `owner`?");
    assert_eq!(wrong("tenant: cora", "tenat: cora"), "5:14 unknown field `tenat` | did you mean `tenant`?");
    assert!(wrong("max_ttl: 30d", "zzz: 1").starts_with("2:1 unknown field `zzz` | known here: version"));
    assert_eq!(wrong("    owner: dataeng@acme.example\n", ""), "9:5 `owner` is missing | add `owner:` beside this key");
    let without = wrong("    justification: \"EU loader sorts tags; fix ships with DATA-812\"\n", "");
    assert_eq!(without, "9:5 `justification` is missing | add `justification:` beside this key");
    let twice = wrong("    owner:", "    owner: x\n    owner:");
    assert_eq!(twice, "8:5 the key `owner` is there twice | keep one of them");
    assert!(wrong("version: 1", "version: 2").starts_with("1:10 version 2 of the list is not known"));
    assert!(wrong("owner: dataeng@acme.example", "owner: \"\"").starts_with("7:12 `owner` is empty"));
}

#[test]
fn a_placeholder_is_no_owner_and_no_justification() {
    let owner = wrong("dataeng@acme.example", "TBD");
    assert_eq!(owner, "7:12 `owner` is still a placeholder | name who sees to it that the difference ends");
    for text in ["TODO TODO TODO TODO", "xxxxxxxxxxxxxxxxxxx", "....................", "<justification - TODO>"] {
        let justified = wrong("EU loader sorts tags; fix ships with DATA-812", text);
        assert!(justified.starts_with("8:20 `justification` is still a placeholder | say why"), "{justified}");
    }
}

#[test]
fn syntax_errors_have_their_place() {
    assert!(wrong("ttl: 14d", "ttl: \"14d").starts_with("10:"), "{}", wrong("ttl: 14d", "ttl: \"14d"));
    assert!(wrong("[tags]", "tags").starts_with("5:"), "{}", wrong("[tags]", "tags"));
}

#[test]
fn an_id_may_be_there_once() {
    let entry = GOOD.split_once("exceptions:\n").unwrap().1;
    let text = format!("{GOOD}{entry}");
    assert_eq!(
        wrong_text(&text, None),
        "11:5 the exception EX-2026-014 is there twice, first on line 4 | give each its own id"
    );
}

#[test]
fn the_justification_needs_fifteen_characters() {
    let text = "\"EU loader sorts tags; fix ships with DATA-812\"";
    assert!(wrong(text, "\"fourteen chars\"").starts_with("8:20 the justification has 14 characters"));
    // White space around it does not count.
    assert!(wrong(text, "\"  fourteen chars  \"").starts_with("8:20 the justification has 14"));
    assert!(parse(&GOOD.replace(text, "\"fifteen chars!!\""), "f", None).is_ok());
}

#[test]
fn it_must_end_exactly_one_way() {
    let both = wrong("ttl: 14d", "ttl: 14d\n    expires: 2026-12-04T09:00:00Z");
    assert_eq!(both, "11:14 `ttl` and `expires` are both given | keep one of them");
    assert!(wrong("    ttl: 14d\n", "").starts_with("4:5 the exception EX-2026-014 never expires"));
    assert!(wrong("ttl: 14d", "ttl: 14").starts_with("10:10 ttl: `14` is not a duration"));
    assert!(wrong("ttl: 14d", "ttl: 0d").starts_with("10:10 `ttl` is zero"));
    assert!(wrong("ttl: 14d", "expires: 2026-12-04").starts_with("10:14 expires: `2026-12-04` is not an RFC 3339"));
    assert!(wrong("ttl: 14d", "expires: 2026-11-20T09:00:00Z").starts_with("10:14 expires before it is created"));
    assert!(wrong("created: 2026-11-20T09:00:00Z", "created: yesterday").starts_with("9:14 created: `yesterday`"));
}

#[test]
fn the_time_to_live_is_limited_and_the_flag_only_lowers_the_limit() {
    assert!(wrong("ttl: 14d", "ttl: 31d").starts_with("10:10 the exception lives longer than the limit of 30 days"));
    assert!(parse(&GOOD.replace("ttl: 14d", "ttl: 30d"), "f", Some(90 * DAY)).is_ok());
    assert!(wrong_text(&GOOD.replace("ttl: 14d", "ttl: 31d"), Some(90 * DAY)).starts_with("10:10"));
    assert!(wrong_text(GOOD, Some(13 * DAY)).contains("limit of 13 days"));
    assert!(wrong("ttl: 14d", "expires: 2026-12-20T09:00:00.001Z").starts_with("10:14 the exception lives longer"));
    assert!(parse(&GOOD.replace("ttl: 14d", "expires: 2026-12-20T09:00:00Z"), "f", None).is_ok());
    // Without a limit of its own, the list has 30 days.
    assert!(wrong_text(&GOOD.replace("max_ttl: 30d\n", "").replace("14d", "31d"), None).contains("30 days"));
    assert!(parse(&GOOD.replace("max_ttl: 30d", "max_ttl: 90d").replace("14d", "31d"), "f", None).is_ok());
}

#[test]
fn patterns_only_in_the_id_and_with_a_limit() {
    assert!(wrong("\"10322\"", "\"103*\"").starts_with("5:45 the pattern `103*` needs `max_matches`"));
    assert!(wrong("tenant: cora", "tenant: c*").starts_with("5:22 `*` is not allowed in `tenant`"));
    assert!(wrong("kind: audit", "kind: \"*\"").starts_with("5:34 `*` is not allowed in `kind`"));
    assert!(wrong("[tags]", "[\"t*\"]").starts_with("5:79 `*` is not allowed in `cols`"));
    let limited = wrong("owner:", "max_matches: 3\n    owner:");
    assert!(limited.starts_with("7:18 `max_matches` is for patterns only"), "{limited}");
    let zero = wrong_text(&GOOD.replace("\"10322\"", "\"103*\"").replace("owner:", "max_matches: 0\n    owner:"), None);
    assert!(zero.starts_with("7:18 `max_matches` is 0"), "{zero}");
}

#[test]
fn reasons_columns_and_digests() {
    assert_eq!(
        wrong("reason: mismatch", "reason: mismtch"),
        "5:62 `mismtch` is not a reason | did you mean `mismatch`?"
    );
    assert!(wrong("reason: mismatch", "reason: late").starts_with("5:62 a late row needs no exception"));
    assert!(wrong("[tags]", "[]").starts_with("5:78 `cols` is empty"), "{}", wrong("[tags]", "[]"));
    assert!(wrong("lhs: \"\"", "lhs: abc").starts_with("6:21 not a SHA-256"));
    assert!(wrong("00ff\"", "00FF\"").starts_with("6:30 not a SHA-256"));
}
