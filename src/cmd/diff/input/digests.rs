//! Digest streams.

use std::sync::mpsc::{Receiver, SyncSender};

use super::{BATCH, End, Feed, Message, feed};
use crate::diff::arrived::{Arrived, Gap};
use crate::diff::event::{Batch, Class, Event, KEPT_BYTES, Partition, Poison, flag};
use crate::diff::frame::Framing;
use crate::diff::hash::Hasher;
use crate::diff::types::{Table, Types, index};
use crate::diff::wire;
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::io::records::{Next, RecordReader};
use crate::record::diff::{Between, Decode, Digest, Op, Progress, Side};

/// The command that writes digest streams, and the records in them.
const COMMAND: &str = "diff digest";
const KNOWN: &[&str] = &["govctl.diff.digest", "govctl.diff.progress", "govctl.diff.decode", "govctl.finding"];

/// Opens one digest stream and starts its thread. The side is read from its first record.
/// `again`: what to do where they were made under another profile.
pub fn digests(arg: &str, types: &Types, hasher: &Hasher, again: &str, keep_lines: bool) -> Result<Feed> {
    let mut reader = RecordReader::open(arg, KNOWN, true)?;
    let (side, pending) = first_record(&mut reader)?;
    let regular = false;
    let (feed, tx, back) = feed(&reader.name, side, regular, false, Framing::Capture);
    let mut stream = DigestStream {
        arrived: Arrived::new(side, &reader.name),
        reader,
        side,
        tables: Vec::new(),
        from_events: types.from_events,
        job: types.job.clone(),
        hasher: hasher.clone(),
        again: again.to_owned(),
        partitions: Vec::new(),
        tx,
        back,
        batch: Batch::default(),
        keep_lines,
    };
    types.tables.iter().for_each(|table| stream.add_table(table.clone()));
    std::thread::spawn(move || stream.run(pending));
    Ok(feed)
}

/// An error if a side has no stream. The streams are read on, since it may lie behind another one in the same file.
pub fn check_sides(feeds: &[Feed], interrupt: &Interrupt) -> Result<()> {
    let Some(side) = Side::BOTH.into_iter().find(|side| feeds.iter().all(|f| f.side != *side)) else { return Ok(()) };
    for feed in feeds {
        let end = loop {
            if let Message::End(end) = feed.next(interrupt)? {
                break end;
            }
        };
        end.error.filter(|e| e.kind == Kind::Usage).map_or(Ok(()), Err)?;
    }
    Err(Error::usage(format!("--digests holds no stream of side {}", side.as_str()))
        .hint("give the streams of both sides: --digests lhs.digests rhs.digests"))
}

/// A record that was read before the thread started: its schema, its bytes and its line.
type Held = (String, Vec<u8>, u64);

fn is_known(schema: &str) -> bool {
    schema.strip_suffix("/1").is_some_and(|name| KNOWN.contains(&name))
}

/// The first record that tells the side. What comes before it shows whether this is a digest stream at all.
fn first_record(reader: &mut RecordReader) -> Result<(Side, Held)> {
    #[derive(serde::Deserialize)]
    struct HasSide {
        side: Option<Side>,
    }
    loop {
        let held: Option<Held> = match reader.next_item()? {
            Next::End => None,
            Next::Bad(e) => return Err(e),
            Next::Item(item) => Some((item.schema.clone(), item.line.to_vec(), item.number)),
        };
        check_made_by(reader, held.as_ref())?;
        let Some(held) = held else {
            return Err(Error::input("holds no digest records")
                .at_file(&reader.name)
                .hint("make them with `govctl diff digest`"));
        };
        let side = |line| serde_json::from_slice(line).map(|has: HasSide| has.side);
        match is_known(&held.0).then(|| side(&held.1)) {
            Some(Ok(Some(side))) => return Ok((side, held)),
            Some(Err(e)) => {
                return Err(Error::input(format!("not a digest record: {e}")).at(&reader.name, held.2, None));
            }
            _ => {}
        }
    }
}

/// The wrong kind of file is refused as it is for recordings, before anything is compared. `first`: a record of it.
fn check_made_by(reader: &RecordReader, first: Option<&Held>) -> Result<()> {
    let line = first.map(|(_, _, number)| *number);
    let what = match (reader.commands.iter().find(|c| *c != COMMAND), first) {
        (Some(command), _) => format!("is a stream of `govctl {command}`"),
        (None, Some((schema, ..))) if reader.commands.is_empty() && !is_known(schema) => match schema.as_str() {
            "" => "holds lines that are no govctl records".to_owned(),
            other => format!("holds `{other}` records"),
        },
        _ => return Ok(()),
    };
    let error = Error::usage(format!("{what}, a digest stream was expected"))
        .hint("make one with `govctl diff digest`; recordings of change events go in as --lhs and --rhs");
    Err(match line {
        Some(line) => error.at(&reader.name, line, None),
        None => error.at_file(&reader.name),
    })
}

struct DigestStream {
    reader: RecordReader,
    side: Side,
    /// With the fingerprint that their digests must have.
    tables: Vec<(Table, u32)>,
    /// There is no types.yaml: tables appear with their first digest.
    from_events: bool,
    job: String,
    hasher: Hasher,
    again: String,
    partitions: Vec<Partition>,
    arrived: Arrived,
    tx: SyncSender<Message>,
    back: Receiver<Batch>,
    batch: Batch,
    keep_lines: bool,
}

impl DigestStream {
    fn run(mut self, held: Held) {
        let mut end = End::default();
        let result = self.record(&held.0, &held.1, held.2, &mut end).and_then(|()| self.read(&mut end));
        match result.and_then(|()| self.reader.check_complete()) {
            Err(e) if e.kind != Kind::Input => end.error = Some(e),
            Err(e) => {
                end.gaps.push(Gap { error: e, ..self.arrived.whole(String::new()) });
                // Of a cut stream it goes without saying that its last records did not arrive.
                if end.decode.is_some() {
                    end.gaps.extend(self.arrived.gaps(end.decode.as_ref()));
                }
            }
            Ok(()) => {
                end.error = self.cut(&mut end);
                end.gaps.extend(self.arrived.gaps(end.decode.as_ref()));
            }
        }
        end.tally = self.arrived.tally;
        end.sealed = self.arrived.sealed;
        end.run_ids = self.reader.upstream.clone();
        let _ = self.tx.send(Message::Batch(self.batch, end.tally));
        let _ = self.tx.send(Message::End(Box::new(end)));
    }

    /// The stream is whole, but a recording that it was made from was not. Where others of that side were read further,
    /// its events came too late to tell which verdicts lacked them.
    fn cut(&self, end: &mut End) -> Option<Error> {
        let decode = end.decode.as_ref().filter(|d| d.counts.get("cut").is_some_and(|n| *n > 0))?;
        let cause = "a recording that the digests were made from was cut";
        if decode.cut_ts_ms.is_some() && decode.cut_ts_ms == decode.log_ts_ms {
            return Some(
                Error::input(cause).at_file(&self.reader.name).hint("make the digests again from whole recordings"),
            );
        }
        end.gaps.push(self.arrived.whole(cause.into()));
        None
    }

    fn read(&mut self, end: &mut End) -> Result<()> {
        loop {
            let (schema, line, number) = match self.reader.next_item()? {
                Next::End => return self.check_single(None),
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
                if self.tx.send(Message::Batch(full, self.arrived.tally)).is_err() {
                    return Ok(());
                }
            }
        }
    }

    fn bad(&mut self, e: &Error) {
        let line = e.place.as_ref().and_then(|p| p.line).unwrap_or(0);
        let bytes = beginning(self.reader.last_line());
        self.batch.poison.push(Poison { line, cause: e.message.clone(), bytes });
    }

    /// Streams that were put together with cat would have to be read side by side to bring their events in order.
    /// `behind`: the line of a record behind the one that closes a stream.
    fn check_single(&self, behind: Option<u64>) -> Result<()> {
        let Some(line) = self.reader.started.get(1).copied().or(behind) else { return Ok(()) };
        Err(Error::usage("a second digest stream begins here, and each has to be a file of its own")
            .at(&self.reader.name, line, None)
            .hint("give them one by one: --digests lhs.digests rhs.digests, or `<(command)` in place of a file"))
    }

    fn record(&mut self, schema: &str, line: &[u8], number: u64, end: &mut End) -> Result<()> {
        if !is_known(schema) {
            return Ok(());
        }
        self.check_single(end.decode.as_ref().map(|_| number))?;
        let name = self.reader.name.clone();
        let before = self.batch.events.len();
        let parsed = match schema {
            "govctl.diff.digest/1" => {
                serde_json::from_slice(line).map_err(|e| e.to_string()).and_then(|d| self.digest(&d))
            }
            "govctl.diff.progress/1" => {
                serde_json::from_slice(line).map_err(|e| e.to_string()).and_then(|p| self.progress(p))
            }
            "govctl.diff.decode/1" => match serde_json::from_slice(line) {
                Ok(decode) => {
                    self.check_job(&decode, number)?;
                    end.closed(decode);
                    Ok(())
                }
                Err(e) => Err(e.to_string()),
            },
            _ => serde_json::from_slice(line).map(|f| end.findings.push(f)).map_err(|e| e.to_string()),
        };
        if self.keep_lines && self.batch.events.len() > before {
            self.batch.keep_line(number, line);
        }
        match parsed {
            Ok(()) => Ok(()),
            Err(cause) if cause.starts_with("profile") => {
                Err(Error::usage(cause).at(&name, number, None).hint(self.again.clone()))
            }
            Err(cause) => {
                self.batch.poison.push(Poison { line: number, cause, bytes: beginning(line) });
                Ok(())
            }
        }
    }

    /// Diffs are named by their job. Streams of older programs say none.
    fn check_job(&self, decode: &Decode, line: u64) -> Result<()> {
        let Some(job) = decode.job.as_ref().filter(|job| **job != self.job) else { return Ok(()) };
        Err(Error::usage(format!("the digests are those of job `{job}`, types.yaml says `{}`", self.job))
            .at(&self.reader.name, line, None)
            .hint(self.again.clone()))
    }

    fn digest(&mut self, record: &Digest) -> std::result::Result<(), String> {
        self.arrived.digest();
        if record.side != self.side {
            return Err("records of both sides in one digest stream".into());
        }
        if record.op == Op::Unreadable && record.kind.is_empty() {
            let mut event = Event::blank(u32::MAX, 0, 0);
            (event.class, event.flags) = (Class::Poison, flag::NO_TABLE);
            self.batch.events.push(event);
            return Ok(());
        }
        let table = self.table(record)?;
        let (known, profile_fp) = &self.tables[table];
        let ours = format!("{profile_fp:08x}");
        if record.profile_fp != ours {
            let by = if self.from_events { "without a types.yaml" } else { "in types.yaml" };
            return Err(format!("profile_fp of `{}` is {} here and {ours} {by}", record.kind, record.profile_fp));
        }
        let mut event = wire::from_record(record, known, &self.hasher, &mut self.batch.keys)?;
        // An unreadable record of a topic that no table names.
        if record.op == Op::Unreadable && !self.from_events && record.topic != known.topics[index(self.side)] {
            event.flags |= flag::NO_TABLE;
        }
        event.table = table as u16;
        event.partition = self.partition(&record.topic, record.partition);
        self.arrived.kind_of(&record.topic, record.partition, &record.kind);
        self.left_out(&record.between, event.partition, record.log_ts_ms)?;
        self.push(event);
        Ok(())
    }

    fn push(&mut self, event: Event) {
        self.arrived.event(&event);
        self.batch.events.push(event);
    }

    fn left_out(&mut self, between: &[Between], partition: u32, log_ms: i64) -> std::result::Result<(), String> {
        wire::left_out(between, (partition, log_ms), |event| self.push(event))
    }

    /// Index of the record's table.
    fn table(&mut self, record: &Digest) -> std::result::Result<usize, String> {
        if let Some(known) = self.tables.iter().position(|(t, _)| t.kind == record.kind) {
            return Ok(known);
        }
        if !self.from_events {
            return Err(format!("kind `{}` is not in types.yaml", record.kind));
        }
        let table = Table::of_digests(&record.kind, &record.topic);
        self.batch.tables.push(table.clone());
        self.add_table(table);
        Ok(self.tables.len() - 1)
    }

    fn add_table(&mut self, table: Table) {
        let profile_fp = table.profile_fp(self.hasher.key_id());
        self.tables.push((table, profile_fp));
    }

    fn partition(&mut self, topic: &str, number: u32) -> u32 {
        if let Some(i) = self.partitions.iter().position(|p| p.number == number && p.topic == topic) {
            return i as u32;
        }
        let partition = Partition { topic: topic.to_owned(), number };
        self.partitions.push(partition.clone());
        self.batch.partitions.push(partition);
        self.arrived.add_partition(topic, number);
        (self.partitions.len() - 1) as u32
    }

    /// A heartbeat's progress keeps the side alive; a sealed one carries a partition's root.
    fn progress(&mut self, progress: Progress) -> std::result::Result<(), String> {
        if let Some(event) = wire::heartbeat(&progress) {
            let partition = self.partition(&progress.topic, progress.partition);
            self.push(Event { partition, ..event });
        }
        if !progress.between.is_empty() {
            let partition = self.partition(&progress.topic, progress.partition);
            self.left_out(&progress.between, partition, progress.log_ts_ms)?;
        }
        if progress.sealed {
            self.arrived.sealed.push(progress);
        }
        Ok(())
    }
}

/// What a dead letter holds of a line.
fn beginning(line: &[u8]) -> Vec<u8> {
    line[..line.len().min(KEPT_BYTES)].to_vec()
}
