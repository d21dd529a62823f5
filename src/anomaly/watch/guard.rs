//! Whether a rule still hears. Canaries: virtual effects of the size that must be detected, against the live state; nothing of
//! them is fed back. The alerts of a week against those of the weeks before. The share of alerts that are held back.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::anomaly::machine::{Event, Step};
use crate::anomaly::method::{Kind, MustDetect};
use crate::anomaly::rules::Rule;
use crate::anomaly::score::{Point, Scorer, Side, effect};
use crate::stats::{Z90, Z95, binomial_at_most, wilson};

/// Days that a canary is judged over.
const DAYS: usize = 7;
/// Weeks that a week is held against.
const WEEKS: usize = 8;
/// After so many days a rule has scored something, or never will: no warm-up is as long.
const SILENT_DAYS: i32 = 35;
/// A drop of the weekly alerts is one where chance would make it so rarely.
const RARE: f64 = 0.01;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    Spike,
    Drop,
}

impl Effect {
    pub const ALL: [Effect; 2] = [Effect::Spike, Effect::Drop];

    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Spike => "spike",
            Effect::Drop => "drop",
        }
    }

    fn side(self) -> Side {
        match self {
            Effect::Spike => Side::Up,
            Effect::Drop => Side::Down,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Canary(Effect),
    WeeklyDrop,
    Suppression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Ok,
    Fail,
    Inconclusive,
    NotComparable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    Falling,
    Flat,
    Rising,
}

/// `k` of `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    pub n: u64,
    pub k: u64,
}

impl Rate {
    fn count(&mut self, hit: bool) {
        self.n += 1;
        self.k += u64::from(hit);
    }

    fn add(&mut self, other: Rate) {
        self.n += other.n;
        self.k += other.k;
    }

    /// None of nothing.
    pub fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }

    /// Wilson, 95 %.
    pub fn interval(self) -> Option<(f64, f64)> {
        wilson(self.k, self.n, Z95)
    }
}

/// What was found of a rule. Days since 1970 in the rule's zone; `until` is not counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Guarded {
    pub rule: usize,
    pub check: Check,
    pub from: i32,
    pub until: i32,
    pub rate: Rate,
    pub reference: Option<f64>,
    pub p_value: Option<f64>,
    pub trend: Option<Trend>,
    pub verdict: Verdict,
    /// Seven days or more have been scored, or should have been.
    pub mature: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    spikes: Rate,
    drops: Rate,
}

impl Day {
    fn rate(&self, effect: Effect) -> Rate {
        match effect {
            Effect::Spike => self.spikes,
            Effect::Drop => self.drops,
        }
    }
}

/// An ISO week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Week {
    /// Its Monday.
    from: i32,
    scored: u64,
    opened: u64,
    notified: u64,
    suppressed: u64,
    canary: Rate,
}

impl Week {
    fn held_back(&self) -> Rate {
        Rate { n: self.suppressed + self.notified, k: self.suppressed }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// The day of the last bucket.
    day: Option<i32>,
    /// That of the first one.
    #[serde(default)]
    first: Option<i32>,
    /// The scale of the rule when that day began: effects on gauges are so many of it.
    unit: Option<f64>,
    /// The last seven, the oldest first.
    days: VecDeque<Day>,
    /// Days that were scored and are over.
    scored_days: u32,
    /// The last nine, the oldest first.
    weeks: VecDeque<Week>,
    /// What was said last of spikes and drops.
    said: [Option<Verdict>; 2],
}

impl Guard {
    /// Nothing of this day was seen yet, and nothing of a later one.
    pub fn is_before(&self, day: i32) -> bool {
        self.day.is_none_or(|last| last < day)
    }

    /// Begins a day; what is over is told.
    pub fn begin(&mut self, rule: usize, day: i32, unit: Option<f64>, of: &Rule) -> Vec<Guarded> {
        let mut told = Vec::new();
        if let Some(last) = self.day {
            self.scored_days += u32::from(self.days.back().is_some_and(|day| day.spikes.n + day.drops.n > 0));
            told.extend(self.say(rule, of, |_, _| true));
            // Days without a bucket are days too.
            for _ in last..day {
                self.days.push_back(Day::default());
            }
            if monday(last) < monday(day) {
                told.extend(self.week(rule, self.weeks.len()));
            }
        } else {
            self.days.push_back(Day::default());
        }
        while self.days.len() > DAYS {
            self.days.pop_front();
        }
        if self.weeks.back().is_none_or(|week| week.from < monday(day)) {
            self.weeks.push_back(Week { from: monday(day), ..Week::default() });
        }
        while self.weeks.len() > WEEKS + 1 {
            self.weeks.pop_front();
        }
        (self.day, self.unit) = (Some(day), unit.or(self.unit));
        self.first = self.first.or(self.day);
        told
    }

    /// Counts a bucket that was just scored.
    pub fn hear(&mut self, scorer: &Scorer, point: &Point, step: &Step) {
        let (method, unit) = (scorer.method(), self.unit);
        let (Some(day), Some(week)) = (self.days.back_mut(), self.weeks.back_mut()) else { return };
        let event = step.notification.map(|notification| notification.event);
        week.opened += u64::from(event == Some(Event::Open));
        week.notified += u64::from(step.notification.is_some_and(|n| n.calls()));
        week.suppressed += u64::from(step.suppressed.is_some());
        if point.verdict.is_none() {
            return;
        }
        week.scored += 1;
        // The size of an effect on a gauge is not known before the first scales are.
        let unit = match method.must_detect {
            MustDetect::Count { .. } => Some(0.0),
            MustDetect::Gauge { .. } => unit,
        };
        let spike = unit.filter(|_| Side::Up.allowed(method.direction)).and_then(|u| effect::spike(method, point, u));
        let drop = unit.filter(|_| Side::Down.allowed(method.direction)).and_then(|unit| match method.kind {
            Kind::Count => scorer.virtual_drop(),
            Kind::Gauge => effect::dip(method, point, unit),
        });
        for (score, rate) in [(spike, &mut day.spikes), (drop, &mut day.drops)] {
            if let Some(score) = score {
                rate.count(score >= method.threshold);
                week.canary.count(score >= method.threshold);
            }
        }
    }

    /// What became another verdict by the last buckets.
    pub fn turned(&mut self, rule: usize, of: &Rule) -> Vec<Guarded> {
        self.say(rule, of, |was, is| was.is_some_and(|was| was != is))
    }

    /// The canaries that are due by what was said last and what is to be said now.
    fn say(&mut self, rule: usize, of: &Rule, due: impl Fn(Option<Verdict>, Verdict) -> bool) -> Vec<Guarded> {
        let mut told = Vec::new();
        for guarded in self.canaries(rule, of) {
            let Check::Canary(effect) = guarded.check else { continue };
            let said = &mut self.said[effect as usize];
            if due(*said, guarded.verdict) {
                *said = Some(guarded.verdict);
                told.push(guarded);
            }
        }
        told
    }

    /// Nothing was scored in the last seven days, though something was before, or should have been by now.
    fn is_silent(&self) -> bool {
        let untried = |day: &Day| day.spikes.n + day.drops.n == 0;
        let since = self.day.zip(self.first).map_or(0, |(day, first)| day - first);
        let due = self.scored_days > 0 || since >= SILENT_DAYS;
        due && self.days.len() == DAYS && self.days.iter().all(untried)
    }

    /// Of each effect that was tried in the last seven days; of all where none was and should have been.
    pub fn canaries(&self, rule: usize, of: &Rule) -> Vec<Guarded> {
        let Some(day) = self.day else { return Vec::new() };
        let silent = self.is_silent();
        let one = |effect: Effect| {
            let mut rate = Rate::default();
            self.days.iter().for_each(|day| rate.add(day.rate(effect)));
            let verdict = match (rate.interval(), of.min_power) {
                (None, _) if !silent || !effect.side().allowed(of.direction) => return None,
                (Some((_, high)), least) if high < least => Verdict::Fail,
                (Some((low, _)), least) if low >= least => Verdict::Ok,
                _ => Verdict::Inconclusive,
            };
            Some(Guarded {
                rule,
                check: Check::Canary(effect),
                from: day + 1 - self.days.len() as i32,
                until: day + 1,
                rate,
                reference: Some(of.min_power),
                p_value: None,
                trend: None,
                verdict,
                mature: silent || self.scored_days >= DAYS as u32,
            })
        };
        Effect::ALL.into_iter().filter_map(one).collect()
    }

    /// Everything, as it stands now: of the weeks the last one that is over, or where none is what there is of the first.
    pub fn all(&self, rule: usize, of: &Rule) -> Vec<Guarded> {
        let mut all = self.canaries(rule, of);
        all.extend(self.week(rule, self.weeks.len().saturating_sub(1).max(1)));
        all
    }

    /// The last of the first `of` weeks against those before it.
    fn week(&self, rule: usize, of: usize) -> Vec<Guarded> {
        let weeks: Vec<&Week> = self.weeks.iter().take(of).collect();
        let Some((last, before)) = weeks.split_last() else { return Vec::new() };
        let before = &before[before.len().saturating_sub(WEEKS)..];
        let guarded = |check, rate, reference, verdict| Guarded {
            rule,
            check,
            from: last.from,
            until: last.from + 7,
            rate,
            reference,
            p_value: None,
            trend: None,
            verdict,
            mature: self.scored_days >= DAYS as u32,
        };
        let opened = Rate { n: last.opened + before.iter().map(|week| week.opened).sum::<u64>(), k: last.opened };
        let scored = Rate { n: last.scored + before.iter().map(|week| week.scored).sum::<u64>(), k: last.scored };
        // Of all alerts the week's share is that of its scored buckets, if nothing changed.
        let share = scored.share().unwrap_or(0.0);
        let p_value = binomial_at_most(opened.k, opened.n, share);
        // Not even a week without any would be rare after so few.
        let verdict = match binomial_at_most(0, opened.n - opened.k, share) {
            least if least >= RARE => Verdict::Inconclusive,
            _ if p_value < RARE => Verdict::Fail,
            _ => Verdict::Ok,
        };
        let drop = Guarded { p_value: Some(p_value), ..guarded(Check::WeeklyDrop, opened, Some(share), verdict) };
        let previous = before.last().copied();
        let (trend, verdict) = previous.map_or((None, Verdict::Inconclusive), |previous| held_back(previous, last));
        let reference = previous.and_then(|week| week.held_back().share());
        let suppression = Guarded { trend, ..guarded(Check::Suppression, last.held_back(), reference, verdict) };
        vec![drop, suppression]
    }
}

/// How the share that is held back moved from one week to the next. Fewer are no progress where less is heard.
fn held_back(previous: &Week, last: &Week) -> (Option<Trend>, Verdict) {
    let of = |week: &Week| wilson(week.suppressed, week.suppressed + week.notified, Z90);
    let (Some(was), Some(is)) = (of(previous), of(last)) else { return (None, Verdict::Inconclusive) };
    let trend = match (was, is) {
        ((low, _), (_, high)) if high < low => Trend::Falling,
        ((_, high), (low, _)) if low > high => Trend::Rising,
        _ => Trend::Flat,
    };
    let deafer = match (previous.canary.interval(), last.canary.interval()) {
        (Some((low, _)), Some((_, high))) => high < low,
        _ => true,
    };
    (Some(trend), if deafer { Verdict::NotComparable } else { Verdict::Ok })
}

/// The Monday of a day's week; day 4 of 1970 was one.
fn monday(day: i32) -> i32 {
    day - (day - 4).rem_euclid(7)
}

#[cfg(test)]
mod tests;
