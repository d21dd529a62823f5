//! The book of a verification: every answer is counted under its question, and told at once where it has to be.

use std::collections::BTreeMap;

use super::Result;
use super::found::Found;
use crate::index::Code;
use crate::record::evidence::Status;
use crate::record::index::{Check, Outcome, Question};

/// All answers to one question.
#[derive(Debug, Clone, Default)]
struct Tally {
    /// The first of the worst answers, with the entry that it is about.
    worst: Option<(Found, Option<u64>)>,
    /// Of a check that passed.
    detail: Option<String>,
    checked: u64,
    failed: u64,
}

pub struct Notes<'t> {
    tallies: BTreeMap<Question, Tally>,
    tell: &'t mut dyn FnMut(Check) -> Result<()>,
    all: bool,
    /// The first entry whose signature or place does not hold, or cannot be told.
    first_bad: Option<u64>,
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Pass => 0,
        Status::NotEstablished => 1,
        Status::Unverifiable => 2,
        Status::Fail => 3,
    }
}

impl<'t> Notes<'t> {
    /// `all`: what passed is told too.
    pub fn new(all: bool, tell: &'t mut dyn FnMut(Check) -> Result<()>) -> Self {
        Notes { tallies: BTreeMap::new(), tell, all, first_bad: None }
    }

    /// The answer about the site as a whole.
    pub fn site(&mut self, question: Question, answer: Result<String, Found>) {
        let tally = self.tallies.entry(question).or_default();
        match answer {
            Ok(detail) => {
                tally.checked += 1;
                tally.detail = Some(detail).filter(|text| !text.is_empty());
            }
            Err(found) => tally.take(found, None),
        }
    }

    /// That many passed.
    pub fn passed(&mut self, question: Question, n: u64) {
        self.tallies.entry(question).or_default().checked += n;
    }

    pub fn leaf(&mut self, question: Question, leaf: u64, found: Option<Found>) -> Result<()> {
        let bad = found.as_ref().is_some_and(|found| rank(found.status) >= rank(Status::Unverifiable));
        if bad && self.first_bad.is_none_or(|first| leaf < first) {
            self.first_bad = Some(leaf);
        }
        self.part(question, || format!("leaf:{leaf}"), Some(leaf), found)
    }

    /// The answer about a part of the site, an entry or a run.
    pub fn part(
        &mut self,
        question: Question,
        subject: impl FnOnce() -> String,
        leaf: Option<u64>,
        found: Option<Found>,
    ) -> Result<()> {
        let status = found.as_ref().map_or(Status::Pass, |found| found.status);
        if self.all || rank(status) >= rank(Status::Unverifiable) {
            (self.tell)(Check {
                subject: subject(),
                check: question,
                status,
                code: found.as_ref().map(|found| found.code.as_str().to_owned()),
                detail: found.as_ref().map(|found| found.detail.clone()),
                leaf_index: leaf,
                n_checked: 1,
                n_failed: u64::from(status == Status::Fail),
            })?;
        }
        let tally = self.tallies.entry(question).or_default();
        match found {
            None => tally.checked += 1,
            Some(found) => tally.take(found, leaf),
        }
        Ok(())
    }

    /// None of what was not asked.
    pub fn status(&self, question: Question) -> Option<Status> {
        self.tallies.get(&question).map(Tally::status)
    }

    fn code(&self, question: Question) -> Option<Code> {
        self.tallies.get(&question)?.worst.as_ref().map(|(found, _)| found.code)
    }

    pub fn checked(&self, question: Question) -> u64 {
        self.tallies.get(&question).map_or(0, |tally| tally.checked)
    }

    pub fn failed(&self) -> u64 {
        self.tallies.values().map(|tally| tally.failed).sum()
    }

    /// Up to where all entries hold.
    pub fn holds_to(&self, size: u64) -> u64 {
        self.first_bad.map_or(size, |first| first.min(size))
    }

    /// The worst of all answers. What was required must have been established.
    pub fn outcome(&self, required: &[Question]) -> Outcome {
        let any = |status: Status| self.tallies.values().any(|tally| tally.status() == status);
        let wanting = |question: &Question| self.status(*question) != Some(Status::Pass);
        let stale = [Code::HeadBehind, Code::TooOld];
        if self.code(Question::AppendOnly) == Some(Code::Fork) {
            Outcome::Fork
        } else if any(Status::Fail) {
            Outcome::Invalid
        } else if any(Status::Unverifiable) || required.iter().any(wanting) {
            Outcome::Unverifiable
        } else if Question::ALL.iter().any(|q| self.code(*q).is_some_and(|code| stale.contains(&code))) {
            Outcome::Stale
        } else {
            Outcome::Valid
        }
    }

    /// Tells the answer to each question that was asked, in their order.
    pub fn finish(&mut self) -> Result<()> {
        for (question, tally) in &self.tallies {
            let (found, leaf) = tally.worst.clone().unzip();
            let detail = found.as_ref().map(|found| found.detail.clone()).or_else(|| tally.detail.clone());
            (self.tell)(Check {
                subject: "site".to_owned(),
                check: *question,
                status: tally.status(),
                code: found.map(|found| found.code.as_str().to_owned()),
                detail,
                leaf_index: leaf.flatten(),
                n_checked: tally.checked,
                n_failed: tally.failed,
            })?;
        }
        Ok(())
    }
}

impl Tally {
    fn status(&self) -> Status {
        self.worst.as_ref().map_or(Status::Pass, |(found, _)| found.status)
    }

    fn take(&mut self, found: Found, leaf: Option<u64>) {
        self.checked += 1;
        self.failed += u64::from(found.status == Status::Fail);
        if self.worst.is_none() || rank(found.status) > rank(self.status()) {
            self.worst = Some((found, leaf));
        }
    }
}
