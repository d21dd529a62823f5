//! What of a policy its tests run through. The unit is a default value, the head of a rule or an expression of a body: lines
//! of the text would say more the more is written on one of them.

mod split;

use std::collections::{BTreeMap, BTreeSet};

use split::{Copy, Unit, defaults, split};

use super::parse_all;
use super::source::{File, Sources};
use super::suite::Suite;
use crate::record::tenant::{Coverage, Outcome, percent};

/// Runs the suite over a copy of the files and says of each file that decides what was covered, touched or not. `outcomes`
/// are those of the same tests over the files themselves.
pub fn measure(sources: &Sources, suite: &Suite, outcomes: &[Outcome]) -> Result<Vec<Coverage>, String> {
    let parsed = parse_all(sources).map_err(|_| "the files cannot be parsed again".to_owned())?;
    let defaults = defaults(&parsed);
    let (mut files, mut copies) = (Vec::new(), Vec::new());
    for (number, of_file) in parsed.iter().enumerate() {
        let file = of_file.file;
        if file.is_test() {
            files.push(file.clone());
            continue;
        }
        let copy = split(of_file, number, &defaults);
        files.push(File { text: copy.text.clone(), ..file.clone() });
        copies.push((file.shown.clone(), copy));
    }
    let mut machine = suite.measuring(files)?;
    let again: Vec<Outcome> =
        suite.tests.iter().flat_map(|found| machine.run(found)).map(|test| test.outcome).collect();
    if again != outcomes {
        return Err("the tests came out otherwise on the copy that measures the coverage".to_owned());
    }
    Ok(copies.into_iter().map(|(file, copy)| coverage(&file, &copy, &machine.seen(&file))).collect())
}

fn coverage(file: &str, copy: &Copy, seen: &BTreeSet<u32>) -> Coverage {
    let mut covered = vec![false; copy.units.len()];
    for (line, owner) in (1..).zip(&copy.owners) {
        if let Some(unit) = owner.filter(|_| seen.contains(&line)) {
            covered[unit] = true;
        }
    }
    let mut lines: BTreeMap<u64, bool> = BTreeMap::new();
    for (Unit { first, last }, covered) in copy.units.iter().zip(&covered) {
        (*first..=*last).for_each(|line| *lines.entry(line).or_insert(true) &= covered);
    }
    let (all, good) = (lines.len() as u64, lines.values().filter(|covered| **covered).count() as u64);
    Coverage {
        file: file.to_owned(),
        units: copy.units.len() as u64,
        units_covered: covered.iter().filter(|covered| **covered).count() as u64,
        lines: all,
        lines_covered: good,
        coverage_percent: percent(good, all),
        not_covered: ranges(lines.iter().filter(|(_, covered)| !**covered).map(|(line, _)| *line)),
        reasons: None,
    }
}

/// Neighbours become one range.
fn ranges(lines: impl Iterator<Item = u64>) -> Vec<[u64; 2]> {
    let mut all: Vec<[u64; 2]> = Vec::new();
    for line in lines {
        match all.last_mut() {
            Some([_, last]) if *last + 1 == line => *last = line,
            _ => all.push([line, line]),
        }
    }
    all
}
