//! Who wrote: replication origins, home regions, suspected writes.

use super::harness::*;
use crate::diff::code::Code;
use crate::diff::event::flag;
use crate::record::diff::{ClosedBy, Confidence};

const NATIVE: &str = "    replication: native\n";
const HOMES: &str = "tenants:\n  - { id: acme, region: US }\n";

fn native() -> Setup {
    Setup { homes: Some(HOMES), ..Setup::default() }.table(NATIVE)
}

/// A row that came by replication.
fn copied(s: &mut Script, side: usize, at: i64, key: u64, value: u64) {
    s.row(side, at, key, value).event.flags |= flag::REPLICATED;
}

#[test]
fn a_newer_state_written_away_from_home_is_blamed() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    copied(&mut s, R, 500, 1, 1);
    s.row(R, 10_000, 1, 2);
    s.tick(200_000);
    let ran = native().run(&s);
    assert_eq!(ran.lines(), ["1.0 open mismatch/divergent rhs 55000"]);
    assert_eq!(ran.diffs[0].region.as_deref(), Some("EU"));
    // Neither side can be said to lag, so both were looked at.
    assert_eq!(ran.diffs[0].read_to, ["eu.audit/0/2", "us.audit/0/1"]);
    let closed = |change: fn(&mut Script)| {
        let mut s = s.clone();
        change(&mut s);
        native().run(&s).lines().remove(1)
    };
    // The writer took it back; home took it over, by replication or by hand.
    assert_eq!(closed(|s| copied(s, R, 90_000, 1, 1)), "1.1 closed mismatch/divergent rhs 90000 reversal 80000");
    assert_eq!(closed(|s| copied(s, L, 90_000, 1, 2)), "1.1 closed late/divergent rhs 90000 arrival 80000");
    assert_eq!(closed(|s| _ = s.row(L, 90_000, 1, 2)), "1.1 closed mismatch/divergent rhs 90000 repair 80000");
}

#[test]
fn a_newer_state_written_at_home_leaves_the_copy_stale() {
    let mut s = Script::default();
    s.row(L, 0, 1, 1);
    copied(&mut s, R, 500, 1, 1);
    s.row(L, 10_000, 1, 2);
    s.tick(200_000);
    let mut arrived = s.clone();
    copied(&mut arrived, R, 60_000, 1, 2);
    let ran = native().run(&arrived);
    assert_eq!(ran.lines(), ["1.0 open mismatch/stale rhs 55000", "1.1 closed late/stale rhs 60000 arrival 50000"]);
    // Written by hand in the copy: a repair, however soon.
    s.row(R, 60_000, 1, 2);
    assert_eq!(native().run(&s).diffs[1].closed_by, Some(ClosedBy::Repair));
}

#[test]
fn a_proven_write_is_said_once() {
    let mut s = Script::default();
    s.both(0, 1, 1);
    let rec = s.row(R, 1_000, 1, 2);
    rec.event.flags |= flag::UNAUTHORIZED;
    extra(rec).home_region = Some("US".into());
    let again = rec.clone();
    s.sides[R].push(again);
    s.row(L, 2_000, 1, 2);
    s.tick(200_000);
    let ran = native().run(&s);
    assert_eq!((ran.lines(), ran.counts.unauthorized, ran.writes.len()), (vec![], 1, 1));
    let w = &ran.writes[0];
    assert_eq!((w.region.as_str(), w.home_region.as_str(), w.confidence), ("EU", "US", Confidence::Proven));
    assert_eq!((w.at.as_str(), ran.counts.duplicates), ("eu.audit/0/1", 1));
}

fn suspects(homes: &'static str, change: impl FnOnce(&mut Script)) -> Ran {
    let mut s = Script::default();
    s.both(0, 9, 1);
    s.row(R, 1_000, 1, 1);
    s.row(L, 1_000, 2, 1);
    s.tick(200_000);
    change(&mut s);
    Setup { homes: Some(homes), ..Setup::default() }.run(&s)
}

#[test]
fn a_row_that_home_never_had_is_suspected() {
    let ran = suspects(HOMES, |_| ());
    assert_eq!((ran.counts.missing, ran.counts.unauthorized), (2, 1));
    let w = &ran.writes[0];
    assert_eq!((w.id.as_str(), w.region.as_str(), w.confidence), ("1", "EU", Confidence::Suspected));
    assert_eq!(ms(&w.ts), 46_000);
    // Home had the row, or the copy was in time, or nobody knows the tenant: not suspected.
    let had = suspects(HOMES, |s| {
        s.row(L, 500, 1, 1);
        s.delete(L, 2_000, 1);
    });
    assert_eq!((had.counts.missing, had.counts.unauthorized), (2, 0));
    assert_eq!(suspects(HOMES, |s| _ = s.row(L, 40_000, 1, 1)).counts.unauthorized, 0);
    let unknown = suspects("tenants:\n  - { id: beta, region: US }\n", |_| ());
    assert_eq!((unknown.counts.unauthorized, unknown.count(R, Code::OriginUnknown)), (0, 1));
}

#[test]
fn a_sub_region_is_home() {
    let ran = suspects("tenants:\n  - { id: acme, region: EU/de }\n", |_| ());
    assert_eq!(ran.writes.iter().map(|w| w.id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(suspects("tenants:\n  - { id: acme, region: APAC }\n", |_| ()).counts.unauthorized, 0);
}
