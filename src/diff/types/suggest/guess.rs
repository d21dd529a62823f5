//! One type for a column from how its two sides spell it.

use super::observe::{Seen, Spelling};
use crate::diff::types::{Column, Logical, Wire};

/// What is known about a column on one side.
#[derive(Debug, Clone, Default)]
pub struct Sighting {
    pub seen: Seen,
    /// From the schema block.
    pub fact: Option<Column>,
}

/// What types.yaml will say.
#[derive(Debug)]
pub enum Decision {
    Compare {
        column: Column,
        /// Sides on which only a person knows the scale.
        unknown_scale: [bool; 2],
        /// None: a fact.
        why: Option<String>,
    },
    Ignore {
        reason: String,
        why: String,
    },
}

/// `names`: the regions. A column that a recorded side lacks altogether cannot be compared.
pub fn decide(sides: [Option<&Sighting>; 2], recorded: [bool; 2], names: [&str; 2]) -> Decision {
    for side in [0, 1] {
        if sides[side].is_none() && recorded[side] {
            return Decision::Ignore {
                reason: format!("only in {}: say why", names[1 - side]),
                why: format!("no event of {} has this column", names[side]),
            };
        }
    }
    let blank = Sighting::default();
    let both = [sides[0].or(sides[1]).unwrap_or(&blank), sides[1].or(sides[0]).unwrap_or(&blank)];
    let facts = both.map(|s| s.fact.as_ref());
    let special = facts.iter().flatten().find(|f| f.logical != Logical::Text);
    let spelled = both.map(|s| s.seen.spelling());
    let (logical, why) = match (facts, special) {
        ([Some(a), Some(b)], _) if a.logical == b.logical => (a.logical.clone(), None),
        (_, Some(fact)) => (fact.logical.clone(), Some(format!("{} by one schema block", fact.logical.name()))),
        ([Some(a), Some(_)], None) => (a.logical.clone(), None),
        _ => match guess(both.map(|s| &s.seen), spelled) {
            Some(logical) => {
                let why = reason(&logical, spelled, names);
                (logical, Some(why))
            }
            None => {
                let of = |i: usize| format!("{} in {}", spelled[i].words(), names[i]);
                return Decision::Ignore {
                    reason: format!("{}, {}: say how they compare", of(0), of(1)),
                    why: "no type has both spellings".into(),
                };
            }
        },
    };
    let mut column = Column::plain(logical);
    let mut unknown_scale = [false; 2];
    for side in [0, 1] {
        let own = facts[side].filter(|f| f.logical == column.logical);
        match own {
            Some(fact) => column.wires[side] = fact.wires[side].clone(),
            None => {
                column.wires[side].wire = wire(&column.logical, spelled[side], &both[side].seen);
                unknown_scale[side] =
                    column.logical == Logical::Decimal && column.wires[side].wire == Some(Wire::Base64);
            }
        }
    }
    let why = why.map(|why| format!("{why}{}", doubt(&column, facts)));
    column.toast = both.iter().any(|s| s.seen.placeholders > 0);
    Decision::Compare { column, unknown_scale, why }
}

fn reason(logical: &Logical, spelled: [Spelling; 2], names: [&str; 2]) -> String {
    match spelled {
        [a, b] if *logical == Logical::Text && is_text(a) && is_text(b) => "text on both sides".into(),
        [a, b] if a == b => format!("{} on both sides", a.words()),
        [Spelling::Nothing, b] => format!("{} in {}, only null in {}", b.words(), names[1], names[0]),
        [a, b] => format!("{} in {}, {} in {}", a.words(), names[0], b.words(), names[1]),
    }
}

/// What else the same values could be.
fn doubt(column: &Column, facts: [Option<&Column>; 2]) -> &'static str {
    let wires = [column.wires[0].wire, column.wires[1].wire];
    let cut = [0, 1].iter().any(|i| wires[*i] == Some(Wire::EpochMs) && facts[*i].is_none());
    match column.logical {
        Logical::Bytes if facts == [None, None] => "; were it a decimal: { type: decimal, wire: base64, scale: N }",
        Logical::Decimal if facts == [None, None] && wires == [Some(Wire::Base64); 2] => "; bytes if it is no decimal",
        Logical::Timestamp if cut && wires.contains(&Some(Wire::EpochUs)) => "; connect_ms if its times were cut",
        _ => "",
    }
}

/// None: the two spellings fit no type.
fn guess(seen: [&Seen; 2], spelled: [Spelling; 2]) -> Option<Logical> {
    use Spelling as S;
    let [a, b] = match spelled {
        [S::Nothing, b] => [b, b],
        [a, S::Nothing] => [a, a],
        both => both,
    };
    let has = |s: S| a == s || b == s;
    let within = |set: &[S]| set.contains(&a) && set.contains(&b);
    if a == b {
        return same(seen, a);
    }
    let logical = if within(&[S::Int, S::Real]) {
        Logical::Float64
    } else if within(&[S::Struct, S::Exact, S::Numeric, S::Base64, S::Int, S::Real]) {
        Logical::Decimal
    } else if has(S::Int) && (has(S::Zoned) || has(S::Local)) || within(&[S::Zoned, S::Local]) {
        // Debezium sends a timestamptz as text in every mode; whole numbers are times without zone.
        Logical::Timestamp
    } else if within(&[S::Int, S::Date]) {
        Logical::Date
    } else if within(&[S::Int, S::Time]) {
        Logical::Time
    } else if within(&[S::Int, S::Interval]) {
        Logical::Interval
    } else if within(&[S::Base64, S::Hex]) {
        Logical::Bytes
    } else if within(&[S::Json, S::Array, S::Struct]) {
        Logical::Json
    } else if [a, b].iter().all(|s| is_text(*s)) {
        Logical::Text
    } else {
        return None;
    };
    Some(logical)
}

/// Both sides spell alike.
fn same(seen: [&Seen; 2], spelling: Spelling) -> Option<Logical> {
    use Spelling as S;
    Some(match spelling {
        S::Int if epoch(seen[0]) != epoch(seen[1]) && seen.iter().all(|s| epoch(s).is_some()) => Logical::Timestamp,
        S::Int => Logical::Int,
        S::Real => Logical::Float64,
        S::Exact | S::Struct => Logical::Decimal,
        // Without a point they may be codes with leading zeros.
        S::Numeric if seen.iter().all(|s| s.strings.pointed > 0) => Logical::Decimal,
        S::Bool => Logical::Bool,
        S::Array => {
            let element = |side: usize| Sighting { seen: seen[side].element_or_blank(), fact: None };
            let [l, r] = [element(0), element(1)];
            match decide([Some(&l), Some(&r)], [true, true], ["", ""]) {
                Decision::Compare { column, unknown_scale: [false, false], .. } => {
                    Logical::Array(Box::new(Column { toast: false, ..column }))
                }
                _ => return None,
            }
        }
        // Unscaled decimals look like bytes, and whether two sides scale alike is not seen.
        S::Base64 if seen.iter().any(|s| s.strings.short > 0) => Logical::Decimal,
        S::Base64 => Logical::Bytes,
        S::Uuid => Logical::Uuid,
        S::Zoned => Logical::Timestamptz,
        S::Local => Logical::Timestamp,
        S::Date => Logical::Date,
        S::Time => Logical::Time,
        S::Interval => Logical::Interval,
        S::Json => Logical::Json,
        S::Numeric | S::Hex | S::Text | S::Nothing => Logical::Text,
        S::Mixed => return None,
    })
}

fn is_text(spelling: Spelling) -> bool {
    use Spelling as S;
    !matches!(spelling, S::Int | S::Real | S::Exact | S::Bool | S::Struct | S::Array | S::Mixed | S::Nothing)
}

/// How a side writes a type; None where the type has one wire, or the default one.
fn wire(logical: &Logical, spelling: Spelling, seen: &Seen) -> Option<Wire> {
    use Spelling as S;
    Some(match (logical, spelling) {
        (Logical::Decimal, S::Base64) => Wire::Base64,
        (Logical::Decimal, S::Struct) => Wire::Struct,
        (Logical::Decimal, S::Int | S::Exact) => Wire::Number,
        (Logical::Decimal, S::Real) => Wire::Double,
        (Logical::Decimal, _) => Wire::String,
        (Logical::Int, S::Numeric) => Wire::String,
        (Logical::Timestamp | Logical::Timestamptz, S::Int) => epoch(seen).unwrap_or(Wire::EpochUs),
        (Logical::Date, S::Int) => Wire::Days,
        (Logical::Time, S::Int) => time_unit(seen),
        (Logical::Timestamp | Logical::Date | Logical::Time | Logical::Interval, S::Nothing) => return None,
        (Logical::Timestamp | Logical::Date | Logical::Time | Logical::Interval, S::Zoned | S::Local) => Wire::Iso,
        (Logical::Date | Logical::Time, _) => Wire::Iso,
        (Logical::Interval, S::Int) => Wire::MicroDuration,
        (Logical::Interval, _) => Wire::Iso,
        (Logical::Bytes, S::Hex) => Wire::Hex,
        _ => return None,
    })
}

/// The unit of timestamps by their size: 13 digits are milliseconds of our time, 16 microseconds, 19 nanoseconds.
fn epoch(seen: &Seen) -> Option<Wire> {
    match seen.high {
        0..100_000_000_000 => None,
        100_000_000_000..100_000_000_000_000 => Some(Wire::EpochMs),
        100_000_000_000_000..100_000_000_000_000_000 => Some(Wire::EpochUs),
        _ => Some(Wire::EpochNs),
    }
}

/// The smallest unit in which the largest value still is a time of day.
fn time_unit(seen: &Seen) -> Wire {
    match seen.high {
        0..=86_400_000 => Wire::EpochMs,
        86_400_001..=86_400_000_000 => Wire::EpochUs,
        _ => Wire::EpochNs,
    }
}
