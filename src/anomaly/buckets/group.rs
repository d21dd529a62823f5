//! The series of one rule.

use hashbrown::HashMap;

use super::series::Series;
use super::{Closed, Counts, Out, Usable};
use crate::anomaly::calendar::{Bucket, Calendar};
use crate::anomaly::intake::{Event, Key};
use crate::anomaly::method::Kind;
use crate::anomaly::rules::{Input, Rule};
use crate::anomaly::times::Time;

pub struct Group {
    /// The rule's zone first, then those of single tenants.
    calendars: Vec<Calendar>,
    /// By tenant, where not the first.
    calendar_of: HashMap<String, usize>,
    ids: HashMap<Box<str>, u32>,
    series: Vec<Option<Series>>,
    free: Vec<u32>,
    /// By key, ascending.
    order: Vec<u32>,
    /// When the next bucket closes.
    pub next: i64,
}

impl Group {
    pub fn new(rule: &Rule) -> Group {
        let data = &rule.data;
        let mut names = vec![data.zone.name.as_str()];
        let mut calendars = vec![data.zone.calendar.clone()];
        let mut calendar_of = HashMap::new();
        for (tenant, zone) in &data.zone_by_tenant {
            let place = names.iter().position(|name| *name == zone.name).unwrap_or_else(|| {
                names.push(&zone.name);
                calendars.push(zone.calendar.clone());
                names.len() - 1
            });
            calendar_of.insert(tenant.clone(), place);
        }
        Group {
            calendars,
            calendar_of,
            ids: HashMap::new(),
            series: Vec::new(),
            free: Vec::new(),
            order: Vec::new(),
            next: i64::MAX,
        }
    }

    /// Which calendar a key has.
    pub fn calendar(&self, rule: &Rule, key: &str) -> usize {
        if self.calendar_of.is_empty() {
            return 0;
        }
        let tenant = Key::new(rule, key).tenant();
        tenant.and_then(|tenant| self.calendar_of.get(tenant)).copied().unwrap_or(0)
    }

    pub fn instant(&mut self, calendar: usize, time: Time) -> i64 {
        match time {
            Time::Instant(ms) => ms,
            Time::Local(local) => self.calendars[calendar].instant(local),
        }
    }

    pub fn find(&self, key: &str) -> Option<u32> {
        self.ids.get(key).copied()
    }

    fn at(&self, id: u32) -> Option<&Series> {
        self.series.get(id as usize)?.as_ref()
    }

    /// The bucket of a time; most often the one that a known series closes next.
    pub fn bucket(&mut self, rule: &Rule, known: Option<u32>, calendar: usize, time: i64) -> Bucket {
        let next = known.and_then(|id| self.at(id)).map(|series| series.next);
        match next.filter(|next| (next.start..next.end).contains(&time)) {
            Some(bucket) => bucket,
            None => self.calendars[calendar].bucket(time, rule.bucket),
        }
    }

    /// Whether the series has closed this bucket.
    pub fn has_closed(&self, id: u32, bucket: &Bucket) -> bool {
        self.at(id).is_some_and(|series| !series.fresh && bucket.start < series.next.start)
    }

    /// A series that begins with this bucket.
    pub fn add(&mut self, key: &str, calendar: usize, first: Bucket) -> u32 {
        self.insert(Series::new(key, calendar, first))
    }

    pub fn insert(&mut self, series: Series) -> u32 {
        let key = series.key.clone();
        let id = match self.free.pop() {
            Some(id) => {
                self.series[id as usize] = Some(series);
                id
            }
            None => {
                self.series.push(Some(series));
                (self.series.len() - 1) as u32
            }
        };
        let place = self.order.partition_point(|other| self.at(*other).is_some_and(|s| s.key < key));
        self.order.insert(place, id);
        self.ids.insert(key, id);
        id
    }

    /// Takes an event; returns when the series closes its next bucket.
    pub fn take(&mut self, rule: &Rule, id: u32, bucket: Bucket, time: i64, event: &Event) -> i64 {
        let Some(series) = self.series.get_mut(id as usize).and_then(Option::as_mut) else { return i64::MAX };
        series.take(rule, bucket, time, event);
        let next = series.next;
        self.due(rule, &next)
    }

    /// Notes a bucket that some series closes next; returns when.
    pub fn due(&mut self, rule: &Rule, next: &Bucket) -> i64 {
        let close = next.end + rule.data.lateness_ms;
        self.next = self.next.min(close);
        close
    }

    /// When the last bucket with a record closes.
    pub fn last_close(&self, rule: &Rule) -> Option<i64> {
        self.all().filter_map(|(_, series)| series.last_open()).map(|b| b.end + rule.data.lateness_ms).max()
    }

    /// By key.
    pub fn all(&self) -> impl Iterator<Item = (u32, &Series)> {
        self.order.iter().filter_map(|id| self.at(*id).map(|series| (*id, series)))
    }

    pub fn zone(&mut self, calendar: usize) -> &mut Calendar {
        &mut self.calendars[calendar]
    }

    /// Sets when the next bucket closes.
    pub fn reckon(&mut self, rule: &Rule) {
        let closes = self.all().map(|(_, series)| series.next.end + rule.data.lateness_ms);
        self.next = closes.min().unwrap_or(i64::MAX);
    }

    pub fn clear_open(&mut self) {
        self.series.iter_mut().flatten().for_each(|series| series.open.clear());
    }

    /// Closes the buckets that close at `now`; returns how many series left.
    pub fn close(
        &mut self,
        place: usize,
        rule: &Rule,
        now: i64,
        counts: &mut Counts,
        out: &mut impl FnMut(Out),
    ) -> usize {
        let mut gone = Vec::new();
        self.next = i64::MAX;
        for id in &self.order {
            let Some(series) = self.series[*id as usize].as_mut() else { continue };
            if series.next.end + rule.data.lateness_ms == now {
                let calendar = &mut self.calendars[series.calendar];
                if !close_one((place, *id), rule, series, calendar, counts, out) {
                    gone.push(*id);
                    continue;
                }
            }
            self.next = self.next.min(series.next.end + rule.data.lateness_ms);
        }
        self.remove(&gone);
        gone.len()
    }

    pub fn remove(&mut self, gone: &[u32]) {
        if gone.is_empty() {
            return;
        }
        self.order.retain(|id| !gone.contains(id));
        for id in gone {
            if let Some(series) = self.series[*id as usize].take() {
                self.ids.remove(&series.key);
                self.free.push(*id);
            }
        }
    }
}

/// Closes the next bucket of a series; false where the series leaves.
fn close_one(
    (place, id): (usize, u32),
    rule: &Rule,
    series: &mut Series,
    calendar: &mut Calendar,
    counts: &mut Counts,
    out: &mut impl FnMut(Out),
) -> bool {
    let closing = series.next.start;
    if series.is_silent() {
        out(Out::Retired { rule: place, series: id });
        counts.retired += 1;
        if !series.begin_again() {
            return false;
        }
        // The bucket with its next record closes in its own time.
        if series.next.start != closing {
            return true;
        }
    }
    let (bucket, fresh) = (series.next, series.fresh);
    let content = series.pop();
    let label = content.as_ref().and_then(|open| open.label);
    let summed = content.map(|mut open| {
        let summed = open.value(rule);
        series.spare = open.points;
        summed
    });
    if let Some(summed) = &summed {
        counts.repeated += summed.repeated;
        counts.conflicting += summed.conflicting;
    }
    let value = match &summed {
        Some(summed) => summed.value,
        None => series.empty(rule),
    };
    let usable = usable(rule, &bucket);
    let factor = match (usable, rule.kind) {
        (Usable::Short, _) | (_, Kind::Gauge) => 1.0,
        (_, Kind::Count) => bucket.factor(rule.bucket_ms()),
    };
    out(Out::Closed(Closed {
        rule: place,
        series: id,
        key: &series.key,
        fresh,
        start: bucket.start,
        end: bucket.end,
        slot: bucket.slot,
        value: value.map(|value| if factor == 1.0 { value } else { value * factor }),
        usable,
        factor,
        label,
    }));
    counts.buckets += 1;
    let spaced = rule.data.input == Input::Points && summed.is_some_and(|s| s.value.is_some());
    if let Some(spacing_ms) = spaced.then(|| series.spacing(bucket.start, rule.bucket_ms())).flatten() {
        out(Out::TooFine { rule: place, key: &series.key, spacing_ms });
    }
    series.closed(calendar.bucket(bucket.end, rule.bucket), summed.is_some());
    true
}

fn usable(rule: &Rule, bucket: &Bucket) -> Usable {
    match () {
        _ if bucket.is_short(rule.bucket_ms()) => Usable::Short,
        _ if rule.excludes(bucket.start, bucket.end) => Usable::Excluded,
        _ => Usable::Yes,
    }
}
