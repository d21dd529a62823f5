//! The page: one file without scripts that loads nothing, light and dark. All text goes through [`xml`].

mod sections;

use std::fmt::Write;

use super::svg::shortened;
use super::{OBJECTIVE_MS, Summary, Verdict, minute};
use crate::clock::{duration_text, rfc3339_ms};
use crate::record::diff::{Report, Triage};
use crate::record::xml;
use crate::text::counted;

const STYLE: &str = include_str!("html/style.css");

/// Longer words may be broken anywhere, so that no table grows beyond the page for one id.
const LONG_WORD: usize = 28;
/// Findings may list keys.
const LONG_SENTENCE: usize = 600;
/// Cells up to this length stay on one line.
const SHORT_CELL: usize = 18;

/// The same summary gives the same bytes.
pub fn html(summary: &Summary) -> String {
    let period = period(summary);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>Regional copies, {period}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header><p class=\"eyebrow\">govctl diff report</p><h1>Regional copies</h1><p class=\"period\">{period} (UTC)</p></header>\n"
    );
    verdict(&mut out, summary);
    figures(&mut out, summary);
    sections::charts(&mut out, summary);
    sections::tables(&mut out, summary);
    let _ = write!(
        out,
        "<footer><p>Made by govctl {} for {}. Ages and exceptions are judged at {}. Times to repair run from the opening of a difference to the repair that closed it; late arrivals are no repairs. Lag percentiles come from log-bucket histograms and are within 1 %.</p></footer>\n</main>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        xml(&rfc3339_ms(summary.now_ms)),
        xml(&minute(summary.charts.at_ms)),
    );
    out
}

fn period(summary: &Summary) -> String {
    let days: Vec<&str> = summary.totals().map(|t| t.day.as_str()).collect();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first != last => format!("{} to {}", xml(first), xml(last)),
        (Some(day), _) => xml(day),
        _ => "No day".to_owned(),
    }
}

fn verdict(out: &mut String, summary: &Summary) {
    let (class, head, text) = match summary.verdict() {
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
                ("good", "Nothing found", text)
            } else if !undecided.is_empty() {
                ("good", "In agreement as far as decided", text)
            } else {
                ("good", "In agreement", text)
            }
        }
        Verdict::CannotTell => ("open", "Cannot tell", String::new()),
        Verdict::NeedsAttention => ("bad", "Needs attention", format!("{}.", summary.problems.join("; "))),
    };
    let text = match summary.doubts().as_slice() {
        [] => text,
        doubts => format!("{text} Whether the copies agree cannot be told: {}.", doubts.join("; ")),
    };
    // A tick, a question mark, an exclamation mark: the verdict is not told by colour alone.
    let icon = match class {
        "good" => "<path d=\"M5 12.5l4.5 4.5L19 7.5\"/>",
        "open" => "<path d=\"M8.6 9.2a3.4 3.4 0 1 1 5 3c-1.1.6-1.6 1.2-1.6 2.3M12 17.6v.5\"/>",
        _ => "<path d=\"M12 6v7.5M12 17.2v.6\"/>",
    };
    let _ = writeln!(
        out,
        "<section class=\"verdict {class}\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">{icon}</svg><div><h2>{head}</h2><p>{}</p></div></section>",
        prose(text.trim())
    );
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
    out.push_str("<section class=\"tiles\" aria-label=\"Key figures\">\n");
    for (name, value, note, bad) in tiles {
        let class = if bad { "tile bad" } else { "tile" };
        let _ = writeln!(
            out,
            "<div class=\"{class}\"><span class=\"name\">{}</span><span class=\"value\">{}</span><span class=\"note\">{}</span></div>",
            xml(name),
            xml(&value),
            xml(&note)
        );
    }
    out.push_str("</section>\n");
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

/// A sentence, with its names between backticks as code.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('`');
    out.push_str(&xml(parts.next().unwrap_or_default()));
    while let Some(name) = parts.next() {
        match parts.next() {
            Some(behind) => {
                let _ = write!(out, "<code>{}</code>{}", xml(name), xml(behind));
            }
            None => {
                let _ = write!(out, "`{}", xml(name));
            }
        }
    }
    out
}

/// How a row stands out: by its severity (`s` in `kinds`), or since it is excused (`x`).
fn tone(kinds: &str, row: &[String]) -> &'static str {
    let of = |(kind, cell): (u8, &String)| match (kind, cell.as_str()) {
        (b's', "error") => " class=\"error\"",
        (b's', "warning") => " class=\"warning\"",
        (b's', "note") | (b'x', "excepted") => " class=\"quiet\"",
        _ => "",
    };
    kinds.bytes().zip(row).map(of).find(|class| !class.is_empty()).unwrap_or_default()
}

/// A table with a caption for readers that cannot see it; by `kinds` numbers (`n`) are aligned right and sentences (`p`) take the
/// room there is.
fn table(out: &mut String, caption: &str, kinds: &str, heads: &[&str], rows: &[Vec<String>]) {
    let class = |i: usize| if kinds.as_bytes().get(i) == Some(&b'n') { " class=\"n\"" } else { "" };
    let _ = write!(out, "<div class=\"scroll\"><table><caption>{}</caption><thead><tr>", xml(caption));
    for (i, head) in heads.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(i), xml(head));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        let _ = write!(out, "<tr{}>", tone(kinds, row));
        for (i, cell) in row.iter().enumerate() {
            if kinds.as_bytes().get(i) == Some(&b'p') {
                let _ = write!(out, "<td class=\"p\">{}</td>", prose(&shortened(cell, LONG_SENTENCE)));
                continue;
            }
            let short = shortened(cell, 96);
            let title = if short == *cell { String::new() } else { format!(" title=\"{}\"", xml(cell)) };
            let longest = short.split(' ').map(|w| w.chars().count()).max().unwrap_or(0);
            let class = match class(i) {
                "" if longest > LONG_WORD => " class=\"long\"",
                "" if short.chars().count() <= SHORT_CELL => " class=\"s\"",
                class => class,
            };
            let _ = write!(out, "<td{class}{title}>{}</td>", xml(&short));
        }
        out.push_str("</tr>\n");
    }
    if rows.is_empty() {
        let _ = write!(out, "<tr><td class=\"none\" colspan=\"{}\">none</td></tr>", heads.len());
    }
    out.push_str("</tbody></table></div>\n");
}
