//! Closed buckets to what is told of them.

use std::rc::Rc;
use std::sync::Arc;

use super::guard::{Guard, Guarded};
use super::{Judged, Peers, Told, TooFine};
use crate::anomaly::buckets::{Closed, Out};
use crate::anomaly::calendar::Calendar;
use crate::anomaly::intake::Key;
use crate::anomaly::machine::{Limits, Machine, Scored};
use crate::anomaly::method::Method;
use crate::anomaly::rules::{DAY_MS, Params, Rule, Rules, is_muted};
use crate::anomaly::score::{Scorer, Seen, Status};
use crate::stats::nearest_rank;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Buckets with a value.
    pub points: u64,
    pub warming_up: u64,
    /// Records of alerts that call somebody.
    pub notified: u64,
    /// Held back by the cooldown or a mute.
    pub suppressed: u64,
    /// Series whose past was scored again, since rule or parameters are others.
    pub rewarmed: u64,
}

/// One series.
pub(super) struct Series {
    pub key: Rc<str>,
    pub scorer: Scorer,
    pub machine: Machine,
    /// The scale of the last bucket that had one.
    pub scale: Option<f64>,
}

pub(super) struct Judges<'r> {
    pub rules: &'r Rules,
    pub params: Vec<Option<&'r Params>>,
    guarded: bool,
    /// Of each rule, for its days and weeks.
    calendars: Vec<Calendar>,
    /// By rule and number of the series.
    pub series: Vec<Vec<Option<Series>>>,
    /// By rule: how its series are scored. Few tenants have a threshold of their own.
    pub methods: Vec<Vec<Arc<Method>>>,
    pub guards: Vec<Guard>,
    /// Buckets of one rule that end together: a record says how many of them breach.
    group: Vec<Judged>,
    pub too_fine: Option<TooFine>,
    pub counts: Counts,
}

impl<'r> Judges<'r> {
    pub fn new(rules: &'r Rules, params: Vec<Option<&'r Params>>, guarded: bool) -> Judges<'r> {
        Judges {
            params,
            guarded,
            calendars: rules.rules.iter().map(|rule| rule.data.zone.calendar.clone()).collect(),
            series: rules.rules.iter().map(|_| Vec::new()).collect(),
            methods: rules.rules.iter().map(|_| Vec::new()).collect(),
            guards: rules.rules.iter().map(|_| Guard::default()).collect(),
            rules,
            group: Vec::new(),
            too_fine: None,
            counts: Counts::default(),
        }
    }

    pub fn take(&mut self, out: Out, told: &mut impl FnMut(Told)) {
        match out {
            Out::Closed(closed) => {
                if self.group.first().is_some_and(|first| (first.rule, first.end) != (closed.rule, closed.end)) {
                    self.end_group(told);
                }
                if self.group.is_empty() {
                    self.begin_group(&closed, told);
                }
                let judged = self.judge(&closed);
                self.group.push(judged);
            }
            Out::Retired { rule, series } => {
                self.end_group(told);
                self.series[rule][series as usize] = None;
            }
            Out::TooFine { rule, key, spacing_ms } => {
                self.too_fine.get_or_insert_with(|| TooFine { rule, key: key.to_owned(), spacing_ms });
            }
        }
    }

    /// A day that is over is told of before the first bucket of the next.
    fn begin_group(&mut self, closed: &Closed, told: &mut impl FnMut(Told)) {
        let rule = closed.rule;
        if !self.watches(rule) {
            return;
        }
        let day = (closed.start + self.calendars[rule].offset(closed.start)).div_euclid(DAY_MS) as i32;
        let guard = &mut self.guards[rule];
        if guard.is_before(day) {
            let unit = median_scale(&self.series[rule]);
            guard.begin(rule, day, unit, &self.rules.rules[rule]).iter().for_each(|guarded| told(Told::Guard(guarded)));
        }
    }

    fn watches(&self, rule: usize) -> bool {
        self.guarded && self.rules.rules[rule].guard
    }

    fn judge(&mut self, closed: &Closed) -> Judged {
        let rule = &self.rules.rules[closed.rule];
        let params = self.params[closed.rule];
        let number = closed.series as usize;
        let all = &mut self.series[closed.rule];
        if all.len() <= number {
            all.resize_with(number + 1, || None);
        }
        if closed.fresh {
            all[number] = None;
        }
        let series =
            all[number].get_or_insert_with(|| Series::new(rule, params, closed.key, &mut self.methods[closed.rule]));
        let seen = Seen::of(closed.usable, closed.value);
        let point = series.scorer.push(closed.slot, seen);
        let muted = is_muted(&self.rules.mutes, &rule.id, Key::new(rule, closed.key).tenant(), closed.start);
        let limits = Limits::of(series.scorer.method());
        let step = series.machine.step(limits, closed.start, Scored::of(&point), muted);
        series.scale = point.spread().or(series.scale);
        self.counts.points += u64::from(point.value.is_some());
        self.counts.warming_up += u64::from(point.status == Status::WarmingUp);
        self.counts.notified += u64::from(step.notification.is_some_and(|n| n.calls()));
        self.counts.suppressed += u64::from(step.suppressed.is_some());
        if self.guarded && rule.guard {
            self.guards[closed.rule].hear(&series.scorer, &point, &step);
        }
        Judged {
            rule: closed.rule,
            key: Rc::clone(&series.key),
            start: closed.start,
            end: closed.end,
            point,
            step,
            series: closed.series,
        }
    }

    /// Everything about one rule's buckets of one time is known.
    pub fn end_group(&mut self, told: &mut impl FnMut(Told)) {
        let Some(first) = self.group.first() else { return };
        let rule = first.rule;
        let mut all = Peers::default();
        self.group.iter().for_each(|judged| all.add(&judged.point));
        for judged in &self.group {
            let Some(series) = self.series[rule].get(judged.series as usize).and_then(Option::as_ref) else { continue };
            let method = series.scorer.method();
            told(Told::Point(judged, method));
            if judged.step.notification.is_some() {
                told(Told::Alert(judged, method, all.without(&judged.point)));
            }
        }
        self.group.clear();
        if self.watches(rule) {
            self.guards[rule]
                .turned(rule, &self.rules.rules[rule])
                .iter()
                .for_each(|guarded| told(Told::Guard(guarded)));
        }
    }

    pub fn canaries(&self) -> impl Iterator<Item = Guarded> {
        let watched = (0..self.guards.len()).filter(|rule| self.watches(*rule));
        watched.flat_map(|rule| self.guards[rule].canaries(rule, &self.rules.rules[rule]))
    }

    pub fn guards(&self) -> Vec<Guarded> {
        let watched = (0..self.guards.len()).filter(|rule| self.watches(*rule));
        watched.flat_map(|rule| self.guards[rule].all(rule, &self.rules.rules[rule])).collect()
    }
}

impl Series {
    /// `methods`: those of the rule's other series.
    pub fn new(rule: &Rule, params: Option<&Params>, key: &str, methods: &mut Vec<Arc<Method>>) -> Series {
        let method = rule.method_of(params, Key::new(rule, key).tenant());
        let method = match methods.iter().find(|known| ***known == method) {
            Some(known) => Arc::clone(known),
            None => {
                methods.push(Arc::new(method));
                Arc::clone(&methods[methods.len() - 1])
            }
        };
        Series { key: key.into(), scorer: Scorer::sharing(method), machine: Machine::default(), scale: None }
    }
}

/// The scale of a rule: the median of the last scales of its series.
fn median_scale(series: &[Option<Series>]) -> Option<f64> {
    let scales: Vec<f64> = series.iter().flatten().filter_map(|series| series.scale).collect();
    nearest_rank(&scales, 500, f64::total_cmp)
}
