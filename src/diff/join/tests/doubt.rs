//! What cannot be judged: unreadable events, values that capture lost, columns that only one side has.

use super::harness::*;
use crate::diff::code::Code;
use crate::diff::event::Part;
use crate::diff::hash::Hasher;
use crate::record::diff::ClosedBy;

#[test]
fn an_unreadable_event_leaves_its_key_undecided_until_the_next() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 10_000, 1, 2);
    s.poison(R, 11_000, Some(1));
    s.poison(R, 11_000, Some(2));
    s.row(L, 12_000, 3, 1);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["3.0 open missing/never_seen rhs 57000"]);
    assert_eq!((ran.counts.inconclusive, ran.counts.missing, ran.counts.ok), (2, 1, 0));
    let mut right = s.clone();
    right.row(R, 100_000, 1, 2);
    let ran = Setup::default().run(&right);
    assert_eq!((ran.counts.inconclusive, ran.counts.ok, ran.counts.mismatch), (1, 1, 0));
    s.row(R, 100_000, 1, 3);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.counts.inconclusive, ran.counts.ok, ran.counts.mismatch), (1, 0, 1));
}

#[test]
fn an_unreadable_event_without_a_key_withholds_its_table() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 0, 2, 1);
    s.poison(R, 10_000, None);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.inconclusive, ran.counts.ok), (vec![], 1, 1));
    let ran = Setup::default().with(|s| s.allow_poison = true).run(&s);
    assert_eq!((ran.counts.missing, ran.counts.inconclusive, ran.counts.ok), (1, 0, 1));
}

/// The diff was open before the event that could not be read; the sides agreed meanwhile.
#[test]
fn an_open_diff_closes_after_an_unreadable_event() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    s.row(L, 10_000, 1, 2);
    s.poison(R, 70_000, Some(1));
    s.row(L, 80_000, 1, 1);
    s.row(R, 90_000, 1, 1);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines().len(), 2, "{:?}", ran.lines());
    assert_eq!((ran.diffs[1].state, ran.counts.ok), (crate::record::diff::State::Closed, 1));
}

/// The verdict on the final states is the same whether the doubtful row came before the deadline or after.
#[test]
fn a_difference_that_cannot_be_told_any_more_does_not_stay_open() {
    for at in [10_000, 100_000] {
        let mut s = Script::default();
        extra(s.row(L, 0, 1, 1)).alt = Some(digest(2));
        s.row(R, at, 1, 2);
        s.row(L, 0, 2, 1);
        s.poison(R, at, Some(2));
        s.row(L, 0, 3, 1);
        s.tick(200_000);
        let ran = Setup::default().run(&s);
        let c = &ran.counts;
        assert_eq!((c.missing, c.mismatch, c.inconclusive, c.capture_loss), (1, 0, 2, 1), "{:?}", ran.lines());
        let given_up = ran.diffs.iter().filter(|d| d.closed_by == Some(ClosedBy::Inconclusive)).count();
        assert_eq!(given_up, if at < 45_000 { 0 } else { 2 });
    }
}

/// An event of an unknown key was lost after a difference of its table was reported: it may have been its repair.
#[test]
fn a_lost_event_puts_open_differences_in_doubt() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    s.poison(R, 100_000, None);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.counts.missing, ran.counts.inconclusive, ran.diffs.len()), (0, 1, 2));
    assert_eq!(ran.diffs[1].closed_by, Some(ClosedBy::Inconclusive));
}

/// A row of the table with toast columns: without them it is `base`, and the one part is given.
fn toast(s: &mut Script, side: usize, at: i64, base: u64, part: Part) {
    let base = digest(base);
    let known = match part {
        Part::Known(sha) => Some(sha),
        _ => None,
    };
    let whole = Hasher::Plain.with_parts(&base, [known].into_iter());
    let rec = s.row(side, at, 1, 0);
    rec.event.digest = whole;
    extra(rec).base = Some(base);
    extra(rec).parts = vec![part];
}

#[test]
fn a_placeholder_takes_the_last_known_value() {
    let mut s = Script::default();
    toast(&mut s, L, 0, 1, Part::Known([5; 32]));
    toast(&mut s, R, 0, 1, Part::Known([5; 32]));
    toast(&mut s, L, 1_000, 2, Part::Inherit);
    toast(&mut s, R, 2_000, 2, Part::Known([5; 32]));
    s.tick(200_000);
    assert_eq!(Setup::default().run(&s).lines(), [""; 0]);
    toast(&mut s, L, 10_000, 3, Part::Inherit);
    toast(&mut s, R, 11_000, 3, Part::Known([6; 32]));
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["1.0 open mismatch/divergent - 56000"]);
    // A null is a value too.
    let mut s = Script::default();
    toast(&mut s, L, 0, 1, Part::Null);
    toast(&mut s, L, 500, 2, Part::Inherit);
    toast(&mut s, R, 1_000, 2, Part::Null);
    s.tick(200_000);
    assert_eq!(Setup::default().run(&s).lines(), [""; 0]);
}

#[test]
fn a_repeated_placeholder_is_a_duplicate() {
    let mut s = Script::default();
    toast(&mut s, L, 0, 1, Part::Known([5; 32]));
    toast(&mut s, R, 0, 1, Part::Known([5; 32]));
    toast(&mut s, R, 1_000, 2, Part::Inherit);
    s.sides[R][1].event.flags |= crate::diff::event::flag::UNAUTHORIZED;
    let again = s.sides[R][1].clone();
    s.sides[R].push(again);
    toast(&mut s, L, 2_000, 2, Part::Known([5; 32]));
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.duplicates, ran.writes.len()), (vec![], 1, 1));
}

#[test]
fn a_placeholder_without_a_known_value_is_undecided() {
    let mut s = Script::default();
    toast(&mut s, L, 0, 1, Part::Inherit);
    toast(&mut s, R, 0, 1, Part::Known([5; 32]));
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.inconclusive), (vec![], 1));
    assert_eq!(ran.count(L, Code::ToastUnresolved), 1);
    let mut equal = s.clone();
    toast(&mut equal, L, 100_000, 1, Part::Known([5; 32]));
    let ran = Setup::default().run(&equal);
    assert_eq!((ran.counts.ok, ran.counts.mismatch, ran.counts.inconclusive), (1, 0, 0));
    toast(&mut s, L, 100_000, 1, Part::Known([6; 32]));
    let ran = Setup::default().run(&s);
    assert_eq!((ran.counts.ok, ran.counts.mismatch, ran.counts.inconclusive), (0, 1, 0));
}

/// What was known before a delete is not the value of a new row.
#[test]
fn a_reinserted_row_inherits_nothing() {
    let mut s = Script::default();
    toast(&mut s, L, 0, 1, Part::Known([5; 32]));
    toast(&mut s, R, 0, 1, Part::Known([5; 32]));
    s.delete(L, 1_000, 1);
    toast(&mut s, L, 2_000, 2, Part::Inherit);
    toast(&mut s, R, 3_000, 2, Part::Known([5; 32]));
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.inconclusive), (vec![], 1));
}

#[test]
fn a_nan_that_arrives_as_null_is_capture_loss() {
    let mut s = Script::default();
    extra(s.row(L, 0, 1, 1)).alt = Some(digest(2));
    s.row(R, 0, 1, 2);
    extra(s.row(R, 0, 2, 1)).alt = Some(digest(2));
    s.row(L, 0, 2, 3);
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!(ran.lines(), ["2.0 open mismatch/divergent - 45000"]);
    assert_eq!((ran.counts.capture_loss, ran.counts.inconclusive, ran.counts.mismatch), (1, 1, 1));
    // The next full value decides.
    s.row(L, 100_000, 1, 4);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.counts.capture_loss, ran.counts.inconclusive, ran.counts.mismatch), (0, 0, 2));
}

#[test]
fn unequal_columns_prove_nothing_without_a_second_look() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    s.row(R, 0, 1, 2).event.cols_fp = 7;
    s.row(L, 0, 2, 1);
    s.row(R, 0, 2, 1).event.cols_fp = 7;
    s.tick(200_000);
    let ran = Setup::default().with(|s| s.second_pass = false).run(&s);
    assert_eq!((ran.lines(), ran.counts.inconclusive, ran.counts.ok), (vec![], 1, 1));
    assert_eq!(ran.count(L, Code::SchemaFingerprint), 1);
    assert_eq!(Setup::default().run(&s).counts.mismatch, 1);
}

/// Rows outside the sample are counted elsewhere and change no state; a write outside the home region still shows.
#[test]
fn sampled_out_rows_are_not_compared() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    let rec = s.row(L, 0, 2, 1);
    rec.event.class = crate::diff::event::Class::SampledOut;
    rec.event.flags = crate::diff::event::flag::UNAUTHORIZED;
    s.row(R, 10_000, 3, 1).event.class = crate::diff::event::Class::SampledOut;
    s.tick(200_000);
    let ran = Setup::default().run(&s);
    assert_eq!((ran.lines(), ran.counts.ok, ran.counts.unauthorized), (vec![], 1, 1));
    assert_eq!((ran.writes.len(), ran.writes[0].id.as_str()), (1, "2"));
}
