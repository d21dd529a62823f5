//! The files of labels and of ignored intervals.

use super::Backtest;
use crate::anomaly::backtest::{LabelFile, Marks, column};
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

/// Bad lines are shown one by one up to this number.
const SHOWN: usize = 10;

pub struct Files {
    labels: Vec<(String, LabelFile)>,
    ignores: Vec<(String, LabelFile)>,
}

impl Files {
    pub fn open(args: &Backtest, inputs: &mut Vec<Input>) -> Result<Files> {
        let mut open = |path: &String| {
            let text = fs::utf8(fs::read_checked(path)?, path)?;
            inputs.push(Input::of_bytes(fs::record_name(path), text.as_bytes()));
            Ok((path.clone(), file(text, args.around)))
        };
        let labels = args.labels.iter().map(&mut open).collect::<Result<_>>()?;
        let ignores = args.ignore.iter().map(&mut open).collect::<Result<_>>()?;
        Ok(Files { labels, ignores })
    }

    fn all(&self) -> impl Iterator<Item = &(String, LabelFile)> {
        self.labels.iter().chain(&self.ignores)
    }

    /// Lines that are no label.
    pub fn tell_bad(&self, session: &mut Session) -> Exit {
        let mut told = 0;
        for (name, file) in self.all() {
            for bad in file.bad() {
                told += 1;
                let error = Error::input(format!("{}: {}", Code::BadLine.as_str(), bad.message));
                match told {
                    n if n > SHOWN => {}
                    _ if bad.line == 0 => session.error(&error.at_file(name)),
                    _ => session.error(&error.at(name, bad.line, None)),
                }
            }
        }
        if told > SHOWN {
            session.error(&Error::input(format!("{} more of such lines", told - SHOWN)));
        }
        if told == 0 { Exit::Clean } else { Exit::Input }
    }

    /// Labels and ignored intervals, per series of a rule; a column of labels in the data counts too.
    pub fn marks(&mut self, rule: &Rule, series: &[Series]) -> Vec<Marks> {
        let mut marks: Vec<Marks> =
            series.iter().map(|s| Marks { labels: column(rule, s), ignores: Vec::new() }).collect();
        for (_, file) in &mut self.labels {
            add(&mut marks, file.extents(rule, series), |marks| &mut marks.labels);
        }
        for (_, file) in &mut self.ignores {
            add(&mut marks, file.extents(rule, series), |marks| &mut marks.ignores);
        }
        marks
    }

    /// Labels that met no bucket.
    pub fn unmatched(&self) -> usize {
        self.labels.iter().map(|(_, file)| file.unmatched().count()).sum()
    }

    /// Of `unmatched` among how many.
    pub fn given(&self) -> usize {
        self.labels.iter().map(|(_, file)| file.len()).sum()
    }

    pub fn tell_unmatched(&self, session: &mut Session, strict: bool) -> Exit {
        for (name, file) in &self.labels {
            let n = file.unmatched().count() as u64;
            let Some(first) = file.unmatched().next().filter(|_| n > 0) else { continue };
            let of = first.tenant.as_ref().map_or_else(|| "without a tenant".to_owned(), |t| format!("of `{t}`"));
            let message = format!(
                "{}: {} of {} outside the data, the first {of}",
                Code::UnmatchedLabels.as_str(),
                counted(n, "label"),
                file.len()
            );
            let error = Error::usage(message).hint("compare tenants, times and zone with the data");
            let error = if first.line > 0 { error.at(name, first.line, None) } else { error.at_file(name) };
            match strict {
                true => session.error(&error),
                false => session.ctx.ui.warn(&error),
            }
        }
        Exit::found(strict && self.unmatched() > 0)
    }
}

/// A label that two files hold counts once.
fn add(marks: &mut [Marks], extents: Vec<Vec<Extent>>, list: impl Fn(&mut Marks) -> &mut Vec<Extent>) {
    for (marks, extents) in marks.iter_mut().zip(extents) {
        let list = list(marks);
        for extent in extents {
            if !list.contains(&extent) {
                list.push(extent);
            }
        }
    }
}

/// JSON begins with a brace.
fn file(text: String, around: Around) -> LabelFile {
    let is_json = text.trim_start().starts_with(['{', '[']) || text.trim().is_empty();
    LabelFile::new(text, if is_json { Format::Json } else { Format::Csv }, around)
}
