//! The records of a proof, from what was swept.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::sweep::{Swept, UNDECIDED, word};
use super::{Answer, Certificate, Mode, Plan, Question};
use crate::policy::{Limits, Policy, Value};
use crate::record::tenant::decision::{self, DenyCode};
use crate::record::tenant::{Checked, Counterexample, Isolation, Proof, Symmetry, Verdict};
use crate::tenant::decide::engine_value;
use crate::tenant::domain::Item;
use crate::tenant::field::Field;
use crate::tenant::oracle::{Oracle, Request};
use crate::tenants::data::Rules;

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

pub struct Outcome<'a> {
    pub question: &'a Question,
    pub plan: &'a Plan,
    pub oracle: &'a Oracle,
    pub json: &'a [u8],
    pub swept: Option<Swept>,
}

impl Outcome<'_> {
    pub fn answer(self) -> Answer {
        let (broken, checked) = self.invariants();
        let counterexamples: Vec<Counterexample> = broken;
        let verdict = match () {
            () if self.swept.is_none() => Verdict::Unproved,
            () if counterexamples.is_empty() => Verdict::Proved,
            () => Verdict::Refuted,
        };
        let proof = self.proof(verdict, checked);
        Answer {
            findings: self.plan.findings.clone(),
            isolation: if self.swept.is_some() { self.isolation(&proof) } else { Vec::new() },
            certificate: self.certificate(&proof),
            unevaluated: self.swept.is_none() && self.plan.findings.is_empty(),
            counterexamples,
            proof,
        }
    }

    fn invariants(&self) -> (Vec<Counterexample>, Vec<Checked>) {
        let Some(swept) = &self.swept else { return (Vec::new(), Vec::new()) };
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
        let digits = self.plan.domain.digits(point);
        let document = self.plan.domain.document(&digits);
        let id = |field: Field| {
            let item: &Item = &self.plan.domain.dimension(field)[digits[field as usize]];
            item.json.as_ref().and_then(|json| json.as_str()).map(str::to_owned)
        };
        let intended = self.oracle.decide(&self.plan.domain.request(&digits)).is_empty();
        Counterexample {
            invariant: name.to_owned(),
            meaning: meaning.to_owned(),
            tenant: id(Field::Tenant).filter(|id| self.question.data.tenants.contains_key(id)),
            resource_tenant: id(Field::Owner).filter(|id| self.question.data.tenants.contains_key(id)),
            decision: self.decide(self.plan.domain.input(&digits)),
            distance: Some(distance as u64),
            rego_test: Some(self.rego_test(name, &document, intended)),
            input: Some(document),
        }
    }

    fn decide(&self, input: Value) -> Option<decision::Answer> {
        let policy = Policy::compile(&self.question.sources).ok()?;
        let data = engine_value(&self.question.data);
        let value = policy.evaluator(&data, Limits::default()).ok()?.evaluate(input).ok()?;
        let word = word(&value, &self.plan.uses.codes);
        (word != UNDECIDED).then(|| answer_of(word, &self.plan.uses.codes))
    }

    /// A case for the policy's `_test.rego`, over the data that the policy reads. It fails until the policy is mended.
    fn rego_test(&self, name: &str, input: &serde_json::Value, intended: bool) -> String {
        let data = &self.question.data;
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        let expectation = match name {
            "I6" => "count(data.switchboard.deny) == 0".to_owned(),
            "I7" => "data.switchboard.decision == {\"allow\": false, \"deny\": {{\"code\": \"MALFORMED\"}}}".to_owned(),
            "I10" => "is_boolean(data.switchboard.decision.allow)".to_owned(),
            "oracle" => format!("data.switchboard.decision == {}", self.table(input)),
            _ if intended => "data.switchboard.allow".to_owned(),
            _ => "not data.switchboard.allow".to_owned(),
        };
        format!(
            "test_{} if {{\n\t{expectation} with input as {input}\n\t\twith data.tenants as {}\n\t\twith data.classifications as {}\n\t\twith data.regions as {}\n}}\n",
            name.to_lowercase(),
            json(serde_json::to_string(&data.tenants)),
            json(serde_json::to_string(&data.classifications)),
            json(serde_json::to_string(&data.regions)),
        )
    }

    /// What the table of codes says, in Rego.
    fn table(&self, input: &serde_json::Value) -> String {
        let denies = self.oracle.decide(&Request::from_json(input));
        let codes: Vec<String> = denies.iter().map(|deny| format!("{{\"code\": \"{}\"}}", deny.as_str())).collect();
        let set = if codes.is_empty() { "set()".to_owned() } else { format!("{{{}}}", codes.join(", ")) };
        format!("{{\"allow\": {}, \"deny\": {set}}}", denies.is_empty())
    }

    fn proof(&self, verdict: Verdict, invariants: Vec<Checked>) -> Proof {
        let tally = self.swept.as_ref().map(|swept| &swept.tally);
        let asymmetric = self.plan.uses.asymmetric.iter();
        let reasons = asymmetric.map(|r| format!("{}:{}:{}: {}", r.file, r.line, r.column, r.message)).collect();
        Proof {
            verdict,
            reasons: self.plan.reasons.clone(),
            mode: if self.plan.mode == Mode::Classes { "classes" } else { "full" }.to_owned(),
            points: tally.map_or(0, |tally| tally.points),
            allows: tally.map_or(0, |tally| tally.allows),
            cross_tenant_allows: tally.map_or(0, |tally| tally.cross_allows),
            invariants,
            symmetry: Symmetry { sound: self.plan.uses.asymmetric.is_empty(), reasons },
            engine: crate::policy::ENGINE.to_owned(),
            policy_sha256: self.question.sources.policy_sha256(),
            data_sha256: hex(self.json),
            domain_sha256: hex(self.plan.domain.describe().to_string().as_bytes()),
            vector_sha256: self.swept.as_ref().map(|swept| swept.vector_sha256.clone()),
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
            mode: proof.mode.clone(),
            symmetry: proof.symmetry.clone(),
            points: proof.points,
            allows: proof.allows,
            cross_tenant_allows: proof.cross_tenant_allows,
            codes: self.plan.uses.codes.clone(),
            vector_sha256: proof.vector_sha256.clone(),
            engine: proof.engine.clone(),
        }
    }

    fn isolation(&self, proof: &Proof) -> Vec<Isolation> {
        let places: BTreeMap<&str, usize> = self.tenants().collect();
        let one = |(id, rules): (&String, &Rules)| {
            let looked_at = self.plan.stands_for.get(id).unwrap_or(id);
            let tally = self.swept.as_ref()?.tally.tenants.get(*places.get(looked_at.as_str())?)?;
            let witness = tally.witness.map(|point| self.plan.domain.document(&self.plan.domain.digits(point)));
            let counts = self.plan.uses.codes.iter().cloned().zip(tally.denies.iter().copied());
            Some(Isolation {
                tenant: id.clone(),
                region: rules.region.clone(),
                labels: rules.labels.clone(),
                data_classes: rules.data_classes.clone(),
                signature: hex(serde_json::to_string(rules).ok()?.as_bytes()),
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

/// An invariant that no single input breaks.
fn whole(name: &str, meaning: String, tenant: Option<String>) -> Counterexample {
    Counterexample {
        invariant: name.to_owned(),
        meaning,
        tenant,
        resource_tenant: None,
        input: None,
        decision: None,
        distance: None,
        rego_test: None,
    }
}

fn answer_of(word: u64, codes: &[String]) -> decision::Answer {
    let mut deny: Vec<DenyCode> = (0..codes.len())
        .filter(|at| word >> (at + 1) & 1 == 1)
        .map(|at| DenyCode { code: codes[at].clone() })
        .collect();
    deny.sort_by(|a, b| a.code.cmp(&b.code));
    decision::Answer { allow: word & 1 == 1, deny }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
