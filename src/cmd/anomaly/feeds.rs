//! Several inputs as one, by the time of their records: files of one tenant each are read side by side.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::reading::{self, At, Bad, DataArgs, Got};
use crate::anomaly::buckets::Taken;
use crate::anomaly::code::Code;
use crate::anomaly::intake::{Event, Fault, Plan, Read, Reader};
use crate::anomaly::times::Time;
use crate::cmd::{Ctx, Session};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::io::records::RecordReader;
use crate::record::run::Input;
use crate::ui::Progress;

/// Between two looks for a signal.
const CHECK_EVERY: u64 = 1024;
/// A line without an end that is longer holds no record.
const LONGEST_LINE: &str = "line is longer than 16 MiB";

pub struct Feeds<'p> {
    feeds: Vec<Feed<'p>>,
    /// Of each input with a line that was read and not handed over, the time of that line and its place in the list.
    next: BinaryHeap<Reverse<(i64, usize)>>,
    progress: Progress,
}

struct Feed<'p> {
    reader: RecordReader,
    intake: Reader<'p>,
    /// Byte offset of the line read last.
    offset: u64,
    /// That were read, whether a rule uses them or not.
    records: u64,
    /// Of a last line that has no end and could not be used.
    cut: Option<u64>,
    pending: Pending,
}

/// The events of one line; their buffers are used again.
#[derive(Default)]
struct Pending {
    number: u64,
    events: Vec<Owned>,
    used: usize,
    faults: Vec<Fault>,
}

#[derive(Default)]
struct Owned {
    rule: usize,
    key: String,
    time: Option<Time>,
    value: Option<f64>,
    id: Option<String>,
    label: Option<bool>,
}

impl<'p> Feeds<'p> {
    pub fn open(args: &DataArgs, plan: &'p Plan, ctx: &Ctx) -> Result<Feeds<'p>> {
        let open = |name: &String| {
            let reader = RecordReader::open(name, &[], false)?.hashed();
            let intake = Reader::new(plan, name, args.tenant_of(name));
            Ok(Feed { reader, intake, offset: 0, records: 0, cut: None, pending: Pending::default() })
        };
        let feeds = args.from.iter().map(open).collect::<Result<_>>()?;
        let total = args.from.iter().map(|name| fs::size(name)).sum();
        Ok(Feeds { feeds, next: BinaryHeap::new(), progress: ctx.ui.progress(total) })
    }

    /// Hands over all events; of the inputs that whose next line is the oldest comes first.
    pub fn all(
        &mut self,
        session: &mut Session,
        bad: &mut Bad,
        each: &mut impl FnMut(&mut Session, Got) -> Result<Taken>,
    ) -> Result<()> {
        for place in 0..self.feeds.len() {
            self.read_on(place, session, bad, each)?;
        }
        let mut lines = 0_u64;
        while let Some(Reverse((_, place))) = self.next.pop() {
            self.feeds[place].hand_over(session, bad, each)?;
            self.read_on(place, session, bad, each)?;
            lines += 1;
            if lines.is_multiple_of(CHECK_EVERY) {
                session.ctx.interrupt.check()?;
                self.progress.set(self.feeds.iter().map(|feed| feed.offset).sum());
            }
        }
        Ok(())
    }

    /// Reads an input up to its next line with an event.
    fn read_on(
        &mut self,
        place: usize,
        session: &mut Session,
        bad: &mut Bad,
        each: &mut impl FnMut(&mut Session, Got) -> Result<Taken>,
    ) -> Result<()> {
        let feed = &mut self.feeds[place];
        loop {
            if !feed.reader.has_line() {
                each(session, Got::Idle)?;
            }
            let more = feed.line()?;
            if !feed.pending.faults.is_empty() {
                let faults = std::mem::take(&mut feed.pending.faults);
                bad.line(session, feed.at(), &faults)?;
            }
            if let Some(time) = feed.pending.time() {
                self.next.push(Reverse((time, place)));
                return Ok(());
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// What was read of each input, for the evidence.
    pub fn name_inputs(&self, session: &mut Session) {
        for feed in &self.feeds {
            let read = feed.reader.digest();
            let named = Input {
                sha256: read.as_ref().map(|read| read.sha256.clone()),
                bytes: read.as_ref().map(|read| read.bytes),
                lines: read.as_ref().map(|read| read.lines),
                ..Input::named(fs::record_name(&feed.reader.name))
            };
            let of_run = |id: &String| Input { run_id: Some(id.clone()), ..named.clone() };
            session.inputs.extend(feed.reader.upstream.iter().map(of_run));
            if feed.reader.upstream.is_empty() {
                session.inputs.push(named);
            }
        }
    }

    /// Of all inputs, whether a rule uses them or not.
    pub fn records(&self) -> u64 {
        self.feeds.iter().map(|feed| feed.records).sum()
    }

    /// Whose records each have a `value` that no rule reads: its name, and the rules that count the records.
    pub fn counted(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.feeds
            .iter()
            .map(|feed| (feed.reader.name.as_str(), feed.intake.counted()))
            .filter(|(_, of)| !of.is_empty())
    }

    pub fn check_complete(&self) -> Result<()> {
        self.feeds.iter().try_for_each(|feed| match feed.cut {
            None => feed.reader.check_complete(),
            Some(number) => Err(Error::input("the last line has no end: its producer was cut off")
                .at(&feed.reader.name, number, None)
                .hint("run the producer again; only what came before the cut was read")),
        })
    }

    pub fn outcomes(&self) -> impl Iterator<Item = u8> {
        self.feeds.iter().flat_map(|feed| feed.reader.outcomes.iter().copied())
    }
}

impl Feed<'_> {
    /// Reads a line; false at the end of the input.
    fn line(&mut self) -> Result<bool> {
        let pending = &mut self.pending;
        pending.used = 0;
        let Some(line) = self.reader.next_line()? else {
            pending.faults.extend(self.intake.finish());
            return Ok(false);
        };
        (pending.number, self.offset) = (line.number, line.offset);
        if line.too_long {
            pending.faults.push(Fault::new(Code::BadLine, LONGEST_LINE));
            return Ok(true);
        }
        let read = self.intake.line(line.bytes, |got| match got {
            Ok(event) => pending.put(&event),
            Err(fault) => pending.faults.push(fault),
        });
        self.records += u64::from(read == Read::Record);
        if line.unfinished && !pending.faults.is_empty() {
            self.cut = Some(line.number);
        }
        Ok(true)
    }

    fn at(&self) -> At<'_> {
        At { name: &self.reader.name, number: self.pending.number, bytes: self.reader.last_line() }
    }

    /// All events of the line, then what became of it: it is kept once.
    fn hand_over(
        &self,
        session: &mut Session,
        bad: &mut Bad,
        each: &mut impl FnMut(&mut Session, Got) -> Result<Taken>,
    ) -> Result<()> {
        let (mut behind, mut too_many, mut ahead) = (false, false, None);
        for owned in &self.pending.events[..self.pending.used] {
            let Some(event) = owned.event() else { continue };
            match each(session, Got::Event(&event))? {
                Taken::Yes => {}
                Taken::Behind => behind = true,
                Taken::TooMany => too_many = true,
                Taken::Ahead(by) => ahead = Some(by),
            }
        }
        match ahead {
            Some(ahead) => bad.line(session, self.at(), &[reading::ahead(ahead)]),
            None if too_many => bad.too_many(self.at()),
            None if behind => bad.behind(self.at()),
            None => Ok(()),
        }
    }
}

impl Pending {
    fn put(&mut self, event: &Event) {
        if self.events.len() == self.used {
            self.events.push(Owned::default());
        }
        let owned = &mut self.events[self.used];
        self.used += 1;
        owned.key.clear();
        owned.key.push_str(event.key);
        (owned.rule, owned.time, owned.value, owned.label) = (event.rule, Some(event.time), event.value, event.label);
        owned.id = event.id.map(str::to_owned);
    }

    /// By which the line is put among those of the other inputs: as written, since zones may differ between rules.
    fn time(&self) -> Option<i64> {
        let (Time::Instant(ms) | Time::Local(ms)) = self.events[..self.used].first()?.time?;
        Some(ms)
    }
}

impl Owned {
    fn event(&self) -> Option<Event<'_>> {
        let Owned { rule, key, time, value, id, label } = self;
        Some(Event { rule: *rule, key, time: (*time)?, value: *value, id: id.as_deref(), label: *label })
    }
}
