//! Evaluation: the virtual machine, which decides, and the interpreter, which checks it and runs tests.

use std::sync::Arc;
use std::time::Duration;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::RegoVM;
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};

use super::code::Code;
use super::fault::Fault;
use super::parse::Parsed;
use super::source::Sources;
use super::{ENTRY, parse, paths};

/// How long one evaluation may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub instructions: usize,
    /// Wall time; None where a child process is limited as a whole, since a busy machine must not change a verdict.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { instructions: 1_000_000, time: None }
    }
}

/// A compiled policy. It is cheap to clone and can be shared by threads.
#[derive(Clone)]
pub struct Policy {
    program: Arc<Program>,
    engine: Engine,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
}

impl Policy {
    /// Compiles the files that decide. What [`super::check`] finds must be empty before.
    pub fn compile(sources: &Sources) -> Result<Policy, Fault> {
        let mut engine = engine(&sources.without_tests())?;
        let compiled = engine.compile_with_entrypoint(&ENTRY.into()).map_err(|e| placed(sources, &e))?;
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY]).map_err(|e| placed(sources, &e))?;
        Ok(Policy { program, engine })
    }

    /// One thread's evaluator over compiled data.
    pub fn evaluator(&self, data: &Value, limits: Limits) -> Result<Evaluator, String> {
        let mut vm = RegoVM::new();
        vm.load_program(self.program.clone());
        vm.set_data(data.clone()).map_err(|e| e.to_string())?;
        vm.set_max_instructions(limits.instructions);
        vm.set_strict_builtin_errors(false);
        vm.set_execution_timer_config(limits.time.map(timer));
        Ok(Evaluator { vm })
    }

    /// The interpreter over compiled data.
    pub fn interpreter(&self, data: &Value, limits: Limits) -> Result<Interpreter, String> {
        let mut engine = self.engine.clone();
        engine.add_data(data.clone()).map_err(|e| format!("{e:#}"))?;
        if let Some(time) = limits.time {
            engine.set_execution_timer_config(timer(time));
        }
        Ok(Interpreter { engine })
    }
}

/// Compiles files without the entry point, as far as the interpreter does.
pub(super) fn prepare(sources: &Sources, parsed: &[Parsed]) -> Result<(), Fault> {
    let names = |file: &Parsed| {
        let first = file.module.policy.iter().find_map(|rule| paths::rule_name(rule))?;
        Some(format!("data.{}.{first}", file.package().join(".")))
    };
    let Some(rule) = parsed.iter().find_map(names) else { return Ok(()) };
    let mut engine = engine(sources)?;
    engine.compile_with_entrypoint(&rule.as_str().into()).map(drop).map_err(|e| placed(sources, &e))
}

/// What the compiler says, at the file that it names.
pub(super) fn placed(sources: &Sources, error: &dyn std::fmt::Display) -> Fault {
    let text = format!("{error:#}");
    let named = sources.files().iter().find(|file| text.contains(&format!("--> {}:", file.shown)));
    match named.or(sources.files().first()) {
        Some(file) => parse::syntax(file, &text),
        None => Fault::of_nothing(Code::NoPolicy, "no `.rego` file was given"),
    }
}

/// An engine that holds the files. Errors of builtins make a value undefined, as in OPA and the virtual machine.
pub(super) fn engine(sources: &Sources) -> Result<Engine, Fault> {
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(false);
    engine.set_gather_prints(true);
    for file in sources.files() {
        engine.add_policy(file.shown.clone(), file.text.clone()).map_err(|e| parse::syntax(file, &e))?;
    }
    Ok(engine)
}

fn timer(limit: Duration) -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit, check_interval: const { std::num::NonZeroU32::new(1024).unwrap() } }
}

/// What was decided: allowed or not, and every deny code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub allow: bool,
    /// Sorted, each once.
    pub deny: Vec<Arc<str>>,
}

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecided {
    /// The evaluation failed or took too long.
    Failed(String),
    /// What came out is no decision: undefined, or of another shape.
    IllFormed(String),
}

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Undecided::Failed(text) => write!(f, "the evaluation failed: {text}"),
            Undecided::IllFormed(text) => write!(f, "the result is no decision: {text}"),
        }
    }
}

/// The virtual machine of one thread.
pub struct Evaluator {
    vm: RegoVM,
}

impl Evaluator {
    /// The bare result of the entry point.
    pub fn evaluate(&mut self, input: Value) -> Result<Value, Undecided> {
        self.vm.set_input(input);
        self.vm.execute_entry_point_by_index(0).map_err(|e| Undecided::Failed(e.to_string()))
    }

    pub fn decide(&mut self, input: Value) -> Result<Decision, Undecided> {
        self.evaluate(input).and_then(|value| decision(&value))
    }

    /// Other data; the checks of the first data are not repeated.
    pub fn set_data(&mut self, data: Value) -> Result<(), String> {
        self.vm.set_data(data).map_err(|e| e.to_string())
    }
}

/// The interpreter over the same policy and data.
pub struct Interpreter {
    engine: Engine,
}

impl Interpreter {
    pub fn evaluate(&mut self, input: Value) -> Result<Value, Undecided> {
        self.engine.set_input(input);
        self.engine.eval_rule(ENTRY.to_owned()).map_err(|e| Undecided::Failed(format!("{e:#}")))
    }

    pub fn decide(&mut self, input: Value) -> Result<Decision, Undecided> {
        self.evaluate(input).and_then(|value| decision(&value))
    }
}

/// Allow and the codes of a decision `{"allow": bool, "deny": {{"code": text}, ...}}`.
pub fn decision(value: &Value) -> Result<Decision, Undecided> {
    let wrong = |what: &str| Undecided::IllFormed(what.to_owned());
    let object = value.as_object().map_err(|_| wrong("`decision` is undefined or no object"))?;
    let member = |name: &str| object.get(&Value::from(name)).ok_or_else(|| wrong(&format!("it lacks `{name}`")));
    let allow = *member("allow")?.as_bool().map_err(|_| wrong("`allow` is neither true nor false"))?;
    let set = member("deny")?.as_set().map_err(|_| wrong("`deny` is no set"))?;
    let code = Value::from("code");
    let mut deny = Vec::with_capacity(set.len());
    for entry in set.iter() {
        match entry.as_object().ok().filter(|o| o.len() == 1).and_then(|o| o.get(&code)) {
            Some(Value::String(text)) => deny.push(text.clone()),
            _ => return Err(wrong("a member of `deny` is no object with a text `code` alone")),
        }
    }
    if object.len() != 2 {
        return Err(wrong("it has members beside `allow` and `deny`"));
    }
    Ok(Decision { allow, deny })
}

#[cfg(test)]
mod tests;
