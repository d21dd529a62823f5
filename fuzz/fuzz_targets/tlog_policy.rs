//! Arbitrary bytes as a trust policy. What is read is written in one way and reads as the same policy again, and no
//! group has a member that is not there before it.
#![no_main]

use govctl::index::policy::{Member, Policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let policy = match Policy::parse(bytes) {
        Ok(policy) => policy,
        Err(wrong) => {
            let lines = bytes.split(|b| *b == b'\n').count() as u64;
            assert!(wrong.line.is_none_or(|line| line <= lines));
            return;
        }
    };
    let written = policy.to_bytes();
    assert_eq!(Policy::parse(&written).as_ref(), Ok(&policy));
    assert_eq!(policy.to_bytes(), written);
    for (at, group) in policy.groups().iter().enumerate() {
        assert!((1..=group.members.len()).contains(&group.threshold));
        assert!(group.members.iter().all(|member| match member {
            Member::Witness(witness) => *witness < policy.witnesses().len(),
            Member::Group(group) => *group < at,
        }));
    }
});
