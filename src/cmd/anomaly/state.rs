//! The state file of `detect`: under a lock from before it is read until after it is written.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use crate::anomaly::code::Code;
use crate::anomaly::watch::{Damaged, State, Watch};
use crate::clock::{Deadline, deadline};
use crate::cmd::{Ctx, duration};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::run::Input;

/// A state of 10,000 series with 5-minute buckets.
const LARGEST: u64 = 8 << 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Resume {
    /// The input goes on where that of the last run ended
    Continue,
    /// The input repeats all buckets that were open then
    Overlap,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "State")]
pub struct StateArgs {
    /// What was learned so far: read before and written after the run, which then goes on where the last one ended
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    state: Option<String>,
    /// How the input follows on that of the last run
    #[arg(long, value_enum, default_value = "continue", value_name = "HOW", requires = "state")]
    resume: Resume,
    /// Also write the state during a run, at most so often, for streams that do not end
    #[arg(long, default_value = "1m", value_parser = duration, value_name = "TIME", requires = "state")]
    state_every: i64,
    /// How long to wait for another run that has the state
    #[arg(long, default_value = "10s", value_parser = duration, value_name = "TIME", requires = "state")]
    lock_timeout: i64,
}

/// The file of this run.
pub struct StateFile {
    path: PathBuf,
    every_ms: i64,
    overlap: bool,
    /// What the last run left, until it is taken up.
    last: Option<State>,
    /// What this run leaves, until all that it told has left.
    staged: Option<fs::Staged>,
    due: Deadline,
    _lock: File,
}

impl StateArgs {
    /// Locks and reads the file; also names it among the inputs. None where no state is kept.
    pub fn open(&self, ctx: &Ctx, inputs: &mut Vec<Input>) -> Result<Option<StateFile>> {
        let Some(name) = &self.state else { return Ok(None) };
        let path = Path::new(name);
        if fs::may_wait(name) {
            return Err(Error::usage("a state is a file, and this is none")
                .at_file(name)
                .hint("--state takes the path of a file"));
        }
        let lock = self.lock(ctx, &beside(path))?;
        let last = match fs::read_if_there(name, LARGEST)? {
            None => None,
            Some(bytes) => {
                inputs.push(Input::of_bytes(fs::record_name(name), &bytes));
                Some(State::read(&bytes).map_err(|damaged| bad_state(name, &damaged))?)
            }
        };
        let (due, overlap) = (deadline(self.state_every), self.resume == Resume::Overlap);
        Ok(Some(StateFile {
            path: path.to_owned(),
            every_ms: self.state_every,
            overlap,
            last,
            staged: None,
            due,
            _lock: lock,
        }))
    }
}

impl StateArgs {
    fn lock(&self, ctx: &Ctx, path: &Path) -> Result<File> {
        let deadline = deadline(self.lock_timeout);
        fs::lock_patiently(path, || {
            ctx.interrupt.check()?;
            match deadline.passed() {
                false => Ok(()),
                true => Err(Error::environment("another run holds the lock of the state")
                    .at_file(&path.to_string_lossy())
                    .hint("wait for it to end, or raise --lock-timeout")),
            }
        })
    }
}

impl StateFile {
    /// Time never goes backwards.
    pub fn check_now(&self, now_ms: Option<i64>) -> Result<()> {
        let seen = self.last.as_ref().and_then(State::watermark);
        match now_ms.zip(seen).filter(|(now, seen)| now < seen) {
            None => Ok(()),
            Some((now, seen)) => {
                let text = crate::anomaly::times::text;
                let message = format!("now is {}, and the state has seen {}", text(now), text(seen));
                Err(Error::usage(format!("{}: {message}", Code::NowBeforeState.as_str()))
                    .at_file(&self.path.to_string_lossy())
                    .hint("correct --now or the clock; without --now the newest record is the time"))
            }
        }
    }

    /// The input holds again what the last run saw.
    pub fn repeats(&self) -> bool {
        self.overlap
    }

    /// Goes on where the last run ended.
    pub fn take_up(&mut self, ctx: &Ctx, watch: &mut Watch) -> Result<()> {
        let Some(state) = self.last.take() else { return Ok(()) };
        let name = self.path.to_string_lossy().into_owned();
        let taken = watch.resume(state, self.overlap).map_err(|damaged| bad_state(&name, &damaged))?;
        let warn = |rules: &[String], what: &str| {
            if !rules.is_empty() {
                let message = format!("{what}: {}", rules.join(", "));
                ctx.ui.warn(&Error::usage(message).at_file(&name));
            }
        };
        warn(&taken.dropped, "rules of the state are there no more, and what was learned for them is dropped");
        warn(
            &taken.restarted,
            "rules have another kind, group_by, tz or bucket than in the state, and learn from the beginning",
        );
        Ok(())
    }

    /// At once: for a run that goes on, or ends by a signal.
    pub fn save(&mut self, watch: &Watch) -> Result<()> {
        self.stage(watch)?;
        self.commit()
    }

    /// Writes it beside its place: a run whose output fails moves no state, and would be told twice if it did.
    pub fn stage(&mut self, watch: &Watch) -> Result<()> {
        let bytes = watch.save().map_err(|e| Error::bug(format!("the state cannot be written: {e}")))?;
        self.staged = Some(fs::Staged::output(&self.path, &bytes)?);
        Ok(())
    }

    /// Puts what was staged in its place.
    pub fn commit(&mut self) -> Result<()> {
        self.staged.take().map_or(Ok(()), fs::Staged::commit)
    }

    /// For streams that do not end.
    pub fn save_if_due(&mut self, watch: &Watch) -> Result<()> {
        if self.due.passed() {
            self.save(watch)?;
            self.due = deadline(self.every_ms);
        }
        Ok(())
    }
}

fn bad_state(name: &str, damaged: &Damaged) -> Error {
    let error = Error::input(format!("{}: {}", Code::BadState.as_str(), damaged.message))
        .hint("restore the file from a backup; or remove it by hand, and all series warm up again");
    if damaged.line == 0 { error.at_file(name) } else { error.at(name, damaged.line, None) }
}

/// The lock is a file of its own, since the state is replaced as a whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".lock");
    path.with_file_name(name)
}
