//! Arbitrary text as tenants.yaml. A file without errors compiles to data that are read back as they were written, and
//! every mistake has its place in the text.
#![no_main]

use govctl::tenant::oracle::Oracle;
use govctl::tenants::compile::compile;
use govctl::tenants::data::Data;
use govctl::tenants::{Tenants, ids, read};
use libfuzzer_sys::fuzz_target;

fn compiled(tenants: &Tenants) {
    let bytes = compile(tenants).encode().expect("data are JSON");
    let again = Data::read(&bytes).expect("compiled data are valid");
    assert_eq!(again.encode().expect("data are JSON"), bytes);
    assert!(Oracle::new(&bytes).is_ok());
}

fuzz_target!(|text: &str| {
    let checked = read(text, None);
    assert_eq!(checked.tenants.is_none(), checked.errors().next().is_some());
    let lines = text.split(['\n', '\r']).count() as u64 + 1;
    for found in &checked.found {
        assert!(found.line <= lines, "line {} of {lines}: {}", found.line, found.message);
    }
    if let Some(tenants) = &checked.tenants {
        compiled(tenants);
        let of_file = ids(text).expect("a file without errors is sound");
        assert!(tenants.tenants.iter().all(|tenant| of_file.contains(&tenant.id)));
        // Yesterday's file is this one: no tenant is new.
        let unchanged = read(text, Some(&of_file));
        assert_eq!(unchanged.found, checked.found);
    }
});
