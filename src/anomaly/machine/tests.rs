use super::*;
use crate::anomaly::dice::Dice;
use crate::anomaly::method::{Direction, Kind, MustDetect, Stream, Transform};
use crate::anomaly::score::Verdict;

const HOUR: i64 = 3600;

/// Threshold 2.5, calm below 1.75; six hours of cooldown.
fn method() -> Method {
    Method {
        kind: Kind::Count,
        streams: vec![Stream::Level],
        alpha: 0.2,
        window: 168,
        bucket: 60,
        transform: Transform::Identity,
        rel_floor: 0.05,
        abs_floor: 0.0,
        direction: Direction::Both,
        threshold: 2.5,
        min_effect: None,
        must_detect: MustDetect::Count { rel: 4.0, abs: 25.0, drop_to: 0.1, drop_buckets: 6 },
        cooldown: 6,
    }
}

/// A bucket with a score; a negative one is a score downwards. None has no score.
fn point(score: Option<f64>) -> Point {
    let verdict =
        score.map(|s| Verdict { score: s.abs(), side: if s < 0.0 { Side::Down } else { Side::Up }, expected: 10.0 });
    let status = match verdict {
        Some(v) if v.score >= 2.5 => Status::Breach,
        Some(_) => Status::Ok,
        None => Status::Missing,
    };
    Point { at: 0, value: score, status, readings: [None; 3], verdict }
}

/// One letter per bucket from hour 0 on: O open, E escalate, R and T closes, c suppressed by cooldown, - nothing.
fn told(scores: &[Option<f64>]) -> String {
    let (method, mut machine) = (method(), Machine::default());
    let letter = |(hour, score): (usize, &Option<f64>)| {
        let step = machine.step(&method, hour as i64 * HOUR, &point(*score), false);
        match (step.notification.map(|n| n.event), step.suppressed) {
            (Some(Event::Open), None) => 'O',
            (Some(Event::Escalate), None) => 'E',
            (Some(Event::Close(Reason::Recovered)), None) => 'R',
            (Some(Event::Close(Reason::Timeout)), None) => 'T',
            (None, Some(Suppressed::Cooldown)) => 'c',
            (None, None) => '-',
            other => unreachable!("{other:?}"),
        }
    };
    scores.iter().enumerate().map(letter).collect()
}

fn scores(list: &[f64]) -> String {
    told(&list.iter().copied().map(Some).collect::<Vec<_>>())
}

#[test]
fn each_row_of_the_table() {
    // quiet, a breach above all of the cooldown: open. Not above: nothing more is said while it lasts.
    assert_eq!(scores(&[1.0, 3.0, 3.0, 2.9]), "-O--");
    // open, a louder breach: escalate.
    assert_eq!(scores(&[3.0, 4.0, 4.0, 4.1, 3.9]), "OE-E-");
    // open, three in a row below 1.75: close. The second row starts to count again.
    assert_eq!(scores(&[3.0, 1.0, 1.7, 1.0, 1.0]), "O--R-");
    assert_eq!(scores(&[3.0, 1.0, 1.0, 1.75, 1.0, 1.0, 1.0]), "O-----R");
    // quiet, a breach that is not above all of the cooldown: unannounced, and so is its end.
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0]), "O--Rc---");
    // open unannounced, a louder breach: the late open, and then it has a close.
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, 3.0, 5.0, 1.0, 1.0, 1.0]), "O--RcO--R");
    // The cooldown ends: six hours later the first breach still counts, seven hours later it does not.
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0]), "O--R--c");
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0]), "O--R---O");
    // An alert that was not announced speaks up once the louder breaches are six hours past.
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, 3.0, 2.6, 2.6, 3.1]), "O--Rc--O");
    // Directions have their own cooldowns.
    assert_eq!(scores(&[4.0, 1.0, 1.0, 1.0, -3.0, 3.9]), "O--RO-");
    assert_eq!(scores(&[4.0, -3.0, -3.5, -3.2]), "OEE-");
}

#[test]
fn buckets_without_a_score_count_neither_way() {
    let (calm, gap) = (Some(1.0), None);
    assert_eq!(told(&[Some(3.0), calm, gap, calm, gap, calm]), "O----R");
    assert_eq!(told(&[gap, gap]), "--");
}

#[test]
fn an_alert_ends_after_seven_days() {
    let mut list = vec![Some(3.0)];
    list.extend(std::iter::repeat_n(Some(2.0), 168));
    assert_eq!(told(&list), format!("O{}", "-".repeat(168)));
    list.push(Some(2.0));
    assert_eq!(told(&list), format!("O{}T", "-".repeat(168)));
    *list.last_mut().unwrap() = None;
    assert_eq!(told(&list), format!("O{}T", "-".repeat(168)));
    // A louder breach is told first; the alert that began anew is another one.
    *list.last_mut().unwrap() = Some(2.6);
    list.push(Some(2.6));
    list.push(Some(2.7));
    assert_eq!(told(&list), format!("O{}ETO", "-".repeat(168)));
}

#[test]
fn a_record_tells_where_its_alert_began() {
    let (method, mut machine) = (method(), Machine::default());
    let mut step =
        |hour: i64, score: f64| machine.step(&method, hour * HOUR, &point(Some(score)), hour == 8).notification;
    step(0, 4.0);
    assert_eq!((1..4).filter_map(|hour| step(hour, 1.0)).count(), 1);
    assert_eq!(step(4, -2.0), None);
    assert_eq!(step(5, 3.0), None);
    let late = step(6, -5.0).unwrap();
    assert_eq!(
        late,
        Notification { event: Event::Open, opened: 5 * HOUR, duration_s: HOUR, side: Side::Down, muted: false }
    );
    assert_eq!(step(7, 1.0), None);
    let muted = step(8, -6.0).unwrap();
    assert_eq!((muted.event, muted.muted, muted.calls(), late.calls()), (Event::Escalate, true, false, true));
    assert_eq!((step(9, 0.0), step(10, 0.0)), (None, None));
    let close = step(11, 0.0).unwrap();
    assert_eq!((close.event, close.opened, close.duration_s), (Event::Close(Reason::Recovered), 5 * HOUR, 6 * HOUR));
    assert!(close.side == Side::Down && !close.calls());
}

#[test]
fn a_mute_is_counted_where_it_held_a_record_back() {
    let (method, mut machine) = (method(), Machine::default());
    let mut step = |hour: i64, score: f64| machine.step(&method, hour * HOUR, &point(Some(score)), true).suppressed;
    assert_eq!(step(0, 3.0), Some(Suppressed::Mute));
    assert_eq!(step(1, 4.0), Some(Suppressed::Mute));
    assert_eq!([step(2, 3.0), step(3, 1.0), step(4, 1.0)], [None; 3]);
    assert_eq!(step(5, 1.0), None);
    assert_eq!(step(6, 3.5), Some(Suppressed::Cooldown));
}

/// What the shell says: `printf 'export-spike\nacme\n1767877200\n' | sha256sum | cut -c1-16`.
#[test]
fn an_alert_has_one_name() {
    assert_eq!(alert_id("export-spike", "acme", 1_767_877_200), "8f9250117a39afe3");
    assert_ne!(alert_id("a", "b", 1), alert_id("a", "b", 2));
    assert_ne!(alert_id("a", "b", 1), alert_id("b", "a", 1));
}

fn random_score(dice: &mut Dice) -> Option<f64> {
    let sign = if dice.below(3) == 0 { -1.0 } else { 1.0 };
    match dice.below(10) {
        0 => None,
        1..6 => Some(sign * dice.uniform() * 2.4),
        _ => Some(sign * (2.5 + dice.below(12) as f64 / 4.0)),
    }
}

#[test]
fn the_laws_of_the_machine() {
    let method = method();
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let (mut machine, mut muted) = (Machine::default(), Machine::default());
        let (mut breaches, mut records, mut open) = (Vec::new(), 0, None);
        for hour in 0..600 {
            let point = point(random_score(&mut dice));
            let start = hour * HOUR;
            let step = machine.step(&method, start, &point, false);
            let same = muted.step(&method, start, &point, dice.below(2) == 0);
            assert_eq!(step.notification, same.notification.map(|n| Notification { muted: false, ..n }));
            assert_eq!(machine, muted);
            if let Some(told) = step.notification {
                match told.event {
                    Event::Close(_) => assert_eq!(open.take(), Some(told.opened), "a close without its open"),
                    event => {
                        records += 1;
                        assert_eq!(open.is_none(), event == Event::Open);
                        assert_eq!(*open.get_or_insert(told.opened), told.opened);
                        let verdict = point.verdict.unwrap();
                        let recent =
                            |(at, side, _): &&(i64, Side, f64)| *side == verdict.side && start - at <= 6 * HOUR;
                        assert!(breaches.iter().filter(recent).all(|(.., score)| *score < verdict.score));
                    }
                }
            }
            if point.status == Status::Breach {
                let verdict = point.verdict.unwrap();
                breaches.push((start, verdict.side, verdict.score));
            }
            let text = serde_json::to_string(&machine).unwrap();
            machine = serde_json::from_str(&text).unwrap();
        }
        assert!(records > 0 && records <= breaches.len());
    }
}
