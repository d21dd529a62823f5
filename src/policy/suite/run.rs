//! Running tests on the interpreter, which unlike the virtual machine knows `with`.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};

use regorus::{Engine, PolicyLengthConfig, Value};

use super::find::{Found, Kind};
use crate::policy::eval;
use crate::policy::fault::Fault;
use crate::policy::source::{File, Sources};
use crate::record::tenant::{Outcome, Test};
use crate::text::without_middle;

/// How much of what a test printed is shown, in characters.
const PRINTED: usize = 1024;

/// The interpreter with all files. Each test runs on a copy of it: what fails leaves nothing behind.
pub struct Machine {
    engine: Engine,
    /// Of each file, by its name for people, the lines that were evaluated.
    seen: Option<BTreeMap<String, BTreeSet<u32>>>,
}

impl Machine {
    /// `first` is any rule; without one there is nothing to run.
    pub fn new(sources: &Sources, first: Option<&Found>) -> Result<Machine, Fault> {
        let mut engine = eval::engine(sources)?;
        if let Some(found) = first {
            let path = path(&found.package, &found.name);
            engine.compile_with_entrypoint(&path.as_str().into()).map_err(|e| eval::placed(sources, &e))?;
        }
        Ok(Machine { engine, seen: None })
    }

    /// Notes which lines are evaluated. The files may be longer than those that people write.
    pub fn measuring(files: &[File], first: Option<&Found>) -> Result<Machine, String> {
        let mut engine = Engine::new();
        engine.set_policy_length_config(PolicyLengthConfig {
            max_col: NonZeroU32::MAX,
            max_file_bytes: NonZeroUsize::MAX,
            max_lines: NonZeroUsize::MAX,
        });
        engine.set_strict_builtin_errors(false);
        engine.set_gather_prints(true);
        for file in files {
            engine.add_policy(file.shown.clone(), file.text.clone()).map_err(|e| format!("{e:#}"))?;
        }
        if let Some(found) = first {
            let path = path(&found.package, &found.name);
            engine.compile_with_entrypoint(&path.as_str().into()).map_err(|e| format!("{e:#}"))?;
        }
        engine.set_enable_coverage(true);
        Ok(Machine { engine, seen: Some(BTreeMap::new()) })
    }

    /// What became of a test, or of each case of a table.
    pub fn run(&mut self, found: &Found) -> Vec<Test> {
        let mut engine = self.engine.clone();
        let tests = match &found.kind {
            Kind::Todo => vec![test(found, None, Outcome::Skipped, None)],
            Kind::Unclear(why) => vec![test(found, None, Outcome::Error, Some((*why).to_owned()))],
            Kind::Plain => vec![plain(&mut engine, found)],
            Kind::Table(names) => match cases(&mut engine, &path(&found.package, names)) {
                Ok(cases) => table(&mut engine, found, &cases),
                Err(why) => vec![test(found, None, Outcome::Error, Some(why))],
            },
        };
        self.note(&engine);
        tests
    }

    fn note(&mut self, engine: &Engine) {
        let Some(seen) = &mut self.seen else { return };
        for file in engine.get_coverage_report().map(|report| report.files).unwrap_or_default() {
            seen.entry(file.path).or_default().extend(file.covered);
        }
    }

    /// The lines that were evaluated.
    pub fn seen(&self, file: &str) -> BTreeSet<u32> {
        self.seen.as_ref().and_then(|seen| seen.get(file)).cloned().unwrap_or_default()
    }
}

fn test(found: &Found, case: Option<String>, outcome: Outcome, message: Option<String>) -> Test {
    Test {
        package: found.package.join("."),
        name: found.name.clone(),
        case,
        outcome,
        file: found.file.clone(),
        line: found.line,
        message,
    }
}

fn plain(engine: &mut Engine, found: &Found) -> Test {
    let value = value(engine, &path(&found.package, &found.name));
    let printed = printed(engine);
    let (outcome, message) = match value {
        Err(why) => (Outcome::Error, Some(why)),
        Ok(Value::Bool(true)) => (Outcome::Pass, None),
        Ok(Value::Undefined) => (Outcome::Fail, Some("undefined: a condition of its body does not hold".to_owned())),
        Ok(value) => (Outcome::Fail, Some(other(&value))),
    };
    test(found, None, outcome, message.map(|message| message + &printed))
}

/// As a query: a rule whose name has parts is no rule to the engine, but what lies in them.
fn value(engine: &mut Engine, path: &str) -> Result<Value, String> {
    let results = engine.eval_query(path.to_owned(), false).map_err(|e| failure(&e))?;
    let mut expressions = results.result.into_iter().flat_map(|result| result.expressions);
    Ok(expressions.next().map_or(Value::Undefined, |expression| expression.value))
}

/// The names of the cases, each with the keys that lead to it.
fn cases(engine: &mut Engine, names: &str) -> Result<Vec<Vec<Value>>, String> {
    let list = engine.eval_rule(names.to_owned()).map_err(|e| failure(&e))?;
    let cases: Vec<Vec<Value>> = list
        .as_array()
        .map(|cases| cases.iter().filter_map(|keys| Some(keys.as_array().ok()?.iter().cloned().collect())).collect())
        .unwrap_or_default();
    match cases.is_empty() {
        true => Err("the table has no case".to_owned()),
        false => Ok(cases),
    }
}

fn table(engine: &mut Engine, found: &Found, cases: &[Vec<Value>]) -> Vec<Test> {
    let value = value(engine, &path(&found.package, &found.name));
    let printed = printed(engine);
    let twice = |keys: &Vec<Value>| cases.iter().filter(|other| *other == keys).count() > 1;
    let judge = |keys: &Vec<Value>| match &value {
        Err(why) => (Outcome::Error, Some(why.clone())),
        Ok(_) if twice(keys) => {
            (Outcome::Error, Some("two cases have this name, and one that holds would hide the other".to_owned()))
        }
        Ok(value) => match keys.iter().fold(value, |value, key| &value[key]) {
            Value::Bool(true) => (Outcome::Pass, None),
            Value::Undefined => (Outcome::Fail, Some("undefined: a condition does not hold in this case".to_owned())),
            value => (Outcome::Fail, Some(other(value))),
        },
    };
    let named = |keys: &Vec<Value>| keys.iter().map(shown).collect::<Vec<_>>().join("/");
    let of_case = |keys| {
        let (outcome, message) = judge(keys);
        test(found, Some(named(keys)), outcome, message.map(|message| message + &printed))
    };
    cases.iter().map(of_case).collect()
}

fn failure(error: &dyn std::fmt::Display) -> String {
    let text = format!("{error:#}");
    let said = text.rsplit_once("error: ").map_or(text.as_str(), |(_, said)| said);
    format!("the evaluation failed: {}", said.trim().replace('\n', " "))
}

fn other(value: &Value) -> String {
    let text = json(value);
    let hint = if matches!(value, Value::Set(_) | Value::Object(_)) {
        " (a table begins with `some name, case in cases` and is written `test_x[name] if`)"
    } else {
        ""
    };
    format!("is {} and not true{hint}", without_middle(&text, 200))
}

/// A name as people know it: texts without quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => json(other),
    }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "a value that is no JSON".to_owned())
}

/// What was printed, to stand behind a message.
fn printed(engine: &mut Engine) -> String {
    match engine.take_prints() {
        Ok(lines) if !lines.is_empty() => format!("; printed: {}", without_middle(&lines.join("\n"), PRINTED)),
        _ => String::new(),
    }
}

/// A rule as the engine names it.
fn path(package: &[String], name: &str) -> String {
    let mut path = "data".to_owned();
    for part in package.iter().map(String::as_str).chain([name]) {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match plain && !part.starts_with(|c: char| c.is_ascii_digit()) {
            true => path.extend([".", part]),
            false => path.push_str(&format!("[{}]", serde_json::Value::from(part))),
        }
    }
    path
}
