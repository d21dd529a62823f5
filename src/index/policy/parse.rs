//! The text of a policy: one definition a line, names before they are used.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Log, Member, Policy, Witness, Word};
use crate::index::Wrong;
use crate::index::lines::decimal;
use crate::index::vkey::{COSIGNATURE, ED25519, Key};

/// What a quorum may say instead of a name, and nothing may be named.
pub(super) const NONE: &str = "none";
/// A longer policy is not read.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A policy in the making.
#[derive(Default)]
struct Draft {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// Some once there was a quorum line.
    quorum: Option<Option<Member>>,
    names: BTreeMap<Vec<u8>, Member>,
    /// Who is a member of some group: nobody can be twice, or would count twice.
    members: BTreeSet<Member>,
}

impl Policy {
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        if bytes.len() > MAX_BYTES {
            return Err(Wrong::malformed(format!("the policy has more than {MAX_BYTES} bytes")));
        }
        let Some(text) = bytes.strip_suffix(b"\n") else {
            return Err(Wrong::malformed("the policy does not end with a newline"));
        };
        let mut draft = Draft::default();
        for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
            draft.line(line).map_err(|e| e.line(number))?;
        }
        let Some(quorum) = draft.quorum else {
            return Err(Wrong::malformed("the policy has no `quorum` line; without witnesses it says `quorum none`"));
        };
        let Draft { logs, witnesses, groups, .. } = draft;
        Ok(Policy { logs, witnesses, groups, quorum })
    }

    /// The policy as text, without comments: reading it gives the same policy.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut line = |words: &[&[u8]]| {
            out.extend(words.join(&b' '));
            out.push(b'\n');
        };
        for Log { key, url } in &self.logs {
            let key = key.to_string();
            line(&[&[b"log", key.as_bytes()][..], &url.iter().map(Word::bytes).collect::<Vec<_>>()].concat());
        }
        for Witness { name, key, url } in &self.witnesses {
            let key = key.to_string();
            let words = [b"witness", name.bytes(), key.as_bytes()];
            line(&[&words[..], &url.iter().map(Word::bytes).collect::<Vec<_>>()].concat());
        }
        for Group { name, threshold, members } in &self.groups {
            let threshold = threshold.to_string();
            let words = [b"group", name.bytes(), threshold.as_bytes()];
            let members: Vec<_> = members.iter().map(|member| self.name(*member).bytes()).collect();
            line(&[&words[..], &members].concat());
        }
        line(&[b"quorum", self.quorum.map_or(NONE.as_bytes(), |member| self.name(member).bytes())]);
        out
    }
}

impl Draft {
    fn line(&mut self, line: &[u8]) -> Result<(), Wrong> {
        let control = |b: &u8| (*b < b' ' && *b != b'\t') || *b == 0x7f;
        if let Some(byte) = line.iter().copied().find(control) {
            return Err(Wrong::malformed(format!("the control character {byte:#04x} must not be in a policy")));
        }
        let words: Vec<&[u8]> = line.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => self.group(name, threshold, members),
            [b"quorum", name] => self.set_quorum(name),
            [first, ..] => Err(form(first)),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&&[u8]>) -> Result<(), Wrong> {
        let key = vkey(key)?;
        if key.kind() == COSIGNATURE {
            return Err(Wrong::malformed("the key is that of a witness (type 0x04), not of a log"));
        }
        self.is_new(&key)?;
        self.logs.push(Log { key, url: url.map(word) });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&&[u8]>) -> Result<(), Wrong> {
        let key = vkey(key)?;
        if key.kind() == ED25519 {
            return Err(Wrong::malformed("the key is that of a log (type 0x01), not of a witness"));
        }
        self.is_new(&key)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name: Word(name.to_vec()), key, url: url.map(word) });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], members: &[&[u8]]) -> Result<(), Wrong> {
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            k => std::str::from_utf8(k)
                .ok()
                .and_then(decimal)
                .and_then(|k| usize::try_from(k).ok())
                .filter(|k| (1..=members.len()).contains(k))
                .ok_or_else(|| {
                    let range = format!("`any`, `all` or a number from 1 to {}", members.len());
                    Wrong::malformed(format!("the threshold {} is not {range}", shown(k)))
                })?,
        };
        let members = members.iter().map(|member| self.member(member)).collect::<Result<_, _>>()?;
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { name: Word(name.to_vec()), threshold, members });
        Ok(())
    }

    fn member(&mut self, name: &[u8]) -> Result<Member, Wrong> {
        if name == NONE.as_bytes() {
            return Err(Wrong::malformed("`none` cannot be the member of a group"));
        }
        let member = self.named(name)?;
        if !self.members.insert(member) {
            return Err(Wrong::malformed(format!("{} is a member of a group already", shown(name))));
        }
        Ok(member)
    }

    fn set_quorum(&mut self, name: &[u8]) -> Result<(), Wrong> {
        if self.quorum.is_some() {
            return Err(Wrong::malformed("there is a second quorum"));
        }
        let none = name == NONE.as_bytes();
        self.quorum = Some(if none { None } else { Some(self.named(name)?) });
        Ok(())
    }

    fn named(&self, name: &[u8]) -> Result<Member, Wrong> {
        let undefined = || Wrong::malformed(format!("{} is not defined on a line before this one", shown(name)));
        self.names.get(name).copied().ok_or_else(undefined)
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<(), Wrong> {
        if name == NONE.as_bytes() {
            return Err(Wrong::malformed("`none` has its meaning and cannot be defined"));
        }
        if self.names.insert(name.to_vec(), member).is_some() {
            return Err(Wrong::malformed(format!("{} is defined twice", shown(name))));
        }
        Ok(())
    }

    /// One key stands for one log or one witness, whatever it is called. A log that is its own witness is no witness.
    fn is_new(&self, key: &Key) -> Result<(), Wrong> {
        let logs = self.logs.iter().map(|log| &log.key);
        let mut keys = logs.chain(self.witnesses.iter().map(|witness| &witness.key));
        match keys.find(|known| known.bytes() == key.bytes()) {
            None => Ok(()),
            Some(known) => Err(Wrong::malformed(format!("the key is that of `{}` already", known.name()))),
        }
    }
}

fn vkey(text: &[u8]) -> Result<Key, Wrong> {
    let text = std::str::from_utf8(text).map_err(|_| Wrong::malformed("the key is not UTF-8"))?;
    Key::parse(text)
}

fn word(bytes: &&[u8]) -> Word {
    Word(bytes.to_vec())
}

fn shown(name: &[u8]) -> String {
    format!("`{}`", String::from_utf8_lossy(name).escape_debug())
}

fn form(first: &[u8]) -> Wrong {
    Wrong::malformed(match first {
        b"log" => "a log is written `log KEY [URL]`".to_owned(),
        b"witness" => "a witness is written `witness NAME KEY [URL]`".to_owned(),
        b"group" => "a group is written `group NAME any|all|K MEMBER...`".to_owned(),
        b"quorum" => "a quorum is written `quorum NAME` or `quorum none`".to_owned(),
        other => format!("{} begins no line of a policy: log, witness, group or quorum do", shown(other)),
    })
}
