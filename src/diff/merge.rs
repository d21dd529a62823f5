//! Puts the events of several sources into one order: (log time, side, topic, partition, offset), whatever the order
//! in which their batches arrive. One source is one log; its time is the largest log time read from it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use super::event::{Batch, Class, Event, flag};
use crate::record::diff::Side;

/// A partition of one source.
#[derive(Debug, Clone)]
pub struct Lane {
    pub source: usize,
    pub side: Side,
    pub topic: Rc<str>,
    pub number: u32,
}

/// An event whose turn has not come.
#[derive(Clone, Copy)]
struct Waiting {
    /// Log time at which it is applied.
    time: i64,
    offset: u64,
    /// Number of its batch, and its index there.
    batch: u64,
    index: u32,
    /// A delete that may be the tombstone of one which its source does not hold: where another source holds both, that
    /// one is read first.
    lone: bool,
}

struct Queue {
    waiting: VecDeque<Waiting>,
    time: i64,
}

struct Feed {
    side: Side,
    /// Lane of each partition index of this source.
    lanes: Vec<usize>,
    batches: VecDeque<(Batch, usize)>,
    first_batch: u64,
    /// Largest log time read.
    time: i64,
    ended: bool,
    disordered: u64,
}

/// The head of one lane in the order of application.
struct Head {
    time: i64,
    offset: u64,
    lone: bool,
    lane: usize,
    side: Side,
    topic: Rc<str>,
    number: u32,
}

impl Ord for Head {
    /// Reversed: the heap gives its greatest element first.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |h: &Head| (h.time, h.side);
        let place = |h: &Head| (h.number, h.offset, h.lone, h.lane);
        key(other)
            .cmp(&key(self))
            .then_with(|| other.topic.cmp(&self.topic))
            .then_with(|| place(other).cmp(&place(self)))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

pub struct Merge {
    feeds: Vec<Feed>,
    pub lanes: Vec<Lane>,
    queues: Vec<Queue>,
    heads: BinaryHeap<Head>,
    disorder_ms: i64,
}

/// What to do next.
pub enum Next {
    Apply(Apply),
    /// Give a batch of this source, or end it.
    Need(usize),
    Done,
}

/// An event whose turn it is.
#[derive(Debug, Clone, Copy)]
pub struct Apply {
    pub lane: usize,
    pub time: i64,
    /// Where it lies, for [`Merge::event`].
    pub at: At,
}

/// An event at its turn, with what its batch says of it.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    pub lane: usize,
    pub event: &'a Event,
    pub key: &'a str,
    /// Index of its table among those of the run.
    pub table: usize,
    /// Log time at which it is applied.
    pub time: i64,
}

#[derive(Debug, Clone, Copy)]
pub struct At {
    pub source: usize,
    batch: u64,
    index: u32,
}

impl Merge {
    pub fn new(sides: &[Side], disorder_ms: i64) -> Self {
        let feed = |side: &Side| Feed {
            side: *side,
            lanes: Vec::new(),
            batches: VecDeque::new(),
            first_batch: 0,
            time: i64::MIN,
            ended: false,
            disordered: 0,
        };
        Merge {
            feeds: sides.iter().map(feed).collect(),
            lanes: Vec::new(),
            queues: Vec::new(),
            heads: BinaryHeap::new(),
            disorder_ms,
        }
    }

    /// Largest log time read from the sources of a side.
    pub fn newest(&self, side: Side) -> Option<i64> {
        self.feeds.iter().filter(|f| f.side == side && f.time > i64::MIN).map(|f| f.time).max()
    }

    /// Events of a side that came below their source's watermark.
    pub fn disordered(&self, side: Side) -> u64 {
        self.feeds.iter().filter(|f| f.side == side).map(|f| f.disordered).sum()
    }

    /// Log time up to which nothing can be missing from a source that was cut. None where it was not in order.
    pub fn reached_by(&self, source: usize) -> Option<i64> {
        let feed = &self.feeds[source];
        (feed.disordered == 0 && feed.time > i64::MIN).then_some(feed.time)
    }

    /// Takes a batch; gives back an emptied one where there is one.
    pub fn push(&mut self, source: usize, batch: Batch) {
        let feed = &mut self.feeds[source];
        for partition in &batch.partitions {
            feed.lanes.push(self.lanes.len());
            let topic = self.lanes.iter().find(|l| *l.topic == *partition.topic).map(|l| l.topic.clone());
            let topic = topic.unwrap_or_else(|| partition.topic.as_str().into());
            self.lanes.push(Lane { source, side: feed.side, topic, number: partition.number });
            self.queues.push(Queue { waiting: VecDeque::new(), time: i64::MIN });
        }
        let number = feed.first_batch + feed.batches.len() as u64;
        let mut waiting = 0;
        for (i, event) in batch.events.iter().enumerate() {
            // An unreadable line outside any partition has no place in the order.
            let Some(lane) = feed.lanes.get(event.partition as usize).copied() else { continue };
            waiting += 1;
            let queue = &mut self.queues[lane];
            let watermark = feed.time.saturating_sub(self.disorder_ms);
            // An event without a time takes that of the one before it.
            feed.disordered += u64::from(event.log_ms < watermark && !event.has(flag::NO_LOG_TIME));
            let time = event.log_ms.max(queue.time).max(watermark);
            queue.time = time;
            feed.time = feed.time.max(time);
            let lone = event.class == Class::Delete && event.version.is_none();
            if queue.waiting.is_empty() {
                let l = &self.lanes[lane];
                let (side, topic, number) = (l.side, l.topic.clone(), l.number);
                self.heads.push(Head { time, offset: event.offset, lone, lane, side, topic, number });
            }
            queue.waiting.push_back(Waiting { time, offset: event.offset, batch: number, index: i as u32, lone });
        }
        feed.batches.push_back((batch, waiting));
    }

    /// The source is known to reach to this log time.
    pub fn reached(&mut self, source: usize, ms: i64) {
        self.feeds[source].time = self.feeds[source].time.max(ms);
    }

    pub fn end(&mut self, source: usize) {
        self.feeds[source].ended = true;
    }

    /// The next event in order, once every source that still runs has been read past it.
    pub fn advance(&mut self) -> Next {
        let behind = self.feeds.iter().enumerate().filter(|(_, f)| !f.ended).min_by_key(|(_, f)| f.time);
        let watermark = behind.map(|(i, f)| (i, f.time.saturating_sub(self.disorder_ms)));
        let Some(head) = self.heads.peek() else {
            return watermark.map_or(Next::Done, |(source, _)| Next::Need(source));
        };
        if let Some((source, watermark)) = watermark
            && head.time >= watermark
        {
            return Next::Need(source);
        }
        let lane = head.lane;
        let queue = &mut self.queues[lane];
        let Some(Waiting { time, batch, index, .. }) = queue.waiting.pop_front() else {
            self.heads.pop();
            return self.advance();
        };
        let source = self.lanes[lane].source;
        match queue.waiting.front() {
            None => {
                self.heads.pop();
            }
            Some(next) => {
                if let Some(mut head) = self.heads.peek_mut() {
                    (head.time, head.offset, head.lone) = (next.time, next.offset, next.lone);
                }
            }
        }
        Next::Apply(Apply { lane, time, at: At { source, batch, index } })
    }

    pub fn event(&self, at: At) -> (&Event, &Batch) {
        let feed = &self.feeds[at.source];
        let batch = &feed.batches[(at.batch - feed.first_batch) as usize].0;
        (&batch.events[at.index as usize], batch)
    }

    /// Says that an event was applied; returns its batch when that was the last one in it.
    pub fn applied(&mut self, at: At) -> Option<Batch> {
        let feed = &mut self.feeds[at.source];
        if let Some((_, waiting)) = feed.batches.get_mut((at.batch - feed.first_batch) as usize) {
            *waiting -= 1;
        }
        if feed.batches.front().is_some_and(|(_, waiting)| *waiting == 0) {
            feed.first_batch += 1;
            return feed.batches.pop_front().map(|(batch, _)| batch);
        }
        None
    }
}
