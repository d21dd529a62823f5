//! Renderings of records other than NDJSON: tables, SARIF, JUnit, GitHub workflow commands.

use serde_json::json;

use crate::error::{Error, Place};
use crate::io::fs;
use crate::record::{Case, CaseOutcome, Doc, Finding, Severity, xml};
use crate::text::{visible, without_middle};

/// A table is printed in parts of this many rows, so that a long run does not fill the memory.
const ROWS: usize = 5_000;

/// Without a terminal a cell is cut at this width, so that one long value does not pad every row.
const WIDEST: usize = 100;
/// No column is made narrower than this to fit a terminal.
const NARROWEST: usize = 12;
/// Columns with sentences of our own: they are not cut and may wrap.
const PROSE: [&str; 2] = ["MESSAGE", "WHY"];

/// Rows of one record type at a time, aligned when printed.
#[derive(Default)]
pub struct Table {
    /// Of the terminal, where there is one.
    width: Option<usize>,
    record_type: &'static str,
    rows: Vec<Vec<(&'static str, String)>>,
    printed: String,
}

impl Table {
    pub fn new(width: Option<usize>) -> Self {
        Table { width, ..Table::default() }
    }

    /// Adds a row; true when it is time to print.
    pub fn push(&mut self, record_type: &'static str, cells: Vec<(&'static str, String)>) -> bool {
        let same = self.record_type == record_type
            && self.rows.last().is_none_or(|r| r.iter().map(|c| c.0).eq(cells.iter().map(|c| c.0)));
        if !same {
            self.render();
            self.record_type = record_type;
        }
        self.rows.push(cells);
        self.rows.len() >= ROWS
    }

    /// The text of everything pushed so far.
    pub fn take(&mut self) -> String {
        self.render();
        std::mem::take(&mut self.printed)
    }

    fn render(&mut self) {
        let Some(first) = self.rows.first() else { return };
        // Of columns without a cell there is nothing to show.
        let filled = |i: usize| self.rows.iter().any(|row| !row[i].1.is_empty());
        let shown: Vec<usize> = (0..first.len()).filter(|i| filled(*i)).collect();
        let heads: Vec<&'static str> = shown.iter().map(|i| first[*i].0).collect();
        let cells = |row: &Vec<(&'static str, String)>| shown.iter().map(|i| cell(&row[*i].1)).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(cells).collect();
        self.rows.clear();
        let width = widths(&heads, &rows, self.width);
        let heads = heads.iter().map(|h| (*h).to_owned()).collect();
        for row in std::iter::once(heads).chain(rows) {
            let mut line = String::new();
            for (cell, w) in row.iter().zip(&width) {
                let cell = without_middle(cell, *w);
                line.push_str(&cell);
                line.extend(std::iter::repeat_n(' ', w - cell.chars().count() + 2));
            }
            self.printed.push_str(line.trim_end());
            self.printed.push('\n');
        }
    }
}

/// The width of each column: that of its longest cell, unless the row would not fit the terminal.
fn widths(heads: &[&str], rows: &[Vec<String>], terminal: Option<usize>) -> Vec<usize> {
    let prose = |i: usize| PROSE.contains(&heads[i]);
    let longest = |i: usize| rows.iter().map(|row| row[i].chars().count()).chain([heads[i].len()]).max().unwrap_or(0);
    let cap = terminal.unwrap_or(WIDEST);
    let mut width: Vec<usize> =
        (0..heads.len()).map(|i| if prose(i) { longest(i) } else { longest(i).min(cap.max(heads[i].len())) }).collect();
    let Some(terminal) = terminal else { return width };
    let cut = |i: &usize| !prose(*i);
    loop {
        let total: usize = (0..heads.len()).filter(cut).map(|i| width[i] + 2).sum();
        // The widest column gives way first.
        let spare = (0..heads.len()).filter(cut).filter(|i| width[*i] > NARROWEST.max(heads[*i].len()));
        match spare.max_by_key(|i| width[*i]) {
            Some(widest) if total > terminal + 2 => width[widest] -= 1,
            _ => return width,
        }
    }
}

/// The text of one cell: a line break would let foreign text forge a row.
fn cell(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// What renderings say besides the findings.
#[derive(Default)]
pub struct Context {
    /// The meaning of the codes.
    pub rules: Vec<Doc>,
    /// Recordings by side; the first one stands for findings that name neither side nor file.
    pub recordings: Vec<(&'static str, String)>,
    /// What could not be looked at, or ended the run: without it nothing found would look like nothing wrong.
    pub failures: Vec<Error>,
    /// The run did not do the whole of its work, whether a failure or a finding says why.
    pub unfinished: bool,
}

/// SARIF 2.1.0, one run.
pub fn sarif(findings: &[Finding], context: &Context) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rule = |code: &&str| sarif_rule(code, context.rules.iter().find(|d| d.code == *code));
    let results: Vec<serde_json::Value> = findings.iter().map(|f| sarif_result(f, &codes, context)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "govctl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [sarif_invocation(context)],
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn sarif_invocation(context: &Context) -> serde_json::Value {
    let failures = &context.failures;
    let notification = |e: &Error| {
        let mut said = json!({"level": "error", "message": {"text": failure(e)}});
        if let Some(place) = &e.place {
            let region = json!({"startLine": place.line.unwrap_or(1).max(1)});
            let location = json!({"artifactLocation": {"uri": uri(&fs::record_name(&place.file))}, "region": region});
            said["locations"] = json!([{"physicalLocation": location}]);
        }
        said
    };
    let mut invocation = json!({"executionSuccessful": failures.is_empty() && !context.unfinished});
    if !failures.is_empty() {
        invocation["toolExecutionNotifications"] = failures.iter().map(notification).collect();
    }
    invocation
}

/// Why something was not looked at, with its place and what to do.
fn failure(e: &Error) -> String {
    let place = e.place.as_ref().map(|place| Place { file: fs::record_name(&place.file), ..place.clone() });
    let text = Error { place, ..e.clone() }.to_string();
    visible(&match &e.hint {
        Some(hint) => format!("{text} ({hint})"),
        None => text,
    })
}

fn sarif_rule(code: &str, doc: Option<&Doc>) -> serde_json::Value {
    let Some(doc) = doc else { return json!({"id": code}) };
    // The first sentence; a code without further ones has the same text twice.
    let short = doc.meaning.split_inclusive(['.', ';', ':']).next().unwrap_or(doc.meaning);
    let short = format!("{}.", short.trim_end_matches(['.', ';', ':']));
    json!({
        "id": code,
        "shortDescription": {"text": short},
        "fullDescription": {"text": doc.meaning},
        "help": {"text": format!("{} {}", doc.meaning, doc.advice), "markdown": format!("{}\n\n**What to do:** {}", doc.meaning, doc.advice)},
        "defaultConfiguration": {"level": doc.severity.as_str()},
    })
}

fn sarif_result(f: &Finding, codes: &[&str], context: &Context) -> serde_json::Value {
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": visible(&f.subject)}]});
    let of_side = || context.recordings.iter().find(|(side, _)| f.side.as_deref() == Some(side));
    let recording = of_side().or(context.recordings.first()).map(|(_, file)| file);
    if let Some(file) = f.file.as_ref().or(recording) {
        // GitHub shows no result without a line. Where the line is not known, the file is meant.
        let mut region = json!({"startLine": f.line.filter(|_| f.file.is_some()).unwrap_or(1).max(1)});
        if let (Some(_), Some(column)) = (f.line, f.column) {
            region["startColumn"] = column.max(1).into();
        }
        location["physicalLocation"] = json!({"artifactLocation": {"uri": uri(file)}, "region": region});
    }
    json!({
        "ruleId": f.code,
        "ruleIndex": codes.iter().position(|code| *code == f.code),
        "level": f.severity.as_str(),
        "message": {"text": message(f)},
        "locations": [location],
        "partialFingerprints": {"govctl/v1": f.fingerprint},
    })
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(b as char),
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// What it is about, what was found, and what to do.
fn message(f: &Finding) -> String {
    let text = match &f.hint {
        Some(hint) => format!("{} ({hint})", f.text()),
        None => f.text(),
    };
    visible(&text)
}

/// JUnit XML. Errors fail; warnings and notes pass with what they say as output, since a run with nothing else passes.
/// Tests come first, those that passed too; what could not be looked at is an error.
pub fn junit(findings: &[Finding], cases: &[Case], broken: &[Error]) -> String {
    let of = |is: fn(&CaseOutcome) -> bool| cases.iter().filter(|case| is(&case.outcome)).count();
    let failures = findings.iter().filter(|f| f.severity == Severity::Error).count()
        + of(|outcome| matches!(outcome, CaseOutcome::Failed(_)));
    let (errors, skipped) = (
        broken.len() + of(|outcome| matches!(outcome, CaseOutcome::Error(_))),
        of(|outcome| *outcome == CaseOutcome::Skipped),
    );
    let attribute = |name: &str, n: usize| if n > 0 { format!(" {name}=\"{n}\"") } else { String::new() };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"govctl\" tests=\"{}\" failures=\"{failures}\"{}{}>\n",
        (findings.len() + cases.len() + broken.len()).max(1),
        attribute("errors", errors),
        attribute("skipped", skipped),
    );
    if findings.is_empty() && cases.is_empty() && broken.is_empty() {
        out.push_str("<testcase classname=\"govctl\" name=\"no findings\"/>\n");
    }
    for e in broken {
        let name = e.place.as_ref().map_or("run".to_owned(), |place| xml(&visible(&fs::record_name(&place.file))));
        let error = format!("<error message=\"{}\"/>", xml(&failure(e)));
        out.push_str(&format!("<testcase classname=\"govctl\" name=\"{name}\">\n{error}\n</testcase>\n"));
    }
    cases.iter().for_each(|case| out.push_str(&junit_case(case)));
    for f in findings {
        let (class, text, level) = (format!("govctl.{}.{}", f.source, f.code), xml(&message(f)), f.severity.as_str());
        let body = match f.severity {
            Severity::Error => format!("<failure type=\"{level}\" message=\"{text}\"/>"),
            Severity::Warning | Severity::Note => format!("<system-out>{level}: {text}</system-out>"),
        };
        let (class, name) = (xml(&class), xml(&f.subject));
        out.push_str(&format!("<testcase classname=\"{class}\" name=\"{name}\">\n{body}\n</testcase>\n"));
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn junit_case(case: &Case) -> String {
    let said =
        |element: &str, text: &str| format!(">\n<{element} message=\"{}\"/>\n</testcase>\n", xml(&visible(text)));
    let rest = match &case.outcome {
        CaseOutcome::Passed => "/>\n".to_owned(),
        CaseOutcome::Failed(text) => said("failure", text),
        CaseOutcome::Error(text) => said("error", text),
        CaseOutcome::Skipped => ">\n<skipped/>\n</testcase>\n".to_owned(),
    };
    let (class, name, file) = (xml(&case.class), xml(&case.name), xml(&case.file));
    format!("<testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{}\"{rest}", case.line)
}

/// GitHub workflow commands, one line for each thing that could not be looked at and for each finding.
pub fn github(findings: &[Finding], failures: &[Error]) -> String {
    let data = |s: &str| visible(s).replace('%', "%25").replace('\n', "%0A");
    let property = |s: &str| data(s).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for e in failures {
        let mut properties = vec!["title=govctl".to_owned()];
        if let Some(place) = &e.place {
            properties.push(format!("file={}", property(&fs::record_name(&place.file))));
            properties.extend(place.line.map(|l| format!("line={l}")));
            properties.extend(place.column.map(|c| format!("col={c}")));
        }
        out.push_str(&format!("::error {}::{}\n", properties.join(","), data(&failure(e))));
    }
    for f in findings {
        let word = match f.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = vec![format!("title={}", property(&format!("{} {}", f.source, f.code)))];
        if let Some(file) = &f.file {
            properties.push(format!("file={}", property(file)));
        }
        properties.extend(f.line.map(|l| format!("line={l}")));
        properties.extend(f.column.map(|c| format!("col={c}")));
        out.push_str(&format!("::{word} {}::{}\n", properties.join(","), data(&message(f))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Finding {
        Finding::new("diff", "diff_missing", Severity::Error, "<a>&\"'\u{1}/1", "x\ny\u{202e}: 100%, \u{1b}[2Jz")
    }

    fn warning() -> Finding {
        let mut finding = Finding::new("diff", "capture_loss", Severity::Warning, "a", "a decimal became null");
        finding.side = Some("rhs".into());
        finding.ids = Some(vec!["acme/1".into(), "acme/2".into()]);
        finding.count = Some(5);
        finding
    }

    #[test]
    fn xml_is_escaped() {
        let text = junit(&[hostile()], &[], &[]);
        assert!(text.contains("name=\"&lt;a&gt;&amp;&quot;&#39;\\u{1}/1\""), "{text}");
        assert!(text.contains("tests=\"1\" failures=\"1\""));
        assert!(junit(&[], &[], &[]).contains("tests=\"1\" failures=\"0\""));
    }

    #[test]
    fn warnings_pass_with_what_they_say() {
        let text = junit(&[warning(), hostile()], &[], &[]);
        assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
        let expected = "<system-out>warning: a: a decimal became null [acme/1, acme/2, 3 more]</system-out>";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn github_commands_cannot_be_injected_and_name_their_subject() {
        let expected = "::error title=diff diff_missing::<a>&\"'\\u{1}/1: x%0Ay\\u{202e}: 100%25, \\u{1b}[2Jz\n";
        assert_eq!(github(&[hostile()], &[]), expected);
        let expected = "::warning title=diff capture_loss::a: a decimal became null [acme/1, acme/2, 3 more]\n";
        assert_eq!(github(&[warning()], &[]), expected);
    }

    #[test]
    fn sarif_has_rules_levels_and_places() {
        let doc = Doc {
            code: "capture_loss",
            severity: Severity::Warning,
            meaning: "Rows agree but for a NaN; the pair is open.",
            advice: "Set it.",
        };
        let recordings = vec![("lhs", "my us.ndjson".to_owned()), ("rhs", "eu.ndjson".to_owned())];
        let mut placed = hostile();
        (placed.file, placed.line) = (Some("bad.nd".into()), Some(7));
        let context = Context { rules: vec![doc], recordings, ..Context::default() };
        let text = sarif(&[warning(), hostile(), placed], &context);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let run = &document["runs"][0];
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!(rule["id"], "capture_loss");
        assert_eq!(rule["shortDescription"]["text"], "Rows agree but for a NaN.");
        assert_eq!(rule["help"]["text"], "Rows agree but for a NaN; the pair is open. Set it.");
        assert_eq!(rule["defaultConfiguration"]["level"], "warning");
        let of = |i: usize| {
            let result = &run["results"][i];
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap().to_owned();
            (result["ruleIndex"].as_u64().unwrap(), uri, place["region"]["startLine"].as_u64().unwrap())
        };
        assert_eq!(of(0), (0, "eu.ndjson".into(), 1), "the recording of its side");
        assert_eq!(of(1), (1, "my%20us.ndjson".into(), 1), "no side: the first recording");
        assert_eq!(of(2), (1, "bad.nd".into(), 7));
        assert_eq!(run["results"][0]["message"]["text"], "a: a decimal became null [acme/1, acme/2, 3 more]");
    }

    #[test]
    fn what_was_not_looked_at_is_an_error_in_every_rendering() {
        let failures =
            vec![Error::input("is not UTF-8").at("/home/eva/a,b.yaml", 3, None).hint("convert it"), Error::bug("x")];
        let text = junit(&[], &[], &failures);
        assert!(text.contains("tests=\"2\" failures=\"0\" errors=\"2\""), "{text}");
        assert!(
            text.contains("name=\"a,b.yaml\">\n<error message=\"a,b.yaml:3: is not UTF-8 (convert it)\"/>"),
            "{text}"
        );
        assert!(!text.contains("no findings"), "{text}");
        let expected = "::error title=govctl,file=a%2Cb.yaml,line=3::a,b.yaml:3: is not UTF-8 (convert it)\n::error title=govctl::x\n";
        assert_eq!(github(&[], &failures), expected);
        let invocation = |failures: Vec<Error>| {
            let text = sarif(&[], &Context { failures, ..Context::default() });
            serde_json::from_str::<serde_json::Value>(&text).unwrap()["runs"][0]["invocations"][0].clone()
        };
        assert_eq!(invocation(Vec::new()), json!({"executionSuccessful": true}));
        let failed = invocation(failures);
        assert_eq!(failed["executionSuccessful"], false);
        let place = &failed["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"];
        assert_eq!(
            (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
            (&json!("a%2Cb.yaml"), &json!(3))
        );
    }

    #[test]
    fn tables_align_and_escape_control_characters() {
        let mut table = Table::default();
        table.push("a", vec![("ID", "1".into()), ("NAME", "\u{1b}[31m".into())]);
        table.push("a", vec![("ID", "10".into()), ("NAME", "b\nc\u{202e}".into())]);
        assert_eq!(table.take(), "ID  NAME\n1   \\u{1b}[31m\n10  b\\nc\\u{202e}\n");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let row = |tenant: &str| vec![("TENANT", tenant.to_owned()), ("ID", "7".into()), ("STATE", "open".into())];
        let long = format!("<{}>", "t".repeat(300));
        let mut table = Table::new(Some(40));
        table.push("a", row(&long));
        table.push("a", row("acme"));
        let text = table.take();
        // 2 + 5 for ID and STATE, two gaps: 29 are left.
        let cut = format!("<{}…{}>", "t".repeat(13), "t".repeat(13));
        assert_eq!(text.lines().nth(1).unwrap(), format!("{cut}  7   open"));
        assert!(text.lines().all(|l| l.chars().count() <= 40), "{text}");
        let mut free = Table::new(None);
        free.push("a", row(&long));
        assert_eq!(free.take().lines().nth(1).unwrap().chars().count(), WIDEST + 2 + 2 + 2 + 4);
        let mut prose = Table::new(Some(20));
        prose.push("f", vec![("CODE", "c".into()), ("MESSAGE", "a sentence of govctl's own is not cut".into())]);
        assert!(prose.take().contains("a sentence of govctl's own is not cut"));
    }
}
