use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::index::checkpoint::Checkpoint;
use crate::index::cosignature;
use crate::key::ed25519::Private;

const ORIGIN: &str = "exports.acme.example";

fn private(seed: u8) -> Private {
    Private::from_seed(&[seed; 32]).unwrap()
}

fn log(seed: u8) -> String {
    Key::log(ORIGIN, private(seed).public()).unwrap().to_string()
}

fn witness(seed: u8) -> String {
    Key::witness(&format!("w{seed}.example"), private(seed).public()).unwrap().to_string()
}

/// Witnesses w1 to w9 with the seeds 1 to 9, and what else the policy says.
fn policy(rest: &str) -> Policy {
    let witnesses: String = (1..10).map(|seed| format!("witness w{seed} {}\n", witness(seed))).collect();
    Policy::parse(format!("log {}\n{witnesses}{rest}", log(100)).as_bytes()).unwrap()
}

fn refused(text: &str) -> (String, Option<u64>) {
    let wrong = Policy::parse(text.as_bytes()).unwrap_err();
    assert_eq!(wrong.code, Code::Malformed);
    (wrong.message, wrong.line)
}

/// Cosignatures of w1, w2 and so on.
fn at(times: &[Option<u64>]) -> Cosigned {
    Cosigned(times.iter().map(|time| time.map(|time| (time, time))).collect())
}

/// The example of the specification, with keys.
const X_AND_Y: &str = "group X-witnesses 2 w1 w2 w3\ngroup Y-witnesses any w4 w5 w6\n\
    group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

#[test]
fn the_example_of_the_specification_is_read() {
    let policy = policy(X_AND_Y);
    assert_eq!((policy.logs().len(), policy.witnesses().len(), policy.groups().len()), (1, 9, 3));
    assert_eq!(policy.quorum(), Some(Member::Group(2)));
    let thresholds: Vec<_> = policy.groups().iter().map(|g| g.threshold).collect();
    assert_eq!(thresholds, [2, 1, 2]);
    let met = |who: &[usize]| policy.is_met(&at(&(1..10).map(|w| who.contains(&w).then_some(5)).collect::<Vec<_>>()));
    assert!(met(&[1, 3, 5]) && met(&[1, 2, 3, 4, 5, 6]));
    assert!(!met(&[1, 2, 3]) && !met(&[1, 4, 5, 6]) && !met(&[]) && !met(&[7, 8, 9]));
}

#[test]
fn white_space_comments_and_urls_are_as_specified() {
    let text = format!(
        "\n \t\n# a comment\n \t# another\n\tlog\t{} \t https://log.example/ \n\
        witness \u{212a} {} https://w.example/sub\nquorum \u{212a}\n",
        log(1),
        witness(2)
    );
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.logs()[0].url.as_ref().unwrap().to_string(), "https://log.example/");
    assert_eq!(policy.witnesses()[0].url.as_ref().unwrap().bytes(), b"https://w.example/sub");
    // A name that merely looks the same is another name.
    assert!(Policy::parse(text.replace("quorum \u{212a}", "quorum K").as_bytes()).is_err());
    let opaque = [b"witness \xff\xfe ", witness(2).as_bytes(), b"\nquorum \xff\xfe\n"].concat();
    let policy = Policy::parse(&opaque).unwrap();
    assert_eq!(policy.witnesses()[0].name.bytes(), b"\xff\xfe");
    assert_eq!(policy.to_bytes(), opaque);
}

#[test]
fn every_mistake_has_its_line() {
    let (l, w, v) = (log(1), witness(2), witness(3));
    let both = format!("witness a {w}\nwitness b {v}\n");
    for (text, line, message) in [
        (String::new(), None, "does not end with a newline"),
        ("quorum none".to_owned(), None, "does not end with a newline"),
        (format!("log {l}\n"), None, "no `quorum` line"),
        ("quorum none\nquorum none\n".to_owned(), Some(2), "second quorum"),
        ("quorum a\n".to_owned(), Some(1), "`a` is not defined"),
        (format!("quorum a\nwitness a {w}\n"), Some(1), "`a` is not defined"),
        ("quorum\n".to_owned(), Some(1), "is written"),
        ("quorum none none\n".to_owned(), Some(1), "is written"),
        ("Quorum none\n".to_owned(), Some(1), "begins no line"),
        ("quorum none\r\n".to_owned(), Some(1), "0x0d"),
        ("quorum none\n\u{7f}\n".to_owned(), Some(2), "0x7f"),
        ("log\nquorum none\n".to_owned(), Some(1), "is written"),
        (format!("log {l} a b\nquorum none\n"), Some(1), "is written"),
        ("log x\nquorum none\n".to_owned(), Some(1), "no verifier key"),
        (format!("log {w}\nquorum none\n"), Some(1), "that of a witness"),
        (format!("witness a {l}\nquorum none\n"), Some(1), "that of a log"),
        (format!("log {l}\nlog {l}\nquorum none\n"), Some(2), "already"),
        (format!("witness a {w}\nwitness b {w}\nquorum none\n"), Some(2), "already"),
        (format!("log {}\nwitness a {w}\nquorum none\n", log(2)), Some(2), "already"),
        (format!("witness a {w}\nwitness a {v}\nquorum none\n"), Some(2), "defined twice"),
        (format!("witness none {w}\nquorum none\n"), Some(1), "cannot be defined"),
        (format!("{both}group a any b\nquorum a\n"), Some(3), "defined twice"),
        (format!("{both}group none any b\nquorum a\n"), Some(3), "cannot be defined"),
        (format!("{both}group g any\nquorum a\n"), Some(3), "is written"),
        (format!("{both}group g any c\nquorum a\n"), Some(3), "not defined"),
        (format!("{both}group g any g\nquorum a\n"), Some(3), "not defined"),
        (format!("{both}group g any h\ngroup h any a\nquorum a\n"), Some(3), "not defined"),
        (format!("{both}group g any none\nquorum a\n"), Some(3), "cannot be the member"),
        (format!("{both}group g any a a\nquorum a\n"), Some(3), "already"),
        (format!("{both}group g any a\ngroup h any a\nquorum a\n"), Some(4), "already"),
        (format!("{both}group g any a\ngroup h any g\ngroup i any g\nquorum a\n"), Some(5), "already"),
        (format!("{both}group g 0 a b\nquorum g\n"), Some(3), "from 1 to 2"),
        (format!("{both}group g 3 a b\nquorum g\n"), Some(3), "from 1 to 2"),
        (format!("{both}group g 01 a b\nquorum g\n"), Some(3), "from 1 to 2"),
        (format!("{both}group g +1 a b\nquorum g\n"), Some(3), "from 1 to 2"),
        (format!("{both}group g some a b\nquorum g\n"), Some(3), "from 1 to 2"),
    ] {
        let (said, at) = refused(&text);
        assert!(at == line && said.contains(message), "{text}\n{at:?}: {said}");
    }
    assert!(refused(&("#".repeat(super::parse::MAX_BYTES) + "\n")).0.contains("more than"));
}

#[test]
fn many_logs_witnesses_and_groups_are_taken() {
    let logs: String = (100..140).map(|seed| format!("log {}\n", log(seed))).collect();
    let witnesses: String = (1..60).map(|seed| format!("witness w{seed} {}\n", witness(seed))).collect();
    let groups: String = (2..60)
        .map(|g| format!("group g{g} any w{g} {}\n", if g == 2 { "w1".to_owned() } else { format!("g{}", g - 1) }))
        .collect();
    let policy = Policy::parse(format!("{logs}{witnesses}{groups}quorum g59\n").as_bytes()).unwrap();
    let mut times = vec![None; 59];
    assert!(!policy.is_met(&at(&times)));
    times[0] = Some(7);
    assert_eq!((policy.is_met(&at(&times)), policy.earliest(&at(&times))), (true, Some(7)));
}

#[test]
fn no_quorum_is_always_met_and_proves_no_time() {
    let policy = policy("quorum none\n");
    let cosigned = at(&[Some(5); 9]);
    assert!(policy.is_met(&cosigned));
    assert_eq!((policy.earliest(&cosigned), policy.latest(&cosigned)), (None, None));
}

/// Two of three must agree, so the one that says 1 alone moves nothing, and neither does the one that says 900.
#[test]
fn one_bad_witness_moves_no_instant() {
    let policy = policy("group g 2 w1 w2 w3\nquorum g\n");
    let backdated = at(&[Some(1), Some(100), Some(105)]);
    assert_eq!((policy.earliest(&backdated), policy.latest(&backdated)), (Some(100), Some(100)));
    let postdated = at(&[Some(100), Some(105), Some(900)]);
    assert_eq!((policy.earliest(&postdated), policy.latest(&postdated)), (Some(105), Some(105)));
    assert_eq!(policy.earliest(&at(&[Some(100), None, None])), None);
}

#[test]
fn nested_groups_have_their_own_instants() {
    let policy = policy(X_AND_Y);
    // X: 10, 20, 30; Y: 15, 40. By 20 two of X and one of Y had cosigned.
    let cosigned = at(&[Some(10), Some(20), Some(30), Some(40), None, Some(15)]);
    assert_eq!(policy.earliest(&cosigned), Some(20));
    // From 20 on two of X, one of Y.
    assert_eq!(policy.latest(&cosigned), Some(20));
    assert_eq!(policy.latest(&at(&[Some(10), Some(20), Some(30), Some(12)])), Some(12));
    assert_eq!(policy.earliest(&at(&[Some(10), None, None, Some(40)])), None);
}

fn signed(times: &[(u8, u64)]) -> Vec<u8> {
    let mut signed = Checkpoint::new(ORIGIN, 3, [3; 32]).sign(&[&private(100)]).unwrap();
    for (seed, time) in times {
        let name = format!("w{seed}.example");
        let cosignature = cosignature::sign(&name, &private(*seed), *time, signed.note.text()).unwrap();
        signed.note.put(cosignature).unwrap();
    }
    signed.note.to_text().into_bytes()
}

#[test]
fn a_checkpoint_is_accepted_with_its_quorum_alone() {
    let policy = policy(X_AND_Y);
    let (signed_, cosigned) = policy.accept(&signed(&[(1, 10), (3, 30), (5, 50), (77, 1)])).unwrap();
    assert_eq!((signed_.checkpoint.size, cosigned.count()), (3, 3));
    assert_eq!(
        (cosigned.first(2), cosigned.last(2), cosigned.first(1), cosigned.first(99)),
        (Some(30), Some(30), None, None)
    );
    assert_eq!(policy.earliest(&cosigned), Some(50));
    let unmet = policy.accept(&signed(&[(1, 10), (5, 50)])).unwrap_err();
    assert_eq!(unmet.code, Code::QuorumUnmet);
    assert!(unmet.message.starts_with("the quorum `X-and-Y` is not met: cosigned by `w1`, `w5`, not by `w2`, `w3`,"));
    assert!(policy.open(&signed(&[])).is_ok());
    // What a witness of the policy did not make is no missing cosignature.
    let forged = String::from_utf8(signed(&[(1, 10), (3, 30), (5, 50)])).unwrap().replace("\n3\n", "\n4\n");
    assert_eq!(policy.accept(forged.as_bytes()).unwrap_err().code, Code::BadSignature);
}

#[test]
fn a_witness_that_cosigned_twice_has_a_first_and_a_last_time() {
    let policy = policy("quorum w1\n");
    let text = String::from_utf8(signed(&[(1, 10)])).unwrap();
    let body = Signed::parse(text.as_bytes()).unwrap();
    let later = cosignature::sign("w1.example", &private(1), 20, body.note.text()).unwrap().line();
    let (_, cosigned) = policy.accept((text + &later).as_bytes()).unwrap();
    assert_eq!((policy.earliest(&cosigned), policy.latest(&cosigned)), (Some(10), Some(20)));
}

#[test]
fn a_witness_of_another_type_may_be_named_and_never_counts() {
    let key = format!("q.example+01020304+{}", data_encoding::BASE64.encode(&[&[6][..], &[1; 1312]].concat()));
    let policy = policy(&format!("witness q {key}\ngroup g any w1 q\nquorum g\n"));
    let mut text = String::from_utf8(signed(&[(1, 10)])).unwrap();
    text += &crate::index::note::Signature::new("q.example", [1, 2, 3, 4], vec![0; 2428]).unwrap().line();
    assert_eq!(policy.accept(text.as_bytes()).unwrap().1.count(), 1);
}

/// Random groups over w1 to w9: each takes what was defined before and is not yet a member.
fn any_rest() -> impl Strategy<Value = String> {
    let group = (any::<prop::sample::Index>(), prop::collection::vec(any::<prop::sample::Index>(), 1..5));
    (prop::collection::vec(group, 0..5), any::<prop::sample::Index>()).prop_map(|(groups, quorum)| {
        let mut free: Vec<String> = (1..10).map(|w| format!("w{w}")).collect();
        let mut all = free.clone();
        let mut text = String::new();
        for (g, (k, picks)) in groups.into_iter().enumerate() {
            let members: Vec<_> = picks
                .into_iter()
                .filter_map(|pick| {
                    let at = (!free.is_empty()).then(|| pick.index(free.len()))?;
                    Some(free.remove(at))
                })
                .collect();
            if members.is_empty() {
                continue;
            }
            text += &format!("group g{g} {} {}\n", k.index(members.len()) + 1, members.join(" "));
            free.push(format!("g{g}"));
            all.push(format!("g{g}"));
        }
        text + &format!("quorum {}\n", all[quorum.index(all.len())])
    })
}

/// The quorum by its definition, recursively over a set of witnesses.
fn holds(policy: &Policy, member: Member, who: &BTreeSet<usize>) -> bool {
    match member {
        Member::Witness(at) => who.contains(&at),
        Member::Group(at) => {
            let group = &policy.groups()[at];
            group.members.iter().filter(|member| holds(policy, **member, who)).count() >= group.threshold
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(rest in any_rest()) {
        let policy = policy(&rest);
        prop_assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
    }

    /// Both instants are what the definition says: the first, or last, moment at which the set of witnesses up to it,
    /// or from it on, makes the quorum.
    #[test]
    fn instants_are_those_of_the_definition(rest in any_rest(), times in prop::collection::vec(prop::option::of(0u64..12), 9)) {
        let policy = policy(&rest);
        let quorum = policy.quorum().unwrap();
        let cosigned = at(&times);
        let who = |keep: &dyn Fn(u64) -> bool| -> BTreeSet<usize> {
            (0..9).filter(|w| times[*w].is_some_and(keep)).collect()
        };
        prop_assert_eq!(policy.is_met(&cosigned), holds(&policy, quorum, &who(&|_| true)));
        let earliest = (0..12).find(|t| holds(&policy, quorum, &who(&|time| time <= *t)));
        let latest = (0..12).rev().find(|t| holds(&policy, quorum, &who(&|time| time >= *t)));
        prop_assert_eq!((policy.earliest(&cosigned), policy.latest(&cosigned)), (earliest, latest));
    }

    #[test]
    fn any_bytes_give_an_answer(text in "(log|witness|group|quorum|none|any|all|2|a|b| |\t|\n|#|\r){0,30}") {
        if let Ok(policy) = Policy::parse(text.as_bytes()) {
            prop_assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
        }
    }
}
