//! The page and the chart beside the records.

use std::path::Path;

use super::Backtest;
use super::labels::Files;
use super::records::Records;
use crate::anomaly::backtest::{Asked, Backtest as Found, Cluster};
use crate::anomaly::judge::track::Warmup;
use crate::anomaly::method::{Kind, MustDetect};
use crate::anomaly::report::{Page, chart, html};
use crate::anomaly::rules::{Rule, bucket_text};
use crate::anomaly::times;
use crate::clock::duration_text;
use crate::cmd::Session;
use crate::cmd::anomaly::history::Whole;
use crate::cmd::anomaly::setup::Setup;
use crate::error::Result;
use crate::io::fs;
use crate::record::anomaly::six;
use crate::text::counted;

const PAGE: &str = "backtest.html";
const CHART: &str = "backtest.svg";

/// What the page tells beside the figures.
pub struct Common<'a> {
    pub setup: &'a Setup,
    pub whole: &'a Whole,
    pub files: &'a Files,
    pub asked: &'a Asked,
}

/// Where they are asked for, and into the evidence.
pub fn write(session: &mut Session, args: &Backtest, common: &Common, found: &Found, records: &Records) -> Result<()> {
    if args.report.is_none() && args.chart.is_none() && session.evidence.is_none() {
        return Ok(());
    }
    let same_as: Vec<Option<usize>> = found.sets.iter().map(|set| set.same_as).collect();
    let min_powers: Vec<(String, f64)> = found.rules.iter().map(|r| (r.rule.id.clone(), r.rule.min_power)).collect();
    let facts = facts(common, found);
    let page = Page {
        period: &period(common.whole),
        verdicts: &records.verdicts,
        results: &records.results,
        curves: &records.curves,
        injections: &records.injections,
        misses: &records.misses,
        timelines: &found.timelines,
        same_as: &same_as,
        min_powers: &min_powers,
        unjudged: &found.too_little,
        facts: &facts,
    };
    let (html, chart) = (html(&page), chart(&page));
    for (path, text) in [(&args.report, &html), (&args.chart, &chart)] {
        if let Some(path) = path {
            fs::write_output(Path::new(path), text.as_bytes())?;
        }
    }
    if let Some(dir) = &mut session.evidence {
        dir.add_file(PAGE, html.as_bytes())?;
        dir.add_file(CHART, chart.as_bytes())?;
    }
    Ok(())
}

fn day(ms: i64) -> String {
    times::text(ms).get(..10).unwrap_or_default().to_owned()
}

/// The last bucket ends with its day where that is over.
fn period(whole: &Whole) -> String {
    format!("{} to {}", day(whole.from_ms), day(whole.until_ms - 1))
}

fn facts(common: &Common, found: &Found) -> Vec<(String, String)> {
    let Common { setup, whole, files, asked } = common;
    let count = |name: &str| whole.counts.get(name).copied().unwrap_or(0);
    let mut facts = vec![(
        "Data".to_owned(),
        format!(
            "{} in {} of {} series, {} to {}; SHA-256 of the inputs `{}`",
            counted(count("events"), "record"),
            counted(count("buckets"), "bucket"),
            count("series"),
            times::text(whole.from_ms),
            times::text(whole.until_ms),
            whole.data_sha256
        ),
    )];
    facts.push(("Warm-up".to_owned(), warmup(found, asked)));
    facts.push(("Labels".to_owned(), labels(files, found)));
    facts.push((
        "Injected effects".to_owned(),
        format!(
            "up to {} per kind and rule, outside warm-up, labels, ignored and excluded times, over series and hours of the week, with seed {}; each in a run of its own, its aftermath kept. Not one of the draws is shared with `anomaly tune`",
            asked.inject, asked.seed
        ),
    ));
    let cluster = if asked.cluster == Cluster::Series { "series" } else { "tenants with all their series" };
    facts.push((
        "Intervals".to_owned(),
        format!(
            "reductions: 5th to 95th percentile of {} resamples of {cluster}, the same for both detectors, thresholds chosen again in each; power: Wilson, 95 %",
            asked.resamples
        ),
    ));
    for (rule, params) in setup.rules.rules.iter().zip(setup.params()) {
        let Some(tested) = found.rules.iter().find(|t| t.rule.id == rule.id) else { continue };
        facts.push((format!("Rule {}", rule.id), self::rule(rule, tested.unit)));
        let from = match params {
            Some(params) => format!(
                "as `anomaly tune` found them, SHA-256 of their line `{}`; compare its `data_sha256`, `data_from` and `data_to` with the data above: figures on data that parameters were found on flatter them",
                params.sha256
            ),
            None => "none: the rule as it is written".to_owned(),
        };
        facts.push((format!("Parameters of {}", rule.id), from));
    }
    facts
}

fn warmup(found: &Found, asked: &Asked) -> String {
    let tracks = || found.rules.iter().flat_map(|rule| &rule.tracks);
    let (all, taken) = tracks().fold((0, 0), |sum, t| (sum.0 + t.starts.len(), sum.1 + t.warmup));
    let of = match asked.warmup {
        Warmup::Share(share) => format!("{} % of each series", six(100.0 * share)),
        Warmup::Span(ms) => format!("{} of each series", duration_text(ms)),
    };
    format!("{of} are learned from and not judged: {taken} of {}", counted(all as u64, "bucket"))
}

fn labels(files: &Files, found: &Found) -> String {
    let (n, unmatched) = (found.windows() as u64, files.labels.unmatched() as u64);
    let mut text = match n {
        0 => "none behind the warm-up: power comes from injected effects, and all history counts as clean".to_owned(),
        n => format!("{} behind the warm-up", counted(n, "window")),
    };
    if unmatched > 0 {
        text.push_str(&format!(
            "; {unmatched} of {} in files met no data",
            counted(files.labels.len() as u64, "label")
        ));
    }
    text
}

fn rule(rule: &Rule, unit: f64) -> String {
    let size = match rule.must_detect {
        MustDetect::Count { rel, abs, drop_to, drop_buckets } => format!(
            "up by {rel} times what is expected, at least {abs}; down to {drop_to} of it for {}",
            counted(drop_buckets as u64, "bucket")
        ),
        MustDetect::Gauge { scale } => {
            format!("{scale} times the median scale of the rule, which is {}: {}", six(unit), six(scale * unit))
        }
    };
    let kind = if rule.kind == Kind::Count { "counts" } else { "gauges" };
    format!("{kind} in buckets of {}, min_power {}; must detect: {size}", bucket_text(rule.bucket), rule.min_power)
}
