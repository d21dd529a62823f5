//! The records of a proof, from what was swept.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::counterexample::{Shown, whole};
use super::pairs::Pairs;
use super::sweep::Swept;
use super::{Answer, Certificate, Plan, Question};
use crate::record::tenant::{Checked, Counterexample, Isolation, Mutant, Mutants, Proof, Symmetry, Verdict};
use crate::tenant::faults::{self, Fault};
use crate::tenant::field::Field;
use crate::tenant::oracle::Oracle;
use crate::tenants::data::Rules;
use crate::text::sha256_hex;

/// The invariants and what they say; `oracle` is checked of the policy that govctl ships.
const MEANINGS: [(&str, &str); 11] = [
    ("oracle", "every code is that of the table of codes"),
    ("I1", "only a tenant's own resources are allowed"),
    ("I2", "only in the tenant's home region and what lies in it"),
    ("I3", "only to who is authenticated"),
    ("I4", "only a known class up to the tenant's ceiling for the kind"),
    ("I5", "only a label that the tenant holds"),
    ("I6", "allowed exactly when there is no deny code"),
    ("I7", "a missing or mistyped field gives MALFORMED and no allow"),
    ("I8", "every deny code occurs, and occurs alone"),
    ("I9", "every tenant with labels and classes is allowed something"),
    ("I10", "there is always a decision"),
];

/// What was evaluated.
pub struct Found {
    pub swept: Swept,
    /// None where every tenant stands for itself.
    pub pairs: Option<Pairs>,
    /// None where the stage was left out.
    pub damaged: Option<faults::Outcome>,
}

pub struct Outcome<'a> {
    pub question: &'a Question,
    pub plan: &'a Plan,
    pub oracle: &'a Oracle,
    pub json: &'a [u8],
    /// None where nothing was.
    pub found: Option<Found>,
}

/// The counterexamples, and how often each invariant was looked at.
pub type Judged = (Vec<Counterexample>, Vec<Checked>);

impl Outcome<'_> {
    pub fn answer(self, (counterexamples, checked): Judged, mutants: Option<Vec<Mutant>>) -> Answer {
        let verdict = match () {
            () if self.found.is_none() => Verdict::Unproved,
            () if counterexamples.is_empty() => Verdict::Proved,
            () => Verdict::Refuted,
        };
        let proof = self.proof(verdict, checked, mutants.as_deref().map(Mutants::of));
        Answer {
            findings: self.plan.findings.clone(),
            isolation: self.found.as_ref().map_or_else(Vec::new, |found| self.isolation(found, &proof)),
            certificate: self.certificate(&proof),
            unevaluated: self.found.is_none() && self.plan.findings.is_empty(),
            counterexamples,
            mutants: mutants.unwrap_or_default(),
            proof,
        }
    }

    pub fn judge(&self) -> Judged {
        let Some(found) = &self.found else { return (Vec::new(), Vec::new()) };
        let swept = &found.swept;
        let (mut broken, mut checked) = (Vec::new(), Vec::new());
        for (id, (name, meaning)) in MEANINGS.iter().enumerate() {
            let of = swept.tally.invariants[id];
            let (looked, violations) = match id {
                8 => self.silent_codes(swept),
                9 => self.denied_tenants(swept),
                0 if !self.question.shipped => continue,
                _ => {
                    let at = of.smallest.map(|(distance, point)| self.at_point(name, meaning, distance, point));
                    (of.checked, at.into_iter().collect())
                }
            };
            let violated = if matches!(id, 8 | 9) { violations.len() as u64 } else { of.violated };
            checked.push(Checked { id: (*name).to_owned(), checked: looked, violated });
            broken.extend(violations);
        }
        let more =
            [found.pairs.as_ref().map(|pairs| self.pairs(pairs)), found.damaged.as_ref().map(|d| self.damaged(d))];
        for (of, shown) in more.into_iter().flatten() {
            checked.push(of);
            broken.extend(shown);
        }
        (broken, checked)
    }

    fn silent_codes(&self, swept: &Swept) -> (u64, Vec<Counterexample>) {
        let codes = self.plan.uses.codes.iter().zip(&swept.tally.fired);
        let silent = codes.filter(|(_, (fired, alone))| !(*fired && *alone)).map(|(code, (fired, _))| {
            let meaning = if *fired { format!("{code} never occurs alone") } else { format!("{code} never occurs") };
            whole("I8", meaning, None)
        });
        (self.plan.uses.codes.len() as u64, silent.collect())
    }

    fn denied_tenants(&self, swept: &Swept) -> (u64, Vec<Counterexample>) {
        let mut looked = 0;
        let mut broken = Vec::new();
        for (id, item) in self.tenants() {
            let rules = &self.question.data.tenants[id];
            if rules.labels.is_empty() || rules.data_classes.is_empty() {
                continue;
            }
            looked += 1;
            if swept.tally.tenants[item].allows == 0 {
                broken.push(whole("I9", format!("{id} is allowed nothing at all"), Some(id.to_owned())));
            }
        }
        (looked, broken)
    }

    /// The tenants that were looked at, with their place in the dimension.
    fn tenants(&self) -> impl Iterator<Item = (&str, usize)> {
        let items = self.plan.domain.dimension(Field::Tenant).iter().enumerate();
        items
            .filter_map(|(at, item)| Some((item.json.as_ref()?.as_str()?, at)))
            .filter(|(id, _)| self.question.data.tenants.contains_key(*id))
    }

    fn at_point(&self, name: &str, meaning: &str, distance: usize, point: u64) -> Counterexample {
        self.shown(name, meaning, self.plan.domain.document(&self.plan.domain.digits(point)), distance, None)
    }

    fn shown(
        &self,
        invariant: &str,
        meaning: &str,
        document: Json,
        distance: usize,
        fault: Option<&Fault>,
    ) -> Counterexample {
        let shown = Shown { invariant, meaning, document, distance, fault };
        shown.counterexample(self.question, &self.plan.uses.codes, self.oracle)
    }

    fn pairs(&self, pairs: &Pairs) -> (Checked, Option<Counterexample>) {
        let checked = Checked { id: "pairs".to_owned(), checked: pairs.tried, violated: pairs.allowed };
        let meaning = "no tenant is allowed what another of equal data would not be";
        (checked, pairs.first.clone().map(|document| self.shown("pairs", meaning, document, 1, None)))
    }

    fn damaged(&self, damaged: &faults::Outcome) -> (Checked, Option<Counterexample>) {
        let checked = Checked { id: "faults".to_owned(), checked: damaged.points, violated: damaged.allows };
        let shown = damaged.widened.as_ref().map(|widened| {
            let document = self.plan.damageable.document(&widened.digits);
            let meaning = "damaged data take access away and never grant it";
            self.shown("faults", meaning, document, 1, Some(&widened.fault))
        });
        (checked, shown)
    }

    fn proof(&self, verdict: Verdict, invariants: Vec<Checked>, mutants: Option<Mutants>) -> Proof {
        let tally = self.found.as_ref().map(|found| &found.swept.tally);
        let damaged = self.found.as_ref().and_then(|found| found.damaged.as_ref());
        let guards = self.plan.uses.guards;
        let asymmetric = self.plan.uses.asymmetric.iter();
        let reasons = asymmetric.map(|r| format!("{}:{}:{}: {}", r.file, r.line, r.column, r.message)).collect();
        Proof {
            verdict,
            reasons: self.plan.reasons.clone(),
            mode: self.plan.mode,
            malformed: self.plan.domain.extent(),
            points: tally.map_or(0, |tally| tally.points),
            allows: tally.map_or(0, |tally| tally.allows),
            cross_tenant_allows: tally.map_or(0, |tally| tally.cross_allows),
            invariants,
            by_syntax: [("I1", guards.same_tenant), ("I7", guards.well_formed)]
                .into_iter()
                .filter(|(_, shown)| *shown)
                .map(|(id, _)| id.to_owned())
                .collect(),
            symmetry: Symmetry { sound: self.plan.uses.asymmetric.is_empty(), reasons },
            faults: damaged.map(|damaged| damaged.faults),
            fault_points: damaged.map(|damaged| damaged.points),
            fault_allows: damaged.map(|damaged| damaged.allows),
            mutants,
            engine: crate::policy::ENGINE.to_owned(),
            policy_sha256: self.question.sources.policy_sha256(),
            data_sha256: sha256_hex(self.json),
            domain_sha256: sha256_hex(self.plan.domain.describe().to_string().as_bytes()),
            vector_sha256: self.found.as_ref().map(|found| found.swept.vector_sha256.clone()),
        }
    }

    fn certificate(&self, proof: &Proof) -> Certificate {
        Certificate {
            schema: "govctl.tenant.certificate/1".to_owned(),
            verdict: proof.verdict.as_str().to_owned(),
            policy_sha256: proof.policy_sha256.clone(),
            data_sha256: proof.data_sha256.clone(),
            domain_sha256: proof.domain_sha256.clone(),
            domain: self.plan.domain.describe(),
            mode: proof.mode,
            malformed: proof.malformed,
            further: self.question.further.clone(),
            symmetry: proof.symmetry.clone(),
            points: proof.points,
            allows: proof.allows,
            cross_tenant_allows: proof.cross_tenant_allows,
            faults: proof.faults,
            fault_points: proof.fault_points,
            fault_allows: proof.fault_allows,
            codes: self.plan.uses.codes.clone(),
            vector_sha256: proof.vector_sha256.clone(),
            engine: proof.engine.clone(),
        }
    }

    fn isolation(&self, found: &Found, proof: &Proof) -> Vec<Isolation> {
        let places: BTreeMap<&str, usize> = self.tenants().collect();
        let one = |(id, rules): (&String, &Rules)| {
            let looked_at = self.plan.stands_for.get(id).unwrap_or(id);
            let tally = found.swept.tally.tenants.get(*places.get(looked_at.as_str())?)?;
            let witness = tally.witness.map(|point| self.plan.domain.document(&self.plan.domain.digits(point)));
            let counts = self.plan.uses.codes.iter().cloned().zip(tally.denies.iter().copied());
            Some(Isolation {
                tenant: id.clone(),
                region: rules.region.clone(),
                labels: rules.labels.clone(),
                data_classes: rules.data_classes.clone(),
                signature: sha256_hex(serde_json::to_string(rules).ok()?.as_bytes()),
                represented_by: (looked_at != id).then(|| looked_at.clone()),
                points: tally.points,
                allow_points: tally.allows,
                witness,
                deny_counts: counts.collect(),
                pairs: self.plan.domain.dimension(Field::Owner).len() as u64 - 1,
                cross_allows: tally.cross_allows,
                policy_sha256: proof.policy_sha256.clone(),
                data_sha256: proof.data_sha256.clone(),
            })
        };
        self.question.data.tenants.iter().filter_map(one).collect()
    }
}
