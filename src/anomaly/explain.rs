//! One bucket explained: what it was held against, by how much it was off, and which term decided.

pub mod rerun;

use super::method::{Kind, Method, Slot, Stream};
use super::score::{Point, Scorer, Side, SlotValues, Status, Term, Wall, band};

/// Everything that the score of a bucket stands on, in the unit of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    pub slot: Slot,
    pub value: f64,
    pub expected: f64,
    pub score: f64,
    pub threshold: f64,
    pub side: Side,
    pub alerts: bool,
    /// The term of the scale that held the score back most.
    pub term: Term,
    /// Those that had a say, by stream.
    pub streams: Vec<View>,
    /// The values that the baselines are the medians of.
    pub slot_values: SlotValues,
    /// The first values above and below what was expected that would alert; None where none would.
    pub would_alert_from: Option<f64>,
    pub would_alert_below: Option<f64>,
}

/// How one stream saw a bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub stream: Stream,
    pub z: f64,
    pub expected: f64,
    /// How far a value one scale above what was expected lies from it.
    pub scale: f64,
    pub term: Term,
}

/// Explains the bucket that the scorer took last. None where it has no score.
pub fn explain(scorer: &Scorer, point: &Point) -> Option<Explanation> {
    let method = scorer.method();
    let verdict = point.verdict?;
    let slot = point.slot();
    let edges = band::alerts(method, point);
    Some(Explanation {
        slot,
        value: point.value?,
        // No count is below 0, whatever a trend points at.
        expected: if method.kind == Kind::Count { verdict.expected.max(0.0) } else { verdict.expected },
        score: verdict.score,
        threshold: method.threshold,
        side: verdict.side,
        alerts: point.status == Status::Breach,
        term: point.term(method)?,
        streams: views(method, point),
        slot_values: scorer.slot_values(slot),
        would_alert_from: edges.upper,
        would_alert_below: edges.lower,
    })
}

fn views(method: &Method, point: &Point) -> Vec<View> {
    let view = |reading: &super::score::Reading| {
        let scale = reading.scale?;
        let expected = method.transform.back(reading.prediction());
        Some(View {
            stream: reading.stream,
            z: reading.residual(method.transform.of(point.value?)) / scale.size,
            expected,
            scale: method.transform.back(reading.prediction() + scale.size) - expected,
            term: scale.term,
        })
    };
    point.voters().filter_map(view).collect()
}

/// Where and when a bucket was, for the text.
#[derive(Debug, Clone, Copy)]
pub struct Place<'t> {
    pub rule: &'t str,
    /// The tenant, and the other fields of its series.
    pub series: &'t str,
    /// Wall clock and zone.
    pub local: &'t str,
}

impl Explanation {
    /// Five lines for whoever is on call: what came, how far off it is, what was usual, how each stream saw it, what
    /// decided.
    pub fn lines(&self, method: &Method, place: Place<'_>) -> [String; 5] {
        let Place { rule, series, local } = place;
        let came = format!("{rule}, {series}: {} at {local}; expected {}", number(self.value), number(self.expected));
        [came, self.distance(), self.usual(), self.seen(), self.decided(method)]
    }

    fn distance(&self) -> String {
        let off = (self.value - self.expected).abs();
        let more = if self.value >= self.expected { "more" } else { "less" };
        let times = if self.expected > 0.0 && self.value > 0.0 {
            format!(", {} times as much", number(self.value / self.expected))
        } else {
            String::new()
        };
        let is = if self.alerts { "alerts" } else { "does not alert" };
        let edges = match (self.would_alert_from, self.would_alert_below) {
            (Some(from), Some(below)) => format!("{} and more would, or {} and less", number(from), number(below)),
            (Some(from), None) => format!("{} and more would", number(from)),
            (None, Some(below)) => format!("{} and less would", number(below)),
            (None, None) => "no value would".to_owned(),
        };
        let (score, threshold) = (number(self.score), number(self.threshold));
        format!("that is {} {more}{times}; score {score} at threshold {threshold} {is}; {edges}", number(off))
    }

    fn usual(&self) -> String {
        let SlotValues { day, week, last_week } = &self.slot_values;
        let weekday = weekday(self.slot);
        let last_week = match last_week {
            Some(x) => format!("a week before it was {}", number(*x)),
            None => "a week before there was no value".to_owned(),
        };
        let days = range("at this time on the days before", day);
        let weeks = range(&format!("on {weekday}s before"), week);
        format!("{days}; {weeks}; {last_week}")
    }

    fn seen(&self) -> String {
        let weekday = weekday(self.slot);
        let view = |view: &View| {
            let against = match view.stream {
                Stream::Level => "the recent level".to_owned(),
                Stream::Day => "the days before".to_owned(),
                Stream::Week => format!("the {weekday}s before"),
            };
            let side = if view.z < 0.0 { "below" } else { "above" };
            let (z, expected, scale) = (number(view.z.abs()), number(view.expected), number(view.scale));
            format!("against {against}: {z} scales {side} {expected}, a scale being {scale}")
        };
        self.streams.iter().map(view).collect::<Vec<_>>().join("; ")
    }

    fn decided(&self, method: &Method) -> String {
        let window = method.window as Wall * Wall::from(method.bucket);
        let past = if window % 1440 == 0 { days(window / 1440) } else { format!("{} minutes", window) };
        let scale = match self.term {
            Term::Mad => format!("how far values usually lay from the prediction in the last {past} (median)"),
            Term::Sd => format!("the standard deviation from the prediction in the last {past}"),
            Term::RelFloor => {
                format!("{} % of what was expected, since recent values scatter less", number(100.0 * method.rel_floor))
            }
            Term::CountFloor => {
                "what chance alone does to a count of this size, since recent values scatter less".to_owned()
            }
            Term::AbsFloor => "the least that the rule sets (abs_floor), since recent values scatter less".to_owned(),
        };
        format!("what decided: the scale is {scale} ({})", self.term.as_str())
    }
}

fn days(n: Wall) -> String {
    crate::text::counted(n.unsigned_abs(), "day")
}

/// `at this time on the days before 14 values from 80 to 120`.
fn range(when: &str, values: &[(Slot, f64)]) -> String {
    let least = values.iter().map(|(_, x)| *x).min_by(f64::total_cmp);
    let most = values.iter().map(|(_, x)| *x).max_by(f64::total_cmp);
    let Some((least, most)) = least.zip(most) else { return format!("{when} no value") };
    let n = crate::text::counted(values.len() as u64, "value");
    format!("{when} {n} from {} to {}", number(least), number(most))
}

/// `Thu 14:00`.
pub fn slot_text(slot: Slot) -> String {
    format!("{} {:02}:{:02}", &weekday(slot)[..3], slot.minute / 60, slot.minute % 60)
}

fn weekday(slot: Slot) -> &'static str {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    // 1970-01-01 was a Thursday.
    NAMES[(slot.day + 3).rem_euclid(7) as usize]
}

/// Whole numbers as they are, others to four digits.
fn number(x: f64) -> String {
    if x.abs() >= 1000.0 || x.fract() == 0.0 {
        return format!("{x:.0}");
    }
    let rounded = format!("{x:.3e}").parse::<f64>();
    rounded.map_or_else(|_| x.to_string(), |rounded| rounded.to_string())
}

#[cfg(test)]
mod tests;
