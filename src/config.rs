//! `govctl.toml`: defaults for flags under `[noun.verb]`, and the only door to the environment.
#![expect(clippy::disallowed_methods, reason = "this module is the door to the environment and reads govctl.toml")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Command, ValueHint};
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result, did_you_mean};

const FILE: &str = "govctl.toml";

pub fn args() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// NO_COLOR, set to anything but the empty string (no-color.org), or a terminal that knows no colours.
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
}

/// A variable of the environment, where it holds a text.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The arguments with the defaults of govctl.toml put in behind the verb, or None where there are none.
pub fn with_defaults(tree: &Command, args: &[OsString]) -> Result<Option<Vec<OsString>>> {
    let Some(call) = find_verb(tree, args) else { return Ok(None) };
    if call.rest.iter().chain(call.before).any(|a| a == "--no-config") {
        return Ok(None);
    }
    let Some(folder) = find_folder() else { return Ok(None) };
    let text = std::fs::read_to_string(folder.join(FILE))
        .map_err(|e| Error::usage(format!("cannot read: {e}")).at_file(&folder.join(FILE).to_string_lossy()))?;
    let defaults = defaults_for(&call, &text, &folder)?;
    if defaults.is_empty() {
        return Ok(None);
    }
    let mut all: Vec<OsString> = args[..args.len() - call.rest.len()].to_vec();
    all.extend(defaults);
    all.extend_from_slice(call.rest);
    Ok(Some(all))
}

/// A call of a verb: its command and the arguments around it.
struct Call<'a> {
    /// The names from the noun to the verb; some verbs have verbs of their own.
    path: Vec<&'a str>,
    verb: &'a Command,
    tree: &'a Command,
    before: &'a [OsString],
    rest: &'a [OsString],
}

fn find_verb<'a>(tree: &'a Command, args: &'a [OsString]) -> Option<Call<'a>> {
    let is = |c: &&Command, a: &OsString| a.to_str().is_some_and(|a| c.get_name() == a);
    // The value of a flag before the verb may spell like a noun or verb.
    let is_value = |i: usize| {
        let flag = args[i - 1].to_str().and_then(|f| f.strip_prefix("--"));
        tree.get_arguments().any(|a| a.get_long().is_some_and(|l| Some(l) == flag) && a.get_action().takes_values())
    };
    let word = |parent: &'a Command, from: usize| {
        let words = args.iter().enumerate().skip(from).filter(|(i, _)| !is_value(*i));
        words.filter_map(|(i, a)| Some((i, parent.get_subcommands().find(|c| is(c, a))?))).next()
    };
    let (mut at, mut verb) = word(tree, 1)?;
    let mut path = vec![verb.get_name()];
    while verb.has_subcommands() {
        (at, verb) = word(verb, at + 1)?;
        path.push(verb.get_name());
    }
    Some(Call { path, verb, tree, before: &args[1..at], rest: &args[at + 1..] })
}

/// The folder of the nearest govctl.toml, from the working folder up to the root of the repository. It is relative, so
/// that no path of this machine gets into records and run ids.
fn find_folder() -> Option<PathBuf> {
    let start = std::env::current_dir().ok()?;
    for (up, folder) in start.ancestors().enumerate() {
        // What is there and is no file cannot be read, which is said.
        if folder.join(FILE).symlink_metadata().is_ok() {
            return Some(std::iter::repeat_n("..", up).collect());
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

fn defaults_for(call: &Call<'_>, text: &str, folder: &Path) -> Result<Vec<OsString>> {
    let at = |offset: usize, message: String| {
        let before = &text[..offset.min(text.len())];
        let line = 1 + before.matches('\n').count() as u64;
        let column = 1 + before.rsplit('\n').next().unwrap_or("").chars().count() as u64;
        Error::usage(message).at(&folder.join(FILE).to_string_lossy(), line, Some(column))
    };
    let table = DeTable::parse(text).map_err(|e| at(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
    check_names(call.tree, "govctl", table.get_ref(), &at)?;
    let mut flags = Some(table.get_ref());
    for name in &call.path {
        flags = flags.and_then(|table| table.get(*name)).and_then(|value| value.get_ref().as_table());
    }
    let Some(flags) = flags else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for (key, value) in flags {
        let offset = key.span().start;
        let arg = find_arg(call, key.get_ref()).ok_or_else(|| unknown_flag(call, key.get_ref(), offset, &at))?;
        let flag = format!("--{}", key.get_ref());
        if flag.contains("key") {
            return Err(at(offset, "keys and secrets are never read from govctl.toml".into())
                .hint(format!("give {flag} on the command line")));
        }
        let values = values(value.get_ref())
            .ok_or_else(|| at(value.span().start, "a text, number, boolean or list was expected".into()))?;
        if !arg.get_action().takes_values() && !matches!(value.get_ref(), DeValue::Boolean(_)) {
            return Err(at(value.span().start, format!("{flag} takes no value; true or false was expected")));
        }
        if let Some(bad) = values.iter().find_map(|v| refused(arg, &flag, v)) {
            let error = at(value.span().start, bad.0);
            return Err(if bad.1.is_empty() { error } else { error.hint(bad.1) });
        }
        if !is_overruled(call, arg) {
            out.extend(values.iter().filter_map(|v| as_argument(arg, &flag, v, folder)));
        }
    }
    Ok(out)
}

fn unknown_flag(call: &Call<'_>, key: &str, offset: usize, at: &dyn Fn(usize, String) -> Error) -> Error {
    let error = at(offset, format!("`{key}` is no flag of `govctl {}`", call.path.join(" ")));
    let known = call.verb.get_arguments().filter_map(|a| a.get_long());
    match did_you_mean(key, known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// What clap says of a value that the flag does not take: the message and a hint. Its own place would be the command line.
fn refused(arg: &clap::Arg, flag: &str, value: &str) -> Option<(String, String)> {
    if !arg.get_action().takes_values() {
        return None;
    }
    let mut only = clap::Arg::new("value").long(flag[2..].to_owned()).value_parser(arg.get_value_parser().clone());
    if let Some(names) = arg.get_value_names() {
        only = only.value_name(names[0].clone());
    }
    let call = [String::new(), format!("{flag}={value}")];
    let error = Command::new("").arg(only).try_get_matches_from(call).err()?.to_string();
    let mut parts = error.trim_start_matches("error: ").split("\n\n").map(|p| p.split_whitespace().collect::<Vec<_>>());
    let message = parts.next()?.join(" ");
    let hints: Vec<String> = parts.filter(|p| !p.contains(&"'--help'.")).map(|p| p.join(" ")).collect();
    Some((message, hints.join("; ")))
}

/// One value of the file as an argument; a flag that is set to false is left out.
fn as_argument(arg: &clap::Arg, flag: &str, value: &str, folder: &Path) -> Option<OsString> {
    if !arg.get_action().takes_values() {
        return (value == "true").then(|| flag.into());
    }
    let is_path = matches!(arg.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath);
    let value = match is_path && value != "-" {
        true => folder.join(value).to_string_lossy().into_owned(),
        false => value.to_owned(),
    };
    Some(format!("{flag}={value}").into())
}

/// The flag itself, or one that excludes it, was typed: what was typed wins.
fn is_overruled(call: &Call<'_>, arg: &clap::Arg) -> bool {
    let home = if call.verb.get_arguments().any(|a| a.get_id() == arg.get_id()) { call.verb } else { call.tree };
    let also = home.get_arguments().filter(|other| {
        let pair =
            |a: &clap::Arg, b: &clap::Arg| home.get_arg_conflicts_with(a).iter().any(|c| c.get_id() == b.get_id());
        pair(arg, other) || pair(other, arg)
    });
    std::iter::once(arg).chain(also).any(|a| was_typed(call, a))
}

fn was_typed(call: &Call<'_>, arg: &clap::Arg) -> bool {
    let long = arg.get_long().map(|l| format!("--{l}"));
    call.before.iter().chain(call.rest).filter_map(|a| a.to_str()).any(|typed| {
        let by_long =
            long.as_ref().is_some_and(|l| typed == l || typed.strip_prefix(l).is_some_and(|r| r.starts_with('=')));
        let short = typed.strip_prefix('-').filter(|s| !s.starts_with('-'));
        by_long || arg.get_short().zip(short).is_some_and(|(c, cluster)| cluster.contains(c))
    })
}

fn find_arg<'a>(call: &'a Call<'_>, key: &str) -> Option<&'a clap::Arg> {
    let global = call.tree.get_arguments().filter(|a| a.is_global_set());
    call.verb.get_arguments().chain(global).find(|a| a.get_long() == Some(key))
}

/// Every table is a command or a verb of one; below the last verb stand its flags.
fn check_names(command: &Command, path: &str, table: &DeTable<'_>, at: &dyn Fn(usize, String) -> Error) -> Result<()> {
    for (name, inner) in table {
        let (start, name) = (name.span().start, name.get_ref().as_ref());
        let Some(below) = command.find_subcommand(name) else {
            let of = if path == "govctl" { "govctl noun".to_owned() } else { format!("verb of `{path}`") };
            return Err(at(start, format!("`{name}` is no {of}")));
        };
        if !below.has_subcommands() {
            continue;
        }
        let Some(inner) = inner.get_ref().as_table() else {
            return Err(at(start, format!("[{name}.VERB] was expected")));
        };
        check_names(below, &format!("{path} {name}"), inner, at)?;
    }
    Ok(())
}

fn values(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(s) => Some(vec![s.to_string()]),
        DeValue::Integer(i) => Some(vec![i.as_str().to_owned()]),
        DeValue::Float(f) => Some(vec![f.as_str().to_owned()]),
        DeValue::Boolean(b) => Some(vec![b.to_string()]),
        DeValue::Array(items) => {
            let mut all = Vec::new();
            for item in items.iter() {
                all.extend(values(item.get_ref())?);
            }
            Some(all)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(text: &str, typed: &[&str]) -> Result<Vec<OsString>> {
        defaults_behind(&["diff", "run"], text, typed)
    }

    fn defaults_behind(verb_words: &[&str], text: &str, typed: &[&str]) -> Result<Vec<OsString>> {
        let arg = |name: &'static str| clap::Arg::new(name).long(name);
        let verb = Command::new("run").args([
            arg("hmac-key"),
            arg("types").value_hint(ValueHint::FilePath),
            arg("lhs").action(clap::ArgAction::Append).conflicts_with("digests"),
            arg("digests"),
            arg("infer").action(clap::ArgAction::SetTrue).short('i'),
        ]);
        let tree = Command::new("govctl").arg(arg("evidence")).subcommand(Command::new("diff").subcommand(verb));
        let tree = tree.subcommand(Command::new("util"));
        let args: Vec<OsString> = ["govctl"].iter().chain(verb_words).chain(typed).map(|a| a.into()).collect();
        let call = find_verb(&tree, &args).expect("a call of a verb");
        defaults_for(&call, text, Path::new(".."))
    }

    #[test]
    fn keys_are_refused() {
        let error = defaults("[diff.run]\nhmac-key = \"a.key\"\n", &[]).unwrap_err();
        assert_eq!(error.to_string(), "../govctl.toml:2:1: keys and secrets are never read from govctl.toml");
        assert_eq!(error.hint.as_deref(), Some("give --hmac-key on the command line"));
    }

    #[test]
    fn values_become_arguments_and_paths_are_relative_to_the_file() {
        let text = "[diff.run]\ntypes = \"types.yaml\"\nlhs = [\"a\", \"b\"]\ninfer = true\n";
        assert_eq!(defaults(text, &[]).unwrap(), ["--infer", "--lhs=a", "--lhs=b", "--types=../types.yaml"]);
        assert_eq!(defaults("[diff.run]\ntypes = \"-\"\ninfer = false\n", &[]).unwrap(), ["--types=-"]);
        assert!(defaults("[diff.digest]\n", &[]).is_err());
        assert_eq!(defaults("[diff]\n", &[]).unwrap(), Vec::<OsString>::new());
    }

    #[test]
    fn what_was_typed_wins_over_itself_and_over_what_it_excludes() {
        let text = "[diff.run]\nlhs = \"a\"\ninfer = true\n";
        assert_eq!(defaults(text, &["--lhs", "b", "--infer"]).unwrap(), Vec::<OsString>::new());
        assert_eq!(defaults(text, &["--lhs=b", "-i"]).unwrap(), Vec::<OsString>::new());
        assert_eq!(defaults(text, &["--digests", "d"]).unwrap(), ["--infer"]);
        assert_eq!(defaults("[diff.run]\ndigests = \"d\"\n", &["--lhs", "b"]).unwrap(), Vec::<OsString>::new());
    }

    #[test]
    fn the_value_of_a_flag_is_no_noun() {
        for words in [["--evidence", "util", "diff", "run"], ["diff", "--evidence", "run", "run"]] {
            assert_eq!(defaults_behind(&words, "[diff.run]\ninfer = true\n", &[]).unwrap(), ["--infer"]);
        }
    }
}
