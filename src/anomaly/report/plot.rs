//! Axes and marks of the charts: inline SVG without script, colours by class so that the style sheet can turn dark.

use std::fmt::Write;

use crate::record::xml;

/// The rectangle in which values are drawn, in units of the view box.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Frame {
    pub fn x(&self, share: f64) -> f64 {
        self.left + (self.right - self.left) * share
    }

    pub fn y(&self, share: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * share
    }

    /// A line across with its text in front.
    pub fn row(&self, out: &mut String, share: f64, text: &str) {
        let y = self.y(share);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            self.left,
            self.right,
            self.left - 7.0,
            y + 4.0,
            xml(text)
        );
    }

    /// A line upwards with its text below.
    pub fn column(&self, out: &mut String, x: f64, text: &str) {
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            self.top,
            self.bottom,
            self.bottom + 16.0,
            xml(text)
        );
    }

    /// What must be reached.
    pub fn limit(&self, out: &mut String, share: f64, text: &str) {
        let y = self.y(share);
        let _ = write!(
            out,
            "<line class=\"limit\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"limit-text\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            self.left,
            self.right,
            self.right - 3.0,
            y - 5.0,
            xml(text)
        );
    }

    /// The names of both axes.
    pub fn names(&self, out: &mut String, x: &str, y: &str) {
        let (middle, half) = (self.x(0.5), f64::midpoint(self.top, self.bottom));
        let _ = write!(
            out,
            "<text class=\"axis\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text class=\"axis\" x=\"{:.1}\" y=\"{half:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 {:.1} {half:.1})\">{}</text>",
            self.bottom + 35.0,
            xml(x),
            self.left - 44.0,
            self.left - 44.0,
            xml(y)
        );
    }

    /// 0 to 100 % in fifths.
    pub fn shares(&self, out: &mut String) {
        for fifth in 0..=5 {
            self.row(out, f64::from(fifth) / 5.0, &format!("{} %", fifth * 20));
        }
    }
}

/// A line through points; a hole breaks it.
pub fn line(out: &mut String, class: &str, points: impl Iterator<Item = Option<(f64, f64)>>) {
    let mut path = String::new();
    let mut drawing = false;
    for point in points {
        if let Some((x, y)) = point {
            let _ = write!(path, "{}{x:.1} {y:.1}", if drawing { "L" } else { "M" });
        }
        drawing = point.is_some();
    }
    if !path.is_empty() {
        let _ = write!(out, "<path class=\"line {class}\" d=\"{path}\"/>");
    }
}

/// A point that says what it is when pointed at.
pub fn dot(out: &mut String, class: &str, at: (f64, f64), r: f64, title: &str) {
    let _ = write!(
        out,
        "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{r}\"><title>{}</title></circle>",
        at.0,
        at.1,
        xml(title)
    );
}

/// A value axis with about four round steps that holds all of these values.
pub struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// Where the axis begins with zero, what lies below it is not shown.
    pub fn new(values: impl Iterator<Item = f64>, from_zero: bool) -> Axis {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|v| v.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if !low.is_finite() {
            (low, high) = (0.0, 1.0);
        }
        if from_zero {
            low = 0.0;
        }
        if high <= low {
            high = low + if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
        }
        let rough = (high - low) / 4.0;
        let decade = libm::exp10(libm::floor(libm::log10(rough)));
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|s| *s >= rough * 0.999).unwrap_or(rough);
        Axis { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Values beyond the ends lie on them.
    pub fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    pub fn draw(&self, out: &mut String, frame: &Frame) {
        let steps = ((self.high - self.low) / self.step).round() as i32;
        for i in 0..=steps {
            let value = self.low + self.step * f64::from(i);
            frame.row(out, self.share(value), &short(value, self.step));
        }
    }
}

/// As many digits as the step needs.
fn short(value: f64, step: f64) -> String {
    let digits = (-libm::floor(libm::log10(step))).clamp(0.0, 12.0) as usize;
    // No minus before zero.
    let value = if value.abs() < step / 1e6 { 0.0 } else { value };
    match value.abs() {
        v if v >= 1e6 => format!("{value:.2e}"),
        _ => format!("{value:.digits$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_steps_around_their_values() {
        for (values, from_zero, expected) in [
            (vec![3.0, 97.0], true, (0.0, 100.0, 50.0)),
            (vec![-2.0, 6.0], false, (-2.0, 6.0, 2.0)),
            (vec![0.0, 0.0], true, (0.0, 1.0, 0.5)),
            (vec![f64::INFINITY, 10.0, 14.0], false, (10.0, 14.0, 1.0)),
            (vec![], true, (0.0, 1.0, 0.5)),
        ] {
            let axis = Axis::new(values.into_iter(), from_zero);
            let found = (axis.low, axis.high, axis.step);
            assert!(
                (found.0 - expected.0).abs() + (found.1 - expected.1).abs() + (found.2 - expected.2).abs() < 1e-9,
                "{found:?}"
            );
        }
        let axis = Axis::new([0.0, 10.0].into_iter(), true);
        assert_eq!((axis.share(-5.0), axis.share(1e9)), (0.0, 1.0));
        assert_eq!([short(0.25, 0.05), short(2e7, 1e6), short(-1e-18, 0.5)], ["0.25", "2.00e7", "0.0"]);
    }

    #[test]
    fn a_hole_breaks_a_line() {
        let mut out = String::new();
        line(&mut out, "c1", [Some((0.0, 1.0)), Some((1.0, 1.0)), None, Some((2.0, 3.0))].into_iter());
        assert_eq!(out, "<path class=\"line c1\" d=\"M0.0 1.0L1.0 1.0M2.0 3.0\"/>");
        line(&mut out, "c1", [None].into_iter());
        assert!(out.ends_with("3.0\"/>"));
    }
}
