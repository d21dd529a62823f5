//! The charts of a backtest.

use std::fmt::Write;

use super::plot::{Axis, Frame, dot, line};
use super::text::{percent, place};
use crate::anomaly::backtest::Timeline;
use crate::anomaly::judge::misses::What;
use crate::anomaly::times;
use crate::page::{About, CHART_STYLE, nothing, open_svg};
use crate::record::anomaly::{At, BacktestResult, BacktestVerdict, Curve, Detector, Injection, InjectionKind};
use crate::record::xml;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 320.0;
const FRAME: Frame = Frame { left: 66.0, right: 534.0, top: 14.0, bottom: 270.0 };
/// As wide as the page.
const WIDE: f64 = 1110.0;
const LOW: f64 = 190.0;

/// The detectors in the order of the legend, each with its class.
const CLASSES: [(Detector, &str); 6] = [
    (Detector::Candidate, "c2"),
    (Detector::Current, "c5"),
    (Detector::Static, "c1"),
    (Detector::RollingZ, "c3"),
    (Detector::Literal, "c4"),
    (Detector::Chance, "c6"),
];

pub const KINDS: [(InjectionKind, &str); 5] = [
    (InjectionKind::Spike, "c2"),
    (InjectionKind::Burst, "c5"),
    (InjectionKind::Drop, "c1"),
    (InjectionKind::Ramp, "c3"),
    (InjectionKind::Shift, "c4"),
];

fn class(detector: Detector) -> &'static str {
    CLASSES.iter().find(|(d, _)| *d == detector).map_or("c6", |(_, class)| class)
}

/// Class and name of each detector that has a curve.
pub fn legend(curves: &[&Curve]) -> Vec<(&'static str, &'static str)> {
    let drawn = |(detector, _): &&(Detector, &str)| curves.iter().any(|c| c.detector == *detector);
    CLASSES.iter().filter(drawn).map(|(detector, class)| (*class, detector.as_str())).collect()
}

/// False positive rates on a log axis: rates of zero at its left end, before a gap.
struct Rates {
    decades: i32,
}

impl Rates {
    const GAP: f64 = 0.07;

    fn new(curves: &[&Curve]) -> Rates {
        let shown = curves.iter().filter(|c| c.detector != Detector::Chance && c.fpr > 0.0);
        let least = shown.map(|c| c.fpr).fold(0.01, f64::min);
        Rates { decades: (-libm::floor(libm::log10(least))).clamp(2.0, 5.0) as i32 }
    }

    fn share(&self, fpr: f64) -> f64 {
        if fpr <= 0.0 {
            return 0.0;
        }
        let decades = f64::from(self.decades);
        let along = ((libm::log10(fpr) + decades) / decades).clamp(0.0, 1.0);
        Self::GAP + (1.0 - Self::GAP) * along
    }

    fn draw(&self, out: &mut String) {
        FRAME.column(out, FRAME.x(0.0), "0");
        for decade in 0..=self.decades {
            let fpr = libm::exp10(-f64::from(decade));
            let digits = (decade - 2).max(0) as usize;
            FRAME.column(out, FRAME.x(self.share(fpr)), &format!("{:.digits$} %", 100.0 * fpr));
        }
    }
}

/// Power against false positives, with what candidate and current run at.
pub fn power(id: &str, verdict: &BacktestVerdict, curves: &[&Curve], results: &[&BacktestResult]) -> String {
    if curves.is_empty() {
        return nothing();
    }
    let title = format!("Power against false positives, {}", verdict.set);
    let desc = "A curve for each detector from the highest threshold to the lowest: the share of windows with a breach against the share of clean buckets with one, on a log axis. The chance line is what scores drawn at random reach.";
    let mut out = open_svg(&About { id, title: &title, desc: desc.to_owned() }, WIDTH, HEIGHT);
    inside(&mut out, verdict, curves, results);
    out.push_str("</svg>");
    out
}

/// The same as a file of its own, with its legend.
pub fn power_file(verdict: &BacktestVerdict, curves: &[&Curve], results: &[&BacktestResult]) -> String {
    let height = HEIGHT + 34.0;
    let title = xml(&format!("Power against false positives, {}", verdict.set));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\" font-family=\"system-ui,sans-serif\">\n<title>{title}</title>\n<style>\n{CHART_STYLE}</style>\n<rect width=\"{WIDTH}\" height=\"{height}\" style=\"fill:var(--card)\"/>\n"
    );
    inside(&mut out, verdict, curves, results);
    let mut x = FRAME.left;
    for (class, name) in legend(curves) {
        let y = HEIGHT + 14.0;
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"10\" height=\"10\" rx=\"2\"/><text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 14.0,
            y + 9.0,
            xml(name)
        );
        x += 26.0 + 7.2 * name.len() as f64;
    }
    out.push_str("\n</svg>\n");
    out
}

fn inside(out: &mut String, verdict: &BacktestVerdict, curves: &[&Curve], results: &[&BacktestResult]) {
    let rates = Rates::new(curves);
    FRAME.shares(out);
    rates.draw(out);
    FRAME.names(out, "false positive rate (share of clean buckets)", "power");
    let place = |c: &Curve| (FRAME.x(rates.share(c.fpr)), FRAME.y(c.power));
    for (detector, class) in CLASSES.iter().rev() {
        let of = curves.iter().filter(|c| c.detector == *detector);
        let style = match detector {
            Detector::Chance => " dashed thin",
            Detector::Candidate => " strong",
            _ => "",
        };
        line(out, &format!("{class}{style}"), of.map(|c| Some(place(c))));
    }
    // Above the curves, to be read.
    FRAME.limit(out, verdict.min_power, &format!("min_power {}", percent(verdict.min_power)));
    for result in results.iter().filter(|r| r.at == At::Operating) {
        let (Some(power), Some(fpr)) = (result.power, result.fpr) else { continue };
        let title = format!("{} as it runs: power {}, FPR {}", result.detector.as_str(), percent(power), percent(fpr));
        let class = format!("{} point", class(result.detector));
        dot(out, &class, (FRAME.x(rates.share(fpr)), FRAME.y(power)), 5.5, &title);
    }
}

/// Power of the candidate by the size of what is injected, with its lower bound.
pub fn injected(id: &str, rule: &str, min_power: f64, injections: &[&Injection]) -> String {
    if injections.iter().all(|i| i.power.is_none()) {
        return nothing();
    }
    let title = format!("Injected effects heard, {rule}");
    let desc = "A line for each kind of effect: the share that the candidate hears at half of must_detect, at it, and at two and four times it. Bars reach down to the 95 % bound.";
    let mut out = open_svg(&About { id, title: &title, desc: desc.to_owned() }, WIDTH, HEIGHT);
    FRAME.shares(&mut out);
    let mut sizes: Vec<f64> = injections.iter().map(|i| i.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let step = 1.0 / sizes.len() as f64;
    let share = |size: f64| step * (0.5 + sizes.iter().position(|s| *s == size).unwrap_or(0) as f64);
    for size in &sizes {
        let text = if *size == 1.0 { "must_detect".to_owned() } else { format!("{size} ×") };
        FRAME.column(&mut out, FRAME.x(share(*size)), &text);
    }
    FRAME.names(&mut out, "size of the effect", "power");
    FRAME.limit(&mut out, min_power, &format!("min_power {}", percent(min_power)));
    for (lane, (kind, class)) in KINDS.iter().enumerate() {
        // Side by side, so that no bar hides another.
        let x = |i: &Injection| FRAME.x(share(i.size)) + 7.0 * (lane as f64 - 2.0);
        let of: Vec<&&Injection> = injections.iter().filter(|i| i.kind == *kind).collect();
        line(&mut out, class, of.iter().map(|i| Some((x(i), FRAME.y(i.power?)))));
        for one in of {
            let (Some(power), Some(low)) = (one.power, one.power_lo) else { continue };
            let (x, y) = (x(one), FRAME.y(power));
            let _ = write!(
                out,
                "<line class=\"bar {class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{:.1}\"/>",
                FRAME.y(low)
            );
            let title = format!(
                "{} × must_detect, {}: {} of {} heard, bound {}",
                one.size,
                kind.as_str(),
                one.detected,
                one.n,
                percent(low)
            );
            dot(&mut out, &format!("{class} point"), (x, y), 4.5, &title);
        }
    }
    out.push_str("</svg>");
    out
}

/// Values around what went wrong, in the band in which no alert comes.
pub fn timeline(id: &str, of: &Timeline) -> String {
    let (Some(first), Some(last)) = (of.moments.first(), of.moments.last()) else { return nothing() };
    let frame = Frame { left: 62.0, right: WIDE - 12.0, top: 10.0, bottom: LOW - 28.0 };
    let (from, until) = (first.start, last.start + of.bucket_ms);
    let x = |ms: i64| frame.x(((ms - from) as f64 / (until - from) as f64).clamp(0.0, 1.0));
    let values = of.moments.iter().filter_map(|m| m.value);
    let highest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let shown = values.chain(of.moments.iter().filter_map(|m| m.expected));
    // A band far above all values would press them flat.
    let uppers = of.moments.iter().filter_map(|m| m.upper).filter(|u| *u <= highest + highest.abs() * 0.5);
    let axis = Axis::new(shown.chain(uppers), of.moments.iter().all(|m| m.value.is_none_or(|v| v >= 0.0)));
    let title = format!("{} of {}", if of.wrong.what == What::Miss { "Miss" } else { "False alert" }, place(of));
    let desc = "The values of the buckets as a line, what was expected as a dashed one, the band in which no alert comes behind them; labelled windows are shaded, the missed window or false alert is framed, and breaches are dots.";
    let mut out = open_svg(&About { id, title: &title, desc: desc.to_owned() }, WIDE, LOW);
    for (start, end) in &of.windows {
        area(&mut out, "window", (x(*start), x(*end)), &frame);
    }
    axis.draw(&mut out, &frame);
    ticks(&mut out, &frame, from, until, x);
    let middle = |start: i64| x(start + of.bucket_ms / 2);
    band(&mut out, of, &frame, &axis, middle);
    let y = |value: f64| frame.y(axis.share(value));
    line(&mut out, "c6 dashed", of.moments.iter().map(|m| Some((middle(m.start), y(m.expected?)))));
    line(&mut out, "c2", of.moments.iter().map(|m| Some((middle(m.start), y(m.value?)))));
    for moment in of.moments.iter().filter(|m| m.breach) {
        let Some(value) = moment.value else { continue };
        dot(
            &mut out,
            "breach",
            (middle(moment.start), y(value)),
            3.2,
            &format!("{}: {value}", times::text(moment.start)),
        );
    }
    area(&mut out, "wrong", (x(of.wrong.start), x(of.wrong.end)), &frame);
    out.push_str("</svg>");
    out
}

fn area(out: &mut String, class: &str, (from, until): (f64, f64), frame: &Frame) {
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        frame.top,
        (until - from).max(3.0),
        frame.bottom - frame.top
    );
}

/// Six instants, evenly.
fn ticks(out: &mut String, frame: &Frame, from: i64, until: i64, x: impl Fn(i64) -> f64) {
    for i in 0..6 {
        // On whole minutes.
        let ms = from + (until - from) * (2 * i + 1) / 12 / 60_000 * 60_000;
        let text = times::text(ms);
        frame.column(out, x(ms), &text.get(5..16).unwrap_or(&text).replace('T', " "));
    }
}

/// Where both edges are known, or one of them: the other is the end of the axis.
fn band(out: &mut String, of: &Timeline, frame: &Frame, axis: &Axis, x: impl Fn(i64) -> f64) {
    let scored = |m: &&crate::anomaly::backtest::Moment| m.expected.is_some();
    let runs = of.moments.chunk_by(|a, b| a.expected.is_some() == b.expected.is_some());
    for run in runs.filter(|run| run.iter().all(|m| scored(&m))) {
        let upper = run.iter().map(|m| (x(m.start), frame.y(m.upper.map_or(1.0, |u| axis.share(u)))));
        let lower = run.iter().rev().map(|m| (x(m.start), frame.y(m.lower.map_or(0.0, |l| axis.share(l)))));
        let points: Vec<String> = upper.chain(lower).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(out, "<polygon class=\"band\" points=\"{}\"/>", points.join(" "));
    }
}
