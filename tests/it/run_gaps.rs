//! Offsets that no record has: a log leaves some, and so do lines that were lost.

use crate::audit::*;
use crate::common::Sandbox;

fn lines(all: &[String]) -> String {
    all.iter().map(|l| format!("{l}\n")).collect()
}

#[test]
fn offsets_without_a_record_are_told() {
    let s = Sandbox::new();
    s.write("t.yaml", SMALL);
    let all = |topic: &str| (3..12).map(|n| event(topic, n, n as i64 * 1000, n, "v")).collect::<Vec<_>>();
    let mut eu = all("EU.t");
    let us = lines(&all("US.t"));
    s.write("us", &us);
    // Offsets 5 and 6, and 9, are missing; that the recording begins with 3 is no gap.
    let lost = [eu.remove(6), eu.remove(3), eu.remove(2)];
    s.write("eu", lines(&eu));
    let fused = run(&s, "t.yaml", "us", "eu", &["--evidence", "out"]).exits(1).records();
    let gaps: Vec<_> = fused.iter().filter(|r| r["code"] == "offset_gap").collect();
    assert_eq!(findings(&fused), ["offset_gap rhs EU.t"]);
    assert_eq!((&gaps[0]["severity"], &gaps[0]["count"]), (&"warning".into(), &2.into()));
    assert_eq!(gaps[0]["message"], "3 offsets in 2 gaps of `EU.t` have no record");
    assert_eq!(gaps[0]["detail"], "the first: 5 to 6 of EU.t/0");
    for (side, source) in [("lhs", "us"), ("rhs", "eu")] {
        let digest = s.govctl(["diff", "digest", "--side", side, "--types", "t.yaml", source]).exits(0);
        assert_eq!(digest.records().iter().any(|r| r["code"] == "offset_gap"), side == "rhs");
        s.write(&format!("{side}.d"), digest.stdout);
    }
    let digests = ["diff", "run", "--types", "t.yaml", "--digests", "lhs.d", "rhs.d"];
    assert_eq!(data(&s.govctl(digests).exits(1).records()), data(&fused));
    s.bash("govctl diff verify out --types t.yaml --lhs us --rhs eu --require rerun").exits(0);
    // Of two recordings that overlap one has what the other lacks.
    s.write("lost", lines(&[lost[2].clone(), lost[1].clone(), lost[0].clone()]));
    let both = s.bash("govctl diff run --types t.yaml --lhs us --rhs eu lost").exits(0).records();
    assert_eq!(findings(&both), [""; 0]);
    // In the value framing lines are counted, whatever is in them.
    for side in ["us", "eu"] {
        let values = s.read(side).lines().map(|l| key_and_value(l).1.to_owned()).collect::<Vec<_>>();
        s.write(side, values.join("\n\n"));
    }
    assert_eq!(findings(&run(&s, "t.yaml", "us", "eu", &[]).exits(1).records()), [""; 0]);
}
