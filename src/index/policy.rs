//! Trust policies (c2sp.org/tlog-policy): which logs and witnesses are known, and how many must have cosigned.

use std::fmt;

use super::checkpoint::Signed;
use super::vkey::{Key, Valid};
use super::{Code, Wrong};

mod parse;
#[cfg(test)]
mod tests;

/// What names a witness or a group in a policy, or is a URL there: bytes that stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Vec<u8>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub key: Key,
    pub url: Option<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    pub name: Word,
    pub key: Key,
    pub url: Option<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: Word,
    pub threshold: usize,
    pub members: Vec<Member>,
}

/// By its place in `witnesses` or `groups`. The groups of a group stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    Witness(usize),
    Group(usize),
}

/// A policy that was read. A group has only members that stand before it, and nothing is a member twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// None where no cosignature is asked for.
    quorum: Option<Member>,
}

/// When each witness of the policy cosigned a checkpoint, in seconds since 1970; in the order of the policy.
///
/// A witness may have cosigned more than once, at different times. All of its statements are true at once, so it had
/// cosigned by the first and still saw this tree as the largest at the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned(Vec<Option<(u64, u64)>>);

impl Word {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl Policy {
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub fn quorum(&self) -> Option<Member> {
        self.quorum
    }

    /// Reads a checkpoint that must be signed by one of the logs. Where a witness of the policy is named there and did
    /// not cosign it, it is refused too; whether enough of them did is another question.
    pub fn open(&self, checkpoint: &[u8]) -> Result<(Signed, Cosigned), Wrong> {
        let signed = Signed::parse(checkpoint)?;
        signed.verify(&self.logs.iter().map(|log| &log.key).collect::<Vec<_>>())?;
        let cosigned = self.cosigned(&signed)?;
        Ok((signed, cosigned))
    }

    /// The same, and enough witnesses must have cosigned it.
    pub fn accept(&self, checkpoint: &[u8]) -> Result<(Signed, Cosigned), Wrong> {
        let (signed, cosigned) = self.open(checkpoint)?;
        if !self.is_met(&cosigned) {
            return Err(Wrong::new(Code::QuorumUnmet, self.unmet(&cosigned)));
        }
        Ok((signed, cosigned))
    }

    /// Who cosigned. The signature of the log is not looked at.
    pub fn cosigned(&self, signed: &Signed) -> Result<Cosigned, Wrong> {
        let keys: Vec<_> = self.witnesses.iter().map(|witness| &witness.key).collect();
        let mut times: Vec<Option<(u64, u64)>> = vec![None; keys.len()];
        for verified in signed.note.by(&keys)? {
            let (Valid::Cosigned(time), Some(slot)) = (verified.valid, times.get_mut(verified.key)) else { continue };
            let (first, last) = slot.unwrap_or((time, time));
            *slot = Some((first.min(time), last.max(time)));
        }
        Ok(Cosigned(times))
    }

    /// Whether the witnesses that cosigned make the quorum.
    pub fn is_met(&self, cosigned: &Cosigned) -> bool {
        match self.quorum {
            None => true,
            Some(quorum) => {
                self.time(quorum, |witness| cosigned.first(witness), |times| times.sort_unstable()).is_some()
            }
        }
    }

    /// The earliest instant by which the quorum had cosigned: what was cosigned existed before it.
    ///
    /// It is the earliest `t` for which the witnesses with a cosignature at or before `t` make the quorum. For a
    /// witness that is its own first time, for a group of threshold k the k-th smallest instant of its members. Unless
    /// bad witnesses make the quorum all by themselves, it is never before the first honest time.
    ///
    /// None where the quorum is not met, or where none is asked for: then nobody else says when.
    pub fn earliest(&self, cosigned: &Cosigned) -> Option<u64> {
        self.time(self.quorum?, |witness| cosigned.first(witness), |times| times.sort_unstable())
    }

    /// The latest instant at which the quorum cosigned: what came after the checkpoint in the log came after it.
    ///
    /// It is the latest `t` for which the witnesses with a cosignature at or after `t` make the quorum: they say that
    /// at `t` they had seen nothing larger. For a witness that is its own last time, for a group of threshold k the
    /// k-th largest instant of its members. Unless bad witnesses make the quorum all by themselves, it is never after
    /// the last honest time. None as for `earliest`.
    pub fn latest(&self, cosigned: &Cosigned) -> Option<u64> {
        let backwards = |times: &mut Vec<u64>| times.sort_unstable_by(|a, b| b.cmp(a));
        self.time(self.quorum?, |witness| cosigned.last(witness), backwards)
    }

    /// The instant of one member, where `sort` puts first what counts first.
    fn time(&self, of: Member, witness: impl Fn(usize) -> Option<u64>, sort: impl Fn(&mut Vec<u64>)) -> Option<u64> {
        let mut groups: Vec<Option<u64>> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let time = |member: &Member| match member {
                Member::Witness(at) => witness(*at),
                Member::Group(at) => groups.get(*at).copied().flatten(),
            };
            let mut times: Vec<u64> = group.members.iter().filter_map(time).collect();
            sort(&mut times);
            groups.push(times.get(group.threshold - 1).copied());
        }
        match of {
            Member::Witness(at) => witness(at),
            Member::Group(at) => groups.get(at).copied().flatten(),
        }
    }

    /// Who is missing, in words.
    pub(super) fn unmet(&self, cosigned: &Cosigned) -> String {
        let names = |who: fn(Option<(u64, u64)>) -> bool| {
            let all = self.witnesses.iter().zip(&cosigned.0).filter(|(_, times)| who(**times));
            let names: Vec<_> = all.map(|(witness, _)| format!("`{}`", witness.name)).collect();
            if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
        };
        let quorum = match self.quorum {
            Some(member) => self.name(member).to_string(),
            None => parse::NONE.to_owned(),
        };
        let (with, without) = (names(|times| times.is_some()), names(|times| times.is_none()));
        format!("the quorum `{quorum}` is not met: cosigned by {with}, not by {without}")
    }

    fn name(&self, member: Member) -> &Word {
        match member {
            Member::Witness(at) => &self.witnesses[at].name,
            Member::Group(at) => &self.groups[at].name,
        }
    }
}

impl Cosigned {
    /// By its place in the policy.
    pub fn first(&self, witness: usize) -> Option<u64> {
        Some(self.0.get(witness).copied()??.0)
    }

    pub fn last(&self, witness: usize) -> Option<u64> {
        Some(self.0.get(witness).copied()??.1)
    }

    /// How many witnesses cosigned.
    pub fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }
}
