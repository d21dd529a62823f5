//! Files of labels and of ignored intervals: CSV and NDJSON with `rule?, tenant, series?, start, end, kind?, id?`, and
//! the label files of the Numenta Anomaly Benchmark.

mod csv;

use serde_json::{Map, Value};

use super::track::Extent;

/// One labelled interval and the series that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// None: every rule.
    pub rule: Option<String>,
    /// None: the series without a tenant.
    pub tenant: Option<String>,
    /// None: every series of the tenant.
    pub series: Option<String>,
    pub extent: Extent,
    pub kind: Option<String>,
    pub id: Option<String>,
    /// Where it stands, from 1; 0 in a file that is one JSON document.
    pub line: u64,
}

impl Label {
    pub fn concerns(&self, rule: &str, tenant: Option<&str>, series: &str) -> bool {
        self.rule.as_deref().is_none_or(|r| r == rule)
            && self.tenant.as_deref() == tenant
            && self.series.as_deref().is_none_or(|s| s == series)
    }
}

/// A line that is no label; `line` is 0 where the file as a whole is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    pub line: u64,
    pub message: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    pub labels: Vec<Label>,
    pub bad: Vec<Bad>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// NDJSON, or one NAB document.
    Json,
}

/// The text of a time to milliseconds since 1970, or what is wrong with it.
pub type Time<'a> = dyn Fn(&str) -> Result<i64, String> + 'a;

/// Buckets before and after the point of a NAB label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    pub before: usize,
    pub after: usize,
}

impl Around {
    /// `-3,12`: from three buckets before to twelve after.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected two numbers of buckets such as -3,12, found {text:?}");
        let (first, last) = text.split_once(',').ok_or_else(wrong)?;
        let before = first.trim().strip_prefix('-').unwrap_or(first.trim());
        if before != "0" && !first.trim().starts_with('-') {
            return Err(wrong());
        }
        let count = |text: &str| text.parse::<u16>().map(usize::from).map_err(|_| wrong());
        Ok(Around { before: count(before)?, after: count(last.trim())? })
    }
}

pub fn read(text: &str, format: Format, around: Around, time: &Time) -> Labels {
    let mut read = Labels::default();
    match format {
        Format::Csv => csv::read(text, time, &mut read),
        Format::Json => match serde_json::from_str(text) {
            Ok(Value::Object(files)) if files.values().all(Value::is_array) => nab(&files, around, time, &mut read),
            _ => ndjson(text, time, &mut read),
        },
    }
    read
}

/// What a line says, before it is checked. Absent and empty are the same.
#[derive(Default)]
struct Fields {
    rule: Option<String>,
    tenant: Option<String>,
    series: Option<String>,
    start: Option<String>,
    end: Option<String>,
    kind: Option<String>,
    id: Option<String>,
}

impl Fields {
    const NAMES: [&str; 7] = ["rule", "tenant", "series", "start", "end", "kind", "id"];

    fn by_name(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "rule" => &mut self.rule,
            "tenant" => &mut self.tenant,
            "series" => &mut self.series,
            "start" => &mut self.start,
            "end" => &mut self.end,
            "kind" => &mut self.kind,
            "id" => &mut self.id,
            _ => return None,
        })
    }

    fn set(&mut self, name: &str, text: &str) {
        if let Some(field) = self.by_name(name) {
            *field = (!text.is_empty()).then(|| text.to_owned());
        }
    }

    fn label(self, line: u64, time: &Time) -> Result<Label, String> {
        let instant = |field: &str, text: Option<String>| {
            let text = text.ok_or_else(|| format!("`{field}` is missing"))?;
            time(&text).map_err(|e| format!("`{field}`: {e}"))
        };
        let (start, end) = (instant("start", self.start)?, instant("end", self.end)?);
        if end <= start {
            return Err("`end` is not after `start`; labels are half open".to_owned());
        }
        let extent = Extent::Between { start, end };
        let (rule, tenant, series) = (self.rule, self.tenant, self.series);
        Ok(Label { rule, tenant, series, extent, kind: self.kind, id: self.id, line })
    }
}

impl Labels {
    fn add(&mut self, line: u64, label: Result<Label, String>) {
        match label {
            Ok(label) => self.labels.push(label),
            Err(message) => self.bad.push(Bad { line, message }),
        }
    }
}

fn ndjson(text: &str, time: &Time, read: &mut Labels) {
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let number = i as u64 + 1;
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(object)) if is_run_record(&object) => {}
            Ok(Value::Object(object)) => {
                read.add(number, fields(&object).and_then(|f| f.label(number, time)));
            }
            Ok(_) => read.add(number, Err("expected a JSON object".to_owned())),
            Err(e) => read.add(number, Err(format!("not JSON: {e}"))),
        }
    }
}

fn is_run_record(object: &Map<String, Value>) -> bool {
    object.get("schema").and_then(Value::as_str) == Some("govctl.run/1")
}

/// Texts as they are; times may be numbers too.
fn fields(object: &Map<String, Value>) -> Result<Fields, String> {
    let mut fields = Fields::default();
    for name in Fields::NAMES {
        match object.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => fields.set(name, text),
            Some(Value::Number(number)) if matches!(name, "start" | "end" | "id") => {
                fields.set(name, &number.to_string())
            }
            Some(_) => return Err(format!("`{name}` is not a text")),
        }
    }
    Ok(fields)
}

/// File name → pairs of times, both inclusive, or single times. The tenant is the file name without folder and
/// extension.
fn nab(files: &Map<String, Value>, around: Around, time: &Time, read: &mut Labels) {
    for (file, windows) in files {
        let name = file.rsplit('/').next().unwrap_or(file);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        for window in windows.as_array().into_iter().flatten() {
            let label = |extent| Label {
                rule: None,
                tenant: Some(stem.to_owned()),
                series: None,
                extent,
                kind: None,
                id: None,
                line: 0,
            };
            let found = nab_extent(window, around, time).map(label);
            read.add(0, found.map_err(|e| format!("{file}: {e}")));
        }
    }
}

fn nab_extent(window: &Value, around: Around, time: &Time) -> Result<Extent, String> {
    match window {
        Value::String(at) => Ok(Extent::Around { at: time(at)?, before: around.before, after: around.after }),
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(first), Value::String(last)] => {
                let (start, last) = (time(first)?, time(last)?);
                let end = last.saturating_add(1);
                if last < start { Err(format!("{first} is after the end")) } else { Ok(Extent::Between { start, end }) }
            }
            _ => Err("expected a pair of times".to_owned()),
        },
        _ => Err("expected a time, or a pair of times".to_owned()),
    }
}

#[cfg(test)]
mod tests;
