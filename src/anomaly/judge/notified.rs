//! Notifications instead of breaching buckets: what reaches a person once the alert machine has had its say.

use crate::anomaly::machine::{CALM, Limits, Machine, Scored, calls};

use super::ranked::Ranked;
use super::track::Track;
use super::{NO_SCORE, needed, size};

/// The buckets whose record is an `open` or an `escalate`, ascending, for the scores of one series and a threshold. The
/// machine runs from the first score on, without mutes, with the cooldown of the series.
pub fn by_machine(track: &Track, scores: &[f64], threshold: f64) -> Vec<usize> {
    calls(limits(track, threshold), track.starts.iter().copied().zip(scores.iter().copied()))
}

fn limits(track: &Track, threshold: f64) -> Limits {
    Limits { threshold, cooldown_ms: track.cooldown as i64 * track.bucket_ms }
}

/// False notifications per series and judged week: those outside labels and ignored intervals. None where nothing is
/// judged.
pub fn false_per_week(tracks: &[Track], scores: &[Vec<f64>], threshold: f64) -> Option<f64> {
    let weeks: f64 = tracks.iter().map(Track::weeks).sum();
    let of = |(track, scores): (&Track, &Vec<f64>)| {
        by_machine(track, scores, threshold).iter().filter(|i| **i >= track.warmup && track.clean[**i]).count()
    };
    let all: usize = tracks.iter().zip(scores).map(of).sum();
    (weeks > 0.0).then(|| all as f64 / weeks)
}

/// A threshold at which the machine of a series takes another way, the series and the bucket.
type Turn = (f64, usize, usize);

/// The highest threshold at which this share of the windows holds a notification. The number of such windows does not
/// always grow as the threshold falls, since an earlier alert may silence a window; so every threshold at which the
/// machine of some series takes another way is tried, from the highest down.
pub fn threshold(tracks: &[Track], scores: &[Vec<f64>], power: f64) -> Option<f64> {
    let with_windows: Vec<usize> = (0..tracks.len()).filter(|i| !tracks[*i].windows.is_empty()).collect();
    let windows: usize = with_windows.iter().map(|i| tracks[*i].windows.len()).sum();
    let k = needed(power, windows).max(1);
    // Without k windows that breach there are no k windows that notify.
    let first = Ranked::new(tracks, scores).peak(k).filter(|p| *p > NO_SCORE)?;
    let mut runs: Vec<Option<Run>> = (0..tracks.len()).map(|_| None).collect();
    for &i in &with_windows {
        runs[i] = Some(Run::new(&tracks[i], &scores[i], first));
    }
    let mut all: usize = runs.iter().flatten().map(Run::windows).sum();
    if all >= k {
        return Some(first);
    }
    let turns = turns(&with_windows, scores, first);
    for lower in turns.chunk_by(|a, b| a.0 == b.0) {
        for turned in lower.chunk_by(|a, b| a.1 == b.1) {
            let (now, i, _) = turned[0];
            let Some(run) = &mut runs[i] else { continue };
            let before = run.windows();
            run.turn(now, turned.iter().map(|turn| turn.2));
            all = all + run.windows() - before;
        }
        if all >= k {
            return Some(lower[0].0);
        }
    }
    None
}

/// Below this threshold, from the highest down; at one threshold by series and bucket.
fn turns(series: &[usize], scores: &[Vec<f64>], below: f64) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for &i in series {
        for (bucket, score) in scores[i].iter().map(|s| size(*s)).enumerate().filter(|(_, s)| *s > NO_SCORE) {
            turns.extend([score, no_longer_calm(score)].into_iter().filter(|t| *t < below).map(|t| (t, i, bucket)));
        }
    }
    turns.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    turns
}

/// The highest threshold at which this score is not calm.
fn no_longer_calm(score: f64) -> f64 {
    let is_calm = |threshold: f64| score < CALM * threshold;
    let mut threshold = score / CALM;
    if !threshold.is_finite() {
        return threshold;
    }
    while is_calm(threshold) {
        threshold = threshold.next_down();
    }
    while !is_calm(threshold.next_up()) {
        threshold = threshold.next_up();
    }
    threshold
}

/// Buckets between two states that are kept.
const STRIDE: usize = 16;

/// The machine over one series at a threshold that falls: what does not change is not run again.
struct Run<'a> {
    track: &'a Track,
    scores: &'a [f64],
    limits: Limits,
    /// Before each bucket whose number is a multiple of the stride.
    kept: Vec<Machine>,
    /// Which buckets notify.
    told: Vec<bool>,
}

impl<'a> Run<'a> {
    fn new(track: &'a Track, scores: &'a [f64], threshold: f64) -> Self {
        let (kept, told) = (Vec::new(), vec![false; scores.len()]);
        let mut run = Run { track, scores, limits: limits(track, threshold), kept, told };
        run.go_on(Machine::default(), 0);
        run
    }

    /// From a bucket on until all goes on as it did before.
    fn go_on(&mut self, mut machine: Machine, from: usize) -> usize {
        for i in from..self.scores.len() {
            let start = self.track.starts[i];
            if i.is_multiple_of(STRIDE) {
                match self.kept.get_mut(i / STRIDE) {
                    Some(before) if i > from && machine.goes_on_as(before, self.limits, start) => return i,
                    Some(before) => before.clone_from(&machine),
                    None => self.kept.push(machine.clone()),
                }
            }
            let scored = Scored::signed(self.scores[i], self.limits.threshold);
            let step = machine.step(self.limits, start, scored, false);
            self.told[i] = step.notification.is_some_and(|told| told.calls());
        }
        self.scores.len()
    }

    /// These buckets, ascending, breach or are no longer calm from this threshold down.
    fn turn(&mut self, threshold: f64, buckets: impl Iterator<Item = usize>) {
        self.limits.threshold = threshold;
        let mut done = 0;
        for bucket in buckets.filter(|b| *b < self.scores.len()) {
            if bucket >= done {
                let from = bucket / STRIDE * STRIDE;
                done = self.go_on(self.kept[from / STRIDE].clone(), from);
            }
        }
    }

    /// How many windows hold a notification.
    fn windows(&self) -> usize {
        self.track.windows.iter().filter(|w| self.told[(*w).clone()].contains(&true)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::track;
    use super::*;
    use crate::anomaly::random::Random;

    fn hourly(n: usize, windows: &[(i64, i64)], ignored: &[(i64, i64)]) -> Track {
        let mut hourly = track(n, 4, windows, ignored);
        hourly.starts.iter_mut().for_each(|s| *s *= 3_600_000);
        hourly.bucket_ms = 3_600_000;
        hourly
    }

    #[test]
    fn only_notifications_on_judged_clean_buckets_are_false() {
        let mut track = hourly(172, &[(10, 12)], &[(20, 22)]);
        let mut scores = vec![0.0; 172];
        // In the warm-up, clean, in the window, clean and no louder than the one before it, in the ignored part, clean.
        for (i, score) in [(0, 3.0), (6, 3.0), (11, 4.0), (13, 4.0), (20, 3.0), (26, 3.0)] {
            scores[i] = score;
        }
        let rate = |track: &Track, scores: &[f64]| false_per_week(std::slice::from_ref(track), &[scores.to_vec()], 2.0);
        // 168 hours are judged: a week.
        assert_eq!(rate(&track, &scores), Some(2.0));
        // With a longer memory the second is no louder than the first, and the last no louder than the fourth.
        track.cooldown = 13;
        assert_eq!(rate(&track, &scores), Some(0.0));
        assert_eq!(false_per_week(&[], &[], 2.0), None);
    }

    #[test]
    fn a_window_counts_when_a_notification_falls_into_it() {
        let track = hourly(20, &[(6, 8), (12, 14)], &[]);
        let mut scores = vec![0.0; 20];
        // The alert at 5 silences the first window where both breach: its breach is no louder.
        (scores[5], scores[6], scores[12]) = (3.0, 3.0, 1.0);
        let tracks = [track];
        let windows = |t: f64| Run::new(&tracks[0], &scores, t).windows();
        assert_eq!([windows(3.5), windows(3.0), windows(1.0)], [0, 0, 1]);
        assert_eq!(threshold(&tracks, &[scores.clone()], 0.5), Some(1.0));
        // Both at once are never notified.
        assert_eq!(threshold(&tracks, &[scores], 1.0), None);
    }

    #[test]
    fn the_machine_keeps_the_cooldown_of_the_series_and_both_directions() {
        let mut hourly = hourly(20, &[], &[]);
        let mut scores = vec![0.0; 20];
        // Opens; is no louder; escalates; opens downwards; lies on the edge of the cooldown; is behind it.
        for (i, score) in [(0, 3.0), (1, 3.0), (2, 4.0), (3, -3.0), (5, 4.0), (9, 4.0)] {
            scores[i] = score;
        }
        scores[4] = f64::NAN;
        assert_eq!(by_machine(&hourly, &scores, 2.0), [0, 2, 3, 9]);
        // Six hours of cooldown reach back to the fourth.
        hourly.cooldown = 6;
        assert_eq!(by_machine(&hourly, &scores, 2.0), [0, 2, 3]);
        assert_eq!(by_machine(&hourly, &scores, 3.5), [2]);
        assert_eq!(by_machine(&hourly, &scores, 4.5), [0usize; 0]);
    }

    /// How many windows of all series hold a notification when each machine runs from its first score.
    fn naive(tracks: &[Track], scores: &[Vec<f64>], threshold: f64) -> usize {
        let of = |(track, scores): (&Track, &Vec<f64>)| {
            let at = by_machine(track, scores, threshold);
            track.windows.iter().filter(|w| at.iter().any(|i| w.contains(i))).count()
        };
        tracks.iter().zip(scores).map(of).sum()
    }

    #[test]
    fn the_highest_threshold_is_found_where_all_are_tried() {
        let mut random = Random::new(4, "test", "", "");
        let mut found = [0, 0];
        for round in 0..120 {
            let tracks = [
                hourly(300, &[(8, 10), (120, 123), (230, 231)], &[]),
                hourly(300, &[(15, 18), (133, 136), (260, 270)], &[]),
            ];
            let levels = if round % 2 == 0 { 12 } else { 1_000_000 };
            let mut draw = || -> Vec<f64> {
                let mut score = || match random.below(20) {
                    0 => f64::NAN,
                    n if n % 3 == 0 => -((1 + random.below(levels)) as f64) / levels as f64 * 6.0,
                    _ => (1 + random.below(levels)) as f64 / levels as f64 * 6.0 * random.uniform().round(),
                };
                (0..300).map(|_| score()).collect()
            };
            let scores = [draw(), draw()];
            let sizes = || scores.iter().flatten().map(|s| size(*s)).filter(|s| *s > NO_SCORE);
            let mut all: Vec<f64> = sizes().chain(sizes().map(no_longer_calm)).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            for power in [0.2, 0.6, 0.8, 1.0] {
                let k = needed(power, 6);
                let highest = all.iter().copied().find(|t| naive(&tracks, &scores, *t) >= k);
                assert_eq!(threshold(&tracks, &scores, power), highest, "{round} {power}");
                found[usize::from(highest.is_some())] += 1;
            }
        }
        assert!(found[0] > 5 && found[1] > 100, "{found:?}");
    }

    #[test]
    fn a_score_is_calm_from_just_above_its_turn_on() {
        let mut random = Random::new(5, "test", "", "");
        for _ in 0..10_000 {
            let score = random.uniform() * 9.0;
            let turn = no_longer_calm(score);
            assert!(score >= CALM * turn && score < CALM * turn.next_up(), "{score}");
        }
        assert_eq!(no_longer_calm(f64::INFINITY), f64::INFINITY);
    }
}
