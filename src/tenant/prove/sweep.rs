//! Every point of the domain, decided by the policy and held against the oracle.

use sha2::{Digest, Sha256};

use super::tally::Tally;
use crate::policy::{Evaluator, Interpreter, Limits, Policy, Sources};
use crate::tenant::decide::engine_value;
use crate::tenant::domain::{Digits, Domain};
use crate::tenant::oracle::{Denies, Deny, Oracle};
use crate::tenant::parallel::in_order;
use crate::tenant::second::looks_at;
use crate::tenant::word::{UNDECIDED, word};
use crate::tenants::data::Data;

/// Points that a thread takes at once.
const CHUNK: u64 = 8192;

pub struct Sweep<'a> {
    pub sources: &'a Sources,
    pub data: &'a Data,
    pub oracle: &'a Oracle,
    pub domain: &'a Domain,
    /// Bit i of a word, from 1, is the i-th of them; bit 0 is allow.
    pub codes: &'a [String],
    pub jobs: usize,
    /// All codes must be those of the oracle.
    pub shipped: bool,
}

/// What was seen at some points, and their words.
type Chunk = (Tally, Vec<u64>);

pub struct Swept {
    pub tally: Tally,
    /// Over the words of all points in their order, as little-endian u64.
    pub vector_sha256: String,
}

impl Sweep<'_> {
    /// An error is a disagreement of the engines, or data that the policy cannot be loaded with.
    pub fn run(&self, intended: &[Digits], tell: &mut dyn FnMut(u64, u64)) -> Result<Swept, String> {
        let (points, mut done) = (self.domain.points(), 0);
        let (mut tally, mut hash) = (Tally::new(self.domain, self.codes), Sha256::new());
        let chunk = |own: &mut Own, chunk: u64| {
            let start = chunk * CHUNK;
            self.chunk(start..(start + CHUNK).min(points), intended, own)
        };
        let take = |(of_chunk, words): Chunk| {
            done += words.len() as u64;
            tally.add(of_chunk);
            words.iter().for_each(|word| hash.update(word.to_le_bytes()));
            tell(done, points);
        };
        in_order(self.jobs, points.div_ceil(CHUNK), || Own::new(self), chunk, take)?;
        Ok(Swept { tally, vector_sha256: data_encoding::HEXLOWER.encode(&hash.finalize()) })
    }

    fn chunk(&self, points: std::ops::Range<u64>, intended: &[Digits], own: &mut Own) -> Result<Chunk, String> {
        let mut tally = Tally::new(self.domain, self.codes);
        let mut words = Vec::with_capacity(CHUNK as usize);
        for point in points {
            let digits = self.domain.digits(point);
            let input = own.domain.input(&digits);
            let decided = own.machine.evaluate(input.clone());
            let word = decided.as_ref().map_or(UNDECIDED, |value| word(value, self.codes));
            let denies = self.oracle.decide(&self.domain.request(&digits));
            if looks_at(point, word & 1 == 1, !denies.contains(Deny::Malformed), self.data.tenants.len()) {
                let other = own.interpreter.evaluate(input);
                if other.as_ref().ok() != decided.as_ref().ok() {
                    let input = self.domain.document(&digits);
                    return Err(format!("the engines disagree on the input {input}"));
                }
            }
            let expected = self.shipped.then(|| self.expected(denies));
            tally.point(point, &digits, word, denies, expected, intended);
            words.push(word);
        }
        Ok((tally, words))
    }
}

/// What a thread shares with no other: threads that share values wait for each other at every count of references.
struct Own {
    domain: Domain,
    machine: Evaluator,
    interpreter: Interpreter,
}

impl Own {
    fn new(sweep: &Sweep) -> Result<Own, String> {
        let policy = Policy::compile(sweep.sources).map_err(|fault| fault.message)?;
        let data = engine_value(sweep.data);
        Ok(Own {
            domain: sweep.domain.apart(),
            machine: policy.evaluator(&data, Limits::default())?,
            interpreter: policy.interpreter(&data, Limits::default())?,
        })
    }
}

impl Sweep<'_> {
    /// The word of the oracle's answer.
    fn expected(&self, denies: Denies) -> u64 {
        let bit = |deny: Deny| self.codes.iter().position(|code| code == deny.as_str()).map_or(UNDECIDED, |at| 2 << at);
        denies.iter().fold(u64::from(denies.is_empty()), |word, deny| word | bit(deny))
    }
}
