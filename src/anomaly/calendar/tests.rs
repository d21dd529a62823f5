use proptest::prelude::*;

use super::*;
use crate::anomaly::times::{Time, parse, text};

fn zone(name: &str) -> Calendar {
    Calendar::of(name).unwrap()
}

fn ms(utc: &str) -> i64 {
    match parse(utc.as_bytes()).unwrap() {
        Time::Instant(ms) | Time::Local(ms) => ms,
    }
}

/// The local times at which the buckets of a date start, as day of month and minute of their slots, and their lengths in
/// minutes, from the first instant of the date to that of the next.
fn day(zone: &mut Calendar, from: &str, until: &str, minutes: u32) -> Vec<(u16, i64)> {
    let (from, until) = (ms(from), ms(until));
    let mut at = from;
    let mut out = Vec::new();
    while at < until {
        let bucket = zone.bucket(at, minutes);
        assert_eq!(bucket.start, at, "edges of buckets meet");
        assert_eq!(zone.bucket(bucket.end - 1, minutes), bucket);
        out.push((bucket.slot.minute, (bucket.end - bucket.start) / 60_000));
        at = bucket.end;
    }
    assert_eq!(at, until, "the last bucket ends with the date");
    out
}

fn clock(text: &str) -> u16 {
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
}

/// The half hours of a day without some of them, and with others twice.
fn half_hours(without: &[&str], twice: &[&str]) -> Vec<(u16, i64)> {
    let mut slots: Vec<u16> = (0..48).map(|i| i * 30).filter(|m| !without.iter().any(|w| clock(w) == *m)).collect();
    if let Some(first) = twice.first() {
        let at = slots.iter().position(|m| *m == clock(first)).unwrap() + twice.len();
        for (i, text) in twice.iter().enumerate() {
            slots.insert(at + i, clock(text));
        }
    }
    slots.into_iter().map(|slot| (slot, 30)).collect()
}

/// timeanddate.com: Berlin leaves 02:00 for 03:00 on 2026-03-29 at 01:00 UTC, 03:00 for 02:00 on 2026-10-25 at 01:00 UTC.
#[test]
fn berlin_has_23_and_25_hours() {
    let mut zone = zone("Europe/Berlin");
    let spring = day(&mut zone, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 30);
    assert_eq!(spring, half_hours(&["2:00", "2:30"], &[]));
    let autumn = day(&mut zone, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 30);
    assert_eq!(autumn, half_hours(&[], &["2:00", "2:30"]));
}

/// New York leaves 02:00 for 03:00 on 2026-03-08 at 07:00 UTC, 02:00 for 01:00 on 2026-11-01 at 06:00 UTC.
#[test]
fn new_york_has_23_and_25_hours() {
    let mut zone = zone("America/New_York");
    let spring = day(&mut zone, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 30);
    assert_eq!(spring, half_hours(&["2:00", "2:30"], &[]));
    let autumn = day(&mut zone, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 30);
    assert_eq!(autumn, half_hours(&[], &["1:00", "1:30"]));
}

/// Lord Howe Island changes by half an hour: 02:00 (+10:30) for 02:30 (+11) on 2026-10-04 at 15:30 UTC the day before,
/// and back on 2026-04-05 at 15:00 UTC the day before.
#[test]
fn lord_howe_has_half_an_hour_less_and_more() {
    let mut zone = zone("Australia/Lord_Howe");
    let spring = day(&mut zone, "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 30);
    assert_eq!(spring, half_hours(&["2:00"], &[]));
    let autumn = day(&mut zone, "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 30);
    assert_eq!(autumn, half_hours(&[], &["1:30"]));
    // By the hour, buckets lie half an hour off behind the change, and every slot is still hit.
    let spring = day(&mut zone, "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 60);
    let lengths = spring.iter().map(|(_, length)| *length);
    assert_eq!(lengths.collect::<Vec<_>>(), [vec![60; 23], vec![30]].concat());
    assert_eq!(spring.iter().map(|(slot, _)| slot / 60).collect::<Vec<_>>(), (0..24).collect::<Vec<_>>());
    let autumn = day(&mut zone, "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 60);
    assert_eq!(autumn.last(), Some(&(23 * 60, 30)));
    assert_eq!(autumn[..4].iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [0, 60, 60, 120]);
}

#[test]
fn the_last_bucket_of_a_changing_day_is_shorter() {
    let mut zone = zone("Europe/Berlin");
    let spring = |zone: &mut Calendar, minutes| day(zone, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", minutes);
    let autumn = |zone: &mut Calendar, minutes| day(zone, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", minutes);
    assert_eq!(spring(&mut zone, 720), [(0, 720), (720, 660)]);
    // Behind the change the second half begins at 13:00, which is nearer to 12:00 than to the next midnight.
    assert_eq!(autumn(&mut zone, 720), [(0, 720), (720, 720), (720, 60)]);
    assert_eq!(spring(&mut zone, 1440), [(0, 1380)]);
    assert_eq!(autumn(&mut zone, 1440), [(0, 1440), (0, 60)]);
    // Two hours: behind the change each begins on an odd hour, the last one has an hour.
    let two = spring(&mut zone, 120);
    assert_eq!(two, (0..12).map(|i| (i * 120, if i == 11 { 60 } else { 120 })).collect::<Vec<_>>());
    let half = zone.bucket(ms("2026-03-29T21:30:00Z"), 120);
    assert_eq!((half.is_short(7_200_000), half.factor(7_200_000)), (false, 2.0));
    let rest = zone.bucket(ms("2026-10-25T22:30:00Z"), 720);
    assert!(rest.is_short(43_200_000));
    assert!(!zone.bucket(ms("2026-10-25T12:00:00Z"), 720).is_short(43_200_000));
}

#[test]
fn slots_are_local_dates_and_wall_clocks() {
    let slot = |name: &str, utc: &str| {
        let slot = zone(name).bucket(ms(utc), 60).slot;
        let date = text(i64::from(slot.day) * DAY_MS);
        (date[..10].to_owned(), slot.minute / 60)
    };
    let at = |date: &str, hour| (date.to_owned(), hour);
    assert_eq!(slot("UTC", "2026-01-08T13:59:59Z"), at("2026-01-08", 13));
    assert_eq!(slot("UTC", "2028-02-29T00:00:00Z"), at("2028-02-29", 0));
    assert_eq!(slot("Asia/Tokyo", "2028-02-28T15:00:00Z"), at("2028-02-29", 0));
    assert_eq!(slot("Europe/Berlin", "2026-12-31T23:30:00Z"), at("2027-01-01", 0));
    assert_eq!(slot("America/New_York", "2027-01-01T04:30:00Z"), at("2026-12-31", 23));
    assert_eq!(slot("Asia/Kolkata", "2026-01-08T18:30:00Z"), at("2026-01-09", 0));
    // Weekdays: 1970-01-05 was a Monday, 2026-01-08 a Thursday.
    assert_eq!(zone("UTC").bucket(ms("2026-01-08T00:00:00Z"), 60).slot.day.rem_euclid(7), 0);
    assert_eq!(zone("UTC").bucket(ms("1970-01-01T00:00:00Z"), 60).slot.day.rem_euclid(7), 0);
}

/// Clocks that leave midnight, or come back to it.
#[test]
fn dates_begin_with_their_first_instant() {
    // Cairo leaves 00:00 for 01:00 on 2026-04-24, at 22:00 UTC the day before.
    let cairo = day(&mut zone("Africa/Cairo"), "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", 60);
    assert_eq!((cairo.len(), cairo[0]), (23, (60, 60)));
    // Havana leaves 01:00 for 00:00 on 2026-11-01, at 05:00 UTC: the date has 25 hours and begins at 04:00 UTC.
    let havana = day(&mut zone("America/Havana"), "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 60);
    assert_eq!((havana.len(), havana[0], havana[1]), (25, (0, 60), (0, 60)));
    // Samoa had no 2011-12-30.
    let mut samoa = zone("Pacific/Apia");
    let last = samoa.bucket(ms("2011-12-30T09:59:59Z"), 1440);
    let first = samoa.bucket(ms("2011-12-30T10:00:00Z"), 1440);
    assert_eq!((last.end, first.slot.day - last.slot.day), (first.start, 2));
}

#[test]
fn ambiguous_times_are_the_earlier_ones_and_gaps_are_jumped() {
    let mut zone = zone("America/New_York");
    let at = |zone: &mut Calendar, local: &str| text(zone.instant(ms(local)));
    assert_eq!(at(&mut zone, "2026-07-01 12:00:00"), "2026-07-01T16:00:00Z");
    assert_eq!(at(&mut zone, "2026-01-01 12:00:00"), "2026-01-01T17:00:00Z");
    assert_eq!(at(&mut zone, "2014-11-02 01:30:00"), "2014-11-02T05:30:00Z");
    assert_eq!(at(&mut zone, "2014-11-02 02:00:00"), "2014-11-02T07:00:00Z");
    // 02:30 is on no clock: half an hour behind 02:00 it is 03:30.
    assert_eq!(at(&mut zone, "2026-03-08 02:30:00"), "2026-03-08T07:30:00Z");
    assert_eq!(at(&mut zone, "2026-03-08 03:00:00"), "2026-03-08T07:00:00Z");
}

#[test]
fn zones_are_those_of_the_built_in_database() {
    assert!(Calendar::of("Europe/Atlantis").is_none());
    assert_eq!(Calendar::like("Europe/Berlim").as_deref(), Some("Europe/Berlin"));
    assert_eq!(zone("Europe/Berlin").text(ms("2026-07-01T12:00:00Z")), "2026-07-01T14:00:00+02:00");
    assert_eq!(zone("America/St_Johns").text(ms("2026-01-01T12:00:00Z")), "2026-01-01T08:30:00-03:30");
    assert_eq!(zone("UTC").text(0), "1970-01-01T00:00:00+00:00");
}

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
    "America/St_Johns",
    "Asia/Kathmandu",
    "America/Scoresbysund",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// A calendar that was asked other things before answers as a new one, and as jiff does.
    #[test]
    fn what_was_asked_before_changes_nothing(
        name in prop::sample::select(&ZONES[..]),
        times in prop::collection::vec(0i64..4_102_444_800_000, 1..6),
        minutes in prop::sample::select(vec![1u32, 30, 60, 120, 720, 1440]),
    ) {
        let mut used = zone(name);
        for at in times {
            let bucket = used.bucket(at, minutes);
            prop_assert_eq!(bucket, zone(name).bucket(at, minutes));
            prop_assert!(bucket.start <= at && at < bucket.end);
            prop_assert!(bucket.end - bucket.start <= i64::from(minutes) * 60_000);
            prop_assert_eq!(used.bucket(bucket.end, minutes).start, bucket.end);
            prop_assert_eq!(used.bucket(bucket.start, minutes), bucket);
            let zoned = timestamp(at).to_zoned(jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap());
            prop_assert_eq!(used.offset(at), i64::from(zoned.offset().seconds()) * 1000);
            let local = at + used.offset(at);
            let earlier = used.instant(local);
            let known = zoned.time_zone().to_timestamp(zoned.datetime()).unwrap().as_millisecond();
            prop_assert_eq!(earlier, known);
        }
    }
}
