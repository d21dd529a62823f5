//! A scorer as it is written into the state file and read from it, exactly.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::history::{History, Wall};
use super::point::Point;
use super::track::{Memory, Reading, Track};
use super::{Recent, Scorer, Seen, slot_at};
use crate::anomaly::method::{Method, MustDetect, Stream};

/// The state of one series: what a scorer cannot make again from anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    history: History,
    streams: Vec<(Stream, Memory)>,
    recent: Vec<Kept>,
}

/// A scored bucket; its score follows from this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    at: Wall,
    value: f64,
    readings: Vec<Reading>,
}

impl Scorer {
    pub fn save(&self) -> Saved {
        let kept = |point: &Point| {
            let readings = point.readings.iter().flatten().copied().collect();
            Some(Kept { at: point.at, value: point.value?, readings })
        };
        Saved {
            history: self.history.clone(),
            streams: self.tracks.iter().map(|track| (track.stream, track.memory().clone())).collect(),
            recent: self.recent.0.iter().filter_map(kept).collect(),
        }
    }

    /// The scorer that was saved. None where the state is none of this method: damaged, or of other parameters.
    pub fn load(method: &Arc<Method>, saved: Saved) -> Option<Scorer> {
        let fresh = Scorer::sharing(Arc::clone(method));
        let longest = if let MustDetect::Count { drop_buckets, .. } = method.must_detect { drop_buckets } else { 0 };
        let streams = fresh.tracks.iter().map(|track| track.stream);
        let sound = saved.history.is_sound(Wall::from(method.bucket))
            && streams.eq(saved.streams.iter().map(|(stream, _)| *stream))
            && saved.recent.len() <= longest;
        if !sound {
            return None;
        }
        let restored = |(stream, memory)| Track::restored(stream, method, memory);
        let tracks = saved.streams.into_iter().map(restored).collect::<Option<_>>()?;
        let recent = Recent(saved.recent.into_iter().map(|kept| kept.judged(method)).collect());
        Some(Scorer { history: saved.history, tracks, recent, ..fresh })
    }

    /// A scorer of other parameters that has seen the values which a saved one still has. None where their buckets
    /// are of another length.
    pub fn rewarmed(method: &Arc<Method>, saved: &Saved) -> Option<Scorer> {
        let mut scorer = Scorer::sharing(Arc::clone(method));
        if !saved.history.is_sound(Wall::from(method.bucket)) {
            return None;
        }
        for (at, value) in saved.history.iter() {
            scorer.push(slot_at(at), if value.is_nan() { Seen::Missing } else { Seen::Value(value) });
        }
        Some(scorer)
    }
}

impl Kept {
    fn judged(self, method: &Method) -> Point {
        let mut readings = [None; 3];
        for reading in self.readings {
            readings[reading.stream as usize] = Some(reading);
        }
        Point::judged(method, self.at, Seen::Value(self.value), readings)
    }
}
