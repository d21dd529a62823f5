//! Small indexes to look at: manifests, and what `index publish` makes of them.

use std::io::Write;

use crate::common::Sandbox;

pub const ORIGIN: &str = "exports.acme.example";

/// After which entries the publications of [`published`] end: a tree of one leaf, one that ends with its tile, one behind it.
pub const SIZES: [u64; 5] = [1, 41, 256, 257, 300];

/// The manifest of a run.
pub fn manifest(number: u64, region: &str) -> String {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"validate.ndjson","digest":{{"sha256":"{number:064x}"}}}}],"predicateType":"https://govctl.dev/attestation/run/v1","predicate":{{"run_id":"019b932d-a5e8-7090-a99f-{number:012x}","started":"2026-01-06T12:00:00.000Z","ended":"2026-01-06T12:00:00.500Z","counts":{{}},"sha256":"{number:064x}","command":"tenant validate","version":"0.1.0","argv":[],"outcome":0,"complete":true,"seed":null,"region":"{region}","tenant":null,"inputs":[],"policy_sha256":null,"prev_manifest_sha256":null}}}}"#
    )
}

/// A folder with `site`, `trust` and `keys`: 300 entries of two regions, in five publications.
pub fn published() -> Sandbox {
    let sandbox = Sandbox::new();
    let init = ["index", "publish", "--init", "--origin", ORIGIN, "--regions", "EU,US", "--keys", "keys"];
    sandbox.govctl(init.into_iter().chain(["--dest", "site", "--now", "2026-01-06T12:00:00Z"])).exits(0);
    let mut first = 0;
    for (second, size) in (1..).zip(SIZES) {
        let mut paths = String::new();
        for number in first..size {
            let region = if number % 3 == 2 { "US" } else { "EU" };
            sandbox.write(&format!("manifests/{number}.json"), manifest(number, region));
            paths += &format!("manifests/{number}.json\n");
        }
        let now = format!("2026-01-06T12:00:0{second}Z");
        let keys = ["--entry-key", "keys/entry.pem", "--log-key", "keys/log.pem"];
        let publish = ["index", "publish", "-", "--dest", "site", "--new-region", "--now", &now];
        sandbox.govctl(publish.into_iter().chain(keys)).stdin(paths).exits(0);
        first = size;
    }
    sandbox
}

/// Says what a test did not look at, past the harness.
pub fn skipped(why: &str) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {why}").unwrap();
}
