//! The tables and charts of the page.

use std::fmt::Write;

use super::text::{dash, number, percent, percent_or_dash, place, with_interval};
use super::{Page, SHOWN, charts as draw, list, words};
use crate::anomaly::judge::misses::What as Wrong;
use crate::page::{figure, table};
use crate::record::anomaly::{At, BacktestResult, BacktestVerdict, Detector, Injection, Miss, What};
use crate::record::xml;
use crate::text::counted;

/// Where there is more than one set with series of its own.
pub fn verdicts(out: &mut String, page: &Page) {
    let sets = page.sets();
    if sets.len() < 2 {
        return;
    }
    let row = |v: &&BacktestVerdict| {
        vec![
            v.set.clone(),
            v.series.to_string(),
            if v.labelled { v.windows.to_string() } else { format!("{} injected", v.windows) },
            if v.gated { words(v.verdict).to_owned() } else { format!("{} (not gated)", words(v.verdict)) },
            percent_or_dash(v.power_lo),
            percent(v.p_star),
            with_interval(v.reduction_static, v.reduction_static_lo, v.reduction_static_hi),
            with_interval(v.reduction_rolling_z, v.reduction_rolling_z_lo, v.reduction_rolling_z_hi),
        ]
    };
    list(out, "Verdicts", |out| {
        let rows: Vec<Vec<String>> = sets.iter().take(MOST_ROWS).map(row).collect();
        table(out, "Verdicts by set", "tnntnnnn", &VERDICT, &rows);
        cut(out, MOST_ROWS, sets.len(), "sets");
        for set in sets.iter().filter(|set| !set.gated && !set.reasons.is_empty()).take(SHOWN) {
            let _ = writeln!(out, "<p class=\"cut\">{}: {}</p>", xml(&set.set), xml(&set.reasons.join("; ")));
        }
    });
}

const VERDICT: [&str; 8] = [
    "Set",
    "Series",
    "Windows",
    "Verdict",
    "Injected, bound",
    "Compared at",
    "Fewer false positives than static",
    "than rolling_z",
];

pub fn charts(out: &mut String, page: &Page) {
    out.push_str("<section class=\"charts\" aria-label=\"Charts\">\n");
    for (i, verdict) in page.sets().into_iter().take(SHOWN).enumerate() {
        let (curves, results) = (page.curves_of(&verdict.set), page.results_of(&verdict.set));
        let chart = draw::power(&format!("power{i}"), verdict, &curves, &results);
        let title = format!("Power against false positives: {}", verdict.set);
        figure(out, &title, &draw::legend(&curves), &chart, |out| {
            let rows: Vec<Vec<String>> = results.iter().filter(|r| by_power(r.at)).map(|r| short_row(r)).collect();
            table(out, &title, "ttnnn", &["Detector", "At", "Power", "FPR", "Reduction"], &rows);
        });
    }
    for (i, (rule, min_power)) in page.min_powers.iter().take(SHOWN).enumerate() {
        let of: Vec<&Injection> =
            page.injections.iter().filter(|j| j.rule == *rule && j.detector == Detector::Candidate).collect();
        if of.is_empty() {
            continue;
        }
        let title = format!("Injected effects heard: {rule}");
        let legend: Vec<(&str, &str)> = draw::KINDS
            .iter()
            .filter(|(kind, _)| of.iter().any(|j| j.kind == *kind))
            .map(|(kind, class)| (*class, kind.as_str()))
            .collect();
        let chart = draw::injected(&format!("injected{i}"), rule, *min_power, &of);
        figure(out, &title, &legend, &chart, |out| {
            table(out, &title, "tntnnn", &INJECTION, &of.iter().map(|j| injection(j)).collect::<Vec<_>>());
        });
    }
    out.push_str("</section>\n");
    cut(out, SHOWN, page.sets().len(), "sets");
    cut(out, SHOWN, page.min_powers.len(), "rules");
}

fn cut(out: &mut String, shown: usize, n: usize, what: &str) {
    if n > shown {
        let _ = writeln!(out, "<p class=\"cut\">{shown} of {n} {what} are shown; the records have all.</p>");
    }
}

fn by_power(at: At) -> bool {
    !matches!(at, At::Operating | At::EqualFpr)
}

fn short_row(r: &BacktestResult) -> Vec<String> {
    vec![
        r.detector.as_str().to_owned(),
        said(r.at),
        percent_or_dash(r.power),
        percent_or_dash(r.fpr),
        with_interval(r.reduction, r.reduction_lo, r.reduction_hi),
    ]
}

fn said(at: At) -> String {
    match at {
        At::Operating => "as it runs".to_owned(),
        At::Matched => "same power".to_owned(),
        At::EqualFpr => "same FPR".to_owned(),
        At::Sixty | At::Seventy | At::Eighty | At::Ninety => format!("power {}", at.as_str()),
    }
}

pub fn results(out: &mut String, page: &Page) {
    for (i, verdict) in page.sets().into_iter().take(SHOWN).enumerate() {
        let title = format!("Results: {}, {} series", verdict.set, verdict.series);
        list(out, &title, |out| {
            let rows: Vec<Vec<String>> =
                page.results_of(&verdict.set).iter().filter(|r| is_told(r.at)).map(|r| result(r)).collect();
            // What comes first is what the page is about.
            if i > 0 {
                out.push_str("<details><summary>Table</summary>");
            }
            table(out, &title, "ttnnnnnnnnn", &RESULT, &rows);
            if i > 0 {
                out.push_str("</details>\n");
            }
            judged(out, verdict);
            weak_tenants(out, &verdict.weak_tenants);
        });
    }
}

/// What stands behind a verdict: a small part, or an effect that nobody could miss, is no great proof.
fn judged(out: &mut String, of: &BacktestVerdict) {
    let share = of.judged as f64 / of.buckets.max(1) as f64;
    let _ = writeln!(
        out,
        "<p class=\"cut\">{} of {} judged ({}); the others are warm-up, labelled, ignored, excluded or without a value. Must be heard: {}.</p>",
        of.judged,
        counted(of.buckets, "bucket"),
        percent(share),
        xml(&of.must_detect.join("; "))
    );
}

fn weak_tenants(out: &mut String, weak: &[String]) {
    if weak.is_empty() {
        return;
    }
    let shown = weak.iter().take(WEAK_SHOWN).map(|t| xml(t)).collect::<Vec<_>>().join(", ");
    let more = if weak.len() > WEAK_SHOWN { format!(" and {} more", weak.len() - WEAK_SHOWN) } else { String::new() };
    let n = counted(weak.len() as u64, "tenant");
    let _ = writeln!(
        out,
        "<p class=\"cut\">{n} of which less is heard than min_power asks for, beyond chance: {shown}{more}.</p>"
    );
}

const WEAK_SHOWN: usize = 40;

/// The others are in the chart and in the records.
fn is_told(at: At) -> bool {
    !matches!(at, At::Sixty | At::Ninety)
}

const RESULT: [&str; 11] = [
    "Detector",
    "At",
    "Threshold",
    "Found",
    "Power (95 % interval)",
    "FPR",
    "False / week",
    "Time in alert",
    "Lag",
    "Reduction (90 % interval)",
    "Unscored",
];

fn result(r: &BacktestResult) -> Vec<String> {
    let found = r.detected.map_or_else(dash, |d| format!("{d} of {}", r.windows));
    vec![
        r.detector.as_str().to_owned(),
        said(r.at),
        number(r.threshold),
        found,
        with_interval(r.power, r.power_lo, r.power_hi),
        percent_or_dash(r.fpr),
        number(r.notifications_per_week),
        percent_or_dash(r.time_in_alert),
        number(r.lag_median_buckets),
        with_interval(r.reduction, r.reduction_lo, r.reduction_hi),
        percent_or_dash(r.unscored_share),
    ]
}

pub fn timelines(out: &mut String, page: &Page) {
    for (what, title) in [(Wrong::Miss, "The worst misses"), (Wrong::False, "The loudest false alerts")] {
        let of: Vec<_> = page.timelines.iter().enumerate().filter(|(_, t)| t.wrong.what == what).collect();
        if of.is_empty() {
            continue;
        }
        list(out, title, |out| {
            for (i, timeline) in of {
                out.push_str("<div class=\"wide\">");
                let [score, threshold] = [timeline.wrong.max_score, timeline.threshold].map(|x| number(Some(x)));
                let title = format!("{}: score {score} of {threshold}", place(timeline));
                let legend = [
                    ("c2", "value"),
                    ("c6", "expected"),
                    ("band", "no alert here"),
                    ("breach", "breach"),
                    ("window", "labelled window"),
                ];
                let chart = draw::timeline(&format!("time{i}"), timeline);
                // The figures of the curves are in the data that were read.
                let _ = write!(out, "<figure><figcaption><h2>{}</h2><span class=\"legend\">", xml(&title));
                for (class, name) in legend {
                    let _ = write!(out, "<span><i class=\"{class}\"></i>{name}</span>");
                }
                let _ = writeln!(out, "</span></figcaption>{chart}</figure></div>");
            }
        });
    }
}

pub fn misses(out: &mut String, page: &Page) {
    if page.misses.is_empty() {
        return;
    }
    list(out, "What the candidate got wrong, worst first", |out| {
        let heads = ["What", "Rule", "Tenant", "Series", "From", "To", "Highest score"];
        let row = |m: &Miss| {
            vec![
                if m.what == What::Miss { "missed window" } else { "false alert" }.to_owned(),
                m.rule.clone(),
                m.tenant.clone().unwrap_or_default(),
                m.series.clone(),
                m.start.clone(),
                m.end.clone(),
                number(Some(m.max_score)),
            ]
        };
        let rows: Vec<Vec<String>> = page.misses.iter().take(MOST_ROWS).map(row).collect();
        let _ = write!(out, "<details><summary>{}</summary>", xml(&counted(rows.len() as u64, "row")));
        table(out, "Missed windows and false alerts", "ttttttn", &heads, &rows);
        out.push_str("</details>\n");
    });
}

const INJECTION: [&str; 6] = ["Kind", "Size", "Detector", "Injected", "Heard", "Bound"];

fn injection(j: &Injection) -> Vec<String> {
    vec![
        j.kind.as_str().to_owned(),
        format!("{} ×", j.size),
        j.detector.as_str().to_owned(),
        j.n.to_string(),
        percent_or_dash(j.power),
        percent_or_dash(j.power_lo),
    ]
}

/// All detectors side by side, at the size that must be detected.
pub fn injections(out: &mut String, page: &Page) {
    let at_one: Vec<&Injection> = page.injections.iter().filter(|j| j.size == 1.0).collect();
    if at_one.is_empty() {
        return;
    }
    let order = [Detector::Static, Detector::RollingZ, Detector::Literal, Detector::Current, Detector::Candidate];
    let detectors: Vec<Detector> = order.into_iter().filter(|d| at_one.iter().any(|j| j.detector == *d)).collect();
    let mut heads = vec!["Rule", "Kind", "Injected"];
    heads.extend(detectors.iter().map(|d| d.as_str()));
    let row = |of: &&Injection| {
        let heard = |d: &Detector| {
            let same = |j: &&&Injection| j.detector == *d && j.rule == of.rule && j.kind == of.kind;
            let found = at_one.iter().find(same).and_then(|j| j.power.zip(j.power_lo));
            found.map_or_else(dash, |(power, low)| format!("{} (≥ {})", percent(power), percent(low)))
        };
        let mut row = vec![of.rule.clone(), of.kind.as_str().to_owned(), of.n.to_string()];
        row.extend(detectors.iter().map(heard));
        row
    };
    let candidate = at_one.iter().filter(|j| j.detector == Detector::Candidate);
    let rows: Vec<Vec<String>> = candidate.take(MOST_ROWS).map(row).collect();
    list(out, "Effects of the size that must be detected, by detector", |out| {
        table(out, "Injected effects by detector", &format!("ttn{}", "n".repeat(detectors.len())), &heads, &rows);
        out.push_str("<p class=\"cut\">Share heard, with its 95 % bound. Candidate and current listen at the thresholds that they run with, the baselines at those of the same power.</p>\n");
    });
}

const MOST_ROWS: usize = 200;

pub fn facts(out: &mut String, page: &Page) {
    list(out, "What was judged, and what was split how", |out| {
        let rows: Vec<Vec<String>> =
            page.facts.iter().take(MOST_ROWS).map(|(name, text)| vec![name.clone(), text.clone()]).collect();
        table(out, "What was judged", "tp", &["What", "How"], &rows);
        cut(out, MOST_ROWS, page.facts.len(), "facts");
    });
}

/// What each figure does not say.
const READING: [(&str, &str); 9] = [
    (
        "Same power",
        "Detectors are compared at thresholds at which they detect the same share of windows. A threshold of 3 means something else to each of them.",
    ),
    (
        "Chance line",
        "Wide windows are hit by accident: the line shows what scores drawn at random reach. A detector near it knows nothing.",
    ),
    (
        "Points, notifications, time",
        "They differ by tens of percent. The gate is on points; notifications apply the same cooldown to every detector, and a static alert that never ends is one of them.",
    ),
    (
        "static and rolling_z",
        "A static threshold depends on its warm-up and is weak on data that drift; rolling_z is the honest bar.",
    ),
    (
        "No score",
        "A detector that gives no score for a bucket is silent there: it loses power and gains no credit. The unscored share says how often.",
    ),
    (
        "Bounds",
        "Reductions are resampled by series, since windows and buckets of one series are not independent. Few labels give wide intervals: 30 windows found at 80 % may be 63 % or 91 %.",
    ),
    (
        "Injected effects",
        "They certify power where labels are too few, at sizes in the unit of the data. They are drawn over series and hours of the week, apart from those of `anomaly tune`.",
    ),
    (
        "False alerts",
        "Anomalies that nobody labelled count as false, so look at the loudest ones before you trust the rate.",
    ),
    ("Pooled power", "It hides single tenants: those below min_power beyond chance are named under the results."),
];

pub fn reading(out: &mut String) {
    list(out, "How to read this page", |out| {
        let rows: Vec<Vec<String>> =
            READING.iter().map(|(name, text)| vec![(*name).to_owned(), (*text).to_owned()]).collect();
        table(out, "How to read this page", "tp", &["Figure", "What it says"], &rows);
    });
}
