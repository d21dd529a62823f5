//! The page of the daily report. All text goes through [`xml`].

mod sections;

use std::fmt::Write;

use super::{OBJECTIVE_MS, Summary, Verdict, minute};
use crate::clock::{duration_text, rfc3339_ms};
use crate::page::{self, Head, Mark, Tile};
use crate::record::diff::{Report, Triage};
use crate::text::counted;

/// The same summary gives the same bytes.
pub fn html(summary: &Summary) -> String {
    let period = period(summary);
    let mut out =
        page::open(&Head { title: "Regional copies", eyebrow: "govctl diff report", period: &period, note: " (UTC)" });
    verdict(&mut out, summary);
    figures(&mut out, summary);
    sections::charts(&mut out, summary);
    sections::tables(&mut out, summary);
    let footer = format!(
        "Made by govctl {} for {}. Ages and exceptions are judged at {}. Times to repair run from the opening of a difference to the repair that closed it; late arrivals are no repairs. Lag percentiles come from log-bucket histograms and are within 1 %.",
        env!("CARGO_PKG_VERSION"),
        rfc3339_ms(summary.now_ms),
        minute(summary.charts.at_ms),
    );
    page::close(&mut out, &footer);
    out
}

fn period(summary: &Summary) -> String {
    let days: Vec<&str> = summary.totals().map(|t| t.day.as_str()).collect();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(day), _) => (*day).to_owned(),
        _ => "No day".to_owned(),
    }
}

fn verdict(out: &mut String, summary: &Summary) {
    let (mark, head, text) = match summary.verdict() {
        Verdict::Agree => {
            let open = summary.open.len() as u64;
            let mut text = match open {
                0 if homes_checked(summary) => {
                    "No difference is open and no unauthorised write is recorded.".to_owned()
                }
                0 => "No difference is open.".to_owned(),
                n => format!("{}, each under an exception.", counted(n, "open difference")),
            };
            let undecided = summary.undecided();
            if !undecided.is_empty() {
                let _ = write!(text, " Not decided: {}.", undecided.join(", "));
            }
            if !homes_checked(summary) {
                text.push_str(" Writes outside the home region were not checked.");
            }
            if !summary.not_compared.is_empty() {
                let names: Vec<&str> = summary.not_compared.iter().map(String::as_str).collect();
                let _ = write!(text, " Not compared: {}.", names.join(", "));
            }
            // Without a proof nobody can say that the records are all there is.
            if summary.totals().next().is_none() || summary.totals().any(|t| t.proofs.unwrap_or(0) == 0) {
                text.push_str(" No proof shows that everything was compared.");
                (Mark::Good, "Nothing found", text)
            } else if !undecided.is_empty() {
                (Mark::Good, "In agreement as far as decided", text)
            } else {
                (Mark::Good, "In agreement", text)
            }
        }
        Verdict::CannotTell => (Mark::Open, "Cannot tell", String::new()),
        Verdict::NeedsAttention => (Mark::Bad, "Needs attention", format!("{}.", summary.problems.join("; "))),
    };
    let text = match summary.doubts().as_slice() {
        [] => text,
        doubts => format!("{text} Whether the copies agree cannot be told: {}.", doubts.join("; ")),
    };
    page::verdict(out, mark, head, text.trim());
}

/// On every day.
fn homes_checked(summary: &Summary) -> bool {
    summary.totals().next().is_some() && summary.totals().all(|t| t.unauthorized.is_some())
}

/// Sums over the days; what is measured at an instant is taken from the last day.
fn figures(out: &mut String, summary: &Summary) {
    let totals: Vec<&Report> = summary.totals().collect();
    let Some(last) = totals.last() else { return };
    let sum = |field: fn(&Report) -> u64| totals.iter().map(|t| field(t)).sum::<u64>();
    let excepted = summary.open.iter().filter(|o| o.diff.triage == Some(Triage::Excepted)).count() as u64;
    let unexcused = summary.open.len() as u64 - excepted;
    let unauthorized = sum(|t| t.unauthorized.unwrap_or(0));
    let writes = match homes_checked(summary) {
        true => (unauthorized.to_string(), "cannot be excepted"),
        false if unauthorized > 0 => (unauthorized.to_string(), "not checked on every day"),
        false => ("—".to_owned(), "not checked"),
    };
    let worst = |field: fn(&Report) -> Option<i64>| totals.iter().filter_map(|t| field(t)).max();
    let (detection, audit) = (worst(|t| t.detection_delay_p95_ms), worst(|t| t.audit_lag_p95_ms));
    let (mttr, mttr_p95) = match totals.as_slice() {
        [one] => (one.mttr_mean_ms, one.mttr_p95_ms),
        _ => (last.mttr_mean_ms, last.mttr_p95_ms),
    };
    let mttr_note = mttr_p95.map_or("no repair".to_owned(), |p| format!("p95 {}", duration_text(p)));
    let mttr_name = if totals.len() == 1 { "Mean time to repair" } else { "Mean time to repair, last day" };
    let over = |p95: Option<i64>| p95.is_some_and(|p| p > OBJECTIVE_MS);
    let objective = |p95: Option<i64>| match p95 {
        None => "no proof measured it",
        Some(p) if p > OBJECTIVE_MS => "above the 60 s objective",
        Some(_) => "within the 60 s objective",
    };
    let chain = match last.chain_ok {
        None => ("—".to_owned(), "no proofs given".to_owned(), false),
        Some(ok) => {
            let n = sum(|t| t.proofs.unwrap_or(0));
            let word = if ok { "unbroken" } else { "broken" };
            (word.to_owned(), format!("{} in the period", counted(n, "proof")), !ok)
        }
    };
    let oldest = last.oldest_open_ms.map_or("none open".to_owned(), |ms| format!("oldest {}", duration_text(ms)));
    let reasons = format!("{} missing, {} mismatch", sum(|t| t.missing), sum(|t| t.mismatch));
    let tiles = [
        ("Open without exception", unexcused.to_string(), oldest, unexcused > 0),
        ("Open under exception", excepted.to_string(), exceptions_note(last), false),
        ("Unauthorised writes", writes.0, writes.1.to_owned(), unauthorized > 0),
        ("Opened", sum(|t| t.opened).to_string(), reasons, false),
        ("Closed", sum(|t| t.closed).to_string(), counted(sum(|t| t.late), "late arrival"), false),
        (mttr_name, duration_or_dash(mttr), mttr_note, false),
        ("Detection delay p95", duration_or_dash(detection), objective(detection).to_owned(), over(detection)),
        ("Audit lag p95", duration_or_dash(audit), objective(audit).to_owned(), over(audit)),
        ("Chain of proofs", chain.0, chain.1, chain.2),
    ];
    page::tiles(out, &tiles.map(|(name, value, note, bad)| Tile { name: name.to_owned(), value, note, bad }));
}

fn exceptions_note(total: &Report) -> String {
    match (total.exceptions_active, total.exceptions_expired) {
        (Some(active), Some(expired)) => format!("{active} active, {expired} expired"),
        _ => "no list given".to_owned(),
    }
}

fn duration_or_dash(ms: Option<i64>) -> String {
    ms.map_or("—".to_owned(), duration_text)
}
