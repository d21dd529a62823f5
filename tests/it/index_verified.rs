//! A published index to verify, and what a verification said of it.

use std::path::Path;

use govctl::index::checkpoint::Checkpoint;
use govctl::index::digest::Digest;
use govctl::index::leaf::Leaf;
use govctl::index::log::Tail;
use govctl::index::row::Logged;
use govctl::index::{Wrong, statement};
use govctl::key::{ed25519, p256};
use serde_json::Value;

use crate::common::{Output, Sandbox, root};

pub const ORIGIN: &str = "exports.acme.example";

/// An index of five entries, of two publications: three of EU and then two of US. `first` is the site in between, with the
/// ledger beside it.
pub fn published() -> Sandbox {
    let s = Sandbox::new();
    s.write("tenants.yaml", std::fs::read(root().join("config/tenants.yaml")).unwrap());
    s.bash(&format!("govctl index publish --init --origin {ORIGIN} --regions EU,US --keys keys --dest site --now 2026-01-01T12:00:00Z")).exits(0);
    runs(&s, "eu", "EU", &["01", "02", "03"]);
    runs(&s, "us", "US", &["04", "05"]);
    publish(&s, "eu --region EU --new-region", "site", "07");
    s.bash("cp -r site first; cp keys/log.pem.ledger first.ledger").exits(0);
    publish(&s, "us --region US --new-region", "site", "08");
    s
}

/// Evidence of a run on each of these days.
pub fn runs(s: &Sandbox, folder: &str, region: &str, days: &[&str]) {
    for day in days {
        s.bash(&format!(
            "govctl tenant validate tenants.yaml --evidence {folder} --region {region} --now 2026-01-{day}T00:00:00Z"
        ))
        .exits(0);
    }
}

pub fn publish(s: &Sandbox, what: &str, site: &str, day: &str) -> Output {
    s.bash(&format!(
        "govctl index publish {what} --dest {site} --entry-key keys/entry.pem --log-key keys/log.pem --now 2026-01-{day}T12:00:00Z"
    ))
    .exits(0)
}

pub fn verify(s: &Sandbox, more: &[&str], exit: i32) -> Output {
    let own = ["index", "verify", "--site", "site", "--trust", "trust", "--state", "state"];
    s.govctl(own.iter().chain(more)).exits(exit)
}

/// `check code` of what is wrong with the site or cannot be told.
pub fn wrong(output: &Output) -> Vec<String> {
    let all = site_checks(output).into_iter().filter(|c| c["status"] == "fail" || c["status"] == "unverifiable");
    all.map(|c| format!("{} {}", c["check"].as_str().unwrap(), c["code"].as_str().unwrap())).collect()
}

/// The checks of the site as a whole.
pub fn site_checks(output: &Output) -> Vec<Value> {
    output.of_type("govctl.index.check/1").into_iter().filter(|c| c["subject"] == "site").collect()
}

/// `status code` of one of them.
pub fn of(output: &Output, check: &str) -> String {
    let all = site_checks(output);
    let found = all.iter().find(|c| c["check"] == check).unwrap_or_else(|| panic!("{check} is not told"));
    format!("{} {}", found["status"].as_str().unwrap(), found["code"].as_str().unwrap_or("-"))
}

pub fn verdict(output: &Output) -> Value {
    output.of_type("govctl.index.verdict/1").pop().unwrap()
}

pub fn outcome(output: &Output) -> String {
    verdict(output)["outcome"].as_str().unwrap().to_owned()
}

/// The statements of the site, in their order.
pub fn statements(s: &Sandbox) -> Vec<Vec<u8>> {
    s.read("site/statements/000.ndjson").lines().map(|line| line.as_bytes().to_vec()).collect()
}

pub fn entry_key(s: &Sandbox) -> p256::Private {
    p256::Private::from_pem(&s.read("keys/entry.pem")).unwrap()
}

pub fn log_key(s: &Sandbox) -> ed25519::Private {
    ed25519::Private::from_pem(&s.read("keys/log.pem")).unwrap()
}

/// Signed by its own publisher, or by somebody else.
pub fn leaf(statement: &[u8], key: &p256::Private) -> Vec<u8> {
    let digest: Digest = statement::sha256(statement);
    Leaf { digest, signature: key.sign_der(statement), spki: key.public().spki().to_vec() }.to_bytes()
}

/// Writes the log of the site again out of these entries, signed by the log's own key. Views stay as they were.
pub fn forge(s: &Sandbox, entries: &[(Vec<u8>, Vec<u8>)]) {
    let site = s.path("site");
    for folder in ["tile", "statements"] {
        let _ = std::fs::remove_dir_all(site.join(folder));
    }
    let root = write_log(&site, entries);
    let checkpoint = Checkpoint::new(ORIGIN, entries.len() as u64, root).sign(&[&log_key(s)]).unwrap();
    s.write("site/checkpoint", checkpoint.note.to_text());
}

/// The files of a log of these entries, and its root.
pub fn write_log(site: &Path, entries: &[(Vec<u8>, Vec<u8>)]) -> [u8; 32] {
    let mut tail = Tail::read(0, |_| Err::<Vec<u8>, Wrong>(Wrong::new(govctl::index::Code::TileMissing, ""))).unwrap();
    let logged: Vec<Logged> = entries.iter().map(|(statement, leaf)| Logged { statement, leaf }).collect();
    let write = |path: &str, bytes: &[u8]| {
        let path = site.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        Ok::<(), Wrong>(())
    };
    tail.grow(&logged, write).unwrap();
    tail.root()
}
