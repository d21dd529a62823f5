use super::*;

fn say(text: &str, form: Form) -> String {
    match rewrite(text.as_bytes(), form) {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(e) => e.to_string(),
    }
}

#[test]
fn opa_sorts_keys_by_bytes_and_keeps_numbers_as_written() {
    let opa = |text: &str| say(text, Form::Opa);
    assert_eq!(
        opa(" { \"b\" : [ 1.0 , -0, 1e3 ,1E+3] ,\n\"a\":{\"d\":null,\"c\":true}}\n"),
        r#"{"a":{"c":true,"d":null},"b":[1.0,-0,1e3,1E+3]}"#
    );
    assert_eq!(opa(r#"{"\ud83d\ude00":1,"\uff00":2}"#), "{\"\u{ff00}\":2,\"\u{1f600}\":1}");
    assert_eq!(
        opa(r#""<&>\/\u2028\u2029\u007f\u0001\b\f\n\"\\é\u00e9""#),
        "\"<&>/\\u2028\\u2029\u{7f}\\u0001\\b\\f\\n\\\"\\\\éé\""
    );
    assert_eq!(opa("123456789012345678901234567890"), "123456789012345678901234567890");
    assert_eq!(opa("[]"), "[]");
    assert_eq!(opa("{}"), "{}");
}

#[test]
fn canonical_json_is_that_of_rfc_8785() {
    let canonical = |text: &str| say(text, Form::Canonical);
    // Section 3.2.2 and 3.2.3 of the RFC.
    let input = r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#;
    let output = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(canonical(input), output);
    assert_eq!(
        canonical(r#"{"\ud83d\ude00":1,"\uff00":2,"\u2028":-0}"#),
        "{\"\u{2028}\":0,\"\u{1f600}\":1,\"\u{ff00}\":2}"
    );
    assert_eq!(canonical("9007199254740993"), "line 1, column 1: not every reader keeps this number");
    assert_eq!(canonical("1e400"), "line 1, column 1: not every reader keeps this number");
}

#[test]
fn what_readers_disagree_on_is_refused_with_its_place() {
    for (text, message) in [
        ("", "line 1, column 1: a value was expected"),
        ("{\"a\":1,\n \"a\":2}", "line 2, column 2: this key stands twice"),
        (r#"{"a":1,"\u0061":2}"#, "line 1, column 8: this key stands twice"),
        (r#"["\ud800"]"#, "line 1, column 3: half a surrogate pair, which is no character"),
        (r#"["\ud800\u0041"]"#, "line 1, column 3: half a surrogate pair, which is no character"),
        (r#"["\udc00"]"#, "line 1, column 3: half a surrogate pair, which is no character"),
        (r#"["\u+123"]"#, "line 1, column 3: four hexadecimal digits were expected"),
        (r#"["\x"]"#, "line 1, column 3: this escape is not known"),
        ("[\"a\nb\"]", "line 1, column 4: a string ends here or holds a control character"),
        ("[\"é", "line 1, column 4: a string ends here or holds a control character"),
        ("[1 2]", "line 1, column 4: `,` or `]` was expected"),
        ("[1,]", "line 1, column 4: a value was expected"),
        ("{\"a\" 1}", "line 1, column 6: `:` was expected"),
        ("{a:1}", "line 1, column 2: a key in quotes was expected"),
        ("{\"a\":1;}", "line 1, column 7: `,` or `}` was expected"),
        ("{} {}", "line 1, column 4: nothing more was expected"),
        ("\u{feff}{}", "line 1, column 1: a value was expected"),
        ("nul", "line 1, column 1: a value was expected"),
        ("01", "line 1, column 1: a number was expected"),
        ("1.", "line 1, column 1: a number was expected"),
        ("-", "line 1, column 1: a number was expected"),
        ("1e", "line 1, column 1: a number was expected"),
        ("1-2", "line 1, column 1: a number was expected"),
    ] {
        assert_eq!(say(text, Form::Opa), message, "{text}");
    }
    assert_eq!(rewrite(b"\"\xff\"", Form::Opa).unwrap_err().to_string(), "line 1, column 2: is not UTF-8");
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(say(&deep(128), Form::Opa), deep(128));
    assert!(say(&deep(130), Form::Opa).ends_with("is nested deeper than 128 levels"));
}

/// serde_json reads both spellings as the same value, and a second pass changes nothing.
#[test]
fn the_value_stays_the_same() {
    for text in [r#"{"z":[1,{"y":"\u0000 \ud83d\ude00"},[]],"a":{"b":{},"":0.5e-3}}"#, "[[],[[]],{}]", "\"\"", "-12.5"]
    {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        for form in [Form::Opa, Form::Canonical] {
            let once = rewrite(text.as_bytes(), form).unwrap();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&once).unwrap(), value);
            assert_eq!(rewrite(&once, form).unwrap(), once);
        }
    }
}
