//! The past of an input that was read to its end: every bucket of every series, in order.

use super::buckets::{Closed, Out};
use super::method::Slot;
use super::score::Seen;

/// By rule, in the order of the rules; the series of a rule by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    pub rules: Vec<Vec<Series>>,
}

/// One series with all its buckets from the first to the last with a value, or to the end where that is asked. A key that was silent for 35 days and came back has two, since
/// nothing was kept of the first. All lists are as long as each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    pub key: String,
    /// Milliseconds since 1970.
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
    pub slots: Vec<Slot>,
    pub seen: Vec<Seen>,
    /// What was counted or measured, also where it is not to be scored. None where the bucket is missing.
    pub values: Vec<Option<f64>>,
    /// Whether a record of the bucket was labelled as an anomaly; None where none had a label.
    pub labelled: Vec<Option<bool>>,
}

/// Takes what leaves the buckets.
#[derive(Debug, Default)]
pub struct Collector {
    rules: Vec<Collected>,
    /// Rule, key and spacing in milliseconds of the first series whose points lie further apart than its buckets are long.
    pub too_fine: Option<(usize, String, i64)>,
}

#[derive(Debug, Default)]
struct Collected {
    series: Vec<Series>,
    /// By number: where in the list the series stands that has the number now.
    place: Vec<usize>,
}

impl Collector {
    pub fn take(&mut self, out: Out) {
        match out {
            Out::Closed(closed) => {
                if self.rules.len() <= closed.rule {
                    self.rules.resize_with(closed.rule + 1, Collected::default);
                }
                self.rules[closed.rule].take(&closed);
            }
            // The next bucket of its number is a fresh one.
            Out::Retired { .. } => {}
            Out::TooFine { rule, key, spacing_ms } => {
                self.too_fine.get_or_insert_with(|| (rule, key.to_owned(), spacing_ms));
            }
        }
    }

    /// `rules`: how many there are, with or without a bucket.
    pub fn history(mut self, rules: usize) -> History {
        for collected in &mut self.rules {
            collected.series.iter_mut().for_each(Series::end_with_value);
        }
        self.whole_history(rules)
    }

    /// The same with what each series was silent at the end.
    pub fn whole_history(mut self, rules: usize) -> History {
        self.rules.resize_with(rules, Collected::default);
        let sorted = |mut collected: Collected| {
            collected.series.retain(|series| !series.starts.is_empty());
            collected.series.sort_by(|a, b| a.key.cmp(&b.key).then(a.starts.cmp(&b.starts)));
            collected.series
        };
        History { rules: self.rules.into_iter().map(sorted).collect() }
    }
}

impl Collected {
    fn take(&mut self, closed: &Closed) {
        let number = closed.series as usize;
        if self.place.len() <= number {
            self.place.resize(number + 1, usize::MAX);
        }
        if closed.fresh {
            self.place[number] = self.series.len();
            self.series.push(Series { key: closed.key.to_owned(), ..Series::default() });
        }
        if let Some(series) = self.series.get_mut(self.place[number]) {
            series.push(closed);
        }
    }
}

impl Series {
    fn push(&mut self, closed: &Closed) {
        self.starts.push(closed.start);
        self.ends.push(closed.end);
        self.slots.push(closed.slot);
        self.seen.push(Seen::of(closed.usable, closed.value));
        self.values.push(closed.value);
        self.labelled.push(closed.label);
    }

    /// Buckets go on closing while other series have records: those behind the last value say nothing of a method.
    fn end_with_value(&mut self) {
        let len = self.values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.starts.truncate(len);
        self.ends.truncate(len);
        self.slots.truncate(len);
        self.seen.truncate(len);
        self.values.truncate(len);
        self.labelled.truncate(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::buckets::Usable;

    fn closed(series: u32, key: &str, fresh: bool, start: i64, value: f64, usable: Usable) -> Out<'_> {
        let slot = Slot { day: 0, minute: 0 };
        let end = start + 10;
        Out::Closed(Closed {
            rule: 1,
            series,
            key,
            fresh,
            start,
            end,
            slot,
            value: (!value.is_nan()).then_some(value),
            usable,
            factor: 1.0,
            label: None,
        })
    }

    #[test]
    fn series_are_sorted_and_a_number_that_comes_again_is_another_series() {
        let mut collector = Collector::default();
        collector.take(closed(0, "b", true, 0, 1.0, Usable::Yes));
        collector.take(closed(1, "a", true, 0, 2.0, Usable::Yes));
        collector.take(closed(0, "b", false, 10, 3.0, Usable::Excluded));
        collector.take(Out::Retired { rule: 1, series: 0 });
        collector.take(closed(0, "a2", true, 20, 4.0, Usable::Yes));
        collector.take(closed(1, "a", false, 20, 5.0, Usable::Yes));
        // Closed by records of other series alone.
        collector.take(closed(1, "a", false, 30, f64::NAN, Usable::Yes));
        let history = collector.history(3);
        let told: Vec<Vec<(&str, &[i64])>> =
            history.rules.iter().map(|rule| rule.iter().map(|s| (s.key.as_str(), &*s.starts)).collect()).collect();
        let rule: Vec<(&str, &[i64])> = vec![("a", &[0, 20]), ("a2", &[20]), ("b", &[0, 10])];
        assert_eq!(told, [vec![], rule, vec![]]);
        let b = &history.rules[1][2];
        assert_eq!((b.seen.as_slice(), b.values[1]), (&[Seen::Value(1.0), Seen::Excluded][..], Some(3.0)));
    }
}
