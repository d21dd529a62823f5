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
    let report = s.bash("govctl diff report --runs out --day 2026-11-23").exits(3);
    assert!(report.stderr.contains("its evidence is incomplete"), "{}", report.stderr);
}

/// More unreadable records than `--max-poison` end the run, and so does a full state: neither is as if it had not been.
#[test]
fn a_run_that_an_error_ended_is_no_agreement() {
    let many: String = (0..9000).map(|i| crate::audit::event("EU.t", i, 0, i, "v") + "\n").collect();
    for (other, flags, code) in [("{bad\n".repeat(4), "--max-poison 3", 3), (many, "--max-state-mb 0", 4)] {
        let s = equal_sides();
        s.write("other", other);
        s.bash(&format!("{AUDIT} --now 2026-11-23T08:00:00Z")).exits(0);
        let day = s.bash("jq -r .window_to[:10] out/*/proof.json").exits(0);
        let day = format!("--day {}", day.text().trim());
        assert!(page_of(&s, &day, 0).0.contains("<h2>In agreement</h2>"));
        let bad = AUDIT.replace("--rhs eu", "--rhs other");
        s.bash(&format!("{bad} {flags} --now 2026-11-23T09:00:00Z")).exits(code);
        let sealed = s.bash("jq -c '.predicate | [.complete, .outcome]' $(ls out/*/manifest.json | tail -1)").exits(0);
        assert_eq!(sealed.text().trim(), format!("[false,{code}]"));
        let (page, text) = page_of(&s, &day, 3);
        assert!(page.contains("<h2>Cannot tell</h2>") && text.contains("its evidence is incomplete"), "{text}");
        let letters = s.bash("cat out/*/dead_letters.ndjson | wc -l || true").run();
        assert_eq!(letters.text().trim(), if code == 3 { "4" } else { "0" });
    }
}

/// What was typed wrong did no work.
#[test]
fn wrong_usage_leaves_no_evidence() {
    let s = equal_sides();
    s.bash(&AUDIT.replace("--rhs eu", "--rhs nowhere")).exits(2);
    assert!(!s.path("out").exists());
}

/// Runs that go on at the same time end in any order, and none follows the same proof as another.
#[test]
fn runs_at_the_same_time_follow_one_another() {
    let s = equal_sides();
    let at = |hour: u32| format!("{AUDIT} --now 2026-11-23T{hour:02}:00:00Z");
    // One that began later is put in place first.
    s.bash(&[at(8), at(7), at(9)].join("\n")).exits(0);
    let script = "set -- out/*/proof.json; prev() { jq -r .prev_sha256 $1; }; sha() { sha256sum < $1 | cut -c -64; }\n\
                  [ $(prev $2) = null ] && [ $(prev $1) = $(sha $2) ] && [ $(prev $3) = $(sha $1) ]";
    s.bash(script).exits(0);
    // Made again, a run that is not the newest is the one that is there.
    s.bash(&at(7)).exits(0);
    let together: Vec<String> = (10..18).map(|hour| format!("{} &", at(hour))).collect();
    s.bash(&format!("{}\nwait", together.join("\n"))).exits(0);
    let day = s.bash("jq -r .window_to[:10] out/*/proof.json | head -1").exits(0);
    let (page, _) = page_of(&s, &format!("--day {}", day.text().trim()), 0);
    assert!(page.contains("<h2>In agreement</h2>") && page.contains(">unbroken<"), "{page}");
    s.bash("for run in out/0*; do govctl diff verify $run --require chain > /dev/null; done").exits(0);
}
