//! Parameters look better than they are on the history in which they were searched.

use crate::anomaly::history::Series;
use crate::anomaly::intake::Key;
use crate::anomaly::judge::track::Track;
use crate::anomaly::rules::{Params, Rule};

/// Whether the search has seen a bucket that is judged. Of a tenant that it did not know it has seen nothing; where it told no
/// tenants apart, time alone decides; and where the parameters do not say where they come from, all counts as seen.
pub fn judged_where_searched(rule: &Rule, params: &Params, series: &[Series], tracks: &[Track]) -> bool {
    let known = |series: &Series| {
        let tenant = Key::new(rule, &series.key).tenant().map(str::to_owned);
        params.threshold_by_tenant.is_empty()
            || tenant.is_none_or(|tenant| params.threshold_by_tenant.contains_key(&tenant))
    };
    let seen = |track: &Track| {
        params.searched.is_none_or(|searched| {
            // The bucket in which the search ended is not held against a warm-up of the same share.
            let within = |start: i64| start >= searched.from && start + track.bucket_ms <= searched.until;
            track.judged().any(|bucket| within(track.starts[bucket]))
        })
    };
    series.iter().zip(tracks).any(|(series, track)| known(series) && seen(track))
}
