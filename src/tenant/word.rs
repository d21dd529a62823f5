//! A decision in 64 bits: bit 0 is allow, bit i the i-th deny code of the policy.

use crate::policy::Value;
use crate::record::tenant::decision::{Answer, DenyCode};

/// Of a point at which nothing was decided, or something that the policy does not name.
pub const UNDECIDED: u64 = u64::MAX;
/// More codes have no place beside it.
pub const MOST_CODES: usize = 62;

pub fn word(value: &Value, codes: &[String]) -> u64 {
    let Ok(decision) = crate::policy::decision(value) else { return UNDECIDED };
    decision.deny.iter().fold(u64::from(decision.allow), |word, code| {
        match codes.iter().position(|known| **known == **code) {
            Some(at) => word | 2 << at,
            None => UNDECIDED,
        }
    })
}

/// None where nothing was decided.
pub fn answer(word: u64, codes: &[String]) -> Option<Answer> {
    let fired = (0..codes.len()).filter(|at| word >> (at + 1) & 1 == 1);
    let mut deny: Vec<DenyCode> = fired.map(|at| DenyCode { code: codes[at].clone() }).collect();
    deny.sort_by(|a, b| a.code.cmp(&b.code));
    (word != UNDECIDED).then_some(Answer { allow: word & 1 == 1, deny })
}
