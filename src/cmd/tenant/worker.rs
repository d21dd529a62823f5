//! Work on policies that nobody reviewed, in a child process with limits: such a policy can hang the engine, fill the
//! memory or end the process, and each of these is a finding here.

use std::ffi::OsString;
use std::io::{Read, Write};

use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::child::{self, Ended};
use crate::policy::Fault;
use crate::policy::code::Code;

/// The first argument of the child. It is no verb: only this binary calls it.
const ARGUMENT: &str = "policy-worker";

/// One kind of work. It must be pure: what it needs stands in its fields.
pub trait Job: Serialize + DeserializeOwned {
    const NAME: &'static str;
    /// What is told while it works.
    type Event: Serialize + DeserializeOwned;
    type Done: Serialize + DeserializeOwned;

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

/// A line of the child.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said<E, D> {
    Event(E),
    Done(D),
}

/// Does the work in a child. Its death is a fault of the policy.
pub fn run<J: Job>(
    ctx: &Ctx,
    limits: &Limits,
    job: J,
    mut on: impl FnMut(J::Event) -> Result<()>,
) -> Result<std::result::Result<J::Done, Fault>> {
    let lost =
        |e: serde_json::Error| Error::bug(format!("cannot pass work to the process that evaluates policies: {e}"));
    let order = serde_json::to_vec(&Order { memory: limits.memory, job }).map_err(lost)?;
    let deadline = clock::deadline(limits.timeout);
    let mut done = None;
    let go_on = || ctx.interrupt.check().map(|()| !deadline.passed());
    let ended = child::run(&[ARGUMENT, J::NAME], &order, go_on, |line| {
        match serde_json::from_slice::<Said<J::Event, J::Done>>(line).map_err(lost)? {
            Said::Event(event) => on(event)?,
            Said::Done(all) => done = Some(all),
        }
        Ok(())
    })?;
    Ok(match (done, ended) {
        (Some(done), Ended::Well) => Ok(done),
        (_, ended) => Err(died(limits, &ended)),
    })
}

fn died(limits: &Limits, ended: &Ended) -> Fault {
    let message = match ended {
        Ended::Stopped => format!("did not end within {}", clock::duration_text(limits.timeout)),
        Ended::Well => "the process that evaluates the policy ended without a result".to_owned(),
        Ended::Badly { said, .. } if said.contains("memory allocation of") => {
            format!("needed more than {} MiB of memory", limits.memory >> 20)
        }
        Ended::Badly { said, .. } if said.contains("overflowed its stack") => "overflowed the stack".to_owned(),
        Ended::Badly { how, said } => {
            format!("the process that evaluates the policy {how}: {}", crate::text::without_middle(reason(said), 200))
        }
    };
    Fault::of_nothing(Code::EngineCrash, &message)
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

/// The child's side: reads an order, works, and writes what it tells as lines.
#[expect(clippy::disallowed_methods, reason = "the pipes to the parent are no standard streams of a command")]
pub fn serve<J: Job>() -> Exit {
    let mut order = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut order).is_err() {
        return Exit::Environment;
    }
    let Ok(Order::<J> { memory, job }) = serde_json::from_slice(&order) else { return Exit::Bug };
    if rlimit::setrlimit(rlimit::Resource::AS, memory, memory).is_err() {
        return Exit::Environment;
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut lost = false;
    let mut say = |said: Said<J::Event, J::Done>| {
        // A parent that is gone ends the child at its next line.
        let written = serde_json::to_writer(&mut out, &said).is_ok() && out.write_all(b"\n").is_ok();
        lost |= !written || out.flush().is_err();
    };
    let done = job.run(&mut |event| say(Said::Event(event)));
    say(Said::Done(done));
    if lost { Exit::Environment } else { Exit::Clean }
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
