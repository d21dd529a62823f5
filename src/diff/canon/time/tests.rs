use super::*;
use proptest::prelude::*;

fn iso(text: &str, zoned: bool) -> Read<String> {
    let mut out = Vec::new();
    write_timestamp(Moment::from_iso(text.as_bytes(), zoned)?, zoned, false, None, &mut out);
    Ok(String::from_utf8(out).unwrap())
}

fn epoch(value: i64, unit: Unit, precision: Option<Precision>) -> String {
    let mut out = Vec::new();
    write_timestamp(Moment::from_epoch(value, unit), false, false, precision, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn timestamps() {
    assert_eq!(iso("2026-11-01T00:00:00.772Z", true).unwrap(), "\"2026-11-01T00:00:00.772000Z\"");
    assert_eq!(iso("2026-11-01T02:00:00.772+02:00", true).unwrap(), "\"2026-11-01T00:00:00.772000Z\"");
    assert_eq!(iso("2026-11-01T00:00:00.772Z", false).unwrap(), "\"2026-11-01T00:00:00.772000\"");
    assert_eq!(epoch(1_793_491_200_772, Unit::Millis, None), "\"2026-11-01T00:00:00.772000\"");
    assert_eq!(iso("infinity", true).unwrap(), "\"infinity\"");
    assert_eq!(epoch(9_223_372_036_825_200_000, Unit::Micros, None), "\"infinity\"");
    assert_eq!(epoch(9_223_372_036_825_200, Unit::Millis, None), "\"infinity\"");
    // 4713-01-01 BC (year -4712) and a year with five digits.
    assert_eq!(iso("-4712-01-01T00:00:00Z", true).unwrap(), "\"-4712-01-01T00:00:00.000000Z\"");
    assert_eq!(iso("+12026-02-28T23:59:59.9999999Z", true).unwrap(), "\"+12026-02-28T23:59:59.999999900Z\"");
    for bad in [
        "2026-11-01",
        "2026-02-29T00:00:00Z",
        "2026-11-01T24:00:01Z",
        "2026-11-01T00:00:00",
        "2026-11-01T00:00:00.Z",
        "x",
    ] {
        assert!(iso(bad, true).is_err(), "{bad}");
    }
}

#[test]
fn rounding_is_half_away_from_zero() {
    assert_eq!(epoch(1_793_491_200_123_500, Unit::Micros, Some(Precision::Ms)), "\"2026-11-01T00:00:00.124000\"");
    assert_eq!(epoch(1_793_491_200_123_499, Unit::Micros, Some(Precision::Ms)), "\"2026-11-01T00:00:00.123000\"");
    assert_eq!(epoch(-500, Unit::Micros, Some(Precision::Ms)), "\"1969-12-31T23:59:59.999000\"");
    assert_eq!(epoch(-500_000, Unit::Micros, Some(Precision::S)), "\"1969-12-31T23:59:59.000000\"");
}

#[test]
fn dates_times_and_intervals() {
    let date = |t: &str| {
        let mut out = Vec::new();
        date_from_iso(t.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    let mut days = Vec::new();
    date_from_days(20_758, &mut days);
    assert_eq!(date("2026-11-01Z").unwrap().as_bytes(), days);
    date_from_days(INFINITY_DAY, &mut days);
    assert!(days.ends_with(b"\"infinity\""));
    assert_eq!(time_from_iso(b"00:00:00.772Z"), Ok(time_from_epoch(772_000, Unit::Micros)));
    let interval = |t: &str| {
        let mut out = Vec::new();
        interval_from_iso(t.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(interval("P0Y1M2DT0H0M0S").unwrap(), "[1,2,0]");
    assert_eq!(interval("P1Y-2M3DT4H5M6.5S").unwrap(), "[10,3,14706500000]");
    assert_eq!(interval("P0DT-0.000001S").unwrap(), "[0,0,-1]");
    for bad in ["", "P", "1Y", "P1", "PT1D", "P1S", "P1.5D", "PT0.0000001S"] {
        assert!(interval(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_counts_as_canonical_is_written_as_it_is() {
    for text in ["2026-11-01T00:00:00.772000Z", "0000-01-28T23:59:59.999999Z"] {
        assert!(is_canonical(text.as_bytes()));
        assert_eq!(iso(text, true).unwrap(), format!("\"{text}\""));
    }
    for text in [
        "2026-13-01T00:00:00.772000Z",
        "2026-11-01T24:00:00.000000Z",
        "2026-11-00T00:00:00.000000Z",
        "2026-11-01T00:00:00.77200Z",
        "2026-11-01t00:00:00.772000Z",
        "2026-11-01T00:60:00.772000Z",
        "2026-11-01T00:00:00.7720:0Z",
    ] {
        assert!(!is_canonical(text.as_bytes()), "{text}");
    }
}

proptest! {
    #[test]
    fn every_wire_of_an_instant_gives_one_text(ms in -62_000_000_000_000i64..253_000_000_000_000) {
        let text = epoch(ms, Unit::Millis, None);
        prop_assert_eq!(&text, &epoch(ms * 1000, Unit::Micros, None));
        let bare = &text[1..text.len() - 1];
        prop_assert_eq!(&text, &iso(bare, false).unwrap());
        // Another calendar implementation agrees.
        let jiff = jiff::Timestamp::from_millisecond(ms).unwrap();
        prop_assert_eq!(format!("{bare}Z"), format!("{jiff:.6}"));
    }
}
