//! `govctl index verify` with witnesses: quorum, times and how old they may be.

use govctl::index::checkpoint::Signed;
use govctl::index::cosignature;
use govctl::index::vkey::Key;
use govctl::key::ed25519::Private;

use crate::common::Sandbox;
use crate::index_verified::{of, outcome, published, verdict, verify, wrong};

fn witness(n: u8) -> (String, Private) {
    (format!("w{n}.example"), Private::from_seed(&[n; 32]).unwrap())
}

/// The policy of the trust directory with two witnesses, both of which are needed.
fn with_witnesses(s: &Sandbox) {
    let line = |n: u8| {
        let (name, key) = witness(n);
        format!("witness w{n} {}\n", Key::witness(&name, key.public()).unwrap())
    };
    let log = s.read("trust/policy").lines().next().unwrap().to_owned();
    s.write("trust/policy", format!("{log}\n{}{}group all 2 w1 w2\nquorum all\n", line(1), line(2)));
}

fn cosign(s: &Sandbox, n: u8, time: u64) {
    let mut signed = Signed::parse(s.read("site/checkpoint").as_bytes()).unwrap();
    let (name, key) = witness(n);
    let signature = cosignature::sign(&name, &key, time, signed.note.text()).unwrap();
    signed.note.put(signature).unwrap();
    s.write("site/checkpoint", signed.note.to_text());
}

#[test]
fn a_quorum_is_needed_where_the_policy_asks_for_one() {
    let s = published();
    with_witnesses(&s);
    let output = verify(&s, &[], 1);
    assert_eq!(
        (wrong(&output), verdict(&output)["quorum"].clone()),
        (vec!["witness quorum_unmet".into()], "unmet".into())
    );
    assert!(!s.path("state").exists(), "nothing is remembered that the witnesses did not see");
    // 2026-01-08T12:00:00Z and ten seconds later, by `date -d @...`.
    cosign(&s, 1, 1_767_873_600);
    assert_eq!(of(&verify(&s, &[], 1), "witness"), "fail quorum_unmet");
    cosign(&s, 2, 1_767_873_610);
    let output = verify(&s, &["--require", "witness,freshness", "--now", "2026-01-08T13:00:00Z"], 0);
    let v = verdict(&output);
    assert_eq!((of(&output, "witness"), of(&output, "freshness")), ("pass -".into(), "pass -".into()));
    // Both had cosigned by the later time; both still vouch for it at the earlier one.
    assert_eq!(v["quorum"], "met");
    assert_eq!(
        (&v["proven_before"], &v["newest_proven"]),
        (&"2026-01-08T12:00:10Z".into(), &"2026-01-08T12:00:00Z".into())
    );
    let aged = |now: &str, exit: i32| {
        let output = verify(&s, &["--max-age", "1h", "--now", now], exit);
        (of(&output, "freshness"), outcome(&output))
    };
    assert_eq!(aged("2026-01-08T13:00:00Z", 0), ("pass -".into(), "valid".into()));
    assert_eq!(aged("2026-01-08T13:00:01Z", 1), ("not_established too_old".into(), "stale".into()));
    assert_eq!(aged("2026-01-08T11:55:00Z", 0), ("pass -".into(), "valid".into()));
    assert_eq!(aged("2026-01-08T11:54:59Z", 0), ("not_established no_time".into(), "valid".into()));
    // A cosignature that names a witness and is not by it spoils the checkpoint.
    let (before, last) =
        s.read("site/checkpoint").trim_end().rsplit_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let at = last.len() - 10;
    let flipped = if &last[at..=at] == "A" { "B" } else { "A" };
    s.write("site/checkpoint", format!("{before}\n{}{flipped}{}\n", &last[..at], &last[at + 1..]));
    assert_eq!(wrong(&verify(&s, &[], 1)), ["witness bad_signature"]);
}

/// What was found is told even where it cannot be remembered.
#[test]
fn a_verdict_comes_before_what_is_remembered() {
    let s = published();
    s.write("state", "a file in the place of the folder");
    let output = verify(&s, &[], 4);
    assert_eq!(outcome(&output), "valid");
    assert!(output.stderr.contains("state"), "{}", output.stderr);
}
