//! Files of labels of a verb.

use crate::anomaly::backtest::LabelFile;
use crate::anomaly::code::Code;
use crate::anomaly::history::Series;
use crate::anomaly::judge::labels::{Around, Format};
use crate::anomaly::judge::track::Extent;
use crate::anomaly::rules::Rule;
use crate::cmd::Session;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::record::run::Input;
use crate::text::counted;

/// Of the buckets around a point that NAB labels.
pub const AROUND: Around = Around { before: 3, after: 12 };

/// Bad lines are shown one by one up to this number.
const SHOWN: usize = 10;

pub struct LabelFiles {
    files: Vec<(String, LabelFile)>,
}

impl LabelFiles {
    /// Also names the files among the inputs.
    pub fn load(paths: &[String], around: Around, inputs: &mut Vec<Input>) -> Result<LabelFiles> {
        let mut files = Vec::new();
        for path in paths {
            let text = fs::utf8(fs::read_small(path)?, path)?;
            inputs.push(Input::of_bytes(fs::record_name(path), text.as_bytes()));
            // JSON begins with a brace.
            let is_json = text.trim_start().starts_with(['{', '[']) || text.trim().is_empty();
            let format = if is_json { Format::Json } else { Format::Csv };
            files.push((path.clone(), LabelFile::new(text, format, around)));
        }
        Ok(LabelFiles { files })
    }

    /// Says which lines are no labels; Input where there are some.
    pub fn check(&self, session: &mut Session) -> Exit {
        let bad: Vec<_> =
            self.files.iter().flat_map(|(path, file)| file.bad().iter().map(move |b| (path, b))).collect();
        for (path, bad) in bad.iter().take(SHOWN) {
            let error = Error::input(format!("{}: {}", Code::BadLine.as_str(), bad.message));
            session.error(&placed(error, path, bad.line));
        }
        if bad.len() > SHOWN {
            session.error(&Error::input(format!("{} more of such lines", bad.len() - SHOWN)));
        }
        if bad.is_empty() { Exit::Clean } else { Exit::Input }
    }

    /// Per series of a rule what is labelled.
    pub fn extents(&mut self, rule: &Rule, series: &[Series]) -> Vec<Vec<Extent>> {
        let mut all = vec![Vec::new(); series.len()];
        for (_, file) in &mut self.files {
            all.iter_mut().zip(file.extents(rule, series)).for_each(|(all, found)| all.extend(found));
        }
        all
    }

    pub fn len(&self) -> usize {
        self.files.iter().map(|(_, file)| file.len()).sum()
    }

    /// After all rules: labels that met no bucket.
    pub fn unmatched(&self) -> usize {
        self.files.iter().map(|(_, file)| file.unmatched().count()).sum()
    }

    /// Says so: they are an error with `strict`, and else worth a warning.
    pub fn tell_unmatched(&self, session: &mut Session, strict: bool) -> Exit {
        for (path, file) in &self.files {
            let n = file.unmatched().count() as u64;
            let Some(first) = file.unmatched().next() else { continue };
            let of = first.tenant.as_ref().map_or_else(|| "without a tenant".to_owned(), |t| format!("of `{t}`"));
            let message = format!(
                "{}: {} of {} outside the data, the first {of}",
                Code::UnmatchedLabels.as_str(),
                counted(n, "label"),
                file.len()
            );
            let error = placed(Error::usage(message), path, first.line);
            let error = error.hint("compare tenants, times and zone with the data");
            match strict {
                true => session.error(&error),
                false => session.ctx.ui.warn(&error),
            }
        }
        Exit::found(strict && self.unmatched() > 0)
    }
}

fn placed(error: Error, path: &str, line: u64) -> Error {
    if line == 0 { error.at_file(path) } else { error.at(path, line, None) }
}
