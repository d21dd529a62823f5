//! Every ending has its code, and every error says where it is and what to do.

use std::process::Stdio;

use crate::common::{Sandbox, commands, root};
use crate::streams;

#[test]
fn done_is_0() {
    let sandbox = Sandbox::new();
    let version = sandbox.govctl(["--version"]).exits(0);
    assert_eq!(version.text(), format!("govctl {}\n", env!("CARGO_PKG_VERSION")));
    sandbox.govctl(["util", "explain"]).exits(0);
}

#[test]
fn wrong_usage_is_2() {
    let sandbox = Sandbox::new();
    for (args, expected) in [
        (&["utill"][..], &["unrecognized subcommand 'utill'", "'util'"][..]),
        (&["util", "explan"], &["unrecognized subcommand 'explan'", "'explain'"]),
        (&["util", "explain", "--formt", "human"], &["unexpected argument '--formt'", "'--format'"]),
        (&["tenant", "test", "--run", "-x"], &["'--run=-x'"]),
        (&["tenant", "prove", "--max-points", "-1"], &["'--max-points=-1'"]),
        (&["tenant", "test", "-x"], &["'-- -x'"]),
        (&["tenant", "test", "--no-mutation", "-x"], &["'-- -x'"]),
        (&["util", "explain", "--format", "xml"], &["invalid value 'xml'", "ndjson"]),
        (&["util", "keygen", "--kind", "hmac"], &["--out <FILE>"]),
        (
            &["util", "explain", "--now", "yesterday"],
            &["--now: `yesterday` is not an RFC 3339 time", "hint: write it like"],
        ),
        (&["util", "explain", "--seed", "x"], &["invalid value 'x' for '--seed <N>'"]),
        (&["util", "explain", "captureloss"], &["`captureloss` is neither", "hint: did you mean `capture_loss`?"]),
        (&["util", "explain", "6"], &["`6` is neither", "hint: `govctl util explain` lists all codes"]),
        (&["util", "explain", "--evidence", "out"], &["leaves no evidence", "hint: leave out --evidence"]),
        (&["util", "explain", "--format", "sarif"], &["no findings to render"]),
        (&[], &["Usage: govctl"]),
    ] {
        sandbox.govctl(args).exits(2).says(expected);
    }
    assert!(!sandbox.path("out").exists(), "refused evidence left a folder");
}

#[test]
fn every_noun_and_verb_refuses_an_unknown_flag() {
    let sandbox = Sandbox::new();
    for (path, _) in commands() {
        sandbox.govctl(path.iter().map(String::as_str).chain(["--no-such-flag"])).exits(2).says(&["--no-such-flag"]);
    }
}

#[test]
fn a_bad_duration_or_a_missing_file_is_2() {
    let sandbox = Sandbox::new();
    sandbox.write("types.yaml", std::fs::read(root().join("fixtures/diff/captures/types.yaml")).unwrap());
    let run = ["diff", "run", "--types", "types.yaml", "--lhs", "us.ndjson", "--rhs", "eu.ndjson"];
    sandbox.govctl(run).exits(2).says(&["us.ndjson: no such file"]);
    let with = |more: [&'static str; 2]| sandbox.govctl(run.into_iter().chain(more));
    with(["--grace", "-5s"]).exits(2).says(&["`-5s` is negative", "45s"]);
    with(["--grace", "45"]).exits(2).says(&["`45` is not a duration", "45s"]);
    with(["--types", "nowhere.yaml"]).exits(2);
}

#[test]
fn two_topics_of_one_name_are_not_taken_for_one_table() {
    let sandbox = Sandbox::new();
    let line = |topic: &str, value: &str| {
        format!(
            r#"{{"topic":"{topic}","partition":0,"offset":0,"timestamp":1,"key":{{"id":1}},"value":{{"op":"c","source":{{"lsn":1}},"before":null,"after":{{"id":1,"v":"{value}"}}}}}}"#
        ) + "\n"
    };
    sandbox.write("x", line("db.x.users", "a"));
    sandbox.write("y", line("db.y.users", "b"));
    sandbox.write("other", line("db.x.users", "a"));
    sandbox.write("both", line("db.x.users", "a") + &line("db.y.users", "b"));
    for lhs in [&["both"][..], &["x", "y"]] {
        let args = ["diff", "run", "--infer", "--rhs", "other", "--lhs"].into_iter().chain(lhs.iter().copied());
        sandbox.govctl(args).exits(2).says(&["`db.x.users`", "`db.y.users`", "both called `users`", "types.yaml"]);
    }
    sandbox.govctl(["diff", "run", "--infer", "--lhs", "x", "--rhs", "y"]).exits(1);
}

#[test]
fn an_environment_that_refuses_is_4() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    sandbox.govctl(["util", "man", "--out", "file/pages"]).exits(4).says(&["file/pages: cannot create the folder"]);
    let keygen = ["util", "keygen", "--kind", "hmac", "--out", "no/such/folder/a.key"];
    sandbox.govctl(keygen).exits(4).says(&["no/such/folder: --out: there is no such folder"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_4() {
    let sandbox = Sandbox::new();
    let output = sandbox.bash("govctl util explain > /dev/full").exits(4);
    output.says(&["cannot write to standard output"]);
}

#[test]
fn a_reader_that_went_away_is_0_and_quiet() {
    let sandbox = Sandbox::new();
    for args in [&["util", "schemas"][..], &["util", "explain"], &["--help"], &["util", "completions", "bash"]] {
        let mut call = sandbox.govctl(args);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = call.command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn errors_can_be_json_lines() {
    let sandbox = Sandbox::new();
    let output = sandbox.govctl(["util", "explain", "captureloss", "--log-format", "json"]).exits(2);
    let line: serde_json::Value = serde_json::from_str(output.stderr.trim()).unwrap();
    assert_eq!((&line["level"], &line["hint"]), (&"error".into(), &"did you mean `capture_loss`?".into()));
    assert_eq!(output.stderr.lines().count(), 1);
}

/// Also those of the arguments themselves.
#[test]
fn usage_errors_can_be_json_lines() {
    let sandbox = Sandbox::new();
    for (args, message, hint) in [
        (
            &["util", "explain", "--formt", "x", "--log-format", "json"][..],
            "unexpected argument '--formt' found",
            "--format",
        ),
        (&["--log-format=json", "utill"], "unrecognized subcommand 'utill'", "'util'"),
        (&["--log-format", "json"], "requires a subcommand", "Usage: govctl"),
        (
            &["util", "keygen", "--kind", "hmac", "--log-format", "json"],
            "arguments were not provided: --out <FILE>",
            "Usage:",
        ),
    ] {
        let output = sandbox.govctl(args).exits(2);
        let line: serde_json::Value = serde_json::from_str(output.stderr.trim()).expect(&output.stderr);
        assert_eq!(line["level"], "error");
        assert!(line["message"].as_str().unwrap().contains(message), "{line}");
        assert!(line["hint"].as_str().unwrap().contains(hint), "{line}");
    }
}

#[test]
fn help_is_a_word_too() {
    let sandbox = Sandbox::new();
    let same = |words: &[&str], flag: &[&str]| {
        let (by_word, by_flag) = (sandbox.govctl(words).exits(0), sandbox.govctl(flag).exits(0));
        assert_eq!(by_word.text(), by_flag.text());
    };
    same(&["help"], &["--help"]);
    same(&["help", "diff"], &["diff", "--help"]);
    same(&["help", "diff", "run"], &["diff", "run", "--help"]);
    same(&["diff", "help"], &["diff", "--help"]);
    same(&["diff", "help", "run"], &["diff", "run", "--help"]);
    sandbox.govctl(["help", "dif"]).exits(2).says(&["unrecognized subcommand 'dif'"]);
}

#[test]
fn verbose_tells_what_was_read_and_counted() {
    let sandbox = Sandbox::new();
    let run = |more: &'static str| {
        let args = ["diff", "report", "--now", "2026-11-24T08:00:00Z", more];
        let nothing = format!("{}{}", streams::START, streams::end(0));
        sandbox.govctl(args).stdin(nothing).exits(0).stderr
    };
    let told = run("--verbose");
    for text in ["note: govctl 0.1.0, run 01a2", "note: read -", "note: counts: all zero", "note: exit code 0: done"] {
        assert!(told.contains(text), "{text} is not in\n{told}");
    }
    assert_eq!(run("--quiet"), "");
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let sandbox = Sandbox::new();
    let explain = ["util", "explain", "captureloss"];
    let always = ["--color", "always"];
    assert!(!sandbox.govctl(explain).exits(2).stderr.contains('\u{1b}'));
    let demanded = sandbox.govctl(explain.into_iter().chain(always)).env("NO_COLOR", "1").exits(2);
    assert!(demanded.stderr.contains("\u{1b}[1;31merror"), "a flag wins over NO_COLOR");
}

#[test]
fn the_help_and_the_page_list_the_codes_of_the_table() {
    let page = std::fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    let mut rest = govctl::cmd::EXIT_CODES;
    for (code, meaning) in govctl::exit::TABLE {
        assert!(page.contains(&format!("| {code} | {meaning} |")), "{code}");
        let at = rest.find(&format!(" {code} ")).unwrap_or_else(|| panic!("{code} is not in the help, in order"));
        rest = &rest[at..];
    }
    assert_eq!(govctl::cmd::EXIT_CODES.matches('·').count() + 1, govctl::exit::TABLE.len());
}
