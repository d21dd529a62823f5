//! Notifications instead of breaching buckets: what reaches a person once the alert machine has had its say.

use crate::anomaly::machine::{CALM, Limits, calls};

use super::track::Track;
use super::{NO_SCORE, needed, size};

/// The buckets whose record is an `open` or an `escalate`, ascending, for the scores of one series and a threshold. The
/// machine runs from the first score on.
pub type Notify<'a> = dyn Fn(&Track, &[f64], f64) -> Vec<usize> + 'a;

/// As the alert machine does it, without mutes, with the cooldown of the series.
pub fn by_machine(track: &Track, scores: &[f64], threshold: f64) -> Vec<usize> {
    let limits = Limits { threshold, cooldown_ms: track.cooldown as i64 * track.bucket_ms };
    calls(limits, track.starts.iter().copied().zip(scores.iter().copied()))
}

/// False notifications per series and judged week: those outside labels and ignored intervals. None where nothing is
/// judged.
pub fn false_per_week(tracks: &[Track], scores: &[Vec<f64>], threshold: f64, notify: &Notify) -> Option<f64> {
    let weeks: f64 = tracks.iter().map(Track::weeks).sum();
    let of = |(track, scores): (&Track, &Vec<f64>)| {
        notify(track, scores, threshold).iter().filter(|i| **i >= track.warmup && track.clean[**i]).count()
    };
    let all: usize = tracks.iter().zip(scores).map(of).sum();
    (weeks > 0.0).then(|| all as f64 / weeks)
}

/// How many windows hold a notification.
pub fn windows_notified(track: &Track, scores: &[f64], threshold: f64, notify: &Notify) -> usize {
    let at = notify(track, scores, threshold);
    let holds = |window: &&std::ops::Range<usize>| {
        at.get(at.partition_point(|i| *i < window.start)).is_some_and(|i| *i < window.end)
    };
    track.windows.iter().filter(holds).count()
}

/// The highest threshold at which this share of the windows holds a notification. The number of such windows does not
/// always grow as the threshold falls, since an earlier alert may silence a window; so every threshold at which the
/// machine of some series takes another way is tried, from the highest down.
pub fn threshold(tracks: &[Track], scores: &[Vec<f64>], power: f64, notify: &Notify) -> Option<f64> {
    let with_windows: Vec<usize> = (0..tracks.len()).filter(|i| !tracks[*i].windows.is_empty()).collect();
    let windows: usize = with_windows.iter().map(|i| tracks[*i].windows.len()).sum();
    let k = needed(power, windows).max(1);
    let mut turns: Vec<(f64, usize)> = Vec::new();
    for &i in &with_windows {
        let sizes = scores[i].iter().map(|s| size(*s)).filter(|s| *s > NO_SCORE);
        turns.extend(sizes.flat_map(|s| [(s, i), (s / CALM, i)]));
    }
    turns.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    turns.dedup();
    // Without k windows that breach there are no k windows that notify.
    let first = super::ranked::Ranked::new(tracks, scores).peak(k).filter(|p| *p > NO_SCORE)?;
    let mut notified = vec![0; tracks.len()];
    for &i in &with_windows {
        notified[i] = windows_notified(&tracks[i], &scores[i], first, notify);
    }
    let mut all: usize = notified.iter().sum();
    let mut lower = turns[turns.partition_point(|(t, _)| *t >= first)..].chunk_by(|a, b| a.0 == b.0);
    let mut now = first;
    while all < k {
        let turned = lower.next()?;
        now = turned[0].0;
        for &(_, i) in turned {
            let count = windows_notified(&tracks[i], &scores[i], now, notify);
            all = all - notified[i] + count;
            notified[i] = count;
        }
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::*;
    use crate::anomaly::random::Random;

    /// Notifies at the first bucket of each run of breaches, and then not for three buckets.
    fn notify(_: &Track, scores: &[f64], threshold: f64) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (i, score) in scores.iter().enumerate() {
            let fresh = found.last().is_none_or(|last| i > last + 3);
            if size(*score) >= threshold && fresh {
                found.push(i);
            }
        }
        found
    }

    #[test]
    fn only_notifications_on_judged_clean_buckets_are_false() {
        let mut track = track(30, 5, &[(10, 12)], &[(20, 22)]);
        track.bucket_ms = 7 * 86_400_000;
        let mut scores = vec![0.0; 30];
        // In the warm-up, clean, in the window, in the ignored part, clean, and one that the third one silences.
        [0, 6, 11, 13, 20, 26].into_iter().for_each(|i| scores[i] = 3.0);
        let rate = false_per_week(&[track], &[scores], 2.0, &notify).unwrap();
        assert_eq!(rate, 2.0 / 25.0);
        assert_eq!(false_per_week(&[], &[], 2.0, &notify), None);
    }

    #[test]
    fn a_window_counts_when_a_notification_falls_into_it() {
        let track = track(20, 0, &[(5, 7), (10, 12)], &[]);
        let mut scores = vec![0.0; 20];
        // The alert at 4 silences the first window down to its score.
        scores[4] = 2.0;
        scores[5] = 3.0;
        scores[10] = 1.0;
        let tracks = [track];
        assert_eq!(windows_notified(&tracks[0], &scores, 2.5, &notify), 1);
        assert_eq!(windows_notified(&tracks[0], &scores, 2.0, &notify), 0);
        assert_eq!(threshold(&tracks, &[scores.clone()], 0.5, &notify), Some(3.0));
        // Both at once are never notified.
        assert_eq!(threshold(&tracks, &[scores], 1.0, &notify), None);
    }

    #[test]
    fn the_machine_keeps_the_cooldown_of_the_series_and_both_directions() {
        let mut hourly = track(20, 0, &[], &[]);
        hourly.starts.iter_mut().for_each(|s| *s *= 3_600_000);
        hourly.bucket_ms = 3_600_000;
        let mut scores = vec![0.0; 20];
        // Opens; is no louder; escalates; opens downwards; lies on the edge of the cooldown; is behind it.
        for (i, score) in [(0, 3.0), (1, 3.0), (2, 4.0), (3, -3.0), (5, 4.0), (9, 4.0)] {
            scores[i] = score;
        }
        scores[4] = f64::NAN;
        let notify = by_machine;
        assert_eq!(notify(&hourly, &scores, 2.0), [0, 2, 3, 9]);
        // Six hours of cooldown reach back to the fourth.
        hourly.cooldown = 6;
        assert_eq!(notify(&hourly, &scores, 2.0), [0, 2, 3]);
        assert_eq!(notify(&hourly, &scores, 3.5), [2]);
        assert_eq!(notify(&hourly, &scores, 4.5), [0usize; 0]);
    }

    #[test]
    fn the_highest_threshold_is_found_where_all_are_tried() {
        let mut random = Random::new(4, "test", "", "");
        for _ in 0..60 {
            let tracks = [track(40, 4, &[(8, 10), (20, 23), (30, 31)], &[]), track(40, 4, &[(15, 18), (33, 36)], &[])];
            let mut draw = || -> Vec<f64> { (0..40).map(|_| random.below(12) as f64 / 2.0).collect() };
            let scores = [draw(), draw()];
            for power in [0.2, 0.6, 0.8] {
                let k = needed(power, 5);
                let enough = |t: &f64| {
                    let counts = tracks.iter().zip(&scores).map(|(track, s)| windows_notified(track, s, *t, &notify));
                    counts.sum::<usize>() >= k
                };
                let highest = (1..160).rev().map(|i| f64::from(i) / 20.0).find(enough);
                assert_eq!(threshold(&tracks, &scores, power, &notify), highest);
            }
        }
    }
}
