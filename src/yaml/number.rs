//! Whole numbers as people write them, and the bytes that a value was read from.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Fault, Kind, Location, Spanned};

/// What stands where a whole number belongs. The place of a wrong one is known only to who reads it as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Whole(i128),
    Other,
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;
        impl<'de> Visitor<'de> for Anything {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Whole(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number::Whole(value.into()))
            }

            /// Also what is too long for 64 bits. In a JSON Schema 5.0 is a whole number.
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(if value.fract() == 0.0 { Number::Whole(value as i128) } else { Number::Other })
            }

            fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_str<E>(self, _: &str) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }
        }
        deserializer.deserialize_any(Anything)
    }
}

/// A whole number that every reader of YAML reads as the same one. Where it has more digits than a double keeps it is not
/// the number of the text.
pub fn whole(number: &Spanned<Number>, text: &str) -> Result<i128, Fault> {
    let fault = |kind, message| Fault { kind, place: number.referenced, message, hint: None };
    let Number::Whole(value) = number.value else {
        return Err(fault(Kind::WrongType, "a whole number is expected here".to_owned()));
    };
    let spelled = written(number.referenced, text);
    let digits = spelled.strip_prefix('-').unwrap_or(spelled);
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    match plain && !digits.is_empty() {
        true => Ok(value),
        false => Err(fault(Kind::Ambiguous, format!("`{spelled}` is another number for some readers of YAML"))),
    }
}

/// The bytes of the file that a value was read from.
pub fn written(place: Location, text: &str) -> &str {
    let span = place.span();
    let range = span.byte_offset().zip(span.byte_len()).map(|(from, len)| from as usize..(from + len) as usize);
    range.and_then(|range| text.get(range)).unwrap_or_default()
}
