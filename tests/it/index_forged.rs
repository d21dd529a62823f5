//! What a publisher with all the keys, or a host with some copies, may try against `govctl index verify`.

use govctl::index::chain::{Chains, Said};
use govctl::index::checkpoint::Checkpoint;
use govctl::index::digest::Digest;
use govctl::index::statement::{Kind, Statement, sha256};
use govctl::key::p256::Private;
use govctl::merkle::proof::consistent;
use serde_json::Value;

use crate::common::Sandbox;
use crate::index_verified::{
    ORIGIN, entry_key, forge, leaf, log_key, of, outcome, publish, published, runs, statements, verdict, verify,
    write_log, wrong,
};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// The entries of the site, each signed again by its own key.
fn honest(s: &Sandbox) -> Entries {
    let key = entry_key(s);
    statements(s).into_iter().map(|statement| (statement.clone(), leaf(&statement, &key))).collect()
}

fn changed(s: &Sandbox, statement: &[u8], change: impl FnOnce(&mut Statement)) -> (Vec<u8>, Vec<u8>) {
    let mut parsed = Statement::parse(statement).unwrap();
    change(&mut parsed);
    let bytes = parsed.to_bytes().unwrap();
    let leaf = leaf(&bytes, &entry_key(s));
    (bytes, leaf)
}

/// Codes of the entries, without the views and the files of entries that no forgery here repairs.
fn of_entries(s: &Sandbox, entries: &Entries, exit: i32) -> Vec<String> {
    forge(s, entries);
    s.bash("rm -rf state").exits(0);
    let output = verify(s, &[], exit);
    wrong(&output).into_iter().filter(|c| !["view", "bundle", "manifest"].iter().any(|of| c.starts_with(of))).collect()
}

/// ECDSA is deterministic here, so that the same entries lead to the same root.
#[test]
fn what_is_made_again_as_it_was_is_valid() {
    let s = published();
    let before = s.read("site/checkpoint");
    forge(&s, &honest(&s));
    assert_eq!(s.read("site/checkpoint"), before);
    verify(&s, &[], 0);
}

#[test]
fn an_entry_that_was_dropped_or_moved_breaks_its_chain() {
    let s = published();
    let all = honest(&s);
    let mut entries = all.clone();
    entries.remove(1);
    assert_eq!(of_entries(&s, &entries, 1), ["statement wrong_index", "region_chain seq_gap"]);
    let mut entries = all.clone();
    entries.swap(1, 2);
    assert_eq!(of_entries(&s, &entries, 1)[..2], ["statement wrong_index", "region_chain seq_gap"]);
    // With the checkpoint that was published the tree tells it too.
    let checkpoint = s.read("first/checkpoint");
    s.bash("rm -r site; cp -r first site; rm -r site/tile site/statements").exits(0);
    let mut entries = all[..3].to_vec();
    entries.swap(1, 2);
    write_log(&s.path("site"), &entries);
    s.write("site/checkpoint", checkpoint);
    s.bash("rm -rf state").exits(0);
    assert_eq!(wrong(&verify(&s, &[], 1))[0], "tree root_mismatch");
}

#[test]
fn only_the_key_that_is_valid_signs() {
    let s = published();
    let mut entries = honest(&s);
    entries[4].1 = leaf(&entries[4].0, &Private::from_random(&[7; 32]).unwrap());
    assert_eq!(of_entries(&s, &entries, 1), ["entry_signature index_unknown_key"]);
    // Its own key, over something else.
    let mut entries = honest(&s);
    let digest = data_encoding::BASE64.encode(&sha256(&entries[4].0).0);
    let other = data_encoding::BASE64.encode(&sha256(&entries[3].0).0);
    let text = String::from_utf8(entries[3].1.clone()).unwrap().replace(&other, &digest);
    entries[4].1 = text.into_bytes();
    assert_eq!(of_entries(&s, &entries, 1), ["entry_signature bad_signature"]);
    entries[4].1 = b"{}".to_vec();
    assert_eq!(of_entries(&s, &entries, 1), ["entry_signature malformed"]);
}

#[test]
fn statements_say_where_they_stand() {
    let s = published();
    let all = honest(&s);
    let with = |at: usize, change: &dyn Fn(&mut Statement)| {
        let mut entries = all.clone();
        entries[at] = changed(&s, &all[at].0, change);
        of_entries(&s, &entries, 1)
    };
    let other = Digest([9; 32]);
    assert_eq!(with(4, &|s| s.entry.origin = "b.example".into()), ["statement wrong_origin"]);
    // 1 + 1 of US and 3 of EU are 5 entries, and leaf 7 would be the eighth.
    assert_eq!(with(4, &|s| s.entry.leaf_index = 7), ["statement wrong_index", "region_total total_mismatch"]);
    assert_eq!(with(4, &|s| s.entry.ts = "2026-01-01T00:00:00Z".into()), ["statement ts_order"]);
    assert_eq!(with(4, &|s| s.entry.prev_statement_sha256 = Some(other)), ["region_chain prev_mismatch"]);
    assert_eq!(with(4, &|s| s.entry.prev_manifest_sha256 = Some(other)), ["region_chain prev_mismatch"]);
    assert_eq!(with(4, &|s| s.entry.region_seq = 2), ["region_chain seq_gap", "region_total total_mismatch"]);
    // Heads that are forged: of entries that never were, and of a region that is kept quiet.
    let forged = |s: &mut Statement| s.entry.heads.get_mut("EU").unwrap().statement_sha256 = other;
    assert_eq!(with(4, &forged), ["region_chain head_mismatch"]);
    assert_eq!(
        with(4, &|s| s.entry.heads.retain(|name, _| name != "EU")),
        ["region_chain head_mismatch", "region_total total_mismatch"]
    );
    let mut entries = all.clone();
    entries[4].0.push(b' ');
    entries[4].1 = leaf(&entries[4].0, &entry_key(&s));
    let found = of_entries(&s, &entries, 1);
    assert_eq!(found, ["statement malformed", "region_chain malformed", "region_total malformed"]);
}

/// A leaf of EU that the next entry of EU does not know of: it cannot be hidden, because all regions make the whole log.
#[test]
fn a_leaf_outside_of_the_chains_is_found() {
    let s = published();
    let mut entries = honest(&s);
    let third = Statement::parse(&entries[2].0).unwrap();
    let us = sha256(&entries[4].0);
    let next = |leaf_index: u64| {
        changed(&s, &entries[2].0, |s| {
            s.entry.leaf_index = leaf_index;
            s.entry.ts = "2026-01-09T12:00:00Z".into();
            s.entry.region_seq = 3;
            s.entry.prev_statement_sha256 = Some(sha256(&entries[2].0));
            s.entry.prev_manifest_sha256 = Some(third.subject);
            let head = govctl::index::statement::Head { n: 2, statement_sha256: us };
            s.entry.heads = [("US".to_owned(), head)].into();
            s.subject = Digest([leaf_index as u8; 32]);
            s.entry.manifest_public = false;
        })
    };
    let (orphan, after) = (next(5), next(6));
    entries.push(orphan);
    assert_eq!(of_entries(&s, &entries, 1), [""; 0], "alone it is an entry like others; only its views are not there");
    entries.push(after);
    assert_eq!(of_entries(&s, &entries, 1), ["region_chain seq_gap", "region_total total_mismatch"]);
}

/// The log's own signature over another tree vouches for nothing in this one.
#[test]
fn a_bundle_leads_into_the_tree_that_is_verified() {
    let s = published();
    let path = "site/entry/1/bundle.sigstore.json";
    let mut bundle: Value = serde_json::from_str(&s.read(path)).unwrap();
    let other = Checkpoint::new(ORIGIN, 3, [7; 32]).sign(&[&log_key(&s)]).unwrap();
    let proof = &mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"];
    proof["checkpoint"]["envelope"] = other.note.to_text().into();
    proof["rootHash"] = data_encoding::BASE64.encode(&[7; 32]).into();
    s.write(path, bundle.to_string());
    let output = verify(&s, &[], 1);
    assert_eq!(wrong(&output), ["bundle bundle_mismatch"]);
    assert!(output.text().contains("that of another tree"), "{}", output.text());
}

/// Sizes, roots and hashes of the fork file, read by hand.
fn convicts(s: &Sandbox, old: u64, new: u64) {
    let path = s.bash("ls forks/*").exits(0).text().trim().to_owned();
    let fork: Value = serde_json::from_str(&s.read(&path)).unwrap();
    crate::strict::line(s.read(&path).trim().as_bytes()).unwrap();
    let hash = |text: &str| <[u8; 32]>::try_from(data_encoding::BASE64.decode(text.as_bytes()).unwrap()).unwrap();
    let part = |name: &str| fork[name].as_str().unwrap().to_owned();
    let said = |name: &str| {
        let note = part(name);
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(lines[0], ORIGIN);
        let (text, signature) = note.split_once("\n\n").unwrap();
        let raw = data_encoding::BASE64.decode(signature.trim().rsplit(' ').next().unwrap().as_bytes()).unwrap();
        assert!(log_key(s).public().verifies(format!("{text}\n").as_bytes(), &raw[4..]), "{name} is signed");
        (lines[1].parse::<u64>().unwrap(), hash(lines[2]))
    };
    let ((old_size, old_root), (new_size, new_root)) = (said("old_checkpoint"), said("new_checkpoint"));
    assert_eq!((old_size, new_size), (old, new));
    let proof: Vec<[u8; 32]> =
        fork["consistency"].as_array().unwrap().iter().map(|h| hash(h.as_str().unwrap())).collect();
    let prefix = hash(&part("prefix_root"));
    assert!(consistent(old, new, &proof, &prefix, &new_root));
    assert_ne!(prefix, old_root);
}

#[test]
fn a_split_view_is_a_fork() {
    for (more, size) in [(&["10", "11"][..], 5), (&["10", "11", "12"], 6), (&["10"], 4)] {
        let s = published();
        runs(&s, "other", "US", more);
        verify(&s, &[], 0);
        s.bash("mv site seen; cp -r first site; cp first.ledger keys/log.pem.ledger").exits(0);
        publish(&s, "other --region US --new-region", "site", "08");
        let output = verify(&s, &["--fork-dir", "forks"], if size < 5 { 3 } else { 1 });
        if size < 5 {
            // The larger tree is not served, so nobody can tell what this one is to it.
            assert_eq!(wrong(&output), ["append_only head_behind"]);
            // Once both are seen in the other order it is clear.
            s.bash("rm -rf state").exits(0);
            verify(&s, &[], 0);
            s.bash("rm -r site; mv seen site").exits(0);
            let output = verify(&s, &["--fork-dir", "forks"], 1);
            assert_eq!((wrong(&output), outcome(&output)), (vec!["append_only fork".into()], "fork".into()));
            convicts(&s, 4, 5);
            continue;
        }
        assert_eq!((wrong(&output), outcome(&output)), (vec!["append_only fork".into()], "fork".into()));
        let file = verdict(&output)["fork_file"].as_str().unwrap().to_owned();
        assert!(file.starts_with("forks/fork-5-") && s.path(&file).exists(), "{file}");
        convicts(&s, 5, size);
        // The head is kept: what was seen first stays what counts.
        s.bash("rm -r site; mv seen site").exits(0);
        assert_eq!(of(&verify(&s, &[], 0), "append_only"), "pass -");
    }
}

#[test]
fn a_site_that_was_set_back_is_stale() {
    let s = published();
    s.bash("mv site second; cp -r first site").exits(0);
    verify(&s, &[], 0);
    s.bash("mv site older; cp -r second site").exits(0);
    verify(&s, &[], 0);
    s.bash("rm -r site; mv older site").exits(0);
    let saved = || s.bash("sha256sum state/*.json").exits(0).text().to_owned();
    let before = saved();
    let output = verify(&s, &[], 1);
    assert_eq!((of(&output, "append_only"), outcome(&output)), ("not_established head_behind".into(), "stale".into()));
    assert_eq!(wrong(&output), [""; 0]);
    let detail = output.text().to_owned();
    assert!(detail.contains("entries 3 to 4 were here before"), "{detail}");
    verify(&s, &["--fail-on", "invalid"], 0);
    assert_eq!(saved(), before, "the head never goes back");
    // With the tiles of the larger tree still there it can be told without having seen the older one.
    s.bash("rm -rf state site; cp -r second site").exits(0);
    verify(&s, &[], 0);
    s.bash("cp first/checkpoint site/checkpoint").exits(0);
    assert_eq!(of(&verify(&s, &["--entries", "none"], 1), "append_only"), "not_established head_behind");
    // Without either it cannot.
    s.bash("rm -r site; cp -r first site").exits(0);
    let output = verify(&s, &[], 3);
    assert_eq!((wrong(&output), outcome(&output)), (vec!["append_only head_behind".into()], "unverifiable".into()));
    // The empty tree is the beginning of every other.
    s.bash("rm -r site; mkdir site").exits(0);
    forge(&s, &Vec::new());
    assert_eq!(of(&verify(&s, &["--entries", "none"], 1), "append_only"), "not_established head_behind");
}

/// More entries than a tile has: two levels, and a partial tile that made way for the full one.
#[test]
fn tiles_of_more_than_one_level_are_verified() {
    let s = published();
    let key = entry_key(&s);
    let mut chains = Chains::new(ORIGIN);
    let mut entries = Entries::new();
    for n in 0..600u64 {
        let statement = chains.next(Said {
            kind: Kind::Export,
            subject: Digest([(n % 251) as u8; 32]),
            region: if n % 3 == 0 { "US" } else { "EU" }.to_owned(),
            ts: "2026-01-06T12:00:00Z".to_owned(),
            prev_checkpoint_sha256: None,
            manifest_key_id: None,
            manifest_public: false,
            withdraws: None,
        });
        let bytes = statement.to_bytes().unwrap();
        chains.walk(&statement, sha256(&bytes));
        entries.push((bytes.clone(), leaf(&bytes, &key)));
    }
    let none = ["--entries", "none"];
    forge(&s, &entries[..255]);
    s.bash("cp site/checkpoint at255; cp -r site/tile small").exits(0);
    forge(&s, &entries);
    let output = verify(&s, &none, 0);
    // Three tiles of level 0, one of level 1, and the root.
    assert_eq!(crate::index_verified::site_checks(&output)[1]["n_checked"], 5);
    assert_eq!(of_entries(&s, &entries, 1), [""; 0]);
    s.bash("cp -r site whole").exits(0);
    for (damage, code) in [
        ("printf x | dd of=site/tile/1/000.p/2 bs=1 seek=33 conv=notrunc", "tree tile_mismatch"),
        ("printf x | dd of=site/tile/0/001 bs=1 seek=33 conv=notrunc", "tree tile_mismatch"),
        ("printf x | dd of=site/tile/entries/001 bs=1 seek=333 conv=notrunc", "tree tile_mismatch"),
        ("rm site/tile/1/000.p/2", "tree tile_missing"),
        ("rm site/tile/0/001", "tree tile_missing"),
    ] {
        s.bash(&format!("rm -rf site state; cp -r whole site; {damage}")).exits(0);
        let output = verify(&s, &none, if code.ends_with("missing") { 3 } else { 1 });
        assert_eq!(wrong(&output), [code], "{damage}");
    }
    // At 255 the partial tiles are gone and the full ones are there.
    s.bash("rm -rf site state; cp -r whole site; cp at255 site/checkpoint; rm -rf site/tile/*/000.p").exits(0);
    verify(&s, &none, 0);
}

/// Long strings of a stranger are cut in what is said, and kept on one line.
#[test]
fn long_strings_of_strangers_are_cut() {
    let s = published();
    s.bash("cp -r site whole").exits(0);
    let long = "\u{1b}[31m<script>\u{202e}".repeat(12_000);
    let note = s.read("site/checkpoint");
    for (file, text) in [
        ("checkpoint", note.replacen(ORIGIN, &format!("x{}", "y".repeat(200_000)), 1)),
        ("checkpoint", note.replace("\n5\n", &format!("\n{}\n", "9".repeat(200_000)))),
        ("checkpoint", long.clone()),
        ("statements/000.ndjson", format!("{long}\n").repeat(5)),
        ("index.json", long.clone()),
        ("index.html", long.clone()),
        ("entry/1/bundle.sigstore.json", format!("\"{}\"", "a".repeat(200_000))),
        ("entry/1/manifest.json", long.clone()),
    ] {
        s.bash("rm -rf site state; cp -r whole site").exits(0);
        s.write(&format!("site/{file}"), text);
        let output = verify(&s, &["--all-checks"], 1);
        let longest = output.text().lines().map(str::len).max().unwrap();
        assert!(longest < 4_000, "{file}: {longest}");
        assert!(!output.text().contains('\u{1b}') && !output.stderr.contains('\u{1b}'), "{file}");
    }
}
