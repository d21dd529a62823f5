//! What arrived of a digest stream, held against what the stream says of itself: a root is computed here or it is none.

use std::collections::BTreeMap;

use super::decode::Tally;
use super::event::{Event, flag};
use super::ledger::Ledger;
use crate::error::Error;
use crate::record::diff::{Decode, PartitionProof, Progress, Side};

/// Something that a digest stream says it holds and does not.
#[derive(Debug)]
pub struct Gap {
    /// The kind whose verdicts depend on it; None where it may be any.
    pub kind: Option<String>,
    /// The partition, or the stream.
    pub subject: String,
    pub error: Error,
}

/// The records of one digest stream, in its order.
pub struct Arrived {
    ledger: Ledger,
    side: Side,
    name: String,
    /// Kind of the digests of a partition.
    kinds: BTreeMap<(String, u32), String>,
    pub sealed: Vec<Progress>,
    emitted: u64,
    pub tally: Tally,
}

impl Arrived {
    /// `name` is the stream's, for people.
    pub fn new(side: Side, name: &str) -> Self {
        Arrived {
            ledger: Ledger::new(true),
            side,
            name: name.to_owned(),
            kinds: BTreeMap::new(),
            sealed: Vec::new(),
            emitted: 0,
            tally: Tally::default(),
        }
    }

    /// Partitions come in the order of their indexes.
    pub fn add_partition(&mut self, topic: &str, number: u32) {
        self.ledger.add_partition(self.side, topic, number);
    }

    /// A digest record, whatever could be read of it.
    pub fn digest(&mut self) {
        self.emitted += 1;
    }

    pub fn kind_of(&mut self, topic: &str, number: u32, kind: &str) {
        if !self.kinds.iter().any(|((t, n), _)| t == topic && *n == number) {
            self.kinds.insert((topic.to_owned(), number), kind.to_owned());
        }
    }

    pub fn event(&mut self, event: &Event) {
        if event.has(flag::NO_TABLE) {
            return;
        }
        self.tally.count(event);
        // One that goes back has no leaf in the stream's root either.
        let _ = self.ledger.observe(event.partition as usize, event);
    }

    /// What is missing, by partition; or of the stream as a whole where all its partitions are there.
    pub fn gaps(&self, decode: Option<&Decode>) -> Vec<Gap> {
        let Some(decode) = decode else {
            return vec![self.whole("it has no govctl.diff.decode record, so it was cut or filtered".into())];
        };
        let arrived = self.ledger.partitions();
        let same = |p: &PartitionProof, q: &Progress| p.topic == q.topic && p.partition == q.partition;
        let mut gaps = Vec::new();
        for p in &arrived {
            let said = self.sealed.iter().find(|q| same(p, q));
            gaps.extend(difference(p, said).map(|cause| self.gap(&p.topic, p.partition, cause)));
        }
        for q in self.sealed.iter().filter(|q| !arrived.iter().any(|p| same(p, q))) {
            gaps.push(self.gap(&q.topic, q.partition, format!("none of its {} records arrived", q.records)));
        }
        if gaps.is_empty() {
            gaps.extend(self.uncounted(decode).map(|cause| self.whole(cause)));
        }
        gaps
    }

    /// In words which count of the stream is not that of what arrived. Records that were read twice are counted twice,
    /// and sent once.
    fn uncounted(&self, decode: &Decode) -> Option<String> {
        let said = |name: &str| decode.counts.get(name).copied().unwrap_or(0);
        let t = &self.tally;
        let read = [("rows", t.rows), ("tombstones", t.tombstones), ("sampled_out", t.sampled_out)];
        let mut twice = said("duplicates");
        let differs = |&(name, n): &(&str, u64)| match said(name).checked_sub(n) {
            Some(more) if more <= twice => {
                twice -= more;
                false
            }
            _ => true,
        };
        let emitted = ("emitted", self.emitted);
        let wrong = if said("emitted") == self.emitted { read.into_iter().find(differs) } else { Some(emitted) };
        wrong.map(|(name, n)| format!("it says {} {name} and holds {n}", said(name)))
    }

    fn gap(&self, topic: &str, number: u32, cause: String) -> Gap {
        let kind = self.kinds.get(&(topic.to_owned(), number)).cloned();
        let subject = format!("{topic}/{number}");
        Gap { kind, error: self.error(format!("{subject}: {cause}")), subject }
    }

    /// A gap that may concern any kind.
    pub fn whole(&self, cause: String) -> Gap {
        Gap { kind: None, subject: self.side.as_str().to_owned(), error: self.error(cause) }
    }

    fn error(&self, cause: String) -> Error {
        Error::input(format!("a gap in the digest stream: {cause}"))
            .at_file(&self.name)
            .hint("no verdict that depends on it is made; fetch or produce the digest stream again")
    }
}

/// In words what the stream says of a partition and what arrived is not.
fn difference(p: &PartitionProof, said: Option<&Progress>) -> Option<String> {
    let Some(q) = said else { return Some("its sealed progress record did not arrive".into()) };
    if p.records != q.records {
        return Some(format!("{} records arrived of {}", p.records, q.records));
    }
    let range = (p.from, p.to, p.leaves) == (q.from, q.read_to, q.leaves);
    let differs = !range || p.root != q.root;
    differs
        .then(|| format!("the {} records that arrived have the root {}, the stream says {}", p.records, p.root, q.root))
}
