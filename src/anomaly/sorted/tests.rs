use super::*;
use crate::anomaly::dice::Dice;

/// Many ties, both signs, both zeros.
fn value(dice: &mut Dice) -> f64 {
    match dice.below(16) {
        0 => -0.0,
        1..12 => dice.below(9) as f64 - 4.0,
        _ => (dice.below(1 << 20) as f64 - 524_288.0) / 1000.0,
    }
}

fn naive_median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

fn naive_mad(values: &[f64]) -> f64 {
    let median = naive_median(values);
    naive_median(&values.iter().map(|v| (v - median).abs()).collect::<Vec<_>>())
}

/// A window of each length from 1 to 24 slides over random values: every step is another window.
#[test]
fn a_million_windows_equal_the_naive_ones() {
    let mut dice = Dice::new(1);
    let mut seen = 0;
    while seen < 1_000_000 {
        let width = 1 + dice.below(24) as usize;
        let series: Vec<f64> = (0..width + 200).map(|_| value(&mut dice)).collect();
        let mut sorted: Sorted = series[..width].iter().copied().collect();
        for end in width..series.len() {
            let window = &series[end - width..end];
            assert_eq!(sorted.median(), Some(naive_median(window)), "{window:?}");
            assert_eq!(sorted.mad(), Some(naive_mad(window)), "{window:?}");
            seen += 1;
            if dice.below(2) == 0 {
                assert!(sorted.replace(series[end - width], series[end]));
            } else {
                assert!(sorted.remove(series[end - width]));
                sorted.insert(series[end]);
            }
        }
    }
}

#[test]
fn values_are_taken_out_one_by_one() {
    let mut sorted: Sorted = [2.0, -0.0, 2.0, 5.0].into_iter().collect();
    assert!(sorted.remove(2.0) && sorted.remove(0.0) && !sorted.remove(3.0));
    assert_eq!(sorted.values(), [2.0, 5.0]);
    assert!(!sorted.replace(3.0, 9.0));
    assert!(sorted.replace(2.0, -0.0));
    assert_eq!(sorted.kth(0).map(f64::to_bits), Some(0.0_f64.to_bits()));
    assert_eq!((sorted.kth(1), sorted.kth(2)), (Some(5.0), None));
    assert!(sorted.replace(5.0, 5.0));
    assert_eq!((sorted.median(), sorted.mad()), (Some(2.5), Some(2.5)));
}

#[test]
fn no_value_has_no_median() {
    let empty = Sorted::default();
    assert_eq!((empty.median(), empty.mad()), (None, None));
    assert_eq!(Sorted::from_iter([7.0]).mad(), Some(0.0));
}

/// The textbook example: 1, 1, 2, 2, 4, 6, 9 has median 2, distances 1, 1, 0, 0, 2, 4, 7, whose median is 1.
#[test]
fn a_known_mad() {
    let sorted = Sorted::from_iter([9.0, 1.0, 6.0, 2.0, 4.0, 1.0, 2.0]);
    assert_eq!((sorted.median(), sorted.mad()), (Some(2.0), Some(1.0)));
}
