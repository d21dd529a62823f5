use super::*;
use crate::anomaly::random::Random;

const HOUR: i64 = 3_600_000;

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

fn hourly(n: usize) -> (Vec<i64>, Vec<Slot>) {
    let starts = (0..n as i64).map(|i| i * HOUR).collect();
    let slots = (0..n).map(|i| Slot { day: (i / 24) as i32, minute: (i % 24 * 60) as u16 }).collect();
    (starts, slots)
}

#[test]
fn fixed_limits_come_from_the_warm_up() {
    // Mean 4, variance (4 + 0 + 4) / 2 = 4.
    let mut values = some(&[2.0, 4.0, 6.0, 10.0, 1.0]);
    values.insert(1, None);
    let found = fixed(&values, 4, Direction::Both);
    assert!(found[1].is_nan());
    assert_eq!([found[0], found[2], found[3], found[4], found[5]], [-1.0, 0.0, 1.0, 3.0, -1.5]);
    assert_eq!(fixed(&values, 4, Direction::Up)[4..], [3.0, 0.0]);
    assert_eq!(fixed(&values, 4, Direction::Down)[4..], [0.0, -1.5]);
    // One value has no deviation.
    assert!(fixed(&values, 2, Direction::Both).iter().all(|s| s.is_nan()));
}

#[test]
fn without_spread_another_value_is_infinitely_far() {
    // 0.1 has no exact mean as a float.
    let values = some(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.0]);
    assert_eq!(fixed(&values, 7, Direction::Both)[6..], [0.0, f64::INFINITY, f64::NEG_INFINITY]);
    let (starts, _) = hourly(40);
    let mut values = vec![Some(0.1); 40];
    values[30] = Some(0.2);
    let found = rolling_z(&starts, &values, Direction::Both);
    assert!(found[..20].iter().all(|s| s.is_nan()));
    assert_eq!(found[20..31].iter().filter(|s| **s == 0.0).count(), 10);
    assert!(found[30] == f64::INFINITY && found[31].is_finite() && found[31] < 0.0);
}

#[test]
fn rolling_z_equals_its_naive_form() {
    let mut random = Random::new(1, "test", "", "");
    let (starts, _) = hourly(900);
    let mut values: Vec<Option<f64>> = (0..900).map(|_| Some(1e6 + random.normal(0.0, 3.0))).collect();
    (0..900).filter(|i| i % 7 == 3 || (300..480).contains(i)).for_each(|i| values[i] = None);
    let found = rolling_z(&starts, &values, Direction::Both);
    for (i, score) in found.iter().enumerate() {
        let before: Vec<f64> = (0..i).filter(|j| starts[*j] >= starts[i] - WEEK_MS).filter_map(|j| values[j]).collect();
        match values[i].filter(|_| before.len() >= 20) {
            None => assert!(score.is_nan(), "{i}"),
            Some(x) => {
                let n = before.len() as f64;
                let mean = before.iter().sum::<f64>() / n;
                let sd = (before.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
                assert!((score - (x - mean) / sd).abs() < 1e-8, "{i}: {score}");
            }
        }
    }
}

#[test]
fn the_literal_method_equals_its_naive_form() {
    let mut random = Random::new(2, "test", "", "");
    let n = 24 * 20;
    let (_, slots) = hourly(n);
    let mut values: Vec<Option<f64>> = (0..n).map(|i| Some(random.poisson(5.0 + (i % 24) as f64))).collect();
    (0..n).filter(|i| i % 11 == 5).for_each(|i| values[i] = None);
    let set = Literal { bucket: 60, window: 168, direction: Direction::Both };
    let found = set.scores(&slots, &values);
    let median = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        (v[(v.len() - 1) / 2] + v[v.len() / 2]) / 2.0
    };
    let (mut level, mut residuals) = (None::<f64>, Vec::<(usize, f64)>::new());
    let mut scored = 0;
    for i in 0..n {
        let days: Vec<f64> = (1..=14).filter_map(|d| values[i.checked_sub(24 * d)?]).collect();
        let Some(x) = values[i].filter(|_| days.len() >= 2) else {
            assert!(found[i].is_nan());
            continue;
        };
        let e = x - median(days);
        let Some(before) = level.replace(e) else { continue };
        let r = e - before;
        level = Some(before + 0.2 * r);
        let recent: Vec<f64> = residuals.iter().filter(|(j, _)| j + 168 >= i).map(|(_, r)| *r).collect();
        residuals.push((i, r.abs()));
        if recent.len() < 20 {
            assert!(found[i].is_nan());
            continue;
        }
        let scale = (1.4826 * median(recent)).max(0.05 * (x - r).abs());
        assert!((found[i] - r / scale).abs() < 1e-9 || r.abs() / scale < 0.001, "{i}: {} {}", found[i], r / scale);
        scored += 1;
    }
    assert!(scored > 300);
}

#[test]
fn the_literal_method_gives_no_score_without_scale_and_looks_one_way() {
    let n = 24 * 8;
    let (_, slots) = hourly(n);
    let flat = Literal { bucket: 60, window: 168, direction: Direction::Both };
    assert!(flat.scores(&slots, &vec![Some(0.0); n]).iter().all(|s| s.is_nan()));
    let mut values = vec![Some(100.0); n];
    values[n - 1] = Some(90.0);
    // 5 % of 100 is the scale.
    assert_eq!(flat.scores(&slots, &values)[n - 1], -2.0);
    assert_eq!(Literal { direction: Direction::Up, ..flat }.scores(&slots, &values)[n - 1], 0.001);
    assert_eq!(Literal { direction: Direction::Down, ..flat }.scores(&slots, &values)[n - 1], -2.0);
}
