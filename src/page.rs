//! Pages for people: one file that loads nothing, light and dark, without scripts but for one that its policy names by
//! hash. All text goes through [`xml`].

use std::fmt::Write;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::record::xml;

/// Colours, light and dark, and what charts are drawn with.
pub const CHART_STYLE: &str = include_str!("page/chart.css");
const STYLE: &str = concat!(include_str!("page/chart.css"), include_str!("page/style.css"));

/// Longer words may be broken anywhere, so that no table grows beyond the page for one id.
const LONG_WORD: usize = 28;
/// Findings may list keys.
const LONG_SENTENCE: usize = 600;
/// Cells up to this length stay on one line.
const SHORT_CELL: usize = 18;

/// What stands at the top.
pub struct Head<'a> {
    pub title: &'a str,
    pub eyebrow: &'a str,
    /// Behind the title in the name of the window.
    pub period: &'a str,
    /// Behind the period on the page.
    pub note: &'a str,
}

/// Style and script of one page beyond those of all.
pub struct Own {
    pub style: &'static str,
    /// It may fetch from the page's own site, and nothing else.
    pub script: &'static str,
}

/// Up to the first section.
pub fn open(head: &Head) -> String {
    opened(head, "default-src 'none'; style-src 'unsafe-inline'", "", "")
}

/// The same of a page with a script. Its policy names style and script by their hashes, so that none that slipped in
/// with a value is obeyed; and the page says which version made it, since each has its own style and script.
pub fn open_scripted(head: &Head, own: &Own) -> String {
    let style = source(&format!("\n{STYLE}{}", own.style));
    let script = source(&format!("\n{}", own.script));
    let policy = format!(
        "default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; form-action 'none'"
    );
    let generator = format!("<meta name=\"generator\" content=\"govctl {}\">\n", env!("CARGO_PKG_VERSION"));
    opened(head, &policy, &generator, own.style)
}

/// How a policy names a style or a script: by the bytes between its tags.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)))
}

fn opened(head: &Head, policy: &str, meta: &str, style: &str) -> String {
    let [title, eyebrow, period, note] = [head.title, head.eyebrow, head.period, head.note].map(xml);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n{meta}<title>{title}, {period}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n<header><p class=\"eyebrow\">{eyebrow}</p><h1>{title}</h1><p class=\"period\">{period}{note}</p></header>\n"
    )
}

/// From the last section on.
pub fn close(out: &mut String, footer: &str) {
    let _ = write!(out, "<footer><p>{}</p></footer>\n</main>\n</body>\n</html>\n", xml(footer));
}

/// The same of a page with a script.
pub fn close_scripted(out: &mut String, footer: &str, own: &Own) {
    let _ = write!(
        out,
        "<footer><p>{}</p></footer>\n</main>\n<script>\n{}</script>\n</body>\n</html>\n",
        xml(footer),
        own.script
    );
}

/// How a verdict looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Good,
    /// It cannot be told.
    Open,
    Bad,
}

pub fn verdict(out: &mut String, mark: Mark, head: &str, text: &str) {
    // A tick, a question mark, an exclamation mark: the verdict is not told by colour alone.
    let (class, icon) = match mark {
        Mark::Good => ("good", "<path d=\"M5 12.5l4.5 4.5L19 7.5\"/>"),
        Mark::Open => ("open", "<path d=\"M8.6 9.2a3.4 3.4 0 1 1 5 3c-1.1.6-1.6 1.2-1.6 2.3M12 17.6v.5\"/>"),
        Mark::Bad => ("bad", "<path d=\"M12 6v7.5M12 17.2v.6\"/>"),
    };
    let _ = writeln!(
        out,
        "<section class=\"verdict {class}\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">{icon}</svg><div><h2>{}</h2><p>{}</p></div></section>",
        xml(head),
        prose(text)
    );
}

/// A figure that is told in large type.
pub struct Tile {
    pub name: String,
    pub value: String,
    pub note: String,
    pub bad: bool,
}

pub fn tiles(out: &mut String, tiles: &[Tile]) {
    out.push_str("<section class=\"tiles\" aria-label=\"Key figures\">\n");
    for Tile { name, value, note, bad } in tiles {
        let class = if *bad { "tile bad" } else { "tile" };
        let _ = writeln!(
            out,
            "<div class=\"{class}\"><span class=\"name\">{}</span><span class=\"value\">{}</span><span class=\"note\">{}</span></div>",
            xml(name),
            xml(value),
            xml(note)
        );
    }
    out.push_str("</section>\n");
}

/// A chart, its legend, and its figures behind a click.
pub fn figure(out: &mut String, title: &str, legend: &[(&str, &str)], chart: &str, data: impl FnOnce(&mut String)) {
    let _ = write!(out, "<figure><figcaption><h2>{}</h2><span class=\"legend\">", xml(title));
    // An empty chart has nothing to explain.
    for (class, name) in legend.iter().filter(|_| chart.starts_with("<svg")) {
        let _ = write!(out, "<span><i class=\"{class}\"></i>{}</span>", xml(name));
    }
    let _ = write!(out, "</span></figcaption>{chart}<details><summary>Data</summary>");
    data(out);
    out.push_str("</details></figure>\n");
}

/// A sentence, with its names between backticks as code.
pub fn prose(text: &str) -> String {
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
pub fn table(out: &mut String, caption: &str, kinds: &str, heads: &[&str], rows: &[Vec<String>]) {
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

/// What a reader who cannot see the chart is told.
pub struct About<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub desc: String,
}

/// The opening tag of a chart.
pub fn open_svg(about: &About, width: f64, height: f64) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        xml(about.title),
        xml(&about.desc),
        id = about.id,
    )
}

/// In place of a chart: a text finds the middle of any width.
pub fn nothing() -> String {
    "<p class=\"nothing\">nothing to show</p>".to_owned()
}

/// At most `max` characters.
pub fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
