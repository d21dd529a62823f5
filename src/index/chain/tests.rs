use sha2::{Digest as _, Sha256};

use super::*;
use crate::index::statement::{Reason, sha256};

/// The third of the statements below, and the digests of all four, written and hashed by a few lines of Python.
const THIRD: &str = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"manifest.json","digest":{"sha256":"bedbe217a47cf0b6f225dd3e539a0a1115cff37fd2a84355b41d4db8f0962fdb"}}],"predicateType":"https://govctl.dev/attestation/export-entry/v1","predicate":{"kind":"export","origin":"exports.acme.example","leaf_index":2,"ts":"2026-01-06T12:00:01Z","region":"EU","region_seq":1,"prev_statement_sha256":"2216b3c1024a866419c9ce33c9e532dd6803e059aacd62a2b720f4b889f67d4e","prev_manifest_sha256":"f89f2c93435f42ab69280483e49d7244ea4de920c6f6144061c057ab4e176eef","heads":{"US":{"n":1,"statement_sha256":"19f1fcdadc842c1e6d22fcfc2819e460400399d61b4f7a307ed14c490d37a75f"}},"prev_checkpoint_sha256":"47320987f9a49d5b00119b960f247a956773f57543982b8bfcb6da5bb3afd9ef","manifest_key_id":"2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683","manifest_public":false,"withdraws":null}}"#;
const DIGESTS: [&str; 4] = [
    "19f1fcdadc842c1e6d22fcfc2819e460400399d61b4f7a307ed14c490d37a75f",
    "2216b3c1024a866419c9ce33c9e532dd6803e059aacd62a2b720f4b889f67d4e",
    "003029378e28374a933c8a4d73698c5456cfe567522016dea0d5e1f0e20ed41c",
    "badbe63d4b7a75f01727c4c5d89a34d9d7c62e544b3b97591a689afb5f1fd295",
];
const ORIGIN: &str = "exports.acme.example";

fn hash(text: &str) -> Digest {
    Digest(Sha256::digest(text).into())
}

fn export(region: &str, manifest: &str, ts: &str) -> Said {
    Said {
        kind: Kind::Export,
        subject: hash(manifest),
        region: region.to_owned(),
        ts: ts.to_owned(),
        prev_checkpoint_sha256: None,
        manifest_key_id: None,
        manifest_public: true,
        withdraws: None,
    }
}

/// An export to the US, two to the EU, and the first withdrawn.
fn four() -> Vec<Statement> {
    let (early, late) = ("2026-01-06T12:00:00Z", "2026-01-06T12:00:01Z");
    let base = Some(hash("checkpoint"));
    let said = [
        export("US", "manifest 0", early),
        export("EU", "manifest 1", early),
        Said {
            prev_checkpoint_sha256: base,
            manifest_key_id: Some(hash("key")),
            manifest_public: false,
            ..export("EU", "manifest 2", late)
        },
        Said {
            kind: Kind::Withdrawal,
            prev_checkpoint_sha256: base,
            withdraws: Some(Withdraws { leaf_index: 0, reason: Reason::Error }),
            ..export("US", "manifest 0", late)
        },
    ];
    let mut chains = Chains::new(ORIGIN);
    let make = |said| {
        let statement = chains.next(said);
        assert_eq!(chains.walk(&statement, digest_of(&statement)), []);
        statement
    };
    said.into_iter().map(make).collect()
}

fn digest_of(statement: &Statement) -> Digest {
    sha256(&statement.to_bytes().unwrap())
}

/// Index and code of everything that a walk says.
fn walk(statements: &[Statement]) -> Vec<(usize, Code)> {
    let mut chains = Chains::new(ORIGIN);
    let said = statements.iter().map(|s| chains.walk(s, digest_of(s))).enumerate();
    said.flat_map(|(at, wrong)| wrong.into_iter().map(move |w| (at, w.code))).collect()
}

#[test]
fn statements_have_the_bytes_that_others_make_of_them() {
    let made = four();
    assert_eq!(String::from_utf8(made[2].to_bytes().unwrap()).unwrap(), THIRD);
    assert_eq!(made.iter().map(|s| digest_of(s).to_string()).collect::<Vec<_>>(), DIGESTS);
    for statement in made {
        assert_eq!(Statement::parse(&statement.to_bytes().unwrap()).unwrap(), statement);
    }
}

#[test]
fn another_spelling_is_another_statement() {
    assert!(Statement::parse(THIRD.as_bytes()).is_ok());
    for (from, to) in [
        (r#""leaf_index":2"#, r#""leaf_index": 2"#),
        (r#""leaf_index":2"#, r#""leaf_index":2,"leaf_index":2"#),
        (r#""leaf_index":2"#, r#""leaf_index":2.0"#),
        (r#""leaf_index":2,"ts":"2026-01-06T12:00:01Z""#, r#""ts":"2026-01-06T12:00:01Z","leaf_index":2"#),
        (r#""region":"EU""#, r#""region":"\u0045U""#),
        (r#""withdraws":null"#, r#""withdraws":null,"more":1"#),
        (r#","withdraws":null"#, ""),
        ("2216b3c1", "2216B3C1"),
        ("2216b3c1", ""),
        ("export-entry/v1", "run/v1"),
        ("Statement/v1\"", "Statement/v0.1\""),
        ("manifest.json", "manifest"),
        ("12:00:01Z", "12:00:01.5Z"),
        ("12:00:01Z", "12:00:01+00:00"),
        ("2026-01-06T", "2026-13-06T"),
        (r#""region":"EU""#, r#""region":"EU/de""#),
        (r#""region":"EU""#, r#""region":"@log""#),
        (r#""region":"EU""#, r#""region":"US""#),
        (r#""kind":"export""#, r#""kind":"withdrawal""#),
        (r#""kind":"export""#, r#""kind":"key_change""#),
        (r#""withdraws":null"#, r#""withdraws":{"leaf_index":0,"reason":"error"}"#),
        (r#""region_seq":1"#, r#""region_seq":0"#),
    ] {
        let changed = THIRD.replacen(from, to, 1);
        assert_ne!(changed, THIRD, "{from}");
        assert!(
            Statement::parse(changed.as_bytes()).is_err_and(|wrong| wrong.code == Code::Malformed),
            "{from} -> {to}"
        );
    }
}

#[test]
fn a_walk_tells_what_was_changed_and_where() {
    let sound = four();
    assert_eq!(walk(&sound), []);
    let changed = |at: usize, change: fn(&mut Statement)| {
        let mut statements = sound.clone();
        change(&mut statements[at]);
        walk(&statements)
    };
    assert_eq!(changed(2, |s| s.entry.origin = "b.example".into()), [(2, Code::WrongOrigin), (3, Code::HeadMismatch)]);
    assert_eq!(changed(3, |s| s.entry.leaf_index = 4), [(3, Code::WrongIndex), (3, Code::TotalMismatch)]);
    assert_eq!(changed(3, |s| s.entry.ts = "2026-01-06T12:00:00Z".into()), [(3, Code::TsOrder)]);
    assert_eq!(changed(3, |s| s.entry.region_seq = 2), [(3, Code::SeqGap), (3, Code::TotalMismatch)]);
    assert_eq!(changed(3, |s| s.entry.prev_statement_sha256 = Some(hash("x"))), [(3, Code::PrevMismatch)]);
    assert_eq!(changed(3, |s| s.entry.prev_manifest_sha256 = Some(hash("x"))), [(3, Code::PrevMismatch)]);
    let lie = |s: &mut Statement| s.entry.heads.get_mut("EU").unwrap().statement_sha256 = hash("x");
    assert_eq!(changed(3, lie), [(3, Code::HeadMismatch)]);
    let short = |s: &mut Statement| s.entry.heads.get_mut("EU").unwrap().n = 1;
    assert_eq!(changed(3, short), [(3, Code::HeadMismatch), (3, Code::TotalMismatch)]);
    assert_eq!(changed(3, |s| s.entry.heads.clear()), [(3, Code::HeadMismatch), (3, Code::TotalMismatch)]);
    let more = |s: &mut Statement| s.entry.heads.extend([("APAC".into(), Head { n: 1, statement_sha256: hash("x") })]);
    assert_eq!(changed(3, more), [(3, Code::HeadMismatch), (3, Code::TotalMismatch)]);
}

/// A rewritten statement is seen by the next one of its region and by the heads of the others.
#[test]
fn what_was_dropped_moved_or_rewritten_is_seen_by_what_follows() {
    let sound = four();
    let mut rewritten = sound.clone();
    rewritten[1].subject = hash("another manifest");
    let seen = [(2, Code::PrevMismatch), (2, Code::PrevMismatch)];
    assert_eq!(walk(&rewritten), seen);
    let dropped = [&sound[..1], &sound[2..]].concat();
    let codes: Vec<Code> = walk(&dropped).into_iter().map(|(_, code)| code).collect();
    assert!(codes.contains(&Code::SeqGap) && codes.contains(&Code::WrongIndex) && codes.contains(&Code::PrevMismatch));
    let moved = [sound[1].clone(), sound[0].clone(), sound[2].clone()];
    assert!(walk(&moved).contains(&(0, Code::WrongIndex)));
    assert!(walk(&moved).contains(&(0, Code::HeadMismatch)));
}

#[test]
fn regions_differ_by_more_than_case_and_are_few() {
    let ts = "2026-01-06T12:00:00Z";
    let mut chains = Chains::new(ORIGIN);
    let mut add = |region: &str| {
        let statement = chains.next(export(region, region, ts));
        chains.walk(&statement, digest_of(&statement))
    };
    assert_eq!(add("EU"), []);
    assert_eq!(add("eu").iter().map(|w| w.code).collect::<Vec<_>>(), [Code::Malformed]);
    for n in 2..MAX_REGIONS {
        assert_eq!(add(&format!("r{n}")), []);
    }
    assert_eq!(add("one-more").iter().map(|w| w.code).collect::<Vec<_>>(), [Code::Malformed]);
    assert_eq!(add("EU"), []);
}

#[test]
fn numbers_at_the_edge_are_no_overflow() {
    let mut last = four().pop().unwrap();
    last.entry.leaf_index = u64::MAX;
    last.entry.region_seq = u64::MAX;
    last.entry.heads.get_mut("EU").unwrap().n = u64::MAX;
    let codes: Vec<Code> = walk(&[last]).into_iter().map(|(_, code)| code).collect();
    assert!(codes.contains(&Code::SeqGap) && codes.contains(&Code::TotalMismatch), "{codes:?}");
}
