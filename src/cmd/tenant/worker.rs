//! Work on policies that nobody reviewed, in a child process with limits: such a policy can hang the engine, fill the
//! memory or end the process, and each of these is a finding here.

use std::ffi::OsString;

use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::io::child::{Child, Ended, Parent};
use crate::policy::code::Code;
use crate::policy::{Fault, Sources};

/// The first argument of the child. It is no verb: only this binary calls it.
const ARGUMENT: &str = "policy-worker";
/// The limit is one of addresses, and the thread that reads reserves as many of them, which it does not use.
const READER: u64 = 66 << 20;

/// One kind of work. It must be pure: what it needs stands in its fields.
pub trait Job: Serialize + DeserializeOwned {
    const NAME: &'static str;
    /// What is told while it works.
    type Event: Serialize + DeserializeOwned;
    type Done: Serialize + DeserializeOwned;

    /// What is to blame where the child dies.
    fn policy(&self) -> &Sources;

    fn run(self, tell: &mut dyn FnMut(Self::Event)) -> Self::Done;
}

/// The limits of the child process.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits of the process that evaluates the policy")]
pub struct Limits {
    /// How long it may take
    #[arg(long, default_value = "10m", value_name = "DURATION", value_parser = limit)]
    timeout: i64,
    /// How much memory it may use, such as 512MiB or 2GiB
    #[arg(long, default_value = "2GiB", value_name = "SIZE", value_parser = size)]
    memory: u64,
}

fn limit(text: &str) -> std::result::Result<i64, String> {
    match crate::cmd::duration(text)? {
        0 => Err(format!("`{text}` leaves no time; 60s is enough for most policies")),
        ms => Ok(ms),
    }
}

fn size(text: &str) -> std::result::Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit {
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err("a whole number of MiB or GiB was expected, such as 512MiB or 2GiB".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "a whole number was expected before the unit".to_owned())?;
    // Below this the process cannot even start its threads.
    number.checked_mul(1 << shift).filter(|n| *n >= 64 << 20).ok_or_else(|| "64MiB or more was expected".to_owned())
}

/// What the parent sends before the job.
#[derive(Serialize, Deserialize)]
struct Order<J> {
    memory: u64,
    job: J,
}

/// A frame of the child.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said<E, D> {
    Event(E),
    Done(D),
}

impl Limits {
    /// Whether to go on, asked again and again from now on; an error after a signal.
    pub fn go_on(&self, interrupt: &Interrupt) -> impl FnMut() -> Result<bool> {
        let deadline = clock::deadline(self.timeout);
        move || interrupt.check().map(|()| !deadline.passed())
    }

    /// What ended the child, as the end of a sentence: the same wherever it happens.
    pub fn cause(&self, ended: &Ended) -> String {
        match (self.known_cause(ended), ended) {
            (Some(cause), _) => cause,
            (None, Ended::Badly { how, .. }) => format!("lost its process, which {how}"),
            (None, _) => "ended its process without a result".to_owned(),
        }
    }

    /// Where it was a limit.
    fn known_cause(&self, ended: &Ended) -> Option<String> {
        match ended {
            Ended::Stopped => Some(format!("did not end within {}", clock::duration_text(self.timeout))),
            Ended::Badly { said, .. } if said.contains("memory allocation of") => {
                Some(format!("needed more than {} MiB of memory", self.memory >> 20))
            }
            Ended::Badly { said, .. } if said.contains("overflowed its stack") => {
                Some("overflowed the stack".to_owned())
            }
            Ended::Well | Ended::Badly { .. } => None,
        }
    }

    /// What a child is sent first.
    pub fn order<J: Serialize>(&self, job: &J) -> Result<Vec<u8>> {
        serde_json::to_vec(&Order { memory: self.memory, job }).map_err(lost)
    }
}

fn lost(e: serde_json::Error) -> Error {
    Error::bug(format!("cannot pass work to the process that evaluates policies: {e}"))
}

/// A child with its order.
pub fn start(name: &str, order: &[u8]) -> Result<Child> {
    let mut child = Child::start(&[ARGUMENT, name])?;
    child.tell(&[order]);
    Ok(child)
}

/// Does the work in a child. Its death is a fault of the policy.
pub fn run<J: Job>(
    ctx: &Ctx,
    limits: &Limits,
    job: J,
    mut on: impl FnMut(J::Event) -> Result<()>,
) -> Result<std::result::Result<J::Done, Fault>> {
    let mut child = start(J::NAME, &limits.order(&job)?)?;
    let mut go_on = limits.go_on(&ctx.interrupt);
    loop {
        let frame = match child.hear(&mut go_on)? {
            Ok(frame) => frame,
            Err(ended) => return Ok(Err(died(limits, job.policy(), &ended))),
        };
        match serde_json::from_slice::<Said<J::Event, J::Done>>(&frame).map_err(lost)? {
            Said::Event(event) => on(event)?,
            Said::Done(done) => return Ok(Ok(done)),
        }
    }
}

/// At the first file of the policy.
fn died(limits: &Limits, policy: &Sources, ended: &Ended) -> Fault {
    let mut message = limits.cause(ended);
    // What no limit explains, the last words may.
    if let (None, Ended::Badly { said, .. }) = (limits.known_cause(ended), ended)
        && !reason(said).is_empty()
    {
        message = format!("{message}: {}", crate::text::without_middle(reason(said), 200));
    }
    match policy.modules().next() {
        Some(file) => Fault::new(Code::EngineCrash, file, 0, 0, message),
        None => Fault::of_nothing(Code::EngineCrash, &message),
    }
}

/// The first line that says why. A panic begins with the number of its thread and a path of the machine that built the
/// program: the same policy must give the same finding everywhere.
fn reason(said: &str) -> &str {
    let mut lines = said.lines().filter(|line| !line.trim().is_empty());
    lines.find(|line| !(line.starts_with("thread '") && line.contains(" panicked at "))).unwrap_or_default()
}

/// The work that the arguments ask for, where this is the child.
pub fn asked(args: &[OsString]) -> Option<&str> {
    match args {
        [_, argument, name] if argument == ARGUMENT => name.to_str(),
        _ => None,
    }
}

/// The child's side: takes its order and works, within its limit.
pub fn serve<J: DeserializeOwned>(work: impl FnOnce(J, &mut Parent) -> Exit) -> Exit {
    let mut parent = Parent::of_child();
    let Some(order) = parent.hear() else { return Exit::Environment };
    let Ok(Order::<J> { memory, job }) = serde_json::from_slice(&order) else { return Exit::Bug };
    drop(order);
    let addresses = memory.saturating_add(READER);
    if rlimit::setrlimit(rlimit::Resource::AS, addresses, addresses).is_err() {
        return Exit::Environment;
    }
    work(job, &mut parent)
}

/// Of a job, which only tells.
pub fn serve_job<J: Job>() -> Exit {
    serve(|job: J, parent| {
        let mut lost = false;
        let mut say = |said: Said<J::Event, J::Done>| {
            let told = serde_json::to_vec(&said).map_err(std::io::Error::from).and_then(|said| parent.tell(&[&said]));
            lost |= told.is_err();
        };
        let done = job.run(&mut |event| say(Said::Event(event)));
        say(Said::Done(done));
        if lost { Exit::Environment } else { Exit::Clean }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_leaves_time() {
        assert!(limit("0s").is_err() && limit("0ms").is_err());
        assert_eq!(limit("1ms"), Ok(1));
    }

    #[test]
    fn a_panic_is_told_without_its_thread_and_its_path() {
        let said = "\nthread 'main' (6616) panicked at /home/x/.cargo/registry/src/regorus-0.14.1/src/vm.rs:12:5:\nindex out of bounds\nnote: run with";
        assert_eq!(reason(said), "index out of bounds");
        assert_eq!(reason("fatal runtime error"), "fatal runtime error");
        assert_eq!(reason(""), "");
    }
}
