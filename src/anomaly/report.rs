//! The page of a backtest. Every number on it stands in a record of the run as well.

mod charts;
mod plot;
mod sections;
mod text;

use std::collections::BTreeSet;
use std::fmt::Write;

use self::text::{between, dash, number, percent, percent_or_dash};
use super::backtest::Timeline;
use crate::page::{self, Head, Mark, Tile};
use crate::record::anomaly::{At, BacktestResult, BacktestVerdict, Curve, Detector, Injection, Miss, Verdict};
use crate::record::xml;
use crate::text::counted;

/// Further sets have no chart and no table of their own; the records have all.
const SHOWN: usize = 8;

/// What the page is made of.
pub struct Page<'a> {
    /// First and last day of the data.
    pub period: &'a str,
    /// In the order of the records, the set of all series last.
    pub verdicts: &'a [BacktestVerdict],
    pub results: &'a [BacktestResult],
    pub curves: &'a [Curve],
    pub injections: &'a [Injection],
    pub misses: &'a [Miss],
    pub timelines: &'a [Timeline],
    /// Per set the number of an earlier one with the same series.
    pub same_as: &'a [Option<usize>],
    /// Per rule its `min_power`.
    pub min_powers: &'a [(String, f64)],
    /// Rules that were not judged, with the buckets that they have to judge.
    pub unjudged: &'a [(String, usize)],
    /// What was read, and what was split how: name and sentence.
    pub facts: &'a [(String, String)],
}

/// The same records give the same bytes.
pub fn html(page: &Page) -> String {
    let mut out = page::open(&Head {
        title: "Backtest",
        eyebrow: "govctl anomaly backtest",
        period: page.period,
        note: " (UTC)",
    });
    verdict(&mut out, page);
    tiles(&mut out, page);
    sections::verdicts(&mut out, page);
    sections::charts(&mut out, page);
    sections::results(&mut out, page);
    sections::timelines(&mut out, page);
    sections::misses(&mut out, page);
    sections::injections(&mut out, page);
    sections::facts(&mut out, page);
    sections::reading(&mut out);
    let footer = format!(
        "Made by govctl {}. All numbers are in the records of the run, to six digits.",
        env!("CARGO_PKG_VERSION")
    );
    page::close(&mut out, &footer);
    out
}

/// The chart of what the page shows first, as a file of its own.
pub fn chart(page: &Page) -> String {
    page.main()
        .map_or_else(String::new, |all| charts::power_file(all, &page.curves_of(&all.set), &page.results_of(&all.set)))
}

impl<'a> Page<'a> {
    /// The set of all series.
    fn all(&self) -> Option<&'a BacktestVerdict> {
        self.verdicts.last()
    }

    /// What the page shows in large type: the first set that must pass, all series where they must.
    fn main(&self) -> Option<&'a BacktestVerdict> {
        self.all().filter(|all| all.gated).or_else(|| self.verdicts.iter().find(|v| v.gated))
    }

    fn curves_of(&self, set: &str) -> Vec<&'a Curve> {
        self.curves.iter().filter(|c| c.set == set).collect()
    }

    fn results_of(&self, set: &str) -> Vec<&'a BacktestResult> {
        self.results.iter().filter(|r| r.set == set).collect()
    }

    fn result(&self, set: &str, detector: Detector, at: At) -> Option<&'a BacktestResult> {
        self.results.iter().find(|r| r.set == set && r.detector == detector && r.at == at)
    }

    /// Sets with figures of their own, those that must pass first: of those with the same series one.
    fn sets(&self) -> Vec<&'a BacktestVerdict> {
        let group = |i: usize| self.same_as[i].unwrap_or(i);
        let of_group = |i: usize| (0..self.verdicts.len()).filter(move |j| group(*j) == group(i));
        let shown = |i: &usize| of_group(*i).max_by_key(|j| (self.verdicts[*j].gated, *j)) == Some(*i);
        let mut sets: Vec<usize> = (0..self.verdicts.len()).filter(shown).collect();
        sets.sort_by_key(|i| (!self.verdicts[*i].gated, i + 1 != self.verdicts.len()));
        sets.into_iter().map(|i| &self.verdicts[i]).collect()
    }

    fn mark(&self) -> Mark {
        let failed = |v: &&BacktestVerdict| v.gated && !v.passes();
        match self.verdicts.iter().filter(failed).map(|v| v.verdict).max_by_key(|v| *v == Verdict::Fail) {
            None if self.unjudged.is_empty() => Mark::Good,
            None => Mark::Open,
            Some(Verdict::Fail | Verdict::PointOnly) => Mark::Bad,
            Some(_) => Mark::Open,
        }
    }
}

fn verdict(out: &mut String, page: &Page) {
    let failed: Vec<&BacktestVerdict> = page.sets().into_iter().filter(|v| v.gated && !v.passes()).collect();
    let mark = page.mark();
    let head = match mark {
        Mark::Good => "Passes the gate",
        Mark::Open => "Cannot be told",
        Mark::Bad => "Does not pass the gate",
    };
    let text = match (failed.as_slice(), page.main()) {
        ([], Some(main)) => format!("{}{}", passed(page, main), tuned_on_judged(page)),
        (failed, _) => {
            let one = |v: &&BacktestVerdict| format!("`{}` ({}): {}", v.set, words(v.verdict), v.reasons.join("; "));
            let told = failed.iter().take(SHOWN).map(one).collect::<Vec<_>>().join(". ");
            match failed.len().saturating_sub(SHOWN) {
                0 => format!("{told}."),
                more => format!("{told}. {} more do not pass.", counted(more as u64, "set")),
            }
        }
    };
    page::verdict(out, mark, head, &format!("{}{text}", unjudged(page)));
}

fn unjudged(page: &Page) -> String {
    let one = |(rule, buckets): &(String, usize)| {
        format!("`{rule}` was not judged, since it has {} behind the warm-up. ", counted(*buckets as u64, "bucket"))
    };
    page.unjudged.iter().map(one).collect()
}

/// Of sets that pass, since what fails has its reasons.
fn tuned_on_judged(page: &Page) -> String {
    let rules: BTreeSet<&str> = page.sets().iter().flat_map(|v| &v.tuned_on_judged).map(String::as_str).collect();
    if rules.is_empty() {
        return String::new();
    }
    let rules: Vec<&str> = rules.into_iter().collect();
    format!(" But parameters were tuned on data that is judged here, so this is no proof: {}.", rules.join(", "))
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passes",
        Verdict::PointOnly => "the estimates pass, the bounds do not",
        Verdict::Fail => "fails",
        Verdict::NotComparable => "not comparable",
    }
}

fn passed(page: &Page, all: &BacktestVerdict) -> String {
    let mut text = match page.sets().iter().filter(|v| v.gated).count() {
        1 => String::new(),
        n => format!("All {n} sets pass. "),
    };
    if let (Some(kind), Some(low)) = (all.kind, all.power_lo) {
        let _ = write!(
            text,
            "Of {}s of the size that must be detected at least {} are heard ({} are asked for). ",
            kind.as_str(),
            percent(low),
            percent(all.min_power)
        );
    }
    if let (Some(gain), Some(low)) = (all.reduction_static, all.reduction_static_lo) {
        let _ = write!(
            text,
            "At a power of {} the rule has {} fewer false positives than a static threshold, at least {}.",
            percent(all.p_star),
            percent(gain),
            percent(low)
        );
    }
    text
}

fn tiles(out: &mut String, page: &Page) {
    let Some(all) = page.main() else { return };
    let mut tiles = vec![injected(all), power(page, all)];
    tiles.push(fpr(page, all));
    tiles.push(reduction("static", all.reduction_static, all.reduction_static_lo, all.reduction_static_hi, all));
    tiles.push(reduction(
        "rolling_z",
        all.reduction_rolling_z,
        all.reduction_rolling_z_lo,
        all.reduction_rolling_z_hi,
        all,
    ));
    tiles.push(notifications(page, all));
    page::tiles(out, &tiles);
}

fn injected(all: &BacktestVerdict) -> Tile {
    let note = match (all.kind, all.power_lo) {
        (Some(kind), Some(low)) => {
            format!("{}s at must_detect; bound {}, {} asked", kind.as_str(), percent(low), percent(all.min_power))
        }
        _ => "no effect was injected".to_owned(),
    };
    let bad = all.power_lo.is_none_or(|low| low < all.min_power);
    Tile { name: "Injected power".to_owned(), value: percent_or_dash(all.power), note, bad }
}

fn power(page: &Page, all: &BacktestVerdict) -> Tile {
    let result = page.result(&all.set, Detector::Candidate, At::Operating);
    let name = if all.labelled { "Power on the labels" } else { "Power on all effects" };
    let found = result.and_then(|r| r.power);
    let what = if all.labelled { "labelled window" } else { "injected effect" };
    let note = match result {
        Some(r) => format!("{} of {}", r.detected.unwrap_or(0), counted(r.windows, what)),
        None => dash(),
    };
    Tile { name: name.to_owned(), value: percent_or_dash(found), note, bad: found.is_none_or(|p| p < all.min_power) }
}

fn fpr(page: &Page, all: &BacktestVerdict) -> Tile {
    let at = |detector| page.result(&all.set, detector, At::Matched).and_then(|r| r.fpr);
    let note = format!(
        "static {}, rolling_z {}, at power {}",
        percent_or_dash(at(Detector::Static)),
        percent_or_dash(at(Detector::RollingZ)),
        percent(all.p_star)
    );
    Tile { name: "False positive rate".to_owned(), value: percent_or_dash(at(Detector::Candidate)), note, bad: false }
}

fn reduction(name: &str, gain: Option<f64>, low: Option<f64>, high: Option<f64>, all: &BacktestVerdict) -> Tile {
    let gated = all.reasons.iter().any(|reason| reason.contains(&format!("against {name} ")) || reason.ends_with(name));
    let note = match gain {
        Some(_) => format!("90 % interval {}; {} asked", between(low, high), percent(all.min_reduction)),
        None => "not comparable at this power".to_owned(),
    };
    Tile { name: format!("Fewer false positives than {name}"), value: percent_or_dash(gain), note, bad: gated }
}

fn notifications(page: &Page, all: &BacktestVerdict) -> Tile {
    let at = |detector| page.result(&all.set, detector, At::Matched).and_then(|r| r.notifications_per_week);
    Tile {
        name: "False notifications per series and week".to_owned(),
        value: number(at(Detector::Candidate)),
        note: format!("static {}, rolling_z {}", number(at(Detector::Static)), number(at(Detector::RollingZ))),
        bad: false,
    }
}

/// A section with a heading.
fn list(out: &mut String, title: &str, body: impl FnOnce(&mut String)) {
    let _ = writeln!(out, "<section class=\"list\"><h2>{}</h2>", xml(title));
    body(out);
    out.push_str("</section>\n");
}

#[cfg(test)]
mod tests;
