//! Exceptions: differences that someone owns and that are excused for a limited time.
//!
//! An exception never excuses an unauthorised write, and it always ends: by its expiry, by a change of the data it
//! was pinned to, or by matching more rows than it was meant for.

mod judge;
mod parse;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::record::diff::{Diff, Reason};
use crate::text::glob;

pub use judge::{Judge, Tally};

/// A list without `max_ttl` gets this limit.
pub const DEFAULT_MAX_TTL_MS: i64 = 30 * 86_400_000;

/// A checked exceptions.yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceptions {
    /// Name of the file as findings show it.
    pub file: String,
    pub max_ttl_ms: i64,
    pub entries: Vec<Entry>,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub tenant: String,
    pub kind: String,
    /// The id, or a pattern with `*` when `max_matches` is there.
    pub pattern: String,
    /// Only diffs of this reason.
    pub reason: Option<Reason>,
    /// Only diffs whose known columns are all among these.
    pub cols: Option<Vec<String>>,
    /// Void as soon as the digests are others.
    pub pin: Option<Pin>,
    /// Set for patterns: the entry is void when more diffs match.
    pub max_matches: Option<u64>,
    pub owner: String,
    pub ticket: Option<String>,
    pub justification: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    /// Where the entry starts in its file, from 1.
    pub line: u64,
    pub column: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub lhs: String,
    pub rhs: String,
}

/// How precisely an entry names its diff; the more precise one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Pinned,
    Exact,
    Glob,
}

impl Exceptions {
    /// Parses and checks a list. `max_ttl_ms` can only lower the limit that the list sets itself.
    pub fn parse(text: &str, file: &str, max_ttl_ms: Option<i64>) -> crate::error::Result<Self> {
        parse::parse(text, file, max_ttl_ms)
    }

    /// The longest time within `from..until` for which one entry held for the diff; None if none did.
    /// Entries of `void` that count their matches are left out.
    pub fn covers(&self, diff: &Diff, from_ms: i64, until_ms: i64, void: &BTreeSet<String>) -> Option<i64> {
        let holds = |e: &&Entry| {
            let limited_out = e.max_matches.is_some() && void.contains(&e.id);
            e.selects(diff) && e.pin_holds(diff) && !limited_out
        };
        let overlap = |e: &Entry| e.expires_ms.min(until_ms) - e.created_ms.max(from_ms);
        self.entries.iter().filter(holds).map(overlap).filter(|ms| *ms > 0).max()
    }

    /// True when a verdict on one diff depends on all others, because an entry counts its matches.
    pub fn counts_matches(&self) -> bool {
        self.entries.iter().any(|e| e.max_matches.is_some())
    }
}

impl Entry {
    fn precision(&self) -> Precision {
        match (&self.pin, self.max_matches) {
            (Some(_), _) => Precision::Pinned,
            (None, None) => Precision::Exact,
            (None, Some(_)) => Precision::Glob,
        }
    }

    /// Pinned before exact before glob; then the one that expires first; then by id.
    fn precedence(&self, other: &Entry) -> Ordering {
        let key = |e: &Entry| (e.precision(), e.expires_ms);
        key(self).cmp(&key(other)).then_with(|| self.id.cmp(&other.id))
    }

    /// From its creation on, so that a later `created` cannot stretch the limit on the time to live; at the
    /// instant of expiry it no longer holds.
    pub fn in_force(&self, now_ms: i64) -> bool {
        self.created_ms <= now_ms && now_ms < self.expires_ms
    }

    pub fn expired(&self, now_ms: i64) -> bool {
        now_ms >= self.expires_ms
    }

    /// The diff is one that this entry speaks of, whatever its digests and the time.
    pub fn selects(&self, diff: &Diff) -> bool {
        self.may_select(diff) && self.cols.as_deref().is_none_or(|allowed| within(diff.cols.as_deref(), allowed))
    }

    /// The entry would tell by the differing columns, and they are not known.
    pub fn unjudged(&self, diff: &Diff) -> bool {
        let unknown = diff.reason == Reason::Mismatch && diff.cols.is_none();
        unknown && self.cols.is_some() && self.may_select(diff)
    }

    /// But for the columns.
    fn may_select(&self, diff: &Diff) -> bool {
        self.tenant == diff.tenant
            && self.kind == diff.kind
            && self.reason.is_none_or(|r| r == diff.reason)
            && self.selects_id(&diff.id)
    }

    fn selects_id(&self, id: &str) -> bool {
        match self.max_matches {
            Some(_) => glob(&self.pattern, id),
            None => self.pattern == id,
        }
    }

    fn pin_holds(&self, diff: &Diff) -> bool {
        self.pin.as_ref().is_none_or(|p| p.lhs == diff.lhs_sha256 && p.rhs == diff.rhs_sha256)
    }
}

/// Unknown columns are no subset: what differs may be anything.
fn within(known: Option<&[String]>, allowed: &[String]) -> bool {
    known.is_some_and(|cols| !cols.is_empty() && cols.iter().all(|c| allowed.contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_or_no_columns_are_no_subset() {
        let allowed = ["tags".to_owned(), "note".to_owned()];
        let cols = |c: &[&str]| c.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert!(within(Some(&cols(&["tags"])), &allowed));
        assert!(within(Some(&cols(&["note", "tags"])), &allowed));
        assert!(!within(Some(&cols(&["tags", "amount"])), &allowed));
        assert!(!within(Some(&[]), &allowed));
        assert!(!within(None, &allowed));
    }
}
