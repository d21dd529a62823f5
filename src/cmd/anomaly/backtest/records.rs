//! What a backtest found, as records.

use crate::anomaly::backtest::{Asked, Assessed, Backtest, Injection as Injected, Miss as Missed};
use crate::anomaly::inject;
use crate::anomaly::judge::evaluate::{self, Name, Row};
use crate::anomaly::judge::misses;
use crate::anomaly::judge::{curve, verdict};
use crate::anomaly::rules::canonical::must_detect;
use crate::anomaly::times;
use crate::cmd::Session;
use crate::error::Result;
use crate::record::anomaly::{
    At, BacktestResult, BacktestVerdict, Curve, Detector, Gate, Injection, InjectionKind, Miss, Verdict, What, six,
};
use crate::text::counted;

/// All records, in the order in which they are written.
pub struct Records {
    pub verdicts: Vec<BacktestVerdict>,
    pub results: Vec<BacktestResult>,
    pub injections: Vec<Injection>,
    pub misses: Vec<Miss>,
    pub curves: Vec<Curve>,
}

pub fn of(found: &Backtest, asked: &Asked) -> Records {
    Records {
        verdicts: found.sets.iter().map(|set| verdict(set, asked)).collect(),
        results: found.sets.iter().flat_map(results).collect(),
        injections: found.injections.iter().map(injection).collect(),
        misses: found.misses.iter().map(miss).collect(),
        curves: found.sets.iter().flat_map(curves).collect(),
    }
}

impl Records {
    pub fn write(&self, session: &mut Session) -> Result<()> {
        self.results.iter().try_for_each(|record| session.write(record))?;
        self.curves.iter().try_for_each(|record| session.write(record))?;
        self.injections.iter().try_for_each(|record| session.write(record))?;
        self.misses.iter().try_for_each(|record| session.write(record))?;
        for record in &self.verdicts {
            session.write(record)?;
            session.human(&format!("{}: {}", record.set, record.verdict.as_str()))?;
            record.reasons.iter().try_for_each(|reason| session.human(&format!("  {reason}")))?;
        }
        Ok(())
    }
}

/// One line about all series together.
pub fn summary(found: &Backtest) -> String {
    let Some(all) = found.sets.last() else { return String::new() };
    let percent = |x: f64| format!("{:.0} %", 100.0 * x);
    let mut parts = vec![verdict_word(found.verdict()).as_str().to_owned()];
    if let Some((kind, power)) = all.weakest {
        parts.push(format!(
            "injected {}s heard {} (bound {})",
            kind.as_str(),
            percent(power.estimate),
            percent(power.low)
        ));
    }
    for name in [Name::Static, Name::RollingZ] {
        let Some(gain) = all.evaluation.reduction(name) else { continue };
        parts.push(match gain.estimate {
            Some(estimate) => {
                format!(
                    "{} fewer false positives than {} (bound {})",
                    percent(estimate),
                    name.as_str(),
                    percent(gain.low)
                )
            }
            None => format!("not comparable with {}", name.as_str()),
        });
    }
    let windows =
        if all.labelled { counted(found.windows() as u64, "labelled window") } else { "no labels".to_owned() };
    let unjudged: Vec<String> = found.too_little.iter().map(|(rule, _)| format!("`{rule}`")).collect();
    let unjudged = if unjudged.is_empty() { String::new() } else { format!("; not judged: {}", unjudged.join(", ")) };
    format!("{}; {} series, {windows}{unjudged}", parts.join(", "), all.series)
}

fn results(set: &Assessed) -> Vec<BacktestResult> {
    set.evaluation.rows.iter().map(|row| result(set, row)).collect()
}

fn result(set: &Assessed, row: &Row) -> BacktestResult {
    let figures = row.figures.as_ref();
    let gain = row.reduction.as_ref();
    let unscored = set.evaluation.unscored.iter().find(|(name, _)| *name == row.detector);
    BacktestResult {
        set: set.set.clone(),
        detector: detector(row.detector),
        at: at(row.at),
        threshold: figures.map(|f| six(f.threshold)),
        windows: set.evaluation.windows as u64,
        detected: figures.map(|f| f.detected as u64),
        power: figures.and_then(|f| f.power).map(six),
        power_lo: figures.and_then(|f| f.power_lo).map(six),
        power_hi: figures.and_then(|f| f.power_hi).map(six),
        fpr: figures.and_then(|f| f.fpr).map(six),
        notifications_per_week: row.notifications_per_week.map(six),
        time_in_alert: figures.and_then(|f| f.time_in_alert).map(six),
        lag_median_buckets: figures.and_then(|f| f.lag_median_buckets).map(six),
        reduction: gain.and_then(|g| g.estimate).map(six),
        reduction_lo: gain.map(|g| six(g.low)),
        reduction_hi: gain.map(|g| six(g.high)),
        undefined_share: gain.map(|g| six(g.undefined_share)),
        unscored_share: unscored.and_then(|(_, share)| *share).map(six),
    }
}

fn curves(set: &Assessed) -> Vec<Curve> {
    let points = |name: Detector, points: &[curve::Point]| -> Vec<Curve> {
        let point = |p: &curve::Point| Curve {
            set: set.set.clone(),
            detector: name,
            threshold: p.threshold.map(six),
            power: six(p.power),
            fpr: six(p.fpr),
        };
        points.iter().map(point).collect()
    };
    let mut all: Vec<Curve> = set.evaluation.curves.iter().flat_map(|(name, of)| points(detector(*name), of)).collect();
    all.extend(points(Detector::Chance, &set.evaluation.chance));
    all
}

fn injection(of: &Injected) -> Injection {
    Injection {
        rule: of.rule.clone(),
        detector: detector(of.detector),
        kind: kind(of.kind),
        size: of.size,
        threshold: six(of.threshold),
        n: of.n as u64,
        detected: of.detected as u64,
        power: of.power.map(six),
        power_lo: of.power_lo.map(six),
    }
}

fn miss(of: &Missed) -> Miss {
    Miss {
        rule: of.rule.clone(),
        tenant: of.tenant.clone(),
        series: of.series.clone(),
        start: times::text(of.wrong.start),
        end: times::text(of.wrong.end),
        what: match of.wrong.what {
            misses::What::Miss => What::Miss,
            misses::What::False => What::False,
        },
        max_score: six(of.wrong.max_score),
    }
}

fn verdict(set: &Assessed, asked: &Asked) -> BacktestVerdict {
    let gain = |name: Name| set.evaluation.reduction(name);
    let estimate = |name: Name| gain(name).and_then(|g| g.estimate).map(six);
    let low = |name: Name| gain(name).map(|g| six(g.low));
    let high = |name: Name| gain(name).map(|g| six(g.high));
    BacktestVerdict {
        set: set.set.clone(),
        series: set.series as u64,
        labelled: set.labelled,
        windows: set.evaluation.windows as u64,
        buckets: set.buckets as u64,
        judged: set.judged as u64,
        must_detect: set.must_detect.iter().map(|(rule, what)| format!("{rule}: {}", must_detect(what))).collect(),
        kind: set.weakest.map(|(of, _)| kind(of)),
        power: set.weakest.map(|(_, power)| six(power.estimate)),
        power_lo: set.weakest.map(|(_, power)| six(power.low)),
        min_power: set.min_power,
        p_star: six(set.evaluation.p_star),
        reduction_static: estimate(Name::Static),
        reduction_static_lo: low(Name::Static),
        reduction_static_hi: high(Name::Static),
        reduction_rolling_z: estimate(Name::RollingZ),
        reduction_rolling_z_lo: low(Name::RollingZ),
        reduction_rolling_z_hi: high(Name::RollingZ),
        reduction_current: estimate(Name::Current),
        reduction_current_lo: low(Name::Current),
        reduction_current_hi: high(Name::Current),
        min_reduction: asked.min_reduction,
        weak_tenants: set.weak_tenants.clone(),
        tuned_on_judged: set.tuned_on_judged.clone(),
        gated: set.gated,
        gate: match asked.gate {
            verdict::Gate::Lower => Gate::Lower,
            verdict::Gate::Point => Gate::Point,
        },
        verdict: verdict_word(set.verdict),
        reasons: set.reasons.clone(),
    }
}

pub fn verdict_word(verdict: verdict::Verdict) -> Verdict {
    match verdict {
        verdict::Verdict::Pass => Verdict::Pass,
        verdict::Verdict::PointOnly => Verdict::PointOnly,
        verdict::Verdict::Fail => Verdict::Fail,
        verdict::Verdict::NotComparable => Verdict::NotComparable,
    }
}

fn detector(name: Name) -> Detector {
    match name {
        Name::Static => Detector::Static,
        Name::RollingZ => Detector::RollingZ,
        Name::Candidate => Detector::Candidate,
        Name::Current => Detector::Current,
        Name::Literal => Detector::Literal,
    }
}

fn at(at: evaluate::At) -> At {
    match at {
        evaluate::At::Operating => At::Operating,
        evaluate::At::Matched => At::Matched,
        evaluate::At::EqualFpr => At::EqualFpr,
        evaluate::At::Power(power) if power < 0.65 => At::Sixty,
        evaluate::At::Power(power) if power < 0.75 => At::Seventy,
        evaluate::At::Power(power) if power < 0.85 => At::Eighty,
        evaluate::At::Power(_) => At::Ninety,
    }
}

fn kind(kind: inject::Kind) -> InjectionKind {
    match kind {
        inject::Kind::Spike => InjectionKind::Spike,
        inject::Kind::Burst => InjectionKind::Burst,
        inject::Kind::Drop => InjectionKind::Drop,
        inject::Kind::Ramp => InjectionKind::Ramp,
        inject::Kind::Shift => InjectionKind::Shift,
    }
}
