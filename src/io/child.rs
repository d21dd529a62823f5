//! A child process of the same binary that can be killed, for work that may hang, run out of memory or crash, and what
//! the two tell each other: frames of a length, 8 bytes in little endian, and as many bytes.

use std::io::{self, Read, Write};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
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

/// The child, as its parent sees it. It is killed where it is dropped.
pub struct Child {
    process: Killed,
    stdin: Option<ChildStdin>,
    frames: Frames,
    said: Option<JoinHandle<String>>,
}

impl Child {
    /// Runs this binary with arguments. Its standard streams are pipes, and a signal from the terminal does not reach it.
    pub fn start(arguments: &[&str]) -> Result<Child> {
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.env("RUST_BACKTRACE", "0").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = Killed(command.spawn().map_err(failed)?);
        let (stdin, stdout, stderr) = (process.0.stdin.take(), process.0.stdout.take(), process.0.stderr.take());
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(Error::bug("a child process was started without pipes"));
        };
        let said = std::thread::spawn(move || last_words(stderr));
        Ok(Child { process, stdin, frames: Frames::of(stdout, || ()), said: Some(said) })
    }

    /// Sends a frame of these parts. The child must be waiting for it.
    pub fn tell(&mut self, parts: &[&[u8]]) {
        // A child that reads no more has ended, and how is what comes in place of its next frame.
        let _ = self.stdin.as_mut().map(|stdin| write_frame(stdin, parts));
    }

    /// The next frame, or how the child ended. `go_on` is asked while it waits; where it says no, the child is killed.
    pub fn hear(&mut self, mut go_on: impl FnMut() -> Result<bool>) -> Result<std::result::Result<Vec<u8>, Ended>> {
        loop {
            if !go_on()? {
                self.process.kill();
                return Ok(Err(Ended::Stopped));
            }
            match self.frames.ready.recv_timeout(GLANCE) {
                Ok(frame) => return Ok(Ok(frame)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.ended().map(Err),
            }
        }
    }

    /// The room of a frame that is not needed any more.
    pub fn give_back(&self, frame: Vec<u8>) {
        self.frames.give_back(frame);
    }

    fn ended(&mut self) -> Result<Ended> {
        let status = self.process.0.wait().map_err(failed)?;
        let said = self.said.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        Ok(match status.success() {
            true => Ended::Well,
            false => Ended::Badly { how: words(status), said },
        })
    }
}

fn failed(e: io::Error) -> Error {
    Error::environment(format!("cannot start the process that evaluates policies: {e}"))
}

struct Killed(std::process::Child);

impl Killed {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The parent, as its child sees it. Where the parent is gone, the child ends, whatever it does then.
pub struct Parent {
    frames: Frames,
    stdout: io::StdoutLock<'static>,
}

impl Parent {
    #[expect(
        clippy::disallowed_methods,
        reason = "the pipes to the parent are no standard streams of a command, and nothing of a child is kept"
    )]
    pub fn of_child() -> Parent {
        let frames = Frames::of(io::stdin(), || std::process::exit(0));
        Parent { frames, stdout: io::stdout().lock() }
    }

    /// The next frame.
    pub fn hear(&mut self) -> Option<Vec<u8>> {
        self.frames.ready.recv().ok()
    }

    /// Sends a frame of these parts.
    pub fn tell(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        write_frame(&mut self.stdout, parts)
    }

    /// The room of a frame that is not needed any more.
    pub fn give_back(&self, frame: Vec<u8>) {
        self.frames.give_back(frame);
    }
}

/// Frames that a thread reads, so that who waits for one can look for other things, and so that the end of the pipe is
/// seen at once.
struct Frames {
    ready: Receiver<Vec<u8>>,
    spare: Sender<Vec<u8>>,
}

impl Frames {
    fn of(mut pipe: impl Read + Send + 'static, at_end: impl FnOnce() + Send + 'static) -> Frames {
        let (send, ready) = mpsc::channel();
        let (spare, spares) = mpsc::channel::<Vec<u8>>();
        std::thread::spawn(move || {
            loop {
                let mut frame = spares.try_recv().unwrap_or_default();
                if !read_frame(&mut pipe, &mut frame) || send.send(frame).is_err() {
                    break;
                }
            }
            at_end();
        });
        Frames { ready, spare }
    }

    fn give_back(&self, frame: Vec<u8>) {
        // A thread that has ended needs no room.
        let _ = self.spare.send(frame);
    }
}

/// False at the end of the pipe.
fn read_frame(pipe: &mut impl Read, frame: &mut Vec<u8>) -> bool {
    let mut length = [0; 8];
    if pipe.read_exact(&mut length).is_err() {
        return false;
    }
    let length = u64::from_le_bytes(length);
    frame.clear();
    pipe.take(length).read_to_end(frame).is_ok_and(|read| read as u64 == length)
}

fn write_frame(pipe: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    pipe.write_all(&(length as u64).to_le_bytes())?;
    parts.iter().try_for_each(|part| pipe.write_all(part))?;
    pipe.flush()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &[b"ab", b"", b"c"]).unwrap();
        write_frame(&mut pipe, &[]).unwrap();
        assert_eq!(pipe, [3, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', b'c', 0, 0, 0, 0, 0, 0, 0, 0]);
        pipe.extend_from_slice(&[2, 0, 0, 0, 0, 0, 0, 0, b'x']);
        let (ended, end) = mpsc::channel();
        let frames = Frames::of(io::Cursor::new(pipe), move || ended.send(()).unwrap());
        let all: Vec<Vec<u8>> = frames.ready.iter().collect();
        // One that is cut off is none.
        assert_eq!(all, [b"abc".to_vec(), vec![]]);
        assert_eq!(end.recv(), Ok(()));
    }
}
