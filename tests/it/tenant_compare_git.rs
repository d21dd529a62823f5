//! `govctl tenant compare` with revisions of a real Git repository, and with signed bundles.

use serde_json::Value;

use crate::common::{Call, Output, Sandbox, root};

const TENANTS: &str =
    "version: 1\ntenants:\n  - { id: acme, region: EU, labels: [pii], data_classes: { audit: public } }\n";

fn git(sandbox: &Sandbox, script: &str) -> Output {
    let call = sandbox.bash(script).env("HOME", "/nonexistent").env("GIT_CONFIG_NOSYSTEM", "1");
    let dates = ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"];
    let call = dates.into_iter().fold(call, |call, date| call.env(date, "2026-11-28T12:00:00Z"));
    let who = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
    who.into_iter().fold(call, |call, who| call.env(who, "t@example.com")).exits(0)
}

/// A commit `base` with the shipped policy, and one more label in the working folder.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let policy = std::fs::read(root().join("policies/switchboard/switchboard.rego")).unwrap();
    sandbox.write("policies/switchboard/switchboard.rego", policy);
    sandbox.write("config/tenants.yaml", TENANTS);
    // Whoever writes the change may not hide a file from the comparison.
    sandbox.write(".gitattributes", "*.rego export-ignore\n*.yaml export-ignore\n");
    git(&sandbox, "git init -q -b main; git add -A; git commit -q -m base; git tag base");
    sandbox.write("config/tenants.yaml", TENANTS.replace("[pii]", "[fin, pii]"));
    sandbox
}

fn call(sandbox: &Sandbox, base: &str, head: &str) -> Call {
    sandbox.govctl(["tenant", "compare", &format!("--base={base}"), &format!("--head={head}"), "--no-run-records"])
}

fn granted(output: &Output) -> Vec<Value> {
    output.of_type("govctl.tenant.access/1").into_iter().filter(|a| a["change"] == "granted").collect()
}

#[test]
fn a_revision_is_read_as_it_was_committed() {
    let sandbox = repository();
    let output = call(&sandbox, "base", ".").exits(1);
    assert_eq!(granted(&output).len(), 1);
    assert_eq!(granted(&output)[0]["input"]["resource"]["label"], "fin");
    // The committed label is the base of the next.
    git(&sandbox, "git commit -q -a -m head");
    call(&sandbox, "HEAD", ".").exits(0);
    call(&sandbox, "base", "main").exits(1);
    call(&sandbox, "main", "base").exits(0);
    // A file or a folder comes before a revision of its name.
    std::fs::create_dir(sandbox.path("main")).unwrap();
    call(&sandbox, "base", "main").exits(2).says(&["main/policies/switchboard"]);
    call(&sandbox, "base", "git:main").exits(1);
    // Data that OPA would load with the policy are seen in a revision too.
    sandbox.write("policies/switchboard/router/r.json", "{}");
    git(&sandbox, "git add -A; git commit -q -m data");
    call(&sandbox, "base", "git:HEAD").exits(2).says(&["switchboard/router/r.json", "over the compiled data"]);
    git(&sandbox, "git reset -q --hard HEAD^");
    // From a folder below, paths are those of the repository.
    let below = call(&sandbox, "base", "git:main").dir(&sandbox.path("config"));
    below.exits(1);
}

#[test]
fn what_is_no_revision_is_refused() {
    let sandbox = repository();
    call(&sandbox, "-all", ".").exits(2).says(&["`-all` begins with `-`"]);
    call(&sandbox, "git:--help", ".").exits(2).says(&["`--help` begins with `-`"]);
    call(&sandbox, "nowhere", ".").exits(4).says(&["`nowhere`", "fetch-depth"]);
    // The blob of a file is no commit.
    call(&sandbox, "HEAD:config/tenants.yaml", ".").exits(4);
    let paths = ["--tenants-path", "tenants.yaml"];
    let mut other = call(&sandbox, "base", ".");
    other.command.args(paths);
    other.exits(2).says(&["base:tenants.yaml", "--tenants-path"]);
}

#[test]
fn a_shallow_clone_lacks_the_base() {
    let sandbox = repository();
    git(&sandbox, "git commit -q -a -m head; git clone -q --depth 1 --no-tags \"file://$PWD\" shallow");
    let base = git(&sandbox, "git rev-parse base").text().trim().to_owned();
    let shallow = call(&sandbox, &base, ".").dir(&sandbox.path("shallow"));
    shallow.exits(4).says(&["fetch-depth: 0"]);
}

#[test]
fn links_and_submodules_are_refused() {
    let sandbox = repository();
    git(
        &sandbox,
        "ln -s ../../elsewhere.rego policies/switchboard/link.rego; git add -A; git commit -q -m link; git tag link",
    );
    call(&sandbox, "base", "link").exits(2).says(&["link:policies/switchboard/link.rego", "is a link"]);
    call(&sandbox, "base", ".").exits(2).says(&["link.rego", "is a link"]);
    git(
        &sandbox,
        "git rm -q -f policies/switchboard/link.rego; git update-index --add --cacheinfo 160000,$(git rev-parse base),policies/switchboard/sub; git commit -q -m sub; git tag sub",
    );
    call(&sandbox, "base", "sub").exits(2).says(&["sub:policies/switchboard/sub", "is a submodule"]);
    git(&sandbox, "git reset -q --hard base; mv config/tenants.yaml t.yaml; ln -s ../t.yaml config/tenants.yaml");
    call(&sandbox, "base", ".").exits(2).says(&["config/tenants.yaml", "is a link"]);
}

#[test]
fn a_bundle_is_a_state_too() {
    let sandbox = repository();
    sandbox.govctl(["util", "keygen", "--kind", "p256", "--out", "sign.pem", "--public", "sign.pub.pem"]).exits(0);
    let build = ["tenant", "bundle", "build", "--signing-key", "sign.pem", "--key-id", "k1", "-o", "b.tar.gz"];
    sandbox.govctl(build).exits(0);
    let with_key = |base: &str, head: &str, exit: i32| {
        let mut call = call(&sandbox, base, head);
        call.command.args(["--verification-key", "sign.pub.pem"]);
        call.exits(exit)
    };
    assert_eq!(granted(&with_key("base", "b.tar.gz", 1)).len(), 1);
    with_key("b.tar.gz", ".", 0);
    call(&sandbox, "base", "b.tar.gz").exits(2).says(&["without the key"]);
    // No key makes a bundle of these.
    let no_state = ["is no bundle", "hint: a state is a signed bundle, a folder or a Git revision"];
    call(&sandbox, "base", "/dev/null").exits(3).says(&no_state);
    call(&sandbox, "config/tenants.yaml", ".").exits(3).says(&no_state);
    let mut bytes = std::fs::read(sandbox.path("b.tar.gz")).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    sandbox.write("b.tar.gz", bytes);
    with_key("base", "b.tar.gz", 3);
}
