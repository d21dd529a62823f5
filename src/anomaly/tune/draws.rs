//! Where effects are injected: spread over series and hours of the week.

use std::collections::BTreeMap;

use crate::anomaly::random::Random;

/// At most so many of each kind.
pub const LIMIT: usize = 1_000;

/// A bucket that may be struck: its index in its series, and its hour of the week, 0 to 167.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub bucket: usize,
    pub hour: u16,
}

/// Up to `limit` of the places of all series, per series the indices of its buckets, ascending. Every pair of series and
/// hour of the week gives one before any gives a second, and so on, in random order.
pub fn draw(places: &[Vec<Place>], limit: usize, random: &mut Random) -> Vec<Vec<usize>> {
    let mut cells: BTreeMap<(usize, u16), Vec<usize>> = BTreeMap::new();
    for (series, places) in places.iter().enumerate() {
        for place in places {
            cells.entry((series, place.hour)).or_default().push(place.bucket);
        }
    }
    let mut left: Vec<(usize, Vec<usize>)> =
        cells.into_iter().map(|((series, _), buckets)| (series, buckets)).collect();
    let mut drawn: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    let mut count = 0;
    while count < limit && !left.is_empty() {
        random.shuffle(&mut left);
        for (series, buckets) in left.iter_mut().take(limit - count) {
            drawn[*series].push(buckets.swap_remove(random.below(buckets.len())));
            count += 1;
        }
        left.retain(|(_, buckets)| !buckets.is_empty());
    }
    drawn.iter_mut().for_each(|buckets| buckets.sort_unstable());
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(n: usize) -> Vec<Place> {
        (0..168 * n).map(|bucket| Place { bucket, hour: (bucket % 168) as u16 }).collect()
    }

    fn drawn(places: &[Vec<Place>], limit: usize, seed: u64) -> Vec<Vec<usize>> {
        draw(places, limit, &mut Random::new(seed, "test", "", ""))
    }

    #[test]
    fn every_hour_of_every_series_comes_before_any_comes_twice() {
        let places = [weeks(4), weeks(4), weeks(4)];
        let found = drawn(&places, 504, 1);
        for buckets in &found {
            let mut hours: Vec<usize> = buckets.iter().map(|b| b % 168).collect();
            hours.sort_unstable();
            assert_eq!(hours, (0..168).collect::<Vec<_>>());
        }
        let more = drawn(&places, 1_000, 1);
        assert_eq!(more.iter().map(Vec::len).sum::<usize>(), 1_000);
        for buckets in more {
            assert!(buckets.windows(2).all(|w| w[0] < w[1]));
            assert!((0..168).all(|h| [1, 2].contains(&buckets.iter().filter(|b| *b % 168 == h).count())));
        }
    }

    #[test]
    fn rare_hours_and_short_series_are_not_crowded_out() {
        // A series of a day beside one of a year.
        let found = drawn(&[weeks(52), weeks(1)[..24].to_vec(), Vec::new()], 192, 2);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [168, 24, 0]);
        assert_eq!(drawn(&[weeks(1)], 1_000, 2)[0].len(), 168);
        assert_eq!(drawn(&[], 10, 2), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn other_seeds_draw_other_buckets() {
        let places = [weeks(8)];
        assert_eq!(drawn(&places, 100, 3), drawn(&places, 100, 3));
        assert_ne!(drawn(&places, 100, 3), drawn(&places, 100, 4));
    }
}
