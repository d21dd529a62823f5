//! Records of `tenant test`: what became of each test, and what of the policy the tests ran through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::finding::fingerprint;
use crate::record::{Case, CaseOutcome, Finding, Record, Severity};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Fail,
    /// It could not be told whether it holds: the evaluation failed, or the rule is written so that a failure would not show.
    Error,
    /// A `todo_test_` rule, which is not run.
    Skipped,
}

/// One test, or one case of a table of tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Test {
    /// Such as `switchboard_test`.
    pub package: String,
    /// Of the rule.
    pub name: String,
    /// Of a table: the name of the case; those of nested tables are joined by `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub outcome: Outcome,
    pub file: String,
    /// Of the rule.
    pub line: u64,
    /// What came instead of true, and what the test printed; absent where it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Test {
    /// Such as `data.switchboard_test.test_one_code/no label`.
    pub fn full_name(&self) -> String {
        let case = self.case.as_ref().map(|case| format!("/{case}")).unwrap_or_default();
        format!("data.{}.{}{case}", self.package, self.name)
    }
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Error => "error",
            Outcome::Skipped => "skipped",
        }
    }
}

impl Record for Test {
    const TYPE: &'static str = "govctl.tenant.test/1";

    /// People see those that did not pass.
    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        (self.outcome != Outcome::Pass).then(|| {
            vec![
                ("OUTCOME", self.outcome.as_str().to_owned()),
                ("PLACE", format!("{}:{}", self.file, self.line)),
                ("TEST", self.full_name()),
                ("MESSAGE", self.message.clone().unwrap_or_default()),
            ]
        })
    }

    fn finding(&self) -> Option<Finding> {
        let code = match self.outcome {
            Outcome::Fail => "test_failed",
            Outcome::Error => "test_error",
            Outcome::Pass | Outcome::Skipped => return None,
        };
        let (name, message) = (self.full_name(), self.message.clone().unwrap_or_default());
        let mut finding = Finding::new("tenant", code, Severity::Error, &name, message);
        finding.fingerprint = fingerprint(&["tenant", code, &self.file, &name]);
        finding.file = Some(self.file.clone());
        finding.line = Some(self.line);
        Some(finding)
    }

    fn case(&self) -> Option<Case> {
        let message = || self.message.clone().unwrap_or_default();
        Some(Case {
            class: format!("data.{}", self.package),
            name: self.case.as_ref().map_or_else(|| self.name.clone(), |case| format!("{}/{case}", self.name)),
            file: self.file.clone(),
            line: self.line,
            outcome: match self.outcome {
                Outcome::Pass => CaseOutcome::Passed,
                Outcome::Fail => CaseOutcome::Failed(message()),
                Outcome::Error => CaseOutcome::Error(message()),
                Outcome::Skipped => CaseOutcome::Skipped,
            },
        })
    }
}

/// What the tests ran through of a file, or of all files.
///
/// A unit is a default value, the head of a rule or an expression of a body. Comprehensions and `every` have bodies too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// `*` is the total, which comes last.
    pub file: String,
    pub units: u64,
    pub units_covered: u64,
    /// Lines with a unit on them.
    pub lines: u64,
    /// Those of which every unit is covered.
    pub lines_covered: u64,
    /// Of the lines, cut to two decimals; absent without lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_percent: Option<f64>,
    /// First and last line of each run of lines that are not covered; empty in the total.
    pub not_covered: Vec<[u64; 2]>,
    /// Of the total: why the exit code is 1; empty where it is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<String>>,
}

impl Coverage {
    /// The name of the total.
    pub const TOTAL: &'static str = "*";

    /// Of all files. What it was short of stands in `reasons`.
    pub fn total(files: &[Coverage], reasons: Vec<String>) -> Coverage {
        let sum = |of: &dyn Fn(&Coverage) -> u64| files.iter().map(of).sum();
        let (lines, lines_covered) = (sum(&|c| c.lines), sum(&|c| c.lines_covered));
        Coverage {
            file: Self::TOTAL.to_owned(),
            units: sum(&|c| c.units),
            units_covered: sum(&|c| c.units_covered),
            lines,
            lines_covered,
            coverage_percent: percent(lines_covered, lines),
            not_covered: Vec::new(),
            reasons: Some(reasons),
        }
    }

    /// Whether this many percent of the lines are covered. Without lines there is nothing to say so.
    pub fn reaches(&self, percent: f64) -> bool {
        self.lines > 0 && self.lines_covered as f64 * 100.0 >= percent * self.lines as f64
    }
}

/// Cut, so that only all is 100.
pub fn percent(part: u64, all: u64) -> Option<f64> {
    (part * 10_000).checked_div(all).map(|hundredths| hundredths as f64 / 100.0)
}

impl Record for Coverage {
    const TYPE: &'static str = "govctl.tenant.coverage/1";

    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        let range = |[first, last]: &[u64; 2]| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        let missing: Vec<String> = self.not_covered.iter().map(range).collect();
        Some(vec![
            ("FILE", self.file.clone()),
            ("UNITS", format!("{}/{}", self.units_covered, self.units)),
            ("LINES", format!("{}/{}", self.lines_covered, self.lines)),
            ("COVERAGE", self.coverage_percent.map(|p| format!("{p}%")).unwrap_or_default()),
            ("NOT COVERED", missing.join(", ")),
        ])
    }
}
