//! What a reader cannot read, or must not take: said with its place, counted, kept in the dead letters.

use super::{Consumer, Reader};
use crate::diff::arrived::Gap;
use crate::diff::code::Code;
use crate::diff::event::{Event, KEPT_BYTES, Poison};
use crate::diff::ledger::{Backwards, Gaps};
use crate::diff::merge::At;
use crate::diff::notes::Notes;
use crate::diff::types::index;
use crate::error::{Error, Result};
use crate::io::fs;
use crate::io::source::{Reopened, Source};
use crate::record::diff::Side;
use crate::text::counted;

/// Unreadable records are shown one by one on standard error up to this number.
const SHOWN: u64 = 10;

/// Offsets that no record of a topic has.
pub(super) fn note_gaps(notes: &mut Notes, topic: &str, gaps: &Gaps) {
    let Gaps { count, offsets, first: (partition, from, to) } = gaps;
    let have = if *offsets == 1 { "has" } else { "have" };
    let (offsets, in_gaps) = (counted(*offsets, "offset"), counted(*count, "gap"));
    let message = || format!("{offsets} in {in_gaps} of `{topic}` {have} no record");
    notes.add(Code::OffsetGap, "", topic, None, message);
    notes.set_count(Code::OffsetGap, "", topic, *count);
    let first = if from == to { from.to_string() } else { format!("{from} to {to}") };
    notes.detail(Code::OffsetGap, "", topic, format!("the first: {first} of {topic}/{partition}"));
}

impl Reader<'_> {
    /// Why a record that lies behind an offset read before is not taken. `line`: its number, where lines are kept.
    pub(super) fn misplaced(
        &self,
        (source, lane): (usize, usize),
        event: &Event,
        backwards: &Backwards,
        line: Option<u64>,
    ) -> Error {
        let (feed, l) = (&self.feeds[source], &self.merge.lanes[lane]);
        let partition = format!("{}/{}", l.topic, l.number);
        let (cause, hint) = match backwards {
            Backwards::Unordered { next } => (
                format!("offset goes back in {partition}: {} after {}", event.offset, next - 1),
                "sort the recording by partition and offset; recordings that overlap go in as files of their own",
            ),
            _ => (
                format!("two records at one offset of {partition}: {}", event.offset),
                "the topic was created anew, or a recording was altered: compare the recordings one by one",
            ),
        };
        let shown = self.read.poison.iter().sum::<u64>() < SHOWN;
        let look_up = || Source::open(&feed.name).and_then(|source| source.line_at(event.byte)).ok();
        let line = line.or_else(|| if shown && feed.regular { look_up() } else { None });
        let error = match line {
            Some(line) => Error::input(cause).at(&feed.name, line, None),
            None => Error::input(cause).at_file(&feed.name),
        };
        error.hint(hint)
    }

    /// Number and text of an event's line, where dead letters ask for it. Text that was not kept is read again.
    pub(super) fn kept_line(&self, at: At) -> Result<Option<(u64, Vec<u8>)>> {
        let (event, batch) = self.merge.event(at);
        Ok(match batch.line(event) {
            None => None,
            Some((number, [])) => {
                let mut source = Reopened::open(&self.feeds[at.source].name)?;
                Some((number, source.beginning_at(event.byte, KEPT_BYTES)?))
            }
            Some((number, text)) => Some((number, text.to_vec())),
        })
    }

    /// Reports such a record, and keeps it in the dead letters.
    pub(super) fn refuse(&mut self, source: usize, cause: Error, line: Option<(u64, Vec<u8>)>) -> Result<()> {
        if let Some((line, bytes)) = line {
            self.bury(source, &Poison { line, cause: cause.message.clone(), bytes })?;
        }
        // One finding per partition, whatever the offset.
        let subject = cause.message.rsplit_once(": ").map_or("", |(subject, _)| subject);
        self.unreadable(source, subject, &cause)
    }

    /// A source could not be read to its end: what lies behind is not known.
    pub(super) fn cut(&mut self, source: usize, error: Error, to: &mut impl Consumer) {
        let feed = &self.feeds[source];
        let (side, name) = (feed.side, fs::record_name(&feed.name));
        let reached = self.merge.reached_by(source);
        let i = index(side);
        self.read.notes[i].at(Code::InputCut, "", &name, None, reached, || error.message.clone());
        if let Some(line) = error.place.as_ref().and_then(|p| p.line) {
            self.read.notes[i].place(Code::InputCut, "", &name, &name, line);
        }
        self.read.cut_ms[i] = if self.read.cut[i] == 0 { reached } else { self.read.cut_ms[i].min(reached) };
        self.read.cut[i] += 1;
        self.ctx.ui.error(&error);
        self.read.errors.push(error);
        to.side_cut(side, reached);
    }

    /// Something that a digest stream says it holds and does not.
    pub(super) fn gap(&mut self, side: Side, gap: &Gap) {
        let kind = gap.kind.as_deref().unwrap_or_default();
        self.read.notes[index(side)].add(Code::DigestGap, kind, &gap.subject, None, || gap.error.message.clone());
        self.ctx.ui.error(&gap.error);
        self.read.errors.push(gap.error.clone());
    }

    pub(super) fn poison(&mut self, source: usize, poison: &Poison) -> Result<()> {
        let feed = &self.feeds[source];
        // One finding per cause, whatever the byte position.
        let subject = poison.cause.split(" (byte ").next().unwrap_or_default();
        let place = Error::input(poison.cause.clone()).at(&feed.name, poison.line, None);
        self.bury(source, poison)?;
        self.unreadable(source, subject, &place)
    }

    /// Counts and shows an unreadable record; an error beyond `--max-poison`.
    fn unreadable(&mut self, source: usize, subject: &str, cause: &Error) -> Result<()> {
        let feed = &self.feeds[source];
        let side = index(feed.side);
        let line = cause.place.as_ref().and_then(|p| p.line);
        self.read.poison[side] += 1;
        let total: u64 = self.read.poison.iter().sum();
        if total <= SHOWN {
            self.ctx.ui.warn(cause);
        } else if total == SHOWN + 1 {
            self.ctx.ui.warn(&Error::input("more unreadable records follow; the summary counts them"));
        }
        self.read.notes[side].add(Code::Unreadable, "", subject, None, || cause.message.clone());
        if let Some(line) = line {
            self.read.notes[side].place(Code::Unreadable, "", subject, &fs::record_name(&feed.name), line);
        }
        if total > self.max_poison {
            let error = Error::input(format!("more than {}", counted(self.max_poison, "unreadable record")));
            let error = match line {
                Some(line) => error.at(&feed.name, line, None),
                None => error.at_file(&feed.name),
            };
            return Err(error.hint("is this the right file, --framing and types.yaml? --max-poison raises the limit"));
        }
        Ok(())
    }

    fn bury(&mut self, source: usize, poison: &Poison) -> Result<()> {
        let source = fs::record_name(&self.feeds[source].name);
        self.letters.write(&source, Some(poison.line), &poison.cause, &poison.bytes)
    }
}
