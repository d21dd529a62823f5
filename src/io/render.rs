//! Renderings of records other than NDJSON: tables, SARIF, JUnit, GitHub workflow commands.

use serde_json::json;

use crate::record::{Finding, Severity, xml};
use crate::ui::printable;

/// A table is printed in parts of this many rows, so that a long run does not fill the memory.
const ROWS: usize = 5_000;

/// Rows of one record type at a time, aligned when printed.
#[derive(Default)]
pub struct Table {
    record_type: &'static str,
    rows: Vec<Vec<(&'static str, String)>>,
    printed: String,
}

impl Table {
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
        let heads: Vec<&str> = first.iter().map(|c| c.0).collect();
        let mut width: Vec<usize> = heads.iter().map(|h| h.len()).collect();
        let rows: Vec<Vec<String>> =
            self.rows.drain(..).map(|r| r.into_iter().map(|c| printable(&c.1)).collect()).collect();
        for row in &rows {
            for (w, cell) in width.iter_mut().zip(row) {
                *w = (*w).max(cell.chars().count());
            }
        }
        let heads = heads.iter().map(|h| (*h).to_owned()).collect();
        for row in std::iter::once(heads).chain(rows) {
            let mut line = String::new();
            for (cell, w) in row.iter().zip(&width) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', w - cell.chars().count() + 2));
            }
            self.printed.push_str(line.trim_end());
            self.printed.push('\n');
        }
    }
}

/// SARIF 2.1.0, one run.
pub fn sarif(findings: &[Finding]) -> String {
    let mut rules: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<serde_json::Value> = findings.iter().map(sarif_result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "govctl",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|r| json!({"id": r})).collect::<Vec<_>>(),
            }},
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn sarif_result(f: &Finding) -> serde_json::Value {
    let mut result = json!({
        "ruleId": f.code,
        "level": f.severity.as_str(),
        "message": {"text": message(f)},
        "partialFingerprints": {"govctl/v1": f.fingerprint},
    });
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": f.subject}]});
    if let Some(file) = &f.file {
        let mut physical = json!({"artifactLocation": {"uri": file}});
        if let Some(line) = f.line {
            physical["region"] = json!({"startLine": line});
            if let Some(column) = f.column {
                physical["region"]["startColumn"] = column.into();
            }
        }
        location["physicalLocation"] = physical;
    }
    result["locations"] = json!([location]);
    result
}

fn message(f: &Finding) -> String {
    match &f.hint {
        Some(hint) => format!("{} ({hint})", f.message),
        None => f.message.clone(),
    }
}

/// JUnit XML: one failed case per error or warning; notes pass.
pub fn junit(findings: &[Finding]) -> String {
    let failures = findings.iter().filter(|f| f.severity != Severity::Note).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"govctl\" tests=\"{}\" failures=\"{failures}\">\n",
        findings.len().max(1)
    );
    if findings.is_empty() {
        out.push_str("<testcase classname=\"govctl\" name=\"no findings\"/>\n");
    }
    for f in findings {
        let (class, name) = (format!("govctl.{}.{}", f.source, f.code), &f.subject);
        out.push_str(&format!("<testcase classname=\"{}\" name=\"{}\"", xml(&class), xml(name)));
        if f.severity == Severity::Note {
            out.push_str("/>\n");
        } else {
            let text = xml(&message(f));
            out.push_str(&format!(">\n<failure type=\"{}\" message=\"{text}\"/>\n</testcase>\n", f.severity.as_str()));
        }
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

/// GitHub workflow commands, one line per finding.
pub fn github(findings: &[Finding]) -> String {
    let data = |s: &str| s.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |s: &str| data(s).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
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
        Finding::new("diff", "diff_missing", Severity::Error, "<a>&\"'\u{1}/1", "x\ny: 100%, z")
    }

    #[test]
    fn xml_is_escaped() {
        let text = junit(&[hostile()]);
        assert!(text.contains("name=\"&lt;a&gt;&amp;&quot;&#39;\u{fffd}/1\""), "{text}");
        assert!(text.contains("tests=\"1\" failures=\"1\""));
        assert!(junit(&[]).contains("tests=\"1\" failures=\"0\""));
    }

    #[test]
    fn github_commands_cannot_be_injected() {
        assert_eq!(github(&[hostile()]), "::error title=diff diff_missing::x%0Ay: 100%25, z\n");
    }

    #[test]
    fn tables_align_and_escape_control_characters() {
        let mut table = Table::default();
        table.push("a", vec![("ID", "1".into()), ("NAME", "\u{1b}[31m".into())]);
        table.push("a", vec![("ID", "10".into()), ("NAME", "b".into())]);
        assert_eq!(table.take(), "ID  NAME\n1   \\u{1b}[31m\n10  b\n");
    }
}
