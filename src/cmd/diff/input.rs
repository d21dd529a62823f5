//! Reads recordings or digest streams: one thread per source decodes, the caller takes events in their common order.

mod digests;
mod recording;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

pub use digests::{check_sides, digests};
pub use recording::recording;

use crate::diff::arrived::Gap;
use crate::diff::decode::{ColumnTypes, ColumnsHeld, Refused, Tally};
use crate::diff::event::Batch;
use crate::diff::frame::{Detected, Framing, detect};
use crate::diff::notes::Notes;
use crate::diff::plan::Kinds;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::io::fs;
use crate::io::source::Lines;
use crate::record::Finding;
use crate::record::diff::{Decode, Progress, Side};
use crate::record::run::Input;

/// Events per batch, and batches that may wait per source.
const BATCH: usize = 512;
const AHEAD: usize = 8;

/// What a source's thread says.
#[expect(clippy::large_enum_variant, reason = "all but the last message of a source are batches")]
pub enum Message {
    /// Events, and what was counted up to the last of them.
    Batch(Batch, Tally),
    /// The source ended, by itself or by an error after which what came before still counts.
    End(Box<End>),
}

#[derive(Default)]
pub struct End {
    pub error: Option<Error>,
    pub notes: Notes,
    pub tally: Tally,
    pub lines: u64,
    pub bytes: u64,
    /// JSON kinds of inferred columns, by table kind and column.
    pub kinds: Kinds,
    pub column_types: ColumnTypes,
    pub columns_held: ColumnsHeld,
    /// What a digest stream says it holds and does not.
    pub gaps: Vec<Gap>,
    /// What it says of its partitions.
    pub sealed: Vec<Progress>,
    pub decode: Option<Decode>,
    pub run_ids: Vec<String>,
    /// Findings of a digest stream's own run.
    pub findings: Vec<Finding>,
    /// Set when the source has ended.
    pub side: Option<Side>,
}

impl End {
    /// A digest stream's last record says what its side saw.
    fn closed(&mut self, decode: Decode) {
        self.column_types = decode.column_types.clone();
        self.columns_held = decode.columns_held.clone();
        self.decode = Some(decode);
    }
}

/// A source being read.
pub struct Feed {
    pub name: String,
    pub side: Side,
    pub regular: bool,
    pub compressed: bool,
    pub framing: Framing,
    pub first_row: FirstRow,
    messages: Receiver<Message>,
    recycle: Sender<Batch>,
}

impl Feed {
    /// The next message; waits for the thread, and looks for signals while it waits.
    pub fn next(&self, interrupt: &Interrupt) -> Result<Message> {
        loop {
            match self.messages.recv_timeout(Duration::from_millis(100)) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Timeout) => interrupt.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::bug("the thread that reads the source died").at_file(&self.name));
                }
            }
        }
    }

    /// Gives an emptied batch back to the thread.
    pub fn give_back(&self, batch: Batch) {
        // A thread that has ended needs no batches.
        let _ = self.recycle.send(batch);
    }
}

/// The feeds as inputs of a run.
pub fn named(feeds: &[Feed]) -> Vec<Input> {
    feeds.iter().map(|f| Input::named(fs::record_name(&f.name))).collect()
}

/// What the first row of a recording shows, where its rows must bring their types.
#[derive(Debug, Default)]
pub enum FirstRow {
    /// It was not looked for, or there is none.
    #[default]
    Unknown,
    Typed,
    Untyped {
        topic: String,
        line: u64,
    },
}

fn feed(
    name: &str,
    side: Side,
    regular: bool,
    compressed: bool,
    framing: Framing,
) -> (Feed, SyncSender<Message>, Receiver<Batch>) {
    let (tx, messages) = sync_channel(AHEAD);
    let (recycle, back) = channel();
    let first_row = FirstRow::Unknown;
    (Feed { name: name.to_owned(), side, regular, compressed, framing, first_row, messages, recycle }, tx, back)
}

/// The framing that the first line which shows one shows. Where none does, no line can be read under any.
pub fn recognise(lines: &mut Lines) -> Result<Framing> {
    let detected = lines.look_ahead(detect)?;
    let name = &lines.name;
    match detected.unwrap_or(Detected::Framing(Framing::Capture)) {
        Detected::Framing(framing) => Ok(framing),
        Detected::Records => {
            Err(Error::usage("is a stream of govctl records, a recording of change events was expected")
                .at_file(name)
                .hint("give digest streams as --digests"))
        }
        Detected::Registry => Err(Error::usage("is in a schema registry's binary format; only JSON is read")
            .at_file(name)
            .hint("set key.converter and value.converter to org.apache.kafka.connect.json.JsonConverter")),
    }
}

pub fn refused(refused: &Refused) -> Error {
    let error = Error::usage(refused.message.clone());
    match &refused.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
}
