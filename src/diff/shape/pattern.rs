//! A line as fixed bytes and values between them.

use crate::diff::json::scan::{self, Span};

/// Fixed bytes, then a value.
#[derive(Debug)]
pub struct Step {
    pub literal: Box<[u8]>,
    /// Whether anybody wants the value's span; the others are only checked.
    pub wanted: bool,
}

/// A line as fixed bytes and values.
#[derive(Debug, Default)]
pub struct Pattern {
    pub steps: Vec<Step>,
    /// The fixed bytes after the last value.
    pub tail: Box<[u8]>,
}

impl Pattern {
    /// Walks the line; gives the span of every value to `each`.
    #[inline]
    pub fn walk(&self, b: &[u8], mut each: impl FnMut(&Step, Span)) -> bool {
        let mut at = 0;
        for step in &self.steps {
            let end = at + step.literal.len();
            if !b.get(at..end).is_some_and(|here| same(here, &step.literal)) {
                return false;
            }
            match scan::value(b, end) {
                Ok(span) => {
                    at = span.end as usize;
                    each(step, span);
                }
                Err(_) => return false,
            }
        }
        b[at..] == *self.tail
    }
}

/// Equality of slices of one length. Fixed bytes are short: two overlapping words beat a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    fn word<const N: usize>(a: &[u8], b: &[u8]) -> bool {
        a.first_chunk::<N>() == b.first_chunk::<N>() && a.last_chunk::<N>() == b.last_chunk::<N>()
    }
    match a.len() {
        16..=32 => word::<16>(a, b),
        8..16 => word::<8>(a, b),
        4..8 => word::<4>(a, b),
        _ => a == b,
    }
}
