use super::*;
use crate::anomaly::backtest::Moment;
use crate::anomaly::judge::misses::{What, Wrong};
use crate::record::anomaly::{Gate, InjectionKind};

const HOSTILE: &str = "<script>alert(1)</script>\"'&\u{202e}";
const ESCAPED: &str = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}";

fn verdict(set: &str, verdict: Verdict) -> BacktestVerdict {
    BacktestVerdict {
        set: set.to_owned(),
        series: 3,
        labelled: true,
        windows: 15,
        kind: Some(InjectionKind::Drop),
        power: Some(0.86),
        power_lo: Some(0.84),
        min_power: 0.8,
        p_star: 0.9,
        reduction_static: Some(0.97),
        reduction_static_lo: Some(0.73),
        reduction_static_hi: Some(1.0),
        reduction_rolling_z: None,
        reduction_rolling_z_lo: Some(-1.0),
        reduction_rolling_z_hi: Some(1.0),
        reduction_current: None,
        reduction_current_lo: None,
        reduction_current_hi: None,
        min_reduction: 0.4,
        buckets: 1344,
        judged: 1000,
        must_detect: vec![format!("{HOSTILE}: rel=4,abs=25,drop_to=0.1,drop_buckets=6")],
        weak_tenants: vec![HOSTILE.to_owned()],
        tuned_on_judged: Vec::new(),
        gated: true,
        gate: Gate::Lower,
        verdict,
        reasons: if verdict == Verdict::Pass { Vec::new() } else { vec![format!("because of {HOSTILE}")] },
    }
}

fn timeline() -> Timeline {
    let moment = |i: i64| Moment {
        start: i * 3_600_000,
        value: (i % 7 != 3).then_some(i as f64),
        expected: (i > 2).then_some(3.0),
        lower: None,
        upper: Some(1e12),
        breach: i == 9,
    };
    Timeline {
        rule: HOSTILE.to_owned(),
        tenant: Some(HOSTILE.to_owned()),
        series: String::new(),
        wrong: Wrong { what: What::Miss, series: 0, start: 36_000_000, end: 39_600_000, max_score: 1.25 },
        threshold: 2.5,
        bucket_ms: 3_600_000,
        moments: (0..20).map(moment).collect(),
        windows: vec![(36_000_000, 39_600_000)],
    }
}

fn page(verdicts: &[BacktestVerdict], same_as: &[Option<usize>]) -> String {
    page_without(verdicts, same_as, &[])
}

fn page_without(verdicts: &[BacktestVerdict], same_as: &[Option<usize>], unjudged: &[(String, usize)]) -> String {
    let curve = |detector, threshold, power, fpr| Curve { set: "all".to_owned(), detector, threshold, power, fpr };
    html(&Page {
        period: "2026-01-01 to 2026-02-25",
        verdicts,
        results: &[],
        curves: &[curve(Detector::Candidate, Some(2.0), 0.9, 0.0), curve(Detector::Chance, None, 0.1, 0.01)],
        injections: &[],
        misses: &[],
        timelines: &[timeline()],
        same_as,
        min_powers: &[(HOSTILE.to_owned(), 0.8)],
        unjudged,
        facts: &[("Data".to_owned(), HOSTILE.to_owned())],
    })
}

#[test]
fn the_page_escapes_everything_and_loads_nothing() {
    let verdicts = [verdict(HOSTILE, Verdict::Fail), verdict("all", Verdict::Pass)];
    let page = page(&verdicts, &[None, None]);
    assert!(page.matches(ESCAPED).count() >= 6, "{page}");
    for foreign in ["<script", "http://", "https://", " src=", "url(", "@import", "\u{202e}", "NaN", ">inf"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn the_worst_verdict_stands_on_top_with_its_reasons() {
    let pass = page(&[verdict("r", Verdict::Pass), verdict("all", Verdict::Pass)], &[None, Some(0)]);
    assert!(
        pass.contains("<h2>Passes the gate</h2>") && pass.contains("at least 84.0 % are heard (80.0 % are asked for)")
    );
    assert!(pass.contains("97.0 % fewer false positives than a static threshold, at least 73.0 %"));
    // The series of the rule are all there are: one section of results.
    assert_eq!(pass.matches("Results: ").count(), 2, "its heading and its caption");
    let fail = page(&[verdict("r", Verdict::NotComparable), verdict("all", Verdict::Fail)], &[None, None]);
    assert!(
        fail.contains("<h2>Does not pass the gate</h2>") && fail.contains("<code>r</code> (not comparable): because")
    );
    let open = page(&[verdict("all", Verdict::NotComparable)], &[None]);
    assert!(open.contains("<h2>Cannot be told</h2>"));
    let estimates = verdict("all", Verdict::PointOnly);
    let estimates = BacktestVerdict { gate: Gate::Point, ..estimates };
    assert!(page(&[estimates], &[None]).contains("<h2>Passes the gate</h2>"));
}

#[test]
fn a_rule_that_was_not_judged_is_no_pass() {
    let missing = [(HOSTILE.to_owned(), 1)];
    let page = page_without(&[verdict("r", Verdict::Pass), verdict("all", Verdict::Pass)], &[None, Some(0)], &missing);
    assert!(page.contains("<h2>Cannot be told</h2>"));
    assert!(page.contains(&format!("<code>{ESCAPED}</code> was not judged, since it has 1 bucket behind")), "{page}");
}

#[test]
fn a_pass_on_what_was_searched_is_called_no_proof() {
    let searched = BacktestVerdict { tuned_on_judged: vec![HOSTILE.to_owned()], ..verdict("r", Verdict::Pass) };
    let found = page(&[searched, verdict("all", Verdict::Pass)], &[None, None]);
    assert!(found.contains("<h2>Passes the gate</h2>"), "{found}");
    assert!(found.contains(&format!("judged here, so this is no proof: {ESCAPED}.")), "{found}");
    assert!(!page(&[verdict("all", Verdict::Pass)], &[None]).contains("no proof"));
}
