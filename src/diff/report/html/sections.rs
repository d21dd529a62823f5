//! The charts with their data tables, and the tables of the page.

use std::fmt::Write;

use super::super::charts::{Charts, Status};
use super::super::svg::{self, Series, Span, Unit};
use super::super::{OBJECTIVE_MS, Summary, minute};
use super::duration_or_dash;
use crate::clock::{duration_text, rfc3339_ms};
use crate::page::{About, figure, table};
use crate::record::diff::{Report, State};
use crate::record::{Finding, xml};
use crate::text::counted;

/// Longer lists are cut, with a remark; the NDJSON has everything.
const MAX_ROWS: usize = 200;

pub fn charts(out: &mut String, summary: &Summary) {
    let c = &summary.charts;
    out.push_str("<section class=\"charts\" aria-label=\"Charts\">\n");
    by_reason(out, c);
    lags(out, c);
    ages(out, c);
    mttr(out, c);
    out.push_str("</section>\n");
    exceptions(out, c);
}

fn by_reason(out: &mut String, c: &Charts) {
    let title = if c.slot_ms == 3_600_000 { "Diffs per hour by reason" } else { "Diffs per day by reason" };
    let labels: Vec<String> = c.slots.iter().map(|s| s.label.clone()).collect();
    let count = |f: fn(&super::super::charts::Slot) -> u64| c.slots.iter().map(|s| Some(f(s) as f64)).collect();
    let series = [
        Series { name: "missing", class: "c1", values: count(|s| s.missing) },
        Series { name: "mismatch", class: "c2", values: count(|s| s.mismatch) },
        Series { name: "late", class: "c3", values: count(|s| s.late) },
    ];
    let sum = |s: &Series| s.values.iter().flatten().sum::<f64>();
    let desc = format!(
        "Stacked bars: {} opened as missing, {} as mismatch, {}.",
        sum(&series[0]),
        sum(&series[1]),
        counted(sum(&series[2]) as u64, "late arrival")
    );
    let chart = svg::bars(&About { id: "reasons", title, desc }, &labels, &series, Unit::Count);
    let legend = [("c1", "missing"), ("c2", "mismatch"), ("c3", "late")];
    figure(out, title, &legend, &chart, |out| {
        let busy = c.slots.iter().filter(|s| s.missing + s.mismatch + s.late > 0);
        let rows: Vec<Vec<String>> = busy
            .map(|s| vec![s.label.clone(), s.missing.to_string(), s.mismatch.to_string(), s.late.to_string()])
            .collect();
        table(out, title, "tnnn", &["From", "Missing", "Mismatch", "Late"], &rows);
    });
}

fn lags(out: &mut String, c: &Charts) {
    let title = if c.slot_ms == 3_600_000 { "Lag p95 per hour" } else { "Lag p95 per day" };
    let labels: Vec<String> = c.slots.iter().map(|s| s.label.clone()).collect();
    let p95 = |f: fn(&super::super::charts::LagSlot) -> Option<i64>| {
        let mut values = vec![None; labels.len()];
        for slot in &c.lags {
            if let Some(value) = values.get_mut(((slot.start_ms - c.from_ms) / c.slot_ms) as usize) {
                *value = f(slot).map(|ms| ms as f64);
            }
        }
        values
    };
    let series = [
        Series { name: "replication", class: "c4", values: p95(|s| s.replication[1]) },
        Series { name: "audit", class: "c2", values: p95(|s| s.audit[1]) },
        Series { name: "detection", class: "c1", values: p95(|s| s.detection[1]) },
    ];
    let desc = "Lines of the 95th percentiles of replication lag, audit lag and detection delay with the objective of 60 s. The 50th and 99th are in the table.";
    let about = About { id: "lags", title, desc: desc.to_owned() };
    let chart = svg::lines(&about, &labels, &series, (OBJECTIVE_MS as f64, "objective 60 s"));
    let legend = [("c4", "replication"), ("c2", "audit"), ("c1", "detection")];
    figure(out, title, &legend, &chart, |out| {
        let three = |p: [Option<i64>; 3]| p.map(duration_or_dash).to_vec();
        let rows: Vec<Vec<String>> = c
            .lags
            .iter()
            .map(|s| [vec![s.label.clone()], three(s.replication), three(s.audit), three(s.detection)].concat())
            .collect();
        let heads = ["From", "Replication p50", "p95", "p99", "Audit p50", "p95", "p99", "Detection p50", "p95", "p99"];
        table(out, "Lag percentiles", "tnnnnnnnnn", &heads, &rows);
    });
}

fn ages(out: &mut String, c: &Charts) {
    let title = "Age of open diffs";
    let labels: Vec<String> = c.ages.iter().map(|a| a.label.to_owned()).collect();
    let series = [
        Series {
            name: "without exception",
            class: "c1",
            values: c.ages.iter().map(|a| Some(a.unexcused as f64)).collect(),
        },
        Series {
            name: "under exception",
            class: "c5",
            values: c.ages.iter().map(|a| Some(a.excepted as f64)).collect(),
        },
    ];
    let open: u64 = c.ages.iter().map(|a| a.unexcused + a.excepted).sum();
    let desc = format!("Stacked bars of {} by age, with and without an exception.", counted(open, "open diff"));
    let chart = svg::bars(&About { id: "ages", title, desc }, &labels, &series, Unit::Count);
    let legend = [("c1", "without exception"), ("c5", "under exception")];
    figure(out, title, &legend, &chart, |out| {
        let rows: Vec<Vec<String>> =
            c.ages.iter().map(|a| vec![a.label.to_owned(), a.unexcused.to_string(), a.excepted.to_string()]).collect();
        table(out, title, "tnn", &["Age", "Without exception", "Under exception"], &rows);
    });
}

fn mttr(out: &mut String, c: &Charts) {
    let title = "Mean time to repair per day";
    let labels: Vec<String> = c.mttr.iter().map(|m| m.label.clone()).collect();
    let values = c.mttr.iter().map(|m| m.mean.map(|ms| ms as f64)).collect();
    let series = [Series { name: "mean time to repair", class: "c2", values }];
    let repairs: u64 = c.mttr.iter().map(|m| m.repairs).sum();
    let desc = format!(
        "Bars of the mean time from opening to repair, {} over {}.",
        counted(repairs, "repair"),
        counted(c.mttr.len() as u64, "day")
    );
    let chart = svg::bars(&About { id: "mttr", title, desc }, &labels, &series, Unit::Ms);
    figure(out, title, &[("c2", "mean")], &chart, |out| {
        let rows: Vec<Vec<String>> = c
            .mttr
            .iter()
            .map(|m| {
                let times = [m.mean, m.p50, m.p95].map(duration_or_dash);
                [vec![m.label.clone(), m.repairs.to_string()], times.to_vec()].concat()
            })
            .collect();
        table(out, title, "tnnnn", &["Day", "Repairs", "Mean", "p50", "p95"], &rows);
    });
}

fn words(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Active => ("c5", "active"),
        Status::Unused => ("c3", "unused"),
        Status::Void => ("c1", "void"),
        Status::Expired => ("c6", "expired"),
        Status::Future => ("c4", "not yet in force"),
    }
}

fn exceptions(out: &mut String, c: &Charts) {
    let title = "Exceptions up to their expiry";
    let spans: Vec<Span> = c
        .exceptions
        .iter()
        .take(MAX_ROWS)
        .map(|b| Span {
            name: b.entry.id.clone(),
            class: words(b.status).0,
            from: b.entry.created_ms,
            to: b.entry.expires_ms,
            title: format!("{}: {}, until {}", b.entry.id, words(b.status).1, minute(b.entry.expires_ms)),
        })
        .collect();
    let active = c.exceptions.iter().filter(|b| b.status == Status::Active).count();
    let desc = format!("One bar per exception from creation to expiry; {active} of {} are active.", c.exceptions.len());
    let day = |ms: i64| rfc3339_ms(ms).get(..10).unwrap_or_default().to_owned();
    let chart = svg::spans(&About { id: "exceptions", title, desc }, &spans, c.at_ms, day);
    let legend = [("c5", "active"), ("c3", "unused"), ("c1", "void"), ("c6", "expired"), ("c4", "not yet in force")];
    out.push_str("<section class=\"wide\" aria-label=\"Exceptions\">\n");
    figure(out, title, &legend, &chart, |out| {
        let row = |b: &super::super::charts::Bar| {
            let e = &b.entry;
            vec![
                e.id.clone(),
                words(b.status).1.to_owned(),
                e.tenant.clone(),
                e.kind.clone(),
                e.pattern.clone(),
                e.owner.clone(),
                e.ticket.clone().unwrap_or_else(|| "—".to_owned()),
                minute(e.created_ms),
                minute(e.expires_ms),
                e.justification.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = c.exceptions.iter().take(MAX_ROWS).map(row).collect();
        let heads =
            ["Exception", "State", "Tenant", "Kind", "Id", "Owner", "Ticket", "Created", "Expires", "Justification"];
        table(out, title, "tttttttttt", &heads, &rows);
    });
    out.push_str("</section>\n");
}

pub fn tables(out: &mut String, summary: &Summary) {
    section(out, "Open differences", summary.open.len(), |out| {
        let rows: Vec<Vec<String>> = summary.open.iter().take(MAX_ROWS).map(|o| open_row(o, summary)).collect();
        let heads = ["Tenant", "Id", "Kind", "Reason", "Detail", "Side", "Columns", "Open for", "Triage", "Owner"];
        table(out, "Open differences, oldest first", "tttttttnxt", &heads, &rows);
    });
    writes(out, summary);
    let findings = &summary.doubts.findings;
    section(out, "Findings", findings.len(), |out| {
        let row = |f: &Finding| {
            let count = f.count.map_or("—".to_owned(), |n| n.to_string());
            let side = f.side.clone().unwrap_or_else(|| "—".to_owned());
            vec![f.severity.as_str().to_owned(), f.code.clone(), side, count, f.text()]
        };
        let rows: Vec<Vec<String>> = findings.iter().take(MAX_ROWS).map(row).collect();
        table(out, "Findings, errors first", "sttnp", &["Severity", "Code", "Side", "Count", "What"], &rows);
    });
    let lines: Vec<&Report> = summary.lines.iter().filter(|l| l.tenant != "*").collect();
    section(out, "By tenant and kind", lines.len(), |out| {
        let rows: Vec<Vec<String>> = lines.iter().take(MAX_ROWS).map(|l| line_row(l)).collect();
        table(out, "Counts by day, tenant and kind", "tttnnnnnnnnnn", &LINE, &rows);
    });
    let totals: Vec<&Report> = summary.totals().collect();
    section(out, "Totals and proofs", totals.len(), |out| {
        let rows: Vec<Vec<String>> = totals.iter().map(|t| line_row(t)).collect();
        table(out, "Totals by day", "tttnnnnnnnnnn", &LINE, &rows);
        let facts: Vec<Vec<String>> = totals
            .iter()
            .filter(|t| t.proofs.is_some())
            .flat_map(|t| t.facts().into_iter().map(|(name, text)| vec![t.day.clone(), name.to_owned(), text]))
            .collect();
        if facts.is_empty() {
            return;
        }
        table(out, "Figures that cover all tables", "ttt", &["Day", "Figure", "Value"], &facts);
    });
    section(out, "Evidence", summary.evidence.len(), |out| {
        let rows: Vec<Vec<String>> = summary.evidence.iter().take(MAX_ROWS).map(|row| row.to_vec()).collect();
        let heads = ["Job", "Run", "Read", "Root of the proof", "SHA-256 of proof.json"];
        table(out, "What this page is made from", "ttttt", &heads, &rows);
    });
}

fn writes(out: &mut String, summary: &Summary) {
    let title = "Unauthorised writes";
    if summary.writes.is_empty() && !super::homes_checked(summary) {
        let text = "Not checked, or not on every day: a run needs the tenants' homes for it (<code>--tenants</code>).";
        let _ = writeln!(out, "<section class=\"list\"><h2>{title}</h2><p class=\"cut\">{text}</p></section>");
        return;
    }
    section(out, title, summary.writes.len(), |out| {
        let row = |w: &crate::record::diff::UnauthorizedWrite| {
            vec![
                w.tenant.clone(),
                w.id.clone(),
                w.kind.clone(),
                w.op.as_str().to_owned(),
                w.region.clone(),
                w.home_region.clone(),
                w.confidence.as_str().to_owned(),
                w.at.clone(),
                w.ts.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = summary.writes.iter().take(MAX_ROWS).map(row).collect();
        let heads = ["Tenant", "Id", "Kind", "Op", "Written in", "Home", "Confidence", "At", "Time"];
        table(out, "Unauthorised writes by time", "ttttttttt", &heads, &rows);
    });
}

fn section(out: &mut String, title: &str, rows: usize, body: impl FnOnce(&mut String)) {
    let _ = write!(out, "<section class=\"list\"><h2>{} <span class=\"count\">{rows}</span></h2>", xml(title));
    body(out);
    if rows > MAX_ROWS {
        let _ = write!(out, "<p class=\"cut\">The first {MAX_ROWS} of {rows} are shown; the records have all.</p>");
    }
    out.push_str("</section>\n");
}

fn open_row(o: &super::super::day::OpenDiff, summary: &Summary) -> Vec<String> {
    let d = &o.diff;
    debug_assert!(d.state == State::Open);
    let side = d.region.clone().or(d.side.map(|s| s.as_str().to_owned()));
    vec![
        d.tenant.clone(),
        d.id.clone(),
        d.kind.clone(),
        d.reason.as_str().to_owned(),
        d.detail.as_str().replace('_', " "),
        side.unwrap_or_else(|| "—".to_owned()),
        d.cols.as_ref().map_or_else(|| "—".to_owned(), |c| c.join(", ")),
        duration_text(summary.charts.at_ms - o.opened_ms),
        d.triage.map_or("—", |t| t.as_str()).to_owned(),
        d.owner.clone().unwrap_or_else(|| "—".to_owned()),
    ]
}

const LINE: [&str; 13] = [
    "Day",
    "Tenant",
    "Kind",
    "Opened",
    "Closed",
    "Open",
    "Excepted",
    "Missing",
    "Mismatch",
    "Late",
    "Unauth.",
    "MTTR mean",
    "MTTR p95",
];

fn line_row(l: &Report) -> Vec<String> {
    let counts = [l.opened, l.closed, l.open, l.excepted, l.missing, l.mismatch, l.late];
    let mut row = vec![l.day.clone(), l.tenant.clone(), l.kind.clone()];
    row.extend(counts.map(|n| n.to_string()));
    row.push(l.unauthorized.map_or("not checked".to_owned(), |n| n.to_string()));
    row.extend([l.mttr_mean_ms, l.mttr_p95_ms].map(duration_or_dash));
    row
}
