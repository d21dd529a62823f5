//! Ordered pairs of real tenants, tried one by one where representatives stand for them. That no pair is allowed follows
//! from the lemma that tenants of equal data are treated alike; this tries it.

use serde_json::{Value as Json, json};

use super::Question;
use crate::policy::{Limits, Policy, Value};
use crate::tenant::decide::engine_value;
use crate::tenant::domain::Domain;
use crate::tenant::parallel::in_parallel;
use crate::tenants::data::{Data, Rules};

/// More pairs than this are not tried, but so many of them, evenly spread.
const MOST: u64 = 100_000;
/// Pairs that a thread takes at once.
const CHUNK: u64 = 1000;

#[derive(Debug, Default)]
pub struct Pairs {
    pub tried: u64,
    pub allowed: u64,
    /// The first that is allowed.
    pub first: Option<Json>,
}

/// Asks with everything that the one tenant is allowed for a resource of the other, and with one combination of the fields
/// beside the seven.
pub fn pairs(question: &Question, domain: &Domain, combination: usize) -> Result<Pairs, String> {
    let tenants: Vec<(&String, &Rules)> = question.data.tenants.iter().collect();
    let n = tenants.len() as u64;
    let all = n.saturating_mul(n.saturating_sub(1));
    let step = all.div_ceil(MOST).max(1);
    let tried = all.div_ceil(step);
    let document = |at: u64| {
        let pair = at * step;
        let (asking, other) = (pair / (n - 1), pair % (n - 1));
        // Skipping itself.
        let other = other + u64::from(other >= asking);
        let (id, rules) = tenants[asking as usize];
        let mut request = request(&question.data, id, rules, tenants[other as usize].0);
        domain.add_further(&mut request, combination);
        request
    };
    let own = || {
        let policy = Policy::compile(&question.sources).map_err(|fault| fault.message)?;
        policy.evaluator(&engine_value(&question.data), Limits::default())
    };
    let chunks = in_parallel(question.jobs, tried.div_ceil(CHUNK) as usize, own, |machine, chunk| {
        let first = chunk as u64 * CHUNK;
        let allowed = (first..(first + CHUNK).min(tried)).filter(|at| {
            let decided = machine.decide(Value::from(document(*at)));
            decided.is_ok_and(|decision| decision.allow)
        });
        Ok(allowed.collect::<Vec<_>>())
    })?;
    let allowed: Vec<u64> = chunks.into_iter().flatten().collect();
    Ok(Pairs { tried, allowed: allowed.len() as u64, first: allowed.first().map(|at| document(*at)) })
}

/// What the tenant is allowed of its own, asked of another's.
fn request(data: &Data, id: &str, rules: &Rules, owner: &str) -> Json {
    let (kind, ceiling) = rules.data_classes.iter().next().map_or(("none", 0), |(kind, rank)| (kind, *rank));
    let class = data.classifications.iter().find(|(_, rank)| **rank == ceiling).map_or("none", |(class, _)| class);
    let label = rules.labels.first().map_or("none", String::as_str);
    json!({
        "subject": {"authenticated": true},
        "tenant": {"id": id},
        "resource": {"tenant": owner, "kind": kind, "classification": class, "label": label},
        "context": {"region": rules.region},
    })
}
