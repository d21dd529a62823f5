use super::*;
use crate::diff::types::{Physical, Wire};
use crate::record::diff::Side;

const HEAD: &str = "version: 1\njob: a\nlhs: { region: US, connector: u }\nrhs: { region: EU, connector: e }\ntables:\n  - kind: k\n    lhs: u.k\n    rhs: e.k\n    key: { tenant: tenant, id: [id] }\n";

fn error(columns: &str) -> String {
    parse(&format!("{HEAD}{columns}"), "t.yaml").unwrap_err().to_string()
}

#[test]
fn a_full_file_is_read() {
    let types = parse(
        &format!("{HEAD}    risk: low\n    sample: {{ of: 16, take: [0] }}\n    columns:\n      {{ id: int, amount: {{ type: decimal, lhs: {{ wire: base64, scale: 4 }}, rhs: {{ wire: string }} }}, tags: {{ type: array, of: text }} }}\n    ignore: {{ x: \"because\" }}\n"),
        "t.yaml",
    )
    .unwrap();
    let table = &types.tables[0];
    assert_eq!(table.columns["amount"].wires[0], Physical { wire: Some(Wire::Base64), scale: Some(4) });
    assert_eq!(table.columns["amount"].wires[1], Physical { wire: Some(Wire::String), scale: None });
    assert_eq!(table.sample, Some(Sample { of: 16, take: vec![0] }));
    assert_eq!(types.side(Side::Lhs).heartbeat_ms, 10_000);
}

#[test]
fn each_mistake_has_its_place() {
    for (columns, expected) in [
        ("    columns: { id: int, a: txt }\n", "t.yaml:10:28: column `a`: unknown type `txt`"),
        ("    columns: { id: int, a: { type: decimal, wire: base64 } }\n", "wire base64 needs `scale`"),
        (
            "    columns: { id: int, a: { type: decimal, lhs: { wire: base64, scale: ? } } }\n",
            "t.yaml:10:66: the scale is not decided",
        ),
        ("    columns: { id: int, a: { type: text, wire: iso } }\n", "wire `iso` does not fit text"),
        ("    columns: { id: int }\n", "t.yaml:6:11: table `k` compares no column besides its key"),
        ("    columns: { id: int, a: text }\n    ignore: { a: x }\n", "both compared and ignored"),
        ("    columns: { id: int, a: text }\n    ignore: { b: \" \" }\n", "needs a reason"),
        ("    columns: { id: int, a: text }\n    ignore: { b: TODO }\n", "needs a reason, and `TODO` is none"),
        ("    colums: { id: int }\n", "t.yaml:10:5: unknown field `colums`"),
        ("    sample: { of: 2, take: [0] }\n", "only a table of `risk: low`"),
        ("    replication: natve\n", "`natve` is none of opaque, native"),
        ("    columns: { id: int, id: int }\n", "t.yaml:10:25"),
    ] {
        let got = error(columns);
        assert!(got.contains(expected), "{columns}\n  {got}");
    }
}

#[test]
fn an_array_is_as_lossy_as_its_elements() {
    let types = parse(
        &format!("{HEAD}    columns: {{ id: int, a: text, b: {{ type: array, of: {{ type: decimal, rhs: {{ wire: double }} }} }} }}\n"),
        "t.yaml",
    )
    .unwrap();
    let column = &types.tables[0].columns["b"];
    assert_eq!((column.lossy_on(0), column.lossy_on(1)), (None, Some("decimals as binary doubles")));
    assert_eq!(column.lossy(), column.lossy_on(1));
    assert!(
        error("    columns: { id: int, b: { type: array, of: { type: int, wire: double } } }\n")
            .contains("no column besides")
    );
}
