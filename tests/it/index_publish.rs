//! `govctl index publish`: what it publishes, what it refuses, and that nothing is published twice.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Output, Sandbox};

pub const INIT: &str = "2026-01-06T12:00:00Z";
const TENANTS: &str = "version: 1\nclassifications: [low]\nregions: [EU, US]\ntenants:\n  - { id: acme, region: EU, labels: [pii], data_classes: { audit: low } }\n";

/// An index without entries, and the keys of its publisher and of a producer.
pub fn begun() -> Sandbox {
    let s = Sandbox::new();
    s.write("tenants.yaml", TENANTS);
    s.govctl(["util", "keygen", "--kind", "p256", "--out", "ev.pem", "--public", "ev.pub.pem"]).exits(0);
    let init = "index publish --init --origin exports.acme.example --regions EU,US --keys keys --dest site --now";
    s.govctl(init.split(' ').chain([INIT])).exits(0);
    s
}

/// A run in the evidence folder `out`, a second of the day of its own; its folder.
pub fn run(s: &Sandbox, second: u32, region: &str) -> String {
    let now = format!("2026-01-06T12:10:{second:02}Z");
    let args =
        ["tenant", "validate", "tenants.yaml", "--evidence", "out", "--evidence-key", "ev.pem", "--region", region];
    let output = s.govctl(args.into_iter().chain(["--now", &now])).exits(0);
    format!("out/{}", output.records()[0]["run_id"].as_str().unwrap())
}

pub fn publish(s: &Sandbox, paths: &[&str], more: &[&str], exit: i32) -> Output {
    let keys = ["--entry-key", "keys/entry.pem", "--log-key", "keys/log.pem", "--dest", "site"];
    let call = s.govctl(["index", "publish"].iter().chain(paths).chain(&keys).chain(more));
    call.exits(exit)
}

const NEW: [&str; 3] = ["--new-region", "--now", "2026-01-06T13:00:00Z"];

/// Every file of the site that is served, with its bytes.
pub fn site(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, at: &str, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{at}{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true if name == ".govctl" => {}
                true => walk(&entry.path(), &format!("{name}/"), files),
                false => drop(files.insert(name, std::fs::read(entry.path()).unwrap())),
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(folder, "", &mut files);
    files
}

fn entries(output: &Output) -> Vec<Value> {
    let pick = |e: Value| json!([e["leaf_index"], e["region"], e["region_seq"], e["status"]]);
    output.of_type("govctl.index.entry/1").into_iter().map(pick).collect()
}

fn refused(output: &Output) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = output.of_type("govctl.index.refused/1");
    all.iter().map(|r| (text(&r["path"]), text(&r["code"]))).collect()
}

#[test]
fn manifests_become_entries_in_the_order_of_their_runs() {
    let s = begun();
    // Made in another order than they began.
    let [second, first, us] = [(2, "EU"), (1, "EU/de"), (3, "US")].map(|(at, region)| run(&s, at, region));
    let output = publish(&s, &["out"], &[&NEW[..], &["--producer-key", "ev.pub.pem"]].concat(), 0);
    let expected =
        [json!([0, "EU", 0, "published"]), json!([1, "EU", 1, "published"]), json!([2, "US", 0, "published"])];
    assert_eq!(entries(&output), expected);
    let head = output.of_type("govctl.index.head/1").remove(0);
    assert_eq!((&head["size"], &head["n_published"], &head["quorum"]), (&json!(3), &json!(3), &json!("none")));
    let index: Value = serde_json::from_str(&s.read("site/index.json")).unwrap();
    // The names that the specification gives them.
    for (row, run) in index["entries"].as_array().unwrap().iter().zip([&first, &second, &us]) {
        let sum = s.bash(&format!("sha256sum {run}/manifest.json | cut -c 1-64")).exits(0);
        assert_eq!(row["manifest_sha256"], sum.text().trim());
        assert_eq!((&row["ts"], &row["rekor_uuid"]), (&json!("2026-01-06T13:00:00Z"), &Value::Null));
        let key = s.bash("sed '1d;$d' ev.pub.pem | base64 -d | sha256sum | cut -c 1-64").exits(0);
        assert_eq!(row["manifest_key_id"], key.text().trim());
        for file in ["manifest.json", "manifest.sigstore.json"] {
            let served = s.read(&format!("site/entry/{}/{file}", row["leaf_index"]));
            assert_eq!(served, s.read(&format!("{run}/{file}")));
        }
    }
    let page = s.bash("sha256sum site/index.json | cut -c 1-64").exits(0);
    assert_eq!(head["index_sha256"], page.text().trim());
    // openssl checks what a row's signature is over.
    let script = "python3 -c 'import json,base64;print(json.load(open(\"site/index.json\"))[\"entries\"][2][\"signature\"])' \
        | base64 -d > sig && openssl dgst -sha256 -verify trust/entry.pub.pem -signature sig site/entry/2/statement.json";
    let verified = s.bash(&format!(
        "if command -v openssl > /dev/null && command -v python3 > /dev/null; then {script}; else echo Verified OK; fi"
    ));
    assert_eq!(verified.exits(0).text().trim(), "Verified OK");
}

#[test]
fn a_second_publication_changes_no_byte_and_a_third_adds_to_the_first() {
    let s = begun();
    let first = run(&s, 1, "EU");
    publish(&s, &[&first], &NEW, 0);
    let before = site(&s.path("site"));
    let again = publish(&s, &["out", &first, &format!("{first}/manifest.json")], &["--now", "2026-01-06T14:00:00Z"], 0);
    assert_eq!(entries(&again)[0], json!([0, "EU", 0, "unchanged"]));
    assert_eq!(site(&s.path("site")), before);
    run(&s, 2, "US");
    let third = publish(&s, &["out"], &["--new-region", "--now", "2026-01-06T15:00:00Z"], 0);
    assert_eq!(entries(&third), [json!([1, "US", 0, "published"]), json!([0, "EU", 0, "unchanged"])]);
    let after = site(&s.path("site"));
    for (path, bytes) in &before {
        let view = path.starts_with("index") || path.starts_with("lookup/") || path == "checkpoint";
        let grows = view || path == "statements/000.ndjson";
        assert!(grows || after.get(path) == Some(bytes), "{path} was changed");
    }
    let base = s.bash("cat site/checkpoints/* | sed -n 2p").exits(0);
    assert_eq!(base.text(), "1\n", "the checkpoint that the third started from is kept");
}

#[test]
fn equal_manifests_and_now_give_equal_sites() {
    let made = || {
        let s = begun();
        // Keys are random: those of the first site are given to both.
        s
    };
    let (a, b) = (made(), Sandbox::new());
    for name in ["tenants.yaml", "ev.pem"] {
        b.write_secret(name, a.read(name));
    }
    std::fs::create_dir(b.path("keys")).unwrap();
    for name in ["keys/entry.pem", "keys/log.pem"] {
        b.write_secret(name, a.read(name));
    }
    let init = "index publish --init --origin exports.acme.example --regions EU,US --entry-key keys/entry.pem --log-key keys/log.pem --dest site --now";
    b.govctl(init.split(' ').chain([INIT])).exits(0);
    for s in [&a, &b] {
        run(s, 1, "EU");
        run(s, 2, "US");
        publish(s, &["out"], &NEW, 0);
    }
    assert_eq!(site(&a.path("site")), site(&b.path("site")));
    assert_eq!(site(&a.path("trust")), site(&b.path("trust")));
}

#[test]
fn what_may_not_be_published_is_refused_with_its_code_and_does_not_stop_the_others() {
    let s = begun();
    let [good, other] = [(1, "EU"), (2, "US")].map(|(at, region)| run(&s, at, region));
    let text = s.read(&format!("{good}/manifest.json"));
    let changed = |name: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        s.write(name, text.replacen(from, to, 1));
    };
    changed("cut.json", "\"complete\":true", "\"complete\":false");
    changed("index.json", "tenant validate", "index publish");
    changed("region.json", "\"region\":\"EU\"", "\"region\":\"US\"");
    changed("secret.json", "\"argv\":[", "\"argv\":[\"--password=hunter2\",");
    changed("twice.json", "\"_type\":", "\"_type\":\"x\",\"_type\":");
    changed("reused.json", "\"outcome\":0", "\"outcome\":1");
    changed("apac.json", "\"region\":\"EU\"", "\"region\":\"APAC\"");
    s.write("no.json", "{");
    let given = [
        "cut.json",
        "index.json",
        "region.json",
        "secret.json",
        "twice.json",
        "no.json",
        "gone.json",
        &good,
        "reused.json",
    ];
    let output = publish(&s, &given, &[&NEW[..], &["--region", "EU"]].concat(), 3);
    assert_eq!(entries(&output), [json!([0, "EU", 0, "published"])]);
    let codes: Vec<String> = refused(&output).into_iter().map(|(path, code)| format!("{path} {code}")).collect();
    let expected = [
        "cut.json run_incomplete",
        "index.json not_an_export",
        "region.json region_differs",
        "secret.json secret_found",
        "twice.json manifest_unreadable",
        "no.json manifest_unreadable",
        "gone.json manifest_unreadable",
        "reused.json run_id_reused",
    ];
    assert_eq!(codes, expected);
    assert!(!s.bash("grep -r hunter2 site || true").exits(0).text().contains("hunter2"));
    let undeclared = publish(&s, &["apac.json"], &["--new-region"], 1);
    assert_eq!(refused(&undeclared), [("apac.json".to_owned(), "region_undeclared".to_owned())]);
    let new = publish(&s, &[&other], &[], 1);
    assert_eq!(refused(&new)[0].1, "region_new");
}

#[test]
fn only_a_producers_key_may_speak_for_its_region() {
    let s = begun();
    let eu = run(&s, 1, "EU");
    s.govctl(["util", "keygen", "--kind", "p256", "--out", "other.pem", "--public", "other.pub.pem"]).exits(0);
    let code = |keys: &[&str], exit: i32| {
        let flags: Vec<&str> =
            keys.iter().flat_map(|key| ["--producer-key", key]).chain(["--new-region", "--dry-run"]).collect();
        refused(&publish(&s, &[&eu], &flags, exit)).into_iter().map(|(_, code)| code).next()
    };
    assert_eq!(code(&["EU=ev.pub.pem"], 0), None);
    assert_eq!(code(&["other.pub.pem"], 1), Some("manifest_signature_invalid".to_owned()));
    assert_eq!(code(&["US=ev.pub.pem", "EU=other.pub.pem"], 1), Some("foreign_region".to_owned()));
    std::fs::remove_file(s.path(&format!("{eu}/manifest.sigstore.json"))).unwrap();
    assert_eq!(code(&["EU=ev.pub.pem"], 1), Some("manifest_unsigned".to_owned()));
    assert!(!s.path("site/entry").exists(), "a dry run writes nothing");
}

#[test]
fn runs_of_other_regions_are_left_out_of_an_evidence_folder_and_refused_by_name() {
    let s = begun();
    let [_, us] = [(1, "EU"), (2, "US")].map(|(at, region)| run(&s, at, region));
    let output = publish(&s, &["out"], &[&NEW[..], &["--region", "EU"]].concat(), 0);
    assert_eq!((entries(&output).len(), refused(&output)), (1, Vec::new()));
    let end = output.records().pop().unwrap();
    assert_eq!(end["counts"]["skipped"], 1);
    let named = publish(&s, &[&us], &[&NEW[..], &["--region", "EU"]].concat(), 1);
    assert_eq!(refused(&named)[0].1, "region_differs");
}

#[test]
fn withheld_manifests_leave_only_their_digest() {
    let s = begun();
    run(&s, 1, "EU");
    publish(&s, &["out"], &[&NEW[..], &["--manifests", "withheld"]].concat(), 0);
    assert!(!s.path("site/entry/0/manifest.json").exists());
    let index: Value = serde_json::from_str(&s.read("site/index.json")).unwrap();
    assert_eq!(index["entries"][0]["manifest"], Value::Null);
    assert!(s.read("site/entry/0/statement.json").contains("\"manifest_public\":false"));
}

#[test]
fn time_never_goes_back_and_never_ahead() {
    let s = begun();
    let [a, b, c] = [1, 2, 3].map(|at| run(&s, at, "EU"));
    publish(&s, &[&a], &NEW, 0);
    publish(&s, &[&b], &["--now", "2026-01-06T12:54:59Z"], 2).says(&["before the last entry", "hint"]);
    let late = publish(&s, &[&b], &["--now", "2026-01-06T12:56:00Z"], 0);
    assert_eq!(late.of_type("govctl.index.entry/1")[0]["ts"], "2026-01-06T13:00:00Z", "within --clock-skew");
    publish(&s, &[&c], &["--now", "2099-01-01T00:00:00Z"], 2).says(&["has not come yet"]);
}

#[test]
fn wrong_keys_and_places_are_named() {
    let s = begun();
    s.govctl(["util", "keygen", "--kind", "ed25519", "--out", "l.pem", "--public", "l.pub.pem"]).exits(0);
    let call = |args: &str, exit: i32| s.govctl(["index", "publish"].into_iter().chain(args.split(' '))).exits(exit);
    call("--dest site --entry-key ev.pem --log-key keys/log.pem", 2).says(&["--entry-key is not the key"]);
    call("--dest site --entry-key keys/entry.pem --log-key l.pem --ledger keys/log.pem.ledger", 2)
        .says(&["--log-key is not the key"]);
    call("--dest site --entry-key keys/entry.pem", 2).says(&["--log-key"]);
    call("--dest site --entry-key keys/log.pem --log-key keys/log.pem", 2).says(&["keys/log.pem"]);
    call("--dest nowhere --entry-key keys/entry.pem --log-key keys/log.pem", 2).says(&["no checkpoint", "--init"]);
    call("--init --origin b.example --regions EU --keys keys --dest b --trust tb", 2).says(&["never overwritten"]);
    call("--init --origin b.example --regions EU --keys k2 --dest site --trust tb", 2)
        .says(&["an index is here already"]);
    call("--init --origin b.example --regions EU --keys k2 --dest b", 2).says(&["a trust directory is here already"]);
    call("--init --origin b.example/x --regions EU --keys k2 --dest b --trust tb", 2).says(&["--origin"]);
    call("--init --origin b.example --regions EU,eu --keys k2 --dest b --trust tb", 2).says(&["--regions"]);
    assert!(!s.path("k2").exists() && !s.path("tb").exists(), "nothing was begun");
    for name in ["keys/entry.pem", "keys/log.pem"] {
        assert_eq!(s.bash(&format!("stat -c %a {name}")).exits(0).text(), "600\n");
    }
    assert_eq!(s.bash("stat -c %a keys").exits(0).text(), "700\n");
}

#[test]
fn what_is_taken_back_stays_in_the_log_and_is_marked() {
    let s = begun();
    let [eu, us] = [(1, "EU"), (2, "US")].map(|(at, region)| run(&s, at, region));
    publish(&s, &["out"], &NEW, 0);
    let sum = s.bash(&format!("sha256sum {us}/manifest.json | cut -c 1-64")).exits(0);
    let digest = sum.text().trim();
    let take = |more: &[&str], exit: i32| {
        publish(&s, &[], &[&["--withdraw", digest, "--reason", "error"], more].concat(), exit)
    };
    let output = take(&["--now", "2026-01-06T14:00:00Z"], 0);
    let entry = output.of_type("govctl.index.entry/1").remove(0);
    assert_eq!(
        (&entry["kind"], &entry["region"], &entry["leaf_index"]),
        (&json!("withdrawal"), &json!("US"), &json!(2))
    );
    assert_eq!(entry["manifest_sha256"], digest);
    let index: Value = serde_json::from_str(&s.read("site/index.json")).unwrap();
    let by: Vec<&Value> = index["entries"].as_array().unwrap().iter().map(|e| &e["withdrawn_by"]).collect();
    assert_eq!(by, [&Value::Null, &json!(2), &Value::Null]);
    let statement: Value = serde_json::from_str(&s.read("site/entry/2/statement.json")).unwrap();
    assert_eq!(statement["predicate"]["withdraws"], json!({ "leaf_index": 1, "reason": "error" }));
    assert!(s.path("site/entry/1/manifest.json").exists());
    // A second time, and the manifest once more, change nothing.
    let before = site(&s.path("site"));
    assert_eq!(entries(&take(&[], 0)), [] as [Value; 0]);
    publish(&s, &[&eu, &us], &[], 0);
    assert_eq!(site(&s.path("site")), before);
    let unknown = "0".repeat(64);
    publish(&s, &[], &["--withdraw", &unknown, "--reason", "other"], 2).says(&["is not in the log"]);
    publish(&s, &[], &["--withdraw", "abc", "--reason", "other"], 2).says(&["is no SHA-256"]);
}

#[test]
fn a_policy_that_asks_for_witnesses_is_not_published_without_them() {
    let s = begun();
    let eu = run(&s, 1, "EU");
    // Name, id and key of a witness, as c2sp.org/signed-note joins them.
    let key = "BOvIPyjQEVyHYrTqYt6hZMbTjGLWGYwNdpOJH6tqMBBk";
    let id = s.bash(&format!("(echo w; base64 -d <<< {key}) | sha256sum | cut -c 1-8")).exits(0);
    let lines = format!("witness w w+{}+{key}\\nquorum w", id.text().trim());
    s.bash(&format!("sed -i 's#^quorum none#{lines}#' site/trust/policy")).exits(0);
    let before = s.read("site/checkpoint");
    publish(&s, &[&eu], &NEW, 4).says(&["site/trust/policy", "witnesses"]);
    assert_eq!(s.read("site/checkpoint"), before);
}
