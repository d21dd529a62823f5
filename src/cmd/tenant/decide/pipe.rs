//! One thread that reads, some that have their child decide, and the caller, who writes: batches of lines in turns, so that
//! the order stays.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use crate::cmd::tenant::engine::{Answers, Engine, Engines, Lines, What};
use crate::error::{Error, Result};
use crate::io::records::RecordReader;
use crate::tenant::request::Unreadable;

/// A batch ends with as many lines or bytes, or where the next line has not come yet.
const LINES: usize = 512;
const BYTES: usize = 256 << 10;
/// Batches that wait for each thread, and behind it.
const WAITING: usize = 2;
/// How long to wait before a signal is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Lines, and then what was decided about them.
#[derive(Default)]
pub struct Batch {
    /// Blank lines and run records do not count.
    lines: Lines,
    taken: Vec<Taken>,
    /// Run ids that upstream streams began with since the last batch.
    pub upstream: Vec<String>,
    answers: Answers,
}

/// How a line was read.
struct Taken {
    /// In its source, from 1.
    number: u64,
    /// Only its beginning is there.
    too_long: bool,
}

/// What became of a line.
pub struct Answer<'b> {
    /// In its source, from 1.
    pub number: u64,
    pub line: &'b [u8],
    pub what: What,
    /// Of what was decided.
    pub decision: &'b [u8],
}

impl Batch {
    /// Of each line in order; they end early where their thread gave up.
    pub fn answers(&self) -> impl Iterator<Item = Answer<'_>> {
        self.answers.iter().zip(self.lines.iter().zip(&self.taken)).map(|((what, decision), (line, taken))| {
            let what = if taken.too_long { What::Unreadable(Unreadable::too_long()) } else { what.clone() };
            Answer { number: taken.number, line, what, decision }
        })
    }

    /// Empty, with the room that it has.
    fn cleared(mut self) -> Batch {
        self.lines.clear();
        self.taken.clear();
        self.upstream.clear();
        self.answers.clear();
        self
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= LINES || self.lines.bytes() >= BYTES
    }
}

/// What the reading thread leaves behind.
pub struct Ended {
    pub reader: RecordReader,
    /// Why it could not read to the end.
    pub error: Option<Error>,
    batches: u64,
}

pub struct Pipe {
    answers: Vec<Receiver<Answered>>,
    ended: Receiver<Ended>,
    /// Batches that were written: fresh memory for each would cost more than what is done in it.
    spare: SyncSender<Batch>,
    taken: u64,
}

impl Pipe {
    pub fn start(reader: RecordReader, engines: &Arc<Engines>, jobs: usize) -> Pipe {
        let (mut questions, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..jobs {
            let (ask, asked) = sync_channel(WAITING);
            let (answer, answered) = sync_channel(WAITING);
            let engine = Engine::new(engines.clone());
            std::thread::spawn(move || decide(engine, asked, &answer));
            questions.push(ask);
            answers.push(answered);
        }
        let (end, ended) = sync_channel(1);
        let (spare, spares) = sync_channel(jobs * WAITING);
        std::thread::spawn(move || {
            // A caller that is gone needs no end.
            let _ = end.send(read(reader, &questions, &spares));
        });
        Pipe { answers, ended, spare, taken: 0 }
    }

    /// The next batch in the order of the lines; None at the end. `idle` is called before it waits, `alive` while it does.
    pub fn next(
        &mut self,
        mut idle: impl FnMut() -> Result<()>,
        mut alive: impl FnMut() -> Result<()>,
    ) -> Result<Option<Batch>> {
        let from = &self.answers[self.taken as usize % self.answers.len()];
        let batch = match from.try_recv() {
            Ok(batch) => batch,
            Err(TryRecvError::Disconnected) => return Ok(None),
            Err(TryRecvError::Empty) => {
                idle()?;
                loop {
                    match from.recv_timeout(TICK) {
                        Ok(batch) => break batch,
                        Err(RecvTimeoutError::Disconnected) => return Ok(None),
                        Err(RecvTimeoutError::Timeout) => alive()?,
                    }
                }
            }
        };
        self.taken += 1;
        batch.map(Some)
    }

    /// For a batch that is not needed any more.
    pub fn give_back(&self, batch: Batch) {
        // Where there are enough of them, or nobody reads on, it goes.
        let _ = self.spare.try_send(batch);
    }

    /// After the last batch.
    pub fn end(self) -> Result<Ended> {
        let lost = || Error::bug("a thread that decides ended before its work was done");
        // A thread that died has left its batches undecided, and perhaps a reader that waits for it.
        drop(self.answers);
        let ended = self.ended.recv().map_err(|_| lost())?;
        if ended.batches != self.taken { Err(lost()) } else { Ok(ended) }
    }
}

/// A batch, or why its thread cannot go on.
type Answered = Result<Batch>;

fn decide(mut engine: Engine, asked: Receiver<Batch>, answer: &SyncSender<Answered>) {
    for mut batch in asked {
        let decided = engine.decide(&batch.lines, &mut batch.answers);
        let last = decided.is_err();
        if answer.send(decided.map(|()| batch)).is_err() || last {
            break;
        }
    }
}

fn read(mut reader: RecordReader, questions: &[SyncSender<Batch>], spares: &Receiver<Batch>) -> Ended {
    let (mut batches, mut index, mut known, mut error) = (0, 0, 0, None);
    loop {
        let mut batch = spares.try_recv().unwrap_or_default().cleared();
        batch.lines.first = index;
        let more = fill(&mut reader, &mut batch);
        index += batch.lines.len() as u64;
        batch.upstream = reader.upstream[known..].to_vec();
        known = reader.upstream.len();
        let last = !matches!(more, Ok(true));
        error = more.err().or(error);
        if !batch.taken.is_empty() || !batch.upstream.is_empty() {
            if questions[batches as usize % questions.len()].send(batch).is_err() {
                break;
            }
            batches += 1;
        }
        if last {
            break;
        }
    }
    Ended { reader, error, batches }
}

/// False at the end of the source.
fn fill(reader: &mut RecordReader, batch: &mut Batch) -> Result<bool> {
    loop {
        let Some(line) = reader.next_line()? else { return Ok(false) };
        batch.lines.push(line.bytes);
        batch.taken.push(Taken { number: line.number, too_long: line.too_long });
        if batch.is_full() || !reader.has_line() {
            return Ok(true);
        }
    }
}
