//! `govctl index publish` that dies: at every change of the file system, and with old copies of what it wrote.

use std::path::Path;

use serde_json::Value;

use crate::common::Sandbox;
use crate::index_publish::{begun, publish, run, site};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Puts site and keys back to what they were when they were copied.
fn restore(s: &Sandbox, names: &[&str]) {
    for name in names {
        std::fs::remove_dir_all(s.path(name)).unwrap();
        copy(&s.path(&format!("{name}.old")), &s.path(name));
    }
}

fn keep(s: &Sandbox) {
    for name in ["site", "keys"] {
        copy(&s.path(name), &s.path(&format!("{name}.old")));
    }
}

const NOW: [&str; 3] = ["--new-region", "--now", "2026-01-06T13:00:00Z"];
const LATER: [&str; 3] = ["--new-region", "--now", "2026-01-06T14:00:00Z"];

/// An index with one entry, and three runs of which that is the first.
fn one_of_three() -> Sandbox {
    let s = begun();
    let first = run(&s, 1, "EU");
    publish(&s, &[&first], &["--new-region", "--now", "2026-01-06T12:30:00Z"], 0);
    run(&s, 2, "EU");
    run(&s, 3, "US");
    keep(&s);
    s
}

/// Dies before its n-th change; None once it has fewer.
fn dies(s: &Sandbox, n: u32) -> Option<()> {
    let keys = ["--entry-key", "keys/entry.pem", "--log-key", "keys/log.pem", "--dest", "site"];
    let call = s.govctl(["index", "publish", "out"].iter().chain(&keys).chain(&NOW));
    let output = call.env("GOVCTL_DIE_AT", &n.to_string()).run();
    (output.code != Some(0)).then_some(())
}

/// Size and root of the checkpoints that are signed, in place or not.
fn signed(s: &Sandbox) -> Vec<(String, String)> {
    let read = |name: &str| std::fs::read_to_string(s.path(name)).ok();
    let of = |text: String| {
        let mut lines = text.lines().skip(1).map(str::to_owned);
        Some((lines.next()?, lines.next()?))
    };
    ["site/checkpoint", "site/.govctl/checkpoint.pending"].iter().filter_map(|name| read(name)).filter_map(of).collect()
}

#[test]
fn whenever_it_dies_the_next_publication_makes_the_site_that_would_have_been() {
    let s = one_of_three();
    publish(&s, &["out"], &NOW, 0);
    let whole = site(&s.path("site"));
    restore(&s, &["site", "keys"]);
    let mut deaths = 0;
    while dies(&s, deaths).is_some() {
        publish(&s, &["out"], &NOW, 0);
        assert!(site(&s.path("site")) == whole, "death {deaths}");
        restore(&s, &["site", "keys"]);
        deaths += 1;
    }
    assert!(deaths > 40, "{deaths}");
}

/// A publication that comes at another time finds what was signed, or nothing of it.
#[test]
fn nothing_is_signed_twice_at_one_size_and_every_manifest_is_in_the_log_once() {
    let s = one_of_three();
    let mut deaths = 0;
    while dies(&s, deaths).is_some() {
        let before = signed(&s);
        publish(&s, &["out"], &LATER, 0);
        let after = signed(&s);
        for (size, root) in before {
            assert!(after.iter().all(|(other, same)| *other != size || *same == root), "death {deaths}");
        }
        let index: Value = serde_json::from_str(&s.read("site/index.json")).unwrap();
        let digests: Vec<&str> =
            index["entries"].as_array().unwrap().iter().map(|e| e["manifest_sha256"].as_str().unwrap()).collect();
        let mut once = digests.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((digests.len(), once.len()), (3, 3), "death {deaths}");
        restore(&s, &["site", "keys"]);
        deaths += 1;
    }
}

/// Whatever state the site is in, a dry run leaves it there.
#[test]
fn a_dry_run_looks_and_changes_nothing() {
    let s = one_of_three();
    let mut deaths = 0;
    while dies(&s, deaths).is_some() {
        let before = (site(&s.path("site")), signed(&s), s.read("keys/log.pem.ledger"));
        let output = publish(&s, &["out"], &[&NOW[..], &["--dry-run"]].concat(), 0);
        assert_eq!(output.of_type("govctl.index.head/1"), [] as [Value; 0]);
        assert!((site(&s.path("site")), signed(&s), s.read("keys/log.pem.ledger")) == before, "death {deaths}");
        restore(&s, &["site", "keys"]);
        deaths += 7;
    }
    assert!(deaths > 40);
}

#[test]
fn an_old_copy_of_the_site_or_of_the_ledger_signs_nothing() {
    let s = one_of_three();
    publish(&s, &["out"], &NOW, 0);
    let root = signed(&s);
    // The site of a fresh machine that was restored from a cache, with the ledger that is kept elsewhere.
    restore(&s, &["site"]);
    let fourth = run(&s, 4, "EU");
    publish(&s, &[&fourth], &LATER, 3).says(&["keys/log.pem.ledger", "3 entries", "nothing was signed"]);
    assert_eq!(signed(&s), signed_old(&s));
    // The same manifests give the same tree, at whatever time.
    let runs = s.bash("ls -d out/0*").exits(0);
    let first_three: Vec<&str> = runs.text().lines().take(3).collect();
    publish(&s, &first_three, &LATER, 0);
    assert_eq!(signed(&s), root);
    // The ledger from before, with the site of today.
    std::fs::copy(s.path("keys.old/log.pem.ledger"), s.path("keys/log.pem.ledger")).unwrap();
    publish(&s, &[&fourth], &LATER, 3).says(&["older copy"]);
    std::fs::remove_file(s.path("keys/log.pem.ledger")).unwrap();
    publish(&s, &[&fourth], &LATER, 3).says(&["is not there", "restore the ledger"]);
    assert_eq!(signed(&s), root);
}

fn signed_old(s: &Sandbox) -> Vec<(String, String)> {
    let text = s.read("site.old/checkpoint");
    let lines: Vec<&str> = text.lines().collect();
    vec![(lines[1].to_owned(), lines[2].to_owned())]
}

#[test]
fn a_damaged_site_is_named_and_nothing_is_signed() {
    let s = one_of_three();
    for (path, change) in [
        ("site/statements/000.ndjson", "s/\"EU\"/\"US\"/"),
        ("site/tile/entries/000.p/1", "s/hashedrekord/hashedrekorD/"),
        ("site/checkpoint", "2s/1/2/"),
        ("site/trust/policy", "s/log/lag/"),
        ("keys/log.pem.ledger", "s/size/length/"),
    ] {
        s.bash(&format!("sed -i '{change}' {path}")).exits(0);
        let output = publish(&s, &["out"], &NOW, 3);
        let name = path.rsplit('/').next().unwrap().trim_end_matches("1").trim_end_matches(".p/");
        assert!(output.stderr.contains(name) || path.contains("tile"), "{path}: {}", output.stderr);
        restore(&s, &["site", "keys"]);
    }
    std::fs::remove_file(s.path("site/tile/0/000.p/1")).unwrap();
    publish(&s, &["out"], &NOW, 3).says(&["site/tile/0/000.p/1", "is not there"]);
}

#[test]
fn one_publisher_at_a_time() {
    let s = one_of_three();
    let script = "exec 9> site/.govctl/lock; flock 9; \"$0\" index publish out --dest site --entry-key keys/entry.pem \
        --log-key keys/log.pem --lock-timeout 100ms 9>&-";
    let mut call = s.command("bash");
    call.command.args(["-c", script, env!("CARGO_BIN_EXE_govctl")]);
    call.exits(4).says(&["another publisher holds the index: process", "--lock-timeout"]);
    publish(&s, &["out"], &NOW, 0);
}
