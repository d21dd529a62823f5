//! The files of labels and of ignored intervals.

use super::Backtest;
use crate::anomaly::backtest::{Marks, column};
use crate::anomaly::history::Series;
use crate::anomaly::judge::track::Extent;
use crate::anomaly::rules::Rule;
use crate::cmd::Session;
use crate::cmd::anomaly::labels::LabelFiles;
use crate::error::Result;
use crate::exit::Exit;
use crate::record::run::Input;

pub struct Files {
    pub labels: LabelFiles,
    ignores: LabelFiles,
}

impl Files {
    pub fn open(args: &Backtest, inputs: &mut Vec<Input>) -> Result<Files> {
        let labels = LabelFiles::load(&args.labels, args.around, inputs)?;
        Ok(Files { labels, ignores: LabelFiles::load(&args.ignore, args.around, inputs)? })
    }

    /// Lines that are no label.
    pub fn tell_bad(&self, session: &mut Session) -> Exit {
        self.labels.check(session).and(self.ignores.check(session))
    }

    /// Labels and ignored intervals, per series of a rule; a column of labels in the data counts too.
    pub fn marks(&mut self, rule: &Rule, series: &[Series]) -> Vec<Marks> {
        let mut marks: Vec<Marks> =
            series.iter().map(|s| Marks { labels: column(rule, s), ignores: Vec::new() }).collect();
        add(&mut marks, self.labels.extents(rule, series), |marks| &mut marks.labels);
        add(&mut marks, self.ignores.extents(rule, series), |marks| &mut marks.ignores);
        marks
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
