use super::*;
use crate::policy::File;
use crate::tenant::further::Further;

const SHIPPED: &str = include_str!("../../../policies/switchboard/switchboard.rego");

/// One tenant at home below the only region, a class above what it may see, and nothing else: few points.
const SMALL: &[u8] = br#"{"classifications":{"internal":1,"public":0},"regions":{"EU":["EU"],"EU/de":["EU","EU/de"]},"router":{"tenants":{}},"tenants":{"acme":{"data_classes":{"audit":0},"labels":["pii"],"region":"EU"}}}"#;

/// What becomes of the mutants of the shipped policy with one of its lines replaced, over little data.
fn mutants(from: &str, to: &str) -> Vec<Mutant> {
    assert!(SHIPPED.contains(from), "{from}");
    let text = SHIPPED.replacen(from, to, 1);
    let sources = Sources::new(vec![File { name: "p.rego".into(), shown: "p.rego".into(), text }]);
    assert_eq!(check(&sources, true), []);
    let uses = Uses::of(&parse_all(&sources).unwrap(), &Further::default());
    let mutated = Mutated::new(&sources, &Further::default(), 2).unwrap();
    let (data, oracle) = (Data::read(SMALL).unwrap(), Oracle::new(SMALL).unwrap());
    let ids = BTreeSet::from(["acme"]);
    judge(&[Court::new((&sources, &uses), (&data, &oracle), &mutated, &ids).unwrap()], &mutated, 2).unwrap()
}

#[test]
fn the_fixed_fleet_is_a_fleet() {
    let fleet = Fleet::new().unwrap();
    assert_eq!(fleet.data.encode().unwrap(), FLEET);
    assert_eq!(fleet.data.tenants.len(), 4);
}

/// The operator is killed where its place matters, and equivalent where it does not.
#[test]
fn what_says_nothing_is_equivalent_and_all_else_is_killed() {
    let rules = "default allow := false\n\n";
    // Rules that nobody asks, and a guard that stands twice: changing them changes nothing.
    let idle = "idle if {\n\tnot authenticated\n\tinput.resource.classification <= 7\n\tinput.resource.label in data.tenants[input.tenant.id].labels\n\twell_formed\n}\n\ndefault idler := false\n\nidler if true\n\n";
    let all = mutants(rules, &format!("{rules}{idle}"));
    let lines = rules.matches('\n').count() + idle.matches('\n').count();
    let first = 1 + SHIPPED[..SHIPPED.find(rules).unwrap()].matches('\n').count() as u64 + 2;
    let (of_idle, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|m| (first..first + lines as u64 - 2).contains(&m.line));
    let mut equivalent: Vec<&str> =
        of_idle.iter().filter(|m| m.status == Status::Equivalent).map(|m| m.operator.as_str()).collect();
    equivalent.sort_unstable();
    equivalent.dedup();
    let operators = [
        "drop_expression",
        "drop_rule",
        "flip_boolean",
        "flip_comparison",
        "flip_default",
        "remove_not",
        "shift_number",
        "swap_reference",
    ];
    assert_eq!(equivalent, operators);
    assert!(of_idle.iter().all(|m| m.status != Status::Killed), "{of_idle:?}");
    let alive: Vec<_> = others.iter().filter(|m| !matches!(m.status, Status::Killed | Status::Stillborn)).collect();
    assert!(alive.is_empty(), "{alive:?}");
    let mut killed: Vec<&str> =
        others.iter().filter(|m| m.status == Status::Killed).map(|m| m.operator.as_str()).collect();
    killed.sort_unstable();
    killed.dedup();
    let operators = [
        "add_not",
        "drop_expression",
        "drop_rule",
        "flip_boolean",
        "flip_comparison",
        "flip_default",
        "in_to_equal",
        "remove_not",
        "swap_predicate",
        "swap_reference",
    ];
    assert_eq!(killed, operators);
}

#[test]
fn a_killed_mutant_names_an_input_that_it_decides_otherwise() {
    let all = mutants("", "");
    let flipped = all.iter().find(|m| m.operator == "flip_boolean").unwrap();
    assert_eq!((flipped.before.as_str(), flipped.after.as_str()), ("true", "false"));
    let witness = flipped.witness.as_ref().unwrap();
    assert_eq!(witness["tenant"]["id"], witness["resource"]["tenant"]);
    let damaged: Vec<_> = all.iter().filter(|m| m.killed_by.as_deref() == Some("fault")).collect();
    let shown: Vec<&str> = damaged.iter().map(|m| m.before.as_str()).collect();
    assert_eq!(shown, ["is_number(ceiling)", "is_number(rank)", "is_number(ceiling)"]);
}
