//! Comments that OPA reads: a block `# METADATA` is YAML about what follows it, and OPA does not load a file with one that it
//! cannot read. Here it must be YAML that every reader takes alike, as in tenants.yaml.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Policy, Scoped};
use crate::policy::code::Code;
use crate::policy::fault::Fault;
use crate::yaml;

/// What OPA types of an annotation; it ignores other keys.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the types are what is checked")]
struct Annotation {
    scope: Option<Scope>,
    title: Option<String>,
    description: Option<String>,
    organizations: Option<Vec<String>>,
    authors: Option<Vec<IgnoredAny>>,
    related_resources: Option<Vec<IgnoredAny>>,
    schemas: Option<Vec<IgnoredAny>>,
    custom: Option<BTreeMap<String, IgnoredAny>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Rule,
    Document,
    Package,
    Subpackages,
}

pub fn check(policy: &Policy) -> Vec<Fault> {
    policy.files.iter().flat_map(|scoped| blocks(scoped).into_iter().filter_map(|block| block.fault(scoped))).collect()
}

/// A block with the lines behind its first one.
struct Block {
    /// Of its first line, from 1.
    line: u64,
    yaml: String,
    /// The first word behind it that is no comment; empty at the end of the file.
    next: String,
    in_rule: bool,
}

fn blocks(scoped: &Scoped) -> Vec<Block> {
    let text = &scoped.parsed.file.text;
    let comment = |line: &str| line.trim_start().strip_prefix('#').map(str::to_owned);
    let opens = |line: &str| comment(line).is_some_and(|said| said.trim().starts_with("METADATA"));
    let mut all = Vec::new();
    let mut offset = 0;
    for (number, line) in (1u64..).zip(text.split('\n')) {
        if opens(line) {
            let behind = || text.split('\n').skip(number as usize);
            let said: Vec<String> = behind().take_while(|line| !opens(line)).map_while(comment).collect();
            let code = behind().find(|line| !line.trim().is_empty() && comment(line).is_none()).unwrap_or_default();
            let within = |span: &crate::policy::ast::Span| (span.start as usize) < offset && offset < span.end as usize;
            all.push(Block {
                line: number,
                yaml: said.join("\n"),
                next: code.split_whitespace().next().unwrap_or_default().to_owned(),
                in_rule: scoped.module().policy.iter().any(|rule| within(rule.span())),
            });
        }
        offset += line.len() + 1;
    }
    all
}

impl Block {
    fn fault(&self, scoped: &Scoped) -> Option<Fault> {
        let (line, message) = self.wrong()?;
        let fault = Fault::new(Code::MetadataInvalid, scoped.parsed.file, line, 1, message);
        Some(fault.about("METADATA").hint("correct the block, or write the comment without the word METADATA"))
    }

    /// The line and what is wrong there.
    fn wrong(&self) -> Option<(u64, String)> {
        let here = |message: &str| Some((self.line, message.to_owned()));
        if self.yaml.trim().is_empty() {
            return here("nothing stands in this METADATA block");
        }
        let annotation: Annotation = match yaml::read_strictly(&self.yaml) {
            Ok(annotation) => annotation,
            Err(fault) => {
                let line = self.line + fault.place.line().max(1);
                return Some((line, format!("METADATA that cannot be read: {}", fault.message)));
            }
        };
        let of_package = matches!(annotation.scope, Some(Scope::Package | Scope::Subpackages));
        let of_rule = matches!(annotation.scope, Some(Scope::Rule | Scope::Document));
        match self.next.as_str() {
            _ if self.in_rule => here("METADATA stands inside of a rule"),
            "" | "import" => here("METADATA stands before neither a rule nor the package"),
            "package" if of_rule => here("METADATA of a rule stands before the package"),
            "package" => None,
            _ if of_package => here("METADATA of a package stands before a rule"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOTHING, with};

    /// Each of these keeps OPA 1.22 from loading the file, and those with nothing do not.
    #[test]
    fn metadata_is_what_opa_reads() {
        for (rules, line) in [
            ("# METADATA\n# title: [x\na := 1", 5),
            ("#METADATA\n# title: [x\na := 1", 5),
            ("# METADATA\na := 1", 4),
            ("# METADATA\n# scope: bogus\na := 1", 5),
            ("# METADATA\n# - x\na := 1", 5),
            ("# METADATA\n# foo bar\na := 1", 5),
            ("# METADATA\n# title: [1]\na := 1", 5),
            ("# METADATA\n# title: x\n# title: z\na := 1", 6),
            ("# METADATA\n# custom: 7\na := 1", 5),
            ("# METADATA\n# scope: package\na := 1", 4),
            ("a if {\n# METADATA\n# title: x\ninput.x\n}", 5),
            ("a := 1\n# METADATA\n# title: x", 5),
        ] {
            assert_eq!(with(rules), [format!("metadata_invalid {line}:1 METADATA")], "{rules}");
        }
        for rules in [
            "# METADATA\n# title: x\n# custom:\n#   a: 1\na := 1",
            "# METADATA\n# titel: x\na := 1",
            "# METADATA\n# title: x\n# METADATA\n# title: z\na := 1",
            "# metadata\n# title: [x\na := 1",
            "a := 1 # METADATA\n# title: [x\nb := 1",
            "# METADATA\n# title: x\n\n# more: [\na := 1",
        ] {
            assert_eq!(with(rules), NOTHING, "{rules}");
        }
    }
}
