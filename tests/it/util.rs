//! `govctl util`: keygen, explain, schemas. The generated documents are held in schemas.rs.

use serde_json::Value;

use crate::common::{Sandbox, files, root};

#[test]
fn keygen_makes_a_secret_of_32_random_bytes_once() {
    let sandbox = Sandbox::new();
    let keygen = |out: &str| sandbox.govctl(["util", "keygen", "--kind", "hmac", "--out", out]);
    assert!(keygen("a.key").exits(0).stdout.is_empty());
    keygen("b.key").exits(0);
    let (a, b) = (sandbox.read("a.key"), sandbox.read("b.key"));
    assert_eq!((a.len(), a.ends_with('\n')), (65, true));
    assert_eq!(data_encoding::HEXLOWER.decode(a.trim_end().as_bytes()).unwrap().len(), 32);
    assert_ne!(a, b, "two keys are equal");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(sandbox.path("a.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let refused = keygen("a.key").exits(2);
    refused.says(&["a.key: exists already; a key is never overwritten", "hint: choose another --out"]);
    assert_eq!(sandbox.read("a.key"), a);
}

/// The signature of OpenSSL, where it is there, with the private half holds for the public half.
#[test]
fn openssl_takes_the_pairs_that_keygen_makes() {
    let sandbox = Sandbox::new();
    sandbox.write("m", "message");
    for (kind, named) in [("p256", "ASN1 OID: prime256v1"), ("ed25519", "ED25519 Private-Key")] {
        let pair = format!("govctl util keygen --kind {kind} --out {kind}.pem --public {kind}.pub.pem");
        sandbox.bash(&pair).exits(0);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(sandbox.path(&format!("{kind}.pem"))).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600, "{kind}");
        sandbox.bash(&pair).exits(2);
        if sandbox.bash("command -v openssl").run().code != Some(0) {
            continue;
        }
        let shown = sandbox.bash(&format!("openssl pkey -in {kind}.pem -noout -text")).exits(0);
        assert!(shown.text().contains(named), "{}", shown.text());
        let raw = if kind == "ed25519" { "-rawin" } else { "-rawin -digest sha256" };
        let sign = format!("openssl pkeyutl -sign {raw} -inkey {kind}.pem -in m -out s");
        let check = format!("openssl pkeyutl -verify {raw} -pubin -inkey {kind}.pub.pem -in m -sigfile s");
        sandbox.bash(&format!("{sign}; {check}")).exits(0);
    }
}

#[test]
fn keygen_is_not_repeated_by_seed_and_now() {
    let sandbox = Sandbox::new();
    let fixed = ["--seed", "1", "--now", "2026-11-24T00:00:00Z", "--kind", "hmac", "--out"];
    for out in ["a.key", "b.key"] {
        sandbox.govctl(["util", "keygen"].into_iter().chain(fixed).chain([out])).exits(0);
    }
    assert_ne!(sandbox.read("a.key"), sandbox.read("b.key"), "a secret that can be recomputed");
}

#[test]
fn explain_says_what_a_code_means_and_what_to_do() {
    let sandbox = Sandbox::new();
    let of_finding = sandbox.govctl(["util", "explain", "capture_loss"]).exits(0);
    assert!(of_finding.text().starts_with("capture_loss (warning)\n\nThe rows agree but for"), "{}", of_finding.text());
    assert!(of_finding.text().contains("\nWhat to do: Set decimal.handling.mode=string"));
    let of_exit = sandbox.govctl(["util", "explain", "70"]).exits(0);
    assert!(of_exit.text().starts_with("exit code 70: a bug in govctl\n\nWhat to do: report it"), "{}", of_exit.text());
}

#[test]
fn explain_knows_every_code_that_can_occur() {
    let sandbox = Sandbox::new();
    let list = sandbox.govctl(["util", "explain"]).exits(0);
    let mut codes: Vec<String> = govctl::diff::code::Code::ALL.iter().map(|c| c.as_str().to_owned()).collect();
    codes.extend(govctl::evidence::code::Code::ALL.iter().map(|c| c.as_str().to_owned()));
    codes.extend(govctl::tenants::code::Code::ALL.iter().map(|c| c.as_str().to_owned()));
    codes.extend(govctl::exit::TABLE.iter().map(|(code, _)| code.to_string()));
    // Records name the code of their rendering as the second text of a new finding, or beside its severity.
    for file in files("src/record", "rs") {
        let text = std::fs::read_to_string(file).unwrap();
        let named = text.split("Finding::new(\"").skip(1).filter_map(|t| t.split_once("\", \""));
        codes.extend(
            named
                .filter(|(source, _)| !source.contains('"'))
                .filter_map(|(_, t)| Some(t.split_once('"')?.0.to_owned())),
        );
        let beside = text.split("=> (\"").skip(1).filter(|t| t.contains("\", Severity::"));
        codes.extend(beside.filter_map(|t| t.split('"').next().map(str::to_owned)));
    }
    for expected in ["diff_missing", "diff_excepted", "unauthorized_write", "verify_failed"] {
        assert!(codes.iter().any(|c| c == expected), "{expected} was not found in src/record");
    }
    for code in codes {
        sandbox.govctl(["util", "explain", &code]).exits(0);
        assert!(list.text().contains(&format!("  {code} ")), "{code} is not listed");
    }
}

#[test]
fn schemas_are_one_object_or_one_file_per_type() {
    let sandbox = Sandbox::new();
    let all: Value = serde_json::from_slice(&sandbox.govctl(["util", "schemas"]).exits(0).stdout).unwrap();
    sandbox.govctl(["util", "schemas", "--out", "a/b"]).exits(0);
    assert!(all.as_object().unwrap().contains_key("govctl.run/1"));
    for (record_type, schema) in all.as_object().unwrap() {
        let name = format!("a/b/{}.json", record_type.replace('/', "-"));
        assert_eq!(serde_json::from_str::<Value>(&sandbox.read(&name)).unwrap(), *schema);
        assert_eq!(schema["properties"]["schema"]["const"], record_type.as_str());
        assert_eq!(schema["required"][0], "schema");
        jsonschema::meta::validate(schema).unwrap_or_else(|e| panic!("{record_type}: {e}"));
    }
    assert_eq!(std::fs::read_dir(sandbox.path("a/b")).unwrap().count(), all.as_object().unwrap().len());
}

#[test]
fn manual_pages_have_the_usual_sections() {
    let sandbox = Sandbox::new();
    sandbox.govctl(["util", "man", "--out", "man1"]).exits(0);
    let page = sandbox.read("man1/govctl-diff-run.1");
    let title = format!(".TH govctl-diff-run 1  \"govctl {}\" \"govctl manual\"", env!("CARGO_PKG_VERSION"));
    assert!(page.lines().any(|l| l.trim_end() == title), "{page}");
    let sections: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix(".SH ")).collect();
    assert_eq!(
        sections,
        ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"GLOBAL OPTIONS\"", "EXAMPLES", "\"EXIT STATUS\""]
    );
    assert_eq!(page.matches("\n.EX\n").count(), 2);
    assert!(page.contains("\\fB70\\fR\na bug\n"), "{page}");
    assert!(sandbox.read("man1/govctl.1").contains(".SH SUBCOMMANDS\n"));
}

#[test]
fn completions_and_pages_come_from_the_tree() {
    let sandbox = Sandbox::new();
    sandbox.bash("govctl util completions bash > c; bash -n c; grep -q -- --no-run-records c").exits(0);
    let reference = sandbox.govctl(["util", "reference"]).exits(0);
    for (path, command) in crate::common::commands() {
        let name = std::iter::once("govctl".to_owned()).chain(path).collect::<Vec<_>>().join(" ");
        assert!(reference.text().contains(&format!("\n## {name}\n")), "{name}");
        for flag in command.get_arguments().filter_map(|a| a.get_long()) {
            assert!(reference.text().contains(&format!("--{flag}")), "{name} --{flag}");
        }
    }
    assert!(root().join("docs/cli.md").is_file());
}
