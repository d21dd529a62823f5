//! A child process of the same binary that can be killed: for work that may hang, run out of memory or crash.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::error::{Error, Result};

/// How often it is looked whether to go on.
const GLANCE: Duration = Duration::from_millis(50);
/// Of what the child says on standard error only the end is kept.
const SAID: usize = 2000;

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Well,
    /// In words, with the last that it said.
    Badly {
        how: String,
        said: String,
    },
    /// It was told to stop.
    Stopped,
}

/// Runs this binary with arguments and standard input, and gives each line of its standard output to `line`.
/// `go_on` is asked all the time; the child is killed where it says no, and at any error.
pub fn run(
    arguments: &[&str],
    input: &[u8],
    mut go_on: impl FnMut() -> Result<bool>,
    mut line: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Ended> {
    let failed =
        |e: std::io::Error| Error::environment(format!("cannot start the process that evaluates policies: {e}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command
        .env("RUST_BACKTRACE", "0")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Killed(command.spawn().map_err(failed)?);
    let (stdin, stdout, stderr) = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input)));
        let said = scope.spawn(move || stderr.map(last_words).unwrap_or_default());
        let (sender, lines) = mpsc::sync_channel(1024);
        scope.spawn(move || {
            for line in stdout.into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n')).map_while(|l| l.ok()) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        // The threads end when the pipes do, so the child must be gone before the scope ends, on each way out.
        let result = (|| {
            loop {
                if !go_on()? {
                    return Ok(None);
                }
                match lines.recv_timeout(GLANCE) {
                    Ok(text) => line(&text)?,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return child.0.wait().map(Some).map_err(failed),
                }
            }
        })();
        drop(child);
        drop(lines);
        let said = said.join().unwrap_or_default();
        Ok(match result? {
            None => Ended::Stopped,
            Some(status) if status.success() => Ended::Well,
            Some(status) => Ended::Badly { how: words(status), said },
        })
    })
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn last_words(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(n @ 1..) = pipe.read(&mut chunk) {
        kept.extend_from_slice(&chunk[..n]);
        let over = kept.len().saturating_sub(SAID);
        kept.drain(..over);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

fn words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("ended by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "ended without a status".to_owned(),
    }
}
