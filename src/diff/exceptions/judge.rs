//! Which diffs are excepted now, and what became of each exception.

use std::collections::{BTreeSet, HashMap};

use super::{Entry, Exceptions};
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::record::Finding;
use crate::record::diff::{Diff, State, Triage};
use crate::text::counted;

/// Of an entry's diffs, a finding names this many.
const NAMED: usize = 10;

/// Judges a stream of diffs against a list at one instant.
///
/// First every record is shown to [`Judge::see`], then each may be given to [`Judge::decide`]: an entry with
/// `max_matches` is void once too many diffs match, so a verdict can depend on a record that comes later. Where
/// [`Exceptions::counts_matches`] is false, `decide` may be called at once. About 200 bytes are kept per diff_id.
pub struct Judge<'a> {
    list: &'a Exceptions,
    now_ms: i64,
    latest: HashMap<String, Latest>,
    /// Per entry: more open diffs match than it allows.
    exceeded: Option<Vec<bool>>,
}

/// The newest record of one diff_id.
struct Latest {
    /// (ts, rev): in window mode `rev` may restart, so time comes first.
    order: (String, u32),
    key: String,
    open: bool,
    /// Entries that select it, best first, and whether their pin holds.
    selected: Vec<(usize, bool)>,
    /// Entries that may select it: the differing columns are not known.
    unjudged: Vec<usize>,
}

/// What the latest records of a stream add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub open: u64,
    pub excepted: u64,
    pub expired: u64,
    pub void: u64,
    pub new: u64,
}

/// What became of one entry.
#[derive(Default)]
struct Use {
    excused: BTreeSet<String>,
    selected: BTreeSet<String>,
    unpinned: BTreeSet<String>,
    unjudged: BTreeSet<String>,
}

impl Exceptions {
    /// Fills the triage fields of each diff and returns what is to be said about the list itself.
    pub fn judge(&self, diffs: &mut [Diff], now_ms: i64) -> Vec<Finding> {
        let mut judge = Judge::new(self, now_ms);
        diffs.iter().for_each(|d| judge.see(d));
        diffs.iter_mut().for_each(|d| judge.decide(d));
        judge.finish().0
    }

    /// The entries that have expired, as findings.
    pub fn expired(&self, now_ms: i64) -> Vec<Finding> {
        self.entries.iter().filter(|e| e.expired(now_ms)).map(|e| expired(self, e, &BTreeSet::new())).collect()
    }
}

impl<'a> Judge<'a> {
    pub fn new(list: &'a Exceptions, now_ms: i64) -> Self {
        // Without patterns no entry can match too much, however long the stream.
        let exceeded = (!list.counts_matches()).then(|| vec![false; list.entries.len()]);
        Judge { list, now_ms, latest: HashMap::new(), exceeded }
    }

    /// Takes note of one record; the latest of each diff_id counts.
    pub fn see(&mut self, diff: &Diff) {
        if self.list.counts_matches() {
            self.exceeded = None;
        }
        let order = (diff.ts.clone(), diff.rev);
        if self.latest.get(&diff.diff_id).is_some_and(|l| l.order > order) {
            return;
        }
        let open = diff.state == State::Open;
        let selected = if open { self.select(diff) } else { Vec::new() };
        let entries = self.list.entries.iter().enumerate();
        let unjudged = entries.filter(|(_, e)| open && e.unjudged(diff)).map(|(i, _)| i).collect();
        let latest = Latest { order, key: format!("{}/{}", diff.tenant, diff.id), open, selected, unjudged };
        self.latest.insert(diff.diff_id.clone(), latest);
    }

    /// Fills the triage fields of one record by its own content; a record that closes is `closed`.
    pub fn decide(&mut self, diff: &mut Diff) {
        (diff.exception_id, diff.owner, diff.ticket, diff.expires) = (None, None, None, None);
        if diff.state == State::Closed {
            diff.triage = Some(Triage::Closed);
            return;
        }
        let selected = self.select(diff);
        let (triage, entry) = self.choose(&selected);
        diff.triage = Some(triage);
        if let Some(entry) = entry.map(|i| &self.list.entries[i]) {
            diff.exception_id = Some(entry.id.clone());
            diff.owner = Some(entry.owner.clone());
            diff.ticket = entry.ticket.clone();
            diff.expires = Some(rfc3339_ms(entry.expires_ms));
        }
    }

    /// Findings about the list, by entry, and the sums over the latest records.
    pub fn finish(mut self) -> (Vec<Finding>, Tally) {
        let mut tally = Tally::default();
        let mut uses: Vec<Use> = self.list.entries.iter().map(|_| Use::default()).collect();
        let latest = std::mem::take(&mut self.latest);
        self.exceeded = Some(self.limits(&latest));
        for l in latest.values().filter(|l| l.open) {
            tally.open += 1;
            let (triage, entry) = self.choose(&l.selected);
            match triage {
                Triage::Excepted => tally.excepted += 1,
                Triage::Expired => tally.expired += 1,
                Triage::Void => tally.void += 1,
                Triage::New | Triage::Closed => tally.new += 1,
            }
            for (i, pinned) in &l.selected {
                uses[*i].selected.insert(l.key.clone());
                if !pinned {
                    uses[*i].unpinned.insert(l.key.clone());
                }
            }
            for i in &l.unjudged {
                uses[*i].unjudged.insert(l.key.clone());
            }
            if let (Triage::Excepted, Some(i)) = (triage, entry) {
                uses[i].excused.insert(l.key.clone());
            }
        }
        let exceeded = self.exceeded.take().unwrap_or_default();
        let entries = self.list.entries.iter().zip(&uses).zip(exceeded);
        let findings = entries.filter_map(|((e, u), over)| finding(self.list, e, u, over, self.now_ms)).collect();
        (findings, tally)
    }

    /// Indexes of the entries that select the diff, best first.
    fn select(&self, diff: &Diff) -> Vec<(usize, bool)> {
        let entries = &self.list.entries;
        let mut selected: Vec<(usize, bool)> =
            (0..entries.len()).filter(|i| entries[*i].selects(diff)).map(|i| (i, entries[i].pin_holds(diff))).collect();
        selected.sort_by(|a, b| entries[a.0].precedence(&entries[b.0]));
        selected
    }

    /// The first entry that excuses now; else the first that would have, and why it does not.
    fn choose(&mut self, selected: &[(usize, bool)]) -> (Triage, Option<usize>) {
        if self.exceeded.is_none() {
            self.exceeded = Some(self.limits(&self.latest));
        }
        let exceeded = self.exceeded.as_deref().unwrap_or_default();
        let mut fallback = (Triage::New, None);
        for (i, pinned) in selected {
            let entry = &self.list.entries[*i];
            let triage = match () {
                () if entry.expired(self.now_ms) => Triage::Expired,
                () if !entry.in_force(self.now_ms) => continue,
                () if !pinned || exceeded[*i] => Triage::Void,
                () => return (Triage::Excepted, Some(*i)),
            };
            if fallback.1.is_none() {
                fallback = (triage, Some(*i));
            }
        }
        fallback
    }

    /// An entry counts every open diff that it selects, also those that a more precise entry excuses: the limit
    /// guards against a pattern that reaches further than its author thought.
    fn limits(&self, latest: &HashMap<String, Latest>) -> Vec<bool> {
        let mut matches = vec![0u64; self.list.entries.len()];
        for (i, _) in latest.values().filter(|l| l.open).flat_map(|l| &l.selected) {
            matches[*i] += 1;
        }
        let limit = |e: &Entry| e.max_matches.unwrap_or(u64::MAX);
        self.list.entries.iter().zip(matches).map(|(e, n)| n > limit(e)).collect()
    }
}

fn finding(list: &Exceptions, entry: &Entry, used: &Use, exceeded: bool, now_ms: i64) -> Option<Finding> {
    if entry.expired(now_ms) {
        return Some(expired(list, entry, &used.selected));
    }
    if !entry.in_force(now_ms) {
        let message = format!("the exception {} is not in force before {}", entry.id, rfc3339_ms(entry.created_ms));
        return Some(about(list, entry, Code::ExceptionUnused, message, &used.selected));
    }
    if exceeded {
        let limit = entry.max_matches.unwrap_or_default();
        let matched = counted(used.selected.len() as u64, "diff");
        let message = format!("the exception {} matches {matched} and allows {limit}", entry.id);
        return Some(about(list, entry, Code::ExceptionVoid, message, &used.selected));
    }
    if !used.unpinned.is_empty() {
        let message = format!("the exception {} is pinned to other digests than the data has now", entry.id);
        return Some(about(list, entry, Code::ExceptionVoid, message, &used.unpinned));
    }
    if !used.unjudged.is_empty() {
        let message = format!(
            "the exception {} cannot be judged: it names `cols`, and which columns differ is not known",
            entry.id
        );
        return Some(about(list, entry, Code::ExceptionUnjudged, message, &used.unjudged));
    }
    if used.selected.is_empty() {
        let message = format!("the exception {} matches no open difference", entry.id);
        return Some(about(list, entry, Code::ExceptionUnused, message, &used.selected));
    }
    None
}

fn expired(list: &Exceptions, entry: &Entry, keys: &BTreeSet<String>) -> Finding {
    let message = format!("the exception {} expired at {}", entry.id, rfc3339_ms(entry.expires_ms));
    about(list, entry, Code::ExceptionExpired, message, keys)
}

fn about(list: &Exceptions, entry: &Entry, code: Code, message: String, keys: &BTreeSet<String>) -> Finding {
    let mut finding = Finding::new("diff", code.as_str(), code.severity(), &entry.id, message);
    finding.file = Some(list.file.clone());
    finding.line = Some(entry.line);
    finding.column = Some(entry.column);
    finding.hint = Some(code.doc().advice.to_owned());
    finding.kind = Some(entry.kind.clone());
    if !keys.is_empty() {
        finding.count = Some(keys.len() as u64);
        finding.ids = Some(keys.iter().take(NAMED).cloned().collect());
    }
    finding
}

#[cfg(test)]
mod tests;
