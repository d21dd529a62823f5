//! Records of mutation: one changed place of a policy, and who noticed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::finding::fingerprint;
use crate::record::{Finding, Record, Severity};

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A test, a point of the domain or a fault of the data tells it from the policy.
    Killed,
    /// It decides something else and no test sees it.
    Survived,
    /// No point of the domain and no fault tells it from the policy: what was changed is redundant.
    Equivalent,
    /// It breaks a rule for policies, so that it could never be loaded.
    Stillborn,
}

/// One changed place of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mutant {
    /// Stable for the same change of the same text.
    pub mutant_id: String,
    pub file: String,
    pub line: u64,
    pub column: u64,
    /// What was done, such as `drop_expression`.
    pub operator: String,
    pub before: String,
    /// Empty where the text was dropped.
    pub after: String,
    pub status: Status,
    /// The name of a test, `point` or `fault`.
    pub killed_by: Option<String>,
    /// An input that is decided otherwise; of one that survived it is the missing test.
    pub witness: Option<Value>,
}

/// How many there are of each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mutants {
    pub total: u64,
    pub killed: u64,
    /// Of those killed: by a fault of the data alone.
    pub killed_by_fault: u64,
    pub survived: u64,
    pub equivalent: u64,
    pub stillborn: u64,
}

impl Mutants {
    pub fn of(mutants: &[Mutant]) -> Mutants {
        let that = |is: &dyn Fn(&Mutant) -> bool| mutants.iter().filter(|mutant| is(mutant)).count() as u64;
        Mutants {
            total: mutants.len() as u64,
            killed: that(&|mutant| mutant.status == Status::Killed),
            killed_by_fault: that(&|mutant| mutant.killed_by.as_deref() == Some("fault")),
            survived: that(&|mutant| mutant.status == Status::Survived),
            equivalent: that(&|mutant| mutant.status == Status::Equivalent),
            stillborn: that(&|mutant| mutant.status == Status::Stillborn),
        }
    }

    /// Whether this many percent of those that could be killed are. Where nothing could be, nothing is missing.
    pub fn reaches(&self, percent: f64) -> bool {
        self.killed as f64 * 100.0 >= percent * (self.killed + self.survived) as f64
    }

    /// For the end record.
    pub fn counts(&self) -> [(String, u64); 4] {
        let named = [
            ("killed", self.killed),
            ("survived", self.survived),
            ("equivalent", self.equivalent),
            ("stillborn", self.stillborn),
        ];
        named.map(|(name, count)| (format!("mutants_{name}"), count))
    }
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Killed => "killed",
            Status::Survived => "survived",
            Status::Equivalent => "equivalent",
            Status::Stillborn => "stillborn",
        }
    }
}

impl Record for Mutant {
    const TYPE: &'static str = "govctl.tenant.mutant/1";

    /// People see those that ask for something to be done.
    fn cells(&self) -> Option<Vec<(&'static str, String)>> {
        matches!(self.status, Status::Survived | Status::Equivalent).then(|| {
            vec![
                ("MUTANT", self.status.as_str().to_owned()),
                ("PLACE", format!("{}:{}:{}", self.file, self.line, self.column)),
                ("OPERATOR", self.operator.clone()),
                ("BEFORE", crate::text::without_middle(&self.before, 60)),
                ("AFTER", crate::text::without_middle(&self.after, 60)),
            ]
        })
    }

    fn finding(&self) -> Option<Finding> {
        let (code, severity, what) = match self.status {
            Status::Survived => ("mutant_survived", Severity::Error, "and no test sees it"),
            Status::Equivalent => ("redundant_code", Severity::Note, "and no input could tell: it says nothing"),
            Status::Killed | Status::Stillborn => return None,
        };
        let [before, after] = [&self.before, &self.after].map(|text| crate::text::without_middle(text, 60));
        let message = match self.after.is_empty() {
            true => format!("`{before}` can be dropped, {what}"),
            false => format!("`{before}` can be `{after}`, {what}"),
        };
        let mut finding = Finding::new("tenant", code, severity, &self.operator, message);
        finding.fingerprint = fingerprint(&["tenant", code, &self.mutant_id]);
        finding.file = Some(self.file.clone());
        finding.line = Some(self.line);
        finding.column = Some(self.column);
        finding.hint = self.witness.as_ref().map(|input| format!("test what is decided for {input}"));
        Some(finding)
    }
}
