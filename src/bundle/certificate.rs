//! The certificate of a proof, as far as a build needs it: that it proves just this policy with just this data.

use serde::Deserialize;

const PROVED: &str = "proved";

#[derive(Deserialize)]
struct Certificate {
    verdict: String,
    /// Null where damaged data were left out.
    faults: Option<u64>,
    #[serde(default)]
    fault_allows: Option<u64>,
    #[serde(default)]
    cross_tenant_allows: u64,
    policy_sha256: String,
    data_sha256: String,
}

/// Why the certificate does not vouch for this build.
pub fn check(bytes: &[u8], policy_sha256: &str, data_sha256: &str) -> Result<(), String> {
    let read: Certificate = serde_json::from_slice(bytes).map_err(|e| format!("is no certificate of a proof: {e}"))?;
    if read.verdict != PROVED {
        return Err(format!("its verdict is {:?}, not {PROVED:?}", read.verdict));
    }
    if read.cross_tenant_allows != 0 || read.fault_allows.is_some_and(|allows| allows != 0) {
        return Err("it says proved, and that something was allowed which must not be".to_owned());
    }
    if read.faults.is_none() {
        return Err("it says nothing about damaged data: prove without --skip faults".to_owned());
    }
    for (what, said, is) in [("policy", read.policy_sha256, policy_sha256), ("data", read.data_sha256, data_sha256)] {
        if said != is {
            return Err(format!("it is for another {what}: {what}_sha256 is {said} there and {is} here"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn another_policy_other_data_and_an_open_verdict_are_refused() {
        let say = |text: &str| check(text.as_bytes(), "aa", "bb").err().unwrap_or_default();
        assert_eq!(say(r#"{"verdict":"proved","faults":9,"policy_sha256":"aa","data_sha256":"bb","points":3}"#), "");
        assert!(
            say(r#"{"verdict":"proved","faults":9,"policy_sha256":"ab","data_sha256":"bb"}"#)
                .contains("another policy")
        );
        assert!(
            say(r#"{"verdict":"proved","faults":9,"policy_sha256":"aa","data_sha256":"bc"}"#).contains("another data")
        );
        assert!(say(r#"{"verdict":"unproved","policy_sha256":"aa","data_sha256":"bb"}"#).contains("\"unproved\""));
        assert!(say(r#"{"policy_sha256":"aa","data_sha256":"bb"}"#).contains("verdict"));
        let skipped = r#"{"verdict":"proved","faults":null,"policy_sha256":"aa","data_sha256":"bb"}"#;
        assert!(say(skipped).contains("damaged data"));
        let at_odds =
            r#"{"verdict":"proved","cross_tenant_allows":2,"faults":9,"policy_sha256":"aa","data_sha256":"bb"}"#;
        assert!(say(at_odds).contains("which must not be"));
        assert!(say("[]").contains("is no certificate"));
    }
}
