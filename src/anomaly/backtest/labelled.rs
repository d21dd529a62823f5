//! Which labels and ignored intervals concern which series.

use crate::anomaly::history::Series;
use crate::anomaly::intake::Key;
use crate::anomaly::judge::labels::{Around, Bad, Format, Label, Labels, read};
use crate::anomaly::judge::track::{Extent, runs};
use crate::anomaly::rules::{Rule, Zone};
use crate::anomaly::times::{self, Time};

/// What is marked of one series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub labels: Vec<Extent>,
    pub ignores: Vec<Extent>,
}

/// A file of labels as text. Its times may be those of a wall clock, and which one that is the rule says, for each tenant.
pub struct LabelFile {
    text: String,
    format: Format,
    around: Around,
    /// Read as if all wall clocks showed UTC.
    plain: Labels,
    /// Which labels met a bucket of some series.
    met: Vec<bool>,
}

impl LabelFile {
    pub fn new(text: String, format: Format, around: Around) -> Self {
        let utc = |text: &str| match times::parse(text.as_bytes()) {
            Ok(Time::Instant(ms) | Time::Local(ms)) => Ok(ms),
            Err(what) => Err(format!("`{text}` {what}")),
        };
        let plain = read(&text, format, around, &utc);
        let met = vec![false; plain.labels.len()];
        LabelFile { text, format, around, plain, met }
    }

    /// Lines that are no label.
    pub fn bad(&self) -> &[Bad] {
        &self.plain.bad
    }

    pub fn len(&self) -> usize {
        self.plain.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Labels that met no bucket of any series so far.
    pub fn unmatched(&self) -> impl Iterator<Item = &Label> {
        self.plain.labels.iter().zip(&self.met).filter(|(_, met)| !**met).map(|(label, _)| label)
    }

    /// Per series of a rule the extents that concern it, each once.
    pub fn extents(&mut self, rule: &Rule, series: &[Series]) -> Vec<Vec<Extent>> {
        let mut found: Vec<Vec<Extent>> = vec![Vec::new(); series.len()];
        for zone in zones(rule, series) {
            let time = |text: &str| instant(text, zone);
            let labels = self.numbered(read(&self.text, self.format, self.around, &time).labels);
            for (series, found) in series.iter().zip(&mut found) {
                let key = Key::new(rule, &series.key);
                if rule.zone_of(key.tenant()).name != zone.name {
                    continue;
                }
                let fields = key.series();
                for (i, label) in &labels {
                    if !label.concerns(&rule.id, key.tenant(), &fields) || found.contains(&label.extent) {
                        continue;
                    }
                    self.met[*i] |= meets(label.extent, series, rule.bucket_ms());
                    found.push(label.extent);
                }
            }
        }
        found
    }
}

impl LabelFile {
    /// Each with its number among all: where a change of the clocks turns a label around, one fewer may be read.
    fn numbered(&self, labels: Vec<Label>) -> Vec<(usize, Label)> {
        let mut all = self.plain.labels.iter().enumerate();
        let same = |a: &Label, b: &Label| (a.line, &a.tenant, &a.kind, &a.id) == (b.line, &b.tenant, &b.kind, &b.id);
        labels.into_iter().filter_map(|label| Some((all.find(|(_, plain)| same(plain, &label))?.0, label))).collect()
    }
}

/// The different zones of the series.
fn zones<'r>(rule: &'r Rule, series: &[Series]) -> Vec<&'r Zone> {
    let mut zones: Vec<&Zone> = series.iter().map(|s| rule.zone_of(Key::new(rule, &s.key).tenant())).collect();
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    zones.dedup_by(|a, b| a.name == b.name);
    zones
}

fn instant(text: &str, zone: &Zone) -> Result<i64, String> {
    match times::parse(text.as_bytes()) {
        Ok(Time::Instant(ms)) => Ok(ms),
        // Looking an offset up may remember it, which a file of labels does not need.
        Ok(Time::Local(ms)) => Ok(zone.calendar.clone().instant(ms)),
        Err(what) => Err(format!("`{text}` {what}")),
    }
}

fn meets(extent: Extent, series: &Series, bucket_ms: i64) -> bool {
    let (Some(first), Some(last)) = (series.starts.first(), series.starts.last()) else { return false };
    let behind = last.saturating_add(bucket_ms);
    match extent {
        Extent::Between { start, end } => start < behind && end > *first,
        Extent::Around { at, .. } => (*first..behind).contains(&at),
    }
}

/// The windows of a column of labels.
pub fn column(rule: &Rule, series: &Series) -> Vec<Extent> {
    let labelled = series.labelled.iter().map(|label| *label == Some(true));
    runs(series.starts.iter().copied().zip(labelled), rule.bucket_ms())
}
