//! Figures as people read them.

use crate::anomaly::backtest::Timeline;
use crate::anomaly::times;

/// `84.1 %`, with more digits below one percent: `0.086 %`.
pub fn percent(share: f64) -> String {
    let value = 100.0 * share;
    let digits = match value.abs() {
        v if v == 0.0 || (v >= 100.0 && v.fract() == 0.0) => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        v if v >= 0.01 => 3,
        _ => 5,
    };
    format!("{value:.digits$} %")
}

pub fn percent_or_dash(share: Option<f64>) -> String {
    share.map_or_else(dash, percent)
}

/// Three digits, more in front of the point where there are more.
pub fn number(x: Option<f64>) -> String {
    let text = |x: f64| {
        let digits = match x.abs() {
            v if v >= 100.0 => 0,
            v if v >= 10.0 => 1,
            v if v >= 1.0 => 2,
            _ => 3,
        };
        let text = format!("{x:.digits$}");
        let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        text.to_owned()
    };
    x.map_or_else(dash, text)
}

pub fn dash() -> String {
    "—".to_owned()
}

/// `92.0 % (75.0 to 97.8)`.
pub fn with_interval(share: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    match share {
        Some(share) => format!("{} ({})", percent(share), between(low, high).replace(" %", "")),
        None => dash(),
    }
}

/// `90.0 % to 98.2 %`.
pub fn between(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        _ => dash(),
    }
}

/// Tenant, other fields and time of what went wrong.
pub fn place(of: &Timeline) -> String {
    let parts = [of.tenant.as_deref().unwrap_or(""), of.series.as_str()];
    let mut named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    named.push(&of.rule);
    format!("{}, {} to {}", named.join(" "), minute(of.wrong.start), minute(of.wrong.end))
}

/// `2026-01-08 13:00`, UTC.
pub fn minute(ms: i64) -> String {
    let text = times::text(ms);
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_digits_that_matter() {
        let cases = [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.841_23, "84.1 %"),
            (0.012_345, "1.23 %"),
            (0.000_86, "0.086 %"),
            (0.000_012_3, "0.00123 %"),
            (-0.44, "-44.0 %"),
        ];
        for (share, text) in cases {
            assert_eq!(percent(share), text);
        }
        let numbers = [2.5, 3.0, 52.2908, 1234.5, 0.08639, 0.0].map(|x| number(Some(x)));
        assert_eq!(numbers, ["2.5", "3", "52.3", "1234", "0.086", "0"]);
        assert_eq!(number(None), "—");
        assert_eq!(with_interval(Some(0.92), Some(0.75), Some(1.0)), "92.0 % (75.0 to 100)");
    }
}
