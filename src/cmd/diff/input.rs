//! Reads recordings or digest streams: one thread per source decodes, the caller takes events in their common order.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use crate::diff::decode::{Decoder, Refused, Setup, Tally};
use crate::diff::event::{Batch, Class, Event, Partition, Poison, flag};
use crate::diff::frame::{Detected, Framing, detect};
use crate::diff::notes::Notes;
use crate::diff::plan::Kinds;
use crate::diff::types::Table;
use crate::diff::wire;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::io::fs;
use crate::io::records::{Next, RecordReader};
use crate::io::source::{Lines, Source};
use crate::record::Finding;
use crate::record::diff::{Decode, Digest, Op, Progress, Side};
use crate::record::run::Input;

/// Events per batch, and batches that may wait per source.
const BATCH: usize = 512;
const AHEAD: usize = 8;

/// What a source's thread says.
pub enum Message {
    Batch(Batch),
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
    pub progress: Vec<Progress>,
    pub decode: Option<Decode>,
    pub run_ids: Vec<String>,
    /// Findings of a digest stream's own run.
    pub findings: Vec<Finding>,
    /// Set when the source has ended.
    pub side: Option<Side>,
}

/// A source being read.
pub struct Feed {
    pub name: String,
    pub side: Side,
    pub regular: bool,
    pub compressed: bool,
    pub framing: Framing,
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

/// Opens one recording and starts its thread.
pub fn recording(
    arg: &str,
    setup: &Arc<Setup>,
    framing: Option<Framing>,
    number: u32,
    max_line: usize,
) -> Result<Feed> {
    let source = Source::open(arg)?;
    let (name, regular) = (source.name.clone(), source.regular);
    let compressed = source.compression != crate::io::source::Compression::None;
    let mut lines = source.lines(max_line);
    let first = match lines.next_line() {
        Ok(Some(line)) => (line.bytes.to_vec(), line.number, line.offset, line.too_long),
        Ok(None) => (Vec::new(), 0, 0, false),
        Err(e) => return Err(e),
    };
    let framing = match framing {
        Some(framing) => framing,
        None => match detect(&first.0) {
            Detected::Framing(framing) => framing,
            Detected::Records => {
                return Err(Error::usage("is a stream of govctl records, a recording of change events was expected")
                    .at_file(&name)
                    .hint("give digest streams as --digests"));
            }
            Detected::Registry => {
                return Err(Error::usage("is in a schema registry's binary format; only JSON is read")
                    .at_file(&name)
                    .hint("set key.converter and value.converter to org.apache.kafka.connect.json.JsonConverter"));
            }
        },
    };
    let decoder = Decoder::new(setup.clone(), framing, number).map_err(|r| refused(&r).at_file(&name))?;
    let (feed, tx, back) = feed(&name, setup.side, regular, compressed, framing);
    std::thread::spawn(move || Recording { name, lines, decoder, tx, back, batch: Batch::default() }.run(first));
    Ok(feed)
}

pub fn refused(refused: &Refused) -> Error {
    let error = Error::usage(refused.message.clone());
    match &refused.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
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
    (Feed { name: name.to_owned(), side, regular, compressed, framing, messages, recycle }, tx, back)
}

struct Recording {
    name: String,
    lines: Lines,
    decoder: Decoder,
    tx: SyncSender<Message>,
    back: Receiver<Batch>,
    batch: Batch,
}

impl Recording {
    fn run(mut self, first: (Vec<u8>, u64, u64, bool)) {
        let (bytes, number, offset, too_long) = first;
        let mut end = End { lines: number, ..End::default() };
        let started = self.decoder.line(&bytes, number, offset, too_long, &mut self.batch);
        let result = started.map_err(|r| refused(&r).at(&self.name, number, None)).and_then(|()| self.read(&mut end));
        end.error = result.err();
        end.tally = self.decoder.tally;
        end.kinds = self.decoder.take_kinds();
        end.notes = std::mem::take(&mut self.decoder.notes);
        let _ = self.tx.send(Message::Batch(self.batch));
        let _ = self.tx.send(Message::End(Box::new(end)));
    }

    fn read(&mut self, end: &mut End) -> Result<()> {
        while let Some(line) = self.lines.next_line()? {
            let number = line.number;
            end.lines = number;
            end.bytes = line.offset + line.bytes.len() as u64;
            self.decoder
                .line(line.bytes, number, line.offset, line.too_long, &mut self.batch)
                .map_err(|r| refused(&r).at(&self.name, number, None))?;
            if self.batch.events.len() >= BATCH {
                self.batch.bytes = end.bytes;
                let empty = self.back.try_recv().unwrap_or_default();
                let full = std::mem::replace(&mut self.batch, empty);
                self.batch.clear();
                if self.tx.send(Message::Batch(full)).is_err() {
                    // The run ended before its input.
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Opens one digest stream and starts its thread. The side is read from its first record.
pub fn digests(arg: &str, tables: &[Table], profiles: Vec<u32>) -> Result<Feed> {
    const KNOWN: &[&str] = &["govctl.diff.digest", "govctl.diff.progress", "govctl.diff.decode", "govctl.finding"];
    let mut reader = RecordReader::open(arg, KNOWN, false)?;
    let side = first_side(&mut reader)?;
    let Some((side, pending)) = side else {
        return Err(Error::input("holds no digest records").at_file(arg).hint("make them with `govctl diff digest`"));
    };
    let regular = false;
    let (feed, tx, back) = feed(&reader.name, side, regular, false, Framing::Capture);
    let tables = tables.to_vec();
    std::thread::spawn(move || {
        DigestStream { reader, side, tables, profiles, partitions: Vec::new(), tx, back, batch: Batch::default() }
            .run(pending)
    });
    Ok(feed)
}

/// A record that was read before the thread started: its schema and its bytes.
type Held = (String, Vec<u8>, u64);

fn first_side(reader: &mut RecordReader) -> Result<Option<(Side, Held)>> {
    #[derive(serde::Deserialize)]
    struct HasSide {
        side: Option<Side>,
    }
    let name = reader.name.clone();
    loop {
        match reader.next_item()? {
            Next::End => return Ok(None),
            Next::Bad(e) => return Err(e),
            Next::Item(item) => {
                let held: HasSide = item.parse(&name)?;
                if let Some(side) = held.side {
                    return Ok(Some((side, (item.schema.clone(), item.line.to_vec(), item.number))));
                }
            }
        }
    }
}

struct DigestStream {
    reader: RecordReader,
    side: Side,
    tables: Vec<Table>,
    profiles: Vec<u32>,
    partitions: Vec<Partition>,
    tx: SyncSender<Message>,
    back: Receiver<Batch>,
    batch: Batch,
}

impl DigestStream {
    fn run(mut self, held: Held) {
        let mut end = End::default();
        let result = self.record(&held.0, &held.1, held.2, &mut end).and_then(|()| self.read(&mut end));
        end.error = result.and_then(|()| self.reader.check_complete()).err();
        if end.error.is_none() && end.decode.is_none() {
            end.error = Some(
                Error::input("the digest stream has no govctl.diff.decode record: it was cut or filtered")
                    .at_file(&self.reader.name),
            );
        }
        end.run_ids = self.reader.upstream.clone();
        let _ = self.tx.send(Message::Batch(self.batch));
        let _ = self.tx.send(Message::End(Box::new(end)));
    }

    fn read(&mut self, end: &mut End) -> Result<()> {
        loop {
            let (schema, line, number) = match self.reader.next_item()? {
                Next::End => return Ok(()),
                Next::Bad(e) => {
                    self.bad(&e);
                    continue;
                }
                Next::Item(item) => (item.schema.clone(), item.line.to_vec(), item.number),
            };
            self.record(&schema, &line, number, end)?;
            if self.batch.events.len() >= BATCH {
                let empty = self.back.try_recv().unwrap_or_default();
                let full = std::mem::replace(&mut self.batch, empty);
                self.batch.clear();
                if self.tx.send(Message::Batch(full)).is_err() {
                    return Ok(());
                }
            }
        }
    }

    fn bad(&mut self, e: &Error) {
        let line = e.place.as_ref().and_then(|p| p.line).unwrap_or(0);
        self.batch.poison.push(Poison { line, cause: e.message.clone(), bytes: Vec::new() });
    }

    fn record(&mut self, schema: &str, line: &[u8], number: u64, end: &mut End) -> Result<()> {
        let name = self.reader.name.clone();
        let parsed = match schema {
            "govctl.diff.digest/1" => {
                serde_json::from_slice(line).map_err(|e| e.to_string()).and_then(|d| self.digest(&d))
            }
            "govctl.diff.progress/1" => {
                serde_json::from_slice(line).map(|p| self.progress(p, end)).map_err(|e| e.to_string())
            }
            "govctl.diff.decode/1" => {
                serde_json::from_slice(line).map(|d| end.decode = Some(d)).map_err(|e| e.to_string())
            }
            _ => serde_json::from_slice(line).map(|f| end.findings.push(f)).map_err(|e| e.to_string()),
        };
        match parsed {
            Ok(()) => Ok(()),
            Err(cause) if cause.starts_with("profile") => Err(Error::usage(cause).at(&name, number, None).hint(
                "make both digest streams and run with the same types.yaml, and the same --hmac-key where one is used",
            )),
            Err(cause) => {
                self.batch.poison.push(Poison { line: number, cause, bytes: line[..line.len().min(4096)].to_vec() });
                Ok(())
            }
        }
    }

    fn digest(&mut self, record: &Digest) -> std::result::Result<(), String> {
        if record.side != self.side {
            return Err("records of both sides in one digest stream".into());
        }
        if record.op == Op::Unreadable && record.kind.is_empty() {
            let mut event = Event::blank(u32::MAX, 0, 0);
            (event.class, event.flags) = (Class::Poison, flag::NO_TABLE);
            self.batch.events.push(event);
            return Ok(());
        }
        let table = self.tables.iter().position(|t| t.kind == record.kind);
        let table = table.ok_or_else(|| format!("kind `{}` is not in types.yaml", record.kind))?;
        let ours = format!("{:08x}", self.profiles[table]);
        if record.profile_fp != ours {
            return Err(format!(
                "profile_fp of `{}` is {} here and {ours} in types.yaml",
                record.kind, record.profile_fp
            ));
        }
        let mut event = wire::from_record(record, &self.tables[table], &mut self.batch.keys)?;
        event.table = table as u16;
        event.partition = self.partition(&record.topic, record.partition);
        self.batch.events.push(event);
        Ok(())
    }

    fn partition(&mut self, topic: &str, number: u32) -> u32 {
        if let Some(i) = self.partitions.iter().position(|p| p.number == number && p.topic == topic) {
            return i as u32;
        }
        let partition = Partition { topic: topic.to_owned(), number };
        self.partitions.push(partition.clone());
        self.batch.partitions.push(partition);
        (self.partitions.len() - 1) as u32
    }

    /// A heartbeat's progress keeps the side alive; a sealed one carries a partition's root.
    fn progress(&mut self, progress: Progress, end: &mut End) {
        if let Some(event) = wire::heartbeat(&progress) {
            let partition = self.partition(&progress.topic, progress.partition);
            self.batch.events.push(Event { partition, ..event });
        }
        end.progress.push(progress);
    }
}
