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

/// Each finding repeats its own text only, so that all of them take no more room than a few times the file.
#[test]
fn a_hostile_file_has_no_endless_findings() {
    let long = "a".repeat(1 << 20);
    let bad_labels = "L, ".repeat(50_000);
    let shared: String = (0..5_000).map(|i| format!("  - {{ id: t{i}, region: US, hosts: [h] }}\n")).collect();
    let many = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(", ");
    let kinds: String = (0..50_000).map(|i| format!("k{i}: x, ")).collect();
    for text in [
        format!("tenants:\n  - {{ id: a, region: {} }}\n", "a/".repeat(1 << 20)),
        format!("regions: [{}]\ntenants: []\n", "a/".repeat(1 << 20)),
        format!("tenants:\n  - {{ id: {long}, region: US, labels: [{bad_labels}] }}\n"),
        format!("tenants:\n  - {{ id: {long}, region: US, hosts: [h] }}\n{shared}"),
        format!(
            "classifications: [{}]\ntenants:\n  - {{ id: a, region: US, data_classes: {{ {kinds} }} }}\n",
            many(200_000)
        ),
        format!("regions: [{}]\ntenants:\n{shared}", many(200_000)),
    ] {
        let found = read(&text, None).found;
        let size: usize = found.iter().map(|f| f.subject.len() + f.message.len()).sum();
        assert!(!found.is_empty() && size < 2 * text.len() + 300 * found.len(), "{size} for {}", text.len());
    }
}
