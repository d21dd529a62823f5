//! The files of a policy, and its digest.

use sha2::{Digest, Sha256};

/// One `.rego` file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct File {
    /// Its name in a bundle, such as `switchboard/switchboard.rego`.
    pub name: String,
    /// Its name for people, such as `policies/switchboard/switchboard.rego`.
    pub shown: String,
    pub text: String,
}

impl File {
    /// Tests never go into a bundle, and are not part of what a policy is.
    pub fn is_test(&self) -> bool {
        is_test(&self.name)
    }
}

/// Whether a file of this name holds tests.
pub fn is_test(name: &str) -> bool {
    name.ends_with("_test.rego")
}

/// All files of a policy, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    pub fn new(mut files: Vec<File>) -> Self {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Sources { files }
    }

    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The files that decide.
    pub fn modules(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| !file.is_test())
    }

    pub fn without_tests(&self) -> Sources {
        Sources { files: self.modules().cloned().collect() }
    }

    pub fn policy_sha256(&self) -> String {
        policy_sha256(self.modules().map(|file| (file.name.as_str(), file.text.as_str())))
    }
}

/// Whether OPA, given a policy's folder, would load this file of it as a bundle, policies and all.
pub fn is_archive(inner: &str) -> bool {
    inner.ends_with(".tar.gz")
}

/// Whether OPA, given a policy's folder, would lay this file of it over the compiled data: it loads these extensions, and roots a
/// file by the folders that it lies in, never by its name.
pub fn is_data(inner: &str) -> bool {
    let loaded = [".json", ".yaml", ".yml"].iter().any(|end| inner.ends_with(end));
    loaded && inner.split_once('/').is_none_or(|(folder, _)| super::DATA.contains(&folder))
}

/// SHA-256, as hex, over the lines `name NUL sha256 LF` of the files that decide, sorted by name.
pub fn policy_sha256<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text));
        hash.update(format!("{name}\0{digest}\n"));
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OPA 1.22.2 answers `opa eval -d DIR data` with such files.
    #[test]
    fn data_are_told_by_extension_and_folder() {
        for inner in ["a.json", ".hid.yml", "tenants/b.yaml", "router/x/y.json"] {
            assert!(is_data(inner), "{inner}");
        }
        for inner in ["a.JSON", "a.rego", "tenants", "data/tenants.json", ".x/tenants/h.json", "README.md"] {
            assert!(!is_data(inner), "{inner}");
        }
    }

    #[test]
    fn the_digest_is_that_of_sorted_lines_without_tests() {
        let file = |name: &str, text: &str| File { name: name.into(), shown: name.into(), text: text.into() };
        let sources = Sources::new(vec![file("b.rego", "x"), file("a_test.rego", "t"), file("a.rego", "")]);
        // printf 'a.rego\0%s\nb.rego\0%s\n' "$(sha256 of nothing)" "$(sha256 of x)" | sha256sum
        assert_eq!(sources.policy_sha256(), "ac71d3268303d921f502c3c6830f2bb8b9381fac1e6bae162e32d755e5690617");
        assert_eq!(sources.without_tests().files().len(), 2);
    }
}
