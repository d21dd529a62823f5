//! Waiting for a stranger: opening a pipe and reading from it take as long as its writer likes, so a thread does it, and
//! whoever waits for the thread looks for signals.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::interrupt;

const TICK: Duration = Duration::from_millis(50);
/// What a pipe holds, and how many of these may be read ahead.
const CHUNK: usize = 64 << 10;
const AHEAD: usize = 4;

/// Does this on a thread of its own; a signal ends the wait, with an error that `Error::io` knows again.
pub fn patiently<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let (done, result) = sync_channel(1);
    std::thread::spawn(move || {
        // One that waits no more has been interrupted.
        let _ = done.send(work());
    });
    receive(&result)?.unwrap_or_else(|| Err(io::Error::other("the thread that reads died")))
}

/// None where the thread has ended.
fn receive<T>(from: &Receiver<T>) -> io::Result<Option<T>> {
    loop {
        match from.recv_timeout(TICK) {
            Ok(got) => return Ok(Some(got)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => interrupt::arrived().map_err(io::Error::other)?,
        }
    }
}

/// A reader of which each wait can be interrupted.
pub struct Patient {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Patient {
    pub fn new(mut raw: impl Read + Send + 'static) -> Patient {
        let (send, chunks) = sync_channel(AHEAD);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = raw.read(&mut chunk).map(|n| {
                    chunk.truncate(n);
                    chunk
                });
                let again = matches!(&read, Err(e) if e.kind() == io::ErrorKind::Interrupted);
                let more = again || matches!(&read, Ok(chunk) if !chunk.is_empty());
                if (!again && send.send(read).is_err()) || !more {
                    return;
                }
            }
        });
        Patient { chunks, chunk: io::Cursor::default() }
    }
}

impl Read for Patient {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.chunk.position() == self.chunk.get_ref().len() as u64 {
            // The thread ends behind the last chunk, which is empty.
            self.chunk = io::Cursor::new(receive(&self.chunks)?.transpose()?.unwrap_or_default());
        }
        self.chunk.read(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written_and_errors_come_behind_it() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let bytes: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
        let mut got = Vec::new();
        Patient::new(io::Cursor::new(bytes.clone())).read_to_end(&mut got).unwrap();
        assert!(got == bytes);
        let mut got = Vec::new();
        let failed = Patient::new(io::Cursor::new(bytes.clone()).chain(Failing)).read_to_end(&mut got).unwrap_err();
        assert!(got == bytes && failed.to_string() == "the disk is gone");
    }
}
