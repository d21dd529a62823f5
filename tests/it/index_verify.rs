//! `govctl index verify`: a good site, what is remembered of it, and each thing that may be wrong with its files.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::index_verified::{ORIGIN, of, outcome, publish, published, runs, site_checks, verdict, verify, wrong};

#[test]
fn a_good_site_is_valid() {
    let s = published();
    let output = verify(&s, &[], 0);
    let told: Vec<String> = site_checks(&output).iter().map(|c| c["check"].as_str().unwrap().to_owned()).collect();
    let expected = [
        "checkpoint_signature",
        "tree",
        "append_only",
        "witness",
        "entry_signature",
        "statement",
        "region_chain",
        "region_total",
        "manifest",
        "bundle",
        "view",
        "freshness",
    ];
    assert_eq!(told, expected);
    assert_eq!(output.of_type("govctl.index.check/1").len(), 12, "no entry failed, so none is told");
    for check in expected {
        let status = match check {
            "append_only" => "not_established first_contact",
            "witness" => "not_established no_witness",
            "freshness" => "not_established no_time",
            _ => "pass -",
        };
        assert_eq!(of(&output, check), status, "{check}");
    }
    let checkpoint = s.read("site/checkpoint");
    let root = checkpoint.lines().nth(2).unwrap();
    let v = verdict(&output);
    assert_eq!((&v["outcome"], &v["origin"], &v["trust"]), (&"valid".into(), &ORIGIN.into(), &"pinned".into()));
    assert_eq!((&v["size"], &v["root"], &v["head_size_before"]), (&5.into(), &root.into(), &Value::Null));
    assert_eq!((&v["n_entries"], &v["n_signatures"], &v["n_failed"]), (&5.into(), &5.into(), &0.into()));
    let counts = json!({"size": 5, "entries": 5, "signatures": 5, "failed": 0});
    assert_eq!(output.records().last().unwrap()["counts"], counts);
    // One line per entry and check, and per file of the tree and view.
    let all = verify(&s, &["--entries", "all", "--all-checks"], 0);
    let of_leaf = |leaf: &str| all.of_type("govctl.index.check/1").iter().filter(|c| c["subject"] == leaf).count();
    assert_eq!([0, 1, 2, 3, 4].map(|leaf| of_leaf(&format!("leaf:{leaf}"))), [6; 5]);
    let human = verify(&s, &["--format", "human"], 0);
    assert!(human.text().contains("valid: exports.acme.example has 5 entries; 0 signatures verified, 0 checks failed"));
}

#[test]
fn what_was_seen_is_remembered() {
    let s = published();
    s.bash("mv site second; cp -r first site").exits(0);
    verify(&s, &["--no-save-head"], 0);
    assert!(!s.path("state").exists());
    assert_eq!(of(&verify(&s, &[], 0), "append_only"), "not_established first_contact");
    let name = s.bash(&format!("printf %s {ORIGIN} | sha256sum | cut -c 1-64")).exits(0).text().trim().to_owned();
    let head = s.path(&format!("state/{name}.json"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&head), mode(&s.path("state"))), (0o600, 0o700));
    let saved: Value = serde_json::from_slice(&std::fs::read(&head).unwrap()).unwrap();
    assert_eq!(saved["checkpoint"].as_str().unwrap(), s.read("first/checkpoint"));
    assert_eq!(saved["signatures_verified_to"], 3);
    s.bash("rm -r site; cp -r second site").exits(0);
    let output = verify(&s, &[], 0);
    let append = site_checks(&output).into_iter().find(|c| c["check"] == "append_only").unwrap();
    assert_eq!((&append["status"], &append["detail"]), (&"pass".into(), &"3 -> 5".into()));
    // Only the two new ones are verified with their signatures; all again where the trust changes or it is asked.
    let v = verdict(&output);
    assert_eq!((&v["head_size_before"], &v["n_entries"], &v["n_signatures"]), (&3.into(), &5.into(), &2.into()));
    assert_eq!(verdict(&verify(&s, &[], 0))["n_signatures"], 0);
    assert_eq!(verdict(&verify(&s, &["--entries", "all"], 0))["n_signatures"], 5);
    let none = verify(&s, &["--entries", "none"], 0);
    assert_eq!((&verdict(&none)["n_entries"], site_checks(&none).len()), (&0.into(), 5));
    s.write("trust/note.txt", "another digest\n");
    let changed = verify(&s, &["--format", "human"], 0);
    assert!(changed.text().contains("5 signatures verified") && changed.text().contains("trust directory has changed"));
    // A head that was damaged is no first contact.
    std::fs::write(&head, "{}").unwrap();
    verify(&s, &[], 3).says(&[&name, "is no head of a log"]);
    let flipped = serde_json::to_string(&saved).unwrap().replace("\\n3\\n", "\\n4\\n");
    std::fs::write(&head, flipped).unwrap();
    verify(&s, &[], 3).says(&["does not hold"]);
}

#[test]
fn somebody_must_say_whom_to_trust() {
    let s = published();
    let of_site = |more: &str, exit: i32| s.bash(&format!("govctl index verify --site site {more}")).exits(exit);
    of_site("--state state", 2).says(&["nothing says which log this must be", "--tofu"]);
    of_site("--trust trust", 2).says(&["no place to remember", "--no-save-head"]);
    of_site("--trust nowhere --state state", 2).says(&["nowhere/", "is not there"]);
    s.bash("govctl index verify --site nowhere --trust trust --state state")
        .exits(2)
        .says(&["nowhere", "no such folder"]);
    of_site("--trust trust --state state --entries none --local eu", 2).says(&["--local needs the entries"]);
    let first = of_site("--tofu --state state", 0);
    assert_eq!(verdict(&first)["trust"], "tofu");
    // From then on the site's own copy is believed no more.
    s.bash("sed -i s/^log.*/garbage/ site/trust/policy").exits(0);
    assert_eq!(verdict(&of_site("--tofu --state state", 0))["trust"], "tofu");
    assert_eq!(verdict(&of_site("--state state", 0))["trust"], "tofu");
    assert_eq!(verdict(&of_site("--trust trust --state state", 0))["trust"], "pinned");
    assert_eq!(verdict(&of_site("--state state", 0))["trust"], "pinned");
    let home =
        s.bash("govctl index verify --site site --trust trust").env("XDG_STATE_HOME", s.path("xdg").to_str().unwrap());
    home.exits(0);
    assert!(s.path("xdg/govctl/heads").is_dir());
    s.bash("govctl index verify --site site --trust trust").env("HOME", s.path("").to_str().unwrap()).exits(0);
    assert!(s.path(".local/state/govctl/heads").is_dir());
}

/// Each damage in a site of its own, made from a whole one.
#[test]
fn each_damaged_file_has_its_code() {
    let s = published();
    s.bash("cp -r site whole").exits(0);
    let leaf1 = "entry/1";
    for (damage, expected, exit) in [
        ("rm site/checkpoint", "checkpoint_signature checkpoint_missing", 3),
        ("echo '<!DOCTYPE html><title>Not found</title>' > site/checkpoint", "checkpoint_signature bad_note", 1),
        ("truncate -s 300K site/checkpoint", "checkpoint_signature bad_note", 1),
        ("sed -i 's/$/\\r/' site/checkpoint", "checkpoint_signature bad_note", 1),
        ("sed -i 2s/5/05/ site/checkpoint", "checkpoint_signature bad_note", 1),
        ("sed -i 2s/5/4/ site/checkpoint", "checkpoint_signature bad_signature", 1),
        ("echo garbage >> site/checkpoint", "checkpoint_signature bad_note", 1),
        ("sed -i s/acme/evil/ site/checkpoint", "checkpoint_signature wrong_origin", 1),
        ("sed -i '$s/ [A-Za-z0-9]/ z/' site/checkpoint", "checkpoint_signature index_unknown_key", 1),
        ("truncate -s -1 site/tile/0/000.p/5", "tree tile_mismatch", 1),
        ("truncate -s 17M site/tile/0/000.p/5", "tree tile_mismatch", 1),
        ("f=site/tile/0/000.p/5; rm $f; mkdir $f", "tree tile_mismatch", 1),
        ("printf x | dd of=site/tile/0/000.p/5 bs=1 seek=70 conv=notrunc", "tree tile_mismatch", 1),
        ("rm site/tile/0/000.p/5", "tree tile_missing", 3),
        ("truncate -s -1 site/tile/entries/000.p/5", "tree tile_mismatch", 1),
        ("rm site/tile/entries/000.p/5", "tree tile_missing", 3),
        ("rm site/statements/000.ndjson", "entry_signature statement_missing", 3),
        ("sed -i 5d site/statements/000.ndjson", "entry_signature statement_missing", 3),
        (
            "sed -i '2s/\"region_seq\":1/\"region_seq\":0/' site/statements/000.ndjson",
            "entry_signature digest_mismatch",
            1,
        ),
        ("echo ' ' >> site/entry/1/manifest.json", "manifest hash_mismatch", 1),
        ("rm site/entry/1/manifest.json", "manifest manifest_not_served", 3),
        ("rm site/entry/1/bundle.sigstore.json", "bundle bundle_missing", 3),
        ("rm site/entry/1/statement.json", "bundle bundle_missing", 3),
        ("echo >> site/entry/1/statement.json", "bundle bundle_mismatch", 1),
        ("cp site/entry/2/bundle.sigstore.json site/entry/1", "bundle bundle_mismatch", 1),
        ("sed -i 's/\"hashes\":\\[/&\"AAAA\",/' site/entry/1/bundle.sigstore.json", "bundle bundle_mismatch", 1),
        ("sed -i 's/example.n3/example\\\\n2/' site/entry/1/bundle.sigstore.json", "bundle bundle_mismatch", 1),
        ("echo '[' > site/entry/1/bundle.sigstore.json", "bundle bundle_mismatch", 1),
        ("sed -i '0,/\"region\":\"EU\"/s//\"region\":\"US\"/' site/index.json", "view view_mismatch", 1),
        ("sed -i s/EU/US/ site/index/000.json", "view view_mismatch", 1),
        ("rm site/index/000.json", "view view_mismatch", 1),
        ("f=$(ls site/lookup/*|head -1); sed -i 's/\\[[0-9]/[9/' $f", "view view_mismatch", 1),
        ("for i in 0 1 2 3 4 5; do f=site/lookup/0$i.json; [ -e $f ] || echo '{}' > $f; done", "view view_mismatch", 1),
        ("sed -i 's/Export index/Export Index/' site/index.html", "view view_mismatch", 1),
    ] {
        s.bash("rm -rf site state; cp -r whole site").exits(0);
        s.bash(damage).exits(0);
        let output = verify(&s, &[], exit);
        let found = wrong(&output);
        assert_eq!(found.first().map(String::as_str), Some(expected), "{damage}: {found:?}");
        assert_eq!(outcome(&output), if exit == 3 { "unverifiable" } else { "invalid" }, "{damage}");
        let own = expected.split(' ').next().unwrap();
        let strict = ["manifest", "bundle", "view", "checkpoint_signature"].contains(&own);
        assert!(!strict || found.len() == 1, "{damage}: {found:?}");
        if expected.starts_with("bundle") || expected.starts_with("manifest") {
            let leaf = output.of_type("govctl.index.check/1").into_iter().find(|c| c["subject"] == "leaf:1").unwrap();
            assert!(leaf["detail"].as_str().unwrap().contains(leaf1) || leaf["code"] == "manifest_not_served");
        }
    }
    // The first bytes are shown.
    s.bash("rm -rf site; cp -r whole site; echo '<!DOCTYPE html>' > site/checkpoint").exits(0);
    let detail = site_checks(&verify(&s, &[], 1))[0]["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("<!DOCTYPE html>"), "{detail}");
    // A page that another version made cannot be compared, and fails nothing.
    s.bash(
        "rm -rf site; cp -r whole site; sed -i 's/content=\"govctl [^\"]*\"/content=\"govctl 9.9.9\"/' site/index.html",
    )
    .exits(0);
    assert_eq!(of(&verify(&s, &[], 0), "view"), "not_established view_other_version");
}

/// What is not looked at again may not vouch for what it was: entries below the head are read all the same.
#[test]
fn a_failure_is_not_forgotten() {
    let s = published();
    s.bash("cp site/entry/1/manifest.json m; echo >> site/entry/1/manifest.json").exits(0);
    verify(&s, &[], 1);
    let again = verify(&s, &[], 1);
    assert_eq!(
        (wrong(&again), verdict(&again)["n_signatures"].clone()),
        (vec!["manifest hash_mismatch".into()], 4.into())
    );
    s.bash("mv m site/entry/1/manifest.json").exits(0);
    assert_eq!(verdict(&verify(&s, &[], 0))["n_signatures"], 4);
    assert_eq!(verdict(&verify(&s, &[], 0))["n_signatures"], 0);
}

#[test]
fn manifests_may_be_withheld() {
    let s = published();
    runs(&s, "more", "EU", &["06"]);
    publish(&s, "more --region EU --manifests withheld", "site", "09");
    let output = verify(&s, &[], 0);
    assert_eq!(of(&output, "manifest"), "not_established withheld");
    for _ in 0..2 {
        assert_eq!(outcome(&verify(&s, &["--require", "manifest"], 3)), "unverifiable");
    }
    verify(&s, &["--require", "append_only"], 0);
    verify(&s, &["--require", "append_only,witness"], 3);
}

#[test]
fn run_directories_are_compared_with_the_index() {
    let s = published();
    let local = |paths: &[&str], exit: i32| {
        let output = verify(&s, &[&["--local"], paths].concat(), exit);
        (of(&output, "local"), wrong(&output))
    };
    assert_eq!(local(&["eu", "us"], 0), ("pass -".into(), vec![]));
    runs(&s, "new", "EU", &["06"]);
    assert_eq!(local(&["eu", "new"], 1).0, "fail not_published");
    let run = s.bash("basename $(ls -d eu/0* | head -1)").exits(0).text().trim().to_owned();
    s.bash(&format!(
        "cp eu/{run}/validate.ndjson v 2>/dev/null || true; f=$(ls eu/{run}/*.ndjson | head -1); echo >> $f"
    ))
    .exits(0);
    assert_eq!(local(&["eu"], 1), ("fail file_mismatch".into(), vec!["local file_mismatch".into()]));
    let told = verify(&s, &["--local", "eu", "--all-checks"], 1).of_type("govctl.index.check/1");
    let of_run = told.iter().find(|c| c["subject"] == format!("run:{run}")).unwrap();
    let detail = of_run["detail"].as_str().unwrap();
    assert!(detail.contains("it is ") && detail.contains("the manifest says "), "{detail}");
    s.bash(&format!("rm eu/{run}/manifest.json")).exits(0);
    assert_eq!(local(&[&format!("eu/{run}")], 3).0, "unverifiable file_mismatch");
}
