use proptest::prelude::*;

use super::*;

fn instant(text: &str) -> i64 {
    match parse(text.as_bytes()) {
        Ok(Time::Instant(ms)) => ms,
        other => panic!("{text}: {other:?}"),
    }
}

/// 2026-01-08T13:00:00Z is 1767877200 (date -u -d ... +%s).
#[test]
fn the_forms_of_one_time() {
    for text in [
        "2026-01-08T13:00:00Z",
        "2026-01-08T14:00:00+01:00",
        "2026-01-08 13:00:00Z",
        "2026-01-08T13:00:00.000Z",
        "1767877200",
        "1767877200000",
        "1767877200.0",
        "1.7678772e9",
    ] {
        assert_eq!(instant(text), 1_767_877_200_000, "{text}");
    }
    assert_eq!(instant("2026-01-08T13:00:00.5Z"), 1_767_877_200_500);
    assert_eq!(instant("2026-01-08T13:00:00.123999999Z"), 1_767_877_200_123);
    assert_eq!(instant("1767877200.25"), 1_767_877_200_250);
    assert_eq!(instant("1969-12-31T23:59:59.999Z"), -1);
    assert_eq!(instant("-1.5"), -1_500);
    assert_eq!(instant("3600"), 3_600_000);
    assert_eq!(parse(b"2026-01-08 13:00:00"), Ok(Time::Local(1_767_877_200_000)));
    assert_eq!(parse(b"2026-01-08 13:00:00.25"), Ok(Time::Local(1_767_877_200_250)));
    assert_eq!(parse(b"2028-02-29 00:00:00"), Ok(Time::Local(1_835_395_200_000)));
}

#[test]
fn what_is_no_time_is_not_guessed() {
    for text in [
        "",
        "-",
        "now",
        "2026-01-08",
        "2026-13-08T13:00:00Z",
        "2026-02-29T13:00:00Z",
        "2100-02-29T13:00:00Z",
        "2026-02-30 13:00:00",
        "2026-01-08 24:00:00",
        "2026-01-08 13:60:00",
        "2026-01-08 13:0a:00",
        "08/01/2026 13:00",
        "12e",
        "nan",
        "inf",
        "1.",
        "\u{ff}",
    ] {
        assert_eq!(parse(text.as_bytes()), Err(NONE), "{text}");
    }
    assert_eq!(parse(&[0xff, 0xfe]), Err(NONE));
    assert_eq!(parse(b"2026-01-08T13:00:00"), Err(NO_OFFSET));
    assert_eq!(parse(b"20260108"), Err(A_DATE));
    assert_eq!(parse(b"20260108130000"), Err(NO_EPOCH));
    assert_eq!(parse(b"1767877200000000"), Err(NO_EPOCH));
}

#[test]
fn texts_have_milliseconds_only_where_there_are_some() {
    assert_eq!(text(1_767_877_200_000), "2026-01-08T13:00:00Z");
    assert_eq!(text(1_767_877_200_250), "2026-01-08T13:00:00.250Z");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// The fast path agrees with jiff on every second of 1970 to 2199, and on texts that are hardly times.
    #[test]
    fn agrees_with_jiff(seconds in 0i64..7_258_118_400, ms in 0i64..1000, place in 0usize..24, byte in any::<u8>()) {
        let time = Timestamp::from_second(seconds).unwrap();
        let written = time.to_string();
        prop_assert_eq!(common(written.as_bytes()), Some(Time::Instant(seconds * 1000)));
        let finer = format!("{}.{ms:03}Z", written.trim_end_matches('Z'));
        prop_assert_eq!(common(finer.as_bytes()), Some(Time::Instant(seconds * 1000 + ms)));
        let local = written.replace('T', " ").replace('Z', "");
        prop_assert_eq!(common(local.as_bytes()), Some(Time::Local(seconds * 1000)));
        for written in [written, finer] {
            let mut damaged = written.into_bytes();
            let place = place % damaged.len();
            damaged[place] = byte;
            let known = std::str::from_utf8(&damaged).ok().and_then(|text| text.parse::<Timestamp>().ok());
            if let Some(ours) = common(&damaged) {
                prop_assert_eq!(Some(ours), known.map(|t| Time::Instant(t.as_millisecond())));
            }
        }
    }
}
