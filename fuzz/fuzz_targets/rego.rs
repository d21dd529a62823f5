//! Arbitrary text as a Rego file: the scanner lets through only what the parser reads or refuses within the limits of
//! time and memory, and what is wrong has its place in the text.
#![no_main]

use govctl::policy::{File, Sources, parse_all};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = File { name: "a.rego".into(), shown: "a.rego".into(), text: text.to_owned() };
    let sources = Sources::new(vec![file]);
    match parse_all(&sources) {
        Ok(parsed) => assert_eq!(parsed.len(), 1),
        Err(faults) => {
            assert_eq!(faults.len(), 1);
            let lines = text.split('\n').count() as u64;
            assert!(faults[0].line <= lines, "line {} of {lines}: {}", faults[0].line, faults[0].message);
        }
    }
});
