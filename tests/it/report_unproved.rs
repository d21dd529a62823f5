//! `govctl diff report` and `verify` over evidence folders in which a run has no proof: never a pass.

use crate::common::Sandbox;
use crate::report::{AUDIT, equal_sides, page_of};
use crate::run_pipes::{prepared, waiting};

/// One clean run, and a later one that finds a difference; the day of both.
fn clean_then_bad(bad_first: bool) -> (Sandbox, String) {
    let s = equal_sides();
    s.write("other", crate::audit::event("EU.t", 0, 0, 1, "w") + "\n");
    let bad = AUDIT.replace("--rhs eu", "--rhs other");
    let (first, second) = if bad_first { (bad.as_str(), AUDIT) } else { (AUDIT, bad.as_str()) };
    s.bash(&format!("{first} --now 2026-11-23T08:00:00Z || true; {second} --now 2026-11-23T09:00:00Z || true"))
        .exits(0);
    let day = s.bash("jq -r .window_to[:10] out/*/proof.json | head -1").exits(0);
    let day = format!("--day {}", day.text().trim());
    (s, day)
}

#[test]
fn a_proof_that_was_taken_away_is_missed() {
    for (bad_first, which) in [(false, "tail -1"), (true, "head -1")] {
        let (s, day) = clean_then_bad(bad_first);
        s.bash(&format!("rm $(ls out/*/proof.json | {which})")).exits(0);
        let (page, text) = page_of(&s, &day, 3);
        assert!(!page.contains("<h2>In agreement</h2>") && !page.contains(">unbroken<"), "{page}");
        assert!(
            text.contains("has no proof.json") && text.contains("the chain of proofs is broken: proof.json of run")
        );
        let verified = s.bash("govctl diff verify out > checks").run();
        assert_eq!(verified.code, Some(if bad_first { 1 } else { 3 }), "{}", verified.stderr);
    }
}

#[test]
fn runs_of_other_commands_owe_no_proof() {
    let s = equal_sides();
    s.bash(&format!("{AUDIT} --now 2026-11-23T08:00:00Z")).exits(0);
    s.bash("govctl diff digest --types t.yaml --side lhs us --evidence out > /dev/null").exits(0);
    let day = s.bash("jq -r .window_to[:10] out/*/proof.json").exits(0);
    let (page, _) = page_of(&s, &format!("--day {}", day.text().trim()), 0);
    assert!(page.contains("<h2>In agreement</h2>") && page.contains(">unbroken<"), "{page}");
    s.bash("govctl diff verify out > /dev/null").exits(0);
}

/// A signal leaves no proof, and what the run would have found nobody knows.
#[test]
fn an_interrupted_run_is_no_agreement() {
    let s = prepared();
    let mut child = waiting(&s);
    s.bash(&format!("kill -INT {}", child.id())).exits(0);
    child.wait().unwrap();
    let report = s.bash("govctl diff report --runs out").exits(3);
    assert!(report.stderr.contains("its evidence is incomplete"), "{}", report.stderr);
}
