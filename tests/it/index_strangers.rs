//! What programs that share no line with govctl say of a published index: `scripts/check-chains.py`.

use std::path::Path;

use govctl::index::Wrong;
use govctl::index::chain::{Chains, Said};
use govctl::index::checkpoint::Checkpoint;
use govctl::index::digest::Digest;
use govctl::index::leaf::Leaf;
use govctl::index::log::Tail;
use govctl::index::row::Logged;
use govctl::index::statement::{self, Entry, Head, Kind, Reason, Statement, Withdraws};

use crate::common::{Output, Sandbox, root};
use crate::index_site::{ORIGIN, published, skipped};

fn python_is_missing() -> bool {
    let missing = Sandbox::new().bash("command -v python3").run().code != Some(0);
    if missing {
        skipped("there is no python3 to run scripts/check-chains.py with");
    }
    missing
}

fn check_chains(sandbox: &Sandbox) -> Output {
    let mut call = sandbox.command("python3");
    call.command.arg(root().join("scripts/check-chains.py")).arg("site");
    call.run()
}

/// The site is refused with all of these texts.
fn refused(sandbox: &Sandbox, texts: &[&str]) {
    let output = check_chains(sandbox);
    assert_eq!(output.code, Some(1), "{texts:?}: {} {}", output.text(), output.stderr);
    for text in texts {
        assert!(output.text().contains(text), "`{text}` is not in:\n{}", output.text());
    }
}

/// Changes a file for the time of a check.
fn with(sandbox: &Sandbox, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>, texts: &[&str]) {
    let path = sandbox.path("site").join(name);
    let before = std::fs::read(&path).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "{name}");
    std::fs::write(&path, after).unwrap();
    refused(sandbox, texts);
    std::fs::write(&path, before).unwrap();
}

fn lines(change: impl FnOnce(&mut Vec<String>)) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    |bytes| {
        let mut lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
        change(&mut lines);
        lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
    }
}

/// Another letter of base64, which a flipped bit need not be.
fn other_letter(at: usize) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |mut bytes| {
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        bytes
    }
}

fn flip(at: usize, bit: u8) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |mut bytes| {
        bytes[at] ^= 1 << bit;
        bytes
    }
}

#[test]
fn the_script_takes_what_is_published_and_names_the_leaf_that_was_changed() {
    if python_is_missing() {
        return;
    }
    let s = published();
    let output = check_chains(&s);
    assert_eq!(
        (output.code, output.text()),
        (Some(0), &*format!("ok: {ORIGIN}, 300 entries; no signature was checked\n"))
    );

    const OTHER: &str = "the statement is not the one whose digest is in the log";
    let first = "statements/000.ndjson";
    with(&s, first, lines(|all| drop(all.remove(12))), &["leaf 255: there is no line for it"]);
    with(
        &s,
        first,
        lines(|all| all.insert(13, all[12].clone())),
        &[&format!("leaf 13: {OTHER}"), "leaf 13: EU: expected"],
    );
    with(&s, first, lines(|all| all.swap(40, 41)), &[&format!("leaf 40: {OTHER}"), &format!("leaf 41: {OTHER}")]);
    with(&s, first, lines(|all| all[7] = all[7].replace("12:00:02Z", "12:00:01Z")), &[&format!("leaf 7: {OTHER}")]);
    with(&s, first, lines(|all| all[7] = all[7].replace(":", ": ")), &["leaf 7: is malformed"]);
    with(&s, first, lines(|all| all[7] = "{}".into()), &["leaf 7: "]);
    with(&s, "statements/001.ndjson", lines(|all| drop(all.pop())), &["leaf 299: there is no line for it"]);

    // Inside of a leaf: its digest, then its signature; and a hash of each level.
    let found = |name: &str, text: &[u8]| {
        let bytes = std::fs::read(s.path("site").join(name)).unwrap();
        bytes.windows(text.len()).position(|w| w == text).unwrap()
    };
    let at = found("tile/entries/001.p/44", br#""digest":""#) + 12;
    with(
        &s,
        "tile/entries/001.p/44",
        other_letter(at),
        &[&format!("leaf 256: {OTHER}"), "leaf 256: hash 0 of tile/0/001"],
    );
    let at = found("tile/entries/000", br#""content":""#) + 40;
    with(
        &s,
        "tile/entries/000",
        other_letter(at),
        &["leaf 0: hash 0 of tile/0/000", "leaf 0 to leaf 255: hash 0 of tile/1/000"],
    );
    with(&s, "tile/entries/000", flip(1, 7), &["leaf 0: is malformed"]);
    let longer = |mut bytes: Vec<u8>| {
        bytes.push(0);
        bytes
    };
    with(&s, "tile/entries/000", longer, &["leaf 255: its tile of entries goes on behind it"]);
    with(&s, "tile/0/000", flip(32 * 200 + 3, 5), &["leaf 200: hash 200 of tile/0/000", "broken: 1 in all"]);
    with(&s, "tile/1/000.p/1", flip(31, 0), &["leaf 0 to leaf 255: hash 0 of tile/1/000", "broken: 1 in all"]);
    with(&s, "tile/entries/001.p/44", |mut bytes| bytes.split_off(2), &["leaf 256: "]);

    let root = |lines: &mut Vec<String>| lines[2] = data_encoding::BASE64.encode(&[7; 32]);
    with(&s, "checkpoint", lines(root), &["checkpoint: the leaves before leaf 300 do not lead to its root"]);
    with(&s, "checkpoint", lines(|all| all[1] = "299".into()), &["is not there"]);
    with(&s, "checkpoint", lines(|all| all[0] = "other.example".into()), &["leaf 0: EU: expected origin"]);
    with(&s, "checkpoint", lines(|all| all[2].truncate(40)), &["checkpoint: the root is no hash"]);
    assert_eq!(check_chains(&s).code, Some(0), "all is as it was");
}

#[test]
fn the_script_takes_older_checkpoints_and_the_empty_log() {
    if python_is_missing() {
        return;
    }
    let s = published();
    let earlier = std::fs::read_dir(s.path("site/checkpoints")).unwrap().map(|entry| entry.unwrap().path());
    let mut sizes: Vec<String> = earlier
        .map(|path| {
            std::fs::copy(path, s.path("site/checkpoint")).unwrap();
            let output = check_chains(&s);
            assert_eq!(output.code, Some(0), "{}", output.text());
            s.read("site/checkpoint").lines().nth(1).unwrap().to_owned()
        })
        .collect();
    sizes.sort();
    assert_eq!(sizes, ["1", "256", "257", "41"]);
    forge(&s, &[]);
    assert_eq!(check_chains(&s).text(), format!("ok: {ORIGIN}, 0 entries; no signature was checked\n"));
}

#[test]
fn the_script_wants_a_site() {
    if python_is_missing() {
        return;
    }
    let s = Sandbox::new();
    assert_eq!(check_chains(&s).code, Some(2));
    s.write("site/index.json", "{}");
    assert!(check_chains(&s).stderr.contains("it has no checkpoint"));
    let mut call = s.command("python3");
    call.command.arg(root().join("scripts/check-chains.py")).arg("--help");
    assert!(call.exits(0).text().contains("Not checked: signatures"));
}

/// A log of these statements in which everything but the statements is right, as a publisher with its keys could sign it.
fn forge(sandbox: &Sandbox, statements: &[Statement]) {
    let texts: Vec<Vec<u8>> = statements.iter().map(|statement| statement.to_bytes().unwrap()).collect();
    forge_texts(sandbox, &texts);
}

fn forge_texts(sandbox: &Sandbox, statements: &[Vec<u8>]) {
    let leaf =
        |text: &Vec<u8>| Leaf { digest: statement::sha256(text), signature: vec![7; 70], spki: vec![8; 91] }.to_bytes();
    let made: Vec<(&Vec<u8>, Vec<u8>)> = statements.iter().map(|text| (text, leaf(text))).collect();
    let logged: Vec<Logged> = made.iter().map(|(statement, leaf)| Logged { statement, leaf }).collect();
    let mut tail = Tail::read(0, |_| Ok::<_, Wrong>(Vec::new())).unwrap();
    let put = |path: &str, bytes: &[u8]| {
        sandbox.write(&Path::new("site").join(path).to_string_lossy(), bytes);
        Ok::<_, Wrong>(())
    };
    tail.grow(&logged, put).unwrap();
    let text = Checkpoint::new(ORIGIN, tail.size(), tail.root()).to_text();
    sandbox.write("site/checkpoint", format!("{text}\n\u{2014} {ORIGIN} AAAA\n"));
}

/// Exports of three regions, two withdrawals and a change of the entry key.
fn honest() -> Vec<Statement> {
    let mut chains = Chains::new(ORIGIN);
    let withdraws = |leaf_index| Some(Withdraws { leaf_index, reason: Reason::Superseded });
    let export = |region, manifest| (Kind::Export, region, manifest, None);
    [
        export("EU", 1),
        export("US", 2),
        export("EU", 3),
        (Kind::Withdrawal, "EU", 1, withdraws(0)),
        export("EU", 1),
        (Kind::KeyChange, "@log", 9, None),
        export("Asia-1", 4),
        (Kind::Withdrawal, "US", 2, withdraws(1)),
    ]
    .into_iter()
    .map(|(kind, region, manifest, withdraws)| {
        let statement = chains.next(Said {
            kind,
            subject: Digest([manifest; 32]),
            region: region.to_owned(),
            ts: format!("2026-01-06T12:00:0{}Z", chains.size()),
            prev_checkpoint_sha256: None,
            manifest_key_id: None,
            manifest_public: kind == Kind::Export,
            withdraws,
        });
        let wrong = chains.walk(&statement, statement::sha256(&statement.to_bytes().unwrap()));
        assert!(wrong.is_empty(), "{wrong:?}");
        statement
    })
    .collect()
}

#[test]
fn the_script_refuses_a_log_that_was_forged_with_all_its_keys() {
    if python_is_missing() {
        return;
    }
    let s = Sandbox::new();
    forge(&s, &honest());
    assert_eq!(check_chains(&s).text(), format!("ok: {ORIGIN}, 8 entries; no signature was checked\n"));

    let changed = |leaf: usize, change: &dyn Fn(&mut Entry), texts: &[&str]| {
        let mut statements = honest();
        change(&mut statements[leaf].entry);
        forge(&s, &statements);
        refused(&s, texts);
    };
    let digest = Digest([5; 32]);
    changed(4, &|e| e.ts = "2026-01-06T11:00:00Z".into(), &["leaf 4: ts 2026-01-06T11:00:00Z is before"]);
    changed(4, &|e| e.ts = "2026-01-06T12:00:04.0Z".into(), &["leaf 4: is malformed"]);
    changed(
        4,
        &|e| e.region_seq = 4,
        &["leaf 4: EU: expected region_seq 3, got 4", "leaf 4: the regions have 6 entries"],
    );
    changed(4, &|e| e.leaf_index = 5, &["leaf 4: EU: expected leaf_index 4, got 5"]);
    changed(4, &|e| e.origin = "a.example".into(), &["leaf 4: EU: expected origin"]);
    changed(4, &|e| e.prev_statement_sha256 = Some(digest), &["leaf 4: EU: expected prev_statement_sha256 \""]);
    changed(4, &|e| e.prev_statement_sha256 = None, &["leaf 4: EU: expected prev_statement_sha256 \""]);
    changed(4, &|e| e.prev_manifest_sha256 = Some(digest), &["leaf 4: EU: expected prev_manifest_sha256 \""]);
    changed(6, &|e| e.prev_manifest_sha256 = Some(digest), &["leaf 6: Asia-1: expected prev_manifest_sha256 null"]);
    changed(
        6,
        &|e| assert!(e.heads.remove("US").is_some()),
        &["leaf 6: Asia-1: expected heads {", "leaf 6: the regions have 6 entries"],
    );
    changed(6, &|e| e.heads.get_mut("EU").unwrap().statement_sha256 = digest, &["leaf 6: Asia-1: expected heads"]);
    let orphan = Head { n: 1, statement_sha256: digest };
    changed(
        6,
        &|e| assert_eq!(e.heads.insert("Mars".into(), orphan), None),
        &["leaf 6: the regions have 8 entries together, the log 7"],
    );
    changed(6, &|e| e.region = "eU".into(), &["leaf 6: region eU differs from another in case alone"]);
    changed(6, &|e| e.region = "@log".into(), &["leaf 6: is malformed"]);
    changed(3, &|e| e.withdraws = None, &["leaf 3: `withdraws` in a statement of kind withdrawal"]);
    let withdraw = |leaf_index| Some(Withdraws { leaf_index, reason: Reason::Other });
    changed(3, &|e| e.withdraws = withdraw(1), &["leaf 3: withdraws leaf 1, which is no earlier export"]);
    changed(3, &|e| e.withdraws = withdraw(4), &["leaf 3: withdraws leaf 4, which is no earlier export"]);
    changed(4, &|e| e.withdraws = withdraw(0), &["leaf 4: `withdraws` in a statement of kind export"]);

    let mut twice = honest();
    twice[7].subject = twice[0].subject;
    twice[7].entry.withdraws = withdraw(0);
    forge(&s, &twice);
    refused(&s, &["leaf 7: withdraws leaf 0 a second time"]);
    // An entry that was left out as if it had never been there.
    let mut shorter = honest();
    shorter.remove(2);
    forge(&s, &shorter);
    refused(&s, &["leaf 2: EU: expected leaf_index 2, got 3", "leaf 2: EU: expected region_seq 1, got 2"]);
    // As after a split view: the statement before is another one than the next statement says.
    let mut other = honest();
    other[1].subject = digest;
    forge(&s, &other);
    refused(&s, &["leaf 2: EU: expected heads"]);
}

#[test]
fn the_script_refuses_every_other_spelling_of_a_statement() {
    if python_is_missing() {
        return;
    }
    let s = Sandbox::new();
    for (from, to) in [
        (r#""kind":"#, r#""kind": "#),
        (r#""region":"EU""#, r#""region":"US","region":"EU""#),
        (r#""region":"EU""#, r#""region":"\u0045U""#),
        (r#""withdraws":null"#, r#""withdraws":null,"more":1"#),
        (r#","withdraws":null"#, ""),
        (r#""manifest_public":true"#, r#""manifest_public":1"#),
        (r#""region_seq":1"#, r#""region_seq":1.0"#),
        (r#""region_seq":1"#, r#""region_seq":true"#),
        ("Statement/v1", "Statement/v2"),
        ("export-entry/v1", "export-entry/v2"),
        ("manifest.json", "entry.spki.der"),
        (r#""kind":"export""#, r#""kind":"import""#),
        (r#""digest":{"#, r#""digest":{"sha1":"0","#),
        (r#""subject":[{"#, r#""subject":[{},{"#),
        ("T12:00:02Z", "T25:00:02Z"),
        ("{", "["),
    ] {
        let mut texts: Vec<Vec<u8>> = honest().iter().map(|statement| statement.to_bytes().unwrap()).collect();
        let text = String::from_utf8(texts[2].clone()).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        texts[2] = text.replacen(from, to, 1).into_bytes();
        forge_texts(&s, &texts);
        refused(&s, &["leaf 2: is malformed"]);
    }
}
