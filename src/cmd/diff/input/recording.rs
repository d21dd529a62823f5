//! Recordings of change events.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::{BATCH, End, Feed, FirstRow, Message, feed, recognise, refused};
use crate::diff::decode::{Decoder, Setup};
use crate::diff::event::{Batch, Class};
use crate::diff::frame::Framing;
use crate::error::{Error, Kind, Result};
use crate::io::source::{Compression, Lines, Source};

/// Events among which the first row is looked for, where it must bring its types.
const HEAD: usize = 64 * BATCH;

/// Opens one recording and starts its thread. One whose first row brings no types, though it must, is not read further.
pub fn recording(
    arg: &str,
    setup: &Arc<Setup>,
    framing: Option<Framing>,
    number: u32,
    max_line: usize,
) -> Result<Feed> {
    let source = Source::open(arg)?;
    let (name, regular) = (source.name.clone(), source.regular);
    let compressed = source.compression != Compression::None;
    let mut lines = source.lines(max_line);
    let framing = match framing {
        Some(forced) => forced,
        None => recognise(&mut lines)?,
    };
    let decoder = Decoder::new(setup.clone(), framing, number).map_err(|r| refused(&r).at_file(&name))?;
    let (mut feed, tx, back) = feed(&name, setup.side, regular, compressed, framing);
    let mut recording = Recording {
        name,
        lines,
        decoder,
        tx,
        back,
        batch: Batch::default(),
        end: Box::new(End::default()),
        keep_lines: setup.keep_lines,
        seekable: regular && !compressed,
    };
    if setup.types.needs_blocks() {
        feed.first_row = recording.first_row()?;
    }
    if !matches!(feed.first_row, FirstRow::Untyped { .. }) {
        std::thread::spawn(move || recording.run());
    }
    Ok(feed)
}

struct Recording {
    name: String,
    lines: Lines,
    decoder: Decoder,
    tx: SyncSender<Message>,
    back: Receiver<Batch>,
    batch: Batch,
    end: Box<End>,
    keep_lines: bool,
    /// A line can be read again, so that only its number is kept.
    seekable: bool,
}

impl Recording {
    /// Decodes up to the first row; its events wait for the thread.
    fn first_row(&mut self) -> Result<FirstRow> {
        while self.batch.events.len() < HEAD {
            match self.step() {
                Ok(true) if self.batch.events.last().is_some_and(|e| e.class == Class::Row) => {
                    return Ok(FirstRow::Typed);
                }
                Ok(true) => {}
                Ok(false) => break,
                // What came before still counts.
                Err(e) if e.kind == Kind::Input => {
                    self.end.error = Some(e);
                    break;
                }
                Err(e) => match self.decoder.untyped() {
                    Some(topic) => return Ok(FirstRow::Untyped { topic: topic.to_owned(), line: self.end.lines }),
                    None => return Err(e),
                },
            }
        }
        Ok(FirstRow::Unknown)
    }

    fn run(mut self) {
        if self.end.error.is_none() {
            self.end.error = self.read().err();
        }
        self.end.tally = self.decoder.tally;
        self.end.kinds = self.decoder.take_kinds();
        self.end.column_types = self.decoder.take_column_types();
        self.end.columns_held = self.decoder.take_columns_held();
        self.end.notes = std::mem::take(&mut self.decoder.notes);
        let _ = self.tx.send(Message::Batch(self.batch, self.end.tally));
        let _ = self.tx.send(Message::End(self.end));
    }

    /// Decodes the next line; false at the end.
    fn step(&mut self) -> Result<bool> {
        let Some(line) = self.lines.next_line()? else { return Ok(false) };
        self.end.lines = line.number;
        self.end.bytes = line.offset + line.bytes.len() as u64;
        let cut = || serde_json::from_slice::<serde::de::IgnoredAny>(line.bytes).is_err_and(|e| e.is_eof());
        if line.unfinished && cut() {
            return Err(Error::input("the recording ends in the middle of this line: it was cut")
                .at(&self.name, line.number, None)
                .hint(
                    "what lies behind it is not known, so nothing is concluded from its absence; fetch the file again",
                ));
        }
        let before = self.batch.events.len();
        self.decoder
            .line(line.bytes, line.number, line.offset, line.too_long, &mut self.batch)
            .map_err(|r| refused(&r).at(&self.name, line.number, None))?;
        if self.keep_lines && self.batch.events.len() > before {
            self.batch.keep_line(line.number, if self.seekable { b"" } else { line.bytes });
        }
        Ok(true)
    }

    fn read(&mut self) -> Result<()> {
        while self.step()? {
            if self.batch.events.len() >= BATCH {
                self.batch.bytes = self.end.bytes;
                let empty = self.back.try_recv().unwrap_or_default();
                let full = std::mem::replace(&mut self.batch, empty);
                self.batch.clear();
                if self.tx.send(Message::Batch(full, self.decoder.tally)).is_err() {
                    // The run ended before its input.
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
