//! The only door to the wall clock and to unseeded randomness, and the texts of times.

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The logical now of one run.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now_ms: i64,
    fixed: bool,
    named: bool,
}

impl Clock {
    /// A time of `--now` fixes the clock; else the wall clock is read once. `system` says that it is meant, `watermark` that
    /// for what is read the time is that of its newest record.
    pub fn new(now: Option<&str>) -> Result<Self> {
        match now {
            None | Some("watermark") => Ok(Clock { now_ms: system_ms(), fixed: false, named: false }),
            Some("system") => Ok(Clock { now_ms: system_ms(), fixed: false, named: true }),
            Some(text) => Ok(Clock { now_ms: parse_rfc3339_ms(text, "--now")?, fixed: true, named: true }),
        }
    }

    /// The time up to which everything counts as read, where one was named.
    pub fn named_ms(&self) -> Option<i64> {
        self.named.then_some(self.now_ms)
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// The time at which a run ended: equal to its start under `--now`, so that reruns are identical.
    pub fn ended_ms(&self) -> i64 {
        if self.fixed { self.now_ms } else { system_ms() }
    }

    /// A UUIDv7 (RFC 9562) of the logical now. Under `--now` its random bits come from seed and arguments.
    pub fn run_id(&self, seed: Option<u64>, args: &[String]) -> Result<String> {
        let mut random = [0u8; 10];
        if self.fixed {
            let mut hash = Sha256::new();
            hash.update(seed.unwrap_or(0).to_be_bytes());
            for arg in args {
                hash.update((arg.len() as u64).to_be_bytes());
                hash.update(arg.as_bytes());
            }
            random.copy_from_slice(&hash.finalize()[..10]);
        } else {
            random = self::random()?;
        }
        Ok(uuid_v7(self.now_ms, random))
    }
}

/// A moment after which work is given up.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(std::time::Instant, std::time::Duration);

/// That many milliseconds from now.
#[expect(clippy::disallowed_methods, reason = "the one door to the clock; a deadline is no time in a record")]
pub fn deadline(ms: i64) -> Deadline {
    Deadline(std::time::Instant::now(), std::time::Duration::from_millis(ms.max(0) as u64))
}

impl Deadline {
    pub fn passed(&self) -> bool {
        self.0.elapsed() >= self.1
    }
}

/// Bytes from the operating system, for keys and ids that nobody may guess.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::environment(format!("cannot read random bytes: {e}")))?;
    Ok(bytes)
}

fn uuid_v7(ms: i64, random: [u8; 10]) -> String {
    let mut b = [0u8; 16];
    b[..6].copy_from_slice(&(ms as u64).to_be_bytes()[2..]);
    b[6..].copy_from_slice(&random);
    b[6] = 0x70 | (b[6] & 0x0f);
    b[8] = 0x80 | (b[8] & 0x3f);
    let hex = data_encoding::HEXLOWER.encode(&b);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The wall clock, also where `--now` names another time.
#[expect(clippy::disallowed_methods, reason = "the one door to the wall clock")]
pub fn system_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// RFC 3339 with milliseconds in UTC, for example `2026-11-24T16:46:00.000Z`.
pub fn rfc3339_ms(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(t) => format!("{t:.3}"),
        // Outside the years -9999..9999 no RFC 3339 text exists; the number is still a fact.
        Err(_) => ms.to_string(),
    }
}

/// Reads an RFC 3339 time; `what` names the flag or field in the error.
pub fn parse_rfc3339_ms(text: &str, what: &str) -> Result<i64> {
    text.parse::<Timestamp>().ok().filter(|_| offset_exists(text)).map(|t| t.as_millisecond()).ok_or_else(|| {
        if !is_spelled_rfc3339(text) {
            return Error::usage(format!("{what}: `{text}` is not an RFC 3339 time"))
                .hint("write it like 2026-11-24T16:46:00Z, with the offset");
        }
        match Pieces::parse(text) {
            Ok(_) if offset_exists(text) => {
                Error::usage(format!("{what}: `{text}` lies beyond the times that are computed with"))
                    .hint(format!("the last one is {}", rfc3339_ms(Timestamp::MAX.as_millisecond())))
            }
            _ => Error::usage(format!("{what}: `{text}` is a time that does not exist"))
                .hint("look at the month, the day, the time of day and the offset"),
        }
    })
}

/// RFC 3339 knows offsets of less than a day.
fn offset_exists(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    let hours = time.rfind(['+', '-']).and_then(|at| time.get(at + 1..at + 3)?.parse::<u8>().ok());
    hours.is_none_or(|hours| hours < 24)
}

/// Digits where the grammar of RFC 3339 wants them, whatever their values.
fn is_spelled_rfc3339(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c.to_ascii_uppercase() }).collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else { return false };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with('0') => fraction.trim_start_matches('0'),
        Some(_) => return false,
        None => rest,
    };
    matches!(offset, "Z" | "+00:00" | "-00:00")
}

/// Reads a duration such as `500ms`, `45s`, `15m`, `12h` or `30d`.
pub fn parse_duration_ms(text: &str) -> std::result::Result<i64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = match &text[digits..] {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let number = text[..digits].parse::<i64>().ok();
    if text.starts_with('-') {
        return Err(format!("`{text}` is negative; a time span is written like 500ms, 45s, 15m, 12h or 30d"));
    }
    number
        .zip(unit)
        .and_then(|(n, u)| n.checked_mul(u))
        .ok_or_else(|| format!("`{text}` is not a duration; write it like 500ms, 45s, 15m, 12h or 30d"))
}

/// A duration for people, in at most two units: `4.2 s`, `3 min 5 s`, `2 h 10 min`, `5 d 3 h`.
pub fn duration_text(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let two = |big: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{sign}{big} {unit}"),
        _ => format!("{sign}{big} {unit} {small} {small_unit}"),
    };
    let s = ms / 1_000;
    match ms {
        0..1_000 => format!("{sign}{ms} ms"),
        1_000..60_000 => format!("{sign}{}.{} s", s, ms % 1_000 / 100),
        60_000..3_600_000 => two(s / 60, "min", s % 60, "s"),
        3_600_000..86_400_000 => two(s / 3_600, "h", s / 60 % 60, "min"),
        _ => two(s / 86_400, "d", s / 3_600 % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_id_is_a_uuid_v7_of_now() {
        // 2026-11-24T16:46:00Z = 1795538760000 ms = 0x01a20e733140
        let clock = Clock::new(Some("2026-11-24T16:46:00Z")).unwrap();
        let id = clock.run_id(Some(1), &["a".into()]).unwrap();
        assert!(id.starts_with("01a20e73-3140-7"), "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_eq!(id, clock.run_id(Some(1), &["a".into()]).unwrap());
        assert_ne!(id, clock.run_id(Some(2), &["a".into()]).unwrap());
        assert_ne!(id, clock.run_id(Some(1), &["b".into()]).unwrap());
    }

    #[test]
    fn times_have_three_digits_and_z() {
        assert_eq!(rfc3339_ms(1_795_538_760_000), "2026-11-24T16:46:00.000Z");
        assert_eq!(rfc3339_ms(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(rfc3339_ms(i64::MAX), "9223372036854775807");
    }

    #[test]
    fn what_is_wrong_with_a_time_is_said() {
        let said = |text: &str| parse_rfc3339_ms(text, "t").unwrap_err().message;
        for text in [
            "2026-01-01T00:00:00+25:00",
            "2026-01-01T00:00:00-24:00",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "9999-99-99T99:99:99Z",
            "2026-01-01t25:00:00.5+01:00",
        ] {
            assert_eq!(said(text), format!("t: `{text}` is a time that does not exist"));
        }
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00.000Z"] {
            assert_eq!(said(text), format!("t: `{text}` lies beyond the times that are computed with"));
        }
        for text in ["soon", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", ""] {
            assert_eq!(said(text), format!("t: `{text}` is not an RFC 3339 time"));
        }
        assert_eq!(parse_rfc3339_ms("9999-12-30T22:00:00Z", "t"), Ok(253_402_207_200_000));
    }

    #[test]
    fn durations_for_people() {
        let texts = [999, 4_290, 60_000, 185_000, 7_800_000, 86_400_000, 442_800_000, -1_500].map(duration_text);
        assert_eq!(texts, ["999 ms", "4.2 s", "1 min", "3 min 5 s", "2 h 10 min", "1 d", "5 d 3 h", "-1.5 s"]);
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration_ms("45s"), Ok(45_000));
        assert_eq!(parse_duration_ms("30d"), Ok(2_592_000_000));
        for bad in ["", "45", "s", "4.5s", "-1s", "99999999999999999d"] {
            assert!(parse_duration_ms(bad).is_err(), "{bad}");
        }
    }
}
