use super::*;

fn reads(pointers: &[&str]) -> Reads {
    let mut reads = Reads::default();
    pointers.iter().for_each(|pointer| reads.add_pointer(pointer).unwrap());
    reads
}

fn shipped() -> Reads {
    reads(&["/subject/authenticated", "/tenant/id", "/resource/kind", "/context/region"])
}

fn input(line: &str, of: &Reads) -> String {
    serde_json::to_string(&read(line.as_bytes(), of).unwrap().input).unwrap()
}

fn refused(line: &[u8]) -> (Option<u64>, String) {
    let unreadable = read(line, &shipped()).unwrap_err();
    (unreadable.column, unreadable.message)
}

#[test]
fn only_what_is_read_is_kept_and_the_rest_is_named() {
    let line =
        r#"{"tenant":{"name":"Acme","id":"acme"},"user":{"mail":"a@b"},"a/b~c":1,"subject":{"authenticated":true}}"#;
    let request = read(line.as_bytes(), &shipped()).unwrap();
    assert_eq!(request.erased, ["/tenant/name", "/user", "/a~1b~0c"]);
    assert_eq!(request.tenant.as_deref(), Some("acme"));
    assert_eq!(input(line, &shipped()), r#"{"subject":{"authenticated":true},"tenant":{"id":"acme"}}"#);
    let mut all = Reads::default();
    all.add([]);
    assert_eq!(read(line.as_bytes(), &all).unwrap().erased, [""; 0]);
    assert_eq!(input(r#"{"b":[1,{"d":2,"c":1.0}],"a":null}"#, &all), r#"{"a":null,"b":[1,{"c":1.0,"d":2}]}"#);
}

#[test]
fn a_scalar_or_a_list_where_a_member_is_read_stays_what_it_is() {
    assert_eq!(
        input(r#"{"subject":"x","tenant":[1,{"id":2}],"resource":null}"#, &shipped()),
        r#"{"resource":null,"subject":"x","tenant":[1,{"id":2}]}"#
    );
    assert_eq!(read(br#"{"tenant":[{"id":"acme"}]}"#, &shipped()).unwrap().tenant, None);
}

#[test]
fn the_members_of_a_record_are_no_fields() {
    let record = r#"{"ts":"2026-01-01T00:00:00Z","request_id":"r","schema":"govctl.tenant.request/1","x":1}"#;
    let request = read(record.as_bytes(), &shipped()).unwrap();
    assert_eq!((request.request_id.as_deref(), request.ts.as_deref()), (Some("r"), Some("2026-01-01T00:00:00Z")));
    assert_eq!(request.erased, ["/x"]);
    // A type of another program, or another major of this one: nobody knows what it asks for.
    for (schema, other_record) in
        [("acme.request/1", false), ("govctl.tenant.request/2", false), ("govctl.diff/1", true)]
    {
        let line = format!("{{\"tenant\":{{\"id\":\"acme\"}},\"schema\":\"{schema}\"}}");
        let unreadable = read(line.as_bytes(), &shipped()).unwrap_err();
        assert_eq!(unreadable.message, format!("is a `{schema}` record; `govctl.tenant.request/1` was expected"));
        assert_eq!(unreadable.other_record, other_record, "{schema}");
    }
    // In a bare document they are fields where they are no such thing.
    let bare = read(br#"{"ts":"now","request_id":7,"schema":"mine"}"#, &shipped()).unwrap();
    assert_eq!((bare.request_id, bare.ts), (None, None));
    assert_eq!(bare.erased, ["/ts", "/request_id", "/schema"]);
}

#[test]
fn what_is_no_request_says_why() {
    let all: [(&[u8], &str); 13] = [
        (b"{\"a\":1", "the line is no JSON: EOF while parsing an object"),
        (b"[1]", "invalid type: sequence, expected a JSON object"),
        (b"7", "invalid type: integer `7`, expected a JSON object"),
        (b"{} {}", "the line is no JSON: trailing characters"),
        (b"{\"a\":1,\"a\":2}", "the key `a` stands twice in one object"),
        (b"{\"x\":{\"y\":[{\"a\":1,\"\\u0061\":1}]}}", "the key `a` stands twice in one object"),
        (b"{\"x\":{\"y\":1e400}}", "the line is no JSON: number out of range"),
        (b"{\"x\":\"\xff\"}", "the line is not UTF-8"),
        (
            b"{\"schema\":\"govctl.finding/1\"}",
            "is a `govctl.finding/1` record; `govctl.tenant.request/1` was expected",
        ),
        (b"{\"schema\":\"govctl.tenant.request/1\",\"context\":null}", "`context` is no object"),
        (b"{\"resource\":[],\"schema\":\"govctl.tenant.request/1\"}", "`resource` is no object"),
        (b"{\"schema\":\"govctl.tenant.request/1\",\"request_id\":7}", "`request_id` is no text"),
        (b"{\"schema\":\"govctl.tenant.request/1\",\"ts\":\"now\"}", "`ts` is no RFC 3339 time"),
    ];
    for (line, message) in all {
        assert_eq!(refused(line).1, message, "{}", String::from_utf8_lossy(line));
    }
    assert_eq!(refused(b"{\"x\":\"\xff\"}").0, Some(7));
    assert_eq!(refused(b"{\"a\":1,\"a\":2}").0, Some(10));
    let long = [b"{\"x\":\"".as_slice(), &vec![b'x'; MAX_LINE], b"\"}"].concat();
    assert_eq!(refused(&long).1, "the line is longer than 1 MiB");
}

#[test]
fn many_keys_are_held_apart() {
    let keys: Vec<String> = (0..100).map(|i| format!("\"k{i}\":{i}")).collect();
    let once = format!("{{{}}}", keys.join(","));
    assert_eq!(read(once.as_bytes(), &shipped()).unwrap().erased.len(), 100);
    for twice in [0, 15, 16, 99] {
        let line = format!("{{{},\"k{twice}\":0}}", keys.join(","));
        assert_eq!(refused(line.as_bytes()).1, format!("the key `k{twice}` stands twice in one object"));
    }
}

/// OPA denies the rank 1.9999999999999999999, which a double holds as 2.
#[test]
fn a_number_that_would_be_decided_as_another_one_is_refused() {
    let whole = reads(&["/resource/classification", "/tags"]);
    let of =
        |number: &str| format!("{{\"n\":[3,4.5],\"tags\":[\"9\",1e0],\"resource\":{{\"classification\":{number}}}}}");
    for number in ["1.9999999999999999999", "2.0000000000000000001", "1e-400", "-1e-400", "18446744073709551616"] {
        let unreadable = read(of(number).as_bytes(), &whole).unwrap_err();
        let expected = format!("the number {number} at /resource/classification has more digits than a double holds");
        assert!(unreadable.message.starts_with(&expected), "{}", unreadable.message);
        assert!(read(of(number).as_bytes(), &shipped()).is_ok(), "nobody reads it");
    }
    for number in ["2", "2.0", "0.5", "1e3", "-0.0", "0.30000000000000004", "18446744073709551615", "\"1e-400\""] {
        assert!(read(of(number).as_bytes(), &whole).is_ok(), "{number}");
    }
    let unreadable = read(br#"{"a":"1e-400","tags":[1,[0.10000000000000000001]]}"#, &whole).unwrap_err();
    assert!(unreadable.message.starts_with("the number 0.10000000000000000001 at /tags has"), "{}", unreadable.message);
}

/// Against the parser that keeps everything: with all of it read, nothing is lost and numbers keep their value.
#[test]
fn a_whole_document_is_the_same_document() {
    let mut all = Reads::default();
    all.add([]);
    for line in [
        r#"{"a":[1,-1,0.5,1e3,-0.0,18446744073709551615,100000000000000000000,true,null,"\u00e9\n"],"b":{"":{}}}"#,
        "{}",
    ] {
        let request = read(line.as_bytes(), &all).unwrap();
        let expected: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_value(&request.input).unwrap(), expected);
        assert_eq!(request.input.value(), Value::from(expected));
    }
}
