//! Rego policies: read, checked, compiled and evaluated. The only user of regorus.
//!
//! `Sources` → [`check`] → [`Policy::compile`] → an [`Evaluator`] per thread. A policy that nobody reviewed can hang or end the
//! process that parses or evaluates it, whatever is checked before: verbs that take one do both in a child process.

pub mod ast;
pub mod code;
pub mod cover;
mod eval;
mod fault;
pub mod lint;
pub mod mutate;
pub mod number;
pub mod parse;
pub mod paths;
mod scan;
pub mod scopes;
mod source;
pub mod suite;

pub use eval::{Decision, Evaluator, Interpreter, Limits, Policy, Undecided, decision};
pub use fault::Fault;
pub use regorus::Value;
pub use source::{File, Sources, is_archive, is_data, is_test, policy_sha256};

use code::Code;
use parse::Parsed;

/// The rule that decides, in its package.
pub const PACKAGE: &str = "switchboard";
/// Where compiled data lie: no package may.
pub const DATA: [&str; 4] = ["classifications", "regions", "router", "tenants"];
/// What decides, as proofs name it.
pub const ENGINE: &str = "regorus 0.14.1 RVM";
pub const ENTRY: &str = "data.switchboard.decision";

/// A well-formed input.
const PROBE: &str = r#"{"subject":{"authenticated":true},"tenant":{"id":"a"},"resource":{"tenant":"a","kind":"k","classification":"c","label":"l"},"context":{"region":"R"}}"#;

/// The trees of all files, or what forbids to parse them.
pub fn parse_all(sources: &Sources) -> Result<Vec<Parsed<'_>>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut parsed = Vec::new();
    for file in sources.files() {
        match scan::scan(file).map_or_else(|| parse::parse(file), Err) {
            Ok(file) => parsed.push(file),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(parsed) } else { Err(faults) }
}

/// Everything that is wrong with the files. `whole` demands that they are a policy with its entry point, not parts of one.
pub fn check(sources: &Sources, whole: bool) -> Vec<Fault> {
    let parsed = match parse_all(sources) {
        Ok(parsed) => parsed,
        Err(faults) => return faults,
    };
    let mut faults = lint::lint(&parsed);
    if whole {
        faults.extend(entry(sources, &parsed));
    }
    // What is left for the compiler are mistakes that only it sees, such as variables without a value.
    if faults.is_empty() {
        faults.extend(match entry(sources, &parsed) {
            None => Policy::compile(sources).and_then(|policy| probe(sources, &policy)).err(),
            Some(_) => eval::prepare(sources, &parsed).err(),
        });
    }
    faults
}

/// Decides two inputs over no data: what loops or panics whatever the input does it here, in the process that may die.
fn probe(sources: &Sources, policy: &Policy) -> Result<(), Fault> {
    let fault = |message: String| match sources.modules().next() {
        Some(file) => Fault::new(Code::EngineCrash, file, 0, 0, message),
        None => Fault::of_nothing(Code::EngineCrash, &message),
    };
    let data = Value::new_object();
    let mut machine = policy.evaluator(&data, Limits::default()).map_err(&fault)?;
    for input in ["{}", PROBE] {
        let input = Value::from_json_str(input).map_err(|e| fault(e.to_string()))?;
        if let Err(Undecided::Failed(what)) = machine.decide(input) {
            return Err(fault(format!("cannot be evaluated: {what}")));
        }
    }
    Ok(())
}

/// What is missing to decide anything.
fn entry(sources: &Sources, parsed: &[Parsed]) -> Option<Fault> {
    let about = |file: &File, code: Code, message: &str| Some(Fault::new(code, file, 0, 0, message));
    let mut modules = parsed.iter().filter(|p| !p.file.is_test()).peekable();
    let Some(first) = modules.peek().map(|p| p.file) else {
        return sources.files().first().and_then(|file| about(file, Code::NoPolicy, "there are only tests beside it"));
    };
    let decides = |p: &Parsed| {
        p.package() == [PACKAGE] && p.module.policy.iter().any(|r| paths::rule_name(r).as_deref() == Some("decision"))
    };
    let missing = || about(first, Code::EntryMissing, "no file holds a rule `decision` in package `switchboard`");
    if modules.any(decides) { None } else { missing() }
}
