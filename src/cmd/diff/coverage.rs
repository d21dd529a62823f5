//! What a run did not look at: tables without events, columns that no row held, the other region, or everything.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Read;
use crate::diff::code::Code;
use crate::diff::ledger::Twin;
use crate::diff::types::{Table, Types, index, other};
use crate::error::did_you_mean;
use crate::record::Finding;
use crate::record::diff::Side;
use crate::record::finding::fingerprint;
use crate::text::counted;

/// Findings of one side's digests that a run over both sides makes anew.
pub const OWN: [Code; 5] =
    [Code::NothingCompared, Code::NoEvents, Code::ColumnUnknown, Code::ColumnAbsent, Code::OffsetGap];

pub struct Coverage<'a> {
    types: &'a Types,
    /// The sides that were read.
    sides: &'a [Side],
    topics: &'a [BTreeSet<String>; 2],
    /// Topics that no table names.
    unmapped: [BTreeSet<String>; 2],
    /// By table: the declared columns that its rows held.
    held: [BTreeMap<String, BTreeSet<String>>; 2],
}

impl<'a> Coverage<'a> {
    pub fn new(types: &'a Types, sides: &'a [Side], read: &'a Read) -> Self {
        let unmapped = |side: Side| -> BTreeSet<String> {
            let own = read.notes[index(side)].subjects(Code::UnmappedTopic).map(|(_, topic)| topic.to_owned());
            let streams = read.ends.iter().filter(|end| end.side == Some(side)).flat_map(|end| &end.findings);
            let given = streams.filter(|f| f.code == Code::UnmappedTopic.as_str()).map(|f| f.subject.clone());
            own.chain(given).collect()
        };
        let held = |side| read.columns_held(side);
        Coverage { types, sides, topics: &read.topics, unmapped: Side::BOTH.map(unmapped), held: Side::BOTH.map(held) }
    }

    /// Tables without events, and columns that no row held.
    pub fn findings(&self) -> Vec<Finding> {
        let tables = &self.types.tables;
        tables.iter().filter_map(|t| self.no_events(t)).chain(tables.iter().flat_map(|t| self.absent(t))).collect()
    }

    /// `kind.column` of the columns that no row of a side held.
    pub fn columns_absent(&self) -> impl Iterator<Item = String> {
        let absent = self.types.tables.iter().flat_map(|t| self.absent(t));
        absent.map(|f| format!("{}.{}", f.kind.unwrap_or_default(), f.subject))
    }

    /// For a run in which no row was compared, or none turned into a digest.
    pub fn nothing(&self, sampled_out: u64) -> Finding {
        let message = match sampled_out {
            0 => "no row of any table was compared".to_owned(),
            n => format!("no row of any table was compared; `sample` left out {n}"),
        };
        let hint = self.sides.iter().find_map(|side| self.swapped(*side, self.types.tables.iter()));
        self.finding(Code::NothingCompared, "", &self.types.job, self.sides, message, hint)
    }

    /// One recording that was given for both sides.
    pub fn same(&self, twins: &[Twin]) -> Vec<Finding> {
        let mut topics: BTreeMap<&str, Vec<&Twin>> = BTreeMap::new();
        twins.iter().for_each(|twin| topics.entry(twin.topic).or_default().push(twin));
        let finding = |(topic, twins): (&str, Vec<&Twin>)| {
            let records = twins.iter().map(|twin| twin.records).sum::<u64>();
            let (partitions, records) = (counted(twins.len() as u64, "partition"), counted(records, "record"));
            let message = format!("{partitions} of `{topic}`: lhs and rhs are one recording of {records}");
            let kind = self.types.tables.iter().find(|t| t.topics[0] == topic).map_or("", |t| &t.kind);
            self.finding(Code::SameRecording, kind, topic, self.sides, message, None)
        };
        topics.into_iter().map(finding).collect()
    }

    fn no_events(&self, table: &Table) -> Option<Finding> {
        let without = |side: &Side| !self.topics[index(*side)].contains(&table.topics[index(*side)]);
        let lacking: Vec<Side> = self.sides.iter().copied().filter(without).collect();
        let (kind, topic) = (&table.kind, |side: Side| &table.topics[index(side)]);
        let message = match lacking.as_slice() {
            [] => return None,
            [side] if self.sides.len() == 2 => {
                format!("table `{kind}` has events on {}, but none on {side} (topic `{}`)", other(*side), topic(*side))
            }
            [side] => format!("table `{kind}` has no events (topic `{}`)", topic(*side)),
            [lhs, rhs, ..] => {
                format!("table `{kind}` has no events on either side (topics `{}` and `{}`)", topic(*lhs), topic(*rhs))
            }
        };
        let hint = lacking.iter().find_map(|side| {
            let near = || did_you_mean(topic(*side), self.unmapped[index(*side)].iter().map(String::as_str));
            self.swapped(*side, std::iter::once(table)).or_else(|| {
                near().map(|near| format!("{side} holds `{near}`, which no table names: is it this one's topic?"))
            })
        });
        Some(self.finding(Code::NoEvents, kind, kind, &lacking, message, hint))
    }

    /// A hint, if a side holds what types.yaml expects of the other one.
    fn swapped<'t>(&self, side: Side, mut tables: impl Iterator<Item = &'t Table>) -> Option<String> {
        let topic = tables.find_map(|t| self.unmapped[index(side)].get(&t.topics[index(other(side))]))?;
        Some(format!("{side} holds `{topic}`, a topic of {}: are the two sides swapped?", other(side)))
    }

    /// A declared column may be misspelt, or gone from the table.
    fn absent(&self, table: &Table) -> Vec<Finding> {
        let with_rows: Vec<Side> =
            self.sides.iter().copied().filter(|side| self.held[index(*side)].contains_key(&table.kind)).collect();
        let compared = table
            .columns
            .iter()
            .filter(|(name, column)| column.lossy().is_none() && !table.key.columns().any(|key| key == name.as_str()));
        let finding = |(name, _): (&String, _)| {
            let without = |side: &Side| !self.held[index(*side)][&table.kind].contains(name);
            let lacking: Vec<Side> = with_rows.iter().copied().filter(without).collect();
            let (code, place) = match lacking.as_slice() {
                [] => return None,
                [side] if self.sides.len() == 2 => (Code::ColumnAbsent, format!("no row of {side}")),
                [_] => (Code::ColumnAbsent, "no row".to_owned()),
                _ => (Code::ColumnUnknown, "no row of either side".to_owned()),
            };
            let message = format!("{place} holds column `{name}` of table `{}`; it was not compared", table.kind);
            Some(self.finding(code, &table.kind, name, &lacking, message, None))
        };
        compared.filter_map(finding).collect()
    }

    /// A finding names its side where it concerns one.
    fn finding(
        &self,
        code: Code,
        kind: &str,
        subject: &str,
        sides: &[Side],
        message: String,
        hint: Option<String>,
    ) -> Finding {
        let side = if let [one] = sides { Some(one.as_str().to_owned()) } else { None };
        let mut finding = Finding::new("diff", code.as_str(), code.severity(), subject, message);
        finding.fingerprint = fingerprint(&["diff", code.as_str(), kind, side.as_deref().unwrap_or_default(), subject]);
        finding.kind = (!kind.is_empty()).then(|| kind.to_owned());
        finding.side = side;
        finding.hint = Some(hint.unwrap_or_else(|| code.doc().advice.to_owned()));
        finding
    }
}
