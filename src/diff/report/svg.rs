//! Charts as inline SVG: no script, colours by class so that the style sheet can turn dark.

use std::fmt::Write;

use crate::clock::duration_text;
use crate::page::{About, nothing, open_svg, shortened};
use crate::record::xml;

/// About as wide as half the page, so that text keeps its size.
const WIDTH: f64 = 560.0;
/// As wide as the page.
const WIDE: f64 = 1110.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;
const HEIGHT: f64 = 210.0;

/// How the values of an axis are written.
#[derive(Clone, Copy)]
pub enum Unit {
    Count,
    Ms,
}

/// Values of one colour, one per slot.
pub struct Series<'a> {
    pub name: &'a str,
    /// Class of the style sheet.
    pub class: &'a str,
    pub values: Vec<Option<f64>>,
}

/// Stacked bars.
pub fn bars(about: &About, labels: &[String], series: &[Series], unit: Unit) -> String {
    let total = |i: usize| series.iter().filter_map(|s| s.values[i]).sum::<f64>();
    let max = (0..labels.len()).map(total).fold(0.0, f64::max);
    if max == 0.0 {
        return nothing();
    }
    let axis = Axis::new(max, unit);
    let mut out = open_svg(about, WIDTH, HEIGHT);
    axis.draw(&mut out);
    let step = (WIDTH - LEFT - RIGHT) / labels.len() as f64;
    let width = (step * 0.72).min(46.0);
    for (i, label) in labels.iter().enumerate() {
        let x = LEFT + step * (i as f64 + 0.5) - width / 2.0;
        let mut base = 0.0;
        for s in series {
            let Some(value) = s.values[i].filter(|v| *v > 0.0) else { continue };
            let (y, bottom) = (axis.y(base + value), axis.y(base));
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" rx=\"1.5\"><title>{}</title></rect>",
                s.class,
                (bottom - y).max(0.8),
                xml(&format!("{label}, {}: {}", s.name, unit.text(value)))
            );
            base += value;
        }
    }
    x_labels(&mut out, labels, step);
    out.push_str("</svg>");
    out
}

/// Lines with points; `limit` is drawn across.
pub fn lines(about: &About, labels: &[String], series: &[Series], limit: (f64, &str)) -> String {
    let max = series.iter().flat_map(|s| &s.values).flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if !max.is_finite() {
        return nothing();
    }
    let axis = Axis::new(max.max(limit.0 * 1.05), Unit::Ms);
    let mut out = open_svg(about, WIDTH, HEIGHT);
    axis.draw(&mut out);
    let step = (WIDTH - LEFT - RIGHT) / labels.len() as f64;
    let x = |i: usize| LEFT + step * (i as f64 + 0.5);
    let y = axis.y(limit.0);
    let _ = write!(
        out,
        "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"limit-text\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
        WIDTH - RIGHT,
        WIDTH - RIGHT - 4.0,
        y - 5.0,
        xml(limit.1)
    );
    for s in series {
        // A slot without a value breaks the line.
        let mut path = String::new();
        let mut drawing = false;
        for (i, value) in s.values.iter().enumerate() {
            if let Some(v) = value {
                let _ = write!(path, "{}{:.1} {:.1}", if drawing { "L" } else { "M" }, x(i), axis.y(v.max(0.0)));
            }
            drawing = value.is_some();
        }
        let _ = write!(out, "<path class=\"line {}\" d=\"{path}\"/>", s.class);
        for (i, v) in s.values.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v))) {
            let _ = write!(
                out,
                "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"><title>{}</title></circle>",
                s.class,
                x(i),
                axis.y(v.max(0.0)),
                xml(&format!("{}, {}: {}", labels[i], s.name, Unit::Ms.text(v)))
            );
        }
    }
    x_labels(&mut out, labels, step);
    out.push_str("</svg>");
    out
}

/// One bar of a time table: name, class, start, end, and what it says when pointed at.
pub struct Span {
    pub name: String,
    pub class: &'static str,
    pub from: i64,
    pub to: i64,
    pub title: String,
}

/// Bars over time with a line at `now`. `tick` writes an instant.
pub fn spans(about: &About, spans: &[Span], now: i64, tick: impl Fn(i64) -> String) -> String {
    const ROW: f64 = 22.0;
    const NAMES: f64 = 170.0;
    let Some(from) = spans.iter().map(|s| s.from).min() else { return nothing() };
    let (from, to) = (from.min(now), spans.iter().map(|s| s.to).max().unwrap_or(now).max(now));
    let margin = ((to - from) / 50).max(1);
    let (from, to) = (from - margin, to + margin);
    let height = TOP + ROW * spans.len() as f64 + BOTTOM;
    let x = |ms: i64| NAMES + (WIDE - NAMES - RIGHT) * (ms - from) as f64 / (to - from) as f64;
    let mut out = open_svg(about, WIDE, height);
    for i in 0..5 {
        let ms = from + (to - from) * (2 * i + 1) / 10;
        let (x, bottom) = (x(ms), height - BOTTOM + 4.0);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            xml(&tick(ms))
        );
    }
    for (i, s) in spans.iter().enumerate() {
        let y = TOP + ROW * i as f64;
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text><rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\" rx=\"3\"><title>{}</title></rect>",
            NAMES - 8.0,
            y + 14.0,
            xml(&shortened(&s.name, 24)),
            s.class,
            x(s.from),
            y + 4.0,
            (x(s.to) - x(s.from)).max(1.0),
            xml(&s.title)
        );
    }
    let _ = write!(
        out,
        "<line class=\"now\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><text class=\"tick\" x=\"{:.1}\" y=\"10\">judged</text></svg>",
        TOP - 8.0,
        height - BOTTOM + 4.0,
        x(now) + 4.0,
        x = x(now)
    );
    out
}

/// At most about eight labels, in full words: `10:00` of a time, `11-23` of a day.
fn x_labels(out: &mut String, labels: &[String], step: f64) {
    let every = labels.len().div_ceil(8).max(1);
    for (i, label) in labels.iter().enumerate().step_by(every) {
        let short = match (label.len(), label.is_ascii()) {
            (16, true) => &label[11..],
            (10, true) if label.as_bytes()[4] == b'-' => &label[5..],
            _ => label.as_str(),
        };
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            LEFT + step * (i as f64 + 0.5),
            HEIGHT - BOTTOM + 18.0,
            xml(short)
        );
    }
}

impl Unit {
    pub fn text(self, value: f64) -> String {
        match self {
            Unit::Count => format!("{value:.0}"),
            Unit::Ms => duration_text(value as i64),
        }
    }
}

/// The value axis with three to six round ticks.
struct Axis {
    top: f64,
    step: f64,
    unit: Unit,
}

impl Axis {
    fn new(max: f64, unit: Unit) -> Self {
        let steps: &[f64] = match unit {
            Unit::Count => &[1.0, 2.0, 5.0],
            // Round in the units that people read.
            Unit::Ms => &[
                1.0, 5.0, 20.0, 100.0, 500.0, 1e3, 5e3, 10e3, 15e3, 30e3, 60e3, 300e3, 600e3, 1_800e3, 3_600e3,
                7_200e3, 21_600e3, 43_200e3, 86_400e3, 259_200e3, 604_800e3,
            ],
        };
        let fits = |step: &f64| max / step <= 5.0;
        let decades = (0..18).map(|e| 10f64.powi(e));
        let step = match unit {
            Unit::Count => decades.flat_map(|d| steps.iter().map(move |s| s * d)).find(fits),
            Unit::Ms => steps.iter().copied().find(fits),
        };
        let step = step.unwrap_or(max / 4.0);
        Axis { top: (max / step).ceil().max(1.0) * step, step, unit }
    }

    fn y(&self, value: f64) -> f64 {
        let span = HEIGHT - TOP - BOTTOM;
        TOP + span * (1.0 - value / self.top)
    }

    fn draw(&self, out: &mut String) {
        let ticks = (self.top / self.step).round() as u32;
        for i in 0..=ticks {
            let value = self.step * f64::from(i);
            let y = self.y(value);
            let text = if i == 0 { "0".to_owned() } else { self.unit.text(value).replace(".0 s", " s") };
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                xml(&text)
            );
        }
    }
}
