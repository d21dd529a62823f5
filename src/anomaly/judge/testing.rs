//! Small tracks for tests.

use super::track::{Extent, Feed, Track, Warmup};

/// Buckets of a millisecond from 0, all with a value. The first `warmup` are not judged; windows and ignored intervals
/// are ranges of buckets.
pub fn track(n: usize, warmup: i64, windows: &[(i64, i64)], ignored: &[(i64, i64)]) -> Track {
    let extents = |of: &[(i64, i64)]| -> Vec<Extent> {
        of.iter().map(|(start, end)| Extent::Between { start: *start, end: *end }).collect()
    };
    let feed = Feed { starts: (0..n as i64).collect(), bucket_ms: 1, values: vec![Some(0.0); n], cooldown: 3 };
    Track::new(feed, Warmup::Span(warmup), &extents(windows), &extents(ignored)).0
}
