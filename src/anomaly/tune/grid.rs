//! The configurations that `tune` tries.

use crate::anomaly::method::{Kind, Stream, Transform};

#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Ascending.
    pub streams: Vec<Stream>,
    pub alpha: f64,
    pub transform: Transform,
    pub rel_floor: f64,
}

/// Fields that the rule's author wants left alone, each with its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pinned {
    pub streams: Option<Vec<Stream>>,
    pub alpha: Option<f64>,
    pub transform: Option<Transform>,
    pub rel_floor: Option<f64>,
    pub threshold: Option<f64>,
}

/// What the grid depends on besides the pinned fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scope {
    pub kind: Kind,
    /// The rule's baseline is the level alone.
    pub level_only: bool,
    /// Length of the part that fits.
    pub fit_weeks: f64,
    /// The rule's own, which a square root does not use.
    pub rel_floor: f64,
}

const ALPHAS: [f64; 3] = [0.05, 0.2, 0.4];
const REL_FLOORS: [f64; 3] = [0.05, 0.1, 0.2];
/// The weekly baseline has to fill first.
const WEEKS_FOR_WEEK: f64 = 4.0;

/// In the order that decides between equals: 48 for counts with four weeks to fit.
pub fn grid(scope: Scope, pinned: &Pinned) -> Vec<Config> {
    let scales = scales(scope, pinned);
    let alphas = pinned.alpha.map_or(ALPHAS.to_vec(), |a| vec![a]);
    let mut grid = Vec::new();
    for streams in stream_sets(scope, pinned) {
        for &alpha in &alphas {
            for &(transform, rel_floor) in &scales {
                grid.push(Config { streams: streams.clone(), alpha, transform, rel_floor });
            }
        }
    }
    grid
}

fn stream_sets(scope: Scope, pinned: &Pinned) -> Vec<Vec<Stream>> {
    use Stream::{Day, Level, Week};
    if let Some(streams) = &pinned.streams {
        return vec![streams.clone()];
    }
    if scope.level_only {
        return vec![vec![Level]];
    }
    let sets = [vec![Day], vec![Day, Week], vec![Level, Day], vec![Level, Day, Week]];
    let fits = |set: &Vec<Stream>| scope.fit_weeks >= WEEKS_FOR_WEEK || !set.contains(&Week);
    sets.into_iter().filter(fits).collect()
}

fn scales(scope: Scope, pinned: &Pinned) -> Vec<(Transform, f64)> {
    let floors = pinned.rel_floor.map_or(REL_FLOORS.to_vec(), |f| vec![f]);
    let wanted = |transform| pinned.transform.is_none_or(|t| t == transform);
    let mut scales = Vec::new();
    if wanted(Transform::Identity) {
        scales.extend(floors.iter().map(|f| (Transform::Identity, *f)));
    }
    if wanted(Transform::Sqrt) && scope.kind == Kind::Count {
        scales.push((Transform::Sqrt, pinned.rel_floor.unwrap_or(scope.rel_floor)));
    }
    scales
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Scope = Scope { kind: Kind::Count, level_only: false, fit_weeks: 4.0, rel_floor: 0.05 };

    #[test]
    fn the_grid_has_the_sizes_of_the_contract() {
        let size = |scope| grid(scope, &Pinned::default()).len();
        assert_eq!(size(COUNTS), 48);
        assert_eq!(size(Scope { fit_weeks: 3.9, ..COUNTS }), 24);
        assert_eq!(size(Scope { level_only: true, ..COUNTS }), 12);
        assert_eq!(size(Scope { kind: Kind::Gauge, ..COUNTS }), 36);
        let all = grid(COUNTS, &Pinned::default());
        assert!((0..all.len()).all(|i| all[i + 1..].iter().all(|other| *other != all[i])));
        let first = Config { streams: vec![Stream::Day], alpha: 0.05, transform: Transform::Identity, rel_floor: 0.05 };
        assert_eq!(all[0], first);
        assert_eq!((all[3].transform, all[47].streams.len(), all[47].alpha), (Transform::Sqrt, 3, 0.4));
    }

    #[test]
    fn pinned_fields_keep_their_value() {
        let sizes = |pinned: Pinned| grid(COUNTS, &pinned).len();
        assert_eq!(sizes(Pinned { alpha: Some(0.3), ..Pinned::default() }), 16);
        assert_eq!(sizes(Pinned { streams: Some(vec![Stream::Week]), ..Pinned::default() }), 12);
        assert_eq!(sizes(Pinned { transform: Some(Transform::Sqrt), ..Pinned::default() }), 12);
        assert_eq!(sizes(Pinned { rel_floor: Some(0.01), ..Pinned::default() }), 24);
        let pinned = Pinned { alpha: Some(0.3), rel_floor: Some(0.01), ..Pinned::default() };
        assert!(grid(COUNTS, &pinned).iter().all(|c| c.alpha == 0.3 && c.rel_floor == 0.01));
    }
}
