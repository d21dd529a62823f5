//! An object member by member, checked on the way: for who needs some values of a line and not the rest.

use super::scan::{Scan, Span, fault, skip_space, value};

/// Walks the object whose brace is at `i` and returns its end. `each` gets the span of a member's name and where its
/// value starts; it returns where the value ends.
pub fn object(b: &[u8], i: usize, mut each: impl FnMut(Span, usize) -> Scan<usize>) -> Scan<usize> {
    let mut at = skip_space(b, i + 1);
    if b.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        if b.get(at) != Some(&b'"') {
            return fault(at, "a member name was expected");
        }
        let name = value(b, at)?;
        let colon = skip_space(b, name.end as usize);
        if b.get(colon) != Some(&b':') {
            return fault(colon, "`:` was expected");
        }
        at = skip_space(b, each(name, skip_space(b, colon + 1))?);
        match b.get(at) {
            Some(b',') => at = skip_space(b, at + 1),
            Some(b'}') => return Ok(at + 1),
            Some(_) => return fault(at, "`,` or the end of the object was expected"),
            None => return fault(i, "the object has no end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_objects_that_serde_json_accepts() {
        let cases = [
            "{}",
            " { } ",
            "{\"a\":1}",
            "{ \"a\" : [1,{}] , \"b\":null}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1",
            "{\"a\":01}",
            "{a:1}",
            "{\"a\":\"x",
            "{\"a\":{\"b\":1}]",
        ];
        for case in cases {
            let b = case.as_bytes();
            let start = skip_space(b, 0);
            let end = object(b, start, |_, at| value(b, at).map(|v| v.end as usize));
            let ours = end.is_ok_and(|end| skip_space(b, end) == b.len());
            assert_eq!(ours, serde_json::from_str::<serde_json::Value>(case).is_ok(), "{case}");
        }
    }
}
