//! The rules of ARCHITECTURE.md that a machine can hold: who may import whom, and how large a file may grow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::common::{commands, files, root};

/// What each module may import besides itself. `error` stands on `exit` alone, and everything stands on `error`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("cli", &["cmd", "config", "error", "exit", "interrupt", "ui"]),
    (
        "cmd",
        &[
            "diff",
            "tenant",
            "anomaly",
            "tenants",
            "policy",
            "bundle",
            "index",
            "merkle",
            "sigstore",
            "key",
            "record",
            "evidence",
            "io",
            "ui",
            "error",
            "exit",
            "clock",
            "config",
            "interrupt",
            "text",
        ],
    ),
    ("diff", &["merkle", "tenants", "json", "yaml", "page", "record", "error", "text", "stats"]),
    ("tenant", &["tenants", "policy", "yaml", "record", "error", "text"]),
    ("anomaly", &["found", "json", "yaml", "page", "record", "error", "text", "stats"]),
    ("tenants", &["found", "yaml", "record", "error", "text"]),
    ("policy", &["yaml", "record", "error", "text"]),
    ("bundle", &["key", "policy", "record", "error", "text"]),
    ("index", &["page", "sigstore", "merkle", "key", "record", "error", "text"]),
    ("page", &["record"]),
    ("json", &[]),
    ("key", &[]),
    ("sigstore", &[]),
    ("merkle", &[]),
    ("found", &["yaml", "record", "error"]),
    ("yaml", &["error"]),
    ("record", &["error", "text"]),
    ("evidence", &["io", "key", "sigstore", "record", "error", "text"]),
    ("io", &["record", "error", "interrupt", "ui", "text"]),
    ("ui", &["error", "text"]),
    ("config", &["error"]),
    ("clock", &["error"]),
    ("interrupt", &["error"]),
    ("error", &["exit"]),
    ("exit", &[]),
    ("text", &[]),
    ("stats", &[]),
];

/// Pure texts of times; they read no clock.
const PURE: &[&str] =
    &["clock::rfc3339_ms", "clock::parse_rfc3339_ms", "clock::parse_duration_ms", "clock::duration_text"];

/// Modules of pure logic: the domains, and the records with their texts for people.
const LOGIC: &[&str] =
    &["diff", "tenant", "anomaly", "tenants", "policy", "bundle", "index", "key", "sigstore", "merkle", "record"];

struct Source {
    path: PathBuf,
    /// `["cmd", "diff", "run"]` for src/cmd/diff/run.rs.
    module: Vec<String>,
    text: String,
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let load = |path: PathBuf| {
        let relative = path.strip_prefix(&src).unwrap().with_extension("");
        let mut module: Vec<String> = relative.iter().map(|p| p.to_str().unwrap().to_owned()).collect();
        module.pop_if(|last| last == "mod");
        let text = std::fs::read_to_string(&path).unwrap();
        Source { path, module, text }
    };
    files("src", "rs")
        .into_iter()
        .map(load)
        .filter(|s| !matches!(s.module[0].as_str(), "bin" | "lib"))
        .filter(|s| !is_unit_test(s))
        .collect()
}

/// A file that is the test module of another.
fn is_unit_test(source: &Source) -> bool {
    source.module.last().is_some_and(|last| last == "tests")
}

/// Every path through `crate` or `super` that the text outside unit tests names, from the crate's root on.
fn imports(module: &[String], text: &str) -> BTreeSet<Vec<String>> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let code: String = code.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let mut base = if code[at..].starts_with("crate") { Vec::new() } else { module[..module.len() - 1].to_vec() };
        let mut rest = &code[at + "crate::".len()..];
        while let Some(upper) = rest.strip_prefix("super::") {
            base.pop();
            rest = upper;
        }
        expand(&base, rest, &mut found);
    }
    found
}

/// Walks a use tree such as `a::{b, c::{d, e}}`; returns what follows it.
fn expand<'a>(base: &[String], tree: &'a str, found: &mut BTreeSet<Vec<String>>) -> &'a str {
    let end = tree.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tree.len());
    let (word, mut rest) = tree.split_at(end);
    let mut path = base.to_vec();
    if !word.is_empty() && word != "self" {
        path.push(word.to_owned());
    }
    if let Some(deeper) = rest.strip_prefix("::").filter(|_| !word.is_empty()) {
        return expand(&path, deeper, found);
    }
    let Some(list) = rest.strip_prefix('{') else {
        found.insert(path);
        return rest;
    };
    rest = list;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if let Some(after) = rest.strip_prefix('}') {
            return after;
        }
        let remaining = expand(base, rest, found);
        assert!(remaining.len() < rest.len(), "cannot read the use tree at {}", &rest[..rest.len().min(60)]);
        rest = remaining.trim_start_matches(|c: char| !matches!(c, ',' | '}'));
    }
}

/// What is wrong with one file's imports.
fn violations(source: &Source) -> Vec<String> {
    let module = &source.module;
    let own = module[0].as_str();
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == own) else {
        return vec![format!("the module `{own}` has no import rule")];
    };
    let verbs: Vec<Vec<String>> =
        commands().into_iter().filter(|(path, _)| path.len() == 2).map(|(path, _)| path).collect();
    let mut wrong = Vec::new();
    for path in imports(module, &source.text) {
        let Some(target) = path.first() else { continue };
        let text = path.join("::");
        let pure = LOGIC.contains(&own) && PURE.contains(&text.as_str());
        if target != own && !allowed.contains(&target.as_str()) && !pure {
            wrong.push(format!("`{own}` must not import {text}"));
        }
        if own == "cmd" && target == "cmd" && module.len() > 1 && path.len() > 1 {
            let is_noun = root().join("src/cmd").join(&path[1]).is_dir();
            if is_noun && path[1] != module[1] {
                wrong.push(format!("one noun must not import another: {text}"));
            }
            let verb = path.get(2).map(|v| v.replace('_', "-")).unwrap_or_default();
            let is_verb = verbs.iter().any(|v| v[0] == path[1] && v[1] == verb);
            let same_verb = module.get(2) == path.get(2);
            if is_verb && module.len() > 2 && !same_verb {
                wrong.push(format!("one command must not import another: {text}"));
            }
        }
    }
    wrong
}

#[test]
fn imports_go_one_way() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|s| violations(s).into_iter().map(|v| format!("{}: {v}", s.path.display())))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_binary_is_thin() {
    let text = std::fs::read_to_string(root().join("src/bin/govctl.rs")).unwrap();
    assert!(text.lines().count() <= 20, "src/bin/govctl.rs has more than 20 lines");
    for path in text.match_indices("govctl::").map(|(at, _)| &text[at..]) {
        assert!(path.starts_with("govctl::cli::") || path.starts_with("govctl::config::"), "{path}");
    }
}

#[test]
fn no_file_is_too_long() {
    for path in
        ["src", "tests", "fuzz", "examples"].iter().filter(|f| root().join(f).is_dir()).flat_map(|f| files(f, "rs"))
    {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= 500,
            "{} has {lines} lines: name the second concept in it and give it its own file",
            path.display()
        );
    }
}

#[test]
fn every_dependency_is_explained() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let page = std::fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let sections =
        manifest.split("\n[").filter(|s| s.starts_with("dependencies]") || s.starts_with("dev-dependencies]"));
    let names: Vec<&str> =
        sections.flat_map(|s| s.lines().skip(1)).filter_map(|l| Some(l.split_once(" = ")?.0)).collect();
    assert!(names.contains(&"clap") && names.contains(&"jsonschema"), "{names:?}");
    for name in names {
        let rows = page.lines().filter(|l| l.starts_with("| `"));
        assert!(rows.clone().any(|r| r.split(" | ").next().unwrap().contains(&format!("`{name}`"))), "{name}");
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let main = std::fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for entry in std::fs::read_dir(root().join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(name == "main" || main.lines().any(|l| l == format!("mod {name};")), "tests/it/{name} is in no module");
    }
}

#[test]
fn the_rules_refuse_what_they_should() {
    let check = |path: &str, text: &str| {
        let module = path.split('/').map(str::to_owned).collect();
        violations(&Source { path: Path::new(path).to_owned(), module, text: text.to_owned() })
    };
    for (path, text) in [
        ("record/run", "use crate::io::fs;"),
        ("record/run", "use crate::{\n    error::Error,\n    evidence,\n};"),
        ("io/sink", "use crate::diff::code::Code;"),
        ("diff/lag", "use crate::ui::Ui;"),
        ("diff/lag", "use crate::clock::Clock;"),
        ("diff/lag", "fn f() { crate::io::fs::exists(p) }"),
        ("diff/lag", "use super::super::interrupt::Interrupt;"),
        ("cmd/util/man", "use super::explain;"),
        ("cmd/util/man", "use super::{pages, explain::finding};"),
        ("cmd/util/man", "use crate::cmd::util::schemas::run;"),
        ("cmd/util/man", "use crate::cmd::diff::Diff;"),
        ("cmd/util/man", "use crate::cli;"),
        ("evidence", "use crate::{cmd::{Ctx, Global}};"),
        ("helpers", ""),
    ] {
        assert!(!check(path, text).is_empty(), "{path} was allowed: {text}");
    }
    for (path, text) in [
        ("cmd/util/man", "use super::{pages, print};\nuse crate::cmd::{Ctx, after_help};"),
        ("cmd/util", "use super::Ctx;\nfn f() { explain::run() }"),
        ("cmd", "use crate::cmd::diff;"),
        ("diff/lag", "use crate::clock::rfc3339_ms;\n// crate::io\n#[cfg(test)]\nmod tests {\n use crate::io::fs; }"),
        ("io/sink", "use crate::record::{Finding, Record};\npub(crate) fn f() {}"),
    ] {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
