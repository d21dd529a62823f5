//! A line as fixed bytes and values between them.

use crate::json::scan::{self, Kind, Span};

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Nobody wants its span; it is only checked.
    Check,
    Want,
    /// It is always the same, so it is the end of the fixed bytes; its span is wanted nevertheless.
    Fixed {
        length: u32,
        kind: Kind,
    },
}

/// Fixed bytes, then a value.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    fixed: u32,
    pub take: Take,
}

/// A line as fixed bytes and values.
#[derive(Debug, Default)]
pub struct Pattern {
    /// The fixed bytes of all steps, and behind them those after the last value: one piece, since it is read for
    /// every line.
    bytes: Vec<u8>,
    pub steps: Vec<Step>,
    /// Where the fixed bytes of the next step begin.
    next: usize,
}

impl Pattern {
    /// Adds fixed bytes.
    pub fn fix(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends a step with a value.
    pub fn value(&mut self, take: Take) {
        self.steps.push(Step { fixed: (self.bytes.len() - self.next) as u32, take });
        self.next = self.bytes.len();
    }

    /// The fixed bytes of each step.
    pub fn literals(&self) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        self.steps.iter().map(move |step| {
            at += step.fixed as usize;
            &self.bytes[at - step.fixed as usize..at]
        })
    }

    /// The fixed bytes after the last value.
    pub fn tail(&self) -> &[u8] {
        &self.bytes[self.next..]
    }

    /// Walks the line; gives every value to `each`, with whether its span is wanted.
    #[inline]
    pub fn walk(&self, b: &[u8], mut each: impl FnMut(bool, Span)) -> bool {
        let (mut at, mut fixed) = (0, self.bytes.as_slice());
        for step in &self.steps {
            let Some((literal, rest)) = fixed.split_at_checked(step.fixed as usize) else { return false };
            let end = at + literal.len();
            if !b.get(at..end).is_some_and(|here| same(here, literal)) {
                return false;
            }
            (at, fixed) = (end, rest);
            let span = match step.take {
                Take::Fixed { length, kind } => Span { start: at as u32 - length, end: at as u32, kind },
                Take::Check | Take::Want => match scan::value(b, at) {
                    Ok(span) => span,
                    Err(_) => return false,
                },
            };
            at = span.end as usize;
            each(step.take != Take::Check, span);
        }
        b[at..] == *fixed
    }
}

/// Equality of slices of one length. Fixed bytes are short: words, the last of which overlaps, beat a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    fn ends<const N: usize>(a: &[u8], b: &[u8]) -> bool {
        a.first_chunk::<N>() == b.first_chunk::<N>() && a.last_chunk::<N>() == b.last_chunk::<N>()
    }
    match a.len() {
        4..8 => ends::<4>(a, b),
        8..16 => ends::<8>(a, b),
        16..=32 => ends::<16>(a, b),
        33..=256 => a.as_chunks::<16>().0 == b.as_chunks::<16>().0 && a.last_chunk::<16>() == b.last_chunk::<16>(),
        _ => a == b,
    }
}
