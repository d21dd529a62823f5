//! The types that builtins take and give.

use super::kinds::Kinds;

/// What each builtin takes and gives: `z` null, `b` boolean, `n` number, `t` text, `a` array, `s` set, `o` object, `*` any.
/// From the declarations of OPA (`opa capabilities --current`).
const SIGNATURES: &[(&str, &str)] = &[
    ("abs", "n:n"),
    ("array.concat", "a,a:a"),
    ("array.reverse", "a:a"),
    ("array.slice", "a,n,n:a"),
    ("bits.and", "n,n:n"),
    ("bits.lsh", "n,n:n"),
    ("bits.negate", "n:n"),
    ("bits.or", "n,n:n"),
    ("bits.rsh", "n,n:n"),
    ("bits.xor", "n,n:n"),
    ("ceil", "n:n"),
    ("concat", "t,as:t"),
    ("contains", "t,t:b"),
    ("count", "asot:n"),
    ("endswith", "t,t:b"),
    ("floor", "n:n"),
    ("format_int", "n,n:t"),
    ("indexof", "t,t:n"),
    ("indexof_n", "t,t:a"),
    ("intersection", "s:s"),
    ("is_array", "*:b"),
    ("is_boolean", "*:b"),
    ("is_null", "*:b"),
    ("is_number", "*:b"),
    ("is_object", "*:b"),
    ("is_set", "*:b"),
    ("is_string", "*:b"),
    ("json.is_valid", "t:b"),
    ("json.unmarshal", "t:*"),
    ("max", "as:*"),
    ("min", "as:*"),
    ("numbers.range", "n,n:a"),
    ("numbers.range_step", "n,n,n:a"),
    ("object.filter", "o,aso:o"),
    ("object.get", "o,*,*:*"),
    ("object.keys", "o:s"),
    ("object.remove", "o,aso:o"),
    ("object.union", "o,o:o"),
    ("product", "as:n"),
    ("regex.find_n", "t,t,n:a"),
    ("regex.is_valid", "t:b"),
    ("regex.match", "t,t:b"),
    ("regex.replace", "t,t,t:t"),
    ("regex.split", "t,t:a"),
    ("replace", "t,t,t:t"),
    ("round", "n:n"),
    ("sort", "as:a"),
    ("split", "t,t:a"),
    ("sprintf", "t,a:t"),
    ("startswith", "t,t:b"),
    ("strings.any_prefix_match", "ast,ast:b"),
    ("strings.any_suffix_match", "ast,ast:b"),
    ("strings.count", "t,t:n"),
    ("strings.replace_n", "o,t:t"),
    ("strings.reverse", "t:t"),
    ("substring", "t,n,n:t"),
    ("sum", "as:n"),
    ("trim", "t,t:t"),
    ("trim_left", "t,t:t"),
    ("trim_prefix", "t,t:t"),
    ("trim_right", "t,t:t"),
    ("trim_space", "t:t"),
    ("trim_suffix", "t,t:t"),
    ("type_name", "*:t"),
    ("union", "s:s"),
    ("units.parse", "t:n"),
    ("units.parse_bytes", "t:n"),
];

/// What a builtin takes, argument by argument, and gives, where that is known.
pub fn of(name: &str) -> Option<(Vec<Kinds>, Kinds)> {
    let (_, signature) = SIGNATURES.iter().find(|(known, _)| *known == name)?;
    let (takes, gives) = signature.split_once(':')?;
    Some((takes.split(',').map(kinds).collect(), kinds(gives)))
}

fn kinds(letters: &str) -> Kinds {
    let kind = |letter| match letter {
        'z' => Kinds::NULL,
        'b' => Kinds::BOOLEAN,
        'n' => Kinds::NUMBER,
        't' => Kinds::TEXT,
        'a' => Kinds::ARRAY,
        's' => Kinds::SET,
        'o' => Kinds::OBJECT,
        _ => Kinds::ANY,
    };
    letters.chars().map(kind).fold(Kinds::default(), |all, one| all | one)
}
