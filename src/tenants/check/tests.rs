use super::*;
use crate::tenants::read;

fn codes(text: &str) -> Vec<String> {
    read(text, None).found.iter().map(|f| format!("{}:{} {}", f.line, f.column, f.code.as_str())).collect()
}

#[test]
fn quoted_texts_are_texts() {
    let text = |name: &str| {
        format!(
            "version: 1\ntenants:\n  - {{ id: a, region: US, name: {name}, labels: [l], data_classes: {{ k: public }} }}\n"
        )
    };
    for name in ["\"NO\"", "'1:30'", "\"Corp: one\"", "\"012\"", "1:3x"] {
        assert_eq!(codes(&text(name)), Vec::<String>::new(), "{name}");
    }
    for name in ["NO", "off", "y", "012", "1_000", "1:30", "190:20:30", "0x1f", "1e3", ".inf", "true", "7"] {
        assert_eq!(codes(&text(name)), ["3:32 ambiguous_scalar"], "{name}");
    }
}

#[test]
fn hints_of_a_large_file_cost_no_more_than_those_of_a_small_one() {
    let regions: String = (0..3000).map(|i| format!("  - r{i}\n")).collect();
    let tenants: String = (0..3000).map(|i| format!("  - {{ id: t{i}, region: x{i} }}\n")).collect();
    let found = read(&format!("version: 1\nregions:\n{regions}tenants:\n{tenants}"), None).found;
    let unknown: Vec<&Found> = found.iter().filter(|f| f.code == Code::UnknownRegion).collect();
    assert_eq!(unknown.len(), 3000);
    assert_eq!(unknown[0].hint.as_deref(), Some("did you mean `r0`?"));
    assert_eq!(unknown[2999].hint.as_deref(), Some("declared: r0, r1, r10, r100, r1000, r1001, r1002, r1003, ..."));
}
