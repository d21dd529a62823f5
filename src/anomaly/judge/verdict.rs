//! Whether a candidate may replace what it was judged against.

use super::reduction::Reduction;

/// Which value decides: the bound, or the estimate alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Lower,
    Point,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// The estimates would pass, the bounds do not.
    PointOnly,
    Fail,
    /// A detector cannot reach the power of the comparison, or there is nothing to compare.
    NotComparable,
}

/// A power with its lower bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    pub estimate: f64,
    pub low: f64,
}

pub struct Facts<'a> {
    pub min_power: f64,
    pub min_reduction: f64,
    /// Of the injections, the weakest kind; None where none were made.
    pub injected: Option<Power>,
    /// At the candidate's operating threshold; None without labels.
    pub labelled: Option<f64>,
    /// Where there are labels: the false positive rate of the candidate at the power of the comparison, and that at which
    /// scores drawn at random have the same power.
    pub chance: Option<(f64, f64)>,
    /// Against each baseline of the gate, at the common power.
    pub against_baselines: &'a [(&'a str, Reduction)],
    /// Against the parameters in use and their injected power, where they are given.
    pub against_current: Option<(Reduction, Option<Power>)>,
}

/// How one condition came out, and why not better.
struct Condition {
    verdict: Verdict,
    reason: Option<String>,
}

impl Condition {
    /// The bound decides; an estimate that holds is a pass for `Gate::Point` alone.
    fn of(estimate: bool, bound: bool, reason: impl FnOnce() -> String) -> Self {
        let verdict = match (estimate, bound) {
            (true, true) => return Condition { verdict: Verdict::Pass, reason: None },
            (true, false) => Verdict::PointOnly,
            (false, _) => Verdict::Fail,
        };
        Condition { verdict, reason: Some(reason()) }
    }

    fn not_comparable(reason: String) -> Self {
        Condition { verdict: Verdict::NotComparable, reason: Some(reason) }
    }
}

/// The verdict with its reasons. What failed beats what could not be compared, and that beats a bound that was missed.
pub fn verdict(facts: &Facts) -> (Verdict, Vec<String>) {
    let mut conditions = vec![power(facts)];
    conditions.extend(labelled(facts));
    conditions.extend(chance(facts));
    conditions.extend(facts.against_baselines.iter().map(|(name, r)| reduction(name, r, facts.min_reduction)));
    if facts.against_baselines.is_empty() {
        conditions.push(Condition::not_comparable("no baseline was judged".to_owned()));
    }
    conditions.extend(current(facts));
    let worst = [Verdict::Fail, Verdict::NotComparable, Verdict::PointOnly]
        .into_iter()
        .find(|v| conditions.iter().any(|c| c.verdict == *v))
        .unwrap_or(Verdict::Pass);
    (worst, conditions.into_iter().filter_map(|c| c.reason).collect())
}

/// Only `pass` passes a gate on bounds.
pub fn passes(verdict: Verdict, gate: Gate) -> bool {
    verdict == Verdict::Pass || (verdict == Verdict::PointOnly && gate == Gate::Point)
}

fn power(facts: &Facts) -> Condition {
    let Some(injected) = facts.injected else {
        return Condition::not_comparable("no injection was made, so no power is certified".to_owned());
    };
    Condition::of(injected.estimate >= facts.min_power, injected.low >= facts.min_power, || {
        format!("injected power {:.3} (bound {:.3}) is below {}", injected.estimate, injected.low, facts.min_power)
    })
}

fn labelled(facts: &Facts) -> Option<Condition> {
    let found = facts.labelled?;
    let holds = found >= facts.min_power;
    Some(Condition::of(holds, holds, || format!("power on the labels {found:.3} is below {}", facts.min_power)))
}

/// What finds no more than dice do is not let in by a baseline that finds even less.
fn chance(facts: &Facts) -> Option<Condition> {
    let (found, by_chance) = facts.chance?;
    let holds = found < by_chance;
    Some(Condition::of(holds, holds, || {
        format!(
            "on the labels it is no better than chance: a false positive rate of {found:.4}, where scores drawn at random have {by_chance:.4}"
        )
    }))
}

fn reduction(name: &str, found: &Reduction, least: f64) -> Condition {
    let Some(estimate) = found.estimate else {
        return Condition::not_comparable(format!(
            "the power {:.3} is out of reach, or nothing is clean: {name}",
            found.power
        ));
    };
    Condition::of(estimate >= least, found.low >= least, || {
        format!("reduction against {name} {estimate:.3} (bound {:.3}) is below {least}", found.low)
    })
}

/// As `tune` replaces parameters: not more false positives, and no power lost that the rule asks for.
fn current(facts: &Facts) -> Option<Condition> {
    let (found, power) = facts.against_current?;
    let Some(estimate) = found.estimate else {
        return Some(Condition::not_comparable("the current parameters cannot reach the power".to_owned()));
    };
    let deafer = match (power, facts.injected) {
        (Some(old), Some(new)) => new.low < old.low.min(facts.min_power),
        _ => false,
    };
    let holds = estimate >= 0.0 && !deafer;
    Some(Condition::of(holds, holds, || {
        format!(
            "against the current parameters the reduction is {estimate:.3}{}",
            if deafer { " and power was lost" } else { "" }
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(estimate: Option<f64>, low: f64) -> Reduction {
        Reduction { power: 0.8, estimate, low, high: 1.0, undefined_share: 0.0 }
    }

    fn sound<'a>(against: &'a [(&'a str, Reduction)]) -> Facts<'a> {
        Facts {
            min_power: 0.8,
            min_reduction: 0.4,
            injected: Some(Power { estimate: 0.85, low: 0.82 }),
            labelled: Some(0.9),
            chance: Some((0.01, 0.02)),
            against_baselines: against,
            against_current: None,
        }
    }

    #[test]
    fn each_condition_alone_decides() {
        let good = [("static", gain(Some(0.6), 0.5))];
        assert_eq!(verdict(&sound(&good)), (Verdict::Pass, Vec::new()));
        let power = |estimate, low| Facts { injected: Some(Power { estimate, low }), ..sound(&good) };
        let current = |reduction, low| Facts {
            against_current: Some((reduction, Some(Power { estimate: 0.9, low }))),
            ..sound(&good)
        };
        for (expected, facts) in [
            (Verdict::Fail, power(0.79, 0.75)),
            (Verdict::PointOnly, power(0.82, 0.79)),
            (Verdict::NotComparable, Facts { injected: None, ..sound(&good) }),
            (Verdict::Fail, Facts { labelled: Some(0.79), ..sound(&good) }),
            (Verdict::Pass, Facts { labelled: None, chance: None, ..sound(&good) }),
            (Verdict::Fail, Facts { chance: Some((0.02, 0.02)), ..sound(&good) }),
            (Verdict::PointOnly, sound(&[("static", gain(Some(0.6), 0.39))])),
            (Verdict::Fail, sound(&[("static", gain(Some(0.39), 0.3))])),
            (Verdict::NotComparable, sound(&[("static", gain(None, 0.9))])),
            (Verdict::NotComparable, sound(&[])),
            (Verdict::PointOnly, sound(&[("static", gain(Some(0.6), 0.5)), ("rolling_z", gain(Some(0.5), 0.1))])),
            (Verdict::Fail, sound(&[("static", gain(None, 0.9)), ("rolling_z", gain(Some(0.1), 0.1))])),
            (Verdict::Pass, current(gain(Some(0.0), -0.3), 0.82)),
            // More power than the rule asks for may be given up.
            (Verdict::Pass, current(gain(Some(0.1), 0.0), 0.9)),
            (Verdict::Fail, current(gain(Some(-0.01), -0.3), 0.8)),
            (Verdict::NotComparable, current(gain(None, -0.3), 0.8)),
        ] {
            let (found, reasons) = verdict(&facts);
            assert_eq!((found, reasons.is_empty()), (expected, expected == Verdict::Pass), "{reasons:?}");
        }
    }

    #[test]
    fn lost_power_is_a_regression() {
        let good = [("static", gain(Some(0.6), 0.5))];
        let mut facts = sound(&good);
        facts.injected = Some(Power { estimate: 0.79, low: 0.76 });
        facts.min_power = 0.75;
        facts.labelled = None;
        let old = |low| Some((gain(Some(0.2), 0.1), Some(Power { estimate: 0.8, low })));
        facts.against_current = old(0.9);
        assert_eq!(verdict(&facts).0, Verdict::Pass);
        facts.min_power = 0.8;
        facts.against_current = old(0.78);
        let (found, reasons) = verdict(&facts);
        assert_eq!((found, reasons.len()), (Verdict::Fail, 2));
        assert!(reasons[1].ends_with("and power was lost"), "{reasons:?}");
    }

    #[test]
    fn an_estimate_passes_only_where_it_is_asked_for() {
        for (verdict, lower, point) in [
            (Verdict::Pass, true, true),
            (Verdict::PointOnly, false, true),
            (Verdict::Fail, false, false),
            (Verdict::NotComparable, false, false),
        ] {
            assert_eq!((passes(verdict, Gate::Lower), passes(verdict, Gate::Point)), (lower, point));
        }
    }
}
