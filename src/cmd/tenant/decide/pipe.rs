//! One thread that reads, some that decide, and the caller, who writes: batches of lines in turns, so that the order stays.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::io::records::RecordReader;
use crate::tenant::decide::{Decider, Plan, Verdict};
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
    /// The place of the first line in the run, from 0; blank lines and run records do not count.
    first: u64,
    text: Vec<u8>,
    lines: Vec<Taken>,
    /// Run ids that upstream streams began with since the last batch.
    pub upstream: Vec<String>,
    decisions: Vec<u8>,
    entries: Vec<Entry>,
}

/// A line in the text of its batch.
struct Taken {
    /// In its source, from 1.
    number: u64,
    range: Range<usize>,
    /// Only its beginning is there.
    too_long: bool,
}

pub struct Entry {
    /// Of the line in its source, from 1.
    pub number: u64,
    pub what: What,
    /// Where its decision lies.
    decision: Range<usize>,
}

pub enum What {
    Decided(Verdict),
    Unreadable(Unreadable),
}

impl Batch {
    /// Each line with what became of it.
    pub fn answers(&self) -> impl Iterator<Item = (&Entry, &[u8], &[u8])> {
        self.entries
            .iter()
            .zip(&self.lines)
            .map(|(entry, line)| (entry, &self.text[line.range.clone()], &self.decisions[entry.decision.clone()]))
    }

    /// Empty, with the room that it has.
    fn cleared(mut self) -> Batch {
        self.text.clear();
        self.lines.clear();
        self.upstream.clear();
        self.decisions.clear();
        self.entries.clear();
        self
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= LINES || self.text.len() >= BYTES
    }

    fn decide(&mut self, decider: &mut Decider) {
        self.decisions.reserve(self.text.len() * 3);
        for (index, line) in (self.first..).zip(&self.lines) {
            let from = self.decisions.len();
            let text = &self.text[line.range.clone()];
            let what = match decider.line(index, text, &mut self.decisions) {
                _ if line.too_long => What::Unreadable(Unreadable::too_long()),
                Ok(verdict) => What::Decided(verdict),
                Err(why) => What::Unreadable(why),
            };
            let decision = from..self.decisions.len();
            self.entries.push(Entry { number: line.number, what, decision });
        }
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
    pub fn start(reader: RecordReader, plan: &Arc<Plan>, jobs: usize) -> Pipe {
        let (mut questions, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..jobs {
            let (ask, asked) = sync_channel(WAITING);
            let (answer, answered) = sync_channel(WAITING);
            let plan = plan.clone();
            std::thread::spawn(move || decide(plan, asked, &answer));
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
        batch.map(Some).map_err(|e| Error::bug(format!("the policy cannot be started: {e}")))
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

/// A batch, or why its thread has no machine.
type Answered = std::result::Result<Batch, String>;

fn decide(plan: Arc<Plan>, asked: Receiver<Batch>, answer: &SyncSender<Answered>) {
    // Few requests need one thread only, and large data take a while to load.
    let mut decider = None;
    for mut batch in asked {
        let answered = match decider.get_or_insert_with(|| Decider::new(plan.clone())) {
            Ok(decider) => {
                batch.decide(decider);
                Ok(batch)
            }
            Err(e) => Err(e.clone()),
        };
        if answer.send(answered).is_err() {
            break;
        }
    }
}

fn read(mut reader: RecordReader, questions: &[SyncSender<Batch>], spares: &Receiver<Batch>) -> Ended {
    let (mut batches, mut index, mut known, mut error) = (0, 0, 0, None);
    loop {
        let mut batch = spares.try_recv().unwrap_or_default().cleared();
        batch.first = index;
        let more = fill(&mut reader, &mut batch);
        index += batch.lines.len() as u64;
        batch.upstream = reader.upstream[known..].to_vec();
        known = reader.upstream.len();
        let last = !matches!(more, Ok(true));
        error = more.err().or(error);
        if !batch.lines.is_empty() || !batch.upstream.is_empty() {
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
        let from = batch.text.len();
        batch.text.extend_from_slice(line.bytes);
        let range = from..batch.text.len();
        batch.lines.push(Taken { number: line.number, range, too_long: line.too_long });
        if batch.is_full() || !reader.has_line() {
            return Ok(true);
        }
    }
}
