//! Buckets in local time. Their edges lie at local midnight and at multiples of the bucket in elapsed time behind it, so
//! that the last bucket of a day on which the clocks change may be shorter.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::method::Slot;
use crate::error::did_you_mean;

const DAY_MS: i64 = 86_400_000;
/// So many spans are kept; a zone has two in a year.
const SPANS: usize = 64;

/// A time zone, with what was last looked up in it: neighbours in time cost a comparison.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    spans: Vec<Span>,
    day: Day,
}

/// The time between two changes of the clocks. All times in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: i64,
    until: i64,
    /// What is added to the time for the wall clock.
    offset: i64,
}

/// A local date, from its first instant to that of the next date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    start: i64,
    end: i64,
    /// Where the clocks do not change on it.
    offset: Option<i64>,
}

/// One bucket: start and end in milliseconds since 1970, and its place in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    pub start: i64,
    pub end: i64,
    pub slot: Slot,
}

impl Bucket {
    /// Under half the nominal length a bucket says nothing.
    pub fn is_short(&self, nominal_ms: i64) -> bool {
        (self.end - self.start) * 2 < nominal_ms
    }

    /// What a count is multiplied by to be one of a whole bucket.
    pub fn factor(&self, nominal_ms: i64) -> f64 {
        nominal_ms as f64 / (self.end - self.start) as f64
    }
}

/// UTC.
impl Default for Calendar {
    fn default() -> Calendar {
        Calendar::new(TimeZone::UTC)
    }
}

impl Calendar {
    /// A zone of the IANA database that is built into the program: the machine's own files decide nothing.
    pub fn of(name: &str) -> Option<Calendar> {
        TimeZoneDatabase::bundled().get(name).ok().map(Calendar::new)
    }

    /// The known zone that was probably meant.
    pub fn like(name: &str) -> Option<String> {
        let names: Vec<String> = TimeZoneDatabase::bundled().available().map(|n| n.as_str().to_owned()).collect();
        did_you_mean(name, names.iter().map(String::as_str)).map(str::to_owned)
    }

    fn new(zone: TimeZone) -> Calendar {
        Calendar { zone, spans: Vec::new(), day: Day { start: 0, end: 0, offset: None } }
    }

    /// What is added to a time for the wall clock then.
    pub fn offset(&mut self, ms: i64) -> i64 {
        self.span(ms).offset
    }

    /// The bucket that holds this time.
    pub fn bucket(&mut self, ms: i64, minutes: u32) -> Bucket {
        let length = i64::from(minutes) * 60_000;
        let day = self.day(ms);
        let start = ms - (ms - day.start) % length;
        let wall = start + day.offset.unwrap_or_else(|| self.offset(start));
        Bucket { start, end: (start + length).min(day.end), slot: slot(wall, length) }
    }

    /// The instant at which the wall clock shows this local time (milliseconds as if it were UTC): the earlier one where
    /// it does twice; where it never does, what it would be had the clocks not changed yet.
    pub fn instant(&mut self, local: i64) -> i64 {
        if let Some(span) = self.spans.first() {
            let ms = local - span.offset;
            if ms - DAY_MS > span.from && ms + DAY_MS < span.until {
                return ms;
            }
        }
        let before = match self.ambiguous(local) {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        let ms = local - millis(before);
        self.span(ms);
        ms
    }

    /// `2026-01-08T14:00:00+01:00`.
    pub fn text(&mut self, ms: i64) -> String {
        let offset = self.offset(ms);
        let wall = super::times::text(ms + offset);
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60_000);
        format!("{}{sign}{:02}:{:02}", wall.trim_end_matches('Z'), minutes / 60, minutes % 60)
    }

    fn ambiguous(&self, local: i64) -> AmbiguousOffset {
        self.zone.to_ambiguous_timestamp(civil(local)).offset()
    }

    fn day(&mut self, ms: i64) -> Day {
        if (self.day.start..self.day.end).contains(&ms) {
            return self.day;
        }
        let span = self.span(ms);
        let date = (ms + span.offset).div_euclid(DAY_MS);
        let start = date * DAY_MS - span.offset;
        // A change at midnight itself belongs to neither side.
        let quiet = start > span.from && start + DAY_MS < span.until;
        self.day = match quiet {
            true => Day { start, end: start + DAY_MS, offset: Some(span.offset) },
            false => self.changing_day(date, ms),
        };
        self.day
    }

    fn changing_day(&mut self, mut date: i64, ms: i64) -> Day {
        loop {
            let (start, end) = (self.midnight(date), self.midnight(date + 1));
            match ms {
                // The hour before midnight may come a second time, after the first instant of the next date.
                _ if ms >= end => date += 1,
                _ if ms < start => date -= 1,
                _ => return Day { start, end, offset: None },
            }
        }
    }

    /// The first instant of a date, which need not be 00:00.
    fn midnight(&mut self, date: i64) -> i64 {
        let local = date * DAY_MS;
        match self.ambiguous(local) {
            AmbiguousOffset::Gap { before, .. } => self.span(local - millis(before)).from,
            AmbiguousOffset::Unambiguous { offset } => local - millis(offset),
            AmbiguousOffset::Fold { before, .. } => local - millis(before),
        }
    }

    /// The span used last stands first.
    fn span(&mut self, ms: i64) -> Span {
        let holds = |span: &Span| (span.from..span.until).contains(&ms);
        match self.spans.iter().position(holds) {
            Some(0) => {}
            Some(i) => self.spans.swap(0, i),
            None => {
                self.spans.truncate(SPANS);
                let span = self.look_up(ms);
                self.spans.insert(0, span);
            }
        }
        self.spans[0]
    }

    fn look_up(&self, ms: i64) -> Span {
        let at = timestamp(ms);
        let behind = timestamp(ms.saturating_add(1));
        let from = self.zone.preceding(behind).next().map_or(i64::MIN / 4, |t| t.timestamp().as_millisecond());
        let until = self.zone.following(at).next().map_or(i64::MAX / 4, |t| t.timestamp().as_millisecond());
        Span { from, until, offset: millis(self.zone.to_offset(at)) }
    }
}

/// The wall clock rounded to the nearest multiple of the bucket; half a bucket is rounded down, so that the slots of a
/// day on which the clocks change by half a bucket stay whole.
fn slot(wall: i64, length: i64) -> Slot {
    let (day, of_day) = (wall.div_euclid(DAY_MS), wall.rem_euclid(DAY_MS));
    let nearest = of_day / length + i64::from(of_day % length * 2 > length);
    let minute = nearest.min(DAY_MS / length - 1) * length / 60_000;
    Slot { day: day as i32, minute: minute as u16 }
}

fn millis(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}

fn civil(local: i64) -> DateTime {
    Offset::UTC.to_datetime(timestamp(local))
}

/// Times outside the years that jiff knows are its first or last one.
fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests;
