//! Which fields of the input a policy reads, by its syntax tree. Nothing else of a request goes into a decision.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::policy::lint;
use crate::policy::paths::{Root, each_reference};
use crate::policy::{Fault, Sources, parse_all};
use crate::text::pointer_keys;

/// A node of the input: read as a whole, or only in some of its members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    whole: bool,
    members: BTreeMap<String, Reads>,
}

impl Reads {
    /// Of the files that decide. Where a key is not known before the evaluation, all of the object counts as read.
    pub fn of(sources: &Sources) -> Result<Reads, Vec<Fault>> {
        let modules = sources.without_tests();
        let parsed = parse_all(&modules)?;
        let policy = lint::Policy::new(&parsed);
        let mut reads = Reads::default();
        for placed in policy.deciding() {
            each_reference(placed.rule, &placed.scoped.names, &placed.locals, |_, path| {
                if path.root == Root::Input {
                    reads.add(path.keys());
                }
            });
        }
        Ok(reads)
    }

    pub fn add<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) {
        let node = keys.into_iter().fold(self, |node, key| node.members.entry(key.to_owned()).or_default());
        node.whole = true;
    }

    /// Adds the place that a JSON pointer names. None where it is no pointer.
    pub fn add_pointer(&mut self, pointer: &str) -> Option<()> {
        let keys = pointer_keys(pointer)?;
        self.add(keys.iter().map(String::as_str));
        Some(())
    }

    pub(super) fn whole(&self) -> bool {
        self.whole
    }

    pub(super) fn member(&self, key: &str) -> Option<&Reads> {
        self.members.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::File;

    fn reads(body: &str) -> Reads {
        let text = format!("package switchboard\n\nimport rego.v1\nimport input.context as where\n\n{body}\n");
        let file = File { name: "p.rego".into(), shown: "p.rego".into(), text };
        Reads::of(&Sources::new(vec![file])).unwrap()
    }

    fn of(pointers: &[&str]) -> Reads {
        let mut reads = Reads::default();
        pointers.iter().for_each(|pointer| reads.add_pointer(pointer).unwrap());
        reads
    }

    #[test]
    fn every_spelling_of_a_field_is_read() {
        assert_eq!(reads("a if input.x.y == 1"), of(&["/x/y"]));
        assert_eq!(reads("a if input[\"x\"].y == where.region"), of(&["/x/y", "/context/region"]));
        assert_eq!(reads("a if data.t[input.id].b"), of(&["/id"]));
        assert_eq!(reads("f(v) if v == 1\na if f(input.x)"), of(&["/x"]));
    }

    #[test]
    fn an_object_used_as_a_whole_is_read_as_a_whole() {
        assert_eq!(reads("a if {\n\tx := input.x\n\tx.y == 1\n}"), of(&["/x", "/x/y"]));
        assert_eq!(reads("a if {\n\tsome k\n\tinput.x[k] == 1\n}"), of(&["/x"]));
        assert!(reads("a if count(input) == 1").whole());
        assert!(reads("a if input[data.k] == 1").whole());
        assert!(!reads("a if data.x == 1").whole());
    }
}
